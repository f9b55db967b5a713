"""What commands print on a terminal of 80 columns, in both languages."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from supplychain_screen import load_report
from supplychain_screen.output import display_width

if sys.platform == "win32":
    pytest.skip("a console of Windows is no pseudo-terminal", allow_module_level=True)

import fcntl
import pty
import termios

REPORT = load_report()


def on_a_terminal(folder: Path, *words: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a command whose streams are a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    plain = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    run = subprocess.Popen(
        [sys.executable, "-m", "supplychain_screen.cli", *words],
        cwd=folder,
        env=plain | {"NO_COLOR": "1", "SUPPLYCHAIN_SCREEN_STORE": str(folder / "store")},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    text = b""
    # At the end Linux raises, and others read nothing.
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    return run.wait(), text.decode("utf-8").replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_line_of_a_command_is_wider_than_the_terminal(tmp_path: Path, lang: str) -> None:
    days = ["2024-12-27", "2024-12-30", "2024-12-31", "2025-01-02", "2025-01-03"]
    named = [one.ticker for one in REPORT.instruments][2:]
    rows = [f"{one},{day},{10 + at}" for one in named for at, day in enumerate(days)]
    (tmp_path / "prices.csv").write_text("\n".join(["symbol,date,close", *rows]), "utf-8")
    (tmp_path / "gap.csv").write_text("\n".join(["symbol,date,close", *rows[1:2], *rows[3:]]))
    report = ["2024-12-31", "", "| 公司 | 代码 |", "|---|---|", "| 高通 | QCOM.O |", "| TCL | |"]
    (tmp_path / "own.md").write_text("\n".join(report), "utf-8")
    said = []
    for words in (
        ("screen", "--published", "2024-12-31", "--prices", "prices.csv"),
        ("screen", "--report", "own.md", "--prices", "prices.csv"),
        ("screen", "--published", "2024-12-31", "--or-simulated", "--as-of", "2025-03-31"),
        ("prices", "import", "gap.csv"),
        ("report", "show"),
        ("report", "new", "mine", "--house", "nobody", "--published", "2024-12-31"),
        ("universe", "status"),
    ):
        code, lines = on_a_terminal(tmp_path, *words, "--lang", lang)
        assert code in (0, 2, 3, 4)
        # A path is never broken: who copies it needs it whole.
        long = [one for one in lines if display_width(one) > 80 and str(tmp_path) not in one]
        assert long == [], words
        said += lines
    assert sum(line.startswith("  ") for line in said) > 20
