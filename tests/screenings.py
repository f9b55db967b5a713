"""Screenings that several tests of the outputs look at, made offline from simulated prices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from supplychain_screen import ResearchReport, Screening, SimulatedSource, load_report, screen
from supplychain_screen.research import Mention, load_library

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","click")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "\t=1+1",
    "\u202egnp.exe",
    "\x1b[31mred\x1b[0m",
    "a|b|c",
    "[link](javascript:alert(1)) **bold** `code`",
    "# heading",
    "x" * 500,
    '"quoted, with comma"; =1+1',
    "</script><script>alert(1)</script>",
    "NUL",
    "../../etc/passwd",
    "http://evil.example/x",
    "'already quoted",
)
"""Names that a careless output would run, render, follow or misplace."""


@lru_cache(maxsize=8)
def packaged(published: str = "2024-12-31", as_of: str = "2026-01-09", **options: Any) -> Screening:
    """The packaged report on simulated prices."""
    return screen(load_report(), published, as_of, prices=SimulatedSource(), **options)


@lru_cache(maxsize=4)
def with_scale(name: str) -> Screening:
    """The packaged report rated by another broker's stock scale, for example ``bohai-stock``."""
    report = load_report()
    standard = report.standard.model_copy(update={"stock": load_library()[name].scale})
    report = report.model_copy(update={"standard": standard})
    return screen(report, "2024-12-31", "2026-01-09", prices=SimulatedSource())


@lru_cache(maxsize=1)
def hostile() -> Screening:
    """The packaged report with `HOSTILE` names of companies, segments and notes.

    One company is unlisted and one name is unresolved, so that every frame has a row.
    """
    return screen(_hostile_report(), "2024-12-31", "2025-03-31", prices=SimulatedSource())


def _hostile_report() -> ResearchReport:
    report = load_report()
    mentions: list[Mention] = []
    for i, mention in enumerate(report.mentions):
        name = HOSTILE[i % len(HOSTILE)]
        # A company is printed under one name; the second round gets names of its own.
        name += "" if i < len(HOSTILE) else " 2"
        changes: dict[str, Any] = {"company": name, "company_en": name, "note": name}
        changes["segment"] = HOSTILE[mention.segment_no - 1] + " segment"
        changes["segment_en"] = changes["segment"]
        if i in (3, 4):
            status = "unlisted" if i == 3 else "unresolved"
            changes |= {"listing": None, "status": status, "candidates": ()}
        mentions.append(mention.model_copy(update=changes))
    return report.model_copy(
        update={"mentions": tuple(mentions), "title": HOSTILE[0], "publisher": HOSTILE[1]}
    )
