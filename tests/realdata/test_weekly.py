"""Every real week for three publication dates: equal to fresh screens, fully explained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.weekly_desks import tree

from supplychain_screen import (
    compare_screenings,
    load_archive,
    load_config,
    load_report,
    run_weeks,
    screen,
)
from supplychain_screen.prices import open_source
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly import Week, damage, rebuild_week
from supplychain_screen.weekly.archive import read_weeks
from supplychain_screen.weekly.changes import PARTS
from supplychain_screen.weekly.run import RunResult
from supplychain_screen.weekly.week_days import fridays

FIRST, LAST = date(2025, 1, 3), date(2026, 1, 30)
PUBLISHED = {
    "november": date(2024, 11, 28),
    "december": date(2024, 12, 31),
    "june": date(2025, 6, 5),
}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Replay:
    archive: Path
    store: PriceStore
    result: RunResult

    @property
    def weeks(self) -> tuple[Week, ...]:
        return read_weeks(self.archive)


@pytest.fixture(scope="module")
def replay(market_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    folder = tmp_path_factory.mktemp("desk")
    store = PriceStore(folder / "store")
    instruments = load_report().instruments
    # The suspensions of the real listings are known gaps.
    store.import_file(market_data / "prices.csv.gz", instruments, now=NOW, allow_gaps=True)
    screens = "".join(
        f'[[screens]]\nname = "{name}"\npublished = {day}\n' for name, day in PUBLISHED.items()
    )
    config = folder / "weekly.toml"
    config.write_text(
        '[archive]\nfolder = "weeks"\n[prices]\nstore = "store"\nsource = "none"\n' + screens
    )
    result = run_weeks(load_config(config), lambda: NOW, since=FIRST, as_of=LAST)
    return Replay(folder / "weeks", store, result)


def test_all_weeks_are_there(replay: Replay) -> None:
    days = fridays(FIRST, LAST)
    assert len(days) == 57
    assert [one.manifest.folder for one in replay.result.weeks] == [str(day) for day in days]
    assert replay.result.outcome == "complete"
    screens = sum(len(one.manifest.screens) for one in replay.result.weeks)
    assert screens == 57 + 57 + 35
    assert all(damage(week) == [] for week in replay.weeks)


def test_each_week_is_a_fresh_screen_of_its_date(replay: Replay) -> None:
    report = load_report()
    for week in replay.weeks:
        for record in week.manifest.screens:
            fresh = screen(report, record.published, week.as_of, prices=replay.store)
            written = (week.folder / record.name / "result.json").read_text(encoding="utf-8")
            assert written == fresh.to_json(), f"{week.folder.name} {record.name}"


def test_every_change_is_explained_and_adds_up(replay: Replay) -> None:
    explained = 0
    for week in replay.weeks[1:]:
        for record in week.manifest.screens:
            path = week.folder / record.name / "changes.json"
            if record.changes is None:
                # The first week of a publication date has nothing before it.
                assert record.name == "june"
                assert week.as_of == date(2025, 6, 6)
                continue
            for one in json.loads(path.read_text(encoding="utf-8"))["companies"]:
                assert one["cause"] in ("new_prices", "window_matured", "quality_check")
                assert one["detail"]
                if one["difference"] is None:
                    continue
                parts = [value for name, value in one.items() if name.startswith("part_")]
                assert abs(sum(parts) - one["difference"]) <= 1e-9
                explained += 1
    assert explained > 2_000


def test_segments_and_migrations_are_what_two_weeks_results_say(replay: Replay) -> None:
    turned = 0
    for before, after in pairwise(replay.weeks):
        for record in before.manifest.screens:
            old, new = (
                json.loads((week.folder / record.name / "result.json").read_text())
                for week in (before, after)
            )
            changes = json.loads((after.folder / record.name / "changes.json").read_text())
            moves: dict[str, dict[str, int]] = {}
            for a, b in zip(old["companies"], new["companies"], strict=True):
                row = moves.setdefault(a["rating"], {})
                row[b["rating"]] = row.get(b["rating"], 0) + 1
            assert {name: row for name, row in changes["migration"].items() if row} == moves
            ratings = {one["segment"]: one["rating"] for one in old["segments"]}
            expected = [
                (one["segment"], ratings[one["segment"]], one["rating"])
                for one in new["segments"]
                if ratings[one["segment"]] != one["rating"]
            ]
            found = [(one["segment"], one["before"], one["after"]) for one in changes["segments"]]
            assert found == expected
            turned += len(found)
    assert turned > 100


def test_names_that_come_and_go_in_every_real_week(replay: Replay) -> None:
    """A company fewer this week, another one more: the others' parts still add up."""
    report = load_report()
    first, last = report.mentions[0], report.mentions[-1]
    without_first = report.model_copy(update={"mentions": report.mentions[1:]})
    without_last = report.model_copy(update={"mentions": report.mentions[:-1]})
    day, explained = PUBLISHED["december"], 0
    for before, after in pairwise(fridays(FIRST, LAST)):
        changes = compare_screenings(
            screen(without_first, day, before, prices=replay.store),
            screen(without_last, day, after, prices=replay.store),
        )
        kinds = changes.companies.set_index(["segment", "company"])["kind"]
        assert kinds[first.segment, first.company] == "new"
        assert kinds[last.segment, last.company] == "vanished"
        assert sorted(kinds[kinds.isin(["new", "vanished"])]) == ["new", "vanished"]
        frame = changes.companies
        rest = (frame["difference"] - frame[list(PARTS)].sum(axis=1))[frame["difference"].notna()]
        # In a week after all windows are over nobody moves but those two.
        assert (rest.abs() <= 1e-9).all()
        explained += len(rest)
        assert int(changes.migration.to_numpy().sum()) == changes.compared == 34
    assert explained > 800


