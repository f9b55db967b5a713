"""Splits and currencies that a price file states."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from supplychain_screen import Listing, LoadedPrices
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.prices.sources.files import FileSource

ESPRESSIF = Listing(mic="XSHG", code="688018", currency="CNY")
QUALCOMM = Listing(mic="XNAS", code="QCOM", currency="USD")
STATED = """symbol,date,close,Stock Splits,currency
688018.SS,2025-06-03,137.42,0,CNY
688018.SS,2025-06-04,136.30,1.4,CNY
688018.SS,2025-06-05,139.00,,CNY
QCOM,2025-06-03,150.0,0,USD
QCOM,2025-06-04,151.0,1,usd
"""


def stated(tmp_path: Path, text: str, name: str = "prices.csv") -> LoadedPrices:
    file = tmp_path / name
    file.write_text(text)
    return FileSource(file).load(
        [ESPRESSIF, QUALCOMM], date(2025, 6, 1), date(2025, 6, 30), "price"
    )


def test_splits_and_currency_are_handed_on(tmp_path: Path) -> None:
    loaded = stated(tmp_path, STATED)
    espressif, qcom = loaded.series[ESPRESSIF.id], loaded.series[QUALCOMM.id]
    assert espressif.splits is not None
    assert espressif.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert espressif.splits.values.tolist() == [1.4]
    assert (espressif.dividends, espressif.currency) == (None, "CNY")
    assert qcom.splits is not None
    assert len(qcom.splits) == 0
    # Two spellings are no currency; the check says so.
    assert qcom.currency == "USD/usd"
    found = check_prices(loaded.series, [ESPRESSIF, QUALCOMM])
    assert ("currency_mismatch", QUALCOMM.id) in {(one.code, one.listing) for one in found}


def test_a_file_that_states_nothing_leaves_it_unknown(tmp_path: Path) -> None:
    plain = "\n".join(",".join(line.split(",")[:3]) for line in STATED.splitlines())
    espressif = stated(tmp_path, plain).series[ESPRESSIF.id]
    assert (espressif.splits, espressif.currency) == (None, "")


def test_a_file_named_by_its_symbol_states_the_same(tmp_path: Path) -> None:
    rows = [line.split(",")[1:] for line in STATED.splitlines()[:4]]
    loaded = stated(tmp_path, "\n".join(map(",".join, rows)), "688018.SS.csv")
    splits = loaded.series[ESPRESSIF.id].splits
    assert splits is not None
    assert splits.values.tolist() == [1.4]


def test_splits_that_are_no_numbers_are_told_and_the_closes_kept(tmp_path: Path) -> None:
    loaded = stated(tmp_path, STATED.replace("1.4", "4 for 10"))
    assert loaded.series[ESPRESSIF.id].splits is None
    assert [one.code for one in loaded.findings] == ["stated_unread"]
    assert "4 for 10" in loaded.findings[0].detail
