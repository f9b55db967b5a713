"""One screening turned into another, one input at a time.

::

    before → standard → mapping → restated history → checks → new prices → maturity = after

Each state is measured anew by the kernel from the panels that the two screenings hold. The order
puts a person's decisions first, then what is newly known about the past, then what happened
since; a later step sees all earlier ones swapped.

- ``standard``: scale, horizon, benchmarks, and the conventions of the measurement.
- ``mapping``: which listings are measured. A listing that was not asked for before brings its
  prices along, up to the earlier day; that they were not loaded is no restatement.
- ``restated history``: sessions up to the last one that was known of each listing, as known now.
  Sessions after it arrived late and are new prices.
- ``checks``: the days no rating may rest on. A listing that is struck on a day since the earlier
  date counts as struck already here, or its bad price would look like news.
- ``new prices``: everything up to the later day, the headline window held.
- ``maturity``: the headline window of the later day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.prices import Reach, day_number
from supplychain_screen.prices.panel import NO_CLOSE, PricePanel
from supplychain_screen.research import Mention, RatingStandard, ResearchReport
from supplychain_screen.scoring import (
    REASON_CODE,
    REASONS,
    CallScores,
    Rules,
    SuspectDays,
    benchmark_rows,
    measure,
    stage_names,
)
from supplychain_screen.screening import Screening

__all__ = ["CAUSES", "State", "mention_key", "states"]

CAUSES = (
    "standard_changed",
    "mapping_changed",
    "restated_history",
    "quality_check",
    "new_prices",
    "window_matured",
)
"""The causes, in the order in which the inputs are swapped."""

Key = tuple[str, str]

Span = tuple[str, int, int, Reach]
"""Listing, first and last day number of what a check made unusable, and which windows it takes."""


@dataclass(frozen=True)
class State:
    """Headline verdicts, aligned with the calls that were asked for.

    Parameters
    ----------
    relative : ndarray of float64, shape (n,)
        Fraction; NaN where it cannot be computed, or the call does not exist in this state.
    rating, stage, reason, window : tuple of str, length n
        ``reason`` is empty where rated; all are empty where the call does not exist.
    """

    relative: npt.NDArray[np.float64]
    rating: tuple[str, ...]
    stage: tuple[str, ...]
    reason: tuple[str, ...]
    window: tuple[str, ...]


def mention_key(row: Any) -> Key:
    """What tells one mention from another through all changes: its segment and company."""
    return row["segment"], row["company"]


def states(before: Screening, after: Screening, keys: Sequence[Key]) -> tuple[State, ...]:
    """The calls ``keys`` before, after each swap in the order of ``CAUSES``, and so at the end.

    The first state is read from ``before`` and the last from ``after``; those between are
    measured.
    """
    old, new = before.measured, after.measured
    day, standard = before.as_of, after.report.standard
    then = _cut(new.panel, day)
    known = _with_newcomers(old.panel, then)
    restated = _until_known(then, known)
    if before.basis != after.basis:
        # The earlier closes in the later basis are not at hand: the convention takes the blame.
        known = _with_newcomers(old.panel, restated, keep=True)
    was_suspect, is_suspect = old.suspects.spans, new.suspects.spans
    with_standard = before.report.model_copy(update={"standard": standard})
    found = [_read(before.companies, keys)]
    held: dict[Key, str] = {}
    for report, mentions, panel, spans in (
        (with_standard, old.mentions, known, was_suspect),
        (after.report, new.mentions, known, was_suspect),
        (after.report, new.mentions, restated, was_suspect),
        (after.report, new.mentions, restated, _by(day, is_suspect, _struck(after))),
    ):
        scores = _measured(report, mentions, panel, new.rules, spans, before.published, day)
        held = {_key(one): new.rules.windows[scores.headline[i]] for i, one in enumerate(mentions)}
        found.append(_state(mentions, scores, standard, keys, held))
    scores = _measured(
        after.report, new.mentions, new.panel, new.rules, is_suspect, after.published, after.as_of
    )
    found.append(_state(new.mentions, scores, standard, keys, held))
    found.append(_read(after.companies, keys))
    return tuple(found)


def _by(day: date, spans: Sequence[Span], struck: set[str]) -> list[Span]:
    """The spans as far as ``day``; of struck listings, later ones as if they were that day's."""
    known = day_number(day)
    return [
        (listing, min(first, known), min(last, known), reach)
        for listing, first, last, reach in spans
        if first <= known or listing in struck
    ]


def _key(mention: Mention) -> Key:
    return mention.segment, mention.company


def _measured(
    report: ResearchReport,
    mentions: Sequence[Mention],
    panel: PricePanel,
    rules: Rules,
    spans: Sequence[Span],
    published: date,
    as_of: date,
) -> CallScores:
    ids = [one.listing or "" for one in mentions]
    given = [REASON_CODE.get("" if one.status == "listed" else one.status, 0) for one in mentions]
    suspects = SuspectDays(
        panel,
        [
            (panel.row_of[listing], first, last, reach)
            for listing, first, last, reach in spans
            if listing in panel.row_of
        ],
    )
    return measure(
        panel,
        panel.rows(ids),
        benchmark_rows(panel, ids, report.standard, 0),
        np.full(len(mentions), day_number(published), np.int32),
        day_number(as_of),
        rules,
        suspects=suspects,
        given=np.array(given, np.int8),
    )


