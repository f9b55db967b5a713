"""The rows of asked instruments in one table, as arrays, and what is wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import PriceFileError, Problem
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.series import Adjustment, Basis
from supplychain_screen.prices.sources.files.forms import Odd, printable
from supplychain_screen.prices.sources.files.grammar import (
    DecimalMark,
    Floats,
    Unread,
    Whole,
    decimal_mark,
    encoded,
    is_day,
    joined,
    let_go,
    number_fault,
    read_days,
    read_numbers,
)
from supplychain_screen.prices.sources.files.layout import Block, Layout
from supplychain_screen.prices.sources.files.symbols import AskedSymbols
from supplychain_screen.words import counted

__all__ = ["FACTS", "Bars", "Wish", "read_bars", "two_spellings"]

_SHOWN = 5
"""Rows named for one fault of one column; the rest are counted."""
_RETURNS = 0.2
"""Share of negative numbers above which a column holds returns: no price is negative."""
_ENOUGH = 20
"""Closes from which on that is judged."""
_WILD = 0.8
"""Half of a share's days never move it so far, in logarithms; sizes of returns differ by 1.1."""
_AROUND, _NOISE = 0.03, 1.4
"""How near to 1 the mean of gross returns lies, and how much of their variance, of which
independent numbers have 2, lies between neighbours; a random walk of 20 steps has some 0.3."""
FACTS = ("pre_close", "splits", "total")
"""What a row may say of an ex-date besides its close."""

_BESIDE = (*FACTS, "volume", "currency")
_WRITTEN_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What one request wants from every table.

    Parameters
    ----------
    asked : AskedSymbols
        Whose closes.
    basis : {"price", "total"}
        Which closes.
    stated : Adjustment or None
        What the user says the column of closes is adjusted for.
    decimal : {".", ","} or None
        What the user says stands before a fraction.
    """

    asked: AskedSymbols
    basis: Basis
    stated: Adjustment | None
    decimal: DecimalMark | None = None

    def adjustment(self, layout: Layout) -> Adjustment | None:
        """What the closes are adjusted for, as the user says, or else as the file does."""
        return self.stated or layout.stated

    def column(self, layout: Layout, block: Block, *, is_index: bool) -> int | None:
        """Position of the closes of the asked basis, if any."""
        # A price index pays nothing: its level is its leg in a total-return comparison as well.
        if self.basis == "price" or is_index or self.adjustment(layout) == "splits+dividends":
            return block.total if block.close is None else block.close
        return block.total


@dataclass(slots=True)
class Bars:
    """Rows of asked instruments from one table, in its order for each instrument.

    Parameters
    ----------
    layout : Layout
    found : mapping of str to int
        Every symbol of the table and its position among those asked, -1 where nobody asked.
    block : mapping of int to Block
        Where the numbers of each asked instrument stand.
    who : ndarray of int32, shape (n,)
        Position of the row's instrument among those asked.
    day : ndarray of int32, shape (n,)
        Days since 1970-01-01 in the exchange's own calendar.
    close, volume : ndarray of float64, shape (n,)
        As written, volumes in shares; NaN where the cell is empty or no such column is there.
    facts : mapping of str to ndarray of float64, shape (n,)
        ``pre_close``, ``splits`` and ``total`` where the table has such a column; the last is
        the close that reinvests dividends, beside the close that was read.
    currency : mapping of int to str
        What the table says of each instrument.
    record : ndarray of int32, shape (n,)
        Record of the table, the first below the header being 0.
    problems : list of Problem
        What is wrong with the table.
    nameless : int
        Rows of a long table whose symbol is empty.
    unread_facts : mapping of int to str
        Instruments whose splits cannot be read, and the first such cell.
    """

    layout: Layout
    found: Mapping[str, int]
    block: Mapping[int, Block]
    who: Whole
    day: Whole
    close: Floats
    volume: Floats
    facts: Mapping[str, Floats]
    currency: Mapping[int, str]
    record: Whole
    problems: list[Problem]
    unread_facts: Mapping[int, str]
    nameless: int
    spelt: Mapping[int, str] = field(init=False)
    """The table's own symbol of each asked instrument that it has."""

    def __post_init__(self) -> None:
        self.spelt = {row: text for text, row in self.found.items() if row >= 0}

    def forget_rows(self) -> None:
        """Let go of the rows, once somebody else holds them."""
        none = np.zeros(0)
        self.who = self.day = self.record = none.astype(np.int32)
        self.close = self.volume = none
        self.facts = {}


