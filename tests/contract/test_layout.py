"""The house: sizes, names, directions, and what must never be written into it."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "supplychain_screen"
MODULES = sorted(SOURCE.rglob("*.py"))
VAGUE = {"utils", "util", "core", "base", "helpers", "common", "manager", "misc"}


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True
    )
    if listing.returncode:
        pytest.skip("not a git working tree")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_import_graph_has_no_cycle() -> None:
    graph = grimp.build_graph("supplychain_screen", cache_dir=None)
    imports = {
        module: graph.find_modules_directly_imported_by(module)
        for module in graph.modules
        # The front door names everything for type checkers; nothing inside may go through it.
        if module != "supplychain_screen"
    }
    through_the_front_door = [
        module for module, targets in imports.items() if "supplychain_screen" in targets
    ]
    assert through_the_front_door == []
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as cycle:
        pytest.fail(" -> ".join(cycle.args[1]))


# What each source calls its source, the commands named as what they are of, the reasons' words.
SHARED = {"source", "report", "prices", "screen", "weekly", "reasons"}


def test_no_two_modules_of_one_name_mean_different_things() -> None:
    stems = Counter(path.stem for path in MODULES if not path.stem.startswith("__"))
    assert {stem for stem, times in stems.items() if times > 1} <= SHARED


def test_modules_are_nouns_of_the_field() -> None:
    assert [path.name for path in MODULES if {path.stem, path.parent.name} & VAGUE] == []


@pytest.mark.parametrize("path", named(MODULES))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", named(MODULES))
def test_no_exported_function_shares_its_modules_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    (exported,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ] or [functions]
    assert path.stem not in functions.intersection(exported)


# --- Only the command line reads the clock, prints, or exits --------------------------------

CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "Timestamp.now",
    "Timestamp.today",
}
EXITS = {"sys.exit", "os._exit", "exit", "quit"}


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ".".join(ast.unparse(node.func).split(".")[-2:])


def deeds(text: str) -> list[str]:
    return [name for name in calls(ast.parse(text)) if name in CLOCK | EXITS | {"print"}]


def test_the_probe_sees_each_deed() -> None:
    text = "datetime.datetime.now()\npd.Timestamp.now()\nprint(1)\nsys.exit(2)\ntime.monotonic()"
    assert deeds(text) == ["datetime.now", "Timestamp.now", "print", "sys.exit"]


BELOW_THE_COMMAND_LINE = [path for path in MODULES if "cli" not in path.relative_to(SOURCE).parts]


@pytest.mark.parametrize("path", named(BELOW_THE_COMMAND_LINE))
def test_only_the_command_line_reads_the_clock_prints_or_exits(path: Path) -> None:
    assert deeds(path.read_text(encoding="utf-8")) == []


# --- What must not be in a file that others will read ---------------------------------------

# In pieces, so that this file does not name them either.
HOSTS = [
    "".join(pieces)
    for pieces in (
        ("files.python", "hosted"),
        ("py", "pi"),
        ("registry.npm", "js"),
        ("npm", "js"),
        ("deb.deb", "ian"),
        ("proxy.go", "lang"),
    )
]
FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/[a-z]\w*)(?:/|\b)"
    ),
    "a package registry's host": re.compile(
        rf"\b(?:{'|'.join(map(re.escape, HOSTS))})\.(?:org|com)\b"
    ),
    "a name of a workplace or its tools": re.compile(r"\bsub-?agents?\b", re.IGNORECASE),
}


def faults(text: str) -> list[str]:
    return [
        f"{what}: {match.group()}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize(
    "text",
    ["/wo" + "rk/main", "see /ro" + "ot/x", "/ho" + "me/ann/p", "py" + "pi.org", "sub" + "agent"],
)
def test_the_probe_sees_each_fault(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize("text", ["network/main", "../shared/market-data", "~/.cache", "a/root"])
def test_the_probe_leaves_the_rest(text: str) -> None:
    assert faults(text) == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        found += [f"{path.relative_to(ROOT)}: {fault}" for fault in faults(text)]
    assert found == []


def test_no_market_data_and_no_report_text_is_tracked() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert [name for name in names if name.endswith((".csv.gz", ".parquet"))] == []
    big_tables = [
        name
        for name in names
        if name.endswith((".csv", ".txt"))
        and (ROOT / name).stat().st_size > 100_000
        # Locks, and the ledger of listings, which is neither prices nor prose.
        and not name.startswith(("requirements/", "data/universe/"))
    ]
    assert big_tables == []


def test_no_paragraph_of_the_report_is_tracked(market_data: Path) -> None:
    """The table and the standard are facts; the prose is its authors'."""
    source = market_data.parent / "report" / "guosen-xiaomi-ai.txt"
    if not source.is_file():
        pytest.skip("the text of the report is not beside the market data")
    sentences = {
        sentence.strip()
        for sentence in re.split(r"[。\n]", source.read_text(encoding="utf-8"))
        # Shorter ones are names, bounds and clauses of the standard.
        if len(sentence.strip()) >= 60
    }
    assert sentences
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not [each for each in sentences if each in text], path
