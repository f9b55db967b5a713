"""Is an answer better than what is stored? Accepted, or quarantined with a reason.

An answer is compared with the stored series in traded prices, that is after undoing the splits
which the answer itself lists; so a new split changes nothing, whether it comes on its day or
late. What else differs is explained by exactly one of the answer's splits, or by stored bars that
the checks find suspect and the answer shows right: those are replaced. Otherwise the answer is
kept out and the old series stays, unless the source says the same again in another fetch: then it
has restated its past. An answer that is worse than what is stored never replaces it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import (
    Dates,
    FetchedHistory,
    Floats,
    TradedHistory,
    held_factors,
    later_factors,
)
from supplychain_screen.prices.quality import check_series
from supplychain_screen.prices.series import Adjustment, Events
from supplychain_screen.words import Message, message

__all__ = [
    "OVERLAP_TOLERANCE",
    "REVISION_TOLERANCE",
    "Decision",
    "Outcome",
    "Reason",
    "Restatement",
    "StoredHistory",
    "judge",
]

OVERLAP_TOLERANCE = 1e-4
"""Largest relative difference of two closes of one session that still are the same price."""

REVISION_TOLERANCE = 1e-6
"""Smallest relative difference that is a revision. Vendors send single precision (6e-8 of the
price), and undoing a split rounds once more; below this nothing was changed by anybody."""

_DIVIDEND_TOLERANCE = 1e-3
"""Vendors print adjusted dividends to few digits, fewer after every split."""

_ANOTHER_SERIES = 0.5
"""From this share of changed closes on an answer is another series: what it lacks is void too."""

Outcome = Literal["accepted", "quarantined"]

Reason = Literal[
    "",
    "late_split",
    "suspect_replaced",
    "restated",
    "malformed",
    "currency_mismatch",
    "empty_answer",
    "bad_close",
    "mixed_adjustments",
    "older_than_stored",
    "sessions_lost",
    "overlap_changed",
]
"""Why: the first four go with ``accepted`` (nothing special; the overlap changed by exactly a
split that one side had not applied; only bars changed that the checks found suspect; the past is
another one, because its user said so or the source twice)."""

_NOTHING = Events(np.array([], "datetime64[D]"), np.array([], np.float64))


@dataclass(frozen=True, slots=True)
class Restatement:
    """How an answer changes the stored past, in so few numbers that two answers can be compared.

    Parameters
    ----------
    changed, lost : int
        Stored closes that are others in the answer, and stored sessions that it lacks.
    first, last : int
        Day numbers of the first and last changed close.
    total, weighted : float
        Sum of the logarithms of new over old close, plain and with a weight of each day's own.

    Examples
    --------
    >>> one = Restatement(2, 0, 20000, 20001, 0.2, 0.19)
    >>> Restatement.from_text(one.to_text()) == one
    True
    """

    changed: int
    lost: int
    first: int
    last: int
    total: float
    weighted: float

    def repeats(self, other: Restatement) -> bool:
        """True where two answers change the same closes to the same values.

        Vendors send single precision, which sums up over many closes.
        """
        near = OVERLAP_TOLERANCE + 2e-7 * self.changed
        return (
            (self.changed, self.lost, self.first, self.last)
            == (other.changed, other.lost, other.first, other.last)
            and abs(self.total - other.total) <= near
            and abs(self.weighted - other.weighted) <= near
        )

    def to_text(self) -> str:
        """Letters and digits, for the log of fetches."""
        numbers = (self.changed, self.lost, self.first, self.last, self.total, self.weighted)
        return struct.pack(_PACKED, *numbers).hex()

    @classmethod
    def from_text(cls, text: str) -> Restatement:
        """What :meth:`to_text` wrote.

        Raises
        ------
        ValueError
            It is something else.
        """
        try:
            return cls(*struct.unpack(_PACKED, bytes.fromhex(text)))
        except struct.error as error:
            raise ValueError(f"{text!r} is no restatement") from error


_PACKED = "<IIiidd"


@dataclass(frozen=True, slots=True, eq=False)
class StoredHistory:
    """What the store knows of one listing from one source: the latest value of every session.

    Parameters
    ----------
    listing, source : str
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing.
    close, volume : ndarray of float64, shape (n,)
        As traded; NaN where unknown.
    splits, dividends : Events
        As known; a retracted event is not among them.
    adjustment : Adjustment
        Of the stored closes; ``none`` also where nothing is stored.
    asked_first : date or None
        First day ever asked for in an accepted fetch.
    last_session : date or None
        Last session of the accepted fetches.
    fetches : tuple of str
        Ids of the accepted fetches, oldest first.
    refused : sequence of pair of datetime and Restatement
        When an answer was kept out since the last accepted one because it changed the past, and
        how it did.
    """

    listing: str
    source: str
    sessions: Dates = field(default_factory=lambda: _NOTHING.sessions)
    close: Floats = field(default_factory=lambda: _NOTHING.values)
    volume: Floats = field(default_factory=lambda: _NOTHING.values)
    splits: Events = _NOTHING
    dividends: Events = _NOTHING
    adjustment: Adjustment = "none"
    asked_first: date | None = None
    last_session: date | None = None
    fetches: tuple[str, ...] = ()
    refused: Sequence[tuple[datetime, Restatement]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What becomes of one answer.

    Parameters
    ----------
    history : FetchedHistory
        The answer; where the vendor listed a split that it had not applied, as it should have
        been.
    outcome : {"accepted", "quarantined"}
    reason : Reason
    message : Message or str
        What was found, with its numbers; empty where nothing is to be said.
    rows : ndarray of bool, shape (n,)
        Which sessions of ``history`` are written: those that are new or revised.
    revised : int
        How many of them replace another value.
    splits, dividends : Events
        The events that are new or revised; a retracted split has the value 1, a dividend 0.
    change : Restatement or None
        How a quarantined answer changes the past, where that is why it was kept out.
    """

    history: FetchedHistory
    outcome: Outcome
    reason: Reason
    message: Message | str
    rows: npt.NDArray[np.bool_]
    revised: int = 0
    splits: Events = _NOTHING
    dividends: Events = _NOTHING
    change: Restatement | None = None

    @property
    def detail(self) -> str:
        """What was found, in English."""
        return str(self.message)

    @property
    def accepted(self) -> bool:
        """True where the answer becomes part of the series."""
        return self.outcome == "accepted"


