"""What is written beside its place and then renamed into it, and what a killed process left so."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nobody can tell a draft that is left from one that is written
    fcntl = None  # type: ignore[assignment]

__all__ = ["draft", "sweep"]

# With the name of the program, since nobody else's files may be taken away.
_DRAFT = re.compile(r"\.supplychain-screen-[0-9a-f]{12}\.part")


@contextlib.contextmanager
def draft(place: Path, *, folder: bool = False) -> Iterator[Path]:
    """A new file, or folder, in the folder ``place``, gone at the end where it was not renamed.

    It is locked while it is written, and what is there of killed processes, which is not, is taken
    away. In the same folder, since a rename across file systems would be a copy, and a copy can
    stop half-way.

    Parameters
    ----------
    place : Path
        An existing folder.
    folder : bool
        Whether a folder is wanted.

    Raises
    ------
    OSError
        It cannot be made.
    """
    sweep(place)
    path, handle = _made(place, folder=folder)
    try:
        yield path
    finally:
        try:
            _remove(path)
        finally:
            if handle is not None:
                os.close(handle)


def sweep(place: Path) -> None:
    """Take away the drafts of killed processes from a folder; what cannot be is left."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(place) as there:
        for name in [one.name for one in there if _DRAFT.fullmatch(one.name)]:
            with contextlib.suppress(OSError):
                handle = _locked(place / name)
                try:
                    _remove(place / name)
                finally:
                    os.close(handle)


def _made(place: Path, *, folder: bool) -> tuple[Path, int | None]:
    while True:
        path = place / f".supplychain-screen-{secrets.token_hex(6)}.part"
        # Who may read it is for its user's umask to say.
        path.mkdir() if folder else path.touch(exist_ok=False)
        if not folder and not os.access(path, os.R_OK | os.W_OK):
            # An umask that keeps a file from its own user: only who makes it can write it.
            try:
                path.unlink()
            except FileNotFoundError:
                # It was swept, which looks the same.
                continue
            return path, None
        if fcntl is None:
            return path, None
        try:
            handle = _locked(path)
        except (FileNotFoundError, BlockingIOError):
            # Swept between its making and its lock, or being swept at this moment.
            continue
        except OSError:
            # Some network shares lock nothing: then nobody sweeps there either.
            return path, None
        if path.exists():
            return path, handle
        os.close(handle)


def _locked(path: Path) -> int:
    """Handle of a draft that nobody else has locked."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        mode = os.fstat(handle).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise OSError(errno.EINVAL, "neither file nor folder", str(path))
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
