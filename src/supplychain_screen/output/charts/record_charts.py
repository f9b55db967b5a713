"""Altair charts of a track record: its league, its calibration, its rate through time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output.charts.layers import INK, MUTED, TEXT, dressed
from supplychain_screen.output.record_columns import CHANCE
from supplychain_screen.output.record_sentences import (
    league_title,
    level_name,
    months_of,
    points,
    rate,
    side_name,
)
from supplychain_screen.output.safety import visible_text
from supplychain_screen.words import (
    RECORD_HEADS,
    RECORD_VERDICTS,
    Colours,
    Lang,
    colour_names,
    default_colours,
    message,
)

if TYPE_CHECKING:
    import altair as alt

    from supplychain_screen.record import LeagueKey, TrackRecord

__all__ = ["RecordKind", "record_chart"]

RecordKind = Literal["league", "calibration", "months"]

ROWS: Final = 60
"""Most ranked rows drawn, the first and the last of them."""


def record_chart(
    record: TrackRecord,
    kind: RecordKind = "league",
    *,
    by: LeagueKey = "firm",
    window: str | None = None,
    lang: Lang = "zh",
    colours: Colours | None = None,
) -> alt.LayerChart:
    """An Altair chart of ``record``, its data inside, which a notebook shows offline.

    Parameters
    ----------
    record : TrackRecord
    kind : {"league", "calibration", "months"}
        ``league``: shrunk excess with its interval and the raw one; where no difference was
        found, the raw one and what luck alone does. ``calibration``: called against realised
        level. ``months``: hit rate by month of publication.
    by : str
        What the league is made by.
    window : str, optional
        ``6m``; the first where it is not given.
    lang : {"zh", "en"}
    colours : {"china", "west", "blue"}, optional
        Which colour means up; what readers of the language are used to where it is left out.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    CallsError
        There is no such league or window.
    InputError
        The kind is unknown, or there is nothing yet to draw.
    """
    if kind not in get_args(RecordKind):
        known = ", ".join(get_args(RecordKind))
        raise InputError(Problem(f"no chart is called {kind!r}", f"choose one of {known}"))
    import altair as alt

    league = record.league(by, window)
    draw = _RecordDrawing(alt, record, league.window, lang, colours or default_colours(lang))
    if kind == "league":
        layers, title = draw.league(league), league_title(league)
    else:
        layers, title = getattr(draw, kind)(), RECORD_HEADS[kind]
    about = message(
        "record.chart.about", months=months_of(league.window), as_of=record.as_of
    ).phrase
    word = "SIMULATED · " if record.simulated else ""
    chart: alt.LayerChart = dressed(
        alt,
        layers,
        word + title.of(lang),
        about.of(lang),
        height=draw.height,
        simulated=record.simulated,
    )
    return chart


class _RecordDrawing:
    """The layers of each kind of chart, for one record in one language."""

    def __init__(
        self, alt: Any, record: TrackRecord, window: str, lang: Lang, colours: Colours
    ) -> None:
        self.alt, self.record, self.window, self.lang = alt, record, window, lang
        up, down = colour_names(colours)
        self.ink = {"better": INK[up], "worse": INK[down], "not_told_apart": INK["flat"]}
        self.height = 280

    def _layer(self, rows: list[dict[str, Any]]) -> Any:
        if not rows:
            raise InputError(
                Problem("There is nothing to draw yet.", "give a later as_of, or more calls")
            )
        return self.alt.Chart(self.alt.Data(values=rows))

    def league(self, league: Any) -> list[Any]:
        """Rows as dots with intervals, the best on top."""
        alt = self.alt
        frame = league.frame[league.frame["verdict"] != "too_few"]
        if len(frame) > ROWS:
            half = ROWS // 2
            frame = frame.iloc[[*range(half), *range(len(frame) - half, len(frame))]]
        rows = []
        for row in frame.to_dict("records"):
            low, high = row["shrunk_low"], row["shrunk_high"]
            if not league.ordered:
                low, high = -CHANCE * row["excess_sd"], CHANCE * row["excess_sd"]
            key = row[league.by]
            name = side_name(key).of(self.lang) if league.by == "side" else str(key)
            rows.append(
                {
                    "name": visible_text(name)[:60],
                    "raw": 100 * row["excess"],
                    "estimate": 100 * row["shrunk_excess"] if league.ordered else None,
                    "low": 100 * low,
                    "high": 100 * high,
                    "verdict": row["verdict"],
                    "said": RECORD_VERDICTS[row["verdict"]].of(self.lang),
                    "n": int(row["ranked_n"]),
                    "interval": f"{points(low)} … {points(high)}",
                }
            )
        self.height = 17 * len(rows) + 20
        base = self._layer(rows).encode(
            y=alt.Y("name:N", sort=[row["name"] for row in rows], title=None),
            color=alt.Color(
                "verdict:N",
                scale=alt.Scale(domain=list(self.ink), range=list(self.ink.values())),
                legend=None,
            ),
        )
        title = message("record.excess").of(self.lang)
        axis = alt.Axis(title=title, labelExpr="format(datum.value, '+')")
        tips = ["name:N", "said:N", "interval:N", "n:Q"]
        bars = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
            x=alt.X("low:Q", axis=axis), x2="high:Q"
        )
        raw = base.mark_point(size=34, filled=True, fill="#ffffff", stroke=MUTED, opacity=1).encode(
            x="raw:Q", tooltip=tips, color=alt.value(MUTED)
        )
        solid = base.mark_point(size=52, filled=True, opacity=1).encode(
            x="estimate:Q", tooltip=tips
        )
        zero = (
            alt.Chart(alt.Data(values=[{"value": 0.0}])).mark_rule(color=TEXT).encode(x="value:Q")
        )
        return [zero, bars, raw, *([solid] if league.ordered else [])]

    def calibration(self) -> list[Any]:
        """A square a pair of called and realised level, darker for a larger share."""
        alt, record = self.alt, self.record
        names = {
            level.name: level_name(record, level.name).of(self.lang)
            for level in record.standard.stock.levels
        }
        rows = [
            {
                "called": names[row["called"]],
                "realised": names[row["realised"]],
                "share": row["share"],
                "label": f"{rate(row['share'])} ({row['n']:,})",
            }
            for row in record.calibration(self.window).to_dict("records")
            if row["called_n"]
        ]
        order = list(names.values())
        self.height = 70 * len(order)
        base = self._layer(rows).encode(
            x=alt.X(
                "realised:N",
                sort=order,
                title=RECORD_HEADS["realised"].of(self.lang),
                axis=alt.Axis(labelAngle=0, orient="top"),
            ),
            y=alt.Y("called:N", sort=order, title=RECORD_HEADS["called"].of(self.lang)),
        )
        boxes = base.mark_rect(stroke="#fff", strokeWidth=2).encode(
            color=alt.Color(
                "share:Q", scale=alt.Scale(domain=[0, 1], range=["#f5f6f8", "#1d4f80"]), legend=None
            )
        )
        dark = alt.condition("datum.share > 0.6", alt.value("#fff"), alt.value(TEXT))
        return [boxes, base.mark_text(fontSize=14).encode(text="label:N", color=dark)]

    def months(self) -> list[Any]:
        """The hit rate of each month of publication with its interval."""
        alt = self.alt
        frame = self.record.by_month(self.window)
        rows = [
            {
                "month": row["month"],
                "rate": row["beat"],
                "low": row["beat_low"],
                "high": row["beat_high"],
                "n": int(row["beat_n"]),
            }
            for row in frame.to_dict("records")
            if row["beat_n"]
        ]
        title = RECORD_HEADS["beat"].of(self.lang)
        base = self._layer(rows).encode(
            x=alt.X(
                "month:O",
                title=None,
                scale=alt.Scale(domain=frame["month"].tolist()),
                axis=alt.Axis(labelAngle=-45, labelOverlap=True),
            )
        )
        y = alt.Y("low:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=title, format=".0%"))
        whiskers = base.mark_rule(strokeWidth=5, opacity=0.3, color="#1d4f80").encode(
            y=y, y2="high:Q"
        )
        dots = base.mark_point(size=46, filled=True, opacity=1, color=TEXT).encode(
            y="rate:Q",
            tooltip=["month:O", alt.Tooltip("rate:Q", format=".1%"), "n:Q"],
        )
        return [whiskers, dots]
