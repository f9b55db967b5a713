"""The ledger and its index against names that people looked up by hand; they stay outside."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from supplychain_screen.identity import NameIndex

SUFFIXES = {
    "XSHG": "SH",
    "XSHE": "SZ",
    "NEEQ": "OC",
    "XHKG": "HK",
    "XNAS": "O",
    "XNYS": "N",
    "XTAI": "TW",
    "ROCO": "TWO",
}


@pytest.fixture(scope="module")
def labelled(market_data: Path) -> list[tuple[str, str]]:
    file = market_data.parent / "failing" / "labelled-names.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    with file.open(encoding="utf-8", newline="") as stream:
        return [(row["name"], row["listing"]) for row in csv.DictReader(stream)]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    index = NameIndex()
    if not index.knows("XSHG:600519"):
        pytest.skip("the ledger that is shipped has no listings")
    return index


def test_a_printed_code_is_right_in_ninety_five_of_a_hundred(
    labelled: list[tuple[str, str]], index: NameIndex
) -> None:
    right = 0
    for name, listing in labelled:
        mic, _, code = listing.partition(":")
        found = index.resolve(f"{name}（{code}.{SUFFIXES[mic]}）").listing
        assert found in (None, listing), f"{name}: {found} for {listing}"
        right += found == listing
    assert right >= 0.95 * len(labelled)


def test_a_name_alone_is_right_in_three_of_four_and_never_wrong(
    labelled: list[tuple[str, str]], index: NameIndex
) -> None:
    verdicts: Counter[str] = Counter()
    shown = known = 0
    for name, listing in labelled:
        found = index.resolve(name)
        assert found.listing in (None, listing), f"{name}: {found.listing} for {listing}"
        verdicts[found.verdict] += 1
        if index.knows(listing):
            known += 1
            shown += listing in [one.listing for one in found.candidates[:3]]
    assert verdicts["resolved"] >= 0.75 * len(labelled), verdicts
    assert shown >= 0.9 * known
