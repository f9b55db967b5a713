"""Skill or weather: what the measured basket is compared with, and what carried it.

The basket is the total's: whoever is rated in the headline window, each company once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.prices import day_number
from supplychain_screen.research import Event
from supplychain_screen.scoring import CallScores, Paths, relative_paths
from supplychain_screen.scoring.inference import (
    MIN_PLACEBO_MEMBERS,
    BetaAdjusted,
    Bets,
    Concentration,
    EventIntervals,
    EventStudy,
    HitRate,
    Interval,
    PathRisk,
    Placebo,
    basket_changes,
    beta_adjusted,
    concentration,
    effective_bets,
    event_intervals,
    event_study,
    exact_hit_rate,
    mean_interval,
    path_risk,
    placebo,
    primary_row,
    sessions_before,
)
from supplychain_screen.screening.frames import Measured, distinct_calls
from supplychain_screen.screening.output_by_name import output

if TYPE_CHECKING:
    from supplychain_screen.prices.panel import PricePanel

__all__ = [
    "LOST",
    "Basket",
    "Inference",
    "Studies",
    "basket_of",
    "beta_frame",
    "concentration_frame",
    "event_frame",
    "infer",
    "lost_frame",
    "other_benchmarks_frame",
    "parts_frame",
    "study_events",
]

LOST = ("suspended_at_end", "delisted")
"""Reasons of members that were bought on the base and could not be sold at the end."""

Places = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Basket:
    """The rated companies of a report, each once, in its headline window.

    Parameters
    ----------
    measured : Measured
    published, as_of : int
        Day numbers.
    window : int
        Place of the headline window.
    places : ndarray of intp, shape (n,)
        Places of the members among the mentions.
    scores : CallScores, n calls
    paths : Paths
        Of the headline window, a path a member.
    """

    measured: Measured
    published: int
    as_of: int
    window: int
    places: Places
    scores: CallScores
    paths: Paths

    @property
    def panel(self) -> PricePanel:
        """The prices on the grid of days."""
        return self.measured.panel

    @property
    def relative(self) -> Floats:
        """Relative return of each member, fractions, shape (n,)."""
        found: Floats = self.scores.relative.by(self.measured.rules.comparison)[self.window]
        return found

    @property
    def hit(self) -> npt.NDArray[np.bool_]:
        """True for members in a level above the one that 0 falls in, shape (n,)."""
        zero = self.measured.report.standard.stock.rate(np.zeros(1))[0]
        above: npt.NDArray[np.bool_] = self.scores.rating[self.window] < zero
        return above

    @property
    def sessions(self) -> npt.NDArray[np.int32]:
        """Sessions of the report's primary market before publication; day numbers."""
        return sessions_before(self.panel, self.primary_row, self.published)

    @property
    def primary_row(self) -> int:
        """Row whose exchange is the report's primary market."""
        return primary_row(self.panel, self.measured.report.standard, self.scores.rows)

    @property
    def weights(self) -> Floats | None:
        """Weights of suppliers.csv over the members, adding up to 1; None where it has none."""
        given = [self.measured.mentions[int(place)].weight for place in self.places]
        if not any(given):
            return None
        weights = np.array([one or 0.0 for one in given])
        shares: Floats = weights / weights.sum()
        return shares

    def segments(self) -> dict[str, Places]:
        """Rated mentions of each segment, in report order: a company counts in each of its own."""
        scores = self.measured.primary
        rated = scores.rating[self.window] >= 0
        found: dict[str, list[int]] = {}
        for place, mention in enumerate(self.measured.mentions):
            members = found.setdefault(mention.segment, [])
            if rated[place]:
                members.append(place)
        return {name: np.array(members, np.intp) for name, members in found.items()}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inference:
    """How unusual the basket of a report is, what it hangs on, and what it was like to hold.

    Parameters
    ----------
    placebo : Placebo
        Its rank among the same basket's own earlier dates.
    interval : Interval
        Of its mean over such a window.
    segments : dict of str to Placebo
        The rank of each segment; the reason where it has fewer than five rated members.
    hit_rate : HitRate
        With its exact interval, which describes the count and proves nothing.
    concentration : Concentration
    bets : Bets
    beta : BetaAdjusted
    risk : PathRisk
    bounds : tuple of float
        Of the rating scale, fractions.
    simulated : bool
        True where the prices were never seen on a market.
    """

    placebo: Placebo
    interval: Interval
    segments: dict[str, Placebo]
    hit_rate: HitRate
    concentration: Concentration
    bets: Bets
    beta: BetaAdjusted
    risk: PathRisk
    bounds: tuple[float, ...] = ()
    simulated: bool = False

    def chart(self, **options: Any) -> Any:
        """An Altair chart: the basket's mean from every earlier date, and the realised one."""
        return output("inference_chart")(self, **options)

    def __repr__(self) -> str:
        return str(output("inference_sentence")(self).en)


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """What the whole and each segment did around the report's dated events.

    Parameters
    ----------
    groups : tuple of str
        The empty name for the whole basket, then each segment of at least five rated members.
    days, spans : tuple of Event
        Events dated to the day, and those dated to a month or a year.
    study : EventStudy
        Of ``days``.
    intervals : EventIntervals
        Of ``spans``.
    """

    groups: tuple[str, ...]
    days: tuple[Event, ...]
    spans: tuple[Event, ...]
    study: EventStudy
    intervals: EventIntervals


