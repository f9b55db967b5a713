"""A screening as plain text: a table for terminals, Markdown for chats and mail.

Chinese characters take two columns of a terminal, so widths are counted in columns, never in
characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.columns import (
    Reader,
    Style,
    printed_beside,
    segment_rows,
    table_style,
)
from supplychain_screen.output.figures_said import key_figures
from supplychain_screen.output.safety import markdown_text, visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    Counts,
    count_companies,
    count_mentions,
    headline,
    measured_interval,
    notices,
    printed_sentence,
    reason_counts,
    sector_sentence,
)
from supplychain_screen.output.text_columns import (
    Ink,
    Place,
    Row,
    display_width,
    fit,
    pipe_table,
    table,
    wrap,
)
from supplychain_screen.words import (
    ADJUSTMENTS,
    Colours,
    Lang,
    Phrase,
    day,
    default_colours,
    is_missing,
    known_name,
    message,
    name_phrase,
    phrase_of,
    rating_phrase,
    rating_sign,
    rating_tone,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["markdown", "terminal_table"]

_MINIMUM_WIDTH: Final = 40

_PRINTED: Final = {"printed_rating": 8, "target": 10}

_HEADS: Final[Mapping[str, Phrase]] = {
    "finding": message("text.finding").phrase,
    "scoreboard": message("text.scoreboard").phrase,
    "sector": message("text.sector_call").phrase,
    "figures": message("text.figures").phrase,
    "segments": message("text.segments").phrase,
    "companies": message("text.companies").phrase,
    "unrated": message("text.unrated").phrase,
    "remarks": message("text.remarks").phrase,
    "findings": message("text.price_checks").phrase,
    "sources": message("text.price_sources").phrase,
}


def terminal_table(
    screening: Screening,
    lang: Lang = "zh",
    width: int = 80,
    *,
    colour: bool = False,
    colours: Colours | None = None,
) -> str:
    """The whole result as text for a terminal.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    lang : {"zh", "en"}
        Language of every word.
    width : int
        Columns of the terminal; at least 40. From 92 columns on, further columns appear.
    colour : bool
        Colour by ANSI codes. Arrows say the same, so nothing is lost without.
    colours : {"china", "west", "blue"}, optional
        Which colour means up: red, green or blue; what readers of the language are used to where
        it is left out.

    Returns
    -------
    str
        Lines of at most ``width`` columns, ending with a line break.
    """
    ink = Ink(colour, colours or default_colours(lang))
    width = max(width, _MINIMUM_WIDTH)
    lines = [
        *_front(screening, lang, width, ink),
        *_scoreboard(screening, lang, width, ink),
        *_paragraphs("figures", _figure_lines(screening, lang), lang, width, ink),
        *_segments(screening, lang, width, ink),
        *_companies(screening, lang, width, ink),
        *_paragraphs("unrated", _unrated_lines(screening, lang), lang, width, ink),
        *_paragraphs("remarks", _remark_lines(screening, lang), lang, width, ink),
        *_paragraphs("findings", _finding_lines(screening, lang), lang, width, ink),
        *_paragraphs("sources", _source_lines(screening, lang), lang, width, ink),
        "",
        *wrap(DISCLAIMER.of(lang), width),
        *_finding(screening, lang, width, ink),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown(screening: Screening, lang: Lang = "zh") -> str:
    """The whole result as Markdown with pipe tables, for chats and mail.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    lang : {"zh", "en"}
        Language of every word.

    Returns
    -------
    str
        GitHub-flavoured Markdown; names are escaped, so none becomes markup or a link.
    """
    report, read = screening.report, Reader(table_style(screening), lang)
    heading = name_phrase(report.title, report.title_en).of(lang)
    parts = [
        f"# {markdown_text(heading)}",
        markdown_text(_dates(screening, lang)),
        *(
            f"> **{markdown_text(notice.text.of(lang))}**"
            if notice.kind in ("simulated", "interim")
            else f"> {markdown_text(notice.text.of(lang))}"
            for notice in notices(screening)
        ),
        f"**{markdown_text(headline(screening).of(lang))}**",
        "\n".join(f"- {markdown_text(line)}" for line in _count_lines(screening, lang)),
        *_markdown_list("figures", _figure_lines(screening, lang), lang),
        f"## {_HEADS['segments'].of(lang)}",
        pipe_table(_SEGMENTS, segment_rows(screening), read),
        f"## {_HEADS['companies'].of(lang)}",
        pipe_table(
            [Place("segment"), *_company_places(screening)],
            screening.companies.to_dict("records"),
            read,
        ),
    ]
    for head, lines in (
        ("unrated", _unrated_lines(screening, lang)),
        ("remarks", _remark_lines(screening, lang)),
        ("findings", _finding_lines(screening, lang)),
        ("sources", _source_lines(screening, lang)),
    ):
        parts += _markdown_list(head, lines, lang)
    parts.append(f"*{markdown_text(DISCLAIMER.of(lang))}*")
    return "\n\n".join(parts) + "\n"


def _markdown_list(head: str, lines: list[str], lang: Lang) -> list[str]:
    if not lines:
        return []
    return [
        f"## {_HEADS[head].of(lang)}",
        "\n".join(f"- {markdown_text(line)}" for line in lines),
    ]


def _figure_lines(screening: Screening, lang: Lang) -> list[str]:
    """How unusual the basket is and what carried it, each for two readers."""
    return [one.full.of(lang) for one in key_figures(screening)]


def _front(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    report = screening.report
    names = (
        name_phrase(report.title, report.title_en),
        known_name(report.publisher, report.publisher_en),
    )
    heading = " — ".join(visible_text(one.of(lang)) for one in names if one)
    for line in wrap(heading, width):
        yield ink.paint(line, "bold")
    yield from wrap(_dates(screening, lang), width)
    for notice in notices(screening):
        loud = notice.kind in ("simulated", "interim")
        mark = {"simulated": "!!! ", "interim": "! ", "warning": "! "}.get(notice.kind, "")
        style = {"simulated": "loud", "interim": "bold", "warning": "bold"}.get(notice.kind, "")
        if loud:
            yield ""
        for line in wrap(mark + notice.text.of(lang), width):
            yield ink.paint(line, style)
    yield ""
    for line in wrap(headline(screening).of(lang), width):
        yield ink.paint(line, "bold")


def _finding(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    """The finding once more, where a long table has scrolled its beginning away."""
    yield from _heading("finding", lang, width, ink)
    for line in wrap(headline(screening).of(lang), width):
        yield ink.paint(line, "bold")
    interval = measured_interval(screening)
    if interval is not None:
        yield from wrap(interval.of(lang), width)


def _dates(screening: Screening, lang: Lang) -> str:
    return message("text.published", published=screening.published, as_of=screening.as_of).of(lang)


def _scoreboard(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("scoreboard", lang, width, ink)
    for line in _count_lines(screening, lang):
        yield from wrap(line, width, hang=2)


def _count_lines(screening: Screening, lang: Lang) -> list[str]:
    """Ratings and reconciled denominators of mentions and companies, and the sector call."""
    lines = [
        _count_line(screening, count_mentions(screening), message("text.mentions").phrase, lang),
        _count_line(
            screening, count_companies(screening), message("text.companies_once").phrase, lang
        ),
    ]
    said = (sector_sentence(screening), printed_sentence(screening))
    return [*lines, *(one.of(lang) for one in said if one is not None)]


def _count_line(screening: Screening, counts: Counts, what: Phrase, lang: Lang) -> str:
    scale = screening.report.standard.stock
    listed, unlisted, unresolved = counts.listed, counts.unlisted, counts.unresolved
    parts = message("text.listed", listed=listed, unlisted=unlisted)
    if unresolved:
        parts = message("text.listed_or_not", listed=listed, unlisted=unlisted, other=unresolved)
    unrated = counts.listed - counts.rated
    rated = message("text.rated", rated=counts.rated, unrated=unrated)
    if unrated:
        why = reason_counts(counts.reasons)
        rated = message("text.rated_because", rated=counts.rated, unrated=unrated, why=why)
    levels = tuple(
        message(
            "text.level",
            sign=rating_sign(rating_tone(scale, name)),
            level=rating_phrase(scale, name),
            n=n,
        )
        for name, n in counts.ratings.items()
    )
    return message(
        "text.counts",
        what=what,
        n=counts.all,
        parts=parts,
        listed=listed,
        rated=rated,
        levels=levels,
    ).of(lang)


_SEGMENTS: Final = (
    Place("segment"),
    Place("rated_of", 6),
    Place("mean", 9),
    Place("median", 8, spare=3),
    Place("hit_rate", 5, spare=1),
    Place("leave_one_out", 11, spare=2),
    Place("best_member", 20, needs=112),
    Place("worst_member", 20, needs=134),
    Place("rating", 15),
)


def _segments(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("segments", lang, width, ink)
    rows, read = segment_rows(screening), Reader(table_style(screening), lang)
    yield from table(_SEGMENTS, rows, read, width, ink, _tone_of(screening))


def _companies(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("companies", lang, width, ink)
    rows, read = screening.companies.to_dict("records"), Reader(table_style(screening), lang)
    lines = table(_company_places(screening), rows, read, width, ink, _tone_of(screening))
    yield next(lines)
    yield next(lines)
    before = None
    # A segment printed in two places is two groups: the table keeps the report's order.
    for row, line in zip(rows, lines, strict=True):
        segment = read("segment", row)
        if segment != before:
            yield ink.paint(fit(f"[{segment}]", width).rstrip(), "dim")
            before = segment
        yield line


def _company_places(screening: Screening) -> list[Place]:
    def mark(row: Row) -> str:
        return ("?" if row["confidence"] == "ambiguous" else "") + ("*" if row["pending"] else "")

    return [
        Place("company", mark=mark),
        Place("symbol", 9),
        *(Place(name, _PRINTED[name]) for name in printed_beside(screening)),
        Place("return", 8, spare=1),
        Place("benchmark_return", 7, spare=2),
        Place("relative_return", 8),
        Place("verdict", 15),
        Place("reached", 8, spare=3),
        Place("robustness", 10, needs=92),
        Place(f"relative_return_{screening.windows[0]}", 11, needs=104),
    ]


def _unrated_lines(screening: Screening, lang: Lang) -> list[str]:
    read = _reader(screening, lang)
    segments = {row["segment"]: row for row in screening.segments.to_dict("records")}
    lines = []
    directions = []
    for row in screening.unrated.to_dict("records"):
        if row["reason"] == "standard_without_bounds":
            directions.append(row)  # of the standard, and not of each company
            continue
        symbol = "" if is_missing(row["symbol"]) else f" ({read('symbol', row)})"
        where = read("segment", segments[row["segment"]])
        lines.append(
            f"{read('company', row)}{symbol} [{where}] {read('reason', row)}: {read('detail', row)}"
        )
    lines += [
        f"{read('reason', row)} × {len(directions)}: {read('detail', row)}"
        for row in directions[:1]
    ]
    return lines


def _remark_lines(screening: Screening, lang: Lang) -> list[str]:
    """What a person decided, what a row's mark means, where an "or" gives another rating."""
    scale, read = screening.report.standard.stock, _reader(screening, lang)
    lines = [visible_text(one.said.of(lang)) for one in screening.report.corrections]
    for row in screening.companies.to_dict("records"):
        name, symbol = read("company", row), read("symbol", row)
        others = visible_text(", ".join(one for one in row["candidates"] if one != row["symbol"]))
        if row["confidence"] == "ambiguous" and not is_missing(row["listing"]):
            lines.append(
                message("text.ambiguous", name=name, symbol=symbol, others=others).of(lang)
            )
        if row["pending"]:
            note = read("note", row)
            lines.append(message("text.pending", name=name, note=note).of(lang))
        if row["ratings_disagree"]:
            second = rating_phrase(scale, row["alternative_rating"])
            figure = read("alternative_relative_return", row)
            against = read("alternative_benchmark", row)
            lines.append(
                message(
                    "text.benchmarks_disagree",
                    name=name,
                    against=against,
                    figure=figure,
                    second=second,
                ).of(lang)
            )
    return list(dict.fromkeys(lines))


