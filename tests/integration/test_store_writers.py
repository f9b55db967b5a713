"""Several processes write, pack and read one store at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.store_writer import FIRST, LISTINGS, SESSIONS, adjusted, moment, truth

from supplychain_screen.prices.store import PriceStore

pytestmark = pytest.mark.slow

DAYS = 12
LAST = SESSIONS[-1].astype(object)


def start(place: Path, compacting: bool) -> subprocess.Popen[str]:
    script = (
        "from tests.integration.store_writer import race\n"
        f"race({str(place)!r}, {DAYS}, compacting={compacting})\n"
    )
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )


def test_three_writers_of_the_same_listings_and_a_reader(tmp_path: Path) -> None:
    place = tmp_path / "prices"
    writers = [start(place, compacting) for compacting in (False, False, True)]
    reader = PriceStore(place)
    read = 0
    try:
        while any(writer.poll() is None for writer in writers):
            loaded = reader.load(LISTINGS, FIRST, LAST, "price")
            for one in LISTINGS:
                if (series := loaded.series.get(one.id)) is not None:
                    n = len(series.sessions)
                    assert series.close.tolist() == adjusted(one.id, n)
                    read += 1
            assert reader.check().problems == ()
    finally:
        for writer in writers:
            writer.wait()
    for writer in writers:
        assert writer.stderr is not None
        faults = writer.stderr.read()
        writer.stderr.close()
        assert writer.returncode == 0, faults
    assert read > 0

    found = reader.check()
    assert found.problems == ()
    for one in LISTINGS:
        for n in (1, DAYS // 2, DAYS):
            known = reader.as_known(moment(n)).stored([one.id], "yahoo")[one.id]
            assert known.close.tolist() == truth(one.id, n, n - 1).tolist()
    # nothing was stored twice: each session, and each correction of a seventh close, is one row
    corrections = sum(day % 7 == 0 and day + 3 <= DAYS - 1 for day in range(DAYS))
    assert found.bars - found.orphans == len(LISTINGS) * (DAYS + corrections)
