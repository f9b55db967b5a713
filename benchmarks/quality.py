"""How long all quality checks take over 5,000 listings, beside one pass of pandas.

    python benchmarks/quality.py [--listings 5000] [--sessions 2500]

The closes are random walks inside each board's limit, a tenth of the listings with a suspension;
three fifths are mainland listings, the others Hong Kong's and American ones. pandas's pass is
what a notebook would do for the jumps alone: daily returns by group and a rolling count of
repeated closes, in one long frame that is already sorted and in memory. Both run in one process,
each the best of three.

Fails (exit code 1) where the checks take more than 1.0 second a million rows, or longer than
pandas, or flag anything but the suspensions.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.identity.listings import Instrument
from supplychain_screen.prices.quality.checks import check_prices

LIMIT_SECONDS_PER_MILLION = 1.0
LIMIT_RATIO = 1.0
OLD = date(2010, 1, 4)


def instruments(count: int) -> list[Listing]:
    """Listings of Shanghai's and Shenzhen's boards, Hong Kong and the United States."""
    made = []
    for n in range(count):
        mic, code, currency = (
            ("XSHG", f"{600_000 + n}", "CNY"),
            ("XSHE", f"{300_000 + n}", "CNY"),
            ("XSHG", f"{688_000 + n // 5}", "CNY"),
            ("XHKG", f"{1_000 + n}", "HKD"),
            ("XNAS", "".join(chr(65 + n // 26**k % 26) for k in range(4)), "USD"),
        )[n % 5]
        made.append(Listing(mic=mic, code=code, currency=currency, first_session=OLD))
    return made


def market(listings: list[Listing], sessions: int) -> tuple[dict[str, PriceSeries], int]:
    """One series a listing and one a benchmark, and how many suspensions they have."""
    random = np.random.default_rng(0)
    days = {
        calendar: exchange_sessions(calendar, date(2015, 1, 1), date(2026, 10, 30))[-sessions:]
        for calendar in ("XSHG", "XHKG", "XNYS")
    }
    series, suspended = {}, 0
    for n, one in enumerate(listings):
        limit = 0.095 if one.mic in ("XSHG", "XSHE") else 0.25
        returns = np.clip(0.025 * random.standard_normal(sessions), -limit, limit)
        start = 100 + n % 1000
        returns[start : start + 10] *= n % 10 != 0
        close = 50.0 * np.exp(np.cumsum(returns))
        volume = np.round(1e6 * np.exp(0.2 * random.standard_normal(sessions)))
        if n % 10 == 0:
            close[start : start + 10], volume[start : start + 10] = close[start - 1], 0.0
            suspended += 1
        series[one.id] = PriceSeries(
            one.id, days[one.calendar], close, volume, "splits+dividends", "generated", one.code
        )
    for index in benchmarks():
        close = 4000.0 * np.exp(np.cumsum(0.01 * random.standard_normal(sessions)))
        series[index.id] = PriceSeries(
            index.id, days[index.calendar], close, np.zeros(sessions), "none", "generated", ""
        )
    return series, suspended


def benchmarks() -> list[Index]:
    """The benchmarks of the three markets."""
    return [
        Index(name="CSI300", currency="CNY", calendar="XSHG"),
        Index(name="HSI", currency="HKD", calendar="XHKG"),
        Index(name="SPX", currency="USD", calendar="XNYS"),
    ]


def pandas_pass(frame: pd.DataFrame) -> int:
    """Returns by group, and runs of repeated closes: the number of suspicious rows."""
    by_listing = frame.groupby("listing", sort=False, observed=True)
    jumps = by_listing["close"].pct_change().abs() > 0.205
    same = (by_listing["close"].diff() == 0.0) & (frame["volume"] == 0.0)
    runs = same.groupby(frame["listing"], sort=False, observed=True).rolling(3).sum()
    return int(jumps.sum()) + int((runs.to_numpy() >= 3).sum())


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Shortest of several runs in seconds, and the answer."""
    seconds, answer = [], None
    for _ in range(times):
        start = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), answer


def main() -> int:
    """Measure, print one JSON object, and say by the exit code whether the limits were met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_500)
    wish = parser.parse_args()
    listings = instruments(wish.listings)
    series, suspended = market(listings, wish.sessions)
    everybody: list[Instrument] = [*listings, *benchmarks()]
    rows = sum(one.close.size for one in series.values())
    ours, found = best(lambda: check_prices(series, everybody, as_of=date(2026, 10, 30)))
    after_ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    frame = pd.DataFrame(
        {
            "listing": pd.Categorical(np.repeat(list(series), wish.sessions)),
            "close": np.concatenate([one.close for one in series.values()]),
            "volume": np.concatenate([one.volume for one in series.values()]),
        }
    )
    theirs, _ = best(lambda: pandas_pass(frame))
    codes = {code: sum(one.code == code for one in found) for code in {one.code for one in found}}
    met = (
        ours / rows * 1e6 <= LIMIT_SECONDS_PER_MILLION
        and ours <= LIMIT_RATIO * theirs
        and set(codes) == {"suspended"}
    )
    print(
        json.dumps(
            {
                "series": len(series),
                "rows": rows,
                "seconds": round(ours, 3),
                "seconds_per_million_rows": round(ours / rows * 1e6, 4),
                "pandas_seconds": round(theirs, 3),
                "ratio_to_pandas": round(ours / theirs, 3),
                "peak_mb": after_ours,
                "findings": codes,
                "suspensions_put_in": suspended,
                "python": platform.python_version(),
                "met": met,
            },
            indent=1,
            sort_keys=True,
        )
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
