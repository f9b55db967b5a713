"""Calls scored over Spark frames, in the very numbers of one machine.

::

    score_calls_on_spark()    calls x a saved panel that every worker opens
    score_calls_by_listing()  calls x prices that live in a lake, brought together by listing

Each batch passes through Arrow into ``score_calls``, and the other columns of the calls pass
untouched, so no number here is computed in another way. Spark's types: categories are strings,
sessions are dates, ages are smallint; what is missing is null, which Arrow and pandas read back
as NaN and NaT.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd
import pyarrow as pa

from supplychain_screen.errors import CallsError, PriceFileError, Problem
from supplychain_screen.prices.panel import PricePanel, panel_from_columns
from supplychain_screen.scoring.calls import score_calls
from supplychain_screen.scoring.spark.schemas import (
    DAYS,
    Columns,
    Conventions,
    arrow_only,
    beside,
    check_frame,
    need_spark,
    schema_with,
    seen_by_driver,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame

    from supplychain_screen.research import RatingStandard
    from supplychain_screen.scoring.measurement import SuspectDays

__all__ = ["no_calls", "score_calls_by_listing", "score_calls_on_spark"]

_CALLS = {"listing": ("string",), "published": DAYS}


def score_calls_on_spark(
    calls: SparkFrame,
    panel: str | Path,
    standard: RatingStandard,
    *,
    as_of: date | None = None,
    suspects: SuspectDays | None = None,
    **conventions: Unpack[Conventions],
) -> SparkFrame:
    """One row a call, as ``score_calls`` has it, from a panel that every worker opens.

    Parameters
    ----------
    calls : Spark DataFrame
        Columns ``listing`` (string) and ``published`` (date, or a timestamp, which counts as its
        day in the session's time zone); all others are carried along as they are.
    panel : str or Path
        Folder of a saved panel on storage that driver and workers see under the same path; or
        ``name`` of one that was shipped by ``SparkContext.addArchive("panel.zip#name")``.
    standard, as_of, suspects, **conventions
        As in :func:`~supplychain_screen.scoring.calls.score_calls`.

    Returns
    -------
    Spark DataFrame
        The columns of ``calls``, then those of ``score_calls``, each partition in the order of
        its calls. Nothing runs before an action asks for it.

    Raises
    ------
    CallsError
        A column is missing, of another type, or has the name of a result; ``as_of`` lies outside
        the panel. Raised before any job starts, as are the next two.
    StoreError
        No panel lies there, or it is damaged. A worker that sees none, or another than the
        driver saw when this was called, fails the job and says so.
    MissingExtraError
        pyspark is not installed.
    """
    check_frame(calls, "calls", _CALLS)
    folder, opened = seen_by_driver(panel)
    nothing = score_calls(
        no_calls(), opened, standard, as_of=as_of, suspects=suspects, **conventions
    )

    def work(part: pa.RecordBatch) -> Columns:
        return _results(
            score_calls(
                _asked(part),
                folder.open(),
                standard,
                as_of=as_of,
                suspects=suspects,
                **conventions,
            )
        )

    return beside(calls, work, _results(nothing))


def score_calls_by_listing(
    calls: SparkFrame,
    prices: SparkFrame,
    standard: RatingStandard,
    *,
    first: date,
    as_of: date,
    **conventions: Unpack[Conventions],
) -> SparkFrame:
    """One row a call, from prices that live in a lake and need not fit any one machine.

    Parameters
    ----------
    calls : Spark DataFrame
        As in :func:`score_calls_on_spark`.
    prices : Spark DataFrame
        Columns ``listing``, ``date``, ``close`` and perhaps ``volume``, one row a listing and
        session, the closes of the standard's indices among them.
    standard : RatingStandard
    first : date
        First day on which a call is measured. Earlier rows serve as the last close of the first
        days.
    as_of : date
        Last day that is known; later rows are not read.
    **conventions
        As in :func:`~supplychain_screen.scoring.calls.score_calls`.

    Returns
    -------
    Spark DataFrame
        The rows of ``score_calls(calls, panel, standard)`` with ``panel =
        panel_from_frame(prices, indices=standard.indices, first=first, last=as_of)``, in no
        order.

    Raises
    ------
    CallsError
        As in :func:`score_calls_on_spark`, or ``first`` lies after ``as_of``.
    PriceFileError
        A column of prices is missing, or the closes of an index cannot be used. Closes of a
        listing that cannot be used fail the job, in the same words.
    MissingExtraError
        pyspark is not installed.

    Notes
    -----
    One small job runs at once: it collects the closes of the indices, which every task gets
    whole. Calls and prices are then grouped together by listing, so a task holds the closes and
    the calls of one listing at a time. Behind the end of an exchange's calendar a session is then
    what its benchmark shows: the other listings are not at hand.
    """
    check_frame(calls, "calls", _CALLS)
    if first > as_of:
        raise CallsError(Problem("first lies after as_of", "swap them", value=str(first)))
    nothing = _results(
        score_calls(no_calls(), _panel_of({}, standard, first, as_of), standard, **conventions)
    )
    schema = schema_with(calls, nothing)
    known = _known_prices(prices, as_of)
    collected = known.where(known["listing"].isin([one.id for one in standard.indices])).toArrow()
    named = np.asarray(collected["listing"].to_pylist(), object)
    books = {one.id: collected.filter(pa.array(named == one.id)) for one in standard.indices}
    # For its errors: they would else come from the workers.
    _panel_of(books, standard, first, as_of)

    def work(key: tuple[pa.Scalar, ...], part: pa.Table, book: pa.Table) -> pa.Table:
        found = nothing
        if part.num_rows:
            listing = str(key[0].as_py())
            benchmarks = standard.benchmarks_of(listing)[:1]
            held = {listing: book} | {one.id: books[one.id] for one in benchmarks}
            panel = _panel_of(held, standard, first, as_of)
            found = _results(score_calls(_asked(part), panel, standard, **conventions))
        return pa.table([*part.columns, *found.values()], names=[*part.column_names, *found])

    grouped = calls.groupBy("listing").cogroup(known.groupBy("listing"))
    with arrow_only():
        return grouped.applyInArrow(work, schema)


def no_calls() -> pd.DataFrame:
    """A frame of no calls: scoring it raises whatever concerns the whole, and names the results."""
    published = pd.Series([], dtype="datetime64[s]")
    return pd.DataFrame({"listing": pd.Series([], dtype="str"), "published": published})


def _asked(part: pa.RecordBatch | pa.Table) -> pd.DataFrame:
    """Listing and publication only: what is carried along never becomes a pandas column."""
    published = part["published"].to_pandas(date_as_object=False)
    return pd.DataFrame({"listing": part["listing"].to_pandas(), "published": published})


def _results(scored: pd.DataFrame) -> Columns:
    """What was found, as Arrow columns; NaN, NaT and "no category" become null."""
    found = {}
    for name in scored.columns[len(_CALLS) :]:
        values = scored[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            found[name] = pa.array(values.array).cast(pa.string())
        elif values.dtype.kind == "M":
            days = values.to_numpy().astype("datetime64[D]")
            found[name] = pa.array(days, pa.date32(), from_pandas=True)
        else:
            found[name] = pa.array(values.to_numpy(), from_pandas=True)
    return found


def _known_prices(prices: SparkFrame, as_of: date) -> SparkFrame:
    need_spark(prices, "prices")
    types = {"listing": "string", "date": "date", "close": "double", "volume": "double"}
    given = [name for name in types if name in prices.columns]
    missing = [name for name in ("listing", "date", "close") if name not in given]
    if missing:
        raise PriceFileError(
            [Problem("column is missing", "add it", column=name) for name in missing]
        )
    known = prices.select(*(prices[name].cast(types[name]).alias(name) for name in given))
    return known.where(known["listing"].isNotNull() & (known["date"] <= as_of))


def _panel_of(
    held: Mapping[str, pa.Table], standard: RatingStandard, first: date, as_of: date
) -> PricePanel:
    """As ``panel_from_frame`` builds it: whoever has no row of prices is not in it."""
    held = {name: book for name, book in held.items() if book.num_rows}
    if not held:
        return PricePanel.build((), (), first, as_of)
    table = pa.concat_tables(held.values())
    return panel_from_columns(
        list(held),
        np.repeat(np.arange(len(held)), [book.num_rows for book in held.values()]),
        table["date"].to_numpy().astype("datetime64[D]"),
        table["close"].to_numpy(),
        table["volume"].to_numpy() if "volume" in table.column_names else None,
        indices=standard.indices,
        first=first,
        last=as_of,
    )
