"""A document becomes a reading: every printed company, who it is, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from supplychain_screen.identity import NameIndex, NameVerdict, PrintedName, fold_names
from supplychain_screen.research.extraction.company_reading import (
    CompanyReader,
    PrintedCompany,
    PrintedLine,
)
from supplychain_screen.research.extraction.documents import Document, Line, Place, Table
from supplychain_screen.research.extraction.line_reading import LineReader
from supplychain_screen.research.extraction.print_vocabulary import printed_words, word_key
from supplychain_screen.research.extraction.printed_mentions import MentionVerdict, PrintedMention
from supplychain_screen.research.extraction.printed_standards import read_standard
from supplychain_screen.research.extraction.prose_reading import ProseReader, paragraphs
from supplychain_screen.research.extraction.report_readings import ReportReading
from supplychain_screen.research.extraction.table_reading import Found, TableReader
from supplychain_screen.research.extraction.title_page import (
    dated_facts,
    front_matter,
    value_of,
)
from supplychain_screen.research.extraction.whole_text import printed_text
from supplychain_screen.words import message

__all__ = ["packaged_index", "read_mentions"]

_VERDICTS: Final[Mapping[str, MentionVerdict]] = {"resolved": "listed", "unlisted": "unlisted"}
_CONTRADICTIONS: Final = frozenset({"match.contradiction", "match.name_apart"})
"""Grounds that say that a code is somebody else's than the name beside it."""
_SUGGESTED = 60
"""How many names that nobody knows get near names offered: looking for them takes time."""


@lru_cache(maxsize=1)
def packaged_index() -> NameIndex:
    """The index of the packaged ledger, made once."""
    return NameIndex()


def read_mentions(
    document: Document, *, index: NameIndex | None = None, published: date | None = None
) -> ReportReading:
    """Every company that a document prints, in printed order, and who it is.

    Parameters
    ----------
    document : Document
        Lines and tables.
    index : NameIndex, optional
        Who is known; the packaged ledger where it is not given.
    published : date, optional
        Day of the report, where its user knows it; else the printed one. Listings that began to
        trade later are not meant.

    Returns
    -------
    ReportReading
    """
    index = packaged_index() if index is None else index
    printed = printed_text(document)
    proposals = front_matter(document, printed)
    told = value_of(proposals, "published")
    if published is None and told:
        published = date.fromisoformat(told)
    house = value_of(proposals, "publisher")
    # Who makes a report is its source, and none of its companies.
    found = [
        one
        for one in _found(document, CompanyReader(index))
        if one.way != "prose" or one.company.lines or one.company.name != house
    ]
    return ReportReading(
        document.label,
        tuple(_Identities(index, published).mentions(found)),
        proposals,
        read_standard(printed, house),
        dated_facts(printed),
    )


def _found(document: Document, companies: CompanyReader) -> list[Found]:
    """Every company where it stands, in reading order."""
    tables, prose = TableReader(companies), ProseReader(companies)
    lines_of = LineReader(companies)
    found: list[Found] = []

    def table(one: Table) -> None:
        for item in tables.read(one):
            if item.way == "cell":
                place = item.place
                line = Line(item.company.name.replace("\n", "，"), place)
                for paragraph in paragraphs([line]):
                    found.extend(prose.read(paragraph))
            else:
                found.append(item)

    def sentences(some: Sequence[Line]) -> None:
        for paragraph in paragraphs(some):
            found.extend(prose.read(paragraph))

    for run in _runs(document):
        if isinstance(run, Table):
            table(run)
            continue
        at = begun = 0
        while at < len(run):
            reached = lines_of.read(run, at)
            if reached is None:
                at += 1
                continue
            sentences(run[begun:at])
            found.extend(reached.found)
            if reached.table is not None:
                table(reached.table)
            sentences(reached.left)
            at = begun = reached.end
        sentences(run[begun:])
    return found


def _runs(document: Document) -> list[Table | list[Line]]:
    """Tables, and lines without a table between them."""
    runs: list[Table | list[Line]] = []
    for block in document.blocks:
        if isinstance(block, Table):
            runs.append(block)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


@dataclass(slots=True)
class _Draft:
    """A mention that later prints of the same company may complete."""

    segment: str
    company: PrintedCompany
    place: Place
    currency: str
    also: list[Place] = field(default_factory=list)


