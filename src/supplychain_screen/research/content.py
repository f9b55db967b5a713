"""What one research report says, as frozen data: mentions, listings, standard, call, events."""

from __future__ import annotations

import calendar
import difflib
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from supplychain_screen.errors import Problem, ReportError, UnknownListingError
from supplychain_screen.identity import EXCHANGES, Index, Instrument, Listing, parse_symbol
from supplychain_screen.research.standard import Market, RatingStandard
from supplychain_screen.words import Message, counted, message

__all__ = [
    "Correction",
    "Event",
    "Mention",
    "MentionStatus",
    "ResearchReport",
    "SectorCall",
]

MentionStatus = Literal["listed", "unlisted", "unresolved"]
"""``listed`` (the company trades, the listing is known), ``unlisted`` (nobody can buy it),
``unresolved`` (nobody decided yet which security is meant)."""

Confidence = Literal["verified", "ambiguous", "unverified", "chosen"]
"""How sure the listing is: ``verified``, ``ambiguous`` (a default among candidates), ``unverified``
(nobody checked) or ``chosen`` (a user overrode it)."""


class SectorCall(BaseModel):
    """The report's own rating of its sector.

    Parameters
    ----------
    level : str
        Name of a level of the sector scale.
    action, action_zh : str
        What was done with it: ``maintained``, ``raised``, ``lowered``, ``initiated``.
    sector_zh, sector_en : str
        The sector, as printed and in English.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str
    action: str = ""
    action_zh: str = ""
    sector_zh: str = ""
    sector_en: str = ""


class Event(BaseModel):
    """One dated fact that the report's text prints.

    Parameters
    ----------
    first : date
        First day it can have been.
    precision : {"day", "month", "year"}
        How exactly the print dates it.
    text_zh, text_en : str
        The fact in our words.
    inferred : str
        What part of the date the print leaves open, empty where none.

    Examples
    --------
    >>> from datetime import date
    >>> event = Event(first=date(2024, 11, 1), precision="month", text_zh="", text_en="A release")
    >>> event.label, event.last.isoformat()
    ('2024-11', '2024-11-30')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    precision: Literal["day", "month", "year"]
    text_zh: str
    text_en: str
    inferred: str = ""

    @property
    def label(self) -> str:
        """The date as far as it is known: ``2024-05-16``, ``2024-11`` or ``2024``."""
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]

    @property
    def last(self) -> date:
        """Last day it can have been."""
        if self.precision == "day":
            return self.first
        if self.precision == "year":
            return date(self.first.year, 12, 31)
        days = calendar.monthrange(self.first.year, self.first.month)[1]
        return self.first + timedelta(days=days - 1)


class Correction(BaseModel):
    """What a person decided about a printed company, the report left as it is.

    Parameters
    ----------
    company : str
        The company as printed.
    segment : str
        The segment that it concerns, as printed; empty: all of them.
    code : str
        The code printed beside the company that it concerns; empty: whatever is printed there.
    decision : str
        Id of a listing (``XHKG:1070``), ``unlisted`` or ``left out``.
    before : str
        What stood there: id of a listing, ``unlisted`` or ``unresolved``.
    reason : str
        Why, in the person's words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: Annotated[str, Field(min_length=1)]
    segment: str = ""
    code: str = ""
    decision: Annotated[str, Field(min_length=1)]
    before: str = ""
    reason: str = ""

    @property
    def said(self) -> Message:
        """The correction as a sentence."""
        company, before = self.company, _standing(self.before)
        if self.decision == "unlisted":
            told = message("correction.unlisted", company=company, before=before)
        elif self.decision == "left out":
            told = message("correction.left_out", company=company, before=before)
        else:
            told = message(
                "correction.listing", company=company, before=before, decision=self.decision
            )
        if self.segment:
            told = message("correction.of_segment", segment=self.segment, said=told)
        return message("correction.because", said=told, reason=self.reason) if self.reason else told


def _standing(before: str) -> Message:
    """What stood there before, in words unless it is a listing."""
    if ":" in before:
        return message("correction.was", listing=before)
    if before == "unlisted":
        return message("correction.was_unlisted")
    return message("correction.was_open")


class Mention(BaseModel):
    """One company printed in one row of the supplier table.

    Parameters
    ----------
    order : int
        Place in the table, from 1.
    segment_no : int
        Place of its segment, from 1.
    segment, segment_en : str
        Segment as printed, and in English.
    company, company_en : str
        Company as printed, without its bracket, and in English.
    note, note_en : str
        What the bracket says, and in English.
    pending : bool
        Whether the bracket says that the cooperation is not settled.
    listing : str or None
        Id of the listing it is measured by; None unless ``status`` is ``listed``.
    status : MentionStatus
        Whether there is a listing.
    confidence : str
        How sure the listing is.
    candidates : tuple of str
        Ids of other listings that the print could mean.
    why, why_zh : str
        Why this listing, in English and in Chinese; either may be empty.
    weight : float or None
        Weight of the company in a weighted mean beside the equal-weighted one, from 0 on; None
        where suppliers.csv gives none.
    printed_rating, printed_target : str
        Rating and target price that the report prints beside the company; empty where it does not.
    target_currency : str
        ISO 4217 code of the target, where the print says it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: Annotated[int, Field(ge=1)]
    segment_no: Annotated[int, Field(ge=1)]
    segment: Annotated[str, Field(min_length=1)]
    segment_en: str = ""
    company: Annotated[str, Field(min_length=1)]
    company_en: str = ""
    note: str = ""
    note_en: str = ""
    pending: bool = False
    listing: str | None = None
    status: MentionStatus = "listed"
    confidence: Confidence = "verified"
    candidates: tuple[str, ...] = ()
    why: str = ""
    why_zh: str = ""
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    printed_rating: str = ""
    printed_target: str = ""
    target_currency: str = ""


