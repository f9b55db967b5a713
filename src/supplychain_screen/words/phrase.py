"""One thing said in both languages of the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from supplychain_screen.words.numerals import MISSING, is_missing

__all__ = ["Lang", "Phrase", "name_phrase", "phrases"]

Lang = Literal["zh", "en"]


class Phrase(NamedTuple):
    """One thing said in both languages.

    Examples
    --------
    >>> Phrase("基准", "Benchmark").of("en")
    'Benchmark'
    """

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        """The text in ``lang``."""
        return self.zh if lang == "zh" else self.en


def name_phrase(zh: object, en: object = None) -> Phrase:
    """A name of somebody or something, in the one language it has where the other is missing.

    Examples
    --------
    >>> name_phrase("乐鑫科技", "Espressif"), name_phrase("TCL", float("nan")).en
    (Phrase(zh='乐鑫科技', en='Espressif'), 'TCL')
    >>> name_phrase(None).zh
    '–'
    """
    known = [str(one) for one in (zh, en) if not is_missing(one) and one != ""] or [MISSING]
    return Phrase(known[0], known[-1])


def phrases(**entries: tuple[str, str]) -> Mapping[str, Phrase]:
    """A table of phrases by key, each entry a Chinese text and an English one."""
    return {key: Phrase(*pair) for key, pair in entries.items()}
