"""Bytes of a text become the text: UTF-8, UTF-16, GBK or Big5, told by what it says."""

from __future__ import annotations

import re
from collections import Counter

from supplychain_screen.errors import InputError, Problem

__all__ = ["decoded", "storable"]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_USUAL = {
    # Characters in everyday use lie together in both codes, the rare ones elsewhere: text of one
    # read as the other is full of rare ones.
    "gb18030": re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"),
    "big5hkscs": re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]"),
}
_LEAST_USUAL = 0.75
"""Share of everyday characters below which bytes are not taken for a text in that code."""


_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")

_CONTROLS = re.compile("[\\x00-\\x08\\x0e-\\x1b\\x7f]")


def decoded(raw: bytes, label: str) -> str:
    """The text that bytes spell.

    Parameters
    ----------
    raw : bytes
        A whole file.
    label : str
        The file as its user named it, for errors.

    Raises
    ------
    InputError
        Empty, no text, or in an encoding that cannot be told.

    Examples
    --------
    >>> decoded("相关个股：蓝思科技".encode("gbk"), "a.txt")
    '相关个股：蓝思科技'
    >>> decoded("相關個股：聯發科、鴻海".encode("big5"), "b.txt")
    '相關個股：聯發科、鴻海'
    >>> decoded("相关个股".encode("utf-16"), "c.txt")
    '相关个股'
    """
    text = _text(raw, label)
    if len(_CONTROLS.findall(text)) * 100 > len(text):
        remedy = "give text, Markdown, HTML, CSV, XLSX or PDF"
        raise InputError(Problem("the file holds no text", remedy, file=label))
    return text


def storable(text: str) -> str:
    """The text without what no file of a report can hold: NUL and halves of characters.

    Programs pad with the one, and leave the others of bytes that they could not read.

    Examples
    --------
    >>> storable("700\\x00腾讯\\ud83d")
    '700 腾讯\ufffd'
    """
    return _HALF_CHARACTERS.sub("\ufffd", text.replace("\x00", " "))


def _text(raw: bytes, label: str) -> str:
    """The characters of bytes, whether or not they are a text."""
    if not raw.strip(b"\x00 \t\r\n"):
        raise InputError(Problem("the file is empty", "give the report's text", file=label))
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strictly(raw, encoding, label)
    if b"\x00" in raw:
        wide = _wide(raw)
        if wide is None:
            remedy = "give text, Markdown, HTML, CSV, XLSX or PDF"
            raise InputError(Problem("the file holds no text", remedy, file=label))
        return _strictly(raw, wide, label)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        # A cut at the end of an otherwise whole text loses one character, not the text.
        if error.reason == "unexpected end of data":
            return raw[: error.start].decode("utf-8")
    told = _everyday(raw) or _western(raw)
    if told is not None:
        return told
    raise InputError(
        Problem(
            "the encoding cannot be told: this is no UTF-8, GBK or Big5",
            "save the file as UTF-8",
            file=label,
            row=line,
        )
    )


def _everyday(raw: bytes) -> str | None:
    """GBK or Big5, where nearly every character is one in everyday use; else None."""
    likely = {}
    for encoding, usual in _USUAL.items():
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = Counter(letter for letter in text if not letter.isascii())
        everyday = sum(
            n for letter, n in letters.items() if usual.fullmatch(letter.encode(encoding, "ignore"))
        )
        likely[text] = everyday / max(letters.total(), 1)
    best = max(likely, key=lambda one: likely[one], default="")
    return best if best and likely[best] >= _LEAST_USUAL else None


def _western(raw: bytes) -> str | None:
    """An English text with marks of Windows in it; None where the bytes are no such text."""
    text = raw.decode("cp1252", "replace")
    few = sum(one > 0x7F for one in raw) < len(raw) / 10
    return text if few and "\ufffd" not in text else None


def _wide(raw: bytes) -> str | None:
    """UTF-16 without its mark: one of its two bytes is nothing in most line ends and digits."""
    even, odd = raw[:4096:2].count(0), raw[1:4096:2].count(0)
    if len(raw) % 2 or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _strictly(raw: bytes, encoding: str, label: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        name = encoding.upper().removesuffix("-SIG")
        problem = Problem(f"the text is damaged {name}", "save it as UTF-8", file=label, row=line)
        raise InputError(problem) from None
    if not text.strip("\ufeff \t\r\n\x00"):
        raise InputError(Problem("the file is empty", "give the report's text", file=label))
    return text
