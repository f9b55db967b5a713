"""A league: a row a house, what was expected of its own mix, and how much of the rest is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from supplychain_screen.record.block_means import MIN_WINDOWS, block_intervals
from supplychain_screen.record.hits import NOT_TOLD
from supplychain_screen.record.populations import PENDING, month_numbers
from supplychain_screen.record.shrinkage import (
    LEVEL,
    Overdispersion,
    beta_binomial,
    normal_tau,
    wilson,
)
from supplychain_screen.scoring import REASON_CODE
from supplychain_screen.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record.populations import Population

__all__ = ["MIN_OTHERS", "League", "LeagueKey", "league_of"]

LeagueKey = Literal["firm", "analyst", "segment", "sector", "market", "year", "level", "side"]

MIN_OTHERS: Final = 30
"""Calls of others below which a month and market says nothing, and the side alone is asked."""

DAYS_A_MONTH: Final = 365.2425 / 12

SHORT: Final = f"fewer_than_{MIN_WINDOWS}_windows"
"""Why a mean has no interval."""

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class League:
    """Rows of a league and what they were shrunk with.

    Parameters
    ----------
    frame : DataFrame, a row a group
        Ordered by ``shrunk_excess`` where a difference was found, else by name; rows with too few
        calls last. All rates and returns are fractions.

        - the group's name, in a column called as ``by``
        - ``runs`` (counted calls), ``fresh``, ``matured`` (rated, window over), ``pending``,
          ``unrated``, ``no_prices`` (of these), ``no_prices_share`` (of ``runs``)
        - ``beat_n`` (calls with a direction to judge), ``beats``, ``beat`` (rate), ``beat_low``,
          ``beat_high`` (Wilson, counts only); the same for ``reached``
        - ``fresh_matured``, ``fresh_beat``: of fresh runs only
        - ``mean``, ``median``: relative return of the matured calls; ``mean_low``, ``mean_high``
          (95%, by blocks of dates as long as the window) or ``mean_reason``:
          ``fewer_than_5_windows`` of history, or ``nothing_matured``; ``mean_net``: side times
          relative return minus cost, of calls with a direction
        - ``ranked_on`` (``fresh``, ``all`` or empty), ``ranked_n``, ``rate`` (of these),
          ``expected`` (rate of its own mix over all others), ``excess`` (rate minus expected),
          ``excess_sd`` (by chance), ``shrunk_excess`` with ``shrunk_low``, ``shrunk_high``,
          ``shrunk_rate`` (beta-binomial)
        - ``rank`` (1 is best; missing where nothing is ordered), ``verdict``: ``better``,
          ``worse``, ``not_told_apart``, ``too_few``
    by : str
        The key.
    window : str
        The window, for example ``6m``.
    hit : {"beat", "reached"}
        Which hit is ranked.
    tau : float
        Standard deviation of true excesses between rows, fraction; 0 where no difference shows.
    rates : Overdispersion
        The beta distribution behind ``shrunk_rate``.
    ranked : int
        Rows with enough calls.
    min_runs : int
    """

    frame: pd.DataFrame
    by: str
    window: str
    hit: str
    tau: float
    rates: Overdispersion
    ranked: int
    min_runs: int

    @property
    def ordered(self) -> bool:
        """Whether a difference between the rows was found; without one nothing is ordered."""
        return self.tau > 0

    def _repr_html_(self) -> str:
        html: str = self.frame._repr_html_()  # type: ignore[operator]
        return html

    def __repr__(self) -> str:
        found = "differences" if self.ordered else "no difference"
        return (
            f"<League by {self.by}, {self.window}: {counted(len(self.frame), 'row')}, "
            f"{self.ranked} with {counted(self.min_runs, 'judged call')} or more, {found} found>"
        )


def league_of(
    population: Population,
    by: str,
    window: int,
    *,
    levels: Sequence[str],
    min_runs: int,
    hit: Literal["beat", "reached"] = "beat",
) -> League:
    """The league of a population by one key, over one fixed window."""
    import pandas as pd

    group, names = population.group(by, levels)
    n_groups = len(names)
    inside = group >= 0
    hits = population.hits[window]
    matured = population.matured(window)
    reason = population.scores.reason[window]

    def count(flags: Flags) -> Whole:
        return np.bincount(group[flags & inside], minlength=n_groups).astype(np.int64)

    runs = count(inside)
    columns: dict[str, Any] = {by: names, "runs": runs, "fresh": count(population.fresh)}
    columns["matured"] = count(matured)
    columns["pending"] = count(reason == PENDING)
    columns["unrated"] = runs - columns["matured"] - columns["pending"]
    columns["no_prices"] = count(reason == REASON_CODE["no_prices"])
    columns["no_prices_share"] = _share(columns["no_prices"], runs)
    for name, told in (("beat", hits.beat), ("reached", hits.reached)):
        columns |= _rate_columns(name, count(told != NOT_TOLD), count(told == 1))
    fresh_told = population.fresh & (hits.beat != NOT_TOLD)
    columns["fresh_matured"] = count(population.fresh & matured)
    columns["fresh_beat"] = _share(count(fresh_told & (hits.beat == 1)), count(fresh_told))
    relative = population.relative(window)
    used = inside & np.isfinite(relative)
    columns["mean"] = _means(group[used], relative[used], n_groups)
    columns |= _mean_interval(population, window, used, group, relative, n_groups)
    columns["median"] = _medians(group[used], relative[used], n_groups)
    netted = inside & np.isfinite(hits.net)
    columns["mean_net"] = _means(group[netted], hits.net[netted], n_groups)
    told = hits.beat if hit == "beat" else hits.reached
    ranking = _ranking(population, group, n_groups, told, min_runs)
    columns |= ranking.columns
    frame = pd.DataFrame(columns)
    by_name = np.arange(n_groups)
    order = np.lexsort((by_name, -np.nan_to_num(ranking.key, nan=-np.inf), ~ranking.enough))
    frame = frame.iloc[order].reset_index(drop=True)
    return League(
        frame,
        by,
        population.scores.rules.windows[window],
        hit,
        ranking.tau,
        ranking.rates,
        int(ranking.enough.sum()),
        min_runs,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ranking:
    """What the rows are ordered by."""

    columns: dict[str, Any]
    key: Floats
    enough: Flags
    tau: float
    rates: Overdispersion


def _ranking(
    population: Population, group: Whole, n_groups: int, told: npt.NDArray[np.int8], min_runs: int
) -> _Ranking:
    """Excess over what the row's own mix brought others, and its shrinking."""
    judged = (told != NOT_TOLD) & (group >= 0)
    expected = _expected(population, group, n_groups, told, judged)
    fresh = judged & population.fresh
    n_fresh = np.bincount(group[fresh], minlength=n_groups)
    by_fresh = n_fresh >= min_runs
    counted = judged & np.isfinite(expected)
    places = np.flatnonzero(counted)
    places = places[population.fresh[places] | ~by_fresh[group[places]]]
    where, e = group[places], expected[places]
    n = np.bincount(where, minlength=n_groups).astype(np.float64)
    hits = np.bincount(where, (told[places] == 1).astype(np.float64), minlength=n_groups)
    rate = _share(hits, n)
    mean = _share(np.bincount(where, e, minlength=n_groups), n)
    variance = _share(np.bincount(where, e * (1 - e), minlength=n_groups), n * n)
    excess = rate - mean
    enough = (n >= min_runs) & (variance > 0)
    tau = normal_tau(excess[enough], variance[enough])
    weight = np.where(enough, tau**2 / (tau**2 + variance), np.nan) if tau else np.zeros(n_groups)
    shrunk = np.where(enough, excess * weight, np.nan)
    sd = np.sqrt(np.where(enough, variance * weight, np.nan))
    from scipy.special import ndtri

    half = float(ndtri((1 + LEVEL) / 2)) * sd
    rates = beta_binomial(hits[enough].astype(np.int64), n[enough].astype(np.int64))
    verdict = np.full(n_groups, "not_told_apart", object)
    verdict[shrunk - half > 0] = "better"
    verdict[shrunk + half < 0] = "worse"
    if not tau:
        verdict[:] = "not_told_apart"
    verdict[~enough] = "too_few"
    rank = np.full(n_groups, np.nan)
    if tau:
        placed = np.flatnonzero(enough)
        placed = placed[np.argsort(-shrunk[placed], kind="stable")]
        rank[placed] = np.arange(1, placed.size + 1)
    import pandas as pd

    columns = {
        "ranked_on": np.where(enough, np.where(by_fresh, "fresh", "all"), ""),
        "ranked_n": n.astype(np.int64),
        "rate": rate,
        "expected": mean,
        "excess": excess,
        "excess_sd": np.sqrt(variance),
        "shrunk_excess": shrunk,
        "shrunk_low": shrunk - half,
        "shrunk_high": shrunk + half,
        "shrunk_rate": np.where(enough, rates.shrunk(hits.astype(np.float64), n), np.nan),
        "rank": pd.array(rank, dtype="Int64"),
        "verdict": verdict,
    }
    return _Ranking(columns, shrunk if tau else np.zeros(n_groups), enough, tau, rates)


