"""45,923 real ratings and their closes: every figure of a record against plain Python and joins."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import plain_record
from tests.plain_record import Call

import supplychain_screen as scs
from supplychain_screen import TrackRecord

ARCHIVE = Path(os.environ.get("SUPPLYCHAIN_SCREEN_MARKET_DATA", "")).parent / "call-archive"
pytestmark = [
    pytest.mark.slow,  # 40 CPU seconds
    pytest.mark.skipif(
        not (ARCHIVE / "us_calls.csv.gz").is_file(),
        reason="no call-archive beside the folder of SUPPLYCHAIN_SCREEN_MARKET_DATA",
    ),
]
STANDARD = scs.load_report().standard


@lru_cache(maxsize=1)
def closes() -> pd.DataFrame:
    """Closes of all tickers as listings, and of SPY as the S&P 500 leg."""
    frame = pd.read_parquet(ARCHIVE / "us_closes.parquet")
    frame["date"] = pd.to_datetime(frame["date"])
    frame["listing"] = "XNAS:" + frame["ticker"]
    spy = frame[frame["ticker"] == "SPY"].assign(listing="INDEX:SPX")
    return pd.concat([frame, spy])[["listing", "date", "close"]].sort_values(["listing", "date"])


@lru_cache(maxsize=1)
def calls() -> pd.DataFrame:
    """Every row whose ticker has closes."""
    frame = pd.read_csv(ARCHIVE / "us_calls.csv.gz", dtype=str, keep_default_na=False)
    return frame[("XNAS:" + frame["ticker"]).isin(set(closes()["listing"]))]


@lru_cache(maxsize=2)
def record(**options: Any) -> TrackRecord:
    panel = scs.panel_from_frame(closes(), indices=STANDARD.indices)
    return scs.track_record(calls(), panel, **options)


@lru_cache(maxsize=1)
def plain_closes() -> plain_record.Closes:
    return {
        name: ([plain_record.day_of(day) for day in part["date"]], part["close"].tolist())
        for name, part in closes().groupby("listing")
    }


def plain_calls() -> list[Call]:
    return [
        Call(
            plain_record.day_of(row["date"]),
            row["firm"],
            f"XNAS:{row['ticker']}",
            row["rating_to"],
            row["action"],
        )
        for row in calls().to_dict("records")
    ]


def last_day() -> Any:
    return plain_record.day_of(closes()["date"].max())


def test_the_known_figures_of_every_call() -> None:
    """Counted beforehand by somebody else's as-of joins."""
    told = record(count="calls")
    window = told.denominators["windows"]["6m"]
    assert told.denominators["rows"] == 44_696
    assert (window["matured"], window["pending"]) == (18_199, 26_480)
    assert window["unrated"] == {"not_yet_listed": 17}
    frame = told.calls
    done = frame[frame["6m_realised"].notna()]
    assert (done["firm"].nunique(), done["listing"].nunique()) == (116, 2_672)
    expected = {
        1: (11_495, 3.4, -3.0, 31.8, 28.5, 39.8),
        0: (5_983, 2.5, -0.9, 31.4, 33.0, 35.6),
        -1: (721, 4.0, -0.9, 33.4, 30.0, 36.6),
    }
    for side, figures in expected.items():
        own = done[done["side"] == side]
        moved = 100 * own["6m_relative_return"]
        shares = 100 * own["6m_realised"].value_counts(normalize=True)
        levels = [shares[name] for name in STANDARD.stock.names]
        found = [len(own), *(round(one, 1) for one in (moved.mean(), moved.median(), *levels))]
        assert found == list(figures)


def test_every_call_is_an_as_of_join() -> None:
    told = record(count="calls").calls
    done = told[told["6m_relative_return"].notna()].reset_index(drop=True)
    assert len(done) == 18_199
    known = closes().assign(date=closes()["date"].astype("datetime64[ns]")).sort_values("date")

    def close_at(listing: pd.Series, day: pd.Series) -> np.ndarray:
        asked = pd.DataFrame({"listing": listing, "date": day.astype("datetime64[ns]")})
        asked["row"] = range(len(asked))
        found = pd.merge_asof(asked.sort_values("date"), known, on="date", by="listing")
        return found.sort_values("row")["close"].to_numpy()

    listing = "XNAS:" + done["listing"].astype(str)
    end = done["published"] + pd.DateOffset(months=6)
    index = pd.Series("INDEX:SPX", index=done.index)
    stock = close_at(listing, end) / close_at(listing, done["published"])
    bench = close_at(index, end) / close_at(index, done["published"])
    gap = np.abs(stock - bench - done["6m_relative_return"].to_numpy(float))
    assert gap.max() < 1e-12


@pytest.mark.parametrize("count", ["runs", "calls"])
def test_the_whole_league_is_plain_pythons(count: str) -> None:
    rows = plain_calls()
    starts = plain_record.runs_of(rows)
    told = record(count=count)
    assert told.denominators["fresh"] == sum(one.fresh for one in starts)
    if count == "calls":
        # Whatever names a level counts, the rows that end a coverage too.
        for one in rows:
            one.side = plain_record.SIDES.get(one.word.lower())
        counted = [one for one in rows if one.side is not None]
        assert told.denominators["runs"] == len(counted)
    else:
        counted = starts
        for name in ("same_day", "suspension", "unknown_level"):
            key = "suspensions" if name == "suspension" else name
            assert told.denominators[key] == sum(one.fate == name for one in rows)
    plain_record.measure(counted, plain_closes(), {"XNAS": "INDEX:SPX"}, last_day())
    plain_record.expect(counted)
    plain_record.held_against(told.league("firm"), plain_record.league(counted))


def test_checked_prices_strike_a_few_and_a_permuted_file_gives_the_same_bytes() -> None:
    one = scs.track_record(calls(), closes(), count="calls")
    checks = one.price_checks
    assert (checks.how, checks.series) == ("run", 3_212)
    assert one.denominators["windows"]["6m"]["matured"] == 18_189
    assert one.denominators["windows"]["6m"]["unrated"]["suspect_prices"] == 10
    mixed = calls().sample(frac=1, random_state=5)
    assert record().to_json() == scs.track_record(mixed, record().panel).to_json()
