"""PriceStore: what was written is read back, as it was known, in the asked basis."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.price_histories import BYD, CSI300, ESPRESSIF, GOODIX, history

from supplychain_screen import PriceSeries, load_report, open_prices
from supplychain_screen.errors import (
    BasisNotServedError,
    InputError,
    OutputError,
    PriceFileError,
    StoreError,
    SymbolNotFoundError,
)
from supplychain_screen.prices import PriceSource
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.prices.store import upkeep as store_upkeep
from supplychain_screen.prices.store.acceptance import Decision
from supplychain_screen.prices.store.parquet_files import write_file

WHOLE = (date(2025, 1, 1), date(2025, 12, 31))
TRADED = {"2025-06-02": 189.0, "2025-06-03": 196.0, "2025-06-04": 138.0, "2025-06-05": 139.0}
BONUS = [("2025-06-04", 1.4)]
ALL = (BYD, CSI300, ESPRESSIF, GOODIX)


@pytest.fixture
def store(tmp_path: Path) -> PriceStore:
    return PriceStore(tmp_path / "prices")


def add(store: PriceStore, *answers: FetchedHistory) -> tuple[Decision, ...]:
    return store.add(answers, ALL)


def one(store: PriceStore, basis: str = "price", span: tuple[date, date] = WHOLE) -> PriceSeries:
    loaded = store.load([ESPRESSIF], *span, basis)  # type: ignore[arg-type]
    assert not loaded.failures
    return loaded.series[ESPRESSIF.id]


def test_an_empty_store_fails_each_listing_and_leaves_nothing_on_disk(store: PriceStore) -> None:
    loaded = store.load([ESPRESSIF, BYD], *WHOLE, "price")
    assert set(loaded.failures) == {ESPRESSIF.id, BYD.id}
    assert isinstance(loaded.failures[BYD.id], SymbolNotFoundError)
    assert "prices update" in str(loaded.failures[BYD.id])
    assert len(store.status()) == 0
    assert store.check().problems == ()
    assert not Path(store.location).exists()
    assert isinstance(store, PriceSource)


def test_price_basis_by_hand(store: PriceStore) -> None:
    add(store, history(TRADED, splits=BONUS))
    series = one(store)
    assert series.close == pytest.approx([135.0, 140.0, 138.0, 139.0], rel=1e-15)
    assert series.sessions.astype(str).tolist() == list(TRADED)
    assert (series.adjustment, series.source, series.symbol) == ("splits", "yahoo", "688018.SS")
    assert series.fetched_at == datetime(2025, 6, 30, 8, tzinfo=UTC)
    assert not series.close.flags.writeable


def test_a_frame_gives_the_traded_prices_back_and_is_read_as_they_are(store: PriceStore) -> None:
    with pytest.raises(StoreError, match="no price history"):
        store.frame()
    add(store, history(TRADED, splits=BONUS))
    frame = store.frame([ESPRESSIF.id])
    assert frame["close"].tolist() == list(TRADED.values())
    assert frame["split"].dropna().tolist() == [1.4]
    # and, read like any table of its user's, serves the same closes
    read = FileSource(frame).load([ESPRESSIF], *WHOLE, "price").series[ESPRESSIF.id]
    assert read.close == pytest.approx(one(store).close, rel=1e-15)
    assert read.adjustment == "splits"


def test_total_basis_by_hand(store: PriceStore) -> None:
    """A dividend of 0.7 a share ex 2025-06-05: earlier closes times 1 - 0.7/138."""
    add(store, history(TRADED, splits=BONUS, dividends=[("2025-06-05", 0.7)]))
    factor = 1 - 0.7 / 138
    assert one(store, "total").close == pytest.approx(
        [135.0 * factor, 140.0 * factor, 138.0 * factor, 139.0], rel=1e-15
    )
    assert one(store, "total").adjustment == "splits+dividends"


def test_a_series_carries_its_events_and_currency(store: PriceStore) -> None:
    add(store, history(TRADED, splits=BONUS, dividends=[("2025-06-03", 0.7)]))
    for basis in ("price", "total"):
        series = one(store, basis)
        assert series.splits is not None
        assert series.dividends is not None
        assert series.splits.sessions.astype(str).tolist() == ["2025-06-04"]
        assert series.splits.values.tolist() == [1.4]
        # cash for a share as it was traded, before the bonus issue
        assert series.dividends.values.tolist() == [0.7]
        assert series.currency == "CNY"
    before = one(store, span=(date(2025, 1, 1), date(2025, 6, 3)))
    assert before.splits is not None
    assert len(before.splits) == 0


def test_closes_that_came_adjusted_came_without_events(store: PriceStore) -> None:
    add(store, history(TRADED, adjustment="splits"))
    assert (one(store).splits, one(store).dividends) == (None, None)


def test_a_dividend_before_a_split_is_counted_in_old_shares(store: PriceStore) -> None:
    """1.4 for an old share, ex 2025-06-03, is 1.0 for a new one: 1 - 1/135 on 2025-06-02."""
    add(store, history(TRADED, splits=BONUS, dividends=[("2025-06-03", 1.4)]))
    assert one(store, "total").close[:2] == pytest.approx([135.0 * (1 - 1 / 135), 140.0])


def test_events_after_the_last_day_change_nothing(store: PriceStore) -> None:
    span = (WHOLE[0], date(2025, 6, 3))
    add(store, history({k: TRADED[k] for k in list(TRADED)[:2]}))
    before = one(store, span=span)
    add(store, history(TRADED, splits=BONUS, dividends=[("2025-06-05", 0.7)]))
    after = one(store, span=span)
    assert before.close.tolist() == after.close.tolist() == [189.0, 196.0]


def test_a_second_update_writes_only_what_is_new(store: PriceStore) -> None:
    add(store, history({k: TRADED[k] for k in list(TRADED)[:3]}))
    add(store, history(TRADED, at="2025-07-01T08:00"))
    add(store, history(TRADED, at="2025-07-02T08:00"))
    assert store.check().bars == 4
    assert one(store).fetched_at == datetime(2025, 7, 2, 8, tzinfo=UTC)


def test_a_revision_stands_beside_the_old_value(store: PriceStore) -> None:
    add(store, history(TRADED, at="2025-06-05T08:00"))
    add(store, history(TRADED | {"2025-06-03": 196.01}, at="2025-06-06T08:00"))
    assert one(store).close[1] == 196.01
    old = store.as_known(datetime(2025, 6, 5, 8, tzinfo=UTC))
    assert one(old).close[1] == 196.0
    assert one(store.as_known(date(2025, 6, 5))).close[1] == 196.0
    assert one(store.as_known(date(2025, 6, 6))).close[1] == 196.01
    assert store.as_known(date(2025, 6, 4)).load([ESPRESSIF], *WHOLE, "price").failures
    assert store.check().bars == 5


@pytest.mark.parametrize("full", [False, True])
def test_compaction_keeps_every_revision(store: PriceStore, full: bool) -> None:
    now = datetime(2025, 7, 1, tzinfo=UTC)
    add(store, history(TRADED, at="2025-06-05T08:00"))
    store.compact(now, full=full)
    add(store, history(TRADED | {"2025-06-03": 196.01}, at="2025-06-06T08:00"))
    store.compact(now, full=full)
    add(store, history(TRADED | {"2025-06-03": 196.02}, splits=BONUS, at="2025-06-07T08:00"))
    store.compact(now, full=full)
    fresh = PriceStore(store.location)
    for day, close in ((5, 196.0), (6, 196.01), (7, 196.02 / 1.4)):
        assert one(fresh.as_known(date(2025, 6, day))).close[1] == pytest.approx(close, rel=1e-15)
    assert fresh.check() == store.check()
    assert (fresh.check().bars, fresh.check().events, fresh.check().orphans) == (6, 1, 0)


def test_an_answer_fetched_earlier_and_stored_later_does_not_win(store: PriceStore) -> None:
    add(store, history(TRADED, at="2025-06-06T08:00"))
    add(store, history(TRADED | {"2025-06-03": 196.01}, at="2025-06-05T08:00"))
    assert one(store).close[1] == 196.0


def test_of_two_answers_of_one_moment_the_one_stored_later_counts(store: PriceStore) -> None:
    for number in range(1, 12):
        add(store, history(TRADED | {"2025-06-03": 196.0 + number / 1000}))
        assert one(store).close[1] == 196.0 + number / 1000


def test_a_quarantined_answer_leaves_its_reason_and_the_old_series(store: PriceStore) -> None:
    add(store, history(TRADED))
    (decision,) = add(store, history(TRADED | {"2025-06-03": 190.0}, at="2025-07-01T08:00"))
    assert decision.outcome == "quarantined"
    assert one(store).close[1] == 196.0
    (row,) = store.status().to_dict("records")
    assert (row["outcome"], row["reason"]) == ("quarantined", "overlap_changed")
    assert row["fetched_at"] == datetime(2025, 6, 30, 8, tzinfo=UTC)
    assert row["asked_at"] == datetime(2025, 7, 1, 8, tzinfo=UTC)
    accepted = store.add(
        [history(TRADED | {"2025-06-03": 190.0}, at="2025-07-02T08:00")],
        ALL,
        accept_restated={ESPRESSIF.id},
    )
    assert accepted[0].reason == "restated"
    assert one(store).close[1] == 190.0
    assert one(store.as_known(date(2025, 7, 1))).close[1] == 196.0


def test_sources_are_never_spliced(store: PriceStore) -> None:
    akshare = TRADED | {"2025-06-06": 141.0}
    add(store, history(akshare, source="akshare", splits=BONUS))
    add(store, history({k: v + 1 for k, v in TRADED.items()}))
    served = one(store)
    assert served.source == "yahoo"
    assert served.close.tolist() == [v + 1 for v in TRADED.values()]
    other = PriceStore(store.location, preference=("akshare", "yahoo"))
    assert one(other).source == "akshare"
    assert one(other).close == pytest.approx([135.0, 140.0, 138.0, 139.0, 141.0])


def test_a_source_that_ends_early_is_passed_over_and_said_so(store: PriceStore) -> None:
    add(store, history(TRADED, of=CSI300))
    add(store, history(TRADED | {"2025-06-16": 150.0}, of=CSI300, source="akshare"))
    loaded = store.load([CSI300], *WHOLE, "price")
    assert loaded.series[CSI300.id].source == "akshare"
    (finding,) = loaded.findings
    assert (finding.code, finding.action) == ("source_substituted", "substituted")
    # where the asked days end with the first one's, nothing is missing there
    assert (
        store.load([CSI300], WHOLE[0], date(2025, 6, 10), "price").series[CSI300.id].source
        == "yahoo"
    )


def test_closes_kept_as_given_serve_the_basis_they_state(store: PriceStore) -> None:
    add(store, history(TRADED, adjustment="splits"))
    assert one(store).adjustment == "splits"
    failure = store.load([ESPRESSIF], *WHOLE, "total").failures[ESPRESSIF.id]
    assert isinstance(failure, BasisNotServedError)
    add(store, history(TRADED, of=BYD, adjustment="splits+dividends"))
    loaded = store.load([BYD], *WHOLE, "price")
    assert loaded.series[BYD.id].adjustment == "splits+dividends"
    assert [finding.code for finding in loaded.findings] == ["basis_substituted"]


def test_simulated_prices_have_a_store_of_their_own(store: PriceStore) -> None:
    assert not store.simulated
    add(store, history(TRADED, simulated=True))
    assert store.simulated
    with pytest.raises(StoreError, match="store of their own"):
        add(store, history(TRADED, of=BYD))
    assert store.load([BYD], *WHOLE, "price").failures


def test_a_store_as_known_on_a_date_cannot_be_written(store: PriceStore) -> None:
    with pytest.raises(StoreError, match="without as_known_on"):
        add(store.as_known(date(2025, 6, 1)), history(TRADED))
    with pytest.raises(InputError, match="time zone"):
        store.as_known(datetime(2025, 6, 1))  # noqa: DTZ001


def test_many_listings_in_one_batch(store: PriceStore) -> None:
    add(
        store,
        history(TRADED),
        history(TRADED, of=GOODIX),
        history({"2025-06-02": 4000.0}, of=CSI300),
    )
    loaded = store.load(ALL, *WHOLE, "price")
    assert set(loaded.series) == {ESPRESSIF.id, GOODIX.id, CSI300.id}
    assert set(loaded.failures) == {BYD.id}
    with pytest.raises(ValueError, match="one answer a listing"):
        add(store, history(TRADED), history(TRADED))


def test_unknown_volume_is_read_as_unknown(store: PriceStore) -> None:
    add(store, history(TRADED, volume=[1.0, float("nan"), 0.0, 2.0]))
    volume = one(store).volume
    assert np.isnan(volume[1])
    assert volume[[0, 2, 3]].tolist() == [1.0, 0.0, 2.0]


def test_open_prices_finds_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_prices(tmp_path).location == str(tmp_path)
    assert Path(open_prices().location).parts[-2:] == ("supplychain-screen", "prices")
    assert os.environ["XDG_DATA_HOME"] in open_prices().location
    monkeypatch.setenv("SUPPLYCHAIN_SCREEN_STORE", str(tmp_path / "moved"))
    assert open_prices().location == str(tmp_path / "moved")
    assert open_prices(tmp_path).location == str(tmp_path)


def test_an_address_is_handed_to_deltalake(tmp_path: Path) -> None:
    store = PriceStore((tmp_path / "prices").as_uri())
    add(store, history(TRADED, splits=BONUS))
    store.compact(datetime(2025, 7, 1, tzinfo=UTC))
    assert one(store).close == pytest.approx([135.0, 140.0, 138.0, 139.0])
    assert one(PriceStore(tmp_path / "prices")).close.tolist() == one(store).close.tolist()
    with pytest.raises(StoreError, match="nowhere"):
        PriceStore("nowhere://bucket/prices").status()


# Export and import


def test_an_exported_row_with_more_cells_than_the_header_is_refused(
    store: PriceStore, tmp_path: Path
) -> None:
    add(store, history({"2025-05-30": 189.0, "2025-06-03": 196.0}))
    store.export(tmp_path / "p.csv")
    head, first, *others = (tmp_path / "p.csv").read_text().splitlines()
    (tmp_path / "p.csv").write_text("\n".join([head, f"{first},,7", *others]) + "\n")
    other = PriceStore(tmp_path / "other")
    with pytest.raises(PriceFileError, match="more cells than its header names"):
        other.import_file(tmp_path / "p.csv", ALL, now=datetime(2025, 8, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz", "p.parquet"])
def test_what_is_exported_can_be_imported(store: PriceStore, tmp_path: Path, name: str) -> None:
    closes = {"2025-05-30": 189.0, "2025-06-03": 196.1234567890123, "2025-06-04": 138.0}
    answer = history(
        closes, splits=BONUS, dividends=[("2025-06-02", 0.3)], volume=[1.0, float("nan"), 0.0]
    )
    add(store, answer, history({"2025-05-30": 42.5}, of=BYD))
    store.export(tmp_path / name)
    other = PriceStore(tmp_path / "other")
    decisions = other.import_file(tmp_path / name, ALL, now=datetime(2025, 8, 1, tzinfo=UTC))
    assert [decision.outcome for decision in decisions] == ["accepted", "accepted"]
    for basis in ("price", "total"):
        before, after = one(store, basis), one(other, basis)
        assert before.close.tolist() == after.close.tolist()
        assert before.sessions.tolist() == after.sessions.tolist()
        assert np.array_equal(before.volume, after.volume, equal_nan=True)
        assert (before.source, before.fetched_at) == (after.source, after.fetched_at)


def exported(store: PriceStore, tmp_path: Path) -> list[str]:
    days = ["2025-05-29", "2025-05-30", "2025-06-03", "2025-06-04", "2025-06-05"]
    closes = dict(zip(days, [188.0, 189.0, 196.0, 138.0, 139.0], strict=True))
    add(store, history(closes, splits=BONUS))
    store.export(tmp_path / "p.csv")
    return (tmp_path / "p.csv").read_text().splitlines()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda rows: [*rows, rows[-1]], "row 7, column session: .* second row for 2025-06-05"),
        (
            lambda rows: [*rows[:3], *rows[4:]],
            "p.csv: XSHG:688018, missing sess.*lost.*--allow-gaps",
        ),
        (lambda rows: [*rows[:2], rows[2].replace(",none,", ",splits,"), *rows[3:]], "mixes adj"),
        (lambda rows: [row.replace("1.4", "") for row in rows], "adjusted for splits throughout"),
        (
            lambda rows: [row.replace("196.0", "140.0") for row in rows],
            "adjusted for splits throughout",
        ),
        (lambda rows: [row.replace("196.0", "-196.0") for row in rows], "correct the rows"),
        (lambda rows: [row.replace("196.0", "high") for row in rows], "row 4, column close"),
        (lambda rows: [row.replace("2025-06-03", "June 3") for row in rows], "row 4, column ses"),
        (lambda rows: [row.replace(",none,", ",nome,") for row in rows], "unknown adjustment"),
        (lambda rows: [row.replace("XSHG:688018", "XSHG:688019") for row in rows], "none of the"),
        (lambda rows: [row.replace(",CNY,", ",HKD,") for row in rows], "currency"),
        (lambda rows: [row.replace("2025-06-30T", "sometime") for row in rows], "not a moment"),
    ],
    ids=[
        "duplicate",
        "gap",
        "two adjustments",
        "event missing",
        "half adjusted",
        "negative",
        "no number",
        "no date",
        "unknown adjustment",
        "strangers",
        "currency",
        "no moment",
    ],
)
def test_a_bad_import_names_its_fault_and_changes_nothing(
    store: PriceStore, tmp_path: Path, damage: object, words: str
) -> None:
    rows = damage(exported(store, tmp_path))  # type: ignore[operator]
    (tmp_path / "p.csv").write_text("\n".join(rows) + "\n")
    before = store.check()
    with pytest.raises(PriceFileError, match=words):
        store.import_file(tmp_path / "p.csv", ALL, now=datetime(2025, 8, 1, tzinfo=UTC))
    assert store.check() == before


def test_an_adjusted_file_keeps_the_splits_that_it_states(
    store: PriceStore, tmp_path: Path
) -> None:
    file = tmp_path / "closes.csv"
    now = datetime(2025, 8, 1, tzinfo=UTC)
    rows = "688018.SS,2025-06-03,98.5,0\n688018.SS,2025-06-04,99,1.4\n"
    file.write_text(f"symbol,date,close,stock_splits\n{rows}")
    store.import_file(file, ALL, now=now, adjustment="splits")
    served = one(store)
    assert served.splits is not None
    assert served.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert (served.splits.values.tolist(), served.close.tolist()) == ([1.4], [98.5, 99.0])
    # a later file need not state them again
    rows += "688018.SS,2025-06-05,99.5,0\n"
    file.write_text(f"symbol,date,close\n{rows}".replace(",0\n", "\n").replace(",1.4\n", "\n"))
    (again, *_) = store.import_file(file, ALL, now=now, adjustment="splits")
    assert again.accepted
    served = one(store)
    assert served.splits is not None
    assert served.close.tolist() == [98.5, 99.0, 99.5]


def test_any_file_of_closes_can_be_imported(store: PriceStore, tmp_path: Path) -> None:
    file = tmp_path / "closes.csv"
    file.write_text("symbol,date,close\n688018.SS,2025-06-04,138\n688018.SS,2025-06-05,139\n")
    now = datetime(2025, 8, 1, tzinfo=UTC)
    with pytest.raises(PriceFileError, match="traded closes without their split events"):
        store.import_file(file, ALL, now=now, adjustment="none")
    store.import_file(file, ALL, now=now, adjustment="splits")
    series = one(store)
    assert (series.source, series.adjustment) == ("file closes.csv", "splits")
    file.write_text("symbol,date,close\n688018.SS,2025-06-04,138\n688018.SS,2025-06-06,139\n")
    with pytest.raises(
        PriceFileError, match=r"allow_gaps=True; .* allow_gaps = true under \[prices\]"
    ):
        store.import_file(file, ALL, now=now, source="other")
    store.import_file(file, ALL, now=now, source="other", allow_gaps=True)
    file.write_text("symbol,date,close\n688018.SS,2025-06-04,138\n688018.SS,2025-06-04,138\n")
    with pytest.raises(PriceFileError):
        store.import_file(file, ALL, now=now, source="third")
    assert set(store.status()["source"]) == {"file closes.csv", "other"}


@pytest.mark.parametrize(
    ("symbols", "days", "remedy"),
    [
        (["688018.SS"], 1, "XSHG:688018, missing sessions: .*most likely its source lost them"),
        (["688018.SS"], 3, "XSHG:688018, missing sessions: .*where it was suspended"),
        (["688018.SS", "603893.SS"], 4, "XSHG:603893, XSHG:688018, missing .*source lost them"),
        (["000300.SS"], 4, "INDEX:CSI300, benchmark gap: .*source lost them"),
    ],
)
def test_the_remedy_of_a_hole_fits_its_cause(
    store: PriceStore, tmp_path: Path, symbols: list[str], days: int, remedy: str
) -> None:
    names = ("688018.SS", "603893.SS", "688099.SS", "000300.SS")
    listings = load_report().instruments
    every = pd.bdate_range("2025-06-09", "2025-06-27")
    rows = [
        (symbol, day.date().isoformat(), 100 + 0.1 * at)
        for symbol in names
        for at, day in enumerate(every)
        if not (symbol in symbols and 5 <= at < 5 + days)
    ]
    file = tmp_path / "closes.csv"
    pd.DataFrame(rows, columns=["symbol", "date", "close"]).to_csv(file, index=False)
    now = datetime(2025, 8, 1, tzinfo=UTC)
    with pytest.raises(PriceFileError, match=remedy) as found:
        store.import_file(file, listings, now=now, adjustment="splits")
    assert len(str(found.value).splitlines()) == 1
    taken = store.import_file(file, listings, now=now, adjustment="splits", allow_gaps=True)
    assert len(taken) == len(names)


def test_a_file_in_another_currency_is_not_imported(store: PriceStore, tmp_path: Path) -> None:
    file = tmp_path / "closes.csv"
    rows = (
        "symbol,date,close,currency\n688018.SS,2025-06-04,138,{0}\n688018.SS,2025-06-05,139,{0}\n"
    )
    now = datetime(2025, 8, 1, tzinfo=UTC)
    file.write_text(rows.format("USD"))
    with pytest.raises(PriceFileError, match="closes in USD, the listing trades in CNY"):
        store.import_file(file, ALL, now=now, adjustment="splits")
    file.write_text(rows.format("CNY"))
    store.import_file(file, ALL, now=now, adjustment="splits")
    assert one(store).currency == "CNY"


def test_export_says_what_it_cannot(store: PriceStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="prices update"):
        store.export(tmp_path / "p.csv")
    add(store, history(TRADED))
    with pytest.raises(OutputError, match=r"\.parquet"):
        store.export(tmp_path / "p.xlsx")
    with pytest.raises(OutputError, match="another folder"):
        store.export(tmp_path / "missing" / "p.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prices"]


def test_of_two_compactions_at_once_one_gives_way(
    store: PriceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2025, 7, 1, tzinfo=UTC)
    for number in range(3):
        add(store, history(TRADED | {"2025-06-03": 196.0 + number / 1000}))
    other = PriceStore(store.location)
    write = write_file

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(store_upkeep, "write_file", write)
        written = write(*args, **kwargs)
        assert other.compact(now)
        return written

    monkeypatch.setattr(store_upkeep, "write_file", overtaken)
    assert not store.compact(now)
    assert store.check().problems == ()
    assert store.check().bars == 4 + 2
    # the loser's file is gone
    files = list(Path(store.location, "bars").glob("packed-*"))
    assert len(files) == 1


def test_compaction_while_others_write_loses_nothing(
    store: PriceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, history(TRADED))
    write = write_file

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(store_upkeep, "write_file", write)
        written = write(*args, **kwargs)
        add(PriceStore(store.location), history(TRADED, of=GOODIX))
        return written

    monkeypatch.setattr(store_upkeep, "write_file", meanwhile)
    assert store.compact(datetime(2025, 7, 1, tzinfo=UTC))
    assert set(store.load(ALL, *WHOLE, "price").series) == {ESPRESSIF.id, GOODIX.id}
    assert store.check().problems == ()


def test_rows_without_a_verdict_are_ignored_and_go_after_a_week(
    store: PriceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, history(TRADED))

    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("supplychain_screen.prices.store.adding._committed", killed)
        with pytest.raises(KeyboardInterrupt):
            add(store, history({"2025-06-05": 1.0}, of=BYD))
    assert BYD.id in store.load([BYD], *WHOLE, "price").failures
    assert store.check().orphans == 1
    written = Path(store.location, "bars")
    young = datetime.fromtimestamp(written.stat().st_mtime, UTC)
    store.compact(young + timedelta(days=6), full=True)
    assert store.check().orphans == 1
    store.compact(young + timedelta(days=8), full=True)
    assert store.check().orphans == 0
    assert one(store).close[0] == 189.0
