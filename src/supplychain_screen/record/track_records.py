"""TrackRecord: who was right, as frames with their denominators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.record.call_files import NO_DATE
from supplychain_screen.record.feed_holes import holes_of
from supplychain_screen.record.hits import NOT_TOLD, Hits
from supplychain_screen.record.leagues import League, LeagueKey, league_of
from supplychain_screen.record.populations import PENDING, Population, month_numbers
from supplychain_screen.record.price_checks import PriceChecks
from supplychain_screen.record.runs import ENDS, FATES
from supplychain_screen.record.shrinkage import wilson
from supplychain_screen.record.target_prices import bias_of, read_splits, targets_of
from supplychain_screen.scoring import REASONS, Legs, Rules, session_dates
from supplychain_screen.screening import output
from supplychain_screen.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.research import RatingStandard

__all__ = ["LEAGUE_KEYS", "TrackRecord"]

LEAGUE_KEYS: tuple[str, ...] = (
    "firm",
    "analyst",
    "segment",
    "sector",
    "market",
    "year",
    "level",
    "side",
)
"""What a league can be made by."""


@dataclass(frozen=True, eq=False)
class TrackRecord:
    """Calls with a called level, held against what the market did.

    Made by :func:`supplychain_screen.track_record`. All rates and returns are fractions; days are
    datetime64. Frames are made when they are asked for and may be changed by whoever asked.

    Attributes
    ----------
    standard : RatingStandard
        What the calls were held against.
    as_of : date
        Last day that was known.
    count : {"runs", "calls"}
        Whether a repeated opinion counts once.
    cost_bps : float
        Round-trip cost in basis points.
    min_runs : int
        Judged calls below which a row has no rank.
    simulated : bool
        True where no market ever saw the prices.
    rules : Rules
        Windows, base policy, comparison and stale limits.
    price_checks : PriceChecks
        Whether the quality checks of prices ran, over how many series, and what they found.
    adjustment : {"splits", "splits+dividends"} or None
        What the closes were said to be adjusted for, where the prices do not say it.
    splits : DataFrame or None
        Every split up to the end of the prices, or None where nobody told.
    undecided : tuple of str
        Rated companies of printed reports that are not among the calls, because nobody knows which
        listing is meant: name, code and report.
    unresolved : tuple of str
        The first hundred securities of a table of calls that nobody knows: as printed, with file
        and row, how many rows more, and what they may mean.
    """

    standard: RatingStandard
    as_of: date
    count: Literal["runs", "calls"]
    cost_bps: float
    min_runs: int
    simulated: bool
    rules: Rules
    price_checks: PriceChecks
    adjustment: Literal["splits", "splits+dividends"] | None
    splits: pd.DataFrame | None
    panel: PricePanel
    population: Population
    analysts: Callable[[], Population]
    undecided: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def windows(self) -> tuple[str, ...]:
        """Names of the windows, the first being the default: ``('6m',)``."""
        return self.rules.windows[:-1]

    @property
    def denominators(self) -> dict[str, Any]:
        """Rows and runs, reconciled.

        Returns
        -------
        dict
            ``rows`` = ``run_rows`` + ``same_day`` + ``suspensions`` + ``unknown_level`` +
            ``undated``; ``runs`` (with ``count="calls"`` the rows that count) = ``fresh`` +
            ``first_seen``; ``after_as_of`` (of the runs, dated after ``as_of``: pending for
            ever where the date is a slip); ``repeated`` (rows left out since one report stands
            there once a forecast period); ``windows``: for each window ``matured`` + ``pending`` +
            ``unrated`` (a dict of reason to number) = ``runs``, and ``no_prices_share``.
        """
        return deepcopy(self._once(("denominators",), self._denominators))

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What was worked out before, since several parts of one output ask for the same."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _denominators(self) -> dict[str, Any]:
        population = self.population
        fates = np.bincount(population.runs.fate, minlength=len(FATES))
        windows = {}
        for place, name in enumerate(self.windows):
            reason = population.scores.reason[place]
            matured = population.matured(place)
            counts = np.bincount(reason[~matured], minlength=len(REASONS))
            unrated = {
                REASONS[code]: int(counts[code])
                for code in np.flatnonzero(counts)
                if code and code != PENDING
            }
            windows[name] = {
                "matured": int(matured.sum()),
                "pending": int(counts[PENDING]),
                "unrated": unrated,
                "no_prices_share": unrated.get("no_prices", 0) / max(population.n, 1),
            }
        fresh = int(population.fresh.sum())
        return {
            "rows": population.columns.n,
            "run_rows": int(fates[FATES.index("run")]),
            "same_day": int(fates[FATES.index("same_day")]),
            "suspensions": int(fates[FATES.index("suspension")]),
            "unknown_level": int(fates[FATES.index("unknown_level")]),
            "undated": int(fates[FATES.index("undated")]),
            "repeated": population.columns.repeated,
            "runs": population.n,
            "fresh": fresh,
            "first_seen": population.n - fresh,
            "after_as_of": int((population.day > population.scores.as_of).sum()),
            "windows": windows,
        }

    @cached_property
    def calls(self) -> pd.DataFrame:
        """A row a counted call, with the evidence of both legs.

        Returns
        -------
        DataFrame
            ``published``, ``time`` (seconds of the day, missing where unknown), ``firm``,
            ``analyst``, ``listing``, ``segment``, ``sector``, ``market``, ``word`` (as printed),
            ``called`` (level), ``side`` (+1, 0, -1), ``target``, ``target_currency``, ``fresh``,
            ``changed_on`` (day on which the opinion changed, whatever the window), ``ended``
            (``open``, ``change``, ``suspension``, ``renewal``), ``base_session``, ``base_close``,
            ``base_age`` (sessions), ``benchmark``, ``benchmark_base``, and for each window ``w``:
            ``w_end_session``, ``w_end_close``, ``w_end_age``, ``w_benchmark_end``, ``w_return``,
            ``w_benchmark_return``, ``w_relative_return``, ``w_net`` (side times relative return
            minus cost), ``w_realised`` (level), ``w_beat``, ``w_reached`` (true, false, missing),
            ``w_reason`` (missing where rated).
        """
        return _calls_frame(self.population, self.standard.stock.names)

    @property
    def unrated(self) -> pd.DataFrame:
        """A row a counted call that no window rates, or a row of the source that counts nowhere.

        Returns
        -------
        DataFrame
            ``published``, ``firm``, ``listing``, ``word``, ``reason`` (a code of section 4.8,
            ``unknown_level``, ``two_calls_one_day`` or ``undated``); pending calls and
            suspensions are not among them.
        """
        return _unrated_frame(self.population)

    @property
    def unknown_words(self) -> pd.DataFrame:
        """Rating words that nobody knows: ``word``, ``rows``, most frequent first."""
        import pandas as pd

        population = self.population
        unknown = population.runs.fate == FATES.index("unknown_level")
        level = population.columns.level
        counts = np.bincount(level.codes[unknown] + 1, minlength=len(level.names) + 1)
        found = np.flatnonzero(counts)
        order = found[np.lexsort((found, -counts[found]))]
        words = ["", *level.names]
        return pd.DataFrame({"word": [words[at] for at in order], "rows": counts[order]})

    @property
    def holes(self) -> pd.DataFrame:
        """Stretches in which calls that should have come did not.

        Returns
        -------
        DataFrame
            ``kind`` (``feed``: sessions in a row on which nobody spoke; ``firm``: a firm silent
            for three weeks or more while others went on), ``firm`` (empty for the feed),
            ``first``, ``last`` (days without a call, both inclusive), ``expected`` (calls that
            would have come at the usual pace: 15 or more).
        """
        found: pd.DataFrame = self._once(("holes",), lambda: holes_of(self.population, self.panel))
        return found.copy()

    def league(
        self,
        by: LeagueKey = "firm",
        window: str | None = None,
        *,
        hit: Literal["beat", "reached"] = "beat",
    ) -> League:
        """Rows of one key against what was expected of their own mix.

        Parameters
        ----------
        by : {"firm", "analyst", "segment", "sector", "market", "year", "level", "side"}
            The analysts' league forms runs per analyst, an analyst being a name at a house.
        window : str, optional
            ``6m``; the first where it is not given.
        hit : {"beat", "reached"}
            Which hit is compared.

        Returns
        -------
        League
            Its ``frame`` has a row a group.

        Raises
        ------
        CallsError
            There is no such key, window or hit, or the calls have no such column.
        """
        place = self._place(window)
        _one_of(by, LEAGUE_KEYS, "by")
        _one_of(hit, ("beat", "reached"), "hit")
        found: League = self._once(("league", by, place, hit), lambda: self._league(by, place, hit))
        return replace(found, frame=found.frame.copy())

    def _league(self, by: LeagueKey, place: int, hit: Literal["beat", "reached"]) -> League:
        population = self._by_analyst if by == "analyst" else self.population
        key = "firm" if by == "analyst" else by
        if by in ("analyst", "segment", "sector") and by not in self.population.columns.has:
            raise CallsError(
                Problem(
                    f"the calls have no column of a {by}",
                    "add it, or ask another league",
                    column=by,
                )
            )
        found = league_of(
            population,
            key,
            place,
            levels=self.standard.stock.names,
            min_runs=self.min_runs,
            hit=hit,
        )
        if by == "analyst":
            frame = found.frame.rename(columns={"firm": "analyst"})
            return replace(found, frame=frame, by="analyst")
        return found

    @cached_property
    def _by_analyst(self) -> Population:
        return self.analysts()

    def calibration(self, window: str | None = None) -> pd.DataFrame:
        """Called level against realised level.

        Parameters
        ----------
        window : str, optional
            ``6m``; the first where it is not given.

        Returns
        -------
        DataFrame
            A row a pair, best levels first: ``called``, ``realised``, ``n`` (matured calls),
            ``called_n`` (of that called level), ``share`` (``n`` of ``called_n``, NaN where that
            is 0), ``low``, ``high`` (Wilson, counts only).
        """
        import pandas as pd

        place = self._place(window)
        population = self.population
        names = self.standard.stock.names
        k = len(names)
        realised = population.hits[place].realised
        used = (realised >= 0) & (population.level >= 0)
        joint = population.level[used].astype(np.int64) * k + realised[used]
        n = np.bincount(joint, minlength=k * k)
        total = np.repeat(n.reshape(k, k).sum(axis=1), k)
        low, high = wilson(n, total)
        return pd.DataFrame(
            {
                "called": np.repeat(np.array(names, object), k),
                "realised": np.tile(np.array(names, object), k),
                "n": n,
                "called_n": total,
                "share": _share(n, total),
                "low": low,
                "high": high,
            }
        )

    def base_rates(self, by: Literal["firm", "market", "year", "sector"] = "firm") -> pd.DataFrame:
        """How often each level is called: a sell in a house that never sells says more.

        Returns
        -------
        DataFrame
            A row a group and level: the group's name, ``called``, ``n`` (counted calls), ``runs``
            (of the group), ``share``.
        """
        import pandas as pd

        names = self.standard.stock.names
        group, groups = self.population.group(by, names)
        k = len(names)
        used = (group >= 0) & (self.population.level >= 0)
        joint = group[used] * k + self.population.level[used]
        n = np.bincount(joint, minlength=len(groups) * k)
        total = np.repeat(np.bincount(group[group >= 0], minlength=len(groups)), k)
        return pd.DataFrame(
            {
                by: [group for group in groups for _ in range(k)],
                "called": list(names) * len(groups),
                "n": n,
                "runs": total,
                "share": _share(n, total),
            }
        )

    def by_month(self, window: str | None = None) -> pd.DataFrame:
        """What the calls of each publication month came to.

        Parameters
        ----------
        window : str, optional
            ``6m``; the first where it is not given.

        Returns
        -------
        DataFrame
            A row a month from the first to the last up to ``as_of``, those without a call too:
            ``month`` (``2025-09``), ``runs``, ``matured``, ``pending``, ``unrated``, ``beat_n``,
            ``beats``, ``beat``, ``beat_low``, ``beat_high`` (Wilson, counts only), ``reached``,
            ``mean`` (relative return).
        """
        place = self._place(window)
        frame: pd.DataFrame = self._once(("months", place), lambda: self._by_month(place))
        return frame.copy()

    def _by_month(self, place: int) -> pd.DataFrame:
        import pandas as pd

        population = self.population
        # A date after as_of may be a slip of a century: it makes no months.
        known = population.day <= population.scores.as_of
        month = month_numbers(np.minimum(population.day, population.scores.as_of))
        first = int(month[known].min(initial=2**31))
        n = int(month[known].max(initial=first - 1)) - first + 1
        at = np.where(known, month - first, n)
        hits, matured = population.hits[place], population.matured(place)

        def count(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
            return np.bincount(at[flags], minlength=n)[:n].astype(np.int64)

        pending = count(population.scores.reason[place] == PENDING)
        beat_n, beats = count(hits.beat != NOT_TOLD), count(hits.beat == 1)
        low, high = wilson(beats, beat_n)
        relative = population.relative(place)
        told = np.isfinite(relative)
        total = np.bincount(at[told], relative[told], minlength=n)[:n]
        runs, done = count(known), count(matured)
        labels = (np.arange(n) + first).astype("datetime64[M]").astype(str)
        return pd.DataFrame(
            {
                "month": labels,
                "runs": runs,
                "matured": done,
                "pending": pending,
                "unrated": runs - done - pending,
                "beat_n": beat_n,
                "beats": beats,
                "beat": _share(beats, beat_n),
                "beat_low": low,
                "beat_high": high,
                "reached": _share(count(hits.reached == 1), count(hits.reached != NOT_TOLD)),
                "mean": _share(total, count(told)),
            }
        )

    def targets(
        self,
        window: str | None = None,
        *,
        by: Literal["firm"] | None = None,
        adjustment: Literal["splits", "splits+dividends"] | None = None,
        splits: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Targets held against closes, never against intraday prices.

        Parameters
        ----------
        window : str, optional
            ``12m``; the first where it is not given.
        by : {"firm"}, optional
            A row a firm instead of a row a target.
        adjustment : {"splits", "splits+dividends"}, optional
            What the closes are adjusted for, where the prices do not say it; the record's own
            where it is not given.
        splits : DataFrame, optional
            The record's own where it is not given: ``listing`` (id as in the prices), ``date``
            (ex-date) and ``ratio`` (new shares for one), every split up to the end of the prices;
            an empty frame says that there was none. A target is divided by those after its
            publication, so that it is held against the price that was traded then.

        Returns
        -------
        DataFrame
            A row a counted call with a target: ``published``, ``firm``, ``listing``, ``target``
            (as printed), ``target_adjusted`` (in today's shares), ``base_close``,
            ``end_session``, ``end_close``, ``upside`` (target over base close - 1),
            ``direction`` (+1, 0, -1), ``met_end``, ``met_any`` (on any session after the base up
            to the end), ``met_on`` (the first), ``error`` (end close over target - 1),
            ``reason``: empty where rated, else that of the call, ``target_not_positive``,
            ``target_currency`` (it states another than the exchange's), ``total_return_closes``,
            ``adjustment_unknown`` or ``splits_unknown``. A target that is the base close has no
            direction and is neither met nor missed. With ``by``: ``firm``, ``targets``,
            ``rated``, and over the rated ones mean ``upside``, ``met_end``, ``met_any``,
            ``bias`` (mean error) and ``absolute_error``.

        Raises
        ------
        CallsError
            There is no such window or key, or the splits lack a column.
        """
        _one_of(by or "firm", ("firm",), "by")
        place = self._place(window)

        def held(adjustment: str | None, splits: pd.DataFrame | None) -> pd.DataFrame:
            return targets_of(self.population, self.panel, place, adjustment, splits)

        if adjustment is None and splits is None:
            found = self._once(("targets", place), lambda: held(self.adjustment, self.splits))
        else:
            known = self.splits if splits is None else read_splits(splits)
            found = held(adjustment or self.adjustment, known)
        return bias_of(found) if by == "firm" else found.copy()

    @property
    def has_targets(self) -> bool:
        """Whether any counted call has a target price."""
        targets = self.population.columns.target[self.population.row]
        return bool(np.isfinite(targets).any())

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """The machine output as plain Python; see `supplychain_screen.output.record_to_dict`."""
        return dict(output("record_to_dict")(self, **options))

    def to_json(self, path: str | Path | None = None, **options: Any) -> str:
        """The machine output as JSON text, also written to ``path`` where one is given."""
        return str(output("record_to_json")(self, path, **options))

    def to_csv(self, folder: str | Path, **options: Any) -> list[Path]:
        """Every frame as one CSV file in ``folder``; returns the files."""
        return list(output("record_to_csv")(self, folder, **options))

    def to_markdown(self, lang: str = "zh", **options: Any) -> str:
        """Finding, calibration and league for a chat or a mail."""
        return str(output("record_markdown")(self, lang, **options))

    def to_html(self, path: str | Path | None = None, **options: Any) -> str:
        """One offline page; see `supplychain_screen.output.render_record_page`."""
        if path is None:
            return str(output("render_record_page")(self, **options))
        return str(output("write_record_page")(self, path, **options))

    def to_excel(self, path: str | Path, **options: Any) -> Path:
        """One workbook; see `supplychain_screen.output.write_record_workbook`."""
        return Path(output("write_record_workbook")(self, path, **options))

    def chart(self, kind: str = "league", **options: Any) -> Any:
        """An Altair chart: ``league``, ``calibration``, ``months``."""
        return output("record_chart")(self, kind, **options)

    def _repr_html_(self) -> str:
        return str(output("record_html")(self))

    def __repr__(self) -> str:
        word = "SIMULATED " if self.simulated else ""
        told = self.denominators
        windows = "; ".join(
            f"{name}: {one['matured']:,} matured, {one['pending']:,} pending, "
            f"{sum(one['unrated'].values()):,} unrated"
            for name, one in told["windows"].items()
        )
        return (
            f"<{word}TrackRecord as of {self.as_of}: {counted(told['rows'], 'row', ',')}, "
            f"{counted(told['runs'], 'call', ',')}; {windows}>"
        )

    def _place(self, window: str | None) -> int:
        if window is None:
            return 0
        _one_of(window, self.windows, "window")
        return self.windows.index(window)


