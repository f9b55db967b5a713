"""What ``prices status`` and ``prices check`` print: lines that fit, what matters first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from supplychain_screen.words import COMMAND_CODES, SOURCES, message, message_phrase, say

if TYPE_CHECKING:
    from supplychain_screen.prices import Finding
    from supplychain_screen.words import Lang

__all__ = ["finding_lines", "status_lines"]

_BY_WEIGHT = ("unrated", "quarantined", "dropped", "reported", "substituted")


def finding_lines(
    findings: Sequence[Finding], symbols: Mapping[str, str], width: int, lang: Lang = "zh"
) -> list[str]:
    """Findings grouped by what they say, the gravest first.

    Parameters
    ----------
    findings : sequence of Finding
        What was found.
    symbols : mapping of str to str
        How each listing is called, by id.
    width : int
        Longest line, in columns of the terminal.
    lang : {"zh", "en"}

    Returns
    -------
    list of str
        For each group: what was done, the check and the days; the sentence; the symbols.
    """
    from supplychain_screen.output import display_width, fit

    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for one in findings:
        # What was substituted concerns a whole series; only there the days may differ.
        days = () if one.action == "substituted" else (one.first, one.last)
        groups.setdefault((one.action, one.code, one.detail, days), []).append(one)
    ordered = sorted(
        groups.values(),
        key=lambda group: (
            _BY_WEIGHT.index(group[0].action),
            min(str(one.first) for one in group),
            group[0].code,
        ),
    )
    lines: list[str] = []
    told = [
        tuple(say(COMMAND_CODES, one, lang) for one in (group[0].action, group[0].code))
        for group in ordered
    ]
    rooms = [max(map(display_width, column)) + 2 for column in zip(*told, strict=True)]
    for group, names in zip(ordered, told, strict=True):
        cells = "".join(map(fit, names, rooms))
        lines.append(f"{cells}{_span(group)}".rstrip())
        lines += _wrapped(message_phrase(group[0].message).of(lang), width)
        lines += _wrapped(" ".join(symbols.get(one.listing, one.listing) for one in group), width)
    return lines


def status_lines(
    shown: Sequence[Mapping[str, Any]], width: int, lang: Lang = "zh"
) -> Iterator[str]:
    """One line a listing: last session, its age, who served it, and what the checks found.

    Parameters
    ----------
    shown : sequence of mapping
        The rows of ``prices status --json``.
    width : int
        Longest line, in columns of the terminal; longer lists of findings go on below.
    lang : {"zh", "en"}

    Yields
    ------
    str
    """
    from supplychain_screen.output import display_width, fit, wrap

    stored = [one for one in shown if one["last_session"] is not None]
    if not stored:
        yield message("status.none", n=len(shown)).of(lang)
        return
    sources = sorted({say(SOURCES, one["source"], lang) for one in stored})
    oldest, newest = (pick(one["last_session"] for one in stored) for pick in (min, max))
    if oldest != newest:
        n, of = len(stored), len(shown)
        yield message("status.stored_to", n=n, of=of, first=oldest, last=newest).of(lang)
    else:
        yield message("status.stored", n=len(stored), of=len(shown)).of(lang)
    if len(sources) == 1:
        yield message("status.source", source=sources[0]).of(lang)
    yield ""
    heads = [
        one.of(lang)
        for one in (
            message("status.symbol"),
            message("status.last_session"),
            message("status.age"),
            message("status.from"),
            message("status.findings"),
        )
    ]
    names = max(display_width(heads[0]), *(len(one["symbol"]) for one in shown)) + 2
    origins = (
        max(display_width(heads[3]), *map(display_width, sources)) + 2 if len(sources) > 1 else 0
    )
    indent = names + 14 + 5 + origins

    def row(symbol: str, last: str, age: str, source: str, found: str) -> str:
        told = f"{fit(symbol, names)}{fit(last, 12)}{fit(age, 5, align='right')}  "
        return f"{told}{fit(source, origins) if origins else ''}{found}".rstrip()

    yield row(*heads)
    for one in shown:
        # Its age says the same of a series that ends early.
        codes = tuple(
            say(COMMAND_CODES, code, lang) + ("!" if code in one["unrated"] else "")
            for code in one["findings"]
            if code != "stale_tail"
        )
        told = message("status.codes", codes=codes).of(lang)
        found = wrap(told, max(width - indent, 16)) or [""]
        age = "-" if one["age_sessions"] is None else str(one["age_sessions"])
        last = one["last_session"] or message("status.no_session").of(lang)
        source = "-" if one["source"] is None else say(SOURCES, one["source"], lang)
        yield row(one["symbol"], last, age, source, found[0])
        yield from (" " * indent + more for more in found[1:])
    yield ""
    for said in (message("status.legend"), message("status.more")):
        yield from wrap(said.of(lang), width)


def _span(group: Sequence[Finding]) -> str:
    first = min((one.first for one in group if one.first is not None), default=None)
    last = max((one.last for one in group if one.last is not None), default=None)
    return _days(first, last)


def _days(first: date | None, last: date | None) -> str:
    return "" if first is None else str(first) if first == last else f"{first}..{last}"


def _wrapped(text: str, width: int) -> list[str]:
    from supplychain_screen.output import wrap

    return [f"    {line}" for line in wrap(text, width - 4)]
