"""track_record(): what was said against what happened, worked by hand on a few calls."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import PricePanel, load_report, panel_from_frame, track_record
from supplychain_screen.errors import CallsError
from supplychain_screen.output import record_table
from supplychain_screen.scoring import BasePolicy, SuspectDays

STANDARD = load_report().standard


@pytest.fixture(scope="module")
def panel(closes: pd.DataFrame) -> PricePanel:
    """The closes as a panel, which no check can look at."""
    return panel_from_frame(closes, indices=STANDARD.indices)


@pytest.fixture(scope="module")
def closes() -> pd.DataFrame:
    """Two stocks and their index, a year and a half of weekdays; A gains 1% a month more."""
    days = pd.bdate_range("2023-12-01", "2025-06-30")
    days = days[~days.isin(pd.to_datetime(["2024-07-04"]))]
    t = np.arange(days.size)
    closes = {
        "XNAS:AAA": 100 * 1.002**t,
        "XNAS:BBB": 100 * 0.999**t,
        "INDEX:SPX": 4000.0 + t % 2,  # closes that never move are no sessions to the checks
    }
    return pd.concat(
        pd.DataFrame({"listing": name, "date": days, "close": close, "volume": 1e6})
        for name, close in closes.items()
    )


CALLS = pd.DataFrame(
    [
        ("2024-01-02", "AAA", "North", "Buy", "Initiates"),
        ("2024-02-01", "AAA", "North", "Outperform", "Maintains"),  # the same opinion
        ("2024-03-01", "AAA", "North", "Sell", "Downgrade"),
        ("2024-01-02", "BBB", "North", "Neutral", "Maintains"),  # seen first, not begun here
        ("2024-01-02", "BBB", "South", "Buy", "Initiates"),
        ("2024-04-01", "BBB", "South", "Not Rated", "Suspends"),
        ("2024-04-02", "BBB", "South", "Buy", "Reinstates"),
        ("2024-05-01", "AAA", "South", "Buy", "Upgrade"),
        ("2024-05-01", "AAA", "South", "Sell", "Downgrade"),  # two things on one day
        ("2024-05-02", "AAA", "South", "Lukewarm", "Maintains"),  # nobody knows the word
        ("2025-06-01", "AAA", "South", "Buy", "Initiates"),  # pending
        ("2024-05-02", "CCC", "South", "Buy", "Initiates"),  # no prices
    ],
    columns=["date", "ticker", "firm", "rating", "action"],
)


def test_each_opinion_counts_once_and_each_row_somewhere(panel: PricePanel) -> None:
    record = track_record(CALLS, panel)
    told = record.denominators
    assert told["rows"] == 12
    assert (told["run_rows"], told["same_day"], told["suspensions"]) == (8, 2, 1)
    assert (told["unknown_level"], told["undated"]) == (1, 0)
    assert (told["runs"], told["fresh"], told["first_seen"]) == (7, 6, 1)
    window = told["windows"]["6m"]
    assert (window["matured"], window["pending"]) == (5, 1)
    assert window["unrated"] == {"no_prices": 1}
    assert record.unknown_words.to_dict("list") == {"word": ["Lukewarm"], "rows": [1]}
    reasons = record.unrated["reason"].value_counts().to_dict()
    assert reasons == {"two_calls_one_day": 2, "unknown_level": 1, "no_prices": 1}


def test_without_actions_it_is_not_known_which_calls_are_new(panel: PricePanel) -> None:
    there = record_table(track_record(CALLS, panel), "en", width=200)
    assert "7 calls = 6 fresh + 1 there before the data began" in there
    untold = track_record(CALLS.drop(columns="action"), panel)
    text = " ".join(record_table(untold, "en").split())
    told = untold.denominators
    assert f"{told['first_seen']} of which it is not known: the file gives no actions" in text
    assert "before the data began" not in text
    # North turns on AAA from buy to sell, and South takes BBB up again.
    assert told["fresh"] == 2


@pytest.mark.parametrize("policy", ["on_or_before", "before", "on_or_after", "after"])
def test_the_share_without_prices_is_the_same_whichever_day_the_base_is(
    panel: PricePanel, policy: BasePolicy
) -> None:
    """CCC is in no price file, and 2023-06-01 is half a year before its first day."""
    early = pd.DataFrame([("2023-06-01", "AAA", "East", "Buy", "Initiates")], columns=CALLS.columns)
    record = track_record(pd.concat([early, CALLS]), panel, base_policy=policy)
    window = record.denominators["windows"]["6m"]
    assert window["unrated"] == {"no_prices": 2}
    assert window["no_prices_share"] == pytest.approx(2 / 8)
    league = record.league(by="firm").frame.set_index("firm")
    assert league["no_prices"].to_dict() == {"East": 1, "North": 0, "South": 1}


def test_the_two_hits_of_each_run(panel: PricePanel) -> None:
    calls = track_record(CALLS, panel).calls.set_index(["firm", "listing", "published"])
    begun = calls.loc[("North", "AAA", "2024-01-02")]
    assert begun["6m_beat"]
    assert begun["6m_reached"]
    assert begun["changed_on"] == pd.Timestamp("2024-03-01")
    sold = calls.loc[("North", "AAA", "2024-03-01")]
    assert not sold["6m_beat"]
    assert not sold["6m_reached"]
    held = calls.loc[("North", "BBB", "2024-01-02")]
    assert not held["fresh"]
    assert not held["6m_beat"]  # 129 sessions of -0.1% are -12 points: outside the neutral level
    resumed = calls.loc[("South", "BBB", "2024-04-02")]
    assert resumed["fresh"]
    assert resumed["ended"] == "open"


def test_calibration_and_months_hold_the_same_calls(panel: PricePanel) -> None:
    record = track_record(CALLS, panel)
    table = record.calibration()
    assert table["n"].sum() == 5
    row = table[(table["called"] == "outperform") & (table["realised"] == "underperform")]
    assert row["n"].item() == 2
    assert row["share"].item() == pytest.approx(2 / 3)
    months = record.by_month()
    assert months["matured"].sum() == 5
    assert months["month"].iloc[0] == "2024-01"
    assert months["month"].iloc[-1] == "2025-06"


def test_a_league_of_few_calls_ranks_nobody(panel: PricePanel) -> None:
    league = track_record(CALLS, panel).league(by="firm")
    assert not league.ordered
    assert set(league.frame["verdict"]) == {"too_few"}
    assert league.frame["runs"].sum() == 7


def test_calls_enough_that_nobody_else_made_are_said_to_be_incomparable(panel: PricePanel) -> None:
    """North's judged calls are a buy, a sell and a hold, South's are two buys."""
    record = track_record(CALLS, panel, min_runs=3)
    text = " ".join(record_table(record, "en").split())
    said = "North has 3 judged, 1 of them comparable (2 judged of all others)"
    assert "No firm has" not in text
    assert text.count(said) == 2
    assert "1 firm has fewer than 3 judged calls and no rank. Others have calls" in text
    alone = track_record(CALLS[CALLS["firm"] == "North"], panel, min_runs=3)
    text = "".join(record_table(alone).split())
    assert "没有两个机构够3个：North可判断3个，其中0个可比（其他共0个可判断）。" in text


def test_a_table_without_levels_says_what_to_name(panel: PricePanel) -> None:
    with pytest.raises(CallsError, match="no column of ratings; name it rating or level"):
        track_record(CALLS.drop(columns="rating"), panel)


def _mended(closes: pd.DataFrame, since: str) -> pd.DataFrame:
    """BBB in cents from a day on: a unit jump, which no index made."""
    wrong = closes.copy()
    wrong.loc[wrong["listing"].eq("XNAS:BBB") & (wrong["date"] >= since), "close"] *= 100
    return wrong


@pytest.mark.parametrize("form", ["frame", "csv", "parquet"])
def test_prices_that_cannot_be_trusted_rate_nothing(
    closes: pd.DataFrame, tmp_path: Path, form: str
) -> None:
    prices: Any = _mended(closes, "2024-08-01")
    if form == "csv":
        prices.to_csv(tmp_path / "prices.csv", index=False)
    if form == "parquet":
        prices.to_parquet(tmp_path / "prices.parquet")
    record = track_record(CALLS, prices if form == "frame" else tmp_path / f"prices.{form}")
    checks = record.price_checks
    assert (checks.how, checks.series) == ("run", 3)
    assert checks.counts("unrated") == {"unit_jump": 1}
    calls = record.calls
    struck = calls[calls["6m_reason"] == "suspect_prices"]
    # Every window of BBB that was open over the first of August, and none of AAA.
    assert set(struck["listing"]) == {"BBB"}
    assert sorted(struck["published"].dt.strftime("%m-%d")) == ["04-02"]
    assert struck["6m_relative_return"].isna().all()
    text = record.to_markdown("en")
    assert "3 price series went through the quality checks" in text
    assert "the 1 call that touches them is unrated" in text


def test_sound_prices_strike_nothing_and_are_the_panel_s(
    closes: pd.DataFrame, panel: PricePanel
) -> None:
    checked, bare = track_record(CALLS, closes), track_record(CALLS, panel)
    pd.testing.assert_frame_equal(checked.calls, bare.calls)
    assert checked.price_checks.struck == 0


def test_prices_that_nobody_checked_are_said_to_be_so(panel: PricePanel) -> None:
    record = track_record(CALLS, panel)
    assert record.price_checks.how == "none"
    assert record.to_dict()["price_checks"]["how"] == "none"
    told = "No price checks ran: the prices came as a panel."
    for text in (
        record.to_markdown("en"),
        " ".join(record_table(record, "en").split()),
        record.to_html(lang="en", static=True),
        record._repr_html_(),
    ):
        assert told in text or "没有做行情检查" in text
    given = track_record(CALLS, panel, suspects=SuspectDays(panel))
    assert given.price_checks.how == "given"
    assert "no other price checks ran" in given.to_markdown("en")


def test_holes_of_a_feed_and_silent_firms_are_found(panel: PricePanel) -> None:
    days = pd.bdate_range("2024-01-02", "2024-12-30")
    chance = np.random.default_rng(4)
    rows = pd.DataFrame(
        [(day, firm) for day in days for firm in ("North", "South", "West", "East") for _ in "12"],
        columns=["date", "firm"],
    ).assign(rating="Buy", action="Maintains")
    rows["ticker"] = chance.choice(["AAA", "BBB"], len(rows))
    gone = rows["date"].between("2024-06-03", "2024-06-14")  # ten sessions, eight calls each
    silent = rows["firm"].eq("North") & (rows["date"] > "2024-10-31")
    short = rows["firm"].eq("East") & rows["date"].between("2024-03-01", "2024-03-15")
    kept = rows[~(gone | silent | short)]
    record = track_record(kept, panel)
    holes = record.holes.set_index("kind")
    assert set(holes.index) == {"feed", "firm"}
    feed, firm = holes.loc["feed"], holes.loc["firm"]
    assert (feed["first"], feed["last"]) == (pd.Timestamp("2024-06-03"), pd.Timestamp("2024-06-14"))
    assert feed["expected"] == pytest.approx(10 * len(kept) / (days.size - 10))
    assert firm["firm"] == "North"
    assert (firm["first"], firm["last"]) == (pd.Timestamp("2024-11-01"), pd.Timestamp("2024-12-30"))
    text = record.to_markdown("en")
    assert "The file has holes: on 1 stretch of sessions nobody spoke" in text
    assert "North 2024-11-01" in text
    assert not len(track_record(rows, panel).holes)


def test_a_sparse_feed_has_no_hole_at_its_own_pace_nor_before_a_day_to_come(
    panel: PricePanel,
) -> None:
    """A call every eighth session is silent on the seven between; a year of silence is a hole."""
    days = pd.bdate_range("2023-12-04", "2025-06-30")
    rows = pd.DataFrame({"date": days[::8], "ticker": "AAA", "firm": "North", "rating": "Buy"})
    slip = rows.iloc[:1].assign(date=pd.Timestamp("2027-06-30"))
    record = track_record(pd.concat([rows[:20], slip]), panel)
    assert record.denominators["after_as_of"] == 1
    assert not len(record.holes)
    # Three calls on two days say nothing of the twenty sessions between them.
    few = rows.iloc[[0, 0, 4]].assign(ticker=["AAA", "BBB", "AAA"])
    assert not len(track_record(few, panel).holes)
    gone = rows["date"].between("2024-04-01", "2025-05-30")
    (hole,) = track_record(rows[~gone], panel).holes.to_dict("records")
    assert hole["first"] > pd.Timestamp("2024-03-20")
    # 14 calls on 98 sessions in two stretches, and 311 sessions between them, less some holidays.
    assert hole["expected"] == pytest.approx(14 / 98 * 311, rel=0.05)


def _targets(closes: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Six targets on AAA, which gains 0.2% a session from 100, as of 2024-01-02 and later."""
    told = pd.DataFrame(
        {
            "date": "2024-01-02",
            "ticker": "AAA",
            "firm": ["Near", "Far", "Below", "Euro", "Split", "None"],
            "rating": "Buy",
            "action": "Initiates",
            "target": [110.0, 1000.0, 90.0, 110.0, 220.0, np.nan],
            "currency": ["USD", "", "", "EUR", "", ""],
        }
    )
    return track_record(told, closes).targets(**options)


