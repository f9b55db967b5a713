"""Interrupts at any moment, and standard streams that are closed, full or abandoned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "supplychain_screen.cli"]

# Python tells a hook of whatever it imports, opens or starts: the interrupt comes with the n-th.
INTERRUPTED = """
import os, signal, sys
from supplychain_screen.cli import main
left = [int(sys.argv.pop(1))]
def hook(event, arguments):
    if event in ("import", "open", "compile", "os.mkdir", "os.rename"):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
main()
"""


def interrupted(moment: int, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(moment), *words], capture_output=True, text=True
    )


@pytest.mark.parametrize("moment", [60, 150])
def test_an_interrupt_is_one_line(moment: int) -> None:
    found = interrupted(moment, "report", "show")
    assert (found.returncode, found.stderr) == (130, "interrupted\n")


@pytest.mark.slow
@pytest.mark.parametrize("moment", [60, 90, 200, 300, 400, 500, 700, 900, 1100, 1250])
def test_an_interrupt_while_files_are_made_leaves_whole_ones_or_none(
    moment: int, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    words = ["screen", "--published", "2024-12-31", "--as-of", "2025-06-30"]
    found = interrupted(moment, *words, "--prices", "simulated", "--html", str(page))
    assert "Traceback" not in found.stderr
    # Behind the last event nothing interrupts.
    assert found.returncode in (0, 130, -2)
    assert [one.name for one in tmp_path.iterdir()] in ([], ["page.html"])
    if page.exists():
        assert page.read_text("utf-8").rstrip().endswith("</html>")


def test_an_ignored_interrupt_stays_ignored() -> None:
    behind_nohup = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + INTERRUPTED
    found = subprocess.run(
        [sys.executable, "-c", behind_nohup, "40", "--version"], capture_output=True, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")


def shell(command: str) -> tuple[int, str]:
    """Exit code and standard error of a shell's line in which $P is the program."""
    found = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {command.replace('$P', ' '.join(PROGRAM))}"],
        capture_output=True,
        text=True,
    )
    return found.returncode, found.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output_is_told() -> None:
    said = "error: standard output cannot be written: No space left on device\n"
    assert shell("$P --version >/dev/full") == (3, said)
    assert shell("$P nowhere 2>/dev/full") == (2, "")


@pytest.mark.slow
def test_a_closed_or_abandoned_output_is_quiet(tmp_path: Path) -> None:
    assert shell("$P --version >&-") == (0, "")
    assert shell("$P --version <&- >&- 2>&-") == (0, "")
    # What was meant for a closed standard error does not stand in the output.
    assert shell(f"$P screen --published never >{tmp_path / 'out'} 2>&-") == (2, "")
    assert (tmp_path / "out").read_bytes() == b""
    assert shell("$P report show | true") == (141, "")