class _Identities:
    """Who the printed companies are, and which of them are the same."""

    def __init__(self, index: NameIndex, published: date | None) -> None:
        self._index = index
        self._published = published
        self._verdicts: dict[tuple[str, PrintedLine | None, str], NameVerdict] = {}
        self._unknown = 0
        self._words: frozenset[str] = frozenset()

    def mentions(self, found: Sequence[Found]) -> list[PrintedMention]:
        """Mentions in printed order: a company once in a segment, with all its places."""
        coded = self._codes_by_name(found)
        # In a table, or with a rating beside it, a name that is a word is a name.
        sure = {
            word_key(one.company.name) for one in found if one.way != "prose" or one.company.rating
        }
        self._words = printed_words().common - sure
        drafts: list[_Draft] = []
        by_name: dict[tuple[str, str, str], _Draft] = {}
        anywhere: dict[tuple[str, str], _Draft] = {}
        for one in found:
            company = one.company
            name = _key(company.name)
            if not company.lines and name in coded:
                company = replace(company, lines=coded[name])
            code = (
                company.lines[0].readings[0] if company.lines and company.lines[0].readings else ""
            )
            code = code or (company.lines[0].isin if company.lines else "")
            same = by_name.get((one.segment, name, code))
            if same is None and not one.segment:
                same = anywhere.get((name, code))
            if same is not None:
                same.also.append(one.place)
                same.company = _completed(same.company, company)
                continue
            draft = _Draft(one.segment, company, one.place, one.currency)
            by_name[one.segment, name, code] = draft
            known = anywhere.get((name, code))
            if known is not None and not known.segment and one.segment:
                # Prose named it before its table gave it a segment.
                known.segment = one.segment
                known.also.append(one.place)
                known.company = _completed(company, known.company)
                by_name[one.segment, name, code] = known
                continue
            anywhere.setdefault((name, code), draft)
            drafts.append(draft)
        return [self._mention(order, draft) for order, draft in enumerate(drafts, start=1)]

    def _codes_by_name(self, found: Sequence[Found]) -> dict[str, tuple[PrintedLine, ...]]:
        """Names that are printed with one code somewhere: there the document says who they are."""
        known: dict[str, set[tuple[tuple[str, ...], str]]] = {}
        lines: dict[str, tuple[PrintedLine, ...]] = {}
        for one in found:
            if one.company.lines and one.company.name:
                key = _key(one.company.name)
                for line in one.company.lines:
                    known.setdefault(key, set()).add((line.readings, line.isin))
                bare = tuple(
                    replace(line, rating="", target="", currency="") for line in one.company.lines
                )
                lines.setdefault(key, bare)
        return {key: lines[key] for key, codes in known.items() if len(codes) == len(lines[key])}

    def _mention(self, order: int, draft: _Draft) -> PrintedMention:
        company = draft.company
        lines = company.lines or (None,)
        mentions = []
        for line in lines:
            verdict = self._verdict(company.name, line, draft.currency)
            said: MentionVerdict = _VERDICTS.get(verdict.verdict, "undecided")
            rating, target, currency = company.rating, company.target, draft.currency
            if line is not None and len(lines) > 1:
                rating, target = line.rating or rating, line.target
                currency = line.currency or currency
            mentions.append(
                PrintedMention(
                    order=order,
                    segment=draft.segment,
                    company=company.name or (line.code if line is not None else ""),
                    code=line.code if line is not None else "",
                    verdict=said,
                    listing=verdict.listing,
                    readings=verdict.candidates,
                    grounds=verdict.grounds,
                    rating=rating,
                    target=target,
                    currency=currency,
                    note=company.note,
                    pending=company.pending,
                    place=draft.place,
                    also=tuple(dict.fromkeys(draft.also)),
                )
            )
        first = mentions[0]
        if len(mentions) == 1:
            return first
        readings = tuple(reading for one in mentions for reading in one.readings)
        apart = [
            one
            for one in mentions[1:]
            if any(ground.key in _CONTRADICTIONS for ground in one.grounds)
        ]
        if apart and first.verdict == "listed":
            first = replace(
                first,
                verdict="undecided",
                listing=None,
                readings=tuple({one.listing: one for one in readings}.values()),
                grounds=apart[0].grounds,
            )
        companies = {reading.company for one in mentions for reading in one.readings[:1]}
        if all(one.verdict == "listed" for one in mentions) and len(companies) > 1:
            # Two codes of one print that are two companies' contradict each other.
            told = message("match.two_companies", codes=tuple(one.code for one in mentions))
            first = replace(
                first, verdict="undecided", listing=None, readings=readings, grounds=(told,)
            )
        return replace(first, other_lines=tuple(mentions[1:]))

    def _verdict(self, name: str, line: PrintedLine | None, currency: str) -> NameVerdict:
        key = (
            name,
            None if line is None else replace(line, rating="", target="", currency=""),
            currency,
        )
        if key not in self._verdicts:
            printed = (
                PrintedName(name, "", ())
                if line is None
                else PrintedName(name, line.code, line.readings, line.isin, line.unlisted)
            )
            limit = 5 if self._unknown < _SUGGESTED else 0
            verdict = self._index.identify(
                printed, currency=currency, as_of=self._published, limit=limit
            )
            if verdict.listing is not None and line is None and word_key(name) in self._words:
                told = message("match.word", name=name, listing=verdict.listing)
                verdict = replace(verdict, verdict="ambiguous", listing=None, grounds=(told,))
            self._unknown += verdict.verdict in ("unknown", "ambiguous")
            self._verdicts[key] = verdict
        return self._verdicts[key]


def _key(name: str) -> str:
    return fold_names([name])[0] or name


def _completed(first: PrintedCompany, second: PrintedCompany) -> PrintedCompany:
    """A company with what a later print of it adds; what both say stays as it was first said."""
    known = {(line.readings, line.isin) for line in first.lines}
    others = [line for line in second.lines if (line.readings, line.isin) not in known]
    return replace(
        first,
        name=first.name or second.name,
        lines=(*first.lines, *others),
        note=first.note or second.note,
        rating=first.rating or second.rating,
        target=first.target or second.target,
        currency=first.currency or second.currency,
    )
