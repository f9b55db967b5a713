"""What is missing of a week and what is not: failures before its close, after it, mended ones."""

from __future__ import annotations

import shutil
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.weekly_desks import Clock, Market, Vendor, tree, write_desk

from supplychain_screen import load_config, run_weeks
from supplychain_screen.errors import InputError, SourceError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly.run import RunResult

pytestmark = pytest.mark.slow

FRIDAY = date(2025, 1, 10)
TCL = "XSHE:000100"
HUNG_UP = SourceError("the vendor hung up", source="yahoo", symbol="000100.SZ", attempts=1)


class Desk:
    """A desk that starts on the Saturday after ``FRIDAY``."""

    def __init__(self, folder: Path) -> None:
        self.path = write_desk(folder)
        self.archive, self.store = folder / "weeks", PriceStore(folder / "store")
        self.clock, self.market = Clock("2025-01-11T12:00"), Market()

    def run(self, vendor: Vendor | None = None, **options: Any) -> RunResult:
        source = vendor or Vendor(self.market, self.clock)
        return run_weeks(load_config(self.path), self.clock, source=source, **options)

    def without_tcl(self) -> Vendor:
        return Vendor(self.market, self.clock, {TCL: HUNG_UP})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_vendor_that_is_down_later_takes_nothing_from_a_complete_week(desk: Desk) -> None:
    desk.run()
    before = tree(desk.archive)
    # Tuesday: two more sessions to ask for, and nobody answers; the week was whole on Saturday.
    desk.clock.set("2025-01-14T23:00")
    again = desk.run(Vendor(desk.market, desk.clock).dead())
    assert again.outcome == "unchanged"
    assert tree(desk.archive) == before


def test_a_week_that_nothing_mends_stays_partial_and_says_so(desk: Desk) -> None:
    first = desk.run(desk.without_tcl())
    assert first.outcome == "partial"
    before = tree(desk.archive)
    desk.clock.set("2025-01-12T12:00")
    again = desk.run(desk.without_tcl())
    assert again.outcome == "partial"
    assert not again.weeks[0].published
    assert "nothing changed, still partial (1 of 9 not updated: 000100.SZ)" in again.summary
    assert tree(desk.archive) == before


def test_a_run_that_asks_nobody_does_not_take_a_mark_away(desk: Desk) -> None:
    desk.run(desk.without_tcl())
    before = tree(desk.archive)
    desk.clock.set("2025-01-12T12:00")
    assert desk.run(update=False).outcome == "partial"
    assert desk.run(as_of=FRIDAY, known_on=desk.clock()).outcome == "partial"
    assert tree(desk.archive) == before


def test_what_was_fetched_by_hand_mends_the_week(desk: Desk) -> None:
    desk.run(desk.without_tcl())
    desk.clock.set("2025-01-12T12:00")
    desk.market.fill(desk.store, desk.clock())
    mended = desk.run(update=False)
    assert mended.outcome == "complete"
    assert set(mended.weeks[0].manifest.because) == {"prices", "completeness"}
    assert mended.weeks[0].manifest.partial == ()


def test_marks_are_said_in_the_language_of_the_page(desk: Desk) -> None:
    desk.run(desk.without_tcl())
    week = desk.archive / str(FRIDAY)
    for name in ("summary.zh.md", "index.html"):
        assert "9 个证券中 1 个未能更新：000100.SZ" in (week / name).read_text()


def test_a_split_after_the_week_changes_nothing_in_it(desk: Desk) -> None:
    desk.run()
    before = tree(desk.archive)
    desk.clock.set("2025-01-15T12:00")
    market = desk.market

    class Splitting(Vendor):
        def stream(self, instruments: Any, first: Any) -> Any:
            from tests.price_histories import history

            for one, answer in super().stream(instruments, first):
                if one.id == TCL:
                    closes = {
                        str(day): close / (2 if str(day) >= "2025-01-14" else 1)
                        for day, close in zip(answer.sessions, answer.close, strict=True)
                    }
                    answer = history(
                        closes,
                        of=one,
                        at="2025-01-15T12:00",
                        first="2024-09-02",
                        splits=[("2025-01-14", 2.0)],
                    )
                yield one, answer

    again = desk.run(Splitting(market, desk.clock))
    tcl = [one for one in market.instruments if one.id == TCL]
    loaded = desk.store.load(tcl, FRIDAY, date(2025, 1, 14), "price").series[TCL]
    # The split is known: as of the day after it, Friday's close is half of what it was.
    assert loaded.close[0] == pytest.approx(market.closes[TCL][str(FRIDAY)] / 2)
    assert again.outcome == "unchanged"
    assert tree(desk.archive) == before


