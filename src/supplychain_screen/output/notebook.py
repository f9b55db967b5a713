"""What a notebook cell shows for a screening: the result at a glance, in both languages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from supplychain_screen.output.columns import (
    PRINTED,
    Column,
    Reader,
    Style,
    column,
    printed_beside,
    segment_rows,
    table_style,
)
from supplychain_screen.output.handout import inks_of
from supplychain_screen.output.page import Companies, companies_picture
from supplychain_screen.output.record_columns import (
    SIDE_COLUMNS,
    matrix_columns,
    matrix_rows,
    shown_columns,
)
from supplychain_screen.output.record_sentences import (
    denominator_sentences,
    few_sentence,
    finding,
    league_sentences,
    league_title,
    record_notices,
    record_title,
)
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    call_and_outcome,
    count_companies,
    headline,
    notices,
    reason_counts,
    sector_sentence,
    three_numbers,
)
from supplychain_screen.words import (
    Lang,
    Tone,
    default_colours,
    message,
    name_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.record import TrackRecord
    from supplychain_screen.screening import Screening

__all__ = ["record_html", "screening_html"]

ROWS: Final = 60
"""Most companies shown; the frame has them all."""

# Inline, and only what reads on a light and on a dark notebook: viewers such as GitHub drop
# style sheets.
_STYLES: Final = {
    "simulated": "background:#c00000;color:#ffffff;font-weight:bold;padding:6px 10px",
    "interim": "background:#fff3d1;color:#7a4b00;font-weight:bold;padding:4px 10px",
    "warning": "background:#fff3d1;color:#7a4b00;padding:4px 10px",
    "note": "opacity:.75;font-size:90%",
}


def screening_html(screening: Screening) -> str:
    """The result as HTML for a notebook: notices, headline, segments, companies, unrated.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.

    Returns
    -------
    str
        Chinese first, English folded below; no script, no style sheet, no address. Every name is
        escaped.
    """
    return _in_both(_view(screening, "zh"), _view(screening, "en"))


def record_html(record: TrackRecord) -> str:
    """A track record as HTML for a notebook: notices, finding, sides, calibration, league.

    Parameters
    ----------
    record : TrackRecord
        Result of `supplychain_screen.track_record`.

    Returns
    -------
    str
        Chinese first, English folded below; no script, no style sheet, no address. Every name is
        escaped.
    """
    return _in_both(_record_view(record, "zh"), _record_view(record, "en"))


def _in_both(zh: str, en: str) -> str:
    summary = '<details><summary style="cursor:pointer">English</summary>'
    return f"<div>{zh}{summary}{en}</details></div>"


def _record_view(record: TrackRecord, lang: Lang) -> str:
    league = record.league()
    window, style = league.window, Style(record.standard.stock)
    ranked = league.frame[league.frame["verdict"] != "too_few"]
    sides = record.league("side").frame.sort_values("side", ascending=False)
    few = few_sentence(league)
    more = (
        message("record.notebook.more", n=len(ranked) - ROWS).phrase if len(ranked) > ROWS else None
    )
    below = [
        *(league_sentences(league) or ()),
        *([few] if few else []),
        *denominator_sentences(record, window),
    ]
    head = record_title(record)
    parts = [
        f'<div lang="{lang}">',
        *(
            f'<div role="note" style="{_STYLES[one.kind]}">{_safe(one.text.of(lang))}</div>'
            for one in record_notices(record, window)
        ),
        f"<p>{_safe(head.of(lang))}</p><p><b>{_safe(finding(record, league).of(lang))}</b></p>",
        _table(SIDE_COLUMNS, sides.to_dict("records"), style, lang),
        _table(matrix_columns(record), matrix_rows(record, window), style, lang),
        f'<details open><summary style="cursor:pointer">{_safe(league_title(league).of(lang))}'
        "</summary>",
        _table(shown_columns(league), ranked.head(ROWS).to_dict("records"), style, lang),
        f"<p>{_safe(more.of(lang))}</p>" if more else "",
        "</details>",
        *(f"<p>{_safe(one.of(lang))}</p>" for one in below),
        f'<p style="{_STYLES["note"]}">{_safe(message("record.disclaimer").of(lang))}</p>',
        "</div>",
    ]
    return "".join(parts)


def _view(screening: Screening, lang: Lang) -> str:
    report = screening.report
    title = name_phrase(report.title, report.title_en).of(lang)
    dates = message("notebook.published", published=screening.published, as_of=screening.as_of).of(
        lang
    )
    counts = count_companies(screening)
    unrated = reason_counts(counts.reasons).of(lang)
    sector = sector_sentence(screening)
    lines = [sector.of(lang)] if sector else []
    if unrated:
        lines.append(message("notebook.unrated", unrated=unrated).of(lang))
    parts = [
        f'<div lang="{lang}">',
        *(
            f'<div role="note" style="{_STYLES[one.kind]}">{_safe(one.text.of(lang))}</div>'
            for one in notices(screening)
        ),
        f"<p><b>{_safe(title)}</b> · {_safe(dates)}</p>",
        f"<p><b>{_safe(headline(screening).of(lang))}</b></p>",
        _tiles(screening, lang),
        _dumbbells(screening, lang),
        *(f"<p>{_safe(line)}</p>" for line in lines),
        _table(_SEGMENTS, segment_rows(screening), table_style(screening), lang),
        _companies(screening, lang),
        f'<p style="{_STYLES["note"]}">{_safe(DISCLAIMER.of(lang))}</p>',
        "</div>",
    ]
    return "".join(parts)


_SEGMENTS: Final = ("segment", "rated_of", "mean", "median", "hit_rate", "rating")


_COMPANIES: Final = (
    "segment",
    "company",
    "symbol",
    *PRINTED,
    "return",
    "benchmark_return",
    "relative_return",
    "verdict",
    "progress",
)
"""Columns of companies; those of `PRINTED` only where the report fills them."""


def _tiles(screening: Screening, lang: Lang) -> str:
    """What was called and what it became, and the three numbers as equals."""
    call = call_and_outcome(screening)
    tiles = [] if call is None else [(message("card.called_became").of(lang), call.of(lang))]
    tiles += [(name.of(lang), figure) for name, figure, _ in three_numbers(screening)]
    cells = "".join(
        f'<td style="text-align:left;padding:4px 28px 4px 0"><small>{_safe(name)}</small><br>'
        f'<b style="font-size:150%;white-space:nowrap">{_safe(figure)}</b></td>'
        for name, figure in tiles
    )
    return f"<table><tbody><tr>{cells}</tr></tbody></table>" if tiles else ""


_LEFT: Final = 150
_PLOT: Final = 430
_LINE: Final = 17


def _dumbbells(screening: Screening, lang: Lang) -> str:
    """Every rated company from its first window to its headline; nothing where they are too many.

    Drawn with attributes only: it reads on light and dark, and needs neither network nor script.
    """
    picture = companies_picture(screening, Reader(Style(screening.report.standard.stock), lang))
    if picture is None or picture.size != "named":
        return ""
    inks = inks_of(default_colours(lang))
    height = _LINE * len(picture.rows) + 24
    foot = height - 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="660" height="{height}" '
        f'viewBox="0 0 660 {height}" font-size="12" fill="currentColor" role="img" '
        f'aria-label="{_safe(_legend(picture, lang))}">'
    ]

    def x_of(place: float) -> float:
        return round(_LEFT + place * _PLOT / 100, 1)

    for place, label, kind in picture.axis.ticks:
        x = x_of(place)
        if kind != "tick":
            dash = "" if kind == "zero" else ' stroke-dasharray="3 3"'
            parts.append(
                f'<line x1="{x}" x2="{x}" y1="0" y2="{foot}" stroke="currentColor" '
                f'stroke-opacity=".5"{dash}></line>'
            )
        parts.append(f'<text x="{x}" y="{height - 6}" text-anchor="middle">{_safe(label)}</text>')
    for i, row in enumerate(picture.rows):
        y, end = round(_LINE * (i + 0.5), 1), x_of(row.end)
        start = x_of(picture.axis.at(0.0) if row.start is None else row.start)
        ink = inks[cast("Tone", row.tone)]
        name = row.name.of(lang)
        shown = name if len(name) <= 22 else name[:21] + "…"
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{_safe(shown)}</text>'
            f'<line x1="{start}" x2="{end}" y1="{y}" y2="{y}" stroke="#8a939d" '
            'stroke-width="1.5"></line>'
        )
        if row.start is not None:
            parts.append(f'<circle cx="{start}" cy="{y}" r="2.5" fill="#8a939d"></circle>')
        fill = "none" if row.tone == "down" else ink
        parts.append(
            f'<circle cx="{end}" cy="{y}" r="4.5" fill="{fill}" stroke="{ink}" '
            'stroke-width="1.8"></circle>'
            f'<text x="655" y="{y + 4}" text-anchor="end">{_safe(row.late)}</text>'
        )
    return "".join([*parts, "</svg>", f"<p><small>{_safe(_legend(picture, lang))}</small></p>"])


def _legend(picture: Companies, lang: Lang) -> str:
    if picture.early is None:
        return message("notebook.dots", late=picture.late).of(lang)
    return message("notebook.dumbbells", early=picture.early, late=picture.late).of(lang)


def _companies(screening: Screening, lang: Lang) -> str:
    frame = screening.companies
    empty = set(PRINTED) - set(printed_beside(screening))
    columns = [one for one in _COMPANIES if one not in empty]
    shown = frame.head(ROWS).to_dict("records")
    more = len(frame) - len(shown)
    rest = message("notebook.more_rows", more=more).of(lang)
    summary = message("notebook.companies", n=len(frame)).of(lang)
    return (
        f'<details><summary style="cursor:pointer">{_safe(summary)}</summary>'
        + _table(columns, shown, table_style(screening), lang)
        + (f"<p>{_safe(rest)}</p>" if more else "")
        + "</details>"
    )


def _table(
    keys: Sequence[str | Column], rows: Iterable[Mapping[Any, Any]], style: Style, lang: Lang
) -> str:
    read = Reader(style, lang)
    figures = "right;font-variant-numeric:tabular-nums"
    sides = [figures if column(key).right else "left" for key in keys]

    def cells(tag: str, texts: Iterable[str]) -> str:
        return "".join(
            f'<{tag} style="text-align:{side}">{_safe(text)}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )

    head = cells("th", (column(key).headed(style).of(lang) for key in keys))
    body = "".join(f"<tr>{cells('td', (read(key, row) for key in keys))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _safe(text: str) -> str:
    return html.escape(visible_text(text))
