"""A listing is one security on one exchange: its id, and its symbol at each vendor, both ways."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from supplychain_screen.errors import Problem, UnknownListingError
from supplychain_screen.identity.exchanges import EXCHANGES, Exchange, Vendor, code_fault

__all__ = [
    "EXCHANGES",
    "Exchange",
    "Index",
    "Instrument",
    "Listing",
    "ListingRole",
    "Vendor",
    "parse_symbol",
]

ListingRole = Literal["primary", "alternative", "later_line", "related"]
"""Why a listing is known: ``primary`` (what a report's company trades as), ``alternative`` (another
reading of an ambiguous name), ``later_line`` (another line of the same company, listed after the
report was published), ``related`` (a parent or namesake that must not be taken for the company)."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Listing(BaseModel):
    """One security on one exchange.

    Parameters
    ----------
    mic : str
        ISO 10383 code of the exchange, a key of ``EXCHANGES``.
    code : str
        Local code with its leading zeros, as the exchange writes it; Hong Kong's with four digits
        (``0285``), or five where the first is not zero (``80700``).
    currency : str
        ISO 4217 code of the trading currency.
    name_zh, name_en : str
        Short name in Chinese, full name in English.
    aliases : tuple of str
        Other names under which it is printed.
    isin : str or None
        ISO 6166 number.
    board : str
        Part of the exchange, for example ``SSE STAR``.
    first_session, last_session : date or None
        First and last day of trading; None where unknown or still trading.
    basis : str
        Where ``first_session`` comes from: ``seen`` in a public data file, ``quote`` of a
        vendor, or ``memory`` (nobody looked it up).
    role : ListingRole
        Why the listing is known.
    other_lines : tuple of str
        Ids of other securities of the same company.
    notes : str
        Anything else a reader should know.

    Examples
    --------
    >>> byd = Listing(mic="XHKG", code="0285", currency="HKD", name_zh="比亚迪电子")
    >>> byd.id, byd.calendar, byd.timezone
    ('XHKG:0285', 'XHKG', 'Asia/Hong_Kong')
    >>> byd.symbol("yahoo"), byd.symbol("wind"), byd.symbol("akshare")
    ('0285.HK', '0285.HK', '00285')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mic: str
    code: str
    currency: Currency
    name_zh: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    isin: str | None = None
    board: str = ""
    first_session: date | None = None
    last_session: date | None = None
    basis: str = ""
    role: ListingRole = "primary"
    other_lines: tuple[str, ...] = ()
    notes: str = ""

    @field_validator("mic")
    @classmethod
    def _known_exchange(cls, mic: str) -> str:
        if mic not in EXCHANGES:
            raise ValueError(f"unknown MIC {mic}; {_near(mic, EXCHANGES)}")
        return mic

    @model_validator(mode="after")
    def _code_of_its_exchange(self) -> Listing:
        fault = code_fault(self.mic, self.code)
        if fault is not None:
            raise ValueError("; ".join(fault))
        return self

    @property
    def id(self) -> str:
        """``MIC:CODE``, for example ``XSHG:688018``."""
        return f"{self.mic}:{self.code}"

    @property
    def exchange(self) -> Exchange:
        """The exchange it is listed on."""
        return EXCHANGES[self.mic]

    @property
    def calendar(self) -> str:
        """Name of its sessions in ``exchange_calendars``."""
        return self.exchange.calendar

    @property
    def timezone(self) -> str:
        """IANA name of the exchange's time zone."""
        return self.exchange.timezone

    @property
    def is_index(self) -> bool:
        """False: a listing trades."""
        return False

    def symbol(self, vendor: Vendor = "yahoo") -> str | None:
        """The vendor's symbol, or None where the vendor does not serve the exchange.

        Parameters
        ----------
        vendor : {"yahoo", "wind", "akshare"}
            Whose spelling.

        Returns
        -------
        str or None
            For example ``688018.SS``, ``688018.SH``, ``sh688018``.
        """
        exchange = self.exchange
        if vendor == "akshare":
            if exchange.akshare_prefix is None:
                return None
            # Sina pads Hong Kong codes to five digits and writes share classes with a point.
            code = self.code.zfill(5) if self.mic == "XHKG" else self.code.replace("-", ".")
            return f"{exchange.akshare_prefix}{code}"
        if vendor == "wind":
            if exchange.wind_suffix is None:
                return None
            return f"{self.code.replace('-', '_')}{exchange.wind_suffix}"
        return exchange.yahoo_symbol(self.code)

    @property
    def ticker(self) -> str:
        """What outputs call it by: Yahoo's symbol, or the id where Yahoo has none."""
        return self.symbol("yahoo") or self.id

    def __str__(self) -> str:
        return f"{self.id} {self.name_zh or self.name_en}".rstrip()