def _one_of(value: str, known: Sequence[str], name: str) -> None:
    if value not in known:
        raise CallsError(
            Problem(
                f"unknown {name}", f"write one of {', '.join(known)}", column=name, value=str(value)
            )
        )


def _share(part: npt.ArrayLike, whole: npt.ArrayLike) -> npt.NDArray[np.float64]:
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    share: npt.NDArray[np.float64] = np.divide(
        part, whole, out=np.full(whole.shape, np.nan), where=whole > 0
    )
    return share


def _days(days: npt.NDArray[np.int32]) -> npt.NDArray[np.datetime64]:
    dates = (days.astype(np.int64) * 86_400).astype("datetime64[s]")
    dates[days == NO_DATE] = np.datetime64("NaT")
    return dates


def _category(codes: npt.NDArray[Any], names: Sequence[str]) -> Any:
    import pandas as pd

    return cast("Any", pd.Categorical).from_codes(codes, list(names))


def _calls_frame(population: Population, levels: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    calls, row, scores = population.columns, population.row, population.scores
    said = calls.take(row)
    texts = {
        name: _category(getattr(said, name).codes, getattr(said, name).names)
        for name in ("firm", "analyst", "listing", "segment", "sector")
    }
    panel_names = population.benchmarks
    columns: dict[str, Any] = {
        "published": _days(population.day),
        "time": pd.array(np.where(said.second < 0, np.nan, said.second), dtype="Int32"),
        **texts,
        "market": _category(population.market, population.markets),
        "word": _category(said.level.codes, said.level.names),
        "called": _category(population.level, levels),
        "side": population.side,
        "target": said.target,
        "target_currency": _category(said.currency.codes, said.currency.names),
        "fresh": population.fresh,
        "changed_on": _days(population.changed_day),
        "ended": _category(population.end, ENDS),
        "base_session": session_dates(scores.base),
        "base_close": scores.base.close,
        "base_age": _ages(scores.base, None),
        "benchmark": _category(*panel_names),
        "benchmark_base": population.against.benchmark_base.close,
    }
    for place, window in enumerate(scores.rules.windows[:-1]):
        columns |= _window_columns(population, population.hits[place], place, window, levels)
    return pd.DataFrame(columns, copy=False)


def _ages(legs: Legs, window: int | None) -> Any:
    import pandas as pd

    age = legs.age if window is None else legs.age[window]
    close = legs.close if window is None else legs.close[window]
    return pd.array(np.where(np.isnan(close), np.nan, age), dtype="Int32")


def _window_columns(
    population: Population, hits: Hits, place: int, window: str, levels: Sequence[str]
) -> dict[str, Any]:
    scores = population.scores
    relative = population.against.relative
    return {
        f"{window}_end_session": session_dates(scores.end, place),
        f"{window}_end_close": scores.end.close[place],
        f"{window}_end_age": _ages(scores.end, place),
        f"{window}_benchmark_end": population.against.benchmark_end.close[place],
        f"{window}_return": relative.stock_return[place],
        f"{window}_benchmark_return": relative.benchmark_return[place],
        f"{window}_relative_return": population.relative(place),
        f"{window}_net": hits.net,
        f"{window}_realised": _category(hits.realised, levels),
        f"{window}_beat": _truth(hits.beat),
        f"{window}_reached": _truth(hits.reached),
        f"{window}_reason": _category(scores.reason[place] - np.int8(1), REASONS[1:]),
    }


def _truth(told: npt.NDArray[np.int8]) -> Any:
    import pandas as pd

    return pd.arrays.BooleanArray(told == 1, told == NOT_TOLD)


ROW_REASONS: Final = {
    "same_day": "two_calls_one_day",
    "unknown_level": "unknown_level",
    "undated": "undated",
}
"""Why a row is no call, by its fate."""


def _unrated_frame(population: Population) -> pd.DataFrame:
    import pandas as pd

    calls = population.columns
    reasons = population.scores.reason
    nowhere = (reasons[0] != PENDING) & (reasons[0] != 0)
    for window in range(len(population.hits)):
        nowhere &= (reasons[window] != PENDING) & ~population.matured(window)
    fate = population.runs.fate
    rows = [population.row[nowhere]]
    why = [np.array(REASONS, object)[reasons[0][nowhere]]]
    for name, said_so in ROW_REASONS.items():
        found = np.flatnonzero(fate == FATES.index(name))
        if name == "same_day":
            found = np.setdiff1d(found, population.row)
        rows.append(found)
        why.append(np.full(found.size, said_so, object))
    row = np.concatenate(rows)
    reason = np.concatenate(why)
    order = np.argsort(row, kind="stable")
    said = calls.take(row[order])
    return pd.DataFrame(
        {
            "published": _days(said.day),
            "firm": _category(said.firm.codes, said.firm.names),
            "listing": _category(said.listing.codes, said.listing.names),
            "word": _category(said.level.codes, said.level.names),
            "reason": pd.Series(reason[order], dtype="str"),
        }
    )
