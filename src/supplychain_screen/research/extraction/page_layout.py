"""Letters and rules of a page become its lines and tables; plain geometry, in points.

A table is told by its rules: a grid of them, spans where a rule is missing, or rules above, below
and between only, where white gutters make the columns. What stands between no rules stays lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Letter", "Rule", "page_blocks"]

_SNAP = 2.5
"""Rules nearer than this are one."""
_JOIN = 4.0
"""Gap between two pieces of one rule, and between two rules that still meet."""
_SHORTEST = 6.0
_GAP = 1.0
"""White between two columns that no rule divides, in widths of a letter."""
_MOST_PAIRS = 1_000_000
"""Pairs of rules beyond which a page is a drawing."""
_CLOSING = frozenset("、，。；：）】」』！？,.;:)]%％")
"""Marks that begin no line: the letter before them went to the next line with them."""


class Letter(NamedTuple):
    """One character: its box, its size, and whether a space stands before it."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    spaced: bool

    @property
    def across(self) -> float:
        """Middle from left to right."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """Middle from bottom to top."""
        return (self.bottom + self.top) / 2


class Rule(NamedTuple):
    """A line of a page: where it lies, and from where to where it runs."""

    at: float
    start: float
    end: float
    level: bool

    @property
    def length(self) -> float:
        """How long it is."""
        return self.end - self.start


@dataclass(slots=True)
class _Run:
    """Letters of one line, without a gap as wide as a column's."""

    letters: list[Letter]

    @property
    def left(self) -> float:
        return self.letters[0].left

    @property
    def right(self) -> float:
        return self.letters[-1].right

    @property
    def height(self) -> float:
        return self.letters[0].height

    @property
    def size(self) -> float:
        return max(one.size for one in self.letters)

    @property
    def text(self) -> str:
        return _spelled(self.letters)


@dataclass(slots=True)
class _Box:
    """A table's place: rows from top to bottom, columns from left to right, and missing walls."""

    rows: list[float]
    columns: list[float]
    joined: set[tuple[int, int, bool]] = field(default_factory=set)
    """Cells without a wall to the right (False) or below (True)."""

    def holds(self, letter: Letter) -> bool:
        inside = self.columns[0] <= letter.across <= self.columns[-1]
        return inside and self.rows[-1] <= letter.height <= self.rows[0]


Block = str | list[list[tuple[str, int, int]]]
"""A line, or the rows of a table: each cell's text and the row and column where it begins."""


def page_blocks(letters: Sequence[Letter], rules: Sequence[Rule]) -> list[Block]:
    """Lines and tables of a page, each where its first letter stands.

    Parameters
    ----------
    letters : sequence of Letter
        In the order in which the page prints them, without spaces.
    rules : sequence of Rule
        Level and upright lines.
    """
    level, upright = _merged(rules, level=True), _merged(rules, level=False)
    found: list[tuple[int, Block]] = []
    free = list(range(len(letters)))
    for box in (*_grids(level, upright), *_open_tables(level, letters)):
        inside = [at for at in free if box.holds(letters[at])]
        table = _table(box, [letters[at] for at in inside]) if inside else None
        if table is not None:
            found.append((inside[0], table))
            taken = set(inside)
            free = [at for at in free if at not in taken]
    found += _lines(letters, free)
    found.sort(key=lambda one: one[0])
    return [block for _, block in found]


# rules


def _merged(rules: Iterable[Rule], *, level: bool) -> list[Rule]:
    """Rules of one direction, pieces of one put together."""
    own = sorted(one for one in rules if one.level == level)
    groups: list[list[Rule]] = []
    for rule in own:
        if groups and rule.at - groups[-1][0].at <= _SNAP:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    whole: list[Rule] = []
    for group in groups:
        place = sum(one.at for one in group) / len(group)
        group.sort(key=lambda one: one.start)
        start, end = group[0].start, group[0].end
        for rule in group[1:]:
            if rule.start > end + _JOIN:
                whole.append(Rule(place, start, end, level))
                start, end = rule.start, rule.end
            end = max(end, rule.end)
        whole.append(Rule(place, start, end, level))
    return [one for one in whole if one.length >= _SHORTEST]


