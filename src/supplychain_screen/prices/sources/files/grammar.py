"""What a cell of a price file says: a day, a number, or nothing; one grammar for every kind.

A column is cast as a whole where it can be; else each text it holds is read once, and what cannot
be read comes back with the place of its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.sessions import day_number

__all__ = [
    "MISSING",
    "DecimalMark",
    "Floats",
    "Unread",
    "Whole",
    "day_in_zone",
    "decimal_mark",
    "encoded",
    "giving_pool",
    "is_day",
    "joined",
    "let_go",
    "number_fault",
    "parse_number",
    "parse_stamp",
    "read_days",
    "read_numbers",
]

T = TypeVar("T", bound=np.generic)
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int32]
"""Days, rows and places: a file of more rows than that holds is many times what is read."""
DecimalMark = Literal[".", ","]
Unread = list[tuple[int, str]]
"""Cells that say nothing that is understood: place among the asked rows, and the text."""

MISSING = (
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    "#N/A",
    "N/A",
    "NA",
    "NaN",
    "nan",
    "NAN",
    "NaT",
    "NULL",
    "null",
    "None",
    "none",
    "<NA>",
    "停牌",
    "暂停",
    "无",
    "不适用",
)
"""Cells that say that there is no number."""

_MISSING = frozenset(MISSING)
_PLAIN = re.compile(
    r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?", re.IGNORECASE
)
_NAN = re.compile(r"[+-]?nan([(].*[)])?", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?")
_COMMA = re.compile(r"[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+),[0-9]+")
_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+")
_TWO_NUMBERS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_PERCENT = re.compile(r"[+-]?[0-9.]+ ?[%％]")
_UNITS = {"千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_EARLIEST, _LATEST = 1900, 2199
"""Years outside are slips of the keyboard, not history."""


def parse_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """The number in a cell, NaN where it says that there is none, None where it is other text.

    Parameters
    ----------
    text : str
        ``1,234.5``, ``12.3万``, ``--``, ``停牌``; spaces around it do not matter.
    decimal_comma : bool
        True in a column that writes ``1.234,5``.

    Examples
    --------
    >>> parse_number("1,234.5"), parse_number("12.3万"), parse_number("1.234,5", decimal_comma=True)
    (1234.5, 123000.0, 1234.5)
    >>> parse_number("12,5") is None
    True
    """
    text = text.strip()
    if text in _MISSING or _NAN.fullmatch(text):
        return float("nan")
    if decimal_comma and (_COMMA.fullmatch(text) or _POINTS.fullmatch(text)):
        return float(text.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(text):
        return float(text)
    if not decimal_comma and _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    if text[-1] in _UNITS:
        number = parse_number(text[:-1], decimal_comma=decimal_comma)
        return None if number is None or np.isnan(number) else number * _UNITS[text[-1]]
    return None


def decimal_mark(texts: Iterable[str]) -> DecimalMark | None:
    """The mark before a fraction, where any of the texts leaves no doubt about it.

    Examples
    --------
    >>> decimal_mark(["1,234", "12.5"]), decimal_mark(["1.234,5"]), decimal_mark(["1,234", "7"])
    ('.', ',', None)
    """
    comma = False
    for text in texts:
        if "," in text:
            if text.count(",") > 1 or ("." in text and _GROUPED.fullmatch(text)):
                return "."
            comma |= bool(_COMMA.fullmatch(text)) and not _TWO_NUMBERS.fullmatch(text)
        elif "." in text and _PLAIN.fullmatch(text) and not _POINTS.fullmatch(text):
            return "."
    return "," if comma else None


def number_fault(text: str) -> tuple[str, str]:
    """What is wrong with a cell that could not be read as a number, and what to do."""
    text = text.strip()
    pointed = text.replace(".", "").replace(",", ".")
    if _TWO_NUMBERS.fullmatch(text):
        remedy = "--decimal . if the comma groups thousands, else --decimal , (decimal=)"
        return f"{text.replace(',', '')} or {pointed}? Nothing in the file tells", remedy
    if _COMMA.fullmatch(text):
        remedy = f"write {pointed}, or write the column in one way; where it does not tell which, "
        return "a decimal comma among decimal points", remedy + "say --decimal (decimal=)"
    if _PERCENT.fullmatch(text):
        return "a percentage, no price", "name the column of the closes: --close COLUMN (close=)"
    unbroken = re.sub("[,_ \u00a0'$¥￥€]", "", text)
    remedy = (
        f"write {unbroken}" if _PLAIN.fullmatch(unbroken) else "write a number or leave it empty"
    )
    return "not a number", remedy


def read_numbers(
    column: Any, used: Whole | None = None, *, mark: DecimalMark | None = None
) -> tuple[Floats, Unread]:
    """A column as numbers, one a used row; NaN where a cell is empty or not understood.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Numbers, or text in any spelling of :func:`parse_number`.
    used : ndarray of int64, optional
        Rows wanted; all unless given.
    mark : {".", ","} or None
        What stands before a fraction, where the column itself does not tell. A cell that would be
        two numbers (``1,234``) is not understood where nobody tells.
    """
    import pyarrow as pa
    import pyarrow.types as kinds

    if used is not None and 2 * len(used) < len(column):
        # the cells of others are not worth reading
        column, used = column.take(used), None
    kind = column.type
    if kinds.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if kinds.is_null(kind):
        return np.full(len(column) if used is None else len(used), np.nan), []
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        numbers = column.cast(pa.float64(), safe=False).to_numpy()
        return numbers if used is None else numbers[used], []
    if not (kinds.is_string(kind) or kinds.is_large_string(kind)):
        column = column.cast(pa.string())
    try:
        numbers = column.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _numbers_of_texts(column if used is None else column.take(used), mark)
    return numbers if used is None else numbers[used], []


def _numbers_of_texts(column: Any, mark: DecimalMark | None) -> tuple[Floats, Unread]:
    codes, texts = encoded(column)
    plain = [text.strip() for text in texts]
    # A column writes numbers in one way: that way is told by its cells, never cell by cell.
    mark = decimal_mark(plain) or mark
    if mark is None and (
        doubtful := [at for at, one in enumerate(plain) if _TWO_NUMBERS.fullmatch(one)]
    ):
        place = int(np.flatnonzero(codes == doubtful[0])[0])
        return np.full(len(codes), np.nan), [(place, texts[doubtful[0]])]
    decimal_comma = mark == ","
    values = [parse_number(text, decimal_comma=decimal_comma) for text in plain]
    numbers = np.array([np.nan if one is None else one for one in values] + [np.nan])[codes]
    unread = {at for at, one in enumerate(values) if one is None}
    if not unread:
        return numbers, []
    places = np.flatnonzero(np.isin(codes, list(unread))).tolist()
    return numbers, [(at, texts[codes[at]]) for at in places]


def encoded(column: Any) -> tuple[Whole, list[Any]]:
    """Index of each row's value, -1 for null, and the distinct values; text is always text.

    Examples
    --------
    >>> import pyarrow as pa
    >>> codes, texts = encoded(pa.chunked_array([["b", None, "a", "b"]]))
    >>> codes.tolist(), texts
    ([0, -1, 1, 0], ['b', 'a'])
    """
    import pyarrow as pa
    import pyarrow.types as kinds

    if kinds.is_null(column.type):
        return np.full(len(column), -1, np.int32), []
    array = column.dictionary_encode()
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([]).dictionary_encode()
    indices = array.indices.fill_null(-1) if array.null_count else array.indices
    codes = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    values = array.dictionary
    if kinds.is_string(values.type) or kinds.is_large_string(values.type):
        # Bytes that are no text get a mark, since they could not even be printed.
        raw = values.cast(pa.large_binary()).to_pylist()
        return codes, ["" if one is None else one.decode("utf-8", "replace") for one in raw]
    return codes, values.to_pylist()


def giving_pool() -> Any:
    """Arrow's memory for what several threads read: what each needed goes back to the machine."""
    import pyarrow as pa

    if "jemalloc" in pa.supported_memory_backends():
        return pa.jemalloc_memory_pool()
    return pa.default_memory_pool()


