"""Laws of score_calls() on any prices and calls: plain Python's answer, and no look ahead."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort

from supplychain_screen import PricePanel, load_report, score_calls
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import BasePolicy

STANDARD = load_report().standard
FIRST, LAST = date(2023, 1, 3), date(2024, 12, 31)
CALENDARS = {"XSHG": "XSHG", "XHKG": "XHKG"}
INDICES = {"XSHG": "INDEX:CSI300", "XHKG": "INDEX:HSI"}
OPEN = {
    mic: [day.item() for day in exchange_sessions(calendar, FIRST, LAST)]
    for mic, calendar in CALENDARS.items()
}
NAMES = ["XSHG:600001", "XSHG:600002", "XHKG:0001", "XHKG:0002", *INDICES.values()]
Books = dict[str, dict[date, float]]


def books(seed: int, density: float) -> Books:
    """Closes of every name on some of its exchange's sessions."""
    chance = np.random.default_rng(seed)
    made: Books = {}
    for name in NAMES:
        mic = next((mic for mic, index in INDICES.items() if index == name), name.split(":")[0])
        kept = [day for day in OPEN[mic] if chance.random() < density] or OPEN[mic][-1:]
        made[name] = {day: float(chance.uniform(1, 100)) for day in kept}
    return made


def panel_of(made: Books) -> PricePanel:
    rows = [row for row, name in enumerate(NAMES) for _ in made[name]]
    days = [day for name in NAMES for day in made[name]]
    closes = [close for name in NAMES for close in made[name].values()]
    return panel_from_columns(
        NAMES,
        np.array(rows),
        np.array(days, "datetime64[D]"),
        np.array(closes),
        indices=[one for one in STANDARD.indices if one.id in NAMES],
        first=FIRST,
        last=LAST,
        adjustment="splits",
    )


def last_close(book: dict[date, float], day: date) -> tuple[date, float] | None:
    known = [session for session in book if session <= day]
    return (max(known), book[max(known)]) if known else None


def later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age(mic: str, session: date, day: date) -> int:
    return sum(session < one <= day for one in OPEN[mic])


def oracle(
    made: Books, listing: str, day: date, as_of: date, months: int | None, policy: BasePolicy
) -> tuple[float, bool] | None:
    """Relative return and whether it is rated, by plain look-ups; None where there is none."""
    mic = listing.split(":")[0]
    book, bench = made[listing], made[INDICES[mic]]
    end_day = later(day, months) if months else min(later(day, 12), as_of)
    base_day = day - timedelta(days=policy == "before")
    base, end = last_close(book, base_day), last_close(book, end_day)
    if policy == "after":
        later_days = [one for one in book if day < one <= as_of]
        born = base is not None
        base = (min(later_days), book[min(later_days)]) if later_days else None
    if day > as_of or end_day > as_of or base is None or end is None or end[0] <= base[0]:
        return None
    index_base, index_end = last_close(bench, base[0]), last_close(bench, end[0])
    if index_base is None or index_end is None:
        return None
    if policy == "after":
        fresh = born and age(mic, day, base[0]) - 1 <= 5
    else:
        fresh = age(mic, base[0], base_day) <= 5
    fresh &= age(mic, end[0], end_day) <= 5
    fresh &= age(mic, index_base[0], base[0]) <= 3 and age(mic, index_end[0], end[0]) <= 3
    return end[1] / base[1] - index_end[1] / index_base[1], fresh


@effort(25)
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.02, 0.3, 0.8, 1.0]),
    days=st.lists(st.dates(FIRST, LAST), min_size=1, max_size=12),
    as_of=st.dates(date(2024, 1, 1), LAST),
    policy=st.sampled_from(["on_or_before", "before", "after"]),
)
def test_every_number_is_the_one_plain_python_finds(
    seed: int, density: float, days: list[date], as_of: date, policy: BasePolicy
) -> None:
    agree(books(seed, density), days, as_of, policy)


@pytest.mark.parametrize("density", [0.15, 0.3, 0.6])
def test_every_number_of_a_dense_sample_is_plain_pythons(density: float) -> None:
    """Every limit is met exactly and missed by one somewhere among these."""
    days = [FIRST + timedelta(days=step) for step in range(0, 500, 3)]
    agree(books(7, density), days, date(2024, 11, 20), "on_or_before")


def agree(made: Books, days: list[date], as_of: date, policy: BasePolicy) -> None:
    calls = pd.DataFrame(
        [(name, pd.Timestamp(day)) for name in NAMES[:4] for day in days],
        columns=["listing", "published"],
    )
    found = score_calls(calls, panel_of(made), STANDARD, as_of=as_of, base_policy=policy)
    for row in found.to_dict("records"):
        listing, day = row["listing"], row["published"].date()
        for window, months in (("6m", 6), ("12m", 12), ("to_date", None)):
            expected = oracle(made, listing, day, as_of, months, policy)
            number, rated = row[f"{window}_difference"], isinstance(row[f"{window}_rating"], str)
            assert rated != isinstance(row[f"{window}_reason"], str)
            if expected is None:
                assert np.isnan(number)
                assert not rated
            else:
                assert abs(number - expected[0]) <= 1e-12 * max(1.0, abs(expected[0]))
                assert rated == expected[1]


@effort(25)
@given(
    seed=st.integers(0, 2**32 - 1),
    days=st.lists(st.dates(FIRST, LAST), min_size=1, max_size=12),
    as_of=st.dates(date(2023, 6, 1), LAST - timedelta(days=1)),
    policy=st.sampled_from(["on_or_before", "before", "on_or_after", "after"]),
)
def test_closes_after_as_of_change_nothing(
    seed: int, days: list[date], as_of: date, policy: BasePolicy
) -> None:
    made = books(seed, 0.5)
    other = {
        name: {day: close if day <= as_of else close * 3 + 1 for day, close in book.items()}
        for name, book in made.items()
    }
    calls = pd.DataFrame(
        [(name, pd.Timestamp(day)) for name in NAMES[:4] for day in days],
        columns=["listing", "published"],
    )
    one, two = (
        score_calls(calls, panel_of(each), STANDARD, as_of=as_of, base_policy=policy)
        for each in (made, other)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_the_oracle_counts_sessions_as_the_exchange_does() -> None:
    assert all(one < two for one, two in pairwise(OPEN["XSHG"]))
    assert age("XSHG", date(2024, 2, 8), date(2024, 2, 19)) == 1  # the Spring Festival between