def judge(
    answer: FetchedHistory,
    stored: StoredHistory,
    instrument: Instrument,
    *,
    accept_restated: bool = False,
) -> Decision:
    """Accept or quarantine one answer.

    Parameters
    ----------
    answer : FetchedHistory
        Traded prices and events of one listing.
    stored : StoredHistory
        What is stored of that listing from the same source.
    instrument : Listing or Index
        Gives the currency, and whether a repeated close without volume may vanish.
    accept_restated : bool, default False
        True where a person looked at a quarantined answer and found it right: lost sessions and
        a changed overlap are then no reason. Every old value stays as an earlier version.

    Returns
    -------
    Decision

    Notes
    -----
    Accepted only if: same currency as the listing, last session not older than what is stored, no
    stored session lost, overlap equal within 1e-4 after undoing splits. A row that repeats the
    close before it without volume is a vendor's filling of a suspension, so it may vanish.

    A stored bar is suspect where :func:`supplychain_screen.prices.quality.check_series` leaves
    nobody rated across it. Where all that an answer changes or lacks are suspect bars, and the
    checks find nothing at these days in the answer, it replaces them, and retracts a stored split
    that only the fault knew. An answer that changes other closes as well is kept out; when a
    later fetch changes them again in the same way (``stored.refused``), the source has restated
    its past, unless the checks find the new closes suspect and not the old ones: a worse answer
    never replaces a better one.

    A change of the overlap is explained by a split of the answer where all closes before its
    ex-date, and no others, differ by exactly its factor. Which side had not applied it is told by
    the ex-date itself: the side whose adjusted close does not jump there is right. If the answer
    is wrong, its events are taken and its prices read as traded, so stored prices do not change;
    if the stored rows are, the new ones are revisions.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from supplychain_screen import Listing
    >>> byd = Listing(mic="XHKG", code="0285", currency="HKD")
    >>> days = np.array(["2025-01-02", "2025-01-03"], dtype="datetime64[D]")
    >>> price = np.array([42.0, 42.5])
    >>> answer = FetchedHistory(
    ...     listing=byd.id,
    ...     sessions=days,
    ...     open=price,
    ...     high=price,
    ...     low=price,
    ...     close=price,
    ...     volume=price * 1e6,
    ...     splits=Events.of(),
    ...     dividends=Events.of(),
    ...     source="yahoo",
    ...     symbol="0285.HK",
    ...     fetched_at=datetime(2025, 1, 3, 9, tzinfo=UTC),
    ...     asked_first=date(2025, 1, 1),
    ...     currency="HKD",
    ... )
    >>> judge(answer, StoredHistory(byd.id, "yahoo"), byd).outcome
    'accepted'
    >>> refused = judge(answer, StoredHistory(byd.id, "yahoo", days, price * 2, price), byd)
    >>> refused.detail.split("; ")[0]
    '2 of 2 stored closes changed, first 2025-01-02 from 84 to 42'
    """
    fault = _own_fault(answer, instrument) or _other_adjustment(answer, stored)
    if fault is not None:
        return _quarantine(answer, *fault)
    overlap, older = _Overlap.of(answer, stored), _older(answer, stored)
    lost = np.union1d(_lost(answer, stored, instrument), older)
    gone = _unlisted_splits(answer, stored)
    doubt = _Doubt()
    if not overlap.equal or lost.size or older.size or gone.any():
        doubt = _Doubt.of(answer, stored, instrument)
    # An answer from before a session cannot say that there was none.
    fetched = np.datetime64(answer.fetched_at.date(), "D")
    if older.size and not (older[-1] <= fetched and doubt.replaces(older)):
        ends = answer.sessions[np.isfinite(answer.close)][-1]
        said = message("answer.older", last=_day(ends), stored=_day(older[-1]))
        return _quarantine(answer, "older_than_stored", said)
    explained = _explained(answer, overlap)
    suspect = np.zeros(len(overlap.sessions), bool)
    if explained is None:
        suspect = doubt.suspect_runs(overlap)
        if suspect.any():
            explained = _explained(answer, overlap.without(suspect))
    void = lost if doubt.replaces(lost) else lost[:0]
    if explained is not None and len(void) == len(lost):
        history, late = explained
        replaced = int(suspect.sum()) + len(void)
        reason: Reason = "suspect_replaced" if replaced else "late_split" if late else ""
        return _accept(
            history,
            stored,
            reason,
            overlap.replacement(suspect, void) if replaced else "",
            void=void,
            retract=gone & doubt.only_stored(stored.splits.sessions),
        )
    change = overlap.change(lost)
    another = bool(overlap.changed.mean() >= _ANOTHER_SERIES) if len(overlap.sessions) else False
    repeated = (
        (another or not lost.size)
        and not doubt.worse(overlap)
        and any(at < answer.fetched_at and was.repeats(change) for at, was in stored.refused)
    )
    if not accept_restated and not repeated:
        return _refused(answer, overlap, lost, change if another or not lost.size else None)
    changed = overlap.difference
    told = message("answer.again", what=changed) if repeated else changed
    return _accept(
        answer if explained is None else explained[0],
        stored,
        "restated",
        told,
        void=lost if another else lost[:0],
        retract=None,
    )


