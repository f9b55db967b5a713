"""The page of a track record: one offline HTML file, the finding first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.page.document import (
    colours_of,
    digest,
    embedded,
    environment,
    template,
    trusted,
)
from supplychain_screen.output.page.rate_figures import (
    Months,
    RateAxis,
    RateStrip,
    month_chart,
    rate_axis,
    rate_strip,
)
from supplychain_screen.output.page.speech import Speech
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.output.record_columns import CHANCE, SIDE_COLUMNS, TARGET_COLUMNS
from supplychain_screen.output.record_sentences import (
    calibration_sentences,
    count_name,
    denominator_sentences,
    few_rows,
    few_sentence,
    finding,
    group_head,
    group_name,
    league_sentences,
    leagues_of,
    method_lines,
    missing_parts,
    month_sentences,
    months_of,
    points,
    rate,
    record_notices,
    record_title,
    side_name,
    target_rows,
    target_sentences,
)
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import (
    COMPARISONS,
    POLICIES,
    RECORD_HEADS,
    RECORD_VERDICTS,
    Colours,
    Lang,
    Phrase,
    message,
    percent,
    rating_sign,
    window_phrase,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record import League, LeagueKey, TrackRecord

__all__ = ["render_record_page", "write_record_page"]

RANKED: Final = 300
"""Most ranked rows drawn: the first and the last of them; the workbook has all."""

FEW: Final = 240
"""Most names listed of those with too few calls."""

_FIRST: Final = 'document.documentElement.className = "js";'
_TONES: Final = {"better": "up", "worse": "down", "not_told_apart": "flat", "too_few": "none"}


def render_record_page(
    record: TrackRecord,
    lang: Lang = "zh",
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    static: bool = False,
    colours: Colours | None = None,
) -> str:
    """The page of ``record`` as one HTML document that asks no server for anything.

    Parameters
    ----------
    record : TrackRecord
        From `supplychain_screen.track_record`.
    lang : {"zh", "en"}
        Language the page opens in; without ``static`` it can be switched to the other.
    by : str or sequence of str
        What leagues are made by, the first giving the finding.
    window : str, optional
        ``6m``; the first where it is not given.
    static : bool
        Without any script, for mail: one language.
    colours : {"china", "west", "blue"}, optional
        Red up and green down, the other way round, or blue up and orange down; what readers of
        the language are used to where it is left out.

    Returns
    -------
    str
        HTML in UTF-8. The same record gives the same text.

    Raises
    ------
    CallsError
        There is no such league or window.

    Notes
    -----
    Everything is there without a script, which only switches language and theme. The content
    policy in the document's head forbids every request; all names pass Jinja's autoescape.
    """
    colours = colours_of(lang, colours)
    speech = Speech(lang, static)
    context = _context(record, leagues_of(record, by, window), speech)
    context |= {"static": static, "colours": colours}
    return environment().get_template("record.html.j2").render(context)


def write_record_page(
    record: TrackRecord,
    path: str | Path,
    lang: Lang = "zh",
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    static: bool = False,
    colours: Colours | None = None,
) -> Path:
    """Write the page of `render_record_page` to ``path``, whole or not at all.

    Raises
    ------
    CallsError
        There is no such league or window.
    OutputError
        If the file cannot be written; what was there before is still there.
    """
    text = render_record_page(record, lang, by, window, static, colours)
    return write_file(path, text.encode("utf-8"))


def _context(record: TrackRecord, leagues: Sequence[League], speech: Speech) -> dict[str, Any]:
    window = leagues[0].window
    scale = record.standard.stock
    calibration = record.calibration(window)
    months = record.by_month(window)
    css, own, script = (template(name) for name in ("page.css", "record.css", "record.js"))
    css += own
    context: dict[str, Any] = {
        "P": Phrase,
        "tr": lambda zh, en: speech.say(Phrase(zh, en)),
        "say": speech.say,
        "who": speech.who,
        "attribute": speech.attribute,
        "heads": RECORD_HEADS,
        "lang": speech.lang,
        "record": record,
        "title": record_title(record),
        "finding": finding(record, leagues[0]),
        "notices": record_notices(record, window),
        "disclaimer": message("record.disclaimer").phrase,
        "past": message("record.past").phrase,
        "terms": [
            (RECORD_HEADS["as_of"], str(record.as_of)),
            (RECORD_HEADS["window"], window_phrase(window)),
            (RECORD_HEADS["base_session"], POLICIES[record.rules.base_policy]),
            (RECORD_HEADS["count"], count_name(record)),
            (RECORD_HEADS["cost"], f"{record.cost_bps:g} bp"),
        ],
        "comparison": COMPARISONS[record.rules.comparison],
        "months_ahead": months_of(window),
        "sides": _sides(record, window),
        "spread": _spread(leagues[0]),
        "levels": [rating_of(scale, level.name) for level in scale.levels],
        "matrix": _matrix(record, calibration),
        "calibration": calibration_sentences(record, calibration),
        "leagues": [_league(one) for one in leagues],
        "chart": _months(months),
        "month_sentences": month_sentences(months),
        "targets": target_sentences(record, window),
        "target_table": _targets(record, window),
        "denominators": denominator_sentences(record, window),
        "parts": missing_parts(record, window),
        "words": record.unknown_words.head(40).to_dict("records"),
        "words_more": max(0, len(record.unknown_words) - 40),
        "method": method_lines(record, window),
        "percent": lambda value: percent(value),
        "rate": rate,
        "css": trusted(css),
        "css_hash": digest(css),
        "script": trusted(script),
        "script_hash": digest(script),
        "first": trusted(_FIRST),
        "first_hash": digest(_FIRST),
    }
    # Last: every phrase the template says must already be known, so it asks when it is done.
    context["data"] = lambda: embedded(
        {"lang": speech.lang, "title": list(context["title"]), "strings": speech.strings()}
    )
    return context


TARGETS: Final = 20
"""Most firms whose targets are shown; the workbook has all."""


@dataclass(frozen=True, slots=True)
class TargetTable:
    """Targets by firm, and how many firms are not shown."""

    heads: tuple[Phrase, ...]
    rows: tuple[tuple[str, ...], ...]
    more: Phrase | None


def _targets(record: TrackRecord, window: str) -> TargetTable | None:
    """The firms with most judged targets; None where no target is judged."""
    if not record.has_targets:
        return None
    frame = target_rows(record, window)
    if not len(frame):
        return None
    heads = tuple(one.head for one in TARGET_COLUMNS if one.head is not None)
    rows = tuple(
        tuple(one.spoken(None, *(row[name] for name in one.reads)).en for one in TARGET_COLUMNS)
        for row in frame.head(TARGETS).to_dict("records")
    )
    more = (
        message("record.targets.more", n=len(frame) - TARGETS).phrase
        if len(frame) > TARGETS
        else None
    )
    return TargetTable(heads, rows, more)


@dataclass(frozen=True, slots=True)
class SideRow:
    """Calls of one side: how many were judged, how many were right, what they came to."""

    name: Phrase
    tone: str
    sign: str
    n: int
    rate: str
    interval: str
    reached: str
    mean: str
    mean_interval: Phrase
    median: str


def _sides(record: TrackRecord, window: str) -> list[SideRow]:
    rows = {row["side"]: row for row in record.league("side", window).frame.to_dict("records")}
    tones = {1: "up", 0: "flat", -1: "down"}
    by_key = {one.key: one for one in SIDE_COLUMNS}
    return [
        SideRow(
            side_name(side),
            tones[side],
            rating_sign(tones[side]),  # type: ignore[arg-type]
            int(rows[side]["beat_n"]),
            rate(rows[side]["beat"]),
            SIDE_COLUMNS[3].spoken(None, rows[side]["beat_low"], rows[side]["beat_high"]).zh,
            rate(rows[side]["reached"]),
            percent(rows[side]["mean"]),
            by_key["mean_interval"].spoken(
                None, *(rows[side][name] for name in by_key["mean_interval"].reads)
            ),
            percent(rows[side]["median"]),
        )
        for side in (1, 0, -1)
        if side in rows
    ]


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a league's rows differ beyond luck, and how many of each verdict there are."""

    tau: str
    compared: bool
    ordered: bool
    group: Phrase
    verdicts: tuple[tuple[Phrase, str, int], ...]


