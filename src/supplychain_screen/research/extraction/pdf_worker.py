"""Reads a PDF in a process of its own, which its limits may end: bytes in, JSON out."""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from supplychain_screen.research.extraction.page_layout import Letter, Rule, page_blocks

__all__ = ["main"]

_MOST_LETTERS = 100_000
"""Characters of one page: a page of a report has some thousands."""
_MOST_SEGMENTS = 400
"""Pieces of one drawn path beyond which it is a curve of a chart."""
_DEEPEST = 4
_SPACES = frozenset(" \t\r\n\f\v\x00\xa0\u3000\u2002\u2003\u2009\ufffe")
_THIN = 3.0


class _FaultError(Exception):
    """What ends the reading: a key of `pdf.FAULTS` and its facts."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


class _Move(NamedTuple):
    """Coordinates of a form or a path as coordinates of the page."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def of(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def after(self, other: _Move) -> _Move:
        """First ``other``, then this."""
        a, b = self.of(other.a, other.b), self.of(other.c, other.d)
        e = self.of(other.e, other.f)
        return _Move(a[0] - self.e, a[1] - self.f, b[0] - self.e, b[1] - self.f, *e)


def main() -> None:
    """Read the PDF on standard input and print its pages, or what is wrong, as JSON."""
    pages, seconds, megabytes = (int(one) for one in sys.argv[1:4])
    _limit(seconds, megabytes)
    try:
        told: dict[str, Any] = {"pages": _read(sys.stdin.buffer.read(), pages)}
    except _FaultError as fault:
        told = {"fault": fault.key, "facts": fault.facts}
    except MemoryError:
        told = {"fault": "memory", "facts": {}}
    sys.stdout.buffer.write(json.dumps(told).encode())


def _limit(seconds: int, megabytes: int) -> None:
    """Limits of the system, where it has them; elsewhere the clock of the parent ends us."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, megabytes * 1_000_000),
    ):
        hard = resource.getrlimit(kind)[1]
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(kind, (most, hard))


def _read(raw: bytes, most: int) -> list[list[Any]]:
    try:
        document = pypdfium2.PdfDocument(raw)
        count = len(document)
    except pypdfium2.PdfiumError:
        locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise _FaultError("encrypted" if locked else "damaged") from None
    if count > most:
        raise _FaultError("pages", n=count)
    pages = []
    strange = letters = 0
    for number in range(count):
        try:
            page = document[number]
            own = _letters(page)
            rules = list(_rules(page)) if own else []
        except pypdfium2.PdfiumError:
            raise _FaultError("damaged_page", page=number + 1) from None
        if len(own) > _MOST_LETTERS:
            raise _FaultError("letters", page=number + 1)
        letters += len(own)
        strange += sum(one.text == "\ufffd" or "\ue000" <= one.text <= "\uf8ff" for one in own)
        pages.append(page_blocks(own, rules))
        page.close()
    if letters < 2 * count and not any(pages):
        raise _FaultError("scanned")
    if 3 * strange > letters:
        raise _FaultError("codes")
    return pages


def _turn(page: Any) -> _Move:
    """Coordinates as the page is looked at, where it is turned."""
    width, height = page.get_width(), page.get_height()
    return {
        90: _Move(0, -1, 1, 0, 0, height),
        180: _Move(-1, 0, 0, -1, width, height),
        270: _Move(0, 1, -1, 0, width, 0),
    }.get(page.get_rotation(), _Move())


def _letters(page: Any) -> list[Letter]:
    """The characters of a page in the order in which it prints them."""
    text = page.get_textpage()
    raw = text.raw
    count = min(pdfium.FPDFText_CountChars(raw), _MOST_LETTERS + 1)
    turn = _turn(page)
    turned = turn != _Move()
    box = pdfium.FS_RECTF()
    found: list[Letter] = []
    spaced = False
    for at in range(count):
        code = pdfium.FPDFText_GetUnicode(raw, at)
        if code == 2 or code == 0xAD:
            # pdfium's mark of a word that was divided at the end of its line
            letter = "\u00ad"
        elif 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            letter = "\ufffd"
        else:
            letter = chr(code)
        if letter in _SPACES or (code < 32 and code != 2):
            spaced = True
            continue
        if not pdfium.FPDFText_GetLooseCharBox(raw, at, box):
            continue
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if turned:
            (left, bottom), (right, top) = turn.of(left, bottom), turn.of(right, top)
            left, right, bottom, top = (
                min(left, right),
                max(left, right),
                min(bottom, top),
                max(bottom, top),
            )
        size = pdfium.FPDFText_GetFontSize(raw, at)
        # A font of one point that is drawn enlarged has the size of its box.
        if not 0.4 * (top - bottom) < size < 2.5 * (top - bottom):
            size = (top - bottom) * 0.8
        found.append(Letter(letter, left, bottom, right, top, size, spaced))
        spaced = False
    text.close()
    return found


def _rules(page: Any) -> Iterator[Rule]:
    """Level and upright lines that a page draws, edges of its rectangles too."""
    turn = _turn(page)
    width, height = page.get_width(), page.get_height()
    for item, move in _objects(
        page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, turn, 0
    ):
        for x0, y0, x1, y1 in _strokes(item, move):
            if abs(x1 - x0) > 0.95 * width or abs(y1 - y0) > 0.95 * height:
                continue
            if abs(y1 - y0) <= 1.0 < abs(x1 - x0):
                yield Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1), True)
            elif abs(x1 - x0) <= 1.0 < abs(y1 - y0):
                yield Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1), False)


def _objects(
    holder: Any, count: Any, get: Any, move: _Move, depth: int
) -> Iterator[tuple[Any, _Move]]:
    """Paths of a page or a form, with how they are moved onto the page."""
    matrix = pdfium.FS_MATRIX()
    for at in range(count(holder)):
        item = get(holder, at)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        own = move
        if pdfium.FPDFPageObj_GetMatrix(item, matrix):
            own = move.after(_Move(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f))
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield item, own
        elif depth < _DEEPEST:
            yield from _objects(
                item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, own, depth + 1
            )


def _strokes(path: Any, move: _Move) -> Iterator[tuple[float, float, float, float]]:
    """Straight pieces of a path; a thin filled shape is one line along its middle."""
    count = pdfium.FPDFPath_CountSegments(path)
    if not 2 <= count <= _MOST_SEGMENTS:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not (fill.value or stroke.value):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    figures: list[list[tuple[float, float]]] = []
    for at in range(count):
        piece = pdfium.FPDFPath_GetPathSegment(path, at)
        pdfium.FPDFPathSegment_GetPoint(piece, x, y)
        kind = pdfium.FPDFPathSegment_GetType(piece)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not figures:
            figures.append([])
        figures[-1].append(move.of(x.value, y.value))
        if pdfium.FPDFPathSegment_GetClose(piece):
            figures[-1].append(figures[-1][0])
    for points in figures:
        across = [one[0] for one in points]
        up = [one[1] for one in points]
        x0, x1, y0, y1 = min(across), max(across), min(up), max(up)
        if len(points) > 2 and min(x1 - x0, y1 - y0) <= _THIN:
            if x1 - x0 >= y1 - y0:
                yield x0, (y0 + y1) / 2, x1, (y0 + y1) / 2
            else:
                yield (x0 + x1) / 2, y0, (x0 + x1) / 2, y1
            continue
        if fill.value and points[0] != points[-1]:
            points.append(points[0])
        for (ax, ay), (bx, by) in pairwise(points):
            yield ax, ay, bx, by


if __name__ == "__main__":
    main()
