"""The universe commands: lists of one's own, good and bad, beside the shipped ledger."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from typer.testing import CliRunner

from supplychain_screen.cli import app, universe
from supplychain_screen.cli.terminal import Exit
from supplychain_screen.errors import (
    InputError,
    MissingExtraError,
    SourceError,
    SourceUnreachableError,
)
from supplychain_screen.identity import NameIndex, list_folder, load_ledger, own_lists
from supplychain_screen.prices.sources.akshare import fetch_listings

RUN = CliRunner()


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(universe, "today", lambda: date(2026, 12, 1))


def run(*words: str) -> tuple[int, str]:
    found = RUN.invoke(app, ["universe", *words, "--lang", "en"])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout


def hkex(path: Path) -> Path:
    """A workbook of the shape that Hong Kong's exchange publishes."""
    rows = [
        ("List of Securities",),
        ("Updated as at 27/11/2026",),
        ("Stock Code", "Name of Securities", "Category", "Sub-Category", "Board Lot", "ISIN"),
        ("00700", "TENCENT", "Equity", "Equity Securities (Main Board)", "100", "KYG875721634"),
        ("09997", "TUMBLEWEED LAMPS", "Equity", "Equity Securities (Main Board)", "100", ""),
        ("10001", "TUMBLEWEED LAMPS WTS", "Derivative Warrants", "", "1", ""),
    ]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return path


def test_hong_kongs_list_lies_beside_the_ledger_and_resolves(tmp_path: Path) -> None:
    code, out = run("import", str(hkex(tmp_path / "ListOfSecurities.xlsx")), "--json")
    told = json.loads(out)
    assert code == Exit.COMPLETE
    assert (told["markets"], told["as_of"], told["left_out"]) == ({"XHKG": 2}, "2026-11-27", 1)
    assert told["example"] == "row 6, '10001' is Derivative Warrants"
    ledger = load_ledger()
    row = ledger.listings.set_index(["mic", "code"]).loc[("XHKG", "0700")]
    assert (row["name_zh"], row["isin"]) == ("腾讯控股", "KYG875721634")
    assert row["source"].split("|")[0] == "ListOfSecurities"
    assert "ListOfSecurities" in set(ledger.sources["source"])
    found = NameIndex().resolve("Tumbleweed Lamps")
    assert (found.verdict, found.listing) == ("resolved", "XHKG:9997")
    assert NameIndex(load_ledger(own=False)).resolve("Tumbleweed Lamps").listing is None


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "代码,名称,上市日期\n688997,虚构灯具,20240102\n"),
        ("utf-8-sig", "Symbol;简称\n688997.SH;虚构灯具\n"),
        ("gb18030", "证券代码,证券简称,ISIN\n688997,虚构灯具,\n"),
        ("utf-16", "code\tname_zh\texchange\n688997\t虚构灯具\t上交所\n"),
        ("gb2312", "code,name_zh\nsh688997,虚构灯具\n"),
    ],
)
def test_lists_in_every_usual_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(text.encode(encoding))
    assert run("import", str(file), "--as-of", "2026-11-01")[0] == Exit.COMPLETE
    listings = load_ledger().listings.set_index(["mic", "code"])
    assert listings.loc[("XSHG", "688997"), "name_zh"] == "虚构灯具"
    (one,) = own_lists()
    assert (one.source, one.rows["as_of"].tolist()) == ("mine", ["2026-11-01"])


def test_traditional_names_in_big5(tmp_path: Path) -> None:
    file = tmp_path / "tw.csv"
    file.write_bytes("股票代號,名稱,市場\n9997,虛構燈具,上櫃\n".encode("big5"))
    run("import", str(file))
    row = load_ledger().listings.set_index(["mic", "code"]).loc[("ROCO", "9997")]
    assert (row["name_zh"], row["name_zh_hant"]) == ("", "虛構燈具")


