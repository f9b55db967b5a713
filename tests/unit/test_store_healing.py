"""One evening's wrong answer is kept and not believed; the right answers after it are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tests.price_histories import CSI300, GOODIX, ScriptedSource, history

from supplychain_screen.identity import Index, Instrument, Listing, exchange_sessions
from supplychain_screen.prices import PriceSeries
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.store import PriceStore, update
from supplychain_screen.prices.store.acceptance import Restatement

Floats = npt.NDArray[np.float64]
Fault = Callable[[Floats], Floats]

MAIN_BOARD = GOODIX.model_copy(update={"first_session": date(2016, 10, 17)})
TENCENT = Listing(mic="XHKG", code="0700", currency="HKD", first_session=date(2004, 6, 16))
SPX = Index(name="SPX", currency="USD", calendar="XNYS", symbols={"yahoo": "^GSPC"})
START, STOP = date(2025, 1, 2), date(2025, 12, 31)
N = 60


def truth(of: Instrument, n: int) -> tuple[npt.NDArray[np.datetime64], Floats]:
    """The first sessions of the year and what was traded on them."""
    days = exchange_sessions(of.calendar, START, STOP)[:n]
    steps = np.random.default_rng(3).normal(0, 0.004 if of.is_index else 0.015, 250)[: len(days)]
    return days, np.round(100 * np.exp(np.cumsum(steps)), 2)


def evening(of: Instrument, n: int, fault: Fault | None = None) -> FetchedHistory:
    """What the source says at the end of the ``n``-th session."""
    days, closes = truth(of, n)
    if fault is not None:
        closes = fault(closes.copy())
    return history(
        dict(zip(days.astype(str).tolist(), closes.tolist(), strict=True)),
        of=of,
        at=f"{days[-1]}T22:00",
        first=str(START),
        volume=0.0 if of.is_index else 1e6,
    )


def served(store: PriceStore, of: Instrument) -> PriceSeries:
    return store.load([of], START, STOP, "price").series[of.id]


def right(store: PriceStore, of: Instrument, n: int) -> bool:
    series, (days, closes) = served(store, of), truth(of, n)
    return np.array_equal(series.sessions, days) and np.array_equal(series.close, closes)


def at(rows: int | slice, factor: float) -> Fault:
    def wrong(closes: Floats) -> Floats:
        closes[rows] *= factor
        return closes

    return wrong


SEEN = {
    "x100": [at(-1, 100)],
    "/100": [at(-1, 0.01)],
    "halved": [at(-1, 0.5)],
    "zero": [at(-1, 0)],
    "negative": [at(-1, -1)],
    "x100, three evenings": [at(slice(-k, None), 100) for k in (1, 2, 3)],
    "x100, told three times": [at(-k, 100) for k in (1, 2, 3)],
    "x100, then /100": [at(-1, 100), at(-1, 0.01)],
    "a week x100": [at(slice(-5, None), 100)],
    "a split on every second bar": [at(slice(-10, None, 2), 1 / 1.4)],
    "a split on all but the last": [at(slice(None, -1), 1 / 1.4)],
}
"""Faults that the checks see; right answers heal them at once."""
UNSEEN = {
    "a little": [at(-1, 1.03)],
    "a week a little": [at(slice(-5, None), 1.03)],
    "all of another unit": [at(slice(None), 2.0)],
    "another security": [lambda closes: closes[::-1] * 3.3],
}
"""Faults that look like a market; the second right answer heals them."""


CASES = [
    *((MAIN_BOARD, first, name) for first in (False, True) for name in [*SEEN, *UNSEEN]),
    *((one, True, name) for one in (TENCENT, SPX) for name in ("x100", "/100", "a week a little")),
]


@pytest.mark.parametrize(("of", "first", "name"), CASES, ids=str)
def test_right_answers_heal_what_wrong_ones_left(
    tmp_path: Path, of: Instrument, first: bool, name: str
) -> None:
    store, n = PriceStore(tmp_path), N
    if not first:
        assert store.add([evening(of, n)], [of])[0].accepted
        n += 1
    for fault in (SEEN | UNSEEN)[name]:
        store.add([evening(of, n, fault)], [of])
        n += 1
    known = store.load([of], START, STOP, "price").series.get(of.id)
    before = datetime.fromisoformat(f"{truth(of, n - 1)[0][-1]}T23:00").replace(tzinfo=UTC)
    healing = 1 if name in SEEN else 2
    for _ in range(healing):
        store.add([evening(of, n)], [of])
        n += 1
    assert right(store, of, n - 1)
    # and the next answer has nothing to revise
    (decision,) = store.add([evening(of, n)], [of])
    assert (decision.reason, decision.revised) == ("", 0)
    old = store.as_known(before).load([of], START, STOP, "price").series.get(of.id)
    assert (old is None) == (known is None)
    if old is not None and known is not None:
        assert old.close.tobytes() == known.close.tobytes()
    assert store.check().problems == ()


def test_a_suspect_bar_is_replaced_and_told(tmp_path: Path) -> None:
    store = PriceStore(tmp_path)
    store.add([evening(MAIN_BOARD, N, at(-1, 100))], [MAIN_BOARD])
    (decision,) = store.add([evening(MAIN_BOARD, N + 1)], [MAIN_BOARD])
    assert (decision.outcome, decision.reason, decision.revised) == (
        "accepted",
        "suspect_replaced",
        1,
    )
    assert decision.detail.startswith("1 suspect close replaced, first ")


def test_an_answer_that_changes_a_sound_close_as_well_is_kept_out(tmp_path: Path) -> None:
    store = PriceStore(tmp_path)
    store.add([evening(MAIN_BOARD, N, at(-1, 100))], [MAIN_BOARD])
    (decision,) = store.add([evening(MAIN_BOARD, N + 1, at(10, 1.02))], [MAIN_BOARD])
    assert decision.reason == "overlap_changed"
    assert "--accept-restated 603160.SS" in decision.detail


def test_a_restatement_is_taken_the_second_time_and_told_once(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N)], [of])
    restated = [store.add([evening(of, N + k, at(slice(0, 30), 1.02))], [of])[0] for k in (1, 2, 3)]
    assert [one.reason for one in restated] == ["overlap_changed", "restated", ""]
    assert restated[1].detail.endswith("the source says so a second time")
    assert restated[1].revised == 30


def test_two_different_changes_of_the_past_are_no_restatement(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N)], [of])
    for k, fault in enumerate([at(7, 1.02), at(7, 1.03), at(8, 1.02), at(slice(7, 9), 1.02)]):
        (decision,) = store.add([evening(of, N + 1 + k, fault)], [of])
        assert decision.reason == "overlap_changed"


def test_a_right_answer_between_them_makes_two_changes_strangers(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N)], [of])
    fault = at(7, 1.02)
    reasons = [
        store.add([evening(of, N + 1 + k, wrong)], [of])[0].reason
        for k, wrong in enumerate([fault, None, fault])
    ]
    assert reasons == ["overlap_changed", "", "overlap_changed"]


def test_one_answer_stored_twice_is_one_answer(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N)], [of])
    for _ in range(3):
        (decision,) = store.add([evening(of, N + 1, at(7, 1.02))], [of])
        assert decision.reason == "overlap_changed"


@pytest.mark.parametrize("fault", [at(20, 100), at(20, 1.4), at(slice(20, 25), 0.5)])
def test_a_worse_answer_never_replaces_a_better_one(tmp_path: Path, fault: Fault) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N)], [of])
    for k in range(1, 5):
        (decision,) = store.add([evening(of, N + k, fault)], [of])
        assert decision.reason == "overlap_changed"
    assert right(store, of, N)
    assert store.add([evening(of, N + 5)], [of])[0].accepted
    assert right(store, of, N + 5)


def test_an_answer_without_the_suspect_bar_makes_it_void(tmp_path: Path) -> None:
    """The source takes the wrong bar back and has no other yet."""
    store, of = PriceStore(tmp_path), MAIN_BOARD
    store.add([evening(of, N, at(-1, 100))], [of])
    answer = evening(of, N + 1)
    keep = np.arange(N + 1) != N - 1
    columns = ("sessions", "open", "high", "low", "close", "volume")
    answer = replace(answer, **{name: getattr(answer, name)[keep] for name in columns})
    (decision,) = store.add([answer], [of])
    assert decision.reason == "suspect_replaced"
    series = served(store, of)
    assert series.sessions.size == N + 1
    assert np.flatnonzero(np.isnan(series.close)).tolist() == [N - 1]
    # what was never suspect must not go missing
    sound = replace(answer, **{name: getattr(answer, name)[1:] for name in columns})
    assert store.add([sound], [of])[0].reason == "sessions_lost"


def test_a_split_that_only_a_fault_knew_is_retracted(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path), MAIN_BOARD
    days, _ = truth(of, N)
    false = replace(evening(of, N), splits=history({}, splits=[(str(days[-5]), 2.0)]).splits)
    store.add([false], [of])
    (decision,) = store.add([evening(of, N + 1)], [of])
    assert decision.splits.values.tolist() == [1.0]
    assert right(store, of, N + 1)


def test_a_file_read_twice_is_no_second_answer(tmp_path: Path) -> None:
    store, of = PriceStore(tmp_path / "store"), MAIN_BOARD
    for k, fault in enumerate([None, at(7, 1.02), at(7, 1.02)]):
        series = evening(of, N, fault)
        file = tmp_path / "prices.csv"
        rows = zip(series.sessions, series.close, strict=True)
        file.write_text(
            "listing,date,close\n" + "".join(f"{of.id},{day},{close}\n" for day, close in rows)
        )
        now = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=k)
        (decision,) = store.import_file(file, [of], now=now, adjustment="splits")
        assert decision.accepted == (k == 0)
    (decision,) = store.import_file(
        file, [of], now=now, adjustment="splits", accept_restated=[of.id]
    )
    assert decision.reason == "restated"


def test_healing_asks_no_more_than_before(tmp_path: Path) -> None:
    """One request a listing and evening, whatever was kept out or replaced."""
    store, of = PriceStore(tmp_path), CSI300
    for k, fault in enumerate([None, at(-1, 100), at(3, 1.02), at(3, 1.02), None, None]):
        answer = evening(of, N + k, fault)
        source = ScriptedSource({of.id: answer})
        now = answer.fetched_at
        report = update(store, [of], source, now=now, first=START)
        assert report.requests == len(source.asked) == 1
    assert right(store, of, N + 5)


def test_a_restatement_is_written_and_read() -> None:
    one = Restatement(1_500, 2, -3, 20_000, -0.25, 1 / 3)
    assert Restatement.from_text(one.to_text()) == one
    for text in ("", "6f1c2d3e4a5b", "zz"):
        with pytest.raises(ValueError, match=r"no restatement|fromhex"):
            Restatement.from_text(text)
