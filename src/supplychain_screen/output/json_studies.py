"""What version 2 of the machine output adds: path, crossings, concentration, inference."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from supplychain_screen.output.json_values import plain_day, plain_value
from supplychain_screen.scoring import NO_DAY

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.scoring.inference import Placebo
    from supplychain_screen.screening import Screening

__all__ = ["concentration_of", "crossings_of", "inference_of", "paths_by_mention"]


def paths_by_mention(screening: Screening) -> dict[int, dict[str, list[Any]]]:
    """Sessions and relative returns of each mention's path, by its place in the report."""
    paths = screening.paths
    sessions = np.datetime_as_string(paths["session"].to_numpy(), unit="D")
    values = paths["relative_return"].to_numpy(dtype=float)
    order = paths["order"].to_numpy()
    starts = np.flatnonzero(np.diff(order, prepend=-1))
    return {
        int(order[first]): {
            "sessions": sessions[first:last].tolist(),
            "relative_return": [plain_value(value) for value in values[first:last].tolist()],
        }
        for first, last in itertools.pairwise([*starts, order.size])
    }


def crossings_of(screening: Screening) -> list[dict[str, Any]]:
    """Extremes of each mention's path and the first crossing of each bound, a row of companies."""
    found = screening.path_figures
    return [
        {
            "best": plain_value(found.best[i]),
            "best_session": _day_number(found.best_session[i]),
            "worst": plain_value(found.worst[i]),
            "worst_session": _day_number(found.worst_session[i]),
            "bounds": [
                {
                    "bound": cut,
                    "direction": "up" if found.direction[place] > 0 else "down",
                    "session": _day_number(found.crossed_session[place, i]),
                    "after": int(after) if (after := found.crossed_after[place, i]) >= 0 else None,
                }
                for place, cut in enumerate(_bounds(found.cuts))
            ],
        }
        for i in range(found.best.size)
    ]


def concentration_of(screening: Screening) -> dict[str, Any]:
    """What carried the basket: shares of the best, and what remains without them."""
    found = screening.inference().concentration
    first, third, fifth = (plain_value(share) for share in found.shares)
    return {
        "share_of_best": {"1": first, "3": third, "5": fifth},
        "best_until_not_above_zero": found.until_not_above_zero if found.order.size else None,
        "members": _records(screening.concentration),
    }


def inference_of(screening: Screening) -> dict[str, Any]:
    """How unusual the basket is, its parts, its beta, its events and the risk of its path."""
    found = screening.inference()
    interval, bets, beta, risk = found.interval, found.bets, found.beta, found.risk
    return {
        "placebo": _placebo(found.placebo),
        "segments": [
            {"segment": segment, **_placebo(past)} for segment, past in found.segments.items()
        ],
        "interval": {
            "low": plain_value(interval.low),
            "high": plain_value(interval.high),
            "level": interval.level,
            "realised": plain_value(interval.realised),
            "standard_error": plain_value(interval.standard_error),
            "cosines": interval.cosines,
            "sessions": interval.sessions,
            "reason": interval.reason or None,
        },
        "hit_rate": {
            "hits": found.hit_rate.hits,
            "of": found.hit_rate.of,
            "rate": plain_value(found.hit_rate.rate),
            "low": plain_value(found.hit_rate.low),
            "high": plain_value(found.hit_rate.high),
            "level": found.hit_rate.level,
            "base_rate": plain_value(found.placebo.base_rate),
        },
        "bets": {
            "members": bets.members,
            "correlation": plain_value(bets.correlation),
            "effective": plain_value(bets.effective),
            "reason": bets.reason or None,
        },
        "beta": {
            "mean_adjusted": plain_value(beta.mean_adjusted),
            "mean_plain": plain_value(beta.mean_plain),
            "members": beta.members,
            "basket_beta": plain_value(beta.basket.beta),
            "basket_beta_error": plain_value(beta.basket.beta_error),
            "companies": _records(screening.betas),
        },
        "risk": {
            "drawdown": plain_value(risk.drawdown),
            "peak": _day_number(risk.peak_day),
            "trough": _day_number(risk.trough_day),
            "recovered": _day_number(risk.recovered_day),
            "tracking_error": plain_value(risk.tracking_error),
            "information_ratio": plain_value(risk.information_ratio),
            "months": [
                {"month": str(month), "relative_return": plain_value(value)}
                for month, value in zip(risk.month, risk.monthly, strict=True)
            ],
            "time_below": [
                {"bound": cut, "share": plain_value(share)}
                for cut, share in zip(_bounds(risk.cuts), risk.below, strict=True)
            ],
        },
        "parts": _records(screening.parts),
        "lost": _records(screening.lost),
        "other_benchmarks": _records(screening.other_benchmarks),
        "events": _records(screening.events),
    }


def _placebo(past: Placebo) -> dict[str, Any]:
    return {
        "dates": int(past.base_day.size),
        "first": _day_number(past.base_day[0]) if past.base_day.size else None,
        "last": _day_number(past.base_day[-1]) if past.base_day.size else None,
        "rated": past.rated,
        "realised": plain_value(past.realised),
        "rank": plain_value(past.rank),
        "windows": plain_value(past.windows),
        "overlapping": plain_value(past.overlapping),
        "usual": plain_value(past.usual),
        "reason": past.reason or None,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            str(name): [plain_value(one) for one in value]
            if isinstance(value, tuple)
            else plain_value(value)
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def _bounds(cuts: Sequence[float]) -> list[float]:
    """Cuts as the standard prints its bounds: without the tolerance of a comparison."""
    return [round(cut, 9) if math.isfinite(cut) else cut for cut in cuts]


def _day_number(day: Any) -> str | None:
    """An ISO date; None for the numbers that stand for no day."""
    number = int(day)
    return None if number in (-1, int(NO_DAY)) else plain_day(np.datetime64(number, "D"))
