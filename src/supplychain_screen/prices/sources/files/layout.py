"""What the columns of a table mean, learnt from its first records alone.

::

    long     symbol,date,close,volume         one row a symbol and day
    single   date,close,volume                one symbol: the name of the file
    wide     date,688018.SS,0285.HK,^HSI      one column a symbol, closes only; or several header
                                              rows (yfinance, Wind, Choice): symbols and fields
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.prices.series import Adjustment, Basis
from supplychain_screen.prices.sources.files.forms import Table
from supplychain_screen.prices.sources.files.grammar import encoded, is_day, parse_number
from supplychain_screen.prices.sources.files.symbols import looks_like_symbols

__all__ = ["Block", "Layout", "column_of_symbols", "read_layout"]

Form = Literal["long", "single", "wide"]

MOST_COLUMNS = 1 << 16
"""More than any market has listings; a wider table is somebody's mistake."""

_NAMES: dict[str, tuple[str, ...]] = {
    "symbol": (
        "symbol",
        "ticker",
        "listing",
        "tscode",
        "windcode",
        "thscode",
        "vtsymbol",
        "orderbookid",
        "stockcode",
        "code",
        "instrument",
        "sid",
        "secid",
        "证券代码",
        "股票代码",
        "代码",
        "證券代碼",
        "股票代碼",
        "代碼",
        "代號",
        "wind代码",
    ),
    "date": (
        "date",
        "datetime",
        "tradedate",
        "tradingday",
        "tradingdate",
        "交易日期",
        "日期",
        "交易时间",
        "时间",
        "交易日",
        "交易時間",
        "時間",
        "time",
        "timestamp",
        "bob",
        "eob",
        "session",
        "indexlevel0",
    ),
    "close": ("close", "收盘", "收盘价", "收盤", "收盤價", "closeprice", "closingprice", "pxlast"),
    "total": ("adjclose", "adjustedclose"),
    "volume": ("volume", "vol", "成交量", "总手", "總手", "成交股数", "volumetraded"),
    "pre_close": (
        "preclose",
        "前收盘",
        "前收盘价",
        "昨收",
        "昨收盘",
        "昨收价",
        "前收",
        "前收盤",
        "昨收盤",
        "prevclose",
        "previousclose",
        "前收盘价",
    ),
    "splits": ("stocksplits", "splits", "split"),
    "currency": ("currency", "币种", "货币", "貨幣"),
    "flag": ("adjustflag",),
}
"""Names of columns but for case, spaces, marks and a unit in brackets, the surest first."""

_OTHERS = frozenset(
    (
        "open",
        "high",
        "low",
        "amount",
        "turnover",
        "money",
        "turn",
        "pctchg",
        "change",
        "chg",
        "dividends",
        "capitalgains",
        "tradestatus",
        "isst",
        "price",
        "name",
        "openinterest",
        "开盘",
        "最高",
        "最低",
        "成交额",
        "涨跌幅",
        "涨跌额",
        "振幅",
        "换手率",
        "開盤",
        "開盤價",
        "开盘价",
        "最高价",
        "最低价",
        "名称",
        "证券简称",
        "证券名称",
        "简称",
        "持仓量",
    )
)
"""What stands beside closes in a table of bars, and is not read."""
_TITLES = {
    "前复权": "splits+dividends",
    "前復權": "splits+dividends",
    "不复权": "none",
    "除权": "none",
    "后复权": "splits+dividends",
}
_STATED = ("none", "splits", "splits+dividends")
_FLAGS = {"3": "none", "2": "splits+dividends", "1": "splits+dividends"}
_LOTS = 100.0


