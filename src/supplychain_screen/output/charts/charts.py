"""Altair charts for notebooks, and the same charts as files: HTML, PNG, SVG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from supplychain_screen.errors import InputError, MissingExtraError, OutputError, Problem
from supplychain_screen.output.charts.fonts import cjk_family, font_folders, font_stack, has_cjk
from supplychain_screen.output.charts.layers import Drawing, Kind
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import Colours, Lang, default_colours

if TYPE_CHECKING:
    import altair as alt

    from supplychain_screen.screening import Screening

__all__ = ["Kind", "chart", "save_chart"]


def chart(
    screening: Screening,
    kind: Kind,
    *,
    lang: Lang = "zh",
    colours: Colours | None = None,
    segment: str | int | None = None,
) -> alt.LayerChart:
    """An Altair chart of ``screening``, its data inside, which a notebook shows offline.

    Parameters
    ----------
    screening : Screening
    kind : {"segments", "companies", "paths", "heatmap", "migration"}
        ``segments``: bar of each segment's mean, with its leave-one-out range.
        ``companies``: dumbbell of every company, from the first window to the last one.
        ``paths``: members and mean of one segment over time.
        ``heatmap``: what each segment's mean gained or lost on its benchmarks in each month.
        ``migration``: how many companies went from which rating to which.
    lang : {"zh", "en"}
    colours : {"china", "west", "blue"}, optional
        Which colour means up; what readers of the language are used to where it is left out.
    segment : str or int, optional
        Which segment ``paths`` shows: its name in either language or its number from 1; the one
        with the most rated members where left out.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    InputError
        The kind or the segment is unknown, or there is nothing yet to draw.
    """
    if kind not in get_args(Kind):
        raise InputError(
            Problem(f"no chart is called {kind!r}", f"choose one of {', '.join(get_args(Kind))}")
        )
    import altair as alt

    draw = Drawing(alt, screening, lang, colours or default_colours(lang))
    layers = draw.paths(segment) if kind == "paths" else getattr(draw, kind)()
    drawn: alt.LayerChart = draw.finished(kind, layers)
    return drawn


def save_chart(
    chart: alt.TopLevelMixin,
    path: str | Path,
    *,
    scale: float = 2.0,
    font_folder: str | Path | None = None,
) -> Path:
    """Write a chart as HTML, PNG or SVG, by the ending of ``path``.

    Parameters
    ----------
    chart : altair chart
        From `chart`, or any other.
    path : str or Path
        ``….html``: opens in any browser, without a network. ``….png`` or ``….svg``: drawn here,
        for which the extra ``images`` is needed.
    scale : float
        Pixels of a PNG per user unit.
    font_folder : str or Path, optional
        A folder with a font that has Chinese glyphs, where the system has none.

    Returns
    -------
    Path

    Raises
    ------
    MissingExtraError
        A PNG or SVG without the extra ``images``.
    OutputError
        The ending is another; the chart has Chinese text and no font that can draw it was found
        (PNG only); or the file cannot be written.

    Notes
    -----
    A PNG holds the glyphs. An SVG keeps its text as text and names the fonts that it would
    like, so the reader's own are used. No font comes with this package:
    `supplychain_screen.output.charts.fonts.FAMILIES` lists those that are looked for.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".html":
        from supplychain_screen.output.charts.offline import chart_page

        return write_file(path, chart_page(chart.to_dict(), path.stem).encode("utf-8"))
    if ending not in (".png", ".svg"):
        raise OutputError(f"{path}: a chart is written as .html, .png or .svg; choose one of them")
    try:
        import vl_convert
    except ModuleNotFoundError:
        raise MissingExtraError(
            f"{path}: a chart as PNG or SVG (as .html it needs none)", extra="images"
        ) from None
    folders = font_folders()
    if font_folder is not None:
        folders = (Path(font_folder), *folders)
        vl_convert.register_font_directory(str(Path(font_folder).resolve()))
    family = cjk_family(folders)
    spec = chart.to_dict()
    if ending == ".png" and family is None and has_cjk(json.dumps(spec, ensure_ascii=False)):
        raise OutputError(
            f"{path}: the chart has Chinese text and no font that can draw it was found in "
            f"{', '.join(map(str, folders)) or 'any font folder'}; install one (Debian and "
            "Ubuntu: fonts-noto-cjk), or give font_folder, or draw it with lang='en'"
        )
    spec.setdefault("config", {})["font"] = font_stack(family)
    if ending == ".svg":
        return write_file(path, vl_convert.vegalite_to_svg(spec).encode("utf-8"))
    return write_file(path, vl_convert.vegalite_to_png(spec, scale=scale))
