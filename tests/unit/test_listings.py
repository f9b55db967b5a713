"""Listings are told apart by exchange and code, never by a bare code."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from pydantic import ValidationError

from supplychain_screen import Index, Listing
from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity import EXCHANGES, Vendor, parse_symbol

# Symbols as the vendors write them: Yahoo's quote pages, Wind codes of printed reports,
# Sina's codes as AkShare documents them.
SYMBOLS = [
    ("XSHG:688018", "688018.SS", "688018.SH", "sh688018"),
    ("XSHE:000001", "000001.SZ", "000001.SZ", "sz000001"),
    ("XSHE:000700", "000700.SZ", "000700.SZ", "sz000700"),
    ("BJSE:920002", None, "920002.BJ", "bj920002"),
    ("XHKG:0700", "0700.HK", "0700.HK", "00700"),
    ("XHKG:0285", "0285.HK", "0285.HK", "00285"),
    ("XHKG:80700", "80700.HK", "80700.HK", "80700"),
    ("XNAS:QCOM", "QCOM", "QCOM.O", "QCOM"),
    ("XNYS:BRK-B", "BRK-B", "BRK_B.N", "BRK.B"),
    ("XTAI:2454", "2454.TW", "2454.TW", None),
    ("NEEQ:430002", None, "430002.NQ", None),
    ("XTKS:6758", "6758.T", "6758.T", None),
    ("XKRX:005930", "005930.KS", "005930.KS", None),
]


def listing(key: str) -> Listing:
    mic, code = key.split(":")
    return Listing(mic=mic, code=code, currency=EXCHANGES[mic].currency, name_zh="名")


@pytest.mark.parametrize(("key", "yahoo", "wind", "akshare"), SYMBOLS)
def test_symbols_of_each_vendor(
    key: str, yahoo: str | None, wind: str | None, akshare: str | None
) -> None:
    one = listing(key)
    assert (one.symbol("yahoo"), one.symbol("wind"), one.symbol("akshare")) == (
        yahoo,
        wind,
        akshare,
    )


@pytest.mark.parametrize(("key", "yahoo", "wind"), [row[:3] for row in SYMBOLS])
def test_symbols_lead_back_to_the_listing(key: str, yahoo: str | None, wind: str) -> None:
    mic = key.split(":")[0]
    for text in (key, yahoo, wind):
        if text is not None:
            assert ":".join(parse_symbol(text, us_mic=mic)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("00700.HK", "XHKG:0700"),
        (" sh688018 ", "XSHG:688018"),
        ("SZ000001", "XSHE:000001"),
        ("６８８０１８．ＳＳ", "XSHG:688018"),
        ("0285.hk", "XHKG:0285"),
        ("nvda", "XNAS:NVDA"),
        ("NVDA.O", "XNAS:NVDA"),
        ("IBM.N", "XNYS:IBM"),
        ("xshe:000700", "XSHE:000700"),
    ],
)
def test_other_spellings(text: str, key: str) -> None:
    assert ":".join(parse_symbol(text)) == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "000001.SS",
            "index of Shanghai Stock Exchange, not a share (got '000001.SS'); "
            "the share is XSHE:000001",
        ),
        ("000300.SH", "not a share"),
        ("399300.SZ", "index of Shenzhen"),
        ("688018.SZ", "did you mean XSHG:688018?"),
        ("300750.SS", "did you mean XSHE:300750?"),
        ("920002.SZ", "did you mean BJSE:920002?"),
        ("700.HK", "write 0700: leading zeros were lost"),
        ("700.SZ", "write 000700: leading zeros were lost"),
        ("000700", "a bare code names no exchange (got '000700'); write one of XSHE:000700"),
        ("0700", "write one of XHKG:0700, XTAI:0700"),
        ("688018.SX", "unknown suffix .SX"),
        ("XSHQ:688018", "did you mean XSHG"),
        ("^HSI", "not a symbol"),
        ("", "not a symbol"),
        ("乐鑫科技", "not a symbol"),
    ],
)
def test_near_misses_are_refused_with_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(UnknownListingError) as caught:
        parse_symbol(text)
    assert message in str(caught.value)


def test_no_two_exchanges_share_a_symbol_for_the_same_code() -> None:
    """0700.HK is not 000700.SZ, and 000001.SS is not 000001.SZ: a symbol has one meaning."""
    for code in ("000001", "600000", "0700", "2454", "430002"):
        vendors: tuple[Vendor, ...] = ("yahoo", "wind")
        for vendor in vendors:
            seen: dict[str, str] = {}
            for mic in EXCHANGES:
                try:
                    one = Listing(mic=mic, code=code, currency=EXCHANGES[mic].currency)
                except ValidationError:
                    continue
                symbol = one.symbol(vendor)
                if symbol is not None:
                    assert symbol not in seen, (symbol, seen)
                    seen[symbol] = one.id


def test_calendars_of_exchanges_that_have_none_of_their_own() -> None:
    assert EXCHANGES["XSHE"].calendar == EXCHANGES["BJSE"].calendar == "XSHG"
    assert EXCHANGES["XNAS"].calendar == EXCHANGES["XASE"].calendar == "XNYS"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mic": "XSHQ", "code": "688018"}, "did you mean XSHG"),
        ({"mic": "XSHE", "code": "700"}, "write 000700"),
        ({"mic": "XHKG", "code": "00700"}, "write 0700"),
        ({"mic": "XSHG", "code": "000300"}, "is an index"),
        ({"mic": "XSHG", "code": "688018", "currency": "yuan"}, "currency"),
    ],
)
def test_a_listing_that_cannot_be_is_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Listing.model_validate({"currency": "CNY", **fields})


def test_an_index_has_an_id_of_its_own_and_no_first_day() -> None:
    hsi = Index(
        name="HSI",
        printed="HSI.HI",
        name_zh="恒生指数",
        currency="HKD",
        calendar="XHKG",
        symbols={"yahoo": "^HSI", "wind": "HSI.HI"},
    )
    assert hsi.id == "INDEX:HSI"
    assert hsi.is_index
    assert not listing("XHKG:0700").is_index
    assert hsi.symbol("yahoo") == "^HSI"
    assert hsi.symbol("akshare") is None
    assert hsi.first_session is hsi.last_session is None
    assert hsi.timezone == "Asia/Hong_Kong"
    assert str(hsi) == "INDEX:HSI 恒生指数"
    assert len({hsi, hsi.model_copy()}) == 1
    with pytest.raises(ValidationError, match="unknown calendar XHKX"):
        Index(name="X", currency="HKD", calendar="XHKX")


def test_listings_travel_between_processes() -> None:
    one = listing("XSHG:688018").model_copy(update={"first_session": date(2019, 7, 22)})
    assert pickle.loads(pickle.dumps(one)) == one