@dataclass(frozen=True, slots=True)
class Block:
    """Where the numbers of one symbol stand; of a long table, of every symbol.

    Parameters
    ----------
    symbol : str
        As written; empty where another column or the file's name says it.
    close, total, volume, pre_close, splits, currency : int or None
        Positions of its columns.
    """

    symbol: str = ""
    close: int | None = None
    total: int | None = None
    volume: int | None = None
    pre_close: int | None = None
    splits: int | None = None
    currency: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one table are.

    Parameters
    ----------
    table : Table
    form : {"long", "single", "wide"}
        How its rows are meant.
    header : int
        Records above the first row of prices.
    names : tuple of str
        What each column is called in messages.
    date : int
    symbol : int or None
        Position of the symbol column; only of a long table.
    blocks : tuple of Block
        One, or one a symbol of a wide table.
    house : str
        Whose export it looks like; empty where nobody's.
    stated : Adjustment or None
        What the file itself says its closes are adjusted for.
    shares : float
        Shares in one unit of its volumes: 100 where it counts lots.
    """

    table: Table
    form: Form
    header: int
    names: tuple[str, ...]
    date: int
    symbol: int | None
    blocks: tuple[Block, ...]
    house: str = ""
    stated: Adjustment | None = None
    shares: float = 1.0


def read_layout(
    table: Table, *, close: str | None, total: str | None, basis: Basis | None = None
) -> Layout:
    """Layout of a table.

    Parameters
    ----------
    table : Table
    close : str or None
        Name of the column of closes; None to know it by its usual names.
    total : str or None
        The same of closes that reinvest dividends.
    basis : {"price", "total"} or None
        What will be read: ``price`` needs a column of closes, else either column does.

    Raises
    ------
    PriceFileError
        It is no table of prices, or lacks a column; all such problems at once.
    """
    if table.width > MOST_COLUMNS:
        what = f"{table.width:,} columns, more than {MOST_COLUMNS:,}"
        raise PriceFileError(Problem(what, "write one row a symbol and day", table.label))
    wanted = dict(_NAMES)
    if close is not None:
        wanted["close"] = (close,)
    if total != "adj_close":
        wanted["total"] = () if total is None else (total,)
    found = _columns_in_one_row(table, wanted) or _symbols_in_the_header(table, wanted)
    if found is None:
        raise PriceFileError(_unknown(table, wanted, close))
    problems = list(_problems(found, close, basis))
    if problems:
        raise PriceFileError(problems)
    return _with_house(found)


def _columns_in_one_row(table: Table, wanted: dict[str, tuple[str, ...]]) -> Layout | None:
    """A long or single table: one row names the date and the numbers."""
    last = len(table.head) if table.header is None else table.header
    for row, cells in enumerate(table.head[:last]):
        if table.header is not None and table.header > 1:
            return None
        at = {role: _position(cells, names) for role, names in wanted.items()}
        priced = at["close"] is not None or at["total"] is not None
        others = sum(_plain(cell) in _OTHERS for cell in cells)
        known = at["volume"] is not None or at["symbol"] is not None
        if at["date"] is None or not (priced or others or known):
            continue
        if not priced and at["symbol"] is None and looks_like_symbols(cells):
            continue
        block = Block(
            "",
            at["close"],
            at["total"],
            at["volume"],
            at["pre_close"],
            at["splits"],
            at["currency"],
        )
        symbol = at["symbol"]
        names = (*cells, *[""] * (table.width - len(cells)))
        return Layout(
            table,
            "single" if symbol is None else "long",
            row + 1,
            names,
            int(at["date"]),
            symbol,
            (block,),
        )
    return None


def _symbols_in_the_header(table: Table, wanted: dict[str, tuple[str, ...]]) -> Layout | None:
    """A wide table: one header row holds symbols, perhaps another the fields of each."""
    header, date = _end_of_header(table, wanted["date"])
    rows = [(*cells, *[""] * (table.width - len(cells))) for cells in table.head[:header]]
    others = [at for at in range(table.width) if at != date]

    def count(cells: Sequence[str], known: Iterable[str]) -> int:
        plain = {_plain(one) for one in known}
        return sum(_plain(cells[at]) in plain for at in others)

    symbols = [sum(looks_like_symbols([cells[at]]) for at in others) for cells in rows]
    if not any(symbols):
        return None
    names = [name for role in ("close", "total", "volume") for name in wanted[role]]
    fields = [count(cells, [*names, *_OTHERS]) for cells in rows]
    at_symbols = max(range(len(rows)), key=lambda one: symbols[one] - 2 * fields[one])
    at_fields = max(range(len(rows)), key=lambda one: (fields[one], one != at_symbols))
    told, said = list(rows[at_symbols]), None
    if fields[at_fields] and at_fields != at_symbols:
        told, said = _filled(told), _filled(rows[at_fields])
    blocks: dict[tuple[str, int], Block] = {}
    times: dict[str, int] = {}
    for at in others:
        name = told[at]
        if not name:
            continue
        roles = (
            ["close"]
            if said is None
            else [
                role
                for role in ("close", "total", "volume", "splits", "pre_close")
                if _position((said[at],), wanted[role]) is not None
            ]
        )
        if said is None:
            # A symbol that stands twice is a fault of the file, told when it is asked for.
            times[name] = times.get(name, 0) + 1
        for role in roles[:1]:
            key = (name, times.get(name, 0))
            blocks[key] = replace(blocks.get(key, Block(name)), **{role: at})  # type: ignore[arg-type]
    if not blocks:
        return None
    house = "yfinance" if said is not None and "Ticker" in {row[0] for row in rows} else ""
    titles = tuple(
        told[at] if said is None or not said[at] else f"{told[at]} {said[at]}"
        for at in range(table.width)
    )
    names_of = tuple(name or rows[0][at] for at, name in enumerate(titles))
    return Layout(table, "wide", header, names_of, date, None, tuple(blocks.values()), house)


def _end_of_header(table: Table, dates: tuple[str, ...]) -> tuple[int, int]:
    """Records above the first row of prices of a wide table, and its column of dates."""
    if table.header is not None:
        named_at = [_position(cells, dates) for cells in table.head]
        return table.header, next((one for one in named_at if one is not None), 0)
    named, column = 0, 0
    for row, cells in enumerate(table.head):
        at = _position(cells, dates)
        if at is not None:
            named, column = row + 1, at
            continue
        day = cells[column] if column < len(cells) else ""
        others = [parse_number(cell) for place, cell in enumerate(cells) if place != column]
        told = any(one is not None and one == one for one in others)
        if (is_day(day) and len(cells) > 1) or (named and told):
            return row, column
    return max(named, 1), column


def _filled(cells: Sequence[str]) -> list[str]:
    """A header row whose merged cells say what they cover."""
    said: list[str] = []
    for at, cell in enumerate(cells):
        said.append(cell or (said[-1] if at > 1 else ""))
    return said


def _with_house(layout: Layout) -> Layout:
    """The layout with what its names, titles and marks say besides."""
    table = layout.table
    plain = {_plain(name) for name in layout.names}
    above = " ".join(" ".join(cells) for cells in (*table.head[: layout.header], *table.foot))
    block = layout.blocks[0]
    house, shares = layout.house, 1.0
    if {"tscode", "tradedate"} <= plain:
        house, shares = "Tushare", _LOTS
    elif {"日期", "收盘", "涨跌幅"} <= plain or {"日期", "股票代码"} <= plain:
        # AkShare asks East Money, whose own files go by the number of the market and the code.
        house, shares = ("East Money" if _of_east_money(layout) else "AkShare"), _LOTS
    elif "adjustflag" in plain or {"preclose", "tradestatus"} <= plain:
        house = "baostock"
    elif {"stocksplits", "dividends"} <= plain or "adjclose" in plain:
        house = house or "yfinance"
    elif "总手" in plain:
        house = "同花顺"
    elif "日线" in above:
        house = "通达信"
    elif "Wind" in above or "证券简称" in above:
        house = "Wind"
    elif "Choice" in above or "证券名称" in above:
        house = "Choice"
    if block.volume is not None and layout.form != "wide":
        name = layout.names[block.volume]
        if "手" in name:
            shares = _LOTS
        elif "股" in name:
            shares = 1.0
    titles = [word for word in _TITLES if word in above and layout.form == "single"]
    stated = _TITLES[titles[0]] if titles else _flagged(layout)
    return replace(layout, house=house, shares=shares, stated=stated)  # type: ignore[arg-type]


_SECID = re.compile(r"(0|1|90|100|105|106|107|116)[.][0-9A-Z]{3,6}")


def _of_east_money(layout: Layout) -> bool:
    """Whether symbols, or the name of the file, are East Money's: ``1.688018``, ``116.00285``."""
    if layout.symbol is None:
        return bool(_SECID.fullmatch(layout.table.stem))
    rows = layout.table.sample(layout.header)
    return any(_SECID.fullmatch(row[layout.symbol]) for row in rows if layout.symbol < len(row))


