"""Lists of listings as exchanges and vendors publish them, read as rows of the ledger."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.identity.exchanges import EXCHANGES, code_fault
from supplychain_screen.identity.printed_codes import isin_fault, readings_of
from supplychain_screen.words import Message, counted, message

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ListingRows", "listing_rows", "read_listings"]

_HEADS = {
    "code": (
        "code",
        "stockcode",
        "symbol",
        "ticker",
        "代码",
        "代碼",
        "代號",
        "证券代码",
        "證券代號",
        "證券代碼",
        "股票代码",
        "股票代號",
        "股份代號",
        "a股代码",
        "公司代號",
        "tickersymbol",
    ),
    "name_zh": (
        "名称",
        "简称",
        "证券简称",
        "证券名称",
        "股票名称",
        "股票简称",
        "a股简称",
        "公司简称",
        "中文名称",
        "namezh",
    ),
    "name_zh_hant": (
        "名稱",
        "簡稱",
        "證券簡稱",
        "證券名稱",
        "股票名稱",
        "股份名稱",
        "公司簡稱",
        "公司名稱",
        "中文名稱",
        "namezhhant",
    ),
    "name_en": ("name", "companyname", "securityname", "company", "nameen", "英文名称", "英文名稱"),
    "short_en": ("nameofsecurities", "shortname", "shorten"),
    "market": ("market", "exchange", "mic", "交易所", "市场", "市場", "上市交易所"),
    "isin": ("isin", "isincode"),
    "first_day": (
        "listdate",
        "listingdate",
        "firstday",
        "上市日期",
        "上市日",
        "a股上市日期",
        "ipodate",
    ),
    "category": ("category", "分類", "分类"),
}
_COLUMN_OF = {head: column for column, heads in _HEADS.items() for head in heads}
_NAMES = ("name_zh", "name_zh_hant", "name_en", "short_en")
_SHARES = (
    "equity",
    "股本",
    "股本證券",
    "股本证券",
    "realestateinvestmenttrusts",
    "房地產投資信託基金",
)
"""Categories of Hong Kong's list that are shares; warrants and bonds bear names of others."""
_MARKETS = {
    "XSHG": ("sh", "sse", "上交所", "上海", "上海证券交易所", "上海證券交易所", "沪市", "沪"),
    "XSHE": ("sz", "szse", "深交所", "深圳", "深圳证券交易所", "深圳證券交易所", "深市", "深"),
    "BJSE": ("bj", "bse", "北交所", "北京证券交易所", "北京證券交易所"),
    "NEEQ": ("nq", "oc", "新三板", "股转系统"),
    "XHKG": ("hk", "hkex", "sehk", "港交所", "香港", "香港交易所", "香港聯合交易所", "港股"),
    "XTAI": ("tw", "tt", "twse", "上市", "臺灣證券交易所", "台灣證券交易所", "台交所"),
    "ROCO": ("two", "tpex", "上櫃", "櫃買中心"),
    "XNYS": ("nyse", "纽交所", "纽约证券交易所"),
    "XNAS": ("nasdaq", "纳斯达克"),
    "XASE": ("amex", "nyseamerican", "nysemkt", "美交所"),
}
_MIC_OF = {word: mic for mic, words in _MARKETS.items() for word in (*words, mic.lower())}
_US = ("XNAS", "XNYS", "XASE")
_LOOKED_AT = 40
"""Rows among which a header must stand."""
_TOLD = 5
"""Faults of one file that are told."""
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
_TITLE_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(20\d\d)|(20\d\d)[-/年](\d{1,2})[-/月](\d{1,2})")

Cells = tuple[int, tuple[str, ...]]
"""Line in the file, and its cells."""


@dataclass(frozen=True, slots=True, eq=False)
class ListingRows:
    """Listings that a list has.

    Parameters
    ----------
    rows : DataFrame of shape (n_listings, 8)
        ``mic``, ``code``, ``name_zh``, ``name_zh_hant``, ``name_en``, ``short_en``, ``isin`` as
        text, empty where the list does not say, and ``first_day`` (``YYYY-MM-DD``).
    left_out : int
        Rows that are no shares: another category, or a code that its exchange gives no share.
    example : Message or str
        The first of them, for a person; empty where there is none.
    as_of : date or None
        The day that a title of the list names.
    """

    rows: pd.DataFrame
    left_out: int = 0
    example: Message | str = ""
    as_of: date | None = None


def read_listings(path: str | Path, market: str | None = None) -> ListingRows:
    """Listings of a CSV file or workbook: Hong Kong's list of securities, or any with a header.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8, UTF-16, GBK or Big5, with any delimiter, or XLSX. Titles above the header
        are passed over.
    market : str, optional
        MIC of every row, where the list does not say.

    Returns
    -------
    ListingRows

    Raises
    ------
    InputError
        With file, row and remedy: no table, no header, two rows of one code, a false ISIN, a row
        whose market cannot be told.
    """
    path = Path(path).expanduser()
    label = str(path)
    try:
        # A pipe would never end, and a device never be complete.
        if path.exists() and not (path.is_file() or path.is_dir()):
            _refuse("a pipe or a device, no file", "give a file", label)
        raw = path.read_bytes()
    except OSError as error:
        _refuse(f"cannot be read: {error.strerror or error}", "check the path", label)
    if not raw.strip():
        _refuse("the file is empty", "save the list again", label)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        cells = _of_workbook(raw, label)
    else:
        cells = _of_text(raw, label)
    return _rows(cells, label, market)


