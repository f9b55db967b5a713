"""What a league makes of SIMULATED worlds whose truth is known.

    python benchmarks/league_worlds.py [--worlds 50] [--out out/bench]

Each world: 300 stocks of one common factor and their own noise over five years, betas from 0.2 to
2.2; 100 firms of log-uniformly 20 to 2,000 calls, each firm with its own taste for the factor and
its own share of buys; sides drawn blindly, windows of six months that overlap. In the worlds with
skill three firms know the outcome of every tenth call, and are right 55% of the time against 50%.

Printed: worlds that call any firm better without skill, and how many of the three skilled ones
stand among the first five by raw rate, by shrunk rate and by shrunk excess. Fails (exit code 1)
where more than 5% of the worlds without skill name a firm better.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from supplychain_screen import load_report, panel_from_frame, track_record

STANDARD = load_report().standard
DAYS = pd.bdate_range("2020-01-01", "2024-12-31")
NAMES = np.array([f"XNYS:{''.join(one)}" for one in itertools.product("ABCDEFG", repeat=3)][:300])
FIRMS, KNOWN = 100, 0.1
SKILLED = ("F17", "F42", "F81")


def league(seed: int, skilled: bool) -> pd.DataFrame:
    """The league of one world; of a seed, prices and firms are the same with skill and without."""
    chance = np.random.default_rng(seed)
    factor = 0.01 * chance.standard_normal(len(DAYS))
    beta = chance.uniform(0.2, 2.2, NAMES.size)
    own = 0.015 * chance.standard_normal((len(DAYS), NAMES.size))
    steps = np.column_stack([factor, factor[:, None] * beta + own])
    closes = pd.DataFrame(
        100 * np.exp(np.cumsum(steps, axis=0)), index=DAYS, columns=["INDEX:SPX", *NAMES]
    )
    n = np.exp(chance.uniform(np.log(20), np.log(2000), FIRMS)).astype(int)
    who = np.repeat(np.arange(FIRMS), n)
    picks = []
    for size, tilt in zip(n, chance.normal(0, 1, FIRMS), strict=True):
        weight = np.exp(tilt * beta)
        picks.append(chance.choice(NAMES.size, size, p=weight / weight.sum()))
    stock = np.concatenate(picks)
    at = chance.integers(5, len(DAYS) - 140, who.size)
    buys = chance.random(who.size) < chance.beta(6, 3, FIRMS)[who]
    if skilled:
        ends = DAYS.searchsorted(DAYS[at] + pd.DateOffset(months=6), side="right") - 1
        values = closes.to_numpy()
        moved = values[ends, stock + 1] / values[at, stock + 1]
        up = moved > values[ends, 0] / values[at, 0]
        firm = np.char.add("F", who.astype(str))
        told = np.isin(firm, SKILLED) & (chance.random(who.size) < KNOWN)
        buys = np.where(told, up, buys)
    calls = pd.DataFrame(
        {
            "firm": np.char.add("F", who.astype(str)),
            "listing": NAMES[stock],
            "published": DAYS[at],
            "rating": np.where(buys, "Buy", "Sell"),
            "action": "Initiates",
        }
    )
    panel = panel_from_frame(closes, indices=STANDARD.indices)
    return track_record(calls, panel, count="calls").league("firm").frame


def first_five(frame: pd.DataFrame, column: str) -> int:
    """How many of the skilled firms are among the first five."""
    enough = frame[frame["verdict"] != "too_few"]
    first = enough.sort_values(column, ascending=False, kind="stable")["firm"].head(5)
    return int(first.isin(SKILLED).sum())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    asked = parser.parse_args()
    named = right = wrong = ordered = 0
    found = dict.fromkeys(("rate", "shrunk_rate", "shrunk_excess"), 0)
    for seed in range(asked.worlds):
        blind = league(seed, False)
        named += bool((blind["verdict"] == "better").any())
        frame = league(seed, True)
        better = set(frame.loc[frame["verdict"] == "better", "firm"])
        right += bool(better & set(SKILLED))
        wrong += bool(better - set(SKILLED))
        ordered += bool(frame["rank"].notna().any())
        for column in found:
            # Where nothing is ordered, nobody is first by the shrunk excess.
            if column != "shrunk_excess" or frame["rank"].notna().any():
                found[column] += first_five(frame, column)
    worlds = asked.worlds
    print(f"{worlds} worlds without skill: {named} name a firm better ({named / worlds:.1%})")
    print(f"{worlds} worlds with three skilled firms: {ordered} are ordered at all,")
    print(f"  {right} name a skilled firm better, {wrong} one without skill")
    for column, n in found.items():
        print(f"  of the three in the first five by {column}: {n / (3 * worlds):.1%}")
    asked.out.mkdir(parents=True, exist_ok=True)
    result = {
        "worlds": worlds,
        "blind_named": named,
        "ordered": ordered,
        "right": right,
        "wrong": wrong,
        "first_five": found,
    }
    (asked.out / "league_worlds.json").write_text(json.dumps(result, indent=1), "utf-8")
    return int(named > 0.05 * worlds)


if __name__ == "__main__":
    sys.exit(main())