def _finding_lines(screening: Screening, lang: Lang) -> list[str]:
    read, told = _reader(screening, lang), dict[tuple[str, str], list[str]]()
    shared = []
    for row in screening.findings.to_dict("records"):
        if row["code"] == "corrected_mention":
            continue  # a remark, not a check of prices
        action = read("action", row)
        if row["action"] == "unrated" and not _strikes(screening, row["symbol"]):
            action = message("text.strikes_nobody").of(lang)
        since = "" if is_missing(row["first"]) else f" {day(row['first'])}"
        if is_missing(row["symbol"]):
            # It names in its own words of whom it is said.
            said = visible_text(row["detail_zh" if lang == "zh" else "detail"])
            shared.append(
                message(
                    "text.check_shared", code=row["code"], action=action, since=since, said=said
                )
            )
            continue
        told.setdefault((row["code"], action), []).append(f"{read('symbol', row)}{since}")
    lines = []
    for (code, action), who in told.items():
        more = f" … +{len(who) - 4}" if len(who) > 4 else ""
        named = ", ".join(who[:4]) + more
        lines.append(
            message("text.check", code=code, n=len(who), action=action, who=named).of(lang)
        )
    return [*(one.of(lang) for one in shared), *lines]


_STRUCK = ("suspect_prices", "benchmark_stale", "suspended_at_base", "suspended_at_end")
"""Reasons that a check of prices can be behind."""


