"""What the loopback Yahoo sells: generated prices, known to the tests as the truth.

Every symbol of a known suffix has a market. The traded prices are drawn forward in time from a
seed that is the symbol, so that moving the clock adds days and changes none. Charts are shaped as
the recorded answers of Yahoo are (MIT-licensed yfinance-rs and node-yahoo-finance2, read, not
copied): closes of single precision, adjusted for the splits known at the clock's time.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import exchange_sessions, session_close

SINCE = date(2022, 1, 4)

# suffix: calendar, currency, time zone, Yahoo's exchange name
_PLACES = {
    "SS": ("XSHG", "CNY", "Asia/Shanghai", "SHH"),
    "SZ": ("XSHG", "CNY", "Asia/Shanghai", "SHZ"),
    "HK": ("XHKG", "HKD", "Asia/Hong_Kong", "HKG"),
    "TW": ("XTAI", "TWD", "Asia/Taipei", "TAI"),
    "": ("XNYS", "USD", "America/New_York", "NMS"),
}
_INDICES = {
    "000300.SS": _PLACES["SS"],
    "^HSI": _PLACES["HK"],
    "^GSPC": _PLACES[""],
    "^IXIC": _PLACES[""],
    "^TWII": _PLACES["TW"],
}


@dataclass
class Market:
    """One symbol's truth: what was traded, and what happened.

    Attributes
    ----------
    traded : ndarray of float64, shape (n,)
        Closes as traded, of every session from ``since`` on, also after the clock.
    splits : mapping of date to float
        New shares for one old, on the first day that trades in new shares.
    dividends : mapping of date to float
        Cash a share held before that day.
    """

    symbol: str
    calendar: str
    currency: str
    timezone: str
    exchange: str
    is_index: bool
    since: date
    splits: Mapping[date, float] = field(default_factory=dict)
    dividends: Mapping[date, float] = field(default_factory=dict)
    suspended: tuple[date, date] | None = None

    @property
    def sessions(self) -> npt.NDArray[np.datetime64]:
        return exchange_sessions(self.calendar, self.since, date(2026, 12, 31))

    @property
    def traded(self) -> npt.NDArray[np.float64]:
        draw = np.random.default_rng(zlib.crc32(self.symbol.encode()))
        steps = draw.normal(0.0002, 0.012, self.sessions.size)
        for day, ratio in self.splits.items():
            steps[self._at(day)] -= math.log(ratio)
        level = 20.0 + zlib.crc32(self.symbol.encode()) % 180
        level *= float(np.prod(list(self.splits.values()) or [1.0])) * (50 if self.is_index else 1)
        closes = level * np.exp(np.cumsum(steps))
        if self.suspended is not None:
            first, last = (self._at(day) for day in self.suspended)
            closes[first : last + 1] = closes[first - 1]
        return closes.astype(np.float32).astype(np.float64)

    @property
    def volume(self) -> npt.NDArray[np.float64]:
        draw = np.random.default_rng(zlib.crc32(self.symbol.encode()) + 1)
        volume = draw.integers(100_000, 9_000_000, self.sessions.size).astype(np.float64)
        if self.suspended is not None:
            first, last = (self._at(day) for day in self.suspended)
            volume[first : last + 1] = 0
        return volume

    def adjusted(self, today: date, dividends: bool) -> npt.NDArray[np.float64]:
        """Closes adjusted for the events up to ``today``, as a textbook does it."""
        closes, sessions = self.traded.copy(), self.sessions
        factors = np.ones(closes.size)
        for day, ratio in self.splits.items():
            if day <= today:
                factors[sessions < np.datetime64(day)] /= ratio
        if dividends:
            for day, amount in self.dividends.items():
                if day <= today:
                    before = self._at(day) - 1
                    factors[: before + 1] *= 1 - amount / closes[before]
        adjusted = closes * factors
        return adjusted.astype(np.float32).astype(np.float64)

    def _at(self, day: date) -> int:
        return int(np.searchsorted(self.sessions, np.datetime64(day)))


def market_of(symbol: str) -> Market | None:
    """The default market of a symbol, or None where Yahoo would not know it."""
    place = _INDICES.get(symbol)
    if place is not None:
        return Market(symbol, *place, is_index=True, since=SINCE)
    stem, _, suffix = symbol.rpartition(".") if "." in symbol else (symbol, "", "")
    place = _PLACES.get(suffix)
    if place is None or (suffix == "HK" and len(stem) != 4) or stem.startswith("^"):
        return None
    market = Market(symbol, *place, is_index=False, since=SINCE)
    kind = zlib.crc32(symbol.encode()) % 3
    if place[0] == "XSHG":
        market.dividends = {_session(market, date(year, 6, 10)): 0.3 for year in (2023, 2024, 2025)}
        market.splits = {_session(market, date(2025, 6, 4)): 1.4} if kind == 0 else {}
    elif place[0] == "XNYS":
        market.dividends = {
            _session(market, date(year, month, 5)): 0.25
            for year in (2023, 2024, 2025)
            for month in (3, 6, 9, 12)
        }
        market.splits = {_session(market, date(2024, 6, 10)): 10.0} if kind == 0 else {}
    else:
        market.dividends = {_session(market, date(year, 5, 20)): 0.5 for year in (2023, 2024, 2025)}
    return market


def _session(market: Market, day: date) -> date:
    later = exchange_sessions(market.calendar, day, day + timedelta(days=20))
    return later[0].astype(object)  # type: ignore[no-any-return]


def chart(
    market: Market, now: datetime, first: int, last: int, stories: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The answer to a chart request from stamp ``first`` to ``last``; None when no bar is there."""
    zone = ZoneInfo(market.timezone)
    today = now.astimezone(zone).date()
    split_close = market.adjusted(today, dividends=False)
    total_close = market.adjusted(today, dividends=True)
    ratio = market.traded / split_close
    volumes = market.volume * ratio
    events = _events(market, today, ratio)
    rows = []
    for at, day in enumerate(market.sessions.astype(object)):
        opens = _opening(market, day)
        if opens > now:
            break
        close, adjusted, volume = split_close[at], total_close[at], volumes[at]
        wave = 1 + 0.004 * math.sin(at)
        rows.append(
            {
                "stamp": int(opens.timestamp()),
                "day": day,
                "open": close * wave,
                "high": close * max(1.006, wave),
                "low": close * min(0.994, wave),
                "close": close,
                "adjclose": adjusted,
                "volume": int(volume),
            }
        )
    if not rows:
        return None
    closed_at = session_close(market.calendar, rows[-1]["day"])
    last_trade = min(now, closed_at + timedelta(seconds=2))
    meta = _meta(market, last_trade)
    for name, options in stories.items():
        rows = STORIES[name](market, rows, events, meta, now, **options)
    rows = [row for row in rows if first <= row["stamp"] <= last]
    if not rows:
        return None
    result = {
        "meta": meta,
        "timestamp": [row["stamp"] for row in rows],
        "indicators": {
            "quote": [
                {
                    name: [_single(row[name]) for row in rows]
                    for name in ("open", "high", "low", "close", "volume")
                }
            ],
            "adjclose": [{"adjclose": [_single(row["adjclose"]) for row in rows]}],
        },
    }
    within = {
        kind: {key: one for key, one in of_kind.items() if first <= one["date"] <= last}
        for kind, of_kind in events.items()
    }
    if any(within.values()):
        result["events"] = {kind: of_kind for kind, of_kind in within.items() if of_kind}
    return {"chart": {"result": [result], "error": None}}


