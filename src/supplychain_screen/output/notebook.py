"""What a notebook cell shows for a screening: the result at a glance, in both languages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.columns import Reader, Style, column, segment_rows
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
    Phrase,
    name_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["screening_html"]

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
    return (
        "<div>"
        + _view(screening, "zh")
        + '<details><summary style="cursor:pointer">English</summary>'
        + _view(screening, "en")
        + "</details></div>"
    )


def _view(screening: Screening, lang: Lang) -> str:
    report = screening.report
    title = name_phrase(report.title, report.title_en).of(lang)
    dates = Phrase(
        f"发布 {screening.published} · 截至 {screening.as_of}",
        f"published {screening.published} · as of {screening.as_of}",
    ).of(lang)
    counts = count_companies(screening)
    unrated = reason_counts(counts.reasons).of(lang)
    sector = sector_sentence(screening)
    lines = [headline(screening).of(lang), *([sector.of(lang)] if sector else [])]
    if unrated:
        lines.append(Phrase(f"无评级：{unrated}。", f"Unrated: {unrated}.").of(lang))
    parts = [
        f'<div lang="{lang}">',
        *(
            f'<div role="note" style="{_STYLES[one.kind]}">{_safe(one.text.of(lang))}</div>'
            for one in notices(screening)
        ),
        f"<p><b>{_safe(title)}</b> · {_safe(dates)}</p>",
        *(f"<p>{_safe(line)}</p>" for line in lines),
        _table(_SEGMENTS, segment_rows(screening), screening, lang),
        _companies(screening, lang),
        f'<p style="{_STYLES["note"]}">{_safe(DISCLAIMER.of(lang))}</p>',
        "</div>",
    ]
    return "".join(parts)


_SEGMENTS: Final = ("segment", "rated_of", "mean", "median", "hit_rate", "rating")
_COMPANIES: Final = (
    "segment", "company", "symbol", "return", "benchmark_return", "relative_return", "verdict",
    "progress",
)  # fmt: skip


def _companies(screening: Screening, lang: Lang) -> str:
    frame = screening.companies
    shown = frame.head(ROWS).to_dict("records")
    more = len(frame) - len(shown)
    rest = Phrase(f"另有 {more} 行，见 .companies", f"{more} more rows in .companies").of(lang)
    summary = Phrase(f"各公司（{len(frame)} 条提及）", f"Companies ({len(frame)} mentions)").of(
        lang
    )
    return (
        f'<details open><summary style="cursor:pointer">{_safe(summary)}</summary>'
        + _table(_COMPANIES, shown, screening, lang)
        + (f"<p>{_safe(rest)}</p>" if more else "")
        + "</details>"
    )


def _table(
    keys: Sequence[str], rows: Iterable[Mapping[Any, Any]], screening: Screening, lang: Lang
) -> str:
    read = Reader(Style(screening.report.standard.stock), lang)
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
