"""What every output says beside the table: one list of figures, each for two readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from supplychain_screen.words import Message, Phrase, message, study_name

if TYPE_CHECKING:
    from supplychain_screen.screening import Inference, Screening

__all__ = ["KeyFigure", "inference_sentence", "key_figures"]

NOTABLE_POINTS = 0.005
"""Difference and ratio are told apart where their means differ by half a percentage point."""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure in words.

    Parameters
    ----------
    key : str
        Name of the figure in `supplychain_screen.words.study_name`.
    plain : Message
        What a manager reads.
    exact : Message or None
        What a statistician asks: method, n, limits.
    """

    key: str
    plain: Message
    exact: Message | None = None

    @property
    def name(self) -> Phrase:
        """What the figure is called."""
        return study_name(self.key)

    @property
    def brief(self) -> Message:
        """Its name and the manager's sentence."""
        return message("study.line", figure=self.key, plain=self.plain)

    @property
    def full(self) -> Message:
        """Its name and both sentences."""
        if self.exact is None:
            return self.brief
        return message("study.line.exact", figure=self.key, plain=self.plain, exact=self.exact)


def inference_sentence(found: Inference) -> Phrase:
    """How unusual the basket is and what carried it, in a sentence or two.

    Parameters
    ----------
    found : Inference
    """
    if not found.placebo.rated:
        return message("study.nobody").phrase
    parts = (_placebo(found), _interval(found), *_concentration(found))
    said = message(
        "study.sentence",
        mark=message("study.marked" if found.simulated else "study.unmarked"),
        said=message("study.joined", parts=tuple(one.plain.phrase for one in parts)),
    )
    return said.phrase


def key_figures(screening: Screening) -> tuple[KeyFigure, ...]:
    """The figures of a screening in the order in which every output says them.

    Parameters
    ----------
    screening : Screening

    Returns
    -------
    tuple of KeyFigure
        How unusual the mean is, its interval, what carried it, independent bets, hit rate and
        base rate, parts, difference beside ratio (where they differ by half a point), members
        lost (where there are any), beta, risk of the path. Empty where nobody is rated.
    """
    found = screening.inference()
    if not found.placebo.rated:
        return ()
    said = [
        _placebo(found),
        _interval(found),
        *_concentration(found),
        *_bets(found),
        _hit_rate(found),
        *_parts(screening),
        *_other_benchmarks(screening),
        *_lost(screening),
        *_beta(found),
        *_risk(found),
    ]
    return tuple(said)


def _placebo(found: Inference) -> KeyFigure:
    past = found.placebo
    if past.reason:
        return KeyFigure("placebo", message("study.none", reason=past.reason))
    return KeyFigure(
        "placebo",
        message(
            "study.placebo",
            dates=past.base_day.size,
            usual=past.usual,
            realised=past.realised,
            rank=past.rank,
        ),
        message(
            "study.placebo.how",
            dates=past.base_day.size,
            windows=past.windows,
            overlapping=past.overlapping,
        ),
    )


def _interval(found: Inference) -> KeyFigure:
    one = found.interval
    if one.reason:
        return KeyFigure("interval", message("study.none", reason=one.reason))
    return KeyFigure(
        "interval",
        message("study.interval", sessions=one.sessions, low=one.low, high=one.high),
        message(
            "study.interval.how", level=one.level, error=one.standard_error, cosines=one.cosines
        ),
    )


def _concentration(found: Inference) -> list[KeyFigure]:
    one = found.concentration
    n = one.remaining.size
    if n < 2:
        return []
    low, high = float(one.leave_one_out.min()), float(one.leave_one_out.max())
    # Where the mean is above 0: so many names carry it. Else the three best, as far as there are.
    gone = min(one.until_not_above_zero or 3, n - 1)
    plain = message("study.concentration", gone=gone, remaining=float(one.remaining[gone]))
    if not np.isfinite(one.shares).all():
        return [
            KeyFigure(
                "concentration", plain, message("study.concentration.range", low=low, high=high)
            )
        ]
    first, third, fifth = one.shares
    exact = message(
        "study.concentration.shares", one=first, three=third, five=fifth, low=low, high=high
    )
    return [KeyFigure("concentration", plain, exact)]


