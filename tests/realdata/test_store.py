"""The store on real prices: Espressif's bonus issue of 4 for 10, ex 2025-06-04."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.price_histories import ESPRESSIF, history

from supplychain_screen.prices.store import PriceStore

YEAR = (date(2024, 12, 31), date(2025, 12, 31))
BONUS = [("2025-06-04", 1.4)]
FIRST = "2024-10-08"


@pytest.fixture(scope="module")
def traded(market_data: Path) -> dict[str, float]:
    """Traded closes by day, as another vendor has them."""
    prices = pd.read_csv(market_data / "prices.csv.gz")
    mine = prices[(prices["symbol"] == "688018.SS") & (prices["date"] >= FIRST)]
    known = mine.dropna(subset=["raw_close"])
    return dict(zip(known["date"], known["raw_close"], strict=True))


@pytest.fixture
def store(tmp_path: Path, traded: dict[str, float]) -> PriceStore:
    """Filled once before the bonus issue, and once a year later."""
    store = PriceStore(tmp_path / "prices")
    early = {day: close for day, close in traded.items() if day < "2025-06-04"}
    for closes, splits, at in (
        (early, (), "2025-06-03T08:00"),
        (traded, BONUS, "2026-01-30T08:00"),
    ):
        answer = history(closes, splits=splits, at=at, first=FIRST)
        assert store.add([answer], [ESPRESSIF])[0].accepted
    return store


def year(store: PriceStore) -> float:
    close = store.load([ESPRESSIF], *YEAR, "price").series[ESPRESSIF.id].close
    return float(close[-1] / close[0] - 1)


def test_the_year_reads_plus_9_2_percent(store: PriceStore) -> None:
    """170.00 against 218.00 / 1.4; an archive of adjusted closes, appended, reads -22%."""
    assert year(store) == pytest.approx(0.092, abs=5e-4)


@pytest.mark.parametrize("splits", [(), BONUS], ids=["unlisted", "listed"])
def test_yahoos_half_applied_bonus_is_kept_out(
    store: PriceStore, market_data: Path, splits: list[tuple[str, float]]
) -> None:
    defect = pd.read_csv(market_data / "defect_missed_split_688018.csv")
    defect = defect.dropna(subset=["adj_close"])
    factors = np.where(defect["date"] < "2025-06-04", 1.4 if splits else 1.0, 1.0)
    answer = history(
        dict(zip(defect["date"], defect["adj_close"] * factors, strict=True)),
        splits=splits,
        at="2026-06-30T08:00",
        first=FIRST,
    )
    (decision,) = store.add([answer], [ESPRESSIF])
    assert decision.outcome == "quarantined"
    assert decision.reason == "overlap_changed"
    assert year(store) == pytest.approx(0.092, abs=5e-4)
