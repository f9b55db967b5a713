"""One screening turned into another, one input at a time.

::

    before → standard → mapping → restated history → checks → new prices → maturity = after

Each state is measured anew, by the function that :func:`~supplychain_screen.screening.screen`
uses, from the prices that the two screenings hold. The order puts a person's decisions first,
then what is newly known about the past, then what happened since; a later step sees all earlier
ones swapped.

- ``standard``: scale, horizon, benchmarks, and the conventions of the measurement.
- ``mapping``: which listings are measured, and what is known of them. A listing that was not
  asked for before brings its prices along, up to the earlier day, with what the checks say of
  them; that they were not loaded is no restatement.
- ``restated history``: sessions up to the last one that was known of each listing, as known now,
  and what the checks say of those. Sessions after it arrived late and are new prices.
- ``checks``: the days no rating may rest on, as the checks see them with the new prices. A
  listing that is struck on a day since the earlier date counts as struck already here, or its
  bad price would look like news.
- ``new prices``: everything up to the later day, the headline window held. Where a window ended
  between the two days, prices count up to the last day of the window that was held, or of the
  one that ended where none was: what came after it moved nothing.
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

from supplychain_screen.identity import Instrument
from supplychain_screen.prices import Finding, LoadedPrices, PriceSeries, day_number
from supplychain_screen.research import Mention, RatingStandard
from supplychain_screen.scoring import (
    REASONS,
    STAGE_INTERIM,
    STAGE_PENDING,
    CallScores,
    Rules,
    stage_names,
    window_ends,
)
from supplychain_screen.screening import (
    CheckedPrices,
    Screening,
    checked_prices,
    prices_until,
    score_mentions,
    series_until,
    suspect_days,
)

__all__ = ["CAUSES", "State", "last_day_that_counts", "mention_key", "states"]

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
    day, standard, published = before.as_of, after.report.standard, after.published
    until = last_day_that_counts(new.rules, published, day, after.as_of)
    asked, known, restated = _pasts(before, after)
    with_standard = before.report.model_copy(update={"standard": standard})
    found = [_read(before.companies, keys)]
    held: dict[Key, str] = {}
    for report, mentions, prices in (
        (with_standard, old.mentions, asked),
        (after.report, new.mentions, known),
        (after.report, new.mentions, restated),
        (after.report, new.mentions, _with_news(restated, after, day, until)),
    ):
        scores = score_mentions(report, mentions, prices, new.rules, published, day)[0]
        held = {_key(one): new.rules.windows[scores.headline[i]] for i, one in enumerate(mentions)}
        found.append(_state(mentions, scores, standard, keys, held))
    scores = score_mentions(after.report, new.mentions, new.prices, new.rules, published, until)[0]
    found.append(_state(new.mentions, scores, standard, keys, held))
    found.append(_read(after.companies, keys))
    return tuple(found)


def last_day_that_counts(rules: Rules, published: date, before: date, after: date) -> date:
    """Last day whose price can be the cause of a change between two days.

    Parameters
    ----------
    rules : Rules
    published : date
    before, after : date
        As of which the two screenings are.

    Returns
    -------
    date
        ``after``, where no window ended since ``before``. Else the last day of the window that
        was the headline before, or of the one that is it now, where that was the one to date.

    Examples
    --------
    >>> rules, published = Rules(cuts=(-0.1, 0.1)), date(2024, 12, 31)
    >>> friday = date(2025, 6, 27), date(2025, 7, 4), date(2025, 7, 11)
    >>> str(last_day_that_counts(rules, published, *friday[:2]))
    '2025-06-30'
    >>> str(last_day_that_counts(rules, published, *friday[1:]))
    '2025-07-11'
    """
    day = np.array([day_number(published)], np.int32)
    ends = window_ends(day, rules.months, day_number(after))[:-1, 0]
    then, now = int((ends <= day_number(before)).sum()), int((ends <= day_number(after)).sum())
    if then == now:
        return after
    end = ends[then - 1] if then else ends[now - 1]
    found: date = np.datetime64(int(end), "D").astype(object)
    return found


def _pasts(
    before: Screening, after: Screening
) -> tuple[CheckedPrices, CheckedPrices, CheckedPrices]:
    """The prices of the earlier day: asked for then, asked for now, and as known now."""
    was, now, day = before.measured.prices, after.measured.prices, before.as_of
    past = _as_far_as_known(was, now, day)
    same_basis = before.basis == after.basis
    # The earlier closes in the later basis are not at hand: the convention takes the blame.
    then = _merged(was.loaded, past) if same_basis else _merged(past, was.loaded)
    facts = {one.id: one for one in was.instruments}
    added = [one for one in now.instruments if one.id not in facts]

    def checked(loaded: LoadedPrices, instruments: Sequence[Instrument]) -> CheckedPrices:
        ids = {one.id for one in instruments}
        series = {name: one for name, one in loaded.series.items() if name in ids}
        whose = LoadedPrices(series, loaded.failures, loaded.findings)
        return checked_prices(whose, instruments, before.published, day, simulated=after.simulated)

    asked = was
    if added or not same_basis:
        asked = checked(then, (*was.instruments, *added))
    if added and same_basis:
        # Whoever was asked for before was checked then, in the company of then.
        new = {one.id for one in added}
        found = [one for one in asked.findings if one.listing in new]
        asked = _judged(asked, [*was.findings, *found])
    known = asked
    if any(facts.get(one.id, one) != one for one in now.instruments):
        known = checked(then, now.instruments)
    if same_basis and _restated(was.loaded, past):
        return asked, known, checked(past, now.instruments)
    return asked, known, known


def _as_far_as_known(was: CheckedPrices, now: CheckedPrices, day: date) -> LoadedPrices:
    """What is known now, without the sessions after the last one that was known of each listing."""
    # A listing that was not asked for then is known up to day.
    asked = {one.id for one in was.instruments}
    loaded = prices_until(now.loaded, day)
    series = {}
    for name, one in loaded.series.items():
        held = was.loaded.series.get(name)
        if name not in asked:
            series[name] = one
        elif held is not None and (last := _last_close(held)) is not None:
            series[name] = series_until(one, last)
        # Else nothing was known at all: every close of it is news.
    return LoadedPrices(series, loaded.failures, loaded.findings)


def _last_close(one: PriceSeries) -> np.datetime64 | None:
    closed = one.sessions[np.isfinite(one.close)]
    return closed.max() if closed.size else None


def _merged(first: LoadedPrices, second: LoadedPrices) -> LoadedPrices:
    """All series of both, the first one's where both have one."""
    more = [one for one in second.findings if one.listing not in first.series]
    return LoadedPrices({**second.series, **first.series}, first.failures, [*first.findings, *more])


