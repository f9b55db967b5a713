"""500 SIMULATED calls: runs, hits, expected, excess, tau and intervals as plain Python has them."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import plain_record
from tests.plain_record import Call

from supplychain_screen import TrackRecord, load_report, panel_from_frame, track_record
from supplychain_screen.identity import exchange_sessions

FIRST, LAST = date(2019, 1, 1), date(2024, 12, 31)
INDEX = {"XNYS": "INDEX:SPX", "XHKG": "INDEX:HSI"}
NAMES = ["XNYS:AAA", "XNYS:BBB", "XNYS:CCC", "XHKG:0001", "XHKG:0002"]
WORDS = ["Buy", "Outperform", "Hold", "Neutral", "Sell", "Underperform", "Lukewarm"]
ACTIONS = ["Maintains", "Initiates", "Upgrade", "Downgrade", "Reiterates", "Suspends", ""]


@lru_cache(maxsize=1)
def world() -> tuple[plain_record.Closes, pd.DataFrame, list[dict[str, Any]]]:
    """Closes of five stocks and two indices, and 500 rows of three firms' calls."""
    chance = np.random.default_rng(16)
    days = plain_record.some_days(FIRST, LAST)
    opened = {
        mic: [plain_record.day_of(day) for day in exchange_sessions(mic, FIRST, LAST)]
        for mic in INDEX
    }
    market = {index: mic for mic, index in INDEX.items()}
    closes = {}
    for name in [*NAMES, *INDEX.values()]:
        own = opened[market.get(name, name.partition(":")[0])]
        steps = 0.018 * chance.standard_normal(len(own))
        closes[name] = own, (50 * np.exp(np.cumsum(steps))).tolist()
    frame = pd.concat(
        pd.DataFrame({"listing": name, "date": pd.to_datetime(known), "close": values})
        for name, (known, values) in closes.items()
    )
    rows: list[dict[str, Any]] = []
    # Wide firms that say little twice, and days on which a firm says several things.
    for _ in range(500):
        day = days[int(chance.integers(0, len(days)))]
        if rows and chance.random() < 0.06:
            day = rows[-1]["published"]
        again = rows[-1] if rows and day == rows[-1]["published"] else None
        rows.append(
            {
                "published": day,
                "time": ["09:30", "11:00", "16:45", ""][int(chance.integers(0, 4))],
                "listing": again["listing"] if again else str(chance.choice(NAMES)),
                "firm": again["firm"] if again else str(chance.choice(["A", "B", "C", "D"])),
                "rating": str(chance.choice(WORDS, p=[0.3, 0.15, 0.15, 0.1, 0.15, 0.12, 0.03])),
                "action": str(chance.choice(ACTIONS, p=[0.3, 0.2, 0.15, 0.15, 0.1, 0.04, 0.06])),
            }
        )
    knowing = [row for row in rows if row["firm"] == "D" and row["published"] < date(2024, 6, 1)]
    for row in knowing:
        # One firm knows the half year ahead, so that there is a difference to be found.
        told = Call(row["published"], "D", row["listing"], "Buy", "")
        plain_record.measure([told], closes, INDEX, LAST)
        row["rating"] = "Buy" if told.beat else "Sell"
    return closes, frame, rows


def plain(rows: list[dict[str, Any]]) -> tuple[list[Call], list[Call]]:
    """Every row, and the start of each run."""
    calls = []
    for row in rows:
        hour, _, minute = row["time"].partition(":")
        second = 3600 * int(hour) + 60 * int(minute) if hour else None
        calls.append(
            Call(
                row["published"], row["firm"], row["listing"], row["rating"], row["action"], second
            )
        )
    return calls, plain_record.runs_of(calls)


@lru_cache(maxsize=2)
def record(shuffled: bool = False) -> TrackRecord:
    _, frame, rows = world()
    calls = pd.DataFrame(rows).assign(published=lambda f: f["published"].astype(str))
    if shuffled:
        calls = calls.sample(frac=1, random_state=3)
    panel = panel_from_frame(frame, indices=load_report().standard.indices)
    return track_record(calls, panel)


def test_every_row_ends_where_plain_python_puts_it() -> None:
    calls, starts = plain(world()[2])
    told = record().denominators
    fates = {name: sum(one.fate == name for one in calls) for name in told}
    assert told["rows"] == 500
    assert told["run_rows"] == sum(one.fate == "run" for one in calls)
    for name in ("same_day", "unknown_level"):
        assert told[name] == fates[name] > 0
    assert told["suspensions"] == sum(one.fate == "suspension" for one in calls) > 0
    assert told["runs"] == len(starts)
    assert told["fresh"] == sum(one.fresh for one in starts) > 0


def test_every_run_and_both_its_hits_are_plain_pythons() -> None:
    closes, _, rows = world()
    _, starts = plain(rows)
    plain_record.measure(starts, closes, INDEX, LAST)
    found = {
        (row["firm"], row["listing"], plain_record.day_of(row["published"])): row
        for row in record().calls.astype(object).to_dict("records")
    }
    assert len(found) == len(starts)
    for one in starts:
        row = found[one.firm, one.listing, one.day]
        assert (row["side"], row["fresh"]) == (one.side, one.fresh)
        if one.relative is None:
            assert math.isnan(row["6m_relative_return"])
            continue
        assert row["6m_relative_return"] == pytest.approx(one.relative, abs=1e-12)
        assert (row["6m_beat"], row["6m_reached"]) == (one.beat, one.reached)


def test_the_league_is_plain_pythons() -> None:
    closes, _, rows = world()
    _, starts = plain(rows)
    plain_record.measure(starts, closes, INDEX, LAST)
    plain_record.expect(starts)
    expected = plain_record.league(starts)
    plain_record.held_against(record().league("firm"), expected)
    assert expected["D"]["tau"] > 0.05
    assert any(row["mean_interval"] for row in expected.values())


def test_a_permuted_file_gives_the_same_bytes() -> None:
    one, other = record(), record(shuffled=True)
    assert one.to_json() == other.to_json()
    assert one.to_html(lang="en") == other.to_html(lang="en")
    pd.testing.assert_frame_equal(one.calls, other.calls)
    pd.testing.assert_frame_equal(one.unrated, other.unrated)