def two_spellings(
    instrument: Instrument, label: str, one: str, other: str, column: str | None = None
) -> Problem:
    """The problem of one instrument under two symbols."""
    return Problem(
        f"{instrument.id} is here under two spellings, {one} and {other}",
        "keep one of them: they may be two different series",
        label,
        None,
        column,
    )


def read_bars(layout: Layout, wish: Wish) -> Bars:
    """Rows of the asked instruments, and every problem of the table.

    Raises
    ------
    PriceFileError
        The table cannot be read at all.
    """
    import pyarrow as pa

    try:
        bars = _Reading(layout, wish).bars()
        # The text of the columns is no longer needed, and is as large as all that came of it.
        let_go()
        return bars
    except pa.ArrowException as error:
        # a column of lists, say
        said = str(error).partition("\n")[0]
        problem = Problem(
            f"cannot be read: {said}", "write days, text and numbers", layout.table.label
        )
        raise PriceFileError(problem) from None


class _Reading:
    """The columns of one table that are wanted, read once."""

    def __init__(self, layout: Layout, wish: Wish) -> None:
        self.layout, self.wish = layout, wish
        self.problems: list[Problem] = []
        self.odd: Odd = []
        self.nameless = 0
        self._unread: list[tuple[int, int, str]] = []
        self.mark = wish.decimal or _mark_of(layout)
        self.found, self.block = self._whose_blocks()
        blocks = {id(one): one for one in self.block.values()} or (
            {0: layout.blocks[0]} if layout.form != "wide" else {}
        )
        wanted = [
            at
            for one in blocks.values()
            for at in (
                wish.column(layout, one, is_index=False),
                wish.column(layout, one, is_index=True),
                one.volume,
                one.splits,
                one.pre_close,
                one.total,
                one.currency,
            )
        ]
        words = [layout.date, layout.date if layout.symbol is None else layout.symbol]
        places = [*dict.fromkeys([*words, *(at for at in wanted if at is not None)])]
        read = layout.table.read(places, layout.header, self.odd)
        self.columns = dict(zip(places, read, strict=True))
        self.n_rows = len(read[0])

    def bars(self) -> Bars:
        asked, layout = self.wish.asked, self.layout
        parts = list(self._parts())
        who = joined([part[0] for part in parts], np.int32)
        record = joined([part[1] for part in parts], np.int32)
        close = joined([part[2] for part in parts], np.float64)
        del parts
        # Texts are larger than what they say: they go as soon as they were read.
        beside = {getattr(one, name) for one in layout.blocks for name in _BESIDE}
        self._keep_columns({layout.date} | beside)
        zones = sorted({one.timezone for one in asked.instruments})
        whose = np.array([zones.index(one.timezone) for one in asked.instruments], np.int16)
        used = None if self._whole(record) else record
        day, unread = read_days(self.columns[layout.date], used, zones, whose[who])
        self._keep_columns(beside)
        named = ["volume", *(name for name in FACTS if self._stated(name))]
        facts = {name: self._of_blocks(name, who, record) for name in named}
        if unread:
            keep = self._refuse_days(unread, record, close)
            who, record, close, day = who[keep], record[keep], close[keep], day[keep]
            facts = {name: values[keep] for name, values in facts.items()}
        volume = facts.pop("volume")
        if layout.shares != 1.0:
            volume = volume * layout.shares
        unread_facts = self._named_problems(who, record)
        self._refuse_odd_rows()
        if not self.n_rows and not self.problems:
            self.problems.append(
                Problem("no rows under the header", "save the prices again", layout.table.label)
            )
        self._refuse_returns(who, day, close)
        return Bars(
            layout,
            self.found,
            self.block,
            who,
            day,
            close,
            volume,
            facts,
            self._currencies(who, record),
            record,
            self.problems,
            unread_facts,
            self.nameless,
        )

    def _keep_columns(self, positions: set[int | None]) -> None:
        self.columns = {at: one for at, one in self.columns.items() if at in positions}
        let_go()

    def _stated(self, name: str) -> bool:
        return any(getattr(one, name) is not None for one in self.block.values())

    # whose

    def _whose_blocks(self) -> tuple[dict[str, int], dict[int, Block]]:
        """Symbols of a single or wide table; a long one's stand in its rows."""
        layout, asked = self.layout, self.wish.asked
        if layout.form == "long":
            return {}, {}
        if layout.form == "single":
            for name in symbols_of_single(layout):
                if rows := asked.rows_of_stem(name):
                    self._ambiguous([(name, _ids(asked, rows))] if len(rows) > 1 else [], None)
                    return {name: rows[0]}, {rows[0]: layout.blocks[0]}
            return {layout.table.stem: -1}, {}
        names = [one.symbol for one in layout.blocks]
        match = asked.match(dict.fromkeys(names))
        self._ambiguous(match.ambiguous, None)
        self._two_spellings(match.rows, None)
        label = layout.table.label
        self.problems += [
            Problem("the column occurs twice", "keep one of them", label, None, name)
            for name, times in Counter(names).items()
            if times > 1 and match.rows[name] >= 0
        ]
        return match.rows, {
            match.rows[one.symbol]: one for one in layout.blocks if match.rows[one.symbol] >= 0
        }

    def _ambiguous(self, told: Sequence[tuple[str, str]], column: str | None) -> None:
        self.problems += [
            Problem(
                f"the symbol means {ids}",
                "write the ids instead",
                self.layout.table.label,
                None,
                column,
                text,
            )
            for text, ids in told
        ]

    def _two_spellings(self, found: Mapping[str, int], column: str | None) -> None:
        first: dict[int, str] = {}
        for text, row in found.items():
            other = first.setdefault(row, text)
            if row >= 0 and other != text:
                who = self.wish.asked.instruments[row]
                self.problems.append(
                    two_spellings(who, self.layout.table.label, other, text, column)
                )

    # rows

    def _parts(self) -> Iterator[tuple[Whole, Whole, Floats]]:
        """Instrument, record and close of the rows that are used, some at a time."""
        layout, asked = self.layout, self.wish.asked
        if layout.form == "long" and layout.symbol is not None:
            codes, texts = encoded(self.columns[layout.symbol])
            words = ["" if one is None else str(one) for one in texts]
            match = asked.match(words)
            column = layout.names[layout.symbol]
            self.found = match.rows
            self._ambiguous(match.ambiguous, column)
            self._two_spellings(match.rows, column)
            block = layout.blocks[0]
            self.block = {row: block for row in match.rows.values() if row >= 0}
            whose = np.array([match.rows[text] for text in words] + [-1], np.int32)[codes]
            empty = np.array([not text.strip() for text in words] + [True])
            self.nameless = int(empty[codes].sum())
            del codes
            used = np.flatnonzero(whose >= 0).astype(np.int32)
            who = whose if len(used) == len(whose) else whose[used]
            del whose
            at, of_index = (
                self.wish.column(layout, block, is_index=kind) for kind in (False, True)
            )
            if at == of_index:
                yield who, used, self._numbers(at, used)
                return
            for kind in (False, True):
                here = asked.is_index[who] == kind
                if here.any():
                    at = self.wish.column(layout, block, is_index=kind)
                    yield who[here], used[here], self._numbers(at, used[here])
            return
        everything = np.arange(self.n_rows, dtype=np.int32)
        for row, block in self.block.items():
            at = self.wish.column(layout, block, is_index=bool(asked.is_index[row]))
            close = self._numbers(at, everything)
            used = everything
            if layout.form == "wide":
                # An empty cell is another market's holiday, not a row without a close.
                told = ~np.isnan(close)
                if block.splits is not None:
                    # A share may be split while it has no price.
                    told |= np.nan_to_num(self._numbers(block.splits, everything)) != 0.0
                told[[record for record, place, _ in self._unread if place == at]] = True
                used, close = everything[told], close[told]
            yield np.full(len(used), row, np.int32), used, close

    def _numbers(self, at: int | None, used: Whole) -> Floats:
        if at is None:
            return np.full(len(used), np.nan)
        numbers, unread = read_numbers(
            self.columns[at], None if self._whole(used) else used, mark=self.mark
        )
        self._unread += [(int(used[place]), at, text) for place, text in unread]
        return numbers

    def _whole(self, used: Whole) -> bool:
        """Whether these rows are all of the table, in its order."""
        return len(used) == self.n_rows and bool((used[1:] > used[:-1]).all())

    def _of_blocks(self, name: str, who: Whole, record: Whole) -> Floats:
        """A column of facts for every used row."""
        found = np.full(len(who), np.nan)
        if self.layout.form != "wide":
            at = getattr(self.layout.blocks[0], name)
            return found if at is None else self._numbers(at, record)
        for row, block in self.block.items():
            at = getattr(block, name)
            if at is not None:
                here = who == row
                found[here] = self._numbers(at, record[here])
        return found

    def _currencies(self, who: Whole, record: Whole) -> dict[int, str]:
        at = self.layout.blocks[0].currency
        if at is None or self.layout.form == "wide":
            return {}
        codes, texts = encoded(self.columns[at])
        pairs = np.unique(np.stack([who, codes[record]]), axis=1).T.tolist()
        said: dict[int, set[str]] = {}
        for row, code in pairs:
            said.setdefault(row, set()).update({str(texts[code])} if code >= 0 else ())
        return {row: "/".join(sorted(words)) for row, words in said.items()}

    # what is wrong

    def _refuse_days(self, unread: Unread, record: Whole, close: Floats) -> npt.NDArray[np.bool_]:
        """Note the days that are none; which rows may stay."""
        keep = np.ones(len(record), bool)
        alone = self.layout.form != "long"
        for place, text in unread:
            keep[place] = False
            # A note below the prices has neither a day nor a close.
            if not (alone and np.isnan(close[place])):
                self._unread.append((int(record[place]), self.layout.date, text))
        return keep

    def _named_problems(self, who: Whole, record: Whole) -> dict[int, str]:
        """Cells that could not be read, by their line; those of splits are told otherwise."""
        layout = self.layout
        splits = {one.splits for one in self.block.values()} - {None}
        told = {one[0]: one[2] for one in self._unread if one[1] in splits}
        unread = sorted({one for one in self._unread if one[1] not in splits})
        lines = layout.table.lines([one[0] for one in unread], layout.header)
        seen: Counter[tuple[str, int]] = Counter()
        for place, at, text in unread:
            name, text = layout.names[at] or str(at + 1), printable(text)
            message, remedy = number_fault(text)
            if at == layout.date:
                message = "not a date" if text.strip() else "no date"
                remedy = "write YYYY-MM-DD"
                if _WRITTEN_DAY.fullmatch(text.strip()):
                    remedy = "no such day from 1900 to 2199: mend the row or leave it out"
            elif "\ufffd" in text:
                message, remedy = "the bytes are no UTF-8", "save the file as 'CSV UTF-8'"
            seen[message, at] += 1
            if seen[message, at] <= _SHOWN:
                self.problems.append(
                    Problem(message, remedy, layout.table.label, lines.get(place), name, text)
                )
        self.problems += [
            Problem(
                f"{message}: {counted(times - _SHOWN, 'more row')}",
                "",
                layout.table.label,
                None,
                layout.names[at] or str(at + 1),
            )
            for (message, at), times in seen.items()
            if times > _SHOWN
        ]
        here = np.flatnonzero(np.isin(record, list(told))) if told else ()
        return {int(who[at]): told[int(record[at])] for at in here}

    def _refuse_odd_rows(self) -> None:
        """Rows with too few or too many fields, where they are about somebody who was asked for."""
        layout, width = self.layout, self.layout.table.width
        for line, cells in self.odd:
            if not any(cell.strip() for cell in cells[width:]) and len(cells) > width:
                message = f"{len(cells)} fields where the header names {width}, the last empty"
            else:
                message = f"{counted(len(cells), 'field')} where the header names {width}"
            if layout.symbol is not None:
                said = cells[layout.symbol] if layout.symbol < len(cells) else ""
                wanted = bool(self.wish.asked.rows(printable(said))) or len(cells) <= layout.symbol
            else:
                wanted = is_day(cells[layout.date]) if layout.date < len(cells) else False
            if wanted:
                remedy = (
                    "complete or remove the row"
                    if len(cells) < width
                    else f"put text that holds a {layout.table.delimiter!r} in quotes"
                )
                self.problems.append(Problem(message, remedy, layout.table.label, line))

    def _refuse_returns(self, who: Whole, day: Whole, close: Floats) -> None:
        """A column of returns is none of prices, whatever it is called."""
        layout = self.layout
        # All numbers of a long table stand in one column: one instrument tells.
        rows = list(self.block) if layout.form == "wide" else who[:1].tolist()
        for row in rows:
            mine = np.flatnonzero(who == row)
            mine = mine[np.argsort(day[mine], kind="stable")]
            what = _returns(close[mine])
            if what:
                at = self.wish.column(
                    layout, self.block[row], is_index=bool(self.wish.asked.is_index[row])
                )
                self.problems.append(
                    Problem(
                        f"the column holds returns, not prices: {what}",
                        "give a table of closes"
                        if layout.form == "wide"
                        else "name the column of the closes: --close COLUMN (close=)",
                        layout.table.label,
                        None,
                        None if at is None else layout.names[at],
                    )
                )
                return