def test_what_moved_is_what_two_weeks_results_say(replay: Replay) -> None:
    """Read from the results alone: nobody moved without a row, nobody has a row without a move."""
    weeks = replay.weeks
    for before, after in pairwise(weeks):
        for record in before.manifest.screens:
            old, new = (
                json.loads((week.folder / record.name / "result.json").read_text())["companies"]
                for week in (before, after)
            )
            moved = {
                (b["segment"], b["company"])
                for a, b in zip(old, new, strict=True)
                if a["rating"] != b["rating"]
                or a["stage"] != b["stage"]
                or a["reason"] != b["reason"]
                or abs((a["relative_return"] or 0) - (b["relative_return"] or 0)) > 1e-9
            }
            changes = json.loads((after.folder / record.name / "changes.json").read_text())
            assert {(one["segment"], one["company"]) for one in changes["companies"]} == moved


def test_windows_mature_in_the_week_in_which_they_end(replay: Replay) -> None:
    history = load_archive(replay.archive)
    matured = history.changes[history.changes["cause"] == "window_matured"]
    weeks = {(row["screen"], row["as_of"].date()) for row in matured.to_dict("records")}
    # Six and twelve calendar months after each date, and the Friday on or after it.
    assert weeks == {
        ("november", date(2025, 5, 30)),
        ("november", date(2025, 11, 28)),
        ("december", date(2025, 7, 4)),
        ("december", date(2026, 1, 2)),
        ("june", date(2025, 12, 5)),
    }


def test_no_price_after_a_windows_last_day_is_a_cause(market_data: Path) -> None:
    """Of 12 publication dates: to the window's last day it is the prices, all else maturity."""
    report, rows, six_to_twelve = load_report(), 0, 0
    prices = open_source(str(market_data / "prices.csv.gz"))
    for place in range(12):
        published = date(2024, 11, 14) + timedelta(days=28 * place)
        for months in (6, 12):
            month = published.month - 1 + months
            end = published.replace(year=published.year + month // 12, month=month % 12 + 1)
            # The Friday after the window's last day, and the one before it.
            after = end + timedelta(days=(4 - end.weekday()) % 7 or 7)
            before = min(after - timedelta(days=7), end - timedelta(days=1))
            if after > LAST:
                continue
            old, at_end, new = (
                screen(report, published, day, prices=prices) for day in (before, end, after)
            )
            was, then = (
                {
                    (row["segment"], row["company"]): row["relative_return_to_date"]
                    for row in one.companies.to_dict("records")
                }
                for one in (old, at_end)
            )
            for row in compare_screenings(old, new).companies.to_dict("records"):
                if np.isnan(row["difference"]):
                    continue
                key = row["segment"], row["company"]
                brought = then[key] - was[key] if row["window_before"] == "to_date" else 0.0
                assert row["part_new_prices"] == pytest.approx(brought, abs=1e-12)
                rest = sum(row[name] for name in PARTS if name != "part_new_prices")
                assert rest == pytest.approx(row["difference"] - brought, abs=1e-9)
                rows += 1
                six_to_twelve += row["window_before"] == "6m"
    assert rows > 400
    assert six_to_twelve > 60


@pytest.mark.parametrize("friday", ["2025-01-03", "2025-06-06", "2025-07-04", "2026-01-30"])
def test_a_week_is_rebuilt_to_the_same_bytes(replay: Replay, tmp_path: Path, friday: str) -> None:
    week = next(one for one in replay.weeks if one.folder.name == friday)
    made = rebuild_week(week, replay.archive, replay.store, tmp_path)
    assert tree(made.folder) == tree(week.folder)


def test_the_same_command_again_changes_nothing(replay: Replay) -> None:
    before = {week.folder.name: week.manifest_sha256 for week in replay.weeks}
    config = load_config(replay.archive.parent / "weekly.toml")
    again = run_weeks(config, lambda: NOW, since=FIRST, as_of=LAST)
    assert again.outcome == "unchanged"
    assert {week.folder.name: week.manifest_sha256 for week in replay.weeks} == before
