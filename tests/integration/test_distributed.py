"""The Spark layer against one machine: a local cluster of two workers, byte for byte.

Two workers, each with its own JVM and its own Python processes, so that nothing is shared which a
real cluster would not share. Where Java is missing the tests that need it are skipped and say so.
"""

from __future__ import annotations

import decimal
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.spark_cluster import FIRST, LAST, STANDARD, long_frame, spark_cluster

from supplychain_screen import (
    PricePanel,
    interval_on_spark,
    load_report,
    panel_from_frame,
    placebo_on_spark,
    save_panel,
    score_calls,
    score_calls_by_listing,
    score_calls_on_spark,
    screen,
)
from supplychain_screen.errors import CallsError, MissingExtraError, PriceFileError, StoreError
from supplychain_screen.prices import day_number
from supplychain_screen.scoring import SuspectDays
from supplychain_screen.scoring.spark.schemas import arrow_only

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
    return panel_from_frame(
        prices, indices=STANDARD.indices, first=FIRST, last=LAST, adjustment="splits"
    )


@pytest.fixture(scope="module")
def folder(panel: PricePanel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(panel, tmp_path_factory.mktemp("shared") / "panel")


@pytest.fixture(scope="module")
def calls(panel: PricePanel) -> pa.Table:
    """1,200 calls: every reason there is, duplicates, and columns of many types beside them."""
    chance = np.random.default_rng(6)
    n = 1_200
    listing = chance.choice(np.array(panel.listings, object), n)
    listing[::31], listing[::37] = "XSHG:999999", None
    listing[::41] = "not an id"
    day = np.datetime64(FIRST) + chance.integers(-30, 1_130, n).astype("timedelta64[D]")
    day[::43] = np.datetime64("NaT")
    day[1::43], day[2::43] = np.datetime64("1905-01-01"), np.datetime64("2199-12-31")
    listing[100:200], day[100:200] = listing[:100], day[:100]
    price = chance.standard_normal(n)
    price[::7], price[1::7] = -0.0, np.nan
    return pa.table(
        {
            "id": pa.array(np.arange(n)),
            "segment": pa.array(chance.choice(["芯片", "a'b\"`c", ""], n)),
            "published": pa.array(day, pa.date32(), from_pandas=True),
            "target": pa.array(
                [None if i % 5 == 0 else v for i, v in enumerate(price)], pa.float64()
            ),
            "listing": pa.array(listing.tolist(), pa.string()),
            "fee": pa.array(
                [decimal.Decimal(i).scaleb(-2) for i in range(n)], pa.decimal128(12, 2)
            ),
            "seen": pa.array(
                [datetime(2024, 1, 1, 1, 2, 3, i, UTC) for i in range(n)], pa.timestamp("us", "UTC")
            ),
            "authors": pa.array([["甲", None][: i % 3] for i in range(n)], pa.list_(pa.string())),
        }
    )


def scored_here(calls: pa.Table, panel: PricePanel, **options: Any) -> pd.DataFrame:
    """The one machine's frame, indexed by ``id``; the columns carried along are left to Arrow."""
    frame = calls.select(["id", "listing", "published"]).to_pandas(date_as_object=False)
    return score_calls(frame, panel, STANDARD, **options).set_index("id")


def assert_same(found: pa.Table, calls: pa.Table, expected: pd.DataFrame) -> None:
    """Carried columns equal as Arrow, results equal as frames and, where floats, in every bit."""
    found = found.sort_by("id")
    assert found.column_names == [*calls.column_names, *expected.columns[2:]]
    for name in calls.column_names:
        one, two = (table[name].combine_chunks() for table in (found, calls))
        assert one.type == two.type
        assert one.is_null().equals(two.is_null())
        if pa.types.is_floating(one.type):
            # Arrow takes no NaN for another, and -0.0 for 0.0.
            one, two = (each.drop_null().view(pa.int64()) for each in (one, two))
        assert one.equals(two), name
    back = pd.DataFrame(index=expected.index)
    for name in expected.columns[2:]:
        column, like = found[name], expected[name]
        if isinstance(like.dtype, pd.CategoricalDtype):
            assert column.type == pa.string()
            back[name] = pd.Categorical(column.to_pylist(), like.cat.categories)
        elif like.dtype.kind == "M":
            assert column.type == pa.date32()
            back[name] = column.to_numpy().astype("datetime64[s]")
        else:
            assert column.type == {"float64": pa.float64(), "int16": pa.int16()}[str(like.dtype)]
            back[name] = column.to_numpy()
            assert back[name].to_numpy().tobytes() == like.to_numpy().tobytes(), name
            # Missing is null, never NaN, which SQL would take for a number.
            assert column.null_count == int(like.isna().sum())
    pd.testing.assert_frame_equal(back, expected.iloc[:, 2:], check_exact=True)


def test_two_workers_do_the_work(spark: Any) -> None:
    def where(parts: Any) -> Iterator[pa.RecordBatch]:
        rows = sum(part.num_rows for part in parts)
        yield pa.RecordBatch.from_pydict({"place": [str(Path.cwd())], "rows": [rows]})

    halves = spark.range(0, 100, 1, 2)
    with arrow_only():
        # A barrier: both tasks run at the same time, so neither worker can take both.
        found = halves.mapInArrow(where, "place string, rows long", barrier=True).toArrow()
    assert len(set(found["place"].to_pylist())) == 2
    assert sum(found["rows"].to_pylist()) == 100


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_calls_equal_one_machines(
    spark: Any, calls: pa.Table, panel: PricePanel, folder: Path, partitions: int
) -> None:
    frame = spark.createDataFrame(calls).repartition(partitions)
    found = score_calls_on_spark(frame, folder, STANDARD)
    expected = scored_here(calls, panel)
    assert_same(found.toArrow(), calls, expected)
    # The data can tell: most reasons occur, and a good part is rated.
    assert set(expected["6m_reason"].dropna()) >= {
        "unresolved",
        "no_benchmark",
        "no_prices",
        "not_yet_listed",
        "suspended_at_base",
        "benchmark_stale",
        "pending",
    }
    assert expected["6m_rating"].notna().sum() > 200


def test_partitions_without_a_row_and_batches_of_odd_sizes(
    spark: Any, calls: pa.Table, panel: PricePanel, folder: Path
) -> None:
    size = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(size)
    spark.conf.set(size, "7")
    try:
        few = spark.createDataFrame(calls).where("id < 20").repartition(33)
        found = score_calls_on_spark(few, folder, STANDARD).toArrow()
        none = score_calls_on_spark(few.where("id < 0"), folder, STANDARD).toArrow()
    finally:
        spark.conf.set(size, before)
    assert_same(found, calls.slice(0, 20), scored_here(calls.slice(0, 20), panel))
    assert none.num_rows == 0
    assert none.schema.names == found.schema.names


def test_a_partition_keeps_the_order_of_its_calls(
    spark: Any, calls: pa.Table, folder: Path
) -> None:
    order = np.random.default_rng(8).permutation(calls.num_rows)
    frame = spark.createDataFrame(calls.take(order)).coalesce(1)
    found = score_calls_on_spark(frame, folder, STANDARD).toArrow()
    assert found["id"].to_pylist() == order.tolist()


def test_conventions_and_suspect_days_reach_the_workers(
    spark: Any, calls: pa.Table, panel: PricePanel, folder: Path
) -> None:
    day = day_number(date(2024, 3, 1))
    suspects = SuspectDays(panel, [(row, day, day + 20) for row in range(0, 24, 3)])
    options: dict[str, Any] = {
        "as_of": date(2025, 3, 3),
        "base_policy": "on_or_after",
        "comparison": "ratio",
        "max_stale_sessions": 2,
        "max_stale_benchmark": 1,
        "suspects": suspects,
    }
    found = score_calls_on_spark(spark.createDataFrame(calls), folder, STANDARD, **options)
    expected = scored_here(calls, panel, **options)
    assert_same(found.toArrow(), calls, expected)
    assert "suspect_prices" in set(expected["12m_reason"])
    assert not expected.equals(scored_here(calls, panel))


def test_a_timestamp_is_its_day_in_the_sessions_time_zone(
    spark: Any, panel: PricePanel, folder: Path
) -> None:
    # 17:30 in London is past midnight in Shanghai.
    moment = datetime(2024, 6, 3, 17, 30, tzinfo=UTC)
    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("us")):
        table = pa.table(
            {"id": [0], "listing": ["XSHG:000001"], "published": pa.array([moment], kind)}
        )
        for zone, day in (("UTC", 3), ("Asia/Shanghai", 4 if kind.tz else 3)):
            spark.conf.set("spark.sql.session.timeZone", zone)
            try:
                frame = spark.createDataFrame(table)
                if kind.tz:
                    frame = frame.selectExpr(
                        "id", "listing", "timestamp'2024-06-03 17:30:00 UTC' AS published"
                    )
                found = score_calls_on_spark(frame, folder, STANDARD).toArrow()
            finally:
                spark.conf.set("spark.sql.session.timeZone", "UTC")
            assert found["base_session"].to_pylist() == [date(2024, 6, day)]


