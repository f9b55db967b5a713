"""Every command by a clock behind the end of Shanghai's calendar; prices and holidays SIMULATED."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.beyond_calendars import CountingVendor, LaterMarket
from tests.weekly_desks import CONFIG, small_report, write_desk
from typer.testing import CliRunner

from supplychain_screen import save_report as save
from supplychain_screen.cli import app, prices, terminal
from supplychain_screen.errors import ScreenError
from supplychain_screen.identity import known_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        known_until("XSHG") > date(2026, 12, 31),
        reason="this exchange_calendars knows 2027: the made-up holidays are not its own",
    ),
]

RUN = CliRunner()
PUBLISHED = "2026-09-15"

SLOW = pytest.mark.slow
MOMENTS = [
    # moment (UTC), last day with rows, weekdays of the mainland that are provisional then
    pytest.param("2027-01-02T04:00", "2027-01-01", ["2027-01-01"], id="Saturday, 2 January"),
    pytest.param("2027-01-15T12:00", "2027-01-15", [], id="a Friday evening", marks=SLOW),
    pytest.param(
        "2027-02-10T12:00",
        "2027-02-10",
        ["2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10"],
        id="Spring Festival",
    ),
    pytest.param("2027-02-16T12:00", "2027-02-16", [], id="after Spring Festival", marks=SLOW),
    pytest.param("2028-03-01T12:00", "2028-03-01", [], id="2028", marks=SLOW),
    pytest.param("2030-06-05T12:00", "2030-06-05", [], id="2030", marks=SLOW),
]


class Desk:
    """A folder with a report, a store, a configuration and a vendor, and a clock that stands."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.store, self.report = folder / "store", folder / "report"
        save(small_report(), self.report)
        text = CONFIG.replace("2024-12-31", PUBLISHED).replace('"none"', '"yahoo"')
        self.config = write_desk(folder, text)

    def at(self, moment: str, last: str) -> CountingVendor:
        """Put the clock, and give the market its days up to one."""
        now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

        class Moment(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return now.astimezone(tz)

        class Today(date):
            @classmethod
            def today(cls) -> date:
                return now.astimezone().date()

        self.patch.setattr(terminal, "datetime", Moment)
        self.patch.setattr(terminal, "date", Today)
        self.market = LaterMarket(date.fromisoformat(last))
        vendor = CountingVendor(self.market, lambda: now)
        vendor.asked = []
        self.patch.setattr(prices, "_history_source", lambda _: vendor)
        self.patch.setattr("supplychain_screen.weekly.refreshing.history_source", lambda *_: vendor)
        return vendor

    def run(self, *words: str, code: int = 0) -> str:
        found = RUN.invoke(app, list(words))
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found.stdout

    def screened(self, *words: str) -> dict[str, Any]:
        text = self.run(
            "screen", "--report", str(self.report), "--published", PUBLISHED, "--json", *words
        )
        return dict(json.loads(text))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def provisional(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in findings if one["code"] == "provisional_sessions"]


@pytest.mark.parametrize(("moment", "last", "unknown"), MOMENTS)
def test_nothing_fails_and_it_is_said_once(
    desk: Desk, moment: str, last: str, unknown: list[str]
) -> None:
    vendor = desk.at(moment, last)
    which = ("--report", str(desk.report), "--store", str(desk.store))
    everybody = [one.id for one in desk.market.instruments]

    # Its exit code speaks of packages that may be missing here.
    told = json.loads(RUN.invoke(app, ["doctor", "--json", "--store", str(desk.store)]).stdout)
    (line,) = [one for one in told if one["name"] == "calendars"]
    assert line["detail"].startswith("XSHG ends 2026-12-31")
    updated = json.loads(desk.run("prices", "update", "--json", *which))
    assert updated["outcome"] == "complete"
    assert len(provisional(updated["findings"])) == bool(unknown)
    assert sorted(vendor.asked) == sorted(everybody)
    # Nobody is asked again, although the last weekday brought the mainland nothing.
    again = json.loads(desk.run("prices", "update", "--json", *which))
    assert (again["outcome"], len(vendor.asked)) == ("complete", len(everybody))

    shown = json.loads(desk.run("prices", "status", "--json", *which))
    assert {one["age_sessions"] for one in shown} == {0}
    told = json.loads(desk.run("prices", "check", "--json", *which))
    assert [one["code"] for one in told] == ["provisional_sessions"] * bool(unknown)

    today = ("--as-of", moment[:10])
    found = desk.screened("--store", str(desk.store), *today)
    (said,) = provisional(found["findings"]) or [None]
    assert [one for one in found["findings"] if one["action"] in ("unrated", "dropped")] == []
    if unknown:
        assert said is not None
        assert (said["first"], said["last"], said["action"]) == (
            unknown[0],
            unknown[-1],
            "reported",
        )
    else:
        assert said is None
    mainland = [one for one in found["companies"] if one["mic"] in ("XSHG", "XSHE")]
    assert len(mainland) == 2
    assert {one["reason"] for one in found["companies"]} == {None}
    ends = (
        "2027-09-15"
        if moment > "2027-09-15"
        else max(day for day in desk.market.closes["INDEX:CSI300"] if day <= last)
    )
    assert {one["end_session"] for one in mainland} == {ends}

    file = desk.market.write(desk.folder / "prices.csv")
    by_file = desk.screened("--prices", str(file), "--adjustment", "splits", *today)
    desk.screened("--store", str(desk.store))
    # New York's Friday has not closed yet when the store asks; the file has it.
    filed = [one for one in by_file["companies"] if one["mic"] in ("XSHG", "XSHE")]
    assert [one["relative_return"] for one in filed] == pytest.approx(
        [one["relative_return"] for one in mainland]
    )
    assert provisional(by_file["findings"]) == provisional(found["findings"])
    desk.run("screen", "--published", PUBLISHED, "--prices", "simulated")
    desk.run(
        "prices",
        "import",
        str(file),
        "--report",
        str(desk.report),
        "--adjustment",
        "splits",
        "--store",
        str(desk.folder / "imported"),
    )

    desk.run("weekly", "run", str(desk.config))
    (week,) = json.loads(desk.run("weekly", "list", "--json", str(desk.config)))
    assert (week["problems"], week["partial"]) == ([], [])
    friday = date.fromisoformat(week["week"][:10])
    assert friday.weekday() == 4
    assert timedelta(0) <= datetime.fromisoformat(moment).date() - friday < timedelta(8)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["交易日暂不确定", "4 个工作日没有交易的证据"]),
        ("en", ["Provisional sessions", "4 weekdays without proof of a session"]),
    ],
)
def test_the_finding_is_said_in_both_languages(
    desk: Desk, lang: str, words: list[str], tmp_path: Path
) -> None:
    desk.at("2027-02-10T12:00", "2027-02-10")
    file, page = desk.market.write(tmp_path / "prices.csv"), tmp_path / "page.html"
    desk.run(
        "screen",
        "--report",
        str(desk.report),
        "--published",
        PUBLISHED,
        "--prices",
        str(file),
        "--lang",
        lang,
        "--html",
        str(page),
    )
    text = page.read_text(encoding="utf-8")
    for one in words:
        assert one in text


