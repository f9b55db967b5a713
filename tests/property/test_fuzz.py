"""20,000 mutated files a reader: each is read, or refused with one of our errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz import found_in, readers

pytestmark = pytest.mark.slow

# pandas reads the splits, as slowly as a whole report is read; one reader reads all prints.
TIMES = {"splits": 5_000, "print, text": 8_000, "print, table": 6_000, "print, page": 6_000}
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
    "print, text",
    "print, table",
    "print, page",
    "weekly.toml",
    "manifest.json",
)


def test_every_reader_is_tried(tmp_path: Path) -> None:
    assert sorted(readers(tmp_path)) == sorted(READERS)


# All together some three and a half minutes of one processor, on two of them under two.
@pytest.mark.parametrize("reader", READERS)
def test_twenty_thousand_mutations(reader: str) -> None:
    faults, _ = found_in({reader: TIMES.get(reader, 20_000)}, seed=20_000)
    assert faults == {}
