"""screen(): a report and prices → what every company, segment and the report's own call did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, Problem, PublicationDateError, SourceError
from supplychain_screen.frames import (
    Measured,
    companies_frame,
    distinct_calls,
    evidence_frame,
    findings_frame,
    segments_frame,
    sources_frame,
    total_of,
    unrated_frame,
)
from supplychain_screen.identity.listings import Index, Instrument
from supplychain_screen.prices.panel import PricePanel, day_number
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.prices.series import Basis, Finding, LoadedPrices, PriceSource
from supplychain_screen.prices.sources.open import open_source
from supplychain_screen.research.report import Mention, ResearchReport
from supplychain_screen.scoring.calls import benchmark_rows, rules_of
from supplychain_screen.scoring.measure import Rules, SuspectDays, measure, read_stock
from supplychain_screen.scoring.paths import relative_paths
from supplychain_screen.scoring.reasons import REASON_CODE
from supplychain_screen.scoring.relative import Comparison
from supplychain_screen.scoring.robustness import Robustness, robustness
from supplychain_screen.scoring.windows import BasePolicy, add_months

__all__ = ["Screening", "screen"]

_HISTORY = timedelta(days=3 * 366)
"""How much is read before publication: enough to tell a young listing from a suspended one, and
to compare the basket with its own past."""


@dataclass(frozen=True, eq=False, repr=False)
class Screening:
    """What became of a report's calls, with the evidence for every number.

    It measures the past. The report rated its sector, not these companies; their ratings here
    say where the realised relative return falls on the report's own scale.

    Parameters
    ----------
    report : ResearchReport
    published, as_of : date
        Publication, and the last day that was known.
    basis : {"price", "total"}
    base_policy : {"on_or_before", "before", "on_or_after"}
    comparison : {"difference", "ratio"}
    simulated : bool
        True where the prices were never seen on a market; every output says SIMULATED.
    windows : tuple of str
        Windows of the standard in the order they mature, then ``to_date``.
    companies : DataFrame, one row a mention, in report order
        Identity (``order``, ``segment``, ``company``, ``listing``, ``symbol``, ``benchmark`` and
        so on), the headline (``stage``, ``day`` of ``days``, ``window``, ``base_session``,
        ``end_session``, closes of both legs, ``return``, ``benchmark_return``,
        ``relative_return``, ``rating``, ``reason``), ``relative_return_w`` and ``rating_w`` for
        each window, the second benchmark (``alternative_*``, ``ratings_disagree``) and
        ``robustness_*``. Returns are fractions; dates datetime64[s]; missing is NaN, NaT or None.
    segments : DataFrame, one row a segment
        Denominators (``mentions`` = ``listed`` + ``unlisted``, ``listed`` = ``rated`` +
        ``unrated``), ``mean``, ``median``, ``best``, ``worst``, ``hit_rate``, leave-one-out
        range, ``rating`` of the mean.
    total : Series
        As a row of ``segments``, every company counted once.
    sector_call : dict
        ``published_rating``, ``realised_rating``, ``relative_return``, ``agrees``, ``window``;
        empty where the report makes no sector call.
    unrated : DataFrame, one row an unrated mention
        Reason code and the reason in words.
    findings : DataFrame, one row a finding of a quality check
    evidence : DataFrame, one row a mention, window and benchmark
        Both sessions, both closes and their age on both legs, source, adjustment, fetch time.
    sources : DataFrame, one row a price series
    """

    report: ResearchReport
    published: date
    as_of: date
    basis: Basis
    base_policy: BasePolicy
    comparison: Comparison
    simulated: bool
    windows: tuple[str, ...]
    companies: pd.DataFrame
    segments: pd.DataFrame
    total: pd.Series[Any]
    sector_call: Mapping[str, Any]
    unrated: pd.DataFrame
    findings: pd.DataFrame
    evidence: pd.DataFrame
    sources: pd.DataFrame
    measured: Measured = field(repr=False)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Relative return of every mention for each of its sessions, base to end.

        Returns
        -------
        DataFrame
            ``order``, ``company``, ``segment``, ``session``, ``stock_return``,
            ``benchmark_return``, ``relative_return`` (fractions, by the screen's comparison).
        """
        scores = self.measured.primary
        found = relative_paths(self.measured.panel, scores.stock, scores.benchmark_rows)
        who = self.companies[["order", "company", "segment"]].iloc[found.call]
        relative = found.relative
        numbers = pd.DataFrame(
            {
                "session": found.session.astype("datetime64[D]").astype("datetime64[s]"),
                "stock_return": relative.stock_return,
                "benchmark_return": relative.benchmark_return,
                "relative_return": relative.by(self.comparison),
            }
        )
        return pd.concat([who.reset_index(drop=True), numbers], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """The machine output (schema version 1) as plain Python."""
        return dict(_output("machine", "to_dict")(self))

    def to_json(self, path: str | Path | None = None) -> str:
        """The machine output as JSON text, also written to ``path`` where one is given."""
        return str(_output("machine", "to_json")(self, path))

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Every frame as one CSV file in ``folder``; returns the files."""
        return list(_output("tables", "to_csv")(self, folder))

    def to_parquet(self, folder: str | Path) -> list[Path]:
        """Every frame as one Parquet file in ``folder``; returns the files."""
        return list(_output("tables", "to_parquet")(self, folder))

    def to_markdown(self, lang: str = "zh") -> str:
        """Headline, segments and companies for a chat or a mail."""
        return str(_output("text", "markdown")(self, lang))

    def to_html(self, path: str | Path | None = None, **options: Any) -> str:
        """One offline page; see :func:`supplychain_screen.output.page.render_page`."""
        if path is None:
            return str(_output("page", "render_page")(self, **options))
        return str(_output("page", "write_page")(self, path, **options))

    def to_excel(self, path: str | Path, **options: Any) -> Path:
        """One workbook; see :func:`supplychain_screen.output.workbook.write_workbook`."""
        return Path(_output("workbook", "write_workbook")(self, path, **options))

    def chart(self, kind: str, **options: Any) -> Any:
        """An Altair chart: ``segments``, ``companies``, ``paths``, ``heatmap``, ``migration``."""
        return _output("charts", "chart")(self, kind, **options)

    def _repr_html_(self) -> str:
        return str(_output("notebook", "screening_html")(self))

    def __repr__(self) -> str:
        word = "SIMULATED " if self.simulated else ""
        return (
            f"<{word}Screening of {self.report.id}, published {self.published}, as of "
            f"{self.as_of}: {self.total['rated']} of {self.total['companies']} companies rated, "
            f"mean relative return {self.total['mean']:+.2%}>"
        )


def _output(module: str, name: str) -> Any:
    """A function of the output chapter, found when it is called.

    Outputs know screenings; a screening knows outputs by name only, so that the chapters keep
    pointing one way and nobody loads a chart library to read a number.
    """
    return getattr(import_module(f"supplychain_screen.output.{module}"), name)


def screen(
    report: ResearchReport,
    published: date | str | None = None,
    as_of: date | str | None = None,
    *,
    prices: PriceSource | str | Path,
    base_policy: BasePolicy = "on_or_before",
    basis: Basis | None = None,
    comparison: Comparison | None = None,
    include_pending: bool = True,
    max_stale_sessions: int = 5,
    max_stale_benchmark: int = 3,
    choices: Mapping[str, str] | None = None,
    sector_index: Index | None = None,
) -> Screening:
    """Measure every company, every segment and the report's sector call by its own standard.

    Parameters
    ----------
    report : ResearchReport
    published : date or str, optional
        Day of publication, ``YYYY-MM-DD``. It may be left out only where the report prints it.
    as_of : date or str, optional
        Last day that is known; nothing after it is read. Where it is left out: the last session
        in the prices, at most the end of the last window.
    prices : PriceSource, str or Path
        A source, or what :func:`supplychain_screen.prices.sources.open.open_source` understands: a
        file, ``yahoo``, ``store``, ``simulated``.
    base_policy : {"on_or_before", "before", "on_or_after"}
        Which session's close starts the measurement.
    basis : {"price", "total"}, optional
        Whether cash dividends are reinvested; the standard's own where it is not given.
    comparison : {"difference", "ratio"}, optional
        The standard's own where it is not given.
    include_pending : bool
        False leaves out companies printed with a pending status.
    max_stale_sessions, max_stale_benchmark : int
        Oldest close that still counts, in sessions of its exchange.
    choices : mapping of str to str, optional
        Company as printed → listing id, to overrule what the report's table chose.
    sector_index : Index, optional
        An index to hold against the sector call beside the equal-weighted basket.

    Returns
    -------
    Screening

    Raises
    ------
    PublicationDateError
        It is missing, no date, or outside what the report's text allows.
    InputError
        ``as_of`` lies before publication, or a choice names an unknown company or listing.
    SourceError
        The source delivered nothing at all.
    """
    day = _publication_date(report, published)
    known = None if as_of is None else _date(as_of, "as_of")
    if known is not None and known < day:
        raise InputError(
            Problem(
                f"as_of lies before the publication date {day}",
                "give a later as_of",
                column="as_of",
                value=str(known),
            )
        )
    for company, listing in (choices or {}).items():
        report = report.with_listing(company, listing)
    mentions = tuple(one for one in report.mentions if include_pending or not one.pending)
    standard = report.standard
    rules = rules_of(
        standard,
        base_policy=base_policy,
        comparison=comparison,
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
    )
    basis = basis or standard.basis
    source = open_source(str(prices)) if isinstance(prices, str | Path) else prices
    instruments = _instruments(report, mentions, sector_index)
    horizon = np.array([day], "datetime64[D]")
    last = known or add_months(horizon, rules.months[-1])[0].astype(object)
    loaded = _load(source, instruments, day - _HISTORY, last, basis)
    if known is None:
        known = max(_last_session(loaded, last), day)
    loaded = _until(loaded, known)

    panel = _panel(loaded, instruments, day - _HISTORY, known, source)
    checked = check_prices(loaded.series, instruments, as_of=known)
    findings = [*loaded.findings, *checked, *_basis_findings(loaded, basis), *_failed(loaded)]
    suspects = _suspects(panel, findings)
    measured = _measure(report, mentions, panel, rules, day, known, suspects)
    panels = {basis: panel} | _other_basis(source, instruments, day, known, basis)
    given = _given(mentions)
    stable = robustness(
        measured.primary, panels, day_number(known), rules, suspects=suspects, given=given
    )
    measured = replace(measured, robustness=stable)
    total = total_of(measured)
    return Screening(
        report=report,
        published=day,
        as_of=known,
        basis=basis,
        base_policy=base_policy,
        comparison=rules.comparison,
        simulated=source.simulated,
        windows=rules.windows,
        companies=companies_frame(measured),
        segments=segments_frame(measured),
        total=total,
        sector_call=_sector_call(measured, total, sector_index, day, known),
        unrated=unrated_frame(measured),
        findings=findings_frame(report, findings),
        evidence=evidence_frame(measured),
        sources=sources_frame(panel),
        measured=measured,
    )


def _date(value: date | str, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(
            Problem("not a date", "write YYYY-MM-DD", column=name, value=str(value))
        ) from None


def _publication_date(report: ResearchReport, published: date | str | None) -> date:
    after = report.published_after
    if published is None:
        published = report.published
    if published is None:
        bound = f"; its text allows days after {after}" if after is not None else ""
        raise PublicationDateError(
            Problem(
                f"the publication date of {report.id} is not printed in the report and every "
                f"number depends on it, so it is never guessed{bound}",
                "give published, for example from the research terminal's entry of the report",
                column="published",
            )
        )
    try:
        day = _date(published, "published")
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


def _instruments(
    report: ResearchReport, mentions: Sequence[Mention], sector_index: Index | None
) -> list[Instrument]:
    """Every listing that is measured, then every index it is measured against, once each."""
    found: dict[str, Instrument] = {}
    indices: dict[str, Instrument] = {}
    for mention in mentions:
        if mention.listing is not None:
            listing = report.listing(mention.listing)
            found[listing.id] = listing
            indices |= {one.id: one for one in report.standard.benchmarks_of(listing.mic)}
    if sector_index is not None:
        indices[sector_index.id] = sector_index
        market = report.standard.markets[0]
        indices |= {one.id: one for one in report.standard.benchmarks_of(market.mics[0])}
    return [*found.values(), *indices.values()]


def _load(
    source: PriceSource, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
) -> LoadedPrices:
    loaded = source.load(instruments, first, last, basis)
    if instruments and not loaded.series:
        faults = sorted({str(fault) for fault in loaded.failures.values()})
        raise SourceError(
            f"{source.name} delivered no prices at all: {'; '.join(faults[:3])}",
            source=source.name,
        )
    return loaded


def _last_session(loaded: LoadedPrices, last: date) -> date:
    found = [one.sessions[-1].astype(object) for one in loaded.series.values() if len(one.sessions)]
    return min(max(found, default=last), last)


def _until(loaded: LoadedPrices, known: date) -> LoadedPrices:
    """The same prices without a row after ``known``: what comes later must change nothing."""
    end = np.datetime64(known, "D")
    series = {}
    for name, one in loaded.series.items():
        n = int(np.searchsorted(one.sessions, end, side="right"))
        series[name] = replace(
            one, sessions=one.sessions[:n], close=one.close[:n], volume=one.volume[:n]
        )
    findings = [one for one in loaded.findings if one.first is None or one.first <= known]
    return LoadedPrices(series, loaded.failures, findings)


def _panel(
    loaded: LoadedPrices,
    instruments: Sequence[Instrument],
    first: date,
    last: date,
    source: PriceSource,
) -> PricePanel:
    return PricePanel.build(
        loaded.series.values(), instruments, first, last, simulated=source.simulated
    )


def _failed(loaded: LoadedPrices) -> list[Finding]:
    return [
        Finding("no_prices", listing, None, None, "reported", str(fault))
        for listing, fault in loaded.failures.items()
    ]


_SERVES: dict[str, Basis] = {"splits": "price", "splits+dividends": "total"}


def _basis_findings(loaded: LoadedPrices, basis: Basis) -> list[Finding]:
    """Closes whose adjustment is not what the basis asks for are used, and said to be."""
    by_label: dict[str, list[str]] = {}
    for listing, one in loaded.series.items():
        if not listing.startswith("INDEX:") and _SERVES.get(one.adjustment) != basis:
            by_label.setdefault(one.adjustment, []).append(listing)
    found = [
        Finding(
            "basis_substituted", "", None, None, "substituted",
            f"the basis {basis} was asked for; the closes of {len(listings)} listings are "
            f"adjusted '{label}'",
        )
        for label, listings in sorted(by_label.items())
    ]  # fmt: skip
    if basis == "total":
        found.append(
            Finding(
                "total_against_price_index", "", None, None, "reported",
                "the listings' dividends are reinvested and the benchmarks are price indices, "
                "which flatters the listings",
            )
        )  # fmt: skip
    return found


def _suspects(panel: PricePanel, findings: Sequence[Finding]) -> SuspectDays:
    spans = []
    for one in findings:
        row = panel.row_of.get(one.listing)
        if one.action == "unrated" and row is not None:
            first = panel.first_day if one.first is None else day_number(one.first)
            last = panel.last_day if one.last is None else day_number(one.last)
            spans.append((row, first, last))
    return SuspectDays(panel, spans)


def _given(mentions: Sequence[Mention]) -> np.ndarray[Any, np.dtype[np.int8]]:
    codes = [REASON_CODE.get("" if one.status == "listed" else one.status, 0) for one in mentions]
    return np.array(codes, np.int8)


def _measure(
    report: ResearchReport,
    mentions: tuple[Mention, ...],
    panel: PricePanel,
    rules: Rules,
    published: date,
    as_of: date,
    suspects: SuspectDays,
) -> Measured:
    ids = [one.listing or "" for one in mentions]
    days = np.full(len(mentions), day_number(published), np.int32)
    stock = read_stock(panel, panel.rows(ids), days, day_number(as_of), rules)
    named = [len(market.benchmarks) for market in report.standard.markets]
    scores = tuple(
        measure(
            panel,
            stock,
            benchmark_rows(panel, ids, report.standard, place),
            rules,
            suspects=suspects,
            given=_given(mentions),
        )
        for place in range(max(named, default=1))
    )
    nothing = np.zeros(len(mentions), np.int64)
    return Measured(report, mentions, panel, rules, scores, Robustness(nothing, nothing, ()))


def _other_basis(
    source: PriceSource,
    instruments: Sequence[Instrument],
    published: date,
    as_of: date,
    basis: Basis,
) -> dict[Basis, PricePanel]:
    """The panel of the other basis, where the source can serve it."""
    other: Basis = "total" if basis == "price" else "price"
    if other not in source.bases():
        return {}
    first = published - _HISTORY
    loaded = _until(source.load(instruments, first, as_of, other), as_of)
    return {other: _panel(loaded, instruments, first, as_of, source)}


def _sector_call(
    measured: Measured,
    total: pd.Series[Any],
    sector_index: Index | None,
    published: date,
    as_of: date,
) -> dict[str, Any]:
    """The report's own sector rating held against the equal-weighted basket."""
    call, scale = measured.report.sector_call, measured.report.standard.sector
    if call is None:
        return {}
    places = distinct_calls(measured.mentions)
    windows = measured.primary.headline[places]
    window = measured.rules.windows[int(windows[0])] if len(windows) else None
    result = {
        "published_rating": call.level,
        "action": call.action,
        "window": window,
        **_verdict(scale, call.level, float(total["mean"])),
    }
    if sector_index is not None and window is not None:
        rows = measured.panel.rows([sector_index.id])
        market = measured.report.standard.markets[0]
        bench = measured.report.standard.benchmarks_of(market.mics[0])[0]
        days = np.array([day_number(published)], np.int32)
        stock = read_stock(measured.panel, rows, days, day_number(as_of), measured.rules)
        scores = measure(measured.panel, stock, measured.panel.rows([bench.id]), measured.rules)
        relative = scores.relative.by(measured.rules.comparison)[scores.headline[0], 0]
        result["sector_index"] = {
            "index": sector_index.id,
            "benchmark": bench.id,
            **_verdict(scale, call.level, float(relative)),
        }
    return result


def _verdict(scale: Any, published: str, relative: float) -> dict[str, Any]:
    code = int(scale.rate(np.array([relative]))[0])
    realised = scale.levels[code].name if code >= 0 else "unrated"
    return {
        "realised_rating": realised,
        "relative_return": relative,
        "agrees": None if code < 0 else realised == published,
    }
