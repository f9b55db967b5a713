"""Any exchange whose sessions are known can be a market of a report of one's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exchange_calendars import get_calendar_names

from supplychain_screen import ResearchReport, load_report, save_report, screen
from supplychain_screen.identity import EXCHANGES, Index, Listing, exchange_sessions
from supplychain_screen.research import Level, Mention, RatingScale, RatingStandard

SCALE = RatingScale(
    name="ten",
    levels=(
        Level(name="outperform", lower=0.10, lower_inclusive=True),
        Level(name="neutral", lower=-0.10, upper=0.10),
        Level(name="underperform", upper=-0.10, upper_inclusive=True),
    ),
)
TRIED = (
    # exchange, code, currency, name of the index in the library, closes of both: base and end
    ("XTAI", "2330", "TWD", "TWII", (1_000.0, 1_200.0), (20_000.0, 21_000.0), 0.15),
    ("XKRX", "005930", "KRW", "KOSPI", (60_000.0, 54_000.0), (2_500.0, 2_750.0), -0.20),
    ("XTKS", "7203", "JPY", "N225", (2_000.0, 2_100.0), (40_000.0, 42_000.0), 0.0),
)


def test_every_exchange_of_the_calendars_is_known() -> None:
    # Two calendars are of no exchange, and one is of several futures exchanges together.
    real = set(get_calendar_names(include_aliases=False)) - {"24/5", "24/7", "us_futures"}
    assert real <= EXCHANGES.keys()
    assert all(one.name_zh and one.name_en and one.currency for one in EXCHANGES.values())
    suffixes = [one.yahoo_suffix for one in EXCHANGES.values() if one.yahoo_suffix]
    assert len(suffixes) == len(set(suffixes))


def closes(mic: str, first: float, last: float) -> pd.DataFrame:
    """From one close to the other in even steps of four months, and a little to and fro."""
    days = exchange_sessions(EXCHANGES[mic].calendar, date(2024, 12, 20), date(2026, 1, 5))
    start = int(np.searchsorted(days, np.datetime64("2025-01-03")))
    step = (np.arange(len(days)) - start + 1).clip(0, 80) / 80
    sway = np.where(np.arange(len(days)) % 2 == 1, 1.0005, 1.0)
    return pd.DataFrame({"date": days, "close": first * (last / first) ** step * sway})


# The lunar holidays of Seoul take a process four seconds.
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case[0], marks=[pytest.mark.slow] if case[0] == "XKRX" else [])
        for case in TRIED
    ],
)
def test_taiwan_seoul_and_tokyo_are_measured_against_an_index_that_a_user_names(
    case: tuple[Any, ...], tmp_path: Path
) -> None:
    mic, code, currency, index, stock_closes, index_closes, relative = case
    listing = Listing(mic=mic, code=code, currency=currency, name_en="One")
    mention = Mention(order=1, segment_no=1, segment="one", company="One", listing=listing.id)
    report = ResearchReport(
        id="abroad",
        title="Abroad",
        mentions=(mention,),
        listings=(listing,),
        standard=RatingStandard(stock=SCALE, markets=(), indices=()),
    ).with_benchmark(mic, index)
    assert load_report(save_report(report, tmp_path / "abroad")) == report
    prices = pd.concat(
        [
            closes(mic, *stock_closes).assign(symbol=listing.id),
            closes(mic, *index_closes).assign(symbol=f"INDEX:{index}"),
        ]
    )
    found = screen(report, "2025-01-02", "2025-12-31", prices=prices, adjustment="splits")
    row = found.companies.iloc[0]
    assert (row["reason"], row["benchmark"]) == (None, found.report.standard.indices[0].ticker)
    assert row["relative_return_6m"] == pytest.approx(relative, abs=2e-3)
    assert row["rating"] == (
        "neutral" if abs(relative) < 0.1 else "outperform" if relative > 0 else "underperform"
    )


def test_an_exchange_far_away_loads_with_an_index_of_ones_own(tmp_path: Path) -> None:
    asx = Index(name="ASX200", name_en="S&P/ASX 200", currency="AUD", calendar="XASX")
    listing = Listing(mic="XASX", code="BHP", currency="AUD", name_en="BHP Group")
    assert listing.symbol("yahoo") == "BHP.AX"
    mention = Mention(order=1, segment_no=1, segment="ore", company="BHP", listing="XASX:BHP")
    report = ResearchReport(
        id="abroad",
        title="Abroad",
        mentions=(mention,),
        listings=(listing,),
        standard=RatingStandard(stock=SCALE, markets=(), indices=()),
    ).with_benchmark("XASX", asx)
    assert load_report(save_report(report, tmp_path / "abroad")) == report
