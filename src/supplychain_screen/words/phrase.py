"""One thing said in both languages of the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["Lang", "Phrase", "phrases"]

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


def phrases(**entries: tuple[str, str]) -> Mapping[str, Phrase]:
    """A table of phrases by key, each entry a Chinese text and an English one."""
    return {key: Phrase(*pair) for key, pair in entries.items()}
