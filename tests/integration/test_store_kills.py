"""A writer killed at any moment loses nothing it was told is stored, and leaves no half."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.integration.store_writer import FIRST, LISTINGS, SESSIONS, adjusted, moment, truth
from tests.kills import KILLED, ForkServer

from supplychain_screen.prices.store import PriceStore

pytestmark = pytest.mark.slow

LAST = date(2025, 12, 31)


@pytest.fixture(scope="module")
def writers() -> Iterator[ForkServer]:
    server = ForkServer("tests.integration.store_writer")
    yield server
    server.close()


class Kills:
    """Writers of one store, killed one after the other; everything is checked after each."""

    def __init__(self, writers: ForkServer, place: Path) -> None:
        self.writers, self.place = writers, place
        self.number = self.interrupted = 0
        self.told = dict.fromkeys((one.id for one in LISTINGS), "")

    def one(self, below: str = ".", **kill: int) -> None:
        self.place.mkdir(exist_ok=True)
        self.number += 1
        folder = self.place / below
        code, said = self.writers.run(self.place, self.number, folder=folder, **kill)
        assert code in KILLED, said
        for line in said:
            listing, last, outcome = line.split()
            assert outcome in ("accepted", "current")
            self.told[listing] = max(self.told[listing], last)
        self.interrupted += check(PriceStore(self.place), self.told)

    def days(self) -> int:
        held = PriceStore(self.place).coverage("yahoo")
        last = held[LISTINGS[0].id].last_session
        return int(np.searchsorted(SESSIONS, np.datetime64(str(last)))) + 1


def test_a_kill_after_each_change_of_the_first_days(writers: ForkServer, tmp_path: Path) -> None:
    kills = Kills(writers, tmp_path / "prices")
    for change in range(1, 16):
        kills.one(change=change)
    # How many changes of compiled code are seen as one is a matter of the clock's ticks.
    assert kills.days() > 1
    # The bars are committed, and the verdict that makes them count is not.
    kills.one(below="bars/_delta_log", change=1)
    assert kills.interrupted > 0


def test_kills_of_many_days(writers: ForkServer, tmp_path: Path) -> None:
    """Half of them inside a write: the file is left as long as the kernel let it become.

    Two hundred went well, in a quarter of an hour; here are forty.
    """
    chance = random.Random(20250604)
    kills = Kills(writers, tmp_path / "prices")
    for _ in range(20):
        kills.one(change=chance.randint(1, 40))
        # a file of bars or verdicts has some thousands, a line of the log some hundreds
        kills.one(change=40, size=chance.randint(1, 8_000))
    # some of them hit between the bars and the verdict
    assert kills.interrupted > 0
    assert kills.days() > 10


def check(store: PriceStore, told: dict[str, str]) -> int:
    """Check everything; returns 1 where rows without a verdict are lying about."""
    found = store.check()
    assert found.problems == ()
    loaded = store.load(LISTINGS, FIRST, LAST, "price")
    for one in LISTINGS:
        series = loaded.series.get(one.id)
        if series is None:
            assert not told[one.id]
            continue
        n = len(series.sessions)
        # every session from the first on, up to at least the last one that was acknowledged
        assert series.sessions.tolist() == SESSIONS[:n].tolist()
        assert str(SESSIONS[n - 1]) >= told[one.id]
        assert series.close.tolist() == pytest.approx(adjusted(one.id, n), rel=1e-12)
        # and what was known half way is still known, bit by bit: compaction kept the revisions
        middle = (n + 1) // 2
        then = store.as_known(moment(middle)).stored([one.id], "yahoo")[one.id]
        assert np.array_equal(then.close, truth(one.id, middle, middle - 1))
    return int(found.orphans > 0)
