"""The tree drawn in ``errors.py`` is the tree there is."""

from __future__ import annotations

import inspect
import re

from supplychain_screen import errors

BRANCH = re.compile(r"^(?P<indent>[│ ]*)(?:[├└]── )?(?P<name>\w+Error)\b")


def drawn_tree(text: str) -> dict[str, str | None]:
    """Parent of each error, from the drawing: four columns of indent are one level."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in inspect.cleandoc(text).splitlines():
        match = BRANCH.match(line.removeprefix("    "))
        if not match:
            continue
        branched = "── " in line
        depth = len(match["indent"]) // 4 + 1 if branched else 0
        path[depth:] = [match["name"]]
        parents[match["name"]] = path[depth - 1] if depth else None
    return parents


def real_tree() -> dict[str, str | None]:
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and value.__module__ == errors.__name__
    ]
    parents = {each.__name__: each.__bases__ for each in classes}
    assert all(len(bases) == 1 for bases in parents.values())
    return {
        name: None if bases[0] is Exception else bases[0].__name__
        for name, bases in parents.items()
    }


def test_the_drawn_tree_is_the_real_one() -> None:
    assert errors.__doc__
    drawn = drawn_tree(errors.__doc__)
    assert drawn["ScreenError"] is None  # the reading found the root
    assert drawn == real_tree()


def test_all_lists_every_error() -> None:
    assert set(real_tree()) | {"Problem"} == set(errors.__all__)
    assert errors.__all__ == sorted(errors.__all__)
