"""The exchanges: market identifier, calendar, currency, and how each vendor spells a code there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "BOARDS",
    "EXCHANGES",
    "Exchange",
    "Vendor",
    "boards_of",
    "code_fault",
    "trading_currency",
]

Vendor = Literal["yahoo", "wind", "akshare"]
"""A spelling of symbols: Yahoo's, Wind's (what Chinese reports print), AkShare's (Sina's)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One place where securities are listed.

    Parameters
    ----------
    mic : str
        ISO 10383 market identifier code.
    name_zh, name_en : str
        Name in Chinese and English.
    calendar : str
        Name of its sessions in ``exchange_calendars``; Shenzhen, Beijing and NEEQ keep
        Shanghai's, and the American exchanges New York's.
    currency : str
        ISO 4217 code of its usual trading currency.
    timezone : str
        IANA name.
    yahoo_suffix, wind_suffix : str or None
        What the vendor puts after the code; None where the vendor does not serve the exchange.
    akshare_prefix : str or None
        What Sina's functions of AkShare put before the code; None where they do not serve it.
    code_pattern : str
        Regular expression that a code of the exchange matches in full.
    code_example : str
        A code as the exchange writes it, shown in messages.
    index_pattern : str
        Codes that the exchange gives to its indices, never to a security; empty: none.
    other_currencies : tuple of str
        Those of its B shares and second counters.
    """

    mic: str
    name_zh: str
    name_en: str
    calendar: str
    currency: str
    timezone: str
    yahoo_suffix: str | None
    wind_suffix: str | None
    akshare_prefix: str | None
    code_pattern: str
    code_example: str
    index_pattern: str = ""
    other_currencies: tuple[str, ...] = ()

    def yahoo_symbol(self, code: str) -> str | None:
        """What Yahoo calls a code of this exchange, None where it does not serve the exchange."""
        return None if self.yahoo_suffix is None else f"{code}{self.yahoo_suffix}"

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency in which something trades there, the usual one first."""
        return (self.currency, *self.other_currencies)


_SHANGHAI = "Asia/Shanghai"
_NEW_YORK = "America/New_York"
_US_CODE = r"[A-Z]{1,5}(-[A-Z]{1,2})?"

_ALL = (
    Exchange(
        "XSHG",
        "上海证券交易所",
        "Shanghai Stock Exchange",
        "XSHG",
        "CNY",
        _SHANGHAI,
        ".SS",
        ".SH",
        "sh",
        r"\d{6}",
        "688018",
        r"000\d{3}",
        ("USD",),
    ),
    Exchange(
        "XSHE",
        "深圳证券交易所",
        "Shenzhen Stock Exchange",
        "XSHG",
        "CNY",
        _SHANGHAI,
        ".SZ",
        ".SZ",
        "sz",
        r"\d{6}",
        "000700",
        r"399\d{3}",
        ("HKD",),
    ),
    Exchange(
        # Yahoo serves none of its shares (yahooquery issue 257).
        "BJSE",
        "北京证券交易所",
        "Beijing Stock Exchange",
        "XSHG",
        "CNY",
        _SHANGHAI,
        None,
        ".BJ",
        "bj",
        r"\d{6}",
        "920002",
        r"899\d{3}",
    ),
    Exchange(
        "NEEQ",
        "全国中小企业股份转让系统",
        "National Equities Exchange and Quotations",
        "XSHG",
        "CNY",
        _SHANGHAI,
        None,
        ".NQ",
        None,
        r"\d{6}",
        "430002",
        r"899\d{3}",
    ),
    Exchange(
        "XHKG",
        "香港交易所",
        "Hong Kong Exchanges and Clearing",
        "XHKG",
        "HKD",
        "Asia/Hong_Kong",
        ".HK",
        ".HK",
        "",
        r"\d{4}|[1-9]\d{4}",
        "0285",
        "",
        ("CNY", "USD"),
    ),
    Exchange(
        "XNAS",
        "纳斯达克",
        "Nasdaq",
        "XNYS",
        "USD",
        _NEW_YORK,
        "",
        ".O",
        "",
        _US_CODE,
        "QCOM",
    ),
    Exchange(
        "XNYS",
        "纽约证券交易所",
        "New York Stock Exchange",
        "XNYS",
        "USD",
        _NEW_YORK,
        "",
        ".N",
        "",
        _US_CODE,
        "IBM",
    ),
    Exchange(
        "XASE",
        "NYSE American",
        "NYSE American",
        "XNYS",
        "USD",
        _NEW_YORK,
        "",
        ".A",
        "",
        _US_CODE,
        "IMO",
    ),
    Exchange(
        "XTAI",
        "台湾证券交易所",
        "Taiwan Stock Exchange",
        "XTAI",
        "TWD",
        "Asia/Taipei",
        ".TW",
        ".TW",
        None,
        r"\d{4}|\d{5,6}[A-Z]?",
        "2454",
    ),
    Exchange(
        "ROCO",
        "证券柜台买卖中心",
        "Taipei Exchange",
        "XTAI",
        "TWD",
        "Asia/Taipei",
        ".TWO",
        ".TWO",
        None,
        r"\d{4}|\d{5,6}[A-Z]?",
        "6488",
    ),
    Exchange(
        "XTKS",
        "东京证券交易所",
        "Tokyo Stock Exchange",
        "XTKS",
        "JPY",
        "Asia/Tokyo",
        ".T",
        ".T",
        None,
        r"\d{3}[0-9A-Z]",
        "6758",
    ),
    Exchange(
        "XKRX",
        "韩国交易所",
        "Korea Exchange",
        "XKRX",
        "KRW",
        "Asia/Seoul",
        ".KS",
        ".KS",
        None,
        r"\d{5}[0-9A-Z]",
        "005930",
    ),
    Exchange(
        "XLON",
        "伦敦证券交易所",
        "London Stock Exchange",
        "XLON",
        "GBP",
        "Europe/London",
        ".L",
        ".L",
        None,
        r"[A-Z0-9]{2,5}",
        "ARM",
        "",
        ("USD", "EUR"),
    ),
    Exchange(
        "XSES",
        "新加坡交易所",
        "Singapore Exchange",
        "XSES",
        "SGD",
        "Asia/Singapore",
        ".SI",
        ".SG",
        None,
        r"[A-Z0-9]{2,4}",
        "D05",
        "",
        ("USD", "HKD"),
    ),
)

