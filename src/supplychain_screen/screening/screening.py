"""screen(): a report and prices → what every company, segment and the report's own call did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.identity import Index, Instrument, resolve
from supplychain_screen.prices import Adjustment, Basis, PriceSource, day_number, open_source
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.prices.quality import told_once
from supplychain_screen.research import Mention, RatingScale, ResearchReport
from supplychain_screen.scoring import (
    REASONS,
    BasePolicy,
    CallScores,
    Comparison,
    PathFigures,
    Rules,
    add_months,
    benchmark_rows,
    measure,
    path_figures,
    relative_paths,
    rules_of,
    vary_conventions,
)
from supplychain_screen.screening.baskets import (
    Basket,
    Inference,
    basket_of,
    beta_frame,
    concentration_frame,
    event_frame,
    infer,
    lost_frame,
    other_benchmarks_frame,
    parts_frame,
    study_events,
)
from supplychain_screen.screening.frames import (
    Measured,
    companies_frame,
    distinct_calls,
    evidence_frame,
    findings_frame,
    given_reasons,
    segments_frame,
    sources_frame,
    total_of,
    unrated_frame,
)
from supplychain_screen.screening.inputs import (
    HISTORY,
    CheckedPrices,
    basis_findings,
    build_panel,
    checked_prices,
    correction_findings,
    failed_findings,
    instruments_of,
    last_session,
    left_out_findings,
    load_prices,
    parse_date,
    prices_until,
    publication_date,
    relevant_findings,
    sector_benchmarks,
)
from supplychain_screen.screening.output_by_name import output
from supplychain_screen.words import counted

if TYPE_CHECKING:
    from supplychain_screen.screening.other_windows import Window

__all__ = ["Screening", "score_mentions", "screen"]

_LEVEL = 0.90
"""Coverage of the intervals that outputs show."""

_OPEN_END = timedelta(days=100 * 366)
"""Beyond the last window, where nobody said which day it is: no source has prices from then."""


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
    base_policy : {"on_or_before", "before", "on_or_after", "after"}
    comparison : {"difference", "ratio"}
    simulated : bool
        True where the prices were never seen on a market; every output says SIMULATED.
    windows : tuple of str
        Windows of the standard in the order they mature, then ``to_date``.
    companies : DataFrame, one row a mention, in report order
        Identity (``order``, ``segment``, ``company``, ``listing``, ``symbol``, ``benchmark`` and
        so on), what the report prints beside it (``printed_rating``, ``printed_target``,
        ``target_currency``), the headline (``stage``, ``day`` of ``days``, ``window``,
        ``base_session``,
        ``end_session``, closes of both legs, ``return``, ``benchmark_return``,
        ``relative_return``, ``rating``, ``reason``), ``relative_return_w`` and ``rating_w`` for
        each window, the second benchmark (``alternative_*``, ``ratings_disagree``) and
        ``robustness_*``. Returns are fractions; dates datetime64[s]; missing is NaN, NaT or None.
    segments : DataFrame, one row a segment
        Denominators (``mentions`` = ``listed`` + ``unlisted`` + ``unresolved``, ``listed`` =
        ``rated`` + ``unrated``), ``mean``, ``median``, ``best``, ``worst``, ``hit_rate``,
        leave-one-out range, ``rating`` of the mean.
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
            ``order``, ``company``, ``segment``, ``listing``, ``symbol``, ``session``,
            ``stock_return``,
            ``benchmark_return``, ``relative_return`` (fractions, by the screen's comparison).
        """
        scores = self.measured.primary
        found = relative_paths(self.measured.panel, scores)
        who = self.companies[["order", "company", "segment", "listing", "symbol"]].iloc[found.call]
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

    def company(self, name: str) -> pd.Series[Any]:
        """One row of ``companies``.

        Parameters
        ----------
        name : str
            The company as printed, in English, its symbol, its code, its listing id, or another
            name of its listing. Of a company that is printed in several segments, the first
            mention.

        Returns
        -------
        Series
            The columns of ``companies``, named after the company.

        Raises
        ------
        InputError
            The report has no such company, or several; near names are offered.
        """
        columns = ("company", "company_en", "symbol", "listing")
        rows, text = self.companies, str(name).strip()
        for column in columns:
            found = rows[rows[column].fillna("").str.casefold() == text.casefold()]
            if len(found) and text:
                return found.iloc[0].rename(name)
        listings = [one for at in range(len(rows)) if (one := self.measured.listing(at))]
        named = resolve(text, {one.id: one for one in listings}.values())
        coded = {one.id for one in listings if text and one.code.lstrip("0") == text.lstrip("0")}
        meant = {named.chosen.id} if named.chosen is not None else coded
        if len(meant) == 1:
            return rows[rows["listing"].isin(meant)].iloc[0].rename(name)
        like = [*sorted(coded), *(one.listing.id for one in named.candidates)]
        known = [str(one) for column in columns for one in rows[column].dropna()]
        of_listing = dict(zip(rows["listing"], rows["company"], strict=True))
        near = list(
            dict.fromkeys(
                (*(of_listing[one] for one in like), *get_close_matches(text, known, 3, 0.5))
            )
        )[:3]
        raise InputError(
            Problem(
                "the report has no such company",
                f"did you mean {' or '.join(near)}?" if near else "see .companies for all names",
                column="name",
                value=text,
            )
        )

    @cached_property
    def once(self) -> pd.DataFrame:
        """The rows of ``companies`` that ``total`` counts: each company at its first mention."""
        return self.companies.iloc[distinct_calls(self.measured.mentions)]

    @cached_property
    def path_figures(self) -> PathFigures:
        """Extremes of each path and its first crossing of each bound, a row of ``companies`` each.

        Returns
        -------
        PathFigures
            Arrays; ``to_frame()`` makes one row a mention of them.
        """
        measured = self.measured
        return path_figures(measured.panel, measured.primary, suspects=measured.suspects)

    @cached_property
    def basket(self) -> Basket:
        """The rated companies in the headline window, each once: what is studied."""
        return basket_of(self.measured, self.published, self.as_of)

    def inference(self, *, level: float = 0.90) -> Inference:
        """How unusual the basket's result is, what it hangs on, and what it was like to hold.

        Parameters
        ----------
        level : float
            Coverage of its intervals, fraction.

        Returns
        -------
        Inference
            Companies count once; the window is the headline's. What cannot be said has a
            ``reason`` instead of a number.
        """
        return self._inferred if level == _LEVEL else infer(self.basket, level=level)

    @cached_property
    def _inferred(self) -> Inference:
        return infer(self.basket, level=_LEVEL)

    @cached_property
    def concentration(self) -> pd.DataFrame:
        """What carried the basket: its members from the best down.

        Returns
        -------
        DataFrame, one row a rated company
            ``rank``, ``order``, ``segment``, ``company``, ``company_en``, ``listing``,
            ``relative_return``, ``contribution`` (its part of the mean; they add up to it),
            ``remaining`` (mean of those that remain without it and all better ones, NaN after
            the last), ``leave_one_out`` (mean without it alone). Fractions.
        """
        return concentration_frame(self.basket)

    @cached_property
    def betas(self) -> pd.DataFrame:
        """Beta of each rated company before publication, and its figure adjusted by it.

        Returns
        -------
        DataFrame, one row a rated company
            ``order``, ``segment``, ``company``, ``company_en``, ``listing``, ``beta``,
            ``beta_error`` (standard error), ``sessions`` (of the estimation),
            ``relative_return`` (difference) and ``beta_adjusted``; fractions, NaN below 100
            sessions.
        """
        return beta_frame(self.basket, self.inference().beta)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Parts of the basket's mean.

        Returns
        -------
        DataFrame
            ``part`` (``all``, ``own_market`` where members trade elsewhere too, ``benchmark``, and
            ``weighted`` where suppliers.csv has weights),
            ``name``, ``members``, ``mean``, ``median``, ``hit_rate``, ``contribution`` (to the
            mean of all), ``difference`` and ``ratio`` (the mean by either comparison).
            Fractions.
        """
        return parts_frame(self.basket)

    @cached_property
    def other_benchmarks(self) -> pd.DataFrame:
        """Each company in the total against the benchmarks beside its primary one.

        Returns
        -------
        DataFrame, one row a company and further benchmark
            ``order``, ``segment``, ``company``, ``company_en``, ``listing``, ``benchmark`` (id),
            ``users_choice`` (whether a user added it, not the report), ``relative_return`` and
            ``rating`` against it, ``primary_relative_return`` and ``primary_rating``.
        """
        return other_benchmarks_frame(self.basket)

    @cached_property
    def lost(self) -> pd.DataFrame:
        """Companies lost after the base, suspended at the end or delisted, and how they stood."""
        return lost_frame(self.once)

    @cached_property
    def events(self) -> pd.DataFrame:
        """What the basket and each segment did around the report's dated events.

        Returns
        -------
        DataFrame, one row an event and group
            ``date`` as printed, ``precision``, ``text_zh``, ``text_en``, ``segment`` (None: the
            whole basket; segments from five rated members on), ``members``, ``mean`` (from ten
            of its own sessions before the day to twenty after it; over the span where the print
            gives a month or a year), ``low`` and ``high`` (nine tenths of ``dates`` other days),
            ``path`` (31 points; empty for a span). Fractions; NaN where fewer than nine tenths
            of the members have prices.
        """
        return event_frame(study_events(self.basket))

    def over(self, *windows: Window) -> pd.DataFrame:
        """The same calls over other windows than the standard's, beside it.

        Parameters
        ----------
        windows : int, str, date, or pair of dates
            Calendar months after publication (``3``, ``"3m"``), the day a window ends, or the days
            it starts and ends (a pair, or ``"2025-03-03..2025-04-30"``), both inclusive. None may
            end after ``as_of``; months may, and are pending then.

        Returns
        -------
        DataFrame, one row a mention and window
            ``order``, ``segment``, ``company``, ``company_en``, ``listing``, ``symbol``,
            ``window``, ``start``, ``end``, ``matured``, sessions and closes of both legs,
            ``return``, ``benchmark_return``, ``relative_return`` (fractions), ``rating`` and
            ``reason``. The ratings are where the figures fall on the standard's scale, which
            speaks of its own windows only.

        Raises
        ------
        InputError
            A window is none, ends before it starts, or ends after ``as_of``.

        Notes
        -----
        Base and end sessions follow the rules of this screening, from the window's first day.

        Examples
        --------
        >>> from supplychain_screen import load_report, screen
        >>> found = screen(load_report(), "2025-01-02", "2025-10-17", prices="simulated")
        >>> found.over(1, "2025-03-31")["window"].unique().tolist()
        ['1m', '2025-01-02..2025-03-31']
        """
        from supplychain_screen.screening.other_windows import measure_windows

        return measure_windows(self.measured, self.published, self.as_of, windows)

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """The machine output as plain Python; ``schema=1`` for the version before."""
        return dict(output("to_dict")(self, **options))

    def to_json(self, path: str | Path | None = None, **options: Any) -> str:
        """The machine output as JSON text, also written to ``path`` where one is given."""
        return str(output("to_json")(self, path, **options))

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Every frame as one CSV file in ``folder``; returns the files."""
        return list(output("to_csv")(self, folder))

    def to_parquet(self, folder: str | Path) -> list[Path]:
        """Every frame as one Parquet file in ``folder``; returns the files."""
        return list(output("to_parquet")(self, folder))

    def to_markdown(self, lang: str = "zh") -> str:
        """Headline, segments and companies for a chat or a mail."""
        return str(output("markdown")(self, lang))

    def to_html(self, path: str | Path | None = None, **options: Any) -> str:
        """One offline page; see :func:`supplychain_screen.output.render_page`."""
        if path is None:
            return str(output("render_page")(self, **options))
        return str(output("write_page")(self, path, **options))

    def to_card(self, path: str | Path, **options: Any) -> Path:
        """The finding as one picture; see :func:`supplychain_screen.output.write_card`."""
        return Path(output("write_card")(self, path, **options))

    def to_mail(self, path: str | Path, **options: Any) -> Path:
        """The finding as a mail; see :func:`supplychain_screen.output.write_mail`."""
        return Path(output("write_mail")(self, path, **options))

    def to_excel(self, path: str | Path, **options: Any) -> Path:
        """One workbook; see :func:`supplychain_screen.output.write_workbook`."""
        return Path(output("write_workbook")(self, path, **options))

    def chart(self, kind: str, **options: Any) -> Any:
        """An Altair chart: ``segments``, ``companies``, ``paths``, ``heatmap``, ``migration``."""
        return output("chart")(self, kind, **options)

    def _repr_html_(self) -> str:
        return str(output("screening_html")(self))

    def __repr__(self) -> str:
        word = "SIMULATED " if self.simulated else ""
        mean = self.total["mean"]
        told = "" if pd.isna(mean) else f", mean relative return {mean:+.2%}"
        return (
            f"<{word}Screening of {self.report.id}, published {self.published}, as of "
            f"{self.as_of}: {self.total['rated']} of "
            f"{counted(self.total['companies'], 'company/companies')} rated{told}>"
        )


