"""Panels with everything that goes wrong with prices in them, for laws that must hold anyway."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from supplychain_screen import Index, PricePanel
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.panel import panel_from_columns

FIRST, GRID, LAST = date(2023, 1, 3), date(2023, 2, 1), date(2024, 6, 28)
CALENDARS = ["XSHG", "XHKG", "XSHG", "XSHG", "XHKG", "XHKG", "XSHG", "XHKG"]
NAMES = [f"{calendar}:{place:06}" for place, calendar in enumerate(CALENDARS[:6])]
INDICES = [
    Index(name="CSI300", currency="CNY", calendar="XSHG"),
    Index(name="HSI", currency="HKD", calendar="XHKG"),
]
OPEN = {name: exchange_sessions(name, FIRST, LAST) for name in ("XSHG", "XHKG")}


def ragged_panel(chance: np.random.Generator, density: float) -> PricePanel:
    """Six listings and two indices: holes, suspensions, late listings and delistings.

    Rows 0 to 5 are listings of Shanghai and Hong Kong, row 6 the index of Shanghai, row 7 that
    of Hong Kong; ``density`` is the share of its exchange's sessions a listing has.
    """
    rows, days, closes = [], [], []
    for row, calendar in enumerate(CALENDARS):
        opened = OPEN[calendar]
        kept = chance.random(opened.size) < max(density, 0.7 * (row >= len(NAMES)))
        start, length = chance.integers(0, opened.size), chance.integers(0, 60)
        kept[start : start + length] = False
        if row < len(NAMES):
            kept[: chance.choice([0, 0, 100])] = False
            kept[opened.size - chance.choice([0, 0, 90]) :] = False
        rows.append(np.full(int(kept.sum()), row))
        days.append(opened[kept])
        closes.append(chance.uniform(1, 100, int(kept.sum())))
    # The grid starts after the prices do: a last close may come from before it.
    made = panel_from_columns(
        [*NAMES, *(one.id for one in INDICES)],
        np.concatenate(rows),
        np.concatenate(days),
        np.concatenate(closes),
        indices=INDICES,
        first=GRID,
        last=LAST,
    )
    # Some listings say when they were listed and delisted, some do not.
    said = chance.random(len(CALENDARS)) < 0.5
    listed = np.where(said, made.first_day - 100, made.listed_day).astype(np.int32)
    return replace(made, listed_day=listed)