def _restated(was: LoadedPrices, past: LoadedPrices) -> bool:
    """Whether anything that was known of a listing is known otherwise now."""
    for name, held in was.series.items():
        last, now = _last_close(held), past.series.get(name)
        if last is None or now is None:
            continue
        held = series_until(held, last)
        for a, b in (
            (held.sessions, now.sessions),
            (held.close, now.close),
            (held.volume, now.volume),
        ):
            if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
                return True
    return False


def _judged(prices: CheckedPrices, findings: Sequence[Finding]) -> CheckedPrices:
    """The same prices under other findings."""
    suspects = suspect_days(prices.panel, findings)
    return replace(prices, findings=tuple(findings), suspects=suspects)


def _with_news(past: CheckedPrices, after: Screening, day: date, until: date) -> CheckedPrices:
    """The earlier prices under the checks of the later day, as far as ``until``."""
    # Of listings that are struck in the end, a day since day counts as if it were the last one that
    # was known.
    struck = _struck(after)
    found = []
    for one in after.measured.prices.findings:
        if one.action != "unrated":
            continue
        if one.first is None or one.first <= day:
            found.append(one)
        elif one.listing in struck and one.first <= until:
            known = past.panel.as_of(one.listing, day) if one.listing in past.panel.row_of else None
            found.append(replace(one, first=day if known is None else known[1], last=day))
    return _judged(past, found)


def _key(mention: Mention) -> Key:
    return mention.segment, mention.company


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
            open_stage = STAGE_INTERIM if scores.begun[i] else STAGE_PENDING
            stage = windows[key] if window < len(rules.months) else names[open_stage]
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
    shown = ["segment", "company", "relative_return", "rating", "stage", "reason", "window"]
    by_key = {mention_key(row): row for row in companies[shown].to_dict("records")}
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
    companies = after.companies
    for i, (reason, listing) in enumerate(
        zip(companies["reason"], companies["listing"], strict=True)
    ):
        if reason == "suspect_prices":
            found.add(listing)
        elif reason == "benchmark_stale":
            benchmark = after.measured.benchmark(i)
            found |= {benchmark.id} if benchmark is not None else set()
    return found
