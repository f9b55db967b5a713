"""A hundred SIMULATED firms, three of them skilled: what a league can tell, and what it cannot.

python examples/who_was_right.py                  writes who_was_right/page.html and book.xlsx
python examples/who_was_right.py --seed 5         another world
python examples/who_was_right.py --skill 0.5      nobody is skilled

Prices and calls are made here, so the truth is known: the three skilled firms choose the right
side with the given chance, all others with one in two.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import supplychain_screen as scs
from supplychain_screen.output import record_table

FIRMS = 100
SKILLED = ("Firm 017", "Firm 042", "Firm 081")


def market(chance: np.random.Generator, listings: int, days: int) -> pd.DataFrame:
    """SIMULATED closes: each stock is the index, more or less of it, and a noise of its own."""
    dates = pd.bdate_range("2018-01-02", periods=days)
    index = 0.0003 + 0.010 * chance.standard_normal(days)
    beta = chance.uniform(0.6, 1.5, listings)
    own = 0.018 * chance.standard_normal((days, listings))
    steps = np.column_stack([index, index[:, None] * beta + own])
    closes = 100 * np.exp(np.cumsum(steps - steps.var(axis=0) / 2, axis=0))
    names = ["INDEX:SPX", *(f"XNYS:S{i:03d}" for i in range(listings))]
    return pd.DataFrame(closes, index=dates, columns=names)


def calls(
    chance: np.random.Generator, closes: pd.DataFrame, skill: float, most: int
) -> pd.DataFrame:
    """SIMULATED calls: firms of very different size, buys and sells of any stock on any day."""
    sizes = np.exp(chance.uniform(np.log(20), np.log(most), FIRMS)).astype(int)
    firms = np.repeat([f"Firm {i + 1:03d}" for i in range(FIRMS)], sizes)
    told = pd.DataFrame(
        {
            "firm": firms,
            "listing": chance.choice(closes.columns[1:], firms.size),
            "published": chance.choice(closes.index[20:-140], firms.size),
        }
    )
    standard = scs.load_report().standard
    panel = scs.panel_from_frame(closes, indices=standard.indices, adjustment="splits")
    future = scs.score_calls(told, panel, standard)
    knows = chance.random(firms.size) < np.where(np.isin(firms, SKILLED), skill, 0.5)
    up = future["6m_difference"].to_numpy() > 0
    told["rating"] = np.where(up == knows, "Buy", "Sell")
    told = told.sort_values(["firm", "listing", "published"], kind="stable")
    before = told.groupby(["firm", "listing"])["rating"].shift()
    # Without this column nobody could say which opinions are older than the file.
    told["action"] = np.select(
        [before.isna(), before == told["rating"]], ["Initiates", "Reiterates"], "Upgrades"
    )
    return told


def among_the_first(frame: pd.DataFrame, column: str, n: int = 5) -> int:
    """How many of the skilled firms are among the first ``n`` by a column."""
    enough = frame[frame["verdict"] != "too_few"]
    first = enough.sort_values(column, ascending=False, kind="stable")["firm"].head(n)
    return int(first.isin(SKILLED).sum())


def record_of(seed: int, skill: float, most: int = 2_000, listings: int = 400) -> scs.TrackRecord:
    """The track record of one SIMULATED world."""
    chance = np.random.default_rng(seed)
    closes = market(chance, listings, 1_300)
    told = calls(chance, closes, skill, most)
    standard = scs.load_report().standard
    panel = scs.panel_from_frame(closes, indices=standard.indices, source="SIMULATED")
    # So marked, every output says that no market ever saw these prices.
    return scs.track_record(told, replace(panel, simulated=True), standard)


def main() -> None:
    """Make a world, hold its calls against its prices, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--skill", type=float, default=0.55)
    parser.add_argument("--most", type=int, default=2_000, help="calls of the largest firm")
    parser.add_argument("--out", type=Path, default=Path("who_was_right"))
    asked = parser.parse_args()

    record = record_of(asked.seed, asked.skill, asked.most)
    frame = record.league().frame

    print(record_table(record, "en"))
    print("SIMULATED truth: skilled are " + ", ".join(SKILLED))
    if not record.league().ordered:
        print("  the league finds no difference in this world, and orders nothing")
    for column, words in (
        ("beat", "raw rate"),
        ("shrunk_rate", "shrunk rate"),
        ("shrunk_excess", "shrunk excess"),
    ):
        print(f"  among the first five by {words}: {among_the_first(frame, column)} of 3")
    print(frame[frame["firm"].isin(SKILLED)][["firm", "rank", "beat", "shrunk_excess", "verdict"]])
    record.to_html(asked.out / "page.html", lang="en")
    record.to_excel(asked.out / "book.xlsx", lang="en")
    print(f"written to {asked.out}, all of it SIMULATED")


if __name__ == "__main__":
    main()