def _strikes(screening: Screening, symbol: object) -> bool:
    """Whether a call of the series, or against it, has no rating in any window."""
    if is_missing(symbol):
        return True
    rows = screening.evidence
    concerned = (rows["symbol"] == symbol) | (rows["benchmark"] == symbol)
    return bool((concerned & rows["reason"].isin(_STRUCK)).any())


def _source_lines(screening: Screening, lang: Lang) -> list[str]:
    frame = screening.sources[screening.sources["source"].notna()]
    lines = []
    for (source, adjustment), rows in frame.groupby(["source", "adjustment"], dropna=False):
        name, last = visible_text(str(source)), day(rows["last_session"].max())
        lines.append(
            message(
                "text.source",
                source=name,
                n=len(rows),
                adjustment=phrase_of(ADJUSTMENTS, adjustment),
                last=last,
            ).of(lang)
        )
    return lines


def _reader(screening: Screening, lang: Lang) -> Reader:
    return Reader(Style(screening.report.standard.stock), lang)


def _tone_of(screening: Screening) -> Callable[[Row], str]:
    return lambda row: rating_tone(screening.report.standard.stock, row["rating"])


def _heading(key: str, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    title = f"── {_HEADS[key].of(lang)} "
    yield ""
    yield ink.paint(title + "─" * (width - display_width(title)), "bold")


def _paragraphs(key: str, lines: list[str], lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    if lines:
        yield from _heading(key, lang, width, ink)
        for line in lines:
            yield from wrap(line, width, hang=2)
