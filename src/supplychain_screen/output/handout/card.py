"""The card: the finding as one picture, for a chat, a slide or a page of news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from supplychain_screen.output.handout.dots import dots_caption, dots_of, inks_of
from supplychain_screen.output.handout.rasters import families, png_of
from supplychain_screen.output.page import environment
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    call_and_outcome,
    headline,
    interim_calls,
    measured_interval,
    rated_sentence,
    three_numbers,
)
from supplychain_screen.output.text_columns import fit, wrap
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import (
    SOURCES,
    Colours,
    Lang,
    default_colours,
    known_name,
    message,
    phrase_of,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["Shape", "card_svg", "write_card"]

Shape = Literal["wide", "tall"]

_TEMPLATE: Final = "supplychain_screen.output.handout:card.svg.j2"
_COLUMNS: Final[dict[Lang, float]] = {"zh": 0.515, "en": 0.555}
"""Breadth of a terminal's column in letters: a Chinese character takes two."""
_SMALL_PRINT: Final[dict[Lang, float]] = {"zh": 0.86, "en": 0.78}
"""Size of the foot's letters; Latin ones are thin there, and narrower than a headline's bold."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand on a card of one shape, in pixels; ``call`` is a line of its own."""

    width: int
    height: int
    head: float
    lines: int
    call: float | None
    numbers: float
    figure: float
    plot: float
    plot_height: float
    letters: float


_PLANS: Final[dict[Shape, _Plan]] = {
    "wide": _Plan(1200, 675, 36, 3, None, 262, 54, 342, 232, 17),
    "tall": _Plan(1080, 1350, 50, 6, 536, 606, 72, 726, 460, 24),
}
_MARGIN: Final = 52


def write_card(
    screening: Screening,
    path: str | Path,
    lang: Lang = "zh",
    shape: Shape = "wide",
    colours: Colours | None = None,
) -> Path:
    """Write the finding as a PNG, whole or not at all.

    Parameters
    ----------
    screening : Screening
    path : str or Path
    lang : {"zh", "en"}
    shape : {"wide", "tall"}
        1200 x 675 or 1080 x 1350 pixels.
    colours : {"china", "west", "blue"}, optional
        Which colour means up; the language's own where left out.

    Raises
    ------
    OutputError
        No font of this machine can draw the text, or the file cannot be written.

    Notes
    -----
    The same screening gives the same bytes, as long as the fonts of the machine are the same.
    """
    path = Path(path)
    return write_file(path, png_of(card_svg(screening, lang, shape, colours), str(path)))


def card_svg(
    screening: Screening, lang: Lang = "zh", shape: Shape = "wide", colours: Colours | None = None
) -> str:
    """The card of `write_card` as SVG."""
    plan = _PLANS[shape]
    wide = plan.width - 2 * _MARGIN
    report = screening.report
    lines = partial(_lines, wide=wide, lang=lang)
    head, size = _headline(headline(screening).of(lang), plan, lines)
    drawn = dots_of(screening, lang, wide, plan.plot_height, plan.letters)
    small = 17 if shape == "wide" else 22
    text: str = (
        environment()
        .get_template(_TEMPLATE)
        .render(
            plan=plan,
            margin=_MARGIN,
            wide=wide,
            small=small,
            family=families(),
            eyebrow=fit(
                visible_text(
                    " · ".join(
                        name.of(lang)
                        for name in (
                            known_name(report.publisher, report.publisher_en),
                            known_name(report.title, report.title_en),
                        )
                        if name
                    )
                ),
                int(0.8 * wide / (small * _COLUMNS[lang])),
            ).rstrip(),
            badge=_badge(screening, lang),
            head=head,
            head_size=size,
            call=_call(screening, lang),
            numbers=[
                (name.of(lang), figure, _tone(value))
                for name, figure, value in three_numbers(screening)
            ],
            drawn=drawn,
            inks=inks_of(colours or default_colours(lang)),
            foot=[
                *lines(dots_caption(screening).of(lang), small * _SMALL_PRINT[lang]),
                *lines(_foot(screening, lang), small * _SMALL_PRINT[lang]),
            ],
            foot_at=plan.height - 22,
        )
    )
    return text


def _lines(text: str, size: float, *, wide: float, lang: Lang) -> list[str]:
    return wrap(text, int(wide / (size * _COLUMNS[lang])))


def _headline(
    text: str, plan: _Plan, lines: Callable[[str, float], list[str]]
) -> tuple[list[str], float]:
    """The sentence in as large letters as there is room for."""
    size = 1.25 * plan.head
    room = plan.lines * plan.head
    while len(lines(text, size)) * size > room and size > 0.45 * plan.head:
        size -= 1
    return lines(text, size), size


def _badge(screening: Screening, lang: Lang) -> str:
    if screening.simulated:
        return "SIMULATED"
    return message("card.interim").of(lang) if interim_calls(screening) else ""


def _call(screening: Screening, lang: Lang) -> tuple[str, str] | None:
    said = call_and_outcome(screening)
    return None if said is None else (message("card.called_became").of(lang), said.of(lang))


def _tone(value: float) -> str:
    return "up" if value > 0 else "down" if value < 0 else "flat"


def _foot(screening: Screening, lang: Lang) -> str:
    known = screening.sources["source"].dropna().unique().tolist()
    sources = tuple(phrase_of(SOURCES, one) for one in sorted(map(visible_text, known)))
    interval = measured_interval(screening)
    parts = [
        *([interval] if interval else []),
        rated_sentence(screening),
        message("card.source", sources=sources, as_of=screening.as_of).phrase,
        message("card.no_advice").phrase,
    ]
    return " · ".join(one.of(lang) for one in parts)
