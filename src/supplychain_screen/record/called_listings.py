"""Who a call is about, where its cell does not say it alone."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import (
    EXCHANGES,
    NameVerdict,
    PrintedName,
    codes_of_cell,
    parse_symbol,
)

__all__ = ["Nobody", "called_listing", "is_symbol"]


@dataclass(frozen=True, slots=True)
class Nobody:
    """A code and a name that are no one listing, and where they stand."""

    code: str
    name: str
    rows: str

    def __str__(self) -> str:
        said = " ".join(dict.fromkeys(filter(None, (self.code, self.name))))
        found = _verdict(self.code, self.name, 3).candidates
        may = " / ".join(one.listing for one in found if one.is_likely)
        return f"{said} ({self.rows}{f' → {may}' if may else ''})"


def is_symbol(text: str) -> bool:
    """Whether a text names an exchange and a code there."""
    if text.partition(":")[0] in EXCHANGES:
        return True  # a panel takes codes that no exchange gives
    try:
        parse_symbol(text)
    except UnknownListingError:
        return False
    return True


def called_listing(code: str, name: str) -> str | None:
    """The one listing that a code without its exchange and the name beside it mean, read as in a
    list of companies; None where that is nobody, or not certain.

    Examples
    --------
    >>> called_listing("688111", "金山办公"), called_listing("688111", "全志科技")
    ('XSHG:688111', None)
    >>> called_listing("", "金山办公"), called_listing("unlisted", "金山办公")
    ('XSHG:688111', None)
    """
    found = _verdict(code, name, 0).listing
    if found is None and not name and code.isalpha():
        # A name in capitals (NVIDIA) looks like a ticker, though it is none.
        return _verdict("", code, 0).listing
    return found


def _verdict(code: str, name: str, limit: int) -> NameVerdict:
    # Whoever has a table of symbols needs no index of names.
    from supplychain_screen.research import packaged_index, printed_words

    codes = codes_of_cell(code)
    printed = PrintedName(name or ("" if codes else code), "", ())
    if len(codes) == 1:
        printed = PrintedName(name, codes[0].code, codes[0].readings, codes[0].isin)
    elif name and printed_words().says_unlisted(code, as_code=True):
        printed = PrintedName(name, code, (), unlisted=True)
    return packaged_index().identify(printed, limit=limit)