def basket_of(measured: Measured, published: date, as_of: date) -> Basket:
    """The basket of the total, as one thing to be studied."""
    scores = measured.primary
    places = np.array(distinct_calls(measured.mentions), np.intp)
    window = int(scores.headline[0])
    places = places[scores.rating[window, places] >= 0]
    once = scores.take(places)
    paths = relative_paths(measured.panel, once, window)
    return Basket(measured, day_number(published), day_number(as_of), window, places, once, paths)


def infer(basket: Basket, *, level: float = 0.90) -> Inference:
    """Every study of the basket that needs nothing but its prices."""
    measured, rules = basket.measured, basket.measured.rules
    scores = measured.primary
    name = rules.windows[basket.window]
    sessions = basket.sessions

    def ranked(places: Places, least: int) -> Placebo:
        return placebo(
            basket.panel,
            scores.rows[places],
            scores.benchmark_rows[places],
            basket.published,
            basket.as_of,
            rules,
            name,
            least=least,
            sessions=sessions,
            suspects=measured.suspects,
        )

    hit = basket.hit
    return Inference(
        ranked(basket.places, 1),
        mean_interval(basket_changes(basket.paths, rules.comparison), level=level),
        {
            segment: ranked(places, MIN_PLACEBO_MEMBERS)
            for segment, places in basket.segments().items()
        },
        exact_hit_rate(int(hit.sum()), int(hit.size), level=level),
        concentration(basket.relative),
        effective_bets(basket.paths),
        beta_adjusted(basket.panel, basket.scores, basket.window, suspects=measured.suspects),
        path_risk(basket.paths, rules.comparison, rules.cuts),
        tuple(measured.report.standard.stock.bounds),
        basket.panel.simulated,
    )


def _who(basket: Basket) -> pd.DataFrame:
    """Who each member of the basket is."""
    measured = basket.measured
    chosen = [measured.mentions[place] for place in basket.places]
    return pd.DataFrame(
        {
            "order": np.array([one.order for one in chosen], np.int64),
            "segment": [one.segment for one in chosen],
            "company": [one.company for one in chosen],
            "company_en": [one.company_en for one in chosen],
            "listing": [one.listing for one in chosen],
        }
    )


def concentration_frame(basket: Basket) -> pd.DataFrame:
    """Members from the best down, and the mean of those that remain without them."""
    found = concentration(basket.relative)
    n = found.order.size
    frame = _who(basket).iloc[found.order].reset_index(drop=True)
    frame.insert(0, "rank", np.arange(1, n + 1))
    frame["relative_return"] = basket.relative[found.order]
    frame["contribution"] = found.contribution
    frame["remaining"] = np.append(found.remaining[1:], np.full(min(n, 1), np.nan))
    frame["leave_one_out"] = found.leave_one_out[found.order]
    return frame


