"""A writer of a store that never ends by itself, and a vendor whose truth is known.

Run as a program it is a server of forks (see ``tests.kills``). A writer updates the store day by
day, packs it now and then, and says what the update told it was stored.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
from tests.kills import serve

from supplychain_screen import Listing
from supplychain_screen.identity import Instrument, exchange_sessions, session_close
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store import ListingUpdate, PriceStore, update

FIRST = date(2016, 1, 4)
LISTINGS = tuple(Listing(mic="XSHG", code=code, currency="CNY") for code in ("600000", "688018"))
SESSIONS = exchange_sessions("XSHG", FIRST, date(2025, 12, 31))


def truth(listing: str, n: int, asked: int) -> np.ndarray:
    """Traded closes of the first ``n`` sessions as the vendor has them on session ``asked``.

    Every seventh close is corrected by a few millionths three sessions later.
    """
    seed = int(listing[-3:])
    day = np.arange(n)
    close = 50.0 + ((day * 7919 + seed) % 1000) / 1000
    corrected = (day % 7 == 0) & (day + 3 <= asked)
    return np.where(corrected, close * (1 + 2e-5), close)


def events(n: int) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """A tiny split every hundred sessions, a dividend every fifty."""
    splits = [(str(SESSIONS[day]), 1.001) for day in range(100, n, 100)]
    return splits, [(str(SESSIONS[day]), 0.1) for day in range(50, n, 50)]


def adjusted(listing: str, n: int) -> list[float]:
    """The price basis that the store must serve on the last of ``n`` sessions, in fractions."""
    traded = truth(listing, n, n - 1)
    splits, _ = events(n)
    found = []
    for day, close in zip(SESSIONS[:n].astype(str), traded.tolist(), strict=True):
        later = sum(ex > day for ex, _ in splits)
        found.append(float(Fraction(close) / Fraction(1.001) ** later))
    return found


class Vendor:
    """Answers with everything up to the last session that has closed."""

    name = "yahoo"
    simulated = False

    def __init__(self, n: int) -> None:
        self.n = n

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory]]:
        splits, dividends = events(self.n)
        for one in instruments:
            close = truth(one.id, self.n, self.n - 1)
            yield (
                one,
                FetchedHistory(
                    listing=one.id,
                    sessions=SESSIONS[: self.n],
                    close=close,
                    open=close,
                    high=close,
                    low=close,
                    volume=np.full(self.n, 1e6),
                    splits=Events.of(*splits),
                    dividends=Events.of(*dividends),
                    source="yahoo",
                    symbol=one.id,
                    fetched_at=moment(self.n),
                    asked_first=FIRST,
                    currency="CNY",
                ),
            )


def moment(n: int) -> datetime:
    """An hour after the close of the last of ``n`` sessions."""
    return session_close("XSHG", SESSIONS[n - 1].astype(object)) + timedelta(hours=1)


DAYS = 200
"""Days after which a writer gives up waiting for its end, so that no test hangs."""


def write(place: str, seed: str) -> None:
    """Update day after day until killed."""
    chance = random.Random(int(seed))
    store = PriceStore(place)
    held = store.coverage("yahoo")
    last = max((one.last_session for one in held.values() if one.last_session), default=None)
    n = 1 if last is None else int(np.searchsorted(SESSIONS, np.datetime64(last, "D"))) + 1

    def told(_done: int, _total: int, row: ListingUpdate) -> None:
        # one write of a short line: whole or not at all
        os.write(1, f"{row.listing} {row.last_session} {row.outcome}\n".encode())

    for _ in range(DAYS):
        update(store, LISTINGS, Vendor(n), now=moment(n), first=FIRST, on_progress=told)
        if chance.random() < 0.3:
            store.compact(datetime(2026, 1, 1, tzinfo=UTC), full=chance.random() < 0.3)
        n += 1
    raise RuntimeError(f"nobody killed this writer in {DAYS} days")


def race(place: str, days: int, *, compacting: bool = False) -> None:
    """Store the first days of every listing, one after the other, whatever others do."""
    store = PriceStore(place)
    for n in range(1, days + 1):
        for one, answer in Vendor(n).stream(LISTINGS, FIRST):
            store.add([answer], [one])
        if compacting:
            store.compact(datetime(2026, 1, 1, tzinfo=UTC), full=n % 3 == 0)


if __name__ == "__main__":
    # what every writer needs, imported once and before the fork; nothing is opened yet, since
    # deltalake's threads would not survive it
    import deltalake
    import deltalake.fs  # noqa: F401
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    moment(1)
    serve(write)
