"""The figures of a run as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt

LOG = alt.Scale(type="log")
POWERS = alt.Axis(values=[10.0**power for power in range(-4, 9)], format="~g")


def draw(result: dict[str, Any], path: Path) -> None:
    """Write the times of all contenders, and the kernel's growth, as SVG or PNG."""
    rows = [
        {"contender": name, "calls": f"{job['calls']:,} calls", "query": query, "seconds": one[key]}
        for job in result["jobs"]
        for name, one in job["times"].items()
        for query, key in (("first", "first"), ("warm", "warm"))
    ]
    order = list(result["jobs"][-1]["times"])
    times = (
        alt.Chart(alt.Data(values=rows), width=330, height=170)
        .mark_point(filled=True, size=70)
        .encode(
            x=alt.X("seconds:Q", scale=LOG, axis=POWERS, title="seconds (log scale)"),
            y=alt.Y("contender:N", sort=order, title=None),
            shape=alt.Shape("query:N", title=None),
            color=alt.Color("query:N", title=None),
            column=alt.Column("calls:N", sort=None, title=None),
        )
    )
    charts = [times]
    if "microseconds_a_call" in result:
        grown = [{"calls": int(n), "us": us} for n, us in result["microseconds_a_call"].items()]
        charts.append(
            alt.Chart(alt.Data(values=grown), width=330, height=170)
            .mark_line(point=True)
            .encode(
                x=alt.X("calls:Q", scale=LOG, axis=POWERS, title="calls (log scale)"),
                y=alt.Y("us:Q", title="kernel, µs a call, one thread"),
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    alt.vconcat(*charts).save(str(path))
