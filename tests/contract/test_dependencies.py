"""What is imported is declared, so that a fresh environment holds what a used one happens to."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"supplychain_screen", "tests", "conftest", "benchmarks", "tools"}
DISTRIBUTIONS = packages_distributions()


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    wanted = [*PROJECT["dependencies"]]
    for extra in extras:
        wanted += PROJECT["optional-dependencies"].get(extra, [])
    names = {re.split(r"[\[<>=!~; ]", each)[0] for each in wanted}
    nested = {
        inner
        for each in wanted
        if each.startswith(PROJECT["name"] + "[")
        for inner in each.partition("[")[2].partition("]")[0].split(",")
    }
    return {normal(name) for name in names} | (declared(*nested) if nested else set())


def imported(folder: str) -> Iterator[tuple[str, str]]:
    """Top-level name of each import of a folder, and the file that has it."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "__pycache__" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                yield name.partition(".")[0], str(path.relative_to(ROOT))


def undeclared(folder: str, *extras: str) -> list[str]:
    known = declared(*extras)
    beside = (
        {path.stem for path in (ROOT / folder).glob("*.py")} if folder == "benchmarks" else set()
    )
    # A package that is not installed here is looked for under its own name.
    return sorted(
        {
            f"{path}: {name}"
            for name, path in imported(folder)
            if name not in OURS | beside and name not in sys.stdlib_module_names
            if not known.intersection(map(normal, DISTRIBUTIONS.get(name, [name])))
        }
    )


EXTRAS = sorted(set(PROJECT["optional-dependencies"]) - {"dev", "bench"})


@pytest.mark.parametrize(
    ("folder", "extras"),
    [("src", EXTRAS), ("tests", ["dev"]), ("examples", ["dev"]), ("benchmarks", ["dev", "bench"])],
)
def test_every_import_is_declared(folder: str, extras: list[str]) -> None:
    assert undeclared(folder, *extras) == []


def test_the_probe_sees_what_is_missing() -> None:
    assert any(name.endswith(": pytest") for name in undeclared("tests"))


def test_no_requirement_is_declared_twice() -> None:
    for wanted in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        names = [normal(re.split(r"[\[<>=!~; ]", each)[0]) for each in wanted]
        assert len(names) == len(set(names))
