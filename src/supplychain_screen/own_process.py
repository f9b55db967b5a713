"""Whether this process is the program's own, or one that somebody else's code runs in too."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

__all__ = ["owned", "owning"]

_owners: list[None] = []


@contextlib.contextmanager
def owning() -> Iterator[None]:
    """The command line runs, and nothing else: what only its process bears may be done."""
    _owners.append(None)
    try:
        yield
    finally:
        _owners.pop()


def owned() -> bool:
    """Whether nobody but this program uses what all modules of the process share."""
    return bool(_owners)