class Index(BaseModel):
    """One market index that a standard or a user names as a benchmark.

    Parameters
    ----------
    name : str
        Name in its id: ``HSI`` makes ``INDEX:HSI``.
    printed : str
        Code as the report prints it, for example ``HSI.HI``; empty where it prints none.
    name_zh, name_en : str
        Name in Chinese and English.
    currency : str
        ISO 4217 code its level is computed in.
    calendar : str
        Name of its sessions in ``exchange_calendars``.
    symbols : mapping of str to str
        Symbol at each vendor that serves it.
    notes : str
        What a reader should know about its sources.

    Examples
    --------
    >>> hsi = Index(
    ...     name="HSI",
    ...     printed="HSI.HI",
    ...     name_zh="恒生指数",
    ...     currency="HKD",
    ...     calendar="XHKG",
    ...     symbols={"yahoo": "^HSI"},
    ... )
    >>> hsi.id, hsi.symbol("yahoo"), hsi.symbol("akshare")
    ('INDEX:HSI', '^HSI', None)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Z0-9_]+$")]
    printed: str = ""
    name_zh: str = ""
    name_en: str = ""
    currency: Currency
    calendar: str
    symbols: Mapping[str, str] = Field(default_factory=dict)
    notes: str = ""

    @field_validator("calendar")
    @classmethod
    def _known_calendar(cls, calendar: str) -> str:
        known = {exchange.calendar for exchange in EXCHANGES.values()}
        if calendar not in known:
            remedy = _near(calendar, known)
            if calendar in EXCHANGES:
                remedy = f"write {EXCHANGES[calendar].calendar}, which {calendar} keeps"
            raise ValueError(f"unknown calendar {calendar}; {remedy}")
        return calendar

    def __hash__(self) -> int:
        # ``symbols`` is a mapping, which has no hash of its own.
        return hash(self.id)

    @property
    def id(self) -> str:
        """``INDEX:NAME``."""
        return f"INDEX:{self.name}"

    @property
    def mic(self) -> str:
        """``INDEX``: an index is listed nowhere."""
        return "INDEX"

    @property
    def code(self) -> str:
        """The name, for symmetry with a listing's code."""
        return self.name

    @property
    def timezone(self) -> str:
        """IANA time zone of the exchange whose calendar it keeps."""
        return EXCHANGES[self.calendar].timezone

    @property
    def is_index(self) -> bool:
        """True: it has no volume of its own and is never suspended."""
        return True

    @property
    def first_session(self) -> date | None:
        """None: an index has no first day of trading."""
        return None

    @property
    def last_session(self) -> date | None:
        """None: an index is not delisted."""
        return None

    def symbol(self, vendor: Vendor = "yahoo") -> str | None:
        """The vendor's symbol, or None where no public symbol is known."""
        return self.symbols.get(vendor)

    @property
    def ticker(self) -> str:
        """What outputs call it by: Yahoo's symbol, or the id where Yahoo has none."""
        return self.symbol("yahoo") or self.id

    def __str__(self) -> str:
        return f"{self.id} {self.name_zh or self.name_en}".rstrip()


Instrument: TypeAlias = Listing | Index
"""Anything that has daily closes."""

_SUFFIX_MIC = {
    suffix.upper(): exchange.mic
    for exchange in EXCHANGES.values()
    for suffix in (exchange.yahoo_suffix, exchange.wind_suffix)
    if suffix
} | {".SG": "XSES", ".BSE": "BJSE"}


