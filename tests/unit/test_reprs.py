"""What the objects of a session say where they are printed: one line of dates and counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import supplychain_screen as scs
from supplychain_screen.prices.panel import PricePanel

FIRST, LAST = date(2024, 1, 2), date(2024, 12, 31)


@pytest.fixture(scope="module")
def loaded() -> scs.LoadedPrices:
    instruments = scs.load_report().instruments
    return scs.SimulatedSource().load(instruments, FIRST, LAST, "price")


@pytest.fixture(scope="module")
def panel(loaded: scs.LoadedPrices) -> PricePanel:
    instruments = scs.load_report().instruments
    return PricePanel.build(loaded.series.values(), instruments, FIRST, LAST, simulated=True)


def test_prices(loaded: scs.LoadedPrices, panel: PricePanel, tmp_path: Path) -> None:
    assert str(panel) == "<SIMULATED PricePanel of 39 series, 2024-01-02 to 2024-12-31>"
    assert str(loaded).startswith("<LoadedPrices: 39 series, 0 failures, ")
    assert str(loaded.series["XNAS:QCOM"]) == (
        "<PriceSeries of XNAS:QCOM from SIMULATED (splits): 252 sessions, 2024-01-02 to 2024-12-31>"
    )
    store = scs.open_prices(tmp_path)
    assert str(store) == f"<PriceStore at {tmp_path}>"


def test_a_record_and_its_league(panel: PricePanel) -> None:
    days = pd.bdate_range("2024-01-08", "2024-11-29")
    calls = pd.DataFrame({"date": days, "firm": "North", "ticker": "QCOM", "rating": "Buy"})
    record = scs.track_record(calls, panel)
    assert str(record) == (
        "<SIMULATED TrackRecord as of 2024-12-31: 235 rows, 1 call; 6m: 1 matured, 0 pending,"
        " 0 unrated>"
    )
    assert str(record.league(by="firm")) == (
        "<League by firm, 6m: 1 row, 0 with 20 judged calls or more, no difference found>"
    )
    assert record._repr_html_().startswith("<")


def test_a_report_its_reading_and_its_result(tmp_path: Path) -> None:
    file = tmp_path / "own.md"
    file.write_text(
        "2025-01-02\n\n| 公司 | 代码 |\n|---|---|\n| 高通 | QCOM.O |\n| TCL | |\n", "utf-8"
    )
    reading = scs.read_report(file)
    told = "2 mentions, 1 undecided; published 2025-01-02>"
    assert str(reading) == f"<ReportReading of {reading.label}: {told}"
    report = reading.to_report()
    assert str(report).endswith("1 segment, 2 mentions, 2 companies, 1 listed)")
    result = scs.screen(report, as_of="2025-06-30", prices="simulated")
    assert str(result).startswith("<SIMULATED Screening of ")
    assert "0 of 2 companies rated" in str(result)