def listing_rows(frame: pd.DataFrame, label: str, market: str | None = None) -> ListingRows:
    """Listings of a frame whose columns are called as in files.

    Parameters
    ----------
    frame : DataFrame
        One row a listing.
    label : str
        What it is called in messages.
    market : str, optional
        MIC of every row, where the frame does not say.

    Raises
    ------
    InputError
        As :func:`read_listings`.
    """
    cells = [(1, tuple(str(one) for one in frame.columns))]
    cells += [
        (line, tuple("" if one is None or one != one else str(one) for one in row))
        for line, row in enumerate(frame.itertuples(index=False, name=None), start=2)
    ]
    return _rows(cells, label, market)


def _refuse(message: str, remedy: str, label: str, row: int | None = None) -> NoReturn:
    raise InputError(Problem(message, remedy, label, row))


def _of_workbook(raw: bytes, label: str) -> list[Cells]:
    """Rows of the first sheet that holds a cell."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(raw))
        sheets = [book.get_sheet_by_name(one).to_python(False) for one in book.sheet_names]
    except Exception as error:  # noqa: BLE001  (calamine's errors have no common root)
        _refuse(f"the workbook is damaged: {error}", "save it again", label)
    for rows in sheets:
        found = [
            (line, tuple(_text_of(one) for one in row)) for line, row in enumerate(rows, start=1)
        ]
        if any(any(cells) for _, cells in found):
            return found
    _refuse("the workbook holds no cell", "save the list again", label)


def _text_of(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _of_text(raw: bytes, label: str) -> list[Cells]:
    """Rows of a text, in the encoding in which it has a header."""
    text = _decoded(raw, label)
    if "\0" in text:
        _refuse("the file is no text", "give CSV or XLSX", label)
    head = text.splitlines()[:_LOOKED_AT]
    delimiter = max(",\t;|", key=lambda one: sum(line.count(one) for line in head))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[Cells] = []
    line = 1
    try:
        for cells in reader:
            found.append((line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        _refuse(f"the file is no table: {error}", "save it again as CSV", label, line)
    return found


def _decoded(raw: bytes, label: str) -> str:
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
    heads = raw.splitlines()[:_LOOKED_AT]
    # Bytes of one are often text in the other, but no header of it.
    for encoding in ("gb18030", "big5hkscs"):
        known = [
            _COLUMN_OF.get(_head(cell), "")
            for line in heads
            for cell in re.split(r"[,\t;|]", line.decode(encoding, "replace"))
            if not cell.isascii()
        ]
        if any(known):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                row = raw[: error.start].count(b"\n") + 1
                break
    else:
        # Under an English header only what can be nothing but simplified Chinese is taken as such.
        try:
            return raw.decode("gb2312")
        except UnicodeDecodeError:
            pass
    _refuse(
        "the encoding cannot be told: this is no UTF-8, and no whole GBK or Big5 either",
        "save the list as 'CSV UTF-8'",
        label,
        row,
    )


def _head(cell: str) -> str:
    """A column's name without what writers vary."""
    return re.sub(r"[\s_.\-()（）]+", "", unicodedata.normalize("NFKC", cell)).casefold()


def _rows(cells: Sequence[Cells], label: str, market: str | None) -> ListingRows:
    """Listings of the rows below the header; the first faults of all, where there are any."""
    import pandas as pd

    if market is not None and market not in _MARKETS:
        known = ", ".join(_MARKETS)
        problem = Problem("no such market", f"give one of {known}", column="--market", value=market)
        raise InputError(problem)
    at, columns = _header(cells, label)
    if "short_en" in columns and "category" in columns:
        market = market or "XHKG"
    problems: list[Problem] = []
    kept: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    left: list[Message] = []
    below = [(line, _values(row, columns)) for line, row in cells[at + 1 :]]
    categorised = any(_head(values.get("category", "")) in _SHARES for _, values in below)
    for line, values in below:
        if not values.get("code"):
            continue
        why = _no_share(values, line, categorised=categorised)
        if why is not None:
            left.append(why)
            continue
        found = _listing(values, market, label, line)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        if code_fault(*found) is not None:
            left.append(message("list.no_share", line=line, code=values["code"], mic=found[0]))
            continue
        made = {column: values.get(column, "") for column in (*_NAMES, "isin", "first_day")}
        earlier = kept.setdefault(found, (line, made))
        if earlier[1] is not made:
            problems.append(_twice(earlier, made, ":".join(found), label, line))
    if problems:
        more = len(problems) - _TOLD
        told = problems[:_TOLD]
        if more > 0:
            told.append(Problem(f"and {counted(more, 'fault')} more", file=label))
        raise InputError(told)
    if not kept:
        note = f"; {counted(len(left), 'row was/rows were')} left out: {left[0]}" if left else ""
        _refuse(f"no listing stands below the header{note}", "give a list of shares", label)
    ordered = [{"mic": mic, "code": code} | made for (mic, code), (_, made) in sorted(kept.items())]
    above = (cell for _, row in cells[:at] for cell in row)
    return ListingRows(
        pd.DataFrame(ordered, dtype="str"), len(left), left[0] if left else "", _title_day(above)
    )