def _refused(
    answer: FetchedHistory, overlap: _Overlap, lost: Dates, change: Restatement | None
) -> Decision:
    """An answer that is kept out because of what it says of the past, with a remedy."""
    symbol = answer.symbol
    if lost.size:
        first, last = _day(lost[0]), _day(lost[-1])
        said = message("answer.sessions_lost", n=lost.size, first=first, last=last, symbol=symbol)
        return replace(_quarantine(answer, "sessions_lost", said), change=change)
    said = message("answer.unexplained", what=overlap.difference, symbol=symbol)
    return replace(_quarantine(answer, "overlap_changed", said), change=change)


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    """The sessions that the answer and the store both have a close for.

    ``following`` is the answer's first close after the last of them, NaN where there is none.
    """

    sessions: Dates
    new: Floats
    old: Floats
    following: float

    @classmethod
    def of(cls, answer: FetchedHistory, stored: StoredHistory) -> _Overlap:
        mine, theirs = _shared(answer.sessions, stored.sessions)
        new, old = answer.close[mine], stored.close[theirs]
        both = np.isfinite(new) & np.isfinite(old)
        sessions = answer.sessions[mine][both]
        later = np.isfinite(answer.close)
        if sessions.size:
            later = later & (answer.sessions > sessions[-1])
        following = float(answer.close[later][0]) if later.any() else np.nan
        return cls(sessions, new[both], old[both], following)

    @property
    def changed(self) -> npt.NDArray[np.bool_]:
        return _differs(self.new, self.old, OVERLAP_TOLERANCE)

    @property
    def equal(self) -> bool:
        return not self.changed.any()

    def without(self, rows: npt.NDArray[np.bool_]) -> _Overlap:
        """The overlap as if some of its sessions had not been stored."""
        kept = ~rows
        return _Overlap(self.sessions[kept], self.new[kept], self.old[kept], self.following)

    @property
    def difference(self) -> Message | str:
        changed = np.flatnonzero(self.changed)
        if not changed.size:
            return ""
        day, old, new = self._at(changed[0])
        of = self.sessions.size
        return message("answer.changed", n=changed.size, of=of, day=day, old=old, new=new)

    def replacement(self, suspect: npt.NDArray[np.bool_], void: Dates) -> Message:
        """What was done about suspect bars, of which there are some."""
        gone = None
        if void.size:
            gone = message("answer.void", n=void.size, day=_day(void[0]))
        if not suspect.any() and gone is not None:
            return gone
        day, old, new = self._at(int(np.flatnonzero(suspect)[0]))
        done = message("answer.replaced", n=int(suspect.sum()), day=day, old=old, new=new)
        if gone is None:
            return done
        return message("answer.replaced_and_void", replaced=done, void=gone)

    def change(self, lost: Dates) -> Restatement:
        """How the past changes."""
        at = np.flatnonzero(self.changed)
        days = self.sessions[at].astype(np.int64)
        moves = np.log(self.new[at] / self.old[at])
        # a weight of each day's own, so that the same moves on other days are another change
        weights = 0.5 + (days * 2_654_435_761 % 2**32) / 2**32
        first, last = (int(days[0]), int(days[-1])) if days.size else (0, 0)
        return Restatement(
            at.size, lost.size, first, last, float(moves.sum()), float((weights * moves).sum())
        )

    def _at(self, row: int) -> tuple[date, float, float]:
        return _day(self.sessions[row]), float(self.old[row]), float(self.new[row])


