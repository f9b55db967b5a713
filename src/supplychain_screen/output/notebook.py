"""What a notebook cell shows for a screening: the result at a glance, in both languages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.columns import Column, Reader, Style, column, segment_rows
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
    said,
)
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    count_companies,
    headline,
    notices,
    reason_counts,
    sector_sentence,
)
from supplychain_screen.words import (
    Lang,
    message,
    name_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.record import TrackRecord
    from supplychain_screen.research import RatingScale
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
    window, scale = league.window, record.standard.stock
    ranked = league.frame[league.frame["verdict"] != "too_few"]
    sides = record.league("side").frame.sort_values("side", ascending=False)
    few = few_sentence(league)
    more = said("notebook.more", n=len(ranked) - ROWS) if len(ranked) > ROWS else None
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
        _table(SIDE_COLUMNS, sides.to_dict("records"), scale, lang),
        _table(matrix_columns(record), matrix_rows(record, window), scale, lang),
        f'<details open><summary style="cursor:pointer">{_safe(league_title(league).of(lang))}'
        "</summary>",
        _table(shown_columns(league), ranked.head(ROWS).to_dict("records"), scale, lang),
        f"<p>{_safe(more.of(lang))}</p>" if more else "",
        "</details>",
        *(f"<p>{_safe(one.of(lang))}</p>" for one in below),
        f'<p style="{_STYLES["note"]}">{_safe(said("disclaimer").of(lang))}</p>',
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
    lines = [headline(screening).of(lang), *([sector.of(lang)] if sector else [])]
    if unrated:
        lines.append(message("notebook.unrated", unrated=unrated).of(lang))
    parts = [
        f'<div lang="{lang}">',
        *(
            f'<div role="note" style="{_STYLES[one.kind]}">{_safe(one.text.of(lang))}</div>'
            for one in notices(screening)
        ),
        f"<p><b>{_safe(title)}</b> · {_safe(dates)}</p>",
        *(f"<p>{_safe(line)}</p>" for line in lines),
        _table(_SEGMENTS, segment_rows(screening), report.standard.stock, lang),
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
    "return",
    "benchmark_return",
    "relative_return",
    "verdict",
    "progress",
)


def _companies(screening: Screening, lang: Lang) -> str:
    frame = screening.companies
    shown = frame.head(ROWS).to_dict("records")
    more = len(frame) - len(shown)
    rest = message("notebook.more_rows", more=more).of(lang)
    summary = message("notebook.companies", n=len(frame)).of(lang)
    return (
        f'<details open><summary style="cursor:pointer">{_safe(summary)}</summary>'
        + _table(_COMPANIES, shown, screening.report.standard.stock, lang)
        + (f"<p>{_safe(rest)}</p>" if more else "")
        + "</details>"
    )


def _table(
    keys: Sequence[str | Column], rows: Iterable[Mapping[Any, Any]], scale: RatingScale, lang: Lang
) -> str:
    read = Reader(Style(scale), lang)
    sides = ["right" if column(key).right else "left" for key in keys]

    def cells(tag: str, texts: Iterable[str]) -> str:
        return "".join(
            f'<{tag} style="text-align:{side}">{_safe(text)}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )

    head = cells("th", (column(key).title.of(lang) for key in keys))
    body = "".join(f"<tr>{cells('td', (read(key, row) for key in keys))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _safe(text: str) -> str:
    return html.escape(visible_text(text))
