"""Is an answer better than what is stored? Accepted, or quarantined with a reason.

An answer is compared with the stored series in traded prices, that is after undoing the splits
which the answer itself lists; so a new split changes nothing, whether it comes on its day or
late. What else differs is either explained by exactly one of the answer's splits, or the answer
is kept out and the old series stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import Dates, FetchedHistory, Floats, later_factors
from supplychain_screen.prices.series import Adjustment, Events

__all__ = [
    "OVERLAP_TOLERANCE",
    "REVISION_TOLERANCE",
    "Decision",
    "Outcome",
    "Reason",
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

Outcome = Literal["accepted", "quarantined"]

Reason = Literal[
    "",
    "late_split",
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
"""Why: the first three go with ``accepted`` (nothing special; the overlap changed by exactly a
split that one side had not applied; accepted because its user said so)."""

_NOTHING = Events(np.array([], "datetime64[D]"), np.array([], np.float64))


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
    detail : str
        One sentence with the numbers.
    rows : ndarray of bool, shape (n,)
        Which sessions of ``history`` are written: those that are new or revised.
    revised : int
        How many of them replace another value.
    splits, dividends : Events
        The events that are new or revised; a retracted split has the value 1, a dividend 0.
    """

    history: FetchedHistory
    outcome: Outcome
    reason: Reason
    detail: str
    rows: npt.NDArray[np.bool_]
    revised: int = 0
    splits: Events = _NOTHING
    dividends: Events = _NOTHING

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
    ...     byd.id,
    ...     days,
    ...     price,
    ...     price,
    ...     price,
    ...     price,
    ...     price * 1e6,
    ...     Events.of(),
    ...     Events.of(),
    ...     "yahoo",
    ...     "0285.HK",
    ...     datetime(2025, 1, 3, 9, tzinfo=UTC),
    ...     date(2025, 1, 1),
    ...     "HKD",
    ... )
    >>> judge(answer, StoredHistory(byd.id, "yahoo"), byd).outcome
    'accepted'
    >>> judge(answer, StoredHistory(byd.id, "yahoo", days, price * 2, price), byd).detail
    '2 of 2 stored closes changed, first 2025-01-02 from 84 to 42; no split explains it'
    """
    fault = _own_fault(answer, instrument) or _not_newer(answer, stored)
    if fault is not None:
        return _quarantine(answer, *fault)
    overlap = _Overlap.of(answer, stored)
    lost = _lost(answer, stored, instrument)
    explained: tuple[FetchedHistory, bool] | None = answer, False
    if not overlap.equal:
        explained = _explained(answer, overlap)
    if not accept_restated and lost.size:
        return _quarantine(
            answer,
            "sessions_lost",
            f"{lost.size} stored sessions are missing from the answer, first {lost[0]}, "
            f"last {lost[-1]}",
        )
    if explained is None and not accept_restated:
        return _quarantine(answer, "overlap_changed", overlap.difference)
    trusted = bool(explained is None or lost.size)
    history, late = explained if explained is not None else (answer, False)
    reason: Reason = "restated" if trusted else "late_split" if late else ""
    detail = overlap.difference if explained is None else ""
    return _accept(history, stored, reason, detail, retract=trusted)


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

    @property
    def difference(self) -> str:
        changed = np.flatnonzero(self.changed)
        if not changed.size:
            return ""
        first = changed[0]
        return (
            f"{changed.size} of {self.sessions.size} stored closes changed, first "
            f"{self.sessions[first]} from {self.old[first]:.6g} to {self.new[first]:.6g}; "
            "no split explains it"
        )


def _own_fault(answer: FetchedHistory, instrument: Instrument) -> tuple[Reason, str] | None:
    """What is wrong with the answer whatever is stored."""
    lengths = {
        len(column)
        for column in (answer.sessions, answer.open, answer.high, answer.low, answer.volume)
    }
    if lengths != {len(answer.close)} or (np.diff(answer.sessions.astype(np.int64)) <= 0).any():
        return "malformed", "columns of different lengths, or sessions that do not increase"
    if answer.currency and answer.currency != instrument.currency:
        return (
            "currency_mismatch",
            f"prices in {answer.currency}, but {instrument.id} trades in {instrument.currency}",
        )
    known = np.isfinite(answer.close)
    if not known.any():
        return "empty_answer", "no close in the answer"
    bad = np.flatnonzero(np.isinf(answer.close) | (known & (answer.close <= 0.0)))
    if bad.size:
        return (
            "bad_close",
            f"{bad.size} closes are not positive numbers, first {answer.close[bad[0]]} on "
            f"{answer.sessions[bad[0]]}",
        )
    return None


def _not_newer(answer: FetchedHistory, stored: StoredHistory) -> tuple[Reason, str] | None:
    if not stored.fetches and not len(stored.sessions):
        return None
    if answer.adjustment != stored.adjustment:
        return (
            "mixed_adjustments",
            f"closes adjusted for {answer.adjustment!r}, the stored ones for {stored.adjustment!r}",
        )
    last = answer.sessions[np.isfinite(answer.close)][-1]
    held = stored.sessions[np.isfinite(stored.close)]
    if held.size and last < held[-1]:
        return "older_than_stored", f"ends on {last}, stored prices on {held[-1]}"
    return None


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
    cash = later_factors(answer.dividends.sessions, splits)
    return replace(
        answer,
        open=answer.open / factors,
        high=answer.high / factors,
        low=answer.low / factors,
        close=answer.close / factors,
        volume=answer.volume * factors,
        dividends=Events(answer.dividends.sessions, answer.dividends.values / cash),
    )


def _accept(
    history: FetchedHistory, stored: StoredHistory, reason: Reason, detail: str, *, retract: bool
) -> Decision:
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
    rows[mine[revised]] = True
    since = np.datetime64(history.asked_first, "D") if retract else None
    return Decision(
        history=history,
        outcome="accepted",
        reason=reason,
        detail=detail,
        rows=rows,
        revised=int(revised.sum()),
        splits=_news(history.splits, stored.splits, REVISION_TOLERANCE, since, 1.0),
        dividends=_news(history.dividends, stored.dividends, _DIVIDEND_TOLERANCE, since, 0.0),
    )


def _news(
    offered: Events, stored: Events, tolerance: float, since: np.datetime64 | None, void: float
) -> Events:
    """Events that are new or changed; with ``since``, also those that are gone from then on."""
    mine, theirs = _shared(offered.sessions, stored.sessions)
    fresh = np.ones(len(offered), bool)
    fresh[mine] = _differs(offered.values[mine], stored.values[theirs], tolerance)
    days, values = offered.sessions[fresh], offered.values[fresh]
    if since is not None:
        gone = ~np.isin(stored.sessions, offered.sessions) & (stored.sessions >= since)
        days = np.append(days, stored.sessions[gone])
        values = np.append(values, np.full(int(gone.sum()), void))
        order = np.argsort(days)
        days, values = days[order], values[order]
    return Events(days, values)


def _quarantine(answer: FetchedHistory, reason: Reason, detail: str) -> Decision:
    return Decision(answer, "quarantined", reason, detail, np.zeros(len(answer.sessions), bool))


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
