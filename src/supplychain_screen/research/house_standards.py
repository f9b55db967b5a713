"""The standard that a house had in force on a day, as far as the library of standards knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.research.index_library import load_indices
from supplychain_screen.research.scale_library import LibraryScale, load_library
from supplychain_screen.research.standard import INDEX_PREFIX, RatingStandard
from supplychain_screen.research.text_files import near_name

__all__ = ["StandardProposal", "Standing", "propose_standard", "standard_by_scale"]

Standing = Literal["in_force", "before_first", "after_last", "undated"]
"""How a day lies to the dates of a standard: within them, before the first day it was seen, after
the last day it was in force, or nobody knows a date."""


@dataclass(frozen=True, slots=True)
class StandardProposal:
    """What the library proposes for a house and a publication date.

    Parameters
    ----------
    house : str
        The house as the library writes it.
    published : date
    stock, sector : LibraryScale or None
        Its scales; None where none is known. Neither stands for the other.
    standing : {"in_force", "before_first", "after_last", "undated"}
        How the date lies to those of the stock scale (of the sector scale where there is no
        other). Only what is ``in_force`` was seen in print before; anything else is to be checked.
    """

    house: str
    published: date
    stock: LibraryScale | None
    sector: LibraryScale | None
    standing: Standing

    @property
    def first_date(self) -> date | None:
        """First day on which what is proposed was seen in print."""
        return self._leading.first_date

    @property
    def last_seen(self) -> date | None:
        """Last day on which it was seen in print."""
        return self._leading.last_seen

    @property
    def _leading(self) -> LibraryScale:
        leading = self.stock or self.sector
        assert leading is not None  # a house of the library has one of the two
        return leading

    @property
    def standard(self) -> RatingStandard:
        """The scales as the standard of a report.

        Raises
        ------
        ReportError
            The library knows no stock scale of the house.
        """
        return _standard(self.house, self.stock, self.sector)


def propose_standard(house: str, published: date) -> StandardProposal:
    """The standard of a house that was in force on a publication date.

    Parameters
    ----------
    house : str
        Name of the house, or a part of it that no other has.
    published : date
        Day of publication.

    Returns
    -------
    StandardProposal
        The one in force; where the day lies outside of all, the nearest, and ``standing`` says so.

    Raises
    ------
    ReportError
        The library knows no such house, or several.

    Examples
    --------
    >>> from datetime import date
    >>> new = propose_standard("兴业证券", date(2024, 3, 1))
    >>> new.stock.scale.name, [one.name for one in new.stock.markets][:2], new.standing
    ('industrial-stock', ['a_share', 'bse'], 'in_force')
    >>> propose_standard("兴业证券", date(2020, 3, 1)).stock.scale.name
    'industrial-2017-stock'
    >>> propose_standard("国信证券", date(2010, 3, 1)).standing
    'before_first'
    """
    library = load_library()
    houses = list(dict.fromkeys(entry.scale.publisher for entry in library.values()))
    matching = [one for one in houses if one == house] or [
        one for one in houses if house and (house in one or one in house)
    ]
    if len(matching) != 1:
        names = matching or houses
        remedy = near_name(house, names) or f"houses are {', '.join(names)}"
        what = "several houses of that name" if matching else "no standard of that house is known"
        raise ReportError(Problem(what, remedy, value=house))
    own = [entry for entry in library.values() if entry.scale.publisher == matching[0]]
    found = {
        kind: _in_force([one for one in own if one.kind == kind], published)
        for kind in ("stock", "sector")
    }
    leading = found["stock"] if found["stock"][0] is not None else found["sector"]
    return StandardProposal(
        matching[0], published, found["stock"][0], found["sector"][0], leading[1]
    )


def standard_by_scale(name: str) -> tuple[str, RatingStandard]:
    """The house of a stock scale and its standard, with the sector scale of the same print.

    Parameters
    ----------
    name : str
        A name of ``load_library()``.

    Raises
    ------
    ReportError
        No scale has that name, or it rates sectors.
    """
    library = load_library()
    if name not in library:
        remedy = near_name(name, library) or f"scales are {', '.join(library)}"
        raise ReportError(Problem("no such rating scale", remedy, value=name))
    entry = library[name]
    stem = name.removesuffix(f"-{entry.kind}")
    if entry.kind == "sector":
        known = f"name {stem}-stock" if f"{stem}-stock" in library else "name a stock scale"
        raise ReportError(Problem("the scale rates sectors, not stocks", known, value=name))
    house = entry.scale.publisher
    return house, _standard(house, entry, library.get(f"{stem}-sector"))


def _in_force(entries: Sequence[LibraryScale], day: date) -> tuple[LibraryScale | None, Standing]:
    """The scale that was in force on a day, or the nearest, and how the day lies to its dates."""
    dated = sorted(
        (one for one in entries if one.first_date is not None),
        key=lambda one: one.first_date or day,
    )
    begun = [one for one in dated if one.first_date is not None and one.first_date <= day]
    if begun:
        latest = begun[-1]
        over = latest.last_date is not None and latest.last_date < day
        return latest, "after_last" if over else "in_force"
    if dated:
        return dated[0], "before_first"
    return (entries[0] if entries else None), "undated"


def _standard(
    house: str, stock: LibraryScale | None, sector: LibraryScale | None
) -> RatingStandard:
    if stock is None:
        raise ReportError(
            Problem(
                f"no stock scale of {house} is known",
                "name the scale that the report prints, or write its levels into report.toml",
            )
        )
    indices = load_indices()
    named = dict.fromkeys(one for market in stock.markets for one in market.benchmarks)
    return RatingStandard(
        stock=stock.scale,
        sector=None if sector is None else sector.scale,
        first_months=stock.first_months,
        last_months=stock.last_months,
        basis=stock.basis,
        markets=stock.markets,
        indices=tuple(indices[one.removeprefix(INDEX_PREFIX)] for one in named),
    )