def _source(prices: Any, adjustment: Adjustment | None, allow_missing: bool) -> PriceSource:
    """The source that was given, or the one that a word, a path or a table stands for."""
    from supplychain_screen.prices.sources.files import is_frame

    if isinstance(prices, str | Path) or is_frame(prices):
        return open_source(prices, adjustment=adjustment, allow_missing=allow_missing)
    if adjustment is not None:
        raise InputError(
            Problem(
                "adjustment= says what a file or a table holds, and a source was given",
                "leave it out",
            )
        )
    if not hasattr(prices, "load"):
        raise InputError(
            Problem(
                "prices= is neither a price source, a path nor a table",
                "give a DataFrame, the path of a price file, or one of store, yahoo, akshare and "
                "simulated",
                value=type(prices).__name__,
            )
        )
    source: PriceSource = prices
    return source


def screen(
    report: ResearchReport,
    published: date | str | None = None,
    as_of: date | str | None = None,
    *,
    prices: Any = "store",
    adjustment: Adjustment | None = None,
    allow_missing: bool = False,
    today: date | None = None,
    base_policy: BasePolicy = "on_or_before",
    basis: Basis | None = None,
    comparison: Comparison | None = None,
    include_pending: bool = True,
    max_stale_sessions: int = 5,
    max_stale_benchmark: int = 3,
    choices: Mapping[str, str] | None = None,
    benchmarks: Mapping[str, str | Index] | None = None,
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
        that the prices hold, on or before ``today``.
    prices : PriceSource, str, Path, DataFrame, or mapping of str to DataFrame
        A source, or what :func:`supplychain_screen.open_source` understands: a file, ``yahoo``,
        ``store``, ``simulated``, or prices in memory: a pandas, Polars, Arrow or DuckDB table of
        closes (one column a symbol, or one row a symbol and day), what ``yfinance.download``
        returns, or a table for each symbol.
    adjustment : {"splits", "splits+dividends", "none"}, optional
        What the closes of a file or a table are adjusted for, where it does not say so itself.
    allow_missing : bool, default False
        True to measure although fewer than half of the listings are in a file or a table.
    today : date, optional
        A day after which nothing is read, whatever the prices hold; the command line gives the
        day it is run on. SIMULATED prices, which have no end of their own, end with the last
        window where neither this nor ``as_of`` is given.
    base_policy : {"on_or_before", "before", "on_or_after", "after"}
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
    benchmarks : mapping of str to str or Index, optional
        MIC or market → an index of the user's choice (``{"XNAS": "^NDX"}``), computed beside the
        standard's own and labelled: see
        :meth:`supplychain_screen.ResearchReport.with_benchmark`.
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
    PriceFileError
        A file or a table cannot be read as prices, or has fewer than half of the listings.
    SourceError
        The source delivered nothing at all.
    """
    day = publication_date(report, published)
    known = None if as_of is None else parse_date(as_of, "as_of")
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
    for market, index in (benchmarks or {}).items():
        report = report.with_benchmark(market, index)
    mentions = tuple(one for one in report.mentions if include_pending or not one.pending)
    if not mentions:
        raise InputError(
            Problem(
                "there is nothing to measure: every mention of the report is pending",
                "leave include_pending on",
            )
        )
    standard = report.standard
    rules = rules_of(
        standard,
        base_policy=base_policy,
        comparison=comparison,
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
    )
    basis = basis or standard.basis
    source = _source(prices, adjustment, allow_missing)
    instruments = instruments_of(report, mentions, sector_index)
    horizon = np.array([day], "datetime64[D]")
    last = known or today
    if last is None:
        ends: date = add_months(horizon, rules.months[-1])[0].astype(object)
        last = ends if source.simulated else ends + _OPEN_END
    loaded = load_prices(source, instruments, day - HISTORY, last, basis)
    if known is None:
        known = max(last_session(loaded, last), day)
    loaded = prices_until(loaded, known)

    checked = checked_prices(loaded, instruments, day, known, simulated=source.simulated)
    panel, suspects = checked.panel, checked.suspects
    findings = [
        *checked.findings,
        *basis_findings(loaded, instruments, basis),
        *failed_findings(loaded),
        *left_out_findings(report, mentions),
        *correction_findings(report),
    ]
    scores = score_mentions(report, mentions, checked, rules, day, known)
    panels = {basis: panel} | _other_basis(source, instruments, day, known, basis)
    given = given_reasons(mentions)
    stable = vary_conventions(
        scores[0], panels, day_number(known), rules, suspects=suspects, given=given
    )
    measured = Measured(report, mentions, checked, rules, scores, stable)
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
        findings=findings_frame(report, told_once(relevant_findings(findings, day), instruments)),
        evidence=evidence_frame(measured),
        sources=sources_frame(panel),
        measured=measured,
    )


def score_mentions(
    report: ResearchReport,
    mentions: Sequence[Mention],
    prices: CheckedPrices,
    rules: Rules,
    published: date,
    as_of: date,
) -> tuple[CallScores, ...]:
    """Every mention against the primary benchmark of its market, the second one, and so on.

    Parameters
    ----------
    report : ResearchReport
        Its standard names the benchmarks.
    mentions : sequence of Mention, length n
    prices : CheckedPrices
    rules : Rules
    published, as_of : date
        Prices after ``as_of`` are not read.

    Returns
    -------
    tuple of CallScores, each of n calls
        At least one. Where the standard rates a listing's own return, that is the first, and the
        benchmarks of the market, which rate nobody then, follow.
    """
    panel = prices.panel
    ids = [one.listing or "" for one in mentions]
    days = np.full(len(mentions), day_number(published), np.int32)
    rows = panel.rows(ids)
    named = max([len(market.benchmarks) for market in report.standard.markets], default=0)
    asked = [(place, rules) for place in range(max(1, named))]
    if rules.is_own:
        beside = replace(
            rules, comparison=report.standard.comparison, unrated="standard_without_bounds"
        )
        asked = [(0, rules), *((place, beside) for place in range(named))]
    return tuple(
        measure(
            panel,
            rows,
            benchmark_rows(panel, ids, report.standard, place),
            days,
            day_number(as_of),
            each,
            suspects=prices.suspects,
            given=given_reasons(mentions),
        )
        for place, each in asked
    )


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
    first = published - HISTORY
    loaded = prices_until(source.load(instruments, first, as_of, other), as_of)
    panel = build_panel(loaded, instruments, first, as_of, simulated=source.simulated)
    return {other: panel}


def _sector_call(
    measured: Measured,
    total: pd.Series[Any],
    sector_index: Index | None,
    published: date,
    as_of: date,
) -> dict[str, Any]:
    """The report's own sector rating held against the equal-weighted basket."""
    call, scale = measured.report.sector_call, measured.report.standard.sector
    if call is None or scale is None:
        return {}
    rules = replace(
        rules_of(measured.report.standard, base_policy=measured.rules.base_policy, scale=scale),
        max_stale_sessions=measured.rules.max_stale_sessions,
        max_stale_benchmark=measured.rules.max_stale_benchmark,
    )
    if not rules.is_own and not measured.rules.is_own:
        rules = replace(rules, comparison=measured.rules.comparison)
    places = distinct_calls(measured.mentions)
    windows = measured.primary.headline[places]
    window = measured.rules.windows[int(windows[0])] if len(windows) else None
    result = {
        "published_rating": call.level,
        "action": call.action,
        "window": window,
        **_verdict(scale, call.level, _basket_mean(measured, total, rules, published), window),
    }
    against = sector_benchmarks(measured.report)
    if sector_index is not None and window is not None and (against or rules.is_own):
        rows = measured.panel.rows([sector_index.id])
        bench = against[0] if against else sector_index
        days = np.array([day_number(published)], np.int32)
        scores = measure(
            measured.panel,
            rows,
            measured.panel.rows([bench.id]),
            days,
            day_number(as_of),
            rules,
            suspects=measured.suspects,
        )
        relative = scores.relative.by(rules.comparison)[scores.headline[0], 0]
        result["sector_index"] = {
            "index": sector_index.id,
            "benchmark": None if rules.is_own else bench.id,
            **_verdict(scale, call.level, float(relative), window),
        }
        code = int(scores.reason[scores.headline[0], 0])
        if code:
            result["sector_index"] |= {
                "realised_rating": "unrated",
                "agrees": None,
                "reason": REASONS[code],
            }
    return result


def _basket_mean(measured: Measured, total: pd.Series[Any], rules: Rules, published: date) -> float:
    """The basket's mean as the sector scale counts: the total's, where stocks are counted alike."""
    own = measured.rules
    if own.comparison == rules.comparison and not own.unrated:
        return float(total["mean"])
    mentions = [measured.mentions[place] for place in distinct_calls(measured.mentions)]
    scores = score_mentions(
        measured.report,
        mentions,
        measured.prices,
        replace(rules, unrated="", cuts=()),
        published,
        np.datetime64(measured.primary.as_of, "D").astype(object),
    )[0]
    places = scores.headline[None, :].astype(np.intp)
    found = np.take_along_axis(scores.relative.by(rules.comparison), places, axis=0)[0]
    fine = np.take_along_axis(scores.reason, places, axis=0)[0] == 0
    return float(found[fine].mean()) if fine.any() else float("nan")


def _verdict(
    scale: RatingScale, published: str, relative: float, window: str | None
) -> dict[str, Any]:
    """Where the mean fell, and whether that is what was said: nobody knows before a horizon."""
    code = int(scale.rate(np.array([relative]))[0])
    realised = scale.levels[code].name if code >= 0 else "unrated"
    if not scale.is_measurable:
        why = "standard_without_number" if scale.is_bounded else "standard_without_bounds"
        return {
            "realised_rating": realised,
            "relative_return": relative,
            "agrees": None,
            "reason": why,
        }
    return {
        "realised_rating": realised,
        "relative_return": relative,
        "agrees": None if code < 0 or window in (None, "to_date") else realised == published,
    }
