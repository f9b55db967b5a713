"""How a message is printed: within a terminal's width, and on one line elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from supplychain_screen.cli.terminal import Language, fail, note, print_line, tell, width
from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output import display_width
from supplychain_screen.words import message

PATH = "/a/folder/" + "deep/" * 20 + "page.html"


class Terminal(io.StringIO):
    """A stream that a person looks at, of a width that nobody knows."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, say: Callable[[], object]) -> list[str]:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(sys, "stdout", shown)
    say()
    return shown.getvalue().splitlines()


@pytest.mark.parametrize("lang", list(Language))
def test_notes_and_results_take_the_width_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, lang: Language
) -> None:
    said = message("screen.store_empty", store="/a/store", day="2026-01-09")
    for how in (note, tell):
        lines = on_a_terminal(monkeypatch, lambda how=how: how(said, lang))
        assert len(lines) > 1
        assert all(display_width(line) <= 80 for line in lines)
        assert all(line.startswith("  ") and line[2] != " " for line in lines[1:])


def test_an_error_is_indented_below_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = InputError([Problem("a word " * 20, "mend it", file=f"{n}.csv") for n in "ab"])
    lines = on_a_terminal(monkeypatch, lambda: fail(wrong))
    assert lines[0].startswith("error: a.csv: a word")
    assert all(line.startswith(" " * 7) for line in lines[1:])
    assert all(display_width(line) <= 80 for line in lines)
    assert [line[7:12] for line in lines[1:] if line[7] != " "] == ["b.csv"]


def test_a_path_and_a_command_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    written = message("written", what="page", path=PATH)
    assert on_a_terminal(monkeypatch, lambda: note(written, Language.EN))[-1].strip() == PATH
    told = message("report.decide", file="undecided.csv")
    command = f"supplychain-screen report extract {PATH} --to b"
    shown = on_a_terminal(monkeypatch, lambda: note(told, Language.EN, command))
    assert shown == ["decide in undecided.csv, then:", f"  {command}"]


def test_elsewhere_a_message_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    note("a word " * 30, Language.EN, "a command")
    fail(InputError(Problem("a word " * 30, "mend it")))
    tell("a word " * 30, Language.EN)
    out, err = capsys.readouterr()
    assert (out.count("\n"), err.count("\n")) == (1, 2)
    assert "a word  a command\n" in err


def test_what_begins_with_spaces_goes_on_further_in(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = on_a_terminal(monkeypatch, lambda: print_line(f"  {'word ' * 30}", sys.stderr))
    assert {len(line) - len(line.lstrip()) for line in lines[1:]} == {4}


def test_a_line_has_60_to_120_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert width(io.StringIO()) == 80
    for columns, taken in (("20", 60), ("100", 100), ("300", 120)):
        monkeypatch.setenv("COLUMNS", columns)
        assert width(io.StringIO()) == taken
