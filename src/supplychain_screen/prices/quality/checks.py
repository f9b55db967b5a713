"""Every quality check of price series, run in one fixed order.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``duplicate_session``             two rows of one day: ``dropped``, or ``unrated`` where they differ
``unordered_sessions``            rows that go back in time: ``unrated``
``non_positive_close``            zero, negative or infinite closes: ``dropped``
``missing_close``                 a row without close: ``dropped``
``outside_sessions``              rows on days without trade: ``dropped``
``currency_mismatch``             closes in another currency: ``unrated``
``unit_jump``                     x100 or /100: ``unrated``
``half_applied_split``            a split applied to some bars only: ``unrated``
``missed_split``                  a split not applied to the bars before it: ``unrated``
``beyond_limit``                  a move that the exchange does not allow: ``unrated``
``index_jump``                    an index that moves more than 20% in a day: ``unrated``
``repeated_close``                sessions filled with the close before: ``dropped``
``suspended``                     a suspension, filled with the close before: ``dropped``
``missing_sessions``              holes in a listing's rows: ``reported``
``stale_tail``                    a listing that ends before its market: ``reported``
``benchmark_gap``                 a benchmark without close: ``reported``, ``unrated`` above three
                                  sessions
``unscheduled_closure``           a session that nobody of the market has: ``reported``
``second_source_disagreement``    two sources apart: ``reported`` or ``unrated``
================================  ============================================================

Where volume is unknown and no daily limit holds, a suspected split is ``reported`` only. Each
check says its threshold and the reason in its own docstring.

What no check of one series can see: a bonus issue smaller than the daily limit whose event is
unknown; cash dividends adjusted for up to some day and not after it (the adjusted and the traded
close meet on the last adjusted day, so there is no jump: the Hong Kong files change their basis
so on 2025-10-30); a suspension in a series without volumes. Events and a second source help.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.quality.bars import (
    Rows,
    currency_mismatch,
    duplicate_session,
    missing_close,
    non_positive_close,
    outside_sessions,
    prepare,
    unordered_sessions,
)
from supplychain_screen.prices.quality.gaps import (
    Market,
    benchmark_gap,
    fills,
    gather_markets,
    missing_sessions,
    repeated_close,
    stale_tail,
    suspended,
    unscheduled_closure,
)
from supplychain_screen.prices.quality.jumps import (
    beyond_limit,
    half_applied_split,
    index_jump,
    missed_split,
    unit_jump,
)
from supplychain_screen.prices.quality.moves import episodes, jumps
from supplychain_screen.prices.quality.two_sources import compare_sources
from supplychain_screen.prices.series import Finding, PriceSeries

__all__ = ["check_prices", "check_series", "compare_sources"]


def check_prices(
    series_by_id: Mapping[str, PriceSeries],
    instruments: Iterable[Instrument],
    *,
    as_of: date | None = None,
) -> list[Finding]:
    """Everything the checks find in a set of series, compared with each other by market.

    Parameters
    ----------
    series_by_id : mapping of str to PriceSeries
        Series by id of the listing or index. What a series says of its events and its currency is
        taken into account.
    instruments : iterable of Listing or Index
        Whom the series belong to; one without a series is nobody's finding.
    as_of : date, optional
        A day whose session has closed. Later rows are not looked at, and a series that ends
        before it is stale. Without it a series is measured by the latest row of its market.

    Returns
    -------
    list of Finding
        Sorted by listing, first session, code and last session.

    Raises
    ------
    UnknownListingError
        A series belongs to none of ``instruments``.

    Examples
    --------
    >>> import numpy as np
    >>> from supplychain_screen import Listing
    >>> espressif = Listing(mic="XSHG", code="688018", currency="CNY", board="SSE STAR")
    >>> days = np.array(["2025-05-29", "2025-05-30", "2025-06-03", "2025-06-04"], "datetime64[D]")
    >>> closes, volume = np.array([189.51, 183.56, 137.42, 136.30]), np.full(4, 2e6)
    >>> one = PriceSeries("XSHG:688018", days, closes, volume, "splits", "yahoo", "688018.SS")
    >>> long_listed = espressif.model_copy(update={"first_session": date(2019, 7, 22)})
    >>> [
    ...     (one.code, str(one.first), one.action)
    ...     for one in check_prices({one.listing: one}, [long_listed])
    ... ]
    [('missed_split', '2025-06-03', 'unrated')]
    """
    known = {instrument.id: instrument for instrument in instruments}
    strangers = sorted(series_by_id.keys() - known.keys())
    if strangers:
        raise UnknownListingError(
            f"prices for {', '.join(strangers)}, which no listing or benchmark here is"
        )
    prepared = [
        prepare(series_by_id[listing], known[listing], as_of=as_of)
        for listing in sorted(series_by_id)
    ]
    markets = gather_markets(prepared)
    found: list[Finding] = []
    for rows in prepared:
        market = markets.get(rows.instrument.calendar)
        found += _check(rows, market, as_of)
    for name in sorted(markets):
        found += unscheduled_closure(markets[name])
    return _in_order(found)


def check_series(
    series: PriceSeries, instrument: Instrument, *, as_of: date | None = None
) -> list[Finding]:
    """Everything the checks find in one series, without its market.

    Parameters
    ----------
    series : PriceSeries
        Closes of one listing or index.
    instrument : Listing or Index
        Whose closes they are.
    as_of : date, optional
        A day whose session has closed; later rows are not looked at.

    Returns
    -------
    list of Finding
        Sorted by first session, code and last session.

    Raises
    ------
    ValueError
        The series belongs to another listing.
    """
    if series.listing != instrument.id:
        raise ValueError(f"closes of {series.listing} cannot be checked as {instrument.id}")
    rows = prepare(series, instrument, as_of=as_of)
    return _in_order(_check(rows, None, as_of))


def _check(rows: Rows, market: Market | None, as_of: date | None) -> list[Finding]:
    filled = fills(rows, market)
    asleep = [(fill.first, fill.last) for fill in filled if fill.suspension]
    moved = episodes(rows, jumps(rows, asleep))
    return [
        *duplicate_session(rows),
        *unordered_sessions(rows),
        *non_positive_close(rows),
        *missing_close(rows),
        *outside_sessions(rows),
        *currency_mismatch(rows),
        *unit_jump(rows, moved),
        *half_applied_split(rows, moved),
        *missed_split(rows, moved),
        *beyond_limit(rows, moved),
        *index_jump(rows, moved),
        *repeated_close(rows, filled),
        *suspended(rows, filled),
        *missing_sessions(rows, market),
        *stale_tail(rows, market, as_of),
        *benchmark_gap(rows, market, as_of),
    ]


def _in_order(found: list[Finding]) -> list[Finding]:
    # Dates as text: a finding without a date comes first, and dates in ISO form sort by time.
    return sorted(
        found,
        key=lambda one: (
            one.listing,
            "" if one.first is None else one.first.isoformat(),
            one.code,
            "" if one.last is None else one.last.isoformat(),
        ),
    )
