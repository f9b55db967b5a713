"""Placebo dates and intervals of many baskets over Spark, in the very numbers of one machine.

::

    placebo_on_spark()    one row a basket: what it did from every earlier base date
    interval_on_spark()   one row a basket: the interval of its relative return

A basket is one task's work: 36 members from 2,500 base dates are 90,000 calls, some hundredths of
a second, and baskets know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pyarrow as pa

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.scoring.calls import benchmark_rows, rules_of, score_calls
from supplychain_screen.scoring.inference import (
    basket_changes,
    mean_interval,
    placebo,
    primary_row,
    sessions_before,
)
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.paths import relative_paths
from supplychain_screen.scoring.spark.schemas import (
    DAYS,
    Columns,
    Conventions,
    beside,
    check_frame,
    seen_by_driver,
)
from supplychain_screen.scoring.spark.scored_calls import no_calls

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame

    from supplychain_screen.research import RatingStandard
    from supplychain_screen.scoring.measurement import CallScores, Rules, SuspectDays

__all__ = ["interval_on_spark", "placebo_on_spark"]

_BASKETS = {"listings": ("array<string>",), "published": DAYS}

_PLACEBO = {
    "window": pa.string(),
    "base_day": pa.list_(pa.date32()),
    "mean": pa.list_(pa.float64()),
    "same_members": pa.list_(pa.float64()),
    "members": pa.list_(pa.int32()),
    "hits": pa.list_(pa.int32()),
    "realised": pa.float64(),
    "rated": pa.int64(),
    "rank": pa.float64(),
    "windows": pa.float64(),
    "overlapping": pa.float64(),
    "usual": pa.float64(),
    "base_rate": pa.float64(),
    "reason": pa.string(),
}
_INTERVAL = {
    "window": pa.string(),
    "low": pa.float64(),
    "high": pa.float64(),
    "realised": pa.float64(),
    "standard_error": pa.float64(),
    "cosines": pa.int64(),
    "sessions": pa.int64(),
    "reason": pa.string(),
}


@dataclass(frozen=True, slots=True)
class _Basket:
    """The rated members of one basket, in one window."""

    panel: PricePanel
    scores: CallScores
    place: int
    published: int


def placebo_on_spark(
    baskets: SparkFrame,
    panel: str | Path,
    standard: RatingStandard,
    *,
    window: str | None = None,
    as_of: date | None = None,
    suspects: SuspectDays | None = None,
    **conventions: Unpack[Conventions],
) -> SparkFrame:
    """Each basket scored from every earlier base date, as ``placebo`` does it.

    Parameters
    ----------
    baskets : Spark DataFrame
        One row a basket: ``listings`` (array of strings, each counted once) and ``published``
        (date); all other columns are carried along as they are.
    panel, standard, as_of, suspects, **conventions
        As in :func:`~supplychain_screen.scoring.spark.scored_calls.score_calls_on_spark`.
    window : str, optional
        ``6m``, ``12m`` or ``to_date``; each basket's latest matured one where it is not given.

    Returns
    -------
    Spark DataFrame
        The columns of ``baskets``, then ``window`` and the fields of
        :class:`~supplychain_screen.scoring.inference.Placebo`, of which ``base_day`` (dates),
        ``mean``, ``same_members``, ``members`` and ``hits`` are arrays.

    Raises
    ------
    CallsError, StoreError, MissingExtraError
        As in :func:`~supplychain_screen.scoring.spark.scored_calls.score_calls_on_spark`, or the
        standard has no such window.

    Notes
    -----
    The basket is whoever is rated in the window, as in ``Screening.inference()``. A row without
    a publication date has nulls, and the reason ``no_publication_date``.
    """

    def study(basket: _Basket, as_of_day: int) -> dict[str, Any]:
        scores = basket.scores
        rules = scores.rules
        market = primary_row(basket.panel, standard, scores.rows)
        found = placebo(
            basket.panel,
            scores.rows,
            scores.benchmark_rows,
            basket.published,
            as_of_day,
            rules,
            rules.windows[basket.place],
            suspects=suspects,
            sessions=sessions_before(basket.panel, market, basket.published),
        )
        days = found.base_day.astype(np.int64).astype("datetime64[D]").tolist()
        fields = (name for name in _PLACEBO if name not in ("window", "base_day"))
        return {"base_day": days} | {name: getattr(found, name) for name in fields}

    check_frame(baskets, "baskets", _BASKETS)
    return _studied(baskets, panel, standard, study, _PLACEBO, window, as_of, suspects, conventions)


def interval_on_spark(
    baskets: SparkFrame,
    panel: str | Path,
    standard: RatingStandard,
    *,
    window: str | None = None,
    level: float = 0.90,
    as_of: date | None = None,
    suspects: SuspectDays | None = None,
    **conventions: Unpack[Conventions],
) -> SparkFrame:
    """Interval of each basket's relative return, as ``mean_interval`` has it.

    Parameters
    ----------
    baskets, panel, standard, window, as_of, suspects, **conventions
        As in :func:`placebo_on_spark`.
    level
        As in :func:`~supplychain_screen.scoring.inference.mean_interval`.

    Returns
    -------
    Spark DataFrame
        The columns of ``baskets``, then ``window`` and the fields of
        :class:`~supplychain_screen.scoring.inference.Interval`.

    Raises
    ------
    CallsError, StoreError, MissingExtraError
        As in :func:`placebo_on_spark`.

    Notes
    -----
    The basket is as in :func:`placebo_on_spark`.
    """

    def study(basket: _Basket, _as_of_day: int) -> dict[str, Any]:
        scores = basket.scores
        changes = basket_changes(
            relative_paths(basket.panel, scores, basket.place), scores.rules.comparison
        )
        found = mean_interval(changes, level=level)
        return {name: getattr(found, name) for name in _INTERVAL if name != "window"}

    check_frame(baskets, "baskets", _BASKETS)
    return _studied(
        baskets, panel, standard, study, _INTERVAL, window, as_of, suspects, conventions
    )


def _studied(
    baskets: SparkFrame,
    panel: str | Path,
    standard: RatingStandard,
    study: Callable[[_Basket, int], dict[str, Any]],
    kinds: Mapping[str, pa.DataType],
    window: str | None,
    as_of: date | None,
    suspects: SuspectDays | None,
    conventions: Conventions,
) -> SparkFrame:
    folder, opened = seen_by_driver(panel)
    # For its errors.
    score_calls(no_calls(), opened, standard, as_of=as_of, suspects=suspects, **conventions)
    rules = rules_of(standard, **conventions)
    if window is not None and window not in rules.windows:
        remedy = f"name one of {', '.join(rules.windows)}"
        raise CallsError(Problem("the standard has no such window", remedy, value=window))
    known = opened.last_day if as_of is None else day_number(as_of)

    def one(listings: Collection[str] | None, day: int | None) -> dict[str, Any]:
        if day is None:
            return {"reason": "no_publication_date"}
        prices, names = folder.open(), [str(name) for name in dict.fromkeys(listings or ())]
        scores = measure(
            prices,
            prices.rows(names),
            benchmark_rows(prices, names, standard, 0),
            np.full(len(names), day, np.int32),
            known,
            rules,
            suspects=suspects,
        )
        place = _place(rules, scores, window)
        rated = scores.take(np.flatnonzero(scores.rating[place] >= 0))
        found = study(_Basket(prices, rated, place, day), known)
        return {"window": rules.windows[place]} | found

    def work(part: pa.RecordBatch) -> Columns:
        asked = zip(part["listings"].to_pylist(), _days(part["published"]), strict=True)
        rows = [one(*basket) for basket in asked]
        # from_pandas: a NaN, which stands for "too little history", becomes null.
        return {
            name: pa.array([row.get(name) for row in rows], kind, from_pandas=True)
            for name, kind in kinds.items()
        }

    return beside(baskets, work, {name: pa.array([], kind) for name, kind in kinds.items()})


def _place(rules: Rules, scores: CallScores, window: str | None) -> int:
    """Place of the window asked for, else of the headline, which all members share."""
    if window is not None:
        return rules.windows.index(window)
    return int(scores.headline[0]) if scores.rows.size else len(rules.months)


def _days(published: pa.Array) -> list[int | None]:
    """Day numbers, read as ``score_calls`` reads them."""
    stamps = published.to_pandas(date_as_object=False)
    if getattr(stamps.dt, "tz", None) is not None:
        stamps = stamps.dt.tz_localize(None)
    days = stamps.to_numpy().astype("datetime64[D]")
    return [None if np.isnat(day) else int(day.astype(np.int64)) for day in days]