def let_go() -> None:
    """Give memory of Arrow's that is no longer used back to the machine."""
    import pyarrow as pa

    for pool in (pa.default_memory_pool(), giving_pool()):
        pool.release_unused()


def joined(parts: Sequence[npt.NDArray[T]], kind: type[T]) -> npt.NDArray[T]:
    """All of several arrays, one after the other; a single one as it is, without a copy."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, kind), *parts])


def read_days(
    column: Any,
    used: Whole | None,
    timezones: Sequence[str],
    whose: npt.NDArray[np.integer[Any]],
) -> tuple[Whole, Unread]:
    """Day number of each used row in its exchange's own calendar; 0 where it is not understood.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Dates, moments, whole numbers such as 20250102, Excel's serial days, or text.
    used : ndarray of int64, or None
        Rows wanted; None for all.
    timezones : sequence of str
        IANA names.
    whose : ndarray of int
        Place of each used row's time zone in ``timezones``.

    Notes
    -----
    Moments that are all midnight where they say they are, or midnight UTC, are how programs write
    dates; any other moment belongs to the day that it is at the exchange.
    """
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_date(kind) or (kinds.is_timestamp(kind) and kind.tz is None):
        unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
        per_day = 1 if kinds.is_date32(kind) else 86_400 * unit[getattr(kind, "unit", "ms")]
        whole = pa.int32() if kinds.is_date32(kind) else pa.int64()
        taken = column if used is None else column.take(used)
        ticks = taken.cast(whole).fill_null(-(2**31)).to_numpy().astype(np.int64)
        empty = taken.is_null().to_numpy(zero_copy_only=False)
        day = ticks // per_day
        strange = empty | (day < _FIRST) | (day > _LAST)
        bad = [(at, "" if empty[at] else str(ticks[at])) for at in np.flatnonzero(strange).tolist()]
        return np.where(strange, 0, day).astype(np.int32), bad
    parse: Callable[[Any], date] = parse_stamp
    if kinds.is_timestamp(kind):
        zone, per_second = kind.tz, {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        column = column.cast(pa.int64())
        parse = lambda ticks: _moment(ticks, per_second, zone)  # noqa: E731
    codes, values = encoded(column if used is None else column.take(used))
    stamps: list[date | None] = []
    for value in values:
        try:
            stamps.append(parse(value))
        except (ValueError, OverflowError):
            stamps.append(None)
    return _days_of_stamps(codes, values, stamps, timezones, whose)


def _days_of_stamps(
    codes: Whole,
    values: list[Any],
    stamps: list[date | None],
    timezones: Sequence[str],
    whose: npt.NDArray[np.integer[Any]],
) -> tuple[Whole, Unread]:
    moments = [one for one in stamps if isinstance(one, datetime)]
    if moments and all(one.hour == one.minute == one.second == 0 for one in moments):
        stamps = [one.date() if isinstance(one, datetime) else one for one in stamps]
        moments = []
    plain = np.array([0 if one is None else day_number(one) for one in stamps] + [0], np.int32)
    day = plain[codes]
    if moments:
        is_moment = np.array([isinstance(one, datetime) for one in stamps] + [False])
        for place, zone in enumerate(timezones):
            rows = np.flatnonzero((whose == place) & is_moment[codes])
            distinct, back = np.unique(codes[rows], return_inverse=True)
            local = [
                day_number(day_in_zone(stamp, zone))
                for stamp in (stamps[code] for code in distinct.tolist())
                if stamp is not None
            ]
            day[rows] = np.array(local, np.int32)[back]
    bad = np.array([one is None for one in stamps] + [True])[codes]
    places = np.flatnonzero(bad).tolist()
    return day, [(at, str(values[codes[at]]) if codes[at] >= 0 else "") for at in places]


def _moment(ticks: int, per_second: int, zone: str) -> date:
    """A moment of an Arrow column; one exactly at midnight UTC is a date."""
    seconds = ticks // per_second
    if not _FIRST * 86_400 <= seconds <= _LAST * 86_400:
        raise ValueError("a day that is none")
    moment = datetime.fromtimestamp(seconds, UTC)
    try:
        own = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        # An unknown name says nothing; the moment itself is told in UTC.
        own = moment
    return _date_at_midnight(own)


def _date_at_midnight(moment: datetime) -> date:
    midnight = moment.hour == moment.minute == moment.second == moment.microsecond == 0
    return moment.date() if midnight and moment.utcoffset() == timedelta(0) else moment


_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([.]0+)?")
_PARTED = re.compile(
    r"([0-9]{4})(?:-|/|[.]|年)([0-9]{1,2})(?:-|/|[.]|月)([0-9]{1,2})日?"
    r"(?:[ ,，]*(?:星期|周|週)?[一二三四五六日])?(?:[ T]*(?P<time>[0-9].*))?"
)
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?")
_SERIAL = re.compile(r"[2-7][0-9]{4}([.][0-9]+)?")
_EXCEL_EPOCH = date(1899, 12, 30)


def is_day(value: object) -> bool:
    """Whether a cell is a day, however it is written."""
    try:
        parse_stamp(value)
    except ValueError:
        return False
    return True


def parse_stamp(value: object) -> date:
    """The day, or the aware moment, that a cell of a date column states.

    Parameters
    ----------
    value : object
        Text as ``2025-01-02``, ``2025-1-2``, ``20250102``, ``2025/1/2``, ``2025年1月2日``, with or
        without a day of the week (``2025-01-02,四``), a time of day and a time zone; a whole number
        ``20250102``; Excel's serial day
        ``45659``; a date or a datetime.

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
    >>> parse_stamp("20250102") == parse_stamp("2025/1/2") == parse_stamp("2025年1月2日")
    True
    >>> parse_stamp(45659), parse_stamp("20250102.0")
    (datetime.date(2025, 1, 2), datetime.date(2025, 1, 2))
    >>> parse_stamp("2025-01-01T16:00:00Z").isoformat()
    '2025-01-01T16:00:00+00:00'
    >>> parse_stamp("2025-01-02T00:00:00+00:00")
    datetime.date(2025, 1, 2)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        stamp = _stamp_of_text(value.strip())
    elif isinstance(value, datetime):
        stamp = value if value.tzinfo is not None else value.date()
    elif isinstance(value, date):
        stamp = value
    else:
        raise ValueError("no date")
    if not _EARLIEST <= stamp.year <= _LATEST:
        raise ValueError(f"the year {stamp.year} is not one of {_EARLIEST} to {_LATEST}")
    return _date_at_midnight(stamp) if isinstance(stamp, datetime) else stamp


@lru_cache(maxsize=1 << 16)
def _stamp_of_text(text: str) -> date:
    # One market's files repeat the same few thousand days.
    if match := _COMPACT.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _PARTED.fullmatch(text):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        time = match["time"]
        if time is None:
            return day
        if not _TIME.fullmatch(time):
            raise ValueError("no time of day")
        hour, rest = time.split(":", 1)
        clock = f"{int(hour):02}:{rest}".replace(" ", "")
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
        return moment if moment.tzinfo is not None else day
    if _SERIAL.fullmatch(text):
        return _EXCEL_EPOCH + timedelta(days=int(float(text)))
    raise ValueError("not a date in a form that is read here")


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


_FIRST, _LAST = day_number(date(_EARLIEST, 1, 1)), day_number(date(_LATEST, 12, 31))
