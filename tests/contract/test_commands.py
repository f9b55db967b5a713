"""The two commands, their kin in continuous integration, and the words about them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], capture_output=True, text=True, cwd=cwd)


def phony() -> set[str]:
    (line,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    return set(line.split())


@needs_make
def test_help_names_every_target() -> None:
    listed = set(re.findall(r"^  make ([a-z-]+) +\S", make("help").stdout, re.MULTILINE))
    assert listed == phony()


@needs_make
def test_make_alone_helps_and_does_nothing() -> None:
    assert make().stdout == make("help").stdout


@needs_make
def test_test_runs_every_check() -> None:
    plan = make("--dry-run", "test").stdout
    checks = ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "python -m pytest")
    for check in checks:
        assert re.search(rf"^\.venv/bin/{re.escape(check)}", plan, re.MULTILINE), check
    assert "--doctest-modules" in PYPROJECT["tool"]["pytest"]["ini_options"]["addopts"]


@needs_make
def test_every_test_is_of_one_of_the_two_commands() -> None:
    quick, slow = make("--dry-run", "test").stdout, make("--dry-run", "test-slow").stdout
    assert '-m "not slow"' in quick
    assert "HYPOTHESIS_PROFILE=full" in slow
    assert '-m "slow or hypothesis"' in slow


@needs_make
def test_report_takes_the_date_and_says_whose_it_is() -> None:
    yours = make("--dry-run", "report", "PUBLISHED=2025-01-02").stdout
    assert "--published 2025-01-02 " in yours
    assert "ILLUSTRATION" not in yours
    nobodys = make("--dry-run", "report").stdout
    assert "ILLUSTRATION: our copy of the report prints no date" in nobodys


@needs_make
def test_an_old_python_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    run = make("report", f"PYTHON={old}", cwd=tmp_path)
    assert run.returncode == 2
    assert "Python 3.11 or newer is needed" in run.stderr
    assert not (tmp_path / ".venv").exists()


@needs_make
def test_only_a_changed_dependency_or_lock_installs_again(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    project = tmp_path / "pyproject.toml"
    shutil.copy(ROOT / "pyproject.toml", project)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".made").touch()
    before = make("--dry-run", "report", cwd=tmp_path).stdout
    (stamp,) = set(re.findall(r"\.venv/\.ready-\d+", before))
    (tmp_path / stamp).touch()

    def installs() -> bool:
        return "requirements/install.py base" in make("--dry-run", "report", cwd=tmp_path).stdout

    assert not installs()
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("line-length = 100", "line-length = 99"), encoding="utf-8")
    assert not installs()
    project.write_text(text.replace('"pandas>=3.0,<4"', '"pandas>=3.1,<4"'), encoding="utf-8")
    assert installs()
    project.write_text(text, encoding="utf-8")
    assert not installs()
    lock = tmp_path / "requirements" / "base.txt"
    lock.write_text(lock.read_text(encoding="utf-8").replace("\npandas==", "\npandas==9"), "utf-8")
    assert installs()


def test_continuous_integration_skips_nothing() -> None:
    assert "SUPPLYCHAIN_SCREEN_NO_SKIPS=1" in CI
    assert "SUPPLYCHAIN_SCREEN_MARKET_DATA" in CI
    assert CI.rstrip().splitlines()[-2:] == ["make test", "make test-slow"]
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")]).returncode == 0


def test_the_backend_is_there_for_building_offline() -> None:
    backend = PYPROJECT["build-system"]["build-backend"].partition(".")[0]
    for lock in ("base", "dev"):
        text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        assert re.search(rf"^{backend}==", text, re.MULTILINE)
