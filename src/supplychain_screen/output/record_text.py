"""A track record as plain text for a terminal, and as Markdown for a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.columns import Reader, Style
from supplychain_screen.output.record_columns import (
    SIDE_COLUMNS,
    TARGET_COLUMNS,
    matrix_columns,
    matrix_rows,
    shown_columns,
)
from supplychain_screen.output.record_sentences import (
    calibration_sentences,
    denominator_sentences,
    few_rows,
    few_sentence,
    finding,
    league_sentences,
    league_title,
    leagues_of,
    method_lines,
    month_sentences,
    record_notices,
    target_rows,
    target_sentences,
)
from supplychain_screen.output.safety import markdown_text
from supplychain_screen.output.text_columns import (
    Ink,
    Place,
    Row,
    display_width,
    pipe_table,
    table,
    wrap,
)
from supplychain_screen.words import (
    RECORD_HEADS,
    Colours,
    Lang,
    Phrase,
    default_colours,
    message,
    window_phrase,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record import League, LeagueKey, TrackRecord

__all__ = ["record_markdown", "record_table"]

FIRST: Final = 20
LAST: Final = 10
"""Ranked rows printed, the first and the last ones."""

_TONES: Final = {"better": "up", "worse": "down"}


def record_table(
    record: TrackRecord,
    lang: Lang = "zh",
    width: int = 80,
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    *,
    colour: bool = False,
    colours: Colours | None = None,
) -> str:
    """The whole record as text for a terminal.

    Parameters
    ----------
    record : TrackRecord
    lang : {"zh", "en"}
    width : int
        Columns of the terminal; at least 60.
    by : str or sequence of str
        What leagues are made by, the first giving the finding.
    window : str, optional
        ``6m``; the first where it is not given.
    colour : bool
        Colour by ANSI codes.
    colours : {"china", "west", "blue"}, optional
        Which colour means up: red, green or blue; what readers of the language are used to where
        it is left out.

    Returns
    -------
    str
        Lines of at most ``width`` columns, ending with a line break.

    Raises
    ------
    CallsError
        There is no such league or window.
    """
    ink = Ink(colour, colours or default_colours(lang))
    read = Reader(Style(record.standard.stock), lang)
    width = max(width, 60)
    leagues = leagues_of(record, by, window)
    window = leagues[0].window
    lines = [ink.paint(line, "bold") for line in wrap(_heading(record, window, lang), width)]
    for notice in record_notices(record, window):
        mark = {"simulated": "!!! ", "warning": "! "}.get(notice.kind, "")
        style = {"simulated": "loud", "warning": "bold"}.get(notice.kind, "")
        lines += [ink.paint(line, style) for line in wrap(mark + notice.text.of(lang), width)]
    lines.append("")
    lines += [ink.paint(line, "bold") for line in wrap(finding(record, leagues[0]).of(lang), width)]

    def section(title: Phrase, body: Iterable[str]) -> None:
        head = f"── {title.of(lang)} "
        lines.extend(["", ink.paint(head + "─" * max(0, width - display_width(head)), "bold")])
        lines.extend(body)

    def paragraphs(said_here: Sequence[Phrase]) -> list[str]:
        return [line for one in said_here for line in wrap(one.of(lang), width, hang=2)]

    section(
        RECORD_HEADS["sides"],
        table(_SIDE_PLACES, _sides(record, window), read, width, ink, _side_tone),
    )
    frame, matrix = record.calibration(window), matrix_rows(record, window)
    section(
        RECORD_HEADS["calibration"],
        [
            *table(_matrix_places(record), matrix, read, width, ink, lambda _: ""),
            *paragraphs((calibration_sentences(record, frame) or ())[:1]),
        ],
    )
    for league in leagues:
        section(league_title(league), _league_lines(league, read, width, ink))
    section(RECORD_HEADS["months"], paragraphs(month_sentences(record.by_month(window))))
    if record.has_targets:
        rows = target_rows(record, window)
        section(
            RECORD_HEADS["targets"],
            [
                *paragraphs(target_sentences(record, window)),
                *_target_lines(rows, read, width, ink),
            ],
        )
    section(RECORD_HEADS["missing"], paragraphs(denominator_sentences(record, window)))
    section(
        RECORD_HEADS["method"],
        paragraphs(
            [
                Phrase(f"{head.zh}：{body.zh}", f"{head.en}: {body.en}")
                for head, body in method_lines(record, window)
            ]
        ),
    )
    lines += ["", *wrap(message("record.disclaimer").of(lang), width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def record_markdown(
    record: TrackRecord,
    lang: Lang = "zh",
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
) -> str:
    """Finding, sides, calibration and league as Markdown, every name escaped.

    Raises
    ------
    CallsError
        There is no such league or window.
    """
    leagues = leagues_of(record, by, window)
    window = leagues[0].window
    read = Reader(Style(record.standard.stock), lang)
    parts = [
        f"# {markdown_text(_heading(record, window, lang))}",
        *(f"> **{markdown_text(one.text.of(lang))}**" for one in record_notices(record, window)),
        f"**{markdown_text(finding(record, leagues[0]).of(lang))}**",
        pipe_table(_SIDE_PLACES, _sides(record, window), read),
        f"## {RECORD_HEADS['calibration'].of(lang)}",
        pipe_table(_matrix_places(record), matrix_rows(record, window), read),
    ]
    for league in leagues:
        parts.append(f"## {markdown_text(league_title(league).of(lang))}")
        rows, hidden = _shown(league)
        if rows:
            parts.append(pipe_table(_league_places(league, lang), rows, read))
        if hidden:
            parts.append(message("record.league.hidden", n=hidden).of(lang))
        parts += [markdown_text(one.of(lang)) for one in league_sentences(league) or ()]
        if few := few_sentence(league):
            told = (few.of(lang), _unranked(league, lang))
            parts += [markdown_text(one) for one in told if one]
    if record.has_targets:
        parts.append(f"## {RECORD_HEADS['targets'].of(lang)}")
        parts += [markdown_text(one.of(lang)) for one in target_sentences(record, window)]
    lines = denominator_sentences(record, window)
    parts.append("\n".join(f"- {markdown_text(one.of(lang))}" for one in lines))
    parts.append(f"*{markdown_text(message('record.disclaimer').of(lang))}*")
    return "\n\n".join(parts) + "\n"


def _heading(record: TrackRecord, window: str, lang: Lang) -> str:
    parts = (
        RECORD_HEADS["title"],
        window_phrase(window),
        message("record.as_of", as_of=record.as_of),
    )
    return " · ".join(one.of(lang) for one in parts)


def _side_tone(row: Row) -> str:
    return {1: "up", -1: "down"}.get(row["side"], "")


def _sides(record: TrackRecord, window: str) -> Sequence[Row]:
    frame = record.league("side", window).frame.sort_values("side", ascending=False)
    return frame.to_dict("records")


_SIDE_WIDTHS: Final = {
    "beat_n": 14,
    "beat": 8,
    "beat_interval": 13,
    "mean": 13,
    "mean_interval": 17,
    "median": 15,
}
_SIDE_PLACES: Final = [
    Place(
        one,
        _SIDE_WIDTHS.get(one.key, 17 if one.key == "reached" else 0),
        spare={"beat_interval": 1}.get(one.key, 0),
        needs={"reached": 118, "mean_interval": 100}.get(one.key, 0),
    )
    for one in SIDE_COLUMNS
]


_TARGET_WIDTHS: Final = {
    "targets": 10,
    "rated": 7,
    "upside": 8,
    "met_end": 14,
    "met_any": 19,
    "bias": 8,
}
_TARGET_PLACES: Final = [
    Place(
        one,
        0 if one.key == "firm" else _TARGET_WIDTHS.get(one.key, 20),
        needs={"met_any": 90, "absolute_error": 118, "targets": 100}.get(one.key, 0),
    )
    for one in TARGET_COLUMNS
]


def _target_lines(rows: pd.DataFrame, read: Reader, width: int, ink: Ink) -> Iterator[str]:
    """The firms with most judged targets."""
    if not len(rows):
        return
    yield ""
    shown = rows.head(FIRST).to_dict("records")
    yield from table(_TARGET_PLACES, shown, read, width, ink, lambda _: "")
    if len(rows) > FIRST:
        yield ink.paint(message("record.targets.more", n=len(rows) - FIRST).of(read.lang), "dim")


def _matrix_places(record: TrackRecord) -> list[Place]:
    columns = matrix_columns(record)
    room = max(8, min(14, 52 // max(1, len(columns) - 2) - 1))
    return [
        Place(columns[0]),
        *(Place(one, room) for one in columns[1:-1]),
        Place(columns[-1], 9),
    ]


def _league_places(league: League, lang: Lang) -> list[Place]:
    widths = {
        "rank": 4,
        "ranked_n": 6,
        "rate": 8,
        "expected": 8,
        "figure": 7,
        "interval": 12,
        "verdict": 8 if lang == "zh" else 14,
        "no_prices_share": 14,
    }
    return [
        Place(
            one,
            widths.get(one.key, 0),
            needs={"expected": 92, "no_prices_share": 110}.get(one.key, 0),
            spare=1 if one.key == "ranked_n" else 0,
        )
        for one in shown_columns(league)
    ]


def _shown(league: League) -> tuple[Sequence[Row], int]:
    """The first and the last of the ranked rows, and how many stand between."""
    ranked = league.frame[league.frame["verdict"] != "too_few"]
    if len(ranked) <= FIRST + LAST:
        return ranked.to_dict("records"), 0
    ends = [*range(FIRST), *range(len(ranked) - LAST, len(ranked))]
    return ranked.iloc[ends].to_dict("records"), len(ranked) - FIRST - LAST


def _league_lines(league: League, read: Reader, width: int, ink: Ink) -> Iterator[str]:
    lang = read.lang
    sentences = league_sentences(league)
    if sentences:
        yield from wrap(sentences[0].of(lang), width)
        yield ""
    rows, hidden = _shown(league)
    if rows:
        lines = table(
            _league_places(league, lang),
            rows,
            read,
            width,
            ink,
            lambda row: _TONES.get(row["verdict"], ""),
        )
        for at, line in enumerate(lines):
            if hidden and at == FIRST + 2:
                yield ink.paint("… " + message("record.league.hidden", n=hidden).of(lang), "dim")
            yield line
    few = few_sentence(league)
    if few:
        yield ""
        yield from wrap(few.of(lang), width)
        yield from wrap(_unranked(league, lang), width)


def _unranked(league: League, lang: Lang) -> str:
    """Who has no rank, with the rate and count that the page shows, most calls first."""
    rows = few_rows(league)
    shown = [
        message("record.league.few.one", name=name, rate=share, n=n).of(lang)
        for name, n, share in rows[:FIRST]
    ]
    more = len(rows) - len(shown)
    told = ("，" if lang == "zh" else ", ").join(shown)
    return f"{told} … {message('record.league.more_few', n=more).of(lang)}" if more else told
