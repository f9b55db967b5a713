"""A Spark cluster of two workers on this machine, and SIMULATED closes to score on it.

Each worker has its own JVM and its own Python processes, so that nothing is shared which a real
cluster would not share.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import load_report
from supplychain_screen.identity import exchange_sessions

STANDARD = load_report().standard
FIRST, LAST = date(2023, 1, 2), date(2025, 12, 31)
CALENDARS = {"XSHG": "XSHG", "XHKG": "XHKG", "XNAS": "XNYS", "XTAI": "XTAI"}
INDICES = {"INDEX:CSI300": "XSHG", "INDEX:HSI": "XHKG", "INDEX:SPX": "XNYS"}
# The benchmark of Hong Kong ends early: calls there are benchmark_stale.
ENDS_EARLY = {"INDEX:HSI": 400}


def java() -> str | None:
    """The java that Spark would start, where there is one."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None)


@contextmanager
def spark_cluster(folder: Path) -> Iterator[Any]:
    """A session on two workers, everything they write below ``folder``.

    Skips the test where there is no Java.
    """
    if java() is None:
        pytest.skip("Spark needs Java 17 or newer, and there is no java here")
    import pyspark
    from pyspark.sql import SparkSession

    # Workers write below Spark's home, which is somebody's site-packages: give them another.
    home = folder / "home"
    home.mkdir()
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": "5",
        "spark.sql.session.timeZone": "UTC",
        "spark.task.maxFailures": "1",
        "spark.log.level": "OFF",
        "spark.ui.showConsoleProgress": "false",
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPARK_HOME", str(home))
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        environment.chdir(folder)
        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


def long_frame() -> pd.DataFrame:
    """SIMULATED closes of 24 listings on four exchanges: gaps, late starts, suspensions."""
    chance = np.random.default_rng(5)
    books = []
    names = {
        f"{mic}:{code:06}": calendar for code in range(6) for mic, calendar in CALENDARS.items()
    }
    for name, calendar in (names | INDICES).items():
        days = exchange_sessions(calendar, FIRST, LAST)[: ENDS_EARLY.get(name)]
        close = 100 * np.exp(np.cumsum(0.02 * chance.standard_normal(days.size)))
        volume = np.full(days.size, 1e6)
        kept = np.ones(days.size, np.bool_)
        if name not in INDICES:
            kept[: chance.integers(0, 200)] = False
            hole = chance.integers(200, days.size - 60)
            close[hole : hole + 20], volume[hole : hole + 20] = close[hole], 0
            kept[hole + 30 : hole + 30 + chance.integers(0, 20)] = False
            close[chance.integers(0, days.size, 3)] = np.nan
        books.append(
            pd.DataFrame(
                {"listing": name, "date": days[kept], "close": close[kept], "volume": volume[kept]}
            )
        )
    return pd.concat(books, ignore_index=True)
