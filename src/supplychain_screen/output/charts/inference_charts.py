"""The basket's mean from every earlier date as a histogram, and where the realised one stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output.charts.layers import INK, MUTED, TEXT, dressed
from supplychain_screen.words import COLUMNS, Lang, message, percent

if TYPE_CHECKING:
    from supplychain_screen.screening import Inference

__all__ = ["inference_chart"]

_BINS = 30


def inference_chart(found: Inference, *, lang: Lang = "zh") -> Any:
    """An Altair chart of `Screening.inference`, its data inside, which a notebook shows offline.

    Parameters
    ----------
    found : Inference
    lang : {"zh", "en"}

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    InputError
        There is no rank to be drawn; the message says why.
    """
    past = found.placebo
    if past.reason:
        raise InputError(Problem("there is nothing to draw", f"no rank is said: {past.reason}"))
    import altair

    alt: Any = altair
    counts, edges = np.histogram(past.mean, bins=_BINS)
    rows = [
        {"low": round(float(a), 6), "high": round(float(b), 6), "n": int(n)}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    label = "datum.value == 0 ? '0%' : format(datum.value, '+.0%')"
    axis = alt.Axis(title=COLUMNS["mean"].of(lang), labelExpr=label, grid=False, tickCount=8)
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_rect(color=INK["none"], stroke="#ffffff")
        .encode(
            x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y("n:Q", title=message("study.dates").of(lang), scale=alt.Scale(domainMin=0)),
            y2=alt.datum(0),
            tooltip=["low:Q", "high:Q", "n:Q"],
        )
    )

    def rule(values: list[float], **look: Any) -> Any:
        data = alt.Data(values=[{"value": one} for one in values])
        return alt.Chart(data).mark_rule(**look).encode(x="value:Q")

    about = message(
        "study.chart_about",
        n=past.base_day.size,
        realised=percent(past.realised),
        rank=past.rank,
    )
    title = message("study.chart").of(lang)
    layers = [
        bars,
        rule([0.0], color=TEXT, strokeWidth=1),
        rule([one for one in found.bounds if one], color=MUTED, strokeDash=[4, 3]),
        rule([past.realised], color=INK["red"], strokeWidth=3),
    ]
    return dressed(
        alt,
        layers,
        f"SIMULATED · {title}" if found.simulated else title,
        about.of(lang),
        height=260,
        simulated=found.simulated,
    )
