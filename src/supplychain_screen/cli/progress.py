"""How far the fetching of prices has come, told on standard error: a table stays a table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from supplychain_screen.cli.terminal import Language, note
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.prices.store import ListingUpdate

__all__ = ["UpdateProgress", "tell_fetched"]

_CLEAR = "\r\x1b[2K"


def tell_fetched(done: int, total: int, symbol: str, word: str, *, lang: Language) -> None:
    """Say how one symbol came out; ``on_progress`` of a price source.

    On a terminal a line that counts and is wiped at the end; elsewhere one line at the start and
    one for each symbol that failed. What was remembered took no time, and is not told.
    """
    if word == "remembered":
        return
    if sys.stderr.isatty():
        counted = message("fetching.counted", done=done, n=total, symbol=symbol).of(lang.value)
        shown = "" if done == total else counted
        print(f"{_CLEAR}{shown}", end="", file=sys.stderr, flush=True)
        return
    if done == 1:
        note(message("fetching", n=total), lang)
    if word != "fetched":
        note(message("fetching.failed", done=done, n=total, symbol=symbol, word=word), lang)


class UpdateProgress:
    """A bar on a terminal, one plain line a listing elsewhere, nothing when quiet.

    Parameters
    ----------
    total : int
        How many listings there are.
    quiet : bool
        True to say nothing.
    lang : Language
    """

    def __init__(self, total: int, *, quiet: bool, lang: Language) -> None:
        self._total, self._quiet, self._lang = total, quiet, lang
        self._bar: Any = None

    def __enter__(self) -> Callable[[int, int, ListingUpdate], None]:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            named = message("fetching.prices").of(self._lang.value)
            self._task = self._bar.add_task(named, total=self._total)
        return self._advance

    def _advance(self, done: int, total: int, row: ListingUpdate) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, description=row.symbol)
        elif not self._quiet and row.outcome != "skipped":
            said = message(
                "fetching.listing", done=done, n=total, symbol=row.symbol, outcome=row.outcome
            )
            if row.reason:
                said = message(
                    "fetching.trouble",
                    done=done,
                    n=total,
                    symbol=row.symbol,
                    outcome=row.outcome,
                    reason=row.reason,
                    said=row.message,
                )
            note(said, self._lang)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
