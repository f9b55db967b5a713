"""Judging answers against the store, and committing what was accepted, all or none.

The verdict is committed only if nobody else committed one since the stored series was read
(optimistic concurrency); a writer that loses the race looks again, and judges anew where the
other one stored the same listing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from supplychain_screen.errors import StoreError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store.acceptance import Decision, Restatement, StoredHistory, judge
from supplychain_screen.prices.store.committing import batch_of, change_in_id, write_prices
from supplychain_screen.prices.store.fetch_log import (
    FEW_LISTINGS,
    FetchLog,
    any_simulated,
    read_log,
)
from supplychain_screen.prices.store.reading import dates, read_bars, read_events
from supplychain_screen.prices.store.scanning import scan
from supplychain_screen.prices.store.tables import ConflictError, Tables

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

__all__ = ["add_answers", "stored_histories"]

_ATTEMPTS = 50
"""Lost races before giving up; each one means that another writer got through."""

Known = Mapping[tuple[str, str], StoredHistory]


def add_answers(
    tables: Tables,
    answers: Sequence[FetchedHistory],
    instruments: Sequence[Instrument],
    accept_restated: Collection[str] = (),
    *,
    fetched: bool = True,
) -> tuple[Decision, ...]:
    """Judge and store; see :meth:`supplychain_screen.prices.store.price_store.PriceStore.add`.

    ``fetched`` is False for a file: reading it once more is no second answer of its source.

    Raises
    ------
    StoreError
        Nothing could be written, or simulated and real prices would mix.
    ValueError
        Two answers are for the same listing, or one is for none of ``instruments``.
    """
    of = {instrument.id: instrument for instrument in instruments}
    ids = [answer.listing for answer in answers]
    if len(set(ids)) < len(ids) or not set(ids) <= of.keys():
        raise ValueError("one answer a listing, and an instrument for each")
    if not answers:
        return ()
    if not tables.exists():
        tables.create()
    for attempt in range(_ATTEMPTS):
        # the verdict is committed only at the version after the one that is read here
        tables.refresh("fetches", "bars")
        _check_kind(tables, answers)
        log = _log(tables, ids)
        known = _known(tables, log, answers)
        decisions = _judged(answers, known, of, accept_restated)
        changing = [one.history.listing for one in decisions if one.change is not None]
        if fetched and changing:
            refused = _refusals(tables, changing)
            again = {
                key: replace(held, refused=refused.get(key, ())) for key, held in known.items()
            }
            decisions = _judged(answers, again, of, accept_restated)
        batch = batch_of(decisions, (one for held in known.values() for one in held.fetches))
        verdict = write_prices(tables, batch)
        if _committed(tables, verdict, known):
            return decisions
        tables.discard("fetches", verdict)
        time.sleep(0.002 * attempt)
    raise StoreError(
        f"{tables.location} is being written by others all the time; "
        "run the update again when they are done",
        path=tables.location,
    )


def _judged(
    answers: Sequence[FetchedHistory],
    known: Known,
    of: Mapping[str, Instrument],
    accept_restated: Collection[str],
) -> tuple[Decision, ...]:
    return tuple(
        judge(
            answer,
            known[answer.source, answer.listing],
            of[answer.listing],
            accept_restated=answer.listing in accept_restated,
        )
        for answer in answers
    )


def _refusals(
    tables: Tables, listings: Sequence[str]
) -> dict[tuple[str, str], list[tuple[datetime, Restatement]]]:
    """Answers kept out since the last accepted one because they change the past, by source."""
    names = ["listing", "source", "fetch", "fetched_at", "outcome"]
    rows = scan(tables, "fetches", names, wanted=sorted(listings), coded=False)
    rows = rows.filter(pc.is_in(rows.column("listing"), pa.array(listings, pa.string())))
    found: dict[tuple[str, str], list[tuple[datetime, Restatement]]] = {}
    order = [("fetched_at", "ascending"), ("fetch", "ascending")]
    for row in rows.sort_by(order).to_pylist():
        key = row["source"], row["listing"]
        if row["outcome"] == "accepted":
            found.pop(key, None)
        elif (change := change_in_id(row["fetch"])) is not None:
            found.setdefault(key, []).append((row["fetched_at"], change))
    return found


def stored_histories(
    tables: Tables, log: FetchLog, listings: Sequence[str], source: str
) -> dict[str, StoredHistory]:
    """What the store holds of some listings from one source, as traded.

    Parameters
    ----------
    tables : Tables
    log : FetchLog
        Of these listings at least.
    listings : sequence of str
    source : str

    Returns
    -------
    dict of str to StoredHistory
        One for each id.
    """
    found = {one: StoredHistory(one, source) for one in listings}
    selection = log.select(listings, source=source)
    bars = read_bars(tables, selection)
    events = read_events(tables, selection)
    nothing = np.array([], np.float64)
    for one, served in selection.served.items():
        days, columns = bars.days(one) if one in bars else (np.array([], np.int32), {})
        splits, dividends = events.get(one, (Events.of(), Events.of()))
        found[one] = StoredHistory(
            listing=one,
            source=source,
            sessions=dates(days),
            close=columns.get("close", nothing),
            volume=columns.get("volume", nothing),
            splits=splits,
            dividends=dividends,
            adjustment=served.adjustment,
            asked_first=selection.first_asked(one),
            last_session=served.last_session,
            fetches=tuple(selection.ranks(one)),
        )
    return found


def _log(tables: Tables, listings: Sequence[str]) -> FetchLog:
    return read_log(tables, listings=listings if len(listings) <= FEW_LISTINGS else None)


def _known(tables: Tables, log: FetchLog, answers: Sequence[FetchedHistory]) -> Known:
    known: dict[tuple[str, str], StoredHistory] = {}
    for source in sorted({answer.source for answer in answers}):
        ids = [answer.listing for answer in answers if answer.source == source]
        for one, history in stored_histories(tables, log, ids, source).items():
            known[source, one] = history
    return known


def _committed(tables: Tables, verdict: AddAction, known: Known) -> bool:
    """False where another writer stored one of the listings first: judge anew."""
    # The rows written for the lost verdict stay orphans.
    while True:
        try:
            tables.commit("fetches", verdict, guard=True)
        except ConflictError:
            tables.table("fetches")
            log = _log(tables, [listing for _, listing in known])
            for (source, one), history in known.items():
                if tuple(log.select([one], source=source).ranks(one)) != history.fetches:
                    return False
        else:
            return True


def _check_kind(tables: Tables, answers: Sequence[FetchedHistory]) -> None:
    """Simulated prices need a store of their own: nothing else could tell them apart."""
    kinds = {answer.simulated for answer in answers} | {any_simulated(tables)}
    if {True, False} <= kinds:
        raise StoreError(
            f"{tables.location} would mix simulated prices with real ones; "
            "give simulated prices a store of their own",
            path=tables.location,
        )
