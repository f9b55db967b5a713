"""The columns of a track record's tables, which every output takes from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.output.columns import Column, Kind
from supplychain_screen.output.record_sentences import (
    group_head,
    level_name,
    points,
    rate,
    side_name,
)
from supplychain_screen.words import (
    RECORD_HEADS,
    RECORD_MEAN_REASONS,
    RECORD_VERDICTS,
    Phrase,
    is_missing,
    message,
    name_phrase,
    percent,
    phrase_of,
)

if TYPE_CHECKING:
    from supplychain_screen.record import League, TrackRecord

__all__ = [
    "CHANCE",
    "MONTH_COLUMNS",
    "SIDE_COLUMNS",
    "TARGET_COLUMNS",
    "league_columns",
    "matrix_columns",
    "matrix_rows",
    "shown_columns",
]

CHANCE: Final = 1.96
"""Standard deviations that hold nineteen of twenty by luck alone."""

_SPOKEN: Final[Mapping[str, Callable[..., str]]] = {
    "text": str,
    "integer": lambda value: f"{int(value):,}",
    "share": rate,
    "return": lambda value: percent(value),
}


def _column(key: str, kind: Kind, head: Phrase | None = None) -> Column:
    spoken = _SPOKEN[kind]
    return Column(
        key,
        kind,
        (key,),
        lambda _, value: name_phrase(None if is_missing(value) else spoken(value)),
        RECORD_HEADS[key] if head is None else head,
    )


def _columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(_column(key, kind) for key, kind in kinds.items())


def _made(
    key: str,
    reads: str,
    spoken: Callable[..., Phrase | str | None],
    head: Phrase | None = None,
    kind: Kind = "share",
) -> Column:
    """A column that is made of several, or is said in words."""

    def said(_: Any, *values: Any) -> Phrase:
        told = spoken(*values)
        return told if isinstance(told, Phrase) else name_phrase(told)

    return Column(
        key, kind, tuple(reads.split()), said, RECORD_HEADS[key] if head is None else head
    )


_VERDICT: Final = _made(
    "verdict", "verdict", lambda key: phrase_of(RECORD_VERDICTS, key), kind="word"
)
_RANKED_ON: Final = _made(
    "ranked_on", "ranked_on", lambda key: phrase_of(RECORD_HEADS, key or None), kind="word"
)

_LEAGUE: Final = (
    *_columns(rank="integer"),
    _VERDICT,
    *_columns(ranked_n="integer"),
    _RANKED_ON,
    *_columns(
        rate="share",
        expected="share",
        excess="return",
        excess_sd="share",
        shrunk_excess="return",
        shrunk_low="return",
        shrunk_high="return",
        shrunk_rate="share",
        runs="integer",
        fresh="integer",
        matured="integer",
        pending="integer",
        unrated="integer",
        no_prices="integer",
        no_prices_share="share",
        beat_n="integer",
        beats="integer",
        beat="share",
        beat_low="share",
        beat_high="share",
        reached_n="integer",
        reaches="integer",
        reached="share",
        reached_low="share",
        reached_high="share",
        fresh_matured="integer",
        fresh_beat="share",
        mean="return",
        mean_low="return",
        mean_high="return",
    ),
    _made(
        "mean_reason",
        "mean_reason",
        lambda key: phrase_of(RECORD_MEAN_REASONS, key or None),
        kind="word",
    ),
    *_columns(median="return", mean_net="return"),
)

MONTH_COLUMNS: Final = _columns(
    month="text",
    runs="integer",
    matured="integer",
    pending="integer",
    unrated="integer",
    beat_n="integer",
    beats="integer",
    beat="share",
    beat_low="share",
    beat_high="share",
    reached="share",
    mean="return",
)


TARGET_COLUMNS: Final = (
    _made("firm", "firm", lambda name: str(name) or None, group_head("firm"), kind="name"),
    _column("targets", "integer", RECORD_HEADS["targets_n"]),
    *_columns(
        rated="integer",
        upside="return",
        met_end="share",
        met_any="share",
        bias="return",
        absolute_error="share",
    ),
)
"""What became of a firm's targets."""


def _interval(low: Any, high: Any) -> str | None:
    return None if is_missing(low) else f"{rate(low)}…{rate(high)}"


def _mean_interval(low: Any, high: Any, why: Any) -> Phrase | str | None:
    if is_missing(low):
        return phrase_of(RECORD_MEAN_REASONS, why or None)
    return f"{percent(low)}…{percent(high)}"


SIDE_COLUMNS: Final = (
    _made("side", "side", side_name, kind="word"),
    *_columns(beat_n="integer", beat="share"),
    _made("beat_interval", "beat_low beat_high", _interval, Phrase("95%", "95%")),
    *_columns(reached="share", mean="return"),
    _made("mean_interval", "mean_low mean_high mean_reason", _mean_interval),
    *_columns(median="return"),
)
"""What the calls of a side came to."""


def _group(league: League) -> Column:
    """The name of a league's groups."""

    def named(key: Any) -> Phrase | str | None:
        if league.by == "side":
            return side_name(key)
        return str(key) or None

    return _made(league.by, league.by, named, group_head(league.by), kind="name")


def league_columns(league: League) -> list[Column]:
    """Every column of a league's frame, the group's name first."""
    return [_group(league), *(one for one in _LEAGUE if one.key in league.frame)]


def shown_columns(league: League) -> list[Column]:
    """The columns that a person reads: rank, name, rate, and what is left of it without luck."""
    ordered = league.ordered

    def interval(low: Any, high: Any, sd: Any) -> str:
        if not ordered:
            low, high = -CHANCE * sd, CHANCE * sd
        return f"{points(low)}…{points(high)}"

    by_key = {one.key: one for one in _LEAGUE}
    figure = "shrunk_excess" if ordered else "excess"
    columns = [
        _column("rank", "integer", message("record.rank").phrase),
        _group(league),
        by_key["ranked_n"],
        by_key["rate"],
        by_key["expected"],
        _made("figure", figure, points, RECORD_HEADS["shrunk" if ordered else "excess"]),
        _made("interval", "shrunk_low shrunk_high excess_sd", interval, Phrase("95%", "95%")),
        _VERDICT,
        by_key["no_prices_share"],
    ]
    return columns if ordered else columns[1:]


def matrix_columns(record: TrackRecord) -> list[Column]:
    """Called level, share of each realised level, and count; over `matrix_rows`."""
    called, realised = RECORD_HEADS["called"], RECORD_HEADS["realised"]
    head = Phrase(f"{called.zh} ↓ {realised.zh} →", f"{called.en} ↓ {realised.en} →")
    return [
        _made("called", "called", lambda name: level_name(record, name, arrow=True), head, "name"),
        *(
            _column(level.name, "share", level_name(record, level.name))
            for level in record.standard.stock.levels
        ),
        _column("n", "integer"),
    ]


def matrix_rows(record: TrackRecord, window: str) -> Sequence[Mapping[Any, Any]]:
    """A row a called level, with the share of each realised one."""
    frame = record.calibration(window)
    return [
        {
            "called": name,
            "n": part["called_n"].iloc[0],
            **dict(zip(part["realised"], part["share"], strict=True)),
        }
        for name, part in frame.groupby("called", sort=False, observed=True)
    ]
