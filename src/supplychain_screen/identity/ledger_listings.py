"""Rows of the ledger as listings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from supplychain_screen.identity.exchanges import trading_currency
from supplychain_screen.identity.ledger import Ledger, load_ledger
from supplychain_screen.identity.listings import Listing

__all__ = ["listings_of_ledger"]


def listings_of_ledger(
    names: Mapping[str, str] | Iterable[str], ledger: Ledger | None = None
) -> dict[str, Listing]:
    """Listings by id, with the names and days that the ledger has of them.

    Parameters
    ----------
    names : mapping of str to str, or iterable of str
        Ids (``MIC:CODE``), and the name of a listing that the ledger has not; its code where none
        is given.
    ledger : Ledger, optional
        The packaged one with the user's own lists where it is not given.

    Returns
    -------
    dict of str to Listing
        In the order asked for.

    Examples
    --------
    >>> listings_of_ledger(["XSHE:300433"])["XSHE:300433"].name_zh
    '蓝思科技'
    """
    asked = dict(names) if isinstance(names, Mapping) else dict.fromkeys(names, "")
    if not asked:
        return {}
    rows = (load_ledger() if ledger is None else ledger).listings
    ids = rows["mic"] + ":" + rows["code"]
    found = ids.isin(asked)
    known = dict(zip(ids[found], rows[found].to_dict("records"), strict=True))
    return {key: _listing(key, name, known.get(key)) for key, name in asked.items()}


def _listing(key: str, name: str, row: Mapping[Any, Any] | None) -> Listing:
    mic, _, code = key.partition(":")
    currency = trading_currency(mic, code)
    if row is None:
        return Listing(mic=mic, code=code, currency=currency, name_zh=name or code)
    chinese = row["name_zh"] or row["name_zh_hant"]
    other = row["name_zh_hant"]
    return Listing(
        mic=mic,
        code=code,
        currency=currency,
        name_zh=chinese or ("" if row["name_en"] or row["short_en"] else name or code),
        name_en=row["name_en"] or row["short_en"],
        aliases=(other,) if other and other != chinese else (),
        isin=row["isin"] or None,
        board=row["board"],
        first_session=_day(row["first_day"]),
        last_session=_day(row["last_day"]) if row["status"] == "delisted" else None,
    )


def _day(value: Any) -> date | None:
    return None if value != value else value.date()