_OTHERS = """\
XASX|澳大利亚证券交易所|Australian Securities Exchange|AUD|Australia/Sydney|.AX
XNZE|新西兰交易所|New Zealand Exchange|NZD|Pacific/Auckland|.NZ
XBOM|孟买证券交易所|BSE India|INR|Asia/Kolkata|.BO
XIDX|印度尼西亚证券交易所|Indonesia Stock Exchange|IDR|Asia/Jakarta|.JK
XKLS|马来西亚交易所|Bursa Malaysia|MYR|Asia/Kuala_Lumpur|.KL
XBKK|泰国证券交易所|Stock Exchange of Thailand|THB|Asia/Bangkok|.BK
XPHS|菲律宾证券交易所|Philippine Stock Exchange|PHP|Asia/Manila|.PS
XKAR|巴基斯坦证券交易所|Pakistan Stock Exchange|PKR|Asia/Karachi|.KA
AIXK|阿斯塔纳国际交易所|Astana International Exchange|USD|Asia/Almaty|
XSAU|沙特证券交易所|Saudi Exchange|SAR|Asia/Riyadh|.SR
XTAE|特拉维夫证券交易所|Tel Aviv Stock Exchange|ILS|Asia/Tel_Aviv|.TA
XIST|伊斯坦布尔证券交易所|Borsa Istanbul|TRY|Europe/Istanbul|.IS
XMOS|莫斯科交易所|Moscow Exchange|RUB|Europe/Moscow|.ME
XJSE|约翰内斯堡证券交易所|Johannesburg Stock Exchange|ZAR|Africa/Johannesburg|.JO
XPAR|泛欧交易所巴黎|Euronext Paris|EUR|Europe/Paris|.PA
XAMS|泛欧交易所阿姆斯特丹|Euronext Amsterdam|EUR|Europe/Amsterdam|.AS
XBRU|泛欧交易所布鲁塞尔|Euronext Brussels|EUR|Europe/Brussels|.BR
XLIS|泛欧交易所里斯本|Euronext Lisbon|EUR|Europe/Lisbon|.LS
XDUB|泛欧交易所都柏林|Euronext Dublin|EUR|Europe/Dublin|.IR
XMIL|意大利证券交易所|Borsa Italiana|EUR|Europe/Rome|.MI
XMAD|马德里证券交易所|Bolsa de Madrid|EUR|Europe/Madrid|.MC
XETR|德国电子交易所|Xetra|EUR|Europe/Berlin|.DE
XFRA|法兰克福证券交易所|Frankfurt Stock Exchange|EUR|Europe/Berlin|.F
XDUS|杜塞尔多夫证券交易所|Düsseldorf Stock Exchange|EUR|Europe/Berlin|.DU
XHAM|汉堡证券交易所|Hamburg Stock Exchange|EUR|Europe/Berlin|.HM
XSTU|斯图加特证券交易所|Stuttgart Stock Exchange|EUR|Europe/Berlin|
XEUR|欧洲期货交易所|Eurex|EUR|Europe/Berlin|
XEEE|欧洲能源交易所|European Energy Exchange|EUR|Europe/Berlin|
XSWX|瑞士证券交易所|SIX Swiss Exchange|CHF|Europe/Zurich|.SW
XWBO|维也纳证券交易所|Vienna Stock Exchange|EUR|Europe/Vienna|.VI
XLUX|卢森堡证券交易所|Luxembourg Stock Exchange|EUR|Europe/Luxembourg|
XSTO|纳斯达克斯德哥尔摩|Nasdaq Stockholm|SEK|Europe/Stockholm|.ST
XHEL|纳斯达克赫尔辛基|Nasdaq Helsinki|EUR|Europe/Helsinki|.HE
XCSE|纳斯达克哥本哈根|Nasdaq Copenhagen|DKK|Europe/Copenhagen|.CO
XOSL|奥斯陆证券交易所|Oslo Børs|NOK|Europe/Oslo|.OL
XICE|纳斯达克冰岛|Nasdaq Iceland|ISK|Atlantic/Reykjavik|.IC
XTAL|纳斯达克塔林|Nasdaq Tallinn|EUR|Europe/Tallinn|.TL
XRIS|纳斯达克里加|Nasdaq Riga|EUR|Europe/Riga|.RG
XLIT|纳斯达克维尔纽斯|Nasdaq Vilnius|EUR|Europe/Vilnius|.VS
XWAR|华沙证券交易所|Warsaw Stock Exchange|PLN|Europe/Warsaw|.WA
XPRA|布拉格证券交易所|Prague Stock Exchange|CZK|Europe/Prague|.PR
XBUD|布达佩斯证券交易所|Budapest Stock Exchange|HUF|Europe/Budapest|.BD
XBSE|布加勒斯特证券交易所|Bucharest Stock Exchange|RON|Europe/Bucharest|.RO
XBEL|贝尔格莱德证券交易所|Belgrade Stock Exchange|RSD|Europe/Belgrade|
XBRA|布拉迪斯拉发证券交易所|Bratislava Stock Exchange|EUR|Europe/Bratislava|
XLJU|卢布尔雅那证券交易所|Ljubljana Stock Exchange|EUR|Europe/Ljubljana|
XZAG|萨格勒布证券交易所|Zagreb Stock Exchange|EUR|Europe/Zagreb|
ASEX|雅典证券交易所|Athens Stock Exchange|EUR|Europe/Athens|.AT
XCYS|塞浦路斯证券交易所|Cyprus Stock Exchange|EUR|Asia/Nicosia|
XTSE|多伦多证券交易所|Toronto Stock Exchange|CAD|America/Toronto|.TO
XMEX|墨西哥证券交易所|Bolsa Mexicana de Valores|MXN|America/Mexico_City|.MX
BVMF|巴西证券交易所|B3|BRL|America/Sao_Paulo|.SA
XBUE|布宜诺斯艾利斯证券交易所|Bolsas y Mercados Argentinos|ARS|America/Argentina/Buenos_Aires|.BA
XSGO|圣地亚哥证券交易所|Bolsa de Santiago|CLP|America/Santiago|.SN
XLIM|利马证券交易所|Bolsa de Valores de Lima|PEN|America/Lima|.LM
XBOG|哥伦比亚证券交易所|Bolsa de Valores de Colombia|COP|America/Bogota|.CL
XBDA|百慕大证券交易所|Bermuda Stock Exchange|USD|Atlantic/Bermuda|
CMES|芝加哥商品交易所|Chicago Mercantile Exchange|USD|America/Chicago|
XCBF|芝加哥期权交易所期货|Cboe Futures Exchange|USD|America/Chicago|
IEPA|美国洲际交易所|ICE Futures U.S.|USD|America/New_York|
"""
"""The other exchanges whose sessions `exchange_calendars` knows: MIC, name in Chinese and English,
currency, time zone, Yahoo's suffix. Their codes are taken as they are."""


