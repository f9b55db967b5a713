"""What was read becomes a report that can be measured, saved and corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.identity import (
    EXCHANGES,
    Ledger,
    Listing,
    listings_of_ledger,
    load_ledger,
)
from supplychain_screen.research.content import Correction, Mention, ResearchReport, SectorCall
from supplychain_screen.research.extraction.printed_mentions import PrintedMention
from supplychain_screen.research.house_standards import propose_standard, standard_by_scale
from supplychain_screen.research.index_library import load_indices
from supplychain_screen.research.rating_scale import Level, RatingScale
from supplychain_screen.research.scale_library import load_library
from supplychain_screen.research.standard import INDEX_PREFIX, Market, RatingStandard
from supplychain_screen.words import MARKETS, Message, Phrase, message

__all__ = ["direction_standard", "named_standard", "report_of", "short_name"]

_USUAL = {
    "a_share": (("XSHG", "XSHE", "BJSE"), "CSI300"),
    "hong_kong": (("XHKG",), "HSI"),
    "us": (("XNAS", "XNYS", "XASE"), "SPX"),
    "taiwan": (("XTAI", "ROCO"), "TWII"),
    "japan": (("XTKS",), "N225"),
    "korea": (("XKRX",), "KOSPI"),
}
"""The index that a market is usually held against, where nobody named one."""


def direction_standard() -> RatingStandard:
    """The standard of a table without one: nobody is rated, each return stands beside an index.

    Its indices are ours and not the print's, so that every output marks them as extensions.
    """
    known = load_indices()
    markets = tuple(
        Market(
            name=name,
            name_zh=MARKETS[name].zh,
            name_en=MARKETS[name].en,
            mics=tuple(mic for mic in mics if mic in EXCHANGES),
            benchmarks=(f"{INDEX_PREFIX}{index}",),
            extensions=(f"{INDEX_PREFIX}{index}",),
        )
        for name, (mics, index) in _USUAL.items()
    )
    return RatingStandard(
        stock=RatingScale(
            name="direction-only",
            kind="direction",
            levels=tuple(Level(name=one) for one in ("outperform", "neutral", "underperform")),
        ),
        markets=markets,
        indices=tuple(known[index] for _, index in _USUAL.values()),
        notes=_both(message("standard.none").phrase),
    )


def named_standard(name: str, published: date | None) -> tuple[str, RatingStandard]:
    """The house and the standard that ``--standard`` names: a scale, or a house on a day.

    Raises
    ------
    ReportError
        Nobody has that name, or a house is named without a day.
    """
    if name in load_library():
        return standard_by_scale(name)
    if published is None:
        raise ReportError(
            Problem("the standard of a house depends on the day", "give --published", value=name)
        )
    proposal = propose_standard(name, published)
    return proposal.house, proposal.standard


def report_of(
    label: str,
    printed: Sequence[PrintedMention],
    *,
    standard: RatingStandard,
    published: date | None,
    corrections: tuple[Correction, ...],
    title: str,
    publisher: str,
    report_id: str,
    sector_call: str,
) -> ResearchReport:
    """A report of what was read; `ReportReading.to_report` says what is what."""
    if not printed:
        raise ReportError(
            Problem(
                "no company is printed in it",
                "give the table or the text that names the companies, with their codes if it can",
                file=label,
            )
        )
    stem = Path(label).stem
    ledger = load_ledger()
    mentions = _mentions(printed, ledger)
    nameless = message("title.of_table", name=stem, n=len({one.company for one in mentions})).phrase
    return ResearchReport(
        id=report_id or short_name(stem),
        title=title or nameless.zh,
        title_en="" if title else nameless.en,
        publisher=publisher,
        published=published,
        sector_call=_sector_call(sector_call, standard),
        standard=standard,
        mentions=mentions,
        listings=_listings(printed, mentions, ledger),
        corrections=corrections,
    )


def _sector_call(printed: str, standard: RatingStandard) -> SectorCall | None:
    """The printed rating of the sector, where it is a level of the sector scale."""
    levels = () if standard.sector is None else standard.sector.levels
    for level in levels:
        if printed and printed in (level.name, level.name_zh, level.name_en):
            return SectorCall(level=level.name)
    return None


def short_name(stem: str) -> str:
    """The id of a report that has a name: small letters, digits, ``.``, ``_`` and ``-``."""
    name = re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")
    return name or "my-report"


def _mentions(printed: Sequence[PrintedMention], ledger: Ledger) -> tuple[Mention, ...]:
    """Mentions with the names that a report needs: one company, one listing, once in a segment."""
    nobody = message("segment.none").phrase
    names = {_line(one.company) for one in printed if one.company != one.code}
    alone = [one.listing for one in printed if one.listing and one.company in ("", one.code)]
    named = listings_of_ledger(alone, ledger)
    segments: dict[str, int] = {}
    standing: dict[str, str | None] = {}
    seen: set[tuple[str, str]] = set()
    found = []
    for order, one in enumerate(printed, start=1):
        segment = _line(one.segment) or nobody.zh
        number = segments.setdefault(segment, len(segments) + 1)
        company = plain = _line(one.company) or one.code
        if not one.company or one.company == one.code:
            # A code alone has the ledger's name, and who is printed so keeps it.
            known = named.get(one.listing or "")
            plain = _line(known.name_zh or known.name_en) if known else plain
            company = f"{plain} ({one.code})" if plain in names else plain
        # Two companies of one name are told apart by their codes.
        tries = iter((f"{plain} ({one.code or one.listing or order})", f"{plain} #{order}"))
        while (segment, company) in seen or standing.setdefault(
            company, one.listing
        ) != one.listing:
            company = next(tries)
        seen.add((segment, company))
        others = [line.listing for line in one.other_lines] if one.listing else []
        others += [
            reading.listing for reading in one.readings if not one.listing and reading.is_likely
        ]
        others = [other for other in dict.fromkeys(others) if other and other != one.listing]
        why = _said(one.grounds)
        found.append(
            Mention(
                order=order,
                segment_no=number,
                segment=segment,
                segment_en=nobody.en if segment == nobody.zh else "",
                company=company,
                note=_line(one.note),
                pending=one.pending,
                listing=one.listing,
                status="unresolved" if one.verdict == "undecided" else one.verdict,
                confidence=_confidence(one, others),
                candidates=tuple(other for other in others if other),
                why=why.en,
                why_zh=why.zh,
                printed_rating=_line(one.rating),
                printed_target=_line(one.target),
                target_currency=one.currency if one.target else "",
            )
        )
    return tuple(found)


def _confidence(
    one: PrintedMention, others: Sequence[str | None]
) -> Literal["ambiguous", "unverified", "chosen"]:
    if one.verdict == "undecided":
        return "ambiguous" if others else "unverified"
    return (
        "chosen" if one.grounds and one.grounds[0].key.startswith("choice.user") else "unverified"
    )


def _said(grounds: Iterable[Message]) -> Phrase:
    said = [message("choice.found", verdict=one).phrase for one in grounds]
    return Phrase("".join(one.zh for one in said), " ".join(one.en for one in said))


def _line(text: str) -> str:
    """One line without what a table of a report cannot hold."""
    return " ".join(text.replace("|", "/").split())


def _listings(
    printed: Iterable[PrintedMention], mentions: Iterable[Mention], ledger: Ledger
) -> tuple[Listing, ...]:
    """Every listing that a mention names; other lines of a company are marked as such."""
    wanted: dict[str, str] = {}
    chosen: set[str] = set()
    lines: dict[str, tuple[str, ...]] = {}
    for one, mention in zip(printed, mentions, strict=True):
        if mention.listing is not None:
            chosen.add(mention.listing)
            wanted.setdefault(mention.listing, _line(one.company))
            lines[mention.listing] = mention.candidates
        for reading in one.readings:
            if reading.listing in mention.candidates:
                wanted.setdefault(reading.listing, reading.name)
        for other in mention.candidates:
            wanted.setdefault(other, _line(one.company))
    found = listings_of_ledger(wanted, ledger)
    return tuple(
        one.model_copy(
            update={
                "role": "primary" if key in chosen else "alternative",
                "other_lines": lines.get(key, ()),
            }
        )
        for key, one in found.items()
    )


def _both(said: Phrase) -> str:
    return f"{said.zh} {said.en}"
