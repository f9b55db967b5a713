"""Track records that several tests of the outputs look at, of SIMULATED prices and calls."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from tests.screenings import HOSTILE

import supplychain_screen as scs
from supplychain_screen import PricePanel, TrackRecord

GIFTED = "Gifted House"


@lru_cache(maxsize=1)
def closes() -> pd.DataFrame:
    """Closes of an index and 60 stocks, wide, over three years."""
    chance = np.random.default_rng(3)
    days = pd.bdate_range("2021-01-04", "2023-12-29")
    steps = 0.012 * chance.standard_normal((len(days), 61))
    names = ["INDEX:SPX", *(f"XNYS:S{i:03d}" for i in range(60))]
    return pd.DataFrame(100 * np.exp(np.cumsum(steps, axis=0)), index=days, columns=names)


@lru_cache(maxsize=2)
def panel(simulated: bool = True) -> PricePanel:
    """The closes as a panel, said to be SIMULATED or not."""
    standard = scs.load_report().standard
    made = scs.panel_from_frame(closes(), indices=standard.indices)
    return replace(made, simulated=simulated)


@lru_cache(maxsize=4)
def calls(
    firms: tuple[str, ...], each: int = 60, gifted: bool = True, seed: int = 5
) -> pd.DataFrame:
    """Calls of ``firms``; with ``gifted`` one more knows four of five outcomes."""
    chance = np.random.default_rng(seed)
    names = [*firms, GIFTED] if gifted else list(firms)
    who = np.repeat(names, each)
    days = closes().index
    told = pd.DataFrame(
        {
            "firm": who,
            "listing": chance.choice(closes().columns[1:], who.size),
            "published": chance.choice(days[5:-20], who.size),
            "rating": chance.choice(["Buy", "Buy", "Hold", "Sell"], who.size),
            "action": "Initiates",
        }
    )
    end = told["published"] + pd.DateOffset(months=6)
    known = end <= days[-1]
    own = told["firm"].eq(GIFTED) & known & (chance.random(who.size) < 0.8)
    ahead = closes().reindex(pd.date_range(days[0], days[-1])).ffill()
    for at in np.flatnonzero(own):
        row = told.iloc[at]
        span = [row["published"], end.iloc[at]]
        stock, index = (ahead.loc[span, one].to_numpy() for one in (row["listing"], "INDEX:SPX"))
        up = stock[1] / stock[0] > index[1] / index[0]
        told.loc[told.index[at], "rating"] = "Buy" if up else "Sell"
    return told


@lru_cache(maxsize=8)
def made(**options: Any) -> TrackRecord:
    """Nineteen ordinary firms and a gifted one; one more with three calls only."""
    told = calls(tuple(f"House {i:02d}" for i in range(19)))
    few = calls(("Small House",), each=3, gifted=False)
    lost = few.assign(firm="House 00", listing="XNYS:GONE")
    return scs.track_record(pd.concat([told, few, lost]), panel(), **options)


@lru_cache(maxsize=1)
def aimed() -> TrackRecord:
    """Calls with a target at 50: some above their stock and some below it, one in another money."""
    told = calls(HOSTILE[:3], each=30, gifted=False).assign(target=50.0, currency="USD")
    told.loc[told.index[0], "currency"] = "EUR"
    none = pd.DataFrame({"listing": [], "date": [], "ratio": []})
    return scs.track_record(told, panel(), adjustment="splits", splits=none)


@lru_cache(maxsize=1)
def equals() -> TrackRecord:
    """Firms that nothing tells apart."""
    return scs.track_record(
        calls(tuple(f"House {i:02d}" for i in range(12)), 60, False, 6), panel()
    )


@lru_cache(maxsize=1)
def strange() -> TrackRecord:
    """Firms, words and securities of names that a careless output would run."""
    told = calls(HOSTILE, each=30)
    words = told.head(len(HOSTILE)).assign(rating=list(HOSTILE), firm="House of words")
    codes = told.head(3).assign(listing=["=1+1", "<b>x</b>", "../../etc"], firm=HOSTILE[0])
    return scs.track_record(pd.concat([told, words, codes]), panel())


@lru_cache(maxsize=1)
def young() -> TrackRecord:
    """A record of which no call is six months old."""
    told = calls(("House 00", "House 01"), each=10, gifted=False)
    return scs.track_record(told.assign(published="2023-12-01"), panel())
