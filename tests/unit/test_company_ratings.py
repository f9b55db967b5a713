"""Ratings printed beside companies: whom they count, and what judges them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import load_report, screen
from supplychain_screen.record import printed_ratings
from supplychain_screen.record.company_ratings import PrintedRatings
from supplychain_screen.research import ResearchReport


def rated(*words: str, listing: str = "XNAS:QCOM") -> ResearchReport:
    """The packaged report with ``words`` beside its prints of one company: Qualcomm has two."""
    report, left, mentions = load_report(), list(words), []
    for one in report.mentions:
        word = left.pop(0) if one.listing == listing else ""
        mentions.append(one.model_copy(update={"printed_rating": word}))
    return report.model_copy(update={"mentions": tuple(mentions)})


def found(report: ResearchReport, spoilt: float = 1.0) -> PrintedRatings | None:
    days = pd.bdate_range("2024-11-01", "2026-01-09")
    rise = np.linspace(100.0, 150.0, days.size)
    moved = np.where(days < pd.Timestamp("2025-03-03"), rise, rise * spoilt)
    index = np.linspace(100.0, 110.0, days.size)
    closes = {"QCOM": moved, "603160.SS": moved, "^GSPC": index, "000300.SS": index}
    prices = pd.DataFrame(closes, index=days)
    result = screen(
        report, "2024-12-31", "2026-01-09", prices=prices, adjustment="splits", allow_missing=True
    )
    return printed_ratings(result)


@pytest.mark.parametrize("words", [("买入", ""), ("", "买入"), ("买入", "买入")])
def test_a_company_counts_once_wherever_its_rating_stands(words: tuple[str, str]) -> None:
    one = found(rated(*words))
    assert one is not None
    assert (one.n, one.positive, one.judged_positive, one.ahead) == (1, 1, 1, 1)


def test_two_sides_are_none() -> None:
    one = found(rated("买入", "卖出"))
    assert one is not None
    assert (one.n, one.positive, one.negative, one.unknown) == (1, 0, 0, 1)


def test_what_is_unrated_for_its_prices_judges_nothing() -> None:
    one = found(rated("买入", listing="XSHG:603160"), spoilt=3.0)
    assert one is not None
    assert (one.positive, one.judged_positive, one.ahead) == (1, 0, 0)