def test_a_panel_that_spark_ships(
    spark: Any, calls: pa.Table, panel: PricePanel, tmp_path: Path
) -> None:
    save_panel(panel, tmp_path / "panel")
    archive = shutil.make_archive(str(tmp_path / "panel"), "zip", tmp_path / "panel")
    shutil.rmtree(tmp_path / "panel")
    spark.sparkContext.addArchive(f"{archive}#shipped")
    found = score_calls_on_spark(spark.createDataFrame(calls), "shipped", STANDARD)
    assert_same(found.toArrow(), calls, scored_here(calls, panel))


# --- Prices in a lake -----------------------------------------------------------------------


def lake(spark: Any, prices: pd.DataFrame) -> Any:
    return spark.createDataFrame(pa.Table.from_pandas(prices, preserve_index=False)).repartition(3)


def test_calls_beside_prices_equal_one_machines(
    spark: Any, calls: pa.Table, prices: pd.DataFrame
) -> None:
    first, as_of = date(2023, 6, 1), date(2025, 6, 30)
    after = pd.DataFrame(
        {
            "listing": ["XSHG:000001", None],
            "date": np.datetime64("2023-07-03"),
            "close": [-1.0, 5.0],
            "volume": 1.0,
        }
    )
    after.loc[0, "date"] = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    known = prices[prices["date"] <= pd.Timestamp(as_of)]
    panel = panel_from_frame(
        known, indices=STANDARD.indices, first=first, last=as_of, adjustment="splits"
    )
    found = score_calls_by_listing(
        spark.createDataFrame(calls).repartition(4),
        lake(spark, pd.concat([prices, after])),
        STANDARD,
        first=first,
        as_of=as_of,
        comparison="ratio",
    )
    expected = scored_here(calls, panel, comparison="ratio")
    assert_same(found.toArrow(), calls, expected)
    assert expected["6m_rating"].notna().sum() > 200


