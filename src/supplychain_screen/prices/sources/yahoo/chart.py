"""One answer of Yahoo's chart service, read as it came: bars, events, and what was odd about it.

The client's own frame is not used, because it loses what a screen needs: rows without any price
vanish, an event on a day without a bar moves to the bar before, and a last bar that was sent twice
has its volume added up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import BasisNotServedError, InputError, MalformedAnswerError
from supplychain_screen.identity import Instrument, session_close
from supplychain_screen.prices.adjustment import events_of
from supplychain_screen.prices.series import Action, Basis, Finding, PriceSeries

__all__ = ["DividendEvent", "SplitEvent", "YahooAnswer", "read_chart"]

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

_COLUMNS = ("open", "high", "low", "close", "volume")
# Yahoo stamps a daily bar at the opening. Where a rule for summer time is out of date, a bar that
# is meant for midnight comes as 22:00 or 23:00 of the day before (the client mends it the same).
_LATE_EVENING = 22


class SplitEvent(NamedTuple):
    """A split or bonus issue: ``ratio`` new shares for one old (1.4 for 4 on 10)."""

    session: date
    ratio: float


class DividendEvent(NamedTuple):
    """A cash dividend a share, as Yahoo adjusted it for the splits after it.

    ``currency`` is None where Yahoo names none: the currency of the prices.
    """

    session: date
    amount: float
    currency: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class YahooAnswer:
    """Everything Yahoo said about one symbol in one answer.

    Parameters
    ----------
    listing, symbol : str
        Id of the listing or index, and Yahoo's symbol.
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing days of the exchange's own calendar.
    open, high, low, close : ndarray of float64, shape (n,)
        In ``currency``, adjusted for splits as far as Yahoo did. NaN where Yahoo sent null.
    adj_close : ndarray of float64, shape (n,)
        Closes adjusted for splits and dividends; all NaN where Yahoo sent none for a listing.
    volume : ndarray of float64, shape (n,)
        Shares, adjusted for splits; NaN where null.
    splits : tuple of SplitEvent
        Ascending, on the day Yahoo dates them, whether that day has a bar or not.
    dividends : tuple of DividendEvent
        Ascending, dated likewise.
    currency : str or None
        As Yahoo names it; None only for an index without one.
    timezone : str
        IANA name of the exchange's time zone, as Yahoo names it.
    market_time : datetime or None
        Time of the last trade Yahoo knew of (``regularMarketTime``), UTC.
    first : date
        First day that was asked for.
    fetched_at : datetime
        When the answer came, UTC.
    endpoint : str
        Address that was asked, without its query.
    attempts : int
        Chart requests it took.
    status : int
        HTTP status; an answer that could be read had 200.
    findings : tuple of Finding
        Rows without a close, collapsed or reordered rows, an unfinished bar that was dropped.
    """

    listing: str
    symbol: str
    sessions: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    adj_close: Floats
    volume: Floats
    splits: tuple[SplitEvent, ...]
    dividends: tuple[DividendEvent, ...]
    currency: str | None
    timezone: str
    market_time: datetime | None
    first: date
    fetched_at: datetime
    endpoint: str = ""
    attempts: int = 1
    status: int = 200
    findings: tuple[Finding, ...] = ()

    def series(self, basis: Basis, first: date, last: date) -> PriceSeries:
        """Closes of the sessions from ``first`` to ``last``, both inclusive.

        Parameters
        ----------
        basis : {"price", "total"}
            Adjusted for splits, or for splits and dividends.
        first, last : date
            Bounds, both inclusive.

        Returns
        -------
        PriceSeries
            In the listing's currency; rows without a close stay as NaN.

        Raises
        ------
        BasisNotServedError
            When ``total`` is asked and Yahoo sent no adjusted closes.
        """
        close = self.close if basis == "price" else self.adj_close
        if basis == "total" and np.isnan(close).all():
            raise BasisNotServedError(
                f"Yahoo sent no closes of {self.symbol} adjusted for dividends",
                source="yahoo",
                symbol=self.symbol,
            )
        splits, dividends = events_of(self)
        within = (self.sessions >= np.datetime64(first, "D")) & (
            self.sessions <= np.datetime64(last, "D")
        )
        return PriceSeries(
            listing=self.listing,
            sessions=self.sessions[within],
            close=close[within],
            volume=self.volume[within],
            adjustment="splits" if basis == "price" else "splits+dividends",
            source="yahoo",
            symbol=self.symbol,
            fetched_at=self.fetched_at,
            splits=splits,
            dividends=dividends,
            currency=self.currency or "",
        )


def read_chart(
    body: bytes,
    instrument: Instrument,
    symbol: str,
    *,
    first: date,
    fetched_at: datetime,
    endpoint: str = "",
    attempts: int = 1,
) -> YahooAnswer:
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
    YahooAnswer

    Raises
    ------
    MalformedAnswerError
        When the body is not such JSON, holds no bars, or contradicts itself or the listing:
        another symbol, another currency, another bar length, columns of unequal length.

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
    market_time = reader.moment(meta.get("regularMarketTime"))

    kept = days >= np.datetime64(first, "D")
    days, columns = days[kept], {name: values[kept] for name, values in columns.items()}
    days, columns = reader.put_in_order(days, columns)
    unfinished = _unfinished(instrument, days, zone, fetched_at, market_time)
    if unfinished:
        reader.note(
            "unfinished_bar",
            days[-unfinished:],
            "dropped",
            f"{symbol}: the session of {days[-1]} had not closed when Yahoo answered",
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
            f"{symbol}: {int(missing.sum())} rows without a close, kept as missing",
        )
    splits, dividends = reader.events(result, zone, first)
    for array in (days, *columns.values()):
        array.flags.writeable = False
    return YahooAnswer(
        listing=instrument.id,
        symbol=symbol,
        sessions=days,
        open=columns["open"],
        high=columns["high"],
        low=columns["low"],
        close=columns["close"],
        adj_close=columns["adj_close"],
        volume=columns["volume"],
        splits=splits,
        dividends=dividends,
        currency=meta.get("currency") or None,
        timezone=zone.key,
        market_time=market_time,
        first=first,
        fetched_at=fetched_at,
        endpoint=endpoint,
        attempts=attempts,
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
        return MalformedAnswerError(
            f"Yahoo's answer for {self.symbol} cannot be used: {what}",
            source="yahoo",
            symbol=self.symbol,
            attempts=self.attempts,
        )

    def note(self, code: str, days: Days, action: Action, detail: str) -> None:
        first, last = days.min().astype(object), days.max().astype(object)
        self.findings.append(Finding(code, self.instrument.id, first, last, action, detail))

    def result(self, body: bytes) -> Mapping[str, Any]:
        try:
            chart = json.loads(body)["chart"]
            result = chart["result"]
        except (ValueError, LookupError, TypeError) as error:
            raise self.malformed("it is not a chart") from error
        if not isinstance(result, list) or not result or not isinstance(result[0], Mapping):
            raise self.malformed("it holds no result")
        first: Mapping[str, Any] = result[0]
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
        except (ZoneInfoNotFoundError, ValueError, TypeError) as error:
            raise self.malformed(f"no such time zone: {name}") from error

    def moment(self, seconds: object) -> datetime | None:
        if seconds is None:
            return None
        try:
            return datetime.fromtimestamp(float(seconds), tz=UTC)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise self.malformed(f"no moment: {seconds!r}") from error

    def bars(self, result: Mapping[str, Any], zone: ZoneInfo) -> tuple[Days, dict[str, Floats]]:
        stamps = self.part(result, "timestamp", list)
        indicators = self.part(result, "indicators", Mapping)
        quote = self._first_of(indicators, "quote")
        columns = {name: self._column(quote.get(name), name, len(stamps)) for name in _COLUMNS}
        if indicators.get("adjclose"):
            adjusted = self._first_of(indicators, "adjclose").get("adjclose")
            columns["adj_close"] = self._column(adjusted, "adjclose", len(stamps))
        elif self.instrument.is_index:
            # Nothing is paid out of an index: both bases are the same number.
            columns["adj_close"] = columns["close"].copy()
        else:
            columns["adj_close"] = np.full(len(stamps), np.nan)
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
        column = np.array(values, dtype=np.float64)
        column[~np.isfinite(column)] = np.nan
        return column

    def _days(self, stamps: Iterable[object], zone: ZoneInfo) -> Days:
        days = [self._day(stamp, zone) for stamp in stamps]
        return np.array(days, dtype="datetime64[D]")

    def _day(self, stamp: object, zone: ZoneInfo) -> date:
        moment = self.moment(stamp)
        if moment is None:
            raise self.malformed("a bar without a day")
        local = moment.astimezone(zone)
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
                f"{self.symbol}: {backwards.size} rows out of order, sorted",
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
                f"{self.symbol}: {doubled.size} rows of days that came again, the last one kept",
            )
        rows = order[last_of_day]
        return days[last_of_day], {name: values[rows] for name, values in columns.items()}

    def events(
        self, result: Mapping[str, Any], zone: ZoneInfo, first: date
    ) -> tuple[tuple[SplitEvent, ...], tuple[DividendEvent, ...]]:
        events = result.get("events") or {}
        splits, dividends = [], []
        try:
            for event in (events.get("splits") or {}).values():
                ratio = float(event["numerator"]) / float(event["denominator"])
                splits.append(SplitEvent(self._day(event["date"], zone), self._positive(ratio)))
            for event in (events.get("dividends") or {}).values():
                amount = self._positive(float(event["amount"]))
                named = event.get("currency") or None
                dividends.append(DividendEvent(self._day(event["date"], zone), amount, named))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise self.malformed("a split or dividend that cannot be read") from error
        return (
            tuple(one for one in sorted(splits) if one.session >= first),
            tuple(one for one in sorted(dividends, key=_day_of) if one.session >= first),
        )

    @staticmethod
    def _positive(number: float) -> float:
        if not 0 < number < float("inf"):
            raise ValueError(number)
        return number


def _day_of(event: DividendEvent) -> date:
    return event.session


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
