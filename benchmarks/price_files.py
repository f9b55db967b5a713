"""How long a price file takes to become series, beside pandas that reads the same bytes.

    python benchmarks/price_files.py [--rounds 7]

SIMULATED closes of the packaged report's instruments over two years, packed CSV. pandas reads the
file, turns its dates, and makes one column a symbol: what a notebook would do, without a check.
Both run in one process, in turn; the best of the rounds counts.

Fails (exit code 1) where we take half as long again as pandas: row by row it would be more.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

from supplychain_screen import SimulatedSource, load_report
from supplychain_screen.prices.sources.files import FileSource

FIRST, LAST = date(2024, 1, 2), date(2026, 1, 9)
LIMIT = 1.5


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    report = load_report()
    instruments = [*report.listings, *report.standard.indices]
    loaded = SimulatedSource().load(instruments, FIRST, LAST, "price")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "prices.csv.gz"
        pd.concat(
            pd.DataFrame({"symbol": one.symbol, "date": one.sessions, "close": one.close})
            for one in loaded.series.values()
        ).to_csv(file, index=False)

        def ours() -> object:
            return FileSource(file, adjustment="splits").load(instruments, FIRST, LAST, "price")

        def theirs() -> object:
            frame = pd.read_csv(file, parse_dates=["date"])
            return frame.pivot_table(index="date", columns="symbol", values="close")

        pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    best = [min(column) for column in zip(*pairs, strict=True)]
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "rows": sum(len(one.close) for one in loaded.series.values()),
                "ours_seconds": round(best[0], 4),
                "pandas_seconds": round(best[1], 4),
                "ratio": round(best[0] / best[1], 2),
            }
        )
    )
    return int(best[0] > LIMIT * best[1])


if __name__ == "__main__":
    sys.exit(main())
