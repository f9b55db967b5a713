"""What a printed rating word says: how strong an opinion, on which side, or none any more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.research import RatingScale, near_name, word_rows

__all__ = ["SUSPENDED", "UNKNOWN", "Opinion", "folded_word", "known_words", "read_words"]

SUSPENDED: Final = 2
"""Side of a word that ends an opinion: coverage was suspended or dropped."""

UNKNOWN: Final = 3
"""Side of a word that nobody knows."""

STRENGTHS: Final[Mapping[str, int]] = {
    "strong_buy": 3,
    "buy": 2,
    "add": 1,
    "hold": 0,
    "reduce": -1,
    "sell": -2,
    "strong_sell": -3,
}
"""The grades that words are sorted into; a user's table of words may name them."""


@lru_cache(maxsize=1)
def known_words() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Grade of each rating word, and kind of each action, by their folded spelling.

    A row repeats an opinion (``maintain``), begins one, changes one, or ends the coverage.
    """
    levels: dict[str, str] = {}
    actions: dict[str, str] = {}
    for kind, word, means in word_rows("rating_words.csv"):
        (actions if kind == "action" else levels)[folded_word(word)] = means
    return levels, actions


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one word says on one scale.

    Parameters
    ----------
    side : int
        +1, 0 or -1; ``SUSPENDED`` or ``UNKNOWN``.
    level : int
        Index into the scale's levels, best first; -1 where the scale has none on that side.
    strength : int
        From 3 (strong buy) to -3 (strong sell), for choices that file order must not make.
    """

    side: int
    level: int
    strength: int


def folded_word(word: str) -> str:
    """A word without what print varies: width, case, hyphens and spaces.

    Examples
    --------
    >>> folded_word(" Equal－Weight "), folded_word("STRONG_BUY"), folded_word("买入 ")
    ('equal weight', 'strong buy', '买入')
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    return " ".join(re.sub(r"[-_‐–—\s]+", " ", plain).split())


def read_words(
    words: Sequence[str], scale: RatingScale, own: Mapping[str, str] | None = None
) -> list[Opinion]:
    """What each word says on a scale.

    Parameters
    ----------
    words : sequence of str
        As printed.
    scale : RatingScale
        Its own level names, in either language, decide before the general list.
    own : mapping of str to str, optional
        A user's words: each to a level of the scale, to a grade (``strong_buy``, ``buy``, ``add``,
        ``hold``, ``reduce``, ``sell``, ``strong_sell``), or to ``suspended``. They decide first.

    Returns
    -------
    list of Opinion
        One a word.

    Raises
    ------
    CallsError
        A word of the user is sent to what is neither.
    """
    graded, _ = known_words()
    sides = [scale.side(name) for name in scale.names]
    by_name = {
        folded_word(name): place
        for place, level in enumerate(scale.levels)
        for name in (level.name, level.name_zh, level.name_en)
        if name
    }
    no_view = {
        folded_word(name)
        for level in ((scale.no_view,) if scale.no_view else ())
        for name in (level.name, level.name_zh, level.name_en)
        if name
    }

    def of_level(place: int) -> Opinion:
        # Levels farther from zero are stronger opinions of the same side.
        same = [at for at, side in enumerate(sides) if side == sides[place]]
        rank = len(same) - same.index(place) if sides[place] > 0 else same.index(place) + 1
        return Opinion(sides[place], place, sides[place] * rank)

    def of_strength(strength: int) -> Opinion:
        side = (strength > 0) - (strength < 0)
        same = [at for at, one in enumerate(sides) if one == side]
        if not same:
            return Opinion(side, -1, strength)
        outer, inner = (same[0], same[-1]) if side > 0 else (same[-1], same[0])
        return Opinion(side, outer if abs(strength) > 1 else inner, strength)

    def known(word: str) -> Opinion | None:
        if word in by_name:
            return of_level(by_name[word])
        grade = "suspended" if word in no_view else graded.get(word)
        if grade is None or grade == "suspended":
            return None if grade is None else Opinion(SUSPENDED, -1, 0)
        return of_strength(STRENGTHS[grade])

    chosen: dict[str, Opinion] = {}
    for word, meaning in (own or {}).items():
        found = known(folded_word(meaning))
        if found is None:
            options = (*scale.names, *STRENGTHS, "suspended")
            raise CallsError(
                Problem(
                    f"the word {word!r} is sent to no level",
                    near_name(meaning, options) or f"write one of {', '.join(options)}",
                    column="level",
                    value=meaning,
                )
            )
        chosen[folded_word(word)] = found
    unknown = Opinion(UNKNOWN, -1, 0)
    return [chosen.get(fold) or known(fold) or unknown for fold in map(folded_word, words)]
