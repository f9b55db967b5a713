"""score_calls(): a row a call, whatever the order, the block, or the neighbours."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import PricePanel, ScoredCalls, load_report, panel_from_frame, score_calls
from supplychain_screen.errors import CallsError, PriceFileError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import panel_from_columns
from supplychain_screen.scoring import iter_paths, measure, rules_of

STANDARD = load_report().standard
FIRST, LAST = date(2023, 1, 2), date(2025, 12, 31)
CALENDARS = {"XSHG": "XSHG", "XHKG": "XHKG", "XNAS": "XNYS"}
INDICES = {"INDEX:CSI300": "XSHG", "INDEX:HSI": "XHKG", "INDEX:SPX": "XNYS"}


def long_frame(seed: int = 0, listings: int = 12) -> pd.DataFrame:
    """Random walks of some listings on three exchanges, with gaps and late starts."""
    chance = np.random.default_rng(seed)
    books = []
    names = {
        f"{mic}:{code:06}": calendar
        for code in range(listings)
        for mic, calendar in CALENDARS.items()
    }
    for name, calendar in (names | INDICES).items():
        days = exchange_sessions(calendar, FIRST, LAST)
        close = 100 * np.exp(np.cumsum(0.02 * chance.standard_normal(days.size)))
        kept = np.ones(days.size, np.bool_)
        if name not in INDICES:
            kept[: chance.integers(0, 200)] = False
            hole = chance.integers(200, days.size - 30)
            kept[hole : hole + chance.integers(0, 20)] = False
        books.append(pd.DataFrame({"listing": name, "date": days[kept], "close": close[kept]}))
    return pd.concat(books, ignore_index=True)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return long_frame()


@pytest.fixture(scope="module")
def panel(frame: pd.DataFrame) -> PricePanel:
    known = {one.id: one for one in STANDARD.indices}
    return panel_from_frame(
        frame, indices=[known[name] for name in INDICES], last=LAST, adjustment="splits"
    )


def some_calls(panel: PricePanel, n: int, seed: int = 1) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    names = [one for one in panel.listings if not one.startswith("INDEX:")]
    days = np.datetime64(FIRST) + chance.integers(0, 1000, n).astype("timedelta64[D]")
    return pd.DataFrame({"listing": chance.choice(names, n), "published": days})


def by_hand(frame: pd.DataFrame, call: dict[str, object], months: int) -> float | None:
    """Relative return by plain look-ups in the long frame, None where a leg is stale."""
    listing, published = str(call["listing"]), pd.Timestamp(str(call["published"]))
    mic = listing.split(":")[0]
    index = {"XSHG": "INDEX:CSI300", "XHKG": "INDEX:HSI", "XNAS": "INDEX:SPX"}[mic]
    book = frame[frame["listing"] == listing].set_index("date")["close"]
    bench = frame[frame["listing"] == index].set_index("date")["close"]
    end = published + pd.DateOffset(months=months)
    legs = []
    for day in (published, end):
        mine = book[:day]
        if mine.empty:
            return None
        session = mine.index[-1]
        opened = exchange_sessions(CALENDARS[mic], session.date(), day.date())
        if len(opened) - 1 > 5:
            return None
        legs.append((mine.iloc[-1], bench[:session].iloc[-1]))
    (base, index_base), (last, index_last) = legs
    return float(last / base - index_last / index_base)


def test_a_thousand_calls_agree_with_plain_look_ups(frame: pd.DataFrame, panel: PricePanel) -> None:
    calls = some_calls(panel, 300)
    found = score_calls(calls, panel, STANDARD)
    rated = 0
    for row in found.to_dict("records"):
        if row["published"] + pd.DateOffset(months=6) > pd.Timestamp(LAST):
            assert row["6m_reason"] in {"pending", "not_yet_listed", "suspended_at_base"}
            continue
        expected = by_hand(frame, row, 6)
        if expected is None:
            assert isinstance(row["6m_reason"], str)
        else:
            assert row["6m_difference"] == pytest.approx(expected, abs=1e-12)
            rated += 1
    assert rated > 150


def test_a_table_stands_for_its_panel(frame: pd.DataFrame, panel: PricePanel) -> None:
    calls, standard = some_calls(panel, 20), load_report().standard
    with pytest.warns(UserWarning, match="nobody stated what these closes are adjusted for"):
        found = score_calls(calls, frame, standard, as_of=date(2025, 1, 2))
    unstated = panel_from_frame(frame, indices=standard.indices)
    with pytest.warns(UserWarning, match="nobody stated what these closes are adjusted for"):
        score_calls(calls, unstated, standard, as_of=date(2025, 1, 2))
    stated = score_calls(calls, frame.assign(adjustment="splits"), standard, as_of=date(2025, 1, 2))
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(stated))
    pd.testing.assert_frame_equal(
        pd.DataFrame(found),
        pd.DataFrame(
            score_calls(
                calls,
                panel_from_frame(frame, indices=standard.indices, adjustment="splits"),
                standard,
                as_of=date(2025, 1, 2),
            )
        ),
    )


def test_rows_permute_and_repeat_with_their_calls(panel: PricePanel) -> None:
    calls = some_calls(panel, 500)
    found = score_calls(calls, panel, STANDARD)
    order = np.random.default_rng(3).integers(0, 500, 900)
    shuffled = score_calls(calls.iloc[order], panel, STANDARD)
    pd.testing.assert_frame_equal(shuffled, found.iloc[order])


def test_neither_block_nor_threads_change_a_byte(panel: PricePanel) -> None:
    calls = some_calls(panel, 1000)
    rows = panel.rows(calls["listing"])
    days = calls["published"].to_numpy().astype("datetime64[D]").astype(np.int32)
    bench = np.full(1000, panel.row_of["INDEX:CSI300"], np.int32)
    rules = rules_of(STANDARD)
    results = [
        measure(panel, rows, bench, days, panel.last_day, rules, block=block, threads=threads)
        for block, threads in ((16_384, 1), (7, 1), (64, 3), (1, 2))
    ]
    for other in results[1:]:
        for name in ("difference", "ratio", "stock_return", "benchmark_return"):
            one, two = getattr(results[0].relative, name), getattr(other.relative, name)
            assert one.tobytes() == two.tobytes()
        for name in ("rating", "reason", "stage", "headline"):
            assert getattr(results[0], name).tobytes() == getattr(other, name).tobytes()


def test_what_concerns_one_call_is_a_reason_on_its_row(panel: PricePanel) -> None:
    calls = pd.DataFrame(
        {
            "listing": ["XSHG:000001", "XSHG:999999", "XSHG:000001", "XSHG:000001", "XTAI:2454"],
            "published": ["2024-06-03", "2024-06-03", None, "1999-01-04", "2024-06-03"],
        }
    )
    found = score_calls(calls, panel, STANDARD)
    assert found["12m_reason"].astype(object).where(found["12m_reason"].notna(), "").tolist() == [
        "",
        "unresolved",
        "no_prices",
        "no_prices",
        "unresolved",
    ]


def test_a_call_after_as_of_is_pending(panel: PricePanel) -> None:
    calls = pd.DataFrame({"listing": ["XSHG:000001"], "published": ["2025-06-02"]})
    found = score_calls(calls, panel, STANDARD, as_of=date(2025, 5, 30))
    assert found["to_date_reason"].tolist() == ["pending"]
    assert found["stage"].tolist() == ["pending"]


def test_what_concerns_the_whole_is_one_error(panel: PricePanel) -> None:
    calls = some_calls(panel, 3)
    with pytest.raises(CallsError, match="published"):
        score_calls(calls.drop(columns="published"), panel, STANDARD)
    with pytest.raises(CallsError, match="not all are dates"):
        score_calls(calls.assign(published="soon"), panel, STANDARD)
    zones = ["2024-06-03T00:00+08:00", "2024-06-03T00:00-05:00", "2024-06-03"]
    with pytest.raises(CallsError, match="not all are dates"):
        score_calls(calls.assign(published=zones), panel, STANDARD)
    with pytest.raises(CallsError, match="outside the prices"):
        score_calls(calls, panel, STANDARD, as_of=date(2030, 1, 1))
    with pytest.raises(CallsError, match="as_of is no date"):
        score_calls(calls, panel, STANDARD, as_of="soon")
    known = score_calls(calls, panel, STANDARD, as_of=date(2024, 9, 2))
    pd.testing.assert_frame_equal(score_calls(calls, panel, STANDARD, as_of="2024-09-02"), known)
    with pytest.raises(CallsError, match="outside 0"):
        score_calls(calls, panel, STANDARD, max_stale_sessions=-1)


def test_nothing_is_mutated_and_extra_columns_come_along(panel: PricePanel) -> None:
    calls = some_calls(panel, 50).assign(author="A", rating="buy")
    before = calls.copy(deep=True)
    found = score_calls(calls, panel, STANDARD)
    pd.testing.assert_frame_equal(calls, before)
    assert found[["author", "rating"]].equals(before[["author", "rating"]])
    with pytest.raises(ValueError, match="read-only"):
        panel.close[0, 0] = 1.0


def test_a_young_listing_changes_no_other_row(frame: pd.DataFrame, panel: PricePanel) -> None:
    young = pd.DataFrame(
        {"listing": "XSHG:600000", "date": [np.datetime64("2025-12-01")], "close": [10.0]}
    )
    known = {one.id: one for one in STANDARD.indices}
    wider = panel_from_frame(
        pd.concat([young, frame]),
        indices=[known[name] for name in INDICES],
        last=LAST,
        adjustment="splits",
    )
    calls = some_calls(panel, 200)
    pd.testing.assert_frame_equal(
        score_calls(calls, panel, STANDARD), score_calls(calls, wider, STANDARD)
    )


def test_long_and_wide_frames_make_the_same_panel(frame: pd.DataFrame) -> None:
    wide = frame.pivot(index="date", columns="listing", values="close")
    one, two = panel_from_frame(frame.sample(frac=1, random_state=0)), panel_from_frame(wide)
    for name in one.listings:
        assert np.array_equal(
            one.close[one.row_of[name]], two.close[two.row_of[name]], equal_nan=True
        )
        assert np.array_equal(one.stamp[one.row_of[name]], two.stamp[two.row_of[name]])


def test_as_of_of_a_built_panel_is_the_last_close(frame: pd.DataFrame, panel: PricePanel) -> None:
    book = frame[frame["listing"] == "XHKG:000003"].set_index("date")["close"]
    for day in pd.date_range("2024-02-01", "2024-04-15"):
        found = panel.as_of("XHKG:000003", day.date())
        assert found is not None
        assert found[0] == book[:day].iloc[-1]
        assert found[1] == book[:day].index[-1].date()


def test_closes_that_are_no_prices_are_refused_together() -> None:
    days = np.array(["2025-01-02", "2025-01-02", "2025-01-03"], "datetime64[D]")
    with pytest.raises(PriceFileError) as caught:
        panel_from_columns(["XSHG:600000"], np.zeros(3, int), days, np.array([1.0, 2.0, -3.0]))
    assert len(caught.value.problems) == 2
    with pytest.raises(PriceFileError, match="MIC:CODE"):
        panel_from_columns(["600000"], np.zeros(1, int), days[:1], np.ones(1))


def test_a_suspension_is_no_session_of_a_built_panel() -> None:
    days = exchange_sessions("XSHG", date(2025, 3, 3), date(2025, 3, 7))
    panel = panel_from_columns(
        ["XSHG:600000"],
        np.zeros(5, int),
        days,
        np.array([10.0, 10.0, 10.0, 11.0, 11.0]),
        np.array([5.0, 0.0, 0.0, 5.0, 5.0]),
    )
    assert [str(day) for day in panel.sessions("XSHG:600000")] == [
        "2025-03-03",
        "2025-03-06",
        "2025-03-07",
    ]
    assert panel.as_of("XSHG:600000", date(2025, 3, 5)) == (10.0, date(2025, 3, 3), 2)
    assert day_number(date(2025, 3, 7)) == panel.last_day


def test_a_column_with_the_name_of_a_result_is_refused(panel: PricePanel) -> None:
    calls = some_calls(panel, 3).assign(stage="mine", window="w")
    with pytest.raises(CallsError, match="column has the name of a result") as caught:
        score_calls(calls, panel, STANDARD)
    assert [problem.column for problem in caught.value.problems] == ["stage", "window"]


def test_a_frames_scores_go_on_to_the_paths(panel: PricePanel) -> None:
    calls = some_calls(panel, 200).sample(frac=1, random_state=2)
    found = score_calls(calls, panel, STANDARD)
    scores = found.scores
    for place, window in enumerate(scores.rules.windows):
        np.testing.assert_array_equal(
            found[f"{window}_difference"], scores.relative.difference[place]
        )
    figures = found.path_figures().to_frame()
    assert len(figures) == len(calls)
    rated = found["to_date_rating"].notna().to_numpy()
    assert (figures["best"][rated] >= found["to_date_difference"].to_numpy()[rated] - 1e-12).all()


def test_what_a_scored_frame_tells_of_the_way_is_what_the_arrays_tell(panel: PricePanel) -> None:
    calls = some_calls(panel, 60).assign(desk=["a", "b", "c"] * 20)
    found = score_calls(calls, panel, STANDARD)
    assert sum(one.call.size for one in found.iter_paths("6m", block=7)) == sum(
        one.call.size for one in iter_paths(panel, found.scores, 0)
    )
    by_name = found.segment_paths("desk", "12m")
    numbers = np.where(found.scores.rating[1] >= 0, pd.factorize(calls["desk"])[0], -1)
    np.testing.assert_array_equal(by_name.mean, found.segment_paths(numbers, "12m").mean)
    for wrong in (lambda: found.path_figures("3m"), lambda: found.segment_paths("nobody")):
        with pytest.raises(CallsError, match="there is no such"):
            wrong()


def test_what_pandas_makes_of_scored_calls_is_an_ordinary_frame(panel: PricePanel) -> None:
    found = score_calls(some_calls(panel, 5), panel, STANDARD)
    assert type(found) is ScoredCalls
    assert {type(found.head(2)), type(found.copy()), type(found[["stage"]])} == {pd.DataFrame}
