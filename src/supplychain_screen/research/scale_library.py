"""Rating scales of brokers, as data: a start for a report of another house."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, cast

from supplychain_screen.errors import Problem, RatingScaleError
from supplychain_screen.identity import packaged_data
from supplychain_screen.research.index_library import load_indices
from supplychain_screen.research.rating_scale import KINDS, Level, RatingScale, ScaleKind, Side
from supplychain_screen.research.standard import INDEX_PREFIX, Market
from supplychain_screen.research.text_files import Row, near_name, parse_date, read_table

__all__ = ["LibraryScale", "load_library", "markets_of"]

_REQUIRED = ("scale", "level", "lower", "lower_inclusive", "upper", "upper_inclusive")
_OPTIONAL = (
    "publisher",
    "kind",
    "measured",
    "required_return",
    "first_months",
    "last_months",
    "basis",
    "first_date",
    "last_date",
    "last_seen",
    "benchmarks",
    "level_zh",
    "level_en",
    "side",
    "no_view",
    "wording",
    "notes",
    "source",
)
_FLAGS = {"yes": True, "no": False, "": False}
_SIDES: dict[str, Side | None] = {"": None, "1": 1, "0": 0, "-1": -1}

_MARKETS = {
    "a_share": ("A股市场", "Mainland A shares", ("XSHG", "XSHE", "BJSE"), ()),
    "shanghai": ("上海市场", "Shanghai", ("XSHG",), ()),
    "shenzhen": ("深圳市场", "Shenzhen", ("XSHE",), ()),
    "sme": ("中小板", "Board for small and medium enterprises", ("XSHE",), ("SME",)),
    "chinext": ("创业板", "ChiNext", ("XSHE",), ("ChiNext",)),
    "star": ("科创板", "STAR", ("XSHG",), ("STAR",)),
    "bse": ("北交所", "Beijing", ("BJSE",), ()),
    "neeq": ("新三板市场", "NEEQ", ("NEEQ",), ()),
    "hong_kong": ("香港市场", "Hong Kong", ("XHKG",), ()),
    "us": ("美国市场", "United States", ("XNAS", "XNYS", "XASE"), ()),
    "taiwan": ("台湾市场", "Taiwan", ("XTAI", "ROCO"), ()),
}
"""Markets as houses divide them: name in Chinese and English, exchanges, boards."""


@dataclass(frozen=True, slots=True)
class LibraryScale:
    """A broker's scale with what its standard says beside it.

    Parameters
    ----------
    scale : RatingScale
        The levels.
    kind : {"stock", "sector"}
        What it rates.
    first_months, last_months : int
        Horizon in calendar months after publication.
    basis : {"price", "total"}
        Whether returns include cash dividends.
    markets : tuple of Market
        Benchmarks that the house names; empty where it names none.
    first_date, last_date : date or None
        First day it was seen in print, and the last day it was in force, where known.
    last_seen : date or None
        Last day it was seen in print.
    source : str
        Where it was read.
    """

    scale: RatingScale
    kind: Literal["stock", "sector"]
    first_months: int
    last_months: int
    basis: Literal["price", "total"]
    markets: tuple[Market, ...] = ()
    first_date: date | None = None
    last_date: date | None = None
    last_seen: date | None = None
    source: str = ""


def load_library(path: str | Path | None = None) -> dict[str, LibraryScale]:
    """Rating scales by name, with horizon and return basis.

    Parameters
    ----------
    path : str or Path, optional
        A CSV file with one row a level, best level first; None: the packaged scales of more than
        forty houses. What belongs to the scale stands in the row of its best level: ``measured``
        is its kind, ``benchmarks`` reads ``a_share=CSI300; us=SPX IXIC``. A row without bounds is
        the no-view level of a scale that has bounds; where none has, ``no_view`` says yes.

    Returns
    -------
    dict of str to LibraryScale
        In the order of the file.

    Raises
    ------
    RatingScaleError
        When a row cannot be read or the levels of a scale leave a hole or overlap; all problems
        of the file at once.

    Notes
    -----
    Where a broker's print leaves open which of two levels includes a bound, ``notes`` of the scale
    says how it was read: 以上 includes the number, 超过, 大于 and 小于 exclude it, and what is
    still open belongs to the level farther from zero.

    Examples
    --------
    >>> entry = load_library()["huatai-stock"]
    >>> entry.scale.bounds, entry.scale.level_at(-0.10).name_zh
    ((-0.15, 0.05, 0.15), '持有')
    >>> entry.first_months, entry.last_months, entry.basis
    (6, 12, 'total')
    """
    file: Path | Traversable
    file = packaged_data().joinpath("rating_scales.csv") if path is None else Path(path)
    problems: list[Problem] = []
    rows = read_table(file, _REQUIRED, _OPTIONAL, problems)
    grouped: dict[str, list[Row]] = {}
    for row in rows or ():
        grouped.setdefault(row.get("scale"), []).append(row)
    found = {}
    for name, members in grouped.items():
        entry = _entry(file.name, name, members, problems)
        if entry is not None:
            found[name] = entry
    if problems:
        raise RatingScaleError(problems)
    return found


def _entry(
    file: str, name: str, rows: Sequence[Row], problems: list[Problem]
) -> LibraryScale | None:
    first = rows[0]
    scale = _scale(file, name, rows, problems)
    kind = _choice(file, first, "kind", ("stock", "sector"), problems)
    basis = _choice(file, first, "basis", ("price", "total"), problems)
    months = []
    for column, default in (("first_months", "6"), ("last_months", "12")):
        text = first.get(column) or default
        if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
            fault = Problem("not a number of months", "", file, first.line, column, text)
            problems.append(fault)
            text = default
        months.append(int(text))
    days = {}
    for column in ("first_date", "last_date", "last_seen"):
        text = first.get(column)
        days[column] = parse_date(text) if text else None
        if text and days[column] is None:
            fault = Problem("not a date", "write YYYY-MM-DD", file, first.line, column, text)
            problems.append(fault)
    markets = _markets(file, first, problems)
    if scale is None:
        return None
    return LibraryScale(
        scale=scale,
        kind="sector" if kind == "sector" else "stock",
        first_months=months[0],
        last_months=months[1],
        basis="total" if basis == "total" else "price",
        markets=markets,
        source=first.get("source"),
        **days,
    )


def _markets(file: str, row: Row, problems: list[Problem]) -> tuple[Market, ...]:
    """Benchmarks market by market, written ``a_share=CSI300; us=SPX IXIC``."""
    found: dict[str, Sequence[str]] = {}
    for part in filter(None, (one.strip() for one in row.get("benchmarks").split(";"))):
        name, _, indices = part.partition("=")
        known, told = load_indices(), tuple(indices.split())
        wrong = [one for one in told if one not in known]
        if name.strip() not in _MARKETS or wrong or not told:
            remedy = (
                f"indices are {', '.join(known)}"
                if wrong
                else f"write MARKET=INDEX; markets are {', '.join(_MARKETS)}"
            )
            fault = Problem("no benchmark", remedy, file, row.line, "benchmarks", part)
            problems.append(fault)
            continue
        found[name.strip()] = told
    return markets_of(found)


def markets_of(benchmarks: Mapping[str, Sequence[str]]) -> tuple[Market, ...]:
    """Markets of a standard from their names and the names of their indices.

    Parameters
    ----------
    benchmarks : mapping of str to sequence of str
        ``a_share``, ``hong_kong``, ... to names of :func:`load_indices`, the primary one first.
    """
    markets = []
    for name, told in benchmarks.items():
        zh, en, mics, boards = _MARKETS[name]
        # Who names an index for Beijing does not hold it against that of the mainland.
        mics = tuple(
            mic for mic in mics if name == "bse" or mic != "BJSE" or "bse" not in benchmarks
        )
        ids = tuple(f"{INDEX_PREFIX}{one}" for one in told)
        markets.append(
            Market(name=name, name_zh=zh, name_en=en, mics=mics, boards=boards, benchmarks=ids)
        )
    return tuple(markets)


def _choice(file: str, row: Row, column: str, known: Sequence[str], problems: list[Problem]) -> str:
    text = row.get(column) or known[0]
    if text not in known:
        remedy = near_name(text, known) or f"write {' or '.join(known)}"
        problems.append(Problem(f"unknown {column}", remedy, file, row.line, column, text))
    return text


def _scale(
    file: str, name: str, rows: Sequence[Row], problems: list[Problem]
) -> RatingScale | None:
    before = len(problems)
    if not name:
        fault = Problem("an empty cell", "name the scale", file, rows[0].line, "scale")
        problems.append(fault)
    levels = [_level(file, row, problems) for row in rows]
    if len(problems) > before:
        return None
    marked = [_flag(file, row, "no_view", problems) for row in rows]
    bounded = tuple(one for one in levels if one.is_bounded)
    no_views = [one for one in levels if not one.is_bounded]
    measured = _choice(file, rows[0], "measured", KINDS, problems)
    if not bounded and measured in ("direction", "peer"):
        bounded = tuple(one for one, no_view in zip(levels, marked, strict=True) if not no_view)
        no_views = [one for one, no_view in zip(levels, marked, strict=True) if no_view]
    required = _bound(file, rows[0], "required_return", problems)
    if len(problems) > before:
        return None
    if len(no_views) > 1:
        line = rows[levels.index(no_views[1])].line
        message = f"{len(no_views)} levels of {name} have no bounds"
        problems.append(Problem(message, "only the no-view level has none", file, line))
        return None
    try:
        return RatingScale(
            name=name,
            levels=bounded,
            no_view=no_views[0] if no_views else None,
            kind=cast("ScaleKind", measured),
            required_return=required,
            publisher=rows[0].get("publisher"),
            notes=rows[0].get("notes"),
        )
    except RatingScaleError as error:
        problems.extend(
            Problem(one.message, one.remedy, file, rows[0].line) for one in error.problems
        )
        return None


def _level(file: str, row: Row, problems: list[Problem]) -> Level:
    name = row.get("level")
    if not name:
        problems.append(Problem("an empty cell", "name the level", file, row.line, "level"))
    return Level(
        name=name or "unnamed",
        name_zh=row.get("level_zh"),
        name_en=row.get("level_en"),
        lower=_bound(file, row, "lower", problems),
        upper=_bound(file, row, "upper", problems),
        lower_inclusive=_flag(file, row, "lower_inclusive", problems),
        upper_inclusive=_flag(file, row, "upper_inclusive", problems),
        side=_side(file, row, problems),
        wording=row.get("wording"),
    )


def _side(file: str, row: Row, problems: list[Problem]) -> Side | None:
    text = row.get("side")
    if text not in _SIDES:
        problems.append(Problem("no side", "write 1, 0 or -1", file, row.line, "side", text))
    return _SIDES.get(text)


def _bound(file: str, row: Row, column: str, problems: list[Problem]) -> float | None:
    text = row.get(column)
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        remedy = "write a fraction such as 0.10"
        problems.append(Problem("not a number", remedy, file, row.line, column, text))
        return None
    bound = float(text)
    if abs(bound) > 1:
        remedy = f"write {bound / 100:g} for {bound:g}%"
        problems.append(Problem("a bound is a fraction", remedy, file, row.line, column, text))
    return bound


def _flag(file: str, row: Row, column: str, problems: list[Problem]) -> bool:
    text = row.get(column)
    if text not in _FLAGS:
        remedy = near_name(text, ("yes", "no")) or "write yes or no"
        problems.append(Problem("neither yes nor no", remedy, file, row.line, column, text))
    return _FLAGS.get(text, False)
