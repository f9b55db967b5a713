"""Segments and the whole report: means of rated members, with denominators that reconcile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.research import RatingScale

__all__ = ["Aggregate", "aggregate"]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What a group of mentions did together, each member against its own benchmark.

    Parameters
    ----------
    mentions, listed, unlisted, unresolved, rated, unrated : int
        ``mentions = listed + unlisted + unresolved`` and ``listed = rated + unrated``.
    unrated_reasons : dict of str to int
        How many listed members are unrated for each reason.
    mean, median, best, worst : float
        Relative return of the rated members, fractions, equal weights; NaN where nobody is rated.
    best_member, worst_member : int
        Position of the best and worst member in the group, -1 where nobody is rated.
    hit_rate : float
        Share of rated members in a level above the one that 0 falls in (the required return,
        where the scale counts from one), fraction.
    leave_one_out_low, leave_one_out_high : float
        Lowest and highest mean when any one rated member is left out; NaN below two members.
    rating : str
        Level of the mean on the scale, ``unrated`` where nobody is rated.
    """

    mentions: int
    listed: int
    unlisted: int
    unresolved: int
    rated: int
    unrated: int
    unrated_reasons: dict[str, int]
    mean: float
    median: float
    best: float
    best_member: int
    worst: float
    worst_member: int
    hit_rate: float
    leave_one_out_low: float
    leave_one_out_high: float
    rating: str


def aggregate(
    relative: npt.NDArray[np.float64],
    rating: npt.NDArray[np.int8],
    reasons: Sequence[str],
    status: Sequence[str],
    scale: RatingScale,
) -> Aggregate:
    """Equal-weighted result of one group.

    Parameters
    ----------
    relative : ndarray of float64, shape (n,)
        Relative returns, fractions.
    rating : ndarray of int8, shape (n,)
        Level index of each member, -1 for unrated; only rated members enter any number.
    reasons : sequence of str, length n
        Reason code of each member, empty where rated.
    status : sequence of str, length n
        ``listed``, ``unlisted`` or ``unresolved``.
    scale : RatingScale
        Rates the group's mean.
    """
    rated = rating >= 0
    values = relative[rated]
    places = np.flatnonzero(rated)
    n = int(values.size)
    counted = Counter(
        reason
        for reason, where in zip(reasons, status, strict=True)
        if reason and where == "listed"
    )
    common: dict[str, Any] = {
        "mentions": int(relative.size),
        **{where: status.count(where) for where in ("listed", "unlisted", "unresolved")},
        "rated": n,
        "unrated": status.count("listed") - n,
        "unrated_reasons": dict(sorted(counted.items())),
    }
    nothing = float("nan")
    if n == 0:
        return Aggregate(
            **common,
            mean=nothing,
            median=nothing,
            best=nothing,
            best_member=-1,
            worst=nothing,
            worst_member=-1,
            hit_rate=nothing,
            leave_one_out_low=nothing,
            leave_one_out_high=nothing,
            rating="unrated",
        )
    mean = float(values.mean())
    without = (values.sum() - values) / (n - 1) if n > 1 else np.array([nothing])
    code = int(scale.rate(np.array([mean]))[0])
    return Aggregate(
        **common,
        mean=mean,
        median=float(np.median(values)),
        best=float(values.max()),
        best_member=int(places[values.argmax()]),
        worst=float(values.min()),
        worst_member=int(places[values.argmin()]),
        hit_rate=float((rating[rated] < scale.rate(np.array([scale.origin]))[0]).mean()),
        leave_one_out_low=float(without.min()),
        leave_one_out_high=float(without.max()),
        rating=scale.levels[code].name,
    )
