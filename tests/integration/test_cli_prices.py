"""The prices commands against the loopback Yahoo, by a clock that stands still."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.yahoo_server import LoopbackYahoo
from typer.testing import CliRunner

from supplychain_screen import load_report
from supplychain_screen.cli import app, prices
from supplychain_screen.cli import screen as screen_command
from supplychain_screen.cli.terminal import Exit
from supplychain_screen.errors import InputError, SourceError
from supplychain_screen.prices.sources.yahoo import YahooSource
from supplychain_screen.prices.store import PriceStore

pytestmark = pytest.mark.slow

NOW = datetime(2026, 1, 9, 23, tzinfo=UTC)
RUN = CliRunner()


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_SCREEN_YAHOO_PACE", "0")
    monkeypatch.setenv("COLUMNS", "80")
    for module in (prices, screen_command):
        monkeypatch.setattr(module, "now", lambda: NOW)
        monkeypatch.setattr(module, "today", lambda: date(2026, 1, 9))


def run(*words: str) -> tuple[int, str]:
    found = RUN.invoke(app, [*words, "--lang", "en"])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout


def test_update_status_screen_and_back(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    code, out = run("prices", "update", "--json", *store)
    found = json.loads(out)
    assert (code, found["outcome"]) == (Exit.COMPLETE, "complete"), out
    assert {one["outcome"] for one in found["listings"]} == {"accepted"}
    assert yahoo.charts() <= 46

    before = yahoo.charts()
    code, out = run("prices", "update", *store)
    assert code == Exit.COMPLETE
    assert "0 requests" in out
    assert yahoo.charts() == before

    code, out = run("prices", "status", "--json", *store)
    shown = json.loads(out)
    assert code == Exit.COMPLETE
    assert {one["source"] for one in shown} == {"yahoo"}
    assert {one["age_sessions"] for one in shown} == {0}

    common = ("screen", "--published", "2024-12-31", "--as-of", "2026-01-09", "--json")
    code, stored = run(*common, "--prices", "store", *store)
    assert code == Exit.COMPLETE
    code, direct = run(*common, "--prices", "yahoo")
    assert code == Exit.COMPLETE
    kept, fetched = json.loads(stored)["companies"], json.loads(direct)["companies"]
    for one, two in zip(kept, fetched, strict=True):
        assert one["rating"] == two["rating"]
        if one["relative_return"] is not None:
            assert one["relative_return"] == pytest.approx(two["relative_return"], abs=1e-9)

    file = tmp_path / "all.parquet"
    assert run("prices", "export", str(file), *store)[0] == Exit.COMPLETE
    code, out = run("prices", "import", str(file), "--store", str(tmp_path / "other"))
    assert code == Exit.COMPLETE, out
    code, again = run(*common, "--prices", "store", "--store", str(tmp_path / "other"))
    assert [one["relative_return"] for one in json.loads(again)["companies"]] == [
        one["relative_return"] for one in kept
    ]

    code, out = run("prices", "check", *store)
    assert code == Exit.COMPLETE
    assert "39 series checked" in out


def test_a_store_updates_itself_for_a_report(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    store = PriceStore(tmp_path / "store")
    assert store.update(load_report(), now=NOW).outcome == "complete"
    asked = yahoo.charts()
    assert asked <= 46
    # What the command stores, the library finds current, and the other way round.
    assert run("prices", "update", "--store", store.location)[0] == Exit.COMPLETE
    assert yahoo.charts() == asked

    class Silent(YahooSource):
        def stream(self, instruments: Any, first: Any) -> Iterator[Any]:
            raise AssertionError("nothing can have changed")

    again = store.update(load_report(), now=NOW, source=Silent(now=lambda: NOW))
    assert (again.outcome, again.requests) == ("complete", 0)


def test_one_listing_that_fails_is_partial_and_named(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    yahoo.fault("688018.SS", "html_page")
    code, out = run("prices", "update", "--store", str(tmp_path / "store"))
    assert code == Exit.PARTIAL
    assert "partial" in out
    assert "688018.SS: failed" in out


def test_a_yahoo_that_refuses_leaves_nothing(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    yahoo.fault_all("rate_limited", retry_after="600")
    code, out = run("prices", "update", "--store", str(tmp_path / "store"))
    assert code == Exit.NOTHING
    assert "come back after" in out
    assert yahoo.charts() == 3


def test_check_says_why_it_has_nothing_to_check(tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    with pytest.raises(SourceError, match="run prices update"):
        run("prices", "check", *store)
    assert run("prices", "status", *store)[0] == Exit.NOTHING
    file = tmp_path / "prices.csv"
    rows = [f"688018.SS,2025-06-0{day},,{100 + day}" for day in (3, 4, 5, 6)]
    file.write_text("\n".join(["symbol,date,close,adj_close", *rows]))
    with pytest.raises(SourceError, match="nothing in the column 'close'"):
        run("prices", "check", "--prices", str(file))
    code, out = run("prices", "check", "--prices", str(file), "--close", "adj_close")
    assert (code, out) == (Exit.COMPLETE, "1 series checked, 0 findings\n")
    with pytest.raises(InputError, match="--close"):
        run("prices", "check", "--close", "adj_close", *store)


def test_stored_prices_are_held_against_the_last_session(
    yahoo: LoopbackYahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ("--store", str(tmp_path / "store"))
    assert run("prices", "update", *store)[0] == Exit.COMPLETE
    code, out = run("prices", "status", *store)
    assert code == Exit.COMPLETE
    assert "39 of 39 series stored" in out
    assert "all from yahoo" in out
    before = run("prices", "check", *store)[1]
    assert "benchmark_gap" not in before
    # Two weeks without an update: the benchmarks can rate nobody any more.
    for module in (prices, screen_command):
        monkeypatch.setattr(module, "now", lambda: NOW + timedelta(days=14))
        monkeypatch.setattr(module, "today", lambda: date(2026, 1, 23))
    code, out = run("prices", "status", "--json", *store)
    late = {one["symbol"] for one in json.loads(out) if one["unrated"] == ["benchmark_gap"]}
    assert late == {"000300.SS", "^HSI", "^GSPC", "^IXIC"}
    out = run("prices", "check", *store)[1]
    assert "Calls unrated  Benchmark gap" in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_comparison_of_nothing_is_no_pass(tmp_path: Path) -> None:
    second = tmp_path / "second.csv"
    second.write_text(
        "symbol,date,close,px\n"
        + "".join(f"688018.SS,2025-01-{day:02},,{day}\n" for day in range(2, 30))
    )
    with pytest.raises(InputError, match=r"no series can be compared.*--against-close"):
        run("prices", "check", "--prices", "simulated", "--against", str(second))


def test_check_against_a_second_source(market_data: Path) -> None:
    common = (
        "prices",
        "check",
        "--prices",
        str(market_data / "prices.csv.gz"),
        "--first",
        "2024-12-31",
        "--json",
        "--against-close",
        "adj_close",
        "--against",
    )

    def disagreeing(file: str) -> set[str]:
        code, out = run(*common, str(market_data / file))
        assert code == Exit.COMPLETE
        findings = json.loads(out)
        return {one["listing"] for one in findings if one["code"] == "second_source_disagreement"}

    assert disagreeing("second_source.csv.gz") == set()
    assert disagreeing("defect_missed_split_688018.csv") == {"XSHG:688018"}
