"""Codes as reports and vendors print them, read as the listings they can mean."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from supplychain_screen.identity.exchanges import code_fault

__all__ = [
    "PrintedCode",
    "PrintedName",
    "abroad_of",
    "codes_of_cell",
    "find_codes",
    "isin_fault",
    "parted",
    "read_printed",
    "readings_of",
]

_US = ("XNAS", "XNYS", "XASE")
_MAINLAND = ("XSHG", "XSHE", "BJSE", "NEEQ")

_PLACES: dict[str, tuple[str, ...]] = {
    # Suffixes and prefixes of Wind, Yahoo, Reuters, Bloomberg, Sina, Futu and others.
    "SS": ("XSHG",),
    "SH": ("XSHG",),
    "XSHG": ("XSHG",),
    "SSE": ("XSHG",),
    "SZ": ("XSHE",),
    "XSHE": ("XSHE",),
    "SZSE": ("XSHE",),
    "BJ": ("BJSE",),
    "BSE": ("BJSE",),
    "BJSE": ("BJSE",),
    "NQ": ("NEEQ", "BJSE"),
    "OC": ("NEEQ", "BJSE"),
    "NEEQ": ("NEEQ", "BJSE"),
    "CH": _MAINLAND,
    # Bloomberg's names for the two exchanges, and for what Hong Kong trades on them.
    "CG": ("XSHG",),
    "C1": ("XSHG",),
    "CS": ("XSHE",),
    "C2": ("XSHE",),
    "HK": ("XHKG",),
    "XHKG": ("XHKG",),
    "HKEX": ("XHKG",),
    "SEHK": ("XHKG",),
    "TT": ("XTAI", "ROCO"),
    "TW": ("XTAI", "ROCO"),
    "TWO": ("ROCO",),
    "XTAI": ("XTAI",),
    "ROCO": ("ROCO",),
    "TWSE": ("XTAI",),
    "TPEX": ("ROCO",),
    "O": _US,
    "OQ": _US,
    "N": _US,
    "A": _US,
    "K": _US,
    "US": _US,
    "UN": _US,
    "UW": _US,
    "UQ": _US,
    "UR": _US,
    "UA": _US,
    "NASDAQ": _US,
    "NYSE": _US,
    "AMEX": _US,
    "XNAS": ("XNAS",),
    "XNYS": ("XNYS",),
    "XASE": ("XASE",),
    "T": ("XTKS",),
    "JP": ("XTKS",),
    "JT": ("XTKS",),
    "XTKS": ("XTKS",),
    "TYO": ("XTKS",),
    "KS": ("XKRX",),
    "KP": ("XKRX",),
    "XKRX": ("XKRX",),
    "L": ("XLON",),
    "LN": ("XLON",),
    "XLON": ("XLON",),
    "SI": ("XSES",),
    "SP": ("XSES",),
    "SG": ("XSES",),
    "XSES": ("XSES",),
}

_ABROAD = {
    # Bloomberg's and Yahoo's words for exchanges that no list here has, by the mark before them.
    " ": {
        **dict.fromkeys(("GY", "GR", "GF"), "XETR"),
        "NA": "XAMS",
        "FP": "XPAR",
        "LN": "XLON",
        "SW": "XSWX",  # SE is a form of companies too
        "IM": "XMIL",
        "SM": "XMAD",
        "BB": "XBRU",
        "DC": "XCSE",
        "FH": "XHEL",
        "NO": "XOSL",
        "AU": "XASX",
        "NZ": "XNZE",
        **dict.fromkeys(("IN", "IB"), "XBOM"),
        "IJ": "XIDX",
        "MK": "XKLS",
        "TB": "XBKK",
        "SP": "XSES",
        **dict.fromkeys(("CN", "CT"), "XTSE"),
        "BZ": "BVMF",
        "MM": "XMEX",
        "SJ": "XJSE",
        "KQ": "XKOS",
    },
    ".": {
        "DE": "XETR",
        "AS": "XAMS",
        "PA": "XPAR",
        "L": "XLON",
        **dict.fromkeys(("SW", "VX"), "XSWX"),
        "MI": "XMIL",
        "MC": "XMAD",
        "BR": "XBRU",
        "ST": "XSTO",
        "CO": "XCSE",
        "HE": "XHEL",
        "OL": "XOSL",
        "AX": "XASX",
        "NZ": "XNZE",
        **dict.fromkeys(("NS", "BO"), "XBOM"),
        "JK": "XIDX",
        "KL": "XKLS",
        "BK": "XBKK",
        "SI": "XSES",
        "TO": "XTSE",
        "SA": "BVMF",
        "MX": "XMEX",
        "JO": "XJSE",
        "KQ": "XKOS",
    },
}
_CODE_ABROAD = re.compile(r"([0-9A-Z]{1,10}(?:[/-][A-Z])?)([ .])([A-Z]{1,2})")
_BARE = {6: _MAINLAND, 5: ("XHKG",), 4: ("XHKG", "XTAI", "ROCO")}
"""What a bare number of so many digits can mean; a shorter one lost the zeros of Hong Kong. Tokyo's
and Seoul's say their exchange."""

