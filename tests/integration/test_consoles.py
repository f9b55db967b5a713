"""Consoles that cannot spell Chinese; files whose text would act on a terminal or in a sheet."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.dom import minidom

import pytest

from supplychain_screen import SimulatedSource, load_report, save_report, screen
from supplychain_screen.cli.terminal import fail
from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output import markdown, report_table, terminal_table
from supplychain_screen.output.workbook.book import workbook_bytes


def shown(*words: str, **environment: str) -> bytes:
    """What the program writes to a redirected standard output."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONUTF8")}
    run = subprocess.run(
        [sys.executable, "-m", "supplychain_screen.cli", *words],
        capture_output=True,
        env={**plain, **environment},
    )
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_a_console_shows_what_it_can(encoding: str) -> None:
    text = shown("report", "show", PYTHONIOENCODING=encoding).decode(encoding)
    assert "QCOM" in text
    assert ("高通" in text) == (encoding == "gbk")
    # No console here has U+2212, and a bound without its sign is another bound.
    assert "-10%" in text


def test_json_is_utf_8_whatever_the_console_speaks() -> None:
    found = [
        shown("report", "show", "--json", PYTHONIOENCODING="cp1252"),
        shown("report", "show", "--json", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    ]
    assert found[0] == found[1]
    mentions = json.loads(found[0].decode("utf-8"))["mentions"]
    assert "高通" in {one["company"] for one in mentions}


def test_an_error_shows_what_it_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    fail(InputError(Problem("segment \x1b[2J\u202eA is numbered twice", "number it once")))
    assert "segment <U+001B>[2J<U+202E>A is" in capsys.readouterr().err


def test_level_names_act_nowhere() -> None:
    report = load_report()
    stock = report.standard.stock
    hostile = {"name_zh": "a\x1b[31mb\ufffe", "name_en": "a\x1b[31mb\ufffe"}
    levels = tuple(one.model_copy(update=hostile) for one in stock.levels)
    standard = report.standard.model_copy(
        update={"stock": stock.model_copy(update={"levels": levels})}
    )
    report = report.model_copy(update={"standard": standard})
    result = screen(report, "2024-12-31", "2025-03-31", prices=SimulatedSource())
    texts = terminal_table(result), report_table(report), markdown(result)
    for text in texts:
        assert "\x1b" not in text
        assert "U+001B" in text
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(result))) as book:
        for name in book.namelist():
            if name.endswith(".xml"):
                minidom.parseString(book.read(name))


def test_what_a_report_folder_quotes_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    save_report(load_report(), folder)
    table = folder / "suppliers.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("高通", "\x1b[2J高通", 1), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "supplychain_screen.cli", "report", "validate", str(folder)],
        capture_output=True,
    )
    assert b"\x1b" not in run.stdout + run.stderr