def _flagged(layout: Layout) -> str | None:
    """What baostock's ``adjustflag`` or an export's ``adjustment`` says, where it is one thing."""
    at = _position(layout.names, (*_NAMES["flag"], "adjustment"))
    if at is None:
        return None
    said = {row[at] for row in layout.table.sample(layout.header) if at < len(row)} - {""}
    if layout.form == "long":
        # Each listing may say another thing, far below the first rows.
        codes, texts = encoded(layout.table.read([at], layout.header, [])[0])
        used = sorted(set(codes.tolist()))
        said |= {str(texts[code]).strip() for code in used if code >= 0}
        if said and layout.table.kind == "CSV" and used[:1] == [-1]:
            said.add("none")  # the text reader takes the word for a missing number
    words = {word if word in _STATED else _FLAGS.get(word) for word in said}
    if len(words) > 1 and "none" in words:
        raise PriceFileError(
            Problem(
                f"traded closes and others in one table: it says {' and '.join(sorted(said))}",
                "give one table for each",
                layout.table.label,
                None,
                layout.names[at],
            )
        )
    return words.pop() if len(words) == 1 else None


def _problems(layout: Layout, close: str | None, basis: Basis | None) -> Iterator[Problem]:
    """What keeps a recognised table from being read."""
    if layout.form == "wide":
        if all(one.close is None and one.total is None for one in layout.blocks):
            yield Problem("no column of closes", _naming(layout), layout.table.label)
        return
    label, names, block = layout.table.label, layout.names, layout.blocks[0]
    read = block.close if basis == "price" or block.total is None else block.total
    if read is None:
        if block.total is not None and close is None:
            said = names[block.total]
            yield Problem(
                "missing column",
                f"add it, or read the other one: --close {said} (close={said!r})",
                label,
                None,
                "close",
            )
        else:
            yield _missing(label, close or "close", names, _naming(layout))
    if layout.symbol is None and (near := _near("symbol", names)):
        yield _missing(label, "symbol", names, f"rename {near!r}")
    for at in (layout.date, layout.symbol, block.close, block.total):
        if at is not None and names[at] and names.count(names[at]) > 1:
            yield Problem("the column occurs twice", "rename one of them", label, None, names[at])
    head = layout.table.head[layout.header - 1]
    if len(head) < layout.table.width:
        extra = [
            row[len(head)] for row in layout.table.sample(layout.header) if len(row) > len(head)
        ]
        if any(extra):
            yield Problem(
                f"{layout.table.width} fields a row where the header names {len(head)}",
                "name every column",
                label,
                layout.header,
            )