@dataclass(frozen=True, slots=True, eq=False)
class _Doubt:
    """Days of the stored and of the answered series that the checks leave unrated."""

    stored: Dates = field(default_factory=lambda: _NOTHING.sessions)
    answered: Dates = field(default_factory=lambda: _NOTHING.sessions)
    offered: Dates = field(default_factory=lambda: _NOTHING.sessions)
    """Sessions of the answer."""

    @classmethod
    def of(cls, answer: FetchedHistory, stored: StoredHistory, instrument: Instrument) -> _Doubt:
        return cls(
            _suspect_days(stored, instrument),
            _suspect_days(answer, instrument),
            answer.sessions[np.isfinite(answer.close)],
        )

    def suspect_runs(self, overlap: _Overlap) -> npt.NDArray[np.bool_]:
        """Changed sessions that are suspect in the store and not in the answer.

        A fault is seen where a series steps into it or out of it, and what lies between two steps
        is wrong as a whole. So changed sessions that follow each other are one run, which the
        checks tell of if they name one of its days or the day after it.
        """
        suspect = np.zeros(len(overlap.sessions), bool)
        for start, stop in _runs(overlap.changed):
            days = overlap.sessions[start : stop + 1]
            if self._names(self.stored, days) and not self._names(self.answered, days):
                suspect[start:stop] = True
        return suspect

    def replaces(self, lost: Dates) -> bool:
        """True where all lost sessions are suspect, and the answer is none the worse for it."""
        if not np.isin(lost, self.stored).all():
            return False
        after = np.searchsorted(self.offered, lost)
        following = self.offered[after[after < len(self.offered)]]
        return not np.isin(following, self.answered).any()

    def worse(self, overlap: _Overlap) -> bool:
        """True where the answer's new closes are suspect and the old ones were not."""
        for start, stop in _runs(overlap.changed):
            days = overlap.sessions[start : stop + 1]
            if self._names(self.answered, days) and not self._names(self.stored, days):
                return True
        return False

    def only_stored(self, days: Dates) -> npt.NDArray[np.bool_]:
        """Days at which, or at the session after, the store is suspect and the answer is not."""
        found = np.zeros(len(days), bool)
        for row, day in enumerate(days):
            at = np.searchsorted(self.offered, day)
            around = np.append(self.offered[at : at + 1], day)
            found[row] = np.isin(around, self.stored).any() and not (
                np.isin(around, self.answered).any()
            )
        return found

    @staticmethod
    def _names(suspect: Dates, days: Dates) -> bool:
        return bool(np.isin(days, suspect).any())


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last (exclusive) row of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _suspect_days(history: FetchedHistory | StoredHistory, instrument: Instrument) -> Dates:
    """Days inside a finding across which nobody is rated, or that are no sessions."""
    if not len(history.sessions):
        return history.sessions
    known = TradedHistory(
        listing=instrument.id,
        sessions=history.sessions,
        close=history.close,
        volume=history.volume,
        splits=history.splits,
        dividends=history.dividends,
        source=history.source,
        symbol=instrument.id,
        adjustment=history.adjustment,
    )
    series = known.series("total" if history.adjustment == "splits+dividends" else "price")
    suspect = np.zeros(len(history.sessions), bool)
    for one in check_series(series, instrument):
        if one.action == "unrated" or one.code == "outside_sessions":
            inside = history.sessions >= np.datetime64(one.first or date.min, "D")
            suspect |= inside & (history.sessions <= np.datetime64(one.last or date.max, "D"))
    days: Dates = history.sessions[suspect]
    return days


