"""The unmodified client in processes of their own: the cache folder, warnings, the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.integration.yahoo_server import LoopbackYahoo

pytestmark = pytest.mark.slow

# Exact floats, to compare processes to the byte.
SCRIPT = """
import json, sys
from datetime import UTC, date, datetime
from supplychain_screen.identity import Listing
from supplychain_screen.prices.sources.yahoo.source import YahooSource

listings = [Listing(mic="XHKG", code=f"02{n:02}", currency="HKD") for n in range(4)]
source = YahooSource(now=lambda: datetime(2026, 1, 9, 23, tzinfo=UTC), cache_dir=sys.argv[1])
prices = source.load(listings, date(2025, 6, 2), date(2026, 1, 9), "total")
print(json.dumps({key: one.close.tolist() for key, one in prices.series.items()}))
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def output(process: subprocess.Popen[str]) -> str:
    said, complaints = process.communicate()
    assert (process.returncode, complaints) == (0, "")
    return said


def test_warnings_are_errors_and_the_cookie_is_kept(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    first = output(start(tmp_path / "deep" / "cache"))
    assert len(json.loads(first)) == 4
    assert (yahoo.charts(), yahoo.count("cookie"), yahoo.count("getcrumb")) == (4, 1, 1)

    assert output(start(tmp_path / "deep" / "cache")) == first
    assert (yahoo.charts(), yahoo.count("cookie"), yahoo.count("getcrumb")) == (8, 1, 2)
    assert yahoo.count("probe") == 0


def a_file_in_the_way(folder: Path) -> None:
    folder.write_text("not a folder", encoding="utf-8")


def a_damaged_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "cookies.json").write_bytes(b"\xff not a list" * 400)


def somebody_elses_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "cookies.json").write_text('[{"name": "A3"}]', encoding="utf-8")


@pytest.mark.parametrize(
    "harm",
    [
        a_damaged_file,
        *(
            pytest.param(harm, marks=pytest.mark.slow)
            for harm in (a_file_in_the_way, somebody_elses_file)
        ),
    ],
)
def test_a_cache_that_cannot_be_used_costs_no_requests(
    yahoo: LoopbackYahoo, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(tmp_path / "cache")
    assert len(json.loads(output(start(tmp_path / "cache")))) == 4
    assert (yahoo.charts(), yahoo.count("probe"), yahoo.count("cookie")) == (4, 0, 1)


def test_two_processes_share_a_cache(yahoo: LoopbackYahoo, tmp_path: Path) -> None:
    both = [start(tmp_path / "cache") for _ in range(2)]
    first, second = (output(process) for process in both)
    assert first == second
    assert yahoo.charts() == 8


# --- The command line -----------------------------------------------------------------------

SCREEN = ("screen", "--published", "2024-12-31", "--as-of", "2026-01-09", "--prices", "yahoo")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "supplychain_screen.cli", *arguments],
        capture_output=True,
        encoding="utf-8",
    )


def test_the_command_line_screens_by_what_yahoo_says(yahoo: LoopbackYahoo) -> None:
    done = command(*SCREEN, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert yahoo.charts() <= 46
    assert max(yahoo.charts(one.symbol) for one in yahoo.requests if one.kind == "chart") == 1
    [espressif] = [one for one in result["companies"] if one["symbol"] == "688018.SS"]
    for leg, symbol in (("return", "688018.SS"), ("benchmark_return", "000300.SS")):
        market = yahoo.market(symbol)
        closes = dict(
            zip(
                market.sessions.astype(object),
                market.adjusted(date(2026, 1, 9), dividends=False),
                strict=True,
            )
        )
        truth = closes[date(2025, 12, 31)] / closes[date(2024, 12, 31)] - 1
        assert espressif["windows"]["12m"][leg] == pytest.approx(truth, abs=1e-6)


def test_one_symbols_fault_changes_nobody_elses_line(yahoo: LoopbackYahoo) -> None:
    clean = json.loads(command(*SCREEN, "--json").stdout)
    yahoo.fault("688018.SS", "html_page")
    faulty = command(*SCREEN, "--json")
    assert faulty.returncode == 3, faulty.stderr

    def others(result: dict[str, Any]) -> list[Any]:
        return [one for one in result["companies"] if one["symbol"] != "688018.SS"]

    result = json.loads(faulty.stdout)
    assert others(result) == others(clean)
    [espressif] = [one for one in result["companies"] if one["symbol"] == "688018.SS"]
    assert (espressif["rating"], espressif["reason"]) == ("unrated", "no_prices")


def test_a_refusal_of_everything_says_when_to_come_back(yahoo: LoopbackYahoo) -> None:
    yahoo.fault_all("rate_limited", retry_after="600")
    done = command(*SCREEN)
    assert done.returncode == 4
    assert "come back after" in done.stderr
    assert "Traceback" not in done.stderr
    assert yahoo.charts() == 3


def test_without_a_network_the_simulated_screen_is_labelled(
    yahoo: LoopbackYahoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    done = command(*SCREEN, "--or-simulated", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in done.stdout
    assert "Yahoo cannot be reached" in done.stdout + done.stderr
    assert os.environ["https_proxy"] == "http://127.0.0.1:1"
