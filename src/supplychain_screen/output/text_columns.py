"""Text in columns: for terminals, where a Chinese character takes two, and for Markdown tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from supplychain_screen.output.safety import markdown_text
from supplychain_screen.words import Colours, Lang, Phrase

__all__ = ["Column", "Ink", "Row", "display_width", "fit", "pipe_table", "table", "wrap"]

Row = Mapping[Hashable, Any]

_ANSI: Final = {"red": "31", "green": "32", "bold": "1", "dim": "2", "loud": "1;37;41"}
_FLEXIBLE_WIDTH: Final = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a text table.

    Parameters
    ----------
    title : Phrase
        Its head.
    cell : callable
        Row → text.
    width : int
        Columns of the terminal; 0 takes what the others leave.
    right : bool
        Numbers stand to the right.
    needs : int
        Shown only where the whole table may be at least this wide.
    spare : int
        Dropped from a table that is too narrow, the highest number first; 0: never.
    toned : bool
        Takes the colour of the row's rating.
    mark : callable, optional
        Row → sign that follows the text and is kept where the text is cut.
    """

    title: Phrase
    cell: Callable[[Row], str]
    width: int
    right: bool = False
    needs: int = 0
    spare: int = 0
    toned: bool = False
    mark: Callable[[Row], str] | None = None

    def text(self, row: Row) -> str:
        """The whole cell: text and mark."""
        return self.cell(row) + ("" if self.mark is None else self.mark(row))

    def fitted(self, row: Row, room: int) -> str:
        """The cell in exactly ``room`` columns, its mark whole."""
        if self.mark is None or display_width(self.text(row)) <= room:
            return fit(self.text(row), room, align="right" if self.right else "left")
        mark = self.mark(row)
        return fit(fit(self.cell(row), room - display_width(mark)).rstrip() + mark, room)


class Ink:
    """Colours, or nothing where the terminal wants none."""

    def __init__(self, colour: bool, colours: Colours) -> None:
        self._colour = colour
        up, down = ("red", "green") if colours == "china" else ("green", "red")
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
    columns: list[Column],
    rows: Iterable[Row],
    lang: Lang,
    width: int,
    ink: Ink,
    tone: Callable[[Row], str],
) -> Iterator[str]:
    """Head, rule, and one line a row; the flexible column takes what is left of ``width``."""
    shown = [column for column in columns if column.needs <= width]
    while True:
        left = width - sum(column.width for column in shown) - (len(shown) - 1)
        least = max(shown, key=lambda column: column.spare)
        if left >= _FLEXIBLE_WIDTH or least.spare == 0:
            break
        shown.remove(least)
    widths = [column.width or max(left, 4) for column in shown]
    aligns = ["right" if column.right else "left" for column in shown]
    yield " ".join(
        fit(column.title.of(lang), room, align=align)
        for column, room, align in zip(shown, widths, aligns, strict=True)
    )
    yield " ".join("─" * room for room in widths)
    for row in rows:
        cells = [column.fitted(row, room) for column, room in zip(shown, widths, strict=True)]
        style = tone(row)
        yield " ".join(
            ink.paint(cell, style) if column.toned else cell
            for cell, column in zip(cells, shown, strict=True)
        )


def pipe_table(columns: list[Column], rows: Iterable[Row], lang: Lang) -> str:
    """The same table in Markdown, with every column."""
    lines = [
        "| " + " | ".join(column.title.of(lang) for column in columns) + " |",
        "| " + " | ".join("---:" if column.right else "---" for column in columns) + " |",
    ]
    lines += [
        "| " + " | ".join(markdown_text(column.text(row)) for column in columns) + " |"
        for row in rows
    ]
    return "\n".join(lines)


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """Lines of at most ``width`` columns: between words in Latin text, anywhere in Chinese.

    Parameters
    ----------
    text : str
        Text on one line.
    width : int
        Columns of the terminal.
    hang : int
        Spaces before every line but the first.

    Examples
    --------
    >>> wrap("the base close of 乐鑫科技。", 12, hang=2)
    ['the base', '  close of', '  乐鑫科技。']
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and display_width((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = " " * hang
            piece = piece.lstrip()
        line += piece
        # A word longer than a line is cut where the line ends.
        while display_width(line.rstrip()) > width:
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
    """Where a line may break: after a space, and before a wide character that starts no line."""
    piece = ""
    for character in text:
        wide = display_width(character) == 2
        if piece and wide and character not in "，。；：、）」』！？”’":
            yield piece
            piece = ""
        piece += character
        if character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
