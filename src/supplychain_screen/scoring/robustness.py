"""The same calls under every convention: how many agree with the headline, and which flip it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices import Basis
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.measurement import CallScores, Rules, SuspectDays
from supplychain_screen.scoring.relative import COMPARISONS, Comparison
from supplychain_screen.scoring.windows import BASE_POLICIES

__all__ = ["Robustness", "vary_conventions"]


@dataclass(frozen=True, slots=True)
class Robustness:
    """How far each headline rating depends on a convention.

    Parameters
    ----------
    agree, of : ndarray of int64, shape (n,)
        ``agree`` of ``of`` conventions give the headline rating. Only conventions that rate the
        call count, the headline's own among them; both are 0 where the call is unrated.
    distinct : ndarray of int64, shape (n,)
        How many of the ``of`` differ in what they measure: base session, end session, one of
        the four closes, or the comparison. On a session day of publication all three base
        policies but ``before`` are one.
    flips : tuple of tuple of str, length n
        The conventions that give another rating, as ``basis/base policy/comparison``.
    """

    agree: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    distinct: npt.NDArray[np.int64]
    flips: tuple[tuple[str, ...], ...]


def vary_conventions(
    headline: CallScores,
    panels: Mapping[Basis, PricePanel],
    as_of: int,
    rules: Rules,
    *,
    suspects: SuspectDays | None = None,
    given: npt.NDArray[np.int8] | None = None,
) -> Robustness:
    """Re-rate each call's headline window under every convention the prices can serve.

    Parameters
    ----------
    headline : CallScores, n calls
        The measurement whose ratings are put to the test.
    panels : mapping of basis to PricePanel
        One panel a basis, all with the same rows in the same order.
    as_of : int
        Day number of the last day that is known.
    rules : Rules
        Scale and limits; base policy and comparison are varied.
    suspects, given
        As in :func:`supplychain_screen.scoring.kernel.measure`.

    Returns
    -------
    Robustness
        Over {price, total} x {on_or_before, before, on_or_after} x {difference, ratio}; a
        listing's own return is compared with nothing, which leaves the first two.
    """
    places = headline.headline[None, :].astype(np.intp)
    own = np.take_along_axis(headline.rating, places, axis=0)[0]
    agree, of, distinct = (np.zeros(own.size, np.int64) for _ in range(3))
    seen: list[tuple[str, npt.NDArray[np.bool_], npt.NDArray[np.float64]]] = []
    flips: list[list[str]] = [[] for _ in range(own.size)]
    comparisons: tuple[Comparison, ...] = ("own",) if rules.is_own else COMPARISONS
    for basis, panel in panels.items():
        for policy, comparison in product(BASE_POLICIES, comparisons):
            scores = measure(
                panel,
                headline.rows,
                headline.benchmark_rows,
                headline.published,
                as_of,
                replace(rules, base_policy=policy, comparison=comparison),
                suspects=suspects,
                given=given,
            )
            rating = np.take_along_axis(scores.rating, places, axis=0)[0]
            counted = (own >= 0) & (rating >= 0)
            agree += counted & (rating == own)
            of += counted
            read = _read(scores, places)
            again = np.zeros(own.size, np.bool_)
            for compared, there, other in seen:
                if compared == comparison:
                    # Own returns have no benchmark: a close that nobody read is no difference.
                    same = (read == other) | (np.isnan(read) & np.isnan(other))
                    again |= there & same.all(axis=0)
            distinct += counted & ~again
            seen.append((comparison, counted, read))
            for place in np.flatnonzero(counted & (rating != own)):
                flips[place].append(f"{basis}/{policy}/{comparison}")
    return Robustness(agree, of, distinct, tuple(tuple(one) for one in flips))


def _read(scores: CallScores, places: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """What each call's headline window rests on, shape (6, n): two sessions and four closes."""
    end, benchmark_end = scores.end, scores.benchmark_end
    at_end = (end.session, end.close, benchmark_end.close)
    return np.array(
        [
            scores.base.session,
            scores.base.close,
            scores.benchmark_base.close,
            *(np.take_along_axis(one, places, axis=0)[0] for one in at_end),
        ],
        np.float64,
    )
