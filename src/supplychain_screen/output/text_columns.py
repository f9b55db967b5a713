"""Text in columns: for terminals, where a Chinese character takes two, and for Markdown tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from supplychain_screen.output.columns import Column, Reader, column
from supplychain_screen.output.safety import markdown_text, visible_text
from supplychain_screen.words import Colours, Lang, Phrase, colour_names

__all__ = ["Ink", "Place", "Row", "display_width", "fit", "pipe_table", "table", "wrap"]

Row = Mapping[Hashable, Any]

_ANSI: Final = {
    "red": "31",
    "green": "32",
    "blue": "34",
    "orange": "33",
    "bold": "1",
    "dim": "2",
    "loud": "1;37;41",
}
_FLEXIBLE_WIDTH: Final = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands in a table of text.

    Parameters
    ----------
    key : str or Column
        The column; see `columns.column`.
    width : int
        Columns of the terminal; 0 takes what the others leave.
    needs : int
        Shown only where the whole table may be at least this wide.
    spare : int
        Dropped from a table that is too narrow, the highest number first; 0: never.
    mark : callable, optional
        Row → sign that follows the text and is kept where the text is cut.
    head : Phrase, optional
        Another head than the column's own.
    """

    key: str | Column
    width: int = 0
    needs: int = 0
    spare: int = 0
    mark: Callable[[Row], str] | None = None
    head: Phrase | None = None

    @property
    def align(self) -> str:
        """The side its cells stand on."""
        return "right" if column(self.key).right else "left"

    @property
    def toned(self) -> bool:
        """True where it takes the colour of the row's rating."""
        return column(self.key).key in ("rating", "verdict")

    def text(self, row: Row, read: Reader) -> str:
        """The whole cell: text and mark."""
        return read(self.key, row) + ("" if self.mark is None else self.mark(row))

    def fitted(self, row: Row, read: Reader, room: int) -> str:
        """The cell in exactly ``room`` columns, its mark whole."""
        text = self.text(row, read)
        if self.mark is None or display_width(text) <= room:
            return fit(text, room, align=self.align)
        mark = self.mark(row)
        return fit(fit(read(self.key, row), room - display_width(mark)).rstrip() + mark, room)


class Ink:
    """Colours, or nothing where the terminal wants none."""

    def __init__(self, colour: bool, colours: Colours) -> None:
        self._colour = colour
        up, down = colour_names(colours)
        self._tones = {"up": up, "down": down}

    def paint(self, text: str, style: str) -> str:
        """``text`` in a style of ``_ANSI``, or in the colour of a rating's tone."""
        code = _ANSI.get(self._tones.get(style, style))
        ink = text.rstrip()
        if not (self._colour and code and ink):
            return text
        return f"\x1b[{code}m{ink}\x1b[0m{text[len(ink) :]}"


def display_width(text: str) -> int:
    """Columns ``text`` takes in a terminal: East Asian wide characters take two.

    Examples
    --------
    >>> display_width("乐鑫科技"), display_width("ESP"), display_width("é")
    (8, 3, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def fit(text: str, width: int, *, align: str = "left") -> str:
    """``text`` in exactly ``width`` columns: padded, or cut with an ellipsis.

    Parameters
    ----------
    text : str
        Text on one line; see `visible_text`.
    width : int
        Columns, at least 1.
    align : {"left", "right"}
        Where the text stands when it is shorter.

    Examples
    --------
    >>> fit("乐鑫科技", 6)
    '乐鑫… '
    >>> fit("ab", 4, align="right")
    '  ab'
    """
    if display_width(text) > width:
        text = _cut(text, width - 1) + "…"
    padding = " " * (width - display_width(text))
    return padding + text if align == "right" else text + padding


def table(
    places: Iterable[Place],
    rows: Iterable[Row],
    read: Reader,
    width: int,
    ink: Ink,
    tone: Callable[[Row], str],
) -> Iterator[str]:
    """Head, rule, and one line a row; the flexible column takes what is left of ``width``."""
    shown = [place for place in places if place.needs <= width]
    while True:
        left = width - sum(place.width for place in shown) - (len(shown) - 1)
        least = max(shown, key=lambda place: place.spare)
        if left >= _FLEXIBLE_WIDTH or least.spare == 0:
            break
        shown.remove(least)
    widths = [place.width or max(left, 4) for place in shown]
    yield " ".join(
        fit((place.head or column(place.key).short).of(read.lang), room, align=place.align)
        for place, room in zip(shown, widths, strict=True)
    )
    # The rule has the units that the figures leave out.
    yield " ".join(
        _ruled(column(place.key).unit(read.style), room, read.lang)
        for place, room in zip(shown, widths, strict=True)
    )
    for row in rows:
        cells = [place.fitted(row, read, room) for place, room in zip(shown, widths, strict=True)]
        style = tone(row)
        yield " ".join(
            ink.paint(cell, style) if place.toned else cell
            for cell, place in zip(cells, shown, strict=True)
        )


def _ruled(unit: Phrase | None, room: int, lang: Lang) -> str:
    said = "" if unit is None else f" {unit.of(lang)}"
    return "─" * (room - display_width(said)) + said


def pipe_table(places: Iterable[Place], rows: Iterable[Row], read: Reader) -> str:
    """The same table in Markdown, with every column and its whole head."""
    places = list(places)
    lines = [
        [(place.head or column(place.key).headed(read.style)).of(read.lang) for place in places],
        ["---:" if place.align == "right" else "---" for place in places],
        *([markdown_text(place.text(row, read)) for place in places] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def wrap(text: str, width: int, hang: int = 0, *, whole: bool = False) -> list[str]:
    """Lines of at most ``width`` columns: between words in Latin text, anywhere in Chinese.

    Parameters
    ----------
    text : str
        Text on one line; what would act or hide in it is shown by its code point.
    width : int
        Columns of the terminal.
    hang : int
        Spaces before every line but the first.
    whole : bool
        True to leave a word that is longer than a line, a path, as long as it is.

    Examples
    --------
    >>> wrap("the base close of 乐鑫科技。", 12, hang=2)
    ['the base', '  close of', '  乐鑫科技。']
    """
    lines, line = [], ""
    for piece in _pieces(visible_text(text)):
        if line.strip() and display_width((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = " " * hang
            piece = piece.lstrip()
        line += piece
        # A word longer than a line is cut where the line ends.
        while not whole and display_width(line.rstrip()) > width:
            head = _cut(line, width)
            lines.append(head)
            line = " " * hang + line[len(head) :]
    return [*lines, line.rstrip()]


def _cut(text: str, width: int) -> str:
    """The longest start of ``text`` that takes at most ``width`` columns."""
    taken = 0
    for place, character in enumerate(text):
        taken += _character_width(character)
        if taken > width:
            return text[:place]
    return text


def _pieces(text: str) -> Iterator[str]:
    """Where a line may break: after a space, and beside a wide character that allows it."""
    piece = ""
    for character in text:
        last = piece[-1:]
        wide = display_width(last) == 2 or display_width(character) == 2
        if last == " " or (wide and last and last not in _OPENING and character not in _CLOSING):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


_OPENING: Final = "（「『《“‘(["
_CLOSING: Final = "，。；：、）」』》！？”’…% ),.;:]!?"
"""What ends no line, and what starts none."""


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
