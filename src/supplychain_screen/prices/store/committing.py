"""From decisions to rows, and the order in which they are committed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from supplychain_screen.errors import StoreError
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store.acceptance import Decision, Restatement
from supplychain_screen.prices.store.sums import rows_sum
from supplychain_screen.prices.store.tables import SCHEMAS, Tables

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

__all__ = [
    "Batch",
    "FailedFetch",
    "batch_of",
    "change_in_id",
    "failures_table",
    "sum_in_id",
    "write_prices",
]

SUMMED_ID, REFUSED_ID = "b", "r"
"""Beginning of the last part of an id of a fetch; older ids end in chance alone."""


@dataclass(frozen=True, slots=True)
class FailedFetch:
    """One request that brought no answer, for the record.

    Parameters
    ----------
    listing, source, symbol : str
        Who was asked for, where, under which name.
    fetched_at : datetime
        When (aware, UTC).
    reason : str
        Name of the fault, for example ``symbol_not_found``.
    detail : str
        What the source said.
    attempts : int
        Requests made.
    asked_first : date
        First day asked for.
    """

    listing: str
    source: str
    symbol: str
    fetched_at: datetime
    reason: str
    detail: str
    attempts: int
    asked_first: date


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Everything that one commit writes, under one id.

    Parameters
    ----------
    fetch : str
        Id of the rows: the time of the newest answer, a count, then ``b`` with the hash of the
        rows and chance. An answer that was kept out because it changes the past has an id of its
        own in ``fetches``, which ends in ``r`` and how it does.
    bars, events, fetches : pyarrow.Table
        Rows in the columns of the store's tables.
    """

    fetch: str
    bars: pa.Table
    events: pa.Table
    fetches: pa.Table


def batch_of(decisions: Sequence[Decision], known: Iterable[str] = ()) -> Batch:
    """The rows of some decisions, sorted by listing.

    Parameters
    ----------
    decisions : sequence of Decision
        At most one a listing.
    known : iterable of str
        Ids of the fetches that the decisions looked at; the new one sorts after all of them.

    Returns
    -------
    Batch
        A quarantined answer is a row of ``fetches`` alone.
    """
    decisions = sorted(decisions, key=lambda one: one.history.listing)
    begin = _id_after(max(one.history.fetched_at for one in decisions), known)
    counts = [int(np.count_nonzero(one.rows)) if one.accepted else 0 for one in decisions]
    bars, events = _bars(decisions, counts), _events(decisions)
    fetch = f"{begin}-{SUMMED_ID}{rows_sum(bars, events)}{uuid.uuid4().hex[:8]}"
    names = [
        fetch if one.change is None else f"{begin}-{REFUSED_ID}{one.change.to_text()}"
        for one in decisions
    ]
    return Batch(
        fetch,
        _of_fetch(bars, fetch).cast(_coded(SCHEMAS["bars"])),
        _of_fetch(events, fetch).cast(SCHEMAS["events"]),
        _fetches(decisions, counts, names),
    )


def sum_in_id(fetch: str) -> str | None:
    """The hash of a batch's rows that its id carries; None for an older id."""
    last = fetch.rpartition("-")[2]
    return last[1:17] if last.startswith(SUMMED_ID) and len(last) == 25 else None


def change_in_id(fetch: str) -> Restatement | None:
    """How an answer that was kept out changes the past, which its id tells; else None."""
    last = fetch.rpartition("-")[2]
    with suppress(ValueError):
        return Restatement.from_text(last[1:]) if last.startswith(REFUSED_ID) else None
    return None


def _of_fetch(rows: pa.Table, fetch: str) -> pa.Table:
    codes = pa.array(np.zeros(rows.num_rows, np.int32))
    return rows.append_column("fetch", pa.DictionaryArray.from_arrays(codes, pa.array([fetch])))


def _id_after(newest: datetime, known: Iterable[str]) -> str:
    """``20250604T080000-000001``: of two answers of one moment the later stored counts."""
    last = max(known, default="")
    at = f"{newest:%Y%m%dT%H%M%S}"
    number = 0
    if last >= at:
        at, count, _ = last.split("-")
        number = int(count) + 1
    return f"{at}-{number:06d}"


def write_prices(tables: Tables, batch: Batch) -> AddAction:
    """Write the rows that nobody sees yet: bars and events, each atomically.

    Returns
    -------
    AddAction
        The file of the verdict, written meanwhile; :meth:`Tables.commit` makes the batch count.

    Raises
    ------
    StoreError
        They could not be written. Rows that were are orphans, ignored by every reader.
    """
    with ThreadPoolExecutor(1) as beside:
        # The verdict's file takes as long as the bars, and does not need them.
        verdict = beside.submit(tables.write, "fetches", batch.fetches)
        try:
            if batch.bars.num_rows:
                tables.append("bars", batch.bars)
            if batch.events.num_rows:
                tables.append("events", batch.events)
        except StoreError:
            if verdict.exception() is None:
                tables.discard("fetches", verdict.result())
            raise
        return verdict.result()