def _unknown(
    table: Table, wanted: dict[str, tuple[str, ...]], close: str | None
) -> Iterator[Problem]:
    """Why a table is none of prices: what is missing, and what its columns look like."""
    names = table.head[0]
    label, said = table.label, close or "close"
    date = _position(names, wanted["date"])
    symbol = _position(names, wanted["symbol"])
    priced = _position(names, (*wanted["close"], *wanted["total"])) is not None
    near = any(_near(word, names) for word in ("date", said))
    if any("\ufffd" in name for name in names):
        yield Problem("the header is not UTF-8", "save the file as 'CSV UTF-8'", label, 1)
    elif meant := _misread(names):
        yield Problem(
            f"the header was saved in a wrong encoding: {', '.join(names[:4])} were "
            f"{', '.join(meant[:4])}",
            "export it again, as 'CSV UTF-8'",
            label,
            1,
        )
        return
    if date is None and symbol is None and not priced and not near:
        yield Problem(
            f"not a price file: its columns are {_shown(names)}",
            f"name the columns symbol, date and {said}, or date and one column a symbol",
            label,
        )
        return
    layout = Layout(table, "long", 1, names, 0, symbol, (Block(),))
    if date is None:
        days = [name for name, kind in _looks(layout) if kind == "dates"]
        remedy = f"rename {days[0]!r}" if days else "add 'date', the day of each row's close"
        yield _missing(label, "date", names, f"{remedy}; the columns are {_shown(names)}")
    if not priced:
        yield _missing(label, said, names, _naming(layout))
    if symbol is None and _near("symbol", names):
        yield _missing(label, "symbol", names, "")


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _misread(names: Sequence[str]) -> list[str]:
    """What Chinese names were before somebody read their bytes as Western text; else nothing."""
    known = {_plain(name) for role in ("symbol", "date", "close") for name in _NAMES[role]}
    for seen in ("latin-1", "cp1252"):
        for meant in ("gb18030", "big5hkscs", "utf-8"):
            try:
                told = [name.encode(seen).decode(meant) for name in names]
            except UnicodeError:
                continue
            if told != list(names) and any(_plain(name) in known for name in told):
                return told
    return []


