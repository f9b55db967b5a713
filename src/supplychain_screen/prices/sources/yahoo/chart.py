"""One answer of Yahoo's chart service, read as it came: bars, events, and what was odd about it.

The client's own frame is not used, because it loses what a screen needs: rows without any price
vanish, an event on a day without a bar moves to the bar before, and a last bar that was sent twice
has its volume added up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import InputError, MalformedAnswerError
from supplychain_screen.identity import Instrument, session_close
from supplychain_screen.prices.adjustment import FetchedHistory, held_factors, undo_splits
from supplychain_screen.prices.series import Action, Events, Finding
from supplychain_screen.prices.sources.yahoo.faults import (
    SOURCE,
    malformed,
    said_in,
    unreachable,
    words_of,
)
from supplychain_screen.words import Message, message

__all__ = ["read_chart"]

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

_COLUMNS = ("open", "high", "low", "close", "volume")
# Yahoo stamps a daily bar at the opening. Where a rule for summer time is out of date, a bar that
# is meant for midnight comes as 22:00 or 23:00 of the day before (the client mends it the same).
_LATE_EVENING = 22
# 1900 and 2200: what lies beyond is no moment of a market.
_EARLIEST, _LATEST = -2_208_988_800, 7_258_118_400
# No share cost or traded so much, in any currency.
_LARGEST = 1e15
_LARGEST_SPLITS = 1e9


def read_chart(
    body: bytes,
    instrument: Instrument,
    symbol: str,
    *,
    first: date,
    fetched_at: datetime,
    endpoint: str = "",
    attempts: int = 1,
) -> FetchedHistory:
    """The answer in the body of a chart response.

    Parameters
    ----------
    body : bytes
        JSON of ``/v8/finance/chart/SYMBOL`` with daily bars.
    instrument : Listing or Index
        Who was asked for: gives the currency and the calendar.
    symbol : str
        Yahoo's symbol.
    first : date
        First day that was asked for; earlier rows are left out.
    fetched_at : datetime
        When the answer came, aware. A bar whose session had not closed by then is dropped.
    endpoint, attempts
        Kept for the record.

    Returns
    -------
    FetchedHistory

    Raises
    ------
    MalformedAnswerError
        When the body is not such JSON, holds no bars, or contradicts itself or the listing:
        another symbol, another currency, another bar length, columns of unequal length, moments
        and numbers that no market has.
    SourceUnreachableError
        When it is the page Yahoo shows while it is down for maintenance.

    Notes
    -----
    A bar is unfinished when its session closes after ``fetched_at``, or when it is the last bar
    and the last trade Yahoo knew of (``regularMarketTime``) is before that close. So a share that
    did not trade at the close comes a session late; the other choice is a wrong close.
    """
    reader = _Reader(instrument, symbol, attempts)
    result = reader.result(body)
    meta = reader.part(result, "meta", Mapping)
    reader.check_identity(meta)
    zone = reader.zone(meta)
    days, columns = reader.bars(result, zone)
    traded_to = meta.get("regularMarketTime")
    market_time = None if traded_to is None else reader.moment(traded_to)

    kept = days >= np.datetime64(first, "D")
    astray = ~kept[1:] & kept[:-1]
    if astray.any():
        raise reader.malformed(f"a bar of {days[1:][astray][0]} after one since {first}")
    days, columns = days[kept], {name: values[kept] for name, values in columns.items()}
    days, columns = reader.put_in_order(days, columns)
    unfinished = _unfinished(instrument, days, zone, fetched_at, market_time)
    if unfinished:
        reader.note(
            "unfinished_bar",
            days[-unfinished:],
            "dropped",
            message("unfinished_bar", symbol=symbol, day=days[-1].astype(object)),
        )
        days = days[:-unfinished]
        columns = {name: values[:-unfinished] for name, values in columns.items()}
    if not days.size:
        raise reader.malformed(f"no finished session since {first}")
    missing = np.isnan(columns["close"])
    if missing.any():
        reader.note(
            "missing_close",
            days[missing],
            "reported",
            message("missing_close.kept", symbol=symbol, n=int(missing.sum())),
        )
    splits, dividends = reader.events(result, zone, first)
    traded = {
        name: undo_splits(days, values, splits, shares=name == "volume")
        for name, values in columns.items()
    }
    for array in (days, columns["close"], *traded.values()):
        array.flags.writeable = False
    return FetchedHistory(
        listing=instrument.id,
        sessions=days,
        open=traded["open"],
        high=traded["high"],
        low=traded["low"],
        close=traded["close"],
        volume=traded["volume"],
        split_adjusted=columns["close"],
        splits=splits,
        dividends=dividends,
        source=SOURCE,
        symbol=symbol,
        currency=meta.get("currency") or "",
        timezone=zone.key,
        fetched_at=fetched_at,
        asked_first=first,
        endpoint=endpoint,
        attempts=attempts,
        status=200,
        findings=tuple(reader.findings),
    )


class _Reader:
    """Takes one answer apart; every contradiction becomes a named error."""

    def __init__(self, instrument: Instrument, symbol: str, attempts: int) -> None:
        self.instrument = instrument
        self.symbol = symbol
        self.attempts = attempts
        self.findings: list[Finding] = []

    def malformed(self, what: str) -> MalformedAnswerError:
        return malformed(self.symbol, what, self.attempts)

    def note(self, code: str, days: Days, action: Action, said: Message) -> None:
        first, last = days.min().astype(object), days.max().astype(object)
        self.findings.append(Finding(code, self.instrument.id, first, last, action, said))

    def result(self, body: bytes) -> Mapping[str, Any]:
        if b"Will be right back" in body:
            raise unreachable(self.symbol, "it is down for maintenance", self.attempts)
        if not body.lstrip().startswith((b"{", b"[")):
            raise self.malformed(f"it is no JSON: {words_of(body)}")
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise self.malformed(f"it breaks off: {error}") from error
        except RecursionError as error:
            raise self.malformed("it is nested too deeply") from error
        words = said_in(answer)
        if words:
            raise self.malformed(f"Yahoo says: {words}")
        try:
            first = answer["chart"]["result"][0]
        except (LookupError, TypeError) as error:
            raise self.malformed("it holds no prices") from error
        if not isinstance(first, Mapping) or "timestamp" not in first:
            raise self.malformed("it holds no prices")
        return first

    def part(self, holder: Mapping[str, Any], name: str, kind: type) -> Any:
        part = holder.get(name)
        if not isinstance(part, kind):
            raise self.malformed(f"it holds no {name}")
        return part

    def check_identity(self, meta: Mapping[str, Any]) -> None:
        answered = meta.get("symbol")
        if isinstance(answered, str) and answered.upper() != self.symbol.upper():
            raise self.malformed(f"it is about {answered}")
        granularity = meta.get("dataGranularity", "1d")
        if granularity != "1d":
            raise self.malformed(f"its bars are of {granularity}, not of a day")
        currency = meta.get("currency")
        if not currency and self.instrument.is_index:
            return  # an index has no price in money
        if currency != self.instrument.currency:
            raise self.malformed(
                f"its prices are in {currency or 'no named currency'}, "
                f"and {self.instrument.id} trades in {self.instrument.currency}"
            )

    def zone(self, meta: Mapping[str, Any]) -> ZoneInfo:
        name = meta.get("exchangeTimezoneName") or self.instrument.timezone
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
            raise self.malformed(f"no such time zone: {name}") from error

    def moment(self, seconds: object) -> datetime:
        if type(seconds) in (int, float) and _EARLIEST <= seconds <= _LATEST:  # type: ignore[operator]
            return datetime.fromtimestamp(seconds, tz=UTC)  # type: ignore[arg-type]
        raise self.malformed(f"no moment: {seconds!r:.40}")

    def bars(self, result: Mapping[str, Any], zone: ZoneInfo) -> tuple[Days, dict[str, Floats]]:
        stamps = self.part(result, "timestamp", list)
        indicators = self.part(result, "indicators", Mapping)
        quote = self._first_of(indicators, "quote")
        columns = {name: self._column(quote.get(name), name, len(stamps)) for name in _COLUMNS}
        return self._days(stamps, zone), columns

    def _first_of(self, holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        parts = self.part(holder, name, list)
        if not parts or not isinstance(parts[0], Mapping):
            raise self.malformed(f"it holds no {name}")
        first: Mapping[str, Any] = parts[0]
        return first

    def _column(self, values: object, name: str, length: int) -> Floats:
        if not isinstance(values, list) or len(values) != length:
            raise self.malformed(f"column {name} does not go with its {length} days")
        if not all(value is None or type(value) in (int, float) for value in values):
            raise self.malformed(f"column {name} holds what is no number")
        try:
            column = np.array(values, dtype=np.float64)
        except OverflowError as error:
            raise self.malformed(f"column {name} holds what is no number") from error
        column[~np.isfinite(column)] = np.nan
        if (np.abs(column) > _LARGEST).any():
            raise self.malformed(f"column {name} holds what cannot be: {np.nanmax(np.abs(column))}")
        return column

    def _days(self, stamps: Iterable[object], zone: ZoneInfo) -> Days:
        days = [self._day(stamp, zone) for stamp in stamps]
        return np.array(days, dtype="datetime64[D]")

    def _day(self, stamp: object, zone: ZoneInfo) -> date:
        local = self.moment(stamp).astimezone(zone)
        if local.minute == 0 and local.hour >= _LATE_EVENING:
            local += timedelta(hours=24 - local.hour)
        return local.date()

    def put_in_order(
        self, days: Days, columns: dict[str, Floats]
    ) -> tuple[Days, dict[str, Floats]]:
        """One row a day, ascending; of a day's rows the last one sent that has a close."""
        steps = np.diff(days).astype(np.int64)
        if (steps > 0).all():
            return days, columns
        backwards = np.flatnonzero(steps < 0)
        if backwards.size:
            self.note(
                "unordered_sessions",
                days[backwards],
                "reported",
                message("unordered_sessions.sorted", symbol=self.symbol, n=backwards.size),
            )
        order = np.lexsort((np.arange(days.size), ~np.isnan(columns["close"]), days))
        days = days[order]
        last_of_day = np.append(days[1:] != days[:-1], True)
        if not last_of_day.all():
            doubled = days[~last_of_day]
            self.note(
                "duplicate_session",
                doubled,
                "dropped",
                message("duplicate_session.last_kept", symbol=self.symbol, n=doubled.size),
            )
        rows = order[last_of_day]
        return days[last_of_day], {name: values[rows] for name, values in columns.items()}

    def events(
        self, result: Mapping[str, Any], zone: ZoneInfo, first: date
    ) -> tuple[Events, Events]:
        """Splits and dividends since ``first``, on the days Yahoo dates them, bar or not.

        Dividends, which Yahoo adjusts for the splits from their ex-date on, are taken back to what
        was paid. Source: its answers for 4063.T of 2023-03-30 (275 yen and 5 for 1: 55) and CNE.L
        of 2023-05-16 (115 pence and 33 for 70: 243.94). Those in another currency than the prices
        are left out and told: taking them off the price would be wrong.
        """
        events = result.get("events") or {}
        currency = result["meta"].get("currency") or None
        ratios: dict[date, float] = {}
        paid: dict[date, float] = {}
        foreign: list[date] = []
        try:
            for event in (events.get("splits") or {}).values():
                ratio = self._positive(event["numerator"]) / self._positive(event["denominator"])
                day = self._day(event["date"], zone)
                ratios[day] = self._positive(ratio * ratios.get(day, 1.0))
            if not 1 / _LARGEST_SPLITS <= math.prod(ratios.values()) <= _LARGEST_SPLITS:
                raise ValueError(ratios)
            for event in (events.get("dividends") or {}).values():
                day = self._day(event["date"], zone)
                amount = self._positive(event["amount"])
                if day >= first and event.get("currency") not in (None, "", currency):
                    foreign.append(day)
                else:
                    paid[day] = paid.get(day, 0.0) + amount
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise self.malformed("a split or dividend that cannot be read") from error
        if foreign:
            self.note(
                "dividend_currency",
                np.array(foreign, dtype="datetime64[D]"),
                "dropped",
                message("dividend_currency", n=len(foreign), symbol=self.symbol, currency=currency),
            )
        splits, cash = _since(first, ratios), _since(first, paid)
        return splits, Events(cash.sessions, cash.values * held_factors(cash.sessions, splits))

    @staticmethod
    def _positive(number: object) -> float:
        if type(number) not in (int, float) or not 0 < number < _LARGEST:  # type: ignore[operator]
            raise ValueError(number)
        return float(number)  # type: ignore[arg-type]


def _since(first: date, values: Mapping[date, float]) -> Events:
    return Events.of(*((str(day), value) for day, value in values.items() if day >= first))


def _unfinished(
    instrument: Instrument,
    days: Days,
    zone: ZoneInfo,
    fetched_at: datetime,
    market_time: datetime | None,
) -> int:
    """How many of the last rows are of sessions that had not closed."""
    count = 0
    for at in range(days.size - 1, -1, -1):
        day = days[at].astype(object)
        try:
            closes = session_close(instrument.calendar, day)
        except InputError:
            # No session in the calendar (the quality checks say so): over when its day is over.
            closes = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        traded_to = fetched_at
        if count == 0 and market_time is not None:
            traded_to = min(fetched_at, market_time)
        if closes <= traded_to:
            break
        count += 1
    return count