class ResearchReport(BaseModel):
    """One research report as data.

    Parameters
    ----------
    id : str
        Short name for files and machine output, for example ``guosen-xiaomi-ai``.
    title, title_en : str
        Title as printed, and in English.
    publisher, publisher_en : str
        Who published it.
    published : date or None
        Day of publication where it is printed; None: every screen has to be told.
    published_after : date or None
        The publication lies after this day, as far as the text shows.
    sector_call : SectorCall or None
        Its own rating of the sector.
    standard : RatingStandard
        How its ratings are to be measured.
    mentions : tuple of Mention
        The supplier table in printed order.
    listings : tuple of Listing
        Every listing that a mention names as its own or as a candidate, and their other lines.
    events : tuple of Event
        Dated facts of the text.
    corrections : tuple of Correction
        What a person decided otherwise than the print or its reading; a company left out has no
        mention any more.

    See Also
    --------
    supplychain_screen.research.report.load_report : Read and validate one from a folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    title: str
    title_en: str = ""
    publisher: str = ""
    publisher_en: str = ""
    published: date | None = None
    published_after: date | None = None
    sector_call: SectorCall | None = None
    standard: RatingStandard
    mentions: tuple[Mention, ...]
    listings: tuple[Listing, ...]
    events: tuple[Event, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> ResearchReport:
        problems = list(_contradictions(self))
        if problems:
            raise ReportError(problems)
        return self

    @property
    def segments(self) -> tuple[str, ...]:
        """Segments as printed, each once, in printed order."""
        return tuple(dict.fromkeys(mention.segment for mention in self.mentions))

    @property
    def companies(self) -> tuple[str, ...]:
        """Companies as printed, each once, in printed order."""
        return tuple(dict.fromkeys(mention.company for mention in self.mentions))

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What a screen needs closes of: the mentions' listings, then their benchmarks."""
        listed = [self.listing(one.listing) for one in self.mentions if one.listing is not None]
        unique = dict.fromkeys(listed)
        benchmarks = dict.fromkeys(
            index for listing in unique for index in self.standard.benchmarks_of(listing.id)
        )
        return (*unique, *benchmarks)

    def listing(self, listing_id: str) -> Listing:
        """The listing of that id.

        Parameters
        ----------
        listing_id : str
            ``MIC:CODE``.

        Raises
        ------
        UnknownListingError
            When the report knows no such listing.
        """
        for one in self.listings:
            if one.id == listing_id:
                return one
        raise UnknownListingError(
            Problem(
                f"no listing {listing_id} in the report {self.id}",
                _nearest(listing_id, [one.id for one in self.listings]),
                value=listing_id,
            )
        )

    def with_listing(self, company: str, listing: str | Listing) -> ResearchReport:
        """A report in which a company is measured by another listing, by the user's choice.

        Parameters
        ----------
        company : str
            Company as printed, or its English name.
        listing : str or Listing
            Id or any vendor's symbol of a listing of the report, or a listing it does not know.

        Returns
        -------
        ResearchReport
            A new report; all mentions of the company have confidence ``chosen``, and the listing
            they had is among their candidates.

        Raises
        ------
        UnknownListingError
            When the report has no such company, or knows no such listing.
        """
        hits = [one for one in self.mentions if company in (one.company, one.company_en)]
        if not hits:
            names = [name for one in self.mentions for name in (one.company, one.company_en)]
            raise UnknownListingError(
                Problem(
                    f"no company {company} in the report {self.id}",
                    _nearest(company, names),
                    value=company,
                )
            )
        if isinstance(listing, Listing):
            chosen = listing
            known = (*(one for one in self.listings if one.id != listing.id), listing)
        else:
            chosen = self._candidate(hits[0], listing)
            known = self.listings
        mentions = tuple(_chosen(one, chosen) if one in hits else one for one in self.mentions)
        return self.model_copy(update={"mentions": mentions, "listings": known})

    def _candidate(self, mention: Mention, symbol: str) -> Listing:
        """The listing of that symbol; where there is none, those the printed name may mean."""
        wanted = ":".join(parse_symbol(symbol))
        found = next((one for one in self.listings if one.id == wanted), None)
        if found is not None:
            return found
        ids = [one for one in (mention.listing, *mention.candidates) if one is not None]
        named = [f"{one} ({self.listing(one).name_zh or self.listing(one).name_en})" for one in ids]
        remedy = (
            f"{mention.company} as printed may be {' or '.join(named)}"
            if named
            else "add the listing to listings.csv"
        )
        raise UnknownListingError(
            Problem(f"no listing {wanted} in the report {self.id}", remedy, value=symbol)
        )

    def with_benchmark(self, market: str, index: str | Index) -> ResearchReport:
        """A report whose standard is extended by a benchmark that it does not name itself.

        Parameters
        ----------
        market : str
            Name of a market of the standard, or the MIC of an exchange (``XTAI``), which then gets
            the benchmark alone of its market's exchanges.
        index : str or Index
            Id, name or Yahoo's symbol of an index of the report (``INDEX:TWII``, ``^TWII``) or of
            ``load_indices()``; a symbol of Yahoo's that neither knows (``^NDX``), which is taken
            for an index of that exchange's currency and calendar; or an index.

        Returns
        -------
        ResearchReport
            A new report. Where the market had no benchmark the index is its primary one, else it
            comes after those that the report names; either way it is marked as an extension.

        Raises
        ------
        UnknownListingError
            When neither a market nor an exchange has that name, or no index.

        Examples
        --------
        >>> from supplychain_screen import load_report
        >>> report = load_report().with_benchmark("XTAI", "TWII")
        >>> [index.name_en for index in report.standard.benchmarks_of("XTAI")]
        ['TAIEX']
        >>> report.with_benchmark("XKRX", "KOSPI").standard.is_extension("XKRX", "INDEX:KOSPI")
        True
        """
        standard = self.standard
        if isinstance(index, Index):
            added = index
        else:
            try:
                added = standard.index(index)
            except KeyError:
                added = _named_index(index, standard.indices, market, standard.markets)
        indices = (*(one for one in standard.indices if one.id != added.id), added)
        extended = standard.model_copy(
            update={"markets": _extended(standard.markets, market, added.id), "indices": indices}
        )
        return self.model_copy(update={"standard": extended})

    def __repr__(self) -> str:
        published = self.published or (
            f"not printed, after {self.published_after}" if self.published_after else "not printed"
        )
        listed = sum(mention.status == "listed" for mention in self.mentions)
        return (
            f"ResearchReport({self.id!r}: {self.publisher or 'unknown publisher'}, {self.title}; "
            f"published {published}; {counted(len(self.segments), 'segment')}, "
            f"{counted(len(self.mentions), 'mention')}, "
            f"{counted(len(self.companies), 'company/companies')}, {listed} listed)"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in self._cells(mention))
            + "</tr>"
            for mention in self.mentions
        )
        head = "".join(
            f"<th>{name}</th>"
            for name in ("#", "segment", "company", "note", "listing", "candidates", "benchmark")
        )
        caption = html.escape(repr(self).removeprefix("ResearchReport(").removesuffix(")"))
        return (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def _cells(self, mention: Mention) -> tuple[str, ...]:
        """One row of the notebook's table."""
        listing = None if mention.listing is None else self.listing(mention.listing)
        benchmarks = () if listing is None else self.standard.benchmarks_of(listing.id)
        return (
            str(mention.order),
            mention.segment,
            mention.company,
            mention.note,
            mention.status if listing is None else listing.ticker,
            ", ".join(self.listing(one).ticker for one in mention.candidates),
            ", ".join(one.name_zh or one.name for one in benchmarks) or "none",
        )


def _contradictions(report: ResearchReport) -> Iterator[Problem]:
    """What parts of a report, each well formed, say against each other."""
    known = {one.id for one in report.listings}
    seen: set[tuple[str, str]] = set()
    for mention in report.mentions:
        where = f"mention {mention.order}, {mention.company}"
        if (mention.listing is not None) != (mention.status == "listed"):
            yield Problem(
                f"{where}: status {mention.status} and listing {mention.listing}",
                "a listing goes with the status listed, and only with that",
            )
        for one in (*((mention.listing,) if mention.listing else ()), *mention.candidates):
            if one not in known:
                yield Problem(f"{where}: unknown listing {one}", _nearest(one, known))
        if (mention.segment, mention.company) in seen:
            yield Problem(f"{where}: mentioned twice in {mention.segment}", "remove one of them")
        seen.add((mention.segment, mention.company))
    indices = {one.id for one in report.standard.indices}
    for market in report.standard.markets:
        for one in market.benchmarks:
            if one not in indices:
                yield Problem(
                    f"market {market.name}: benchmark {one} is not defined", _nearest(one, indices)
                )
    call, sector = report.sector_call, report.standard.sector
    if call is not None and sector is None:
        yield Problem("a sector call, and no sector scale", "give the standard its sector scale")
    elif call is not None and sector is not None and call.level not in sector.names:
        levels = ", ".join(sector.names)
        yield Problem(f"sector call: unknown rating level {call.level}", f"levels are {levels}")
    if report.published and report.published_after and report.published <= report.published_after:
        yield Problem(
            f"published {report.published} is not after {report.published_after}",
            "correct one of the two dates",
        )


def _chosen(mention: Mention, listing: Listing) -> Mention:
    """The mention, measured by the listing that a user chose."""
    if mention.listing == listing.id:
        zh, en = message("choice.user").phrase
        return mention.model_copy(update={"confidence": "chosen", "why": en, "why_zh": zh})
    others = [mention.listing] if mention.listing is not None else []
    others += [one for one in mention.candidates if one != listing.id]
    said = message("choice.user")
    if mention.listing:
        said = message("choice.user_instead", listing=mention.listing)
    zh, en = said.phrase
    return mention.model_copy(
        update={
            "listing": listing.id,
            "status": "listed",
            "confidence": "chosen",
            "candidates": tuple(others),
            "company_en": listing.name_en or mention.company_en,
            "why": en,
            "why_zh": zh,
        }
    )


def _named_index(
    name: str, known: Sequence[Index], market: str, markets: Sequence[Market]
) -> Index:
    """The index of that name or symbol, known or taken from its exchange."""
    from supplychain_screen.research.index_library import load_indices
    from supplychain_screen.research.standard import INDEX_PREFIX

    packaged = load_indices()
    found = packaged.get(name.removeprefix(INDEX_PREFIX))
    by_symbol = (one for one in (*known, *packaged.values()) if one.symbol("yahoo") == name)
    found = found or next(by_symbol, None)
    if found is not None:
        return found
    mics = [market, *(one.mics[0] for one in markets if one.name == market)]
    exchange = next((EXCHANGES[mic] for mic in mics if mic in EXCHANGES), None)
    short = name.removeprefix("^").upper().replace(".", "_").replace("-", "_")
    if exchange is None or not name.startswith("^") or not _INDEX_NAME.fullmatch(short):
        names = [*(one.id for one in known), *(one.id for one in packaged.values()), *packaged]
        raise UnknownListingError(Problem(f"no index {name}", _nearest(name, names), value=name))
    return Index(
        name=short,
        name_zh=name,
        name_en=name,
        currency=exchange.currency,
        calendar=exchange.calendar,
        symbols={"yahoo": name},
    )


_INDEX_NAME = re.compile("[A-Z0-9_]+")


def _extended(markets: tuple[Market, ...], name: str, index: str) -> tuple[Market, ...]:
    """The markets with an index added to the one of that name or exchange."""
    for at, market in enumerate(markets):
        if name == market.name or (name in market.mics and not market.boards):
            if index in market.benchmarks:
                return markets
            others = tuple(mic for mic in market.mics if mic != name)
            alone = name != market.name and others
            grown = market.model_copy(
                update={
                    "benchmarks": (*market.benchmarks, index),
                    "extensions": (*market.extensions, index),
                    "mics": (name,) if alone else market.mics,
                }
            )
            rest = (market.model_copy(update={"mics": others}),) if alone else ()
            return (*markets[:at], grown, *rest, *markets[at + 1 :])
    if name not in EXCHANGES:
        known = [market.name for market in markets] + list(EXCHANGES)
        raise UnknownListingError(
            Problem("no market or exchange of that name", _nearest(name, known), value=name)
        )
    exchange = EXCHANGES[name]
    added = Market(
        name=name,
        name_zh=exchange.name_zh,
        name_en=exchange.name_en,
        mics=(name,),
        benchmarks=(index,),
        extensions=(index,),
    )
    return (*markets, added)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, [name for name in known if name], n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""
