"""The desk's own process against Yahoo on loopback: alive, dead, slow; and on a full disk."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.yahoo_server import LoopbackYahoo
from tests.weekly_desks import CONFIG, tree, write_desk

pytestmark = pytest.mark.slow

SATURDAY, SUNDAY, TUESDAY = "2026-01-10T12:00", "2026-01-11T12:00", "2026-01-13T23:30"
SECRET = "s3cr3t-t0ken"

# The whole command line in a process of its own, warnings as errors; only its clock is given.
PROGRAM = """
import sys
from datetime import UTC, datetime
from supplychain_screen.cli import main, weekly
moment = datetime.fromisoformat(sys.argv.pop(1)).replace(tzinfo=UTC)
weekly.now = lambda: moment
main()
"""


class Desk:
    """A desk whose prices come from Yahoo."""

    def __init__(self, folder: Path) -> None:
        self.config = write_desk(folder, CONFIG.replace('"none"', '"yahoo"'))
        self.archive = folder / "weeks"

    def run(
        self, moment: str, *words: str, limit: Callable[[], None] | None = None, **env: str
    ) -> tuple[int, str, str]:
        command = [sys.executable, "-W", "error", "-c", PROGRAM, moment, "weekly", "run"]
        done = subprocess.run(
            [*command, str(self.config), "--lang", "en", *words],
            # As a scheduler starts it: no terminal, nothing to read from.
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            start_new_session=True,
            env={**os.environ, **env},
            preexec_fn=limit,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    def files(self) -> dict[str, bytes]:
        """All of the archive but the lock's file, which names whoever held it last."""
        return {name: data for name, data in tree(self.archive).items() if name != ".lock"}

    def weeks(self) -> list[str]:
        return sorted(one.name for one in self.archive.glob("20*"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_alive_then_dead_on_a_later_day(yahoo: LoopbackYahoo, desk: Desk) -> None:
    code, out, err = desk.run(SATURDAY)
    assert (code, err) == (0, "")
    assert out == "2026-01-09: complete; desk 5 of 5 rated; no earlier week\n"
    assert yahoo.charts() == 9
    before = desk.files()
    yahoo.fault_all("maintenance")
    yahoo.now = yahoo.now.replace(day=13)
    code, out, err = desk.run(TUESDAY)
    assert (code, err) == (6, "")
    assert out == "2026-01-09: nothing changed; desk 5 of 5 rated\n"
    assert desk.files() == before


@pytest.mark.parametrize(
    "fault",
    [
        "rate_limited",
        *(
            pytest.param(fault, marks=pytest.mark.slow)
            for fault in ("maintenance", "reset", "unauthorized")
        ),
    ],
)
def test_dead_on_the_first_day(yahoo: LoopbackYahoo, desk: Desk, fault: str) -> None:
    yahoo.fault_all(fault)
    code, out, err = desk.run(SATURDAY)
    assert (code, out) == (4, "")
    assert err.startswith("error: ")
    assert "no price of the week to 2026-01-09" in err
    assert desk.weeks() == []


def test_dead_in_the_second_week(yahoo: LoopbackYahoo, desk: Desk) -> None:
    assert desk.run(SATURDAY)[0] == 0
    before = desk.files()
    yahoo.fault_all("rate_limited")
    code, out, err = desk.run("2026-01-17T12:00")
    assert (code, out) == (4, "")
    assert "no price of the week to 2026-01-16" in err
    assert desk.files() == before


def test_one_symbol_fails_and_is_mended_on_sunday(yahoo: LoopbackYahoo, desk: Desk) -> None:
    yahoo.fault("NVDA", "html_page")
    code, out, _ = desk.run(SATURDAY)
    assert code == 3
    assert out.startswith("2026-01-09: partial (1 of 9 not updated: NVDA); desk 4 of 5 rated")
    # Nothing mends it: the code stays, and so does the week.
    code, out, _ = desk.run(SATURDAY)
    assert code == 3
    assert "nothing changed, still partial" in out
    yahoo.reset()
    code, out, _ = desk.run(SUNDAY)
    assert code == 0
    assert out.startswith("2026-01-09.r2: complete; desk 5 of 5 rated")
    assert desk.weeks() == ["2026-01-09", "2026-01-09.r2"]


def test_a_hanging_symbol_is_given_up_and_the_process_ends(
    yahoo: LoopbackYahoo, desk: Desk
) -> None:
    # Less than its three tries take, and enough for the others on the slowest machine.
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text + "[run]\ndeadline_minutes = 0.4\n", encoding="utf-8")
    yahoo.fault("QCOM", "time_out")
    code, out, _ = desk.run(SATURDAY)
    assert code == 3
    assert "the update of prices was stopped after 24 s" in out
    assert "QCOM" in out
    assert desk.weeks() == ["2026-01-09"]


@pytest.mark.parametrize("size", [0, 2_000])
def test_a_disk_too_full_for_the_store(yahoo: LoopbackYahoo, desk: Desk, size: int) -> None:
    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    code, out, err = desk.run(SATURDAY, limit=full)
    assert (code, out) == (4, "")
    assert err.startswith("error: ")
    assert desk.weeks() == []
    # Room again: the same command goes through.
    assert desk.run(SATURDAY)[0] == 0


def test_a_secret_is_in_no_log_and_no_file(yahoo: LoopbackYahoo, desk: Desk) -> None:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text + '[notify]\non = ["always"]\n', encoding="utf-8")
    address = f"json://127.0.0.1:1/{SECRET}"
    code, out, err = desk.run(SATURDAY, "--log-json", SUPPLYCHAIN_SCREEN_NOTIFY=address)
    events = [json.loads(line) for line in err.splitlines()]
    (notice,) = [one for one in events if one["event"] == "notice"]
    assert (code, notice["service"], notice["delivered"]) == (0, "json", False)
    yahoo.fault_all("rate_limited")
    late = desk.run("2026-01-17T12:00", "--quiet", SUPPLYCHAIN_SCREEN_NOTIFY=address)
    assert late[0] == 4
    assert "notice by json failed" in late[2]
    for said in (out, err, late[1], late[2], *map(str, tree(desk.config.parent).values())):
        assert SECRET not in said
