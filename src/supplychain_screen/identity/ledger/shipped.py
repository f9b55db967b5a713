"""The ledger of listings as it is shipped, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.identity.packaged import packaged_data

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DAYS", "FORMS", "Ledger", "shipped_ledger"]

FORMS = {
    "listings": (
        "mic",
        "code",
        "name_zh",
        "name_zh_hant",
        "name_en",
        "short_en",
        "former_names",
        "former_codes",
        "isin",
        "first_day",
        "last_day",
        "status",
        "board",
        "company",
        "derived",
        "source",
    ),
    "aliases": ("alias", "mic", "code", "evidence", "source"),
    "unlisted": ("name", "name_en", "aliases", "evidence", "source"),
    "markets": ("mic", "as_of", "complete", "note", "note_zh"),
    "sources": ("source", "title", "licence", "holder", "address", "version", "as_of", "note"),
}
"""Columns of each table, in order."""

DAYS = {
    "listings": ("first_day", "last_day"),
    "markets": ("as_of",),
    "sources": ("as_of",),
}
"""Columns that hold days."""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Listings of the markets that research reports print, as columns.

    Parameters
    ----------
    listings : DataFrame of shape (n_listings, 16)
        One row a listing, ordered by ``mic`` and ``code``, which are unique together. Text is
        never missing but empty; days are ``NaT`` where unknown::

            mic  code  name_zh  name_zh_hant  name_en  short_en  former_names  former_codes
            str  str   str      str           str      str       str "a|b"     str "mic:code|…"
            isin  first_day  last_day  status  board  company  derived    source
            str   datetime64 …         str     str    str      str "a|b"  str "a|b"

        ``status`` is ``listed``, ``delisted`` or, where no source says, empty. ``short_en`` is
        what Hong Kong's exchange prints. ``company`` is the same for all lines of one company
        (A, B, H, ADR, Taiwan) that are known to be one, and names one of them; a listing
        whose other lines nobody knows has its own id. ``derived`` names the columns of the row
        that were converted between traditional and simplified characters, not printed so.
        ``source`` has the keys of ``sources`` that the row rests on.
    aliases : DataFrame of shape (n_aliases, 5)
        Names that reports print and no list has: ``alias``, ``mic``, ``code``, ``evidence``
        (``printed``: the code stands beside the name; ``two lists``), ``source``.
    unlisted : DataFrame of shape (n_unlisted, 5)
        Companies known to have no shares on any market: ``name``, ``name_en``, ``aliases``,
        ``evidence``, ``source``.
    markets : DataFrame of shape (n_markets, 5)
        ``mic``, ``as_of``, ``complete`` (``yes`` or ``no``), a ``note`` and the same in Chinese.
    sources : DataFrame of shape (n_sources, 8)
        Where rows come from, with licence, holder, address, version and day.

    Examples
    --------
    >>> ledger = shipped_ledger()
    >>> ledger.listings.columns[:3].tolist(), bool(ledger.listings["code"].eq("").any())
    (['mic', 'code', 'name_zh'], False)
    """

    listings: pd.DataFrame
    aliases: pd.DataFrame
    unlisted: pd.DataFrame
    markets: pd.DataFrame
    sources: pd.DataFrame

    def coverage(self) -> pd.DataFrame:
        """What the ledger has of each market.

        Returns
        -------
        DataFrame of shape (n_markets, 10)
            ``mic``, ``listings``, ``delisted``, ``with_zh`` (a Chinese name), ``with_en``,
            ``with_isin``, ``as_of``, ``complete``, ``note``, ``note_zh``; a market without any
            row too.
        """
        rows = self.listings
        counted = rows.assign(
            delisted=rows["status"].eq("delisted"),
            with_zh=rows["name_zh"].ne("") | rows["name_zh_hant"].ne(""),
            with_en=rows["name_en"].ne(""),
            with_isin=rows["isin"].ne(""),
        ).groupby("mic", sort=True)
        columns = ["delisted", "with_zh", "with_en", "with_isin"]
        counts = counted[columns].sum().assign(listings=counted.size())
        wanted = ["listings", *columns]
        found = self.markets.join(counts[wanted], on="mic")
        found[wanted] = found[wanted].fillna(0).astype("int64")
        return found[["mic", *wanted, "as_of", "complete", "note", "note_zh"]]


def shipped_ledger() -> Ledger:
    """The ledger as this package ships it.

    Raises
    ------
    InputError
        When the installation lost it, or a table of it is not one.

    Examples
    --------
    >>> sorted(set(shipped_ledger().listings["status"]))
    ['', 'delisted', 'listed']
    """
    folder = packaged_data().joinpath("universe")
    return Ledger(**{name: _read(folder.joinpath(f"{name}.csv"), name) for name in FORMS})


def _read(file: Traversable, table: str) -> pd.DataFrame:
    """One table of the ledger, its days parsed and its text never missing."""
    import pyarrow as pa
    from pyarrow import csv

    columns, days = FORMS[table], DAYS.get(table, ())
    kinds: dict[str, Any] = {one: pa.date32() if one in days else pa.string() for one in columns}
    try:
        read = csv.read_csv(
            pa.py_buffer(file.read_bytes()),
            convert_options=csv.ConvertOptions(
                column_types=kinds, include_columns=columns, strings_can_be_null=False
            ),
            parse_options=csv.ParseOptions(newlines_in_values=False),
            read_options=csv.ReadOptions(use_threads=False),
        )
    except (OSError, pa.ArrowInvalid, pa.ArrowKeyError) as error:
        problem = Problem(f"not a table of the ledger: {error}", "reinstall supplychain-screen")
        raise InputError(problem) from error
    frame: pd.DataFrame = read.to_pandas(date_as_object=False)
    return frame
