"""A million calls: this package beside as-of joins and the loop that notebooks write.

    python benchmarks/calls.py [--listings 5000] [--sessions 2520] [--calls 40000 1000000]
                               [--rounds 7] [--growth 7] [--out out/bench]

Data: made up, on the calendars of Shanghai, Hong Kong and New York, with late listings and gaps.
The job: relative return over 6 months, 12 months and to date, the benchmark read on the
listing's own sessions. Ours also finds ages, ratings, reasons and stages, which the others do
not; they are given the ends of the windows, sorted prices and numbers in place of names.

- kernel: `measure` on arrays, its results in memory used before ("warm") or fresh ("first")
- frame: `score_calls`, from a DataFrame of names and dates to a DataFrame
- floor: reading the close and the stamp of all eight legs and writing as many results
- pandas merge_asof, Polars join_asof, DuckDB ASOF JOIN: two joins, listing and then benchmark
- pandas loop: a sample of calls one at a time, its time scaled up

All contenders alternate in one process; before any time is printed, their returns must agree to
1e-12, gaps included. "First" is a contender's first run in the process, "warm" the median of the
rounds after it; wall time and user CPU. Growth is the kernel's time a call from 10^4 calls up.
The table is printed; the figures and a chart of them go to the folder --out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from _chart import draw

from supplychain_screen import PricePanel, load_report, score_calls
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.prices.panel.building import panel_from_columns
from supplychain_screen.scoring import measure
from supplychain_screen.scoring.calls import benchmark_rows, rules_of
from supplychain_screen.scoring.kernel import BLOCK
from supplychain_screen.scoring.measurement import CallScores
from supplychain_screen.scoring.windows import window_ends

STANDARD = load_report().standard
RULES = rules_of(STANDARD)
MARKETS = {
    "XSHG": ("XSHG", "INDEX:CSI300"),
    "XHKG": ("XHKG", "INDEX:HSI"),
    "XNAS": ("XNYS", "INDEX:SPX"),
}
TOLERANCE = 1e-12
NEVER = -(2**30)


@dataclass
class Prices:
    """The same closes as columns and as a panel."""

    panel: PricePanel
    row: Any
    day: Any
    close: Any


@dataclass
class Calls:
    """What everybody is asked, as numbers; ``row`` and ``day`` hold base and three ends."""

    frame: pd.DataFrame
    rows: Any
    bench: Any
    published: Any
    row: Any
    bench_row: Any
    day: Any

    @property
    def n(self) -> int:
        return int(self.rows.size)


@dataclass
class Times:
    wall: list[float] = field(default_factory=list)
    user: list[float] = field(default_factory=list)


def make_prices(listings: int, sessions: int) -> Prices:
    """Random walks with late starts and gaps; the indices come last and have neither."""
    chance = np.random.default_rng(20260102)
    mics = list(MARKETS)
    names = [f"{mics[i % 3]}:{i:06}" for i in range(listings)]
    names += [index for _, index in MARKETS.values()]
    days = {
        calendar: exchange_sessions(calendar, date(2015, 1, 5), date(2025, 12, 31))[-sessions:]
        for calendar, _ in MARKETS.values()
    }
    rows, numbers, closes = [], [], []
    for row, name in enumerate(names):
        mic = mics[row % 3] if row < listings else mics[row - listings]
        opened = days[MARKETS[mic][0]]
        close = 50 * np.exp(np.cumsum(0.02 * chance.standard_normal(opened.size)))
        kept = np.ones(opened.size, np.bool_)
        if not name.startswith("INDEX"):
            if chance.random() < 0.3:
                kept[: chance.integers(1, opened.size // 2)] = False
            for start in chance.integers(0, opened.size, 3):
                kept[start : start + chance.integers(1, 30)] = False
            kept[-1] = True
        numbers.append(opened[kept].astype("datetime64[D]").astype(np.int32))
        closes.append(close[kept])
        rows.append(np.full(int(kept.sum()), row, np.int32))
    row, day, close = np.concatenate(rows), np.concatenate(numbers), np.concatenate(closes)
    named = {one.id: one for one in STANDARD.indices}
    indices = [named[index] for _, index in MARKETS.values()]
    panel = panel_from_columns(
        names, row, day.astype("datetime64[D]"), close, indices=indices, adjustment="splits"
    )
    return Prices(panel, row, day, close)


def make_calls(prices: Prices, n: int) -> Calls:
    """Calls on random listings and days, all windows of which have ended."""
    panel = prices.panel
    chance = np.random.default_rng(n)
    listings = len(panel.listings) - len(MARKETS)
    rows = chance.integers(0, listings, n).astype(np.int32)
    published = chance.integers(panel.first_day, panel.last_day - 370, n).astype(np.int32)
    bench = benchmark_rows(panel, panel.listings, STANDARD, 0)[rows]
    ends = window_ends(published, RULES.months, panel.last_day)
    names = pd.Series(panel.listings).to_numpy(object)
    frame = pd.DataFrame({"listing": names[rows], "published": published.astype("datetime64[D]")})
    return Calls(
        frame,
        rows,
        bench,
        published,
        np.tile(rows, 4),
        np.tile(bench, 4),
        np.concatenate([published, *ends]),
    )


def relative(n: int, close: Any, session: Any, index: Any) -> Any:
    """What the joins found → relative returns, shape (3, n); NaN where nothing moved yet."""
    close, session, index = (np.asarray(one).reshape(4, n) for one in (close, session, index))
    found = close[1:] / close[0] - index[1:] / index[0]
    found[~(session[1:] > session[0])] = np.nan
    return found


def by_merge_asof(prices: Prices) -> Callable[[Calls], Any]:
    book = pd.DataFrame(
        {"row": prices.row, "day": prices.day, "session": prices.day, "close": prices.close}
    ).sort_values("day", kind="stable")

    def join(row: Any, day: Any) -> pd.DataFrame:
        legs = pd.DataFrame({"row": row, "day": day, "at": np.arange(day.size)})
        legs = legs.sort_values("day", kind="stable")
        return pd.merge_asof(legs, book, on="day", by="row").sort_values("at")

    def run(calls: Calls) -> Any:
        mine = join(calls.row, calls.day)
        session = mine["session"].fillna(NEVER).to_numpy().astype(np.int32)
        index = join(calls.bench_row, session)
        return relative(calls.n, mine["close"], session, index["close"])

    return run


def by_polars(prices: Prices) -> Callable[[Calls], Any]:
    import polars as pl

    book = pl.DataFrame(
        {"row": prices.row, "day": prices.day, "session": prices.day, "close": prices.close}
    ).sort("day")

    def join(row: Any, day: Any) -> pl.DataFrame:
        legs = pl.DataFrame({"row": row, "day": day}).with_row_index("at").sort("day")
        joined = legs.join_asof(book, on="day", by="row", check_sortedness=False)
        return joined.sort("at")

    def run(calls: Calls) -> Any:
        mine = join(calls.row, calls.day)
        session = mine["session"].fill_null(NEVER).to_numpy()
        index = join(calls.bench_row, session)
        closes = [one["close"].fill_null(float("nan")).to_numpy() for one in (mine, index)]
        return relative(calls.n, closes[0], session, closes[1])

    return run


def by_duckdb(prices: Prices) -> Callable[[Calls], Any]:
    import duckdb

    base = duckdb.connect()
    book = pd.DataFrame({"row": prices.row, "day": prices.day, "close": prices.close})
    base.register("given", book)
    base.execute("CREATE TABLE book AS SELECT * FROM given ORDER BY row, day")
    query = """
        WITH mine AS (
          SELECT l.at, l.bench, b.day AS session, b.close
          FROM legs l ASOF LEFT JOIN book b ON l.row = b.row AND l.day >= b.day)
        SELECT m.close, coalesce(m.session, -1073741824) AS session, i.close AS index
        FROM mine m ASOF LEFT JOIN book i ON m.bench = i.row AND m.session >= i.day
        ORDER BY m.at"""

    def run(calls: Calls) -> Any:
        legs = pd.DataFrame(
            {
                "row": calls.row,
                "day": calls.day,
                "bench": calls.bench_row,
                "at": np.arange(calls.day.size),
            }
        )
        base.register("legs", legs)
        found = base.execute(query).fetchnumpy()
        close, index = (np.ma.filled(found[name], np.nan) for name in ("close", "index"))
        return relative(calls.n, close, found["session"], index)

    return run


def by_loop(prices: Prices, sample: int) -> Callable[[Calls], Any]:
    heads = np.flatnonzero(np.diff(prices.row, prepend=-1))
    ends = [*heads[1:], prices.row.size]
    books = {
        int(prices.row[lo]): pd.Series(
            prices.close[lo:hi], index=pd.DatetimeIndex(prices.day[lo:hi].astype("datetime64[D]"))
        )
        for lo, hi in zip(heads, ends, strict=True)
    }

    def run(calls: Calls) -> Any:
        n = calls.n
        found = np.full((3, min(sample, n)), np.nan)
        days = calls.day.reshape(4, n).astype("datetime64[D]")
        for call in range(found.shape[1]):
            mine, bench = books[int(calls.rows[call])], books[int(calls.bench[call])]
            start = mine.loc[: pd.Timestamp(days[0, call])]
            if start.empty:
                continue
            base = bench.loc[: start.index[-1]].iloc[-1]
            for window in range(3):
                stop = mine.loc[: pd.Timestamp(days[window + 1, call])]
                if stop.index[-1] > start.index[-1]:
                    end = bench.loc[: stop.index[-1]].iloc[-1]
                    found[window, call] = stop.iloc[-1] / start.iloc[-1] - end / base
        return found

    return run


def by_kernel(prices: Prices) -> Callable[[Calls], Any]:
    held: dict[int, CallScores] = {}

    def run(calls: Calls) -> Any:
        held[calls.n] = measure(
            prices.panel,
            calls.rows,
            calls.bench,
            calls.published,
            prices.panel.last_day,
            RULES,
            out=held.get(calls.n),
        )
        return held[calls.n].relative.difference

    return run


def by_frame(prices: Prices) -> Callable[[Calls], Any]:
    def run(calls: Calls) -> Any:
        found = score_calls(calls.frame, prices.panel, STANDARD)
        return np.stack([found[f"{window}_difference"] for window in RULES.windows])

    return run


def by_floor(prices: Prices) -> Callable[[Calls], Any]:
    """The reads and writes nobody can leave out, in the kernel's own blocks and one thread."""
    close, stamp = prices.panel.close.ravel(), prices.panel.stamp.ravel()
    held: dict[int, CallScores] = {}

    def run(calls: Calls) -> None:
        n, panel = calls.n, prices.panel
        if n not in held:
            held[n] = CallScores.empty(RULES, 0, calls.rows, calls.bench, calls.published)
        out = held[n]
        found, scratch = np.empty(BLOCK, np.uint32), np.zeros(BLOCK)
        writes = [
            out.relative.stock_return,
            out.relative.benchmark_return,
            out.relative.difference,
            out.relative.ratio,
            out.rating,
            out.reason,
        ]
        for lo in range(0, n, BLOCK):
            hi = min(lo + BLOCK, n)
            for rows, base, end in (
                (calls.rows, out.base, out.end),
                (calls.bench, out.benchmark_base, out.benchmark_end),
            ):
                start = rows[lo:hi].astype(np.int64) * panel.n_days - panel.first_day
                for leg in range(4):
                    cell = start + calls.day[leg * n + lo : leg * n + hi]
                    np.take(stamp, cell, out=found[: hi - lo], mode="clip")
                    legs, place = (end, (leg - 1, slice(lo, hi))) if leg else (base, slice(lo, hi))
                    np.take(close, cell, out=legs.close[place], mode="clip")
                    np.copyto(legs.session[place], found[: hi - lo], casting="unsafe")
                    np.copyto(legs.age[place], found[: hi - lo], casting="unsafe")
            for values in writes:
                for window in range(3):
                    np.copyto(values[window, lo:hi], scratch[: hi - lo], casting="unsafe")
            out.stage[lo:hi] = 0
            out.headline[lo:hi] = 0

    return run


