"""The facts behind each cause of a change: which prices, window, listing, rule or check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.prices import PriceSeries
from supplychain_screen.research import Mention
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.swaps import CAUSES as STEPS
from supplychain_screen.weekly.swaps import State, last_day_that_counts
from supplychain_screen.words import Message, message, percent

__all__ = ["tell"]


_CHECKED = frozenset({"suspect_prices", "benchmark_stale"})
"""Reasons that a check can give."""


def tell(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    chain: Sequence[State],
    place: int,
) -> Message:
    """Why one call moved, and the way its number went, from where it was to where it is.

    Parameters
    ----------
    cause : str
        One of ``CAUSES``.
    before, after : Screening
    key : tuple of str
        Segment and company.
    chain : sequence of State
        Before, after each swap, and at the end.
    place : int
        The call's place in all of them.

    Notes
    -----
    Where several causes moved the number, each is named with the figure it led to: the way
    starts at the first figure of the row and ends at its last one, to the printed digit.
    """
    move = _way(chain, place, after.report.standard.stock.bounds)
    old, new = chain[0].reason[place], chain[-1].reason[place]
    checks = None
    if old != new and {old, new} & _CHECKED:
        checks = _checks(before, after, key)
    said = _told(cause, before, after, key, chain[-1].window[place], move, checks)
    if not new or new == old:
        return said
    # The number alone does not say why a call is unrated now.
    return message("cause.unrated", said=said, reason=new)


def _told(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    window: str,
    way: Message,
    checks: Message | None,
) -> Message:
    match cause:
        case "new_prices":
            counted = last_day_that_counts(
                after.measured.rules, after.published, before.as_of, after.as_of
            )
            until = max(before.as_of, counted)
            said = message("cause.new_prices", since=before.as_of, until=until)
        case "window_matured":
            said = _matured(after, key, window)
        case "restated_history":
            said = _restated(before, after, key)
        case "mapping_changed":
            old, new = _mention(before, key), _mention(after, key)
            if new is None:
                return message("cause.gone")
            if old is None:
                if new.listing is None:
                    return message("cause.new_unlisted")
                return message("cause.new", listing=new.listing)
            said = _mapped(old, new)
        case "standard_changed":
            said = _standard(before, after)
        case _:
            said = checks or _checks(before, after, key) or message("cause.other_verdict")
            checks = None
    if checks is not None:
        return message("cause.and", said=message("cause.and", said=said, more=checks), more=way)
    if cause in ("new_prices", "window_matured", "mapping_changed"):
        return message("cause.moved", said=said, way=way)
    return message("cause.and", said=said, more=way)


def _way(chain: Sequence[State], place: int, bounds: Sequence[float]) -> Message:
    """The figures from the first state to the last one, with what led to each."""

    def shown(value: float) -> str:
        return "–" if np.isnan(value) else percent(value, 2, bounds=bounds)

    figures = [shown(chain[0].relative[place])]
    for state in chain[1:-1]:
        value = state.relative[place]
        # A state between that has no figure moved nothing: the last one known is carried on.
        figures.append(figures[-1] if np.isnan(value) else shown(value))
    figures.append(shown(chain[-1].relative[place]))
    steps = [i for i in range(len(STEPS)) if figures[i] != figures[i + 1]]
    first, last = figures[0], figures[-1]
    if len(steps) < 2:
        return message("cause.way", first=first, last=last)
    told = tuple(message("cause.step", cause=STEPS[i], figure=figures[i + 1]) for i in steps)
    return message("cause.way_by_steps", first=first, last=last, steps=told)


def _mention(screening: Screening, key: tuple[str, str]) -> Mention | None:
    found = (one for one in screening.measured.mentions if (one.segment, one.company) == key)
    return next(found, None)


def _matured(after: Screening, key: tuple[str, str], window: str) -> Message:
    rows = after.evidence
    rows = rows[
        (rows["segment"] == key[0]) & (rows["company"] == key[1]) & (rows["window"] == window)
    ]
    on = "" if rows.empty else rows["end_date"].iloc[0].date()
    return message("cause.matured", window=window, on=on)


def _restated(before: Screening, after: Screening, key: tuple[str, str]) -> Message:
    changed = []
    mention = _mention(after, key)
    if mention is not None and mention.listing is not None:
        old, new = before.measured.prices.loaded.series, after.measured.prices.loaded.series
        bench = after.report.standard.benchmarks_of(mention.listing)
        for listing in (mention.listing, *(one.id for one in bench[:1])):
            if listing in old and listing in new:
                days = _restated_days(old[listing], new[listing], before.published)
                if len(days):
                    changed.append(
                        message(
                            "cause.restated_series", listing=listing, n=len(days), first=days[0]
                        )
                    )
    if not changed:
        return message("cause.restated")
    return message("cause.restated_days", series=tuple(changed))


_BEFORE_PUBLICATION = timedelta(days=31)
"""No rated call has its base earlier than this before publication."""


def _restated_days(old: PriceSeries, new: PriceSeries, published: date) -> list[str]:
    """Sessions that were known and have another close now, but for one common factor."""
    # A session among the known ones that only one of the two has counts too.
    first = np.datetime64(published - _BEFORE_PUBLICATION, "D")
    legs = []
    known = old.sessions[np.isfinite(old.close)]
    last = known.max() if known.size else first
    for one in (old, new):
        used = np.isfinite(one.close) & (one.sessions >= first) & (one.sessions <= last)
        legs.append(pd.Series(one.close[used], one.sessions[used]))
    was, now = legs
    both = was.index.intersection(now.index)
    # A later split scales every close alike; only a change of the ratio is a restatement.
    ratio = (now[both] / was[both]).to_numpy()
    usual = np.median(ratio) if ratio.size else 1.0
    differs = both[~np.isclose(ratio, usual, rtol=1e-9, atol=0.0)]
    days = differs.union(was.index.symmetric_difference(now.index))
    return [str(day.date()) for day in days]


def _mapped(old: Mention, new: Mention) -> Message:
    if old.listing == new.listing:
        return message("cause.other_facts")
    none = message("cause.no_listing")
    return message("cause.other_listing", old=old.listing or none, new=new.listing or none)


def _standard(before: Screening, after: Screening) -> Message:
    old, new = before.measured.rules, after.measured.rules
    names = (
        "cuts",
        "months",
        "base_policy",
        "comparison",
        "max_stale_sessions",
        "max_stale_benchmark",
    )
    rules = [_rule(name, getattr(old, name), getattr(new, name)) for name in names]
    rules += [_rule("basis", before.basis, after.basis)]
    differ = tuple(one for one in rules if one is not None)
    if before.report.standard.markets != after.report.standard.markets:
        differ += (message("cause.rule", rule="benchmarks"),)
    return message("cause.rules", rules=differ) if differ else message("cause.standard")


def _rule(name: str, old: Any, new: Any) -> Message | None:
    """How a rule changed; None where it did not."""
    if old == new:
        return None
    was, now = _shown(old), _shown(new)
    if was == now:
        return message("cause.rule", rule=name)
    return message("cause.rule_changed", rule=name, old=was, new=now)


def _shown(value: Any) -> str:
    return "/".join(f"{one:g}" for one in value) if isinstance(value, tuple) else str(value)


def _checks(before: Screening, after: Screening, key: tuple[str, str]) -> Message | None:
    """Which checks strike a call or its benchmark now, and which let go; None where none does."""
    ids = set()
    for screening in (before, after):
        mention = _mention(screening, key)
        if mention is not None and mention.listing is not None:
            ids |= {mention.listing}
            named = screening.report.standard.benchmarks_of(mention.listing)
            ids |= {one.id for one in named}
    old, new = _struck(before, ids), _struck(after, ids)
    told = [_verdict(*one, struck=True) for one in sorted(new - old, key=str)]
    told += [_verdict(*one, struck=False) for one in sorted(old - new, key=str)]
    return message("cause.checks", checks=tuple(told)) if told else None


def _verdict(code: str, listing: str, first: date | None, *, struck: bool) -> Message:
    if first is None:
        return message("cause.struck" if struck else "cause.lifted", listing=listing, check=code)
    return message(
        "cause.struck_on" if struck else "cause.lifted_on", listing=listing, check=code, first=first
    )


def _struck(screening: Screening, ids: set[str]) -> set[tuple[str, str, date | None]]:
    return {
        (one.code, one.listing, one.first)
        for one in screening.measured.prices.findings
        if one.action == "unrated" and one.listing in ids
    }
