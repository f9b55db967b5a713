"""SVG → PNG with the fonts of this machine; one that lacks the glyphs says so."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from supplychain_screen.errors import OutputError
from supplychain_screen.output.charts import cjk_family, font_folders, has_cjk

__all__ = ["families", "png_of"]

_LATIN: Final = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial", "Helvetica", "sans-serif")


def families() -> str:
    """The font families of a picture, one with Chinese glyphs first."""
    family = cjk_family()
    return ", ".join([family, *_LATIN] if family else _LATIN)


def png_of(svg: str, what: str, zoom: float = 1.0, *, soft: bool = True) -> bytes:
    """The picture as PNG; the same drawing and fonts give the same bytes.

    Parameters
    ----------
    svg : str
    what : str
        What an error calls it.
    zoom : float
        Pixels per user unit.
    soft : bool
        Smooth edges, for a picture that is shown at its own size.

    Raises
    ------
    OutputError
        No font of this machine can draw its text.
    """
    where = ", ".join(map(str, font_folders())) or "any font folder"
    if has_cjk(svg) and cjk_family() is None:
        raise OutputError(
            f"{what} has Chinese text, and no font that can draw it was found in {where}; install "
            "one (Debian and Ubuntu: fonts-noto-cjk), or ask for it with --lang en"
        )
    if not _any_font():
        raise OutputError(
            f"{what} is a picture with text, and no font was found in {where}; install one "
            "(Debian and Ubuntu: fonts-dejavu-core)"
        )
    import resvg_py

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        shape_rendering="geometric_precision" if soft else "crisp_edges",
        text_rendering="optimize_legibility" if soft else "optimize_speed",
    )
    return bytes(drawn)


@lru_cache(maxsize=1)
def _any_font() -> bool:
    return any(
        path.suffix.lower() in (".ttf", ".ttc", ".otf")
        for folder in font_folders()
        for path in folder.rglob("*")
    )
