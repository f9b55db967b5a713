"""20,000 mutated files a reader: each is read, or refused with one of our errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz import found_in, readers

pytestmark = pytest.mark.slow

# pandas reads the splits, as slowly as a whole report is read.
TIMES = {"splits": 5_000}
READERS = (
    "suppliers.csv",
    "listings.csv",
    "report.toml",
    "prices, long",
    "prices, wide",
    "calls",
    "listings of one's own",
    "overrides",
    "splits",
    "weekly.toml",
    "manifest.json",
)


def test_every_reader_is_tried(tmp_path: Path) -> None:
    assert sorted(readers(tmp_path)) == sorted(READERS)


# All together some two minutes of one processor.
@pytest.mark.parametrize("reader", READERS)
def test_twenty_thousand_mutations(reader: str) -> None:
    faults, _ = found_in({reader: TIMES.get(reader, 20_000)}, seed=20_000)
    assert faults == {}
