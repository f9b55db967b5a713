"""The line that a scheduler gets, run as it would: no terminal, next to no environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from tests.weekly_desks import CONFIG, write_desk

from supplychain_screen.weekly import schedule_text


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """In a folder whose name a shell, and cron, would take apart."""
    folder = tmp_path / "the desk's 100% $HOME"
    folder.mkdir()
    return write_desk(folder, CONFIG.replace('"none"', '"simulated"'))


@pytest.mark.slow
def test_the_line_of_cron_runs_with_nothing_around_it(config: Path) -> None:
    line = schedule_text("cron", PurePosixPath(config), sys.executable).splitlines()[-1]
    command = line.split(None, 5)[5].replace("\\%", "%")
    # A home, as cron sets it, and the tests' guard against the network; no terminal, no streams.
    kept = ("HOME", "https_proxy", "http_proxy")
    around = {name: os.environ[name] for name in kept if name in os.environ}
    codes = []
    for streams in ("", " <&- >&- 2>&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command}{streams}"],
            env={**around, "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
        )
        # --quiet: cron sends no mail about a run that went well.
        assert (done.stdout, done.stderr) == (b"", b"")
        codes.append(done.returncode)
    assert codes == [0, 6]
    (week,) = (config.parent / "weeks").glob("20*")
    assert "SIMULATED" in (week / "summary.zh.md").read_text(encoding="utf-8")
