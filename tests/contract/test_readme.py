"""Every block of the README runs, offline, in the order in which a reader meets it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

FENCE = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# These fetch or install; what they say is checked against the files they speak of.
ELSEWHERE = re.compile(r"^(?:git clone|cd|make|(?:py|python3?) -m venv|(?:\S*python3? -m )?pip) ?")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and the line it begins at."""

    language: str
    text: str
    line: int


BLOCKS = [
    Block(match["language"], match["text"], README.count("\n", 0, match.start()) + 2)
    for match in FENCE.finditer(README)
]


def commands(*languages: str) -> list[str]:
    lines = [
        line.removeprefix("$ ").partition("  #")[0].strip()
        for block in BLOCKS
        if block.language in languages
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line and not line.startswith("#")]


SHELL = commands("sh", "bash")
# What needs Yahoo: only that the commands and their options exist can be checked here.
ONLINE = commands("console")
WINDOWS = commands("bat", "powershell")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the blocks run: it holds the ``prices.csv`` that a reader would bring."""
    from supplychain_screen import SimulatedSource, load_report

    place = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", place / "examples")
    report = load_report()
    loaded = SimulatedSource().load(
        [*report.listings, *report.standard.indices], date(2024, 1, 1), date(2026, 1, 9), "price"
    )
    rows = [
        f"{series.symbol},{session},{close}"
        for series in loaded.series.values()
        for session, close in zip(series.sessions, series.close, strict=True)
    ]
    text = "\n".join(["symbol,date,close", *rows, ""])
    (place / "prices.csv").write_text(text, encoding="utf-8")
    days = [f"2024-0{month}-15" for month in (2, 3, 5, 6, 8, 9)]
    told = [
        f"{day},{one.id},{house},{('Buy', 'Hold', 'Sell')[i % 3]}"
        for day in days
        for house in ("North", "South")
        for i, one in enumerate(report.listings)
        # Not those whose first session lies beyond the prices: the record would be partial.
        if one.id in loaded.series
    ]
    text = "\n".join(["date,ticker,firm,rating", *told, ""])
    (place / "calls.csv").write_text(text, encoding="utf-8")
    return place


def test_there_is_something_to_run() -> None:
    assert [block for block in BLOCKS if block.language == "python"]
    assert any(line.startswith("supplychain-screen ") for line in SHELL)
    assert any(line.startswith("make ") for line in SHELL)


def test_every_block_says_what_it_is() -> None:
    known = {"python", "sh", "bash", "console", "bat", "powershell", "text", "toml", "csv"}
    assert [block for block in BLOCKS if block.language not in known] == []


def test_the_python_blocks_run_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in BLOCKS:
        if block.language == "python":
            # Blank lines before it make a traceback name the README's own line.
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, str(ROOT / "README.md"), "exec"), namespace)


@pytest.mark.slow
def test_the_commands_run_in_order(folder: Path) -> None:
    own = [line for line in SHELL if not ELSEWHERE.match(line)]
    assert own
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in own:
        run = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"{line}\n{run.stdout}\n{run.stderr}"


def test_the_commands_that_need_yahoo_exist() -> None:
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert ONLINE
    for line in ONLINE:
        words = shlex.split(line)
        command = " ".join(word for word in words[:3] if re.fullmatch(r"[a-z][a-z-]+", word))
        _, heading, section = reference.partition(f"## `{command}`\n")
        assert heading, line
        section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
        for option in (word for word in words if word.startswith("--")):
            assert f"* `{option}" in section, line


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = {line.split()[1] for line in SHELL if line.startswith("make ")}
    named |= set(re.findall(r"`make ([a-z-]+)", README))
    assert named
    assert named - targets == set()


def test_windows_runs_what_make_runs() -> None:
    (recipe,) = re.findall(r"supplychain-screen (screen .*?--html \S+)", MAKEFILE)
    variables = dict(re.findall(r"^(\w+) +\?= (\S+)$", MAKEFILE, re.MULTILINE))
    expanded = re.sub(r"\$\((\w+)\)", lambda match: variables[match[1]], recipe)
    (ours,) = (line for line in WINDOWS if "supplychain-screen screen" in line)
    words = shlex.split(ours.replace("\\", "/"))
    assert words[0].endswith("supplychain-screen")
    assert words[1:] == shlex.split(expanded)
    for check in ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "pytest"):
        assert any(check in line for line in WINDOWS), check


def test_links_inside_the_tree_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_exit_codes_are_the_programs() -> None:
    from supplychain_screen.cli.terminal import Exit

    rows = re.findall(r"^\| (\d) \| ", README, re.MULTILINE)
    assert {int(row) for row in rows} == {int(code) for code in Exit}
