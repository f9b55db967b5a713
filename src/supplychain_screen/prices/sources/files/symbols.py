"""Whose prices a symbol in a file are, among the instruments that were asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Index, Instrument, Vendor, parse_symbol

__all__ = ["AskedSymbols", "Match", "is_symbol", "looks_like_symbols", "spellings"]

_HOUSES = {
    # exchange: words that tools put before or after a code, beside those of the vendors
    "XSHG": ("XSHG", "SSE", "SHSE", "SH", "SS"),
    "XSHE": ("XSHE", "SZSE", "SZ"),
    "BJSE": ("BJSE", "BSE", "BJ", "XBSE"),
    "NEEQ": ("NEEQ", "NQ"),
    "XHKG": ("XHKG", "SEHK", "HKEX", "HK", "HKG"),
    "XTAI": ("XTAI", "TWSE", "TW", "TPE"),
    "ROCO": ("ROCO", "TPEX", "TWO"),
    "XNAS": ("XNAS", "NASDAQ", "US", "O", "OQ"),
    "XNYS": ("XNYS", "NYSE", "US", "N"),
    "XASE": ("XASE", "AMEX", "US", "A"),
}
"""How JoinQuant, RiceQuant, vn.py, gm, Futu, baostock, Tencent and others name an exchange."""

_GLUED = {"SH", "SZ", "BJ", "HK"}
"""Those of them that stand before a code without a mark between: ``SH688018``."""

_BARE = re.compile(r"[0-9]{1,6}")
_SHANGHAI_INDEX = re.compile(r"(000[0-9]{3})[.](SS|SH)")
_NO_SHARE = {"000300"}
_MARKS = re.compile(r"[\s#_/:|-]+")


@dataclass(frozen=True, slots=True)
class Match:
    """Whom the symbols of one column mean.

    Parameters
    ----------
    rows : dict of str to int
        Position among those asked, -1 for nobody.
    ambiguous : tuple of (str, str)
        Symbols that could be two asked instruments, or one that lost its zeros, and which.
    """

    rows: dict[str, int]
    ambiguous: tuple[tuple[str, str], ...]


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
    """

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        by_id = {instrument.id: instrument for instrument in instruments}
        self.instruments: tuple[Instrument, ...] = tuple(by_id.values())
        self.is_index = np.array([one.is_index for one in self.instruments], bool)
        self._row = {name: row for row, name in enumerate(by_id)}
        self._spelt: dict[str, set[int]] = {}
        for row, instrument in enumerate(self.instruments):
            for spelling in (*spellings(instrument), *_other_spellings(instrument)):
                self._spelt.setdefault(_plain(spelling), set()).add(row)

    def match(self, texts: Iterable[str]) -> Match:
        """Whom each symbol of one column means.

        Parameters
        ----------
        texts : iterable of str
            Symbols as written: ids, the vendors' spellings, other tools', bare codes.

        Notes
        -----
        Where a column of bare codes has none with a leading zero but codes of several lengths,
        its zeros were lost: ``2018`` may then be 002018 as well as 2018.HK, and is ambiguous.
        """
        texts = list(texts)
        bare = [text for text in map(_plain, texts) if _BARE.fullmatch(text)]
        lost = (
            len(bare) > 1
            and any(len(code) == 6 for code in bare)
            and any(len(code) < 5 for code in bare)
            and not any(code.startswith("0") for code in bare)
        )
        rows: dict[str, int] = {}
        ambiguous: list[tuple[str, str]] = []
        for text in texts:
            found = self.rows(text)
            rows[text] = found[0] if found else -1
            ids = [self.instruments[row].id for row in found]
            plain = _plain(text)
            if found and lost and _BARE.fullmatch(plain) and len(plain) < 6:
                ids = sorted({*ids, f"XSHE:{plain.zfill(6)}"})
            if len(ids) > 1:
                ambiguous.append((text, " and ".join(ids)))
        return Match(rows, tuple(ambiguous))

    def rows(self, text: str) -> tuple[int, ...]:
        """Positions in ``instruments`` of whoever ``text`` means; more than one is ambiguous."""
        found = self._spelt.get(_plain(text))
        if found:
            return tuple(sorted(found))
        named = is_symbol(text)
        return (self._row[named],) if named in self._row else ()

    def rows_of_stem(self, stem: str) -> tuple[int, ...]:
        """As ``rows``, for the name of a file: ``XSHG_688018``, ``SH#688018``, ``688018_daily``."""
        words = _MARKS.split(stem)
        tries = [stem, _MARKS.sub(":", stem, count=1), "".join(words[:2]), words[0]]
        return next((found for one in tries if (found := self.rows(one))), ())


def spellings(instrument: Instrument) -> tuple[str, ...]:
    """Every symbol a vendor or a report gives the instrument, its id first; no bare numbers."""
    known: list[str | None] = [instrument.id]
    known += [instrument.symbol(vendor) for vendor in get_args(Vendor)]
    if isinstance(instrument, Index):
        known += [instrument.printed, *instrument.symbols.values()]
    return tuple(dict.fromkeys(one for one in known if one and not one.isdigit()))


def _other_spellings(instrument: Instrument) -> set[str]:
    """What other tools call the instrument, bare codes among it."""
    if isinstance(instrument, Index):
        found: set[str] = set()
        for symbol in spellings(instrument):
            if match := _SHANGHAI_INDEX.fullmatch(symbol):
                found |= _of_code("XSHG", match[1])
                # Alone, most codes of Shanghai's indices are shares of Shenzhen (000001, 000905).
                if match[1] in _NO_SHARE:
                    found.add(match[1])
        return found
    codes = {instrument.code, *(one for one in instrument.aliases if _BARE.fullmatch(one))}
    found = set()
    for code in codes:
        found |= _of_code(instrument.mic, code)
        if code.isdigit():
            found |= {code, code.lstrip("0") or code}
        if instrument.mic == "XHKG":
            found |= {code.zfill(5)}
        found |= {one for one in (code.replace("-", "."), code.replace("-", "_")) if one != code}
    return found


def _of_code(mic: str, code: str) -> set[str]:
    forms = {code}
    if mic == "XHKG":
        forms |= {code.zfill(5), code.lstrip("0")}
    found = set()
    for house in _HOUSES.get(mic, ()):
        for form in forms:
            found |= {f"{form}.{house}", f"{house}.{form}", f"{house}:{form}"}
            if house in _GLUED:
                found.add(f"{house}{form}")
    return found


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


_SUFFIXED = re.compile(
    r"[A-Z0-9]{1,8}[.][A-Z]{1,5}|(sh|sz|bj|hk|SH|SZ|BJ|HK)[.#]?[0-9]{4,6}|[0-9]{3,6}"
    r"|(SHSE|SZSE|HK|US|XSHG|XSHE)[.:][A-Z0-9]{1,6}"
)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()
