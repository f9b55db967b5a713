"""Whose prices a symbol in a file are, among the instruments that were asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import Index, Instrument, Vendor, parse_symbol, parted

__all__ = ["AskedSymbols", "Match", "is_symbol", "looks_like_symbols", "spellings"]

_BOTH = {
    "XSHG": ("XSHG", "SSE", "SHSE", "SHA", "SH", "SS"),
    "XSHE": ("XSHE", "SZSE", "SZE", "SHE", "SZ"),
    "BJSE": ("BJSE", "BSE", "BJ", "XBSE"),
    "NEEQ": ("NEEQ", "NQ"),
    "XHKG": ("XHKG", "SEHK", "HKEX", "HK", "HKG"),
    "XTAI": ("XTAI", "TWSE", "TW", "TPE"),
    "ROCO": ("ROCO", "TPEX", "TWO"),
    "XNAS": ("XNAS", "NASDAQ", "US"),
    "XNYS": ("XNYS", "NYSE", "US"),
    "XASE": ("XASE", "AMEX", "NYSEAMERICAN", "US"),
}
"""How JoinQuant, RiceQuant, vn.py, gm, Futu, baostock, Tencent, Google and others name an exchange,
before a code or after it."""

_AFTER = {
    "XSHG": ("CH", "CG", "C1"),
    "XSHE": ("CH", "CS", "C2"),
    "BJSE": ("CH",),
    "XTAI": ("TT",),
    "ROCO": ("TT",),
    "XNAS": ("O", "OQ", "UW", "UQ"),
    "XNYS": ("N", "UN"),
    "XASE": ("A", "UA"),
}
"""Bloomberg's and Reuters's ends."""

_BEFORE = {
    "XSHG": ("1",),
    "XSHE": ("0",),
    "BJSE": ("0",),
    "XHKG": ("116",),
    "XNAS": ("105", "GB"),
    "XNYS": ("106", "GB"),
    "XASE": ("107", "GB"),
}
"""East Money's numbers of markets, and Sina's mark of American shares."""


def _by_word(*tables: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in tables:
        for mic, words in table.items():
            for word in words:
                found.setdefault(word, []).append(mic)
    return found


_MICS_BEFORE, _MICS_AFTER = _by_word(_BOTH, _BEFORE), _by_word(_BOTH, _AFTER)

_TWINS = {
    "000300": "399300",
    "000852": "399852",
    "000903": "399903",
    "000904": "399904",
    "000905": "399905",
    "000906": "399906",
}
"""Codes of one index of China Securities Index in Shanghai and in Shenzhen."""

_BARE = re.compile(r"[0-9]{1,6}")
_TENCENT = re.compile(r"us([A-Z][A-Z0-9-]*?)([.](?:OQ?|N|AM|PS))?")
"""Tencent's American tickers (``usAAPL.OQ``); in capitals alone USB and USFD are tickers."""
_NO_SHARE = re.compile(r"000300|399[0-9]{3}|899[0-9]{3}")
"""Codes of indices that are no share's: most of Shanghai's are (000001, 000905)."""
_BETWEEN = re.compile(r"[\s#_/:.-]+")
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
        self._spelt: dict[str, set[int]] = {}
        self._twin: dict[str, set[int]] = {}
        for row, instrument in enumerate(self.instruments):
            for spelling in _keys(instrument):
                self._spelt.setdefault(spelling, set()).add(row)
            for spelling in _twin_keys(instrument):
                self._twin.setdefault(spelling, set()).add(row)

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
        every = {text: self._found(text, self._spelt) for text in texts}
        there = {row for found in every.values() for row in found}
        for text, surely in every.items():
            # The twin of an index is read only where the index itself is not there.
            found = surely or tuple(set(self._found(text, self._twin)) - there)
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
        return self._found(text, self._spelt) or self._found(text, self._twin)

    def _found(self, text: str, spelt: dict[str, set[int]]) -> tuple[int, ...]:
        plain = _plain(text)
        if rows := spelt.get(plain):
            return tuple(sorted(rows))
        return tuple(
            sorted(
                {row for mic, code in _readings(plain) for row in spelt.get(f"{mic}.{code}", ())}
            )
        )

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


