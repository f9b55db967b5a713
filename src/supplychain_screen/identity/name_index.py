"""Names and codes of the whole ledger, folded once: what a printed company is, or may be."""

from __future__ import annotations

import csv
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from supplychain_screen.identity.exchanges import trading_currency
from supplychain_screen.identity.ledger import Ledger, load_ledger
from supplychain_screen.identity.packaged import packaged_data
from supplychain_screen.identity.printed_codes import (
    PrintedName,
    isin_fault,
    read_printed,
)
from supplychain_screen.identity.resolver import to_simplified
from supplychain_screen.words import Message, message

__all__ = ["NameIndex", "NameVerdict", "Reading", "Verdict", "fold_names"]

Verdict = Literal["resolved", "ambiguous", "unlisted", "unknown"]
"""What is known of a printed company: its listing, several it may be, that it has none, nothing."""

NEAR = 60.0
"""Similarity in percent from which a name is suggested; it never decides."""
_LIKELY, _UNLIKELY = 72.0, 65.0
"""Least score of a suggestion that may be pasted, and greatest of any other."""

_ENGLISH, _SHORT_ENGLISH, _ALIAS, _FORMER, _DERIVED, _SHORT = 2, 3, 4, 5, 6, 7
"""How a name of a listing is known, the surest first: 0 and 1 are its own in simplified and
traditional characters, a derived one is a conversion, a short one lost its usual end."""

_US = ("XNAS", "XNYS", "XASE")
_TAIWAN = ("XTAI", "ROCO")

_MARKERS = re.compile(r"[-－‐–—](?:sw|ky|dr|[uwdvbsrp]{1,2})\*?$", re.M)
_PREFIXES = re.compile(r"^(?:s?\*?st|xd|xr|dr|[nc])(?=[㐀-鿿])", re.M)
_LEGAL_ZH = ("股份有限公司", "有限责任公司", "有限公司")
_LEGAL_EN = frozenset(
    (
        "incorporated",
        "inc",
        "corporation",
        "corp",
        "company",
        "co",
        "limited",
        "ltd",
        "plc",
        "llc",
        "lp",
        "nv",
        "sa",
        "ag",
        "the",
        "adr",
        "ads",
        "l.p",
        "n.v",
        "s.a",
    )
)
_IDLE = re.compile(r"[^\w\n]+|_")
_ENDS = (
    "股份",
    "集团",
    "集團",
    "控股",
    "投控",
    "科技",
    "公司",
    "technology",
    "technologies",
    "holding",
    "group",
    "international",
    "pharmaceuticals",
    "biologics",
    "biopharma",
    "therapeutics",
    "electronics",
    "industries",
    "industrial",
    "systems",
    "semiconductor",
)
"""Ends of a name that print leaves out. Never taken off where another name begins alike."""
_PARENTS = ("集团", "集團", "控股", "投控")
"""Ends of which a company that has another name may be the parent."""
_ENDS_BY_TAIL = {end[-2:]: tuple(one for one in _ENDS if one[-2:] == end[-2:]) for end in _ENDS}


@dataclass(frozen=True, slots=True)
class Reading:
    """A listing that a printed company may be.

    Parameters
    ----------
    listing : str
        ``MIC:CODE``.
    name : str
        Its name, in the characters it is printed in.
    company : str
        The same for all lines of one company.
    score : float
        From 0 to 100; 95 or more where name or code are exactly its own, below 70 where its name
        is only somewhat like the printed one: too little to propose it as a decision.
    grounds : tuple of Message
        Why it is here, and what speaks against it.
    """

    listing: str
    name: str
    company: str
    score: float
    grounds: tuple[Message, ...]

    @property
    def is_likely(self) -> bool:
        """Whether a person may be offered it as a decision."""
        return self.score >= 70


