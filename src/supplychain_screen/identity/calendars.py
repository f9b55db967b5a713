"""Sessions, half days and closing times of the exchanges, as ``exchange_calendars`` has them.

Shanghai announces its holidays a year at a time, so its calendar ends with a year and the next one
comes days before or after New Year. That stops nobody: behind a calendar's last known day every
weekday is *provisional*, at the usual closing time, until prices show whether it was a session
(:class:`supplychain_screen.prices.sessions.SessionCalendars`).
"""

from __future__ import annotations

import bisect
import contextlib
import difflib
import warnings
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from supplychain_screen.drafts import draft
from supplychain_screen.errors import InputError, Problem
from supplychain_screen.identity.exchanges import EXCHANGES

__all__ = [
    "calendar_span",
    "exchange_sessions",
    "expected_sessions",
    "half_days",
    "known_until",
    "last_completed_session",
    "session_close",
]

Days = npt.NDArray[np.datetime64]

_NO_DAYS: Days = np.empty(0, "datetime64[D]")
_FRIDAY = 4

_RECENT = date(2015, 1, 1)
"""Start of the calendar that almost every request needs; older requests build a longer one."""
_OLDEST = date(1991, 1, 2)
_KEPT_FORMAT = 1
"""Raised with every change of what a kept calendar holds or leaves out."""
_LATEST = date(2030, 12, 31)
"""Beyond it the holidays of most markets are guesses. Shanghai's end earlier: they are announced
a year at a time, and ``exchange_calendars`` stops where the announcements do."""

_CLOSED_AFTER_ALL = {
    # Typhoon Saola and the black rainstorm of a week later: trading was cancelled all day.
    "XHKG": ("2023-09-01", "2023-09-08"),
    # New year holidays of 2022 and 2023, typhoon Kong-rey in 2024.
    "XTAI": ("2022-02-04", "2023-01-18", "2024-10-31"),
}
"""Days that exchange_calendars 4.13 takes for sessions though the exchange did not trade; the
indices of those markets have no level on them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Calendar:
    """One exchange's sessions as arrays."""

    name: str
    first: date
    last: date
    sessions: Days
    closes: npt.NDArray[np.int64]
    """Closing time of each session in seconds since 1970-01-01 UTC."""
    half: Days


def exchange_sessions(calendar: str, first: date, last: date) -> Days:
    """The sessions of an exchange from ``first`` to ``last``, both inclusive.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars`` (``Listing.calendar``), for example ``XSHG``.
    first, last : date
        Bounds, both inclusive; an empty array where ``last`` is before ``first``.

    Returns
    -------
    ndarray of datetime64[D], shape (n_sessions,)
        Strictly increasing and read-only.

    Raises
    ------
    InputError
        When the calendar is unknown or does not reach the asked days.

    Examples
    --------
    >>> from datetime import date
    >>> exchange_sessions("XSHG", date(2025, 1, 27), date(2025, 2, 5)).astype(str).tolist()
    ['2025-01-27', '2025-02-05']
    """
    known = _reaching(calendar, first, last)
    return _between(known.sessions, first, last)


def expected_sessions(calendar: str, first: date, last: date) -> Days:
    """The sessions of an exchange, and behind the last day its calendar knows every weekday.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    first, last : date
        Bounds, both inclusive; an empty array where ``last`` is before ``first``.

    Returns
    -------
    ndarray of datetime64[D], shape (n_sessions,)
        Strictly increasing. Those after :func:`known_until` are provisional: holidays among them.

    Raises
    ------
    InputError
        When the calendar is unknown or begins after ``first``.

    Examples
    --------
    >>> from datetime import date
    >>> expected_sessions("XSHG", date(2099, 1, 1), date(2099, 1, 5)).astype(str).tolist()
    ['2099-01-01', '2099-01-02', '2099-01-05']
    """
    end = known_until(calendar)
    known = exchange_sessions(calendar, first, min(last, end)) if first <= end else _NO_DAYS
    if last <= end:
        return known
    start = max(np.datetime64(first, "D"), np.datetime64(end, "D") + 1)
    days = np.arange(start, max(np.datetime64(last, "D") + 1, start))
    return np.concatenate([known, days[np.is_busday(days)]])


