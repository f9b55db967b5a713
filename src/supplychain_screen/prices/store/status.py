"""What is stored, listing by listing, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from supplychain_screen.prices.store.scanning import scan
from supplychain_screen.prices.store.tables import SCHEMAS, Tables

__all__ = ["Coverage", "coverage_of", "read_requests", "status_frame"]

_COLUMNS = {
    "listing": "str",
    "source": "str",
    "symbol": "str",
    "serves": "bool",
    "last_session": "datetime64[s]",
    "fetched_at": "datetime64[us, UTC]",
    "rows": "int64",
    "asked_at": "datetime64[us, UTC]",
    "outcome": "str",
    "reason": "str",
    "detail": "str",
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the stored prices of one listing from one source reach.

    Parameters
    ----------
    asked_first : date or None
        First day ever asked for in an accepted fetch; None where none was accepted.
    last_session : date or None
        Last stored session.
    not_found_at : datetime or None
        When the source last said that it does not know the symbol, if that was its last word.
    fetched_at : datetime or None
        When the last accepted answer came.
    """

    asked_first: date | None = None
    last_session: date | None = None
    not_found_at: datetime | None = None
    fetched_at: datetime | None = None


def coverage_of(requests: pd.DataFrame, source: str) -> dict[str, Coverage]:
    """Coverage of every listing that was ever asked of one source.

    Parameters
    ----------
    requests : DataFrame
        From :func:`read_requests`.
    source : str
    """
    mine = requests[requests["source"] == source]
    accepted = mine[mine["outcome"] == "accepted"].groupby("listing")
    asked = accepted["asked_first"].min()
    last = accepted["last_session"].max()
    answered = accepted["fetched_at"].max()
    newest = mine.groupby("listing").tail(1).set_index("listing")
    unknown = newest.loc[newest["reason"] == "symbol_not_found", "fetched_at"]
    return {
        listing: Coverage(
            asked[listing].date() if listing in asked.index else None,
            last[listing].date() if listing in last.index else None,
            unknown[listing].to_pydatetime() if listing in unknown.index else None,
            answered[listing].to_pydatetime() if listing in answered.index else None,
        )
        for listing in newest.index
    }


def read_requests(tables: Tables, known_on: datetime | None = None) -> pd.DataFrame:
    """Every request ever recorded, accepted or not, oldest first.

    Raises
    ------
    StoreError
        The table cannot be read.
    """
    rows = scan(tables, "fetches", SCHEMAS["fetches"].names, coded=False)
    frame: pd.DataFrame = rows.to_pandas(date_as_object=False)
    frame[["reason", "detail"]] = frame[["reason", "detail"]].fillna("")
    if known_on is not None:
        frame = frame[frame["fetched_at"] <= pd.Timestamp(known_on)]
    return frame.sort_values(["fetched_at", "fetch"], kind="stable", ignore_index=True)


def status_frame(requests: pd.DataFrame | None, serving: Mapping[str, str]) -> pd.DataFrame:
    """One row a listing and source; see :meth:`PriceStore.status`.

    Parameters
    ----------
    requests : DataFrame or None
        From :func:`read_requests`; None for a store that does not exist yet.
    serving : mapping of id to source
        Who serves each listing.
    """
    if requests is None or requests.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    by = ["listing", "source"]
    newest = requests.groupby(by, sort=True).tail(1).set_index(by)
    accepted = requests[requests["outcome"] == "accepted"]
    latest = accepted.groupby(by).tail(1).set_index(by)
    frame = newest[["symbol", "outcome", "reason", "detail"]].copy()
    frame["asked_at"] = newest["fetched_at"]
    frame["last_session"] = latest["last_session"]
    frame["fetched_at"] = latest["fetched_at"]
    frame["rows"] = accepted.groupby(by)["bars"].sum()
    frame["rows"] = frame["rows"].fillna(0)
    frame = frame.sort_index().reset_index()
    frame["serves"] = [
        serving.get(listing) == source
        for listing, source in zip(frame["listing"], frame["source"], strict=True)
    ]
    return frame[list(_COLUMNS)].astype(_COLUMNS)