@dataclass(frozen=True, slots=True)
class NameVerdict:
    """What a printed company is, and why.

    Parameters
    ----------
    printed : PrintedName
        Name and code as they were read.
    verdict : {"resolved", "ambiguous", "unlisted", "unknown"}
    listing : str or None
        The one listing that nothing else could be, where it is resolved.
    candidates : tuple of Reading
        Best first; suggestions by similarity where nothing is exact.
    grounds : tuple of Message
        Why.
    """

    printed: PrintedName
    verdict: Verdict
    listing: str | None
    candidates: tuple[Reading, ...]
    grounds: tuple[Message, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The grounds in English."""
        return tuple(str(one) for one in self.grounds)


class NameIndex:
    """Every name, code and ISIN of a ledger.

    Parameters
    ----------
    ledger : Ledger, optional
        The packaged one where it is not given.

    Examples
    --------
    >>> index = NameIndex()
    >>> index.resolve("没有这样一家公司").verdict
    'unknown'
    >>> index.resolve("US67066G1041").reasons
    ('the check digit of the ISIN US67066G1041 should be 0',)
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        ledger = load_ledger() if ledger is None else ledger
        rows = ledger.listings
        self._mic: list[str] = rows["mic"].tolist()
        self._code: list[str] = rows["code"].tolist()
        self._ids = [f"{mic}:{code}" for mic, code in zip(self._mic, self._code, strict=True)]
        self._row = {one: row for row, one in enumerate(self._ids)}
        self._markets = frozenset(self._mic)
        self._company: list[str] = rows["company"].tolist()
        self._delisted = rows["status"].eq("delisted").to_numpy()
        self._first = rows["first_day"].to_numpy("datetime64[D]")
        self._last = rows["last_day"].to_numpy("datetime64[D]")
        self._spelling = {
            column: rows[column].tolist() if column in rows else [""] * len(rows)
            for column in ("name_zh", "name_zh_hant", "name_en", "short_en")
        }
        self._derived = {
            row: one.split("|") for row, one in enumerate(rows["derived"].tolist()) if one
        }
        self._isin = {isin: row for row, isin in enumerate(rows["isin"].tolist()) if isin}
        self._former_code = {
            code.partition("@")[0]: row
            for row, codes in enumerate(rows["former_codes"].tolist())
            if codes
            for code in codes.split("|")
        }
        in_hong_kong = rows["mic"].eq("XHKG")
        # Counters of another currency bear the name of the share.
        self._counters = frozenset(
            np.flatnonzero(in_hong_kong & rows["code"].str.fullmatch("8....")).tolist()
        )
        self._hong_kong: list[int] = np.flatnonzero(in_hong_kong).tolist()
        texts, self._owner, self._kind = self._spelled(ledger)
        self._folded = fold_names(texts)
        self._names = _Places(self._folded)
        self._kin = self._relatives()
        self._unlisted: dict[str, str] = {}
        table = ledger.unlisted
        spelled = [
            (name, one)
            for name, english, aliases in zip(
                table["name"], table["name_en"], table["aliases"], strict=True
            )
            for one in (name, english, *aliases.split("|"))
            if one
        ]
        for key, (name, _) in zip(fold_names([one for _, one in spelled]), spelled, strict=True):
            self._unlisted.setdefault(key, name)

    def _spelled(self, ledger: Ledger) -> tuple[list[str], list[int], list[int]]:
        """Every name, the row it belongs to, and how it is known."""
        texts: list[str] = []
        owners: list[int] = []
        kinds: list[int] = []

        def add(names: Sequence[str], rows: Sequence[int], kind: int) -> None:
            texts.extend(names)
            owners.extend(rows)
            kinds.extend([kind] * len(rows))

        for kind, (column, values) in enumerate(self._spelling.items()):
            rows = [row for row, name in enumerate(values) if name and row not in self._counters]
            made = [
                row
                for row, columns in self._derived.items()
                if column in columns and values[row] and row not in self._counters
            ]
            if made:
                without = frozenset(made)
                rows = [row for row in rows if row not in without]
            add([values[row] for row in rows], rows, kind)
            add([values[row] for row in made], made, _DERIVED)
        former = [
            (name, row)
            for row, names in enumerate(ledger.listings["former_names"].tolist())
            if names
            for name in names.split("|")
        ]
        add([name for name, _ in former], [row for _, row in former], _FORMER)
        table = ledger.aliases
        ids = (table["mic"] + ":" + table["code"]).tolist()
        known = [
            (alias, self._row[one])
            for alias, one in zip(table["alias"].tolist(), ids, strict=True)
            if one in self._row
        ]
        add([alias for alias, _ in known], [row for _, row in known], _ALIAS)
        return texts, owners, kinds

    def _relatives(self) -> dict[int, list[int]]:
        """Rows of other markets with the same English name: lines that nobody linked."""
        # They keep a name from deciding, and a code from contradicting it; no more.
        found: dict[int, list[int]] = {}
        for key in self._names.shared:
            owners = self._owners(self._names, key)
            english = [row for kind, row in owners if kind in (_ENGLISH, _SHORT_ENGLISH)]
            if len({self._company[row] for row in english}) < 2:
                continue
            for row in english:
                region = self._currency(row)
                others = [one for one in english if self._currency(one) != region]
                if others:
                    found.setdefault(row, []).extend(others)
        # Hong Kong names its second listings by their American ticker.
        for row in self._hong_kong:
            named = row not in self._counters
            ticker = self._spelling["short_en"][row].partition("-")[0] if named else ""
            for one in (f"{mic}:{ticker}" for mic in _US) if ticker else ():
                if (other := self._row.get(one)) is not None:
                    found.setdefault(row, []).append(other)
                    found.setdefault(other, []).append(row)
        return found

    @cached_property
    def _lines(self) -> _Places:
        """Rows by company."""
        return _Places(self._company)

    @cached_property
    def _cores(self) -> _Places:
        """Names by what print leaves of them."""
        return _Places(_cores(self._folded))

    def knows(self, listing: str) -> bool:
        """Whether the ledger has a listing of that id."""
        return listing in self._row

    def knows_name(self, name: str) -> bool:
        """Whether somebody is called exactly so: a listing, in either script, or a company that
        is known to have no shares. What print leaves out or adds at the end counts as different.
        """
        key = fold_names([name])[0]
        if not key:
            return False
        if key in self._unlisted or any(
            kind != _FORMER or not self._delisted[row]
            for kind, row in self._owners(self._names, key)
        ):
            return True
        if name.isascii():
            return False
        simple = fold_names([to_simplified().convert(name)])[0]
        return simple in self._unlisted or bool(self._owners(self._names, simple))

    def names_of(self, listings: Iterable[str]) -> frozenset[str]:
        """Folded names of those listings and of the other lines of their companies."""
        rows = {
            line
            for one in listings
            if (row := self._row.get(one, self._former_code.get(one))) is not None
            for line in (row, *self._company_lines(row))
        }
        return frozenset(name for row in rows for name in self._names_by_row.get(row, ()))

    @cached_property
    def _names_by_row(self) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name, row in zip(self._folded, self._owner, strict=True):
            if name:
                found.setdefault(row, []).append(name)
        return found

    # --- resolving ------------------------------------------------------------------------------

    def resolve(
        self,
        text: str,
        *,
        market: str | Iterable[str] = (),
        currency: str = "",
        as_of: date | None = None,
        limit: int = 5,
    ) -> NameVerdict:
        """What a printed company is.

        Parameters
        ----------
        text : str
            As printed: a name, a code of any vendor, an ISIN, or a name with its code.
        market : str or iterable of str
            MICs of the market that the report is about: of several lines of one company the one
            that trades there is meant.
        currency : str
            ISO 4217 code that stands beside the name, which decides in the same way.
        as_of : date, optional
            Lines that began to trade after this day are not meant, those that ended after it are.
        limit : int
            How many candidates are shown at most.

        Returns
        -------
        NameVerdict
            ``resolved`` only where nothing else could be meant. One line is no proof where the
            company has others: without a printed code, a currency or a market it is ambiguous.
            A printed code is the identity and the name its check: where they contradict each
            other, both readings are shown and nothing is resolved. A line that was delisted is
            never taken by its name.

        Examples
        --------
        >>> NameIndex().resolve("").verdict
        'unknown'
        """
        printed = read_printed(" ".join(text.split()))
        found = self.identify(printed, market=market, currency=currency, as_of=as_of, limit=limit)
        if found.grounds[:1] and found.grounds[0].key in ("match.lines", "match.lines_now"):
            # Who types BABA alone says which of the lines is meant.
            own = {one.company for one in found.candidates[:1]}
            lines = [one for mic in _US if (one := f"{mic}:{printed.name}") in self._row]
            if len(lines) == 1 and self._company[self._row[lines[0]]] in own:
                return self.identify(printed_code(printed), as_of=as_of, limit=limit)
        return found

    def identify(
        self,
        printed: PrintedName,
        *,
        market: str | Iterable[str] = (),
        currency: str = "",
        as_of: date | None = None,
        limit: int = 5,
    ) -> NameVerdict:
        """What a name and a code that were told apart already are; the rest as for `resolve`."""
        places = (market,) if isinstance(market, str) and market else market
        context = _Context(frozenset(places), currency, as_of, limit)
        if printed.isin:
            return self._by_isin(printed, context)
        if printed.readings:
            return self._by_code(printed, context)
        if printed.unlisted:
            return self._said_unlisted(printed, context)
        return self._by_name(printed, context)

    def _by_isin(self, printed: PrintedName, context: _Context) -> NameVerdict:
        due = isin_fault(printed.isin)
        if due is not None:
            ground = message("match.isin_digit", isin=printed.isin, due=due)
            return NameVerdict(printed, "unknown", None, (), (ground,))
        row = self._isin.get(printed.isin)
        if row is None:
            ground = message("match.isin_unknown", isin=printed.isin)
            return NameVerdict(printed, "unknown", None, (), (ground,))
        return self._checked(printed, [row], message("match.isin", isin=printed.isin), context)

    def _by_code(self, printed: PrintedName, context: _Context) -> NameVerdict:
        rows = [self._row[one] for one in printed.readings if one in self._row]
        ground = message("match.code", code=printed.code)
        if not rows:
            rows = [self._former_code[one] for one in printed.readings if one in self._former_code]
            ground = message("match.former_code", code=printed.code)
        rows = self._begun(list(dict.fromkeys(rows)), context)
        living = [row for row in rows if not self._gone(row, context)] or rows
        if not living:
            mic = printed.readings[0].partition(":")[0]
            unknown = message("match.uncovered", code=printed.code, mic=mic)
            if mic in self._markets:
                listing = printed.readings[0]
                unknown = message("match.code_unknown", code=printed.code, listing=listing)
            candidates = self._candidates(self._matches(printed.name), context)
            if not candidates and printed.name and context.limit:
                candidates = self._near(printed.name, context)
            return NameVerdict(printed, "unknown", None, candidates, (unknown,))
        return self._checked(printed, living, ground, context)

    def _checked(
        self, printed: PrintedName, rows: list[int], ground: Message, context: _Context
    ) -> NameVerdict:
        """What a code means, held against the name beside it."""
        named = self._matches(printed.name) if printed.name else []
        named += [
            (_ALIAS, row) for row in self._beside_codes.get(fold_names([printed.name])[0], ())
        ]
        fitting = [
            row
            for row in rows
            if any(self._same(row, one) for _, one in named)
            or self._is_own_beginning(printed.name, row)
        ]
        if not fitting and named:
            # Who is called exactly so is meant, however like it the name of the code's company is:
            # a parent and its subsidiary are.
            apart = [row for kind, row in named if kind < _DERIVED and not self._delisted[row]]
            if apart:
                readings = (
                    *(self._reading(row, 100.0, (ground,)) for row in rows),
                    *self._candidates([(0, one) for one in apart], context),
                )
                told = message(
                    "match.contradiction", code=printed.code or printed.isin, name=printed.name
                )
                return NameVerdict(printed, "ambiguous", None, readings[: context.limit], (told,))
        chosen = fitting or rows
        if len(chosen) > 1:
            chosen = self._decided(chosen, context) or chosen
        readings = tuple(self._reading(row, 100.0, (ground,)) for row in chosen)
        if len(chosen) > 1:
            told = message("match.several", n=len(chosen))
            return NameVerdict(printed, "ambiguous", None, readings[: context.limit], (told,))
        grounds = [ground]
        if printed.name and not named and not fitting:
            if self._unlike(printed.name, chosen[0]):
                told = message(
                    "match.name_apart",
                    code=printed.code or printed.isin,
                    listing=self._shown(chosen[0]),
                    name=printed.name,
                )
                near = self._near(printed.name, context) if context.limit else ()
                return NameVerdict(
                    printed, "ambiguous", None, (*readings, *near)[: context.limit or 1], (told,)
                )
            grounds.append(message("match.name_unknown", name=printed.name))
        return NameVerdict(printed, "resolved", self._ids[chosen[0]], readings, tuple(grounds))

    def _said_unlisted(self, printed: PrintedName, context: _Context) -> NameVerdict:
        """A name that its print calls unlisted: it is, unless a line of that day has the name."""
        known = self._by_name(printed, context)
        if known.verdict == "unlisted":
            return known
        gone = any(one.key in ("match.only_others", "match.delisted") for one in known.grounds)
        if known.verdict == "unknown" or gone:
            told = message("match.said_unlisted", word=printed.code)
            return NameVerdict(printed, "unlisted", None, (), (told,))
        told = message("match.listed_after_all", word=printed.code, name=printed.name)
        return NameVerdict(printed, "ambiguous", None, known.candidates, (told,))

    def _by_name(self, printed: PrintedName, context: _Context) -> NameVerdict:
        key = fold_names([printed.name])[0]
        matches = self._matches(printed.name)
        if key in self._unlisted and not matches:
            ground = message("match.unlisted", name=self._unlisted[key])
            return NameVerdict(printed, "unlisted", None, (), (ground,))
        if not matches:
            ticker = [
                self._row[one] for mic in _US if (one := f"{mic}:{printed.name}") in self._row
            ]
            if len(ticker) == 1:
                return self._checked(
                    printed_code(printed), ticker, message("match.code", code=printed.name), context
                )
            near = self._near(printed.name, context) if context.limit else ()
            told = message("match.only_near" if near else "match.none")
            return NameVerdict(printed, "unknown", None, near, (told,))
        rows = self._begun([row for _, row in matches], context)
        living = [row for row in rows if not self._gone(row, context)]
        candidates = self._candidates(matches, context)
        if not living:
            told = message("match.only_others" if not rows else "match.delisted")
            return NameVerdict(printed, "ambiguous", None, candidates, (told,))
        # Every line of a company whose name this is may be meant, whatever it is called there.
        lines = list(
            dict.fromkeys(
                line
                for row in living
                for line in self._begun(self._company_lines(row), context)
                if not self._gone(line, context)
            )
        )
        if len(lines) > 1:
            decided = self._decided(lines, context)
            if not decided:
                n = len({self._company[one] for one in lines})
                told = (
                    message("match.several", n=len(lines))
                    if n > 1
                    else message("match.lines_now", n=len(lines))
                    if context.as_of is None
                    else message("match.lines", n=len(lines), as_of=context.as_of)
                )
                return NameVerdict(printed, "ambiguous", None, candidates, (told,))
            lines = decided
        elif self._unchecked(lines[0]) and not self._fits(lines[0], context):
            told = message("match.unchecked", listing=self._ids[lines[0]])
            return NameVerdict(printed, "ambiguous", None, candidates, (told,))
        kind = min(kind for kind, row in matches if self._same(row, lines[0]))
        rival = self._rival(key, lines[0], kind)
        told_apart = self._fits(lines[0], context)
        if rival is not None and not (told_apart and not self._fits(rival, context)):
            told = message("match.rival", name=self._shown(rival))
            readings = (*candidates, *self._candidates([(5, rival)], context))
            return NameVerdict(printed, "ambiguous", None, readings[: context.limit], (told,))
        if kind == _SHORT and not self._begins(key, lines[0]):
            told = message("match.other_end", name=printed.name, listing=self._shown(lines[0]))
            return NameVerdict(printed, "ambiguous", None, candidates, (told,))
        if self._is_word(printed.name, lines[0]) and not self._fits(lines[0], context):
            told = message("match.word", name=printed.name, listing=self._ids[lines[0]])
            return NameVerdict(printed, "ambiguous", None, candidates, (told,))
        ground = self._ground(kind, lines[0])
        return NameVerdict(printed, "resolved", self._ids[lines[0]], candidates, (ground,))

    # --- its parts ------------------------------------------------------------------------------

    def _matches(self, name: str) -> list[tuple[int, int]]:
        """Kind and row of every listing of that name, the strongest way of finding any first."""
        key = fold_names([name])[0]
        if not key:
            return []
        found = self._owners(self._names, key)
        if not found and not name.isascii():
            simple = fold_names([to_simplified().convert(name)])[0]
            # Traditional print of a name that lists have in simplified characters only.
            same = self._owners(self._names, simple) if simple != key else []
            found = [(_DERIVED, row) for _, row in same]
        if not found:
            core = _cores([key])[0]
            found = [(_SHORT, row) for _, row in self._owners(self._cores, core)]
        best: dict[int, int] = {}
        for kind, row in found:
            best[row] = min(kind, best.get(row, 9))
        return sorted((kind, row) for row, kind in best.items())

    def _owners(self, places: _Places, key: str) -> list[tuple[int, int]]:
        """How and to which row each name of that key belongs."""
        return [(self._kind[place], self._owner[place]) for place in places.of(key)]

    def _rival(self, key: str, row: int, kind: int) -> int | None:
        """A listing of another company whose name begins alike, where the match is not exact: 中环
        is what Shenzhen's companies are called for short, and 中環 converted.
        """
        if kind < _DERIVED:
            return None
        core = _cores([key])[0]
        # A whole name that was only converted has rivals among the short forms of others.
        near = self._owners(self._cores, core)
        near += [owner for one in self._beginning(core) for owner in self._owners(self._names, one)]
        for _, other in near:
            if not self._same(other, row) and not self._delisted[other]:
                return other
        return None

    def _begins(self, key: str, row: int) -> bool:
        """Whether a folded name and one of a company's are one, but for an end that one of them has
        more. With another end, or 集团 more, it may be a parent or somebody else: 歌尔集团 is not
        歌尔股份, 新希望集团 not 新希望. English ends say less.
        """
        own = [name for line in self._company_lines(row) for name in self._names_by_row[line]]
        return key.isascii() or any(
            one.startswith(key) or (key.startswith(one) and key[len(one) :] not in _PARENTS)
            for one in own
        )

    def _beginning(self, start: str) -> list[str]:
        """Folded names that begin so."""
        keys = self._sorted
        at = bisect_left(keys, start)
        found = []
        while at < len(keys) and keys[at].startswith(start):
            found.append(keys[at])
            at += 1
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._names.keys)

    def _decided(self, rows: Sequence[int], context: _Context) -> list[int]:
        """The one line that the currency or the market beside the name can mean, if it is one."""
        decided = list(rows)
        if context.currency:
            decided = [row for row in decided if self._currency(row) == context.currency]
        if context.market:
            decided = [row for row in decided if self._mic[row] in context.market]
        return decided if len(decided) == 1 and len(decided) < len(rows) else []

    def _unchecked(self, row: int) -> bool:
        """Whether a line of Taiwan may have one in America that nobody could look for."""
        # Lists name both by their English names, and the ledger has none of it.
        english = self._spelling["name_en"][row] or self._spelling["short_en"][row]
        return self._mic[row] in _TAIWAN and not english and len(self._company_lines(row)) == 1

    def _is_word(self, name: str, row: int) -> bool:
        """Whether two characters are a company's and as well a word or somebody else: of Taiwan's
        those that are the same in both scripts (材料, 三星), of the mainland's those that are left
        of a name without its mark (ST标准).
        """
        if len(name) != 2 or name.isascii():
            return False
        spelled = [self._spelling[column][row] for column in ("name_zh", "name_zh_hant")]
        if self._mic[row] in _TAIWAN:
            return len({*fold_names(spelled), name}) == 1
        return any(str(one).removeprefix("*") == f"ST{name}" for one in spelled)

    def _fits(self, row: int, context: _Context) -> bool:
        """Whether the currency or the market beside the name is that of a line."""
        return self._currency(row) == context.currency or self._mic[row] in context.market

    def _currency(self, row: int) -> str:
        return trading_currency(self._mic[row], self._code[row])

    def _begun(self, rows: Iterable[int], context: _Context) -> list[int]:
        """Rows that traded by the day of the context, as far as their days are known."""
        if context.as_of is None:
            return list(rows)
        day = np.datetime64(context.as_of, "D")
        return [row for row in rows if not self._first[row] > day]

    def _gone(self, row: int, context: _Context) -> bool:
        """Whether a line had ended by the day of the context, or by now."""
        if context.as_of is None or not self._delisted[row]:
            return bool(self._delisted[row])
        return not self._last[row] > np.datetime64(context.as_of, "D")

    def _company_lines(self, row: int) -> list[int]:
        lines = self._lines.of(self._company[row])
        own = [one for one in lines if one not in self._counters] or lines
        return [*own, *self._kin.get(row, ())]

    def _same(self, row: int, other: int) -> bool:
        """Whether both are, or may be, lines of one company."""
        return self._company[row] == self._company[other] or other in self._kin.get(row, ())

    def _alike(self, name: str, row: int) -> bool:
        """Whether a printed name is near enough to one of a listing's to be a way of writing it."""
        from rapidfuzz import fuzz

        key = fold_names([name])[0]
        own = [str(values[row]) for values in self._spelling.values() if values[row]]
        return any(
            one.startswith(key) or key.startswith(one) or fuzz.ratio(one, key) >= NEAR
            for one in fold_names(own)
        )

    def _unlike(self, name: str, row: int) -> bool:
        """Whether a listing has names in the script of a printed one, and none is like it."""
        lines = self._company_lines(row)
        named = [key for line in lines for key in self._names_by_row.get(line, ())]
        own = [key.removesuffix("退") for key in named]
        chinese = not name.isascii()
        if not any(key.isascii() != chinese for key in own):
            return False
        if not chinese and any(self._shortened(name, line) for line in lines):
            return False
        keys = set(fold_names([name, to_simplified().convert(name)])) - {""}
        # A company that leaves its exchange is called by the beginning of its name.
        if self._goes_on(keys, [key for key in named if not key.endswith("退")]):
            return True
        return not any(self._alike(name, line) for line in lines) and not any(
            key in one or one in key or _cores([key])[0] == one
            for key in keys
            for one in own
            if len(one) > 1 and len(key) > 1
        )

    def _shortened(self, name: str, row: int) -> bool:
        """Whether a Latin name is the first letters of a listing's words (TSMC), or one of the two
        is the other with words cut short (CITIC SEC).
        """
        words = re.findall(r"[a-z0-9]+", name.casefold())
        for column in ("name_en", "short_en"):
            own = re.findall(r"[a-z0-9]+", self._spelling[column][row].casefold())
            first = "".join(one[0] for one in own)
            legal = len([one for one in own if one in _LEGAL_EN])
            initials = len(words) == 1 and len(first) - legal <= len(words[0]) >= 3
            if initials and first.startswith(words[0]):
                return True
            pairs = zip(words, own, strict=False)
            if 1 < len(words) == len(own) - legal and all(
                one.startswith(other) or other.startswith(one) for one, other in pairs
            ):
                return True
        return False

    def _is_own_beginning(self, name: str, row: int) -> bool:
        """Whether a name is the English one of a packaged listing without its last words."""
        english = self._packaged.get(self._ids[row], ("",))[0].casefold()
        return " " in name.strip() and english.startswith(f"{name.strip().casefold()} ")

    @cached_property
    def _packaged(self) -> Mapping[str, Sequence[str]]:
        """English name and other names of the packaged report's listings."""
        with packaged_data().joinpath("listings.csv").open(encoding="utf-8-sig") as file:
            return {
                one: (row["name_en"], *row["aliases"].split("|"))
                for row in csv.DictReader(file)
                if (one := f"{row['mic']}:{row['code']}") in self._row
            }

    @cached_property
    def _beside_codes(self) -> Mapping[str, list[int]]:
        """Folded names of the packaged listings: beside a code they agree with it or contradict
        it, alone they name nobody.
        """
        names = [(name, self._row[one]) for one, own in self._packaged.items() for name in own]
        found: dict[str, list[int]] = {}
        for key, (_, row) in zip(fold_names([name for name, _ in names]), names, strict=True):
            if key:
                found.setdefault(key, []).append(row)
        return found

    @staticmethod
    def _goes_on(keys: Iterable[str], own: Sequence[str]) -> bool:
        """Whether a printed name is one of a listing's and more: a subsidiary may be called so."""
        known = [*own, *_cores(own)]
        for core in _cores(list(keys)):
            if any(one.startswith(core) for one in known):
                return False
            if any(len(core) - len(one) > 1 < len(one) and core.startswith(one) for one in known):
                return True
        return False

    def _candidates(
        self, matches: Iterable[tuple[int, int]], context: _Context
    ) -> tuple[Reading, ...]:
        """Matching lines and the other lines of their companies, best first."""
        found: dict[int, Reading] = {}
        ranked = sorted(
            matches, key=lambda one: (self._gone(one[1], context), one[0], self._ids[one[1]])
        )
        for kind, row in ranked:
            against = self._against(row, context)
            found.setdefault(
                row,
                self._reading(
                    row, 99.0 - kind - 20 * bool(against), (self._ground(kind, row), *against)
                ),
            )
        for _, row in ranked:
            for line in self._company_lines(row):
                against = (message("match.other_line"), *self._against(line, context))
                found.setdefault(line, self._reading(line, 70.0, against))
        ordered = sorted(found.values(), key=lambda one: -one.score)
        return tuple(ordered[: context.limit])

    def _against(self, row: int, context: _Context) -> tuple[Message, ...]:
        told = []
        if self._gone(row, context):
            told.append(message("match.delisted"))
        if context.as_of is not None and self._first[row] > np.datetime64(context.as_of, "D"):
            told.append(
                message(
                    "match.too_young", first=self._first[row].astype(object), as_of=context.as_of
                )
            )
        return tuple(told)

    def _ground(self, kind: int, row: int) -> Message:
        name = self._shown(row)
        if kind == _ALIAS:
            return message("match.alias", name=name)
        if kind == _FORMER:
            return message("match.former_name", name=name)
        if kind == _DERIVED:
            return message("match.converted", name=name)
        if kind == _SHORT:
            return message("match.short_form", name=name)
        if kind in (_ENGLISH, _SHORT_ENGLISH):
            return message("match.english", name=name)
        return message("match.short_name")

    def _shown(self, row: int) -> str:
        for column in ("name_zh_hant", "name_zh", "name_en", "short_en"):
            if self._spelling[column][row] and column not in self._derived.get(row, ()):
                return str(self._spelling[column][row])
        return self._ids[row]

    def _reading(self, row: int, score: float, grounds: tuple[Message, ...]) -> Reading:
        return Reading(self._ids[row], self._shown(row), self._company[row], score, grounds)

    def _near(self, name: str, context: _Context) -> tuple[Reading, ...]:
        """Suggestions by similarity among the names that begin like this one."""
        from rapidfuzz import fuzz, process

        key = fold_names([name])[0]
        if not key:
            return ()
        pool = self._beginning(key[: 3 if key.isascii() else 1])
        pool += self._within.get(key[1:3], ())
        pool += [core for core in (key[:3], key[:2]) if core in self._names.keys]
        scored = process.extract(
            key, pool, scorer=fuzz.ratio, limit=4 * context.limit, score_cutoff=0.75 * NEAR
        )
        found: dict[int, Reading] = {}
        for near, score, _ in scored:
            for kind, row in sorted(self._owners(self._names, near)):
                if not self._delisted[row] and kind != _DERIVED:
                    ground = message("match.near", name=self._shown(row))
                    like = round(score * 0.9, 1)
                    like = max(like, _LIKELY) if _is_likely(key, near) else min(like, _UNLIKELY)
                    found.setdefault(row, self._reading(row, like, (ground,)))
        ordered = sorted(found.values(), key=lambda one: -one.score)
        return tuple(ordered[: context.limit])

    @cached_property
    def _within(self) -> Mapping[str, list[str]]:
        """Folded names by their second and third characters: what a slip in the first one hides."""
        found: dict[str, list[str]] = {}
        for key in self._names.keys:
            if len(key) > 2 and not key.isascii():
                found.setdefault(key[1:3], []).append(key)
        return found