def _header(cells: Sequence[Cells], label: str) -> tuple[int, dict[str, int]]:
    """Where the header stands, and the place of each column that is known."""
    for place, (_, row) in enumerate(cells[:_LOOKED_AT]):
        found: dict[str, int] = {}
        for position, cell in enumerate(row):
            if column := _COLUMN_OF.get(_head(cell)):
                # Of two columns with one meaning the first counts.
                found.setdefault(column, position)
        if "code" in found and any(name in found for name in _NAMES):
            return place, found
    _refuse(
        "no header: no row names a column of codes and one of names",
        "name the columns, for example code,name,market,isin",
        label,
        next((line for line, row in cells if any(row)), 1),
    )


def _values(row: tuple[str, ...], columns: dict[str, int]) -> dict[str, str]:
    return {
        column: unicodedata.normalize("NFKC", row[position]).strip()
        for column, position in columns.items()
        if position < len(row)
    }


def _no_share(values: dict[str, str], line: int, *, categorised: bool) -> Message | None:
    """Why a row is no listing; None where it is one."""
    code, category = values["code"], values.get("category", "")
    if not any(values.get(name) for name in _NAMES):
        return message("list.no_name", line=line, code=code)
    if not categorised or _head(category) in _SHARES:
        return None
    if not category:
        return message("list.no_category", line=line, code=code)
    return message("list.category", line=line, code=code, category=category)


def _listing(
    values: dict[str, str], market: str | None, label: str, line: int
) -> tuple[str, str] | Problem:
    """MIC and local code of a row, whose day and ISIN are spelled as the ledger spells them."""
    found = _market(values, market, label, line)
    if isinstance(found, Problem):
        return found
    written = values.get("first_day", "")
    first = _day(written)
    if first is None:
        return Problem("no day", "write YYYY-MM-DD", label, line, "first day", written)
    values["first_day"] = first
    isin = values["isin"] = values.get("isin", "").upper().strip("-")
    if not isin:
        return found
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{9}[0-9]", isin):
        return Problem("no ISIN", "write its twelve characters", label, line, "isin", isin)
    digit = isin_fault(isin)
    if digit is None:
        return found
    told = f"the check digit of the ISIN should be {digit}"
    return Problem(told, "look it up again", label, line, "isin", isin)


def _market(
    values: dict[str, str], market: str | None, label: str, line: int
) -> tuple[str, str] | Problem:
    """MIC and local code of a row."""
    said = values.get("market", "")
    mic = _MIC_OF.get(_head(said)) if said else market
    if said and mic is None:
        known = f"write a MIC: {', '.join(_MARKETS)}"
        return Problem("no market that is known here", known, label, line, "market", said)
    code = values["code"].upper()
    readings = [one.partition(":") for one in readings_of(code)]
    if mic is None:
        if len(readings) == 1:
            return readings[0][0], readings[0][2]
        return Problem(
            "the market of this code cannot be told",
            "give --market MIC, or add a column market",
            label,
            line,
            "code",
            values["code"],
        )
    for place, _, local in readings:
        if place == mic:
            return mic, local
    if mic in _US:
        return mic, re.sub(r"[._/]", "-", code)
    width = len(EXCHANGES[mic].code_example)
    return mic, code.zfill(width) if code.isdigit() and mic != "XHKG" else code


def _twice(
    earlier: tuple[int, dict[str, str]], made: dict[str, str], listing: str, label: str, line: int
) -> Problem:
    """Two rows of one code: the same listing twice, or two companies."""
    before = earlier[1]
    both = [name for name in _NAMES if before[name] and made[name]]
    if both and all(before[name] == made[name] for name in both):
        return Problem(
            f"the code stands in row {earlier[0]} too",
            "keep one row a code",
            label,
            line,
            "code",
            listing,
        )
    shown = next((made[name] for name in _NAMES if made[name]), "")
    other = next((before[name] for name in _NAMES if before[name]), "")
    return Problem(
        f"the code is given to two companies: {other} in row {earlier[0]}, {shown} here",
        "keep the row that is right",
        label,
        line,
        "code",
        listing,
    )


def _day(text: str) -> str | None:
    """A day as YYYY-MM-DD, empty where none is given; None where it is no day."""
    if not text or text in ("-", "--", "NaT", "nan", "None"):
        return ""
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat() if match else None
    except ValueError:
        return None


def _title_day(titles: Iterator[str]) -> date | None:
    for title in titles:
        if match := _TITLE_DAY.search(title):
            day, month, year, *iso = match.groups()
            parts = (year, month, day) if year else tuple(iso)
            try:
                return date(*(int(one) for one in parts))
            except ValueError:
                continue
    return None
