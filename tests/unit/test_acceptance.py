"""Acceptance: each rule of an answer's acceptance, and each way a bonus issue can come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.price_histories import CSI300, ESPRESSIF, history

from supplychain_screen.prices.adjustment import FetchedHistory, undo_splits
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store.acceptance import StoredHistory, judge

# Espressif gave 4 new shares for 10 old, ex 2025-06-04. Traded closes, and what a vendor makes of
# the day before: 196 traded, 140 adjusted.
TRADED = {"2025-05-30": 189.0, "2025-06-03": 196.0, "2025-06-04": 138.0, "2025-06-05": 139.0}
BONUS = [("2025-06-04", 1.4)]


def stored(closes: dict[str, float], splits: Any = (), **fields: Any) -> StoredHistory:
    given = history(closes, splits=splits)
    return StoredHistory(
        given.listing,
        "yahoo",
        given.sessions,
        given.close,
        fields.pop("volume", given.volume),
        given.splits,
        given.dividends,
        fetches=("20250601T000000-000000-1",),
        **fields,
    )


def answered(closes: dict[str, float], splits: Any = (), **fields: Any) -> FetchedHistory:
    """What is read from an answer of adjusted closes that lists ``splits``."""
    given = history(closes, splits=splits, **fields)
    return replace(given, close=undo_splits(given.sessions, given.close, given.splits))


def until(day: str, closes: dict[str, float] = TRADED) -> dict[str, float]:
    return {key: value for key, value in closes.items() if key <= day}


def test_nothing_stored_takes_all() -> None:
    decision = judge(history(TRADED, splits=BONUS), StoredHistory("x", "yahoo"), ESPRESSIF)
    assert decision.accepted
    assert decision.rows.all()
    assert decision.revised == 0
    assert decision.splits.values.tolist() == [1.4]


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (history(TRADED, currency="HKD"), "currency_mismatch", "prices in HKD"),
        (history({"2025-06-05": float("nan")}), "empty_answer", "no close"),
        (history({}), "empty_answer", "no close"),
        (history(TRADED | {"2025-06-04": 0.0}), "bad_close", "first 0.0 on 2025-06-04"),
        (history(TRADED | {"2025-06-04": float("inf")}), "bad_close", "first inf"),
        (history(until("2025-06-04")), "older_than_stored", "ends on 2025-06-04"),
        (
            history({k: v for k, v in TRADED.items() if k != "2025-06-03"}),
            "sessions_lost",
            "first 2025-06-03",
        ),
        (history(TRADED | {"2025-06-03": float("nan")}), "sessions_lost", "first 2025-06-03"),
        (history(TRADED | {"2025-05-30": 189.02}), "overlap_changed", "1 of 4 stored closes"),
        (history(TRADED, adjustment="splits"), "mixed_adjustments", "'splits'"),
        (
            replace(history(TRADED), volume=np.ones(3)),
            "malformed",
            "columns of different lengths",
        ),
        (
            replace(history(TRADED), sessions=history(TRADED).sessions[::-1]),
            "malformed",
            "do not increase",
        ),
    ],
)
def test_each_reason_to_keep_an_answer_out(answer: FetchedHistory, reason: str, words: str) -> None:
    decision = judge(answer, stored(TRADED), ESPRESSIF)
    assert decision.outcome == "quarantined"
    assert decision.reason == reason
    assert words in decision.detail
    assert not decision.rows.any()
    assert not len(decision.splits)


def test_the_tolerance_is_a_ten_thousandth() -> None:
    inside = judge(history(TRADED | {"2025-06-05": 139.0 * 1.000099}), stored(TRADED), ESPRESSIF)
    outside = judge(history(TRADED | {"2025-06-05": 139.0 * 1.000101}), stored(TRADED), ESPRESSIF)
    assert inside.accepted
    assert inside.rows.tolist() == [False, False, False, True]
    assert inside.revised == 1
    assert not outside.accepted


def test_single_precision_is_no_revision() -> None:
    rough = {day: float(np.float32(close)) for day, close in TRADED.items()}
    decision = judge(history(rough), stored(TRADED), ESPRESSIF)
    assert decision.accepted
    assert not decision.rows.any()


def test_days_before_the_first_asked_are_not_missed() -> None:
    answer = history({"2025-06-05": 139.0, "2025-06-06": 140.0}, first="2025-06-05")
    decision = judge(answer, stored(TRADED), ESPRESSIF)
    assert decision.accepted
    assert decision.rows.tolist() == [False, True]


def test_a_filled_suspension_may_vanish_but_not_from_an_index() -> None:
    filled = {"2025-05-29": 189.0, **TRADED}
    held = stored(filled, volume=np.array([1e6, 0.0, 1e6, 1e6, 1e6]))
    answer = history({k: v for k, v in filled.items() if k != "2025-05-30"})
    assert judge(answer, held, ESPRESSIF).accepted
    assert judge(answer, held, CSI300).reason == "sessions_lost"


def test_a_volume_that_appears_makes_the_row_a_session() -> None:
    held = stored(TRADED, volume=np.array([1e6, 1e6, 1e6, 0.0]))
    decision = judge(history(TRADED), held, ESPRESSIF)
    assert decision.rows.tolist() == [False, False, False, True]


def test_a_missing_close_that_comes_later_is_filled_in() -> None:
    held = stored(TRADED | {"2025-06-03": float("nan")})
    decision = judge(history(TRADED), held, ESPRESSIF)
    assert decision.rows.tolist() == [False, True, False, False]


# A bonus issue: on its day, late, applied but unlisted, listed but unapplied, on one day only.


def test_bonus_on_its_day() -> None:
    answer = answered({"2025-05-30": 135.0, "2025-06-03": 140.0, "2025-06-04": 138.0}, splits=BONUS)
    decision = judge(answer, stored(until("2025-06-03")), ESPRESSIF)
    assert decision.accepted
    assert decision.reason == ""
    assert decision.rows.tolist() == [False, False, True]
    assert decision.splits.sessions.astype(str).tolist() == ["2025-06-04"]


def test_bonus_listed_late() -> None:
    first = answered(until("2025-06-04"))
    assert judge(first, stored(until("2025-06-03")), ESPRESSIF).accepted
    later = answered(
        {"2025-05-30": 135.0, "2025-06-03": 140.0, "2025-06-04": 138.0, "2025-06-05": 139.0},
        splits=BONUS,
    )
    decision = judge(later, stored(until("2025-06-04")), ESPRESSIF)
    assert decision.accepted
    assert decision.rows.tolist() == [False, False, False, True]
    assert decision.splits.values.tolist() == [1.4]


@pytest.mark.parametrize("last", ["2025-06-03", "2025-06-04", "2025-06-05"])
def test_bonus_listed_before_the_vendor_applied_it_leaves_traded_prices_alone(last: str) -> None:
    """The vendor lists the split, but its closes are still the traded ones."""
    answer = answered(TRADED, splits=BONUS)
    assert answer.close[1] == pytest.approx(196 * 1.4)
    decision = judge(answer, stored(until(last)), ESPRESSIF)
    assert decision.accepted
    assert decision.reason == "late_split"
    assert decision.history.close == pytest.approx(list(TRADED.values()))
    assert decision.revised == 0
    assert decision.splits.values.tolist() == [1.4]


def test_bonus_announced_before_its_day() -> None:
    answer = answered(until("2025-06-03"), splits=BONUS)
    decision = judge(answer, stored(until("2025-06-03")), ESPRESSIF)
    assert decision.reason == "late_split"
    assert not decision.rows.any()


def test_bonus_applied_before_it_was_listed_makes_the_stored_rows_revisions() -> None:
    """The first answer had adjusted closes and no event, so adjusted closes were stored."""
    adjusted = {"2025-05-30": 135.0, "2025-06-03": 140.0, "2025-06-04": 138.0}
    answer = answered(adjusted, splits=BONUS)
    decision = judge(answer, stored(adjusted), ESPRESSIF)
    assert decision.accepted
    assert decision.reason == "late_split"
    assert decision.history.close == pytest.approx([189.0, 196.0, 138.0])
    assert decision.rows.tolist() == [True, True, False]
    assert decision.revised == 2


def test_bonus_applied_at_last_repairs_what_was_stored_too_high() -> None:
    """The first answer listed the split and had not applied it: stored is 1.4 times too much."""
    wrong = {"2025-05-30": 189.0 * 1.4, "2025-06-03": 196.0 * 1.4, "2025-06-04": 138.0}
    answer = answered({"2025-05-30": 135.0, "2025-06-03": 140.0, "2025-06-04": 138.0}, splits=BONUS)
    decision = judge(answer, stored(wrong, splits=BONUS), ESPRESSIF)
    assert decision.reason == "late_split"
    assert decision.rows.tolist() == [True, True, False]


@pytest.mark.parametrize("splits", [(), BONUS], ids=["unlisted", "listed"])
def test_bonus_on_one_day_only_is_kept_out(splits: Any) -> None:
    """Yahoo's 688018.SS: only 2025-06-03 was divided."""
    answer = answered(TRADED | {"2025-06-03": 140.0}, splits=splits)
    decision = judge(answer, stored(until("2025-06-04")), ESPRESSIF)
    assert decision.reason == "overlap_changed"


