"""What every page is made with: its templates, and text made safe to stand in the document."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, get_args

from supplychain_screen.words import Colours, Lang, Phrase, counted, default_colours

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment
    from markupsafe import Markup

__all__ = [
    "colours_of",
    "digest",
    "embedded",
    "environment",
    "running_heads",
    "template",
    "trusted",
]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the pages, every name in them escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled_templates(),
    )
    made.filters["counted"] = counted
    return made


def _compiled_templates() -> BytecodeCache | None:
    """Where compiled templates are kept: compiling takes as long as drawing the page."""
    # Jinja2 names the entries by the text of the template, so a new one is compiled anew.
    import platformdirs
    from jinja2 import FileSystemBytecodeCache

    folder = platformdirs.user_cache_path("supplychain-screen") / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def colours_of(lang: Lang, colours: Colours | None) -> Colours:
    """The colours asked for, or those that readers of the language are used to.

    Raises
    ------
    ValueError
        There is no such language, or no such setting of colours.
    """
    if lang not in get_args(Lang):
        raise ValueError(f"lang must be 'zh' or 'en', not {lang!r}")
    colours = default_colours(lang) if colours is None else colours
    if colours not in get_args(Colours):
        raise ValueError(f"colours must be one of {get_args(Colours)}, not {colours!r}")
    return colours


def template(name: str) -> str:
    """The text of a template, style sheet or script: ``page.css``, or one of another package.

    ``supplychain_screen.weekly:archive.css`` stands in the templates of that package.
    """
    package, _, file = name.rpartition(":")
    folder = resources.files(package or "supplychain_screen.output.page") / "templates"
    return (folder / file).read_text("utf-8")


def embedded(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, nor the string of an old parser."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return trusted(text)


def trusted(text: str) -> Markup:
    """A text of the package's own, which is not escaped."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the package's own files, and JSON made safe above


def running_heads(left: Phrase, right: Phrase | None = None) -> str:
    """Rules for the heads of printed pages, in both languages: the page says which one it is in."""
    rules = []
    for lang in get_args(Lang):
        ends = {"left": left, "right": right}
        heads = "".join(
            f"@top-{end}{{content:{_css_text(said.of(lang))}}}"
            for end, said in ends.items()
            if said is not None
        )
        rules.append(f"@page {lang}{{{heads}}}")
    return "".join(rules)


def _css_text(text: str) -> str:
    """A text as a string of a style sheet that nothing in it can end."""
    return (
        '"'
        + "".join(
            one if one.isalnum() or one in " ·，。：、-" else f"\\{ord(one):06x} " for one in text
        )
        + '"'
    )


def digest(text: str) -> str:
    """What a content policy knows a script or style sheet by: SHA-256 in base64."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
