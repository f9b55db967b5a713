"""20,000 mutated files: each is read, or refused with one of our errors."""

from __future__ import annotations

import pytest
from tests.fuzz import found_in

pytestmark = pytest.mark.slow

# More where a reader is quick; all together some thirty CPU seconds.
TIMES = {
    "suppliers.csv": 800,
    "listings.csv": 800,
    "report.toml": 900,
    "prices, long": 500,
    "prices, wide": 500,
    "calls": 1_500,
    "listings of one's own": 3_000,
    "weekly.toml": 6_000,
    "manifest.json": 6_000,
}


def test_twenty_thousand_mutations() -> None:
    assert sum(TIMES.values()) == 20_000
    faults, _ = found_in(TIMES, seed=20_000)
    assert faults == {}
