"""A writer killed at any moment loses nothing it was told is stored, and leaves no half."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.integration.store_writer import FIRST, LISTINGS, SESSIONS, adjusted, moment, truth

from supplychain_screen.prices.store.price_store import PriceStore

KILLS = 200
LAST = date(2025, 12, 31)


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.store_writer"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "prices"), str(tmp_path / "acknowledged")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.stdin.close()
    process.stdout.close()
    assert process.wait(30) == 0


@pytest.mark.slow
def test_200_kills_at_random_moments(writers: subprocess.Popen[str], tmp_path: Path) -> None:
    assert writers.stdin is not None
    assert writers.stdout is not None
    chance = random.Random(20250604)
    interrupted = 0
    for _ in range(KILLS):
        # a day's update takes some 100 ms: one verdict in its middle, one at its end, then packing
        writers.stdin.write(f"{chance.uniform(0.005, 0.25)}\n")
        writers.stdin.flush()
        assert writers.stdout.readline() == "killed\n"
        interrupted += check(PriceStore(tmp_path / "prices"), tmp_path / "acknowledged")
    sessions = PriceStore(tmp_path / "prices").coverage("yahoo")[LISTINGS[0].id].last_session
    assert sessions is not None
    # the kills hit writers at work, and some of them between the bars and the verdict
    assert sessions >= SESSIONS[10].astype(object)
    assert interrupted > 0


def check(store: PriceStore, acknowledged: Path) -> int:
    """Check everything; returns 1 where rows without a verdict are lying about."""
    found = store.check()
    assert found.problems == ()
    told = dict.fromkeys((one.id for one in LISTINGS), "")
    lines = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    for line in lines:
        listing, last, outcome = line.split()
        assert outcome in ("accepted", "current")
        told[listing] = max(told[listing], last)
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
