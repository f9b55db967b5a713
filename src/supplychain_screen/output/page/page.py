"""The page: one offline HTML file that an analyst can forward."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.columns import column
from supplychain_screen.output.figures_said import key_figures
from supplychain_screen.output.page.document import (
    digest,
    embedded,
    environment,
    template,
    trusted,
)
from supplychain_screen.output.page.dossier import Dossier, dossiers, page_reader
from supplychain_screen.output.page.figures import Chart, chart, nice_ticks, strip_axis
from supplychain_screen.output.page.sections import (
    FANS,
    findings_section,
    scoreboard_section,
    sector_section,
    segments_section,
)
from supplychain_screen.output.page.speech import Speech
from supplychain_screen.output.path_grid import Paths, paths_of, spaced
from supplychain_screen.output.rating_words import rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    count_companies,
    count_mentions,
    definitions,
    headline,
    interim_calls,
    method,
    notices,
    reason_counts,
    title,
)
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import (
    BASES,
    COMPARISONS,
    POLICIES,
    REASON_SENTENCES,
    Colours,
    Lang,
    Phrase,
    name_phrase,
    percent,
    phrase_of,
    window_phrase,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.screening import Screening

__all__ = ["render_page", "write_page"]

PATH_CELLS: Final = 110_000
"""Most path values embedded in one page; more mentions get fewer days each, so the file stays
small and the chart quick."""


FEW: Final = 24
"""Most segments that get a colour and a number in the large chart; more are drawn faint."""

_FIRST: Final = 'document.documentElement.className = "js";'


def render_page(
    screening: Screening,
    lang: Lang = "zh",
    static: bool = False,
    colours: Colours = "china",
    changes: pd.DataFrame | None = None,
) -> str:
    """The page of ``screening`` as one HTML document that asks no server for anything.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    lang : {"zh", "en"}
        Language the page opens in; the interactive page can be switched to the other.
    static : bool
        Without any script, for mail: one language, folds work by style sheet alone.
    colours : {"china", "west"}
        Red up and green down, or the other way round.
    changes : DataFrame, optional
        What changed since the last week, one row a company: ``company``, ``company_en``,
        ``before`` and ``after`` (ratings), ``relative_before`` and ``relative_after``
        (fractions), ``cause`` (a key of `words.CAUSES`), ``detail`` and ``detail_zh``; all but
        the first may be left out.

    Returns
    -------
    str
        HTML in UTF-8. The same screening gives the same text.

    Notes
    -----
    The content policy in the document's head forbids every request and every script but the
    page's own, by its hash. All names pass Jinja's autoescape.
    """
    if lang not in ("zh", "en"):
        raise ValueError(f"lang must be 'zh' or 'en', not {lang!r}")
    if colours not in ("china", "west"):
        raise ValueError(f"colours must be 'china' or 'west', not {colours!r}")
    speech = Speech(lang, static)
    context = _context(screening, speech, static=static, colours=colours, changes=changes)
    context["figures"] = key_figures(screening)
    return environment().get_template("page.html.j2").render(context)


def write_page(
    screening: Screening,
    path: str | Path,
    lang: Lang = "zh",
    static: bool = False,
    colours: Colours = "china",
    changes: pd.DataFrame | None = None,
) -> Path:
    """Write the page of `render_page` to ``path``, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written; what was there before is still there.
    """
    text = render_page(screening, lang, static, colours, changes)
    return write_file(path, text.encode("utf-8"))


def _context(
    screening: Screening,
    speech: Speech,
    *,
    static: bool,
    colours: Colours,
    changes: pd.DataFrame | None,
) -> dict[str, Any]:
    paths = paths_of(screening)
    rows = dossiers(screening, paths)
    report, read = screening.report, page_reader(screening)
    scale = report.standard.stock
    axis = strip_axis(
        screening.companies["relative_return"].to_numpy(dtype=float),
        screening.segments[["mean", "leave_one_out_low", "leave_one_out_high"]]
        .to_numpy(dtype=float)
        .ravel(),
        scale.bounds,
    )
    segments = segments_section(screening, paths, rows, axis)
    css, folds, script = (template(name) for name in ("page.css", "folds.css", "page.js"))
    context: dict[str, Any] = {
        "P": Phrase,
        "tr": lambda zh, en: speech.say(Phrase(zh, en)),
        "visible": visible_text,
        "say": speech.say,
        "who": speech.who,
        "element": speech.element,
        "window": window_phrase,
        "free": speech.free,
        "attribute": speech.attribute,
        "lang": speech.lang,
        "static": static,
        "colours": colours,
        "report": report,
        "screening": screening,
        "publisher": name_phrase(report.publisher, report.publisher_en),
        "report_title": name_phrase(report.title, report.title_en),
        "title": title(screening),
        "basis": BASES[screening.basis],
        "policy": POLICIES[screening.base_policy],
        "comparison": COMPARISONS[screening.comparison],
        "headline": headline(screening),
        "disclaimer": DISCLAIMER,
        "notices": notices(screening),
        "interim": interim_calls(screening),
        "mentions": count_mentions(screening),
        "companies": count_companies(screening),
        "reasons": reason_counts,
        "scoreboard": scoreboard_section(screening),
        "sector": sector_section(screening),
        "segments": segments,
        "rows": len(rows),
        "axis": _axis(axis, scale.bounds),
        "focus": _focus(screening, paths, 110 if static else 160),
        "few": FEW,
        "fans": FANS,
        "levels": [rating_of(scale, level.name) for level in scale.levels]
        + [rating_of(scale, "unrated")],
        "markets": _markets(rows),
        "unrated": screening.unrated.to_dict("records"),
        "cell": read.both,
        "reason_sentence": partial(phrase_of, REASON_SENTENCES),
        "rating_of": partial(rating_of, scale),
        "findings": findings_section(screening),
        "changes": None if changes is None else changes.to_dict("records"),
        "method": method(screening),
        "definitions": definitions(),
        "column": column,
        "css": trusted(css),
        "css_hash": digest(css),
        "folds": trusted(folds),
        "folds_hash": digest(folds),
        "script": trusted(script),
        "script_hash": digest(script),
        "first": trusted(_FIRST),
        "first_hash": digest(_FIRST),
    }
    # Last: every phrase the template says must already be known, so it asks when it is done.
    context["data"] = lambda: embedded(_data(screening, speech, paths, rows))
    return context


def _axis(axis: tuple[float, float], bounds: Any) -> dict[str, Any]:
    low, high = axis

    def x_of(value: float) -> float:
        return round(6 + (value - low) / (high - low) * 308, 1)

    edges = [(x_of(b), percent(b, 0)) for b in bounds if low <= b <= high]
    ticks = [(x_of(t), percent(t, 0)) for t in nice_ticks(low, high, 5)]
    return {
        "ticks": [(x, text) for x, text in ticks if all(abs(x - edge) > 34 for edge, _ in edges)],
        "bounds": edges,
        "zero": x_of(0.0),
    }


def _focus(screening: Screening, paths: Paths, points: int) -> Chart | None:
    """All segments' means, faint; the mean of all companies as the one prominent line."""
    if len(paths.days) < 2:
        return None
    many = len(paths.means) > FEW
    return chart(
        paths.days,
        paths.means if not many else paths.total[None, :],
        paths.total[None, :] if not many else paths.means,
        screening.report.standard.stock.bounds,
        width=760,
        height=360,
        points=points if not many else max(24, points // 4),
        marks=_window_ends(screening),
    )


def _window_ends(screening: Screening) -> list[tuple[np.datetime64, str]]:
    """Where the windows before the last one end."""
    frame = screening.evidence
    found = []
    for window in screening.windows[:-2]:
        ends = frame.loc[frame["window"] == window, "end_date"].dropna()
        if len(ends):
            found.append((ends.iloc[0].to_numpy().astype("datetime64[D]"), window))
    return found


def _markets(rows: list[Dossier]) -> list[tuple[str, Phrase]]:
    found = {one.market: one.market_words for one in rows}
    return sorted(found.items())


def _data(
    screening: Screening, speech: Speech, paths: Paths, rows: list[Dossier]
) -> dict[str, Any]:
    keep = spaced(len(paths.days), max(26, min(400, PATH_CELLS // max(1, len(rows)))))
    days = paths.days[keep]
    return {
        "lang": speech.lang,
        "title": list(title(screening)),
        "strings": speech.strings(),
        "bounds": [round(float(b), 6) for b in screening.report.standard.stock.bounds],
        "days": [str(one) for one in days],
        "ends": [[str(on), list(window_phrase(label))] for on, label in _window_ends(screening)],
        "few": FEW,
        "total": _basis_points(paths.total[keep]),
        "means": [_basis_points(row[keep]) for row in paths.means],
        "members": [_steps(_basis_points(row[keep])) for row in paths.members],
        "rows": [
            [
                one.order,
                one.segment,
                one.name.zh,
                one.name.en,
                one.symbol,
                one.market,
                one.rating.name,
                *one.sort,
                " ".join((*(one.note or ()), one.listing, *one.candidates)),
            ]
            for one in rows
        ],
    }


def _basis_points(values: np.ndarray[Any, Any]) -> list[int | None]:
    return [None if v != v else round(v * 1e4) for v in values.tolist()]


def _steps(values: list[int | None]) -> list[int | None]:
    """Each value as its distance from the last one there was: shorter, and exactly undone."""
    steps: list[int | None] = []
    before = 0
    for value in values:
        steps.append(None if value is None else value - before)
        before = before if value is None else value
    return steps