HEAD = "code,name_zh,market,isin\n"
BAD = {
    "empty": (b"", (), "the file is empty", None),
    "no header": ("688997,虚构灯具\n", (), "no header", 1),
    "a page": (b"<html><body>Error 403</body></html>", (), "no header", 1),
    "encoding": (b"code,name\n688997,Caf\xe9 Lamps\n", (), "encoding cannot be told", 2),
    "cut": ("代码,名称\n688997,虚构".encode("gb18030") + b"\xb5\n", (), "encoding cannot be", 2),
    "twice": (HEAD + "688997,虚构,,\n688997,虚构,,\n", (), "the code stands in row 2 too", 3),
    "two companies": (HEAD + "688997,虚构,,\n688997,灯具,,\n", (), "given to two companies", 3),
    "ISIN": (HEAD + "700,虚构,HK,KYG875721635\n", (), "check digit of the ISIN should be 4", 2),
    "no ISIN": (HEAD + "700,虚构,HK,ABC\n", (), "no ISIN", 2),
    "no market": (HEAD + "688997,甲,,\n1234,虚构,,\n", (), "market of this code cannot be told", 3),
    "market": (HEAD + "688997,虚构,Mars,\n", (), "no market that is known here", 2),
    "--market": (HEAD + "688997,虚构,,\n", ("--market", "XMAR"), "no such market", None),
    "--source": (HEAD + "688997,虚构,,\n", ("--source", "a/b"), "no name of a source", None),
    "day": ("code,name_zh,上市日期\n688997,虚构,2024-13-01\n", (), "no day", 2),
    "nothing": ("code,name_zh\n688997,\n", (), "no listing stands below the header", None),
    "workbook": (b"PK\x03\x04 and no more", (), "the workbook is damaged", None),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_list_is_one_error_and_nothing_is_kept(tmp_path: Path, fault: str) -> None:
    content, options, told, row = BAD[fault]
    file = tmp_path / "bad.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=told) as caught:
        run("import", str(file), *options)
    (problem,) = caught.value.problems
    assert problem.remedy
    assert problem.row == row
    assert problem.file == (None if fault.startswith("--") else str(file))
    assert not list_folder().exists()


def test_a_row_of_ones_own_wins_and_its_company_keeps_its_lines(tmp_path: Path) -> None:
    shipped = load_ledger(own=False).listings.set_index(["mic", "code"])
    file = tmp_path / "mine.csv"
    file.write_text("code,name_zh\n600519,虚构茅台\n", encoding="utf-8")
    run("import", str(file))
    old, new = (
        one.loc[("XSHG", "600519")]
        for one in (shipped, load_ledger().listings.set_index(["mic", "code"]))
    )
    assert (new["name_zh"], new["company"]) == ("虚构茅台", old["company"])
    assert new["source"] == f"mine|{old['source']}"
    assert (new["first_day"], new["board"]) == (old["first_day"], old["board"])
    assert len(load_ledger().listings) == len(shipped)


def test_a_code_that_hong_kong_gave_to_another_company_has_nothing_of_the_first(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("code,name_zh,market\n00700,虚构灯具,HK\n", encoding="utf-8")
    run("import", str(file))
    row = load_ledger().listings.set_index(["mic", "code"]).loc[("XHKG", "0700")]
    assert (row["name_zh"], row["name_en"], row["source"]) == ("虚构灯具", "", "mine")
    index = NameIndex()
    assert index.resolve("虚构灯具").listing == "XHKG:0700"
    assert index.resolve("腾讯控股").listing != "XHKG:0700"


def test_a_company_that_consolidated_its_shares_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("code,name_zh,market,isin\n700,腾讯控股,HK,KYG217651051\n", encoding="utf-8")
    run("import", str(file))
    row = load_ledger().listings.set_index(["mic", "code"]).loc[("XHKG", "0700")]
    assert row["isin"] == "KYG217651051"
    assert row["name_en"] == "Tencent Holding Ltd."


def test_another_market_of_one_source_stays(tmp_path: Path) -> None:
    for market, code in (("XSHG", "688997"), ("XSHE", "300997"), ("XSHE", "300998")):
        file = tmp_path / "list.csv"
        file.write_text(f"code,name_zh\n{code},虚构{code}\n", encoding="utf-8")
        run("import", str(file), "--market", market)
    (one,) = own_lists()
    assert one.rows["code"].tolist() == ["300998", "688997"]


def test_status_fits_80_columns_and_tells_ages(tmp_path: Path) -> None:
    run("import", str(hkex(tmp_path / "ListOfSecurities.xlsx")))
    code, out = run("status")
    assert code == Exit.COMPLETE
    assert max(map(len, out.splitlines())) <= 80
    assert "yours: ListOfSecurities, XHKG, 2 listings, as of 2026-11-27, 4 days old" in out
    told = json.loads(run("status", "--json")[1])
    hong_kong = next(one for one in told["markets"] if one["mic"] == "XHKG")
    assert hong_kong["own"] == 2
    assert hong_kong["age_days"] == (date(2026, 12, 1) - date(2026, 8, 20)).days
    assert "ListOfSecurities" not in hong_kong["sources"]
    assert told["own_lists"][0]["age_days"] == 4


def test_a_damaged_list_of_ones_own_is_named() -> None:
    list_folder().mkdir(parents=True)
    (list_folder() / "mine.csv").write_text("mic,code\nXSHG,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.csv: a list of yours is damaged.*import it again"):
        load_ledger()


# --- update -------------------------------------------------------------------------------------


def answers(function: str, arguments: Mapping[str, str]) -> pd.DataFrame:
    """What AkShare's functions return, made up."""
    if function == "stock_info_sh_name_code":
        start = "600" if arguments["symbol"] == "主板A股" else "688"
        return pd.DataFrame(
            {
                "证券代码": [f"{start}997"],
                "证券简称": [f"虚构{start}"],
                "公司全称": ["虚构"],
                "上市日期": ["2024-01-02"],
            }
        )
    if function == "stock_us_spot_em":
        return pd.DataFrame({"代码": ["105.ZZZZ", "106.BRK_B"], "名称": ["虚构灯具", "伯克希尔"]})
    if function == "stock_hk_spot":
        return pd.DataFrame(
            {
                "代码": ["00700", "09997"],
                "中文名称": ["騰訊控股", "虛構電業"],
                "英文名称": ["TENCENT", "MADE UP"],
            }
        )
    raise SourceUnreachableError("no answer", source="akshare", symbol=function)


@contextmanager
def fetched(call: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(
            "supplychain_screen.prices.sources.akshare.fetch_listings",
            lambda markets, deadline: fetch_listings(markets, deadline, call),
        )
        yield


def test_update_keeps_what_arrived_and_tells_what_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with fetched(answers, monkeypatch):
        code, out = run("update", "--json")
    told = json.loads(out)
    assert code == Exit.PARTIAL
    assert [one["markets"] for one in told["stored"]] == [
        {"XSHG": 2},
        {"XHKG": 2},
        {"XNAS": 1, "XNYS": 1},
    ]
    assert len(told["failures"]) == 2
    listings = load_ledger().listings.set_index(["mic", "code"])
    assert listings.loc[("XNYS", "BRK-B"), "name_zh"] == "伯克希尔"
    assert listings.loc[("XHKG", "0700"), "name_zh"] == "腾讯控股"
    assert listings.loc[("XHKG", "0700"), "name_zh_hant"] == "騰訊控股"
    (one,) = own_lists()
    assert set(one.rows["as_of"]) == {"2026-12-01"}


def test_update_of_which_nothing_arrived_keeps_the_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    with fetched(answers, monkeypatch):
        run("update", "--market", "XSHG")
    before = (list_folder() / "akshare.csv").read_bytes()

    def silent(function: str, arguments: Mapping[str, str]) -> pd.DataFrame:
        return pd.DataFrame({"证券代码": ["600997"], "now": ["another shape"]})

    with fetched(silent, monkeypatch), pytest.raises(SourceError, match="no header"):
        run("update", "--market", "XSHG")
    assert [path.name for path in list_folder().iterdir()] == ["akshare.csv"]
    assert (list_folder() / "akshare.csv").read_bytes() == before


def test_without_akshare_update_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "akshare.py").write_text("raise ImportError('none here')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"supplychain-screen\[akshare\]"):
        run("update")


def test_a_fetch_that_hangs_is_killed_at_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "akshare.py").write_text(
        "import time\ndef stock_info_bj_name_code():\n    time.sleep(600)\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SourceUnreachableError, match="its process was killed"):
        run("update", "--market", "BJSE", "--deadline", "1")