def _expected(
    population: Population, group: Whole, n_groups: int, told: npt.NDArray[np.int8], judged: Flags
) -> Floats:
    """Rate of all other groups' calls of the same side, publication month and market."""
    # Where fewer than MIN_OTHERS of them are there, the side alone is asked; NaN where no other
    # group said anything on that side.
    expected = np.full(population.n, np.nan)
    places = np.flatnonzero(judged)
    if not places.size:
        return expected
    side = population.side[places].astype(np.int64) + 1
    month = month_numbers(population.day[places])
    month -= month.min()
    market = population.market[places].astype(np.int64)
    cell = (side * (int(month.max()) + 1) + month) * (len(population.markets) + 1) + market
    where, hit = group[places], (told[places] == 1).astype(np.float64)
    others, rate = _leave_out(cell, where, n_groups, hit)
    by_side, side_rate = _leave_out(side, where, n_groups, hit)
    narrow = others >= MIN_OTHERS
    expected[places] = np.where(narrow, rate, np.where(by_side > 0, side_rate, np.nan))
    return expected


def _leave_out(
    cell: Whole, group: Whole, n_groups: int, hit: Floats
) -> tuple[npt.NDArray[np.float64], Floats]:
    """For each call, how many of its cell other groups have, and their rate."""
    cells = int(cell.max()) + 1
    at = cell
    if cells > cell.size + 1_000_000:
        found, at = np.unique(cell, return_inverse=True)
        cells = found.size
    joint = at * n_groups + group
    if cells * n_groups <= 8 * joint.size + 1_000_000:
        own, back, size = joint, joint, cells * n_groups
    else:
        _, back = np.unique(joint, return_inverse=True)
        own, size = back, int(back.max()) + 1
    n_own = np.bincount(own, minlength=size)[back]
    hit_own = np.bincount(own, hit, minlength=size)[back]
    others = np.bincount(at)[at] - n_own
    hits = np.bincount(at, hit)[at] - hit_own
    return others.astype(np.float64), _share(hits, others)


