"""Every quality check of price series, of one and of a market.

Each module lists the codes of its own checks, what they are and what is done: rows
(:mod:`~supplychain_screen.prices.quality.bars`), moves
(:mod:`~supplychain_screen.prices.quality.jumps`), sessions that are not there
(:mod:`~supplychain_screen.prices.quality.gaps`, :mod:`supplychain_screen.prices.sessions`), and two
sources (:mod:`~supplychain_screen.prices.quality.two_sources`). A new check stands in the tuple of
its module, and its words in ``words/findings.py``. Here is one:

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``former_code``                   a Beijing code from before its change: ``reported``
================================  ============================================================

Where volume is unknown and no daily limit holds, a suspected split is ``reported`` only. Each
check says its threshold and the reason in its own docstring.

What no check of one series can see: a bonus issue of less than 15%, or on a busy day, within the
daily limit whose event is unknown; a wrong close within the limit, or within 20% where there is
none; cash dividends adjusted for up to some day and not after it (the adjusted and the traded
close meet on the last adjusted day, so there is no jump: the Hong Kong files change their basis
so on 2025-10-30); a suspension of five sessions or fewer in a series without volumes. Events and a
second source help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Instrument, Listing
from supplychain_screen.prices.quality.bars import (
    OF_ROWS,
    OF_SESSIONS,
    Rows,
    prepare,
    row_pattern,
)
from supplychain_screen.prices.quality.gaps import (
    OF_ENDS,
    OF_FILLS,
    OF_HOLES,
    Market,
    fills,
    gather_markets,
    unscheduled_closure,
)
from supplychain_screen.prices.quality.jumps import OF_MOVES, possible_split
from supplychain_screen.prices.quality.moves import (
    Fall,
    Moves,
    episodes,
    large_moves,
    possible_splits,
)
from supplychain_screen.prices.quality.two_sources import compare_sources
from supplychain_screen.prices.series import Finding, PriceSeries
from supplychain_screen.prices.sessions import SessionCalendars, day_of_number
from supplychain_screen.words import message

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
    calendars = SessionCalendars.seen_in(series_by_id.values(), known.values(), as_of)
    prepared = [
        prepare(series_by_id[listing], known[listing], calendars, as_of=as_of)
        for listing in sorted(series_by_id)
    ]
    moves = [large_moves(rows) for rows in prepared]
    patterns = [row_pattern(rows) for rows in prepared]
    # Whose dates are another day's can say nothing of anybody else's sessions.
    sound = [i for i, rows in enumerate(prepared) if not _covers(patterns[i], rows)]
    markets = gather_markets([prepared[i] for i in sound], [moves[i] for i in sound])
    checked = [
        _check(rows, large, pattern, markets.get(rows.instrument.calendar), as_of)
        for rows, large, pattern in zip(prepared, moves, patterns, strict=True)
    ]
    found = [one for every, _ in checked for one in every]
    found += _possible(prepared, checked)
    for name in sorted(markets):
        found += unscheduled_closure(markets[name])
    found += _former_codes(prepared, known.values(), as_of)
    if markets:
        last = as_of or day_of_number(max(one.last for one in markets.values()))
        found += calendars.provisional([known[listing] for listing in series_by_id], last)
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
    calendars = SessionCalendars.seen_in([series], [instrument], as_of)
    rows = prepare(series, instrument, calendars, as_of=as_of)
    checked = [_check(rows, large_moves(rows), row_pattern(rows), None, as_of)]
    return _in_order(checked[0][0] + _possible([rows], checked))


_Falls = list[Fall]


def _check(
    rows: Rows, moves: Moves, pattern: list[Finding], market: Market | None, as_of: date | None
) -> tuple[list[Finding], _Falls]:
    """What is found in one series, and its falls that may have been bonus issues."""
    found = [*pattern, *_all(OF_ROWS, rows)]
    if _covers(pattern, rows):
        # Every row is another day's: what else it looks like comes from that.
        return found, []
    filled = fills(rows, market)
    asleep = [(fill.first, fill.last) for fill in filled if fill.suspension]
    moved = episodes(rows, moves, asleep, market)
    found += [
        *_all(OF_SESSIONS, rows),
        *_all(OF_MOVES, rows, moved),
        *_all(OF_FILLS, rows, filled),
        *_all(OF_HOLES, rows, market),
        *_all(OF_ENDS, rows, market, as_of),
    ]
    told = {one.jump.row for one in moved}
    return found, [one for one in possible_splits(rows, moves, market) if one.row not in told]


def _all(checks: Iterable[Callable[..., list[Finding]]], *given: Any) -> list[Finding]:
    return [one for check in checks for one in check(*given)]


def _covers(pattern: Sequence[Finding], rows: Rows) -> bool:
    """True where one of the findings is about every row of a series."""
    if not pattern:
        return False
    at = rows.days[rows.usable & rows.on_session]
    spans = np.array([[one.first, one.last] for one in pattern], "datetime64[D]").astype(np.int64)
    return bool(at.size and ((spans[:, 0] <= at[0]) & (at[-1] <= spans[:, 1])).any())


def _possible(
    prepared: Sequence[Rows], checked: Sequence[tuple[list[Finding], _Falls]]
) -> list[Finding]:
    """Bonus issues within the limit, struck where two others prove their file to be traded closes.

    Only a file is proven so: who knows events undoes them one by one.
    """
    proven: dict[str, set[str]] = {}
    for rows, (found, _) in zip(prepared, checked, strict=True):
        if rows.series.splits is None and any(
            one.code == "missed_split" and one.action == "unrated" for one in found
        ):
            proven.setdefault(rows.series.source, set()).add(rows.listing)
    return [
        one
        for rows, (_, falls) in zip(prepared, checked, strict=True)
        for one in possible_split(rows, falls, len(proven.get(rows.series.source, ())) >= 2)
    ]


_FORMER_CODES = ("43", "83", "87", "88")
_CODES_CHANGED = date(2025, 10, 9)
"""Day from which Beijing's listings of before 2024 trade as 92xxxx."""


def _former_codes(
    prepared: Sequence[Rows], instruments: Iterable[Instrument], as_of: date | None
) -> list[Finding]:
    """Series of a Beijing code that its exchange no longer uses."""
    # Threshold: the code begins with 43, 83, 87 or 88 and the series ends before 2025-10-09, while
    # the day asked for is later (reported). The new code is named where one of instruments has the
    # same name, or the former code among its other names.
    result = []
    for rows in prepared:
        listing = rows.instrument
        if listing.mic != "BJSE" or not listing.code.startswith(_FORMER_CODES):
            continue
        change = np.datetime64(_CODES_CHANGED, "D").astype(np.int64)
        if not rows.days.size or rows.days[-1] >= change or (as_of or date.max) < _CODES_CHANGED:
            continue
        new = [
            one.code
            for one in instruments
            if isinstance(one, Listing)
            and one.mic == "BJSE"
            and one.code.startswith("92")
            and (one.name_zh == listing.name_zh != "" or listing.code in one.aliases)
        ]
        if new:
            said = message("former_code.now", code=listing.code, now=new[0])
        else:
            said = message("former_code", code=listing.code)
        result.append(Finding("former_code", rows.listing, _CODES_CHANGED, None, "reported", said))
    return result


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
