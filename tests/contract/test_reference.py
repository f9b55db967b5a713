"""``docs/cli.md`` says what the commands say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_of_the_commands_is_current(tmp_path: Path) -> None:
    fresh = tmp_path / "cli.md"
    command = [
        str(Path(sys.executable).parent / "typer"),
        "supplychain_screen.cli.program",
        "utils",
    ]
    command += ["docs", "--name", "supplychain-screen", "--output", str(fresh)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    # The whole difference would drown the remedy.
    current = written == fresh.read_text(encoding="utf-8")
    assert current, "docs/cli.md does not say what the commands say; write it anew: make docs"
