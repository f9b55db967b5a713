"""The steps of the guide to a report of one's own run as they are written."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from supplychain_screen import load_report, validate_report
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import Exit

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "own_report.md").read_text("utf-8")
EXAMPLES = ("report_english.md", "report_traditional.html")


def test_every_step_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").mkdir()
    for name in EXAMPLES:
        shutil.copy(ROOT / "examples" / name, tmp_path / "examples" / name)
    names = iter(("my.csv", "decided.csv"))
    known: dict[str, Any] = {}
    said = []
    for language, block in re.findall(r"^```(csv|sh|python)\n(.*?)^```$", GUIDE, re.M | re.S):
        if language == "csv":
            Path(next(names)).write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, "own_report.md", "exec"), known)
        else:
            for line in block.strip().splitlines():
                done = CliRunner().invoke(app, shlex.split(line)[1:])
                assert done.exit_code == Exit.COMPLETE, done.output + str(done.exception)
                said.append(done.output)
    assert "my.html" in {one.name for one in tmp_path.iterdir()}
    assert "6613.HK" in said[3]
    assert "the reader holds the H share" in " ".join(said[3].split())
    assert validate_report("my-report") == ()
    assert len(load_report("my-report").corrections) == 2
    assert known["result"].companies["listing"].tolist()[:2] == ["XTAI:2454", "XNAS:QCOM"]


def test_the_examples_are_marked_and_read_whole() -> None:
    from supplychain_screen import read_report

    english, traditional = (read_report(ROOT / "examples" / name) for name in EXAMPLES)
    listings = ["XNAS:NVDA", "XTAI:2330", "XNAS:QCOM", "XHKG:2382", "XTAI:3008", "XHKG:2018"]
    assert [one.listing for one in english.mentions] == listings
    assert english.to_report().standard.stock.kind == "absolute"
    assert [one.target for one in traditional.mentions] == [
        "1,600",
        "170",
        "2,600",
        "85",
        "25",
        "230",
    ]
    assert [one.segment for one in traditional.mentions] == ["晶片"] * 2 + ["光學"] * 3 + ["組裝"]
    for name, mark in zip(EXAMPLES, ("EXAMPLE", "範例"), strict=True):
        assert (ROOT / "examples" / name).read_text("utf-8").count(mark) >= 3


def test_links_of_the_guide_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", GUIDE)
    assert [one for one in links if not (ROOT / "docs" / one).exists()] == []
