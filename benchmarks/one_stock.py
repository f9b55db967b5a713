"""One stock against its index: this package beside the libraries notebooks reach for.

    python benchmarks/one_stock.py [--rounds 9] [--repeats 20] [--json FILE]

Data: made up, one stock of New York and its index on the same 2,520 sessions, without a gap: the
one case in which all of them mean the same. The job: relative return from the publication to 6
and 12 months after. Everybody is given pandas Series of closes. Before any time is printed, all
must agree to 1e-12. A contender that is not installed is left out and named.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen import load_report, panel_from_frame, score_calls
from supplychain_screen.identity.calendars import exchange_sessions

STANDARD = load_report().standard
STOCK, INDEX = "XNAS:AAPL", "INDEX:SPX"
PUBLISHED = pd.Timestamp("2019-06-14")
ENDS = (pd.Timestamp("2019-12-14"), pd.Timestamp("2020-06-14"))
TOLERANCE = 1e-12

DIFFERENT = {
    "ours, from the series": "makes the panel too",
    "ours, from a panel": "as-of closes and ages, 3 windows, rating, reason",
    "quantstats": "compounds returns; base, end and gaps are yours to find",
    "ffn": "first and last row it is given; which rows is yours to find",
    "empyrical": "compounds returns; a missing day counts as a return of 0",
    "alphalens": "counts periods in rows, not in calendar months",
}


def make_prices() -> pd.DataFrame:
    days = exchange_sessions("XNYS", date(2015, 1, 5), date(2025, 12, 31))[:2_520]
    chance = np.random.default_rng(20260102)
    steps = 0.015 * chance.standard_normal((days.size, 2))
    return pd.DataFrame(
        100 * np.exp(np.cumsum(steps, axis=0)), index=pd.DatetimeIndex(days), columns=[STOCK, INDEX]
    )


def spans(prices: pd.DataFrame) -> list[pd.DataFrame]:
    """Both closes from the base session to the end session of each window."""
    base = prices.index[prices.index.searchsorted(PUBLISHED, side="right") - 1]
    return [prices.loc[base:end] for end in ENDS]


def ours_from_series(prices: pd.DataFrame) -> Callable[[], list[float]]:
    return lambda: ours_from_panel(prices)()


def ours_from_panel(prices: pd.DataFrame) -> Callable[[], list[float]]:
    index = [one for one in STANDARD.indices if one.id == INDEX]
    panel = panel_from_frame(prices, indices=index, adjustment="splits")
    calls = pd.DataFrame({"listing": [STOCK], "published": [PUBLISHED]})

    def run() -> list[float]:
        found = score_calls(calls, panel, STANDARD)
        return [found["6m_difference"].item(), found["12m_difference"].item()]

    return run


def quantstats(prices: pd.DataFrame) -> Callable[[], list[float]]:
    stats = importlib.import_module("quantstats").stats

    def run() -> list[float]:
        found = []
        for span in spans(prices):
            returns = span.pct_change().iloc[1:]
            found.append(float(stats.comp(returns[STOCK]) - stats.comp(returns[INDEX])))
        return found

    return run


def ffn(prices: pd.DataFrame) -> Callable[[], list[float]]:
    library = importlib.import_module("ffn")

    def run() -> list[float]:
        totals = [library.calc_total_return(span) for span in spans(prices)]
        return [float(total[STOCK] - total[INDEX]) for total in totals]

    return run


def empyrical(prices: pd.DataFrame) -> Callable[[], list[float]]:
    library = importlib.import_module("empyrical")

    def run() -> list[float]:
        found = []
        for span in spans(prices):
            returns = library.simple_returns(span)
            stock, index = (library.cum_returns_final(returns[name]) for name in (STOCK, INDEX))
            found.append(float(stock - index))
        return found

    return run


def alphalens(prices: pd.DataFrame) -> Callable[[], list[float]]:
    library = importlib.import_module("alphalens").utils

    def run() -> list[float]:
        windows = spans(prices)
        base = windows[0].index[0]
        both = pd.MultiIndex.from_product([[base], [STOCK, INDEX]], names=["date", "asset"])
        periods = [len(span) - 1 for span in windows]
        moves = library.compute_forward_returns(pd.Series(1.0, both), prices, periods=periods)
        return [float(moves.iloc[0, i] - moves.iloc[1, i]) for i in range(2)]

    return run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--repeats", type=int, default=20, help="runs timed together in a round")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # the libraries' own, of releases of pandas to come
    prices = make_prices()
    makers = [ours_from_series, ours_from_panel, quantstats, ffn, empyrical, alphalens]
    runs: dict[str, Callable[[], Any]] = {}
    for name, maker in zip(DIFFERENT, makers, strict=True):
        try:
            runs[name] = maker(prices)
        except ImportError as error:
            print(f"{name}: left out, {error}; install the extra `bench`")
    expected = runs["ours, from a panel"]()
    for name, run in runs.items():
        np.testing.assert_allclose(run(), expected, rtol=0, atol=TOLERANCE, err_msg=name)
    walls: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(asked.rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(asked.repeats):
                run()
            walls[name].append((time.perf_counter() - start) / asked.repeats)
    ours = median(walls["ours, from a panel"])
    print(
        f"\none stock, one index, 6 and 12 months; all agree to {TOLERANCE}; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':24}{'ms':>8}{'x ours':>8}  what it does")
    for name, times in walls.items():
        wall = median(times)
        print(f"{name:24}{wall * 1e3:8.2f}{wall / ours:8.2f}  {DIFFERENT[name]}")
    if asked.json:
        figures = {name: median(times) for name, times in walls.items()}
        asked.json.write_text(json.dumps({"seconds": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