def _other(line: str) -> Exchange:
    """One of them."""
    mic, zh, en, currency, timezone, suffix = line.split("|")
    return Exchange(
        mic,
        zh,
        en,
        mic,
        currency,
        timezone,
        suffix or None,
        None,
        None,
        r"[0-9A-Z][0-9A-Z&.-]{0,14}",
        "ABC",
    )


EXCHANGES: Mapping[str, Exchange] = MappingProxyType(
    {one.mic: one for one in (*_ALL, *map(_other, _OTHERS.splitlines()))}
)
"""Every exchange known here, by MIC.

The American tickers are unique across the three American exchanges, which is why Yahoo needs no
suffix there. Sources: ISO 10383; the vendors' symbol pages; Hong Kong codes have four digits at
Yahoo and Wind (five only where the first is not zero) and five at Sina.
"""

_A_SHARE_STARTS = {
    "XSHG": ("60", "68", "90", "5"),
    "XSHE": ("00", "30", "20", "15", "16", "18"),
    "BJSE": ("92", "43", "83", "87", "88"),
}


_BOARD_STARTS = {
    "XSHG": (("STAR", ("688", "689")),),
    "XSHE": (("ChiNext", ("300", "301", "302")), ("SME", ("002", "003"))),
}

BOARDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {mic: (*(name for name, _ in boards), "main") for mic, boards in _BOARD_STARTS.items()}
)
"""Boards of an exchange that a standard may name a benchmark for, by MIC. Beijing and NEEQ are
exchanges of their own."""