def beta_frame(basket: Basket, found: BetaAdjusted) -> pd.DataFrame:
    """Beta of each member, with its standard error, and its adjusted figure beside the plain."""
    frame = _who(basket)
    frame["beta"] = found.beta
    frame["beta_error"] = found.beta_error
    frame["sessions"] = found.sessions
    frame["relative_return"] = found.plain
    frame["beta_adjusted"] = found.adjusted
    return frame


def parts_frame(basket: Basket) -> pd.DataFrame:
    """The mean by benchmark, the report's own market alone, and the other comparison."""
    measured, relative, hit = basket.measured, basket.relative, basket.hit
    other = basket.scores.relative
    listings = [measured.listing(int(place)) for place in basket.places]
    benchmarks = np.array(
        [one.name if (one := measured.benchmark(int(place))) else "" for place in basket.places],
        dtype=object,
    )
    standard = measured.report.standard
    markets = np.array(
        [market.name if one and (market := standard.market_of(one.id)) else "" for one in listings],
        dtype=object,
    )
    own = standard.markets[0].name if standard.markets else ""
    everyone = np.ones(relative.size, np.bool_)
    asked: list[tuple[str, str, npt.NDArray[np.bool_]]] = [("all", "", everyone)]
    if own and (markets != own).any():
        asked.append(("own_market", own, markets == own))
    asked += [("benchmark", name, benchmarks == name) for name in dict.fromkeys(benchmarks)]
    rows = [
        {
            "part": part,
            "name": name,
            "members": int(chosen.sum()),
            **_figures(relative[chosen], hit[chosen]),
            "contribution": float(relative[chosen].sum() / relative.size),
            "difference": _mean(other.difference[basket.window, chosen]),
            "ratio": _mean(other.ratio[basket.window, chosen]),
        }
        for part, name, chosen in asked
        if relative.size
    ]
    weights = basket.weights
    if weights is not None:
        rows.append(
            {
                "part": "weighted",
                "name": "suppliers.csv",
                "members": int((weights > 0).sum()),
                "mean": float(weights @ relative),
                "median": float("nan"),
                "hit_rate": float(weights @ hit),
                "contribution": float(weights @ relative),
                "difference": float(weights @ other.difference[basket.window]),
                "ratio": float(weights @ other.ratio[basket.window]),
            }
        )
    return pd.DataFrame(rows, columns=_PARTS)


_PARTS = [
    "part",
    "name",
    "members",
    "mean",
    "median",
    "hit_rate",
    "contribution",
    "difference",
    "ratio",
]


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _figures(values: npt.NDArray[np.float64], hit: npt.NDArray[np.bool_]) -> dict[str, float]:
    if not values.size:
        return dict.fromkeys(("mean", "median", "hit_rate"), float("nan"))
    return {
        "mean": float(values.mean()),
        "median": float(np.median(values)),
        "hit_rate": float(hit.mean()),
    }


def other_benchmarks_frame(basket: Basket) -> pd.DataFrame:
    """Members against every benchmark of their market but the primary one."""
    measured, window = basket.measured, basket.window
    who, rules = _who(basket), measured.rules
    blocks = []
    for role, scores in enumerate(measured.scores[1:], start=1):
        named = [measured.benchmark(int(place), role) for place in basket.places]
        at = np.array([k for k, index in enumerate(named) if index is not None], np.intp)
        places = basket.places[at]
        frame = who.iloc[at].reset_index(drop=True)
        ids = [str(index.id) for index in named if index is not None]
        frame["benchmark"] = ids
        frame["users_choice"] = [
            measured.report.standard.is_extension(listing, index)
            for listing, index in zip(frame["listing"], ids, strict=True)
        ]
        frame["relative_return"] = scores.relative.by(rules.comparison)[window, places]
        frame["rating"] = measured.rating_names(scores.rating[window, places])
        frame["primary_relative_return"] = basket.relative[at]
        frame["primary_rating"] = measured.rating_names(basket.scores.rating[window, at])
        blocks.append(frame)
    if not blocks:
        return who.iloc[:0].assign(
            benchmark=[],
            users_choice=[],
            relative_return=[],
            rating=[],
            primary_relative_return=[],
            primary_rating=[],
        )
    return pd.concat(blocks, ignore_index=True)


