"""The layers of every kind of chart, in one language and one setting of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output.charts.fonts import cjk_family, font_stack
from supplychain_screen.output.columns import Reader, Style
from supplychain_screen.output.page import domain, spread
from supplychain_screen.output.path_grid import months_of, paths_of
from supplychain_screen.output.rating_words import rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import interim_calls
from supplychain_screen.words import (
    COLUMNS,
    Colours,
    Lang,
    Phrase,
    colour_names,
    is_missing,
    message,
    name_phrase,
    percent,
    window_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["INK", "MUTED", "TEXT", "WIDTH", "Drawing", "Kind", "dressed"]

Kind = Literal["segments", "companies", "paths", "heatmap", "migration"]

INK: Final = {
    "red": "#b42318",
    "green": "#157347",
    "blue": "#0b5cad",
    "orange": "#b45309",
    "flat": "#6b7681",
    "none": "#b8c0c8",
}
TEXT: Final = "#1b1f24"
MUTED: Final = "#59626d"
WIDTH: Final = 620

TITLES: Final[Mapping[Kind, Phrase]] = {
    "segments": message("chart.segments").phrase,
    "companies": message("chart.companies").phrase,
    "paths": message("chart.paths").phrase,
    "heatmap": message("chart.heatmap").phrase,
    "migration": message("chart.migration").phrase,
}


class Drawing:
    """The layers of each kind of chart, for one screening in one language."""

    def __init__(self, alt: Any, screening: Screening, lang: Lang, colours: Colours) -> None:
        self.alt = alt
        self.screening = screening
        self.lang = lang
        self.scale = screening.report.standard.stock
        self.read = Reader(Style(self.scale), lang)
        up, down = colour_names(colours)
        self.ink = {"up": INK[up], "down": INK[down], "flat": INK["flat"], "none": INK["none"]}
        self.heights = 320

    # -- words -------------------------------------------------------------------------------

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def name(self, key: str, row: Mapping[Any, Any]) -> str:
        return self.read(key, row)[:60]

    @property
    def segment_names(self) -> list[str]:
        rows = self.screening.segments.to_dict("records")
        return [f"{i}. {self.name('segment', row)}" for i, row in enumerate(rows, 1)]

    # -- shared pieces -----------------------------------------------------------------------

    def data(self, records: Iterable[Mapping[str, Any]]) -> Any:
        return self.alt.Data(values=list(records))

    def layer(self, records: Iterable[Mapping[str, Any]]) -> Any:
        return self.alt.Chart(self.data(records))

    def bounds(self, along: Literal["x", "y"]) -> list[Any]:
        """Zero and the scale's bounds as rules across a chart of relative returns."""
        zero = self.layer([{"value": 0.0}]).mark_rule(color=TEXT, strokeWidth=1)
        found = [zero.encode(**{along: "value:Q"})]
        edges = [{"value": float(bound)} for bound in self.scale.bounds if bound]
        rule = self.layer(edges).mark_rule(color=MUTED, strokeDash=[4, 3], strokeWidth=1)
        found.append(rule.encode(**{along: "value:Q"}))
        return found

    def events(self, rows: list[dict[str, Any]]) -> list[Any]:
        """The report's dated events on a chart of days: a day is a rule, a month a band."""
        first, last = (pick(row["day"] for row in rows) for pick in (min, max))
        days, spans = [], []
        for event in self.screening.report.events:
            text = self.say(*name_phrase(event.text_zh, event.text_en))
            begin, end = max(event.first.isoformat(), first), min(event.last.isoformat(), last)
            row = {"day": begin, "until": end, "event": f"{event.label} {text}"}
            if event.precision == "day" and begin == end:
                days.append(row)
            elif event.precision != "day" and begin < end:
                spans.append(row)
        drawn = []
        if days:
            rule = self.layer(days).mark_rule(color=MUTED, strokeWidth=1)
            drawn.append(rule.encode(x="day:T", tooltip=["event:N"]))
        if spans:
            band = self.layer(spans).mark_rect(color=MUTED, opacity=0.12)
            drawn.append(band.encode(x="day:T", x2="until:T", tooltip=["event:N"]))
        return drawn

    def tones(self) -> Any:
        return self.alt.Scale(domain=list(self.ink), range=list(self.ink.values()))

    def axis(self, title: str | None) -> Any:
        label = "datum.value == 0 ? '0%' : format(datum.value, '+.0%')"
        return self.alt.Axis(title=title, labelExpr=label, grid=True)

    # -- kinds -------------------------------------------------------------------------------

    def segments(self) -> list[Any]:
        alt = self.alt
        names = self.segment_names
        rows: list[dict[str, Any]] = []
        for name, row in zip(names, self.screening.segments.to_dict("records"), strict=True):
            if is_missing(row["mean"]):
                continue
            rating = rating_of(self.scale, row["rating"])
            single = bool(row["single_company"])
            rows.append(
                {
                    "segment": name,
                    "mean": float(row["mean"]),
                    "low": None if single else _number(row["leave_one_out_low"]),
                    "high": None if single else _number(row["leave_one_out_high"]),
                    "tone": rating.tone,
                    "label": f"{rating.sign} {self.read('mean', row)}",
                    "rating": rating.words.of(self.lang),
                    "rated": f"{row['rated']} / {row['mentions']}",
                }
            )
        self._need(rows)
        self.heights = 30 * len(rows) + 20
        title = message("chart.segments_axis").of(self.lang)
        base = self.layer(rows).encode(y=alt.Y("segment:N", sort=names, title=None))
        bars = base.mark_bar(height=16, opacity=0.85).encode(
            x=alt.X("mean:Q", axis=self.axis(title)),
            color=alt.Color("tone:N", scale=self.tones(), legend=None),
            tooltip=["segment:N", "label:N", "rating:N", "rated:N"],
        )
        ranges = base.mark_rule(color=TEXT, strokeWidth=2).encode(x="low:Q", x2="high:Q")
        ends = [
            base.mark_tick(color=TEXT, thickness=2, size=9).encode(x=f"{end}:Q")
            for end in ("low", "high")
        ]
        edge = max([0.0, *(max(r["mean"], r["high"] or 0.0) for r in rows)])
        labels = base.mark_text(align="left", dx=8, color=TEXT).encode(
            x=alt.datum(edge), text="label:N"
        )
        return [bars, ranges, *ends, labels, *self.bounds("x")]

    def companies(self) -> list[Any]:
        alt = self.alt
        first, last = self._two_windows()
        rows = []
        for row in self.screening.once.to_dict("records"):
            early, late = row[f"relative_return_{first}"], row[f"relative_return_{last}"]
            shown = [v for v in (early, late) if not is_missing(v)]
            if not shown or row["rating"] == "unrated":
                continue
            rating = rating_of(self.scale, row["rating"])
            rows.append(
                {
                    "company": self.name("company", row),
                    "early": _number(early),
                    "late": _number(late),
                    "low": min(shown),
                    "high": max(shown),
                    "tone": rating.tone,
                    "sign": f"{rating.sign} {self.read('relative_return', row)}",
                    "key": float(row["relative_return"]),
                }
            )
        self._need(rows)
        rows.sort(key=lambda one: -one["key"])
        self.heights = 19 * len(rows) + 20
        title = message("chart.window_axis", window=last).of(self.lang)
        if first != last:
            title = message("chart.windows_axis", first=first, last=last).of(self.lang)
        base = self.layer(rows).encode(
            y=alt.Y("company:N", sort=[row["company"] for row in rows], title=None)
        )
        color = alt.Color("tone:N", scale=self.tones(), legend=None)
        tips = [
            alt.Tooltip("company:N"),
            alt.Tooltip("early:Q", title=window_phrase(first).of(self.lang), format="+.1%"),
            alt.Tooltip("late:Q", title=window_phrase(last).of(self.lang), format="+.1%"),
        ]
        between = base.mark_rule(strokeWidth=2, opacity=0.5).encode(
            x=alt.X("low:Q", axis=self.axis(title)), x2="high:Q", color=color
        )
        hollow = base.mark_point(size=46, filled=False, strokeWidth=1.6).encode(
            x="early:Q", color=color, tooltip=tips
        )
        solid = base.mark_point(size=58, filled=True, opacity=1).encode(
            x="late:Q", color=color, tooltip=tips
        )
        labels = base.mark_text(align="left", dx=8, color=TEXT).encode(
            x=alt.datum(max(row["high"] for row in rows)), text="sign:N"
        )
        return [*self.bounds("x"), between, hollow, solid, labels]

    def paths(self, segment: str | int | None) -> list[Any]:
        alt = self.alt
        frame = self.screening.segments
        place = self._segment(segment)
        found = paths_of(self.screening)
        companies = self.screening.companies
        inside = (companies["segment"] == frame["segment"].iloc[place]) & (
            companies["rating"] != "unrated"
        )
        lines = []
        shown = companies[inside].to_dict("records")
        for i, row in zip(np.flatnonzero(inside.to_numpy()), shown, strict=True):
            lines.append((self.name("company", row), found.members[i], False))
        if len(lines) != 1:
            lines.append((message("chart.mean").of(self.lang), found.means[place], True))
        rows = [
            {"line": name, "day": str(day), "value": round(value, 6), "mean": bold}
            for name, values, bold in lines
            for day, value in zip(found.days, values.tolist(), strict=True)
            if value == value
        ]
        self._need(rows)
        self.subtitle = self.segment_names[place]
        low, high = domain(np.array([row["value"] for row in rows]), self.scale.bounds)
        latest = self._apart({row["line"]: row for row in rows}, low, high)
        base = self.layer(rows).encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m", grid=False)),
            y=alt.Y(
                "value:Q",
                axis=self.axis(COLUMNS["relative_return"].of(self.lang)),
                scale=alt.Scale(domain=[low, high], nice=False),
            ),
            detail="line:N",
        )
        drawn = [
            base.transform_filter(alt.datum.mean == bold)
            .mark_line(strokeWidth=2.6 if bold else 1.2, color=TEXT if bold else "#8a939d")
            .encode(tooltip=["line:N", "day:T", alt.Tooltip("value:Q", format="+.1%")])
            for bold in (False, True)
        ]
        names = (
            self.layer(latest)
            .mark_text(align="left", dx=5, color=TEXT, fontSize=10)
            .encode(x="day:T", y="value:Q", text="line:N")
        )
        return [*self.bounds("y"), *self.events(rows), *drawn, names]

    def _apart(
        self, latest: Mapping[str, Mapping[str, Any]], low: float, high: float
    ) -> list[dict[str, Any]]:
        """The ends of the lines, their labels moved apart where they would touch."""
        per_pixel = (high - low) / self.heights
        rows = list(latest.values())
        pixels = [(high - row["value"]) / per_pixel for row in rows]
        placed = spread(pixels, 12.0, 4.0, self.heights - 4.0)
        return [{**row, "value": high - y * per_pixel} for row, y in zip(rows, placed, strict=True)]

    def heatmap(self) -> list[Any]:
        alt = self.alt
        found = months_of(self.screening)
        rows = [
            {
                "segment": name,
                "month": str(month),
                "change": round(change, 6),
                "label": percent(change, 0),
            }
            for name, changes in zip(self.segment_names, found.means.tolist(), strict=True)
            for month, change in zip(found.months, changes, strict=True)
            if change == change
        ]
        self._need(rows)
        limit = float(np.quantile([abs(row["change"]) for row in rows], 0.9)) or 0.01
        self.heights = 30 * len(self.segment_names)
        scale = alt.Scale(
            domain=[-limit, 0, limit],
            range=[self.ink["down"], "#f5f6f8", self.ink["up"]],
            clamp=True,
            interpolate="rgb",
        )
        base = self.layer(rows).encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("segment:N", sort=self.segment_names, title=None),
        )
        cells = base.mark_rect(stroke="#fff").encode(
            color=alt.Color("change:Q", scale=scale, legend=None),
            tooltip=["segment:N", "month:O", "label:N"],
        )
        labels = base.mark_text(fontSize=10).encode(
            text="label:N",
            color=alt.condition(
                f"abs(datum.change) > {0.6 * limit:.6f}", alt.value("#fff"), alt.value(TEXT)
            ),
        )
        return [cells, labels]

    def migration(self) -> list[Any]:
        alt = self.alt
        first, last = self._two_windows()
        levels = [rating_of(self.scale, level.name) for level in self.scale.levels]
        words = {one.name: f"{one.sign} {one.words.of(self.lang)}" for one in levels}
        cells: dict[tuple[str, str], list[str]] = {}
        for row in self.screening.once.to_dict("records"):
            pair = (row[f"rating_{first}"], row[f"rating_{last}"])
            if any(is_missing(one) or one not in words for one in pair):
                continue
            cells.setdefault(pair, []).append(self.name("company", row))
        self._need(list(cells))
        rows: list[dict[str, Any]] = [
            {
                "from": words[a.name],
                "to": words[b.name],
                "n": len(cells.get((a.name, b.name), [])),
                "who": "、".join(cells.get((a.name, b.name), [])),
                "same": a.name == b.name,
            }
            for a in levels
            for b in levels
        ]
        order = list(words.values())
        self.heights = 90 * len(order)
        most = max(row["n"] for row in rows)
        base = self.layer(rows).encode(
            x=alt.X(
                "to:N",
                sort=order,
                title=window_phrase(last).of(self.lang),
                axis=alt.Axis(labelAngle=0, orient="top"),
            ),
            y=alt.Y("from:N", sort=order, title=window_phrase(first).of(self.lang)),
        )
        boxes = base.mark_rect(stroke="#fff", strokeWidth=2).encode(
            color=alt.Color(
                "n:Q", scale=alt.Scale(domain=[0, most], range=["#f5f6f8", "#1d4f80"]), legend=None
            ),
            tooltip=["from:N", "to:N", "n:Q", "who:N"],
        )
        counts = base.mark_text(fontSize=22, fontWeight="bold").encode(
            text="n:Q",
            color=alt.condition(f"datum.n > {most / 2}", alt.value("#fff"), alt.value(TEXT)),
        )
        return [boxes, counts]

    # -- whole -------------------------------------------------------------------------------

    subtitle = ""

    def finished(self, kind: Kind, layers: list[Any]) -> Any:
        alt, screening = self.alt, self.screening
        title = TITLES[kind].of(self.lang)
        if self.subtitle:
            title = f"{title} · {self.subtitle}"
        marks = []
        if screening.simulated:
            marks.append(message("chart.simulated").of(self.lang))
        if interim_calls(screening):
            marks.append(message("chart.interim").of(self.lang))
        if marks:
            title = message("chart.marked", marks=" · ".join(marks), title=title).of(self.lang)
        about = message(
            "chart.about",
            title=name_phrase(screening.report.title, screening.report.title_en),
            published=screening.published,
            as_of=screening.as_of,
        ).of(self.lang)
        return dressed(
            alt, layers, title, about, height=self.heights, simulated=screening.simulated
        )

    def _two_windows(self) -> tuple[str, str]:
        windows = self.screening.windows
        matured = [
            one
            for one in windows[:-1]
            if (self.screening.companies[f"rating_{one}"] != "unrated").any()
            and self.screening.companies[f"relative_return_{one}"].notna().any()
        ]
        if len(matured) >= 2:
            return matured[0], matured[-1]
        return (matured[0] if matured else windows[-1]), windows[-1]

    def _segment(self, segment: str | int | None) -> int:
        frame = self.screening.segments
        if segment is None:
            return int(frame["rated"].to_numpy().argmax())
        if isinstance(segment, int) and 1 <= segment <= len(frame):
            return segment - 1
        for column in ("segment", "segment_en"):
            hits = np.flatnonzero((frame[column] == segment).to_numpy())
            if len(hits):
                return int(hits[0])
        raise InputError(
            Problem(
                "no segment of that name or number",
                f"choose one of {', '.join(frame['segment'])}, or 1 to {len(frame)}",
                column="segment",
                value=str(segment),
            )
        )

    @staticmethod
    def _need(rows: list[Any]) -> None:
        if not rows:
            raise InputError(
                Problem(
                    "there is nothing to draw: no company is rated yet",
                    "look at the reasons in .unrated, or give a later as_of",
                )
            )