def timed(times: Times, run: Callable[[], Any]) -> Any:
    user, wall = resource.getrusage(resource.RUSAGE_SELF).ru_utime, time.perf_counter()
    found = run()
    times.wall.append(time.perf_counter() - wall)
    times.user.append(resource.getrusage(resource.RUSAGE_SELF).ru_utime - user)
    return found


def contenders(prices: Prices, sample: int) -> dict[str, Callable[[Calls], Any]]:
    made = {"kernel": by_kernel(prices), "frame": by_frame(prices), "floor": by_floor(prices)}
    made["pandas merge_asof"] = by_merge_asof(prices)
    for name, maker in (("Polars join_asof", by_polars), ("DuckDB ASOF JOIN", by_duckdb)):
        try:
            made[name] = maker(prices)
        except ImportError as error:
            print(f"{name}: left out, {error}; install the extra `bench`")
    made["pandas loop"] = by_loop(prices, sample)
    return made


def compare(prices: Prices, n: int, rounds: int, sample: int) -> dict[str, Any]:
    """Alternate the contenders on one job; agreement first, then the table."""
    calls = make_calls(prices, n)
    runs = contenders(prices, sample)
    times = {name: Times() for name in runs}
    expected = measure(
        prices.panel, calls.rows, calls.bench, calls.published, prices.panel.last_day, RULES
    ).relative.difference
    for turn in range(rounds + 1):
        for name, run in runs.items():
            found = timed(times[name], lambda run=run: run(calls))
            if name == "floor" or turn:
                continue
            wanted = expected[:, : found.shape[1]]
            np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE, err_msg=name)
    scale = {name: n / min(sample, n) if name == "pandas loop" else 1.0 for name in runs}
    table = {
        name: {
            "first": one.wall[0] * scale[name],
            "first_user": one.user[0] * scale[name],
            "warm": median(one.wall[1:]) * scale[name],
            "warm_user": median(one.user[1:]) * scale[name],
        }
        for name, one in times.items()
    }
    share = float(np.isfinite(expected).mean())
    print(f"\n{n:,} calls; all agree to {TOLERANCE}; {share:.1%} of returns are numbers")
    print(
        f"{'':20}{'first s':>10}{'user':>9}{'warm s':>10}{'user':>9}{'x kernel':>10}{'x frame':>9}"
    )
    for name, one in table.items():
        against = one["warm"] / table["kernel"]["warm"], one["warm"] / table["frame"]["warm"]
        print(
            f"{name:20}{one['first']:10.4f}{one['first_user']:9.3f}{one['warm']:10.4f}"
            f"{one['warm_user']:9.3f}{against[0]:10.2f}{against[1]:9.2f}"
        )
    return {"calls": n, "numbers": share, "times": table}