def lost_frame(companies: pd.DataFrame) -> pd.DataFrame:
    """Members that were lost after the base, and how far they had gone when last traded."""
    lost = companies[companies["reason"].isin(LOST)]
    columns = ["order", "segment", "company", "company_en", "listing", "reason"]
    figures = ["end_session", "return", "benchmark_return", "relative_return"]
    return lost[[*columns, *figures]].reset_index(drop=True)


def study_events(basket: Basket, *, level: float = 0.90) -> Studies:
    """The report's dated events as a study: paths around days, returns over months."""
    measured = basket.measured
    segments = {
        name: places
        for name, places in basket.segments().items()
        if places.size >= MIN_PLACEBO_MEMBERS
    }
    everyone = np.union1d(basket.places, np.concatenate([basket.places, *segments.values()]))
    names = ("", *segments)
    groups = np.array([np.isin(everyone, one) for one in (basket.places, *segments.values())])
    days = tuple(one for one in measured.report.events if one.precision == "day")
    spans = tuple(one for one in measured.report.events if one.precision != "day")
    scores, panel = measured.primary, basket.panel
    asked: Any = {
        "sessions": sessions_before(panel, basket.primary_row, basket.as_of + 1),
        "as_of": basket.as_of,
        "rules": measured.rules,
        "level": level,
        "suspects": measured.suspects,
    }
    members = (panel, scores.rows[everyone], scores.benchmark_rows[everyone], groups)
    study = event_study(*members, events=_numbers([one.first for one in days]), **asked)
    intervals = event_intervals(
        *members,
        first=_numbers([one.first for one in spans]),
        last=_numbers([one.last for one in spans]),
        **asked,
    )
    return Studies(names, days, spans, study, intervals)


def _numbers(days: Sequence[date]) -> npt.NDArray[np.int32]:
    return np.array([day_number(one) for one in days], np.int32)


def event_frame(found: Studies) -> pd.DataFrame:
    """One row an event and group: what it did, and the band of other days.

    A day's figure is the mean relative return from ten sessions before it to twenty after it, and
    ``path`` holds all 31 points; a span's runs over the span.
    """
    rows = []
    for at, event in enumerate(found.days):
        for group, name in enumerate(found.groups):
            path = found.study.mean[at, group]
            rows.append(
                {
                    **_event(event, name),
                    "members": int(found.study.members[at, group]),
                    "mean": float(path[-1]),
                    "low": float(found.study.low[group, -1]),
                    "high": float(found.study.high[group, -1]),
                    "dates": int(found.study.dates[group]),
                    "path": tuple(path.tolist()),
                }
            )
    for at, event in enumerate(found.spans):
        for group, name in enumerate(found.groups):
            spans = found.intervals
            rows.append(
                {
                    **_event(event, name),
                    "members": int(spans.members[at, group]),
                    "mean": float(spans.mean[at, group]),
                    "low": float(spans.low[at, group]),
                    "high": float(spans.high[at, group]),
                    "dates": int(spans.dates[at, group]),
                    "path": (),
                }
            )
    columns = [
        "date",
        "precision",
        "text_zh",
        "text_en",
        "segment",
        "members",
        "mean",
        "low",
        "high",
        "dates",
        "path",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("date", kind="stable").reset_index(drop=True)


def _event(event: Event, group: str) -> dict[str, Any]:
    return {
        "date": event.label,
        "precision": event.precision,
        "text_zh": event.text_zh,
        "text_en": event.text_en,
        "segment": group or None,
    }
