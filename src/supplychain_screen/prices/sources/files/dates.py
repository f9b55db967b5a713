"""Which day a row of a price file belongs to, from whatever its date column holds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["day_in_zone", "parse_stamp"]

_EARLIEST, _LATEST = 1900, 2199
"""Years outside are slips of the keyboard, not history."""

_COMPACT = re.compile(r"[0-9]{8}")
_SLASHED = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(.*)")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)


def parse_stamp(value: object) -> date:
    """The day, or the aware moment, that a cell of a date column states.

    Parameters
    ----------
    value : object
        Text as ``2025-01-02``, ``20250102``, ``2025/1/2``, any of them but the second with a
        time of day, the first with a time zone too; or a whole number ``20250102``, a date, or
        a datetime (Parquet).

    Returns
    -------
    date
        A plain date, or an aware ``datetime`` where the cell names a time zone.

    Raises
    ------
    ValueError
        The cell states no day in one of these forms. Forms whose order of day and month is a
        matter of country (``02/01/2025``) are among them.

    Notes
    -----
    Exactly midnight UTC is how programs write a date without time, and no exchange west of
    Greenwich is open then: it is read as that date, not as the evening before in New York.

    Examples
    --------
    >>> parse_stamp("20250102") == parse_stamp("2025/1/2") == parse_stamp("2025-01-02 15:00:00")
    True
    >>> parse_stamp("2025-01-01T16:00:00Z").isoformat()
    '2025-01-01T16:00:00+00:00'
    >>> parse_stamp("2025-01-02T00:00:00+00:00")
    datetime.date(2025, 1, 2)
    """
    stamp = _read(value)
    if not _EARLIEST <= stamp.year <= _LATEST:
        raise ValueError(f"the year {stamp.year} is not one of {_EARLIEST} to {_LATEST}")
    if not isinstance(stamp, datetime):
        return stamp
    offset = stamp.utcoffset()
    if offset is None:
        return stamp.date()
    midnight = stamp.hour == stamp.minute == stamp.second == stamp.microsecond == 0
    return stamp.date() if midnight and offset == timedelta(0) else stamp


def day_in_zone(stamp: date, timezone: str) -> date:
    """The calendar day of ``stamp`` where the exchange is.

    Parameters
    ----------
    stamp : date
        From :func:`parse_stamp`: a day, which stays as it is, or an aware moment.
    timezone : str
        IANA name of the exchange's time zone.

    Examples
    --------
    >>> day_in_zone(parse_stamp("2025-01-01T16:00:00Z"), "Asia/Shanghai")
    datetime.date(2025, 1, 2)
    >>> day_in_zone(date(2025, 1, 2), "America/New_York")
    datetime.date(2025, 1, 2)
    """
    if not isinstance(stamp, datetime):
        return stamp
    return stamp.astimezone(UTC).astimezone(ZoneInfo(timezone)).date()


def _read(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("no date")
    return _read_text(value)


@lru_cache(maxsize=1 << 16)
def _read_text(value: str) -> date:
    # One market's files repeat the same few thousand days.
    text = value.strip()
    if not text:
        raise ValueError("no date")
    if _COMPACT.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  (a day has no zone)
    if match := _SLASHED.fullmatch(text):
        text = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}{match[4]}"
    if not _ISO.fullmatch(text):
        raise ValueError("not a date in a form that is read here")
    return datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