_SUFFIXED = re.compile(r"([0-9A-Z]{1,6}(?:[-_/][A-Z]{1,2})?)[. ](C[12]|[A-Z]{1,6})")
_CLASS = re.compile(r"([A-Z]{1,5})[./_-]([A-Z]{1,2})")
_PREFIXED = re.compile(r"([A-Z]{2,6})[.:]([0-9A-Z]{1,6}(?:[-_./][A-Z]{1,2})?)")
_JOINED = re.compile(r"(SH|SZ|BJ|HK)([0-9]{3,6})")
_ISIN = re.compile(r"[A-Z]{2}[0-9A-Z]{9}[0-9]")
_BRACKET = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]+)[)）\]】]\s*")
_ENDS = re.compile(r"[,，、;；:：/]")
_EQUITY = re.compile(r"(?<= [A-Z][A-Z0-9])\s+EQUITY$")
"""Bloomberg's kind of security, behind a code with its exchange."""


_NUMBERED = re.compile(
    r"(?P<run>(?<![0-9])[0-9]+)(?:"
    # A dot tells a code from what is printed behind it without a space.
    r"(?P<dotted> ?[.·。] ?"
    r"(?:SH|SS|SZ|BJ|XSHG|XSHE|XSHK|XHKG|SSE|SZSE|BSE|NQ|OC|HK(?![D$])|TWO?|KS|KQ)"
    r"(?![a-z])| ?\.(?:sh|sz|ss|bj|hk|oc|tw|ks)(?![A-Za-z])|\.T(?![0-9A-Za-z]))"
    r"|(?P<spaced> ?(?:SH|SS|SZ|BJ|HK(?![D$])|CH|C[12](?![0-9])|CG|CS|TT|TW|KS|JP|JT)"
    r"(?![A-Za-z.])))"
)
_LED = re.compile(
    r"(?<![0-9A-Za-z.])(?:(?:SH|SZ|BJ|HK)[.:]? ?[0-9]{5,6}"
    r"|(?:SSE|SZSE|SHSE|BSE|SEHK|HKEX|TWSE|TPEX|TYO) ?[.:] ?[0-9]{1,6})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_TICKER = re.compile(
    r"(?<![A-Za-z.])(?:[A-Z]{1,5}(?:[-/][A-Z])?\.[A-Z]{1,4}"
    r"|[A-Z]{1,5}(?:/[A-Z])?[ -](?:US|UN|UW|UQ|UR|UA)"
    r"|(?:NASDAQ|NYSE|AMEX) ?[.:] ?[A-Z]{1,5}(?:\.[A-Z])?)(?![A-Z]|\.[A-Za-z])"
)
_ISIN_INSIDE = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9A-Z]{9}[0-9](?![0-9A-Za-z])")
_ALONE_BEFORE = re.compile(r"(?:^|[(,、;/|\n])\s*$")
_ALONE_BEHIND = re.compile(r"\s*(?:equity\s*)?(?:$|[),、;/|\n])", re.IGNORECASE)
"""What stands around a code that is all of a cell, a bracket, or a part of a list."""
_SPELLED = {"SHSE": "SH", "XSHK": "HK", "KQ": "KS"}


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A code inside a text.

    Parameters
    ----------
    start, end : int
        Where it stands.
    text : str
        As printed.
    readings : tuple of str
        Ids of the listings that it can mean.
    isin : str
        The ISIN, where it is one.
    is_number : bool
        Whether digits make it: letters with a dot could be words.
    """

    start: int
    end: int
    text: str
    readings: tuple[str, ...]
    isin: str = ""
    is_number: bool = True


def find_codes(text: str) -> list[PrintedCode]:
    """Every code of a text that says its exchange, in order; bare numbers are none.

    Parameters
    ----------
    text : str
        In half-width characters.

    Examples
    --------
    >>> [one.text for one in find_codes("鹏鼎控股(002938.SZ)、高通(QCOM.O)，收盘价21.00元")]
    ['002938.SZ', 'QCOM.O']
    >>> find_codes("3.5G、S.A.、2021.12、今年有 5 HK 上市")
    []
    >>> find_codes("5 HK Equity")[0].readings
    ('XHKG:0005',)
    """
    found = [one for match in _NUMBERED.finditer(text) if (one := _numbered(text, match))]
    for pattern, is_number in ((_LED, True), (_TICKER, False)):
        for match in pattern.finditer(text):
            if len(match[0]) == 3 and text.startswith(".", match.end()):
                continue  # initials: S.A., N.V.
            code = re.sub(r" ?[.:] ?|-(?=U[A-Z]$)", ".", match[0].upper())
            for spelled, usual in _SPELLED.items():
                code = re.sub(rf"\b{spelled}\b", usual, code)
            readings = abroad_of(code) or readings_of(code)
            readings = readings or readings_of(code.replace(" ", "."))
            if readings:
                found.append(PrintedCode(*match.span(), match[0], readings, is_number=is_number))
    found += [
        PrintedCode(*match.span(), match[0], (), match[0])
        for match in _ISIN_INSIDE.finditer(text)
        if isin_fault(match[0]) is None
    ]
    found.sort(key=lambda one: (one.start, -one.end))
    apart: list[PrintedCode] = []
    for one in found:
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return apart


def _numbered(text: str, match: re.Match[str]) -> PrintedCode | None:
    """The code at the end of a run of digits; None where so many digits are none."""
    run, suffix = match["run"], match["dotted"] or match["spaced"]
    place = suffix.strip(" .·。").upper()
    place = _SPELLED.get(place, place)
    alone = _ALONE_BEFORE.search(text, 0, match.start()) and _ALONE_BEHIND.match(text, match.end())
    is_fraction = match.start() > 0 and text[match.start() - 1] == "."
    if place in ("HK", "XHKG"):
        length = len(run)
        if length > 5 or (length == 5 and run[0] not in "08"):
            # What is printed before it, a price or a row's number, has no space behind it.
            length = 5 if run[-5] == "0" else 4
        # In a sentence a small number before HK is no code.
        if (is_fraction and len(run) < 5) or (match["spaced"] and length < 3 and not alone):
            return None
    else:
        length = 4 if place in ("TT", "TW", "TWO", "T", "JP", "JT") else 6
        if len(run) < length or (is_fraction and len(run) < 6):
            return None
    start = match.end("run") - length
    code = f"{run[-length:]}.{place}"
    readings = readings_of(code) or readings_of(code.replace(".", " "))
    return (
        PrintedCode(start, match.end(), text[start : match.end()], readings) if readings else None
    )


@dataclass(frozen=True, slots=True)
class PrintedName:
    """A company as it stands in print.

    Parameters
    ----------
    name : str
        The name without its code; empty where only a code is printed.
    code : str
        The code as printed; empty where none is.
    readings : tuple of str
        Ids of the listings that the code can mean, on exchanges known here.
    isin : str
        The ISIN, where the code is one.
    unlisted : bool
        Whether the code is a word that says that there is none, as 未上市.
    """

    name: str
    code: str
    readings: tuple[str, ...]
    isin: str = ""
    unlisted: bool = False


def read_printed(text: str) -> PrintedName:
    """The name and the code of a printed company.

    Parameters
    ----------
    text : str
        ``瑞声科技（2018.HK）``, ``高通(QCOM.O，买入)``, ``600276 CH``, ``HK.00700``, an ISIN, or a
        name alone.

    Examples
    --------
    >>> read_printed("瑞声科技（2018.HK）")
    PrintedName(name='瑞声科技', code='2018.HK', readings=('XHKG:2018',), isin='', unlisted=False)
    >>> read_printed("BRK.B").readings
    ('XNAS:BRK-B', 'XNYS:BRK-B', 'XASE:BRK-B')
    >>> read_printed("700 HK Equity")
    PrintedName(name='', code='700 HK', readings=('XHKG:0700',), isin='', unlisted=False)
    >>> read_printed("US67066G1040").isin, read_printed("立讯精密").code
    ('US67066G1040', '')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _coded(plain)
    if found is not None:
        return found
    for bracket in _BRACKET.finditer(plain):
        for part in _ENDS.split(bracket[1]):
            found = _coded(part.strip())
            if found is not None:
                name = (plain[: bracket.start()] + plain[bracket.end() :]).strip()
                return PrintedName(name, found.code, found.readings, found.isin)
    head, _, tail = plain.partition(" ")
    ends = [plain.rsplit(" ", words) for words in (1, 2, 3)]
    for code, name in ((head, tail), *((" ".join(end[1:]), end[0]) for end in ends)):
        # A ticker without suffix could be a word of the name.
        found = _coded(code) if name and re.search(r"[0-9.]", code) else None
        if found is not None and not name.isascii():
            return PrintedName(name.strip(), found.code, found.readings, found.isin)
    return PrintedName(plain, "", ())


