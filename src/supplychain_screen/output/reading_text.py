"""What was read from a printed report, for a terminal and for another program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.text_columns import fit, wrap
from supplychain_screen.words import (
    COLUMNS,
    MISSING,
    PROPOSALS,
    STANDARD_FAULTS,
    Lang,
    message,
    phrase_of,
)

if TYPE_CHECKING:
    from supplychain_screen.identity import Reading
    from supplychain_screen.research import Place, PrintedMention, RatingStandard, ReportReading

__all__ = ["reading_table", "reading_to_dict"]

_SHOWN = 4
"""Candidates of an undecided mention that a terminal shows."""
_WIDE = {"company": 20, "code": 12, "listing": 12, "rating": 8, "target": 10}


def reading_table(reading: ReportReading, lang: Lang = "zh", width: int = 80) -> str:
    """The mentions of a reading, a line each, then what a person has to decide.

    Parameters
    ----------
    reading : ReportReading
    lang : {"zh", "en"}
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Columns that nothing is printed for are left out; a question mark stands where nobody
        decided yet.
    """
    used = [name for name in _WIDE if name in ("company", "listing") or _printed(reading, name)]
    room = width - 4 - sum(_WIDE[name] + 1 for name in used)
    heads = [fit(phrase_of(COLUMNS, f"print_{name}").of(lang), _WIDE[name]) for name in used]
    lines = [piece for one in _front(reading, lang) for piece in wrap(one, width, hang=2)]
    lines += [" ".join([fit("#", 3, align="right"), *heads, phrase_of(COLUMNS, "place").of(lang)])]
    segment = ""
    for one in reading.mentions:
        if one.segment != segment:
            segment = one.segment
            lines += ["", f"[{visible_text(segment)}]"] if segment else []
        cells = [fit(visible_text(_cell(one, name)), _WIDE[name]) for name in used]
        place = fit(_short(one.place, lang), max(room, 8))
        lines.append(" ".join([fit(str(one.order), 3, align="right"), *cells, place]).rstrip())
    lines += [piece for one in _told(reading, lang) for piece in wrap(one, width, hang=2)]
    return "\n".join(lines) + "\n"


def _front(reading: ReportReading, lang: Lang) -> Iterator[str]:
    """What the report says of itself, each with its place; blanks in one line."""
    blanks = []
    for one in reading.proposals:
        name = phrase_of(PROPOSALS, one.field)
        if one.place is None or not one.value:
            blanks.append(name)
            continue
        place = _short(one.place, lang)
        yield visible_text(f"{name.of(lang)}: {one.value} [{place}]")
    if reading.chosen is not None:
        yield f"{phrase_of(PROPOSALS, 'standard').of(lang)}: {reading.chosen.stock.name}"
    elif reading.standard is None:
        blanks.append(phrase_of(PROPOSALS, "standard"))
    else:
        names = " / ".join(one.name for one in reading.standard.stock or reading.standard.sector)
        faults = "; ".join(
            phrase_of(STANDARD_FAULTS, one).of(lang) for one in reading.standard.faults
        )
        place = _short(reading.standard.place, lang)
        yield visible_text(
            f"{phrase_of(PROPOSALS, 'standard').of(lang)}: {names} [{place}]"
            + (f" ({faults})" if faults else "")
        )
        yield from _benchmarks(reading.standard.standard, lang)
    if blanks:
        yield message("reading.blanks", names=tuple(blanks)).of(lang)
    yield ""


def _benchmarks(standard: RatingStandard | None, lang: Lang) -> Iterator[str]:
    """Which market is held against which indices, as they are printed."""
    if standard is None or not standard.markets:
        return
    names = {one.id: one.name_zh if lang == "zh" else one.name_en for one in standard.indices}
    told = [
        f"{market.name_zh if lang == 'zh' else market.name_en} = "
        + ", ".join(names[one] for one in market.benchmarks)
        for market in standard.markets
    ]
    yield f"{phrase_of(PROPOSALS, 'benchmarks').of(lang)}: {'; '.join(told)}"


def _printed(reading: ReportReading, name: str) -> bool:
    return any(getattr(one, name) for one in reading.mentions)


def _cell(one: PrintedMention, name: str) -> str:
    if name == "listing":
        return one.listing or {"unlisted": MISSING, "undecided": "?"}.get(one.verdict, "?")
    if name == "target":
        return f"{one.target} {one.currency}".rstrip() if one.target else ""
    if name == "company" and one.company == one.code:
        # A code alone has the ledger's name of what it is, or was decided to be.
        own = (may.name for may in one.readings if may.listing == one.listing)
        return next(own, one.company)
    return str(getattr(one, name))


def _short(place: Place, lang: Lang) -> str:
    """A place without its source, as little as finds it: a line holds the row of a text."""
    said = []
    if place.page is not None:
        said.append(message("place.page", n=place.page))
    if place.line is not None and not (place.page and place.row):
        said.append(message("place.line", n=place.line))
    elif place.row is not None:
        said.append(message("place.row", n=place.row))
        if place.page is None and place.column is not None:
            said.append(message("place.column", n=place.column))
    return " ".join(one.of(lang) for one in said)


def _told(reading: ReportReading, lang: Lang) -> Iterator[str]:
    for correction in reading.corrections:
        yield visible_text(correction.said.of(lang))
    n = len(reading.undecided)
    yield ""
    if not n:
        yield message("reading.decided", n=len(reading.mentions)).of(lang)
        return
    yield message("reading.undecided", n=len(reading.mentions), open=n).of(lang)
    for one in reading.undecided:
        grounds = " ".join(ground.of(lang) for ground in one.grounds[:2])
        name = one.company if one.code in ("", one.company) else f"{one.company} ({one.code})"
        place = _short(one.place, lang)
        may = "; ".join(_known_as(each) for each in one.readings[:_SHOWN])
        yield visible_text(f"? {name} [{place}] {grounds}" + (f": {may}" if may else ""))


def _known_as(reading: Reading) -> str:
    name = "" if reading.name == reading.listing else reading.name
    return f"{reading.listing} {name}".rstrip()


def reading_to_dict(reading: ReportReading) -> dict[str, Any]:
    """The reading as plain dicts, lists, strings, numbers and None.

    Returns
    -------
    dict
        ``report`` (id, title, publisher, published, and what it says of itself with the place of
        each), ``standard`` (None where none is printed or named), ``mentions``, ``undecided``
        (their ``order``) and ``corrections``.
    """
    report = reading.to_report()
    mentions = []
    for one, made in zip(reading.mentions, report.mentions, strict=True):
        printed = {
            "code": one.code or None,
            "rating": one.rating or None,
            "target": one.target or None,
            "target_currency": one.currency or None,
            "place": _where(one.place),
            "verdict": one.verdict,
        }
        mentions.append(made.model_dump(mode="json") | printed)
    day = report.published
    return {
        "report": {
            "id": report.id,
            "title": report.title,
            "publisher": report.publisher or None,
            "published": None if day is None else day.isoformat(),
            "proposals": {
                one.field: {
                    "value": one.value or None,
                    "place": None if one.place is None else _where(one.place),
                }
                for one in reading.proposals
            },
            "events": [
                {
                    "first": one.first.isoformat(),
                    "precision": one.precision,
                    "text": one.text,
                    "place": _where(one.place),
                }
                for one in reading.events
            ],
        },
        "standard": _standard(reading),
        "mentions": mentions,
        "undecided": [one.order for one in reading.undecided],
        "corrections": [one.model_dump(mode="json") for one in reading.corrections],
    }


def _standard(reading: ReportReading) -> dict[str, Any] | None:
    """The standard that its user named, else the printed one; None where there is neither."""
    printed = reading.standard
    if reading.chosen is not None:
        whole = reading.chosen.model_dump(mode="json")
        return {"named_by": "user", "place": None, "faults": [], "standard": whole}
    if printed is None:
        return None
    made = printed.standard
    return {
        "named_by": "print",
        "place": _where(printed.place),
        "faults": list(printed.faults),
        "standard": None if made is None else made.model_dump(mode="json"),
    }


def _where(place: Place) -> dict[str, str | int | None]:
    return {name: getattr(place, name) for name in ("source", "page", "line", "row", "column")}