def _single(value: float | str | None) -> float | str | None:
    return float(np.float32(value)) if isinstance(value, float) else value


@lru_cache(maxsize=65536)
def _opens(timezone: str, day: date) -> datetime:
    return datetime.combine(day, time(9, 30), ZoneInfo(timezone)).astimezone(UTC)


def _opening(market: Market, day: date) -> datetime:
    return _opens(market.timezone, day)


def _events(
    market: Market, today: date, later: npt.NDArray[np.float64]
) -> dict[str, dict[str, Any]]:
    events: dict[str, dict[str, Any]] = {"dividends": {}, "splits": {}}
    for day, amount in sorted(market.dividends.items()):
        if day <= today:
            stamp = int(_opening(market, day).timestamp())
            # Yahoo divides a dividend by the splits from its ex-date on (4063.T of 2023-03-30).
            served = amount / float(later[market._at(day) - 1])
            events["dividends"][str(stamp)] = {"amount": served, "date": stamp}
    for day, ratio in sorted(market.splits.items()):
        if day <= today:
            stamp = int(_opening(market, day).timestamp())
            numerator, denominator = (
                float(ratio).as_integer_ratio()
                if ratio >= 10
                else (
                    round(ratio * 10),
                    10,
                )
            )
            events["splits"][str(stamp)] = {
                "date": stamp,
                "numerator": float(numerator),
                "denominator": float(denominator),
                "splitRatio": f"{numerator}:{denominator}",
            }
    return events


