"""A track record of a million calls, beside the same league written in Polars.

    python benchmarks/record.py [--calls 1000000] [--firms 1000] [--listings 5000]
                                [--sessions 2500] [--rounds 5] [--out out/bench]

SIMULATED closes and calls on the calendar of New York; every call is measured over 6 months against
one index. Two jobs:

- in memory: calls in a frame of names and dates, prices in an open panel → record, league by firm,
  calibration, months. Polars does the league alone: two as-of joins a leg, relative returns, hits,
  the rate of all others of the same side and month, counts, means and medians by firm. It is given
  numbers in place of names, sorted prices, and calls that all count (no runs to form). Before any
  time is printed, both must agree on every count and to 1e-12 on every rate, mean and median.
- whole process: `record calls.csv --prices PANEL --html page.html`, a fresh process each time.

Both sides alternate in one process. Wall time and user CPU of the median round, and the median of
the ratios round by round, which a busy machine disturbs least.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import string
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from supplychain_screen import PricePanel, TrackRecord, load_report, save_panel, track_record
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.prices.panel.building import panel_from_columns

STANDARD = load_report().standard
WORDS = {"Buy": 1, "Outperform": 1, "Hold": 0, "Neutral": 0, "Sell": -1}
TOLERANCE = 1e-12
BOUND = 0.1


@dataclass
class World:
    """The same closes and calls as frames of both libraries and as a panel."""

    panel: PricePanel
    calls: pd.DataFrame
    book: pl.DataFrame
    index: pl.DataFrame
    coded: pl.DataFrame


def make_world(n: int, firms: int, listings: int, sessions: int) -> World:
    """Random walks, and calls whose sides are drawn blindly; firms differ widely in size."""
    chance = np.random.default_rng(20260103)
    days = exchange_sessions("XNYS", date(2010, 1, 4), date(2025, 12, 31))[-sessions:]
    letters = itertools.product(string.ascii_uppercase, repeat=4)
    names = ["".join(one) for one in itertools.islice(letters, listings)]
    steps = 0.02 * chance.standard_normal((days.size, listings + 1))
    steps[:, 0] /= 2
    close = 100 * np.exp(np.cumsum(steps, axis=0))
    who = np.tile(np.arange(listings + 1, dtype=np.int32), days.size)
    panel = panel_from_columns(
        ["INDEX:SPX", *(f"XNYS:{name}" for name in names)],
        who,
        np.repeat(days, listings + 1),
        close.ravel(),
        indices=[one for one in STANDARD.indices if one.id == "INDEX:SPX"],
    )
    size = chance.pareto(1.5, firms) + 0.2
    listing = chance.integers(0, listings, n).astype(np.int32)
    firm = chance.choice(firms, n, p=size / size.sum()).astype(np.int32)
    word = chance.choice(list(WORDS), n, p=[0.35, 0.2, 0.2, 0.15, 0.1])
    published = days[chance.integers(0, days.size, n)].astype("datetime64[D]")
    calls = pd.DataFrame(
        {
            "published": published.astype("datetime64[s]"),
            "ticker": np.array(names)[listing],
            "firm": np.array([f"Firm {i:06d}" for i in range(firms)])[firm],
            "rating": word,
            "action": "Maintains",
        }
    )
    book = pl.DataFrame(
        {
            "row": who,
            "session": np.repeat(days.astype("datetime64[D]"), listings + 1),
            "close": close.ravel(),
        }
    ).sort("session")
    side = np.array([WORDS[one] for one in WORDS], np.int8)
    coded = pl.DataFrame(
        {
            "published": published,
            "row": listing + np.int32(1),
            "firm": firm,
            "side": side[pd.Categorical(word, list(WORDS)).codes],
        }
    )
    index = book.filter(pl.col("row") == 0).select("session", index="close")
    return World(panel, calls, book, index, coded)


def ours(world: World, calls: pd.DataFrame) -> tuple[TrackRecord, pd.DataFrame]:
    """Record, league, calibration and months."""
    record = track_record(calls, world.panel, count="calls")
    league = record.league("firm").frame
    record.calibration()
    record.by_month()
    return record, league


def by_polars(world: World, as_of: date) -> pl.DataFrame:
    """The league: as-of joins, hits, the rate of all others, and what a row a firm adds up to."""
    side, relative = pl.col("side"), pl.col("relative")

    def leg(frame: pl.DataFrame, day: str, name: str) -> pl.DataFrame:
        joined = frame.sort(day).join_asof(
            world.book,
            left_on=day,
            right_on="session",
            by="row",
            check_sortedness=False,
            coalesce=False,
        )
        joined = joined.rename({"session": f"{name}_session", "close": name}).sort(
            f"{name}_session"
        )
        return (
            joined.join_asof(
                world.index, left_on=f"{name}_session", right_on="session", check_sortedness=False
            )
            .rename({"index": f"{name}_index"})
            .drop("session", strict=False)
        )

    calls = world.coded.with_columns(
        end=pl.col("published").dt.offset_by("6mo"), month=pl.col("published").dt.truncate("1mo")
    ).filter(pl.col("end") <= as_of)
    calls = leg(leg(calls, "published", "base"), "end", "last")
    calls = calls.with_columns(
        relative=pl.col("last") / pl.col("base") - pl.col("last_index") / pl.col("base_index")
    ).with_columns(
        hit=pl.when(side == 0)
        .then((relative > -BOUND + 1e-9) & (relative < BOUND - 1e-9))
        .otherwise(side * relative > 1e-9)
        .cast(pl.Int64)
    )
    cell, own = ["side", "month"], ["side", "month", "firm"]
    n, hits = pl.len().cast(pl.Int64), pl.col("hit").sum()
    expected = ((hits.over(cell) - hits.over(own)) / (n.over(cell) - n.over(own))).alias("cell")
    wide = (
        (hits.over("side") - hits.over("side", "firm")) / (n.over("side") - n.over("side", "firm"))
    ).alias("wide")
    others = (n.over(cell) - n.over(own)).alias("others")
    calls = calls.with_columns(expected, wide, others).with_columns(
        expected=pl.when(pl.col("others") >= 30).then(pl.col("cell")).otherwise(pl.col("wide"))
    )
    chance = pl.col("expected") * (1 - pl.col("expected"))
    return (
        calls.group_by("firm")
        .agg(
            matured=n,
            beats=hits,
            beat=pl.col("hit").mean(),
            expected=pl.col("expected").mean(),
            excess_sd=chance.sum().sqrt() / n,
            mean=relative.mean(),
            median=relative.median(),
        )
        .sort("firm")
    )


def agree(league: pd.DataFrame, other: pl.DataFrame) -> None:
    """Every count, rate, mean and median the same, or nothing is timed."""
    mine = league.sort_values("firm")
    mine = mine[mine["matured"] > 0]
    assert mine["firm"].str[5:].astype(int).tolist() == other["firm"].to_list()
    for name in ("matured", "beats"):
        assert mine[name].tolist() == other[name].to_list(), name
    for name in ("beat", "expected", "excess_sd", "mean", "median"):
        np.testing.assert_allclose(
            mine[name], other[name].to_numpy(), rtol=0, atol=TOLERANCE, err_msg=name
        )


def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall and user seconds, and what came of it."""
    user, wall = resource.getrusage(resource.RUSAGE_SELF).ru_utime, time.perf_counter()
    found = run()
    wall = time.perf_counter() - wall
    return wall, resource.getrusage(resource.RUSAGE_SELF).ru_utime - user, found


