"""A sample of the bad inputs and environments; ``make attack`` tries all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attacks import attacks, faults, places, tried, visited, wrong_with

pytestmark = pytest.mark.slow


def test_bad_inputs_have_their_exit_code_and_one_message() -> None:
    assert len(attacks()) >= 100
    found = {one.name: faults(one, answer) for one, answer in tried(every=6)}
    assert {name: fault for name, fault in found.items() if fault} == {}


def test_environments_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    every = list(places())
    assert len(every) >= 50
    found = {one.name: wrong_with(one, visited(one)) for one in every[::11]}
    assert {name: fault for name, fault in found.items() if fault} == {}
