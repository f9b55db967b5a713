"""The store reads the truth, whatever the vendor does to its closes and whenever one looks.

The oracle is the traded series itself, in fractions: it never sees a vendor's close. The vendor
rescales the past at each split, lists splits late, lists them before it has applied them, applies
them before it lists them, and is asked on any days, its answers arriving in any order.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import effort
from tests.price_histories import ESPRESSIF

from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.adjustment import FetchedHistory, undo_splits
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store import PriceStore

WHOLE = (date(2025, 1, 1), date(2026, 12, 31))
SESSIONS = exchange_sessions("XSHG", *WHOLE)
"""Day n of a truth is the n-th of them: a row on any other day would be no session."""
START = WHOLE[0]
FACTORS = (Fraction(7, 5), Fraction(13, 10), Fraction(2), Fraction(1, 4), Fraction(10))


@dataclass(frozen=True)
class Split:
    """A split on day ``day``, which the vendor lists and applies some days later."""

    day: int
    factor: Fraction
    listed: int
    applied: int


@dataclass(frozen=True)
class Truth:
    """What was traded: day by day closes, splits, dividends for one share of that day."""

    closes: tuple[Fraction, ...]
    splits: tuple[Split, ...]
    dividends: tuple[tuple[int, Fraction], ...]

    def price(self, until: int) -> list[float]:
        """Closes up to day ``until``, adjusted for the splits until then."""
        return [float(self._adjusted(day, until)) for day in range(until + 1)]

    def total(self, until: int) -> list[float]:
        """The same with dividends reinvested."""
        found = []
        for day in range(until + 1):
            value = self._adjusted(day, until)
            for paid, cash in self.dividends:
                if day < paid <= until:
                    later = self._factor(paid, until, "day")
                    value *= 1 - cash / later / self._adjusted(paid - 1, until)
            found.append(float(value))
        return found

    def answer(self, asked: int, *, consistent: bool = False) -> FetchedHistory:
        """What the vendor says at the close of day ``asked``, read as its events tell."""
        state = "day" if consistent else "applied"
        days = range(asked + 1)
        adjusted = np.array([float(self.closes[d] / self._factor(d, asked, state)) for d in days])
        sessions = SESSIONS[: asked + 1]
        listed = [
            (_day(one.day), float(one.factor))
            for one in self.splits
            if (one.day if consistent else one.listed) <= asked
        ]
        splits = Events.of(*listed)
        close = undo_splits(sessions, adjusted, splits)
        paid = [
            (_day(day), float(cash / self._factor(day, asked, state)))
            for day, cash in self.dividends
            if day <= asked
        ]
        cash = Events.of(*paid)
        return FetchedHistory(
            listing=ESPRESSIF.id,
            sessions=sessions,
            close=close,
            open=close,
            high=close,
            low=close,
            # no two days alike: a close and a volume of the day before are a copied row
            volume=1e6 + np.arange(len(close)),
            splits=splits,
            dividends=Events(cash.sessions, undo_splits(cash.sessions, cash.values, splits)),
            source="yahoo",
            symbol="688018.SS",
            fetched_at=_moment(asked),
            asked_first=START,
            currency="CNY",
        )

    def _adjusted(self, day: int, until: int) -> Fraction:
        return self.closes[day] / self._factor(day, until, "day")

    def _factor(self, day: int, until: int, known_from: str) -> Fraction:
        product = Fraction(1)
        for split in self.splits:
            if split.day > day and getattr(split, known_from) <= until and split.day <= until:
                product *= split.factor
        return product


def _day(number: int) -> str:
    return str(SESSIONS[number])


def _moment(number: int) -> datetime:
    """When the answer of day ``number`` was fetched."""
    return datetime.fromisoformat(_day(number)).replace(hour=8, tzinfo=UTC)


@st.composite
def truths(draw: st.DrawFn, *, unsteady: bool) -> Truth:
    """Up to three splits, at least three days apart; days move by up to 2%."""
    n = draw(st.integers(8, 24))
    moves = draw(st.lists(st.integers(-20, 20), min_size=n, max_size=n))
    at = draw(st.lists(st.integers(0, (n - 2) // 3), max_size=3, unique=True))
    lateness = st.integers(0, 4) if unsteady else st.just(0)
    splits = []
    for slot in sorted(at):
        day, late = 1 + 3 * slot, draw(st.integers(0, 4))
        listed, applied = day + late, day + late
        if unsteady:
            listed, applied = day + draw(lateness), day + draw(lateness)
        splits.append(Split(day, draw(st.sampled_from(FACTORS)), listed, applied))
    closes, value = [], Fraction(100)
    for day in range(n):
        value *= 1 + Fraction(moves[day], 1000)
        for split in splits:
            if split.day == day:
                value /= split.factor
        # as exchanges do, but with enough digits that a tenth of a tenth still has some
        closes.append(Fraction(round(value * 10**6), 10**6))
    paid = draw(st.lists(st.integers(1, n - 1), max_size=3, unique=True))
    dividends = tuple((day, closes[day - 1] / draw(st.integers(20, 200))) for day in sorted(paid))
    # of several events on one day, the dividend is for a share as traded from that day on
    return Truth(tuple(closes), tuple(splits), dividends)


def _steady_dividends(truth: Truth) -> Truth:
    """Dividends never on the day of a split: which share they are for is a matter of words."""
    on = {split.day for split in truth.splits}
    return Truth(
        truth.closes,
        truth.splits,
        tuple((day, cash) for day, cash in truth.dividends if day not in on),
    )


COSTLY = effort(40)


@pytest.mark.slow
@COSTLY
@given(truths(unsteady=False), st.data())
def test_any_days_in_any_order_read_the_truth(truth: Truth, data: st.DataObject) -> None:
    """A vendor that rescales when it lists, if late: no answer is kept out but for its age."""
    truth = _steady_dividends(truth)
    n = len(truth.closes)
    asked = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=6))
    last = n - 1
    with tempfile.TemporaryDirectory() as folder:
        store = PriceStore(folder)
        newest = -1
        for day in asked:
            (decision,) = store.add([truth.answer(day)], [ESPRESSIF])
            assert decision.accepted == (day >= newest), decision.detail
            newest = max(newest, day)
            if data.draw(st.booleans()):
                store.compact(datetime(2025, 6, 1, tzinfo=UTC), full=data.draw(st.booleans()))
        store.add([truth.answer(last, consistent=True)], [ESPRESSIF])
        _reads(store, truth, last)
        # and what was known on each earlier day is still known; nothing was ever wrong, only
        # a split not heard of yet
        for day in range(n):
            if day in asked[:1]:
                known = store.as_known(_moment(day))
                loaded = known.load([ESPRESSIF], *WHOLE, "price").series[ESPRESSIF.id]
                assert len(loaded.close) == day + 1
        assert store.check().problems == ()


@pytest.mark.slow
@COSTLY
@given(truths(unsteady=True), st.data())
def test_a_vendor_that_applies_and_lists_apart_is_seen_through(
    truth: Truth, data: st.DataObject
) -> None:
    """Once the vendor is consistent again, the store reads the truth, whatever it said before."""
    truth = _steady_dividends(truth)
    n = len(truth.closes)
    asked = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        store = PriceStore(folder)
        for day in asked:
            store.add([truth.answer(day)], [ESPRESSIF])
        (decision,) = store.add([truth.answer(n - 1, consistent=True)], [ESPRESSIF])
        assert decision.accepted, decision.detail
        _reads(store, truth, n - 1)


def _reads(store: PriceStore, truth: Truth, last: int) -> None:
    for until in {last, last // 2}:
        span = (START, date.fromisoformat(_day(until)))
        price = store.load([ESPRESSIF], *span, "price").series[ESPRESSIF.id]
        assert price.close.tolist() == pytest.approx(truth.price(until), rel=1e-9)
        total = store.load([ESPRESSIF], *span, "total").series[ESPRESSIF.id]
        assert total.close.tolist() == pytest.approx(truth.total(until), rel=1e-9)


def test_a_naive_archive_reads_minus_48_8_percent_for_minus_28_4() -> None:
    """4 new shares for 10 old: 140 before, 71.62 after; -28.4%, whatever an archive appends."""
    closes = (Fraction(140), Fraction(140), Fraction(7162, 100))
    truth = Truth(closes, (Split(2, Fraction(14, 10), 2, 2),), ())
    before, after = truth.answer(1), truth.answer(2)

    # a naive archive keeps the vendor's adjusted closes, and appends those of the next answer
    kept = before.close / np.array([1.0, 1.0])
    appended = after.close[2:]
    assert appended[-1] / kept[0] - 1 == pytest.approx(-0.488, abs=5e-4)

    with tempfile.TemporaryDirectory() as folder:
        store = PriceStore(folder)
        store.add([before], [ESPRESSIF])
        store.add([after], [ESPRESSIF])
        close = store.load([ESPRESSIF], *WHOLE, "price").series[ESPRESSIF.id].close
    assert close[-1] / close[0] - 1 == pytest.approx(-0.284, abs=5e-4)
