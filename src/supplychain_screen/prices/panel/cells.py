"""Many cells of a panel read at once: single days of many rows, or stretches of days.

How a panel keeps the age of a close is nobody's business outside: these readers hand out closes,
sessions and ages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.panel.price_panel import NO_CLOSE

if TYPE_CHECKING:
    from supplychain_screen.prices.panel.price_panel import PricePanel

__all__ = ["NO_AGE", "NO_DAY", "CellReader", "DaySlices"]

NO_AGE = np.int16(np.iinfo(np.int16).max)
"""Age of a close that does not exist: older than any limit."""

NO_DAY = np.int32(np.iinfo(np.int32).min)
"""Session of a close that does not exist."""

Ages = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]

_LOW = np.uint32(0xFFFF)
_HIGH = np.uint32(16)


class CellReader:
    """Reads the as-of closes of many cells into the caller's arrays; for one thread.

    Parameters
    ----------
    panel : PricePanel
    size : int
        Most cells a read; the memory between is made once.

    Notes
    -----
    A cell is the place ``start`` of its row in the flat grid (row times days) plus a column. A
    cell outside the grid reads something: name it in ``unread``.
    """

    def __init__(self, panel: PricePanel, size: int) -> None:
        self._panel = panel
        self._close, self._stamp = panel.close.ravel(), panel.stamp.ravel()
        self._cell = np.empty(size, np.int64)
        self._found = np.empty(size, np.uint32)
        self._low = np.empty(size, np.uint32)
        self._missing = np.empty(size, np.bool_)

    def as_of(
        self,
        start: npt.NDArray[np.int64],
        column: Ints,
        unread: Flags | None,
        close: Floats,
        session: Ints,
        age: Ages,
    ) -> None:
        """Write the last close on or before each day, its session and its age.

        Parameters
        ----------
        start, column : ndarray of int, shape (n,)
        unread : ndarray of bool, shape (n,), or None
            Cells that are not read and have no close.
        close, session, age : ndarray, shape (n,)
            Written: the close or NaN, the day number of its session or ``NO_DAY``, the exchange's
            sessions since it or ``NO_AGE``.
        """
        n = column.size
        cell, found, low = self._cell[:n], self._found[:n], self._low[:n]
        np.add(start, column, out=cell)
        np.take(self._stamp, cell, out=found, mode="clip")
        np.take(self._close, cell, out=close, mode="clip")
        if unread is not None:
            np.putmask(found, unread, NO_CLOSE)
            np.putmask(close, unread, np.nan)
        np.bitwise_and(found, _LOW, out=low)
        np.subtract(column, low.view(np.int32), out=session)
        np.add(session, np.int32(self._panel.first_day), out=session)
        # Where there is no close the grid has NaN, and 15 bits of its stamp are NO_AGE.
        np.right_shift(found, _HIGH, out=low)
        np.bitwise_and(low, np.uint32(NO_AGE), out=low)
        np.copyto(age, low, casting="unsafe")
        missing = self._missing[:n]
        np.equal(found, NO_CLOSE, out=missing)
        np.putmask(session, missing, NO_DAY)

    def following(
        self,
        start: npt.NDArray[np.int64],
        column: Ints,
        latest: int,
        unread: Flags | None,
        close: Floats,
        session: Ints,
        age: Ages,
    ) -> None:
        """Write the first close on or after each day; as :meth:`as_of`, looking forward.

        Parameters
        ----------
        latest : int
            Last column that is known: a session after it is none, whatever the panel holds.
        """
        n, panel = column.size, self._panel
        cell, found = self._cell[:n], self._found[:n]
        np.add(start, column, out=cell)
        np.take(panel.ahead.ravel(), cell, out=found, mode="clip")
        missing = found == NO_CLOSE
        found[missing] = 0
        at = column + (found & _LOW).astype(np.int32)
        missing |= at > latest
        if unread is not None:
            missing |= unread
        at = np.minimum(at, np.int32(panel.n_days - 1))
        np.take(self._close, start + at, out=close, mode="clip")
        np.add(at, np.int32(panel.first_day), out=session)
        age[:] = found >> _HIGH
        close[missing] = np.nan
        session[missing] = NO_DAY
        age[missing] = NO_AGE

    def known(self, start: npt.NDArray[np.int64], column: Ints) -> Flags:
        """True where there is a close on or before the day, shape (n,)."""
        known: Flags = np.take(self._stamp, start + column, mode="clip") != NO_CLOSE
        return known


@dataclass(frozen=True, slots=True)
class DaySlices:
    """Consecutive days of many rows of a panel, all of one width.

    Parameters
    ----------
    panel : PricePanel
    cell : ndarray of intp, shape (n,)
        Place of the first day in the flat grid.
    lead : ndarray of intp, shape (n,)
        Days before the first one that was asked for: the last slices of the last row start
        early, since no slice runs over the end of the grid.
    length : ndarray of intp, shape (n,)
        Days that were asked for.
    width : int
        Days that are read; those that were not asked for mean nothing.
    """

    panel: PricePanel
    cell: Places
    lead: Places
    length: Places
    width: int

    @classmethod
    def cut(cls, panel: PricePanel, start: Places, length: Places) -> DaySlices:
        """Slices of ``length`` days from the places ``start`` of the flat grid on."""
        width = int(length.max(initial=0))
        cell = np.minimum(start, panel.close.size - width)
        return cls(panel, cell, start - cell, length, width)

    def closes(self) -> Floats:
        """As-of close of each day, shape (n, width)."""
        return self._read(self.panel.close)

    def days_since(self) -> npt.NDArray[np.uint32]:
        """Calendar days since the session of each day's close, shape (n, width).

        A day on or before which there is no close is 65,535 days old.
        """
        since: npt.NDArray[np.uint32] = self._read(self.panel.stamp) & _LOW
        return since

    def sessions(self) -> Flags:
        """True for the days that are sessions of the row itself, shape (n, width)."""
        session: Flags = self.days_since() == 0
        return session

    def inside(self) -> Flags:
        """True for the days that were asked for, shape (n, width)."""
        day = np.arange(self.width)
        within: Flags = day < (self.lead + self.length)[:, None]
        if self.lead.any():
            within &= day >= self.lead[:, None]
        return within

    def _read(self, grid: npt.NDArray[Any]) -> npt.NDArray[Any]:
        flat = np.asarray(grid).ravel()
        # Whole slices are copied at once: several times as fast as reading cell by cell.
        copied: npt.NDArray[Any] = np.lib.stride_tricks.sliding_window_view(flat, self.width)[
            self.cell
        ]
        return copied
