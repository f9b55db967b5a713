"""Killed while it imports prices or writes pages: nothing lost, nothing half, nothing left."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.outputs_writer import DAYS, price_file
from tests.integration.store_writer import FIRST, LISTINGS, SESSIONS, moment, truth
from tests.kills import KILLED, ForkServer
from tests.weekly_desks import tree

from supplychain_screen.prices.store import PriceStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the children's temporary files would go."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def writers(temporary: Path) -> Iterator[ForkServer]:
    server = ForkServer("tests.integration.outputs_writer", temporary)
    yield server
    server.close()


def how(chance: random.Random, changes: int, size: int) -> dict[str, int]:
    """A kill before a change, or half of the time inside a write."""
    kill = {"change": chance.randint(1, changes)}
    return kill if chance.random() < 0.5 else {**kill, "size": chance.randint(1, size)}


def test_thirty_kills_of_a_page_and_what_goes_beside_it(
    writers: ForkServer, temporary: Path, tmp_path: Path
) -> None:
    kill_pages(writers, temporary, tmp_path, kills=30, seed=19)


def kill_pages(writers: ForkServer, temporary: Path, place: Path, kills: int, seed: int) -> None:
    """Write over what is there, killed; each file is the old one or the new one, byte by byte."""
    whole = {}
    for day in DAYS:
        (place / day).mkdir()
        assert writers.run("page", place / day, day) == (0, [])
        whole[day] = tree(place / day)
    assert whole[DAYS[0]].keys() == whole[DAYS[1]].keys()
    out, chance = place / "out", random.Random(seed)
    out.mkdir()
    killed = left = mixed = 0
    while killed < kills:
        code, said = writers.run("page", out, chance.choice(DAYS), **how(chance, 30, 100_000))
        assert code in KILLED | {0}, said
        killed += code != 0
        there = tree(out)
        drafts = {name for name in there if name.endswith(".part")}
        for name in there.keys() - drafts:
            assert there[name] in (whole[DAYS[0]][name], whole[DAYS[1]][name]), name
        left += bool(drafts)
        mixed += not any(there == one for one in whole.values())
        if killed % 5 == 0:
            day = chance.choice(DAYS)
            assert writers.run("page", out, day) == (0, [])
            assert tree(out) == whole[day]
    # Some were hit inside a write.
    assert left > kills / 10
    assert mixed > kills / 10
    assert list(temporary.iterdir()) == []


def test_thirty_kills_of_an_import(writers: ForkServer, temporary: Path, tmp_path: Path) -> None:
    kill_imports(writers, temporary, tmp_path, kills=30, seed=19)


def kill_imports(writers: ForkServer, temporary: Path, place: Path, kills: int, seed: int) -> None:
    """Import a file that grows, killed; a store holds what was told, by its figures."""
    chance, store = random.Random(seed), PriceStore(place / "prices")
    killed = told = n = 0
    asked = {0}
    while killed < kills:
        n += chance.randint(1, 3)
        asked.add(n)
        file = price_file(place / "prices.csv", n)
        kill = how(chance, 25, 8_000) if chance.random() < 0.9 else {}
        code, said = writers.run("import", store.location, f"{file}|{n}", **kill)
        assert code in KILLED | {0}, said
        killed += code != 0
        if said:
            # All that the file held was stored before anything was told.
            assert {one.split()[2] for one in said} == {"accepted"}
            told = n
        held = check(store)
        assert told <= held
        assert held in asked
    assert told > 0
    assert writers.run("import", store.location, f"{file}|{n}")[0] == 0
    assert check(store) == n
    assert {one.name for one in place.iterdir()} == {"prices", "prices.csv"}
    assert list(temporary.iterdir()) == []


def check(store: PriceStore) -> int:
    """How many sessions the store serves; every listing has as many, each close as in the file."""
    if not Path(store.location, "fetches").exists():
        return 0
    assert store.check().problems == ()
    series = store.load(LISTINGS, FIRST, SESSIONS[-1].astype(object), "price").series
    counts = {one.id: len(series[one.id].sessions) if one.id in series else 0 for one in LISTINGS}
    assert len(set(counts.values())) == 1, counts
    n = counts[LISTINGS[0].id]
    for one in LISTINGS if n else ():
        assert series[one.id].sessions.tolist() == SESSIONS[:n].tolist()
        assert series[one.id].close.tolist() == truth(one.id, n, n - 1).tolist()
        # What was known before is known still.
        middle = (n + 1) // 2
        then = store.as_known(moment(middle)).stored([one.id], "vendor").get(one.id)
        assert then is None or len(then.close) <= middle
    return n