def parse_symbol(text: str, *, us_mic: str = "XNAS") -> tuple[str, str]:
    """The exchange and local code that a symbol means.

    Parameters
    ----------
    text : str
        An id (``XSHG:688018``), Yahoo's symbol (``688018.SS``, ``0700.HK``, ``NVDA``), Wind's
        (``688018.SH``, ``00700.HK``, ``NVDA.O``) or Sina's (``sh688018``). Case, full-width
        letters and spaces around it do not matter.
    us_mic : str
        Exchange of a ticker without suffix. American tickers are unique across the three
        exchanges, and these share calendar, currency and benchmark.

    Returns
    -------
    tuple of (str, str)
        MIC and code.

    Raises
    ------
    UnknownListingError
        When the text names no exchange known here, or a code the exchange cannot have; the
        nearest readings are offered, never taken.

    Examples
    --------
    >>> parse_symbol("00700.HK"), parse_symbol("80700.HK")
    (('XHKG', '0700'), ('XHKG', '80700'))
    >>> parse_symbol("688018.SS") == parse_symbol("688018.SH") == parse_symbol("sh688018")
    True
    >>> parse_symbol("000001.SZ")
    ('XSHE', '000001')
    >>> parse_symbol("000001.SS")
    Traceback (most recent call last):
        ...
    supplychain_screen.errors.UnknownListingError: 000001 is an index of Shanghai Stock Exchange, \
not a share (got '000001.SS'); the share is XSHE:000001
    """
    symbol = unicodedata.normalize("NFKC", text).strip().upper()
    mic, code = _split(symbol, us_mic, text)
    fault = code_fault(mic, code)
    if fault is not None:
        raise UnknownListingError(Problem(fault[0], fault[1], value=text))
    return mic, code


def _split(symbol: str, us_mic: str, text: str) -> tuple[str, str]:
    prefix, colon, rest = symbol.partition(":")
    if colon:
        if prefix not in EXCHANGES:
            raise UnknownListingError(
                Problem(f"unknown MIC {prefix}", _near(prefix, EXCHANGES), value=text)
            )
        return prefix, _canonical(prefix, rest)
    if match := re.fullmatch(r"(SH|SZ|BJ)([0-9]{6})", symbol):
        return {"SH": "XSHG", "SZ": "XSHE", "BJ": "BJSE"}[match[1]], match[2]
    stem, point, suffix = symbol.rpartition(".")
    if point:
        mic = _SUFFIX_MIC.get(f".{suffix}")
        if mic is not None and stem:
            return mic, _canonical(mic, stem)
        known = ", ".join(sorted(_SUFFIX_MIC))
        raise UnknownListingError(
            Problem(f"unknown suffix .{suffix}", f"known suffixes are {known}", value=text)
        )
    if re.fullmatch(r"[0-9]+", symbol):
        readings = _readings_of_bare_code(symbol)
        raise UnknownListingError(
            Problem("a bare code names no exchange", f"write one of {readings}", value=text)
        )
    if re.fullmatch(r"[A-Z]{1,5}([-_/][A-Z]{1,2})?", symbol):
        return us_mic, symbol.replace("_", "-").replace("/", "-")
    raise UnknownListingError(
        Problem(
            "not a symbol",
            "write MIC:CODE (XSHG:688018) or Yahoo's symbol (688018.SS, 0285.HK, QCOM)",
            value=text,
        )
    )


def _canonical(mic: str, code: str) -> str:
    if mic == "XHKG" and re.fullmatch(r"0[0-9]{4}", code):
        return code[1:]
    if EXCHANGES[mic].calendar == "XNYS":
        return re.sub("[_./]", "-", code)
    return code


def _readings_of_bare_code(code: str) -> str:
    """Ids that a bare code could mean, joined for a message."""
    readings = [
        f"{mic}:{_canonical(mic, code)}"
        for mic in ("XSHG", "XSHE", "BJSE", "XHKG", "XTAI")
        if code_fault(mic, _canonical(mic, code)) is None
    ]
    if len(code) < 4:
        readings.append(f"XHKG:{code.zfill(4)}")
    return ", ".join(readings) or "MIC:CODE with a code of that exchange"


def _near(word: str, known: Iterable[str]) -> str:
    options = sorted(known)
    near = difflib.get_close_matches(word, options, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(options)}"
