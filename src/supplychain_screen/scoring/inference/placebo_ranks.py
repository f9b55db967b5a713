"""How unusual a basket's result is: the same members scored from every earlier session.

All names of a report share one publication date, so their results move together and a t-test
over companies would count the same market move many times. Here the basket is one observation,
and its own past is what it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.placebo_dates import basket_returns
from supplychain_screen.scoring.windows import TO_DATE, add_months, window_ends

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.research import RatingStandard
    from supplychain_screen.scoring.measurement import Rules, SuspectDays

__all__ = [
    "MIN_PLACEBO_DATES",
    "MIN_PLACEBO_MEMBERS",
    "Placebo",
    "placebo",
    "primary_row",
    "sessions_before",
]

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

MIN_PLACEBO_DATES = 60
"""Fewer base dates than about a quarter of a year say nothing about what is usual."""

MIN_PLACEBO_MEMBERS = 5
"""A segment of fewer members is single stocks, whose past says little about a segment."""

MIN_RATED_SHARE = 0.9
"""Share of the rated members that have to be rated from a date, or it is another basket's."""


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same basket, scored from every earlier session.

    Parameters
    ----------
    base_day : ndarray of int32, shape (n_dates,)
        Day number of each placebo publication, ascending.
    mean : ndarray of float64, shape (n_dates,)
        Equal-weighted relative return of the members rated from that date, fraction.
    same_members : ndarray of float64, shape (n_dates,)
        The realised figure over those very members, fraction: what ``mean`` is compared with.
    members : ndarray of int32, shape (n_dates,)
        How many members were rated.
    hits : ndarray of int32, shape (n_dates,)
        How many of them were rated above the level that 0 falls in.
    realised : float
        The figure of the real publication date over all rated members, fraction.
    rated : int
        Rated members of the real publication date.
    rank : float
        Share of dates whose figure lies below the realised one, ties counting half; a fraction,
        NaN where ``reason`` says why there is none. It is a rank among dates, not a probability.
    windows : float
        Span of the earlier dates in window lengths, the realised window left out: overlapping
        windows are not n independent draws.
    overlapping : float
        Share of dates whose window reaches beyond the real publication, fraction.
    usual : float
        Mean of ``mean``: what the basket did on other dates, fraction.
    base_rate : float
        Hit rate of the same members on all other dates, those of fewer rated members among them;
        each member and date counts once; a fraction.
    reason : {"", "nobody_rated", "too_few_members", "too_few_dates"}
        Why there is no rank.
    """

    base_day: Ints
    mean: Floats
    same_members: Floats
    members: Ints
    hits: Ints
    realised: float
    rated: int
    rank: float
    windows: float
    overlapping: float
    usual: float
    base_rate: float
    reason: str


def placebo(
    panel: PricePanel,
    rows: Ints,
    benchmark_rows: Ints,
    published: int,
    as_of: int,
    rules: Rules,
    window: str,
    *,
    least: int = 1,
    sessions: Ints | None = None,
    suspects: SuspectDays | None = None,
) -> Placebo:
    """Score one basket from every session before its publication, and rank its result.

    Parameters
    ----------
    panel : PricePanel
    rows, benchmark_rows : ndarray of int32, shape (n_members,)
        Distinct companies, and the benchmark of each. Whoever is not rated from the real
        publication date is left out.
    published, as_of : int
        Day numbers.
    rules : Rules
    window : str
        A window of ``rules``; ``to_date`` takes windows as long as the one to date.
    least : int
        Fewer rated members than this have no rank.
    sessions : ndarray of int32, shape (n_candidates,), optional
        Day numbers of the dates to look at, all before ``published``: see
        :func:`sessions_before`. Without it, the sessions of the first member's exchange.
    suspects : SuspectDays, optional
        Days no rating may rest on.

    Returns
    -------
    Placebo
        Dates from which fewer than nine tenths of the rated members are rated are left out.

    Notes
    -----
    Nothing after the end of its own window is read from a date, and no window ends after
    ``as_of``. Late windows overlap the realised one. They stay in, because leaving them out made
    the rank less honest in simulated worlds without any effect, and their share is told. Why not
    a t-test over the members: Kolari and Pynnönen (2010), on event studies whose events share a
    date.
    """
    place = rules.windows.index(window)
    found = measure(
        panel,
        rows,
        benchmark_rows,
        np.full(rows.size, published, np.int32),
        as_of,
        rules,
        suspects=suspects,
    )
    rated = found.rating[place] >= 0
    own = found.relative.by(rules.comparison)[place, rated]
    rows, benchmark_rows = rows[rated], benchmark_rows[rated]
    length = _length(published, as_of, rules, window)
    if sessions is None:
        sessions = sessions_before(panel, rows[0], published) if rows.size else rows
    days = sessions[sessions + np.int32(length) <= as_of]
    ends = window_ends(days, rules.months, as_of)[place]
    if window == TO_DATE:
        ends = np.minimum(ends, days + np.int32(length))
    past = basket_returns(
        panel, rows, benchmark_rows, days, ends[None], as_of, rules, suspects=suspects, beside=own
    )
    kept = past.members[0] >= max(ceil(MIN_RATED_SHARE * rows.size - 1e-9), 1)
    days, mean, beside = days[kept], past.mean[0, kept], past.beside[0, kept]
    members, hits = past.members[0, kept], past.hits[0, kept]
    reason = ""
    if not rows.size:
        reason = "nobody_rated"
    elif rows.size < least:
        reason = "too_few_members"
    elif days.size < MIN_PLACEBO_DATES:
        reason = "too_few_dates"
    nothing, some = float("nan"), days.size > 0
    ever = int(past.members.sum())
    # Two sums of the same closes in another order are a tie, not a verdict.
    apart = np.where(np.abs(mean - beside) < 1e-12, 0.0, mean - beside)
    return Placebo(
        base_day=days,
        mean=mean,
        same_members=beside,
        members=members,
        hits=hits,
        realised=float(own.mean()) if own.size else nothing,
        rated=int(rows.size),
        rank=nothing if reason else float((apart < 0).mean() + 0.5 * (apart == 0).mean()),
        windows=float(days[-1] - days[0]) / length if some else 0.0,
        overlapping=float((ends[kept] > published).mean()) if some else nothing,
        usual=float(mean.mean()) if some else nothing,
        base_rate=int(past.hits.sum()) / ever if ever else nothing,
        reason=reason,
    )


def primary_row(panel: PricePanel, standard: RatingStandard, rows: Ints) -> int:
    """Row of the panel whose exchange's sessions are a report's placebo dates.

    Parameters
    ----------
    panel : PricePanel
    standard : RatingStandard
        The first market it names is the report's primary one.
    rows : ndarray of int32, shape (n_members,)

    Returns
    -------
    int
        That of the first benchmark of the primary market that the panel has, else that of the
        first member; 0 where there is neither.
    """
    for market in standard.markets[:1]:
        for index in market.benchmarks:
            row = int(panel.rows([standard.index(index).id])[0])
            if row >= 0:
                return row
    return max(int(rows[0]), 0) if rows.size else 0


def sessions_before(panel: PricePanel, row: int, published: int) -> Ints:
    """Day numbers of the sessions that the exchange of one row held before a day.

    Parameters
    ----------
    panel : PricePanel
    row : int
        Row of a listing or an index, such as the benchmark of a report's primary market.
    published : int
        Day number; itself left out.
    """
    if not len(panel.listings):
        return np.empty(0, np.int32)
    through = panel.sessions_through[panel.calendar_of[row]]
    opened = np.flatnonzero(np.diff(through, prepend=0)) + panel.first_day
    earlier: Ints = opened[opened < published].astype(np.int32)
    return earlier


def _length(published: int, as_of: int, rules: Rules, window: str) -> int:
    """Calendar days from publication to the end of the window."""
    day = np.array([published], "datetime64[D]")
    months = rules.months[-1] if window == TO_DATE else int(window.removesuffix("m"))
    end = int(add_months(day, months).astype(np.int64)[0])
    if window == TO_DATE:
        end = min(as_of, end)
    return max(end - published, 1)