def _own_fault(answer: FetchedHistory, instrument: Instrument) -> tuple[Reason, Message] | None:
    """What is wrong with the answer whatever is stored."""
    lengths = {
        len(column)
        for column in (answer.sessions, answer.open, answer.high, answer.low, answer.volume)
    }
    if lengths != {len(answer.close)} or (np.diff(answer.sessions.astype(np.int64)) <= 0).any():
        return "malformed", message("answer.malformed")
    if answer.currency and answer.currency != instrument.currency:
        served, listing, currency = answer.currency, instrument.id, instrument.currency
        said = message("answer.currency", served=served, listing=listing, currency=currency)
        return "currency_mismatch", said
    known = np.isfinite(answer.close)
    if not known.any():
        return "empty_answer", message("answer.empty")
    bad = np.flatnonzero(np.isinf(answer.close) | (known & (answer.close <= 0.0)))
    if bad.size:
        day, close = _day(answer.sessions[bad[0]]), float(answer.close[bad[0]])
        return "bad_close", message("answer.bad_close", n=bad.size, close=close, day=day)
    return None


def _other_adjustment(
    answer: FetchedHistory, stored: StoredHistory
) -> tuple[Reason, Message] | None:
    if not stored.fetches and not len(stored.sessions):
        return None
    if answer.adjustment != stored.adjustment:
        said = message("answer.adjustment", answer=answer.adjustment, stored=stored.adjustment)
        return "mixed_adjustments", said
    return None


def _older(answer: FetchedHistory, stored: StoredHistory) -> Dates:
    """Stored sessions after the last one of the answer."""
    last = answer.sessions[np.isfinite(answer.close)][-1]
    later: Dates = stored.sessions[np.isfinite(stored.close) & (stored.sessions > last)]
    return later