def _bets(found: Inference) -> list[KeyFigure]:
    one = found.bets
    if one.reason:
        return []
    return [
        KeyFigure(
            "bets",
            message("study.bets", members=one.members, effective=one.effective),
            message("study.bets.how", correlation=one.correlation),
        )
    ]


def _hit_rate(found: Inference) -> KeyFigure:
    one = found.hit_rate
    if found.placebo.reason:
        plain = message("study.hit_rate.alone", hits=one.hits, of=one.of, rate=one.rate)
    else:
        base = found.placebo.base_rate
        plain = message("study.hit_rate", hits=one.hits, of=one.of, rate=one.rate, base=base)
    exact = message("study.hit_rate.how", level=one.level, low=one.low, high=one.high)
    return KeyFigure("hit_rate", plain, exact)


def _parts(screening: Screening) -> list[KeyFigure]:
    parts = screening.parts
    rows: list[dict[str, Any]] = [
        {str(key): value for key, value in row.items()} for row in parts.to_dict("records")
    ]
    whole = rows[0]
    said = []
    benchmarks = [row for row in rows if row["part"] == "benchmark" and row["name"]]
    own = [row for row in rows if row["part"] == "own_market" and row["members"]]
    if len(benchmarks) > 1:
        each = tuple(
            message("study.part", members=row["members"], name=row["name"], mean=row["mean"])
            for row in benchmarks
        )
        exact = message("study.parts.median", median=whole["median"])
        if own:
            exact = message(
                "study.parts.how",
                median=whole["median"],
                members=own[0]["members"],
                own=own[0]["mean"],
                own_median=own[0]["median"],
            )
        said.append(
            KeyFigure("parts", message("study.parts", parts=each, mean=whole["mean"]), exact)
        )
    said += [
        KeyFigure("weighted", message("study.weighted", weighted=row["mean"], mean=whole["mean"]))
        for row in rows
        if row["part"] == "weighted"
    ]
    if abs(whole["difference"] - whole["ratio"]) >= NOTABLE_POINTS:
        said.append(
            KeyFigure(
                "comparison",
                message("study.comparison", difference=whole["difference"], ratio=whole["ratio"]),
            )
        )
    return said


def _other_benchmarks(screening: Screening) -> list[KeyFigure]:
    """What a user's own benchmarks say beside the report's, or in place of none."""
    standard = screening.report.standard
    frame = screening.other_benchmarks
    chosen = frame[frame["users_choice"].astype(bool) & (frame["rating"] != "unrated")]
    said = [
        message(
            "study.benchmark",
            n=len(rows),
            index=str(index).removeprefix("INDEX:"),
            mean=float(rows["relative_return"].mean()),
            own=float(rows["primary_relative_return"].mean()),
            turned=int((rows["rating"] != rows["primary_rating"]).sum()),
        )
        for index, rows in chosen.groupby("benchmark", sort=True)
    ]
    only = [
        message(
            "study.benchmark.only",
            market=market.name,
            index=market.benchmarks[0].removeprefix("INDEX:"),
        )
        for market in standard.markets
        if market.benchmarks and market.benchmarks[0] in market.extensions
    ]
    return [KeyFigure("benchmark", one) for one in (*said, *only)]


def _lost(screening: Screening) -> list[KeyFigure]:
    lost = screening.lost
    gone = lost["relative_return"].dropna()
    if gone.empty:
        return []
    return [KeyFigure("lost", message("study.lost", n=len(lost), mean=float(gone.mean())))]


def _beta(found: Inference) -> list[KeyFigure]:
    one = found.beta
    if not one.members:
        return []
    return [
        KeyFigure(
            "beta",
            message(
                "study.beta",
                adjusted=one.mean_adjusted,
                plain=one.mean_plain,
                members=one.members,
            ),
            message("study.beta.how", beta=one.basket.beta, error=one.basket.beta_error),
        )
    ]


def _risk(found: Inference) -> list[KeyFigure]:
    one = found.risk
    if not np.isfinite(one.information_ratio):
        return []
    peak, trough = (np.datetime64(int(day), "D") for day in (one.peak_day, one.trough_day))
    return [
        KeyFigure(
            "risk",
            message("study.risk", drawdown=-one.drawdown, peak=str(peak), trough=str(trough)),
            message("study.risk.how", error=one.tracking_error, ratio=one.information_ratio),
        )
    ]
