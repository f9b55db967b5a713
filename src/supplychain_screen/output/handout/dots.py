"""Every company as a dot on one axis, the furthest named: numbers in, coordinates out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from supplychain_screen.output.columns import Reader, Style, column, table_style
from supplychain_screen.output.page import domain, nice_ticks
from supplychain_screen.output.rating_words import rating_of
from supplychain_screen.output.text_columns import display_width
from supplychain_screen.words import (
    Colours,
    Lang,
    Phrase,
    Tone,
    bound_percent,
    colour_names,
    message,
    points,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["Dot", "Dots", "Label", "Tick", "dots_caption", "dots_of", "inks_of"]

_NAMED: Final = 3
_LINE: Final = 1.45

_INKS: Final = {"red": "#b42318", "green": "#157347", "blue": "#1d4f80", "orange": "#b45309"}
_GREY: Final = "#8a939d"


@dataclass(frozen=True, slots=True)
class Dot:
    """One company."""

    x: float
    y: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Label:
    """One of the furthest, its name and figure, and the line from there to its dot."""

    text: str
    x: float
    y: float
    to: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A value of the axis; its kind is zero, bound or tick."""

    x: float
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Dots:
    """The whole picture in a box of ``width`` x ``height``; the axis lies at ``floor``."""

    width: float
    height: float
    floor: float
    radius: float
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Tick, ...]
    size: float


def inks_of(colours: Colours) -> dict[Tone, str]:
    """The ink of each tone; what is below zero is hollow too, to be told without colour."""
    up, down = (_INKS[name] for name in colour_names(colours))
    return {"up": up, "down": down, "flat": _GREY, "none": _GREY}


def dots_caption(screening: Screening) -> Phrase:
    """What the picture shows, and its key."""
    rated = int(screening.total["rated"])
    unit = column("relative_return").unit(table_style(screening)) or ""
    own = screening.comparison == "own"
    return message("card.dots_own" if own else "card.dots", n=rated, unit=unit).phrase


def dots_of(screening: Screening, lang: Lang, width: float, height: float, size: float) -> Dots:
    """Lay out the rated companies of ``screening``, each once.

    Parameters
    ----------
    screening : Screening
    lang : {"zh", "en"}
    width, height : float
        Of the box, in user units.
    size : float
        Of the letters.

    Notes
    -----
    A dot stands exactly at its figure, and as low as it can without covering another. The axis
    covers all of them unless one lies further out than the others are wide; that one stands at
    the edge, and its label has the figure.
    """
    scale = screening.report.standard.stock
    rows = screening.once
    rows = rows[rows["rating"].isin(scale.names)]
    rows = rows.sort_values(["relative_return", "order"], kind="stable")
    values = rows["relative_return"].to_numpy(dtype=float)
    low, high = _axis(values, scale.bounds)
    top = size * _LINE * (min(_NAMED, (len(values) + 1) // 2)) + size * 0.7
    floor = height - size * 1.9
    largest = 0.8 * size

    def x_of(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(largest + share * (width - 2 * largest), 1)

    at = [x_of(value) for value in values.tolist()]
    radius, ups = largest, _piled(at, largest)
    while radius > 1.5 and max(ups, default=0.0) + 2 * radius > floor - top:
        radius -= 0.5
        ups = _piled(at, radius)
    dots = tuple(
        Dot(x, round(floor - 2 - radius - up, 1), rating_of(scale, name).tone)
        for x, up, name in zip(at, ups, rows["rating"], strict=True)
    )
    read = Reader(Style(scale), lang)
    names = [read("company", row) for row in rows.to_dict("records")]
    said = [(name, points(v)) for name, v in zip(names, values.tolist(), strict=True)]
    return Dots(
        width,
        height,
        round(floor, 1),
        radius,
        dots,
        tuple(_labels(said, dots, radius, width, size)),
        tuple(_ticks((low, high), scale.bounds, x_of, size)),
        size,
    )


def _axis(values: np.ndarray, bounds: Sequence[float]) -> tuple[float, float]:
    if values.size < 8:
        return domain(values, bounds)
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    reach = 3.0 * (high - low)
    return domain(np.clip(values, middle - reach, middle + reach), bounds)


def _piled(at: Sequence[float], radius: float) -> list[float]:
    """How far above the floor each dot lies that must not cover another; ``at`` ascends."""
    ups: list[float] = []
    first = 0
    for i, x in enumerate(at):
        while at[first] <= x - 2 * radius:
            first += 1
        # Between these heights a dot at x would touch a neighbour.
        blocked = sorted(
            (ups[j] - reach, ups[j] + reach)
            for j in range(first, i)
            for reach in [math.sqrt(4 * radius * radius - (x - at[j]) ** 2)]
        )
        up = 0.0
        for low, high in blocked:
            if low < up < high or (up == 0.0 and low < 0.0 < high):
                up = high
        ups.append(up)
    return ups


def _labels(
    said: Sequence[tuple[str, str]],
    dots: Sequence[Dot],
    radius: float,
    width: float,
    size: float,
) -> list[Label]:
    """The furthest on either side; the outermost stands on top, so that no line crosses a name."""
    n = len(said)
    best = [*range(n - 1, max(n - 1 - _NAMED, n // 2 - 1), -1)]
    worst = [*range(min(_NAMED, n // 2))]
    found = []
    for lane in range(max(len(best), len(worst))):
        pair = [(side, dots[i], said[i]) for side, i in _lane(best, worst, lane)]
        room = abs(pair[0][1].x - pair[-1][1].x) / 2 - size / 2 if len(pair) == 2 else width
        for side, dot, (name, figure) in pair:
            text = f"{_within(name, room / size - 0.56 * len(figure) - 0.4)} {figure}"
            broad = _ems(text) * size
            fits = dot.x - broad >= 0 if side == "end" else dot.x + broad <= width
            anchor = side if fits else ("start" if side == "end" else "end")
            y = round(size + lane * size * _LINE, 1)
            found.append(Label(text, dot.x, y, round(dot.y - radius, 1), anchor))
    return found


def _lane(best: Sequence[int], worst: Sequence[int], lane: int) -> list[tuple[str, int]]:
    """Who stands in a lane: one of the best, its text ending at its dot, and one of the worst."""
    found = [("end", best[lane])] if lane < len(best) else []
    return [*found, ("start", worst[lane])] if lane < len(worst) else found


def _ems(text: str) -> float:
    """About how broad a text in bold letters is, in its size."""
    wide = display_width(text) - len(text)
    return 1.02 * wide + 0.56 * (len(text) - wide)


def _within(name: str, ems: float) -> str:
    """The name, cut where it is broader than its room."""
    if _ems(name) <= ems:
        return name
    while name and _ems(name + "…") > ems:
        name = name[:-1]
    return name.rstrip() + "…"


def _ticks(
    axis: tuple[float, float],
    bounds: Sequence[float],
    x_of: Callable[[float], float],
    size: float,
) -> list[Tick]:
    low, high = axis
    wanted = [(0.0, "zero"), *((one, "bound") for one in bounds if one)]
    wanted += [(one, "tick") for one in nice_ticks(low, high, 7)]
    found: list[Tick] = []
    for value, kind in wanted:
        if not low <= value <= high:
            continue
        x = x_of(value)
        if all(abs(x - other.x) > 2.5 * size for other in found):
            found.append(Tick(x, bound_percent(value).removesuffix("%"), kind))
        elif kind == "bound":
            found.append(Tick(x, "", kind))
    return found
