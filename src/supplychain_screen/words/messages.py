"""A thing to be said as a key and its facts, and the sentence it becomes in either language.

Code makes a `Message` and never a sentence; the templates stand in the tables of this folder. A
blank of a template is a fact with its format, ``{move:+.1%}``, and some formats are our own:

=============================  =================================================================
``{n:~row}``                   a count and what it counts: ``1 row``, ``7 rows``
``{n:,d~company/companies}``   the same of a word with another plural, and a format of the number
``{n:?is/are}``                the word that fits a count, which stands elsewhere
``{code:@finding}``            the name of a code (`names`)
``{parts:&}`` ``{parts:；}``   a tuple of facts, joined as the language of the template joins
``{code:@finding/lower}``      in small letters; ``/small`` and ``/capital`` the first letter only
=============================  =================================================================

A fact that is itself a message or a phrase is said in the language of the sentence around it.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from numbers import Real
from typing import Any, Final

from supplychain_screen.words.numerals import MINUS, counted, fitting, machine_readable
from supplychain_screen.words.phrase import Lang, Phrase

__all__ = ["Fact", "Message", "message", "message_phrase", "templates"]

Fact = Any
"""A number, a date, a symbol or other name as it is, a message, or a tuple of them."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said: the key of a template and the facts that fill it.

    Parameters
    ----------
    key : str
        Key of `templates`.
    facts : tuple of (str, fact)
        Each blank of the template and what fills it.

    Examples
    --------
    >>> from datetime import date
    >>> one = message("tail", last=date(2025, 1, 2), n=1, end=date(2025, 1, 3))
    >>> str(one)
    'last close 2025-01-02, 1 session before 2025-01-03'
    >>> one.of("zh")
    '最后收盘在 2025-01-02，比 2025-01-03 早 1 个交易日'
    """

    key: str
    facts: tuple[tuple[str, Fact], ...] = ()

    def of(self, lang: Lang) -> str:
        """The sentence in ``lang``.

        Raises
        ------
        KeyError
            There is no such template, or it asks for a fact that is not there.
        """
        return _BLANKS[lang].vformat(templates()[self.key].of(lang), (), dict(self.facts))

    @property
    def phrase(self) -> Phrase:
        """The sentence in both languages."""
        return Phrase(self.of("zh"), self.of("en"))

    def __str__(self) -> str:
        """The sentence in English, as data: minus signs are hyphens."""
        return machine_readable(self.of("en"))


def message(key: str, **facts: Fact) -> Message:
    """The message ``key`` with its facts."""
    return Message(key, tuple(facts.items()))


def message_phrase(said: Message | str) -> Phrase:
    """A message in both languages; words that somebody wrote freely are the same in both.

    Examples
    --------
    >>> message_phrase("somebody's own words").zh
    "somebody's own words"
    """
    return said.phrase if isinstance(said, Message) else Phrase(said, said)


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Phrase]:
    """Every template by its key, in both languages."""
    from supplychain_screen.words import (
        choices,
        commands,
        findings,
        outputs,
        reasons,
        records,
        result_sentences,
        sources,
        study_sentences,
        weekly,
    )

    tables = (
        findings.FINDING_SENTENCES,
        sources.SOURCE_SENTENCES,
        choices.CHOICE_SENTENCES,
        reasons.UNRATED_SENTENCES,
        weekly.WEEKLY_SENTENCES,
        study_sentences.STUDY_SENTENCES,
        result_sentences.RESULT_SENTENCES,
        outputs.OUTPUT_SENTENCES,
        records.RECORD_SENTENCES,
        commands.COMMAND_SENTENCES,
    )
    found: dict[str, Phrase] = {}
    for table in tables:
        twice = found.keys() & table.keys()
        if twice:
            raise KeyError(f"two templates have the key {sorted(twice)[0]}")
        found |= table
    return found


@lru_cache(maxsize=1)
def names() -> Mapping[str, Callable[[object], Phrase]]:
    """How the codes of each kind are called, which a blank asks for by ``@``."""
    from supplychain_screen.words import (
        commands,
        findings,
        reasons,
        records,
        sources,
        study_sentences,
        vocabulary,
        weekly,
    )

    tables = {
        "basis": findings.BASIS_WORDS,
        "adjustment": findings.ADJUSTMENT_WORDS,
        "finding": findings.FINDINGS,
        "code": commands.COMMAND_CODES,
        "fetched": commands.FETCHED,
        "output": commands.OUTPUTS,
        "group": records.RECORD_GROUPS,
        "groups": records.RECORD_MANY,
        "reason": reasons.REASONS,
        "unrated": reasons.UNRATED_WITHOUT_NUMBERS,
        "cause": vocabulary.CAUSES,
        "rule": weekly.RULES,
        "study": study_sentences.STUDY_NAMES,
        "study_reason": study_sentences.STUDY_REASONS,
        "window": vocabulary.WINDOWS,
        "stage": reasons.STAGES,
        "source": sources.SOURCES,
        "policy": vocabulary.POLICIES,
        "comparison": vocabulary.COMPARISONS,
        "return_basis": vocabulary.BASES,
        "scale_kind": vocabulary.SCALE_KINDS,
    }
    return {name: partial(vocabulary.phrase_of, table) for name, table in tables.items()}


_JOINTS: Final = {
    "&": " and ",
    ";": "; ",
    ",": ", ",
    "、": "、",
    "；": "；",
    "，": "，",
    " ": " ",
    " · ": " · ",
    ", also ": ", also ",
    "，另算 ": "，另算 ",
}
"""What joins the facts of a tuple, by its format; an ASCII comma where none is given."""

_CASES: Final[Mapping[str, Callable[[str], str]]] = {
    "": str,
    "lower": str.lower,
    "small": lambda text: text[:1].lower() + text[1:],
    "capital": lambda text: text[:1].upper() + text[1:],
    "spaced": lambda text: text.replace("个", " 个"),
}


class _Blanks(string.Formatter):
    """Fills the blanks of a template in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Message | Phrase):
            value = value.of(self.lang)
        if isinstance(value, tuple):
            joint = _JOINTS.get(format_spec, ", ")
            spec = "" if format_spec in _JOINTS else format_spec
            return joint.join(self.format_field(one, spec) for one in value)
        number, counts, words = format_spec.partition("~")
        if counts:
            return counted(value, words, number)
        if format_spec.startswith("?"):
            return fitting(value, format_spec[1:])
        kind, _, case = format_spec.partition("/")
        if case:
            return _CASES[case](self.format_field(value, kind))
        if kind.startswith("@"):
            return names()[kind[1:]](value).of(self.lang)
        if isinstance(value, str) or not format_spec:
            return str(value)
        said = format(value, format_spec)
        return said.replace("-", MINUS) if isinstance(value, Real) else said


_BLANKS: Final[Mapping[Lang, _Blanks]] = {"zh": _Blanks("zh"), "en": _Blanks("en")}
