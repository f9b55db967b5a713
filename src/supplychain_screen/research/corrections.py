"""What a person decided about printed companies, in one file beside the report.

::

    company,decision,segment,reason
    TCL,1070.HK,,the television maker
    蓝思科技,XHKG:6613,盖板,
    华为,unlisted,,
    某某,left out,,not a supplier any more
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from supplychain_screen.errors import InputError, Problem, UnknownListingError
from supplychain_screen.identity import EXCHANGES, code_fault, listings_of_ledger, read_printed
from supplychain_screen.research.content import Correction, Mention, ResearchReport
from supplychain_screen.research.extraction import PrintedMention, ReportReading, packaged_index
from supplychain_screen.research.text_files import LIST_SEPARATOR, near_name, read_table
from supplychain_screen.words import Message, message

__all__ = [
    "apply_corrections",
    "correct_reading",
    "corrections_of",
    "decided_listing",
    "read_corrections",
]

COLUMNS = (("company", "decision"), ("segment", "reason", "code", "candidates", "place", "why"))
"""Required and optional columns; the last three are there for the reader and say nothing."""

_WORDS = {"unlisted": "unlisted", "left out": "left out", "leave out": "left out"}
_LISTING = re.compile("([A-Z]{4}):([0-9A-Z-]+)")


def read_corrections(path: str | Path) -> tuple[Correction, ...]:
    """The decisions of an override file.

    Parameters
    ----------
    path : str or Path
        CSV, UTF-8: ``company`` as printed (or its code, where no name is printed), ``decision`` (a
        listing as an id or a vendor's symbol, ``unlisted``, ``left out``; an empty one decides
        nothing), and where wanted ``segment``, ``code`` (as printed: of companies of one name, only
        the one with that code is meant) and ``reason``.

    Returns
    -------
    tuple of Correction
        In the order of the file.

    Raises
    ------
    InputError
        Everything that is wrong with the file, row by row.
    """
    file = Path(path)
    problems: list[Problem] = []
    rows = read_table(file, *COLUMNS, problems) or ()
    found = []
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        company, decision = row.get("company"), row.get("decision")
        segment, code = row.get("segment"), row.get("code")
        if not company:
            problems.append(
                Problem(
                    "an empty cell", "write the company as printed", file.name, row.line, "company"
                )
            )
            continue
        if not decision:
            continue
        if (company, segment, code) in seen:
            what = f"{company} is decided in row {seen[company, segment, code]} already"
            problems.append(Problem(what, "remove one of them", file.name, row.line, "company"))
            continue
        seen[company, segment, code] = row.line
        try:
            chosen = decided_listing(decision)
        except UnknownListingError as error:
            told = error.problems[0]
            problems.append(
                Problem(told.message, told.remedy, file.name, row.line, "decision", decision)
            )
            continue
        found.append(
            Correction(
                company=company,
                segment=segment,
                code=code,
                decision=chosen,
                reason=row.get("reason"),
            )
        )
    if problems:
        raise InputError(problems)
    return tuple(found)


def corrections_of(choices: Mapping[str, str]) -> tuple[Correction, ...]:
    """Decisions by company, as ``--choose`` takes them.

    Raises
    ------
    UnknownListingError
        A decision is neither a listing nor one of the two words.
    """
    return tuple(
        Correction(company=company, decision=decided_listing(decision))
        for company, decision in choices.items()
    )


def decided_listing(decision: str) -> str:
    """A decision as the id of a listing, ``unlisted`` or ``left out``.

    Examples
    --------
    >>> decided_listing("1070.HK"), decided_listing("XNAS:NVDA"), decided_listing("Left out")
    ('XHKG:1070', 'XNAS:NVDA', 'left out')
    """
    text = decision.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if found := _LISTING.fullmatch(text.upper()):
        mic, code = found.groups()
        fault = (
            code_fault(mic, code)
            if mic in EXCHANGES
            else ("unknown MIC", near_name(mic, EXCHANGES))
        )
        if fault is not None:
            raise UnknownListingError(Problem(fault[0], fault[1], value=decision))
        return f"{mic}:{code}"
    verdict = packaged_index().resolve(text)
    if verdict.listing is not None:
        return verdict.listing
    likely = [one for one in verdict.candidates if one.is_likely]
    named = [f"{one.listing} ({one.name})" for one in likely[:4]]
    remedy = (
        f"write {' or '.join(named)}"
        if named
        else ("write a listing such as XHKG:1070 or 1070.HK, unlisted, or left out")
    )
    raise UnknownListingError(Problem("no one listing", remedy, value=decision))


def apply_corrections(report: ResearchReport, corrections: Iterable[Correction]) -> ResearchReport:
    """A report with what a person decided, each decision kept beside it.

    Parameters
    ----------
    report : ResearchReport
    corrections : iterable of Correction
        Later ones count after earlier ones.

    Raises
    ------
    UnknownListingError
        A decision concerns no company of the report.
    InputError
        Nothing is left to measure.
    """
    for one in corrections:
        report = _corrected(report, one)
    if not report.mentions:
        raise InputError(Problem("every mention is left out", "leave one to measure"))
    return report


def correct_reading(reading: ReportReading, corrections: Iterable[Correction]) -> ReportReading:
    """A reading with what a person decided, each decision kept beside it.

    Raises
    ------
    UnknownListingError
        A decision concerns no company that was read.
    """
    for one in corrections:
        hits = [mention for mention in reading.mentions if _printed(one, mention)] or [
            mention for mention in reading.mentions if _printed(one, mention, _joined)
        ]
        if not hits:
            raise _nobody(one, reading.label, reading.mentions)
        before = hits[0].listing or ("unlisted" if hits[0].verdict == "unlisted" else "unresolved")
        kept = one.model_copy(update={"before": before})
        left = [
            _settled(mention, kept) if mention in hits else mention
            for mention in reading.mentions
            if mention not in hits or kept.decision != "left out"
        ]
        reading = replace(reading, mentions=tuple(left), corrections=(*reading.corrections, kept))
    return reading


def undecided_csv(reading: ReportReading) -> str:
    """What was decided and what is not yet, as one override file: open decisions are empty."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["company", "decision", "segment", "reason", *COLUMNS[1][2:]])
    decided: dict[tuple[str, str, str], Correction] = {}
    for made in reading.corrections:
        # The later of two about the same counts, and in its own place.
        decided.pop((made.company, made.segment, made.code), None)
        decided[made.company, made.segment, made.code] = made
    for kept in decided.values():
        row = [kept.company, kept.decision, kept.segment, kept.reason, kept.code]
        writer.writerow([*row, "", "", ""])
    for one in reading.undecided:
        may = LIST_SEPARATOR.join(f"{each.listing} {each.name}" for each in one.readings)
        why = "; ".join(one.reasons)
        writer.writerow([one.company, "", one.segment, "", one.code, may, str(one.place), why])
    return stream.getvalue()