def _unlisted_splits(answer: FetchedHistory, stored: StoredHistory) -> npt.NDArray[np.bool_]:
    """Stored splits in the asked span that the answer does not list, though it knows them all."""
    if answer.adjustment != "none":
        return np.zeros(len(stored.splits), bool)
    asked = stored.splits.sessions >= np.datetime64(answer.asked_first, "D")
    unlisted: npt.NDArray[np.bool_] = asked & ~np.isin(
        stored.splits.sessions, answer.splits.sessions
    )
    return unlisted


def _lost(answer: FetchedHistory, stored: StoredHistory, instrument: Instrument) -> Dates:
    """Stored sessions inside the asked span that the answer has no close for."""
    held = np.isfinite(stored.close)
    if not instrument.is_index and held.size:
        repeated = np.append(False, stored.close[1:] == stored.close[:-1])
        held = held & ~(repeated & (stored.volume == 0.0))
    inside = held & (stored.sessions >= np.datetime64(answer.asked_first, "D"))
    offered = answer.sessions[np.isfinite(answer.close)]
    lost: Dates = np.setdiff1d(stored.sessions[inside], offered, assume_unique=True)
    return lost


def _explained(answer: FetchedHistory, overlap: _Overlap) -> tuple[FetchedHistory, bool] | None:
    """The answer as it should be read, or None where no split explains the changed overlap."""
    if overlap.equal:
        return answer, False
    if answer.adjustment != "none":
        return None
    ratio = overlap.new / overlap.old
    after = np.append(ratio[1:], 1.0)
    steps = np.flatnonzero(np.abs(ratio / after - 1.0) > 2 * OVERLAP_TOLERANCE)
    unapplied: list[int] = []
    for step in steps:
        event = _split_between(answer.splits, overlap.sessions, int(step))
        if event is None:
            return None
        factor = float(answer.splits.values[event])
        verdict = _verdict(overlap, int(step), factor, float(ratio[step] / after[step]))
        if verdict is None:
            return None
        if verdict == "answer wrong":
            unapplied.append(event)
    history = _as_traded(answer, unapplied) if unapplied else answer
    # between the steps nothing may have moved either
    corrected = np.ones(len(ratio))
    for step in steps:
        corrected[: step + 1] *= ratio[step] / after[step]
    if _differs(ratio, corrected, OVERLAP_TOLERANCE).any():
        return None
    return history, True


def _split_between(splits: Events, sessions: Dates, step: int) -> int | None:
    """The one split whose ex-date lies after session ``step`` and not after the next one."""
    after = splits.sessions > sessions[step]
    if step + 1 < len(sessions):
        after &= splits.sessions <= sessions[step + 1]
    found = np.flatnonzero(after)
    return int(found[0]) if found.size == 1 else None


def _verdict(
    overlap: _Overlap, step: int, factor: float, change: float
) -> Literal["answer wrong", "stored wrong"] | None:
    """Who had not applied the split of ``factor``, given that closes before it moved by ``change``.

    ``jump`` is how far a close adjusted for the split moves over the ex-date.
    """
    grown = abs(change / factor - 1.0) <= 2 * OVERLAP_TOLERANCE
    if not grown and abs(change * factor - 1.0) > 2 * OVERLAP_TOLERANCE:
        return None
    inside = step + 1 < len(overlap.sessions)
    new_after = overlap.new[step + 1] if inside else overlap.following
    old_after = overlap.old[step + 1] if inside else overlap.following
    if not np.isfinite(new_after):
        # no close after the ex-date yet: the vendor announces a split it has not applied
        return "answer wrong" if grown else None
    jump_new = abs(np.log(new_after / overlap.new[step] * factor))
    jump_old = abs(np.log(old_after / overlap.old[step] * factor))
    if grown:
        return "stored wrong" if jump_new < jump_old else "answer wrong"
    return "stored wrong" if jump_new < jump_old else None