def test_prices_rescaled_without_an_event_are_kept_out() -> None:
    answer = answered({"2025-05-30": 135.0, "2025-06-03": 140.0, "2025-06-04": 138.0})
    assert judge(answer, stored(until("2025-06-03")), ESPRESSIF).reason == "overlap_changed"


def test_a_person_may_accept_what_was_kept_out() -> None:
    answer = history(TRADED | {"2025-05-30": 190.0})
    held = stored(TRADED, splits=BONUS)
    decision = judge(answer, held, ESPRESSIF, accept_restated=True)
    assert decision.accepted
    assert decision.reason == "restated"
    assert decision.rows.tolist() == [True, False, False, False]
    # the answer, trusted as a whole, knows no split: the stored one is retracted
    assert decision.splits.values.tolist() == [1.0]
    assert not judge(
        history(TRADED, currency="HKD"), held, ESPRESSIF, accept_restated=True
    ).accepted


def test_dividends_printed_to_fewer_digits_are_the_same() -> None:
    held = replace(stored(TRADED), dividends=Events.of(("2025-06-04", 0.5)))
    same = history(TRADED, dividends=[("2025-06-04", 0.50001)])
    other = history(TRADED, dividends=[("2025-06-04", 0.51)])
    assert not len(judge(same, held, ESPRESSIF).dividends)
    assert judge(other, held, ESPRESSIF).dividends.values.tolist() == [0.51]
