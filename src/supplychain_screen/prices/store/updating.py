"""Bring the store up to date: what is missing, ask, accept or quarantine, store, go on.

Every answer is stored as it arrives, so a run that is stopped in the middle has lost nothing, and
the next run asks only for what is still missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, Problem, RateLimitedError, SourceError
from supplychain_screen.identity import (
    Instrument,
    exchange_sessions,
    known_until,
    last_completed_session,
    session_close,
)
from supplychain_screen.prices.adjustment import FetchedHistory, HistorySource
from supplychain_screen.prices.series import Basis, Finding, LoadedPrices, PriceSeries
from supplychain_screen.prices.sessions import LONGEST_CLOSURE, SessionCalendars
from supplychain_screen.prices.store.acceptance import Decision
from supplychain_screen.prices.store.committing import FailedFetch
from supplychain_screen.prices.store.status import Coverage
from supplychain_screen.words import Message, message

__all__ = ["ListingUpdate", "Progress", "UpdatableStore", "UpdateOutcome", "UpdateReport", "update"]

UpdateOutcome = Literal["current", "accepted", "quarantined", "failed", "skipped"]
"""``current``: asking could have changed nothing; ``skipped``: not asked, because the source had
stopped answering before."""

_SERVED_WITHIN = timedelta(hours=3)
"""How long after a close a source may take to serve the session. Yahoo serves it within minutes,
Sina by the evening."""

_YEARS = 6
"""Whole years of history asked for by default: enough for a window of a year from every base
date of five years, which the placebo dates need."""


class UpdatableStore(Protocol):
    """What an update needs of the price history; :class:`PriceStore` is one."""

    def coverage(self, source: str) -> Mapping[str, Coverage]:
        """How far the prices of one source reach, for every listing it was ever asked for."""
        ...

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        """Stored closes."""
        ...

    def add(
        self,
        answers: Iterable[FetchedHistory],
        instruments: Iterable[Instrument],
        *,
        accept_restated: Collection[str] = (),
    ) -> tuple[Decision, ...]:
        """Judge some answers, and store the accepted ones, all or none."""
        ...

    def record_failures(self, failures: Sequence[FailedFetch]) -> None:
        """Keep a record of requests that brought no answer."""
        ...

    def tidy(self, now: datetime) -> None:
        """Pack small files where they have piled up."""
        ...


@dataclass(frozen=True, slots=True)
class ListingUpdate:
    """How the update of one listing came out.

    Parameters
    ----------
    listing, source, symbol : str
        Who was asked for, whom, and under which name.
    outcome : UpdateOutcome
    reason : str
        Machine-readable; empty where nothing is to be said.
    message : Message or str
        What is to be said.
    new_sessions, revised : int
        Sessions stored for the first time, and closes that replace an earlier value.
    last_session : date or None
        Last stored session of this source, after the update.
    attempts : int
        Requests made.
    error : SourceError or None
        Of a failed or skipped one.
    """

    listing: str
    source: str
    symbol: str
    outcome: UpdateOutcome
    reason: str = ""
    message: Message | str = ""
    new_sessions: int = 0
    revised: int = 0
    last_session: date | None = None
    attempts: int = 0
    error: SourceError | None = None

    @property
    def detail(self) -> str:
        """What is to be said, in English."""
        return str(self.message)

    @property
    def usable(self) -> bool:
        """True where the stored prices are as good as the source can make them now."""
        return self.outcome in ("current", "accepted")


Progress = Callable[[int, int, ListingUpdate], None]
"""Called after each listing with: how many are done, of how many, and how it came out."""


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did.

    Parameters
    ----------
    rows : tuple of ListingUpdate
        One for each instrument, in the order asked.
    findings : tuple of Finding
        Code ``gapped``: most listings of its market have sessions that this one lacks;
        ``provisional_sessions``: the update rests on days that no calendar knows; and whatever
        the source dropped.
    degraded : bool
        True where a benchmark is gapped or has no prices: its market cannot be rated fully.
    retry_after : datetime or None
        When to come back, where the source asked for fewer requests.
    """

    rows: tuple[ListingUpdate, ...]
    findings: tuple[Finding, ...] = ()
    degraded: bool = False
    retry_after: datetime | None = None

    @property
    def outcome(self) -> Literal["complete", "partial", "nothing"]:
        """``complete``: every listing is current and no benchmark is gapped; ``nothing``: none."""
        usable = sum(row.usable for row in self.rows)
        if usable == len(self.rows) and not self.degraded:
            return "complete"
        return "partial" if usable else "nothing"

    @property
    def requests(self) -> int:
        """Requests made."""
        return sum(row.attempts for row in self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a listing: the fields of :class:`ListingUpdate`, ``detail`` for the message."""
        names = [
            "detail" if name == "message" else name
            for name in ListingUpdate.__slots__
            if name != "error"
        ]
        return pd.DataFrame(
            [[getattr(row, name) for name in names] for row in self.rows], columns=names
        )


def update(
    store: UpdatableStore,
    instruments: Sequence[Instrument],
    source: HistorySource,
    *,
    now: datetime,
    first: date | None = None,
    fallbacks: Sequence[HistorySource] = (),
    accept_restated: Collection[str] = (),
    on_progress: Progress | None = None,
) -> UpdateReport:
    """Ask ``source`` for what the store lacks, and store what is accepted.

    Parameters
    ----------
    store : UpdatableStore
        Where prices are kept.
    instruments : sequence of Listing or Index
        Whose prices; each id once.
    source : HistorySource
        Who is asked.
    now : datetime
        The current moment, aware. A listing whose stored prices reach the last session that has
        closed by now, and back to ``first``, is not asked for: nothing could change. Nor is one
        whose symbol the source did not know since that close. Behind the end of an exchange's
        calendar the last weekday may be a holiday: a listing is asked for it once it is served,
        and again only when somebody of its market has a later session.
    first : date, optional
        First day of the history wanted. Each request asks for everything since then (or since
        the earliest day ever asked), because the overlap is what an answer is judged by. By
        default six whole years.
    fallbacks : sequence of HistorySource
        Asked in turn for the listings that the one before could not serve; each source's series
        is kept for itself.
    accept_restated : collection of str
        Ids whose changed or missing sessions a person found right; they are asked for anyway.
    on_progress : callable, optional
        See :data:`Progress`.

    Returns
    -------
    UpdateReport

    Raises
    ------
    StoreError
        Prices cannot be written. What was stored before stays.
    InputError
        ``now`` has no time zone, or an id comes twice.
    """
    if now.tzinfo is None:
        raise InputError(Problem("a moment without time zone", "pass an aware datetime for now"))
    if len({instrument.id for instrument in instruments}) < len(instruments):
        raise InputError(Problem("a listing comes twice", "name every listing once"))
    rows: dict[str, ListingUpdate] = {}
    findings: list[Finding] = []
    remaining: Sequence[Instrument] = instruments
    for each in (source, *fallbacks):
        run = _Run(store, each, now, first, frozenset(accept_restated))
        for instrument, row, dropped in run.rows(remaining):
            earlier = rows.get(instrument.id)
            if earlier is not None and not row.usable:
                continue
            if earlier is not None:
                row = replace(row, attempts=row.attempts + earlier.attempts)
            rows[instrument.id] = row
            findings.extend(dropped)
            if on_progress is not None:
                on_progress(len(rows), len(instruments), row)
        remaining = [one for one in remaining if not rows[one.id].usable]
        if not remaining:
            break
    store.tidy(now)
    gaps, degraded = _gapped(store, instruments, now)
    limits = [
        row.error.retry_after for row in rows.values() if isinstance(row.error, RateLimitedError)
    ]
    return UpdateReport(
        tuple(rows[instrument.id] for instrument in instruments),
        (*findings, *gaps),
        degraded,
        max((moment for moment in limits if moment is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One source asked for some listings."""

    store: UpdatableStore
    source: HistorySource
    now: datetime
    first: date | None
    accept_restated: frozenset[str]

    def rows(
        self, instruments: Sequence[Instrument]
    ) -> Iterator[tuple[Instrument, ListingUpdate, Sequence[Finding]]]:
        """First the listings that need no request, then the others as their answers arrive."""
        covered = self.store.coverage(self.source.name)
        seen = _seen(instruments, covered)
        asking: list[Instrument] = []
        since: dict[str, date] = {}
        for instrument in instruments:
            coverage = covered.get(instrument.id, Coverage())
            row = self._settled(instrument, coverage, seen.get(instrument.calendar))
            if row is None:
                asking.append(instrument)
                since[instrument.id] = self._since(coverage)
            else:
                yield instrument, row, ()
        if not asking:
            return
        for instrument, history in self.source.stream(asking, since):
            if isinstance(history, SourceError):
                yield instrument, self._failed(instrument, history, since[instrument.id]), ()
                continue
            (decision,) = self.store.add(
                [history], [instrument], accept_restated=self.accept_restated
            )
            before = covered.get(instrument.id, Coverage()).last_session
            yield instrument, _stored(decision, before), history.findings

    def _since(self, coverage: Coverage) -> date:
        wanted = self.first
        if wanted is None:
            wanted = coverage.asked_first or date(self.now.year - _YEARS, 1, 1)
        return min(wanted, coverage.asked_first or wanted)

    def _settled(
        self, instrument: Instrument, coverage: Coverage, seen: date | None
    ) -> ListingUpdate | None:
        """How the listing came out, where no request could change anything; else None."""
        target = _wanted(instrument, self.now, coverage.fetched_at, seen)
        row = ListingUpdate(
            instrument.id,
            self.source.name,
            instrument.ticker,
            "current",
            last_session=coverage.last_session,
        )
        if instrument.first_session is not None and instrument.first_session > target:
            return replace(
                row,
                reason="not_yet_listed",
                message=message("update.not_yet_listed", first=instrument.first_session),
            )
        if instrument.id in self.accept_restated:
            return None
        if coverage.last_session is not None and coverage.asked_first is not None:
            reaches = coverage.last_session >= target
            return row if reaches and coverage.asked_first <= self._since(coverage) else None
        if coverage.not_found_at is None:
            return None
        completed = last_completed_session(instrument.calendar, self.now)
        if coverage.not_found_at < session_close(instrument.calendar, completed):
            return None
        return replace(
            row,
            outcome="failed",
            reason="symbol_not_found",
            message=message("update.unknown", source=self.source.name, at=coverage.not_found_at),
        )

    def _failed(self, instrument: Instrument, error: SourceError, since: date) -> ListingUpdate:
        asked = error.attempts > 0
        row = ListingUpdate(
            instrument.id,
            self.source.name,
            error.symbol or instrument.id,
            "failed" if asked else "skipped",
            reason_of(error),
            error.message,
            attempts=error.attempts,
            error=error,
        )
        if asked:
            self.store.record_failures(
                [
                    FailedFetch(
                        row.listing,
                        row.source,
                        row.symbol,
                        self.now.astimezone(UTC),
                        row.reason,
                        row.detail,
                        row.attempts,
                        since,
                    )
                ]
            )
        return row


def _stored(decision: Decision, before: date | None) -> ListingUpdate:
    history = decision.history
    known = history.sessions[np.isfinite(history.close)]
    return ListingUpdate(
        listing=history.listing,
        source=history.source,
        symbol=history.symbol,
        outcome=decision.outcome,
        reason=decision.reason,
        message=decision.message,
        new_sessions=int(decision.rows.sum()) - decision.revised,
        revised=decision.revised,
        last_session=known[-1].astype(object) if decision.accepted else before,
        attempts=history.attempts,
    )


def _target(instrument: Instrument, now: datetime) -> date:
    """The last session the listing can have by now."""
    completed = last_completed_session(instrument.calendar, now)
    return completed if instrument.last_session is None else min(completed, instrument.last_session)


def _wanted(
    instrument: Instrument, now: datetime, fetched_at: datetime | None, seen: date | None
) -> date:
    """The last session that asking could bring, if the source was last asked at ``fetched_at``.

    Of a weekday that no calendar knows, a source that was asked late enough has said what it has.
    """
    calendar, target = instrument.calendar, _target(instrument, now)
    end = known_until(calendar)
    if target <= end or fetched_at is None:
        return target
    closed = session_close(calendar, last_completed_session(calendar, now))
    if fetched_at < closed + _SERVED_WITHIN:
        return target
    known = exchange_sessions(calendar, end - timedelta(days=LONGEST_CLOSURE), end)
    last: date = known[-1].astype(object)
    return min(max(last, seen or last), target)


def _seen(instruments: Iterable[Instrument], covered: Mapping[str, Coverage]) -> dict[str, date]:
    """By calendar: the last day that an index reaches, or two series do."""
    reached: dict[str, list[date]] = {}
    for one in instruments:
        last = covered.get(one.id, Coverage()).last_session
        if last is not None:
            reached.setdefault(one.calendar, []).extend([last, last] if one.is_index else [last])
    return {name: sorted(days)[-2] for name, days in reached.items() if days[1:]}


def reason_of(error: SourceError) -> str:
    """``SymbolNotFoundError`` → ``symbol_not_found``."""
    words = re.findall(r"[A-Z][a-z]*", type(error).__name__.removesuffix("Error"))
    return "_".join(words).lower()


def _gapped(
    store: UpdatableStore, instruments: Sequence[Instrument], now: datetime
) -> tuple[list[Finding], bool]:
    """Listings that lack sessions which most others of their market have."""
    today = now.astimezone(UTC).date()
    loaded = store.load(instruments, date(1990, 1, 1), today, "price").series
    findings: list[Finding] = []
    degraded = any(one.is_index and one.id not in loaded for one in instruments)
    markets: dict[str, list[Instrument]] = {}
    for instrument in instruments:
        if instrument.id in loaded:
            markets.setdefault(instrument.calendar, []).append(instrument)
    completed = max((last_completed_session(name, now) for name in markets), default=today)
    held = [one for market in markets.values() for one in market]
    seen = SessionCalendars.seen_in(loaded.values(), held, completed)
    findings += seen.provisional(held, completed)
    for market in markets.values():
        for instrument, missing in _missing_from(market, loaded, now):
            span = (missing[0].astype(object), missing[-1].astype(object))
            said = message("gapped", n=missing.size, last=span[1])
            findings.append(Finding("gapped", instrument.id, *span, "reported", said))
            degraded |= instrument.is_index
    return findings, degraded


def _missing_from(
    market: Sequence[Instrument], loaded: Mapping[str, PriceSeries], now: datetime
) -> Iterator[tuple[Instrument, np.ndarray]]:
    """Each listing of one market with the sessions it lacks, if any."""
    # A session counts where more than half of the other listings that were trading then have it,
    # and at least two of them.
    held = [loaded[one.id].sessions[np.isfinite(loaded[one.id].close)] for one in market]
    days = np.unique(np.concatenate(held))
    has = np.array([np.isin(days, own) for own in held])
    alive = np.array(
        [
            (days >= own[0] if own.size else days < days[0])
            & (days <= np.datetime64(_target(one, now), "D"))
            for one, own in zip(market, held, strict=True)
        ]
    )
    have, could = (has & alive).sum(axis=0), alive.sum(axis=0)
    for row, one in enumerate(market):
        others_have, others_could = have - (has[row] & alive[row]), could - alive[row]
        most = (others_have >= 2) & (2 * others_have > others_could)
        missing = days[alive[row] & ~has[row] & most]
        if missing.size:
            yield one, missing
