"""Standard streams that are closed, full, or cannot spell what is said."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from io import TextIOWrapper
from typing import NoReturn, TextIO

__all__ = ["open_streams"]

# The number of Exit.PARTIAL, which is not imported for it: Typer comes with it.
NOT_ALL_PRINTED = 3
READER_LEFT = 141
"""128 and the number of SIGPIPE, as shells say of any program."""

_SHOWN = "supplychain_screen.shown"


def _other_character(error: UnicodeError) -> tuple[str, int]:
    """A minus sign becomes a hyphen, whose number would be another without it; the rest ``?``."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join("-" if one == "−" else "?" for one in text), error.end


codecs.register_error(_SHOWN, _other_character)


def open_streams() -> None:
    """Make the standard streams ones that never end the program with a traceback.

    A closed one leads nowhere, and no file takes its number. A console shows another character
    for one that it cannot spell. Standard output that cannot take what is printed (a full disk)
    is told once; where its reader left (``head``), the program leaves as well. Errors that
    nobody can be told are not told.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # What stands in another's place, as in a test, stays; and these are asked for the width.
    if sys.stdout is sys.__stdout__:
        sys.stdout = vars(sys)["__stdout__"] = _own(sys.stdout, 1, _Output)
    if sys.stderr is sys.__stderr__:
        sys.stderr = vars(sys)["__stderr__"] = _own(sys.stderr, 2, _Errors)


def _own(stream: TextIO | None, number: int, kind: type[TextIOWrapper]) -> TextIO:
    if stream is None:
        return kind(os.fdopen(number, "wb"), encoding="utf-8", errors=_SHOWN)
    if not isinstance(stream, TextIOWrapper):
        return stream
    encoding, by_line = stream.encoding, stream.line_buffering
    return kind(stream.detach(), encoding=encoding, errors=_SHOWN, line_buffering=by_line)


class _Output(TextIOWrapper):
    """Standard output."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._leave(error)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._leave(error)

    def _leave(self, error: OSError) -> NoReturn:
        _lead_nowhere(1)
        # Windows says EINVAL of a pipe whose reader left.
        if error.errno in (errno.EPIPE, errno.EINVAL):
            raise SystemExit(READER_LEFT) from None
        reason = error.strerror or str(error)
        print(f"error: standard output cannot be written: {reason}", file=sys.stderr)
        raise SystemExit(NOT_ALL_PRINTED) from None


class _Errors(TextIOWrapper):
    """Standard error."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            _lead_nowhere(2)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _lead_nowhere(2)


def _lead_nowhere(number: int) -> None:
    """What is still in a buffer goes where it does no harm."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
