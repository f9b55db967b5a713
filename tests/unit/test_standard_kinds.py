"""Every kind of rating standard: loads, reads back as written, and measures as it says.

Expected numbers are worked by hand from the closes in `PRICES`: the share of Shanghai's main board
goes from 10 to 12 (+20%) and STAR's from 10 to 9 (-10%), while CSI 300 goes from 100 to 110 (+10%)
and the STAR index from 100 to 80 (-20%).
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import (
    ResearchReport,
    Screening,
    load_report,
    new_report,
    save_report,
    screen,
)
from supplychain_screen.errors import CallsError, InputError, RatingScaleError, ReportError
from supplychain_screen.identity import Index, Listing, exchange_sessions
from supplychain_screen.research import Level, Mention, RatingScale, RatingStandard, validate_report
from supplychain_screen.research.content import SectorCall
from supplychain_screen.research.standard import Market
from supplychain_screen.words import REASON_SENTENCES, REASONS, rating_tone

MAIN, STAR = "XSHG:600519", "XSHG:688018"
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"yahoo": "000300.SS"})
STAR50 = Index(name="STAR50", currency="CNY", calendar="XSHG", symbols={"yahoo": "000688.SS"})
A_SHARES = Market(name="a_share", mics=("XSHG", "XSHE"), benchmarks=("INDEX:CSI300",))
STAR_BOARD = Market(name="star", mics=("XSHG",), boards=("STAR",), benchmarks=("INDEX:STAR50",))

DAYS = exchange_sessions("XSHG", date(2024, 12, 30), date(2026, 1, 9))
MOVES = {
    MAIN: (10.0, 12.0),
    STAR: (10.0, 9.0),
    "INDEX:CSI300": (100.0, 110.0),
    "INDEX:STAR50": (100.0, 80.0),
}


def closes(first: float, last: float) -> np.ndarray[Any, Any]:
    """From one close to the other in even steps of five months, then to and fro around it."""
    step = np.minimum(np.arange(len(DAYS)) - 1, 100).clip(min=0)
    path = first * (last / first) ** (step / 100)
    ends = np.isin(DAYS, np.array(["2025-06-30", "2025-12-31"], "datetime64[D]"))
    return np.where((step == 100) & ~ends & (np.arange(len(DAYS)) % 2 == 0), path * 1.001, path)


PRICES = pd.concat(
    [
        pd.DataFrame({"symbol": who, "date": DAYS, "close": closes(*both)})
        for who, both in MOVES.items()
    ]
)

# A bank's print: buy above 15%, sell below -10%, hold between, of the potential return itself.
THREE = (
    Level(name="buy", name_zh="买入", lower=0.15),
    Level(
        name="hold",
        name_zh="持有",
        lower=-0.10,
        lower_inclusive=True,
        upper=0.15,
        upper_inclusive=True,
    ),
    Level(name="sell", name_zh="卖出", upper=-0.10),
)
WORDS = (
    Level(name="outperform", name_zh="跑赢行业"),
    Level(name="neutral", name_zh="中性"),
    Level(name="underperform", name_zh="跑输行业"),
)


def scale(kind: Any, levels: tuple[Level, ...] = THREE, **more: Any) -> RatingScale:
    return RatingScale(name=f"{kind}-scale", kind=kind, levels=levels, **more)


def report_by(
    stock: RatingScale, *markets: Market, sector: RatingScale | None = None, call: str = ""
) -> ResearchReport:
    return ResearchReport(
        id="kinds",
        title="Kinds of standard",
        sector_call=SectorCall(level=call) if call else None,
        standard=RatingStandard(
            stock=stock, sector=sector, markets=markets, indices=(CSI300, STAR50)
        ),
        mentions=tuple(
            Mention(order=at, segment_no=1, segment="one", company=who, listing=who)
            for at, who in enumerate((MAIN, STAR), 1)
        ),
        listings=tuple(
            Listing(mic="XSHG", code=who.partition(":")[2], currency="CNY", name_zh=who)
            for who in (MAIN, STAR)
        ),
    )


def measured(report: ResearchReport, **options: Any) -> Screening:
    return screen(report, "2024-12-31", "2026-01-09", prices=PRICES, adjustment="splits", **options)


def column(found: Screening, name: str) -> list[Any]:
    return [None if pd.isna(one) else one for one in found.companies[name]]


def test_absolute_rates_the_own_return_without_any_index() -> None:
    found = measured(report_by(scale("absolute")))
    assert column(found, "rating") == ["buy", "hold"]
    assert column(found, "relative_return") == pytest.approx([0.20, -0.10])
    assert column(found, "benchmark") == column(found, "benchmark_return") == [None, None]
    assert column(found, "reason") == [None, None]
    assert found.comparison == "own"
    assert found.total["mean"] == pytest.approx(0.05)
    assert set(found.companies["robustness_of"]) == {3}


def test_an_index_that_a_user_names_stands_beside_own_returns_and_rates_nobody() -> None:
    report = report_by(scale("absolute")).with_benchmark("XSHG", CSI300)
    found = measured(report)
    assert column(found, "rating") == ["buy", "hold"]
    assert column(found, "alternative_benchmark") == ["000300.SS", "000300.SS"]
    assert column(found, "alternative_relative_return") == pytest.approx([0.10, -0.20])
    assert column(found, "alternative_rating") == [None, None]
    assert list(found.companies["ratings_disagree"]) == [False, False]


def test_required_counts_from_the_printed_return() -> None:
    # 20% is 11.9% above a required 8.1%, so no buy; -10% is 18.1% below it, so a sell.
    found = measured(report_by(scale("required", required_return=0.081)))
    assert column(found, "rating") == ["hold", "sell"]
    assert column(found, "relative_return") == pytest.approx([0.20, -0.10])
    # 15% above a required 5% is 20% exactly, which belongs to the level below.
    exactly = measured(report_by(scale("required", required_return=0.05)))
    assert column(exactly, "rating")[0] == "hold"
    assert scale("required", required_return=0.05).bounds == pytest.approx((-0.05, 0.20))


@pytest.mark.parametrize(
    ("stock", "markets", "reason"),
    [
        (scale("required"), (), "standard_without_number"),
        (scale("direction", WORDS), (), "standard_without_bounds"),
        (scale("direction", WORDS), (A_SHARES,), "standard_without_bounds"),
        (scale("peer", WORDS), (A_SHARES,), "standard_without_bounds"),
        (scale("peer", WORDS), (), "no_benchmark"),
        (scale("peer"), (), "no_benchmark"),
    ],
)
def test_nobody_is_rated_where_the_print_leaves_no_way_to(
    stock: RatingScale, markets: tuple[Market, ...], reason: str
) -> None:
    found = measured(report_by(stock, *markets))
    assert column(found, "reason") == [reason, reason]
    assert column(found, "rating") == ["unrated", "unrated"]
    assert reason in REASONS
    assert reason in REASON_SENTENCES


def test_a_direction_still_shows_what_became_of_each_against_its_index() -> None:
    found = measured(report_by(scale("direction", WORDS), A_SHARES))
    assert column(found, "relative_return") == pytest.approx([0.10, -0.20])


def test_what_keeps_one_call_from_its_numbers_wins_over_what_keeps_all() -> None:
    report = report_by(scale("direction", WORDS), A_SHARES)
    found = screen(
        report,
        "2024-12-31",
        "2026-01-09",
        prices=PRICES[PRICES["symbol"] != STAR],
        adjustment="splits",
        allow_missing=True,
    )
    assert column(found, "reason") == ["standard_without_bounds", "no_prices"]


def test_peer_is_measured_against_the_index_that_a_user_names() -> None:
    found = measured(report_by(scale("peer")).with_benchmark("XSHG", CSI300))
    assert column(found, "relative_return") == pytest.approx([0.10, -0.20])
    assert column(found, "rating") == ["hold", "sell"]


def test_a_board_has_its_own_benchmark() -> None:
    for markets in ((A_SHARES, STAR_BOARD), (STAR_BOARD, A_SHARES)):
        found = measured(report_by(scale("relative"), *markets))
        assert column(found, "benchmark") == ["000300.SS", "000688.SS"]
        assert column(found, "relative_return") == pytest.approx([0.10, 0.10])
        assert column(found, "market") == ["a_share", "star"]
    alone = measured(report_by(scale("relative"), STAR_BOARD))
    assert column(alone, "reason") == ["no_benchmark", None]


@pytest.mark.parametrize(
    ("name", "levels", "reason"),
    [
        # What each house prints for +10% and -20% against CSI 300.
        ("guosen-stock", ["优于大市", "弱于大市"], None),
        ("csc-stock", ["增持", "卖出"], None),
        ("industrial-stock", ["增持", "减持"], None),
        ("gtja-stock", ["谨慎增持", "减持"], None),
        ("huatai-stock", ["增持", "卖出"], None),
        ("cms-stock", ["增持", "减持"], None),
        ("hongxin-stock", ["持有", "卖出"], None),
        ("bohai-stock", ["增持", "减持"], None),
        ("gf-stock", [None, None], "no_benchmark"),  # 大盘 names no index
        # Own returns of +20% and -10%; the last two print no index or no number.
        ("cmbi-stock", ["买入", "持有"], None),
        ("minsheng-stock", ["推荐", "回避"], None),
        ("cicc-stock", [None, None], "no_benchmark"),
        ("galaxy-stock", [None, None], "no_benchmark"),
    ],
)
def test_every_house_measures_as_it_prints_or_says_why_not(
    name: str, levels: list[str | None], reason: str | None, tmp_path: Path
) -> None:
    standard = load_report(new_report(tmp_path / "new", scale=name)).standard
    report = report_by(scale("absolute")).model_copy(update={"standard": standard})
    assert load_report(save_report(report, tmp_path / "report")) == report
    found = measured(report, basis="price")
    printed = {one.name: one.name_zh for one in standard.stock.levels}
    assert [printed.get(one) for one in column(found, "rating")] == levels
    assert column(found, "reason") == [reason, reason]


def test_a_benchmark_for_an_exchange_does_not_go_to_one_of_its_boards() -> None:
    report = report_by(scale("relative"), STAR_BOARD).with_benchmark("XSHG", CSI300)
    found = measured(report)
    assert column(found, "benchmark") == ["000300.SS", "000688.SS"]
    assert report.with_benchmark("star", CSI300).standard.markets[0].extensions == ("INDEX:CSI300",)


def test_a_comparison_with_an_index_cannot_be_asked_of_own_returns() -> None:
    with pytest.raises(CallsError, match="own return, without an index"):
        measured(report_by(scale("absolute")), comparison="ratio")
    with pytest.raises(CallsError, match="against an index"):
        measured(report_by(scale("relative"), A_SHARES), comparison="own")


def test_a_sector_is_measured_as_its_own_scale_says() -> None:
    sector = scale("relative")
    found = measured(report_by(scale("absolute"), A_SHARES, sector=sector, call="hold"))
    # Own returns: +20% and -10%. Against CSI 300: +10% and -20%, -5% on average.
    assert found.total["mean"] == pytest.approx(0.05)
    assert found.sector_call["relative_return"] == pytest.approx(-0.05)
    assert (found.sector_call["realised_rating"], found.sector_call["agrees"]) == ("hold", True)
    words = measured(
        report_by(scale("relative"), A_SHARES, sector=scale("direction", WORDS), call="neutral")
    )
    assert words.sector_call["realised_rating"] == "unrated"
    assert words.sector_call["agrees"] is None
    assert words.sector_call["reason"] == "standard_without_bounds"


def test_a_sector_call_needs_the_sector_scale_and_borrows_none() -> None:
    with pytest.raises(ReportError, match="no sector scale"):
        report_by(scale("relative"), A_SHARES, call="hold")


@pytest.mark.parametrize(
    "report",
    [
        report_by(scale("absolute")),
        report_by(scale("required", required_return=0.08), A_SHARES),
        report_by(scale("required")),
        report_by(scale("direction", WORDS), sector=scale("absolute")),
        report_by(scale("peer", WORDS), A_SHARES),
        report_by(scale("relative"), A_SHARES, STAR_BOARD, sector=scale("direction", WORDS)),
        report_by(
            scale(
                "direction",
                tuple(
                    Level(name=n, side=s)
                    for n, s in (("buy", 1), ("add", 1), ("hold", 0), ("sell", -1))
                ),
            )
        ),
    ],
    ids=lambda report: report.standard.stock.kind,
)
def test_every_kind_reads_back_as_it_was_and_every_output_shows_it(
    report: ResearchReport, tmp_path: Path
) -> None:
    assert load_report(save_report(report, tmp_path / "report")) == report
    found = measured(report)
    for text in (found.to_html(), found.to_markdown("en"), found.to_json(), found._repr_html_()):
        assert len(text) > 500
    with zipfile.ZipFile(found.to_excel(tmp_path / "book.xlsx")) as book:
        sheets = [book.read(one).decode() for one in book.namelist() if "worksheets/" in one]
    # Own returns are calculated without a benchmark, in the workbook's formulas too.
    compared = any("IF(Comparison=" in one for one in sheets)
    assert compared == (found.comparison != "own")


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        ({"kind": "direction", "levels": THREE}, "the kind direction states no number"),
        ({"kind": "absolute", "levels": WORDS}, "no level has a bound"),
        ({"kind": "absolute", "levels": THREE, "required_return": 0.1}, "a required return"),
        ({"kind": "direction", "levels": WORDS[:1]}, "fewer than two levels"),
        (
            {"kind": "direction", "levels": tuple(Level(name=one) for one in "abcd")},
            "a, b, c, d may say better, worse or neither",
        ),
    ],
)
def test_what_does_not_go_together_is_said(faulty: dict[str, Any], message: str) -> None:
    with pytest.raises(RatingScaleError, match=message):
        RatingScale(name="faulty", **faulty)


def test_sides_come_from_bounds_places_or_the_level_itself() -> None:
    assert [scale("absolute").side(one.name) for one in THREE] == [1, 0, -1]
    assert [scale("peer", WORDS).side(one.name) for one in WORDS] == [1, 0, -1]
    # A neutral level from 0 to 10% looks like a better one and says that it is none.
    neutral = Level(name="neutral", lower=0.0, lower_inclusive=True, upper=0.1, side=0)
    told = scale(
        "absolute",
        (Level(name="up", lower=0.1, lower_inclusive=True), neutral, Level(name="down", upper=0.0)),
    )
    assert [told.side(one) for one in told.names] == [1, 0, -1]
    assert [rating_tone(told, one) for one in told.names] == ["up", "flat", "down"]


def test_faults_of_kinds_and_boards_are_named_with_their_line(tmp_path: Path) -> None:
    folder = save_report(report_by(scale("absolute"), A_SHARES, STAR_BOARD), tmp_path / "report")
    file = folder / "report.toml"
    text = file.read_text("utf-8").replace('kind = "absolute"', 'kind = "absolut"')
    file.write_text(text.replace('boards = ["STAR"]', 'boards = ["Star", "STAR"]'), "utf-8")
    told = [str(problem) for problem in validate_report(folder)]
    line = text[: text.index('kind = "absolut"')].count("\n") + 1
    assert f"row {line}, column standard.stock.kind: unknown kind" in told[0]
    assert "did you mean absolute?" in told[0]
    assert "unknown board (got 'Star'); boards there are STAR, main" in told[1]
    file.write_text(text.replace('kind = "absolut"', 'kind = "required"\nrequired_return = 8'))
    assert "write 0.08 for 8%" in str(validate_report(folder)[0])


def test_the_blocks_of_the_page_on_the_method_run(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "method.md"
    (table,) = re.findall(r"^```toml\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    folder = save_report(report_by(scale("absolute")), tmp_path / "report")
    head = (folder / "report.toml").read_text("utf-8").partition("[standard]")[0]
    (folder / "report.toml").write_text(head + table, "utf-8")
    assert load_report(folder).standard.stock.bounds == (-0.10, 0.15)
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    known: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), known)
    assert known["index"].resolve("US67066G1041").verdict == "unknown"
    standard = known["report"].standard
    assert [index.name for index in standard.benchmarks_of("XTAI")] == ["TWII"]


def test_other_windows_stand_beside_those_of_the_standard() -> None:
    """The share of the main board rises by (1.2)^(n/100) on its n-th session after the base."""
    found = measured(report_by(scale("relative"), A_SHARES))
    before = found.companies.copy()
    other = found.over(1, "3m", date(2025, 6, 30), ("2025-02-05", "2025-03-31"))
    assert other["window"].unique().tolist() == [
        "1m",
        "3m",
        "2024-12-31..2025-06-30",
        "2025-02-05..2025-03-31",
    ]
    own = other[other["listing"] == MAIN].set_index("window")
    # 2025-01-31 lies in Spring Festival: the 18th session after the base is 2025-01-27.
    assert str(own.loc["1m", "end_session"].date()) == "2025-01-27"
    assert own.loc["1m", "return"] == pytest.approx(1.2**0.18 - 1)
    assert own.loc["1m", "benchmark_return"] == pytest.approx(1.1**0.18 - 1)
    assert own.loc["2024-12-31..2025-06-30", "relative_return"] == pytest.approx(0.10)
    # 19 sessions from 2025-01-27, the last before 2025-02-05 or that day, to 2025-03-31.
    between = own.loc["2025-02-05..2025-03-31"]
    sessions = int(
        (
            (between["base_session"].to_numpy() < DAYS)
            & (between["end_session"].to_numpy() >= DAYS)
        ).sum()
    )
    assert str(between["base_session"].date()) == "2025-02-05"
    assert between["return"] == pytest.approx(1.2 ** (sessions / 100) - 1)
    pd.testing.assert_frame_equal(found.companies, before)
    pending = found.over(24)
    assert set(pending["reason"]) == {"pending"}
    assert not pending["matured"].any()


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("2026-02-01", "ends after the last day that is known"),
        ("2024-12-30", "ends before it starts"),
        ("2025-04-30..2025-03-01", "ends before it starts"),
        (0, "not a number of months"),
        ("soon", "not a date"),
    ],
)
def test_a_window_that_is_none_is_refused(window: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        measured(report_by(scale("relative"), A_SHARES)).over(window)