class _Places:
    """Where each key stands in a list, without a list a key."""

    def __init__(self, listed: Sequence[str]) -> None:
        self.keys = dict(zip(listed, range(len(listed)), strict=True))
        self.keys.pop("", None)
        self.shared: dict[str, list[int]] = {}
        """All places of the keys that have more than one."""
        if len(self.keys) < len(listed):
            twice = pd.Series(listed, dtype=object).duplicated(keep=False).to_numpy()
            for place in np.flatnonzero(twice).tolist():
                self.shared.setdefault(listed[place], []).append(place)
            self.shared.pop("", None)

    def of(self, key: str) -> list[int]:
        """Places of that key, the first one first."""
        if key in self.shared:
            return self.shared[key]
        place = self.keys.get(key)
        return [] if place is None else [place]


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands beside a name and decides between the lines of a company."""

    market: frozenset[str]
    currency: str
    as_of: date | None
    limit: int


def printed_code(printed: PrintedName) -> PrintedName:
    """A ticker that was read as a name, as the code that it is."""
    return PrintedName("", printed.name, tuple(f"{mic}:{printed.name}" for mic in _US))


def fold_names(names: Sequence[str]) -> list[str]:
    """Names without what print varies: width, case, spaces, punctuation, markers, legal form.

    Parameters
    ----------
    names : sequence of str
        Without line breaks.

    Returns
    -------
    list of str, length of ``names``
        Traditional and simplified characters stay what they are: 大華 is not 大华.

    Examples
    --------
    >>> fold_names(["小米集团－Ｗ", "*ST 拓尔思", "Sunny Optical Technology (Group) Co., Ltd."])
    ['小米集团', '拓尔思', 'sunnyopticaltechnologygroup']
    """
    if not names:
        return []
    text = unicodedata.normalize("NFKC", "\n".join(names)).casefold()
    text = re.sub(r"[ \t　]+$", "", text, flags=re.M)
    text = _MARKERS.sub("", text)
    text = _PREFIXES.sub("", re.sub(r"^[ \t]*(\*?st)[ \t]+(?=[㐀-鿿])", r"\1", text, flags=re.M))
    lines = [
        _without_legal_form(one) if " " in one or one[-2:] == "公司" else one
        for one in text.split("\n")
    ]
    return _IDLE.sub("", "\n".join(lines)).split("\n")


def _without_legal_form(name: str) -> str:
    """A name in small letters without its legal form at the end."""
    if name.endswith(_LEGAL_ZH):
        return name[: -next(len(one) for one in _LEGAL_ZH if name.endswith(one))]
    last = name[max(name.rfind(" "), name.rfind(",")) + 1 :]
    if last.isalnum() and last != "holdings" and last not in _LEGAL_EN:
        return name
    words = name.replace(",", " ").split()
    while len(words) > 1 and words[-1].strip(".()") in _LEGAL_EN:
        words.pop()
    if words and words[-1] == "holdings":
        words[-1] = "holding"
    return " ".join(words)


def _is_likely(printed: str, near: str) -> bool:
    """Whether a folded name is a short form of another one, or that with one slip in it. A longer
    one may be a subsidiary's, and in a shorter one a slip leaves too little to know it by.
    """
    from rapidfuzz.distance import Levenshtein

    least = 4 if printed.isascii() else 2
    ours, theirs = _cores([printed, near])
    if len(ours) >= least and theirs.startswith(ours):
        return True
    return min(len(ours), len(theirs)) >= least + 2 and Levenshtein.distance(ours, theirs) == 1


def _cores(folded: Sequence[str]) -> list[str]:
    """Folded names without the ends that print leaves out."""
    return [_core(one) if one[-2:] in _ENDS_BY_TAIL else one for one in folded]


def _core(name: str) -> str:
    """A folded name without up to two of its usual ends."""
    for _ in range(2):
        for end in _ENDS_BY_TAIL.get(name[-2:], ()):
            if name.endswith(end) and len(name) > len(end) + 1:
                name = name[: -len(end)]
                break
    return name
