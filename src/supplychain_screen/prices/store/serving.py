"""One listing's stored bars and events, as the closes somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from supplychain_screen.errors import SymbolNotFoundError
from supplychain_screen.prices.adjustment import TradedHistory
from supplychain_screen.prices.series import Adjustment, Basis, Events, Finding, PriceSeries
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.store.fetch_log import Served
from supplychain_screen.prices.store.reading import BarReader
from supplychain_screen.words import message

__all__ = ["bases_of", "series_of", "substitutions"]


def bases_of(adjustments: Iterable[Adjustment]) -> tuple[Basis, ...]:
    """The bases that closes so adjusted can serve; both where there are none yet.

    Examples
    --------
    >>> bases_of(["splits"]), bases_of(["none", "splits"])
    (('price',), ('price', 'total'))
    """
    known = set(adjustments)
    if known and not known & {"none", "splits", "as given"}:
        return ("total",)
    if known and not known & {"none", "splits+dividends"}:
        return ("price",)
    return ("price", "total")


def series_of(
    served: Served,
    bars: BarReader,
    events: tuple[Events, Events],
    first: date,
    last: date,
    basis: Basis,
) -> PriceSeries:
    """One listing's closes in the asked basis.

    Parameters
    ----------
    served : Served
        Who serves the listing.
    bars : BarReader
        Closes and volumes as traded.
    events : pair of Events
        Splits and dividends with ex-dates until ``last``.
    first, last : date
        Both inclusive.
    basis : {"price", "total"}

    Returns
    -------
    PriceSeries
        Read-only arrays.

    Raises
    ------
    SymbolNotFoundError
        There is no stored session between the two days.
    BasisNotServedError
        ``total`` is asked of prices that came adjusted for splits, without dividends.
    """
    days, columns = bars.days(served.listing)
    close, volume = columns["close"], columns["volume"]
    begin, end = day_number(first), day_number(last)
    if days.size and (days[0] < begin or days[-1] > end):
        inside = slice(*np.searchsorted(days, np.array([begin, end + 1], days.dtype)).tolist())
        days, close, volume = days[inside], close[inside], volume[inside]
    sessions = bars.dates(days)
    if not sessions.size:
        raise SymbolNotFoundError(
            message("source.none_stored", listing=served.listing, first=first, last=last),
            source="store",
            symbol=served.symbol,
            attempts=0,
        )
    splits, dividends = events
    known = TradedHistory(
        listing=served.listing,
        sessions=sessions,
        close=close,
        volume=volume,
        splits=splits,
        dividends=dividends,
        source=served.source,
        symbol=served.symbol,
        fetched_at=served.fetched_at,
        currency=served.currency,
        adjustment=served.adjustment,
    )
    return known.series(basis)


def substitutions(served: Served, loaded: PriceSeries, basis: Basis) -> list[Finding]:
    """Findings about what was served instead of what was asked."""
    asked: Adjustment = "splits" if basis == "price" else "splits+dividends"
    other = loaded.adjustment != asked and not _is_index(served.listing)
    if not other and not served.passed_over:
        return []
    span = (loaded.sessions[0].astype(object), loaded.sessions[-1].astype(object))
    findings = []
    if served.passed_over:
        findings.append(
            Finding(
                "source_substituted",
                served.listing,
                *span,
                "substituted",
                message("source_substituted", used=served.source, passed_over=served.passed_over),
            )
        )
    if other:
        findings.append(
            Finding(
                "basis_substituted",
                served.listing,
                *span,
                "substituted",
                message("basis_substituted.stored", asked=asked, stored=loaded.adjustment),
            )
        )
    return findings


def _is_index(listing: str) -> bool:
    return listing.startswith("INDEX:")
