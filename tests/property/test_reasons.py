"""Why a call has no rating, against a walk through plain dates: section 4 of the method."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest

from supplychain_screen import Index, Listing, PricePanel, PriceSeries
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.scoring import REASONS, BasePolicy, Rules, measure

FIRST, LAST = date(2023, 6, 1), date(2025, 3, 31)
GRIDS = (date(2023, 5, 4), FIRST, date(2023, 8, 12), date(2023, 9, 1))
"""First days of the panel: before all prices, on their first day, a Saturday, a Friday."""
OPEN: list[date] = [day.item() for day in exchange_sessions("XSHG", FIRST, LAST)]
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG")
POLICIES: tuple[BasePolicy, ...] = ("on_or_before", "before", "on_or_after", "after")


def later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def opened(after: date, until: date) -> int:
    """Sessions of the exchange after one day, up to and including another."""
    return max(bisect_right(OPEN, until) - bisect_right(OPEN, after), 0)


def last(book: Sequence[date], day: date) -> date | None:
    place = bisect_right(book, day)
    return book[place - 1] if place else None


@dataclass
class Share:
    """A listing, the sessions it has, and what is known of its life; None: nobody has a row."""

    book: list[date] | None
    born: date | None = None
    gone: date | None = None


def no_base(share: Share, day: date, wanted: date, as_of: date, forward: bool, grid: date) -> str:
    """Why there is no close to begin with."""
    book = share.book
    if book is None:
        return "no_prices"
    seen = last(book, as_of) is not None and day >= grid
    traded = last(book, day if forward or wanted < grid else wanted) is not None
    if share.born is None:
        young = seen and not traded
    else:
        young = share.born > min(day, wanted) and not (forward and traded and day >= grid)
    if young:
        return "not_yet_listed"
    if not seen or not forward:
        return "no_prices"
    if share.gone and share.gone < wanted:
        return "delisted"
    waited = opened(wanted - timedelta(1), as_of)
    return "suspended_at_base" if waited > 5 else "pending"


def reason(
    share: Share,
    index: Sequence[date],
    day: date,
    as_of: date,
    months: int | None,
    policy: BasePolicy,
    grid: date,
) -> str:
    """What keeps a window from its rating; empty where nothing does."""
    if day > as_of:
        return "pending"
    wanted = day + timedelta({"before": -1, "after": 1}.get(policy, 0))
    forward = policy in ("on_or_after", "after")
    book = share.book or []
    if forward:
        place = bisect_left(book, wanted)
        base = book[place] if place < len(book) and book[place] <= as_of else None
        young = base is not None and base > day and last(book, day) is None
        if young and (share.born > min(day, wanted) if share.born else day >= grid):
            return "not_yet_listed"
    else:
        base = last(book, wanted) if wanted >= grid else None
    if base is None or day < grid:
        return no_base(share, day, wanted, as_of, forward, grid)
    gap = opened(wanted - timedelta(1), base) - 1 if forward else opened(base, wanted)
    if gap > 5:
        return "delisted" if share.gone and share.gone < wanted else "suspended_at_base"
    end_day = later(day, months) if months else min(later(day, 12), as_of)
    if end_day > as_of:
        return "pending"
    end = last(book, end_day)
    assert end is not None
    if opened(end, end_day) > 5:
        return "delisted" if share.gone and share.gone < end_day else "suspended_at_end"
    if end <= base:
        return "pending"
    for session in (base, end):
        found = last(index, session)
        # A panel says nothing of the index on a day before its first.
        if session < grid or found is None or opened(found, session) > 3:
            return "benchmark_stale"
    return ""


def a_book(chance: np.random.Generator) -> list[date]:
    """Sessions of a listing: some lost, some holes, perhaps late or ended early."""
    kept = chance.random(len(OPEN)) < chance.choice([0.4, 0.95, 1.0])
    for width in chance.choice([3, 5, 6, 7, 40, 300], chance.integers(0, 3)):
        start = chance.integers(0, len(OPEN))
        kept[start : start + width] = False
    return [day for day, there in zip(OPEN, kept, strict=True) if there]


def a_share(chance: np.random.Generator) -> Share:
    book = a_book(chance)
    born = book[0] if book and chance.random() < 0.5 else None
    if chance.random() < 0.3:
        book = book[len(book) // 4 :]
    if chance.random() < 0.3:
        book = book[: len(book) // 2]
    gone = book[-1] if book and chance.random() < 0.5 else None
    if chance.random() < 0.3:
        book = book[:-8]
    return Share(book, born, gone)


@pytest.mark.parametrize("seed", range(80))
def test_every_reason_is_the_one_plain_dates_give(seed: int) -> None:
    chance = np.random.default_rng(seed)
    grid = GRIDS[seed % len(GRIDS)]
    shares = [a_share(chance) for _ in range(4)]
    index = a_book(chance)
    who: list[Instrument] = [
        Listing(
            mic="XSHG",
            code=f"60000{n}",
            currency="CNY",
            first_session=share.born,
            last_session=share.gone,
        )
        for n, share in enumerate(shares)
    ]
    who.append(CSI300)
    books = [*(share.book or [] for share in shares), index]
    held = [
        PriceSeries(
            one.id,
            np.array(book, "datetime64[D]"),
            chance.uniform(1, 100, len(book)),
            1e6 + np.arange(len(book)),
            "splits",
            "SIMULATED",
            one.id,
        )
        for one, book in zip(who, books, strict=True)
        if book
    ]
    panel = PricePanel.build(held, who, grid, LAST)
    as_of = grid + timedelta(int(chance.integers(0, (LAST - grid).days + 1)))
    days = [grid + timedelta(int(step)) for step in chance.integers(-20, 600, 12)]
    days += [as_of, as_of - timedelta(1), *(grid + timedelta(step) for step in range(-1, 4))]
    days += [book[at] for book in books if book for at in (0, -1)]
    for share in shares:
        if share.gone:
            days += [share.gone + timedelta(step) for step in (-1, 0, 1)]
            days += [later(share.gone, -6), later(share.gone, -12)]
    shares.append(Share(None))
    asked = [(row if row < 4 else -1, day) for row in range(5) for day in days]
    rows, published = (np.array(column) for column in zip(*asked, strict=True))
    numbers = np.array([day_number(day) for day in published], np.int32)
    for policy in POLICIES:
        found = measure(
            panel,
            rows.astype(np.int32),
            np.full(rows.size, 4, np.int32),
            numbers,
            day_number(as_of),
            Rules((-0.1, 0.1), base_policy=policy),
        )
        for window, months in enumerate((6, 12, None)):
            for place, (row, day) in enumerate(asked):
                expected = reason(shares[row], index, day, as_of, months, policy, grid)
                told = REASONS[found.reason[window, place]]
                assert told == expected, (policy, months, shares[row], day, as_of)
                assert (found.rating[window, place] >= 0) == (expected == "")
