"""One thing said in both languages of the outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from supplychain_screen.words.numerals import MISSING, is_missing

__all__ = ["ByRule", "Lang", "Phrase", "known_name", "name_phrase", "phrases", "short_name"]

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


def known_name(zh: object, en: object = None) -> Phrase | None:
    """The same, and None where both languages are missing.

    Examples
    --------
    >>> known_name("国信证券"), known_name("", None)
    (Phrase(zh='国信证券', en='国信证券'), None)
    """
    found = name_phrase(zh, en)
    return None if found.zh == MISSING else found


_FORMS: Final = re.compile(
    r"(?:,?\s*\b(?:company limited|co\.?,?\s*ltd\.?|corp\.?,?\s*ltd\.?|company|corporation|"
    r"corp\.?|co\.?|incorporated|inc\.?|limited|ltd\.?|plc|group|holdings?|n\.?v\.?|s\.?a\.?|ag)"
    r"[.,]*)+$",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"\s*\([^()]*\)(?=\s|,|$)")


def short_name(name: str) -> str:
    """A company's English name without its legal form, and the place that stands in brackets.

    Examples
    --------
    >>> (
    ...     short_name("Chipsea Technologies (Shenzhen) Corp., Ltd."),
    ...     short_name("X Technologies Co., Inc."),
    ... )
    ('Chipsea Technologies', 'X Technologies')
    >>> short_name("Sunny Optical Technology (Group) Company Limited"), short_name("Limited")
    ('Sunny Optical Technology', 'Limited')
    """
    if not _FORMS.search(name):
        return name
    short = _FORMS.sub("", _PLACE.sub("", name)).strip(" ,&")
    return short or name


def phrases(**entries: tuple[str, str]) -> Mapping[str, Phrase]:
    """A table of phrases by key, each entry a Chinese text and an English one."""
    return {key: Phrase(*pair) for key, pair in entries.items()}


class ByRule(Mapping[str, Phrase]):
    """A table of phrases whose further keys are named by a rule.

    Parameters
    ----------
    rule : callable
        The phrase of a key that the table has not; None where the rule does not know it either.
    entries : tuple of (str, str)
        As of `phrases`.

    Examples
    --------
    >>> table = ByRule(
    ...     lambda key: Phrase(key[1:], key[1:]) if key[:1] == "d" else None, a=("一", "A")
    ... )
    >>> table["a"].zh, table["d7"].en, table.get("e", "nothing"), len(table)
    ('一', '7', 'nothing', 1)
    """

    def __init__(self, rule: Callable[[str], Phrase | None], **entries: tuple[str, str]) -> None:
        self._rule = rule
        self._table = phrases(**entries)

    def __getitem__(self, key: str) -> Phrase:
        found = self._table.get(key) or self._rule(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
