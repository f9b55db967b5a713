"""The blocks of the guide to track records run, on files of the names that it uses."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.records import calls, closes
from typer.testing import CliRunner

from supplychain_screen.cli import app

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "track_record.md").read_text("utf-8")


def test_the_guides_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    calls(("House 00", "House 01"), each=40).to_csv("calls.csv", index=False)
    rows = closes().melt(ignore_index=False, var_name="listing", value_name="close")
    rows.rename_axis("date").reset_index().to_csv("prices.csv", index=False)
    known: dict[str, Any] = {}
    blocks = re.findall(r"^```(python|sh)\n(.*?)^```$", GUIDE, re.M | re.S)
    assert [language for language, _ in blocks] == ["sh", "python"]
    for language, block in blocks:
        if language == "python":
            exec(compile(block, "track_record.md", "exec"), known)
        else:
            done = CliRunner().invoke(app, shlex.split(block)[1:])
            assert done.exit_code == 0, done.output
    assert {"record.html", "record.xlsx"} <= {one.name for one in tmp_path.iterdir()}


def test_links_of_the_guide_lead_somewhere() -> None:
    root = Path(__file__).resolve().parents[2]
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", GUIDE)
    assert [one for one in links if not (root / "docs" / one).exists()] == []
    named = re.findall(r"`(examples/[a-z_]+\.py)`", GUIDE)
    assert named
    assert all((root / one).is_file() for one in named)
