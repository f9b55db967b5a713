"""From what a command line says about prices to the source that serves them."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from supplychain_screen.errors import InputError, MissingExtraError, Problem
from supplychain_screen.prices.series import Adjustment, PriceSource
from supplychain_screen.words import Message

__all__ = ["CHOICES", "Progress", "open_source"]

CHOICES = ("yahoo", "akshare", "simulated", "store")
"""The sources that have a word of their own; anything else is a path."""

Progress = Callable[[int, int, str, str], None]
"""Called after each symbol with: how many are done, of how many, which one, and how it came out
in a word (``fetched``, ``remembered`` where nothing was asked, else what went wrong)."""


def open_source(
    spec: Any,
    *,
    adjustment: Adjustment | None = None,
    close: str | None = None,
    total_close: str | None = "adj_close",
    decimal: Literal[".", ","] | None = None,
    max_bytes: int | None = None,
    allow_missing: bool = False,
    on_read: Callable[[Message], None] | None = None,
    seed: int = 0,
    store: str | Path | None = None,
    now: Callable[[], datetime] | None = None,
    on_progress: Progress | None = None,
) -> PriceSource:
    """The price source that ``spec`` names, not yet asked for anything.

    Parameters
    ----------
    spec : str, Path, DataFrame, or mapping of str to DataFrame
        ``yahoo``, ``akshare``, ``simulated``, ``store``; the path of a price file or a folder of
        them, also one that has such a word for a name (but ``./store``); or prices in memory.
    adjustment : Adjustment, optional
        What a file's closes are adjusted for; see ``FileSource``.
    close, total_close, decimal, max_bytes, allow_missing, on_read
        Of prices in a file or in memory; see ``FileSource``.
    seed : int, default 0
        Of the simulated prices.
    store : str or Path, optional
        Where the store lies; its usual place unless given.
    now : callable, optional
        Gives the current moment, aware; ``yahoo`` and ``akshare`` need it to tell finished bars
        from today's.
    on_progress : callable, optional
        See ``Progress``; for the sources that take their time, ``yahoo`` and ``akshare``.

    Returns
    -------
    PriceSource
        Nothing was read or fetched yet.

    Raises
    ------
    InputError
        ``spec`` is none of the words, and no file or folder either; or it needs ``now`` and that
        is missing.
    MissingExtraError
        It is ``akshare``, which is not installed.

    Examples
    --------
    >>> open_source("simulated").name
    'SIMULATED'
    >>> open_source("yaho")
    Traceback (most recent call last):
        ...
    supplychain_screen.errors.InputError: no such price source, and no such file or folder \
(got 'yaho'); did you mean yahoo? Give yahoo, akshare, simulated, store, or the path of a price \
file
    """
    from supplychain_screen.prices.sources.files import FileSource, holds_prices, is_frame

    files: dict[str, Any] = {
        "adjustment": adjustment,
        "close": close,
        "total_close": total_close,
        "decimal": decimal,
        "allow_missing": allow_missing,
        "on_read": on_read,
    }
    if max_bytes is not None:
        files["max_bytes"] = max_bytes
    named = isinstance(spec, str) and spec in CHOICES
    # the usual store is meant also where a folder of its name lies about
    if is_frame(spec) or (named and spec != "store" and holds_prices(Path(spec))):
        return FileSource(spec, **files)
    if named:
        return _named(spec, seed, store, now, on_progress)
    if not isinstance(spec, str | PathLike):
        return FileSource(spec, **files)  # which says what it takes
    try:
        there = bool(str(spec).strip()) and Path(spec).expanduser().exists()
    except OSError:
        # A name too long is nobody's.
        there = False
    if not there:
        near = difflib.get_close_matches(str(spec).lower(), CHOICES, n=1)
        remedy = f"did you mean {near[0]}? " if near else ""
        raise InputError(
            Problem(
                "no such price source, and no such file or folder",
                f"{remedy}{'Give' if near else 'give'} {', '.join(CHOICES)}, "
                "or the path of a price file",
                value=str(spec),
            )
        )
    return FileSource(spec, **files)


def _named(
    word: str,
    seed: int,
    store: str | Path | None,
    now: Callable[[], datetime] | None,
    on_progress: Progress | None,
) -> PriceSource:
    """The source that a word stands for."""
    if word == "simulated":
        from supplychain_screen.prices.sources import SimulatedSource

        return SimulatedSource(seed)
    if word == "store":
        from supplychain_screen.prices.store import open_prices

        return open_prices(store)
    if now is None:
        raise InputError(
            Problem(
                f"{word} needs to know the time",
                f"give open_source({word!r}, now=lambda: datetime.now(UTC))",
            )
        )
    return _fetching(word, now, on_progress)


def _fetching(word: str, now: Callable[[], datetime], on_progress: Progress | None) -> PriceSource:
    if word == "yahoo":
        from supplychain_screen.prices.sources.yahoo import YahooSource

        return YahooSource(now=now, on_progress=on_progress)
    from importlib.util import find_spec

    from supplychain_screen.prices.sources.akshare import AkShareSource

    if find_spec("akshare") is None:
        raise MissingExtraError("The AkShare source", extra="akshare")
    return AkShareSource(now=now, on_progress=on_progress)
