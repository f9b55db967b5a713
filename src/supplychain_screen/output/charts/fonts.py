"""Which installed font can draw Chinese. None is bundled: their licences and sizes forbid it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["FAMILIES", "cjk_family", "font_folders", "font_stack", "has_cjk"]

FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    ("notosanscjksc", "Noto Sans CJK SC"),
    ("notosanscjk", "Noto Sans CJK SC"),
    ("notosanssc", "Noto Sans SC"),
    ("sourcehansanssc", "Source Han Sans SC"),
    ("sourcehansans", "Source Han Sans SC"),
    ("pingfang", "PingFang SC"),
    ("msyh", "Microsoft YaHei"),
    ("hiragino sans gb", "Hiragino Sans GB"),
    ("stheiti", "Heiti SC"),
    ("wqy-microhei", "WenQuanYi Micro Hei"),
    ("wqy-zenhei", "WenQuanYi Zen Hei"),
    ("simhei", "SimHei"),
    ("simsun", "SimSun"),
    ("droidsansfallback", "Droid Sans Fallback"),
    ("notoserifcjk", "Noto Serif CJK SC"),
)
"""How the font files begin, and the family they carry, the best for charts first."""

_FONT_SUFFIXES: Final = frozenset({".ttf", ".ttc", ".otf"})


def has_cjk(text: str) -> bool:
    """Whether ``text`` needs a font with Chinese, Japanese or Korean glyphs.

    Examples
    --------
    >>> has_cjk("乐鑫科技"), has_cjk("Espressif −12.3% ↑"), has_cjk("（")
    (True, False, True)
    """
    return any(
        "\u2e80" <= one <= "\u9fff"
        or "\uac00" <= one <= "\ud7a3"
        or "\uf900" <= one <= "\ufaff"
        or "\uff00" <= one <= "\uffef"
        or "\U00020000" <= one <= "\U0003ffff"
        for one in text
    )


def font_folders() -> tuple[Path, ...]:
    """Folders in which this system keeps fonts, as far as they exist."""
    home = Path.home()
    if sys.platform == "win32":
        folders = [
            Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
            Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts",
        ]
    elif sys.platform == "darwin":
        folders = [
            Path("/System/Library/Fonts"),
            Path("/System/Library/AssetsV2"),
            Path("/Library/Fonts"),
            home / "Library/Fonts",
        ]
    else:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        folders = [Path(one) / "fonts" for one in shared.split(":") if one]
        own = os.environ.get("XDG_DATA_HOME")
        folders += [(Path(own) if own else home / ".local/share") / "fonts", home / ".fonts"]
    return tuple(folder for folder in folders if folder.is_dir())


def cjk_family(folders: Iterable[Path] | None = None) -> str | None:
    """Family name of the best font with Chinese glyphs in ``folders``; None where there is none.

    Parameters
    ----------
    folders : iterable of Path, optional
        Where to look, the folders inside them too; the system's own where left out.

    Notes
    -----
    Known by the names of the files, so nothing has to be parsed or started: `FAMILIES` is the
    list.
    """
    return _family(font_folders() if folders is None else tuple(folders))


@lru_cache(maxsize=16)
def _family(folders: tuple[Path, ...]) -> str | None:
    names = {name for folder in folders for name in _font_files(folder)}
    for start, family in FAMILIES:
        if any(name.startswith(start) for name in names):
            return family
    return None


def _font_files(folder: Path) -> Iterator[str]:
    for _, _, files in os.walk(folder):
        for name in files:
            if Path(name).suffix.lower() in _FONT_SUFFIXES:
                yield name.lower()


def font_stack(family: str | None) -> str:
    """A list of families for a drawing, ``family`` first, then what other systems have.

    Examples
    --------
    >>> font_stack("WenQuanYi Micro Hei").split(", ")[0]
    'WenQuanYi Micro Hei'
    """
    wanted = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
    return ", ".join(dict.fromkeys([family, *wanted] if family else wanted))