def test_targets_are_held_against_closes_by_hand(closes: pd.DataFrame) -> None:
    none = pd.DataFrame({"listing": [], "date": [], "ratio": []})
    found = _targets(closes, adjustment="splits", splits=none).set_index("firm")
    own = closes[closes["listing"] == "XNAS:AAA"].set_index("date")["close"]
    base, end = own["2024-01-02"], own["2024-07-02"]
    assert set(found.index) == {"Near", "Far", "Below", "Euro", "Split"}
    near = found.loc["Near"]
    assert near["upside"] == pytest.approx(110 / base - 1, abs=1e-12)
    assert near["error"] == pytest.approx(end / 110 - 1, abs=1e-12)
    # Compounded at 0.2% the first close at 110 or above is the one that a plain search finds.
    assert near["met_on"] == next(day for day, close in own["2024-01-03":].items() if close >= 110)
    assert found["met_end"].drop("Euro").to_dict() == {
        "Near": True,
        "Far": False,
        "Below": False,
        "Split": False,
    }
    assert found["direction"].drop("Euro").to_dict() == {
        "Near": 1,
        "Far": 1,
        "Below": -1,
        "Split": 1,
    }
    assert found["met_any"].drop("Euro").sum() == 1
    assert found.loc["Euro", "reason"] == "target_currency"
    assert np.isnan(found.loc["Euro", "error"])


