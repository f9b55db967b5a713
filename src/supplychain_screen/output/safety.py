"""Text that strangers wrote, made safe to show: in a cell, a terminal, a chat, a file name.

Company names, notes and findings come from other people's files. Nothing here judges what they
say; it only keeps them text: a name is never a formula, an escape sequence, a piece of markup or
a path out of the folder.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = [
    "cell_text",
    "csv_text",
    "file_name",
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

# Device names that Windows reserves in every folder, with any extension (Microsoft, "Naming
# Files, Paths, and Namespaces").
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_NAME_BYTES: Final = 120

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


def file_name(text: str, extension: str = "") -> str:
    """A file name made from ``text`` that stays inside its folder on every system.

    Parameters
    ----------
    text : str
        A title or name from a report.
    extension : str
        Appended as it is, for example ``.html``.

    Returns
    -------
    str
        Not empty, without separators, drive letters, control or direction characters, leading
        or trailing dots and spaces, or a Windows device name; at most 120 bytes and the
        extension.

    Examples
    --------
    >>> file_name("../../etc/passwd", ".csv")
    'etc_passwd.csv'
    >>> file_name("CON"), file_name("小米AI布局", ".xlsx"), file_name("...")
    ('_CON', '小米AI布局.xlsx', 'unnamed')
    """
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(
        character
        for character in composed
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    plain = re.sub(r'[\\/:*?"<>|∕⧵⁄]+', "_", plain)
    plain = re.sub(r"\s+", " ", plain)
    plain = re.sub(r"\.{2,}", ".", plain).strip("._ ")
    while len(plain.encode()) > _NAME_BYTES:
        plain = plain[:-1]
    plain = plain.rstrip("._ ") or "unnamed"
    if plain.split(".")[0].strip().casefold() in _RESERVED:
        plain = "_" + plain
    return plain + extension
