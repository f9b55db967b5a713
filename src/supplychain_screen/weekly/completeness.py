"""What a week lacks because it could not be fetched: who, and in which words it is marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError
from supplychain_screen.identity import Instrument, calendar_span, exchange_sessions
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly.manifest import Manifest, Unserved
from supplychain_screen.weekly.refreshing import Refreshed
from supplychain_screen.weekly.week_days import last_close
from supplychain_screen.words import Phrase

__all__ = ["missing_of_week"]

_NAMED = 5
"""So many listings are named in a mark; the manifest and the findings name all."""


def missing_of_week(
    view: PriceStore,
    moment: datetime,
    instruments: Sequence[Instrument],
    day: date,
    refreshed: Refreshed,
    earlier: Manifest | None,
) -> tuple[tuple[Unserved, ...], tuple[Phrase, ...]]:
    """Listings whose prices of the week are not there yet, and the marks of the week.

    Parameters
    ----------
    view : PriceStore
        As known at ``moment``, when the week is measured.
    moment : datetime
    instruments : sequence of Listing or Index
        All that the screens need.
    day : date
        End of the week.
    refreshed : Refreshed
        How this run's update came out; where it asked nobody, what the ``earlier`` revision
        lacked is still missing until somebody brings it.
    earlier : Manifest or None
        Newest revision of the same week.

    Notes
    -----
    A listing that was fetched after its week had closed lacks nothing of that week, though it may
    have failed on a later day: a quiet week is not revised because a vendor is down on Tuesday.
    """
    if earlier is not None and earlier.known_on == moment:
        # The same moment again: what the run of then knew, this one cannot know better.
        notes = {one.changes_note for one in earlier.screens}
        return earlier.unserved, tuple(one for one in earlier.marks if one.en not in notes)
    carried = earlier is not None and not refreshed.asked
    failed = earlier.unserved if earlier is not None and carried else refreshed.unserved
    unserved = _still_missing(view, instruments, day, failed)
    marks = [refreshed.late] if refreshed.late is not None and unserved else []
    monday = day - timedelta(days=6)
    behind = _behind(view, moment, instruments, day)
    marks += behind.values()
    marks += [
        one.words
        for one in refreshed.gaps
        if one.first <= day and one.last >= monday and one.listing not in behind
    ]
    if unserved:
        names = ", ".join(one.symbol for one in unserved[:_NAMED])
        n, more = len(instruments), len(unserved) - _NAMED
        rest = Phrase(f" 等另外 {more} 家", f" and {more} more") if more > 0 else Phrase("", "")
        marks.append(
            Phrase(
                f"{n} 个证券中 {len(unserved)} 个未能更新：{names}{rest.zh}",
                f"{len(unserved)} of {n} not updated: {names}{rest.en}",
            )
        )
    return unserved, tuple(marks)


_LOOKED_BACK = timedelta(days=62)
"""A benchmark without a session for so long is said to have had none since."""


def _behind(
    view: PriceStore, moment: datetime, instruments: Sequence[Instrument], day: date
) -> dict[str, Phrase]:
    """Benchmarks that end before the last session of the week, and how that is said.

    The calendar's word counts, though the benchmark be the only series of its market. A day that
    no series of the market has and that the benchmark has outlived was a closure. Behind the
    calendar's end a day counts that two other series of the market have.
    """
    indices = [one for one in instruments if one.is_index]
    calendars = {one.calendar for one in indices}
    market = [one for one in instruments if one.calendar in calendars]
    since, known = day - _LOOKED_BACK, max(day, moment.astimezone(UTC).date())
    try:
        series = view.load(market, since, known, "price").series
    except InputError:
        series = {}
    closed = {
        one.id: series[one.id].sessions[np.isfinite(series[one.id].close)]
        if one.id in series
        else np.empty(0, "datetime64[D]")
        for one in market
    }
    found = {}
    for one in indices:
        own, end = closed[one.id], np.datetime64(day, "D")
        until = own[own <= end]
        last = until[-1] if until.size else np.datetime64(since, "D")
        others = [closed[other.id] for other in market
                  if other.calendar == one.calendar and other.id != one.id]  # fmt: skip
        seen, count = np.unique(np.concatenate([own[:0], *others]), return_counts=True)
        border = min(day, calendar_span(one.calendar)[1])
        expected = exchange_sessions(one.calendar, since, border)
        if own.size and own[-1] > end:
            expected = np.intersect1d(expected, seen)
        later = seen[(count >= 2) & (seen > np.datetime64(border, "D")) & (seen <= end)]
        lacks = np.union1d(expected[expected > last], later[later > last])
        if lacks.size:
            symbol = one.symbol("yahoo") or one.id
            n = lacks.size
            zh = f"只到 {last}" if until.size else f"自 {since} 起没有行情"
            en = f"ends on {last}" if until.size else f"has no close since {since}"
            found[one.id] = Phrase(
                f"基准 {symbol} {zh}，缺 {n} 个交易日，最近一个是 {lacks[-1]}",
                f"benchmark {symbol} {en} and lacks {n} session{'' if n == 1 else 's'}, the last "
                f"on {lacks[-1]}",
            )
    return found


def _still_missing(
    view: PriceStore, instruments: Sequence[Instrument], day: date, failed: Sequence[Unserved]
) -> tuple[Unserved, ...]:
    if not failed:
        return ()
    status = view.status()
    serving = status[status["serves"]]
    fetched = dict(zip(serving["listing"], serving["fetched_at"], strict=True))
    calendars = {one.id: one.calendar for one in instruments}
    missing = []
    for one in failed:
        calendar = calendars.get(one.listing)
        if calendar is None:
            # Nobody asks for it any more.
            continue
        close, last = last_close(calendar, day), fetched.get(one.listing)
        if last is None or pd.isna(last) or (close is not None and last < close):
            missing.append(one)
    return tuple(missing)