def codes_of_cell(text: str) -> list[PrintedName]:
    """The codes of a cell that holds nothing else, with an exchange or without.

    Parameters
    ----------
    text : str
        In half-width characters.

    Examples
    --------
    >>> [one.code for one in codes_of_cell("300433.SZ / 6613.HK")], codes_of_cell("立讯精密")
    (['300433.SZ', '6613.HK'], [])
    >>> codes_of_cell("2841.0")[0].readings
    ('XHKG:2841', 'XTAI:2841', 'ROCO:2841', 'XSHE:002841')
    """
    codes = find_codes(text)
    if codes:
        return [PrintedName("", one.text, one.readings, one.isin) for one in codes]
    if abroad := abroad_of(text):
        return [PrintedName("", text, abroad)]
    found = []
    for part in re.split(r"[\s/、,;]+", text):
        part = part.removesuffix(".0")
        if not re.fullmatch(r"[0-9A-Z]{1,6}(?:[-./][A-Z]{1,2})?|[A-Z]{2}[0-9A-Z]{10}", part):
            continue
        printed = read_printed(part)
        readings = printed.readings
        if part.isdigit() and len(part) < 6:
            # A spreadsheet drops the zeros of 002841.
            readings = (*readings, *read_printed(part.zfill(6)).readings)
        if not readings and part.isalpha():
            readings = tuple(f"{mic}:{part}" for mic in _US)
        if readings or printed.isin:
            found.append(PrintedName("", part, tuple(dict.fromkeys(readings)), printed.isin))
    return found


