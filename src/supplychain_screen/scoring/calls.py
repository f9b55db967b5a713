"""score_calls(): any number of calls at once, one row each, with reasons."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.identity import boards_of
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import PricePanel, panel_from_frame
from supplychain_screen.research import RatingScale, RatingStandard
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.measurement import (
    NO_BENCHMARK,
    NOT_IN_PANEL,
    CallScores,
    Rules,
    SuspectDays,
)
from supplychain_screen.scoring.reasons import REASON_CODE, REASONS, stage_names
from supplychain_screen.scoring.relative import NO_AGE, Comparison, Legs
from supplychain_screen.scoring.results import ScoredCalls
from supplychain_screen.scoring.windows import BasePolicy

__all__ = ["benchmark_rows", "rules_of", "score_calls"]

_DAY_IN_SECONDS = 86_400


def rules_of(
    standard: RatingStandard,
    *,
    base_policy: BasePolicy = "on_or_before",
    comparison: Comparison | None = None,
    max_stale_sessions: int = 5,
    max_stale_benchmark: int = 3,
    scale: RatingScale | None = None,
) -> Rules:
    """The conventions a rating standard implies, with the caller's choices on top.

    Parameters
    ----------
    scale : RatingScale, optional
        The scale that rates; the standard's stock scale where it is not given.

    Raises
    ------
    CallsError
        A limit is negative, or longer than an age can be; or a comparison with an index is asked
        of a standard that rates a listing's own return, or the other way round.
    """
    months = tuple(sorted({standard.first_months, standard.last_months}))
    scale = scale or standard.stock
    if comparison is not None and scale.is_own != (comparison == "own"):
        raise CallsError(
            Problem(
                "the standard rates a listing's own return, without an index"
                if scale.is_own
                else "the standard rates a return against an index",
                "leave comparison out",
                column="comparison",
                value=comparison,
            )
        )
    unrated = "" if scale.is_measurable else "standard_without_bounds"
    if unrated and scale.is_bounded:
        unrated = "standard_without_number"
    return Rules(
        cuts=tuple(float(cut) for cut in scale.cuts()),
        months=months,
        base_policy=base_policy,
        comparison="own" if scale.is_own else comparison or standard.comparison,
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
        unrated=unrated,
        no_benchmark=unrated if scale.kind == "direction" else "no_benchmark",
    )


_UNSTATED = (
    "nobody stated what these closes are adjusted for, and no check looks for splits in them; give "
    "panel_from_frame(table, adjustment='splits'), or add a column adjustment (and, of traded "
    "closes, splits)"
)


def benchmark_rows(
    panel: PricePanel, listings: Sequence[str], standard: RatingStandard, place: int
) -> npt.NDArray[np.int32]:
    """Panel row of each listing's benchmark.

    Parameters
    ----------
    panel : PricePanel
    listings : sequence of str
        Ids; exchange and board make the market.
    standard : RatingStandard
        Names the benchmarks of each market.
    place : int
        0 for the primary benchmark of the market, 1 for the second, and so on.

    Returns
    -------
    ndarray of int32, shape (n_listings,)
        ``NO_BENCHMARK`` where the standard names no such benchmark, ``NOT_IN_PANEL`` where it
        does and the panel has no such row: the two are different reasons.
    """
    by_market: dict[tuple[str, tuple[str, ...]], int] = {}
    rows = np.full(len(listings), NO_BENCHMARK, np.int32)
    for i, listing in enumerate(listings):
        mic, _, code = listing.partition(":")
        market = mic, boards_of(mic, code)
        if market not in by_market:
            named = standard.benchmarks_of(listing)
            by_market[market] = (
                panel.row_of.get(named[place].id, NOT_IN_PANEL)
                if len(named) > place
                else NO_BENCHMARK
            )
        rows[i] = by_market[market]
    return rows


def score_calls(
    calls: pd.DataFrame,
    panel: PricePanel | Any,
    standard: RatingStandard,
    *,
    as_of: date | str | None = None,
    base_policy: BasePolicy = "on_or_before",
    comparison: Comparison | None = None,
    max_stale_sessions: int = 5,
    max_stale_benchmark: int = 3,
    suspects: SuspectDays | None = None,
) -> ScoredCalls:
    """One row a call: sessions, closes, both legs, relative return, rating and reason.

    Parameters
    ----------
    calls : DataFrame of shape (n_calls, any)
        Columns ``listing`` (id such as ``XSHG:688018``) and ``published`` (date); every other
        column (report, segment, author, published rating) is carried along.
    panel : PricePanel or DataFrame
        Closes of the listings and of the benchmarks the standard names; a table is made a panel
        by :func:`supplychain_screen.panel_from_frame`. A warning says where nobody stated what the
        closes are adjusted for: no check looks for splits that nobody undid.
    standard : RatingStandard
        Scale, horizon and benchmarks; the primary benchmark of each market is used.
    as_of : date or ISO 8601 string, optional
        Last day that is known; the panel's last day where it is not given.
    base_policy : {"on_or_before", "before", "on_or_after", "after"}
    comparison : {"difference", "ratio"}, optional
        The standard's own where it is not given.
    max_stale_sessions, max_stale_benchmark : int
        Oldest close that still counts, in sessions of its exchange.
    suspects : SuspectDays, optional
        Days no rating may rest on.

    Returns
    -------
    ScoredCalls, a DataFrame of shape (n_calls, ...), index of ``calls``
        The columns of ``calls``, then ``stage``, ``window``, ``base_session``, ``base_close``,
        ``base_age`` (exchange sessions), ``benchmark_base``, and for each window ``w`` in
        (``6m``, ``12m``, ``to_date``): ``w_end_session``, ``w_end_close``, ``w_end_age``,
        ``w_benchmark_end``, ``w_return``, ``w_benchmark_return``, ``w_difference``, ``w_ratio``
        (fractions), ``w_rating`` and ``w_reason`` (categories; one of the two is empty). It goes
        on from there: ``iter_paths()``, ``path_figures()``, ``segment_paths()``; ``scores`` has
        the numbers as arrays.

    Raises
    ------
    CallsError
        A column is missing or has the name of a result, or ``as_of`` lies outside the panel.

    Notes
    -----
    Nothing about one call depends on another: rows may come in any order, twice, or a million
    at a time. An unknown listing is ``unresolved``, a date that is missing or that the panel
    does not cover is ``no_prices``; the other rows never notice.
    """
    if not isinstance(panel, PricePanel):
        panel = panel_from_frame(panel, indices=standard.indices)
    if any(one.adjustment == "as given" for one in panel.provenance):
        warnings.warn(_UNSTATED, stacklevel=2)
    missing = [name for name in ("listing", "published") if name not in calls.columns]
    if missing:
        raise CallsError([Problem("column is missing", "add it", column=name) for name in missing])
    last = panel.last_day if as_of is None else day_of_as_of(as_of)
    if not panel.first_day <= last <= panel.last_day:
        raise CallsError(
            Problem(
                f"as_of lies outside the prices, which end on {np.datetime64(panel.last_day, 'D')}",
                "build the panel up to as_of",
                value=str(as_of),
            )
        )
    rules = rules_of(
        standard,
        base_policy=base_policy,
        comparison=comparison,
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
    )
    codes, found = pd.factorize(calls["listing"])
    names = [str(name) for name in found]
    rows = np.append(panel.rows(names), np.int32(-1))[codes]
    index_rows = np.append(benchmark_rows(panel, names, standard, 0), np.int32(NO_BENCHMARK))[codes]
    published, dated = _day_numbers(calls["published"])
    given = np.where(rows < 0, np.int8(REASON_CODE["unresolved"]), np.int8(0)).astype(np.int8)
    scores = measure(
        panel,
        np.where(dated, rows, -1).astype(np.int32),
        index_rows,
        published,
        last,
        rules,
        suspects=suspects,
        given=given,
    )
    columns = _columns(scores, standard.stock.names)
    taken = [name for name in columns if name in calls.columns]
    if taken:
        raise CallsError(
            [Problem("column has the name of a result", "rename it", column=name) for name in taken]
        )
    numbers = pd.DataFrame(columns, index=calls.index, copy=False)
    return ScoredCalls.of(pd.concat([calls, numbers], axis=1), panel, scores, suspects)


def day_of_as_of(as_of: date | str) -> int:
    """The number of the day that is the last one known.

    Raises
    ------
    CallsError
        It is no date.
    """
    try:
        return day_number(date.fromisoformat(as_of) if isinstance(as_of, str) else as_of)
    except ValueError:
        problem = Problem("as_of is no date", "write YYYY-MM-DD", value=str(as_of))
        raise CallsError(problem) from None


def _day_numbers(
    published: pd.Series[Any],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Day number of each publication, and whether it has one."""
    try:
        # One format: a guessed one could read 03/04 either way, and differently by row.
        written = not pd.api.types.is_datetime64_any_dtype(published)
        stamps = pd.to_datetime(published, format="ISO8601" if written else None)
    except (ValueError, TypeError) as error:
        raise CallsError(
            Problem(f"not all are dates: {error}", "write YYYY-MM-DD", column="published")
        ) from None
    if getattr(stamps.dt, "tz", None) is not None:
        stamps = stamps.dt.tz_localize(None)
    days = stamps.to_numpy().astype("datetime64[D]")
    dated = ~np.isnat(days)
    return np.where(dated, days, np.datetime64(0, "D")).astype(np.int64).astype(np.int32), dated