def boards_of(mic: str, code: str) -> tuple[str, ...]:
    """The boards of an exchange that a code belongs to, the narrowest first.

    Parameters
    ----------
    mic : str
        MIC of the exchange.
    code : str
        The local code.

    Returns
    -------
    tuple of str
        Empty where the exchange has no boards. What was listed on Shenzhen's board for small and
        medium enterprises belongs to the main board too, into which it was merged in 2021.

    Examples
    --------
    >>> boards_of("XSHG", "688018"), boards_of("XSHE", "002415"), boards_of("XHKG", "0700")
    (('STAR',), ('SME', 'main'), ())
    """
    if mic not in _BOARD_STARTS:
        return ()
    own = tuple(board for board, starts in _BOARD_STARTS[mic] if code.startswith(starts))
    return own if own and own != ("SME",) else (*own, "main")


def trading_currency(mic: str, code: str) -> str:
    """ISO 4217 code of the currency that a code of an exchange trades in: B shares have their own.

    Examples
    --------
    >>> trading_currency("XSHG", "900901"), trading_currency("XSHE", "200011")
    ('USD', 'HKD')
    """
    if mic == "XSHG" and code.startswith("900"):
        return "USD"
    if mic == "XSHE" and code.startswith("200"):
        return "HKD"
    return EXCHANGES[mic].currency


def code_fault(mic: str, code: str) -> tuple[str, str] | None:
    """What is wrong with a code on an exchange, and what to write instead; None when nothing is.

    Parameters
    ----------
    mic : str
        A key of ``EXCHANGES``.
    code : str
        The local code, leading zeros included.

    Returns
    -------
    tuple of (str, str) or None
        The fault and its remedy, each one clause.

    Examples
    --------
    >>> code_fault("XSHE", "000700") is None
    True
    >>> code_fault("XSHE", "700")
    ('700 is no code of XSHE', 'write 000700: leading zeros were lost')
    >>> code_fault("XSHG", "000001")
    ('000001 is an index of Shanghai Stock Exchange, not a share', 'the share is XSHE:000001')
    >>> code_fault("XSHE", "688018")
    ('Shenzhen Stock Exchange has no code 688018', 'did you mean XSHG:688018?')
    """
    exchange = EXCHANGES[mic]
    if not re.fullmatch(exchange.code_pattern, code, flags=re.ASCII):
        width = len(exchange.code_example)
        if exchange.code_example.isdigit() and re.fullmatch(r"[0-9]+", code) and len(code) < width:
            remedy = f"write {code.zfill(width)}: leading zeros were lost"
        elif mic == "XHKG" and re.fullmatch(r"0[0-9]{4}", code):
            remedy = f"write {code[1:]}: Hong Kong codes have four digits here"
        else:
            remedy = f"codes there look like {exchange.code_example}"
        return f"{code} is no code of {mic}", remedy
    homes = [other for other, starts in _A_SHARE_STARTS.items() if code.startswith(starts)]
    homes = [other for other in homes if not _is_index(other, code)]
    if _is_index(mic, code):
        remedy = f"the share is {homes[0]}:{code}" if homes else "name a share's code"
        return f"{code} is an index of {exchange.name_en}, not a share", remedy
    if mic in _A_SHARE_STARTS and homes and mic not in homes:
        return f"{exchange.name_en} has no code {code}", f"did you mean {homes[0]}:{code}?"
    return None


def _is_index(mic: str, code: str) -> bool:
    pattern = EXCHANGES[mic].index_pattern
    return bool(pattern) and re.fullmatch(pattern, code, flags=re.ASCII) is not None
