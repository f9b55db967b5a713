"""Conventions that flip a rating are named, and only those that rate it are counted."""

from datetime import date

import numpy as np
import pytest

from supplychain_screen import Index, PricePanel
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import Rules, measure, vary_conventions

FIRST, LAST = date(2024, 12, 2), date(2025, 9, 30)
RULES = Rules((-0.1, 0.1))


def make(before: float, on: float, end: float, index_end: float) -> PricePanel:
    """A share at one level before 6 January 2025, another on it, a third from February on."""
    days = exchange_sessions("XSHG", FIRST, LAST)
    share = np.where(days < np.datetime64("2025-01-06"), before, on)
    share = np.where(days >= np.datetime64("2025-02-03"), end, share)
    index = np.where(days >= np.datetime64("2025-02-03"), index_end, 100.0)
    return panel_from_columns(
        ["XSHG:600000", "INDEX:CSI300"],
        np.repeat([0, 1], days.size),
        np.tile(days, 2),
        np.concatenate([share, index]),
        last=LAST,
        indices=[Index(name="CSI300", currency="CNY", calendar="XSHG")],
    )


@pytest.mark.parametrize(
    ("prices", "agree", "flips"),
    [
        # 15 per cent from either base: nothing to flip.
        ((100.0, 100.0, 115.0, 100.0), 6, ()),
        # From 100 the day before it is 12 per cent, from 104 on the day 7.7.
        ((100.0, 104.0, 112.0, 100.0), 4, ("before/difference", "before/ratio")),
        # 32 less 20 per cent are 12 points; 1.32 / 1.2 is 1.1, exactly the bound, so 1.31 is not.
        (
            (100.0, 100.0, 131.0, 120.0),
            3,
            ("on_or_before/ratio", "before/ratio", "on_or_after/ratio"),
        ),
    ],
)
def test_flips_by_hand(
    prices: tuple[float, float, float, float], agree: int, flips: tuple[str, ...]
) -> None:
    panel = make(*prices)
    published = np.array([day_number(date(2025, 1, 6))], np.int32)
    one, bench = np.zeros(1, np.int32), np.ones(1, np.int32)
    headline = measure(panel, one, bench, published, panel.last_day, RULES)
    found = vary_conventions(headline, {"price": panel}, panel.last_day, RULES)
    assert (found.agree[0], found.of[0]) == (agree, 6)
    # Published on a session day, "on or before" and "on or after" are one: two bases, two ways.
    assert found.distinct[0] == 4
    assert found.flips[0] == tuple(f"price/{flip}" for flip in flips)


def test_an_unrated_call_counts_nothing() -> None:
    panel = make(100.0, 100.0, 115.0, 100.0)
    asked = (np.full(1, -1, np.int32), np.ones(1, np.int32), np.array([20_000], np.int32))
    headline = measure(panel, *asked, panel.last_day, RULES)
    found = vary_conventions(headline, {"price": panel}, panel.last_day, RULES)
    assert (found.agree[0], found.of[0], found.flips[0]) == (0, 0, ())
