"""Daily paths of many calls: this package beside the loop over events that notebooks write.

    python benchmarks/paths.py [--listings 5000] [--sessions 2520] [--calls 1000]
                               [--many 10000 100000] [--rounds 7] [--json FILE]

Data: made up, that of benchmarks/calls.py: late listings, gaps, three calendars; 11 segments.

- means: the path of every call to the end of 12 months, and of every segment the mean of its
  rated members on each session since the base
- figures: of every path the first crossing of -10% and of +10%, the best and the worst point

Ours starts from the calls, `measure` included. The pandas loop takes one event at a time: slice
the share, carry the index to its sessions, divide, carry to the exchange's sessions; then one
mean a segment. It is told who is rated, and knows nothing of ages or stale benchmarks, so of the
figures only those of calls whose every point counts are compared.

Before any time is printed, points and means must agree to 1e-12, and crossings by the day. All
alternate in one process, one thread; medians of the rounds, wall time and user CPU. Then ours
alone for more calls: time a call, and the highest memory that is held on top of the panel and
the scores; it must not grow with the number of calls, but for the 44 bytes a call of the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
import tracemalloc
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from calls import MARKETS, RULES, TOLERANCE, Calls, Prices, Times, make_calls, make_prices, timed

from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.scoring import iter_paths, measure, path_figures, segment_paths
from supplychain_screen.scoring.measurement import CallScores

SEGMENTS = 11
MONTHS = RULES.months[-1]
WINDOW = len(RULES.months) - 1


def scored(prices: Prices, calls: Calls) -> tuple[CallScores, Any]:
    panel = prices.panel
    found = measure(
        panel, calls.rows, calls.bench, calls.published, panel.last_day, RULES, threads=1
    )
    segment = np.arange(calls.n) % SEGMENTS
    return found, np.where(found.rating[WINDOW] >= 0, segment, -1)


def our_means(prices: Prices, calls: Calls) -> Any:
    scores, segments = scored(prices, calls)
    points = sum(one.call.size for one in iter_paths(prices.panel, scores, WINDOW))
    return points, segment_paths(prices.panel, scores, segments, WINDOW)


def our_figures(prices: Prices, calls: Calls) -> Any:
    return path_figures(prices.panel, scored(prices, calls)[0], window=WINDOW)


class Notebook:
    """Series of every row, and the sessions of every exchange."""

    def __init__(self, prices: Prices) -> None:
        heads = np.flatnonzero(np.diff(prices.row, prepend=-1))
        index = pd.DatetimeIndex(prices.day.astype("datetime64[D]"))
        self.books = {
            int(prices.row[lo]): pd.Series(prices.close[lo:hi], index=index[lo:hi])
            for lo, hi in zip(heads, [*heads[1:], prices.row.size], strict=True)
        }
        opened = [
            pd.DatetimeIndex(exchange_sessions(calendar, date(2014, 12, 1), date(2025, 12, 31)))
            for calendar, _ in MARKETS.values()
        ]
        self.opened = {row: opened[row % 3] for row in self.books}

    def path(self, row: int, index: int, day: pd.Timestamp) -> pd.Series[float] | None:
        mine = self.books[row]
        before = mine.loc[:day]
        if before.empty:
            return None
        mine = mine.loc[before.index[-1] : day + pd.DateOffset(months=MONTHS)]
        bench = self.books[index].reindex(mine.index, method="ffill")
        return mine / mine.iloc[0] - bench / bench.iloc[0]

    def paths(self, calls: Calls) -> list[pd.Series[float] | None]:
        days = calls.published.astype("datetime64[D]")
        return [
            self.path(int(row), int(index), pd.Timestamp(day))
            for row, index, day in zip(calls.rows, calls.bench, days, strict=True)
        ]

    def means(self, calls: Calls, segments: Any) -> Any:
        paths = self.paths(calls)
        days = calls.published.astype("datetime64[D]")
        held: list[list[pd.Series[float]]] = [[] for _ in range(SEGMENTS)]
        for path, segment, row, day in zip(paths, segments, calls.rows, days, strict=True):
            if segment < 0 or path is None:
                continue
            opened = self.opened[int(row)]
            end = pd.Timestamp(day) + pd.DateOffset(months=MONTHS)
            since = opened[opened.searchsorted(path.index[0]) : opened.searchsorted(end, "right")]
            held[segment].append(path.reindex(since, method="ffill").reset_index(drop=True))
        return paths, [pd.concat(own, axis=1).mean(axis=1) for own in held]

    def figures(self, calls: Calls) -> Any:
        found = []
        for path in self.paths(calls):
            if path is None:
                found.append(None)
                continue
            down, up = path[path <= -0.1 + 1e-9], path[path >= 0.1 - 1e-9]
            found.append(
                (
                    down.index[0] if len(down) else None,
                    up.index[0] if len(up) else None,
                    path.idxmax(),
                    path.max(),
                    path.idxmin(),
                    path.min(),
                    len(path),
                )
            )
        return found


def number(day: Any) -> int:
    return int(np.iinfo(np.int32).min) if day is None else int((day - pd.Timestamp(0)).days)


def agree(prices: Prices, calls: Calls, notebook: Notebook) -> None:
    """Every point, every mean and every figure; raises where two differ."""
    scores, segments = scored(prices, calls)
    paths, means = notebook.means(calls, segments)
    ours = list(iter_paths(prices.panel, scores, WINDOW))
    call = np.concatenate([one.call for one in ours])
    theirs = [(i, path) for i, path in enumerate(paths) if path is not None]
    np.testing.assert_array_equal(
        call, np.repeat([i for i, _ in theirs], [len(path) for _, path in theirs])
    )
    np.testing.assert_allclose(
        np.concatenate([one.relative.difference for one in ours]),
        np.concatenate([path.to_numpy() for _, path in theirs]),
        rtol=0,
        atol=TOLERANCE,
    )
    found = segment_paths(prices.panel, scores, segments, WINDOW)
    for segment, mean in enumerate(means):
        np.testing.assert_allclose(
            found.mean[segment, : len(mean)], mean.to_numpy(), rtol=0, atol=TOLERANCE
        )
        assert not found.members[segment, len(mean) :].any()
    figures, compared = path_figures(prices.panel, scores, window=WINDOW), 0
    for i, one in enumerate(notebook.figures(calls)):
        if one is None or figures.sessions[i] != one[-1]:
            continue
        down, up, best_day, best, worst_day, worst, _ = one
        assert figures.crossed_session[:, i].tolist() == [number(down), number(up)]
        assert figures.best_session[i] == number(best_day)
        assert figures.worst_session[i] == number(worst_day)
        assert max(abs(figures.best[i] - best), abs(figures.worst[i] - worst)) <= TOLERANCE
        compared += 1
    print(
        f"{call.size:,} points, {SEGMENTS} means, figures of {compared:,} of {calls.n:,} calls "
        f"agree to {TOLERANCE}"
    )
    assert compared > calls.n // 2


def compare(prices: Prices, n: int, rounds: int) -> dict[str, Any]:
    calls, notebook = make_calls(prices, n), Notebook(prices)
    agree(prices, calls, notebook)
    segments = scored(prices, calls)[1]
    runs = {
        "means": (lambda: our_means(prices, calls), lambda: notebook.means(calls, segments)),
        "figures": (lambda: our_figures(prices, calls), lambda: notebook.figures(calls)),
    }
    times = {name: (Times(), Times()) for name in runs}
    for _ in range(rounds):
        for name, pair in runs.items():
            for one, run in zip(times[name], pair, strict=True):
                timed(one, run)
    print(f"{n:,} calls{'ours s':>16}{'user':>9}{'pandas s':>11}{'user':>9}{'ours / pandas':>16}")
    table = {}
    for name, (mine, theirs) in times.items():
        table[name] = {
            "ours": median(mine.wall),
            "ours_user": median(mine.user),
            "pandas": median(theirs.wall),
            "pandas_user": median(theirs.user),
        }
        one = table[name]
        print(
            f"{name:12}{one['ours']:14.4f}{one['ours_user']:9.4f}{one['pandas']:11.3f}"
            f"{one['pandas_user']:9.3f}{one['ours'] / one['pandas']:16.4f}"
        )
    return {"calls": n, "times": table}


def growth(prices: Prices, n: int, rounds: int) -> dict[str, float]:
    """Ours alone: time a call, and memory on top of the panel and the scores."""
    calls = make_calls(prices, n)
    scores, segments = scored(prices, calls)
    found: dict[str, float] = {"calls": n}
    runs = {
        "paths": lambda: sum(one.call.size for one in iter_paths(prices.panel, scores, WINDOW)),
        "means": lambda: segment_paths(prices.panel, scores, segments, WINDOW),
        "figures": lambda: path_figures(prices.panel, scores, window=WINDOW),
    }
    times = {name: Times() for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            timed(times[name], run)
    for name, run in runs.items():
        tracemalloc.start()
        run()
        found[f"{name}_MB"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        found[f"{name}_us"] = median(times[name].wall) / n * 1e6
    told = "   ".join(
        f"{name} {found[f'{name}_us']:.2f} us a call, {found[f'{name}_MB']:.1f} MB" for name in runs
    )
    found["highest_MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:>10,} calls   {told}   process at most {found['highest_MB']:,.0f} MB")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--many", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    wall = time.perf_counter()
    prices = make_prices(asked.listings, asked.sessions)
    load = os.getloadavg()[0]
    print(
        f"{prices.panel.close.shape[0]:,} rows x {prices.panel.n_days:,} days made in "
        f"{time.perf_counter() - wall:.1f} s; {os.cpu_count()} processors, load {load:.1f}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"pandas {pd.__version__}"
    )
    found: dict[str, Any] = {"panel": list(prices.panel.close.shape), "load": load}
    found |= compare(prices, asked.calls, asked.rounds)
    found["growth"] = [growth(prices, n, asked.rounds) for n in asked.many]
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
