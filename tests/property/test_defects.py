"""One defect a world, drawn by kind and size: nothing above its detection size is missed.

The table of two thousand worlds stands in docs/method.md; ``python -m tests.defect_worlds 2000``
prints it anew.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.defect_worlds import KINDS, outcome, table, world

from supplychain_screen import Index, Listing, PriceSeries
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.prices.sources import SimulatedSource

HARMLESS = ("clean", "dividends subtracted")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_one_world_of_each_kind(kind: object) -> None:
    n = next(n for n, one in enumerate(KINDS) if one is kind)
    said, certain, _ = outcome(KINDS[n], 17 * len(KINDS) + n)
    assert said != "silent" or not certain
    assert said == "unchanged" or KINDS[n].name not in HARMLESS


@pytest.mark.slow
def test_three_hundred_worlds() -> None:
    found = table(300, seed=1)
    assert {name: sizes[0]["silent"] for name, sizes in found.items()} == dict.fromkeys(found, 0)
    for name in HARMLESS:
        assert set(found[name][0]) == {"unchanged"}
    # What lies below is missed at times, and the table says how often.
    small = [counts for _, counts in found.values() if counts]
    assert sum(counts["silent"] for counts in small) > 0


def simulated() -> tuple[dict[str, PriceSeries], list[Instrument]]:
    """500 SIMULATED series of four markets, each of which crashes on three days."""
    listings: list[Instrument] = []
    for n in range(125):
        letters = f"{chr(65 + n // 26)}{chr(65 + n % 26)}"
        for mic, code, currency in (
            ("XSHG", f"{600100 + n}", "CNY"),
            ("XSHG", f"{688001 + n}", "CNY"),
            ("XHKG", f"{1000 + n}", "HKD"),
            ("XNAS", f"Q{letters}", "USD"),
        ):
            listed = date(2019, 7, 22)
            listings.append(Listing(mic=mic, code=code, currency=currency, first_session=listed))
    listings += [
        Index(name="CSI300", currency="CNY", calendar="XSHG"),
        Index(name="HSI", currency="HKD", calendar="XHKG"),
        Index(name="SPX", currency="USD", calendar="XNYS"),
    ]
    loaded = SimulatedSource().load(listings, date(2024, 1, 2), date(2026, 6, 30), "price")
    random = np.random.default_rng(5)
    falls = {"XSHG": 0.07, "XHKG": 0.13, "XNYS": 0.12}
    series = {}
    for one in listings:
        held = loaded.series[one.id]
        close, volume = held.close.copy(), held.volume.copy()
        for day in ("2024-08-05", "2025-04-07", "2026-03-09"):
            row = int(np.searchsorted(held.sessions, np.datetime64(day)))
            if row == 0 or close[row] == close[row - 1]:
                continue
            beta = 1.0 if one.is_index else random.uniform(0.7, 1.8)
            fall = falls[one.calendar] * beta
            if one.mic == "XSHG":
                # No further than the board's limit.
                lowest = 0.805 if one.code.startswith("688") else 0.905
                fall = min(fall, max(1.0 - lowest * close[row - 1] / close[row], 0.0))
            close[row:] *= 1.0 - fall
            volume[row] *= 2.0
        series[one.id] = PriceSeries(
            one.id, held.sessions, close, volume, held.adjustment, held.source, held.symbol
        )
    return series, listings


@pytest.mark.slow
def test_none_of_five_hundred_simulated_series_with_crashes_is_struck() -> None:
    series, listings = simulated()
    found = check_prices(series, listings, as_of=date(2026, 6, 30))
    assert len(series) == 503
    assert [one for one in found if one.action == "unrated"] == []
    assert {one.code for one in found} <= {
        "suspended",
        "large_move",
        "repeated_close",
        "stale_tail",
        "possible_split",
    }


def test_worlds_are_what_they_were() -> None:
    one, same = world(4), world(4)
    assert (one.close == same.close).all()
    assert (np.isnan(one.limits) | (one.limits >= 0.1)).all()