def _keys(instrument: Instrument) -> set[str]:
    """Whatever names the instrument: an exchange and a code, a bare code, a name of an index."""
    told = {_plain(one) for one in spellings(instrument)}
    if isinstance(instrument, Index):
        names = {instrument.name, instrument.name_zh, instrument.name_en}
        names |= {f"{instrument.name_zh.removesuffix('指数')}{end}" for end in ("", "指数")}
        told |= {_plain(name) for name in names} - {"", "指数"}
        told |= {f"{mark}{instrument.name}" for mark in "^."}
        told |= {one.removeprefix("^") for one in told}
        codes = {both for one in told for both in _readings(one) if _BARE.fullmatch(both[1])}
        bare = {part for one in told for part in one.split(".") if _NO_SHARE.fullmatch(part)}
        return told | bare | {f"{mic}.{code}" for mic, code in codes}
    for code in {instrument.code, *(one for one in instrument.aliases if _BARE.fullmatch(one))}:
        plain = _plain(code)
        told |= {plain, f"{instrument.mic}.{_code(instrument.mic, plain)}"}
        if plain.isdigit():
            told |= {plain.lstrip("0") or plain, plain.zfill(5) if len(plain) < 5 else plain}
    return told


def _twin_keys(instrument: Instrument) -> set[str]:
    if not isinstance(instrument, Index):
        return set()
    twins = {
        _TWINS[code]
        for one in spellings(instrument)
        for _, code in _readings(_plain(one))
        if code in _TWINS
    }
    return {key for twin in twins for key in (twin, f"XSHE.{twin}")}


def _readings(plain: str) -> Iterator[tuple[str, str]]:
    """Exchange and code of a text that names both, in every way it can be read."""
    plain = parted(plain)
    house, point, code = plain.partition(".")
    if point:
        yield from ((mic, _code(mic, code)) for mic in _MICS_BEFORE.get(house, ()))
        code, _, house = plain.rpartition(".")
        yield from ((mic, _code(mic, code)) for mic in _MICS_AFTER.get(house, ()))


def _code(mic: str, code: str) -> str:
    return code.lstrip("0").zfill(4) if mic == "XHKG" and code.isdigit() else code


def is_symbol(text: str) -> str | None:
    """Id of the listing a text names, whether or not anyone asked for it; None for other text."""
    for one in (text, *(f"{mic}:{code}" for mic, code in _readings(_plain(text)))):
        try:
            mic, code = parse_symbol(one)
        except UnknownListingError:
            continue
        return f"{mic}:{code}"
    return None


def looks_like_symbols(names: Iterable[str]) -> bool:
    """Whether any name is a listing's symbol, or may be an index's (``^HSI``, ``899001.CSI``).

    A word is taken for an American ticker only in capitals, so that a misspelt ``clsoe`` or a
    ``px_last`` is a column and not a company.
    """
    return any(
        name.startswith(("^", "INDEX:"))
        or _SUFFIXED.fullmatch(name)
        or ((name == name.upper() or any(map(str.isdigit, name))) and is_symbol(name))
        for name in names
    )


_SUFFIXED = re.compile(
    r"[A-Z0-9]{1,8}[.][A-Z]{1,5}|(sh|sz|bj|hk|SH|SZ|BJ|HK)[.#]?[0-9]{4,6}|[0-9]{3,6}([.]0)?"
    r"|(SHSE|SZSE|HK|US|XSHG|XSHE)[.:][A-Z0-9]{1,6}|[01][.][0-9]{6}|10[567][.][A-Z]+|116[.][0-9]{5}"
    r"|us[A-Z]{1,5}([.][A-Z]{1,2})?"
    r"|[A-Z0-9]{1,6} (CH|CG|CS|C1|C2|HK|TT|US|UW|UQ|UN|UA)( Equity)?"
)
_QUOTED = re.compile(r"""=?["'](.*?)["']?""")
_FLOAT = re.compile(r"([0-9]{1,6})[.]0+")


def _plain(text: str) -> str:
    """The text without what programs put around a symbol, one mark between its parts."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if american := _TENCENT.fullmatch(plain):
        plain = f"US.{american[1]}"
    plain = plain.upper()
    if quoted := _QUOTED.fullmatch(plain):
        plain = quoted[1].strip()
    if number := _FLOAT.fullmatch(plain):
        return number[1]
    plain = plain.removesuffix(" EQUITY")
    return plain[:1] + _BETWEEN.sub(".", plain[1:])