def _state(
    mentions: Sequence[Mention],
    scores: CallScores,
    standard: RatingStandard,
    keys: Sequence[Key],
    windows: Mapping[Key, str],
) -> State:
    """Verdicts in the window that each call is held to."""
    rules = scores.rules
    place = {_key(one): i for i, one in enumerate(mentions)}
    relative = scores.relative.by(rules.comparison)
    names = stage_names(rules.months)
    rows: list[tuple[float, str, str, str, str]] = []
    for key in keys:
        i = place.get(key)
        if i is None:
            rows.append((np.nan, "", "", "", ""))
            continue
        window = rules.windows.index(windows[key])
        code = int(scores.rating[window, i])
        stage = names[scores.stage[i]]
        if window != scores.headline[i]:
            # The window has not been swapped yet, so neither has the stage that goes with it.
            stage = windows[key] if window < len(rules.months) else "interim"
        rows.append(
            (
                float(relative[window, i]),
                standard.stock.names[code] if code >= 0 else "unrated",
                stage,
                REASONS[scores.reason[window, i]],
                windows[key],
            )
        )
    return _of_rows(rows)


def _read(companies: pd.DataFrame, keys: Sequence[Key]) -> State:
    """The state a screening itself shows."""
    by_key = {mention_key(row): row for row in companies.to_dict("records")}
    rows = []
    for key in keys:
        row = by_key.get(key)
        if row is None:
            rows.append((np.nan, "", "", "", ""))
        else:
            reason = row["reason"] if isinstance(row["reason"], str) else ""
            relative = float(row["relative_return"])
            rows.append((relative, row["rating"], row["stage"], reason, row["window"]))
    return _of_rows(rows)


def _of_rows(rows: Sequence[tuple[float, str, str, str, str]]) -> State:
    relative, rating, stage, reason, window = zip(*rows, strict=True) if rows else [()] * 5
    return State(np.array(relative, np.float64), rating, stage, reason, window)


def _struck(after: Screening) -> set[str]:
    """Listings and benchmarks that cost a call its rating in the end."""
    found: set[str] = set()
    for i, row in enumerate(after.companies.to_dict("records")):
        if row["reason"] == "suspect_prices":
            found.add(row["listing"])
        elif row["reason"] == "benchmark_stale":
            benchmark = after.measured.benchmark(i)
            found |= {benchmark.id} if benchmark is not None else set()
    return found


def _cut(panel: PricePanel, day: date) -> PricePanel:
    """The panel's columns up to a day; what it holds there never depends on later ones."""
    n = day_number(day) - panel.first_day + 1
    return replace(
        panel,
        close=panel.close[:, :n].copy(),
        stamp=panel.stamp[:, :n].copy(),
        sessions_through=panel.sessions_through[:, :n].copy(),
    )


def _with_newcomers(old: PricePanel, then: PricePanel, *, keep: bool = False) -> PricePanel:
    """All rows of both, with the old closes where both have one, or with ``keep`` the later."""
    extra = [row for row, name in enumerate(old.listings) if name not in then.row_of]
    base = len(then.sessions_through)
    known = np.concatenate([then.close, old.close[extra]])
    stamp = np.concatenate([then.stamp, old.stamp[extra]])
    for name, row in then.row_of.items():
        at = old.row_of.get(name)
        if at is not None and not keep:
            known[row], stamp[row] = old.close[at], old.stamp[at]
    return PricePanel(
        listings=(*then.listings, *(old.listings[row] for row in extra)),
        first_day=then.first_day,
        close=known,
        stamp=stamp,
        calendar_of=np.concatenate(
            [then.calendar_of, old.calendar_of[extra] + np.int16(base)]
        ).astype(np.int16),
        sessions_through=np.concatenate([then.sessions_through, old.sessions_through]),
        listed_day=np.concatenate([then.listed_day, old.listed_day[extra]]),
        delisted_day=np.concatenate([then.delisted_day, old.delisted_day[extra]]),
        provenance=(*then.provenance, *(old.provenance[row] for row in extra)),
        simulated=then.simulated,
    )


def _until_known(then: PricePanel, known: PricePanel) -> PricePanel:
    """``then`` without the sessions after the last one that was known of each listing."""
    close, stamp = then.close.copy(), then.stamp.copy()
    n = then.n_days
    clock = np.arange(n, dtype=np.uint32)
    for name, row in then.row_of.items():
        was = known.stamp[known.row_of[name]]
        if was[-1] == NO_CLOSE:
            # Nothing was known at all: every close of it is news.
            close[row], stamp[row] = np.nan, NO_CLOSE
            continue
        last = n - 1 - int(was[-1] & np.uint32(0xFFFF))
        if last < 0 or stamp[row, last] == NO_CLOSE:
            continue
        through = then.sessions_through[then.calendar_of[row]].astype(np.uint32)
        time = clock + (through << np.uint32(16))
        close[row, last:] = close[row, last]
        stamp[row, last:] = stamp[row, last] + (time[last:] - time[last])
    return replace(then, close=close, stamp=stamp)