def _grids(level: list[Rule], upright: list[Rule]) -> list[_Box]:
    """Groups of rules that meet each other."""
    if len(level) * len(upright) > _MOST_PAIRS:
        return []
    parent = list(range(len(level) + len(upright)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for at, one in enumerate(level):
        for other, wall in enumerate(upright, start=len(level)):
            meets = one.start - _JOIN <= wall.at <= one.end + _JOIN
            if meets and wall.start - _JOIN <= one.at <= wall.end + _JOIN:
                parent[root(at)] = root(other)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for at, rule in enumerate((*level, *upright)):
        groups.setdefault(root(at), ([], []))[0 if rule.level else 1].append(rule)
    boxes = [_box(*group) for group in groups.values() if all(group)]
    # A table inside a frame around the page is found before the frame.
    boxes.sort(key=lambda box: (box.rows[0] - box.rows[-1]) * (box.columns[-1] - box.columns[0]))
    return [box for box in boxes if len(box.columns) > 2 and len(box.rows) > 1]


def _box(level: list[Rule], upright: list[Rule]) -> _Box:
    """Rows, columns and missing walls of rules that meet."""
    rows = _places(
        [one.at for one in level], [end for one in upright for end in (one.start, one.end)]
    )
    columns = _places(
        [one.at for one in upright], [end for one in level for end in (one.start, one.end)]
    )
    rows.reverse()
    box = _Box(rows, columns)
    outer = (columns[0], columns[-1])
    for row, (top, bottom) in enumerate(pairwise(rows)):
        middle = (top + bottom) / 2
        for column in range(len(columns) - 1):
            right = columns[column + 1]
            if right not in outer and not _covered(upright, right, middle):
                box.joined.add((row, column, False))
            across = (columns[column] + columns[column + 1]) / 2
            if row + 2 < len(rows) and not _covered(level, bottom, across):
                box.joined.add((row, column, True))
    return box


def _places(at: list[float], ends: list[float]) -> list[float]:
    """Where rules lie, and how far those across them reach where no rule closes them."""
    places = sorted(at)
    if min(ends) < places[0] - 2 * _JOIN:
        places.insert(0, min(ends))
    if max(ends) > places[-1] + 2 * _JOIN:
        places.append(max(ends))
    kept = [places[0]]
    for place in places[1:]:
        if place - kept[-1] > _SNAP:
            kept.append(place)
    return kept


def _covered(rules: list[Rule], at: float, across: float) -> bool:
    return any(abs(one.at - at) <= _SNAP and one.start <= across <= one.end for one in rules)


def _open_tables(level: list[Rule], letters: Sequence[Letter]) -> list[_Box]:
    """Tables with rules above, below and under their header only: gutters make the columns."""
    groups: list[list[Rule]] = []
    for rule in sorted(level, reverse=True):
        alike = [
            one
            for one in groups
            if abs(one[0].start - rule.start) <= _JOIN and abs(one[0].end - rule.end) <= _JOIN
        ]
        if alike:
            alike[-1].append(rule)
        else:
            groups.append([rule])
    boxes = []
    for group in groups:
        if len(group) < 3 or group[0].length < 60:
            continue
        edges = [one.at for one in group]
        left, right = group[0].start - _JOIN, group[0].end + _JOIN
        inside = [
            one
            for one in letters
            if left <= one.across <= right and edges[-1] <= one.height <= edges[0]
        ]
        runs = _runs(inside)
        columns = _gutters(runs, left, right)
        header = [one for one in runs if edges[1] <= one.height <= edges[0]]
        if len(columns) < 3 or len({bisect_right(columns, one.left) for one in header}) < 2:
            continue
        rows = [edges[0]]
        for top, bottom in pairwise(edges):
            band = [one for one in runs if bottom <= one.height <= top]
            # Under the header of three rules the rows themselves have none.
            rows += _rows_between(band, columns) if len(group) <= 4 else []
            rows.append(bottom)
        boxes.append(_Box(rows, columns))
    return boxes


def _gutters(runs: Sequence[_Run], left: float, right: float) -> list[float]:
    """Middle of every white strip from top to bottom, and the two ends."""
    spans = sorted((one.left, one.right, one.size) for one in runs)
    columns, end = [left], left
    for start, stop, size in spans:
        if start - end > _GAP * size * 0.6 and end > left:
            columns.append((start + end) / 2)
        end = max(end, stop)
    return [*columns, right]


def _rows_between(runs: Sequence[_Run], columns: Sequence[float]) -> list[float]:
    """Where one row ends and the next begins, between two rules."""
    heights: list[list[_Run]] = []
    for run in sorted(runs, key=lambda one: -one.height):
        if heights and heights[-1][0].height - run.height < run.size * 0.5:
            heights[-1].append(run)
        else:
            heights.append([run])
    if len(heights) < 2:
        return []
    steps = [upper[0].height - lower[0].height for upper, lower in pairwise(heights)]
    uneven = max(steps) > 1.3 * min(steps)
    middle = (max(steps) + min(steps)) / 2
    ends = []
    for step, upper, lower in zip(steps, heights, heights[1:], strict=False):
        begins = {bisect_right(columns, one.left) for one in lower}
        new = step > middle if uneven else 1 in begins or len(begins) > 1
        if new:
            ends.append((upper[0].height + lower[0].height) / 2)
    return ends


# tables


def _table(box: _Box, letters: list[Letter]) -> Block | None:
    """The cells of a table; None where it has fewer than two that say anything."""
    rows, columns = len(box.rows) - 1, len(box.columns) - 1
    down = [-one for one in box.rows]
    region = _regions(box, rows, columns)
    held: dict[tuple[int, int], list[Letter]] = {}
    for letter in letters:
        row = min(max(bisect_right(down, -letter.height) - 1, 0), rows - 1)
        column = min(max(bisect_right(box.columns, letter.across) - 1, 0), columns - 1)
        held.setdefault(region[row, column], []).append(letter)
    lines = {place: _runs(own, gap=None) for place, own in held.items()}
    if len(lines) < 2:
        return None
    texts = {}
    for (row, column), own in lines.items():
        last = max(c for (r, c), first in region.items() if first == (row, column))
        width = box.columns[last + 1] - box.columns[column]
        texts[row, column] = _unwrapped(own, width, own[0].left - box.columns[column])
    first = [[region[row, column] for column in range(columns)] for row in range(rows)]
    cells = [[(texts.get(one, ""), one[0] + 1, one[1] + 1) for one in firsts] for firsts in first]
    kept = [row for row in cells if any(text for text, _, _ in row)]
    full = [at for at in range(columns) if any(row[at][0] for row in kept)]
    return [[row[at] for at in full] for row in kept] if len(full) > 1 else None


def _regions(box: _Box, rows: int, columns: int) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of the span that each cell belongs to."""
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows):
        for column in range(columns):
            if (row, column) in first:
                continue
            stack = [(row, column)]
            while stack:
                r, c = stack.pop()
                if (r, c) in first:
                    continue
                first[r, c] = (row, column)
                if (r, c, False) in box.joined and c + 1 < columns:
                    stack.append((r, c + 1))
                if (r, c, True) in box.joined and r + 1 < rows:
                    stack.append((r + 1, c))
                if (r, c - 1, False) in box.joined:
                    stack.append((r, c - 1))
                if (r - 1, c, True) in box.joined:
                    stack.append((r - 1, c))
    return first


def _unwrapped(lines: Sequence[_Run], width: float, padding: float) -> str:
    """The text of a cell: what was wrapped for want of width is put together again."""
    room = width - 2 * min(max(padding, 0.0), 6.0)
    text = lines[0].text
    for upper, lower in pairwise(lines):
        free = room - (upper.right - upper.left)
        follows = lower.text
        if free > _first_word(lower) + 0.5 * lower.size and not upper.text.endswith("\u00ad"):
            text += "\n" + follows
        else:
            text = _joined(text, follows)
    return text


def _first_word(line: _Run) -> float:
    """Width of what would have had to fit on the line before."""
    taken = [line.letters[0]]
    for letter in line.letters[1:]:
        latin = letter.text.isascii() and taken[-1].text.isascii()
        if (letter.spaced or not latin) and letter.text not in _CLOSING:
            break
        taken.append(letter)
    return taken[-1].right - taken[0].left


def _joined(upper: str, lower: str) -> str:
    if upper.endswith("\u00ad"):
        return upper[:-1] + lower
    latin = re.search(r"[A-Za-z0-9,.;&)]$", upper) and re.match(r"[A-Za-z0-9(&]", lower)
    return f"{upper} {lower}" if latin else upper + lower


# lines


def _runs(letters: Iterable[Letter], gap: float | None = _GAP) -> list[_Run]:
    """Runs from top to bottom, and in one line from left to right; without a gap, whole lines."""
    rows: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: -one.height):
        if rows and rows[-1][0].height - letter.height < 0.45 * max(letter.size, 1.0):
            rows[-1].append(letter)
        else:
            rows.append([letter])
    runs = []
    for row in rows:
        row.sort(key=lambda one: one.left)
        own = [row[0]]
        for before, letter in pairwise(row):
            if gap is not None and letter.left - before.right > gap * letter.size:
                runs.append(_Run(own))
                own = []
            own.append(letter)
        runs.append(_Run(own))
    return runs


def _lines(letters: Sequence[Letter], places: Sequence[int]) -> list[tuple[int, Block]]:
    """Lines in the order in which the page prints them: its columns stay apart."""
    found: list[tuple[int, Block]] = []
    run: list[Letter] = []
    begun = 0
    for at in places:
        letter = letters[at]
        if run:
            before = run[-1]
            same = abs(before.height - letter.height) < 0.5 * max(before.size, letter.size)
            if not same or letter.left < before.left - 0.5 * letter.size:
                found.append((begun, _spelled(run)))
                run = []
        if not run:
            begun = at
        run.append(letter)
    if run:
        found.append((begun, _spelled(run)))
    return [one for one in found if str(one[1]).strip()]


def _spelled(letters: Sequence[Letter]) -> str:
    """Letters with their spaces; two where the white is as wide as a gutter."""
    parts = [letters[0].text]
    for before, letter in pairwise(letters):
        white = letter.left - before.right
        if white > _GAP * letter.size:
            parts.append("  ")
        elif letter.spaced or (
            white > 0.22 * letter.size and before.text.isascii() and letter.text.isascii()
        ):
            parts.append(" ")
        parts.append(letter.text)
    return "".join(parts)