def test_a_target_from_before_a_split_is_in_today_s_shares(closes: pd.DataFrame) -> None:
    split = pd.DataFrame({"listing": ["XNAS:AAA"], "date": ["2024-03-01"], "ratio": [2.0]})
    found = _targets(closes, adjustment="splits", splits=split).set_index("firm")
    assert found.loc["Split", "target_adjusted"] == 110
    assert found.loc["Split", "met_end"]
    firms = _targets(closes, adjustment="splits", splits=split, by="firm").set_index("firm")
    assert firms.loc["Split", "bias"] == pytest.approx(found.loc["Split", "error"])
    assert firms.loc["Euro", ["targets", "rated"]].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "adjustment_unknown"),
        ({"adjustment": "splits"}, "splits_unknown"),
        ({"adjustment": "splits+dividends"}, "total_return_closes"),
    ],
)
def test_targets_that_closes_cannot_judge_are_unrated(
    closes: pd.DataFrame, options: Any, reason: str
) -> None:
    found = _targets(closes, **options).set_index("firm")
    assert found["reason"].drop("Euro").eq(reason).all()
    assert found[["upside", "error", "end_close"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("adjustment", "said", "unsaid"),
    [
        (None, "--adjustment splits (where the closes are adjusted for splits only), and", "zz"),
        ("splits", "To judge targets, say the splits since: --splits FILE", "--adjustment"),
    ],
)
def test_what_a_target_lacks_is_asked_for_at_once(
    closes: pd.DataFrame, adjustment: Any, said: str, unsaid: str
) -> None:
    calls = CALLS.assign(target=110.0)
    text = " ".join(
        record_table(track_record(calls, closes, adjustment=adjustment), "en", width=200).split()
    )
    assert said in text
    assert "--splits none" in text
    assert unsaid not in text
    none = pd.DataFrame({"listing": [], "date": [], "ratio": []})
    judged = track_record(calls, closes, adjustment="splits", splits=none)
    assert "To judge targets" not in record_table(judged, "en")
