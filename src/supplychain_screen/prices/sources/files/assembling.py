"""From the rows of one or more tables to one series a listing, and what was left out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import (
    BasisNotServedError,
    MalformedAnswerError,
    Problem,
    SourceError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import later_factors
from supplychain_screen.prices.series import (
    Action,
    Adjustment,
    Events,
    Finding,
    LoadedPrices,
    PriceSeries,
)
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.sources.files.ex_dates import (
    Shown,
    shown_by_dividend_closes,
    shown_by_pre_close,
    stated_splits,
)
from supplychain_screen.prices.sources.files.grammar import Floats, Whole, joined
from supplychain_screen.prices.sources.files.rows import FACTS, Bars, Wish, two_spellings
from supplychain_screen.prices.sources.files.symbols import spellings
from supplychain_screen.words import Message, message

__all__ = ["Pile", "TradedClosesError", "spellings_between"]

Mask = npt.NDArray[np.bool_]
_KEYS = ("who", "day")
_COVERED = 0.95
"""Share of rows that a column must fill to be a witness of every ex-date."""


class TradedClosesError(BasisNotServedError):
    """Closes as traded, and no word about the splits between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pile:
    """The rows of all tables inside the asked range, by instrument and day.

    Rows of one instrument and day stand together, those without a close last, and else in the
    order of the tables and their rows.

    Parameters
    ----------
    who, day : ndarray of int32, shape (n,)
        As in ``Bars``; sorted by ``who``, then ``day``.
    close, volume : ndarray of float64, shape (n,)
        As in ``Bars``.
    facts : dict of str to ndarray of float64, shape (n,)
        As in ``Bars``; NaN where a table has no such column.
    record, file : ndarray of int32, shape (n,)
        Record in its table, and which table.
    place : ndarray of int32, shape (n,)
        Where the row stood before sorting.
    repeats : ndarray of bool, shape (n,)
        Rows whose instrument and day the row before has too.
    """

    who: Whole
    day: Whole
    close: Floats
    volume: Floats
    facts: dict[str, Floats]
    record: Whole
    file: Whole
    place: Whole
    repeats: Mask

    @classmethod
    def of(cls, bars: Sequence[Bars], first: date, last: date) -> Pile:
        """The rows of ``bars`` from ``first`` to ``last``, both inclusive, which it takes over."""
        who, day = (joined([getattr(one, name) for one in bars], np.int32) for name in _KEYS)
        record = joined([one.record for one in bars], np.int32)
        close = joined([one.close for one in bars], np.float64)
        volume = joined([one.volume for one in bars], np.float64)
        facts = {
            name: joined(
                [one.facts.get(name, np.full(len(one.who), np.nan)) for one in bars], np.float64
            )
            for name in FACTS
            if any(name in one.facts for one in bars)
        }
        file = np.repeat(np.arange(len(bars), dtype=np.int32), [len(one.who) for one in bars])
        place = np.arange(len(who), dtype=np.int32)
        if not _as_wanted(who, day, first, last):
            inside = np.flatnonzero((day >= day_number(first)) & (day <= day_number(last)))
            order = inside[np.lexsort((np.isnan(close[inside]), day[inside], who[inside]))]
            del inside
            who, day, record, file, place = (one[order] for one in (who, day, record, file, place))
            close, volume = close[order], volume[order]
            facts = {name: values[order] for name, values in facts.items()}
        if not volume.flags.writeable:
            volume = volume.copy()  # somebody's frame
        repeats = np.zeros(len(who), bool)
        repeats[1:] = (who[1:] == who[:-1]) & (day[1:] == day[:-1])
        for one in bars:
            one.forget_rows()
        return cls(who, day, close, volume, facts, record, file, place, repeats)

    def _first_of_day(self) -> Whole:
        """For each row the first of its instrument and day."""
        return np.maximum.accumulate(np.where(self.repeats, 0, np.arange(len(self.who))))

    def conflicts(self, wish: Wish, bars: Sequence[Bars]) -> Iterator[Problem]:
        """Rows whose close is another than that of the first row of the same day, both named."""
        first_of_day = self._first_of_day()
        differs = (self.close != self.close[first_of_day]) & ~np.isnan(self.close)
        found = np.flatnonzero(differs).tolist()
        wanted: dict[int, set[int]] = {}
        for at in [*found, *first_of_day[found].tolist()]:
            wanted.setdefault(int(self.file[at]), set()).add(int(self.record[at]))
        lines = {
            file: bars[file].layout.table.lines(records, bars[file].layout.header)
            for file, records in wanted.items()
        }
        for at in found:
            one = int(first_of_day[at])
            here, there = bars[self.file[at]], bars[self.file[one]]
            row, other = (
                lines[int(self.file[place])].get(int(self.record[place])) for place in (at, one)
            )
            symbol = here.spelt[int(self.who[at])]
            elsewhere = "" if here is there else f" of {there.layout.table.label}"
            column = _column(wish, int(self.who[at]), here)
            yield Problem(
                f"two closes of {symbol} on {_date(self.day[at])}: {float(self.close[one])!r} in "
                f"row {other}{elsewhere}, {float(self.close[at])!r} in row {row}",
                "keep one row a symbol and day",
                here.layout.table.label,
                row,
                symbol if column is None else here.layout.names[column],
            )

    def loaded(
        self,
        wish: Wish,
        bars: Sequence[Bars],
        source: str,
        *,
        in_folder: bool,
        passed_over: Sequence[str] = (),
    ) -> LoadedPrices:
        """One series for each instrument that has any, and why the others have none.

        ``passed_over`` are symbols that files are named by and nobody asked for.
        """
        series: dict[str, PriceSeries] = {}
        failures: dict[str, SourceError] = {}
        findings: list[Finding] = []
        holders = _holders(wish, bars)
        elsewhere = () if holders else _as_written(bars, passed_over)
        bounds = np.searchsorted(self.who, np.arange(len(wish.asked.instruments) + 1))
        for row, instrument in enumerate(wish.asked.instruments):
            rows = slice(int(bounds[row]), int(bounds[row + 1]))
            holder = holders.get(row)
            if holder is None:
                failures[instrument.id] = SymbolNotFoundError(
                    _not_there(source, instrument, elsewhere),
                    source=source,
                    symbol=instrument.symbol("yahoo"),
                )
                continue
            symbol = holder.spelt[row]
            if failure := self._failure(rows, symbol, _column(wish, row, holder), holder, source):
                failures[instrument.id] = failure
                continue
            used = np.flatnonzero(self._used(rows, instrument.id, findings)) + rows.start
            # A close that is no price, or none at all, is the quality checks' business.
            if not (self.close[used] > 0).any():
                failures[instrument.id] = MalformedAnswerError(
                    message("source.no_positive_close", source=source, symbol=symbol),
                    source=source,
                    symbol=symbol,
                )
                continue
            label = source
            if in_folder:
                files = {
                    bars[file].layout.table.label.rpartition("/")[2]
                    for file in set(self.file[used].tolist())
                }
                label = f"{source}/{files.pop()}" if len(files) == 1 else f"{source}/"
            try:
                series[instrument.id] = self._series(
                    wish, instrument, row, holder, rows, used, label, findings
                )
            except TradedClosesError as error:
                failures[instrument.id] = error
        return LoadedPrices(series, failures, tuple(findings))

    def _series(
        self,
        wish: Wish,
        instrument: Instrument,
        row: int,
        holder: Bars,
        rows: slice,
        used: npt.NDArray[np.intp],
        label: str,
        findings: list[Finding],
    ) -> PriceSeries:
        day, close, volume = self.day[used], self.close[used].copy(), self.volume[used].copy()
        facts = {name: values[used] for name, values in self.facts.items()}
        adjustment = _adjustment(wish, row, holder)
        splits: Events | None = None
        block = holder.block[row]
        if not instrument.is_index and _column(wish, row, holder) == block.close:
            told = _Facts(instrument.id, holder.spelt[row], label, day, close, findings)
            unread = holder.unread_facts.get(row)
            if block.splits is not None and unread is None:
                # Of every row: a share may be split while it has no price.
                try:
                    splits = stated_splits(self.day[rows], self.facts["splits"][rows])
                except ValueError as error:
                    unread = str(error)
            if unread is not None:
                said = message("stated_unread", source=label, unread=unread)
                told.note("stated_unread", None, "reported", said)
            shown = told.shown(facts, block.close != block.total)
            splits, undone = told.to_undo(adjustment, splits, shown)
            if undone is not None:
                factors = later_factors(day.astype("datetime64[D]"), undone)
                close, volume = close / factors, volume * factors
                adjustment = "splits" if adjustment == "none" else adjustment
        sessions = day.astype("datetime64[D]")
        for array in (sessions, close, volume):
            array.flags.writeable = False
        return PriceSeries(
            instrument.id,
            sessions,
            close,
            volume,
            adjustment,
            label,
            holder.spelt[row],
            splits=splits,
            currency=holder.currency.get(row, ""),
        )

    def _failure(
        self, rows: slice, symbol: str, column: int | None, holder: Bars, source: str
    ) -> SourceError | None:
        """Why a table that knows the symbol has no close of it to give."""
        if column is None:
            return BasisNotServedError(
                message("source.no_total_closes", source=source, symbol=symbol),
                source=source,
                symbol=symbol,
            )
        if rows.start == rows.stop:
            return SymbolNotFoundError(
                message("source.no_row", source=source, symbol=symbol),
                source=source,
                symbol=symbol,
            )
        if np.isnan(self.close[rows]).all():
            return BasisNotServedError(
                message(
                    "source.empty_column",
                    source=source,
                    symbol=symbol,
                    column=holder.layout.names[column],
                ),
                source=source,
                symbol=symbol,
            )
        return None

    def _used(self, rows: slice, listing: str, findings: list[Finding]) -> Mask:
        """Which rows of one instrument make its series; the others become findings."""
        volume = self.volume[rows]

        def note(code: str, which: Mask, action: Action, said: Message) -> None:
            days = self.day[rows][which]
            if days.size:
                first, last = _date(days[0]), _date(days[-1])
                findings.append(Finding(code, listing, first, last, action, said))

        repeats = self.repeats[rows]
        kept = np.flatnonzero(~repeats)
        place, file = self.place[rows][kept], self.file[rows][kept]
        early = (place[1:] < place[:-1]) & (file[1:] == file[:-1])
        # The newest day first is an order too.
        if not early.all():
            unordered = np.zeros(len(repeats), bool)
            unordered[kept[1:][early]] = True
            note(
                "unordered_rows",
                unordered,
                "reported",
                message("unordered_rows", n=int(unordered.sum())),
            )
        note(
            "duplicate_rows",
            repeats,
            "dropped",
            message("duplicate_rows", n=int(repeats.sum())),
        )
        negative = (volume < 0) | np.isinf(volume)
        told = negative & ~repeats
        note("impossible_volume", told, "reported", message("impossible_volume", n=int(told.sum())))
        if negative.any():
            self.volume[rows][negative] = np.nan
        return ~repeats


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """What one listing's rows say of its ex-dates, and what follows for its closes."""

    listing: str
    symbol: str
    source: str
    day: Whole
    close: Floats
    findings: list[Finding]

    def note(self, code: str, days: Whole | None, action: Action, said: Message) -> None:
        first, last = (None, None) if days is None else (_date(days.min()), _date(days.max()))
        self.findings.append(Finding(code, self.listing, first, last, action, said))

    def shown(self, facts: dict[str, Floats], two_closes: bool) -> tuple[Shown, bool] | None:
        """Ex-dates that other columns show, and whether the exchange's own close before does."""

        def covers(name: str) -> bool:
            return name in facts and float(np.mean(np.isfinite(facts[name]))) > _COVERED

        if covers("pre_close"):
            found = shown_by_pre_close(self.day, self.close, facts["pre_close"])
            if not found.unrelated:
                return found, True
        if two_closes and covers("total"):
            found = shown_by_dividend_closes(self.day, self.close, facts["total"])
            if not found.unrelated:
                return found, False
        return None

    def to_undo(
        self, adjustment: Adjustment, stated: Events | None, shown: tuple[Shown, bool] | None
    ) -> tuple[Events | None, Events | None]:
        """Splits that the checks shall know of, and those that the closes are to be adjusted by.

        Raises
        ------
        TradedClosesError
            The closes are as traded, and no column says what was split.
        """
        if adjustment == "none":
            if stated is None and shown is None:
                raise TradedClosesError(
                    message("source.splits_unstated", source=self.source, symbol=self.symbol),
                    source=self.source,
                    symbol=self.symbol,
                )
            undone = stated if stated is not None else self._assumed(shown)
            return undone, undone
        if shown is None or not len(shown[0].splits):
            return stated, None
        if adjustment == "as given" and shown[1] and not (stated is not None and len(stated)):
            return self._assumed(shown), self._assumed(shown)
        if adjustment in ("as given", "splits"):
            column = "pre_close" if shown[1] else message("adjusted_close")
            self._contradicted(shown[0], column)
        return stated, None

    def _assumed(self, shown: tuple[Shown, bool] | None) -> Events:
        """Splits that were seen and not stated; what was taken for what is told, once."""
        if shown is None:
            return Events.of()
        found, before = shown
        if len(found.splits) and not any(
            one.code == "splits_assumed" and one.listing == self.listing for one in self.findings
        ):
            ratios = tuple(
                message("split_on", ratio=float(ratio), day=day.astype(object))
                for day, ratio in zip(found.splits.sessions, found.splits.values, strict=True)
            )
            column = "pre_close" if before else "adj_close"
            said = message("splits_assumed", column=column, splits=ratios, n=found.dividends)
            self.note("splits_assumed", self.day[found.rows], "reported", said)
        return found.splits

    def _contradicted(self, shown: Shown, column: str | Message) -> None:
        for row, ratio in zip(shown.rows.tolist(), shown.splits.values.tolist(), strict=True):
            day = _date(self.day[row])
            said = message("split_not_undone", column=column, ratio=ratio, day=day)
            self.note("split_not_undone", self.day[[max(row - 1, 0), row]], "unrated", said)


