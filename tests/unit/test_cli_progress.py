"""What is told while prices are fetched, on a terminal and elsewhere."""

from __future__ import annotations

import sys

import pytest

from supplychain_screen.cli.progress import tell_fetched


def told(capsys: pytest.CaptureFixture[str]) -> str:
    tell_fetched(1, 3, "0285.HK", "fetched")
    tell_fetched(2, 3, "688018.SS", "unreachable")
    tell_fetched(3, 3, "^HSI", "fetched")
    for done in (1, 2, 3):
        tell_fetched(done, 3, "0285.HK", "remembered")
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_elsewhere_the_start_and_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == "fetching 3 price series\n[2/3] 688018.SS unreachable\n"


def test_on_a_terminal_one_line_that_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    wipe = "\r\x1b[2K"
    shown = told(capsys).split(wipe)
    assert shown == ["", "prices [1/3] 0285.HK", "prices [2/3] 688018.SS", ""]
