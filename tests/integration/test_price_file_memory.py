"""What a large price file takes to read, looked at from a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

READ = """
import sys
from datetime import date
from pathlib import Path
from supplychain_screen import Listing
from supplychain_screen.prices.sources.files import FileSource

def peak():
    status = Path("/proc/self/status").read_text()
    return next(int(one.split()[1]) for one in status.splitlines() if one.startswith("VmHWM"))

asked = [Listing(mic="XSHG", code=str(600000 + at), currency="CNY") for at in range(40)]
days = date(1990, 1, 1), date(2100, 1, 1), "price"
FileSource(sys.argv[1]).load(asked, *days)
before = peak()
rows = sum(len(one.close) for one in FileSource(sys.argv[2]).load(asked, *days).series.values())
print(rows, (peak() - before) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says its peak")
@pytest.mark.parametrize("name", ["prices.csv", "prices.csv.gz", "prices.parquet"])
def test_a_million_rows_take_at_most_three_times_their_table(tmp_path: Path, name: str) -> None:
    days = pd.date_range("1995-01-01", periods=25_000).strftime("%Y-%m-%d")
    random = np.random.default_rng(0)
    steps = random.normal(0, 0.003, (40, len(days)))
    table = pd.DataFrame(
        {
            "symbol": np.repeat([f"{600000 + at}.SS" for at in range(40)], len(days)),
            "date": np.tile(days, 40),
            "close": (100 * np.exp(np.cumsum(steps, axis=1))).round(4).ravel() + 0.01,
            "volume": random.integers(10**5, 10**7, steps.size),
        }
    )
    small, large = tmp_path / f"small_{name}", tmp_path / name
    for file, rows in ((small, table.iloc[:50]), (large, table)):
        if name.endswith("parquet"):
            rows.to_parquet(file, index=False)
        else:
            rows.to_csv(file, index=False, compression="infer")
    table_bytes = int(table.memory_usage(index=False, deep=True).sum())
    # 2.1 to 3.0 times: how much of what was let go the allocators keep is the threads' chance.
    for _ in range(3):
        run = subprocess.run(
            [sys.executable, "-c", READ, str(small), str(large)],
            capture_output=True,
            text=True,
            check=True,
        )
        read, taken = map(int, run.stdout.split())
        assert read == len(table)
        if taken <= 3 * table_bytes:
            break
    else:
        pytest.fail(f"three times above three tables, at last {taken / table_bytes:.2f}")
