"""What a price source hands over: one listing's daily closes, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import SourceError
from supplychain_screen.words import Message, Phrase, counted, message_phrase

if TYPE_CHECKING:
    from supplychain_screen.identity import Instrument

__all__ = [
    "Adjustment",
    "Basis",
    "Events",
    "Finding",
    "LoadedPrices",
    "PriceSeries",
    "PriceSource",
    "Reach",
]

Basis = Literal["price", "total"]
"""What a return means: ``price`` ignores cash dividends, ``total`` reinvests them."""

Adjustment = Literal["splits", "splits+dividends", "none", "as given"]
"""What a close was adjusted for: ``splits`` serves the basis ``price``, ``splits+dividends``
the basis ``total``, ``none`` is the traded price, ``as given`` is a file nobody vouched for."""

Action = Literal["reported", "dropped", "quarantined", "unrated", "substituted"]

Reach = Literal["span", "move", "ends"]
"""Which windows a struck finding takes: ``span`` those that hold one of its days; ``move`` those
that begin before its first day and end on it or later (the closes on both sides are each what
they say, only the move between them is not); ``ends`` those that begin or end on one of its
days."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found in a price series, and what was done about it.

    Parameters
    ----------
    code : str
        Machine-readable name of the check, for example ``repeated_close``.
    listing : str
        Id of the listing or index.
    first, last : date or None
        First and last session concerned, both inclusive.
    action : str
        ``reported`` (shown only), ``dropped`` (rows were not used), ``quarantined`` (an answer
        was kept out), ``unrated`` (calls whose window touches it get ``suspect_prices``) or
        ``substituted`` (another adjustment or source than asked).
    message : Message or str
        What was found, with its numbers; words that somebody wrote freely stay as they are.
    reach : {"span", "move", "ends"}
        Which windows are unrated, where the action is ``unrated``.
    """

    code: str
    listing: str
    first: date | None
    last: date | None
    action: Action
    message: Message | str
    reach: Reach = "span"

    @property
    def detail(self) -> str:
        """The sentence in English, as machine output has it."""
        return str(self.message)

    @property
    def phrase(self) -> Phrase:
        """The sentence in both languages."""
        return message_phrase(self.message)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Split or dividend events of one listing, in order of their ex-dates.

    Parameters
    ----------
    sessions : ndarray of datetime64[D], shape (k,)
        Ex-dates, strictly increasing: the first session on which the share trades without the
        right. An ex-date need not be a session of the prices (a suspension).
    values : ndarray of float64, shape (k,)
        Splits: new shares for one old share (a bonus issue of 4 for 10 is 1.4). Dividends: cash
        for one share held before the ex-date, in the listing's currency; a bonus issue of the
        same day comes on top of it.
    """

    sessions: npt.NDArray[np.datetime64]
    values: npt.NDArray[np.float64]

    @classmethod
    def of(cls, *events: tuple[str, float]) -> Events:
        """Events written out, ex-date and value.

        Examples
        --------
        >>> Events.of(("2025-06-04", 1.4)).values.tolist()
        [1.4]
        """
        ordered = sorted(events)
        return cls(
            np.array([day for day, _ in ordered], dtype="datetime64[D]"),
            np.array([value for _, value in ordered], dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.sessions)


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
    """Daily closes of one listing from one source, as that source served them.

    Parameters
    ----------
    listing : str
        Id of the listing (``XSHG:688018``) or index (``INDEX:HSI``).
    sessions : ndarray of datetime64[D], shape (n,)
        Strictly increasing days of the exchange's own calendar.
    close : ndarray of float64, shape (n,)
        Closes in the listing's currency. NaN where the source has a row but no close.
    volume : ndarray of float64, shape (n,)
        Shares traded; NaN where unknown (then no row is taken for a suspension).
    adjustment : Adjustment
        What the closes were adjusted for.
    source : str
        Who served it, for example ``yahoo`` or ``file prices.csv.gz``.
    symbol : str
        The source's own name of the listing.
    fetched_at : datetime or None
        When it was fetched (UTC, aware); None for a file or simulated prices.
    splits, dividends : Events or None
        What its source knows to have happened since the first session, later than the last one
        too; empty where it knows of nothing, None where it knows no events.
    currency : str
        As the source states it (ISO code); empty where it states none.
    """

    listing: str
    sessions: npt.NDArray[np.datetime64]
    close: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64]
    adjustment: Adjustment
    source: str
    symbol: str
    fetched_at: datetime | None = None
    splits: Events | None = None
    dividends: Events | None = None
    currency: str = ""

    def __repr__(self) -> str:
        days = f", {self.sessions[0]} to {self.sessions[-1]}" if len(self.sessions) else ""
        return (
            f"<PriceSeries of {self.listing} from {self.source} ({self.adjustment}): "
            f"{counted(len(self.sessions), 'session')}{days}>"
        )


@dataclass(frozen=True, slots=True)
class LoadedPrices:
    """Everything one request to a source brought: series, findings, and who failed and why.

    Every asked listing is a key of exactly one of ``series`` and ``failures``.
    """

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, SourceError] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    def __repr__(self) -> str:
        return (
            f"<LoadedPrices: {len(self.series)} series, {counted(len(self.failures), 'failure')}, "
            f"{counted(len(self.findings), 'finding')}>"
        )


@runtime_checkable
class PriceSource(Protocol):
    """Something that serves daily closes: Yahoo, files, the store, simulated prices."""

    @property
    def name(self) -> str:
        """Short name printed as the source of every number."""
        ...

    @property
    def simulated(self) -> bool:
        """True where no market ever saw these prices; every output then says SIMULATED."""
        ...

    def bases(self) -> tuple[Basis, ...]:
        """The bases it can serve; asking for another one brings a labelled substitute at best."""
        ...

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        """Closes of ``instruments`` from ``first`` to ``last``, both inclusive.

        A listing that cannot be served is an entry of ``failures``; only a fault that concerns
        the whole request (no network at all, a broken file, a rate limit) is raised.
        A source that can serve only another adjustment serves that and says so by
        ``PriceSeries.adjustment``; one that cannot serve ``basis`` for a listing puts
        ``BasisNotServedError`` in ``failures`` when substituting would be wrong.
        """
        ...