def _returns(close: Floats) -> str:
    """Why closes in order of their days are none; empty where they may be."""
    told = close[np.isfinite(close)]
    if len(told) < _ENOUGH:
        return ""
    below = float(np.mean(told < 0))
    if below >= _RETURNS:
        return f"{below:.0%} of them are below zero"
    if (told <= 0).any():
        return ""
    step = np.abs(np.diff(np.log(told)))
    if float(np.median(step)) > _WILD:
        away = min(float(np.expm1(min(np.median(step), 7.0))), 10.0)
        return f"half of them are {away:.0%} or more away from the one before"
    # 1 + r: around 1, and the next says nothing of the one before; a price is near the last one.
    around = abs(told.mean() - 1.0) < _AROUND and told.min() > 0.5 and told.max() < 1.5
    distinct = len(np.unique(told)) > 0.9 * len(told)
    if around and distinct and np.mean(np.diff(told) ** 2) > _NOISE * told.var():
        return "they scatter around 1"
    return ""


def symbols_of_single(layout: Layout) -> list[str]:
    """Names that may say whose prices a table without symbols holds, the surest first."""
    titles = [
        word
        for cells in layout.table.head[: layout.header - 1]
        for cell in cells
        for word in cell.split()
    ]
    return [layout.table.stem, *titles]


def _mark_of(layout: Layout) -> DecimalMark | None:
    """What stands before a fraction, as the first rows tell; no comma where commas part fields."""
    if layout.table.delimiter == ",":
        return "."
    if layout.table.kind == "Parquet":
        return None  # its numbers are none of text; where they are, the column tells, or nobody
    words = {layout.date, layout.symbol}
    rows = layout.table.sample(layout.header)
    return decimal_mark(cell for row in rows for at, cell in enumerate(row) if at not in words)


def _ids(asked: AskedSymbols, rows: Sequence[int]) -> str:
    return " and ".join(asked.instruments[row].id for row in rows)
