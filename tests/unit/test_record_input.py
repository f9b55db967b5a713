"""What people hand in as calls: said what is wrong, or safe to print."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.page_tags import PageTags
from tests.records import calls, closes, panel
from tests.spreadsheet import read_workbook
from typer.testing import CliRunner

import supplychain_screen as scs
from supplychain_screen import track_record
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import Exit
from supplychain_screen.errors import CallsError, InputError, StoreError
from supplychain_screen.output.workbook.record_book import record_workbook_bytes
from supplychain_screen.record.opinions import STRENGTHS, known_words

FEW = calls(("North", "South"), each=40, gifted=False)


def test_tables_of_every_library_give_the_same_record() -> None:
    polars = pytest.importorskip("polars")
    expected = track_record(FEW, panel()).to_json()
    assert track_record(pa.Table.from_pandas(FEW), panel()).to_json() == expected
    assert track_record(polars.from_pandas(FEW), panel()).to_json() == expected


def test_a_word_for_prices_is_its_source_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    american = FEW.head(4).assign(listing="XNAS:QCOM")
    record = track_record(american, "simulated", as_of="2025-12-31")
    assert record.simulated
    assert all(one["no_prices_share"] == 0 for one in record.denominators["windows"].values())
    with pytest.raises(InputError, match=r"open_source\('yahoo', now="):
        track_record(american, "yahoo", as_of="2025-12-31")
    with pytest.raises(StoreError, match="there is no price history"):
        track_record(american, "store")


@pytest.mark.parametrize("head", ["stock", "股票", "证券"])
def test_a_column_of_stocks_is_one_of_listings_or_else_of_names(head: str) -> None:
    expected = track_record(FEW, panel()).to_json()
    assert track_record(FEW.rename(columns={"listing": head}), panel()).to_json() == expected
    said = FEW.head(2).assign(listing=["NVIDIA", "XNAS:NVDA"]).rename(columns={"listing": head})
    told = track_record(said, "simulated", as_of="2025-12-31")
    assert set(told.calls["listing"]) == {"XNAS:NVDA"}
    named = FEW.assign(**{head: "whatever it is called"})
    assert track_record(named, panel()).to_json() == expected


def test_a_named_column_is_looked_for_in_the_header_only(tmp_path: Path) -> None:
    file = tmp_path / "few_calls.csv"
    file.write_text("date,paper,rating\n2024-03-01,688018.SH,Buy\n2024-04-05,688018.SH,Buy\n")
    said = "say which it is: --columns listing=NAME, in Python .*; the columns are date, paper, rat"
    with pytest.raises(CallsError, match=said):
        track_record(file, panel())
    with pytest.raises(CallsError, match=r"got 'papers'.*; the columns are date, paper, rating"):
        track_record(file, panel(), columns={"listing": "papers"})
    record = track_record(file, panel(), columns={"listing": "paper"})
    assert record.denominators["rows"] == 2


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ("rating", "no column of ratings; name it rating or level"),
        ("listing", "no column of listings; name it listing or ticker"),
        ("published", "no column of publication dates; name it published or date"),
    ],
)
def test_an_arrow_table_without_a_column_says_what_to_name(dropped: str, said: str) -> None:
    table = pa.Table.from_pandas(FEW.drop(columns=dropped))
    with pytest.raises(CallsError, match=said):
        track_record(table, panel())


def test_no_rows_are_no_record(tmp_path: Path) -> None:
    with pytest.raises(CallsError, match="there are no calls"):
        track_record(FEW.head(0), panel())
    (tmp_path / "calls.csv").write_text("", "utf-8")
    with pytest.raises(CallsError, match=r"calls\.csv"):
        track_record(tmp_path / "calls.csv", panel())


def test_dates_after_as_of_are_pending_counted_and_make_no_months() -> None:
    later = FEW.head(3).assign(
        published=pd.to_datetime(["2024-01-02", "2026-03-01", "2035-12-31"]).as_unit("s"),
        listing="XNYS:S059",
        firm="East",
    )
    record = track_record(pd.concat([FEW, later]), panel(), as_of="2023-12-20")
    told = record.denominators
    assert told["after_as_of"] >= 3 > 0
    months = record.by_month()
    assert months["month"].iloc[-1] <= "2023-12"
    assert told["runs"] - told["after_as_of"] == months["runs"].sum()
    assert "are dated after 2023-12-20: correct them" in record.to_markdown("en")
    with pytest.raises(CallsError, match=r"row 1, column published: not a date"):
        track_record(FEW.head(1).assign(published="2205-03-01"), panel())


def test_a_firm_that_is_a_formula_is_text() -> None:
    name = '=HYPERLINK("http://evil.example","x")'
    record = track_record(FEW.assign(firm=name), panel())
    tags = PageTags(record.to_html(lang="en", static=True))
    assert name in tags.words
    assert not [at for _, at in tags.tags if "evil" in str(at.get("href"))]
    book = read_workbook(io.BytesIO(record_workbook_bytes(record, "en")))
    firms = {cell.value for cell in book.column("League firm", "Firm").values()}
    assert name in firms
    assert not [one for one in book.formulas() if "HYPERLINK" in str(one[2].formula)]


@pytest.mark.parametrize("kind", ["absolute", "direction"])
def test_every_kind_of_standard_has_its_outputs(kind: Any, tmp_path: Path) -> None:
    standard = scs.load_report().standard
    scale = standard.stock.model_copy(update={"kind": kind})
    if kind == "direction":
        levels = tuple(
            one.model_copy(update={"lower": None, "upper": None, "side": side})
            for one, side in zip(scale.levels, (1, 0, -1), strict=True)
        )
        scale = scale.model_copy(update={"levels": levels})
    record = track_record(FEW, panel(), standard.model_copy(update={"stock": scale}))
    assert record.to_html(lang="en", static=True)
    assert record.to_markdown("zh")
    record.to_excel(tmp_path / "book.xlsx")
    assert record.to_dict()["comparison"] in ("own", "difference")


def test_a_class_of_shares_is_found_however_it_is_written() -> None:
    known = closes()[["INDEX:SPX", "XNYS:S000"]].rename(columns={"XNYS:S000": "XNYS:BRK-B"})
    rows = known.melt(ignore_index=False, var_name="listing", value_name="close")
    prices = rows.rename_axis("date").reset_index()
    told = pd.DataFrame(
        {
            "date": "2022-01-03",
            "ticker": ["BRK/B", "BRK-B", "BRK_B"],
            "firm": ["A", "B", "C"],
            "rating": "Buy",
        }
    )
    found = track_record(told, prices).calls
    assert found["6m_relative_return"].notna().all()
    assert found["6m_relative_return"].nunique() == 1


PRINT = """证券研究报告
发布日期：{day}

