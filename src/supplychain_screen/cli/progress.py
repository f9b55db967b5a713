"""How far the fetching of prices has come, told on standard error: a table stays a table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from supplychain_screen.cli.terminal import note

if TYPE_CHECKING:
    from supplychain_screen.prices.store import ListingUpdate

__all__ = ["UpdateProgress", "tell_fetched"]

_CLEAR = "\r\x1b[2K"


def tell_fetched(done: int, total: int, symbol: str, word: str) -> None:
    """Say how one symbol came out; ``on_progress`` of a price source.

    On a terminal a line that counts and is wiped at the end; elsewhere one line at the start and
    one for each symbol that failed. What was remembered took no time, and is not told.
    """
    if word == "remembered":
        return
    if sys.stderr.isatty():
        counted = f"{_CLEAR}prices [{done}/{total}] {symbol}"
        print(_CLEAR if done == total else counted, end="", file=sys.stderr, flush=True)
        return
    if done == 1:
        note(f"fetching {total} price series")
    if word != "fetched":
        note(f"[{done}/{total}] {symbol} {word}")


class UpdateProgress:
    """A bar on a terminal, one plain line a listing elsewhere, nothing when quiet.

    Parameters
    ----------
    total : int
        How many listings there are.
    quiet : bool
        True to say nothing.
    """

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total, self._quiet = total, quiet
        self._bar: Any = None

    def __enter__(self) -> Callable[[int, int, ListingUpdate], None]:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("prices", total=self._total)
        return self._advance

    def _advance(self, done: int, total: int, row: ListingUpdate) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, description=row.symbol)
        elif not self._quiet and row.outcome != "skipped":
            trouble = f" {row.reason}: {row.detail}" if row.reason else ""
            note(f"[{done}/{total}] {row.symbol} {row.outcome}{trouble}")

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
