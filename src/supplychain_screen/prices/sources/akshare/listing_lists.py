"""Lists of the shares of each market, from exchanges and vendors through AkShare."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

import pandas as pd

from supplychain_screen.errors import MalformedAnswerError, SourceError, SourceUnreachableError
from supplychain_screen.prices.sources.akshare.process import AkShareProcess, Call
from supplychain_screen.words import message

__all__ = ["LISTED", "fetch_listings"]

SOURCE = "akshare"

LISTED: Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]] = {
    "XSHG": (
        ("stock_info_sh_name_code", {"symbol": "主板A股"}),
        ("stock_info_sh_name_code", {"symbol": "科创板"}),
    ),
    "XSHE": (("stock_info_sz_name_code", {"symbol": "A股列表"}),),
    "BJSE": (("stock_info_bj_name_code", {}),),
    "XHKG": (("stock_hk_spot", {}),),
    "US": (("stock_us_spot_em", {}),),
}
"""Functions of AkShare that list a market, by MIC; ``US`` is New York, Nasdaq and American."""

# Eastmoney's numbers of the American exchanges, before each ticker.
_PLACES = {"105": "XNAS", "106": "XNYS", "107": "XASE"}
# Frequent in names of companies, and told apart by them.
_TRADITIONAL, _SIMPLIFIED = "國業電團華", "国业电团华"


def fetch_listings(
    markets: Sequence[str], deadline: float, call: Call | None = None
) -> Iterator[tuple[str, pd.DataFrame | SourceError]]:
    """The list of each market, or why it is not there.

    Parameters
    ----------
    markets : sequence of str
        Keys of ``LISTED``.
    deadline : float
        Seconds that all may take together; the process that runs AkShare is killed then.
    call : callable, optional
        Stands in for that process.

    Yields
    ------
    tuple of (str, DataFrame or SourceError)
        A frame has columns of codes, names and, of some markets, days and exchanges, as AkShare
        calls them.

    Raises
    ------
    MissingExtraError
        When AkShare is not installed.
    """
    ends = time.monotonic() + deadline
    for market in markets:
        left = ends - time.monotonic()
        if left <= 0:
            why = f"the deadline of {deadline:g} seconds has passed"
            said = message("akshare.not_asked", why=why)
            yield market, SourceUnreachableError(said, source=SOURCE, symbol=market, attempts=0)
            continue
        with closing(AkShareProcess(left)) as process:
            try:
                parts = [(call or process.call)(*one) for one in LISTED[market]]
                if any(part.empty for part in parts):
                    raise _unusable(market, "the list is empty")
                frame = pd.concat(parts, ignore_index=True)
                yield market, _spelled(frame, market)
            except SourceError as error:
                yield market, error


def _spelled(frame: pd.DataFrame, market: str) -> pd.DataFrame:
    """The columns that a reader of lists knows, without what a vendor writes around a code."""
    if market == "XHKG" and "中文名称" in frame.columns:
        # The column does not say in which characters Sina's names are.
        text = "".join(frame["中文名称"].dropna().astype("str"))
        old, new = (sum(map(text.count, signs)) for signs in (_TRADITIONAL, _SIMPLIFIED))
        return frame.rename(columns={"中文名称": "中文名稱"}) if old > new else frame
    if market != "US":
        return frame
    if not {"代码", "名称"} <= set(frame.columns):
        raise _unusable(market, f"it has the columns {', '.join(frame.columns)}")
    parts = frame["代码"].astype("str").str.partition(".")
    rows = pd.DataFrame({"code": parts[2], "名称": frame["名称"], "market": parts[0].map(_PLACES)})
    return rows[rows["market"].notna()]


def _unusable(market: str, what: str) -> MalformedAnswerError:
    said = message("akshare.unusable", symbol=market, what=what)
    return MalformedAnswerError(said, source=SOURCE, symbol=market)