def _meta(market: Market, last_trade: datetime) -> dict[str, Any]:
    offset = last_trade.astimezone(ZoneInfo(market.timezone)).utcoffset()
    assert offset is not None
    return {
        "currency": market.currency,
        "symbol": market.symbol,
        "exchangeName": market.exchange,
        "instrumentType": "INDEX" if market.is_index else "EQUITY",
        "firstTradeDate": int(_opening(market, market.since).timestamp()),
        "regularMarketTime": int(last_trade.timestamp()),
        "hasPrePostMarketData": market.calendar == "XNYS",
        "gmtoffset": int(offset.total_seconds()),
        "timezone": "LMT",
        "exchangeTimezoneName": market.timezone,
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


# --- Stories: what Yahoo has been seen to do to a series ------------------------------------

Rows = list[dict[str, Any]]
Story = Callable[..., Rows]
STORIES: dict[str, Story] = {}


def _story(function: Story) -> Story:
    STORIES[function.__name__] = function
    return function


def _undo(row: dict[str, Any], ratio: float) -> None:
    for name in ("open", "high", "low", "close", "adjclose"):
        row[name] *= ratio
    row["volume"] = int(row["volume"] / ratio)


def _last_split(market: Market, now: datetime) -> tuple[date, float]:
    day = max(day for day in market.splits if day <= now.date())
    return day, market.splits[day]


@_story
def bonus_never(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """The last bonus issue is not applied, and no event names it."""
    day, ratio = _last_split(market, now)
    events["splits"].popitem()
    for row in rows:
        if row["day"] < day:
            _undo(row, ratio)
    return rows


@_story
def bonus_late(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, days: int = 5
) -> Rows:
    """The last bonus issue is applied only ``days`` days afterwards."""
    day, _ = _last_split(market, now)
    if now.date() >= day + timedelta(days=days):
        return rows
    return bonus_never(market, rows, events, meta, now)


@_story
def bonus_one_day(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """The last bonus issue is applied to the bar before it only."""
    day, ratio = _last_split(market, now)
    earlier = [row for row in rows if row["day"] < day]
    for row in earlier[:-1]:
        _undo(row, ratio)
    return rows


@_story
def duplicate_last(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """The last bar comes again, stamped with the last trade."""
    return [*rows, {**rows[-1], "stamp": meta["regularMarketTime"]}]


@_story
def partial_last(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """The last bar is of the morning, and the last trade too."""
    meta["regularMarketTime"] = rows[-1]["stamp"] + 3600
    unfinished = {**rows[-1], "volume": rows[-1]["volume"] // 3}
    for name in ("close", "adjclose"):
        unfinished[name] *= 0.93
    return [*rows[:-1], unfinished]


@_story
def null_close(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, back: int = 10
) -> Rows:
    """One row has everything but a close."""
    rows[-back] = {**rows[-back], "close": None, "adjclose": None}
    return rows


@_story
def null_row(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, back: int = 20
) -> Rows:
    """One row has nothing but its day."""
    nothing = dict.fromkeys(("open", "high", "low", "close", "adjclose", "volume"))
    rows[-back] = {**rows[-back], **nothing}
    return rows


@_story
def dropped_days(
    market: Market,
    rows: Rows,
    events: Any,
    meta: Any,
    now: datetime,
    back: int = 30,
    count: int = 5,
) -> Rows:
    """Some days are not there."""
    return rows[:-back] + rows[len(rows) - back + count :]


@_story
def stale_tail(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, count: int = 8
) -> Rows:
    """The bars stop days early, while the last trade is of today."""
    return rows[:-count]


@_story
def times_hundred(
    market: Market,
    rows: Rows,
    events: Any,
    meta: Any,
    now: datetime,
    back: int = 40,
    count: int = 3,
) -> Rows:
    """Some days are quoted in hundredths."""
    for row in rows[len(rows) - back : len(rows) - back + count]:
        for name in ("open", "high", "low", "close", "adjclose"):
            row[name] *= 100
    return rows


@_story
def wrong_currency(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, currency: str = "EUR"
) -> Rows:
    """The answer is of another line of the company."""
    meta["currency"] = currency
    return rows


@_story
def other_symbol(
    market: Market, rows: Rows, events: Any, meta: Any, now: datetime, symbol: str = "META"
) -> Rows:
    """The answer is about somebody else."""
    meta["symbol"] = symbol
    return rows


@_story
def monthly_bars(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """The bars are longer than a day."""
    meta["dataGranularity"] = "1mo"
    return rows[::21]


@_story
def text_in_numbers(market: Market, rows: Rows, events: Any, meta: Any, now: datetime) -> Rows:
    """A close is a word."""
    return [*rows[:-3], {**rows[-3], "close": "12.50"}, *rows[-2:]]
