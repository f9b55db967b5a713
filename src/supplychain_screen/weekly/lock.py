"""One run at a time: a lock that its holder's death releases.

The operating system holds the lock for as long as the process lives, so a killed run never
blocks the next one. Where a file system cannot lock (some network shares), a file that names its
holder stands for it, and is taken over when that process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from supplychain_screen.errors import LockedError, OutputError

__all__ = ["LOCK_FILE", "exclusive"]

LOCK_FILE = ".lock"
_MARKER = ".lock-holder"
_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
_BEING_WRITTEN = 10.0
"""Seconds that a marker may be empty: no run takes longer to write one line."""


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the archive ``folder``, which is made where it is missing, as the only run.

    Raises
    ------
    LockedError
        Another run holds it.
    OutputError
        The folder cannot be made or written.
    """
    path = folder / LOCK_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Never deleted: a second process could lock the old file while a third makes a new one.
        # Unbuffered: what a full disk refused must not come back when the file is closed.
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    with file:
        try:
            _take(file)
        except OSError as error:
            if error.errno in _HELD:
                raise LockedError(_message(folder, file)) from None
            with _marked(folder):
                yield
            return
        _sign(file)
        yield


if sys.platform == "win32":

    def _take(file: FileIO) -> None:
        import msvcrt

        # A byte far behind the text, so that others can still read who holds the lock.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _take(file: FileIO) -> None:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _sign(file: FileIO) -> None:
    # For the message of whoever comes second; a full disk is no reason not to hold the lock.
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(_holder().encode())


def _message(folder: Path, file: FileIO) -> str:
    file.seek(0)
    holder = file.read().decode("utf-8", "replace").strip() or "another process"
    return f"another run holds {folder}: {holder}; wait for it to end"


@contextlib.contextmanager
def _marked(folder: Path) -> Iterator[None]:
    """The lock as a file of its own, where the file system has no locks."""
    marker = folder / _MARKER
    own = folder / f".{secrets.token_hex(6)}.part"
    try:
        own.write_text(_holder(), encoding="utf-8")
        try:
            # A link appears with its content: nobody ever reads a marker that names no holder.
            _link(own, marker)
        finally:
            own.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        yield
    finally:
        marker.unlink(missing_ok=True)


def _appear(own: Path, marker: Path) -> None:
    """Give the marker its content at once, or as near to that as the file system can."""
    try:
        os.link(own, marker)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # For a moment it names no holder, which `_link` takes for one that lives.
        with marker.open("x", encoding="utf-8") as file:
            file.write(own.read_text(encoding="utf-8"))


def _link(own: Path, marker: Path) -> None:
    """Make the marker, and first take away one whose holder is dead."""
    for _ in range(2):
        try:
            _appear(own, marker)
        except FileExistsError:
            pass
        else:
            return
        with contextlib.suppress(FileNotFoundError):
            holder = marker.read_text(encoding="utf-8")
            young = own.stat().st_mtime - marker.stat().st_mtime < _BEING_WRITTEN
            if _alive(holder) or (young and not holder.strip()):
                raise LockedError(f"another run holds {marker.parent}: {holder}; wait for it")
            aside = own.with_suffix(".aside.part")
            marker.rename(aside)
            try:
                # Another run may have taken the dead one's place meanwhile: it gets it back.
                if aside.read_text(encoding="utf-8") != holder:
                    _appear(aside, marker)
            finally:
                aside.unlink(missing_ok=True)
    raise LockedError(f"another run has just taken {marker.parent}; wait for it to end")


def _alive(holder: str) -> bool:
    """Whether the process a marker names may still run; on another machine it may."""
    words = holder.split()
    if len(words) != 4 or words[3] != socket.gethostname() or not words[1].isdigit():
        return bool(holder.strip())
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