def test_a_revision_follows_the_newest_one_though_the_first_was_removed(desk: Desk) -> None:
    desk.run()
    text = desk.path.read_text(encoding="utf-8")
    desk.path.write_text(text + 'comparison = "ratio"\n', encoding="utf-8")
    desk.run()
    shutil.rmtree(desk.archive / str(FRIDAY))
    desk.path.write_text(text, encoding="utf-8")
    desk.run()
    assert sorted(one.name for one in desk.archive.glob("2025*")) == [
        f"{FRIDAY}.r2",
        f"{FRIDAY}.r3",
    ]


def test_a_week_whose_markets_are_open_is_not_replayed(desk: Desk) -> None:
    desk.run()
    friday = FRIDAY + timedelta(days=7)
    # Noon in New York: the day is today, and three markets of four have closed.
    desk.clock.set("2025-01-17T17:00")
    desk.market.fill(desk.store, desk.clock())
    before = tree(desk.archive)
    with pytest.raises(InputError, match="is not over yet"):
        desk.run(as_of=friday)
    with pytest.raises(InputError, match="is not over yet"):
        desk.run(since=FRIDAY, as_of=friday)
    assert tree(desk.archive) == before
    # New York has closed, and nobody has fetched its Friday yet.
    desk.clock.set("2025-01-17T21:00")
    early = desk.run(as_of=friday)
    assert early.outcome == "partial"
    assert early.weeks[0].manifest.partial == (
        "benchmark ^GSPC ends on 2025-01-16 and lacks 1 session, the last on 2025-01-17",
        "benchmark ^IXIC ends on 2025-01-16 and lacks 1 session, the last on 2025-01-17",
    )
    desk.clock.set("2025-01-17T21:05")
    desk.market.fill(desk.store, desk.clock())
    assert desk.run(as_of=friday, known_on=desk.clock()).outcome == "complete"


def behind(market: Market, listing: str, since: str) -> Market:
    """The same market; one series has not a close from a day on."""
    other = deepcopy(market)
    other.closes[listing] = {
        day: close for day, close in other.closes[listing].items() if day < since
    }
    return other


def test_a_benchmark_that_is_behind_with_one_listing_in_its_market_makes_it_partial(
    desk: Desk,
) -> None:
    """Five sessions old; its market has one listing, which proves nothing to a vote."""
    found = desk.run(Vendor(behind(desk.market, "INDEX:HSI", "2025-01-06"), desk.clock))
    assert found.outcome == "partial"
    assert found.weeks[0].manifest.partial == (
        "benchmark ^HSI ends on 2025-01-03 and lacks 5 sessions, the last on 2025-01-10",
    )
    assert "基准 ^HSI 只到 2025-01-03" in (desk.archive / str(FRIDAY) / "index.html").read_text()
    desk.clock.set("2025-01-12T12:00")
    mended = desk.run()
    assert mended.outcome == "complete"
    assert mended.weeks[0].manifest.partial == ()


def test_one_session_is_behind_too_though_its_whole_market_is(desk: Desk) -> None:
    market = desk.market
    for listing in ("INDEX:HSI", "XHKG:2018", "XHKG:1070"):
        if listing in market.closes:
            market = behind(market, listing, "2025-01-10")
    found = desk.run(Vendor(market, desk.clock))
    assert found.outcome == "partial"
    assert "benchmark ^HSI ends on 2025-01-09 and lacks 1 session" in found.summary


def test_a_listing_that_is_behind_leaves_the_benchmarks_alone(desk: Desk) -> None:
    found = desk.run(Vendor(behind(desk.market, TCL, "2025-01-08"), desk.clock))
    assert not [one for one in found.weeks[0].manifest.partial if "benchmark" in one]


def test_a_day_that_nobody_of_a_market_has_was_a_closure_once_the_market_went_on(
    desk: Desk,
) -> None:
    """Hong Kong shut on a Friday that the calendar takes for a session; Monday shows it."""
    market = deepcopy(desk.market)
    for listing in ("INDEX:HSI", "XHKG:2018", "XHKG:1070"):
        market.closes.get(listing, {}).pop(str(FRIDAY), None)
    desk.clock.set("2025-01-14T12:00")
    found = desk.run(Vendor(market, desk.clock))
    assert found.weeks[0].manifest.as_of == FRIDAY
    assert found.outcome == "complete"


def test_a_moment_to_come_is_refused(desk: Desk) -> None:
    """A week known on a later moment would make every clock until then look wrong."""
    desk.run()
    before = tree(desk.archive)
    with pytest.raises(InputError, match="a moment to come"):
        desk.run(as_of=FRIDAY, known_on=datetime(2025, 1, 11, 12, 1, tzinfo=UTC))
    assert tree(desk.archive) == before


def test_a_fault_inside_the_update_is_raised_and_not_taken_for_an_answer(desk: Desk) -> None:
    def fault() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.run(Vendor(desk.market, desk.clock, wait=fault))
    assert not list(desk.archive.glob("2025*"))
