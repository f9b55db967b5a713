"""SIMULATED prices of years whose sessions no calendar knows.

The mainland trades here on the weekdays after 2026 but for holidays that this file makes up: New
Year, a Spring Festival from 2027-02-05 to 2027-02-12 and one from 2028-01-22 to 2028-01-30.
Nobody has announced them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from tests.weekly_desks import FIRST, Market, Vendor, small_report

from supplychain_screen.errors import SourceError
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices.adjustment import FetchedHistory

LAST_ANNOUNCED = date(2026, 12, 31)
CLOSED = np.concatenate(
    [
        np.arange(first, np.datetime64(last) + 1, dtype="datetime64[D]")
        for first, last in (
            ("2027-01-01", "2027-01-01"),
            ("2027-02-05", "2027-02-12"),
            ("2028-01-01", "2028-01-03"),
            ("2028-01-22", "2028-01-30"),
        )
    ]
)


def sessions(calendar: str, last: date) -> npt.NDArray[np.datetime64]:
    """Sessions from FIRST to ``last``; the mainland's after 2026 as this file makes them up."""
    if calendar != "XSHG":
        return exchange_sessions(calendar, FIRST, last)
    known = exchange_sessions(calendar, FIRST, min(last, LAST_ANNOUNCED))
    days = np.arange(np.datetime64("2027-01-01"), np.datetime64(last) + 1)
    days = days[np.is_busday(days)]
    return np.concatenate([known, days[~np.isin(days, CLOSED)]])


class LaterMarket(Market):
    """The desk's market, up to a day behind Shanghai's calendar."""

    def __init__(self, last: date) -> None:
        self.instruments = list(small_report().instruments)
        self.closes = {}
        for i, one in enumerate(self.instruments):
            days = sessions(one.calendar, last)
            steps = np.random.default_rng(i).normal(0, 0.004 if one.is_index else 0.012, days.size)
            walk = np.round(100 * np.exp(np.cumsum(np.clip(steps, -0.04, 0.04))), 6)
            self.closes[one.id] = dict(zip(map(str, days), walk.tolist(), strict=True))

    def write(self, path: Path) -> Path:
        """A price file of every close."""
        frames = [
            pd.DataFrame(
                {
                    "symbol": one.symbol("yahoo"),
                    "date": list(closes),
                    "close": list(closes.values()),
                    "volume": 1_000_000,
                }
            )
            for one in self.instruments
            if (closes := self.closes[one.id])
        ]
        pd.concat(frames).to_csv(path, index=False)
        return path


class CountingVendor(Vendor):
    """Remembers whom it was asked for."""

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        self.asked = [*getattr(self, "asked", ()), *(one.id for one in instruments)]
        yield from super().stream(instruments, first)
