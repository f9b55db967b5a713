"""Text that strangers wrote, made safe to show: in a cell, a terminal, a chat.

Company names, notes and findings come from other people's files. Nothing here judges what they
say; it only keeps them text: a name is never a formula, an escape sequence or a piece of markup.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = [
    "cell_text",
    "csv_text",
    "markdown_text",
    "visible_text",
]

CELL_LIMIT: Final = 32_767
"""Characters a spreadsheet cell can hold (Microsoft, "Excel specifications and limits")."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet evaluate a CSV field (OWASP, "CSV Injection")."""

# Full-width twins of = + - @: Excel with an East Asian input method evaluates them as well.
_FULL_WIDTH_STARTS: Final = ("＝", "＋", "－", "＠")

# Controls that reorder or hide what follows them (Unicode UAX #9, and the two invisible marks
# and separators that break lines in places nobody sees).
_BIDI_CONTROLS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_LINE_SEPARATORS: Final = frozenset("\u2028\u2029\ufeff")

_MARKDOWN_INLINE: Final = re.compile(r"([\\`*_\[\]|~$])")
_MARKDOWN_BLOCK: Final = re.compile(r"^(\s*)([#+=-])(?=[\s#=-]|$)")
_MARKDOWN_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])(?=\s|$)")
# What chats make a link or a mention of by themselves.
_AUTOLINK: Final = re.compile(r"(?i)\b(https?|ftp|file|www|mailto|javascript|data)(?=[:.])|@(?=\w)")


def visible_text(text: str) -> str:
    r"""``text`` with every invisible control shown by its code point, on one line.

    Parameters
    ----------
    text : str
        Anything: a name, a note, a message.

    Returns
    -------
    str
        The same text; line breaks and tabs become spaces, and control, direction and
        separator characters become ``<U+202E>``, so that none acts and none hides.

    Examples
    --------
    >>> visible_text("abc\u202edef")
    'abc<U+202E>def'
    >>> visible_text("two\nlines\x1b[2J")
    'two lines<U+001B>[2J'
    """
    # No control, direction or separator character is printable.
    if text.isprintable():
        return text
    shown = []
    for character in text:
        if character in "\t\n\r":
            shown.append(" ")
        elif (
            character in _BIDI_CONTROLS
            or character in _LINE_SEPARATORS
            or unicodedata.category(character) in ("Cc", "Cs")
            # U+FFFE, U+FFFF and their likes are no characters; XML has no way to write them.
            or ord(character) % 0x10000 > 0xFFFD
        ):
            shown.append(f"<U+{ord(character):04X}>")
        else:
            shown.append(character)
    return "".join(shown)


def cell_text(text: str) -> str:
    """``text`` for a workbook cell that is written as a string: visible, within the limit.

    Examples
    --------
    >>> cell_text("=HYPERLINK(1)")
    '=HYPERLINK(1)'
    >>> len(cell_text("x" * 40_000))
    32767
    """
    shown = visible_text(text)
    return shown if len(shown) <= CELL_LIMIT else shown[: CELL_LIMIT - 1] + "…"


def csv_text(text: str) -> str:
    r"""``text`` for a CSV field: a spreadsheet that opens the file shows it and never runs it.

    A field that starts like a formula gets an apostrophe in front, the spreadsheet's own sign
    for "this is text". Numbers are not text and never come here.

    Examples
    --------
    >>> csv_text("@SUM(1+1)")
    "'@SUM(1+1)"
    >>> csv_text("  =1+1"), csv_text("乐鑫科技")
    ("'  =1+1", '乐鑫科技')
    """
    if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(
        FORMULA_STARTS[:4] + _FULL_WIDTH_STARTS
    ):
        text = "'" + text
    return text.replace("\x00", "<U+0000>").replace("\r\n", " ").replace("\r", " ")


def markdown_text(text: str) -> str:
    r"""``text`` for Markdown, a table cell included: no markup, link, mention, HTML or broken row.

    Examples
    --------
    >>> markdown_text("<img src=x>|*b*")
    '&lt;img src=x&gt;\\|\\*b\\*'
    >>> markdown_text("# 1"), markdown_text("1. x"), markdown_text("+6.4%")
    ('\\# 1', '1\\. x', '+6.4%')
    """
    shown = _MARKDOWN_INLINE.sub(r"\\\1", visible_text(text))
    shown = _MARKDOWN_BLOCK.sub(r"\1\\\2", shown)
    shown = _MARKDOWN_NUMBERED.sub(r"\1\\\2", shown)
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A word joiner cannot be seen; it keeps the text readable and dead.
    return _AUTOLINK.sub("\\g<0>\u2060", shown)
