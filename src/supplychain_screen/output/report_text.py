"""A research report in a terminal: its table, who each company is, its standard and own call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.text_columns import fit, wrap
from supplychain_screen.words import (
    CONFIDENCES,
    MINUS,
    MISSING,
    Lang,
    Message,
    Phrase,
    bound_percent,
    known_name,
    message,
    name_phrase,
    phrase_of,
    rating_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.research import Level, Mention, ResearchReport

__all__ = ["report_table"]

_NAME, _NOTE = 30, 34


def report_table(report: ResearchReport, lang: Lang = "zh", width: int = 80) -> str:
    """A report as plain text, for a terminal.

    Parameters
    ----------
    report : ResearchReport
    lang : {"zh", "en"}
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Title, publication date, standard, and one line a mention with its listing; the reason of
        every choice that the print leaves open.
    """
    said = [
        name_phrase(report.title, report.title_en),
        known_name(report.publisher, report.publisher_en),
        *_dates(report),
        *_standard(report),
    ]
    lines = [visible_text(one.of(lang)) for one in said if one]
    text = [piece for line in lines for piece in wrap(line, width, hang=2)]
    segment = None
    for mention in report.mentions:
        if mention.segment != segment:
            segment = mention.segment
            name = name_phrase(segment, mention.segment_en).of(lang)
            text += ["", f"[{visible_text(name)}]"]
        text.append(_mention(report, mention, lang))
    text += ["", *_open_choices(report, lang, width)]
    return "\n".join(line.rstrip() for line in text).rstrip() + "\n"


def _dates(report: ResearchReport) -> Iterator[Message]:
    if report.published is not None:
        yield message("report.published", published=report.published)
    elif report.published_after is not None:
        yield message("report.published_after", after=report.published_after)


def _standard(report: ResearchReport) -> Iterator[Message | Phrase]:
    standard = report.standard
    spans = [(rating_phrase(standard.stock, one.name), _span(one)) for one in standard.stock.levels]
    months = f"{standard.first_months}-{standard.last_months}"
    levels = tuple(message("report.level", level=name, span=span) for name, span in spans)
    yield message("report.standard", months=months, levels=levels)
    for market in standard.markets:
        names = [standard.index(one) for one in market.benchmarks]
        yield Phrase(
            f"  {market.name_zh}: {' / '.join(one.name_zh for one in names)}",
            f"  {market.name_en}: {' / '.join(one.name_en for one in names)}",
        )
    call = report.sector_call
    if call is not None:
        action = Phrase(call.action_zh, call.action)
        level = rating_phrase(standard.sector or standard.stock, call.level)
        yield message("report.sector_call", level=level, action=action)


def _span(level: Level) -> str:
    if not level.is_bounded:
        return ""
    low = f"{MINUS}∞" if level.lower is None else bound_percent(level.lower)
    high = "+∞" if level.upper is None else bound_percent(level.upper)
    opening = "[" if level.lower_inclusive else "("
    closing = "]" if level.upper_inclusive else ")"
    return f" {opening}{low}, {high}{closing}"


def _mention(report: ResearchReport, mention: Mention, lang: Lang) -> str:
    name = name_phrase(mention.company, mention.company_en).of(lang)
    note = name_phrase(mention.note, mention.note_en).of(lang) if mention.note else ""
    symbol = MISSING if mention.listing is None else report.listing(mention.listing).ticker
    sure = mention.confidence == "verified"
    mark = "" if sure else phrase_of(CONFIDENCES, mention.confidence).of(lang)
    told = visible_text(" · ".join(filter(None, (note, mark))))
    return (
        f"{mention.order:>3} {fit(visible_text(name), _NAME)} {fit(symbol, 10)} {fit(told, _NOTE)}"
    )


def _open_choices(report: ResearchReport, lang: Lang, width: int) -> Iterator[str]:
    for mention in report.mentions:
        if mention.confidence == "ambiguous":
            said = message(
                "report.open_choice",
                name=mention.company,
                why=name_phrase(mention.why_zh, mention.why),
                candidates=mention.candidates,
            )
            yield from wrap(said.of(lang), width, hang=2)
