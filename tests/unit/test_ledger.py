"""The ledger of listings as it is shipped."""

from __future__ import annotations

import pytest

from supplychain_screen.identity import Ledger, code_fault, load_ledger


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return load_ledger()


def test_every_listing_has_a_code_of_its_exchange(ledger: Ledger) -> None:
    pairs = zip(ledger.listings["mic"], ledger.listings["code"], strict=True)
    assert [(mic, code) for mic, code in pairs if code_fault(mic, code) is not None] == []


def test_listings_are_ordered_and_unique(ledger: Ledger) -> None:
    ids = list(zip(ledger.listings["mic"], ledger.listings["code"], strict=True))
    assert ids == sorted(set(ids))


def test_coverage_counts_the_rows_of_each_market(ledger: Ledger) -> None:
    shown = ledger.coverage().set_index("mic")["listings"]
    counted = ledger.listings.groupby("mic").size()
    assert shown[shown > 0].to_dict() == counted.to_dict()