def test_a_holiday_is_asked_about_once_and_the_first_session_after_it_again(desk: Desk) -> None:
    which = ("prices", "update", "--report", str(desk.report), "--store", str(desk.store))
    mainland = {
        one.id for one in LaterMarket(date(2027, 1, 15)).instruments if one.calendar == "XSHG"
    }

    def asked(moment: str) -> set[str]:
        vendor = desk.at(moment, moment[:10])
        desk.run(*which)
        return set(vendor.asked) & mainland

    assert asked("2027-02-04T12:00") == mainland
    assert asked("2027-02-05T06:00") == set()
    # Friday the 5th has no bar; a source is asked once it has had time to serve it.
    assert asked("2027-02-05T12:00") == mainland
    assert asked("2027-02-07T12:00") == set()
    assert asked("2027-02-12T12:00") == mainland
    assert asked("2027-02-14T12:00") == set()
    assert asked("2027-02-15T12:00") == mainland
    assert asked("2027-02-16T06:00") == set()


def test_a_series_that_lags_behind_its_market_is_asked_again(desk: Desk) -> None:
    which = ("prices", "update", "--report", str(desk.report), "--store", str(desk.store))
    late = next(one.id for one in LaterMarket(date(2027, 1, 5)).instruments if one.id[:4] == "XSHG")
    vendor = desk.at("2027-01-15T12:00", "2027-01-15")
    for day in ("2027-01-14", "2027-01-15"):
        del vendor.market.closes[late][day]
    desk.run(*which)
    again = desk.at("2027-01-16T12:00", "2027-01-15")
    desk.run(*which)
    assert late in again.asked
    assert [one for one in again.asked if one[:2] in ("XS", "IN")].count("INDEX:CSI300") == 0


