"""The page: one offline HTML file that an analyst can forward."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.columns import column, table_style
from supplychain_screen.output.figures_said import key_figures
from supplychain_screen.output.outcomes import outcome_of
from supplychain_screen.output.page.document import (
    colours_of,
    digest,
    embedded,
    environment,
    running_heads,
    template,
    trusted,
)
from supplychain_screen.output.page.dossier import (
    Dossier,
    common_of,
    dossiers,
    other_windows,
    page_reader,
)
from supplychain_screen.output.page.figures import Chart, chart, domain
from supplychain_screen.output.page.pictures import (
    axis_of,
    companies_picture,
    histogram_picture,
    migration_picture,
)
from supplychain_screen.output.page.sections import (
    FANS,
    findings_section,
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
    measured_interval,
    method,
    notices,
    rated_sentence,
    reason_counts,
    three_numbers,
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
    is_missing,
    known_name,
    message,
    name_phrase,
    phrase_of,
    points,
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
    colours: Colours | None = None,
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
    colours : {"china", "west", "blue"}, optional
        Red up and green down, the other way round, or blue up and orange down; what readers of
        the language are used to where it is left out. The interactive page can be switched.
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
    colours = colours_of(lang, colours)
    speech = Speech(lang, static)
    context = _context(screening, speech, static=static, colours=colours, changes=changes)
    context["figures"] = key_figures(screening)
    return environment().get_template("page.html.j2").render(context)


def write_page(
    screening: Screening,
    path: str | Path,
    lang: Lang = "zh",
    static: bool = False,
    colours: Colours | None = None,
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
    rated = screening.companies[screening.companies["rating"] != "unrated"]
    axis = axis_of(rated["relative_return"].to_numpy(dtype=float), scale.bounds)
    segments = segments_section(screening, paths, rows, axis)
    by_mean = sorted(segments, key=lambda one: -_or_least(one.row["mean"]))
    focus = _focus(screening, paths, 110 if static else 160)
    css, folds, script = (template(name) for name in ("page.css", "folds.css", "page.js"))
    paper = _paper(screening)
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
        "publisher": known_name(report.publisher, report.publisher_en),
        "report_title": name_phrase(report.title, report.title_en),
        "title": title(screening),
        "basis": BASES[screening.basis],
        "policy": POLICIES[screening.base_policy],
        "comparison": COMPARISONS[screening.comparison],
        "unit": column("relative_return").unit(table_style(screening)),
        "finding": outcome_of(screening),
        "headline": headline(screening),
        "numbers": three_numbers(screening),
        "measured": measured_interval(screening),
        "rated_sentence": rated_sentence(screening),
        "disclaimer": DISCLAIMER,
        "notices": notices(screening),
        "interim": interim_calls(screening),
        "mentions": count_mentions(screening),
        "companies": count_companies(screening),
        "reasons": reason_counts,
        "picture": companies_picture(screening, read),
        "histogram": histogram_picture(screening),
        "migration": migration_picture(screening, read),
        "sector": sector_section(screening),
        "segments": segments,
        "several": [one for one in by_mean if not one.row["single_company"]],
        "single": [one for one in by_mean if one.row["single_company"]],
        "total": page_reader(screening, unit=False)("mean", screening.total.to_dict()),
        "rows": len(rows),
        "common": common_of(rows),
        "others": [window_phrase(one) for one in other_windows(screening)],
        "headline_window": _headline_window(screening),
        "axis": axis,
        "focus": focus,
        "beyond": _beyond_focus(paths, focus),
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
        "paper": trusted(paper),
        "paper_hash": digest(paper),
        "folds": trusted(folds),
        "folds_hash": digest(folds),
        "script": trusted(script),
        "script_hash": digest(script),
        "first": trusted(_FIRST),
        "first_hash": digest(_FIRST),
    }
    # Last: every phrase the template says must already be known, so it asks when it is done.
    context["data"] = lambda: embedded(_data(screening, speech, paths, rows, focus))
    return context


def _or_least(value: Any) -> float:
    return -math.inf if is_missing(value) else float(value)


def _headline_window(screening: Screening) -> Phrase | None:
    """The window that the headline is measured over; None where nobody is rated."""
    found = outcome_of(screening)
    return None if not found.rated else window_phrase(found.window)


def _paper(screening: Screening) -> str:
    """Heads of printed pages: the report's name, and the dates."""
    report = screening.report
    names = name_phrase(report.title, report.title_en)
    mark = message("page.simulated").phrase.zh if screening.simulated else ""
    dates = message("text.published", published=screening.published, as_of=screening.as_of)
    return running_heads(
        Phrase(*(f"{mark}{visible_text(name)[:70]}" for name in names)), dates.phrase
    )


def _focus(screening: Screening, paths: Paths, most: int) -> Chart | None:
    """All segments' means, faint; the mean of all companies with its middle half."""
    if len(paths.days) < 2:
        return None
    many = len(paths.means) > FEW
    bounds = screening.report.standard.stock.bounds
    return chart(
        paths.days,
        paths.total[None, :],
        paths.means,
        bounds,
        width=760,
        height=360,
        points=most if not many else max(24, most // 4),
        marks=_window_ends(screening),
        span=_focus_span(screening, paths),
        band=(paths.quartiles[0], paths.quartiles[1]),
    )


def _focus_span(screening: Screening, paths: Paths) -> tuple[float, float]:
    """All of the mean and its middle half, and most days of the segments of several companies."""
    several = paths.means[(screening.segments["rated"] > 1).to_numpy()]
    inner = several[np.isfinite(several)]
    middle = np.quantile(inner, [0.02, 0.98]) if inner.size else np.zeros(2)
    shown = np.concatenate([paths.total, paths.quartiles.ravel(), middle])
    return domain(shown, screening.report.standard.stock.bounds)


def _beyond_focus(paths: Paths, focus: Chart | None) -> list[tuple[int, str]]:
    """Segments whose paths leave the axis, and how far they went."""
    if focus is None:
        return []
    found = []
    for i, path in enumerate(paths.means):
        known = path[np.isfinite(path)]
        if known.size and (known.max() > focus.high or known.min() < focus.low):
            far = known.max() if known.max() > focus.high else known.min()
            found.append((i + 1, points(float(far), 0)))
    return found


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
    screening: Screening,
    speech: Speech,
    paths: Paths,
    rows: list[Dossier],
    focus: Chart | None,
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
        "span": [] if focus is None else [round(focus.low * 1e4), round(focus.high * 1e4)],
        "total": _basis_points(paths.total[keep]),
        "quartiles": [_basis_points(row[keep]) for row in paths.quartiles],
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