def half_days(calendar: str, first: date, last: date) -> Days:
    """The sessions that close early, from ``first`` to ``last``, both inclusive.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    first, last : date
        Bounds, both inclusive.

    Returns
    -------
    ndarray of datetime64[D], shape (n_half_days,)
        Strictly increasing and read-only.

    Raises
    ------
    InputError
        When the calendar is unknown or does not reach the asked days.

    Examples
    --------
    >>> from datetime import date
    >>> half_days("XHKG", date(2024, 12, 1), date(2025, 1, 31)).astype(str).tolist()
    ['2024-12-24', '2024-12-31', '2025-01-28']
    """
    known = _reaching(calendar, first, last)
    return _between(known.half, first, last)


def session_close(calendar: str, session: date) -> datetime:
    """The moment at which a session closes, half days included.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    session : date
        A session of that exchange; behind the last day its calendar knows, a weekday.

    Returns
    -------
    datetime
        Aware, in UTC. Of a day that the calendar does not know yet: the usual closing time.

    Raises
    ------
    InputError
        When the exchange does not trade on that day, or the calendar begins after it.

    Examples
    --------
    >>> from datetime import date
    >>> session_close("XHKG", date(2024, 12, 31)).isoformat()
    '2024-12-31T04:00:00+00:00'
    >>> session_close("XHKG", date(2025, 1, 2)).isoformat()
    '2025-01-02T08:00:00+00:00'
    """
    if session > known_until(calendar) and session.weekday() <= _FRIDAY:
        return _usual_close(calendar, session)
    known = _reaching(calendar, session, min(session, known_until(calendar)))
    day = np.datetime64(session, "D")
    at = int(np.searchsorted(known.sessions, day))
    if at == known.sessions.size or known.sessions[at] != day:
        before = known.sessions[at - 1] if at else None
        remedy = f"the last session before it is {before}" if before is not None else ""
        raise InputError(Problem(f"{session} is no session of {calendar}", remedy))
    return datetime.fromtimestamp(int(known.closes[at]), tz=UTC)


def last_completed_session(calendar: str, now: datetime) -> date:
    """The last session whose close is not after ``now``.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.
    now : datetime
        An aware moment, in any time zone.

    Returns
    -------
    date
        Day of that session in the exchange's own calendar. Behind the last day that the calendar
        knows: the last weekday, which may turn out a holiday.

    Raises
    ------
    InputError
        When ``now`` has no time zone or lies before what the calendar knows.

    Examples
    --------
    >>> from datetime import datetime, timezone
    >>> last_completed_session("XSHG", datetime(2025, 1, 2, 6, 59, tzinfo=timezone.utc))
    datetime.date(2024, 12, 31)
    >>> last_completed_session("XSHG", datetime(2025, 1, 2, 7, 0, tzinfo=timezone.utc))
    datetime.date(2025, 1, 2)
    """
    if now.tzinfo is None:
        raise InputError(Problem("a moment without time zone", "pass an aware datetime"))
    moment = now.astimezone(UTC)
    day, end = moment.date(), known_until(calendar)
    while day > end:
        if day.weekday() <= _FRIDAY and _usual_close(calendar, day) <= moment:
            return day
        day -= timedelta(days=1)
    # Three weeks back covers every closure.
    known = _reaching(calendar, date.fromordinal(max(day.toordinal() - 21, 1)), day)
    at = bisect.bisect_right(known.closes, moment.timestamp()) - 1
    if at < 0:
        raise InputError(Problem(f"{calendar} has no session before {now.isoformat()}"))
    session: date = known.sessions[at].astype(object)
    return session


def known_until(calendar: str) -> date:
    """The last day that the calendar can answer for; later weekdays are provisional.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.

    Examples
    --------
    >>> known_until("XSHG") == calendar_span("XSHG")[1]
    True
    """
    return _built(calendar, _RECENT).last


def calendar_span(calendar: str) -> tuple[date, date]:
    """The first and last day that the calendar can answer for, both inclusive.

    Parameters
    ----------
    calendar : str
        Name in ``exchange_calendars``.

    Returns
    -------
    tuple of (date, date)
        Days, not necessarily sessions.

    Examples
    --------
    >>> first, last = calendar_span("XSHG")
    >>> first.isoformat()
    '1991-01-02'
    """
    known = _built(calendar, _OLDEST)
    return known.first, known.last


def _usual_close(calendar: str, day: date) -> datetime:
    """When a whole session of that day would close."""
    zone, hour = _closing_time(calendar)
    return datetime.combine(day, hour, zone).astimezone(UTC)


