"""A screening as plain text: a table for terminals, Markdown for chats and mail.

Chinese characters take two columns of a terminal, so widths are counted in columns, never in
characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.safety import markdown_text, visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    Counts,
    count_companies,
    count_mentions,
    headline,
    notices,
    reason_counts,
    robustness_phrase,
    sector_sentence,
)
from supplychain_screen.output.text_columns import (
    Column,
    Ink,
    Row,
    display_width,
    fit,
    pipe_table,
    table,
    wrap,
)
from supplychain_screen.words import (
    ACTIONS,
    ADJUSTMENTS,
    COLUMNS,
    FINDINGS,
    MISSING,
    REASONS,
    WINDOWS,
    Colours,
    Lang,
    Phrase,
    day,
    is_missing,
    percent,
    rating_phrase,
    rating_sign,
    rating_tone,
    say,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["markdown", "terminal_table"]

_MINIMUM_WIDTH: Final = 40

_HEADS: Final[Mapping[str, Phrase]] = {
    "scoreboard": Phrase("评级分布", "Scoreboard"),
    "sector": Phrase("行业评级", "Sector call"),
    "segments": Phrase("各环节", "Segments"),
    "companies": Phrase("各公司", "Companies"),
    "unrated": Phrase("无评级", "Unrated"),
    "remarks": Phrase("说明", "Remarks"),
    "findings": Phrase("行情检查", "Price checks"),
    "sources": Phrase("行情来源", "Price sources"),
}


def terminal_table(
    screening: Screening,
    lang: Lang = "zh",
    width: int = 80,
    *,
    colour: bool = False,
    colours: Colours = "china",
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
    colours : {"china", "west"}
        Which colour means up: red as on Chinese exchanges, or green.

    Returns
    -------
    str
        Lines of at most ``width`` columns, ending with a line break.
    """
    ink = Ink(colour, colours)
    width = max(width, _MINIMUM_WIDTH)
    lines = [
        *_front(screening, lang, width, ink),
        *_scoreboard(screening, lang, width, ink),
        *_segments(screening, lang, width, ink),
        *_companies(screening, lang, width, ink),
        *_paragraphs("unrated", _unrated_lines(screening, lang), lang, width, ink),
        *_paragraphs("remarks", _remark_lines(screening, lang), lang, width, ink),
        *_paragraphs("findings", _finding_lines(screening, lang), lang, width, ink),
        *_paragraphs("sources", _source_lines(screening, lang), lang, width, ink),
        "",
        *wrap(DISCLAIMER.of(lang), width),
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
    report = screening.report
    heading = report.title if lang == "zh" else report.title_en or report.title
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
        f"## {_HEADS['segments'].of(lang)}",
        pipe_table(_segment_columns(screening, lang), _segment_rows(screening, lang), lang),
        f"## {_HEADS['companies'].of(lang)}",
        pipe_table(
            [
                Column(COLUMNS["segment"], lambda row: _name(row, "segment", lang), 0),
                *_company_columns(screening, lang),
            ],
            screening.companies.to_dict("records"),
            lang,
        ),
    ]
    for head, lines in (
        ("unrated", _unrated_lines(screening, lang)),
        ("remarks", _remark_lines(screening, lang)),
        ("findings", _finding_lines(screening, lang)),
        ("sources", _source_lines(screening, lang)),
    ):
        if lines:
            parts.append(f"## {_HEADS[head].of(lang)}")
            parts.append("\n".join(f"- {markdown_text(line)}" for line in lines))
    parts.append(f"*{markdown_text(DISCLAIMER.of(lang))}*")
    return "\n\n".join(parts) + "\n"


