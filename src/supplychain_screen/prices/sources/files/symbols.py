"""Whose prices a symbol in a file are, among the instruments that were asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Index, Instrument, Vendor, parse_symbol

__all__ = ["AskedSymbols"]


class AskedSymbols:
    """The instruments of one request, found by any spelling of their symbols.

    Parameters
    ----------
    instruments : sequence of Listing or Index
        Whom the request is about. One that occurs twice counts once.

    Attributes
    ----------
    instruments : tuple of Listing or Index
        The same without repetition, in the order asked.
    is_index : ndarray of bool, shape (n_instruments,)
        Which of them are indices.
    kinds : dict of bool to Listing or Index
        One index (True) and one listing (False), as far as any were asked.
    """

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        by_id = {instrument.id: instrument for instrument in instruments}
        self.instruments: tuple[Instrument, ...] = tuple(by_id.values())
        self.is_index = np.array([one.is_index for one in self.instruments], bool)
        self.kinds = {one.is_index: one for one in self.instruments}
        self._row = {name: row for row, name in enumerate(by_id)}
        self._spelt: dict[str, set[int]] = {}
        for row, instrument in enumerate(self.instruments):
            for spelling in spellings(instrument):
                self._spelt.setdefault(_plain(spelling), set()).add(row)

    def rows(self, text: str) -> tuple[int, ...]:
        """Positions in ``instruments`` of whoever ``text`` means; more than one is ambiguous.

        Parameters
        ----------
        text : str
            A symbol as written in a file: an id, Yahoo's, Wind's or Sina's spelling.

        Returns
        -------
        tuple of int
            Empty where nobody asked for it.
        """
        found = self._spelt.get(_plain(text))
        if found:
            return tuple(sorted(found))
        named = is_symbol(text)
        return (self._row[named],) if named in self._row else ()

    def rows_of_stem(self, stem: str) -> tuple[int, ...]:
        """As ``rows``, for the name of a file: ``XSHG_688018`` stands for ``XSHG:688018``."""
        return self.rows(stem) or self.rows(stem.replace("_", ":", 1))


def spellings(instrument: Instrument) -> tuple[str, ...]:
    """Every symbol a vendor or a report gives the instrument, its id first.

    A bare number is nobody's symbol, even where a vendor uses one (``00285``): it names no
    exchange.
    """
    known: list[str | None] = [instrument.id]
    known += [instrument.symbol(vendor) for vendor in get_args(Vendor)]
    if isinstance(instrument, Index):
        known += [instrument.printed, *instrument.symbols.values()]
    return tuple(dict.fromkeys(one for one in known if one and not one.isdigit()))


def is_symbol(text: str) -> str | None:
    """Id of the listing a text names, whether or not anyone asked for it; None for other text."""
    try:
        mic, code = parse_symbol(text)
    except UnknownListingError:
        return None
    return f"{mic}:{code}"


def looks_like_symbols(names: Iterable[str]) -> bool:
    """Whether any name is a listing's symbol, or may be an index's (``^HSI``, ``899001.CSI``).

    A word is taken for an American ticker only in capitals, so that a misspelt ``clsoe`` is a
    misspelt column and not a company.
    """
    return any(
        name.startswith(("^", "INDEX:"))
        or _SUFFIXED.fullmatch(name)
        or (not (name.isalpha() and name != name.upper()) and is_symbol(name))
        for name in names
    )


_SUFFIXED = re.compile(r"[A-Z0-9]{1,8}[.][A-Z]{1,4}|(sh|sz|bj)[0-9]{6}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()