def _as_wanted(who: Whole, day: Whole, first: date, last: date) -> bool:
    """Whether rows stand in their order already, each day once and all of them asked for."""
    if not who.size:
        return True
    steps = (who[1:] > who[:-1]) | ((who[1:] == who[:-1]) & (day[1:] > day[:-1]))
    return bool(steps.all() and day.min() >= day_number(first) and day.max() <= day_number(last))


def spellings_between(wish: Wish, bars: Sequence[Bars]) -> Iterator[Problem]:
    """What is wrong where two tables have one instrument under two symbols."""
    known: dict[int, str] = {}
    for one in bars:
        for row, symbol in one.spelt.items():
            other = known.setdefault(row, symbol)
            if other != symbol:
                instrument = wish.asked.instruments[row]
                yield two_spellings(instrument, one.layout.table.label, other, symbol)


def _holders(wish: Wish, bars: Sequence[Bars]) -> dict[int, Bars]:
    """The table that has each instrument; of several the first that serves the basis."""
    holders: dict[int, Bars] = {}
    for one in bars:
        for row in one.spelt:
            known = holders.setdefault(row, one)
            if known is not one and _column(wish, row, known) is None:
                holders[row] = one
    return holders


def _column(wish: Wish, row: int, holder: Bars) -> int | None:
    is_index = wish.asked.instruments[row].is_index
    return wish.column(holder.layout, holder.block[row], is_index=is_index)


def _as_written(bars: Sequence[Bars], passed_over: Sequence[str]) -> tuple[str, ...]:
    """How the files write their symbols: where nobody is found, the likely reason."""
    there = [symbol for one in bars for symbol in one.found if symbol] + [*passed_over]
    return tuple(there[:3])


def _not_there(source: str, instrument: Instrument, written: tuple[str, ...]) -> Message:
    asked, symbols = instrument.id, tuple(spellings(instrument))
    if not written:
        return message("source.not_there", source=source, listing=asked, symbols=symbols)
    return message(
        "source.not_there_but", source=source, listing=asked, symbols=symbols, written=written
    )


def _adjustment(wish: Wish, row: int, holder: Bars) -> Adjustment:
    stated = wish.adjustment(holder.layout) or "as given"
    if holder.layout.form == "wide" or _column(wish, row, holder) == holder.block[row].close:
        return stated
    return "splits+dividends" if stated == "splits" else "as given"


def _date(day: np.int32 | int) -> date:
    return np.datetime64(int(day), "D").astype(object)  # type: ignore[no-any-return]
