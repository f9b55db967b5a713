"""update(): asks only for what can change, stores each answer as it arrives, says what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.price_histories import BYD, CSI300, ESPRESSIF, GOODIX, ScriptedSource, history, moment

from supplychain_screen import Listing
from supplychain_screen.errors import (
    InputError,
    RateLimitedError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import HistorySource
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.store import ListingUpdate, PriceStore, UpdateReport, update

# Friday 2025-06-06, two hours after Shanghai's close at 07:00 UTC
NOW = moment("2025-06-06T09:00")
FIRST = date(2025, 5, 26)
ALL = (ESPRESSIF, GOODIX, CSI300)


@pytest.fixture
def store(tmp_path: Path) -> PriceStore:
    return PriceStore(tmp_path / "prices")


def whole(of: Instrument, last: str = "2025-06-06", *, missing: str = "") -> FetchedHistory:
    days = exchange_sessions(of.calendar, FIRST, date.fromisoformat(last)).astype(str).tolist()
    closes = {day: 100.0 + number for number, day in enumerate(days) if day != missing}
    return history(closes, of=of, at=f"{last}T09:00", first=FIRST.isoformat())


def answers(last: str = "2025-06-06") -> dict[str, FetchedHistory | SourceError]:
    return {one.id: whole(one, last) for one in ALL}


def run(
    store: PriceStore, source: HistorySource, now: datetime = NOW, **options: object
) -> UpdateReport:
    instruments: Sequence[Instrument] = options.pop("instruments", ALL)  # type: ignore[assignment]
    return update(store, instruments, source, now=now, first=FIRST, **options)  # type: ignore[arg-type]


def outcomes(report: UpdateReport) -> dict[str, tuple[str, str]]:
    return {row.listing: (row.outcome, row.reason) for row in report.rows}


def test_all_is_asked_once_and_never_again_before_the_next_close(store: PriceStore) -> None:
    source = ScriptedSource(answers())
    report = run(store, source)
    assert report.outcome == "complete"
    assert report.requests == 3
    assert [row.new_sessions for row in report.rows] == [9, 9, 9]
    assert [row.last_session for row in report.rows] == [date(2025, 6, 6)] * 3
    # Sunday night, and Monday one second before the close: nothing can have changed
    for later in (NOW, moment("2025-06-08T23:00"), moment("2025-06-09T06:59")):
        again = run(store, source, later)
        assert again.outcome == "complete"
        assert again.requests == 0
        assert {row.outcome for row in again.rows} == {"current"}
    assert len(source.asked) == 3
    source.answers = answers("2025-06-09")
    monday = run(store, source, moment("2025-06-09T07:00"))
    assert [row.new_sessions for row in monday.rows] == [1, 1, 1]


def test_an_earlier_first_day_is_asked_for_once(store: PriceStore) -> None:
    source = ScriptedSource(answers())
    run(store, source)
    earlier = FIRST - timedelta(days=7)
    source.answers = {
        one.id: history(
            {"2025-05-20": 99.0}
            | dict(zip(whole(one).sessions.astype(str), whole(one).close, strict=True)),
            of=one,
            first=earlier.isoformat(),
        )
        for one in ALL
    }
    report = update(store, ALL, source, now=NOW, first=earlier)
    assert {since for _, since in source.asked[3:]} == {earlier}
    assert [row.new_sessions for row in report.rows] == [1, 1, 1]
    assert update(store, ALL, source, now=NOW, first=earlier).requests == 0
    # later days ask back to the earliest day ever asked, for the overlap
    source.answers = {}
    with pytest.raises(KeyError):
        run(store, source, moment("2025-06-09T09:00"))
    assert source.asked[-1][1] == earlier


def test_without_a_first_day_whole_years_are_asked_for(store: PriceStore) -> None:
    source = ScriptedSource({BYD.id: history({"2025-06-06": 40.0}, of=BYD, first="2019-01-01")})
    assert update(store, [BYD], source, now=NOW).outcome == "complete"
    assert source.asked == [(BYD.id, date(2019, 1, 1))]
    assert update(store, [BYD], source, now=NOW).requests == 0


def test_one_that_fails_is_a_row_and_the_others_are_stored(store: PriceStore) -> None:
    fault = SourceUnreachableError("timed out", source="yahoo", symbol="603160.SS", attempts=3)
    source = ScriptedSource(answers() | {GOODIX.id: fault})
    report = run(store, source)
    assert report.outcome == "partial"
    assert outcomes(report) == {
        ESPRESSIF.id: ("accepted", ""),
        GOODIX.id: ("failed", "source_unreachable"),
        CSI300.id: ("accepted", ""),
    }
    assert report.requests == 5
    assert report.rows[1].error is fault
    source.answers = answers()
    assert run(store, source).outcome == "complete"
    assert source.asked[3:] == [(GOODIX.id, FIRST)]
    failed = store.status().query("source == 'yahoo'").set_index("listing").loc[GOODIX.id]
    assert failed["outcome"] == "accepted"


def test_a_symbol_nobody_knows_is_asked_again_after_the_next_close(store: PriceStore) -> None:
    fault = SymbolNotFoundError("no data found", source="yahoo", symbol="603160.SS")
    source = ScriptedSource(answers() | {GOODIX.id: fault})
    run(store, source)
    again = run(store, source, moment("2025-06-09T06:59"))
    assert outcomes(again)[GOODIX.id] == ("failed", "symbol_not_found")
    assert "asked again after the next session" in again.rows[1].detail
    assert again.requests == 0
    source.answers = answers("2025-06-09")
    assert run(store, source, moment("2025-06-09T07:00")).outcome == "complete"


def test_what_was_not_asked_is_skipped_and_the_time_to_come_back_said(store: PriceStore) -> None:
    until = moment("2025-06-06T10:00")

    def limited(attempts: int) -> RateLimitedError:
        return RateLimitedError("slow", source="yahoo", attempts=attempts, retry_after=until)

    source = ScriptedSource(answers() | {GOODIX.id: limited(1), CSI300.id: limited(0)})
    report = run(store, source)
    assert outcomes(report)[GOODIX.id] == ("failed", "rate_limited")
    assert outcomes(report)[CSI300.id] == ("skipped", "rate_limited")
    assert report.retry_after == until
    assert set(store.status()["listing"]) == {ESPRESSIF.id, GOODIX.id}
    # a benchmark without prices: its market cannot be rated
    assert report.degraded


def test_nothing(store: PriceStore) -> None:
    fault = SourceUnreachableError("no network", source="yahoo")
    report = run(store, ScriptedSource(dict.fromkeys([one.id for one in ALL], fault)))
    assert report.outcome == "nothing"


def test_a_quarantined_answer_is_a_row_with_its_reason(store: PriceStore) -> None:
    source = ScriptedSource(answers())
    run(store, source)
    bad = history({"2025-06-09": 50.0}, of=GOODIX, at="2025-06-09T09:00", first=FIRST.isoformat())
    source.answers = answers("2025-06-09") | {GOODIX.id: bad}
    report = run(store, source, moment("2025-06-09T09:00"))
    row = report.rows[1]
    assert (row.outcome, row.reason) == ("quarantined", "sessions_lost")
    assert row.last_session == date(2025, 6, 6)
    assert report.outcome == "partial"
    restated = run(store, source, moment("2025-06-09T09:30"), accept_restated=[GOODIX.id])
    assert outcomes(restated)[GOODIX.id] == ("accepted", "restated")
    assert restated.requests == 1


def test_fallbacks_serve_whole_series(store: PriceStore) -> None:
    fault = SourceUnreachableError("timed out", source="yahoo", attempts=3)
    yahoo = ScriptedSource(answers() | {GOODIX.id: fault})
    akshare = ScriptedSource(
        {GOODIX.id: history({"2025-06-06": 70.0}, of=GOODIX, source="akshare")}, name="akshare"
    )
    report = run(store, yahoo, fallbacks=[akshare])
    assert [row.source for row in report.rows] == ["yahoo", "akshare", "yahoo"]
    assert report.rows[1].attempts == 4
    assert report.outcome == "complete"
    assert akshare.asked == [(GOODIX.id, FIRST)]
    # the fallback fails too: the first source's reason is the one that is told
    other = PriceStore(store.location + "-2")
    akshare.answers = {GOODIX.id: SymbolNotFoundError("unknown", source="akshare")}
    report = run(other, yahoo, fallbacks=[akshare])
    assert report.rows[1].source == "yahoo"


@pytest.mark.parametrize(("gapped", "degraded"), [(GOODIX, False), (CSI300, True)])
def test_one_that_lacks_a_session_of_its_market_is_gapped(
    store: PriceStore, gapped: Instrument, degraded: bool
) -> None:
    midea = Listing(mic="XSHE", code="000333", currency="CNY")
    others = (*ALL, midea)
    given = {one.id: whole(one, missing="2025-06-04" if one == gapped else "") for one in others}
    report = run(store, ScriptedSource(given), instruments=others)
    (finding,) = report.findings
    assert (finding.code, finding.listing) == ("gapped", gapped.id)
    assert finding.first == finding.last == date(2025, 6, 4)
    assert report.degraded is degraded
    assert report.outcome == ("partial" if degraded else "complete")


def test_a_benchmark_that_stops_early_is_gapped_and_asked_again(store: PriceStore) -> None:
    source = ScriptedSource(answers() | {CSI300.id: whole(CSI300, "2025-06-03")})
    report = run(store, source)
    assert report.degraded
    assert report.findings[0].last == date(2025, 6, 6)
    source.answers = answers()
    assert run(store, source).outcome == "complete"
    assert source.asked[3:] == [(CSI300.id, FIRST)]


def test_one_that_is_not_listed_yet_or_no_more_is_not_asked_for_more(store: PriceStore) -> None:
    young = GOODIX.model_copy(update={"first_session": date(2025, 6, 9)})
    gone = ESPRESSIF.model_copy(update={"last_session": date(2025, 6, 3)})
    source = ScriptedSource({gone.id: whole(gone, "2025-06-03")})
    report = run(store, source, instruments=(young, gone))
    assert outcomes(report) == {young.id: ("current", "not_yet_listed"), gone.id: ("accepted", "")}
    assert run(store, source, instruments=(young, gone)).requests == 0


def test_progress_tells_each_listing_once(store: PriceStore) -> None:
    told: list[tuple[int, int, str]] = []

    def progress(done: int, total: int, row: ListingUpdate) -> None:
        told.append((done, total, row.outcome))

    run(store, ScriptedSource(answers()), on_progress=progress)
    run(store, ScriptedSource(answers()), on_progress=progress)
    assert told == [(number, 3, "accepted") for number in (1, 2, 3)] + [
        (number, 3, "current") for number in (1, 2, 3)
    ]


def test_a_run_that_is_stopped_keeps_what_arrived(store: PriceStore) -> None:
    class Stopped(ScriptedSource):
        def stream(
            self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
        ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
            yield from super().stream(instruments[:2], first)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(store, Stopped(answers()))
    source = ScriptedSource(answers())
    assert run(store, source).outcome == "complete"
    assert source.asked == [(CSI300.id, FIRST)]


@pytest.mark.slow
def test_many_small_files_are_packed(store: PriceStore) -> None:
    for number in range(45):
        listing = Listing(mic="XSHG", code=str(600000 + number), currency="CNY")
        store.add([history({"2025-06-06": 10.0}, of=listing)], [listing])
    files = Path(store.location, "bars")
    assert len(list(files.glob("part-*"))) == 45
    run(store, ScriptedSource(answers()))
    assert len(list(files.glob("packed-*"))) == 1
    assert store.check().problems == ()
    assert store.check().bars == 45 + 27


def test_bad_arguments(store: PriceStore) -> None:
    with pytest.raises(InputError, match="time zone"):
        run(store, ScriptedSource({}), datetime(2025, 6, 6))  # noqa: DTZ001
    with pytest.raises(InputError, match="twice"):
        run(store, ScriptedSource({}), instruments=(BYD, BYD))
    assert isinstance(ScriptedSource({}), HistorySource)
    assert NOW.tzinfo is UTC


def test_the_report_as_a_frame(store: PriceStore) -> None:
    frame = run(store, ScriptedSource(answers())).to_frame()
    assert list(frame["listing"]) == [one.id for one in ALL]
    assert "error" not in frame
