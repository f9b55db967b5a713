"""AkShare's frames as it documents them, and the process that can be killed.

The columns are those of AkShare's documentation and source (akfamily/akshare, MIT):
``stock_zh_a_daily``, ``stock_history_dividend_detail``, ``stock_zh_index_daily``,
``stock_hk_index_daily_sina``, ``index_us_stock_sina``. Numbers are made up and worked by hand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.stopwatch import Stopwatch

from supplychain_screen import Index, Listing
from supplychain_screen.errors import (
    MalformedAnswerError,
    MissingExtraError,
    SourceError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument, parse_symbol
from supplychain_screen.prices import HistorySource, PriceSource
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.sources.akshare import AkShareSource
from supplychain_screen.prices.sources.akshare.process import AkShareProcess
from supplychain_screen.prices.sources.akshare.source import read_bars, read_events

NOW = datetime(2025, 6, 6, 12, tzinfo=UTC)
FIRST, LAST = date(2025, 6, 1), date(2025, 6, 5)
SHARE = Listing(mic="XSHG", code="688018", currency="CNY")
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"akshare": "sh000300"})
HSI = Index(name="HSI", currency="HKD", calendar="XHKG", symbols={"akshare": "HSI"})
SPX = Index(name="SPX", currency="USD", calendar="XNYS", symbols={"akshare": ".INX"})


def daily() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": [date(2025, 6, 3), date(2025, 6, 4), date(2025, 6, 5), date(2025, 6, 6)],
            "open": [140.0, 100.0, 100.5, 101.0],
            "high": [142.0, 103.0, 102.0, 104.0],
            "low": [138.0, 99.0, 98.0, 100.0],
            "close": [140.0, 101.0, 99.0, 103.0],
            "volume": [1000.0, 1500.0, 1400.0, 1300.0],
            "amount": [1.4e5, 1.5e5, 1.4e5, 1.3e5],
            "outstanding_share": [1e8, 1.4e8, 1.4e8, 1.4e8],
            "turnover": [0.1, 0.1, 0.1, 0.1],
        }
    )


def distributions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "公告日期": [date(2026, 4, 1), date(2025, 5, 28), date(2024, 5, 20), date(2024, 8, 1)],
            "送股": [0.0, 1.0, 0.0, 0.0],
            "转增": [5.0, 3.0, 0.0, 0.0],
            "派息": [1.0, 2.8, 5.0, 0.0],
            "进度": ["预案", "实施", "实施", "不分配"],
            "除权除息日": [pd.NaT, date(2025, 6, 4), date(2024, 6, 5), pd.NaT],
            "股权登记日": [pd.NaT, date(2025, 6, 3), date(2024, 6, 4), pd.NaT],
            "红股上市日": [pd.NaT, date(2025, 6, 4), pd.NaT, pd.NaT],
        }
    )


def index_bars() -> pd.DataFrame:
    return daily()[["date", "open", "high", "low", "close", "volume"]]


class FakeAkShare:
    """Answers calls with frames, and remembers them."""

    def __init__(self, **frames: pd.DataFrame | Exception) -> None:
        self.frames: dict[str, pd.DataFrame | Exception] = {
            "stock_zh_a_daily": daily(),
            "stock_history_dividend_detail": distributions(),
            "stock_zh_index_daily": index_bars(),
            "stock_hk_index_daily_sina": index_bars().assign(amount=1.0),
            "index_us_stock_sina": index_bars().assign(amount=1.0),
            **frames,
        }
        self.calls: list[tuple[str, dict[str, str]]] = []

    def __call__(self, function: str, arguments: Mapping[str, str]) -> pd.DataFrame:
        self.calls.append((function, dict(arguments)))
        answer = self.frames[function]
        if isinstance(answer, Exception):
            raise answer
        return answer


def source(fake: Any, **options: Any) -> AkShareSource:
    return AkShareSource(**{"now": lambda: NOW, "pace": 0, "call": fake, **options})


# --- Reading --------------------------------------------------------------------------------


def test_bars_are_sorted_and_a_day_keeps_its_last_row() -> None:
    frame = pd.concat([daily().iloc[[2, 0, 1]], daily().iloc[[1]].assign(close=102.0)])
    bars = read_bars(frame, "sh688018")
    assert bars["close"].tolist() == [140.0, 102.0, 99.0]
    assert list(bars.columns) == ["open", "high", "low", "close", "volume"]


def test_what_is_no_number_is_missing() -> None:
    frame = daily().astype({"close": object})
    frame.loc[1, "close"] = "--"
    assert np.flatnonzero(read_bars(frame, "sh688018")["close"].isna()).tolist() == [1]


def test_a_changed_frame_is_told_by_its_columns() -> None:
    with pytest.raises(MalformedAnswerError, match=r"column close is missing; it has date, open"):
        read_bars(daily().rename(columns={"close": "收盘"}), "sh688018")
    with pytest.raises(MalformedAnswerError, match="column 转增 is missing"):
        read_events(distributions().drop(columns="转增"), "sh688018", FIRST)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (daily().iloc[:0], "no rows"),
        (daily().assign(date=["2025-06-03", "x", "", "2025-06-06"]), "no date"),
    ],
)
def test_bars_that_cannot_be_read(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(MalformedAnswerError, match=says):
        read_bars(frame, "sh688018")


def test_events_are_what_was_carried_out() -> None:
    splits, dividends = read_events(distributions(), "sh688018", date(2024, 1, 1))
    # 1 bonus and 3 converted shares for ten: 1.4 new for one old. 2.8 yuan for ten: 0.28.
    assert splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert splits.values.tolist() == [1.4]
    assert dividends.sessions.astype(str).tolist() == ["2024-06-05", "2025-06-04"]
    assert dividends.values.tolist() == [0.5, 0.28]


def test_no_distribution_ever_is_no_event() -> None:
    splits, dividends = read_events(pd.DataFrame(), "sh688018", FIRST)
    assert (len(splits), len(dividends)) == (0, 0)


def test_a_negative_distribution_is_refused() -> None:
    with pytest.raises(MalformedAnswerError, match="negative"):
        read_events(distributions().assign(派息=-1.0), "sh688018", FIRST)


# --- Serving --------------------------------------------------------------------------------


def test_closes_of_both_bases_by_hand() -> None:
    fake = FakeAkShare()
    one = source(fake)
    price = one.load([SHARE], FIRST, LAST, "price").series[SHARE.id]
    assert price.sessions.astype(str).tolist() == ["2025-06-03", "2025-06-04", "2025-06-05"]
    assert price.close.tolist() == pytest.approx([140 / 1.4, 101.0, 99.0])
    assert (price.adjustment, price.source, price.symbol) == ("splits", "akshare", "sh688018")
    total = one.load([SHARE], FIRST, LAST, "total").series[SHARE.id]
    # Both on one day. The exchange's reference price is (140 - 0.28) ÷ 1.4: the cash is paid for
    # old shares. Source: trading rules of Shanghai and Shenzhen, ex-rights reference price.
    assert total.close.tolist() == pytest.approx([(140 - 0.28) / 1.4, 101.0, 99.0])
    assert total.adjustment == "splits+dividends"
    # The second basis is in the first answer.
    assert fake.calls == [
        ("stock_zh_a_daily", {"symbol": "sh688018", "start_date": "20250417", "adjust": ""}),
        ("stock_history_dividend_detail", {"symbol": "688018", "indicator": "分红"}),
    ]


def test_a_series_carries_its_events() -> None:
    loaded = source(FakeAkShare()).load([SHARE], date(2025, 6, 3), date(2025, 6, 5), "price")
    series = loaded.series[SHARE.id]
    assert series.splits is not None
    assert series.dividends is not None
    assert series.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert series.splits.values.tolist() == [1.4]
    assert series.dividends.values.tolist() == pytest.approx([0.28])


def test_a_history_is_what_was_traded() -> None:
    [(_, history)] = source(FakeAkShare()).stream([SHARE], {SHARE.id: FIRST})
    assert isinstance(history, FetchedHistory)
    assert history.close.tolist() == [140.0, 101.0, 99.0, 103.0]
    assert history.volume.tolist() == [1000.0, 1500.0, 1400.0, 1300.0]
    assert (history.adjustment, history.attempts, history.asked_first) == ("none", 2, FIRST)
    assert history.splits.values.tolist() == [1.4]


@pytest.mark.parametrize(
    ("index", "function", "symbol"),
    [
        (CSI300, "stock_zh_index_daily", "sh000300"),
        (HSI, "stock_hk_index_daily_sina", "HSI"),
        (SPX, "index_us_stock_sina", ".INX"),
    ],
)
def test_each_index_has_its_function(index: Index, function: str, symbol: str) -> None:
    fake = FakeAkShare()
    series = source(fake).load([index], FIRST, LAST, "price").series[index.id]
    assert fake.calls == [(function, {"symbol": symbol})]
    assert series.close.tolist() == [140.0, 101.0, 99.0]


def test_todays_bar_is_dropped_before_the_close() -> None:
    moment = datetime(2025, 6, 6, 6, 59, tzinfo=UTC)
    [(_, history)] = source(FakeAkShare(), now=lambda: moment).stream([SHARE], FIRST)
    assert isinstance(history, FetchedHistory)
    assert history.sessions[-1] == np.datetime64("2025-06-05")
    assert [finding.code for finding in history.findings] == ["unfinished_bar"]


@pytest.mark.parametrize(
    "listing",
    [
        Listing(mic="XHKG", code="0285", currency="HKD"),
        Listing(mic="XNAS", code="QCOM", currency="USD"),
        Listing(mic="XTAI", code="2454", currency="TWD"),
        Index(name="TWII", currency="TWD", calendar="XTAI"),
    ],
)
def test_what_is_not_served_is_not_asked(listing: Instrument) -> None:
    fake = FakeAkShare()
    failures = source(fake).load([listing, CSI300], FIRST, LAST, "price").failures
    assert type(failures[listing.id]) is SymbolNotFoundError
    assert [function for function, _ in fake.calls] == ["stock_zh_index_daily"]


def test_symbols_lead_back_to_the_listing() -> None:
    for listing in (SHARE, Listing(mic="XSHE", code="000100", currency="CNY")):
        symbol = listing.symbol("akshare")
        assert symbol is not None
        assert parse_symbol(symbol) == (listing.mic, listing.code)


def test_one_failure_is_nobody_elses() -> None:
    fake = FakeAkShare(index_us_stock_sina=MalformedAnswerError("?", source="akshare"))
    prices = source(fake).load([CSI300, SPX, HSI], FIRST, LAST, "price")
    assert list(prices.series) == [CSI300.id, HSI.id]
    assert list(prices.failures) == [SPX.id]


def test_failures_in_a_row_stop_the_run() -> None:
    shares = [Listing(mic="XSHG", code=f"6880{n:02}", currency="CNY") for n in range(8)]
    fake = FakeAkShare(stock_zh_a_daily=MalformedAnswerError("banned", source="akshare"))
    outcomes = dict(source(fake).stream([CSI300, *shares], FIRST))
    assert len(fake.calls) == 1 + 3
    last = outcomes[shares[-1]]
    assert isinstance(last, SourceUnreachableError)
    assert last.attempts == 0
    assert "come back later" in str(last)


def test_nothing_at_all_is_an_error() -> None:
    fake = FakeAkShare(stock_zh_index_daily=SourceUnreachableError("no", source="akshare"))
    with pytest.raises(SourceUnreachableError):
        source(fake).load([CSI300], FIRST, LAST, "price")


def test_the_deadline_ends_the_run() -> None:
    fake = FakeAkShare()
    outcomes = list(source(fake, deadline=-1.0).stream([SHARE, CSI300], FIRST))
    assert not fake.calls
    assert all(isinstance(outcome, SourceError) for _, outcome in outcomes)


def test_calls_keep_their_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Stopwatch(monkeypatch, standing=True)
    fake = FakeAkShare()
    source(fake, pace=20).load([SHARE, CSI300], FIRST, LAST, "price")
    assert watch.slept == [pytest.approx(1 / 20)] * (len(fake.calls) - 1)
    assert len(watch.slept) >= 2


def test_progress_tells_what_was_asked_and_what_is_remembered() -> None:
    told: list[tuple[int, int, str, str]] = []
    moments = [NOW]
    one = source(
        FakeAkShare(index_us_stock_sina=MalformedAnswerError("?", source="akshare")),
        now=lambda: moments[-1],
        on_progress=lambda *words: told.append(words),
    )
    one.load([CSI300, SPX], FIRST, LAST, "price")
    first = [(1, 2, "sh000300", "fetched"), (2, 2, ".INX", "failed")]
    assert told == first
    one.load([SPX, CSI300], FIRST, LAST, "total")
    # Who failed for one basis is not asked again for the other.
    assert told[2:] == [(1, 2, ".INX", "remembered"), (2, 2, "sh000300", "remembered")]
    # A quarter of an hour later, or from another day on, everybody is asked again.
    moments.append(NOW + timedelta(minutes=16))
    one.load([CSI300, SPX], FIRST, LAST, "price")
    assert told[4:] == first
    one.load([CSI300, SPX], FIRST - timedelta(days=1), LAST, "price")
    assert told[6:] == first


def test_it_is_a_source() -> None:
    assert isinstance(source(FakeAkShare()), PriceSource)
    assert isinstance(source(FakeAkShare()), HistorySource)


# --- The process ----------------------------------------------------------------------------

MODULE = """
import os
import time
from pathlib import Path
import pandas as pd

