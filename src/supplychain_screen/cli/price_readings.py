"""What ``prices status`` and ``prices check`` print: lines that fit, what matters first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supplychain_screen.prices import Finding

__all__ = ["finding_lines", "status_lines"]

_BY_WEIGHT = ("unrated", "quarantined", "dropped", "reported", "substituted")


def finding_lines(findings: Sequence[Finding], symbols: Mapping[str, str], width: int) -> list[str]:
    """Findings grouped by what they say, the gravest first.

    Parameters
    ----------
    findings : sequence of Finding
        What was found.
    symbols : mapping of str to str
        How each listing is called, by id.
    width : int
        Longest line, in characters.

    Returns
    -------
    list of str
        For each group: what was done, the check and the days; the sentence; the symbols.
    """
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
    for group in ordered:
        lines.append(f"{group[0].action:<12}{group[0].code:<28}{_span(group)}".rstrip())
        lines += _wrapped(group[0].detail, width)
        lines += _wrapped(" ".join(symbols.get(one.listing, one.listing) for one in group), width)
    return lines


def status_lines(shown: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """One line a listing: last session, its age, who served it, and what the checks found.

    Parameters
    ----------
    shown : sequence of mapping
        The rows of ``prices status --json``.
    width : int
        Longest line, in characters; longer lists of findings go on below.

    Yields
    ------
    str
    """
    stored = [one for one in shown if one["last_session"] is not None]
    if not stored:
        yield f"none of {len(shown)} series stored; run prices update"
        return
    sources = sorted({one["source"] for one in stored})
    oldest, newest = (pick(one["last_session"] for one in stored) for pick in (min, max))
    said = f"{len(stored)} of {len(shown)} series stored, last sessions {oldest} to {newest}"
    yield said if oldest != newest else f"{len(stored)} of {len(shown)} series stored"
    if len(sources) == 1:
        yield f"all from {sources[0]}"
    yield ""
    names = max(len("Symbol"), *(len(one["symbol"]) for one in shown)) + 2
    origins = max(len("Source"), *map(len, sources)) + 2 if len(sources) > 1 else 0
    yield _row("Symbol", "Last session", "Age", "Source", "Findings", names, origins)
    indent = names + 14 + 5 + origins
    for one in shown:
        # Its age says the same of a series that ends early.
        codes = [
            f"{code}!" if code in one["unrated"] else code
            for code in one["findings"]
            if code != "stale_tail"
        ]
        found = textwrap.wrap(", ".join(codes), max(width - indent, 16)) or [""]
        age = "-" if one["age_sessions"] is None else str(one["age_sessions"])
        last, source = one["last_session"] or "none", one["source"] or "-"
        yield _row(one["symbol"], last, age, source, found[0], names, origins)
        yield from (" " * indent + more for more in found[1:])
    yield ""
    yield "Age: sessions of its exchange since. Calls that touch a finding with ! are unrated."
    yield "prices check tells every finding."


def _row(symbol: str, last: str, age: str, source: str, found: str, names: int, wide: int) -> str:
    return f"{symbol:<{names}}{last:<12}{age:>5}  {source[:wide]:<{wide}}{found}".rstrip()


def _span(group: Sequence[Finding]) -> str:
    first = min((one.first for one in group if one.first is not None), default=None)
    last = max((one.last for one in group if one.last is not None), default=None)
    return _days(first, last)


def _days(first: date | None, last: date | None) -> str:
    return "" if first is None else str(first) if first == last else f"{first}..{last}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")