def _as_traded(answer: FetchedHistory, unapplied: list[int]) -> FetchedHistory:
    """The answer with its prices before the given splits read as traded already."""
    splits = Events(answer.splits.sessions[unapplied], answer.splits.values[unapplied])
    factors = later_factors(answer.sessions, splits)
    cash = held_factors(answer.dividends.sessions, splits)
    return replace(
        answer,
        open=answer.open / factors,
        high=answer.high / factors,
        low=answer.low / factors,
        close=answer.close / factors,
        split_adjusted=None,
        volume=answer.volume * factors,
        dividends=Events(answer.dividends.sessions, answer.dividends.values / cash),
    )


def _accept(
    history: FetchedHistory,
    stored: StoredHistory,
    reason: Reason,
    said: Message | str,
    *,
    void: Dates,
    retract: npt.NDArray[np.bool_] | None,
) -> Decision:
    """Accept an answer.

    ``void`` are stored sessions that get a row without prices, ``retract`` which stored splits go;
    None: every event that the answer, trusted as a whole, does not list.
    """
    history = _with_void(history, void)
    mine, theirs = _shared(history.sessions, stored.sessions)
    rows = np.ones(len(history.sessions), bool)
    rows[mine] = False
    new, old = history.close[mine], stored.close[theirs]
    revised = np.isfinite(new) & (
        ~np.isfinite(old)
        | _differs(new, old, REVISION_TOLERANCE)
        # whether anything was traded decides whether the row is a session at all
        | ((history.volume[mine] == 0.0) != (stored.volume[theirs] == 0.0))
    )
    revised |= np.isin(history.sessions[mine], void)
    rows[mine[revised]] = True
    asked = np.datetime64(history.asked_first, "D")
    paid = np.zeros(len(stored.dividends), bool)
    if retract is None:
        retract, paid = stored.splits.sessions >= asked, stored.dividends.sessions >= asked
    return Decision(
        history=history,
        outcome="accepted",
        reason=reason,
        message=said,
        rows=rows,
        revised=int(revised.sum()),
        splits=_news(history.splits, stored.splits, REVISION_TOLERANCE, retract, 1.0),
        dividends=_news(history.dividends, stored.dividends, _DIVIDEND_TOLERANCE, paid, 0.0),
    )


def _with_void(history: FetchedHistory, void: Dates) -> FetchedHistory:
    """The answer with rows that say of some days: there is no price."""
    void = np.setdiff1d(void, history.sessions)
    if not void.size:
        return history
    sessions = np.append(history.sessions, void)
    order = np.argsort(sessions)
    columns: dict[str, Any] = {
        name: np.append(getattr(history, name), np.full(len(void), np.nan))[order]
        for name in ("open", "high", "low", "close", "volume")
    }
    return replace(history, sessions=sessions[order], **columns)


def _news(
    offered: Events,
    stored: Events,
    tolerance: float,
    retract: npt.NDArray[np.bool_],
    void: float,
) -> Events:
    """Events that are new or changed, and stored ones to retract where they are not offered."""
    mine, theirs = _shared(offered.sessions, stored.sessions)
    fresh = np.ones(len(offered), bool)
    fresh[mine] = _differs(offered.values[mine], stored.values[theirs], tolerance)
    gone = retract & ~np.isin(stored.sessions, offered.sessions)
    days = np.append(offered.sessions[fresh], stored.sessions[gone])
    values = np.append(offered.values[fresh], np.full(int(gone.sum()), void))
    order = np.argsort(days, kind="stable")
    return Events(days[order], values[order])


def _quarantine(answer: FetchedHistory, reason: Reason, said: Message) -> Decision:
    return Decision(answer, "quarantined", reason, said, np.zeros(len(answer.sessions), bool))


def _day(session: np.datetime64) -> date:
    return session.astype("datetime64[D]").astype(object)  # type: ignore[no-any-return]


def _differs(new: Floats, old: Floats, tolerance: float) -> npt.NDArray[np.bool_]:
    differs: npt.NDArray[np.bool_] = np.abs(new - old) > tolerance * np.abs(old)
    return differs


def _shared(left: Dates, right: Dates) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of the days that both have; both strictly increasing."""
    at = np.searchsorted(right, left)
    found = at < len(right)
    found[found] = right[at[found]] == left[found]
    mine = np.flatnonzero(found)
    return mine, at[mine].astype(np.int64)
