"""What a screen is asked: the publication date, who is measured, and their prices up to a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from supplychain_screen.errors import (
    InputError,
    PriceFileError,
    Problem,
    PublicationDateError,
    SourceError,
)
from supplychain_screen.identity import Index, Instrument
from supplychain_screen.prices import (
    Basis,
    Finding,
    LoadedPrices,
    PriceSeries,
    PriceSource,
    Reach,
    day_number,
)
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.research import Mention, ResearchReport
from supplychain_screen.scoring import SuspectDays
from supplychain_screen.words import Message, counted, message

__all__ = [
    "HISTORY",
    "CheckedPrices",
    "basis_findings",
    "build_panel",
    "checked_prices",
    "correction_findings",
    "failed_findings",
    "instruments_of",
    "last_session",
    "left_out_findings",
    "load_prices",
    "parse_date",
    "prices_until",
    "publication_date",
    "relevant_findings",
    "sector_benchmarks",
    "series_until",
    "suspect_days",
]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

HISTORY = timedelta(days=5 * 366)
"""How much is read before publication: enough to tell a young listing from a suspended one, and
to compare the basket with its own past."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
"""Years in which a day can lie; a panel to any other would fill a machine with nothing."""


def parse_date(value: date | str, name: str) -> date:
    """A date, or its ISO spelling, as a date.

    Raises
    ------
    InputError
        It is neither, or no year of which there are prices; ``name`` says which argument it was.

    Examples
    --------
    >>> parse_date("2025-01-02", "published")
    datetime.date(2025, 1, 2)
    """
    try:
        # Python also reads 20250102 and 2025-W01-4, which no other place here does.
        written = not isinstance(value, str) or _DAY.fullmatch(value)
        day = value if isinstance(value, date) else date.fromisoformat(value if written else "")
    except (TypeError, ValueError):
        raise InputError(
            Problem("not a date", "write YYYY-MM-DD", column=name, value=str(value))
        ) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InputError(
            Problem(
                f"lies outside of the years {_FIRST_YEAR} to {_LAST_YEAR}",
                "give the day that was meant",
                column=name,
                value=str(value),
            )
        )
    return day.date() if isinstance(day, datetime) else day


def publication_date(report: ResearchReport, published: date | str | None) -> date:
    """The publication date, given or printed; never guessed.

    Raises
    ------
    PublicationDateError
        It is missing, no date, or not later than the latest day the text mentions.
    """
    after = report.published_after
    if published is None:
        published = report.published
    if published is None:
        raise PublicationDateError(
            Problem(
                f"{report.id} does not print its day of publication, which is never guessed"
                + ("" if after is None else f" (its text allows days after {after})"),
                "give it with --published YYYY-MM-DD, in Python published=",
            )
        )
    try:
        day = parse_date(published, "published")
    except InputError as error:
        raise PublicationDateError(error.problems) from None
    if after is not None and day <= after:
        raise PublicationDateError(
            Problem(
                f"the report's text mentions {after}, so it was published later than that",
                f"give a date after {after}",
                column="published",
                value=str(day),
            )
        )
    return day


def instruments_of(
    report: ResearchReport, mentions: Sequence[Mention], sector_index: Index | None
) -> list[Instrument]:
    """Every listing that is measured, then every index it is measured against, once each."""
    found: dict[str, Instrument] = {}
    indices: dict[str, Instrument] = {}
    for mention in mentions:
        if mention.listing is not None:
            listing = report.listing(mention.listing)
            found[listing.id] = listing
            indices |= {one.id: one for one in report.standard.benchmarks_of(listing.id)}
    if sector_index is not None:
        indices[sector_index.id] = sector_index
        indices |= {one.id: one for one in sector_benchmarks(report)[:1]}
    return [*found.values(), *indices.values()]


def sector_benchmarks(report: ResearchReport) -> tuple[Index, ...]:
    """What a sector index is held against: the benchmarks of the standard's first market."""
    standard = report.standard
    return tuple(
        standard.index(one) for market in standard.markets[:1] for one in market.benchmarks
    )


