"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Final

from supplychain_screen.drafts import draft
from supplychain_screen.errors import OutputError

__all__ = ["make_folder", "write_file"]

_REMEDIES: Final = {
    errno.ENOSPC: "free some space on the disk and run again",
    errno.EDQUOT: "free some of your quota and run again",
    errno.EACCES: "choose a folder you may write to, or close the program that holds the file",
    errno.EPERM: "choose a folder you may write to, or close the program that holds the file",
    errno.EROFS: "choose a folder on a disk that can be written",
    errno.EISDIR: "name a file; this is a folder",
    errno.ENOTDIR: "a part of the path is a file where a folder is needed",
    errno.EEXIST: "a file is in the way of a folder of that name",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_file(path: str | Path, content: bytes | Callable[[Path], None]) -> Path:
    """Write ``content`` beside ``path`` and rename it into place.

    Parameters
    ----------
    path : str or Path
        The file; missing folders above it are made. An existing file is replaced.
    content : bytes or callable
        The bytes, or a function that writes the file whose path it is given.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    OutputError
        If the file cannot be written: no space, no permission, or the path is a folder. What
        was there before is still there, and nothing half-written is left.
    """
    path = Path(path)
    try:
        folder = path.is_dir()
    except OSError as error:
        raise _failure(path, error) from error
    if folder:
        raise _failure(path, IsADirectoryError(errno.EISDIR, "is a folder"))
    make_folder(path.parent)
    try:
        with draft(path.parent) as part:
            if isinstance(content, bytes):
                part.write_bytes(content)
            else:
                content(part)
            part.replace(path)
    except OSError as error:
        raise _failure(path, error) from error
    return path


def make_folder(path: str | Path) -> Path:
    """Make the folder ``path`` and those above it, where they are missing.

    Raises
    ------
    OutputError
        If a folder cannot be made.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failure(path, error) from error
    return path


def _failure(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    remedy = _REMEDIES.get(error.errno or 0, "choose another place and run again")
    return OutputError(f"cannot write {path}: {reason}; {remedy}")
