"""What a week lacks because it could not be fetched: who, and in which words it is marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pandas as pd

from supplychain_screen.identity import Instrument
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
    marks += [one.words for one in refreshed.gaps if one.first <= day and one.last >= monday]
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
