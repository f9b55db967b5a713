"""The desk over weeks: publish, rerun, revise, replay, rebuild; real files, a market on paper."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.weekly_desks import (
    CONFIG,
    PUBLISHED,
    Clock,
    Market,
    Vendor,
    small_report,
    tree,
    write_desk,
)

from supplychain_screen import load_archive, load_config, run_weeks, screen
from supplychain_screen.errors import ArchiveError, ConfigError, InputError, SourceError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly import WeeklyConfig, read_week, rebuild_week
from supplychain_screen.weekly.archive import read_weeks
from supplychain_screen.weekly.run import RunResult

FIRST = date(2025, 1, 10)


class Desk:
    """One desk in a folder, with its clock, market and vendor."""

    def __init__(self, folder: Path, text: str = CONFIG) -> None:
        self.path = write_desk(folder, text)
        self.clock, self.market = Clock("2025-01-11T12:00"), Market()
        self.vendor = Vendor(self.market, self.clock)

    @property
    def config(self) -> WeeklyConfig:
        return load_config(self.path)

    @property
    def archive(self) -> Path:
        return self.path.parent / "weeks"

    @property
    def store(self) -> PriceStore:
        return PriceStore(self.path.parent / "store")

    def run(self, friday: date | None = None, **options: Any) -> RunResult:
        if friday is not None:
            self.clock.weekend_after(friday)
        options.setdefault("source", self.vendor)
        return run_weeks(self.config, self.clock, **options)

    def edit(self, old: str, new: str) -> None:
        text = self.path.read_text(encoding="utf-8")
        assert old in text
        self.path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_two_weeks_and_what_changed_between_them(desk: Desk) -> None:
    first = desk.run(FIRST)
    assert first.outcome == "complete"
    assert "no earlier week" in first.summary
    second = desk.run(FIRST + timedelta(days=7))
    assert second.outcome == "complete"
    manifest = second.weeks[0].manifest
    assert manifest.folder == "2025-01-17"
    assert manifest.previous == first.weeks[0].week.reference
    assert not manifest.backfilled
    changes = json.loads((desk.archive / "2025-01-17/desk/changes.json").read_text())
    assert changes["compared"] == 5
    assert {one["cause"] for one in changes["companies"]} == {"new_prices"}
    assert (desk.archive / "latest").readlink() == Path("2025-01-17")
    index = (desk.archive / "index.html").read_text()
    assert index.index("2025-01-17/") < index.index("2025-01-10/")


def test_a_week_is_a_fresh_screen_of_its_date(desk: Desk) -> None:
    desk.run(FIRST)
    fresh = screen(small_report(), PUBLISHED, FIRST, prices=desk.store)
    assert (desk.archive / "2025-01-10/desk/result.json").read_text() == fresh.to_json()


def test_a_rerun_on_identical_inputs_changes_nothing(desk: Desk) -> None:
    desk.run(FIRST)
    before = tree(desk.archive)
    desk.clock.set("2025-01-12T09:00")
    again = desk.run()
    assert again.outcome == "unchanged"
    assert "nothing changed" in again.summary
    assert tree(desk.archive) == before


@pytest.mark.slow
def test_another_input_makes_a_revision_that_names_the_old(desk: Desk) -> None:
    desk.run(FIRST)
    before = tree(desk.archive / "2025-01-10")
    desk.edit("published = 2024-12-31", 'published = 2024-12-31\ncomparison = "ratio"')
    again = desk.run()
    manifest = again.weeks[0].manifest
    assert (manifest.folder, manifest.because) == ("2025-01-10.r2", ("conventions",))
    assert manifest.revises is not None
    assert manifest.revises.folder == "2025-01-10"
    assert tree(desk.archive / "2025-01-10") == before
    assert (desk.archive / "latest").readlink() == Path("2025-01-10.r2")
    # The next week is compared with the revision.
    following = desk.run(FIRST + timedelta(days=7)).weeks[0].manifest
    assert following.previous is not None
    assert following.previous.folder == "2025-01-10.r2"


def test_a_restated_price_makes_a_revision_and_the_replay_ignores_it(desk: Desk) -> None:
    desk.run(FIRST)
    before = tree(desk.archive)
    closes = desk.market.closes["XSHE:000100"]
    closes["2024-12-31"] *= 0.97
    desk.clock.set("2025-01-12T10:00")
    desk.market.fill(desk.store, desk.clock(), restated=["XSHE:000100"])
    # As known then: the same bytes, whatever the store has learned since.
    assert desk.run(as_of=FIRST).outcome == "unchanged"
    assert tree(desk.archive) == before
    revised = desk.run(as_of=FIRST, known_on=desk.clock())
    assert revised.weeks[0].manifest.because == ("prices",)
    assert revised.weeks[0].manifest.folder == "2025-01-10.r2"


def test_the_next_week_tells_restated_history_from_new_prices(desk: Desk) -> None:
    desk.run(FIRST)
    closes = desk.market.closes["XSHE:000100"]
    closes["2024-12-31"] *= 0.97
    desk.clock.weekend_after(date(2025, 1, 17))
    desk.market.fill(desk.store, desk.clock(), restated=["XSHE:000100"])
    desk.run(update=False)
    changes = json.loads((desk.archive / "2025-01-17/desk/changes.json").read_text())
    by_company = {one["company"]: one for one in changes["companies"]}
    tcl = by_company.pop("TCL")
    assert abs(tcl["part_restated_history"]) > 0.02
    assert tcl["part_new_prices"] != 0
    assert all(one["part_restated_history"] == 0 for one in by_company.values())
    for one in changes["companies"]:
        parts = sum(value for name, value in one.items() if name.startswith("part_"))
        assert parts == pytest.approx(one["difference"], abs=1e-9)


@pytest.mark.slow
def test_a_week_is_rebuilt_to_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    desk.edit("formats = []", 'formats = ["page", "static_page", "workbook", "tables", "markdown"]')
    desk.run(FIRST)
    desk.run(FIRST + timedelta(days=7))
    for day in ("2024-12-31", "2025-01-16"):
        desk.market.closes["XSHE:000100"][day] *= 1.03
    desk.clock.weekend_after(date(2025, 1, 24))
    desk.market.fill(desk.store, desk.clock(), restated=["XSHE:000100"])
    week = read_week(desk.archive / "2025-01-17")
    made = rebuild_week(week, desk.archive, desk.store, tmp_path / "again")
    assert tree(made.folder) == tree(week.folder)
    assert made.manifest_sha256 == week.manifest_sha256


@pytest.mark.slow
def test_a_replay_in_bulk_is_what_the_weeks_were_one_by_one(desk: Desk, tmp_path: Path) -> None:
    days = [FIRST + timedelta(days=7 * n) for n in range(4)]
    for day in days:
        desk.run(day)
    other = Desk(tmp_path / "other")
    other.path.write_text(
        desk.path.read_text().replace('"store"', f'"{tmp_path / "store"}"'), encoding="utf-8"
    )
    other.clock.set("2025-03-01T12:00")
    result = other.run(since=FIRST, as_of=days[-1])
    assert [one.manifest.folder for one in result.weeks] == [str(day) for day in days]
    # Each was known by the Sunday after it, so none is marked as backfilled.
    assert not any(one.manifest.backfilled for one in result.weeks)
    for day in days:
        name = f"{day}/desk/result.json"
        assert (other.archive / name).read_bytes() == (desk.archive / name).read_bytes()
        changes = f"{day}/desk/changes.json"
        if day != days[0]:
            assert (other.archive / changes).read_bytes() == (desk.archive / changes).read_bytes()
    assert other.run(since=FIRST, as_of=days[-1]).outcome == "unchanged"


def test_what_was_not_known_then_is_marked(desk: Desk) -> None:
    desk.clock.set("2025-06-01T12:00")
    desk.market.fill(desk.store, desk.clock())
    result = desk.run(as_of=FIRST)
    assert result.weeks[0].manifest.backfilled
    assert "补做" in (desk.archive / "2025-01-10/summary.zh.md").read_text()


def test_the_week_is_the_last_one_that_closed_everywhere(desk: Desk) -> None:
    # Friday noon in New York: Shanghai and Hong Kong have closed, New York has not.
    desk.clock.set("2025-01-17T17:00")
    assert desk.run().weeks[0].manifest.folder == "2025-01-10"
    desk.clock.set("2025-01-17T21:00")
    assert desk.run().weeks[0].manifest.folder == "2025-01-17"


def test_a_partial_run_publishes_and_is_marked_and_mended_later(desk: Desk) -> None:
    gone = SourceError("the vendor hung up", source="yahoo", symbol="000100.SZ", attempts=1)
    desk.vendor = Vendor(desk.market, desk.clock, {"XSHE:000100": gone})
    result = desk.run(FIRST)
    assert result.outcome == "partial"
    manifest = result.weeks[0].manifest
    assert manifest.partial == ("1 of 9 not updated: 000100.SZ",)
    assert [one.listing for one in manifest.unserved] == ["XSHE:000100"]
    found = json.loads((desk.archive / "2025-01-10/desk/result.json").read_text())["findings"]
    assert [one["symbol"] for one in found if one["code"] == "not_updated"] == ["000100.SZ"]
    assert "不完整" in (desk.archive / "index.html").read_text()
    desk.vendor = Vendor(desk.market, desk.clock)
    desk.clock.set("2025-01-11T15:00")
    mended = desk.run()
    assert mended.outcome == "complete"
    assert set(mended.weeks[0].manifest.because) == {"prices", "completeness"}


def test_a_dead_source_publishes_nothing(desk: Desk) -> None:
    desk.run(FIRST)
    before = tree(desk.archive)
    desk.vendor = desk.vendor.dead()
    told = r"no price of the week to 2025-01-17.*yahoo served none of 9 series \(.*no connection"
    with pytest.raises(SourceError, match=told):
        desk.run(FIRST + timedelta(days=7))
    assert tree(desk.archive) == before


def test_a_dead_source_on_the_first_day_publishes_nothing(desk: Desk) -> None:
    desk.vendor = desk.vendor.dead()
    with pytest.raises(SourceError):
        desk.run(FIRST)
    assert read_weeks(desk.archive) == ()


def test_the_update_is_given_up_at_its_deadline(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = iter(range(100))
    hanging, over = threading.Event(), threading.Event()

    def wait() -> None:
        # Three answers, then the vendor hangs for good.
        if next(answered) >= 3:
            hanging.set()
            over.wait()

    join = threading.Thread.join

    def joined_late(thread: threading.Thread, timeout: float | None = None) -> None:
        # However slow the machine is, the deadline passes when the vendor hangs, and not before.
        if timeout is not None:
            assert timeout <= 1800
            hanging.wait()
            timeout = 0.01
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", joined_late)
    desk.edit("[output]", "[run]\ndeadline_minutes = 30\n[output]")
    desk.vendor = Vendor(desk.market, desk.clock, wait=wait)
    result = desk.run(FIRST)
    over.set()
    assert result.outcome == "partial"
    manifest = result.weeks[0].manifest
    assert "stopped after 1800 s" in manifest.partial[0]
    assert len(manifest.unserved) == 6


def test_the_clock_was_moved_back(desk: Desk) -> None:
    desk.run(date(2025, 1, 24))
    before = tree(desk.archive)
    with pytest.raises(ArchiveError, match="set the clock right"):
        desk.run(FIRST)
    assert tree(desk.archive) == before


def test_every_bad_report_is_named_and_nothing_is_made(desk: Desk) -> None:
    (desk.path.parent / "report" / "suppliers.csv").write_text("order\nx\n")
    with pytest.raises(InputError, match=r"screen desk: suppliers\.csv"):
        desk.run(FIRST)
    assert not desk.archive.exists()


def test_a_choice_that_is_nobody_is_refused(desk: Desk) -> None:
    desk.edit("published = 2024-12-31", 'published = 2024-12-31\nchoices = {TLC = "1070.HK"}')
    with pytest.raises(InputError, match="TLC"):
        desk.run(FIRST)


def test_the_future_and_the_time_before_publication_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="is not over yet"):
        desk.run(FIRST, as_of=date(2025, 1, 31))
    with pytest.raises(InputError, match="no report was published by 2024-12-27"):
        desk.run(FIRST, as_of=date(2024, 12, 27))


def test_a_day_that_is_no_friday_is_no_week(desk: Desk) -> None:
    told = "2025-01-09 is a Thursday, .*ask for 2025-01-03 or, once it is over, 2025-01-10"
    with pytest.raises(InputError, match=told):
        desk.run(FIRST, as_of=date(2025, 1, 9))
    assert read_weeks(desk.archive) == ()


def test_an_empty_store_is_named_with_the_remedy(desk: Desk) -> None:
    with pytest.raises(SourceError, match=r"store holds no price.* prices update --store .*store"):
        desk.run(FIRST, update=False)


@pytest.mark.slow
def test_a_changed_file_in_the_last_week_stops_the_next(desk: Desk) -> None:
    desk.run(FIRST)
    result = desk.archive / "2025-01-10" / "desk" / "result.json"
    result.write_text(result.read_text().replace("neutral", "outperform", 1))
    before = tree(desk.archive)
    with pytest.raises(ArchiveError, match="was changed after it was written"):
        desk.run(FIRST + timedelta(days=7))
    assert tree(desk.archive) == before


@pytest.mark.slow
def test_another_store_cannot_explain_and_says_so(desk: Desk) -> None:
    """The week is published all the same, and marked: its changes have no cause to show."""
    desk.run(FIRST)
    desk.edit('store = "store"', 'store = "other"')
    result = desk.run(FIRST + timedelta(days=7))
    assert result.outcome == "partial"
    (mark,) = result.weeks[0].manifest.partial
    assert mark.startswith("changes since 2025-01-10 are not explained")
    assert not (desk.archive / "2025-01-17/desk/changes.json").exists()


@pytest.mark.slow
def test_the_history_of_an_archive(desk: Desk) -> None:
    for n in range(3):
        desk.run(FIRST + timedelta(days=7 * n))
    desk.edit("published = 2024-12-31", 'published = 2024-12-31\ncomparison = "ratio"')
    desk.run()
    found = load_archive(desk.archive, check=True)
    assert len(found.weeks) == 3
    assert list(found.weeks["revision"]) == [1, 1, 2]
    assert found.ratings("desk").shape == (5, 3)
    assert found.weeks["rating_changes"].isna().tolist() == [True, False, False]
    last = screen(
        small_report(), PUBLISHED, date(2025, 1, 24), prices=desk.store, comparison="ratio"
    )
    assert found.hit_rate["desk"].iloc[-1] == last.total["hit_rate"]
    returns = found.relative_returns("desk").iloc[:, -1].to_numpy()
    assert returns.tolist() == last.companies["relative_return_to_date"].tolist()
    crossed = found.crossings
    assert (crossed["days"] >= 10).all()
    assert set(crossed["level"]) <= {"outperform", "neutral", "underperform"}
    # a changed number is found without being asked for
    result = desk.archive / "2025-01-17/desk/result.json"
    result.write_text(result.read_text().replace("0", "1", 1))
    with pytest.raises(ArchiveError, match=r"result\.json was changed after it was written"):
        load_archive(desk.archive)


def test_the_archive_of_a_file_of_prices(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.clock.set("2025-01-11T12:00")
    desk.market.fill(PriceStore(tmp_path / "made"), desk.clock())
    PriceStore(tmp_path / "made").export(tmp_path / "prices.csv")
    desk.edit('source = "none"', 'source = "./prices.csv"')
    result = run_weeks(desk.config, desk.clock)
    assert result.outcome == "complete"
    assert run_weeks(desk.config, desk.clock).outcome == "unchanged"
    desk.clock.set("2025-01-18T12:00")
    with pytest.raises(SourceError, match=r"prices\.csv ends on 2025-01-10; put a newer one"):
        run_weeks(desk.config, desk.clock)


def test_another_publication_day_is_not_comparable_and_a_lost_file_can_be_made_again(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(FIRST)
    week = desk.archive / "2025-01-10"
    result = week / "desk" / "result.json"
    kept = result.read_bytes()
    result.unlink()
    with pytest.raises(
        ArchiveError, match=r"result\.json is missing; .* weekly rebuild .*2025-01-10"
    ):
        desk.run(FIRST + timedelta(days=7))
    rebuild_week(read_week(week), desk.archive, desk.store, tmp_path / "again")
    assert (tmp_path / "again" / "2025-01-10" / "desk" / "result.json").read_bytes() == kept
    result.write_bytes(kept)
    report = next(one for one in (week / "reports").rglob("*") if one.is_file())
    kept = report.read_bytes()
    report.unlink()
    with pytest.raises(ArchiveError, match="from a backup, or move it out"):
        desk.run(FIRST + timedelta(days=7))
    report.write_bytes(kept)
    desk.edit("published = 2024-12-31", "published = 2025-01-02")
    said = desk.run(FIRST + timedelta(days=7)).summary
    assert said.endswith("rated; desk not comparable with the week before")


def test_a_configuration_is_checked_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_config(write_desk(tmp_path, CONFIG.replace("formats", "format")))
    assert not (tmp_path / "weeks").exists()
