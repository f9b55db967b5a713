"""The example on SIMULATED calls: its truth is known, and everything it writes says SIMULATED."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.spreadsheet import read_workbook

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "who_was_right.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("who_was_right", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_skilled_choose_the_right_side_more_often(example: ModuleType) -> None:
    record = example.record_of(4, 0.8, most=200, listings=100)
    calls = record.calls
    right = calls["6m_beat"].dropna().astype(bool)
    skilled = calls["firm"].astype(str).isin(example.SKILLED)[right.index]
    assert right[skilled].mean() == pytest.approx(0.8, abs=0.08)
    assert right[~skilled].mean() == pytest.approx(0.5, abs=0.02)
    frame = record.league().frame
    # With such a skill nobody can miss them, and nobody else is called better.
    assert example.among_the_first(frame, "shrunk_excess", 3) == 3
    better = set(frame.loc[frame["verdict"] == "better", "firm"])
    assert better
    assert better <= set(example.SKILLED)


def test_everything_it_writes_says_simulated(
    example: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["who_was_right", "--most", "60", "--out", str(tmp_path)])
    example.main()
    said = capsys.readouterr().out
    assert said.count("SIMULATED") >= 3
    assert "of 3" in said
    assert "SIMULATED" in (tmp_path / "page.html").read_text("utf-8")
    for name, cells in read_workbook(tmp_path / "book.xlsx").sheets.items():
        assert "SIMULATED" in str(cells["A2"].value), name


def test_the_same_seed_makes_the_same_world(example: ModuleType) -> None:
    first, second = (example.market(np.random.default_rng(1), 5, 300) for _ in range(2))
    assert first.equals(second)