def _front(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    report = screening.report
    heading = report.title if lang == "zh" else report.title_en or report.title
    publisher = report.publisher if lang == "zh" else report.publisher_en or report.publisher
    for line in wrap(f"{visible_text(heading)} — {visible_text(publisher)}", width):
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


def _dates(screening: Screening, lang: Lang) -> str:
    return Phrase(
        f"发布 {screening.published} · 截至 {screening.as_of}",
        f"Published {screening.published} · as of {screening.as_of}",
    ).of(lang)


def _scoreboard(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("scoreboard", lang, width, ink)
    for line in _count_lines(screening, lang):
        yield from wrap(line, width, hang=2)


def _count_lines(screening: Screening, lang: Lang) -> list[str]:
    """Ratings and reconciled denominators of mentions and companies, and the sector call."""
    lines = [
        _count_line(
            screening, count_mentions(screening), Phrase("提及（表中各行）", "Mentions"), lang
        ),
        _count_line(
            screening, count_companies(screening), Phrase("公司（各计一次）", "Companies"), lang
        ),
    ]
    sector = sector_sentence(screening)
    return [*lines, sector.of(lang)] if sector else lines


def _count_line(screening: Screening, counts: Counts, what: Phrase, lang: Lang) -> str:
    scale = screening.report.standard.stock
    levels = [
        (rating_sign(rating_tone(scale, name)), rating_phrase(scale, name), n)
        for name, n in counts.ratings.items()
    ]
    unrated = counts.listed - counts.rated
    why = reason_counts(counts.reasons)
    zh = "，".join(f"{sign}{words.zh} {n}" for sign, words, n in levels)
    en = ", ".join(f"{sign} {words.en.lower()} {n}" for sign, words, n in levels)
    return Phrase(
        f"{what.zh} {counts.all} = 已上市 {counts.listed} + 未上市 {counts.unlisted}"
        + (f" + 未对应 {counts.unresolved}" if counts.unresolved else "")
        + "；"
        f"已上市 {counts.listed} = 有评级 {counts.rated} + 无评级 {unrated}"
        + (f"（{why.zh}）" if unrated else "")
        + f"；有评级：{zh}",
        f"{what.en} {counts.all} = {counts.listed} listed + {counts.unlisted} not"
        + (f" + {counts.unresolved} not matched" if counts.unresolved else "")
        + ";"
        f" {counts.listed} listed = {counts.rated} rated + {unrated} unrated"
        + (f" ({why.en})" if unrated else "")
        + f"; rated: {en}",
    ).of(lang)


def _segments(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("segments", lang, width, ink)
    columns = _segment_columns(screening, lang)
    rows = _segment_rows(screening, lang)
    yield from table(columns, rows, lang, width, ink, _tone_of(screening))


def _segment_rows(screening: Screening, lang: Lang) -> list[Row]:
    total = {
        **screening.total.to_dict(),
        "segment": Phrase("全部（公司各计一次）", "All, each company once").of(lang),
        "segment_en": Phrase("全部（公司各计一次）", "All, each company once").of(lang),
    }
    return [*screening.segments.to_dict("records"), total]


def _segment_columns(screening: Screening, lang: Lang) -> list[Column]:
    scale = screening.report.standard.stock

    def figure(name: str) -> Callable[[Row], str]:
        return lambda row: percent(row[name], bounds=scale.bounds)

    def spread(row: Row) -> str:
        if is_missing(row["leave_one_out_low"]):
            return Phrase("仅一家", "one only").of(lang) if row["rated"] == 1 else MISSING
        low, high = row["leave_one_out_low"], row["leave_one_out_high"]
        return f"{percent(low, 0)}…{percent(high, 0)}"

    return [
        Column(COLUMNS["segment"], lambda row: _name(row, "segment", lang), 0),
        Column(Phrase("有评级", "Rated"), lambda row: f"{row['rated']}/{row['mentions']}", 6, True),
        Column(COLUMNS["mean"], figure("mean"), 9, True),
        Column(COLUMNS["median"], figure("median"), 8, True, spare=3),
        Column(
            Phrase("优于", "Hit"),
            lambda row: percent(row["hit_rate"], 0, signed=False),
            5,
            True,
            spare=1,
        ),
        Column(Phrase("去一范围", "Less one"), spread, 11, True, spare=2),
        Column(
            COLUMNS["best"],
            lambda row: f"{_name(row, 'best_company', lang)} {percent(row['best'], 0)}",
            20,
            needs=112,
        ),
        Column(
            COLUMNS["worst"],
            lambda row: f"{_name(row, 'worst_company', lang)} {percent(row['worst'], 0)}",
            20,
            needs=134,
        ),
        Column(COLUMNS["rating"], _rating(screening, lang, "rating"), 15, toned=True),
    ]


def _companies(screening: Screening, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    yield from _heading("companies", lang, width, ink)
    columns = _company_columns(screening, lang)
    rows = screening.companies.to_dict("records")
    lines = table(columns, rows, lang, width, ink, _tone_of(screening))
    yield next(lines)
    yield next(lines)
    before = None
    # A segment printed in two places is two groups: the table keeps the report's order.
    for row, line in zip(rows, lines, strict=True):
        segment = _name(row, "segment", lang)
        if segment != before:
            yield ink.paint(fit(f"[{segment}]", width).rstrip(), "dim")
            before = segment
        yield line


def _company_columns(screening: Screening, lang: Lang) -> list[Column]:
    scale = screening.report.standard.stock

    def mark(row: Row) -> str:
        return ("?" if row["confidence"] == "ambiguous" else "") + ("*" if row["pending"] else "")

    def window(row: Row) -> str:
        if row["stage"] == "interim" and not is_missing(row["day"]):
            return f"{int(row['day'])}/{int(row['days'])}"
        if is_missing(row["listing"]):
            return MISSING
        if row["stage"] == "pending":
            return Phrase("未开始", "not yet").of(lang)
        return say(WINDOWS, row["window"], lang) if lang == "zh" else str(row["window"])

    def earlier(row: Row) -> str:
        return percent(row[f"relative_return_{first}"], bounds=scale.bounds)

    def verdict(row: Row) -> str:
        if not is_missing(row["reason"]):
            return f"{rating_sign('none')} {say(REASONS, row['reason'], lang)}"
        return _rating(screening, lang, "rating")(row)

    first = screening.windows[0]
    return [
        Column(COLUMNS["company"], lambda row: _name(row, "company", lang), 0, mark=mark),
        Column(COLUMNS["symbol"], lambda row: _text(row["symbol"]), 9),
        Column(COLUMNS["return"], lambda row: percent(row["return"]), 8, True, spare=1),
        Column(
            Phrase("基准", "Index"), lambda row: percent(row["benchmark_return"]), 7, True, spare=2
        ),
        Column(
            Phrase("相对", "Relative"),
            lambda row: percent(row["relative_return"], bounds=scale.bounds),
            8,
            True,
        ),
        Column(COLUMNS["rating"], verdict, 15, toned=True),
        Column(COLUMNS["window"], window, 8, spare=3),
        Column(
            COLUMNS["robustness"],
            lambda row: robustness_phrase(row["robustness_agree"], row["robustness_of"]).of(lang),
            10,
            needs=92,
        ),
        Column(
            Phrase(f"{say(WINDOWS, first, 'zh')}相对", f"At {first}"), earlier, 11, True, needs=104
        ),
    ]


def _unrated_lines(screening: Screening, lang: Lang) -> list[str]:
    lines = []
    segments = {row["segment"]: row for row in screening.segments.to_dict("records")}
    for row in screening.unrated.to_dict("records"):
        detail = row["detail_zh" if lang == "zh" else "detail"]
        symbol = "" if is_missing(row["symbol"]) else f" ({_text(row['symbol'])})"
        where = _name(segments[row["segment"]], "segment", lang)
        lines.append(
            f"{_name(row, 'company', lang)}{symbol} [{where}]"
            f" {say(REASONS, row['reason'], lang)}: {_text(detail)}"
        )
    return lines


def _remark_lines(screening: Screening, lang: Lang) -> list[str]:
    """What a row's mark means, and where the report's "or" gives another rating."""
    scale = screening.report.standard.stock
    lines = []
    for row in screening.companies.to_dict("records"):
        name = _name(row, "company", lang)
        others = ", ".join(_text(one) for one in row["candidates"] if one != row["symbol"])
        if row["confidence"] == "ambiguous":
            lines.append(
                Phrase(
                    f"{name}?：印名有歧义，按 {_text(row['symbol'])} 计量，其他候选 {others}。",
                    f"{name}?: ambiguous in print, measured as {_text(row['symbol'])};"
                    f" other candidates: {others}.",
                ).of(lang)
            )
        if row["pending"]:
            lines.append(
                Phrase(
                    f"{name}*：报告注明“{_text(row['note'])}”。",
                    f"{name}*: the report notes {_text(row['note'])} (cooperation pending).",
                ).of(lang)
            )
        if row["ratings_disagree"]:
            second = rating_phrase(scale, row["alternative_rating"])
            figure = percent(row["alternative_relative_return"], bounds=scale.bounds)
            against = _text(row["alternative_benchmark"])
            lines.append(
                Phrase(
                    f"{name}：对另一基准 {against} 为 {figure}，{second.zh}，两者不一致。",
                    f"{name}: against the second benchmark {against} {figure},"
                    f" {second.en.lower()}; the two disagree.",
                ).of(lang)
            )
    return list(dict.fromkeys(lines))


def _finding_lines(screening: Screening, lang: Lang) -> list[str]:
    counts: dict[tuple[str, str], list[str]] = {}
    for row in screening.findings.to_dict("records"):
        symbol = _text(row["listing"] if is_missing(row["symbol"]) else row["symbol"])
        counts.setdefault((row["code"], row["action"]), []).append(symbol)
    lines = []
    for (code, action), symbols in counts.items():
        named = list(dict.fromkeys(symbols))
        more = f" … +{len(named) - 4}" if len(named) > 4 else ""
        lines.append(
            f"{say(FINDINGS, code, lang)} × {len(symbols)}"
            f" ({say(ACTIONS, action, lang)})"
            + (f": {', '.join(named[:4])}{more}" if named != [MISSING] else "")
        )
    return lines


def _source_lines(screening: Screening, lang: Lang) -> list[str]:
    frame = screening.sources[screening.sources["source"].notna()]
    lines = []
    for (source, adjustment), rows in frame.groupby(["source", "adjustment"], dropna=False):
        words = say(ADJUSTMENTS, adjustment, lang)
        last = day(rows["last_session"].max())
        lines.append(
            Phrase(
                f"{_text(source)}：{len(rows)} 个序列，{words}，最后交易日 {last}",
                f"{_text(source)}: {len(rows)} series, {words[:1].lower()}{words[1:]},"
                f" last session {last}",
            ).of(lang)
        )
    return lines


def _rating(screening: Screening, lang: Lang, name: str) -> Callable[[Row], str]:
    scale = screening.report.standard.stock

    def cell(row: Row) -> str:
        if is_missing(row[name]):
            return MISSING
        sign = rating_sign(rating_tone(scale, row[name]))
        return f"{sign} {visible_text(rating_phrase(scale, row[name]).of(lang))}"

    return cell


def _tone_of(screening: Screening) -> Callable[[Row], str]:
    return lambda row: rating_tone(screening.report.standard.stock, row["rating"])


def _name(row: Row, column: str, lang: Lang) -> str:
    """A name in the language, or in Chinese where there is no other; on one line."""
    english = row.get(f"{column}_en")
    chosen = english if lang == "en" and not is_missing(english) and english else row[column]
    return _text(chosen)


def _text(value: Any) -> str:
    return MISSING if is_missing(value) else visible_text(str(value))


def _heading(key: str, lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    title = f"── {_HEADS[key].of(lang)} "
    yield ""
    yield ink.paint(title + "─" * (width - display_width(title)), "bold")


def _paragraphs(key: str, lines: list[str], lang: Lang, width: int, ink: Ink) -> Iterator[str]:
    if lines:
        yield from _heading(key, lang, width, ink)
        for line in lines:
            yield from wrap(line, width, hang=2)
