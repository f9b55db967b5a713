"""Placebo dates and intervals on Spark against one machine: a local cluster, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.spark_cluster import FIRST, LAST, STANDARD, long_frame, spark_cluster

from supplychain_screen import (
    PricePanel,
    interval_on_spark,
    load_report,
    panel_from_frame,
    placebo_on_spark,
    save_panel,
    screen,
)
from supplychain_screen.errors import CallsError
from supplychain_screen.prices import day_number
from supplychain_screen.scoring import benchmark_rows, measure, relative_paths, rules_of
from supplychain_screen.scoring.inference import (
    basket_changes,
    mean_interval,
    placebo,
    primary_row,
    sessions_before,
)
from supplychain_screen.screening import distinct_calls

pytestmark = [
    pytest.mark.slow,
    # Panels of plain columns, and of prices whose file does not say it: not what is tried here.
    pytest.mark.filterwarnings("ignore:nobody stated what these closes are adjusted for"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    return long_frame()


@pytest.fixture(scope="module")
def panel(prices: pd.DataFrame) -> PricePanel:
    return panel_from_frame(prices, indices=STANDARD.indices, first=FIRST, last=LAST)


@pytest.fixture(scope="module")
def folder(panel: PricePanel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(panel, tmp_path_factory.mktemp("shared") / "panel")


@pytest.fixture(scope="module")
def baskets() -> pa.Table:
    """Baskets of one to eight members, some unknown, some doubled, two that cannot be asked."""
    chance = np.random.default_rng(9)
    names = [f"{mic}:{code:06}" for code in range(6) for mic in ("XSHG", "XNAS")]
    members: list[Any] = [chance.choice(names, 1 + i % 8).tolist() for i in range(12)]
    members[3] += ["XSHG:999999", members[3][0], None]
    members[4], members[5] = [], None
    day = np.datetime64("2024-03-04") + chance.integers(0, 500, 12).astype("timedelta64[D]")
    day[0] = np.datetime64("2023-02-06")
    day[6] = np.datetime64("NaT")
    return pa.table(
        {
            "id": pa.array(range(12)),
            "listings": pa.array(members, pa.list_(pa.string())),
            "published": pa.array(day, pa.date32(), from_pandas=True),
        }
    )


def rated(panel: PricePanel, basket: dict[str, Any], as_of: int, window: str | None) -> Any:
    """Scores of the rated members, and the place of the window: as ``Screening`` does it."""
    names = [str(one) for one in dict.fromkeys(basket["listings"] or [])]
    rules = rules_of(STANDARD)
    days = np.full(len(names), day_number(basket["published"]), np.int32)
    scores = measure(
        panel, panel.rows(names), benchmark_rows(panel, names, STANDARD, 0), days, as_of, rules
    )
    place = int(scores.headline[0]) if names else 2
    place = place if window is None else rules.windows.index(window)
    return scores.take(np.flatnonzero(scores.rating[place] >= 0)), place


def same_floats(found: Any, expected: Any) -> bool:
    """Bit for bit; null stands for NaN."""
    one = np.array([np.nan if value is None else value for value in np.atleast_1d(found)])
    return one.astype(np.float64).tobytes() == np.atleast_1d(expected).astype(float).tobytes()


@pytest.mark.parametrize("window", [None, "12m", "to_date"])
def test_placebo_equals_one_machines(
    spark: Any, baskets: pa.Table, panel: PricePanel, folder: Path, window: str | None
) -> None:
    as_of = date(2025, 9, 30)
    frame = spark.createDataFrame(baskets).repartition(5)
    found = placebo_on_spark(frame, folder, STANDARD, window=window, as_of=as_of).toArrow()
    rows = found.sort_by("id").to_pylist()
    told = 0
    for row in rows:
        if row["published"] is None:
            assert row["reason"] == "no_publication_date"
            assert row["window"] is row["mean"] is row["realised"] is None
            continue
        scores, place = rated(panel, row, day_number(as_of), window)
        expected = placebo(
            panel,
            scores.rows,
            scores.benchmark_rows,
            day_number(row["published"]),
            day_number(as_of),
            scores.rules,
            scores.rules.windows[place],
            sessions=sessions_before(
                panel, primary_row(panel, STANDARD, scores.rows), day_number(row["published"])
            ),
        )
        assert row["window"] == scores.rules.windows[place]
        assert [day_number(day) for day in row["base_day"]] == expected.base_day.tolist()
        assert same_floats(row["mean"], expected.mean)
        assert row["members"] == expected.members.tolist()
        for name in ("realised", "rank", "windows", "overlapping", "usual", "base_rate"):
            assert same_floats(row[name], getattr(expected, name))
        assert row["reason"] == expected.reason
        told += row["rank"] is not None
    assert len(rows) == baskets.num_rows
    assert told >= 2


def test_interval_equals_one_machines(
    spark: Any, baskets: pa.Table, panel: PricePanel, folder: Path
) -> None:
    frame = spark.createDataFrame(baskets).repartition(5)
    rows = interval_on_spark(frame, folder, STANDARD, level=0.8).toArrow().to_pylist()
    told = 0
    for row in rows:
        if row["published"] is None:
            assert row["reason"] == "no_publication_date"
            assert row["low"] is row["sessions"] is None
            continue
        scores, place = rated(panel, row, panel.last_day, None)
        changes = basket_changes(relative_paths(panel, scores, place), STANDARD.comparison)
        expected = mean_interval(changes, level=0.8)
        for name in ("low", "high", "realised", "standard_error"):
            assert same_floats(row[name], getattr(expected, name)), name
        for name in ("sessions", "cosines", "reason"):
            assert row[name] == getattr(expected, name)
        told += row["low"] is not None
    assert len(rows) == baskets.num_rows
    assert told >= 5


def test_studies_that_cannot_be_made(spark: Any, baskets: pa.Table, folder: Path) -> None:
    many = spark.createDataFrame(baskets)
    with pytest.raises(CallsError, match=r"no such window.*'3m'.*6m, 12m, to_date"):
        placebo_on_spark(many, folder, STANDARD, window="3m")
    with pytest.raises(CallsError, match="column listings: of type string"):
        placebo_on_spark(many.withColumn("listings", many["id"].cast("string")), folder, STANDARD)


def test_the_packaged_report_on_real_prices(spark: Any, market_data: Path, tmp_path: Path) -> None:
    screening = screen(
        load_report(), "2024-12-31", "2026-01-09", prices=market_data / "prices.csv.gz"
    )
    measured = screening.measured
    folder = save_panel(measured.panel, tmp_path / "panel")
    known: dict[str, Any] = {"as_of": screening.as_of, "suspects": measured.suspects}
    once = distinct_calls(measured.mentions)
    basket = spark.createDataFrame(
        pa.table(
            {
                "listings": [[measured.mentions[one].listing for one in once]],
                "published": [screening.published],
            }
        )
    )
    inference = screening.inference()
    (row,) = placebo_on_spark(basket, folder, STANDARD, **known).toArrow().to_pylist()
    assert same_floats(row["mean"], inference.placebo.mean)
    assert same_floats(row["realised"], inference.placebo.realised)
    assert same_floats(row["rank"], inference.placebo.rank)
    (row,) = interval_on_spark(basket, folder, STANDARD, **known).toArrow().to_pylist()
    for name in ("low", "high", "realised", "standard_error"):
        assert same_floats(row[name], getattr(inference.interval, name))