def _joined(name: str) -> str:
    """A name without its spaces, which a reading may have closed."""
    return "".join(name.split())


def _printed(
    correction: Correction, mention: PrintedMention, spelled: Callable[[str], str] = str
) -> bool:
    company = spelled(correction.company) in map(spelled, (mention.company, mention.code))
    return (
        company
        and correction.segment in ("", mention.segment)
        and correction.code in ("", mention.code)
    )


def _settled(mention: PrintedMention, correction: Correction) -> PrintedMention:
    listed = ":" in correction.decision
    return replace(
        mention,
        verdict="listed" if listed else "unlisted",
        listing=correction.decision if listed else None,
        grounds=(_by_the_user(mention.listing, correction),),
    )


def _by_the_user(before: str | None, correction: Correction) -> Message:
    if ":" in correction.decision and before not in (None, correction.decision):
        return message("choice.user_instead", listing=before)
    return message("choice.user")


def _corrected(report: ResearchReport, correction: Correction) -> ResearchReport:
    named = [one for one in report.mentions if _meant(correction, one)] or [
        one for one in report.mentions if _meant(correction, one, _joined)
    ]
    hits = _of_code(correction, named)
    if not hits:
        raise _nobody(correction, report.id, report.mentions)
    befores = dict.fromkeys(one.listing or one.status for one in hits)
    kept = correction.model_copy(update={"before": next(iter(befores))})
    known = {one.id: one for one in report.listings}
    if ":" in correction.decision and correction.decision not in known:
        known |= listings_of_ledger({correction.decision: correction.company})
    mentions = tuple(
        _decided(one, kept, known[correction.decision].name_en if ":" in kept.decision else "")
        if one in hits
        else one
        for one in report.mentions
        if one not in hits or correction.decision != "left out"
    )
    return report.model_copy(
        update={
            "mentions": mentions,
            "listings": tuple(known.values()),
            "corrections": (*report.corrections, kept),
        }
    )


def _meant(correction: Correction, mention: Mention, spelled: Callable[[str], str] = str) -> bool:
    # The second of one name in a segment has its code in its own.
    names = {correction.company, f"{correction.company} ({correction.code})"}
    own = map(spelled, (mention.company, mention.company_en))
    company = not set(map(spelled, names)).isdisjoint(own)
    return company and correction.segment in ("", mention.segment, mention.segment_en)


def _of_code(correction: Correction, named: list[Mention]) -> list[Mention]:
    """Those that the code of a correction can mean; a folder keeps readings, not printed codes."""
    if not correction.code:
        return named
    can = set(read_printed(correction.code).readings)
    hits = [one for one in named if can & {one.listing, *one.candidates}]
    # Where all of them can be the same, the name tells as much as the code.
    alike = len({(one.listing, one.candidates) for one in named}) == 1
    return named if alike and not hits else hits


def _decided(mention: Mention, correction: Correction, english: str) -> Mention:
    """The mention as decided; what it was stays among its candidates."""
    others = [one for one in (mention.listing, *mention.candidates) if one is not None]
    listed = ":" in correction.decision
    zh, en = _by_the_user(mention.listing, correction).phrase
    return mention.model_copy(
        update={
            "listing": correction.decision if listed else None,
            "status": "listed" if listed else "unlisted",
            "confidence": "chosen",
            "candidates": tuple(dict.fromkeys(one for one in others if one != correction.decision)),
            "company_en": english or mention.company_en,
            "why": en,
            "why_zh": zh,
        }
    )


def _nobody(
    correction: Correction, where: str, mentions: Sequence[Mention] | Sequence[PrintedMention]
) -> UnknownListingError:
    """A decision that concerns nobody, with whom it may have meant."""
    company = correction.company
    own = [one.segment for one in mentions if company == one.company]
    remedy = (
        f"it stands in {', '.join(own)}"
        if own
        else (
            near_name(company, dict.fromkeys(one.company for one in mentions))
            or "write it as the report prints it"
        )
    )
    what = f"no company {company} in {where}"
    what += f", segment {correction.segment}" if correction.segment else ""
    what += f", code {correction.code}" if correction.code else ""
    return UnknownListingError(Problem(what, remedy, value=company))
