"""Every row of a table, for panels: nobody is asked for, each symbol speaks for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.identity import EXCHANGES, Index
from supplychain_screen.prices.adjustment import later_factors
from supplychain_screen.prices.series import Adjustment
from supplychain_screen.prices.sources.files.ex_dates import stated_splits
from supplychain_screen.prices.sources.files.forms import (
    MAX_BYTES,
    is_frame,
    tables_of_file,
    tables_of_frame,
)
from supplychain_screen.prices.sources.files.grammar import DecimalMark, Floats, Whole, joined
from supplychain_screen.prices.sources.files.layout import read_layout
from supplychain_screen.prices.sources.files.rows import Bars, Wish, read_bars
from supplychain_screen.prices.sources.files.symbols import (
    AskedSymbols,
    Match,
    is_symbol,
)
from supplychain_screen.words import counted

__all__ = ["EveryRow", "EverySymbol", "every_row"]


@dataclass(frozen=True, slots=True)
class _Named:
    """Whoever a symbol names."""

    id: str
    timezone: str
    is_index: bool


class EverySymbol(AskedSymbols):
    """Whom any symbol names, each being asked for as it appears.

    Parameters
    ----------
    indices : sequence of Index
        Found by every spelling of their symbols.
    """

    def __init__(self, indices: Sequence[Index] = ()) -> None:
        self._indices = AskedSymbols(indices)
        self._known: dict[str, int] = {}
        self._all: list[Any] = []

    @property
    def instruments(self) -> Any:  # type: ignore[override]
        """Everybody named so far, in the order in which they appeared."""
        return self._all

    @property
    def is_index(self) -> npt.NDArray[np.bool_]:  # type: ignore[override]
        """Which of them are indices."""
        return np.array([one.is_index for one in self._all], bool)

    def match(self, texts: Iterable[str]) -> Match:
        """Place of everybody named, new ones at the end; an empty text names nobody."""
        return Match({text: self.place(text) if text.strip() else -1 for text in texts}, ())

    def rows(self, text: str) -> tuple[int, ...]:
        """Place of whoever ``text`` names."""
        return (self.place(text),) if text.strip() else ()

    def place(self, text: str) -> int:
        """Place of whoever ``text`` names, at the end where nobody named them before."""
        if text in self._known:
            return self._known[text]
        rows = self._indices.rows(text)
        index = self._indices.instruments[rows[0]] if rows else None
        named = text
        if text.partition(":")[0] not in EXCHANGES:
            named = index.id if index else is_symbol(text) or text
        place = self._known.get(named)
        if place is None:
            mic = named.partition(":")[0]
            place = len(self._all)
            zone = index.timezone if index else EXCHANGES["XNYS"].timezone
            if mic in EXCHANGES:
                zone = EXCHANGES[mic].timezone
            self._all.append(_Named(named, zone, mic == "INDEX"))
            self._known[named] = place
        self._known[text] = place
        return place


@dataclass(frozen=True, slots=True, eq=False)
class EveryRow:
    """All rows of one or more tables.

    Parameters
    ----------
    listings : list of str
        Ids, in the order in which they appear.
    who, day : ndarray of int32, shape (n,)
        Place of each row's listing, and its day number.
    close : ndarray of float64, shape (n,)
    volume : ndarray of float64, shape (n,), or None
        None where no table has volumes.
    adjustment : Adjustment
        What the tables say that the closes are adjusted for; closes that they say to be traded
        are adjusted by the splits beside them. "as given" where they do not say it, or differ.
    splits : tuple of (str, int, float), or None
        Id, day number and new shares for one old of every split that the tables state; None where
        one of them has no such column, and nobody can say that there was no split.
    """

    listings: list[str]
    who: Whole
    day: Whole
    close: Floats
    volume: Floats | None
    adjustment: Adjustment
    splits: tuple[tuple[str, int, float], ...] | None = None


def every_row(
    prices: Any,
    *,
    indices: Sequence[Index] = (),
    max_bytes: int = MAX_BYTES,
    adjustment: str = "as given",
    close: str | None = None,
    decimal: DecimalMark | None = None,
) -> EveryRow:
    """All rows of a file or of tables in memory, in any form that a screen takes.

    ``adjustment`` is what their user says of the closes, above what the tables say; ``close`` the
    column that holds them, and ``decimal`` what stands before a fraction.

    Raises
    ------
    PriceFileError
        It cannot be read as prices, or says that its closes are traded and not what was split;
        all problems at once.
    """
    tables = (
        tables_of_frame(prices, "the frame")
        if is_frame(prices)
        else tables_of_file(Path(prices), str(prices), max_bytes)
    )
    everybody = EverySymbol(indices)
    said: Any = None if adjustment == "as given" else adjustment
    wish = Wish(everybody, "price", said, decimal)
    bars = [
        read_bars(read_layout(one, close=close, total=None, basis="price"), wish) for one in tables
    ]
    problems = [problem for one in bars for problem in (*_of_nobody(one), *one.problems)]
    for one in bars:
        if wish.adjustment(one.layout) == "none" and not one.problems:
            problems += _undo_splits(one, everybody)
    if problems:
        raise PriceFileError(problems)
    with_volume = any(block.volume is not None for one in bars for block in one.block.values())
    return EveryRow(
        [one.id for one in everybody.instruments],
        joined([one.who for one in bars], np.int32),
        joined([one.day for one in bars], np.int32),
        joined([one.close for one in bars], np.float64),
        joined([one.volume for one in bars], np.float64) if with_volume else None,
        _adjustment(wish, bars),
        _splits(bars, everybody),
    )


def _splits(
    bars: Sequence[Bars], everybody: EverySymbol
) -> tuple[tuple[str, int, float], ...] | None:
    """Every split that is stated, or None where a table states none at all."""
    if any("splits" not in one.facts or one.unread_facts for one in bars):
        return None
    found: set[tuple[str, int, float]] = set()
    for one in bars:
        ratio = one.facts["splits"]
        happened = np.flatnonzero(np.isfinite(ratio) & (ratio > 0) & (ratio != 1.0))
        for at in happened.tolist():
            name = everybody.instruments[int(one.who[at])].id
            found.add((name, int(one.day[at]), float(ratio[at])))
    return tuple(sorted(found))


def _adjustment(wish: Wish, bars: Sequence[Bars]) -> Adjustment:
    said = {wish.adjustment(one.layout) or "as given" for one in bars}
    stated: Adjustment = said.pop() if len(said) == 1 else "as given"
    return "splits" if stated == "none" else stated


def _undo_splits(bars: Bars, everybody: EverySymbol) -> list[Problem]:
    """Adjust traded closes and their volumes by the splits beside them, where they are stated."""
    label = bars.layout.table.label
    if "splits" not in bars.facts:
        return [
            Problem(
                "traded closes without their split events are wrong from the first split on",
                "add a column splits (new shares for one old, 0 where there was none), or give "
                "closes that are adjusted",
                label,
            )
        ]
    problems = [
        Problem(
            "no ratio of a split",
            "write new shares for one old share",
            label,
            None,
            everybody.instruments[row].id,
            text,
        )
        for row, text in bars.unread_facts.items()
    ]
    # what was read without a copy is somebody's frame
    bars.close, bars.volume = bars.close.copy(), bars.volume.copy()
    order = np.lexsort((bars.day, bars.who))
    who, day, split = bars.who[order], bars.day[order], bars.facts["splits"][order]
    happened = ~np.isnan(split) & (split != 0.0)
    for row in np.unique(who[happened]).tolist():
        own = slice(*np.searchsorted(who, [row, row + 1]).tolist())
        try:
            splits = stated_splits(day[own], split[own])
        except ValueError as error:
            problems.append(
                Problem(
                    "no ratio of a split",
                    "write new shares for one old share",
                    label,
                    None,
                    everybody.instruments[row].id,
                    str(error),
                )
            )
            continue
        factors = later_factors(day[own].astype("datetime64[D]"), splits)
        bars.close[order[own]] /= factors
        bars.volume[order[own]] *= factors
    return problems


def _of_nobody(bars: Bars) -> list[Problem]:
    """Rows of a long table that name nobody."""
    layout = bars.layout
    if layout.symbol is None or not bars.nameless:
        return []
    return [
        Problem(
            counted(bars.nameless, "row has none/rows have none"),
            "remove or mend them",
            layout.table.label,
            None,
            layout.names[layout.symbol],
        )
    ]
