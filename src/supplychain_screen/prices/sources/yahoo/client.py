"""The yfinance client, used for what it is good at: looking like a browser, cookies, consent.

Its process-wide switches are set for the length of one request and put back afterwards.
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["ask_client", "prepare_cache"]

# The client is one object for the whole process: one cookie, one session, one crumb.
_one_at_a_time = threading.Lock()
_cache_chosen: list[Path] = []

# yfinance 1.7 under pandas 3.1; nothing else of it is silenced.
_KNOWN_WARNING = r"The inplace keyword in DataFrame\.(sort_index|set_index) is deprecated"


def prepare_cache(folder: Path | None) -> Path:
    """Give the client a folder of ours for its time zones and cookies, once for the process.

    Parameters
    ----------
    folder : Path or None
        Where to keep them; None for this package's folder in the user's cache. Where it cannot
        be written or holds damaged files, a temporary folder takes its place: without any, the
        client would ask twice for each symbol.

    Returns
    -------
    Path
        The folder in use.
    """
    if not _cache_chosen:
        import yfinance.cache

        chosen = folder or _user_folder()
        if not _usable(chosen):
            chosen = Path(tempfile.mkdtemp(prefix="supplychain-screen-yahoo-"))
        yfinance.cache.set_cache_location(str(chosen))
        # Retries and refused crumbs are told by our errors; without a handler of its own,
        # logging would print the client's remarks on standard error.
        for name in ("yfinance", "peewee", "stamina"):
            logging.getLogger(name).addHandler(logging.NullHandler())
        _cache_chosen.append(chosen)
    return _cache_chosen[0]


def _user_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("supplychain-screen", appauthor=False) / "yahoo"


def _usable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("tkr-tz.db", "cookies.db"):
            with closing(sqlite3.connect(folder / name, timeout=1.0)) as database, database:
                database.execute("CREATE TABLE IF NOT EXISTS probe (x INTEGER)")
                database.execute("DROP TABLE probe")
    except (OSError, sqlite3.Error):
        return False
    return True


def ask_client(symbol: str, timezone: str, first: date, session: Any, timeout: float) -> None:
    """Have the client ask for one symbol's daily bars; the answer passes through ``session``.

    Parameters
    ----------
    symbol, timezone : str
        Yahoo's symbol, and its exchange's IANA time zone: told to the client's cache beforehand,
        it saves one request a symbol.
    first : date
        First day, inclusive; the end is left open, since the client remembers failed answers of
        closed ranges.
    session : Session
        Of curl_cffi or requests.
    timeout : float
        Seconds.

    Raises
    ------
    Exception
        Any of ``yahoo_faults.known_faults()``.
    """
    with _one_at_a_time, _quiet_client() as yfinance:
        yfinance.cache.get_tz_cache().store(symbol, timezone)
        yfinance.Ticker(symbol, session=session).history(
            start=first,
            end=None,
            interval="1d",
            auto_adjust=False,
            actions=True,
            timeout=timeout,
        )


@contextmanager
def _quiet_client() -> Iterator[Any]:
    with warnings.catch_warnings():
        # Importing it adds a filter of its own for the whole process: imported in here, that
        # ends with the block.
        import yfinance
        import yfinance.cache

        warnings.filterwarnings("ignore", message=_KNOWN_WARNING, module=r"yfinance\.")
        debug = yfinance.config.debug
        before = debug.hide_exceptions
        debug.hide_exceptions = False
        try:
            yield yfinance
        finally:
            debug.hide_exceptions = before
