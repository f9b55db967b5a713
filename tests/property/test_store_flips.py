"""A flipped bit anywhere in a store is told, or it changes nothing that is read."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.price_histories import BYD, ESPRESSIF, GOODIX, history

from supplychain_screen.errors import StoreError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.store import PriceStore

pytestmark = pytest.mark.slow

ALL = (BYD, ESPRESSIF, GOODIX)
SPAN = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed files, small ones, a checkpoint, commits after it, events, a revision."""
    folder = tmp_path_factory.mktemp("flips") / "prices"
    store = PriceStore(folder)
    days = exchange_sessions("XSHG", date(2025, 3, 3), date(2025, 5, 30))
    for n in range(40, 52):
        at = f"{days[n - 1]}T22:00"
        for number, one in enumerate(ALL):
            own = exchange_sessions(one.calendar, date(2025, 3, 3), days[n - 1].astype(object))
            closes = {
                str(day): 50 + 10 * number + (7 * k % 11) / 4 for k, day in enumerate(own.tolist())
            }
            if n > 44:
                closes[str(own[3])] += 0.003
            events: dict[str, Any] = {"dividends": [(str(own[9]), 0.5)]} if n > 42 else {}
            store.add([history(closes, of=one, at=at, first="2025-01-01", **events)], [one])
        if n in (43, 47):
            store.compact(datetime(2025, 5, 1, tzinfo=UTC), full=n == 43)
    return folder


def read(place: Path) -> list[tuple[object, ...]]:
    """All that a screen takes from the store."""
    store, found = PriceStore(place), []
    for basis in ("price", "total"):
        loaded = store.load(ALL, *SPAN, basis)  # type: ignore[arg-type]
        for name in sorted(loaded.series):
            one = loaded.series[name]
            arrays = [one.sessions, one.close, one.volume]
            for events in (one.splits, one.dividends):
                arrays += [] if events is None else [events.sessions, events.values]
            about = (one.source, one.symbol, one.currency, one.adjustment, one.fetched_at)
            found.append((name, *about, *(np.asarray(values).tobytes() for values in arrays)))
        found.append((str(loaded.failures), str(loaded.findings)))
    return found


def flipped(place: Path, rounds: int, seed: int) -> Counter[str]:
    """How ``rounds`` flips came out; the store is afterwards as before."""
    draw = random.Random(seed)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    before, count = read(place), Counter[str]()
    for number in range(rounds):
        file = files[number % len(files)]
        content, state = file.read_bytes(), file.stat()
        wrong = bytearray(content)
        # mostly one bit, sometimes a byte
        mask = 1 << draw.randrange(8) if draw.random() < 0.8 else draw.randrange(1, 256)
        at = draw.randrange(len(wrong))
        wrong[at] ^= mask
        file.write_bytes(wrong)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
        try:
            outcome = "harmless" if read(place) == before else "silent"
        except StoreError as error:
            outcome = "told" if str(place) in str(error) else f"told without a place: {error}"
        finally:
            file.write_bytes(content)
        assert outcome in ("told", "harmless"), (
            f"{outcome}: {file.relative_to(place)}, byte {at} of {len(content)}"
        )
        count[outcome] += 1
    assert read(place) == before
    return count


def test_no_flip_is_read_in_silence(place: Path) -> None:
    count = flipped(place, 60, seed=1)
    assert count["told"] > 3


def test_no_flip_of_many_is_read_in_silence(place: Path) -> None:
    assert flipped(place, 1_000, seed=2)["told"] > 100


def test_every_byte_of_a_file_in_use_is_told_by_check(place: Path) -> None:
    """Reading looks at the columns that it needs, a check at all of them."""
    from deltalake import DeltaTable

    draw = random.Random(8)
    names = DeltaTable(place / "bars").file_uris()
    for _ in range(25):
        file = Path(names[draw.randrange(len(names))])
        content = file.read_bytes()
        wrong = bytearray(content)
        # the first four bytes say what kind of file it is, and are none of the prices
        at = draw.randrange(4, len(wrong))
        wrong[at] ^= 1 << draw.randrange(8)
        file.write_bytes(wrong)
        try:
            problems = PriceStore(place).check().problems
        finally:
            file.write_bytes(content)
        assert any(file.name in one for one in problems), (file.name, at, problems)
    assert PriceStore(place).check().problems == ()
