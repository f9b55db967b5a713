"""Panels from whole tables: every way in gives the same panel, and bad rows are named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from supplychain_screen import (
    Listing,
    PricePanel,
    panel_from_frame,
    panel_from_parquet,
)
from supplychain_screen.errors import PriceFileError
from supplychain_screen.prices.panel import building as panel_building
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.prices.panel import parquet_rows as panel_parquet
from supplychain_screen.prices.sources.files import FileSource

DAYS = pd.bdate_range("2024-01-02", "2024-03-29")
NAMES = ("XSHG:600000", "XHKG:00700", "XNAS:AAPL", "INDEX:SPX")


def long_frame(seed: int = 0) -> pd.DataFrame:
    """Closes of four rows on three calendars; one starts late, one is suspended for a while."""
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(name, day) for name in NAMES for day in DAYS], columns=["listing", "date"]
    )
    frame["close"] = chance.uniform(5, 50, len(frame)).round(2)
    frame["volume"] = 1000.0
    late = (frame["listing"] == "XHKG:00700") & (frame["date"] < "2024-02-01")
    still = (frame["listing"] == "XSHG:600000") & frame["date"].between("2024-02-20", "2024-03-01")
    frame.loc[still, ["close", "volume"]] = [
        frame.loc[
            (frame["listing"] == "XSHG:600000") & (frame["date"] == "2024-02-19"), "close"
        ].item(),
        0.0,
    ]
    return frame[~late].reset_index(drop=True)


def same(one: PricePanel, other: PricePanel) -> None:
    order = other.rows(one.listings)
    assert set(one.listings) == set(other.listings)
    assert one.first_day == other.first_day
    np.testing.assert_array_equal(one.close, other.close[order])
    np.testing.assert_array_equal(one.stamp, other.stamp[order])


@pytest.mark.parametrize("dates", ["timestamp", "date32", "string"])
@pytest.mark.parametrize("names", ["plain", "dictionary", "small dictionary"])
def test_a_parquet_file_is_the_frame_it_was_written_from(
    tmp_path: Path, dates: str, names: str
) -> None:
    frame = long_frame().sample(frac=1, random_state=1)
    wanted = panel_from_frame(frame)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    kind = {"timestamp": pa.timestamp("ns"), "date32": pa.date32(), "string": pa.string()}[dates]
    day = table["date"].cast(pa.date32()).cast(kind)
    table = table.set_column(table.schema.get_field_index("date"), "date", day)
    if names != "plain":
        place = table.schema.get_field_index("listing")
        index = pa.int8() if names == "small dictionary" else pa.int32()
        coded = table["listing"].cast(pa.dictionary(index, pa.string()))
        table = table.set_column(place, "listing", coded)
    path = tmp_path / "prices.parquet"
    # Row groups of their own dictionaries.
    pq.write_table(table, path, row_group_size=37)
    same(panel_from_parquet(path), wanted)


@pytest.mark.parametrize("at_once", [1, 2, 7, 37, 100_000])
def test_a_file_in_order_is_filled_some_listings_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    frame = long_frame().sort_values(["listing", "date"], ascending=[False, True])
    path = tmp_path / "prices.parquet"
    frame.to_parquet(path, row_group_size=50)
    wanted = panel_from_frame(frame)
    monkeypatch.setattr(panel_parquet, "_ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(panel_building, "_panel", None)  # would hold the whole file
    same(panel_from_parquet(path), wanted)


def test_faults_of_all_pieces_are_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = long_frame().sort_values(["listing", "date"])
    frame.loc[frame.index[[0, 60, 150]], "close"] = -1.0
    frame = pd.concat([frame, frame.iloc[[9, 99]]]).sort_values(["listing", "date"])
    path = tmp_path / "prices.parquet"
    frame.to_parquet(path)
    monkeypatch.setattr(panel_parquet, "_ROWS_AT_ONCE", 20)
    with pytest.raises(PriceFileError) as caught:
        panel_from_parquet(path)
    counts = sorted(problem.message for problem in caught.value.problems)
    assert [count.split(",")[0] for count in counts] == [
        "2 days with two closes",
        "3 closes that are not positive",
    ]


@pytest.mark.parametrize("column", ["listing", "date"])
def test_rows_of_a_frame_without_a_name_or_day_are_refused(column: str) -> None:
    frame = long_frame()
    frame.loc[4, column] = None
    with pytest.raises(PriceFileError, match=r"1 row has none|row 5, column date: no date"):
        panel_from_frame(frame)


def test_a_day_is_that_of_its_own_time_zone() -> None:
    frame = long_frame()
    wanted = panel_from_frame(frame)
    zoned = frame.assign(date=frame["date"].dt.tz_localize("Asia/Shanghai"))
    same(panel_from_frame(zoned), wanted)
    wide = frame.pivot_table(index="date", columns="listing", values="close")
    same(
        panel_from_frame(wide.tz_localize("Asia/Shanghai")),
        panel_from_frame(frame.drop(columns="volume")),
    )


def test_a_wide_frame_with_a_row_of_no_day_is_refused() -> None:
    wide = long_frame().pivot_table(index="date", columns="listing", values="close")
    wide.index = wide.index.where(wide.index != wide.index[3])
    with pytest.raises(PriceFileError, match="row 4, column date: no date"):
        panel_from_frame(wide)
    with pytest.raises(PriceFileError, match="not a date"):
        panel_from_frame(long_frame().assign(date="soon"))


def test_bounds_beside_the_data_and_dates_that_are_numbers_are_refused(tmp_path: Path) -> None:
    frame = long_frame()
    with pytest.raises(PriceFileError, match="no day lies between first and last; the data run"):
        panel_from_frame(frame, first=date(2025, 1, 2))
    path = tmp_path / "prices.parquet"
    frame.assign(date=frame["date"].dt.strftime("%Y%m%d").astype("int32")).to_parquet(path)
    same(panel_from_parquet(path), panel_from_frame(frame))
    frame.assign(date=7).to_parquet(path)
    with pytest.raises(PriceFileError, match="row 1, column date: not a date"):
        panel_from_parquet(path)


def test_a_suspension_is_no_session_whatever_the_way_in(tmp_path: Path) -> None:
    frame = long_frame()
    path = tmp_path / "prices.parquet"
    frame.to_parquet(path)
    panel = panel_from_parquet(path)
    with_volume = panel.sessions("XSHG:600000")
    blind = panel_from_frame(frame.drop(columns="volume")).sessions("XSHG:600000")
    # Nine sessions at one close are a suspension where no volume says so, too.
    np.testing.assert_array_equal(blind, with_volume)
    gone = np.arange(np.datetime64("2024-02-20"), np.datetime64("2024-03-02"))
    assert not np.isin(gone, with_volume).any()


def test_a_wide_frame_is_the_long_one() -> None:
    frame = long_frame().drop(columns="volume")
    wide = frame.pivot_table(index="date", columns="listing", values="close")
    same(panel_from_frame(wide), panel_from_frame(frame))


@pytest.mark.parametrize("column", ["listing", "date"])
def test_rows_of_nobody_and_of_no_day_are_refused(tmp_path: Path, column: str) -> None:
    frame = long_frame()
    frame.loc[[3, 5], column] = None
    path = tmp_path / "prices.parquet"
    frame.to_parquet(path)
    with pytest.raises(PriceFileError, match="2 rows have none") as caught:
        panel_from_parquet(path)
    assert column in str(caught.value)
    assert "prices.parquet" in str(caught.value)


def test_a_close_that_is_missing_is_no_close(tmp_path: Path) -> None:
    frame = long_frame()
    gap = frame.index[10:12]
    path = tmp_path / "prices.parquet"
    frame.assign(close=frame["close"].mask(frame.index.isin(gap))).to_parquet(path)
    same(panel_from_parquet(path), panel_from_frame(frame.drop(gap)))


def test_a_listing_without_any_close_is_in_the_panel_and_has_none(tmp_path: Path) -> None:
    frame = long_frame().assign(close=np.nan)
    path = tmp_path / "prices.parquet"
    frame.to_parquet(path)
    for panel in (panel_from_frame(frame), panel_from_parquet(path)):
        assert set(panel.listings) == set(NAMES)
        assert np.isnan(panel.close).all()
        assert panel.as_of("XNAS:AAPL", date(2024, 3, 1)) is None


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.drop(columns="close"), "missing column"),
        (lambda frame: frame.drop(columns="listing"), "not an id"),
        (lambda frame: frame.iloc[:0], "no prices"),
        (lambda frame: frame.assign(close=-1.0), "not positive"),
        (lambda frame: pd.concat([frame, frame.iloc[[7]]]), "two closes"),
        (lambda frame: frame.assign(listing="600000"), "not an id"),
        (lambda frame: frame.assign(date="soon"), "row 1, column date: not a date"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(
    tmp_path: Path, spoil: object, message: str
) -> None:
    path = tmp_path / "prices.parquet"
    spoil(long_frame()).to_parquet(path)  # type: ignore[operator]
    with pytest.raises(PriceFileError, match=message) as caught:
        panel_from_parquet(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    path = tmp_path / "prices.parquet"
    path.write_text("listing,date,close\n")
    with pytest.raises(PriceFileError, match="cannot be read as Parquet"):
        panel_from_parquet(path)
    with pytest.raises(PriceFileError, match="cannot be read as Parquet"):
        panel_from_parquet(tmp_path / "nobody.parquet")


def traded(**columns: object) -> pd.DataFrame:
    """As the store gives prices back: 10 yuan, then 4 new shares for 10 on a day without a row."""
    days = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"])
    told: dict[str, object] = {
        "listing": "XSHG:600000",
        "session": days,
        "close": [10.5, 10.64, np.nan, 7.5],
        "volume": [100.0, 100.0, np.nan, 140.0],
        "split": [np.nan, np.nan, 1.4, np.nan],
        "adjustment": "none",
    }
    other = {
        **told,
        "listing": "XHKG:00700",
        "close": [300.0, 301.0, 302.0, 303.0],
        "split": np.nan,
    }
    return pd.concat([pd.DataFrame({**told, **columns}), pd.DataFrame({**other, **columns})])


def test_closes_said_to_be_traded_are_adjusted_by_the_splits_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    traded().to_parquet(path, index=False)
    said = traded().drop(columns="adjustment")
    unstated = tmp_path / "u.parquet"
    said.to_parquet(unstated, index=False)
    for panel in (
        panel_from_frame(traded()),
        panel_from_parquet(path),
        panel_from_frame(said, adjustment="none"),
        panel_from_parquet(unstated, adjustment="none"),
    ):
        read = [panel.as_of("XSHG:600000", date(2024, 1, day)) for day in (2, 3, 5)]
        assert [one[0] for one in read if one] == pytest.approx([7.5, 7.6, 7.5])
        assert panel.provenance[0].adjustment == "splits"
        last = panel.as_of("XHKG:00700", date(2024, 1, 2))
        assert last is not None
        assert last[0] == 300.0


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (traded().drop(columns="split"), "traded closes without their split events"),
        (traded(split=-1.4), "no ratio of a split"),
        (traded(split="4:10"), "no ratio of a split"),
    ],
)
def test_traded_closes_without_splits_make_no_panel(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(PriceFileError, match=words):
        panel_from_frame(frame)
    with pytest.raises(PriceFileError, match=words):
        panel_from_frame(frame.drop(columns="adjustment"), adjustment="none")


def test_plain_columns_state_no_splits_and_cannot_be_as_traded() -> None:
    day = np.array(["2025-01-02"], "datetime64[D]")
    with pytest.raises(PriceFileError, match="traded closes without their split events"):
        panel_from_columns(["XSHG:600000"], np.array([0]), day, np.array([1.0]), adjustment="none")


@pytest.mark.parametrize("form", ["frame", "csv", "parquet"])
def test_a_table_of_traded_closes_and_others_is_refused(tmp_path: Path, form: str) -> None:
    adjusted = pd.concat([traded(adjustment="splits")] * 3, ignore_index=True)
    adjusted["session"] -= pd.to_timedelta(adjusted.index, unit="D")
    frame = pd.concat([adjusted, traded()], ignore_index=True)
    path = tmp_path / f"p.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
    elif form == "parquet":
        frame.to_parquet(path, index=False)
    source = FileSource(frame if form == "frame" else path)
    bank = Listing(mic="XSHG", code="600000", currency="CNY")
    with pytest.raises(PriceFileError, match="traded closes and others in one table"):
        source.load([bank], date(2024, 1, 1), date(2024, 1, 31), "price")
    if form != "csv":
        with pytest.raises(PriceFileError, match="traded closes and others in one table"):
            panel_from_frame(frame) if form == "frame" else panel_from_parquet(path)


def test_a_csv_that_says_none_is_one_of_traded_closes(tmp_path: Path) -> None:
    traded().to_csv(tmp_path / "p.csv", index=False)
    bank = Listing(mic="XSHG", code="600000", currency="CNY")
    read = FileSource(tmp_path / "p.csv").load([bank], date(2024, 1, 1), date(2024, 1, 31), "price")
    assert read.series[bank.id].close[[0, -1]].tolist() == pytest.approx([7.5, 7.5])
