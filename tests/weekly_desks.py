"""A small desk for the tests of the weekly run: a report of five mentions and a market of its own.

The market is a seeded walk on each exchange's real sessions, so weeks, holidays and closing times
are real and prices are not. It answers like a vendor, and its past can be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from tests.price_histories import history

from supplychain_screen import LoadedPrices, PriceSeries, ResearchReport, load_report, save_report
from supplychain_screen.errors import SourceError, SourceUnreachableError
from supplychain_screen.identity import Instrument, exchange_sessions, session_close
from supplychain_screen.prices import Basis
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.store import PriceStore

COMPANIES = ("寒武纪", "英伟达", "TCL", "高通", "瑞声科技")
FIRST = date(2024, 9, 2)
PUBLISHED = date(2024, 12, 31)


@lru_cache(maxsize=1)
def small_report() -> ResearchReport:
    """Five mentions of the packaged report, from all its markets; 高通 once."""
    report = load_report()
    seen: set[str] = set()
    mentions = []
    for mention in report.mentions:
        if mention.company in COMPANIES and mention.company not in seen:
            seen.add(mention.company)
            mentions.append(mention)
    segments = list(dict.fromkeys(one.segment for one in mentions))
    ids = {one.listing for one in mentions} | {"XHKG:1070"}
    return report.model_copy(
        update={
            "mentions": tuple(
                one.model_copy(
                    update={
                        "order": i,
                        "segment_no": segments.index(one.segment) + 1,
                        "candidates": (),
                    }
                )
                for i, one in enumerate(mentions, start=1)
            ),
            "listings": tuple(one for one in report.listings if one.id in ids),
        }
    )


class Market:
    """Daily closes of a report's instruments, and a vendor that serves them."""

    def __init__(self, report: ResearchReport | None = None, last: date = date(2026, 2, 6)) -> None:
        self.instruments = list((report or small_report()).instruments)
        self.closes: dict[str, dict[str, float]] = {}
        for i, one in enumerate(self.instruments):
            days = exchange_sessions(one.calendar, FIRST, last)
            steps = np.random.default_rng(i).normal(0, 0.004 if one.is_index else 0.018, days.size)
            walk = np.round(100 * np.exp(np.cumsum(steps)), 6)
            self.closes[one.id] = dict(zip(map(str, days), walk.tolist(), strict=True))

    def answer(self, one: Instrument, now: datetime) -> FetchedHistory:
        """What the vendor says at a moment: every session that has closed by then."""
        closes = {
            day: close
            for day, close in self.closes[one.id].items()
            if session_close(one.calendar, date.fromisoformat(day)) <= now
        }
        return history(closes, of=one, at=now.strftime("%Y-%m-%dT%H:%M"), first=str(FIRST))

    def fill(self, store: PriceStore, now: datetime, restated: Sequence[str] = ()) -> None:
        """Bring a store up to date."""
        answers = [self.answer(one, now) for one in self.instruments]
        for decision in store.add(answers, self.instruments, accept_restated=restated):
            assert decision.accepted, decision


class Served:
    """The market as a price source that knows all of its past."""

    name, simulated = "market", False

    def __init__(self, market: Market) -> None:
        self.closes = market.closes

    def bases(self) -> tuple[Basis, ...]:
        return ("price",)

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        series, failures = {}, {}
        for one in instruments:
            closes = self.closes.get(one.id, {})
            days = [day for day in closes if str(first) <= day <= str(last)]
            if not days:
                failures[one.id] = SourceError("none", source=self.name)
                continue
            values = np.array([closes[day] for day in days])
            series[one.id] = PriceSeries(
                one.id,
                np.array(days, "datetime64[D]"),
                values,
                np.full(len(days), 1e6),
                "splits",
                self.name,
                one.id,
            )
        return LoadedPrices(series, failures)


class Vendor:
    """The market as a source, some of whose answers fail or come late."""

    def __init__(
        self,
        market: Market,
        now: Callable[[], datetime],
        fails: Mapping[str, SourceError] | None = None,
        wait: Callable[[], Any] = lambda: None,
    ) -> None:
        self.market, self.now, self.fails, self.wait = market, now, dict(fails or {}), wait
        self.name, self.simulated = "yahoo", False

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        for one in instruments:
            self.wait()
            yield one, self.fails.get(one.id) or self.market.answer(one, self.now())

    def dead(self) -> Vendor:
        """The same one, unreachable for everybody."""
        error = SourceUnreachableError("no connection", source="yahoo", attempts=1)
        return Vendor(self.market, self.now, {one.id: error for one in self.market.instruments})


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def weekend_after(self, friday: date) -> datetime:
        """Saturday 12:00 UTC: when the desk runs."""
        day = friday + timedelta(days=1)
        self.moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return self.moment


CONFIG = """\
[archive]
folder = "weeks"
[prices]
store = "store"
source = "none"
[output]
formats = []
[[screens]]
name = "desk"
report = "report"
published = 2024-12-31
"""


def write_desk(folder: Path, text: str = CONFIG) -> Path:
    """A configuration with its report; returns the configuration's file."""
    if not (folder / "report").exists():
        save_report(small_report(), folder / "report")
    path = folder / "weekly.toml"
    path.write_text(text, encoding="utf-8")
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
