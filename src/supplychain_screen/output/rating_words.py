"""A realised rating as it is shown: word, arrow, tone, and its place on the scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supplychain_screen.words import (
    Phrase,
    Tone,
    is_missing,
    rating_phrase,
    rating_sign,
    rating_tone,
)

__all__ = ["Rating", "rating_of"]


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating as it is shown: word, arrow, tone; and its place on the scale for sorting."""

    name: str
    words: Phrase
    sign: str
    tone: Tone
    rank: int


def rating_of(scale: Any, name: object) -> Rating:
    """The rating ``name`` of ``scale`` as it is shown; a missing one counts as unrated."""
    shown = "unrated" if is_missing(name) else str(name)
    tone = rating_tone(scale, shown)
    names = [level.name for level in scale.levels]
    rank = names.index(shown) if shown in names else len(names)
    return Rating(shown, rating_phrase(scale, shown), rating_sign(tone), tone, rank)
