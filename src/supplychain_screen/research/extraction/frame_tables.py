"""A frame of pandas, Polars, Arrow or DuckDB becomes one table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research.extraction.documents import Cell, Place, Table
from supplychain_screen.research.extraction.reading_limits import ReadingLimits
from supplychain_screen.research.extraction.workbooks import cell_text

__all__ = ["frame_table"]


def frame_table(frame: Any, label: str, limits: ReadingLimits) -> Table:
    """The names of the columns and the rows below as a table; a named index is a column too.

    Raises
    ------
    InputError
        No frame, without rows, with two columns of one name, or too large.
    """
    import narwhals as nw

    _refuse_equal_names(frame)
    if hasattr(frame, "reset_index") and any(frame.index.names):
        frame = frame.reset_index()
    try:
        whole = nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        remedy = "give a path, a text, or a frame of pandas, Polars or Arrow"
        raise InputError(Problem(f"a {kind} is no report", remedy)) from None
    if isinstance(whole, nw.LazyFrame):
        whole = whole.head(limits.cells + 1).collect()
    names = [str(name) for name in whole.columns]
    if not len(whole) or not names:
        raise InputError(Problem("the frame holds no row", "give the table of companies"))
    limits.hold_cells(len(names) * (len(whole) + 1), label)
    rows = [
        [cell_text(name) for name in names],
        *([cell_text(_plain(one)) for one in row] for row in whole.iter_rows()),
    ]
    return Table(
        tuple(
            tuple(
                Cell(text, Place(label, row=at, column=column))
                for column, text in enumerate(row, start=1)
            )
            for at, row in enumerate(rows, start=1)
        ),
        Place(label),
    )


def _refuse_equal_names(frame: Any) -> None:
    """Two columns of one name would be one of them, and nobody knows which."""
    if hasattr(frame, "reset_index"):
        named: Any = [*getattr(frame, "columns", ()), *filter(None, frame.index.names)]
    elif hasattr(frame, "collect_schema"):  # Polars holds none, and a lazy one is not asked
        return
    else:
        named = getattr(frame, "column_names", None) or getattr(frame, "columns", ())
    if not isinstance(named, list | tuple):
        return
    names = [str(one) for one in named]
    twice = [one for one, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            Problem("two columns have one name", "rename or drop one", "frame", column=twice[0])
        )


def _plain(value: Any) -> object:
    """A value of any library as Python's own; a missing one as None."""
    if hasattr(value, "as_py"):
        return value.as_py()
    return None if str(value) in ("nan", "NaT", "<NA>", "None") else value
