"""The store brought up to date for a run, within its deadline; and what a week then lacks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, OutputError, SourceError
from supplychain_screen.identity import Instrument, calendar_span, exchange_sessions
from supplychain_screen.prices import HistorySource
from supplychain_screen.prices.store import ListingUpdate, PriceStore, UpdateReport, update
from supplychain_screen.weekly.config import SOURCES, PriceSettings
from supplychain_screen.weekly.manifest import Manifest, Unserved
from supplychain_screen.weekly.week_days import last_close
from supplychain_screen.words import Message, Phrase, message, message_phrase

__all__ = ["Gap", "Refreshed", "history_source", "missing_of_week", "refresh"]

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Refreshed:
    """How the update came out.

    Parameters
    ----------
    unserved : tuple of Unserved
        Listings whose prices could not be brought up to date.
    asked : int
        Listings in all.
    late : Phrase or None
        Says that the update was given up at the deadline.
    gaps : tuple of Gap
        Benchmarks that lack sessions.
    source : str
        Who was asked first.
    file_ends : date or None
        Last day of a price file that was imported.
    """

    unserved: tuple[Unserved, ...] = ()
    asked: int = 0
    late: Phrase | None = None
    gaps: tuple[Gap, ...] = ()
    source: str = ""
    file_ends: date | None = None


@dataclass(frozen=True)
class Gap:
    """Sessions of a benchmark that its market had and its series lacks, first and last of them."""

    listing: str
    first: date
    last: date
    words: Phrase


def history_source(name: str, now: Clock) -> HistorySource:
    """The source of that name, not asked yet."""
    if name == "akshare":
        from supplychain_screen.prices.sources.akshare import AkShareSource

        return AkShareSource(now=now)
    if name == "simulated":
        from supplychain_screen.prices.sources import SimulatedSource

        # Yesterday's sessions have closed everywhere; a simulated one knows no closing time.
        return SimulatedSource(through=now().date() - timedelta(days=1))
    from supplychain_screen.prices.sources.yahoo import YahooSource

    return YahooSource(now=now)


def refresh(
    store: PriceStore,
    instruments: Sequence[Instrument],
    settings: PriceSettings,
    *,
    now: Clock,
    deadline: float,
    source: HistorySource | None = None,
) -> Refreshed:
    """Fill the store with what it lacks.

    Parameters
    ----------
    store : PriceStore
    instruments : sequence of Listing or Index
    settings : PriceSettings
    now : callable
        The current moment, aware.
    deadline : float
        Seconds after which the update is given up.
    source : HistorySource, optional
        Asked instead of the one the settings name.

    Raises
    ------
    StoreError, OutputError
        The store, or what the source needs on this machine, cannot be written.
    InputError
        A price file cannot be read.
    """
    if source is None and settings.source == "none":
        return Refreshed()
    if source is None and settings.source not in SOURCES:
        return _imported(store, instruments, settings, now)
    asked = source or history_source(settings.source, now)
    others = [] if source is not None else [history_source(one, now) for one in settings.fallbacks]
    return _updated(store, instruments, [asked, *others], now, deadline)


def _imported(
    store: PriceStore, instruments: Sequence[Instrument], settings: PriceSettings, now: Clock
) -> Refreshed:
    decisions = store.import_file(
        settings.source,
        instruments,
        now=now(),
        adjustment=settings.adjustment,
        allow_gaps=settings.allow_gaps,
    )
    answered = {one.history.listing: one for one in decisions}
    unserved = []
    for one in instruments:
        decision = answered.get(one.id)
        if decision is None:
            unserved.append(_unserved(one, "not_in_file", message("update.not_in_file")))
        elif not decision.accepted:
            unserved.append(_unserved(one, decision.reason, decision.message))
    ends = [one.history.sessions[-1] for one in decisions if len(one.history.sessions)]
    return Refreshed(
        tuple(unserved),
        len(instruments),
        source=str(settings.source),
        file_ends=max(ends).astype(object) if ends else None,
    )


class _Stoppable:
    """A source that gives no more answers once it is told to stop."""

    def __init__(self, source: HistorySource, stop: threading.Event) -> None:
        self._source, self._stop = source, stop
        self.name, self.simulated = source.name, source.simulated

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, Any]]:
        late = message("update.past_deadline")
        answered = set()
        for instrument, answer in self._source.stream(instruments, first):
            if self._stop.is_set():
                break
            answered.add(instrument.id)
            yield instrument, answer
        for instrument in instruments:
            if instrument.id not in answered:
                yield instrument, SourceError(late, source=self.name, attempts=0)


def _updated(
    store: PriceStore,
    instruments: Sequence[Instrument],
    sources: Sequence[HistorySource],
    now: Clock,
    deadline: float,
) -> Refreshed:
    stop = threading.Event()
    rows: dict[str, ListingUpdate] = {}
    outcome: list[UpdateReport | Exception] = []

    def note(_done: int, _all: int, row: ListingUpdate) -> None:
        rows[row.listing] = row

    def work() -> None:
        watched = [_Stoppable(one, stop) for one in sources]
        try:
            outcome.append(
                update(
                    store,
                    instruments,
                    watched[0],
                    now=now(),
                    fallbacks=watched[1:],
                    on_progress=note,
                )
            )
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome.append(error)

    # A source can hang where no time-out reaches; a thread can be left behind, a call cannot.
    worker = threading.Thread(target=work, name="price update", daemon=True)
    worker.start()
    worker.join(deadline)
    late = worker.is_alive()
    if late:
        stop.set()
        worker.join(min(deadline, 5.0))
    found = outcome[0] if outcome else None
    if isinstance(found, OSError):
        raise OutputError(f"cannot update the prices: {found.strerror or found}") from found
    if isinstance(found, Exception):
        raise found
    unserved = []
    for one in instruments:
        row = rows.get(one.id)
        if row is None:
            unserved.append(_unserved(one, "deadline", message("update.not_asked")))
        elif not row.usable:
            unserved.append(_unserved(one, row.reason or row.outcome, row.message))
    stopped = message("week.update_stopped", seconds=deadline).phrase
    gaps = () if found is None else _gaps(found, instruments)
    return Refreshed(
        tuple(unserved), len(instruments), stopped if late else None, gaps, sources[0].name
    )


def _gaps(found: UpdateReport, instruments: Sequence[Instrument]) -> tuple[Gap, ...]:
    """Benchmarks only: a listing that lacks sessions is a finding of its own screen."""
    indices = {one.id: one.ticker for one in instruments if one.is_index}
    return tuple(
        Gap(
            one.listing,
            one.first,
            one.last,
            message("week.benchmark_gap", symbol=indices[one.listing], last=one.last).phrase,
        )
        for one in found.findings
        if one.code == "gapped" and one.listing in indices and one.first and one.last
    )


def _unserved(instrument: Instrument, reason: str, said: Message | str) -> Unserved:
    zh, en = message_phrase(said)
    return Unserved(
        listing=instrument.id, symbol=instrument.ticker, reason=reason, detail=en, detail_zh=zh
    )


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
        symbols = tuple(one.symbol for one in unserved[:_NAMED])
        of, n, more = len(instruments), len(unserved), len(unserved) - _NAMED
        said = message("week.not_updated", n=n, of=of, symbols=symbols)
        if more > 0:
            said = message("week.not_updated_more", n=n, of=of, symbols=symbols, more=more)
        marks.append(said.phrase)
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
        others = [
            closed[other.id]
            for other in market
            if other.calendar == one.calendar and other.id != one.id
        ]
        seen, count = np.unique(np.concatenate([own[:0], *others]), return_counts=True)
        border = min(day, calendar_span(one.calendar)[1])
        expected = exchange_sessions(one.calendar, since, border)
        if own.size and own[-1] > end:
            expected = np.intersect1d(expected, seen)
        later = seen[(count >= 2) & (seen > np.datetime64(border, "D")) & (seen <= end)]
        lacks = np.union1d(expected[expected > last], later[later > last])
        if lacks.size:
            symbol = one.ticker
            n = lacks.size
            newest = lacks[-1].astype(object)
            if until.size:
                end_day = last.astype(object)
                said = message("week.benchmark_ends", symbol=symbol, end=end_day, n=n, last=newest)
            else:
                said = message(
                    "week.benchmark_silent", symbol=symbol, since=since, n=n, last=newest
                )
            found[one.id] = said.phrase
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