def _missing(label: str, wanted: str, names: Sequence[str], otherwise: str) -> Problem:
    near = _near(wanted, names)
    remedy = (
        f"did you mean {near!r}? Rename it to {wanted!r}"
        if near
        else otherwise or f"add {wanted!r}"
    )
    return Problem("missing column", remedy, label, None, wanted)


def _naming(layout: Layout) -> str:
    """The option that names the column of closes, with the columns that could be it."""
    prices = [name for name, kind in _looks(layout) if kind == "prices"]
    if not prices:
        return ""
    shown = ", ".join(map(repr, prices[:4]))
    held = f"{shown} hold numbers" if len(prices) > 1 else f"{shown} holds numbers"
    return f"name the column of the closes: --close {prices[0]} (close=); {held}"


def column_of_symbols(layout: Layout) -> str | None:
    """A column that holds symbols under another name, if any."""
    return next((name for name, kind in _looks(layout) if kind == "symbols"), None)


def _looks(layout: Layout) -> list[tuple[str, str]]:
    """What the columns without a known name look like."""
    known = {name for names in _NAMES.values() for name in names} | _OTHERS
    sample = layout.table.sample(layout.header)
    found = []
    for at, name in enumerate(layout.names):
        cells = [row[at] for row in sample if at < len(row) and row[at].strip()]
        if not name or not cells or _plain(name) in known:
            continue
        numbers = [parse_number(cell) for cell in cells]
        if all(map(is_day, cells)):
            found.append((name, "dates"))
        elif all(one is not None and one > 0 for one in numbers):
            found.append((name, "prices"))
        elif all(one is not None for one in numbers):
            found.append((name, "returns"))
        else:
            symbols = all(looks_like_symbols([cell]) for cell in cells)
            found.append((name, "symbols" if symbols else "text"))
    return found


def _near(wanted: str, names: Iterable[str]) -> str | None:
    plain = {_plain(name): name for name in names if name}
    found = difflib.get_close_matches(_plain(wanted), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found and plain[found[0]] != wanted else None


def _position(names: Sequence[str], wanted: Iterable[str]) -> int | None:
    """Position of the first name wanted, as written or else but for case, marks and a unit."""
    plain = [_plain(name) for name in names]
    for name in wanted:
        if name in names:
            return names.index(name)
        if _plain(name) in plain:
            return plain.index(_plain(name))
    return None


_UNIT = re.compile(r"[(（\[][^)）\]]*[)）\]]$")


@lru_cache(maxsize=MOST_COLUMNS)
def _plain(name: str) -> str:
    return re.sub(r"[\s_.\-#*]+", "", _UNIT.sub("", name.strip().lower()))
