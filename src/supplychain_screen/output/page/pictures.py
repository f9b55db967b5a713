"""The pictures that answer, as places on an axis: the template draws them.

Places are percents of a drawing's width and height, so one drawing fits a phone, a desk and paper
and its letters keep their size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.columns import Reader
from supplychain_screen.output.page.figures import nice_ticks
from supplychain_screen.output.path_grid import Floats
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.words import Phrase, is_missing, points, window_phrase

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = [
    "Axis",
    "Bar",
    "Companies",
    "CompanyRow",
    "Dot",
    "Histogram",
    "Migration",
    "axis_of",
    "companies_picture",
    "histogram_picture",
    "migration_picture",
    "strip_dots",
]

NAMED: Final = 60
"""Most companies that get a line with their name; of more, the extremes are named."""

THIN: Final = 250
"""Most companies that get a line of their own height; more share a drawing of one height."""

MOVERS: Final = 5
"""Companies that are named for how far they moved between two windows."""

BINS: Final = 24
"""About how many bars a histogram has."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A common scale of relative returns: ends, ticks, the scale's bounds and zero."""

    low: float
    high: float
    ticks: tuple[tuple[float, str, str], ...]

    def at(self, value: float) -> float:
        """The place of a value, in percent of the width; at the edge where it lies beyond."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100.0 * share, 2)


def axis_of(values: Sequence[float] | Floats, bounds: Sequence[float], room: float = 0.05) -> Axis:
    """An axis that holds every value, zero and the bounds.

    Parameters
    ----------
    values : array_like of float
        Fractions; NaN is passed over.
    bounds : sequence of float
        Bounds of the rating scale.
    room : float
        Air at either end, as a share of the whole.
    """
    known = np.asarray(values, dtype=float)
    known = np.concatenate([known[np.isfinite(known)], np.asarray([*bounds, 0.0])])
    low, high = float(known.min()), float(known.max())
    air = room * (high - low) or 0.01
    low, high = low - air, high + air
    width = high - low
    marks = [*((float(bound), "bound") for bound in bounds if bound), (0.0, "zero")]
    ticks = [(value, "tick") for value in nice_ticks(low, high, 6)]
    placed: list[tuple[float, str, str]] = []
    for value, kind in [*marks, *ticks]:
        place = round(100.0 * (value - low) / width, 2)
        if any(place == one for one, _, _ in placed):
            continue
        near = any(abs(place - one) < 7.5 for one, label, _ in placed if label)
        if kind == "tick" and near:
            continue
        placed.append((place, "" if near else points(value, 0), kind))
    return Axis(low, high, tuple(placed))


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """One company of the two pictures that share their rows; places in percent.

    ``rest`` is the mean of those that remain without it and all better ones; ``side`` where its
    name stands, if it has a ``label``: away from where it came from.
    """

    order: int
    name: Phrase
    y: float
    start: float | None
    end: float
    tone: str
    early: str
    late: str
    moved: bool
    label: bool
    side: str
    rest: float | None
    rest_text: str


@dataclass(frozen=True, slots=True)
class Companies:
    """All rated companies, best first, and what remains of the mean without the best.

    Parameters
    ----------
    early, late : Phrase or None
        The window of the grey start and of the coloured end; no start where one window is known.
    axis : Axis
    rows : tuple of CompanyRow
    size : {"named", "thin", "dense"}
        How much room a company gets.
    height : int
        Pixels of the drawing.
    all_at : float
        Place of the mean of all.
    ring : CompanyRow or None
        The first without which the mean is not above zero; None where it never was, or stays.
    gone : int
        How many are gone there.
    """

    early: Phrase | None
    late: Phrase
    axis: Axis
    rows: tuple[CompanyRow, ...]
    size: str
    height: int
    all_at: float
    all_text: str
    ring: CompanyRow | None
    gone: int


def companies_picture(screening: Screening, read: Reader) -> Companies | None:
    """Every rated company, once; None where nobody is rated."""
    scale = screening.report.standard.stock
    rows = screening.once.set_index("order")
    order = screening.concentration
    if order.empty:
        return None
    rows = rows.loc[order["order"]]
    window = str(rows["window"].iloc[0])
    before = next(
        (
            name
            for name in screening.windows[:-1]
            if name != window and rows[f"rating_{name}"].isin(scale.names).any()
        ),
        None,
    )
    late = order["relative_return"].to_numpy(dtype=float)
    empty = np.full(len(rows), np.nan)
    early = empty if before is None else rows[f"relative_return_{before}"].to_numpy(dtype=float)
    moved = np.nan_to_num(np.abs(late - early))
    n = len(rows)
    # Of a handful nearly every one would stand out, and so none.
    few = before is None or n < 2 * MOVERS
    far = set() if few else set(np.argsort(-moved, kind="stable")[:MOVERS].tolist())
    # Names that stand beside dots want room of their own.
    room = 0.05 if n <= NAMED else 0.16
    axis = axis_of(np.concatenate([late, early]), scale.bounds, room)
    size = "named" if n <= NAMED else "thin" if n <= THIN else "dense"
    height = {"named": 18 * n, "thin": 6 * n, "dense": 900}[size]
    apart = 100.0 * 14 / height
    rest = order["remaining"].to_numpy(dtype=float)
    found: list[CompanyRow] = []
    named_at = -apart
    who = rows.reset_index()[["order", "company", "company_en", "rating"]].to_dict("records")
    for k, record in enumerate(who):
        y = round(100.0 * (k + 0.5) / n, 3)
        # Of many companies, those at either end and the far movers are named, none on another.
        label = size != "named" and (k < 6 or k >= n - 6 or k in far) and y - named_at >= apart
        named_at = y if label else named_at
        found.append(
            CompanyRow(
                order=int(record["order"]),
                name=read.both("company", record),
                y=y,
                start=None if np.isnan(early[k]) else axis.at(early[k]),
                end=axis.at(late[k]),
                tone=rating_of(scale, record["rating"]).tone,
                early=points(None if np.isnan(early[k]) else early[k], bounds=scale.bounds),
                late=points(late[k], bounds=scale.bounds),
                moved=k in far,
                label=label,
                side="left" if early[k] > late[k] and axis.at(late[k]) > 25 else "right",
                rest=None if np.isnan(rest[k]) else axis.at(rest[k]),
                rest_text=points(None if np.isnan(rest[k]) else rest[k], bounds=scale.bounds),
            )
        )
    mean = float(late.mean())
    below = np.flatnonzero(rest <= 0.0)
    ring = int(below[0]) if mean > 0 and below.size else None
    return Companies(
        early=None if before is None else window_phrase(before),
        late=window_phrase(window),
        axis=axis,
        rows=tuple(found),
        size=size,
        height=height,
        all_at=axis.at(mean),
        all_text=points(mean, bounds=scale.bounds),
        ring=None if ring is None else found[ring],
        gone=0 if ring is None else ring + 1,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place and width in percent of the drawing, height in percent of the highest."""

    x: float
    width: float
    height: float
    low: str
    high: str
    n: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """The same basket from every other start date, and this one."""

    axis: Axis
    bars: tuple[Bar, ...]
    dates: int
    here: float
    here_text: str
    usual: float
    usual_text: str
    below: str


