"""Daily price limits of the exchanges, which no honest close passes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from supplychain_screen.identity import Instrument

__all__ = [
    "HALF_TICK",
    "LIMIT_SLACK",
    "NEW_LISTING_SESSIONS",
    "RELISTED_AFTER",
    "SURE_SLACK",
    "daily_limit",
    "free_sessions",
    "index_limit",
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
boards from 2023-04-10, Taiwan from 2005. Before that, in Beijing and in Korea it is the first
one."""

RELISTED_AFTER = 240
"""Suspended sessions, about a year, after which a move back beyond the limit is reported only: a
share that was suspended from listing comes back without limit on its first day. Shorter
suspensions end under the usual limit."""

_FIRST_LIMITS = np.datetime64("1996-12-16")
_SELECT_LAYER = np.datetime64("2020-07-27")
_MAIN_REFORM = np.datetime64("2023-04-10")
_CHINEXT_REFORM = np.datetime64("2020-08-24")
_TAIWAN_REFORM = np.datetime64("2015-06-01")
_KOREA_REFORM = np.datetime64("2015-06-15")

_MAIN_BOARD_INDICES = frozenset({"CSI300", "CSI100", "SSE50", "SSE180", "SSE", "A50"})


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
        NaN where there is no limit: indices, Hong Kong, the United States, every exchange whose
        rule is no percentage, and the mainland before its limits began on 1996-12-16.

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
    if mic in ("XSHG", "XSHE"):
        if _is_star(instrument):
            limit = np.full(days.shape, 0.2)
        elif _is_chinext(instrument):
            limit = np.where(days < _CHINEXT_REFORM, 0.1, 0.2)
        else:
            fund = code.startswith("5" if mic == "XSHG" else "1")
            limit = np.full(days.shape, 0.2 if fund else 0.1)
        return np.where(days < _FIRST_LIMITS, np.nan, limit)
    if mic == "BJSE":
        return np.where(days < _SELECT_LAYER, np.nan, 0.3)
    if mic in ("XTAI", "ROCO"):
        return np.where(days < _TAIWAN_REFORM, 0.07, 0.1)
    if mic == "XKRX":
        return np.where(days < _KOREA_REFORM, 0.15, 0.3)
    return np.full(days.shape, np.nan)


def free_sessions(instrument: Instrument) -> int:
    """How many of a listing's first sessions have no limit; 0 where nothing ever has one.

    Parameters
    ----------
    instrument : Listing or Index
        Its board and its first session decide; where nobody knows the latter, the most there are.

    Examples
    --------
    >>> from datetime import date
    >>> from supplychain_screen.identity import Listing
    >>> free_sessions(
    ...     Listing(mic="XSHG", code="605319", currency="CNY", first_session=date(2021, 1, 4))
    ... )
    1
    """
    mic, listed = instrument.mic, instrument.first_session
    if mic in ("XTAI", "ROCO") or (mic == "XSHG" and _is_star(instrument)):
        return NEW_LISTING_SESSIONS
    if mic in ("XSHG", "XSHE"):
        reform = _CHINEXT_REFORM if _is_chinext(instrument) else _MAIN_REFORM
        young = listed is None or np.datetime64(listed, "D") >= reform
        return NEW_LISTING_SESSIONS if young else 1
    return 1 if mic in ("BJSE", "XKRX") else 0


def index_limit(index: Instrument) -> float:
    """Largest daily move of an index whose members have limits, as a fraction; NaN for others.

    Parameters
    ----------
    index : Index
        Its calendar decides, and whether its members are large shares of the main boards.

    Notes
    -----
    The CSI 300's largest day is under 10%; indices of STAR and ChiNext shares went to 18%.
    """
    if index.calendar == "XSHG":
        return 0.1 if index.code in _MAIN_BOARD_INDICES else 0.3
    return {"XTAI": 0.1, "XKRX": 0.3}.get(index.calendar, np.nan)


def _is_star(instrument: Instrument) -> bool:
    board = _board(instrument)
    star = "star" in board.split() or "科创" in board or instrument.code.startswith(("688", "689"))
    return instrument.mic == "XSHG" and star


def _is_chinext(instrument: Instrument) -> bool:
    board = _board(instrument)
    return instrument.mic == "XSHE" and (
        "chinext" in board or "创业" in board or instrument.code.startswith(("300", "301", "302"))
    )


def _board(instrument: Instrument) -> str:
    return "" if instrument.is_index else str(getattr(instrument, "board", "")).casefold()
