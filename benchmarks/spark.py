"""A million calls on Spark beside the same calls on one machine.

    python benchmarks/spark.py [--listings 5000] [--sessions 2520] [--calls 1000000]
                               [--rounds 5] [--master local[2]]

Data: made up, as in benchmarks/calls.py. Calls and prices lie as Parquet, the panel is saved; every
contender reads its calls from Parquet and writes its results as Parquet, so that all end where a
lake would have them.

- one machine: `score_calls` on the saved panel
- Spark, saved panel: `score_calls_on_spark`
- Spark, by listing: `score_calls_by_listing`, the prices read from Parquet
- Spark, carried only: the calls through Arrow and Python and back with nothing computed

What the three found must be equal, float for float in every bit, before any time is printed.
"Start" is the time until a session runs its first Python task. "First" is a contender's first
run, "warm" the median of the rounds after it, wall seconds. Without pyspark or Java it says so
and measures nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from calls import STANDARD, Prices, make_calls, make_prices

from supplychain_screen import (
    open_panel,
    save_panel,
    score_calls,
    score_calls_by_listing,
    score_calls_on_spark,
)
from supplychain_screen.scoring.spark.schemas import arrow_only

BATCH = 100_000


def what_is_missing() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        return "Java 17 or 21"
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "pyspark: pip install 'supplychain-screen[spark]'"
    return None


def start(master: str, folder: Path) -> Any:
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
        "spark.sql.shuffle.partitions": "16",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    carried(spark.range(4)).collect()
    return spark


def carried(frame: Any) -> Any:
    """The frame through Arrow into a Python process and back."""

    def same(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from parts

    with arrow_only():
        return frame.mapInArrow(same, frame.schema)


def write_data(prices: Prices, calls: pd.DataFrame, folder: Path) -> None:
    save_panel(prices.panel, folder / "panel")
    names = pa.array(prices.panel.listings)
    book = pa.table(
        {
            "listing": pa.DictionaryArray.from_arrays(prices.row, names).cast(pa.string()),
            "date": pa.array(prices.day.astype("datetime64[D]")),
            "close": prices.close,
        }
    )
    pq.write_table(book, folder / "prices.parquet", row_group_size=500_000)
    asked = pa.table(
        {
            "id": np.arange(len(calls)),
            "listing": calls["listing"].tolist(),
            "published": pa.array(calls["published"].to_numpy().astype("datetime64[D]")),
        }
    )
    pq.write_table(asked, folder / "calls.parquet", row_group_size=125_000)


def contenders(spark: Any, prices: Prices, folder: Path) -> dict[str, Callable[[Path], None]]:
    days = [
        np.datetime64(day, "D").astype(object)
        for day in (prices.panel.first_day, prices.panel.last_day)
    ]
    asked = str(folder / "calls.parquet")

    def write(frame: Any, to: Path) -> None:
        frame.write.mode("overwrite").parquet(str(to))

    def one_machine(to: Path) -> None:
        calls = pq.read_table(asked).to_pandas(date_as_object=False)
        found = score_calls(calls, open_panel(folder / "panel"), STANDARD)
        to.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pandas(found, preserve_index=False), to / "0.parquet")

    def on_spark(to: Path) -> None:
        write(score_calls_on_spark(spark.read.parquet(asked), folder / "panel", STANDARD), to)

    def by_listing(to: Path) -> None:
        write(
            score_calls_by_listing(
                spark.read.parquet(asked),
                spark.read.parquet(str(folder / "prices.parquet")),
                STANDARD,
                first=days[0],
                as_of=days[1],
            ),
            to,
        )

    def only_carried(to: Path) -> None:
        write(carried(spark.read.parquet(asked)), to)

    return {
        "one machine": one_machine,
        "Spark, saved panel": on_spark,
        "Spark, by listing": by_listing,
        "Spark, carried only": only_carried,
    }


def assert_equal(folder: Path, names: list[str]) -> int:
    """Every column of every contender equal to the first one's; how many columns there are."""
    tables = [pq.read_table(folder / name).sort_by("id") for name in names]
    for name, table in zip(names[1:], tables[1:], strict=True):
        assert table.column_names == tables[0].column_names
        for column in table.column_names:
            one, two = (each[column].combine_chunks() for each in (tables[0], table))
            if pa.types.is_floating(two.type):
                bits = [each.to_numpy(zero_copy_only=False).tobytes() for each in (one, two)]
                assert bits[0] == bits[1], (name, column)
            else:
                assert one.cast(two.type, safe=False).equals(two), (name, column)
    return len(tables[0].column_names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--master", default="local[2]")
    asked = parser.parse_args()
    lacking = what_is_missing()
    if lacking:
        print(f"Spark is not measured: there is no {lacking}")
        return 0
    with tempfile.TemporaryDirectory(prefix="supplychain-screen-spark-") as place:
        folder = Path(place)
        prices = make_prices(asked.listings, asked.sessions)
        write_data(prices, make_calls(prices, asked.calls).frame, folder)
        wall = time.perf_counter()
        spark = start(asked.master, folder)
        started = time.perf_counter() - wall
        try:
            runs = contenders(spark, prices, folder)
            walls: dict[str, list[float]] = {name: [] for name in runs}
            columns = 0
            for turn in range(asked.rounds + 1):
                for name, run in runs.items():
                    wall = time.perf_counter()
                    run(folder / name)
                    walls[name].append(time.perf_counter() - wall)
                if not turn:
                    columns = assert_equal(folder, list(runs)[:3])
        finally:
            spark.stop()
    shape = prices.panel.close.shape
    print(
        f"{shape[0]:,} rows x {shape[1]:,} days, {asked.calls:,} calls, {asked.master}; "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )
    print(f"all three equal in {columns} columns, floats in every bit")
    print(f"start of Spark, first Python task included: {started:.1f} s")
    print(f"{'':22}{'first s':>9}{'warm s':>9}{'us a call':>11}{'x one':>8}")
    base = median(walls["one machine"][1:])
    for name, one in walls.items():
        warm = median(one[1:])
        print(
            f"{name:22}{one[0]:9.2f}{warm:9.2f}{warm / asked.calls * 1e6:11.2f}{warm / base:8.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
