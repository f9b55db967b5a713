"""From the rows of one or more files to one series a listing, and what was left out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from supplychain_screen.prices.series import Action, Adjustment, Finding, LoadedPrices, PriceSeries
from supplychain_screen.prices.sessions import day_number
from supplychain_screen.prices.sources.files.columns import Bars, Floats, Whole, Wish, two_spellings
from supplychain_screen.prices.sources.files.symbols import spellings

__all__ = ["Pile", "spellings_between"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pile:
    """The rows of all files inside the asked range, by instrument and day.

    Rows of one instrument and day stand together, those without a close last, and else in the
    order of the files and their rows.

    Parameters
    ----------
    who, day : ndarray of int64, shape (n,)
        As in ``Bars``; sorted by ``who``, then ``day``.
    close, volume : ndarray of float64, shape (n,)
        As in ``Bars``.
    row, file : ndarray of int64, shape (n,)
        Line in its file, and which file.
    place : ndarray of int64, shape (n,)
        Where the row stood before sorting.
    repeats : ndarray of bool, shape (n,)
        Rows whose instrument and day the row before has too.
    """

    who: Whole
    day: Whole
    close: Floats
    volume: Floats
    row: Whole
    file: Whole
    place: Whole
    repeats: Mask

    @classmethod
    def of(cls, bars: Sequence[Bars], first: date, last: date) -> Pile:
        """The rows of ``bars`` from ``first`` to ``last``, both inclusive."""
        empty = np.zeros(0, np.int64)
        who = np.concatenate([empty, *(one.who for one in bars)])
        day = np.concatenate([empty, *(one.day for one in bars)])
        close = np.concatenate([empty.astype(np.float64), *(one.close for one in bars)])
        volume = np.concatenate([empty.astype(np.float64), *(one.volume for one in bars)])
        row = np.concatenate([empty, *(one.row for one in bars)])
        lengths = np.array([len(one.who) for one in bars], np.int64)
        file = np.repeat(np.arange(len(bars)), lengths)
        inside = np.flatnonzero((day >= day_number(first)) & (day <= day_number(last)))
        order = inside[np.lexsort((np.isnan(close[inside]), day[inside], who[inside]))]
        who, day = who[order], day[order]
        repeats = np.zeros(len(order), bool)
        repeats[1:] = (who[1:] == who[:-1]) & (day[1:] == day[:-1])
        return cls(who, day, close[order], volume[order], row[order], file[order], order, repeats)

    def _first_of_day(self) -> Whole:
        """For each row the first of its instrument and day."""
        return np.maximum.accumulate(np.where(self.repeats, 0, np.arange(len(self.who))))

    def conflicts(self) -> list[int]:
        """Rows whose close is another than that of the first row of the same day."""
        differs = self.close != self.close[self._first_of_day()]
        return np.flatnonzero(differs & ~np.isnan(self.close)).tolist()

    def conflicts_named(self, wish: Wish, bars: Sequence[Bars]) -> Iterator[Problem]:
        """What is wrong with each of the ``conflicts``, both rows named."""
        first_of_day = self._first_of_day()
        for at in self.conflicts():
            one = first_of_day[at]
            here, there = bars[self.file[at]], bars[self.file[one]]
            symbol = here.spelt[int(self.who[at])]
            elsewhere = "" if here is there else f" of {there.layout.label}"
            column = _column(wish, int(self.who[at]), here)
            yield Problem(
                f"two closes of {symbol} on {_date(self.day[at])}: {float(self.close[one])!r} in "
                f"row {self.row[one]}{elsewhere}, {float(self.close[at])!r} in row {self.row[at]}",
                "keep one row a symbol and day",
                here.layout.label,
                int(self.row[at]),
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
        elsewhere = "" if holders else _as_written(bars, passed_over)
        bounds = np.searchsorted(self.who, np.arange(len(wish.asked.instruments) + 1))
        for row, instrument in enumerate(wish.asked.instruments):
            rows = slice(int(bounds[row]), int(bounds[row + 1]))
            holder = holders.get(row)
            if holder is None:
                failures[instrument.id] = SymbolNotFoundError(
                    f"{source} has no {instrument.id}; "
                    f"looked for {', '.join(spellings(instrument))}{elsewhere}",
                    source=source,
                    symbol=instrument.symbol("yahoo"),
                )
                continue
            symbol = holder.spelt[row]
            if failure := self._failure(rows, symbol, _column(wish, row, holder), holder, source):
                failures[instrument.id] = failure
                continue
            used = np.flatnonzero(self._used(rows, instrument.id, findings)) + rows.start
            if not used.size:
                failures[instrument.id] = MalformedAnswerError(
                    f"{source} has no positive close of {symbol} in the range",
                    source=source,
                    symbol=symbol,
                )
                continue
            label = source
            if in_folder:
                files = {bars[file].layout.path.name for file in set(self.file[used].tolist())}
                label = f"{source}/{files.pop()}" if len(files) == 1 else f"{source}/"
            sessions = self.day[used].astype("datetime64[D]")
            close, volume = self.close[used], self.volume[used]
            for array in (sessions, close, volume):
                array.flags.writeable = False
            series[instrument.id] = PriceSeries(
                instrument.id,
                sessions,
                close,
                volume,
                _adjustment(wish, instrument, holder),
                label,
                symbol,
            )
        return LoadedPrices(series, failures, tuple(findings))

    def _failure(
        self, rows: slice, symbol: str, column: int | None, holder: Bars, source: str
    ) -> SourceError | None:
        """Why a file that knows the symbol has no close of it to give."""
        if column is None:
            return BasisNotServedError(
                f"{source} has no closes of {symbol} that reinvest dividends",
                source=source,
                symbol=symbol,
            )
        if rows.start == rows.stop:
            return SymbolNotFoundError(
                f"{source} has no row of {symbol} in the asked range", source=source, symbol=symbol
            )
        if np.isnan(self.close[rows]).all():
            return BasisNotServedError(
                f"{source} has rows of {symbol}, but nothing in the column "
                f"{holder.layout.names[column]!r}; "
                "name the column of the closes (close=, total_close=)",
                source=source,
                symbol=symbol,
            )
        return None

    def _used(self, rows: slice, listing: str, findings: list[Finding]) -> Mask:
        """Which rows of one instrument make its series; the others become findings."""
        close, volume = self.close[rows], self.volume[rows]

        def note(code: str, which: Mask, action: Action, say: Callable[[int], str]) -> None:
            days = self.day[rows][which]
            if days.size:
                detail = say(int(days.size))
                first, last = _date(days[0]), _date(days[-1])
                findings.append(Finding(code, listing, first, last, action, detail))

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
                lambda n: f"{n} row{_s(n)} stood before an earlier day's; sorted",
            )
        note(
            "duplicate_rows",
            repeats,
            "dropped",
            lambda n: f"{n} row{_s(n)} said again what another row says",
        )
        # NaN compares False and stays: a row without a close is the quality checks' business.
        bad = ((close <= 0) | np.isinf(close)) & ~repeats
        worst = close[bad][0] if bad.any() else np.nan
        note(
            "non_positive_close",
            bad,
            "dropped",
            lambda n: f"{n} row{_s(n)} with a close that is no price, the first {worst:g}",
        )
        negative = (volume < 0) | np.isinf(volume)
        note(
            "impossible_volume",
            negative & ~repeats & ~bad,
            "reported",
            lambda n: f"{n} row{_s(n)} with a volume below zero or without bound; unknown instead",
        )
        self.volume[rows][negative] = np.nan
        return ~repeats & ~bad


def spellings_between(wish: Wish, bars: Sequence[Bars]) -> Iterator[Problem]:
    """What is wrong where two files have one instrument under two symbols."""
    known: dict[int, str] = {}
    for one in bars:
        for row, symbol in one.spelt.items():
            other = known.setdefault(row, symbol)
            if other != symbol:
                instrument = wish.asked.instruments[row]
                yield two_spellings(instrument, one.layout.label, other, symbol)


def _holders(wish: Wish, bars: Sequence[Bars]) -> dict[int, Bars]:
    """The file that has each instrument; of several the first that serves the basis."""
    holders: dict[int, Bars] = {}
    for one in bars:
        for row in one.spelt:
            known = holders.setdefault(row, one)
            if known is not one and _column(wish, row, known) is None:
                holders[row] = one
    return holders


def _column(wish: Wish, row: int, holder: Bars) -> int | None:
    layout = holder.layout
    own = layout.names.index(holder.spelt[row]) if layout.form == "wide" else None
    return wish.column(layout, wish.asked.instruments[row], own)


def _as_written(bars: Sequence[Bars], passed_over: Sequence[str]) -> str:
    """How the files write their symbols: where nobody is found, the likely reason."""
    there = [symbol for one in bars for symbol in one.found if symbol] + [*passed_over]
    return f"; its symbols are written {', '.join(there[:3])}" if there else ""


def _adjustment(wish: Wish, instrument: Instrument, bars: Bars) -> Adjustment:
    stated = wish.stated or "as given"
    layout = bars.layout
    if layout.form == "wide" or wish.column(layout, instrument) == layout.close:
        return stated
    return "splits+dividends" if stated == "splits" else "as given"


def _date(day: np.int64) -> date:
    return np.datetime64(int(day), "D").astype(object)  # type: ignore[no-any-return]


def _s(n: int) -> str:
    return "" if n == 1 else "s"
