"""A checksum that is as fast as memory: the sum of a file's 64-bit words.

No flipped bit or byte leaves it as it is. It is no hash: who wants to deceive can.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["file_words", "read_full", "word_sum"]

_AT_ONCE = 1 << 20
_WORD = 8


def word_sum(piece: bytes | memoryview) -> int:
    """Sum of the 64-bit words, modulo 2 to the 64; what is left of a word counts as one.

    Examples
    --------
    >>> word_sum(bytes([1, 0, 0, 0, 0, 0, 0, 0, 2])), word_sum(b"")
    (3, 0)
    """
    whole = len(piece) // _WORD * _WORD
    total = int(np.add.reduce(np.frombuffer(piece[:whole], "<u8"), dtype=np.uint64))
    return (total + int.from_bytes(piece[whole:], "little")) % 2**64


def file_words(path: str | Path) -> str:
    """Length and sum of a whole file, as text.

    Raises
    ------
    OSError
        It cannot be read.
    """
    view = memoryview(bytearray(_AT_ONCE))
    length = total = 0
    with Path(path).open("rb", buffering=0) as file:
        while got := read_full(file, view):
            total = (total + word_sum(view[:got])) % 2**64
            length += got
    return f"{length}-{total:016x}"


def read_full(file: Any, view: memoryview) -> int:
    """Read until ``view`` is full or the file ends: words must not be cut."""
    filled = 0
    while filled < len(view) and (got := file.readinto(view[filled:])):
        filled += got
    return filled
