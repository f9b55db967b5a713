"""Daily price limits of the exchanges, which no honest close passes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument

__all__ = [
    "HALF_TICK",
    "LIMIT_SLACK",
    "NEW_LISTING_SESSIONS",
    "RESUMED_AFTER",
    "SURE_SLACK",
    "daily_limit",
]

LIMIT_SLACK = 0.005
"""How far beyond the limit a return may lie, as a fraction, besides ``HALF_TICK``: adjusted closes
are not exact. In the real data since 2019 the largest excess is 0.37 points (SG Micro, -10.37% on
2020-03-16)."""

HALF_TICK = 0.005
"""A limit price is rounded to a tick of 0.01, so by half of that in the currency."""

SURE_SLACK = 0.025
"""The same where the reference price is not known for sure: a cash dividend that nobody told
lowers it (one of 2.5% is a large one), and a series that subtracts dividends stretches every
return. Moves between both bounds are suspicious, not wrong."""

NEW_LISTING_SESSIONS = 5
"""Sessions without limit after a listing: STAR from its start, ChiNext from 2020-08-24, the main
boards from 2023-04-10, Taiwan from 2005. Before that and in Beijing it was the first one."""

RESUMED_AFTER = 60
"""Suspended sessions after which the first close back is not judged: companies come back
restructured then, and some with no limit on the first day."""

_CHINEXT_REFORM = np.datetime64("2020-08-24")
_TAIWAN_REFORM = np.datetime64("2015-06-01")
_KOREA_REFORM = np.datetime64("2015-06-15")


def daily_limit(
    instrument: Instrument, days: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.float64]:
    """Largest move a session's close may make from the close before, as a fraction.

    Parameters
    ----------
    instrument : Listing or Index
        Its exchange, board and code decide.
    days : ndarray of datetime64[D], shape (n,)
        Sessions.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where there is no limit: indices, Hong Kong, the United States, and every exchange
        whose rule is no percentage.

    Notes
    -----
    Shanghai and Shenzhen main boards 10% (ST shares less, which a wider bound covers), STAR 20%,
    ChiNext 10% and from 2020-08-24 20%, Beijing 30%; funds there 10% or 20%. Taiwan 7% and from
    2015-06-01 10%. Korea 15% and from 2015-06-15 30%. Source: the exchanges' trading rules.

    Examples
    --------
    >>> from supplychain_screen import Listing
    >>> days = np.array(["2020-08-21", "2020-08-24"], "datetime64[D]")
    >>> allwinner = Listing(mic="XSHE", code="300458", currency="CNY", board="ChiNext")
    >>> daily_limit(allwinner, days).tolist()
    [0.1, 0.2]
    >>> daily_limit(Listing(mic="XHKG", code="1810", currency="HKD"), days).tolist()
    [nan, nan]
    """
    mic, code = instrument.mic, instrument.code
    board = "" if instrument.is_index else getattr(instrument, "board", "").casefold()
    if mic == "XSHG":
        star = "star" in board.split() or "科创" in board or code.startswith(("688", "689"))
        return np.full(days.shape, 0.2 if star or code.startswith("5") else 0.1)
    if mic == "XSHE":
        if "chinext" in board or "创业" in board or code.startswith(("300", "301", "302")):
            return np.where(days < _CHINEXT_REFORM, 0.1, 0.2)
        return np.full(days.shape, 0.2 if code.startswith("1") else 0.1)
    if mic == "BJSE":
        return np.full(days.shape, 0.3)
    if mic in ("XTAI", "ROCO"):
        return np.where(days < _TAIWAN_REFORM, 0.07, 0.1)
    if mic == "XKRX":
        return np.where(days < _KOREA_REFORM, 0.15, 0.3)
    return np.full(days.shape, np.nan)