def _coded(text: str) -> PrintedName | None:
    """The text as a code and nothing else; None where it is none."""
    code = text.upper()
    if equity := _EQUITY.search(code):
        text, code = text[: equity.start()], code[: equity.start()]
    if _ISIN.fullmatch(code) and re.search("[0-9]", code[2:-1]):
        return PrintedName("", text, (), code)
    # A name in capitals may end in two letters; a ticker is shorter.
    readings = (abroad_of(text) if len(text) < 9 else ()) or readings_of(code)
    return PrintedName("", text, readings) if readings else None


def parted(code: str) -> str:
    """The code with a point behind an exchange that stands right before it.

    Parameters
    ----------
    code : str
        In capitals and half-width characters.

    Examples
    --------
    >>> parted("SH600000"), parted("HK00700"), parted("600000.SH")
    ('SH.600000', 'HK.00700', '600000.SH')
    """
    match = _JOINED.fullmatch(code)
    return f"{match[1]}.{match[2]}" if match else code


@lru_cache(maxsize=32768)
def readings_of(code: str) -> tuple[str, ...]:
    """Ids of the listings that a printed code can mean, whether or not they exist.

    Parameters
    ----------
    code : str
        In capitals and half-width characters.

    Examples
    --------
    >>> readings_of("600276 CH"), readings_of("700 HK"), readings_of("3008 TT")
    (('XSHG:600276',), ('XHKG:0700',), ('XTAI:3008', 'ROCO:3008'))
    >>> readings_of("300433"), readings_of("HK.00700"), readings_of("INC")
    (('XSHE:300433',), ('XHKG:0700',), ())
    """
    found: list[str] = []
    if match := _PREFIXED.fullmatch(parted(code)):
        found += _ids(_PLACES.get(match[1], ()), match[2])
    if match := _SUFFIXED.fullmatch(code):
        found += _ids(_PLACES.get(match[2], ()), match[1])
    if match := _CLASS.fullmatch(code):
        found += _ids(_US, f"{match[1]}-{match[2]}")
    if re.fullmatch(r"[0-9]{1,6}", code):
        found += _ids(_BARE.get(len(code), ("XHKG",)), code)
    return tuple(dict.fromkeys(found))