def load_prices(
    source: PriceSource, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
) -> LoadedPrices:
    """Everything the source has for the instruments.

    Raises
    ------
    SourceError
        It has nothing at all.
    PriceFileError
        A file or a table has fewer than half of the listings, and nobody allowed it.
    """
    loaded = source.load(instruments, first, last, basis)
    if instruments and not loaded.series:
        # Usually all have one fault; that of a listing says more than that of an index.
        told = sorted(loaded.failures, key=lambda one: (one.startswith("INDEX:"), one))
        others = f"; and {counted(len(told) - 1, 'other')}" if len(told) > 1 else ""
        raise SourceError(
            f"{source.name} delivered no prices at all: {loaded.failures[told[0]]}{others}",
            source=source.name,
        )
    if not getattr(source, "allow_missing", True):
        _refuse_few(source, instruments, loaded)
    return loaded


def _refuse_few(
    source: PriceSource, instruments: Sequence[Instrument], loaded: LoadedPrices
) -> None:
    """A file in which most listings are not found is spelt or filled otherwise than meant."""
    asked = [one for one in instruments if not one.is_index]
    missing = [one for one in asked if one.id in loaded.failures]
    if 2 * len(missing) <= len(asked):
        return
    names = ", ".join(one.ticker for one in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    why = loaded.failures[missing[0].id]
    raise PriceFileError(
        Problem(
            f"{source.name} has prices of {len(asked) - len(missing)} of "
            f"{counted(len(asked), 'listing')}; "
            f"missing are {names}{more} ({why})",
            "add them or correct its symbols, or measure the others with --allow-missing"
            " (allow_missing=True)",
        )
    )


def last_session(loaded: LoadedPrices, last: date) -> date:
    """The last session that any series has, at most ``last``."""
    found = [one.sessions[-1].astype(object) for one in loaded.series.values() if len(one.sessions)]
    return min(max(found, default=last), last)


def prices_until(loaded: LoadedPrices, known: date) -> LoadedPrices:
    """The same prices without a row after ``known``: what comes later must change nothing."""
    end = np.datetime64(known, "D")
    series = {name: series_until(one, end) for name, one in loaded.series.items()}
    findings = [one for one in loaded.findings if one.first is None or one.first <= known]
    return LoadedPrices(series, loaded.failures, findings)


def series_until(one: PriceSeries, last: np.datetime64) -> PriceSeries:
    """The same series without a row after ``last``."""
    n = int(np.searchsorted(one.sessions, last, side="right"))
    return replace(one, sessions=one.sessions[:n], close=one.close[:n], volume=one.volume[:n])


def build_panel(
    loaded: LoadedPrices,
    instruments: Sequence[Instrument],
    first: date,
    last: date,
    *,
    simulated: bool,
) -> PricePanel:
    """The panel of what was loaded, ``first`` to ``last``."""
    return PricePanel.build(loaded.series.values(), instruments, first, last, simulated=simulated)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedPrices:
    """The prices of a measurement: as loaded, on the grid, and what the checks say of them.

    Parameters
    ----------
    instruments : tuple of Listing or Index
        Whom they were asked for.
    loaded : LoadedPrices
        Without a row after the day that was known.
    panel : PricePanel
    findings : tuple of Finding
        What the source says, then what the checks find.
    suspects : SuspectDays
        The days that those findings make unusable.
    """

    instruments: tuple[Instrument, ...]
    loaded: LoadedPrices
    panel: PricePanel
    findings: tuple[Finding, ...]
    suspects: SuspectDays


def checked_prices(
    loaded: LoadedPrices,
    instruments: Sequence[Instrument],
    published: date,
    known: date,
    *,
    simulated: bool,
) -> CheckedPrices:
    """Prices up to a day as a screen of a publication date reads them.

    Parameters
    ----------
    loaded : LoadedPrices
        Without a row after ``known``.
    instruments : sequence of Listing or Index
    published, known : date
    simulated : bool
        Whether no market ever saw them.
    """
    panel = build_panel(loaded, instruments, published - HISTORY, known, simulated=simulated)
    checked = check_prices(loaded.series, instruments, as_of=known)
    findings = (*loaded.findings, *checked)
    return CheckedPrices(tuple(instruments), loaded, panel, findings, suspect_days(panel, findings))


def failed_findings(loaded: LoadedPrices) -> list[Finding]:
    """Whom the source did not serve, and why, as findings."""
    return [
        Finding("no_prices", listing, None, None, "reported", fault.message)
        for listing, fault in loaded.failures.items()
    ]


_SERVES: dict[str, Basis] = {"splits": "price", "splits+dividends": "total"}
_NAMED = 20
"""So many listings are named in one sentence; the evidence of each call names its adjustment."""


def basis_findings(
    loaded: LoadedPrices, instruments: Sequence[Instrument], basis: Basis
) -> list[Finding]:
    """Closes whose adjustment is not what the basis asks for are used, and said to be."""
    listings = [one for one in instruments if not one.is_index and one.id in loaded.series]
    by_label: dict[str, list[str]] = {}
    for one in listings:
        label = loaded.series[one.id].adjustment
        if _SERVES.get(label) != basis:
            by_label.setdefault(label, []).append(one.ticker)
    found = [
        Finding(
            "basis_substituted",
            "",
            None,
            None,
            "substituted",
            _substituted(label, basis, _whose(names, len(listings))),
        )
        for label, names in sorted(by_label.items())
    ]
    if basis == "total":
        found.append(
            Finding(
                "total_against_price_index",
                "",
                None,
                None,
                "reported",
                message("total_against_price_index"),
            )
        )
    return found


def _whose(names: Sequence[str], every: int) -> Message:
    if len(names) == every:
        return message("basis_substituted.all", n=every)
    more = (f"+{len(names) - _NAMED}",) if len(names) > _NAMED else ()
    told = (*names[:_NAMED], *more)
    return message("basis_substituted.some", n=len(names), every=every, names=told)


def _substituted(adjustment: str, basis: Basis, whose: Message) -> Message:
    match adjustment:
        case "as given":
            return message("basis_substituted.as_given", basis=basis, whose=whose)
        case "none":
            return message("basis_substituted.none", basis=basis, whose=whose)
        case "splits":
            return message("basis_substituted.splits", basis=basis, whose=whose)
        case _:
            return message("basis_substituted.dividends", basis=basis, whose=whose)


def suspect_days(panel: PricePanel, findings: Sequence[Finding]) -> SuspectDays:
    """The days that findings with the action ``unrated`` make unusable."""
    spans: list[tuple[int, int, int, Reach]] = []
    for one in findings:
        row = panel.row_of.get(one.listing)
        if one.action == "unrated" and row is not None:
            first = panel.first_day if one.first is None else day_number(one.first)
            last = panel.last_day if one.last is None else day_number(one.last)
            spans.append((row, first, last, one.reach))
    return SuspectDays(panel, spans)


def left_out_findings(report: ResearchReport, measured: Sequence[Mention]) -> list[Finding]:
    """Mentions of the report that are not measured because their status is pending."""
    kept = {one.order for one in measured}
    return [
        Finding(
            "pending_left_out",
            one.listing or "",
            None,
            None,
            "dropped",
            message("pending_left_out", company=one.company),
        )
        for one in report.mentions
        if one.order not in kept
    ]


def correction_findings(report: ResearchReport) -> list[Finding]:
    """What a person decided about mentions, otherwise than the print or its reading."""
    return [
        Finding(
            "corrected_mention",
            one.decision if ":" in one.decision else "",
            None,
            None,
            "dropped" if one.decision == "left out" else "reported",
            message("corrected_mention", said=one.said),
        )
        for one in report.corrections
    ]


def relevant_findings(findings: Sequence[Finding], published: date) -> list[Finding]:
    """Findings that can touch a number of this screen: not those that ended before its base.

    A base lies at most a few sessions before publication, or the call is unrated; a month covers
    it. Older ones only concern the placebo dates.
    """
    since = published - timedelta(days=31)
    return [one for one in findings if one.last is None or one.last >= since]