def _mean_interval(
    population: Population, window: int, used: Flags, group: Whole, relative: Floats, n_groups: int
) -> dict[str, Any]:
    """Interval of each mean, or why there is none."""
    days = population.scores.rules.months[window] * DAYS_A_MONTH
    low, high, windows = block_intervals(
        group[used], population.day[used], relative[used], n_groups, days
    )
    told = np.isfinite(windows)
    why = np.where(told, np.where(windows < MIN_WINDOWS, SHORT, ""), "nothing_matured")
    return {"mean_low": low, "mean_high": high, "mean_reason": why.astype(object)}


def _rate_columns(name: str, n: Whole, hits: Whole) -> dict[str, Any]:
    low, high = wilson(hits, n)
    plural = "beats" if name == "beat" else "reaches"
    return {
        f"{name}_n": n,
        plural: hits,
        name: _share(hits, n),
        f"{name}_low": low,
        f"{name}_high": high,
    }


def _share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    share: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return share


def _means(group: Whole, values: Floats, n_groups: int) -> Floats:
    return _share(
        np.bincount(group, values, minlength=n_groups), np.bincount(group, minlength=n_groups)
    )


def _medians(group: Whole, values: Floats, n_groups: int) -> Floats:
    """Median of each group, NaN where it is empty."""
    order = np.argsort(values)
    if n_groups <= 0x10000:
        # Whole numbers of 16 bits are sorted by counting.
        order = order[np.argsort(group[order].astype(np.uint16), kind="stable")]
    else:
        order = order[np.argsort(group[order], kind="stable")]
    n = np.bincount(group, minlength=n_groups)
    start = np.cumsum(n) - n
    sorted_values = np.append(values[order], np.nan)
    last = values.size
    low = np.where(n > 0, start + (n - 1) // 2, last)
    high = np.where(n > 0, start + n // 2, last)
    medians: Floats = (sorted_values[low] + sorted_values[high]) / 2
    return medians