def _columns(scores: CallScores, levels: Sequence[str]) -> dict[str, Any]:
    rules = scores.rules
    columns: dict[str, Any] = {
        "stage": _category(scores.stage, list(stage_names(rules.months))),
        "window": _category(scores.headline, list(rules.windows)),
        "base_session": session_dates(scores.base),
        "base_close": scores.base.close,
        "base_age": scores.base.age,
        "benchmark_base": scores.benchmark_base.close,
    }
    for i, window in enumerate(rules.windows):
        columns |= {
            f"{window}_end_session": session_dates(scores.end, i),
            f"{window}_end_close": scores.end.close[i],
            f"{window}_end_age": scores.end.age[i],
            f"{window}_benchmark_end": scores.benchmark_end.close[i],
            f"{window}_return": scores.relative.stock_return[i],
            f"{window}_benchmark_return": scores.relative.benchmark_return[i],
            f"{window}_difference": scores.relative.difference[i],
            f"{window}_ratio": scores.relative.ratio[i],
            f"{window}_rating": _category(scores.rating[i], levels),
            f"{window}_reason": _category(scores.reason[i] - np.int8(1), list(REASONS[1:])),
        }
    return columns


def _category(codes: npt.NDArray[np.int8], names: Sequence[str]) -> pd.Categorical:
    # The stubs of pandas know lists of int only; an array is what it is fast with.
    made: pd.Categorical = cast("Any", pd.Categorical).from_codes(codes, list(names))
    return made


def session_dates(legs: Legs, window: int | None = None) -> npt.NDArray[np.datetime64]:
    """Sessions as datetime64[s], NaT where there is no close."""
    session = legs.session if window is None else legs.session[window]
    age = legs.age if window is None else legs.age[window]
    seconds = session.astype(np.int64) * _DAY_IN_SECONDS
    dates = seconds.astype("datetime64[s]")
    dates[age == NO_AGE] = np.datetime64("NaT")
    return dates
