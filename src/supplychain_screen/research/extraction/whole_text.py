"""The whole print as one text that knows the place of every character."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from supplychain_screen.research.extraction.documents import Document, Line, Place
from supplychain_screen.research.extraction.print_vocabulary import fold_width, visible_text

__all__ = ["PrintedText", "printed_text"]


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A document as text: a line a line or row, tabs between cells.

    Parameters
    ----------
    text : str
        As printed.
    plain : str
        The same in half-width characters, letter for letter.
    """

    text: str
    plain: str
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def place(self, at: int) -> Place:
        """Where a character stands."""
        return self.places[max(bisect_right(self.starts, at) - 1, 0)]


def printed_text(document: Document) -> PrintedText:
    """A document's lines and cells in reading order; a cell that spans others is said once."""
    parts: list[str] = []
    starts: list[int] = []
    places: list[Place] = []
    length = 0

    def add(said: str, place: Place, end: str) -> None:
        nonlocal length
        starts.append(length)
        places.append(place)
        parts.append(said + end)
        length += len(said) + 1

    for block in document.blocks:
        if isinstance(block, Line):
            add(visible_text(block.text), block.place, "\n")
            continue
        seen: set[Place] = set()
        for row in block.rows:
            cells = [cell for cell in row if cell.text and cell.place not in seen]
            seen.update(cell.place for cell in cells)
            for number, cell in enumerate(cells, start=1):
                add(visible_text(cell.text), cell.place, "\n" if number == len(cells) else "\t")
    text = "".join(parts)
    return PrintedText(text, fold_width(text), tuple(starts), tuple(places))