@lru_cache(maxsize=64)
def _closing_time(calendar: str) -> tuple[tzinfo, time]:
    """Closing time of the last whole session that is known, where the exchange stands."""
    known = _built(calendar, _RECENT)
    at = np.flatnonzero(~np.isin(known.sessions, known.half))[-1]
    zone = ZoneInfo(EXCHANGES[calendar].timezone) if calendar in EXCHANGES else UTC
    return zone, datetime.fromtimestamp(int(known.closes[at]), tz=zone).time()


def _reaching(calendar: str, first: date, last: date) -> _Calendar:
    known = _built(calendar, _RECENT if first >= _RECENT else _OLDEST)
    if first < known.first or last > known.last:
        opening, closing = calendar_span(calendar)
        remedy = (
            "install a newer exchange_calendars"
            if last > closing
            else f"ask for {opening} or later"
        )
        raise InputError(
            Problem(
                f"the calendar of {calendar} is known from {opening} to {closing}, "
                f"not from {first} to {last}",
                remedy,
            )
        )
    return known


@lru_cache(maxsize=64)
def _built(calendar: str, start: date) -> _Calendar:
    """One calendar, from the user's cache where an earlier process left it there."""
    place = _cache_file(calendar, start)
    kept = _read_kept(place, calendar)
    if kept is None:
        kept = _computed(calendar, start)
        _keep(kept, place)
    for array in (kept.sessions, kept.closes, kept.half):
        array.flags.writeable = False
    return kept


def _cache_file(calendar: str, start: date) -> Path | None:
    """Where a calendar is kept: computing one takes longer than a whole screen."""
    # The versions in its name see to it that no calendar outlives the library that knew it.
    import platformdirs

    if not calendar.isalnum():
        return None
    folder = platformdirs.user_cache_path("supplychain-screen") / "calendars"
    return folder / f"{_KEPT_FORMAT}-{_library_version()}-{calendar}-{start}.npz"


@lru_cache(maxsize=1)
def _library_version() -> str:
    return version("exchange_calendars")


def _read_kept(place: Path | None, calendar: str) -> _Calendar | None:
    if place is None:
        return None
    try:
        with np.load(place, allow_pickle=False) as kept:
            first, last = (one.astype("datetime64[D]").astype(object) for one in kept["span"])
            return _Calendar(calendar, first, last, kept["sessions"], kept["closes"], kept["half"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        # Absent, half a file or somebody else's: it is computed anew, and replaced.
        return None


def _keep(calendar: _Calendar, place: Path | None) -> None:
    """Leave a calendar for later processes; where that fails, they compute it too."""
    if place is None:
        return
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with draft(place.parent) as beside:
            with beside.open("wb") as stream:
                np.savez(
                    stream,
                    span=np.array([calendar.first, calendar.last], "datetime64[D]"),
                    sessions=calendar.sessions,
                    closes=calendar.closes,
                    half=calendar.half,
                )
            beside.replace(place)


def _computed(calendar: str, start: date) -> _Calendar:
    import exchange_calendars

    if calendar not in exchange_calendars.get_calendar_names():
        near = difflib.get_close_matches(calendar, exchange_calendars.get_calendar_names(), n=3)
        remedy = f"did you mean {' or '.join(near)}?" if near else "use a Listing's calendar"
        raise InputError(Problem("no such exchange calendar", remedy, value=calendar))
    with warnings.catch_warnings():
        # exchange_calendars 4.13 calls accessors of pandas that 3.1 deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        # Asking beyond a calendar's bounds is an error there, and a one-year calendar is cheap.
        probe = exchange_calendars.get_calendar(calendar, start="2024-01-01", end="2024-12-31")
        earliest, latest = probe.bound_min(), probe.bound_max()
        first = start if earliest is None else max(start, earliest.date())
        last = _LATEST if latest is None else min(_LATEST, latest.date())
        built = exchange_calendars.get_calendar(
            calendar, start=first.isoformat(), end=last.isoformat()
        )
    sessions = built.sessions.to_numpy().astype("datetime64[D]")
    closes = built.closes.dt.tz_convert(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    half = built.early_closes.to_numpy().astype("datetime64[D]")
    closed = np.array(_CLOSED_AFTER_ALL.get(calendar, ()), dtype="datetime64[D]")
    traded = ~np.isin(sessions, closed)
    sessions, closes, half = sessions[traded], closes[traded], half[~np.isin(half, closed)]
    return _Calendar(calendar, first, last, sessions, closes, half)


def _between(days: Days, first: date, last: date) -> Days:
    start = np.searchsorted(days, np.datetime64(first, "D"), side="left")
    stop = np.searchsorted(days, np.datetime64(last, "D"), side="right")
    return days[start : max(start, stop)]