def test_prices_without_volume_or_without_an_index(
    spark: Any, calls: pa.Table, prices: pd.DataFrame
) -> None:
    less = prices[~prices["listing"].isin(["INDEX:CSI300", "XSHG:000002"])].drop(columns="volume")
    panel = panel_from_frame(
        less, indices=STANDARD.indices, first=FIRST, last=LAST, adjustment="splits"
    )
    found = score_calls_by_listing(
        spark.createDataFrame(calls), lake(spark, less), STANDARD, first=FIRST, as_of=LAST
    )
    expected = scored_here(calls, panel)
    assert_same(found.toArrow(), calls, expected)
    mainland = expected[expected["listing"].fillna("").str.startswith("XSHG:")]
    assert "benchmark_stale" in set(mainland["6m_reason"])
    assert mainland["6m_rating"].isna().all()


def test_no_prices_at_all_resolve_nobody(spark: Any, calls: pa.Table, prices: pd.DataFrame) -> None:
    nothing = lake(spark, prices).where("close < 0")
    found = score_calls_by_listing(
        spark.createDataFrame(calls), nothing, STANDARD, first=FIRST, as_of=LAST
    ).toArrow()
    assert set(found["6m_reason"].to_pylist()) == {"unresolved"}
    assert found["6m_return"].null_count == found.num_rows == calls.num_rows


def test_a_close_that_is_no_price_fails_the_job_in_one_machines_words(
    spark: Any, calls: pa.Table, prices: pd.DataFrame
) -> None:
    wrong = prices.copy()
    wrong.loc[wrong.index[wrong["listing"] == "XSHG:000003"][5], "close"] = -1.0
    with pytest.raises(PriceFileError) as here:
        panel_from_frame(wrong, indices=STANDARD.indices)
    one_call = spark.createDataFrame(calls).where("listing = 'XSHG:000003'").limit(1)
    found = score_calls_by_listing(one_call, lake(spark, wrong), STANDARD, first=FIRST, as_of=LAST)
    with pytest.raises(Exception, match="closes that are not positive") as there:
        found.toArrow()
    assert str(here.value) in str(there.value)


