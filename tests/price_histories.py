"""Small price histories for the tests of the store: what a vendor would have answered, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from supplychain_screen import Index, Listing
from supplychain_screen.errors import SourceError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Events

ESPRESSIF = Listing(
    mic="XSHG",
    code="688018",
    currency="CNY",
    board="SSE STAR",
    first_session=date(2019, 7, 22),
)
GOODIX = Listing(mic="XSHG", code="603160", currency="CNY", board="SSE")
BYD = Listing(mic="XHKG", code="0285", currency="HKD")
CSI300 = Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"yahoo": "000300.SS"})


def moment(text: str) -> datetime:
    """A moment in UTC: ``2025-06-04T08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def history(
    closes: Mapping[str, float],
    *,
    of: Instrument = ESPRESSIF,
    at: str = "2025-06-30T08:00",
    splits: Sequence[tuple[str, float]] = (),
    dividends: Sequence[tuple[str, float]] = (),
    volume: float | Sequence[float] = 1e6,
    first: str = "2025-01-01",
    source: str = "yahoo",
    **others: Any,
) -> FetchedHistory:
    """A history of traded closes, day by day."""
    close = np.array(list(closes.values()), np.float64)
    fields: dict[str, Any] = {"currency": of.currency, "timezone": of.timezone, **others}
    return FetchedHistory(
        listing=of.id,
        sessions=np.array(list(closes), "datetime64[D]"),
        close=close,
        open=close,
        high=close,
        low=close,
        volume=np.broadcast_to(np.asarray(volume, np.float64), close.shape).copy(),
        splits=Events.of(*splits),
        dividends=Events.of(*dividends),
        source=source,
        symbol=of.symbol("yahoo") or of.id,
        fetched_at=moment(at),
        asked_first=date.fromisoformat(first),
        **fields,
    )


class ScriptedSource:
    """A source that answers from a list, and counts what it is asked.

    Parameters
    ----------
    answers : mapping of id to FetchedHistory or SourceError
        What it says; a missing id is not answered but for the error of a stopped source.
    """

    def __init__(
        self, answers: Mapping[str, FetchedHistory | SourceError], name: str = "yahoo"
    ) -> None:
        self.answers = dict(answers)
        self.name = name
        self.simulated = False
        self.asked: list[tuple[str, date]] = []

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        for instrument in instruments:
            since = first if isinstance(first, date) else first[instrument.id]
            self.asked.append((instrument.id, since))
            yield instrument, self.answers[instrument.id]
