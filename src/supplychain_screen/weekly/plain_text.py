"""Weeks and changes as text for a terminal; a Chinese character takes two of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from supplychain_screen.output import (
    Ink,
    Place,
    Reader,
    display_width,
    fit,
    table,
    table_style,
    visible_text,
    wrap,
)
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.changes import Changes
from supplychain_screen.words import MISSING, Lang, Message, message, message_phrase, percent

__all__ = ["changes_text", "weeks_text"]

_MINIMUM_WIDTH: Final = 60
_INDENT: Final = 4


def weeks_text(weeks: Sequence[Mapping[str, Any]], lang: Lang = "zh", width: int = 80) -> str:
    """Every week of an archive, a line a screen, and what is wrong with it below.

    Parameters
    ----------
    weeks : sequence of mapping
        ``week``, ``screens`` (``name``, ``ratings``, ``mean``, ``rating_changes``), ``marks`` and
        ``problems``, both messages or free words.
    lang : {"zh", "en"}
    width : int
        Columns of the terminal; marks that do not fit go to a line of their own.

    Examples
    --------
    >>> one = {
    ...     "name": "desk",
    ...     "ratings": {"neutral": 4, "unrated": 1},
    ...     "mean": 0.012,
    ...     "rating_changes": 2,
    ... }
    >>> print(
    ...     weeks_text(
    ...         [{"week": "2026-01-09", "screens": [one], "marks": ["partial"], "problems": []}],
    ...         "en",
    ...     )
    ... )
    2026-01-09     desk  4 of 5 rated  mean  +1.2%   2 changed  [partial]
    """
    names = max((len(one["name"]) for week in weeks for one in week["screens"]), default=0)
    lines = []
    for week in weeks:
        own = [_screen_line(one, names).of(lang) for one in week["screens"]]
        heads = [week["week"], *[""] * (len(own) - 1)]
        shown = [
            f"{head:<14} {line}".rstrip() for head, line in zip(heads, own or [""], strict=True)
        ]
        told = [message_phrase(one).of(lang) for one in week["marks"]]
        marks = f"[{'; '.join(told)}]" if told else ""
        if marks and display_width(shown[0]) + 2 + display_width(marks) <= width:
            shown[0] += f"  {marks}"
        elif marks:
            shown += _below(marks, width)
        lines += shown
        for one in week["problems"]:
            lines += _below(message_phrase(one).of(lang), width)
    return "\n".join(lines)


def _screen_line(one: Mapping[str, Any], names: int) -> Message:
    of, changed = sum(one["ratings"].values()), one["rating_changes"]
    n = of - one["ratings"].get("unrated", 0)
    name = fit(one["name"], names)
    mean = f"{MISSING if one['mean'] is None else percent(one['mean']):>6}"
    if changed is None:
        return message("weeks.screen", name=name, n=n, of=of, mean=mean)
    return message("weeks.changed", name=name, n=n, of=of, mean=mean, changed=changed)


def _below(text: str, width: int) -> list[str]:
    # A path is not broken where it is longer than the line.
    return [" " * _INDENT + line for line in wrap(visible_text(text), max(width - _INDENT, 40))]


def changes_text(
    name: str, changes: Changes, screening: Screening, lang: Lang = "zh", width: int = 80
) -> str:
    """What moved between two weeks: ratings with their causes, the rest, migration, segments.

    Parameters
    ----------
    name : str
        Of the screen.
    changes : Changes
    screening : Screening
        The later one; its scale has the words for the ratings.
    lang : {"zh", "en"}
    width : int
        Columns of the terminal; at least 60.
    """
    width = max(width, _MINIMUM_WIDTH)
    frame, ratings = changes.companies, changes.ratings
    rest = frame[~frame.index.isin(ratings.index)]
    word = "SIMULATED " if changes.simulated else ""
    said = message("week.compared", compared=changes.compared, n=len(ratings), rest=len(rest))
    lines = [f"{word}{name}  {changes.before_as_of} → {changes.after_as_of}", said.of(lang)]
    read = Reader(table_style(screening, arrows=False), lang)
    heads = (
        (message("week.ratings_changed"), ratings, True),
        (message("week.moved_within"), rest, False),
    )
    for head, rows, told in heads:
        if not rows.empty:
            lines += ["", head.of(lang), *_rows(rows, read, width, told=told)]
    if not ratings.empty:
        lines += ["", *_migration(changes.migration, read)]
    if not changes.segments.empty:
        lines += ["", message("week.segments_turned").of(lang)]
        for row in changes.segments.to_dict("records"):
            turned = f"{read('segment', row)}: {read('before', row)} → {read('after', row)}"
            lines += _below(turned, width)
    return "\n".join(line.rstrip() for line in lines)


def _rows(rows: pd.DataFrame, read: Reader, width: int, *, told: bool) -> Iterator[str]:
    records = rows.to_dict("records")
    # Where a narrow terminal has no room for the numbers, the sentence below has them.
    places = [
        Place("company"),
        Place("before", 12, head=None if told else message("week.rating").phrase),
        *([Place("after", 12)] if told else []),
        Place("relative_before", 9, spare=2),
        Place("relative_after", 9, spare=1),
        Place("cause", 16),
    ]
    lines = table(places, records, read, width, Ink(False, "china"), lambda _: "")
    yield next(lines)
    yield next(lines)
    for row, line in zip(records, lines, strict=True):
        yield line
        if told:
            yield from _below(read("detail", row), width)


def _migration(migration: pd.DataFrame, read: Reader) -> Iterator[str]:
    """Ratings before down, ratings after across."""
    words = [read("rating", {"rating": one}) for one in migration.index]
    head = message("week.before_and_after").of(read.lang)
    first = max(map(display_width, [head, *words]))
    rooms = [max(display_width(one), 5) for one in words]
    titles = [fit(one, room, align="right") for one, room in zip(words, rooms, strict=True)]
    yield "  ".join([fit(head, first), *titles])
    for word, counts in zip(words, migration.to_numpy().tolist(), strict=True):
        cells = [f"{n or '·':>{room}}" for n, room in zip(counts, rooms, strict=True)]
        yield "  ".join([fit(word, first), *cells])
