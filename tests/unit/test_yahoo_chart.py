"""Reading Yahoo's answers, without any server.

The answers have the shape of recorded ones (keys, nulls, stamps at the opening); their numbers
are made up, and expected values are worked by hand.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from supplychain_screen import Index, Listing
from supplychain_screen.errors import MalformedAnswerError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.sources.yahoo.chart import read_chart

SHARE = Listing(mic="XSHG", code="688018", currency="CNY")
TENCENT = Listing(mic="XHKG", code="0700", currency="HKD")
NVDA = Listing(mic="XNAS", code="NVDA", currency="USD")
HSI = Index(name="HSI", currency="HKD", calendar="XHKG", symbols={"yahoo": "^HSI"})
LATER = datetime(2025, 7, 1, tzinfo=UTC)


def opening(day: str, offset: int = 8, hour: int = 9, minute: int = 30) -> int:
    """The stamp of a bar: the opening of a day, at a distance of hours from UTC."""
    moment = datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=UTC)
    return int((moment - timedelta(hours=offset)).timestamp())


def chart(
    days: list[str] | None = None,
    closes: list[float | None] | None = None,
    *,
    meta: dict[str, Any] | None = None,
    events: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """An answer about 688018.SS; ``changes`` replace parts of its result."""
    days = ["2025-06-03", "2025-06-04", "2025-06-05"] if days is None else days
    closes = [100.0, 101.0, 99.0] if closes is None else closes
    result: dict[str, Any] = {
        "meta": {
            "currency": "CNY",
            "symbol": "688018.SS",
            "exchangeName": "SHH",
            "instrumentType": "EQUITY",
            "regularMarketTime": 1751266802,
            "gmtoffset": 28800,
            "timezone": "CST",
            "exchangeTimezoneName": "Asia/Shanghai",
            "dataGranularity": "1d",
            **(meta or {}),
        },
        "timestamp": [opening(day) for day in days],
        "indicators": {
            "quote": [
                {
                    "open": closes,
                    "high": closes,
                    "low": closes,
                    "close": closes,
                    "volume": [1000] * len(days),
                }
            ],
            "adjclose": [{"adjclose": closes}],
        },
    }
    if events is not None:
        result["events"] = events
    result.update(changes)
    return {"chart": {"result": [result], "error": None}}


def read(answer: Any, instrument: Instrument = SHARE, **options: Any) -> FetchedHistory:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    symbol = instrument.symbol("yahoo")
    assert symbol is not None
    defaults = {"first": date(2025, 1, 1), "fetched_at": LATER}
    return read_chart(body, instrument, symbol, **{**defaults, **options})


def days_of(answer: FetchedHistory) -> list[str]:
    return [str(day) for day in answer.sessions]


# --- Bars -----------------------------------------------------------------------------------


def test_an_answer_is_read_as_it_came() -> None:
    answer = read(chart(), endpoint="https://query2.finance.yahoo.com/x", attempts=2)
    assert days_of(answer) == ["2025-06-03", "2025-06-04", "2025-06-05"]
    assert answer.close.tolist() == [100.0, 101.0, 99.0]
    assert answer.volume.tolist() == [1000.0] * 3
    assert (answer.listing, answer.symbol) == ("XSHG:688018", "688018.SS")
    assert (answer.attempts, answer.status, answer.findings) == (2, 200, ())
    with pytest.raises(ValueError, match="read-only"):
        answer.close[0] = 1.0


def test_a_session_is_a_day_of_the_exchange() -> None:
    # 09:30 in New York is the evening of the same day in Shanghai, 14:30 of it in London.
    stamps = [opening("2025-03-07", -5), opening("2025-03-10", -4)]
    meta = {"currency": "USD", "symbol": "NVDA", "exchangeTimezoneName": "America/New_York"}
    answer = read(
        chart(["2025-03-07", "2025-03-10"], [1.0, 2.0], meta=meta, timestamp=stamps), NVDA
    )
    assert days_of(answer) == ["2025-03-07", "2025-03-10"]


def test_midnight_an_hour_early_is_the_next_day() -> None:
    stamps = [opening("2025-06-02", hour=23, minute=0), opening("2025-06-04", hour=0, minute=0)]
    assert days_of(read(chart(["2025-06-03"] * 2, [1.0, 2.0], timestamp=stamps))) == [
        "2025-06-03",
        "2025-06-04",
    ]


def test_nulls_stay_as_missing() -> None:
    answer = read(chart(closes=[100.0, None, 99.0]))
    assert np.flatnonzero(np.isnan(answer.close)).tolist() == [1]
    [finding] = answer.findings
    assert (finding.code, finding.action) == ("missing_close", "reported")
    assert finding.first == finding.last == date(2025, 6, 4)


def test_infinite_is_missing() -> None:
    # The client has seen Infinity among adjusted closes; Python's JSON reads it.
    body = json.dumps(chart()).replace("99.0", "Infinity").encode()
    assert np.isnan(read(body).close[-1])


def test_of_a_days_rows_the_last_with_a_close_is_kept() -> None:
    days = ["2025-06-03", "2025-06-04", "2025-06-05", "2025-06-05", "2025-06-05"]
    answer = read(chart(days, [100.0, 101.0, 98.0, 99.0, None]))
    assert answer.close.tolist() == [100.0, 101.0, 99.0]
    [finding] = answer.findings
    assert (finding.code, finding.action) == ("duplicate_session", "dropped")
    assert finding.first == date(2025, 6, 5)


def test_rows_out_of_order_are_sorted() -> None:
    answer = read(chart(["2025-06-04", "2025-06-03", "2025-06-05"], [101.0, 100.0, 99.0]))
    assert answer.close.tolist() == [100.0, 101.0, 99.0]
    assert [finding.code for finding in answer.findings] == ["unordered_sessions"]


def test_earlier_rows_than_asked_are_left_out() -> None:
    assert days_of(read(chart(), first=date(2025, 6, 4))) == ["2025-06-04", "2025-06-05"]


@pytest.mark.parametrize(
    ("day", "fetched", "traded", "kept"),
    [
        # Shanghai closes at 15:00, 07:00 UTC.
        ("2025-06-05", "2025-06-05T06:59:59", "2025-06-05T06:59:50", False),
        ("2025-06-05", "2025-06-05T07:00:00", "2025-06-05T07:00:00", True),
        # Fetched after the close, but Yahoo's last trade is older: quotes come late.
        ("2025-06-05", "2025-06-05T07:10:00", "2025-06-05T06:55:00", False),
        ("2025-06-05", "2025-06-05T07:20:00", "2025-06-05T07:00:03", True),
        # A bar of a day on which nothing was traded yet.
        ("2025-06-05", "2025-06-05T09:00:00", "2025-06-04T07:00:01", False),
        ("2025-06-05", "2025-06-05T09:00:00", None, True),
        ("2025-06-05", "2025-06-05T06:00:00", None, False),
    ],
)
def test_an_unfinished_bar_is_dropped(
    day: str, fetched: str, traded: str | None, kept: bool
) -> None:
    def stamp(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    meta = {"regularMarketTime": None if traded is None else int(stamp(traded).timestamp())}
    answer = read(chart(meta=meta), fetched_at=stamp(fetched))
    assert (days_of(answer)[-1] == day) is kept
    assert [finding.code for finding in answer.findings] == ([] if kept else ["unfinished_bar"])


def test_a_day_that_no_calendar_knows_ends_at_the_usual_time() -> None:
    # A Friday behind the end of Shanghai's calendar at the time of writing.
    answer = chart(["2027-01-14", "2027-01-15"], [1.0, 2.0], meta={"regularMarketTime": None})
    close = datetime(2027, 1, 15, 7, tzinfo=UTC)
    assert days_of(read(answer, fetched_at=close - timedelta(seconds=1)))[-1] == "2027-01-14"
    assert days_of(read(answer, fetched_at=close))[-1] == "2027-01-15"


def test_a_half_day_ends_at_noon() -> None:
    # Hong Kong closed at 12:00 on 2024-12-31, 04:00 UTC.
    meta = {"currency": "HKD", "symbol": "0700.HK", "exchangeTimezoneName": "Asia/Hong_Kong"}
    noon = datetime(2024, 12, 31, 4, 0, tzinfo=UTC)
    answer = chart(["2024-12-30", "2024-12-31"], [1.0, 2.0], meta=meta)
    answer["chart"]["result"][0]["meta"]["regularMarketTime"] = int(noon.timestamp())
    for moment, last in ((noon, "2024-12-31"), (noon - timedelta(seconds=1), "2024-12-30")):
        read_back = read(answer, TENCENT, first=date(2024, 1, 1), fetched_at=moment)
        assert days_of(read_back)[-1] == last


def test_a_bar_of_no_session_is_left_to_the_quality_checks() -> None:
    # A Saturday: over once the day is over.
    answer = chart(["2025-06-06", "2025-06-07"], [1.0, 2.0], meta={"regularMarketTime": None})
    saturday = datetime(2025, 6, 7, 15, tzinfo=UTC)
    assert days_of(read(answer, fetched_at=saturday))[-1] == "2025-06-06"
    assert days_of(read(answer, fetched_at=saturday + timedelta(hours=1)))[-1] == "2025-06-07"


# --- Events ---------------------------------------------------------------------------------


def test_events_keep_their_own_day() -> None:
    # The 4th has no bar; the client's frame would show both events on the 3rd.
    stamp = opening("2025-06-04")
    events = {
        "splits": {str(stamp): {"date": stamp, "numerator": 14.0, "denominator": 10.0}},
        "dividends": {
            str(stamp): {"date": stamp, "amount": 0.28},
            "1": {"date": opening("2024-06-05"), "amount": 1.0},
        },
    }
    answer = read(chart(["2025-06-03", "2025-06-05"], [100.0, 99.0], events=events))
    assert answer.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert answer.splits.values.tolist() == [1.4]
    assert answer.dividends.sessions.astype(str).tolist() == ["2025-06-04"]
    # 0.28 for each of 1.4 shares.
    assert answer.dividends.values.tolist() == pytest.approx([0.392])


def test_events_of_one_day_are_one_event() -> None:
    stamp = opening("2025-06-04")
    events = {
        "splits": {
            "a": {"date": stamp, "numerator": 3, "denominator": 2},
            "b": {"date": stamp, "numerator": 2, "denominator": 1},
        },
        "dividends": {
            "a": {"date": stamp, "amount": 0.25},
            "b": {"date": stamp, "amount": 0.5, "currency": "CNY"},
        },
    }
    answer = read(chart(events=events))
    assert answer.splits.values.tolist() == [3.0]
    # 0.75 for each of three.
    assert answer.dividends.values.tolist() == [2.25]


# --- The two bases --------------------------------------------------------------------------


def test_a_series_is_cut_and_labelled() -> None:
    events = {"dividends": {"1": {"date": opening("2025-06-05"), "amount": 0.5}}}
    answer = read(chart(closes=[100.0, 125.0, 99.0], events=events))
    price = answer.series("price", date(2025, 6, 4), date(2025, 6, 4))
    total = answer.series("total", date(2025, 6, 4), date(2025, 6, 5))
    assert (price.close.tolist(), price.adjustment) == ([125.0], "splits")
    # 125 × (1 − 0.5 ÷ 125)
    assert (total.close.tolist(), total.adjustment) == ([124.5, 99.0], "splits+dividends")
    assert (price.symbol, price.fetched_at) == ("688018.SS", LATER)


def test_a_dividend_and_a_split_of_one_day() -> None:
    # As Yahoo answered about 4063.T: 5 for 1 and 55 on 2023-03-30, 4206 before, adjusted 4151.
    meta = {"currency": "JPY", "symbol": "4063.T", "exchangeTimezoneName": "Asia/Tokyo"}
    days = ["2023-03-29", "2023-03-30"]
    stamps = [opening(day, 9, 9, 0) for day in days]
    events = {
        "splits": {"s": {"date": stamps[1], "numerator": 5, "denominator": 1}},
        "dividends": {"d": {"date": stamps[1], "amount": 55}},
    }
    answer = read_chart(
        json.dumps(
            chart(days, [4206.0, 4161.0], meta=meta, events=events, timestamp=stamps)
        ).encode(),
        Index(name="4063", currency="JPY", calendar="XTKS", symbols={"yahoo": "4063.T"}),
        "4063.T",
        first=date(2023, 1, 1),
        fetched_at=LATER,
    )
    assert answer.dividends.values.tolist() == [275.0]
    assert answer.close.tolist() == [21030.0, 4161.0]
    assert answer.series("total").close.tolist() == pytest.approx([4151.0, 4161.0])


def test_what_yahoo_adjusted_is_served_as_it_came() -> None:
    # 0.1 × 1.4 ÷ 1.4 is another number in binary.
    split = {"date": opening("2025-06-05"), "numerator": 14, "denominator": 10}
    answer = read(chart(closes=[0.1, 0.3, 0.2], events={"splits": {"s": split}}))
    assert answer.series("price").close.tolist() == [0.1, 0.3, 0.2]
    assert answer.close.tolist() == pytest.approx([0.14, 0.42, 0.2])
    assert answer.volume.tolist() == pytest.approx([1000 / 1.4, 1000 / 1.4, 1000])


def test_a_series_carries_its_events_and_currency() -> None:
    split = {"date": opening("2025-06-04"), "numerator": 7, "denominator": 5, "splitRatio": "7:5"}
    paid = {
        "a": {"amount": 0.2, "date": opening("2025-06-03")},
        "b": {"amount": 0.3, "date": opening("2025-06-05")},
        "c": {"amount": 0.1, "date": opening("2025-06-05"), "currency": "USD"},
    }
    answer = read(chart(events={"splits": {"s": split}, "dividends": paid}))
    series = answer.series("price", date(2025, 6, 3), date(2025, 6, 3))
    assert series.splits is not None
    assert series.dividends is not None
    assert series.splits.sessions.astype(str).tolist() == ["2025-06-04"]
    assert series.splits.values.tolist() == [1.4]
    # Yahoo's 0.2 is adjusted for the split after it; dollars cannot be taken off yuan.
    assert series.dividends.sessions.astype(str).tolist() == ["2025-06-03", "2025-06-05"]
    assert series.dividends.values.tolist() == pytest.approx([0.28, 0.3])
    assert series.currency == "CNY"
    [finding] = answer.findings
    assert (finding.code, finding.first) == ("dividend_currency", date(2025, 6, 5))


# --- Contradictions -------------------------------------------------------------------------


def spoil(path: str, value: Any) -> dict[str, Any]:
    """An answer with one part replaced, named by the keys that lead there."""
    answer = chart(events={"splits": {}, "dividends": {}})
    *way, last = path.split(".")
    part: Any = answer["chart"]["result"][0]
    for key in way:
        part = part[int(key) if key.isdigit() else key]
    part[last] = value
    return answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (spoil("meta.currency", "HKD"), "in HKD, and XSHG:688018 trades in CNY"),
        (spoil("meta.currency", None), "no named currency"),
        (spoil("meta.symbol", "688018.SZ"), "about 688018.SZ"),
        (spoil("meta.dataGranularity", "1wk"), "bars are of 1wk"),
        (spoil("meta.exchangeTimezoneName", "Mars/Olympus"), "no such time zone"),
        (spoil("meta.regularMarketTime", "soon"), "no moment"),
        (spoil("meta", None), "no meta"),
        (spoil("timestamp", None), "no timestamp"),
        (spoil("timestamp", [1e300] * 3), "no moment"),
        (spoil("timestamp", [float("nan")] * 3), "no moment"),
        (spoil("timestamp", ["1748914200"] * 3), "no moment"),
        (spoil("timestamp", [opening("2025-06-03"), 86400, opening("2025-06-05")]), "1970-01-02"),
        (
            spoil("timestamp", [opening("2025-06-03"), None, opening("2025-06-05")]),
            "no moment: None",
        ),
        (spoil("timestamp", [1e30] * 3), "no moment"),
        (spoil("indicators.quote", []), "no quote"),
        (spoil("indicators.quote", [{}]), "column open"),
        (spoil("indicators.quote.0.close", [1.0, 2.0]), "does not go with its 3 days"),
        (spoil("indicators.quote.0.close", [1.0, "2", 3.0]), "no number"),
        (spoil("indicators.quote.0.close", [1.0, True, 3.0]), "no number"),
        (spoil("indicators.quote.0.open", [1.0, 1e16, 3.0]), "column open holds what cannot be"),
        (spoil("indicators.quote.0.high", [1.0, 10**400, 3.0]), "no number"),
        (spoil("meta.exchangeTimezoneName", "A" * 5000), "no such time zone"),
        (spoil("events.splits", {"1": {"date": 1}}), "a split or dividend"),
        (spoil("events.splits", {"1": {"date": 1, "numerator": 1, "denominator": 0}}), "a split"),
        (spoil("events.splits", {"1": {"date": 1, "numerator": -1, "denominator": 2}}), "a split"),
        (
            spoil("events.splits", {"1": {"date": 1, "numerator": True, "denominator": 2}}),
            "a split",
        ),
        (
            spoil("events.splits", {"1": {"date": 1, "numerator": 1e12, "denominator": 2}}),
            "a split",
        ),
        (
            spoil("events.splits", {"1": {"date": 1, "numerator": 10**400, "denominator": 2}}),
            "split",
        ),
        (spoil("events.dividends", {"1": {"date": 1, "amount": None}}), "a split or dividend"),
        ({"chart": {"result": None, "error": None}}, "no prices"),
        ({"chart": {"result": [], "error": None}}, "no prices"),
        ({"chart": None}, "no prices"),
        ([], "no prices"),
        (b"[" * 100_000, "nested too deeply"),
        (b"<html>", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"chart": {"result"', "breaks off"),
        ({"chart": {"error": {"description": "x" * 9000}}}, "Yahoo says: xxx"),
    ],
)
def test_what_contradicts_itself_or_the_listing_is_refused(answer: Any, says: str) -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        read(answer)
    assert says in str(caught.value)
    assert (caught.value.source, caught.value.symbol) == ("yahoo", "688018.SS")
    assert len(str(caught.value)) < 400


def test_nothing_finished_is_refused() -> None:
    with pytest.raises(MalformedAnswerError, match="no finished session since 2025-06-06"):
        read(chart(), first=date(2025, 6, 6))