def in_memory(world: World, rounds: int) -> dict[str, Any]:
    """Both in turn, agreement first."""
    as_of = np.datetime64(world.panel.last_day, "D").astype(object)
    record, league = ours(world, world.calls)
    agree(league, by_polars(world, as_of))
    told = record.denominators
    print(f"{told['runs']:,} calls, {told['windows']['6m']['matured']:,} matured; both agree")
    walls: dict[str, list[float]] = {"ours": [], "polars": []}
    users: dict[str, list[float]] = {"ours": [], "polars": []}
    for _ in range(rounds):
        for name, run in (
            ("ours", lambda: ours(world, world.calls)),
            ("polars", lambda: by_polars(world, as_of)),
        ):
            wall, user, _found = timed(run)
            walls[name].append(wall)
            users[name].append(user)
    ratio = [ours / other for ours, other in zip(users["ours"], users["polars"], strict=True)]
    for name, what in (
        ("ours", "record, league, calibration, months"),
        ("polars", "league alone"),
    ):
        print(f"{name:8}{median(walls[name]):8.2f} s wall{median(users[name]):8.2f} s user  {what}")
    print(f"ours / polars, user seconds, round by round: {median(ratio):.2f}")
    return {"walls": walls, "users": users, "ratio": median(ratio)}


def whole_process(world: World, rounds: int) -> dict[str, Any]:
    """From a CSV of calls and a saved panel to the page, each in a process of its own."""
    walls, users = [], []
    with TemporaryDirectory() as folder:
        place = Path(folder)
        world.calls.to_csv(place / "calls.csv", index=False)
        save_panel(world.panel, place / "panel")
        words = [
            sys.executable,
            "-m",
            "supplychain_screen.cli",
            "record",
            str(place / "calls.csv"),
            "--prices",
            str(place / "panel"),
            "--html",
            str(place / "page.html"),
            "--lang",
            "en",
        ]
        for _ in range(rounds):
            before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(words, check=True, capture_output=True)
            walls.append(time.perf_counter() - wall)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            users.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        size = (place / "page.html").stat().st_size
    print(
        f"file to page: {median(walls):.2f} s wall, {median(users):.2f} s CPU, "
        f"page of {size / 1e6:.2f} MB"
    )
    return {"walls": walls, "cpu": users}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--firms", type=int, default=1_000)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    asked = parser.parse_args()
    world = make_world(asked.calls, asked.firms, asked.listings, asked.sessions)
    result = {
        "processors": os.cpu_count(),
        "in_memory": in_memory(world, asked.rounds),
        "whole_process": whole_process(world, asked.rounds),
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "record.json").write_text(json.dumps(result, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
