"""One run at a time: a lock that its holder's death releases.

The operating system holds the lock for as long as the process lives, so a killed run never
blocks the next one. Where a file system cannot lock (some network shares), a file that names its
holder stands for it, and is taken over when that process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from supplychain_screen.drafts import draft
from supplychain_screen.errors import LockedError, OutputError

__all__ = ["LOCK_FILE", "exclusive"]

LOCK_FILE = ".lock"
_MARKER = ".lock-file"
"""Held by being there, where the operating system has no lock to give."""
_HOLDER = ".lock-holder"
"""Who holds the lock, for the message of whoever comes second; it decides nothing."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the archive ``folder``, which is made where it is missing, as the only run.

    Raises
    ------
    LockedError
        Another run holds it; the message names its process, its machine, and since when.
    OutputError
        The folder cannot be made or written, or a link lies where the lock belongs.
    """
    holder = folder / _HOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _taken(folder)
    except Timeout as error:
        raise LockedError(_message(folder, Path(error.lock_file))) from None
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        _sign(holder)
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _taken(folder: Path) -> BaseFileLock:
    """The lock of ``folder``, held."""
    lock: BaseFileLock = FileLock(_own(folder / LOCK_FILE), timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        lock = SoftFileLock(_own(folder / _MARKER), timeout=0)
        lock.acquire()
    return lock


def _own(path: Path) -> Path:
    """``path``, which is no link: what a link leads to is somebody else's file."""
    if path.is_symlink():
        raise OutputError(f"{path} is a link, and a lock is not written through one; remove it")
    return path


def _sign(holder: Path) -> None:
    # A full disk is no reason not to hold the lock.
    with contextlib.suppress(OSError), draft(holder.parent) as part:
        part.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        part.replace(holder)


def _message(folder: Path, lock: Path) -> str:
    who = "another process"
    holder = folder / _HOLDER
    with contextlib.suppress(OSError, UnicodeDecodeError):
        since = datetime.fromtimestamp(holder.stat().st_mtime, UTC)
        who = f"{holder.read_text(encoding='utf-8')}, since {since:%Y-%m-%d %H:%M:%S} UTC"
    remedy = "wait for it to end"
    if lock.name == _MARKER:
        remedy += f"; if that process is gone, as after a power cut, delete {lock}"
    return f"another run holds {folder}: {who}; {remedy}"