def growth(prices: Prices, up_to: int, rounds: int) -> dict[int, float]:
    """Kernel time a call in microseconds, one thread, results in memory used before."""
    found = {}
    for power in range(4, up_to + 1):
        n = 10**power
        calls = make_calls(prices, n)
        out, walls = None, []
        for _ in range(rounds + 1):
            wall = time.perf_counter()
            out = measure(
                prices.panel,
                calls.rows,
                calls.bench,
                calls.published,
                prices.panel.last_day,
                RULES,
                out=out,
                threads=1,
            )
            walls.append(time.perf_counter() - wall)
        found[n] = median(walls[1:]) / n * 1e6
        print(f"growth: {n:>10,} calls {found[n]:8.3f} us a call")
        del calls, out
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--calls", type=int, nargs="*", default=[40_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--growth", type=int, default=7, help="largest power of ten; 0 for none")
    parser.add_argument("--sample", type=int, default=300, help="calls of the pandas loop")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="for JSON and chart")
    asked = parser.parse_args()
    wall = time.perf_counter()
    prices = make_prices(asked.listings, asked.sessions)
    shape = prices.panel.close.shape
    print(
        f"{shape[0]:,} rows x {shape[1]:,} days made in {time.perf_counter() - wall:.1f} s; "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )
    result: dict[str, Any] = {"panel": list(shape), "load": os.getloadavg()[0], "jobs": []}
    for n in asked.calls:
        result["jobs"].append(compare(prices, n, asked.rounds, asked.sample))
        sys.stdout.flush()
    if asked.growth:
        result["microseconds_a_call"] = growth(prices, asked.growth, asked.rounds)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "calls.json").write_text(json.dumps(result, indent=1))
    draw(result, asked.out / "calls.svg")
    print(f"written: {asked.out / 'calls.json'}, {asked.out / 'calls.svg'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