def _number(value: Any) -> float | None:
    return None if is_missing(value) else float(value)


def dressed(
    alt: Any, layers: list[Any], title: str, about: str, *, height: int, simulated: bool
) -> Any:
    """The layers as one chart that needs no network: its title, and SIMULATED across where due."""
    # Altair is imported when a chart is drawn, not before.
    from supplychain_screen.output.charts.offline import OfflineChart

    if simulated:
        stamp = alt.Chart(alt.Data(values=[{"text": "SIMULATED"}])).mark_text(
            fontSize=54, fontWeight="bold", color=INK["red"], opacity=0.16, angle=335
        )
        place = {"x": alt.value(WIDTH / 2), "y": alt.value(height / 2)}
        layers = [*layers, stamp.encode(text="text:N", **place)]
    return (
        OfflineChart(layer=layers)
        .properties(
            width=WIDTH,
            height=height,
            title=alt.TitleParams(
                text=title, subtitle=visible_text(about), anchor="start", offset=12
            ),
        )
        .configure(font=font_stack(cjk_family()))
        .configure_axis(labelLimit=260, labelColor=TEXT, titleColor=MUTED, gridColor="#e6e9ed")
        .configure_view(stroke=None)
        .configure_title(color=TEXT, fontSize=15, subtitleColor=MUTED, subtitleFontSize=11)
    )