Path(__file__).with_name("process").write_text(str(os.getpid()))

print("a banner that must not come between the answers")

def good(symbol):
    print("please wait")
    return pd.DataFrame({"date": [pd.Timestamp("2025-06-03").date()], "close": [1.5],
                         "open": [None], "代码": [symbol]})

def hangs(symbol):
    time.sleep(60)

def unreachable(symbol):
    raise ConnectionError("no route to " + symbol)

def bans(symbol):
    "<html>".split("=")[1]

def dies(symbol):
    os._exit(3)
"""


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AkShareProcess]:
    (tmp_path / "akshare.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return AkShareProcess


def test_a_frame_crosses_the_border(process: Callable[..., AkShareProcess]) -> None:
    one = process(timeout=600)
    try:
        frame = one.call("good", {"symbol": "sh688018"})
        assert frame.to_dict("records") == [
            {"date": "2025-06-03", "close": 1.5, "open": None, "代码": "sh688018"}
        ]
        with pytest.raises(MalformedAnswerError, match="IndexError"):
            one.call("bans", {"symbol": "sh688018"})
        with pytest.raises(SourceUnreachableError, match="no route to sh688018"):
            one.call("unreachable", {"symbol": "sh688018"})
        with pytest.raises(SourceUnreachableError, match="its process died"):
            one.call("dies", {"symbol": "sh688018"})
        assert len(one.call("good", {"symbol": "sh688018"})) == 1
    finally:
        one.close()


def test_a_call_that_hangs_is_killed(
    process: Callable[..., AkShareProcess], tmp_path: Path
) -> None:
    one = process(timeout=0.5)
    try:
        with pytest.raises(SourceUnreachableError, match=r"no answer within 0\.5 seconds"):
            one.call("hangs", {"symbol": "sh688018"})
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "process").read_text()), 0)
    finally:
        one.close()


def test_akshare_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "akshare.py").write_text("raise ImportError('none here')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"supplychain-screen\[akshare\]"):
        AkShareSource(now=lambda: NOW, pace=0).load([CSI300], FIRST, LAST, "price")
