"""The grid of a panel, cell by cell, against a walk through plain dictionaries."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort

from supplychain_screen import PricePanel
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.prices.panel import price_panel as panel_module
from supplychain_screen.prices.panel.price_panel import NO_CLOSE, fill_grid

FIRST, LAST = date(2024, 1, 2), date(2024, 4, 30)
CALENDARS = {"XSHG:600000": "XSHG", "XHKG:00700": "XHKG", "XNAS:AAPL": "XNYS"}
SESSIONS = {
    name: [day.astype(date) for day in exchange_sessions(calendar, FIRST, LAST)]
    for name, calendar in CALENDARS.items()
}

BOOKS = st.fixed_dictionaries(
    {
        name: st.dictionaries(
            st.sampled_from(days), st.floats(0.01, 1e5, allow_nan=False), max_size=len(days)
        )
        for name, days in SESSIONS.items()
    }
).filter(lambda books: any(books.values()))


def built(books: dict[str, dict[date, float]], first: date = FIRST) -> PricePanel:
    entries = [
        (row, day, close)
        for row, book in enumerate(books.values())
        for day, close in sorted(book.items())
    ]
    rows, days, closes = zip(*entries, strict=True)
    return panel_from_columns(
        list(books),
        np.array(rows),
        np.array(days, "datetime64[D]"),
        np.array(closes),
        first=first,
        last=LAST,
    )


@effort(60)
@given(BOOKS, st.sampled_from([FIRST, date(2024, 2, 12), date(2024, 2, 29)]))
def test_every_cell_is_the_last_close_and_its_age_in_sessions(
    books: dict[str, dict[date, float]], first: date
) -> None:
    """Of closes from before the grid too."""
    panel = built(books, first)
    for name, book in books.items():
        for step in range((LAST - first).days + 1):
            day = first + timedelta(step)
            known = [one for one in book if one <= day]
            found = panel.as_of(name, day)
            if not known:
                assert found is None
                continue
            session = max(known)
            age = sum(session < one <= day for one in SESSIONS[name])
            assert found == (book[session], session, age)
        own = [day.astype(date) for day in panel.sessions(name)]
        assert own == sorted(day for day in book if day >= first)


@effort(60)
@given(BOOKS, st.integers(1, 400))
def test_the_grid_does_not_depend_on_how_much_is_filled_at_once(
    books: dict[str, dict[date, float]], cells: int
) -> None:
    whole = built(books)
    usual = panel_module._FILLED_AT_ONCE
    panel_module._FILLED_AT_ONCE = cells
    try:
        parts = built(books)
    finally:
        panel_module._FILLED_AT_ONCE = usual
    assert whole.close.tobytes() == parts.close.tobytes()
    assert whole.stamp.tobytes() == parts.stamp.tobytes()


def test_a_session_from_before_the_grid_is_seen_in_it() -> None:
    through = np.arange(1, 6, dtype=np.int32)[None, :]
    close, stamp = fill_grid(
        2,
        np.array([0, 0, 1]),
        np.array([-3, 2, 4], np.int32),
        np.array([7.0, 8.0, 9.0]),
        through,
        np.array([[2, 2, 1, 0]], np.int32),
        np.zeros(2, np.int16),
    )
    np.testing.assert_array_equal(close[0], [7, 7, 8, 8, 8])
    assert (stamp[0] & 0xFFFF).tolist() == [3, 4, 0, 1, 2]
    # Two sessions before the grid, and those from its first column on.
    assert (stamp[0] >> 16).tolist() == [3, 4, 0, 1, 2]
    assert (stamp[1] == NO_CLOSE).tolist() == [True, True, True, True, False]