# --- What is refused ------------------------------------------------------------------------


@pytest.fixture
def no_job(spark: Any) -> Iterator[None]:
    """What is refused is refused before a job starts."""
    spark.sparkContext.setJobGroup("refused", "nothing may run")
    yield
    jobs = spark.sparkContext.statusTracker().getJobIdsForGroup("refused")
    spark.sparkContext.setLocalProperty("spark.jobGroup.id", None)
    assert list(jobs) == []


@pytest.mark.usefixtures("no_job")
def test_what_one_machine_refuses_is_refused_in_its_words(
    spark: Any, calls: pa.Table, panel: PricePanel, folder: Path
) -> None:
    frame = spark.createDataFrame(calls)
    pandas = calls.to_pandas(date_as_object=False)
    options: dict[str, dict[str, Any]] = {
        "before": {"as_of": date(1999, 1, 1)},
        "after": {"as_of": date(2026, 1, 1)},
        "limit": {"max_stale_sessions": -1},
    }
    for how in options.values():
        with pytest.raises(CallsError) as here:
            score_calls(pandas, panel, STANDARD, **how)
        with pytest.raises(CallsError) as there:
            score_calls_on_spark(frame, folder, STANDARD, **how)
        assert str(there.value) == str(here.value)
    with pytest.raises(CallsError) as here:
        score_calls(pandas[["id"]], panel, STANDARD)
    for ask in (
        lambda: score_calls_on_spark(frame.select("id"), folder, STANDARD),
        lambda: score_calls_by_listing(
            frame.select("id"), frame, STANDARD, first=FIRST, as_of=LAST
        ),
    ):
        with pytest.raises(CallsError) as there:
            ask()
        assert str(there.value) == str(here.value)


@pytest.mark.usefixtures("no_job")
def test_frames_that_spark_cannot_score(spark: Any, calls: pa.Table, folder: Path) -> None:
    frame = spark.createDataFrame(calls)
    wrong = [
        (frame.withColumn("published", frame["published"].cast("string")), "cast it to date"),
        (frame.withColumn("listing", frame["id"]), "column listing: of type bigint"),
        (frame.withColumnRenamed("segment", "Stage"), "column Stage: two columns"),
        (frame.withColumnRenamed("segment", "LISTING"), "two columns would have this name"),
        (calls.to_pandas(date_as_object=False), "calls: no Spark frame but DataFrame"),
    ]
    for given, message in wrong:
        with pytest.raises(CallsError, match=message):
            score_calls_on_spark(given, folder, STANDARD)
        with pytest.raises(CallsError, match=message):
            score_calls_by_listing(given, frame, STANDARD, first=FIRST, as_of=LAST)
    with pytest.raises(CallsError, match="first lies after as_of"):
        score_calls_by_listing(frame, frame, STANDARD, first=LAST, as_of=FIRST)
    with pytest.raises(PriceFileError, match="column close: column is missing; add it"):
        score_calls_by_listing(
            frame, frame.withColumnRenamed("published", "date"), STANDARD, first=FIRST, as_of=LAST
        )


@pytest.mark.usefixtures("no_job")
def test_a_folder_without_a_panel_is_refused(
    spark: Any, calls: pa.Table, panel: PricePanel, tmp_path: Path
) -> None:
    frame = spark.createDataFrame(calls)
    with pytest.raises(StoreError, match="there is no saved panel"):
        score_calls_on_spark(frame, tmp_path / "nowhere", STANDARD)
    with pytest.raises(StoreError, match="there is no saved panel"):
        score_calls_on_spark(frame, "never-shipped", STANDARD)
    broken = save_panel(panel, tmp_path / "broken")
    next(broken.glob("stamp-*.npy")).unlink()
    with pytest.raises(StoreError, match="damaged"):
        score_calls_on_spark(frame, broken, STANDARD)


def test_a_panel_that_changed_or_went_fails_the_job(
    spark: Any, calls: pa.Table, panel: PricePanel, prices: pd.DataFrame, tmp_path: Path
) -> None:
    place = save_panel(panel, tmp_path / "panel")
    changed, gone = (
        score_calls_on_spark(spark.createDataFrame(calls), place, STANDARD) for _ in range(2)
    )
    other = prices.assign(close=prices["close"] * 2)
    save_panel(
        panel_from_frame(
            other, indices=STANDARD.indices, first=FIRST, last=LAST, adjustment="splits"
        ),
        place,
    )
    with pytest.raises(Exception, match="another panel than the driver did"):
        changed.toArrow()
    shutil.rmtree(place)
    with pytest.raises(Exception, match=r"a worker cannot open the panel: .*no saved panel"):
        gone.toArrow()


