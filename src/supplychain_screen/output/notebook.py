"""What a notebook cell shows for a screening: the result at a glance, in both languages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    count_companies,
    headline,
    notices,
    reason_counts,
    sector_sentence,
    stage_phrase,
)
from supplychain_screen.words import (
    COLUMNS,
    MISSING,
    REASONS,
    Lang,
    Phrase,
    is_missing,
    percent,
    rating_phrase,
    rating_sign,
    rating_tone,
    say,
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
    title = report.title if lang == "zh" else report.title_en or report.title
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
        _segments(screening, lang),
        _companies(screening, lang),
        f'<p style="{_STYLES["note"]}">{_safe(DISCLAIMER.of(lang))}</p>',
        "</div>",
    ]
    return "".join(parts)


def _segments(screening: Screening, lang: Lang) -> str:
    scale = screening.report.standard.stock
    heads = [
        COLUMNS["segment"], COLUMNS["rated"], COLUMNS["mean"], COLUMNS["median"],
        COLUMNS["hit_rate"], COLUMNS["rating"],
    ]  # fmt: skip
    whole = screening.total.to_dict() | {"segment": Phrase("全部", "All").of(lang)}
    rows = [
        (
            _name(row, "segment", lang),
            f"{row['rated']}/{row['mentions']}",
            percent(row["mean"], bounds=scale.bounds),
            percent(row["median"], bounds=scale.bounds),
            percent(row["hit_rate"], 0, signed=False),
            _rating(scale, row["rating"], lang),
        )
        for row in [*screening.segments.to_dict("records"), whole]
    ]
    return _table(heads, rows, lang, right=(1, 2, 3, 4))


def _companies(screening: Screening, lang: Lang) -> str:
    scale = screening.report.standard.stock
    heads = [
        COLUMNS["segment"], COLUMNS["company"], COLUMNS["symbol"], COLUMNS["return"],
        COLUMNS["benchmark_return"], COLUMNS["relative_return"], COLUMNS["rating"],
        COLUMNS["stage"],
    ]  # fmt: skip
    frame = screening.companies
    rows = [
        (
            _name(row, "segment", lang),
            _name(row, "company", lang),
            _text(row["symbol"]),
            percent(row["return"]),
            percent(row["benchmark_return"]),
            percent(row["relative_return"], bounds=scale.bounds),
            f"{rating_sign('none')} {say(REASONS, row['reason'], lang)}"
            if not is_missing(row["reason"])
            else _rating(scale, row["rating"], lang),
            stage_phrase(row["stage"], row["day"], row["days"]).of(lang),
        )
        for row in frame.head(ROWS).to_dict("records")
    ]
    more = len(frame) - len(rows)
    rest = Phrase(f"另有 {more} 行，见 .companies", f"{more} more rows in .companies").of(lang)
    summary = Phrase(f"各公司（{len(frame)} 条提及）", f"Companies ({len(frame)} mentions)").of(
        lang
    )
    return (
        f'<details open><summary style="cursor:pointer">{_safe(summary)}</summary>'
        + _table(heads, rows, lang, right=(3, 4, 5))
        + (f"<p>{_safe(rest)}</p>" if more else "")
        + "</details>"
    )


def _table(
    heads: Sequence[Phrase], rows: Iterable[Sequence[str]], lang: Lang, *, right: Sequence[int]
) -> str:
    def cells(tag: str, texts: Sequence[str]) -> str:
        return "".join(
            f'<{tag} style="text-align:{"right" if i in right else "left"}">{_safe(text)}</{tag}>'
            for i, text in enumerate(texts)
        )

    head = cells("th", [one.of(lang) for one in heads])
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _rating(scale: Any, rating: object, lang: Lang) -> str:
    return f"{rating_sign(rating_tone(scale, rating))} {rating_phrase(scale, rating).of(lang)}"


def _name(row: Any, column: str, lang: Lang) -> str:
    english = row.get(f"{column}_en")
    return _text(english if lang == "en" and not is_missing(english) and english else row[column])


def _text(value: Any) -> str:
    return MISSING if is_missing(value) else str(value)


def _safe(text: str) -> str:
    return html.escape(visible_text(text))