环节\t公司\t代码\t投资评级\t目标价
盖板\t蓝思科技\t300433.SZ\t{rating}\t30.00
电池\t宁德时代\t300750.SZ\t增持\t250-270
显示\t京东方A\t000725.SZ\t\t
"""


def test_ratings_of_printed_reports_are_calls(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(PRINT.format(day="2022-03-01", rating="中性"), "utf-8")
    (tmp_path / "a.txt").write_text(PRINT.format(day="2022-01-04", rating="买入"), "utf-8")
    record = track_record(tmp_path, panel(), firm="North")
    calls = record.calls.sort_values(["published", "listing"])
    # One opinion on CATL, two on Lens; the third company has no rating.
    assert calls["listing"].tolist() == ["XSHE:300433", "XSHE:300750", "XSHE:300433"]
    assert calls["word"].tolist() == ["买入", "增持", "中性"]
    assert calls["side"].tolist() == [1, 1, 0]
    assert calls["target"].tolist() == [30, 260, 30]
    assert set(calls["firm"]) == {"North"}
    assert str(calls["changed_on"].iloc[0])[:10] == "2022-03-01"
    assert record.denominators["rows"] == 4
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "c.txt").write_text("环节\t公司\n盖板\t蓝思科技（300433.SZ）\n", "utf-8")
    with pytest.raises(CallsError, match="none of 1 report prints a rating"):
        track_record(tmp_path / "none", panel())


@pytest.mark.parametrize(
    ("printed", "target"),
    [
        ("450元（2025E）", 450),
        ("12.5（上调自10.0）", 12.5),
        ("250-270", 260),
        ("1,250～1,350元", 1300),
        ("HK$45 – HK$50", 47.5),
        ("30元至40元", 35),
    ],
)
def test_a_target_is_its_first_number_or_the_middle_of_its_range(
    tmp_path: Path, printed: str, target: float
) -> None:
    text = PRINT.format(day="2022-03-01", rating="中性").replace("30.00", printed)
    (tmp_path / "a.txt").write_text(text, "utf-8")
    calls = track_record(tmp_path / "a.txt", panel(), firm="North").calls
    assert calls.set_index("listing").loc["XSHE:300433", "target"] == target


def test_reports_without_a_publisher_are_firms_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PRINT.format(day="2022-01-04", rating="买入"), "utf-8")
    (tmp_path / "b.txt").write_text(PRINT.format(day="2022-01-04", rating="中性"), "utf-8")
    record = track_record(tmp_path, panel())
    assert set(record.calls["firm"]) == {"? (a.txt)", "? (b.txt)"}
    assert record.denominators["same_day"] == 0
    assert record.population.columns.nameless == ("a.txt", "b.txt")
    told = track_record(tmp_path, panel(), firm="North")
    assert told.denominators["same_day"] > 0
    assert told.population.columns.nameless == ()


def test_unlisted_companies_of_a_printed_report_are_calls_of_their_own(tmp_path: Path) -> None:
    text = PRINT.format(day="2022-03-01", rating="中性")
    text += "电池\t甲乙丙科技\t未上市\t买入\t\n电池\t丁戊己半导体\t未上市\t卖出\t\n"
    (tmp_path / "a.txt").write_text(text, "utf-8")
    record = track_record(tmp_path / "a.txt", panel(), firm="North")
    assert (record.denominators["rows"], record.denominators["same_day"]) == (4, 0)
    assert [one.partition(" (")[0] for one in record.unresolved] == [
        "未上市 丁戊己半导体",
        "未上市 甲乙丙科技",
    ]


def test_a_rating_of_an_undecided_company_is_no_call_and_is_told(tmp_path: Path) -> None:
    text = PRINT.format(day="2022-03-01", rating="中性")
    text = text.replace("宁德时代\t300750.SZ", "贵州茅台\t300750.SZ")
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    record = track_record(path, panel(), firm="North")
    assert record.calls["listing"].tolist() == ["XSHE:300433"]
    assert record.undecided == ("贵州茅台 300750.SZ (a.txt)",)
    found = CliRunner().invoke(
        app, ["record", str(path), "--prices", "simulated", "--firm", "North", "--lang", "en"]
    )
    assert found.exit_code == Exit.PARTIAL
    assert "1 rated company undecided and left out: 贵州茅台 300750.SZ (a.txt)" in found.stderr
    path.write_text(text.replace("中性", ""), "utf-8")
    with pytest.raises(CallsError, match="every company that has a rating is undecided: 贵州茅台"):
        track_record(path, panel())


def test_splits_are_checked_before_anything_is_measured(tmp_path: Path) -> None:
    told = FEW.assign(target=50.0)
    for column, value, said in (
        ("ratio", "half", "a ratio is above 0"),
        ("date", "soon", "not a date"),
        ("listing", "No Such Share", "not a symbol"),
    ):
        row = {"listing": "XNYS:S001", "date": "2022-01-03", "ratio": "2"} | {column: value}
        pd.DataFrame([row]).to_csv(tmp_path / "splits.csv", index=False)
        with pytest.raises(CallsError, match=said):
            track_record(
                told, panel(), splits=tmp_path / "splits.csv", adjustment="splits"
            ).targets()
    (tmp_path / "splits.csv").write_text("listing,date,ratio\nXNYS:S001,2024-01-02,2,3\n")
    with pytest.raises(CallsError, match="more cells than the header names"):
        track_record(told, panel(), splits=tmp_path / "splits.csv", adjustment="splits")
    with pytest.raises(CallsError, match="no splits"):
        track_record(told, panel(), splits=tmp_path / "none.csv")
    one = pd.DataFrame([{"listing": "XNYS:S001", "date": "2023-12-01", "ratio": 2}])
    halved = track_record(told, panel(), splits=one, adjustment="splits").targets()
    own = halved["listing"].astype(str).str.endswith("S001")
    assert set(halved.loc[own, "target_adjusted"]) == {25.0}
    assert set(halved.loc[~own, "target_adjusted"]) == {50.0}


def test_prices_that_state_their_splits_need_no_others() -> None:
    prices = closes().melt(ignore_index=False, var_name="listing", value_name="close")
    prices = prices.rename_axis("date").reset_index().assign(splits=0.0)
    told = FEW.assign(target=50.0, currency="USD")
    found = track_record(told, prices, adjustment="splits").targets()
    assert (found["reason"] == "").sum() > 40
    without = track_record(told, prices.drop(columns="splits"), adjustment="splits").targets()
    assert set(without["reason"]) <= {"splits_unknown", "pending"}


@pytest.mark.slow  # 6 CPU seconds
def test_a_hundred_thousand_firms() -> None:
    chance = np.random.default_rng(1)
    n = 150_000
    told = pd.DataFrame(
        {
            "firm": np.char.add("House ", (np.arange(n) % 100_000).astype(str)),
            "listing": chance.choice(closes().columns[1:], n),
            "published": chance.choice(closes().index[5:400], n),
            "rating": chance.choice(["Buy", "Sell"], n),
            "action": "Initiates",
        }
    )
    record = track_record(told, panel())
    league = record.league("firm")
    assert len(league.frame) == 100_000
    assert set(league.frame["verdict"]) == {"too_few"}
    assert len(record.to_html(lang="en")) < 1_000_000
    assert "No firm has 20 judged calls" in record.to_markdown("en")


def test_a_target_is_no_horizon_and_no_year() -> None:
    from types import SimpleNamespace

    from supplychain_screen.record import report_calls

    said = ["12个月目标价45", "450元（2025E）", "12.5（上调自10.0）", "40-45", "6-12个月 38.5元"]
    found = [report_calls._target(SimpleNamespace(target=one)) for one in said]  # type: ignore[arg-type]
    assert found == [45.0, 450.0, 12.5, 42.5, 38.5]


def test_calls_of_nobody_are_a_record() -> None:
    record = track_record(FEW.drop(columns="firm"), panel())
    assert record.calls["firm"].isna().all()
    assert record.league("firm").frame.empty
    assert record.holes[record.holes["kind"] == "firm"].empty


def test_every_packaged_rating_word_means_a_grade_and_every_action_is_one_of_four() -> None:
    levels, actions = known_words()
    assert set(levels.values()) == {*STRENGTHS, "suspended"}
    assert set(actions.values()) == {"maintain", "begin", "change", "end"}


CHINESE = ("XSHG:688111", "XSHE:300458", "XHKG:0700")


def chinese_prices() -> pd.DataFrame:
    """Closes of three listings and two indices, SIMULATED, with two rates of exchange."""
    known = closes().iloc[:, :7]
    known.columns = [*CHINESE, "000300.SS", "^HSI", "CNY=X", "HKDCNY=X"]
    rows = known.melt(ignore_index=False, var_name="symbol", value_name="close")
    return rows.rename_axis("date").reset_index()


def test_a_code_without_its_exchange_is_the_listing_that_it_and_its_name_mean(
    tmp_path: Path,
) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(
        "日期,代码,名称,机构,评级\n"
        "2022-01-04,688111,金山办公,A,买入\n"
        "2022-01-04,300458,全志科技,A,买入\n"
        "2022-01-04,700,腾讯控股,A,买入\n"
        "2022-01-04,688111,全志科技,B,买入\n"
        "2022-01-05,688111,全志科技,C,买入\n"
        "2022-01-04,,蓝思科技,B,买入\n"
        "2022-01-04,,金山办公,B,买入\n",
        encoding="utf-8",
    )
    record = track_record(file, chinese_prices())
    calls_ = record.calls
    assert calls_.loc[calls_["firm"] == "A", "listing"].astype(str).tolist() == sorted(CHINESE)
    assert record.denominators["windows"]["6m"]["unrated"] == {"unresolved": 3}
    assert record.unresolved == (
        "蓝思科技 (calls.csv:7 → XSHE:300433 / XHKG:6613)",
        "688111 全志科技 (calls.csv:5 +1 → XSHG:688111 / XSHE:300458)",
    )
    named = pd.read_csv(file, dtype=str).drop(columns="代码").iloc[[0, 6]]
    assert track_record(named, chinese_prices()).calls["listing"].eq("XSHG:688111").all()


def test_rates_of_exchange_among_prices_are_nobodys_and_are_said() -> None:
    told = FEW.head(1).assign(listing="688111.SH", published="2022-01-04")
    record = track_record(told, chinese_prices())
    assert record.price_checks.unread == ("CNY=X", "HKDCNY=X")
    assert record.panel.listings[:3] == CHINESE
    assert record.calls["6m_relative_return"].notna().all()
    plain = chinese_prices()
    plain = plain[~plain["symbol"].str.endswith("=X")]
    assert track_record(told, plain).calls.equals(record.calls)


def test_a_call_whose_cell_says_unlisted_is_not_taken_by_its_name() -> None:
    told = pd.DataFrame(
        {"date": "2022-01-04", "ticker": ["未上市", "688111"], "名称": "金山办公", "firm": "A"}
    ).assign(rating="Buy")
    record = track_record(told, chinese_prices())
    assert record.unresolved == ("未上市 金山办公 (the frame:1 → XSHG:688111)",)
    assert record.denominators["windows"]["6m"]["unrated"] == {"unresolved": 1}


def test_a_listing_is_one_however_its_rows_spell_it() -> None:
    spelled = ["688111.SS", "688111.SH", "SH688111", "XSHG:688111", "688111"]
    days = pd.date_range("2022-01-04", periods=5, freq="7D")
    told = pd.DataFrame({"date": days, "ticker": spelled, "firm": "A", "rating": "Buy"})
    record = track_record(told, chinese_prices())
    assert (record.denominators["runs"], record.denominators["run_rows"]) == (1, 5)
    plain = track_record(told.assign(ticker="XSHG:688111"), chinese_prices())
    assert record.calls.equals(plain.calls)
    both = told.head(2).assign(date=days[0], rating=["Buy", "Sell"])
    assert track_record(both, chinese_prices()).denominators["same_day"] == 2