def test_without_pyspark_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    asks: list[Any] = [
        lambda: score_calls_on_spark(None, "panel", STANDARD),  # type: ignore[arg-type]
        lambda: score_calls_by_listing(None, None, STANDARD, first=FIRST, as_of=LAST),  # type: ignore[arg-type]
        lambda: placebo_on_spark(None, "panel", STANDARD),  # type: ignore[arg-type]
        lambda: interval_on_spark(None, "panel", STANDARD),  # type: ignore[arg-type]
    ]
    for ask in asks:
        with pytest.raises(MissingExtraError, match=r"pip install .supplychain-screen\[spark\]"):
            ask()


# --- The guide ------------------------------------------------------------------------------


def test_the_guides_blocks_run_in_order(
    spark: Any,
    calls: pa.Table,
    prices: pd.DataFrame,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a folder that holds the files the guide speaks of; the cluster is the session's."""
    guide = project / "docs" / "spark.md"
    text = guide.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    # Where Java was started: relative paths mean the same to it and to Python.
    monkeypatch.chdir(spark.sparkContext._jvm.System.getProperty("user.dir"))
    known = prices.dropna(subset="close")
    known.to_parquet("prices.parquet", index=False)
    pq.write_table(calls.slice(0, 150), "calls.parquet")
    bars = known[["listing", "date", "close"]].rename(columns={"close": "price"})
    hours = [bars.assign(time=bars["date"] + pd.Timedelta(hours=hour)) for hour in (2, 6)]
    hours[0]["price"] *= 2
    pq.write_table(pa.Table.from_pandas(pd.concat(hours).drop(columns="date")), "bars.parquet")

    batch = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before, namespace = spark.conf.get(batch), {"__name__": "guide"}
    try:
        for block in blocks:
            exec(compile(block, str(guide), "exec"), namespace)
    finally:
        spark.conf.set(batch, before)
    asked = pq.read_table("calls.parquet")
    frame = asked.select(["listing", "published"]).to_pandas(date_as_object=False)
    whole = panel_from_frame(known, indices=STANDARD.indices, adjustment="splits")
    expected = score_calls(frame, whole, STANDARD)["6m_difference"]
    found = pq.read_table("scored").sort_by("id")["6m_difference"].to_numpy()
    assert found.tobytes() == expected.to_numpy().tobytes()
    assert np.isfinite(found).any()
    # Of the bars of a day the last one is its close, and twice the price is never seen.
    lake: Any = namespace["scored"]
    days = pd.to_datetime(frame["published"])
    closes = panel_from_frame(
        known.drop(columns="volume"),
        indices=STANDARD.indices,
        first=date(2024, 1, 2),
        last=LAST,
        adjustment="splits",
    )
    again = score_calls(frame.assign(published=days), closes, STANDARD)["6m_return"]
    beside = lake.toArrow().sort_by("id")["6m_return"].to_numpy()
    assert beside.tobytes() == again.to_numpy().tobytes()


# --- Real prices ----------------------------------------------------------------------------


def test_the_packaged_report_on_real_prices(spark: Any, market_data: Path, tmp_path: Path) -> None:
    """The companies of the packaged report, as if published on every day since."""
    screening = screen(
        load_report(), "2024-12-31", "2026-01-09", prices=market_data / "prices.csv.gz"
    )
    measured = screening.measured
    folder = save_panel(measured.panel, tmp_path / "panel")
    listings = sorted({one.listing for one in measured.mentions if one.listing})
    days = np.arange("2024-11-13", "2026-01-09", dtype="datetime64[D]")
    calls = pa.table(
        {
            "id": np.arange(len(listings) * days.size),
            "listing": np.tile(listings, days.size).tolist(),
            "published": pa.array(np.repeat(days, len(listings)), pa.date32()),
        }
    )
    known: dict[str, Any] = {"as_of": screening.as_of, "suspects": measured.suspects}
    frame = spark.createDataFrame(calls).repartition(6)
    found = score_calls_on_spark(frame, folder, STANDARD, **known)
    expected = scored_here(calls, measured.panel, **known)
    assert_same(found.toArrow(), calls, expected)
    assert expected["6m_rating"].notna().sum() > 1_000