def histogram_picture(screening: Screening) -> Histogram | None:
    """The means of the basket from earlier dates; None where a rank is not said."""
    past = screening.inference().placebo
    if past.reason:
        return None
    bounds = screening.report.standard.stock.bounds
    axis = axis_of([*past.mean.tolist(), past.realised], bounds, room=0.02)
    ticks = nice_ticks(float(past.mean.min()), float(past.mean.max()), BINS)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.01
    first = np.floor(past.mean.min() / step + 1e-9)
    place = np.floor(past.mean / step + 1e-9) - first
    counts = np.bincount(place.astype(np.intp))
    bars = []
    for k, n in enumerate(counts.tolist()):
        low, high = (first + k) * step, (first + k + 1) * step
        x = axis.at(low)
        bars.append(
            Bar(
                x=x,
                width=round(axis.at(high) - x, 2),
                height=round(100.0 * n / int(counts.max()), 2),
                low=points(low),
                high=points(high),
                n=n,
            )
        )
    return Histogram(
        axis=axis,
        bars=tuple(bar for bar in bars if bar.n),
        dates=int(past.base_day.size),
        here=axis.at(past.realised),
        here_text=points(past.realised, bounds=bounds),
        usual=axis.at(past.usual),
        usual_text=points(past.usual),
        below=f"{past.rank:.0%}",
    )


@dataclass(frozen=True, slots=True)
class Migration:
    """How many companies went from which rating to which, best level first.

    A cell is a count, a shade from 0 to 4, and the names where they are few.
    """

    early: Phrase
    late: Phrase
    levels: tuple[Rating, ...]
    cells: tuple[tuple[tuple[int, int, tuple[Phrase, ...]], ...], ...]
    stayed: int
    of: int


def migration_picture(screening: Screening, read: Reader, few: int = 3) -> Migration | None:
    """Ratings at the first window against those at the last; None before both are over."""
    if len(screening.windows) < 3:
        return None
    early, late = screening.windows[0], screening.windows[-2]
    scale, rows = screening.report.standard.stock, screening.once
    rows = rows[
        rows[f"rating_{early}"].isin(scale.names) & rows[f"rating_{late}"].isin(scale.names)
    ]
    if rows.empty or rows["window"].iloc[0] != late:
        return None
    moves: dict[tuple[str, str], list[Phrase]] = {}
    columns = [f"rating_{early}", f"rating_{late}", "company", "company_en"]
    for one in rows[columns].to_dict("records"):
        pair = (one[columns[0]], one[columns[1]])
        moves.setdefault(pair, []).append(read.both("company", one))
    most = max(map(len, moves.values()))
    cells = []
    for before in scale.names:
        line = []
        for after in scale.names:
            inside = moves.get((before, after), [])
            n = len(inside)
            shade = 0 if not n else 1 + int(3 * (n - 1) / max(1, most - 1))
            line.append((n, shade, tuple(inside) if n <= few else ()))
        cells.append(tuple(line))
    return Migration(
        early=window_phrase(early),
        late=window_phrase(late),
        levels=tuple(rating_of(scale, name) for name in scale.names),
        cells=tuple(cells),
        stayed=sum(line[i][0] for i, line in enumerate(cells)),
        of=len(rows),
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """A member on a strip."""

    x: float
    tone: str
    name: Phrase
    figure: str


def strip_dots(
    rows: Sequence[Mapping[Any, Any]], screening: Screening, axis: Axis, read: Reader
) -> tuple[Dot, ...]:
    """The rated members of one segment on the common axis, the best last so that it lies on top."""
    scale = screening.report.standard.stock
    return tuple(
        Dot(
            x=axis.at(float(row["relative_return"])),
            tone=rating_of(scale, row["rating"]).tone,
            name=read.both("company", row),
            figure=points(row["relative_return"], bounds=scale.bounds),
        )
        for row in sorted(rows, key=lambda row: float(row["relative_return"]))
        if not is_missing(row["relative_return"])
    )