def _spread(league: League) -> Spread:
    counts = league.frame["verdict"].value_counts()
    verdicts = tuple(
        (RECORD_VERDICTS[name], _TONES[name], int(counts.get(name, 0)))
        for name in ("better", "not_told_apart", "worse", "too_few")
    )
    return Spread(
        f"±{100 * league.tau:.1f}",
        league.ranked > 1,
        league.ordered,
        group_name(league.by),
        verdicts,
    )


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell of the calibration: a share of its row, its count, and how dark it is."""

    share: str
    n: int
    heat: int
    same: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """What became of the calls of one level; the last row is all of them."""

    level: Rating | None
    n: int
    cells: tuple[MatrixCell, ...]


def _matrix(record: TrackRecord, frame: pd.DataFrame) -> list[MatrixRow]:
    scale = record.standard.stock
    names = [level.name for level in scale.levels]
    counts = frame.pivot_table(
        index="called", columns="realised", values="n", aggfunc="sum", observed=False
    ).reindex(index=names, columns=names)
    grid = counts.to_numpy(dtype=np.int64)
    rows = [*zip(names, grid, strict=True), (None, grid.sum(axis=0))]
    built = []
    for name, row in rows:
        total = int(row.sum())
        cells = tuple(
            MatrixCell(
                rate(n / total) if total else "–",
                int(n),
                round(10 * n / total) if total else 0,
                column == name,
            )
            for column, n in zip(names, row, strict=True)
        )
        built.append(MatrixRow(None if name is None else rating_of(scale, name), total, cells))
    return built


@dataclass(frozen=True, slots=True)
class LeagueRow:
    """One ranked row of a league."""

    rank: str
    name: str | Phrase
    n: int
    fresh: bool
    rate: str
    expected: str
    excess: str
    shrunk: str
    interval: str
    verdict: Phrase
    tone: str
    no_prices: str
    strip: RateStrip


@dataclass(frozen=True, slots=True)
class LeagueSection:
    """A league as the page shows it: ranked rows, their axis, and the names without a rank."""

    by: str
    head: Phrase
    ordered: bool
    axis: RateAxis
    rows: tuple[LeagueRow, ...]
    gap: int
    hidden: Phrase | None
    few: tuple[tuple[str, int, str], ...]
    few_sentence: Phrase | None
    few_hidden: Phrase | None
    sentences: tuple[Phrase, Phrase] | None


def _league(league: League) -> LeagueSection:
    frame = league.frame
    enough = frame["verdict"] != "too_few"
    ranked, few = frame[enough], few_rows(league)
    spread = (
        ranked[["shrunk_low", "shrunk_high"]]
        if league.ordered
        else np.outer(ranked["excess_sd"], [-CHANCE, CHANCE])
    )
    axis = rate_axis(np.asarray(spread, float).ravel(), ranked["excess"].to_numpy(float))
    shown, gap = ranked, 0
    if len(ranked) > RANKED:
        gap = 2 * RANKED // 3
        shown = ranked.iloc[[*range(gap), *range(len(ranked) - RANKED // 3, len(ranked))]]
    n_few = int((~enough).sum())
    return LeagueSection(
        league.by,
        group_head(league.by),
        league.ordered,
        axis,
        tuple(_league_row(league, row, axis) for row in shown.to_dict("records")),
        gap,
        message("record.league.hidden", n=len(ranked) - RANKED).phrase if gap else None,
        tuple(few[:FEW]),
        few_sentence(league),
        message("record.league.more_few", n=n_few - min(FEW, len(few))).phrase
        if n_few > FEW
        else None,
        league_sentences(league),
    )


def _named(league: League, name: Any) -> str | Phrase:
    if league.by == "side":
        return side_name(name)
    return str(name) or "–"


def _league_row(league: League, row: Any, axis: RateAxis) -> LeagueRow:
    if league.ordered:
        interval = (row["shrunk_low"], row["shrunk_high"])
        strip = rate_strip(axis, row["excess"], row["shrunk_excess"], interval)
    else:
        half = CHANCE * row["excess_sd"]
        interval = (-half, half)
        strip = rate_strip(axis, row["excess"], float("nan"), interval)
    return LeagueRow(
        f"{int(row['rank'])}" if league.ordered else "",
        _named(league, row[league.by]),
        int(row["ranked_n"]),
        row["ranked_on"] == "fresh",
        rate(row["rate"]),
        rate(row["expected"]),
        points(row["excess"]),
        points(row["shrunk_excess"]) if league.ordered else "",
        f"{points(interval[0])} … {points(interval[1])}",
        RECORD_VERDICTS[row["verdict"]],
        _TONES[row["verdict"]],
        rate(row["no_prices_share"]),
        strip,
    )


def _months(frame: pd.DataFrame) -> Months | None:
    n = frame["beat_n"].to_numpy(float)
    total = n.sum()
    return month_chart(
        frame["month"].tolist(),
        frame["beat"].to_numpy(float),
        frame["beat_low"].to_numpy(float),
        frame["beat_high"].to_numpy(float),
        n,
        float(frame["beats"].sum() / total) if total else float("nan"),
    )
