"""Findings as a person reads them: what many listings share is told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from supplychain_screen.identity import Instrument
from supplychain_screen.prices.quality.gaps import SUSPENSION_SESSIONS
from supplychain_screen.prices.series import Finding
from supplychain_screen.words import Message, message

__all__ = ["remedy_of", "remedy_of_gap", "told_once"]

_NAMED = 8
"""So many names, and so many places, are written out; the others are counted."""

_ADJUSTED = {
    "split_not_undone",
    "missed_split",
    "half_applied_split",
    "beyond_limit",
    "index_jump",
    "undone_move",
    "extreme_move",
    "possible_split",
}
_DAYS = {"shifted_dates", "sparse_rows", "unfinished_day"}
_ROWS = {"duplicate_rows", "duplicate_session", "unordered_sessions", "non_positive_close"}


def remedy_of(code: str) -> Message | None:
    """What to do about a file of prices in which a check found that; None: nothing in the file.

    Examples
    --------
    >>> str(remedy_of("currency_mismatch"))
    'give closes in the currency in which the listing trades'
    """
    if code in _ADJUSTED:
        return message("remedy.splits")
    if code == "unit_jump":
        return message("remedy.unit")
    if code in _DAYS:
        return message("remedy.days")
    if code in _ROWS:
        return message("remedy.rows")
    return message("remedy.currency") if code == "currency_mismatch" else None


def remedy_of_gap(found: Sequence[Finding]) -> Message:
    """What to do about a file whose series lack the same sessions, alike.

    An index is never suspended, nor are companies together or for a day or two: most likely the
    file's source lost those sessions.

    Examples
    --------
    >>> from datetime import date
    >>> hole = message("hole", n=5), date(2025, 1, 2), date(2025, 1, 8)
    >>> one = Finding("missing_sessions", "XSHG:688018", hole[1], hole[2], "reported", hole[0])
    >>> remedy_of_gap([one]).key, remedy_of_gap([one, one]).key
    ('remedy.suspended', 'remedy.lost')
    """
    first = found[0]
    missing = dict(first.message.facts)["n"] if isinstance(first.message, Message) else 0
    if len(found) > 1 or first.listing.startswith("INDEX:") or missing < SUSPENSION_SESSIONS:
        return message("remedy.lost")
    return message("remedy.suspended")


def told_once(findings: Iterable[Finding], instruments: Iterable[Instrument]) -> list[Finding]:
    """The findings, those that say one thing of several listings as one that names them.

    Parameters
    ----------
    findings : iterable of Finding
    instruments : iterable of Listing or Index
        Whom they are about.

    Returns
    -------
    list of Finding
        One for a sentence that is said of several listings and the same days, and one for the gaps
        of all listings of a market, whatever their days. Such a one has no listing of its own.
        What strikes a call stays with its listing, but for an unfinished day of a market.

    Examples
    --------
    >>> from datetime import date
    >>> from supplychain_screen import Listing
    >>> two = [Listing(mic="XNAS", code=code, currency="USD") for code in ("QCOM", "NVDA")]
    >>> day = date(2025, 1, 2)
    >>> gaps = [
    ...     Finding("missing_sessions", one.id, day, day, "reported", "1 session without a close")
    ...     for one in two
    ... ]
    >>> [one.detail for one in told_once(gaps, two)]
    ['QCOM, NVDA: 1 session without a close']
    """
    known = {one.id: one for one in instruments}
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        instrument = known.get(one.listing)
        if one.code == "missing_sessions" and instrument is not None:
            groups.setdefault((one.code, one.action, instrument.calendar), []).append(one)
        elif one.action == "unrated" and one.code != "unfinished_day":
            groups[(id(one),)] = [one]
        else:
            # What was substituted concerns a whole series, whatever its days.
            days = () if one.action == "substituted" else (one.first, one.last)
            groups.setdefault((one.code, one.action, one.message, *days), []).append(one)
    return [
        one
        for group in groups.values()
        for one in (_shared(group, known) if len({one.listing for one in group}) > 1 else group)
    ]


def _shared(group: Sequence[Finding], known: Mapping[str, Instrument]) -> list[Finding]:
    """What the findings of several listings say together."""
    firsts = [one.first for one in group if one.first is not None]
    lasts = [one.last for one in group if one.last is not None]
    by_place: dict[str, list[str]] = {}
    for one in group:
        instrument = known.get(one.listing)
        name = one.listing if instrument is None else instrument.ticker
        by_place.setdefault(_days(one), []).append(name)
    if len({one.message for one in group}) == 1 and (
        len(by_place) == 1 or group[0].action == "substituted"
    ):
        names = [name for place in by_place.values() for name in place]
        said = message("shared", names=_few(names), said=group[0].message)
    else:
        places = [f"{days} {', '.join(_few(names))}" for days, names in sorted(by_place.items())]
        n = len({one.listing for one in group})
        said = message("missing_sessions.market", n=n, places="; ".join(_few(places)))
    return [
        replace(
            group[0],
            listing="",
            first=min(firsts, default=None),
            last=max(lasts, default=None),
            message=said,
        )
    ]


def _days(one: Finding) -> str:
    return f"{one.first}" if one.first == one.last else f"{one.first}..{one.last}"


def _few(parts: Sequence[str]) -> tuple[str, ...]:
    more = [f"+{len(parts) - _NAMED}"] if len(parts) > _NAMED else []
    return (*parts[:_NAMED], *more)
