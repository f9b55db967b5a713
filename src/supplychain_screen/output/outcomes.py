"""What a report said, what became of it, and what carried the result: the finding, as data.

Page, mail, card, terminal, notebook and workbook all begin with it; `finding_sentences` says it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.words import is_missing

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.screening import Screening

__all__ = ["MANY", "Carrier", "Outcome", "Yardstick", "outcome_of"]

MANY: Final = 10
"""Companies from which three are taken away to see what carried a mean; of fewer, one."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One of the companies that did best.

    Parameters
    ----------
    company, company_en : str or None
        Its name as printed, and in English.
    relative_return : float
        Fraction.
    """

    company: str
    company_en: str | None
    relative_return: float


@dataclass(frozen=True, slots=True)
class Yardstick:
    """An index that rated companies are held against.

    Parameters
    ----------
    name, name_en : str or None
        Its names, as the report's benchmarks have them.
    companies : int
        Rated companies held against it.
    """

    name: str
    name_en: str | None
    companies: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The finding of a screening. Returns are fractions; a company counts once.

    Parameters
    ----------
    called, became : str or None
        The report's own rating of its sector, and the level its basket's mean fell on; None
        where the report made no such call or nothing can be held against it.
    called_side : {1, 0, -1} or None
        Which way the report's own rating points.
    agrees : bool or None
        Whether the two are one level; None before a horizon has matured.
    window : str or None
        The window all rated companies are measured over; None where they have several.
    day, days : int
        The furthest day of a running window, and its length; 0 where it has matured.
    first, last : date or None
        The measured interval: first base session and last end session of the rated companies.
    sessions_differ : bool
        True where not all of them have these two sessions.
    companies, rated : int
        Companies of the report, and those with a rating.
    ahead, behind, between : int
        Rated companies on levels wholly above, wholly below and around zero.
    ahead_bound, behind_bound : float or None
        Where those levels begin; None where the scale has no bounded level there.
    ahead_inclusive, behind_inclusive : bool
        Whether the bound itself belongs to them.
    mean, median : float
        Of the rated companies; NaN where there is none.
    without : int
        How many of the best are left out in ``mean_without``: three, one of fewer than ten, none
        of one.
    mean_without : float
        Mean of those that remain; NaN where nobody does.
    carriers : tuple of Carrier
        Those that are left out, best first.
    yardsticks : tuple of Yardstick
        What they are held against, the one of most companies first; none of an absolute standard.
    carried : bool
        True where the mean is above 0 with them and not without them.
    """

    called: str | None
    became: str | None
    called_side: int | None
    agrees: bool | None
    window: str | None
    day: int
    days: int
    first: date | None
    last: date | None
    sessions_differ: bool
    companies: int
    rated: int
    ahead: int
    behind: int
    between: int
    ahead_bound: float | None
    behind_bound: float | None
    ahead_inclusive: bool
    behind_inclusive: bool
    mean: float
    median: float
    without: int
    mean_without: float
    carriers: tuple[Carrier, ...]
    yardsticks: tuple[Yardstick, ...]
    carried: bool


def outcome_of(screening: Screening) -> Outcome:
    """The finding of ``screening``.

    Parameters
    ----------
    screening : Screening

    Returns
    -------
    Outcome

    Examples
    --------
    >>> from supplychain_screen import load_report, screen
    >>> found = outcome_of(screen(load_report(), "2025-01-02", "2026-01-09", prices="simulated"))
    >>> found.ahead + found.behind + found.between == found.rated, found.without
    (True, 3)
    """
    scale = screening.report.standard.stock
    rows = screening.once
    rows = rows[rows["rating"].isin(scale.names)]
    sides = rows["rating"].map(scale.side)
    windows = rows["window"].unique().tolist()
    running = windows == ["to_date"]
    starts, ends = rows["base_session"].dropna(), rows["end_session"].dropna()
    without = 3 if len(rows) >= MANY else 1 if len(rows) > 1 else 0
    best = screening.concentration.head(without) if without else rows.head(0)
    mean = float(screening.total["mean"])
    mean_without = float(best["remaining"].iloc[-1]) if without else float("nan")
    ahead, behind = _edge(scale, 1), _edge(scale, -1)
    return Outcome(
        **_call(screening),
        window=windows[0] if len(windows) == 1 else None,
        day=int(rows["day"].max()) if running else 0,
        days=int(rows["days"].max()) if running else 0,
        first=starts.min().date() if len(starts) else None,
        last=ends.max().date() if len(ends) else None,
        sessions_differ=starts.nunique() > 1 or ends.nunique() > 1,
        companies=len(screening.once),
        rated=len(rows),
        ahead=int((sides > 0).sum()),
        behind=int((sides < 0).sum()),
        between=int((sides == 0).sum()),
        ahead_bound=ahead[0],
        behind_bound=behind[0],
        ahead_inclusive=ahead[1],
        behind_inclusive=behind[1],
        mean=mean,
        median=float(screening.total["median"]),
        without=without,
        mean_without=mean_without,
        carriers=tuple(
            Carrier(
                str(one["company"]),
                None if is_missing(one["company_en"]) else str(one["company_en"]),
                float(one["relative_return"]),
            )
            for one in best[["company", "company_en", "relative_return"]].to_dict("records")
        ),
        yardsticks=() if screening.comparison == "own" else _yardsticks(rows),
        carried=mean > 0 and without > 0 and mean_without <= 0,
    )


def _yardsticks(rows: pd.DataFrame) -> tuple[Yardstick, ...]:
    named = rows[["benchmark_name", "benchmark_name_en"]].dropna(subset="benchmark_name")
    counted = Counter(named.itertuples(index=False, name=None))
    return tuple(
        Yardstick(str(name), None if is_missing(name_en) else str(name_en), n)
        for (name, name_en), n in counted.most_common()
    )


def _call(screening: Screening) -> dict[str, Any]:
    """The report's own call, and what its basket's mean makes of it."""
    call, found = screening.report.sector_call, screening.sector_call
    scale = screening.report.standard.sector
    if call is None or scale is None:
        return {"called": None, "became": None, "called_side": None, "agrees": None}
    became = found.get("realised_rating")
    agrees = found.get("agrees")
    return {
        "called": call.level,
        "became": became if became in scale.names else None,
        "called_side": scale.side(call.level),
        "agrees": None if is_missing(agrees) else bool(agrees),
    }


def _edge(scale: Any, side: int) -> tuple[float | None, bool]:
    """The bound nearest to zero of the levels on one side, and whether it is theirs."""
    end = "lower" if side > 0 else "upper"
    known = [
        (getattr(level, end) + scale.origin, getattr(level, f"{end}_inclusive"))
        for level in scale.levels
        if scale.side(level.name) == side and getattr(level, end) is not None
    ]
    if not known:
        return None, False
    return min(known, key=lambda one: abs(one[0]))