def test_a_mainland_week_without_a_session_is_published(desk: Desk) -> None:
    """Before and after the calendar's end: Spring Festival 2026 is announced, 2027 is made up."""
    only_mainland(desk)
    desk.config.write_text(desk.config.read_text().replace(PUBLISHED, "2025-09-15"))
    for moment, last in (("2026-02-21T12:00", "2026-02-20"), ("2027-02-13T12:00", "2027-02-12")):
        desk.at(moment, last)
        desk.run("weekly", "run", str(desk.config))
        listed = json.loads(desk.run("weekly", "list", "--json", str(desk.config)))
        assert (listed[-1]["week"][:10], listed[-1]["partial"]) == (last, [])


def only_mainland(desk: Desk) -> None:
    """The desk's report without its listings of other markets."""
    report = small_report()
    kept = tuple(one for one in report.mentions if (one.listing or "")[:4] in ("XSHG", "XSHE"))
    ids = {one.listing for one in kept}
    smaller = report.model_copy(
        update={
            "mentions": kept,
            "listings": tuple(one for one in report.listings if one.id in ids),
        }
    )
    assert len(kept) == 2, [one.company for one in report.mentions]
    shutil.rmtree(desk.report)
    save(smaller, desk.report)


FAR: list[tuple[str, ...]] = [
    ("screen", "--published", "0001-01-01", "--prices", "simulated"),
    ("screen", "--published", "2300-01-01", "--prices", "simulated"),
    ("screen", "--published", PUBLISHED, "--as-of", "0001-01-01", "--prices", "simulated"),
    ("weekly", "run", "CONFIG", "--as-of", "0001-01-03"),
    ("weekly", "run", "CONFIG", "--as-of", "2300-01-03"),
    ("weekly", "run", "CONFIG", "--since", "0001-01-03", "--as-of", "0001-02-03"),
    ("weekly", "run", "CONFIG", "--known-on", "0001-01-01T00:00:00+14:00"),
]


@pytest.mark.parametrize("words", FAR, ids=" ".join)
def test_far_dates_are_told_and_never_a_traceback(desk: Desk, words: tuple[str, ...]) -> None:
    desk.at("2027-01-15T12:00", "2027-01-15")
    shutil.rmtree(desk.report)
    save(small_report().model_copy(update={"published_after": None}), desk.report)
    report = ("--report", str(desk.report)) if words[0] == "screen" else ()
    named = [str(desk.config) if one == "CONFIG" else one for one in words]
    found = RUN.invoke(app, [*named, *report])
    assert isinstance(found.exception, ScreenError | SystemExit), found.exception
    assert found.exit_code in (1, 2, 4)
