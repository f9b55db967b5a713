"""The screen command as a process would meet it: exit codes, streams, and nothing half done."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supplychain_screen import load_report
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import Exit, fail
from supplychain_screen.errors import ScreenError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.output import display_width

RUN = CliRunner()
REPORT = load_report()
EVERYBODY = sorted(
    {REPORT.listing(one.listing).ticker for one in REPORT.mentions if one.listing}
    | {"000300.SS", "^HSI", "^GSPC", "^IXIC"},
    key=lambda name: (name == "603893.SS", name),
)
COMMON = ["screen", "--published", "2024-12-31", "--as-of", "2026-01-09", "--prices", "simulated"]


def run(*words: str) -> tuple[int, str, str]:
    found = RUN.invoke(app, list(words))
    if isinstance(found.exception, ScreenError):
        return int(fail(found.exception)), found.stdout, str(found.exception)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_fits_80_columns_and_says_simulated(lang: str) -> None:
    code, out, _ = run(*COMMON, "--lang", lang)
    assert code == Exit.COMPLETE
    assert "SIMULATED" in out
    assert "2454.TW" in out


def test_json_is_one_object() -> None:
    code, out, _ = run(*COMMON, "--json")
    found = json.loads(out)
    assert code == Exit.COMPLETE
    assert found["schema_version"] == 2
    assert found["simulated"] is True
    assert len(found["companies"]) == 36


def test_a_benchmark_of_ones_own_choice() -> None:
    code, out, _ = run(*COMMON, "--benchmark", "XNAS=^NDX", "--json")
    others = json.loads(out)["inference"]["other_benchmarks"]
    assert code == Exit.COMPLETE
    assert {one["benchmark"] for one in others if one["users_choice"]} == {"INDEX:NDX"}


def test_the_version_before_can_be_asked_for() -> None:
    code, out, _ = run(*COMMON, "--json-schema", "1")
    assert code == Exit.COMPLETE
    assert json.loads(out)["schema_version"] == 1


def test_the_publication_date_is_required() -> None:
    code, out, error = run("screen", "--prices", "simulated")
    assert code == Exit.BAD_INPUT
    assert out == ""
    assert "never guessed" in error
    assert "2024-11-12" in error


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--published", "2999-01-01"], "future"),
        (["--published", "2024-12-31", "--as-of", "2999-01-01"], "future"),
        (["--published", "2024-12-31", "--as-of", "2024-12-30"], "before the publication"),
        (["--published", "tomorrow"], "not a date"),
        (["--published", "2024-12-31", "--choices", "TCL"], "NAME=VALUE"),
        (["--published", "2024-12-31", "--prices", "nowhere.csv"], "nowhere.csv"),
        (["--published", "2024-12-31", "--json", "--markdown"], "give one of them"),
        (["--published", "2024-12-31", "--csv", "one", "--xlsx", "one"], "have one name"),
        (["--published", "2024-12-31", "--close", "px"], "--close can only be said of a price"),
        (
            ["--published", "2024-12-31", "--choices", "TCL=NOPE"],
            "TCL as printed may be XSHE:000100",
        ),
    ],
)
def test_bad_input_leaves_with_2_and_writes_nothing(
    tmp_path: Path, words: list[str], message: str
) -> None:
    page = tmp_path / "page.html"
    code, out, error = run("screen", "--prices", "simulated", *words, "--html", str(page))
    assert code == Exit.BAD_INPUT
    assert out == ""
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_text_in_a_number_is_named_by_file_row_and_column(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("symbol,date,close\nQCOM,2024-12-30,1.5\nQCOM,2024-12-31,abc\n", "utf-8")
    code, _, error = run(
        "screen", "--published", "2024-12-31", "--as-of", "2025-06-30", "--prices", str(file)
    )
    assert code == Exit.BAD_INPUT
    for part in ("prices.csv", "row 3", "column close", "abc"):
        assert part in error


def test_static_without_a_page_is_refused() -> None:
    code, out, error = run(*COMMON, "--static")
    assert (code, out) == (Exit.BAD_INPUT, "")
    assert "--html" in error


def test_an_empty_store_is_told_once(tmp_path: Path) -> None:
    store = tmp_path / "prices"
    words = ["screen", "--published", "2024-12-31", "--as-of", "2025-06-30", "--store", str(store)]
    code, out, error = run(*words)
    assert (code, out) == (Exit.NOTHING, "")
    assert error.count(str(store)) == error.count("prices update") == 1
    code, out, notes = run(*words, "--or-simulated")
    assert (code, "SIMULATED" in out) == (Exit.COMPLETE, True)
    told = notes.splitlines()
    assert [one.partition(str(store))[0] for one in told[::2]] == [
        "没有行情：行情库 ",
        "SIMULATED 模拟数据，因为没有行情：行情库 ",
    ]
    assert "SIMULATED 模拟数据" in told[1]
    told = run(*words, "--or-simulated", "--lang", "en")[2].splitlines()
    assert told == [
        f"no prices: {error}",
        "showing a SIMULATED screen instead: its numbers are made up and mean nothing",
        f"SIMULATED, for want of prices: {error}",
    ]


def test_the_columns_of_a_price_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    rows = [
        f"{who},{day},1.5,2.5"
        for who in ("QCOM", "^GSPC")
        for day in ("2024-12-30", "2024-12-31", "2025-01-02")
    ]
    file.write_text("\n".join(["symbol,date,px,tr", *rows]) + "\n", "utf-8")
    words = [
        "screen",
        "--published",
        "2024-12-31",
        "--as-of",
        "2025-01-02",
        "--json",
        "--prices",
        str(file),
        "--close",
        "px",
        "--total-close",
        "tr",
        "--allow-missing",
    ]
    for basis, close in (("price", 1.5), ("total", 2.5)):
        code, out, _ = run(*words, "--basis", basis)
        assert code == Exit.PARTIAL
        found = {one["symbol"]: one for one in json.loads(out)["companies"]}["QCOM"]
        assert found["base_close"] == close


def test_a_listing_that_a_file_lacks_is_said_to_be_lacking(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("symbol,date,close\nQCOM,2024-12-31,1.5\nNVDA,2025-01-02,1.5\n", "utf-8")
    _, out, _ = run(
        "screen",
        "--published",
        "2024-12-31",
        "--as-of",
        "2025-01-02",
        "--prices",
        str(file),
        "--lang",
        "en",
        "--markdown",
        "--allow-missing",
    )
    assert "VNET (VNET)" in out
    assert "the price source has no closes of VNET at all" in " ".join(out.split())


def test_marks_outlive_a_name_that_is_cut() -> None:
    _, out, _ = run(*COMMON, "--lang", "en")
    table = [line for line in out.splitlines() if line.startswith(("TCL Tech", "Hygon"))]
    assert [line.split("…")[1][:1] for line in table if "…" in line] == ["*"]
    assert any(line.startswith("TCL Technology?") for line in table)


def test_prices_of_somebody_else_are_no_prices(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("symbol,date,close\nAAPL,2024-12-30,1.5\n", "utf-8")
    code, _, error = run(
        "screen", "--published", "2024-12-31", "--as-of", "2025-06-30", "--prices", str(file)
    )
    assert code == Exit.NOTHING
    assert "no prices at all" in error


def test_a_file_with_some_listings_is_partial(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    days = ["2024-12-30", "2024-12-31", "2025-01-02", "2025-01-03"]
    lines = [
        f"{symbol},{day},{10 + i}" for symbol in ("QCOM", "^GSPC") for i, day in enumerate(days)
    ]
    file.write_text("\n".join(["symbol,date,close", *lines]) + "\n", "utf-8")
    words = [
        "screen",
        "--published",
        "2024-12-31",
        "--as-of",
        "2025-01-03",
        "--prices",
        str(file),
        "--json",
        "--lang",
        "en",
    ]
    code, out, error = run(*words)
    assert (code, out) == (Exit.BAD_INPUT, "")
    assert "has prices of 1 of 35 listings; missing are" in error
    assert "--allow-missing" in error
    code, out, error = run(*words, "--allow-missing")
    assert code == Exit.PARTIAL
    assert "CSV, closes whose adjustment nobody stated, no volume, 2 of" in error
    rated = [one for one in json.loads(out)["companies"] if one["rating"] != "unrated"]
    assert {one["company"] for one in rated} == {"高通"}
    told = (
        "partial: 37 of 39 price series are missing (000300.SS, ^HSI, ^IXIC, 0285.HK, 2018.HK, 32"
        " more), and 33 companies unrated for it; add them to the price file\n"
    )
    assert error.endswith(told)
    notes = run(*words, "--allow-missing", "--lang", "zh")[2]
    assert notes.endswith("33 家公司因此没有评级；请把它们补进行情文件\n")


@pytest.mark.parametrize(("absent", "code"), [("^IXIC", Exit.COMPLETE), ("^GSPC", Exit.PARTIAL)])
def test_a_second_benchmark_that_is_missing_makes_nothing_partial(
    tmp_path: Path, absent: str, code: Exit
) -> None:
    closes = {
        name: [f"{10 + n % 7 + step / 10}" for step in range(5)]
        for n, name in enumerate(EVERYBODY)
        if name != absent
    }
    place = prices_of(tmp_path / "prices.csv", closes)
    words = ("screen", "--published", "2024-12-31", "--prices", place, "--lang")
    found, _, error = run(*words, "en")
    assert found == code
    assert ("partial: 1 of 39" in error) is (code == Exit.PARTIAL)
    assert ("no prices of ^IXIC: the comparison with a second benchmark is left out" in error) is (
        absent == "^IXIC"
    )
    assert ("没有 ^IXIC 的行情：" in run(*words, "zh")[2]) is (absent == "^IXIC")


def test_a_check_is_told_with_its_series_day_and_closes(tmp_path: Path) -> None:
    closes = {
        name: [f"{10 + n % 7 + step / 10}" for step in range(5)] for n, name in enumerate(EVERYBODY)
    }
    closes["603893.SS"] = ["10", "10.1", "10.2", "1025", "10.3"]
    place = prices_of(tmp_path / "prices.csv", closes)
    words = ("screen", "--published", "2024-12-30", "--as-of", "2025-01-02", "--prices", place)
    _, out, error = run(*words, "--lang", "en")
    assert "Unit jump × 1 (Calls unrated): 603893.SS 2025-01-02\n" in out
    assert (
        "603893.SS 2025-01-02: close x100.5 from one session to the next, 10.2 to 1025; correct"
        " the row or rows, so that all closes are in one unit" in error
    )
    _, out, error = run(*words, "--lang", "zh")
    assert "单位跳变 × 1（相关评级作废）：603893.SS 2025-01-02\n" in out
    assert "603893.SS 2025-01-02：收盘价由 10.2 变为 1025，是前一交易日的 100.5 倍" in error
    assert max(map(display_width, out.splitlines())) <= 80


def test_who_is_undecided_is_told_where_prices_are_missing_too(tmp_path: Path) -> None:
    closes = {name: ["10", "10.1", "10.2", "10.3", "10.4"] for name in ("688256.SS", "000300.SS")}
    report = tmp_path / "own.md"
    rows = ["| 公司 | 代码 |", "|---|---|", "| 寒武纪 | 688256.SH |", "| 立讯精密 | 002475 |"]
    report.write_text("\n".join([*rows, "| TCL | |"]), "utf-8")
    code, _, error = run(
        *("screen", "--report", str(report), "--published", "2024-12-31", "--lang", "en"),
        *("--prices", prices_of(tmp_path / "prices.csv", closes)),
    )
    assert code == Exit.PARTIAL
    missing, undecided = error.splitlines()[-2:]
    assert missing == (
        "partial: 1 of 3 price series are missing (002475.SZ), and 1 company unrated for it;"
        " add them to the price file"
    )
    assert undecided.startswith("undecided: 1 of 3 mentions (TCL);")


def prices_of(place: Path, closes: dict[str, list[str]], more: str = "") -> str:
    days = ["2024-12-27", "2024-12-30", "2024-12-31", "2025-01-02", "2025-01-03"]
    lines = [
        f"{symbol},{day},{close}{',' + more if more else ''}"
        for symbol, column in closes.items()
        for day, close in zip(days, column, strict=True)
    ]
    head = "symbol,date,close" + (",currency" if more else "")
    place.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return str(place)


SHORT = [
    "screen",
    "--published",
    "2024-12-31",
    "--as-of",
    "2025-01-03",
    "--allow-missing",
    "--json",
    "--lang",
    "en",
]


def test_a_close_below_zero_at_the_base_is_no_reason_to_take_the_one_before(tmp_path: Path) -> None:
    closes = {
        "QCOM": ["10", "10.1", "-10.2", "10.3", "10.4"],
        "NVDA": ["20", "20.1", "20.2", "20.3", "20.4"],
        "^GSPC": ["30", "30.1", "30.2", "30.3", "30.4"],
    }
    code, out, error = run(*SHORT, "--prices", prices_of(tmp_path / "prices.csv", closes))
    found = {one["symbol"]: one for one in json.loads(out)["companies"]}
    assert (found["QCOM"]["rating"], found["QCOM"]["reason"]) == ("unrated", "suspect_prices")
    assert found["NVDA"]["rating"] != "unrated"
    assert code == Exit.PARTIAL  # the others are not in the file
    assert "Close not positive (1 series); QCOM 2024-12-30..2024-12-31: 1 row with a" in error


def test_nobody_rated_for_the_prices_sake_is_partial_and_said(tmp_path: Path) -> None:
    closes = {name: ["10", "10.1", "10.2", "10.3", "10.4"] for name in EVERYBODY}
    file = prices_of(tmp_path / "prices.csv", closes, "EUR")
    code, out, error = run(*SHORT, "--prices", file)
    assert code == Exit.PARTIAL
    assert {one["rating"] for one in json.loads(out)["companies"]} == {"unrated"}
    assert "Other currency (39 series); 000300.SS 2024-12-27..2025-01-03: closes in EUR," in error
    assert "could not be had" not in error
    # In Chinese no English is left but names.
    notes = run(*SHORT, "--prices", file, "--lang", "zh")[2]
    assert notes.startswith(
        "CSV，收盘价未说明如何复权，没有成交量，39 个序列中找到 39 个\n没有评级："
    )
    assert "货币不符（39 个序列）；000300.SS 2024-12-27..2025-01-03：" in notes
    assert not re.search("[a-z]{2,}", notes)


def test_an_unfinished_day_of_a_market_is_said_of_all_its_series(tmp_path: Path) -> None:
    days = exchange_sessions("XNYS", date(2024, 12, 16), date(2025, 1, 10)).tolist()
    lines = [
        f"{symbol},{day},{10 + number + n / 100},{90 if day == days[-1] else 9000}"
        for number, symbol in enumerate(("QCOM", "NVDA", "VNET", "^GSPC"))
        for n, day in enumerate(days)
    ]
    file = tmp_path / "prices.csv"
    file.write_text("\n".join(["symbol,date,close,volume", *lines]) + "\n", "utf-8")
    words = [*SHORT, "--as-of", "2025-01-10", "--prices", str(file)]
    code, _, error = run(*words)
    assert code == Exit.PARTIAL
    assert "Session not finished (several series); NVDA, QCOM, VNET: the median" in error


def test_symbols_that_nobody_asked_for_are_counted_and_the_likeliest_named(tmp_path: Path) -> None:
    column = ["10", "10.1", "10.2", "10.3", "10.4"]
    closes = dict.fromkeys([*EVERYBODY[:-1], "600000.SS", "609999.SS"], column)
    assert EVERYBODY[-1] == "603893.SS"
    _, _, error = run(*SHORT, "--prices", prices_of(tmp_path / "prices.csv", closes))
    assert "38 of 39 series found, 2 not asked for: 609999.SS, 600000.SS" in error


def test_every_output_is_written(tmp_path: Path) -> None:
    code, _, error = run(
        *COMMON,
        "--html",
        str(tmp_path / "p.html"),
        "--xlsx",
        str(tmp_path / "b.xlsx"),
        "--csv",
        str(tmp_path / "csv"),
    )
    assert code == Exit.COMPLETE
    assert {one.name for one in tmp_path.iterdir()} == {"p.html", "b.xlsx", "csv"}
    assert "页面：" in error
    assert "数据表：" in error


def test_choose_takes_a_symbol() -> None:
    code, out, _ = run(*COMMON, "--choices", "TCL=1070.HK", "--json")
    assert code == Exit.COMPLETE
    assert "1070.HK" in {one["symbol"] for one in json.loads(out)["companies"]}


def test_report_commands(tmp_path: Path) -> None:
    code, out, _ = run("report", "show", "--lang", "en")
    assert code == Exit.COMPLETE
    assert "688256.SS" in out
    code, _, _ = run("report", "new", str(tmp_path / "mine"))
    assert code == Exit.COMPLETE
    code, out, _ = run("report", "validate", str(tmp_path / "mine"), "--json")
    assert (code, json.loads(out)) == (Exit.COMPLETE, [])
    (tmp_path / "mine" / "suppliers.csv").write_text("order\n1\n", "utf-8")
    code, out, _ = run("report", "validate", str(tmp_path / "mine"))
    assert code == Exit.BAD_INPUT
    assert "suppliers.csv" in out


def test_resolve_refuses_to_guess() -> None:
    code, out, _ = run("resolve", "TCL", "创维数字", "--json")
    first, second = json.loads(out)
    assert code == Exit.PARTIAL
    assert first["listing"] is None
    assert second["listing"] == "XSHE:000810"
    assert (first["verdict"], second["verdict"]) == ("ambiguous", "resolved")
    code, out, _ = run("resolve", "US67066G1041", "--lang", "en")
    assert code == Exit.PARTIAL
    assert "US67066G1041 -> ?: the check digit of the ISIN US67066G1041 should be 0" in out


def test_prices_offline_and_empty(tmp_path: Path) -> None:
    code, _, error = run("prices", "update", "--offline", "--store", str(tmp_path / "s"))
    assert code == Exit.BAD_INPUT
    assert "--offline" in error
    code, out, _ = run("prices", "status", "--store", str(tmp_path / "s"), "--json")
    assert code == Exit.NOTHING
    assert len(json.loads(out)) == 39
    assert not (tmp_path / "s").exists()


def test_doctor_needs_no_home_and_no_wide_terminal(tmp_path: Path) -> None:
    homeless = {key: one for key, one in os.environ.items() if key != "HOME"}
    for lang in ("zh", "en"):
        found = subprocess.run(
            [sys.executable, "-m", "supplychain_screen.cli", "doctor", "--lang", lang],
            env={**homeless, "COLUMNS": "80"},
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert "Traceback" not in found.stderr
        assert found.returncode in (0, 3)
        assert max(map(display_width, found.stdout.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


def test_doctor_knows_what_is_installed() -> None:
    code, out, _ = run("doctor", "--json")
    states = {one["name"]: one["state"] for one in json.loads(out)}
    assert code == Exit.COMPLETE
    assert states["packaged report"] == "ok"
