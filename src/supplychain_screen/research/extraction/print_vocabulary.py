"""What words of print mean: headers of tables, marks of lists and sources, ratings, money."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.identity import packaged_data, to_simplified
from supplychain_screen.research.text_files import read_table

__all__ = [
    "PrintedWords",
    "fold_width",
    "is_chinese",
    "printed_amount",
    "printed_words",
    "word_key",
    "word_rows",
]

_KINDS = (
    "role",
    "trigger",
    "source_line",
    "institute",
    "nobody",
    "common",
    "pending",
    "unlisted",
    "money",
    "level",
    "action",
    "market",
    "index",
    "house",
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class _Widths(dict[int, str]):
    """Full-width characters to half-width ones, one for one, found when first met."""

    def __missing__(self, letter: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(letter))
        self[letter] = plain if len(plain) == 1 else chr(letter)
        return self[letter]


_WIDTHS = _Widths()


def fold_width(text: str) -> str:
    """A text in half-width characters, as long as it was.

    Examples
    --------
    >>> fold_width("（３００４３３．ＳＺ）…")
    '(300433.SZ)…'
    """
    return text.translate(_WIDTHS)


def visible_text(text: str) -> str:
    """A text without soft hyphens and other characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def is_chinese(text: str) -> bool:
    """Whether Chinese characters are in it."""
    return re.search("[㐀-鿿]", text) is not None


@lru_cache(maxsize=65536)
def word_key(text: str) -> str:
    """A word without what print varies: width, case, script, spaces, marks around it.

    Examples
    --------
    >>> word_key("**相關 個股**："), word_key("Target  Price")
    ('相关个股', 'target price')
    """
    plain = unicodedata.normalize("NFKC", visible_text(text)).casefold().strip(" \t\n*#:_-—·•|")
    if not is_chinese(plain):
        return " ".join(plain.split())
    simple: str = to_simplified().convert("".join(plain.split()))
    return simple


@dataclass(frozen=True)
class PrintedWords:
    """The words of ``printed_words.csv`` and the ratings of ``rating_words.csv``, by their keys."""

    roles: Mapping[str, str]
    triggers: frozenset[str]
    source_lines: frozenset[str]
    institutes: tuple[str, ...]
    nobody: frozenset[str]
    common: frozenset[str]
    pending: frozenset[str]
    unlisted: Mapping[str, str]
    money: Mapping[str, str]
    ratings: Mapping[str, str]
    levels: Mapping[str, str]
    actions: Mapping[str, str]
    markets: Mapping[str, str]
    indices: Mapping[str, str]
    houses: tuple[str, ...]

    @cached_property
    def trigger_pattern(self) -> re.Pattern[str]:
        """What a list of companies begins with, the longest first."""
        words = sorted(self.triggers, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)

    @cached_property
    def chinese_level(self) -> re.Pattern[str]:
        """Every rating word in Chinese, the longest first."""
        words = {one for one in (*self.ratings, *self.levels) if is_chinese(one)}
        return re.compile("|".join(map(re.escape, sorted(words, key=lambda one: (-len(one), one)))))

    def role(self, header: str) -> str:
        """The role of a column, from its header; empty where the header says none."""
        # A unit stands behind a word, in brackets or below it.
        key = word_key(re.sub(r"[(（\[【].*?[)）\]】]", "", header))
        for one in (word_key(header), key):
            if one in self.roles:
                return self.roles[one]
        if not is_chinese(key) or len(key) > 12:
            return ""
        for length in range(len(key) - 1, 2, -1):
            if key[-length:] in self.roles:
                return self.roles[key[-length:]]
        for end in ("代码", "简称"):
            if key.endswith(end):
                return self.roles[end]
        return ""

    def is_source_line(self, text: str) -> bool:
        """Whether a line says where something is from, or annotates it."""
        head = fold_width(text.lstrip(" \t*#>-•·")).partition(":")
        return bool(head[1]) and word_key(head[0]) in self.source_lines

    def says_unlisted(self, text: str, *, as_code: bool = False) -> bool:
        """Whether a text says that a company has no shares, and nothing else; some words say it
        only where a code would stand (private).
        """
        plain = fold_width(text)
        keys = (word_key(plain.strip(" ()[]")), word_key(re.sub(r"\(.*\)", "", plain)))
        return any(self.unlisted.get(key) in ("", "code" if as_code else "") for key in keys)

    def rating(self, text: str) -> str:
        """A printed rating as printed, where the text is one and nothing else; else empty."""
        plain = text.strip(" \t\"'“”‘’")
        key = word_key(plain)
        return plain if key in self.ratings or key.removesuffix("评级") in self.ratings else ""


def printed_amount(match: re.Match[str], currency: str) -> str:
    """The amount of a target, and beside it the sign that names no ``currency``: whose is 元?"""
    before, after = ("", "") if currency else match.group("before", "after")
    return f"{before or ''}{match['amount']}{after or ''}"


@lru_cache(maxsize=1)
def printed_words() -> PrintedWords:
    """The packaged words."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    for kind, word, means in word_rows("printed_words.csv"):
        found[kind][word_key(word)] = means
    rated = word_rows("rating_words.csv")
    return PrintedWords(
        roles=found["role"],
        triggers=frozenset(found["trigger"]),
        source_lines=frozenset(found["source_line"]),
        institutes=tuple(found["institute"]),
        nobody=frozenset(found["nobody"]),
        common=frozenset(found["common"]),
        pending=frozenset(found["pending"]),
        unlisted=found["unlisted"],
        money=found["money"],
        ratings={word_key(word): means for kind, word, means in rated if kind == "level"},
        levels=found["level"],
        actions=found["action"],
        markets=found["market"],
        indices=found["index"],
        houses=tuple(word for kind, word, _ in word_rows("printed_words.csv") if kind == "house"),
    )


@lru_cache
def word_rows(name: str) -> Sequence[tuple[str, str, str]]:
    """A packaged table of words: the kind of each, the word as it is spelled, what it means."""
    problems: list[Problem] = []
    rows = read_table(packaged_data() / name, ("kind", "word", "means"), (), problems)
    if problems:
        raise ReportError(problems)
    return tuple((row.get("kind"), row.get("word"), row.get("means")) for row in rows or ())