def _bars(decisions: Sequence[Decision], counts: Sequence[int]) -> pa.Table:
    writing = [(one, n) for one, n in zip(decisions, counts, strict=True) if n]
    # mostly all rows of an answer are written, or none; then nothing needs to be picked out
    whole = all(n == len(one.rows) for one, n in writing)
    ids = pa.array([one.history.listing for one, _ in writing], pa.string())
    codes = np.repeat(np.arange(len(writing), dtype=np.int32), [n for _, n in writing])

    def joined(name: str, dtype: str) -> np.ndarray:
        columns = [getattr(one.history, name) for one, _ in writing]
        if not whole:
            picks = zip(columns, (one.rows for one, _ in writing), strict=True)
            columns = [column[rows] for column, rows in picks]
        return _joined(columns, dtype)

    table: dict[str, pa.Array] = {
        "listing": pa.DictionaryArray.from_arrays(pa.array(codes), ids),
        "session": pa.array(joined("sessions", "M8[D]")),
    }
    for name in ("open", "high", "low", "close", "volume"):
        # NaN means "unknown" here, which other programs know as null
        table[name] = pa.array(joined(name, "f8"), from_pandas=True)
    return pa.table(table)


def _events(decisions: Sequence[Decision]) -> pa.Table:
    listing: list[str] = []
    kinds: list[str] = []
    days: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for one in decisions:
        events: tuple[tuple[str, Events], ...] = (
            ("dividend", one.dividends),
            ("split", one.splits),
        )
        for kind, of_kind in events:
            if one.accepted and len(of_kind):
                listing += [one.history.listing] * len(of_kind)
                kinds += [kind] * len(of_kind)
                days.append(of_kind.sessions)
                values.append(of_kind.values)
    return pa.table(
        {
            "listing": pa.array(listing, pa.string()),
            "session": pa.array(_joined(days, "M8[D]")),
            "kind": pa.array(kinds, pa.string()),
            "value": pa.array(_joined(values, "f8")),
        }
    )


def _fetches(
    decisions: Sequence[Decision], counts: Sequence[int], names: Sequence[str]
) -> pa.Table:
    histories = [one.history for one in decisions]
    rows: dict[str, Sequence[object]] = {
        "fetch": names,
        "outcome": [one.outcome for one in decisions],
        "reason": [one.reason or None for one in decisions],
        "detail": [one.detail or None for one in decisions],
        "last_session": _last_sessions(histories),
        "bars": counts,
        "events": [
            len(one.splits) + len(one.dividends) if one.accepted else 0 for one in decisions
        ],
    }
    for name in SCHEMAS["fetches"].names:
        if name not in rows:
            rows[name] = [getattr(one, name) for one in histories]
    return _table(rows)


def _table(rows: Mapping[str, Sequence[object]]) -> pa.Table:
    """Rows of ``fetches`` from a sequence a column."""
    schema = SCHEMAS["fetches"]
    return pa.table({name: _array(rows[name], schema.field(name).type) for name in schema.names})


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """As pyarrow makes it, but quickly where a whole batch says the same."""
    if len(values) > 1 and values[0] is not None:
        first = values[0]
        if all(one is first or one == first for one in values):
            if pa.types.is_string(kind):
                none = np.zeros(len(values), np.int32)
                return pa.DictionaryArray.from_arrays(none, pa.array([first], kind))
            return pa.repeat(pa.scalar(first, kind), len(values))
    return pa.array(values, kind)


def failures_table(failures: Sequence[FailedFetch]) -> pa.Table:
    """Failed requests as rows of ``fetches``."""
    rows: dict[str, Sequence[object]] = {
        name: [None] * len(failures) for name in SCHEMAS["fetches"].names
    }
    for name in ("listing", "source", "symbol", "fetched_at", "reason", "detail"):
        rows[name] = [getattr(one, name) for one in failures]
    rows["attempts"] = [one.attempts for one in failures]
    rows["asked_first"] = [one.asked_first for one in failures]
    rows["outcome"] = ["failed"] * len(failures)
    rows["fetch"] = [""] * len(failures)
    return _table(rows)


def _last_sessions(histories: Sequence[FetchedHistory]) -> list[date | None]:
    found = np.full(len(histories), "NaT", "M8[D]")
    for at, one in enumerate(histories):
        if len(one.close) and one.close[-1] == one.close[-1]:
            found[at] = one.sessions[-1]
        elif (known := np.flatnonzero(np.isfinite(one.close))).size:
            found[at] = one.sessions[known[-1]]
    days: list[date | None] = found.astype(object).tolist()
    return days


def _joined(parts: Sequence[np.ndarray], dtype: str) -> np.ndarray:
    return np.concatenate(parts) if parts else np.array([], dtype=dtype)


def _coded(schema: pa.Schema) -> pa.Schema:
    """The schema with its long columns of few texts as dictionaries, which are written faster."""
    for name in ("listing", "fetch"):
        at = schema.get_field_index(name)
        field = schema.field(at)
        schema = schema.set(at, field.with_type(pa.dictionary(pa.int32(), pa.string())))
    return schema
