"""How a panel keeps the age of a close is known inside the panel's own package alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import supplychain_screen

ROOT = Path(supplychain_screen.__file__).parent
NAMES = {"NO_CLOSE", "MAX_AGE", "fill_grid"}
MASKS = {0xFFFF, 0xFFFE, 0xFFFF_FFFF}


def is_panels(path: Path) -> bool:
    """Whether a file belongs to the package of the panel."""
    return path.relative_to(ROOT).as_posix().startswith("prices/panel")


def bits(tree: ast.AST) -> Iterator[str]:
    """Everything in a module that names the stamps, their bits, or makes a panel of fields."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="stamp", lineno=line):
                yield f"line {line}: .stamp"
            case ast.ImportFrom(names=names, lineno=line):
                yield from (f"line {line}: {one.name}" for one in names if one.name in NAMES)
            case ast.Constant(value=int(value), lineno=line) if value in MASKS:
                yield f"line {line}: {value:#x}"
            case ast.BinOp(left=left, op=ast.RShift() | ast.LShift(), right=right, lineno=line):
                by = {one.value for one in ast.walk(right) if isinstance(one, ast.Constant)}
                # A literal that is shifted is a power of two.
                if 16 in by and not isinstance(left, ast.Constant):
                    yield f"line {line}: a shift by 16"
            case ast.Call(func=ast.Name(id="PricePanel"), lineno=line):
                yield f"line {line}: PricePanel(...)"
            case ast.Call(keywords=keywords, lineno=line):
                named = {one.arg for one in keywords}
                if "stamp" in named or {"close", "sessions_through"} <= named:
                    yield f"line {line}: a panel made of fields"


def test_nothing_outside_the_panel_knows_its_bits() -> None:
    found = [
        f"{path.relative_to(ROOT)} {one}"
        for path in sorted(ROOT.rglob("*.py"))
        if not is_panels(path)
        for one in bits(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_bits_are_found_where_they_are() -> None:
    inside = [
        one
        for path in ROOT.rglob("*.py")
        if is_panels(path)
        for one in bits(ast.parse(path.read_text(encoding="utf-8")))
    ]
    kinds = {one.partition(": ")[2] for one in inside}
    assert {".stamp", "0xffff", "NO_CLOSE", "PricePanel(...)"} <= kinds
