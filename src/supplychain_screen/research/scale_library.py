"""Rating scales of brokers, as data: a start for a report of another house."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from supplychain_screen.errors import Problem, RatingScaleError
from supplychain_screen.identity import packaged_data
from supplychain_screen.research.rating_scale import Level, RatingScale
from supplychain_screen.research.text_files import Row, near_name, read_table

__all__ = ["LibraryScale", "load_library", "load_rating_scales"]

_REQUIRED = ("scale", "level", "lower", "lower_inclusive", "upper", "upper_inclusive")
_OPTIONAL = ("publisher", "kind", "first_months", "last_months", "basis", "level_zh", "level_en",
             "notes")  # fmt: skip
_FLAGS = {"yes": True, "no": False, "": False}


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
    """

    scale: RatingScale
    kind: Literal["stock", "sector"]
    first_months: int
    last_months: int
    basis: Literal["price", "total"]


def load_rating_scales(path: str | Path | None = None) -> dict[str, RatingScale]:
    """Rating scales by name.

    Parameters
    ----------
    path : str or Path, optional
        A CSV file with one row a level, best level first; None: the packaged scales of Guosen and
        eight other brokers. A row without bounds is the no-view level of its scale.

    Returns
    -------
    dict of str to RatingScale
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
    >>> scales = load_rating_scales()
    >>> scales["huatai-stock"].bounds
    (-0.15, 0.05, 0.15)
    >>> scales["huatai-stock"].level_at(-0.10).name_zh
    '持有'
    """
    return {name: entry.scale for name, entry in load_library(path).items()}


def load_library(path: str | Path | None = None) -> dict[str, LibraryScale]:
    """Rating scales by name, with horizon and return basis.

    Parameters
    ----------
    path : str or Path, optional
        As for ``load_rating_scales``.

    Returns
    -------
    dict of str to LibraryScale
        In the order of the file.

    Raises
    ------
    RatingScaleError
        As for ``load_rating_scales``.

    Examples
    --------
    >>> entry = load_library()["huatai-stock"]
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
    if scale is None:
        return None
    return LibraryScale(
        scale=scale,
        kind="sector" if kind == "sector" else "stock",
        first_months=months[0],
        last_months=months[1],
        basis="total" if basis == "total" else "price",
    )


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
    bounded = tuple(one for one in levels if one.lower is not None or one.upper is not None)
    no_views = [one for one in levels if one.lower is None and one.upper is None]
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
    )


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
