"""track_record(): calls and prices → who was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem, UnknownListingError
from supplychain_screen.identity import boards_of, parse_symbol
from supplychain_screen.prices import CHOICES, open_source
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.record.call_files import NO_DATE, CallColumns, read_calls
from supplychain_screen.record.hits import judge
from supplychain_screen.record.opinions import (
    SUSPENDED,
    UNKNOWN,
    folded_word,
    known_words,
    read_words,
)
from supplychain_screen.record.populations import Population
from supplychain_screen.record.price_checks import (
    PriceChecks,
    PriceRows,
    SourceRows,
    check_rows,
)
from supplychain_screen.record.runs import Runs, form_runs
from supplychain_screen.record.target_prices import AMERICAN, read_splits
from supplychain_screen.record.track_records import TrackRecord
from supplychain_screen.scoring import (
    REASON_CODE,
    BasePolicy,
    CallScores,
    Comparison,
    Rules,
    SuspectDays,
    benchmark_rows,
    day_of_as_of,
    measure,
    rules_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices import PriceSource
    from supplychain_screen.research import RatingStandard

__all__ = ["track_record"]

_NAMED = 100
"""How many securities that nobody knows are named: looking for near ones takes time."""


def track_record(
    calls: Any,
    prices: PricePanel | Any,
    standard: RatingStandard | None = None,
    *,
    as_of: date | str | None = None,
    count: Literal["runs", "calls"] = "runs",
    months: Sequence[int] | int | None = None,
    base_policy: BasePolicy = "on_or_before",
    comparison: Comparison | None = None,
    cost_bps: float = 0.0,
    min_runs: int = 20,
    words: Mapping[str, str] | None = None,
    firm: str | None = None,
    columns: Mapping[str, str] | None = None,
    max_stale_sessions: int = 5,
    max_stale_benchmark: int = 3,
    suspects: SuspectDays | None = None,
    adjustment: Literal["splits", "splits+dividends"] | None = None,
    splits: pd.DataFrame | str | Path | None = None,
) -> TrackRecord:
    """Who was right: every call with a level held against what the market did.

    Parameters
    ----------
    calls : DataFrame, mapping of str to DataFrame, str or Path
        A table of pandas, Polars, Arrow or DuckDB, one a symbol, a CSV, Excel or Parquet file, or
        a folder of printed reports whose tables have ratings; with columns of dates, listings,
        houses and printed ratings under any usual name (yfinance's ``upgrades_downgrades``, East
        Money's research reports, Tushare's ``report_rc`` and ``broker_recommend``, Benzinga's
        exports); perhaps of times, analysts, actions, the rating before, targets and their
        currency, segments, sectors.
    prices : PricePanel, PriceRows, PriceSource, DataFrame, path, or a word
        Closes of the listings and of the benchmarks. A file or a frame goes through the quality
        checks of :func:`supplychain_screen.prices.quality.check_prices`; a panel no longer has
        what they need, and every output says that none ran. A source (Yahoo, ``simulated``) is
        asked for the listings of the calls up to ``as_of``, which it needs. ``store`` is the usual
        one.
    standard : RatingStandard, optional
        What the calls are held against; the packaged report's where it is not given.
    as_of : date or ISO 8601 string, optional
        Last day that is known; the panel's last day where it is not given.
    count : {"runs", "calls"}
        Whether an opinion that is repeated counts once or every time.
    months : int or sequence of int, optional
        Windows in calendar months; the standard's first horizon where not given.
    base_policy : {"on_or_before", "before", "on_or_after", "after"}
    comparison : {"difference", "ratio"}, optional
        The standard's own where it is not given.
    cost_bps : float
        Round-trip cost in basis points, taken off side times relative return.
    min_runs : int
        Judged calls below which a row has no rank.
    words : mapping of str to str, optional
        Further rating words, each to a level of the standard, to ``strong_buy``, ``buy``,
        ``add``, ``hold``, ``reduce``, ``sell`` or ``strong_sell``, or to ``suspended``.
    firm : str, optional
        The house, where the table has no column of houses.
    columns : mapping of str to str, optional
        Which column plays which role, where its name does not tell.
    max_stale_sessions, max_stale_benchmark : int
        Oldest close that still counts, in sessions of its exchange.
    suspects : SuspectDays, optional
        Days no rating may rest on; given, they replace those that the checks find.
    adjustment : {"splits", "splits+dividends"}, optional
        What the closes are adjusted for, where the prices do not say it; targets are held
        against closes without dividends only.
    splits : DataFrame or path of a CSV, optional
        ``listing``, ``date`` (ex-date) and ``ratio`` (new shares for one) of every split, for
        targets; those that the prices state where it is not given.

    Returns
    -------
    TrackRecord

    Raises
    ------
    CallsError
        The calls cannot be read, or an option is none.
    PriceFileError
        The prices cannot be read.

    Notes
    -----
    Nothing depends on the order of the rows. A listing without prices stays in as ``no_prices``.
    """
    read = read_calls(calls, firm=firm, columns=columns)
    stated = None if splits is None else read_splits(splits)
    if standard is None:
        from supplychain_screen.research import load_report

        standard = load_report().standard
    source: PriceRows | SourceRows | None = None
    if isinstance(prices, str) and prices in CHOICES:
        prices = _named(prices)
    if isinstance(prices, PriceRows):
        source = prices
    elif hasattr(prices, "load") and hasattr(prices, "simulated"):
        source = _served(cast("PriceSource", prices), read, standard, as_of)
    elif not isinstance(prices, PricePanel):
        source = PriceRows(prices, standard.indices, adjustment=adjustment)
    panel = prices if source is None else source.panel()
    last = panel.last_day if as_of is None else day_of_as_of(as_of)
    if not panel.first_day <= last <= panel.last_day:
        raise CallsError(
            Problem(
                f"as_of lies outside the prices, which end on {np.datetime64(panel.last_day, 'D')}",
                "give a day that they cover",
                value=str(as_of),
            )
        )
    rules = _rules(
        standard,
        months,
        base_policy=base_policy,
        comparison=comparison,
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
    )
    _check_options(count, cost_bps, min_runs)
    maker = _Maker(panel, standard, rules, last, count, cost_bps / 10_000, words, suspects)
    unread = () if source is None else source.unread
    read = read.of_listings(maker.ids(read.listing.names))
    checks = PriceChecks("none" if suspects is None else "given", unread=unread)
    if source is not None and suspects is None:
        checks, maker.suspects = check_rows(source, panel, maker.wanted(read), last)
    nobody = (one for text, one in read.unknown.items() if maker.is_nobody(text))
    return TrackRecord(
        standard=standard,
        as_of=np.datetime64(last, "D").astype(object),
        count=count,
        cost_bps=cost_bps,
        min_runs=min_runs,
        simulated=panel.simulated,
        rules=rules,
        price_checks=checks,
        panel=panel,
        adjustment=adjustment,
        splits=stated if stated is not None or source is None else source.splits,
        population=maker.population(read),
        undecided=read.undecided,
        unresolved=tuple(str(one) for one in islice(nobody, _NAMED)),
        analysts=lambda: maker.population(read.by_analyst()),
    )


def _named(word: str) -> Any:
    """What a word for prices stands for, or the file of its name."""
    if word == "store":
        from supplychain_screen.prices.store import open_prices

        return open_prices().frame()
    source = open_source(word)
    return Path(word) if source.name.startswith("file ") else source


def _served(
    source: PriceSource, calls: CallColumns, standard: RatingStandard, as_of: date | str | None
) -> SourceRows:
    """What a source serves for the calls, from a month before the first of them to ``as_of``."""
    if as_of is None:
        raise CallsError(
            Problem(
                f"prices of {source.name} have no end of their own",
                "give the last day that is known",
                column="as_of",
            )
        )
    last = np.datetime64(day_of_as_of(as_of), "D").astype(object)
    days = calls.day[(calls.day != NO_DATE) & (calls.day <= day_of_as_of(as_of))]
    first = np.datetime64(int(days.min(initial=day_of_as_of(as_of))) - 40, "D").astype(object)
    names = []
    for text in calls.listing.names:
        try:
            names.append(":".join(parse_symbol(text)))
        except UnknownListingError:
            continue
    names = sorted(set(names))
    named = {one.id: one for name in names for one in standard.benchmarks_of(name)[:1]}
    return SourceRows(source, names, [named[name] for name in sorted(named)], first, last)


def _check_options(count: str, cost_bps: float, min_runs: int) -> None:
    problems = []
    if count not in ("runs", "calls"):
        problems.append(
            Problem("unknown count", "write runs or calls", column="count", value=count)
        )
    if not 0 <= cost_bps < 10_000:
        problems.append(
            Problem(
                "a cost is 0 or more basis points",
                "write 20 for 0.2%",
                column="cost_bps",
                value=str(cost_bps),
            )
        )
    if min_runs < 1:
        problems.append(Problem("at least 1", "write 20", column="min_runs", value=str(min_runs)))
    if problems:
        raise CallsError(problems)


def _rules(standard: RatingStandard, months: Sequence[int] | int | None, **choices: Any) -> Rules:
    asked = (standard.first_months,) if months is None else months
    windows = tuple(sorted({asked} if isinstance(asked, int) else set(asked)))
    if not windows or min(windows) < 1:
        raise CallsError(
            Problem("a window is 1 month or more", "write 6, or (6, 12)", value=str(months))
        )
    made = rules_of(standard, **choices)
    return replace(made, months=windows)


class _Maker:
    """The steps from rows of calls to a population, for houses and again for analysts."""

    def __init__(
        self,
        panel: PricePanel,
        standard: RatingStandard,
        rules: Rules,
        as_of: int,
        count: str,
        cost: float,
        words: Mapping[str, str] | None,
        suspects: SuspectDays | None,
    ) -> None:
        self.panel, self.standard, self.rules, self.as_of = panel, standard, rules, as_of
        self.count, self.cost, self.words, self.suspects = count, cost, words, suspects
        self._ids: dict[str, str | None] = {}

    def wanted(self, calls: CallColumns) -> set[str]:
        """Ids in the panel whose closes the calls read, those of benchmarks too."""
        names, _ = self._listings(calls.listing.names)
        known = [name for name in names if name in self.panel.row_of]
        rows = benchmark_rows(self.panel, names, self.standard, 0)
        return {*known, *(self.panel.listings[row] for row in set(rows[rows >= 0].tolist()))}

    def ids(self, texts: Sequence[str]) -> list[str]:
        """Id of each printed code; itself, where it is none."""
        return self._listings(texts)[0]

    def is_nobody(self, text: str) -> bool:
        """Whether no listing is known by that text."""
        return not self._listings([text])[1][0]

    def population(self, calls: CallColumns) -> Population:
        side, level, strength = self._opinions(calls)
        repeats, over = _actions(calls, side)
        runs = self._runs(calls, np.where(over, np.int8(SUSPENDED), side), strength, repeats)
        if self.count == "runs":
            row = runs.start
            fresh, end = runs.fresh, runs.end
        else:
            # Whatever names a level, on days that say two things and where coverage ends too.
            row = np.flatnonzero((side != SUSPENDED) & (side != UNKNOWN) & (calls.day != NO_DATE))
            run = runs.run[row]
            starts = np.zeros(calls.n, np.bool_)
            starts[runs.start] = True
            fresh = starts[row] & (run >= 0)
            fresh[fresh] = runs.fresh[run[fresh]]
            end = np.where(run >= 0, runs.end[run] if runs.end.size else 0, 0).astype(np.int8)
        changed = runs.changed_day[row]
        changed[changed > self.as_of] = NO_DATE
        listings, known = self._listings(calls.listing.names)
        who = calls.listing.codes[row]
        names = [*listings, ""]
        rows = self.panel.rows(names)[who]
        indices = benchmark_rows(self.panel, names, self.standard, 0)[who]
        given = np.where(np.append(known, False)[who], 0, REASON_CODE["unresolved"])
        given = given.astype(np.int8)
        scores = self._measured(rows, indices, calls.day[row], given, self.rules)
        against = scores
        if self.rules.is_own and (indices >= 0).any():
            # A scale of own returns reads no index; whether a call beat one is still asked.
            rules = replace(
                self.rules,
                cuts=(),
                comparison=self.standard.comparison,
                unrated="",
                no_benchmark="no_benchmark",
            )
            against = self._measured(rows, indices, calls.day[row], given, rules)
        markets, market = self._markets(names)
        bare = Population(
            calls,
            row,
            side[row],
            level[row],
            market[who],
            markets,
            fresh,
            end,
            changed,
            scores,
            against,
            (),
            runs,
            self._benchmarks(indices),
        )
        hits = tuple(
            judge(
                bare.returns(window),
                bare.relative(window),
                bare.side,
                bare.level,
                self.standard.stock,
                self.cost,
            )
            for window in range(len(self.rules.months))
        )
        return replace(bare, hits=hits)

    def _measured(
        self,
        rows: npt.NDArray[np.int32],
        indices: npt.NDArray[np.int32],
        day: npt.NDArray[np.int32],
        given: npt.NDArray[np.int8],
        rules: Rules,
    ) -> CallScores:
        return measure(
            self.panel, rows, indices, day, self.as_of, rules, suspects=self.suspects, given=given
        )

    def _benchmarks(
        self, rows: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
        """Benchmark of each call as a place in the few there are."""
        used = np.unique(rows[rows >= 0])
        place = np.full(len(self.panel.listings) + 1, -1, np.int32)
        place[used] = np.arange(used.size, dtype=np.int32)
        return place[np.maximum(rows, -1)], tuple(self.panel.listings[at] for at in used)

    def _opinions(
        self, calls: CallColumns
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        found = read_words(calls.level.names, self.standard.stock, self.words)
        codes = calls.level.codes
        return (
            np.array([*(one.side for one in found), UNKNOWN], np.int8)[codes],
            np.array([*(one.level for one in found), -1], np.int8)[codes],
            np.array([*(one.strength for one in found), 0], np.int8)[codes],
        )

    def _runs(
        self,
        calls: CallColumns,
        side: npt.NDArray[np.int8],
        strength: npt.NDArray[np.int8],
        repeats: npt.NDArray[np.int8],
    ) -> Runs:
        pair = (calls.firm.codes.astype(np.int64) + 1) * (len(calls.listing.names) + 1)
        pair += calls.listing.codes + 1
        return form_runs(pair, calls.day, calls.second, side, np.abs(strength), repeats)

    def _listings(self, texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.bool_]]:
        """Id of each printed code, and whether it is one."""
        ids, known = [], []
        for text in texts:
            if text not in self._ids:
                self._ids[text] = self._listing(text)
            found = self._ids[text]
            ids.append(found or text)
            known.append(found is not None)
        return ids, np.array(known, np.bool_)

    def _listing(self, text: str) -> str | None:
        if text in self.panel.row_of:
            return text
        try:
            mic, code = parse_symbol(text)
        except UnknownListingError:
            return None
        if mic in AMERICAN and ":" not in text:
            # American tickers are unique across the exchanges: the panel knows which it is.
            for one in AMERICAN:
                if f"{one}:{code}" in self.panel.row_of:
                    return f"{one}:{code}"
        return f"{mic}:{code}"

    def _markets(self, names: Sequence[str]) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
        """Market of each listing: the standard's, else its exchange."""
        of_board: dict[Any, str] = {}
        found = []
        for name in names:
            mic, colon, code = name.partition(":")
            key = (mic, boards_of(mic, code)) if colon else ("", "")
            if key not in of_board:
                market = self.standard.market_of(name) if colon else None
                of_board[key] = market.name if market is not None else key[0]
            found.append(of_board[key])
        markets = sorted(set(found))
        place = {market: at for at, market in enumerate(markets)}
        return tuple(markets), np.array([place[one] for one in found], np.int32)


def _actions(
    calls: CallColumns, side: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """What each row says that it does: 1 repeats, 0 does not, -1 does not say; and who ends."""
    _, actions = known_words()
    kinds = [actions.get(folded_word(name), "") for name in calls.action.names]
    value = {"maintain": 1, "begin": 0, "change": 0, "end": 0, "": -1}
    repeats = np.array([*(value[kind] for kind in kinds), -1], np.int8)[calls.action.codes]
    over = np.array([*(kind == "end" for kind in kinds), False], np.bool_)[calls.action.codes]
    # A rating of before that is the rating of now is a repetition, whatever else is printed.
    if "level_before" in calls.has and "action" not in calls.has:
        names = {folded_word(name): at for at, name in enumerate(calls.level.names)}
        same = np.array(
            [*(names.get(folded_word(one), -2) for one in calls.level_before.names), -2], np.int32
        )[calls.level_before.codes]
        repeats = np.where(same == -2, repeats, (same == calls.level.codes).astype(np.int8))
    return repeats.astype(np.int8), over & (side != UNKNOWN)
