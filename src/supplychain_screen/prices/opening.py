"""From what a command line says about prices to the source that serves them."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from supplychain_screen.errors import InputError, MissingExtraError, Problem
from supplychain_screen.prices.series import Adjustment, PriceSource

__all__ = ["CHOICES", "Progress", "open_source"]

CHOICES = ("yahoo", "akshare", "simulated", "store")
"""The sources that have a word of their own; anything else is a path."""

Progress = Callable[[int, int, str, str], None]
"""Called after each symbol with: how many are done, of how many, which one, and how it came out
in a word (``fetched``, ``remembered`` where nothing was asked, else what went wrong)."""


def open_source(
    spec: str | Path,
    *,
    adjustment: Adjustment | None = None,
    close: str = "close",
    total_close: str | None = "adj_close",
    seed: int = 0,
    store: str | Path | None = None,
    now: Callable[[], datetime] | None = None,
    on_progress: Progress | None = None,
) -> PriceSource:
    """The price source that ``spec`` names, not yet asked for anything.

    Parameters
    ----------
    spec : str or Path
        ``yahoo``, ``akshare``, ``simulated``, ``store``, or the path of a price file or a folder
        of them. A file that has one of the words for a name is reached as ``./yahoo``.
    adjustment : Adjustment, optional
        What a file's closes are adjusted for; see ``FileSource``.
    close, total_close : str
        Columns of a file's closes; see ``FileSource``.
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
    if spec in ("yahoo", "akshare"):
        if now is None:
            raise InputError(Problem(f"{spec} needs to know the time", "pass now="))
        return _fetching(str(spec), now, on_progress)
    if spec == "simulated":
        from supplychain_screen.prices.sources import SimulatedSource

        return SimulatedSource(seed)
    if spec == "store":
        from supplychain_screen.prices.store import open_prices

        return open_prices(store)
    if not str(spec).strip() or not Path(spec).expanduser().exists():
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
    from supplychain_screen.prices.sources.files import FileSource

    return FileSource(spec, adjustment=adjustment, close=close, total_close=total_close)


def _fetching(word: str, now: Callable[[], datetime], on_progress: Progress | None) -> PriceSource:
    if word == "yahoo":
        from supplychain_screen.prices.sources.yahoo import YahooSource

        return YahooSource(now=now, on_progress=on_progress)
    from importlib.util import find_spec

    from supplychain_screen.prices.sources.akshare import AkShareSource

    if find_spec("akshare") is None:
        raise MissingExtraError("The AkShare source", extra="akshare")
    return AkShareSource(now=now, on_progress=on_progress)