def _ids(mics: tuple[str, ...], code: str) -> list[str]:
    ids = []
    for mic in mics:
        local = code
        if mic == "XHKG" and code.isdigit():
            local = code.lstrip("0").zfill(4)
        elif mic in _US:
            local = re.sub("[._/]", "-", code)
        if mic == "NEEQ" and not code.startswith(("4", "8")):
            continue
        if code_fault(mic, local) is None:
            ids.append(f"{mic}:{local}")
    return ids


def abroad_of(code: str) -> tuple[str, ...]:
    """The listing of a code that names an exchange which no list here has; empty where it does not.

    Parameters
    ----------
    code : str
        A whole code, in capitals and half-width characters.

    Examples
    --------
    >>> abroad_of("SAP GY"), abroad_of("ASML.AS"), abroad_of("SAP US"), abroad_of("MADE IN CHINA")
    (('XETR:SAP',), ('XAMS:ASML',), (), ())
    >>> abroad_of("SAP SE"), abroad_of("600519 CN")
    ((), ())
    """
    match = _CODE_ABROAD.fullmatch(code)
    mic = _ABROAD[match[2]].get(match[3]) if match else None
    if match and mic == "XTSE" and match[1].isdigit():
        return ()  # 600519 CN is China's: Toronto has no numbers
    return (f"{mic}:{match[1]}",) if match and mic else ()


def isin_fault(isin: str) -> str | None:
    """The check digit that an ISIN should have; None where it has it.

    Parameters
    ----------
    isin : str
        Twelve capitals and digits.

    Notes
    -----
    Letters become two digits (A is 10), then every second digit from the right is doubled and the
    digits are added up (ISO 6166).

    Examples
    --------
    >>> isin_fault("US67066G1040") is None, isin_fault("US67066G1041")
    (True, '0')
    """
    digits = "".join(str(int(one, 36)) for one in isin[:-1])
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    due = str(-total % 10)
    return None if due == isin[-1] else due
