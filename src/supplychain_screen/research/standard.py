"""A rating standard is data: scales, horizon, return basis, and the benchmarks of each market."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from supplychain_screen.identity import Index
from supplychain_screen.research.rating_scale import RatingScale

__all__ = ["Market", "RatingStandard"]

INDEX_PREFIX = "INDEX:"


class Market(BaseModel):
    """One market of a standard: the exchanges it covers and the indices it is measured against.

    Parameters
    ----------
    name : str
        Name in machine output, for example ``hong_kong``.
    name_zh, name_en : str
        Name as printed, and in English.
    mics : tuple of str
        MICs of its exchanges.
    benchmarks : tuple of str
        Ids of its benchmarks, the primary one first (``INDEX:SPX``, ``INDEX:IXIC``).
    extensions : tuple of str
        Those of ``benchmarks`` that a user added and the report never named; every output labels
        them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    name_zh: str = ""
    name_en: str = ""
    mics: tuple[str, ...]
    benchmarks: tuple[str, ...]
    extensions: tuple[str, ...] = ()


class RatingStandard(BaseModel):
    """How a publisher says its ratings are to be measured.

    Parameters
    ----------
    stock, sector : RatingScale
        Scale of stocks and of sectors.
    first_months, last_months : int
        Horizon after publication, in calendar months.
    basis : {"price", "total"}
        Whether returns include cash dividends.
    comparison : {"difference", "ratio"}
        Relative return as ``r_s - r_b`` or ``(1 + r_s) / (1 + r_b) - 1``.
    markets : tuple of Market
        Benchmarks market by market; an exchange in none of them has no benchmark.
    indices : tuple of Index
        The indices that the markets name, and those a user may extend it with.
    notes : str
        What a reader should know about the wording.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stock: RatingScale
    sector: RatingScale
    first_months: Annotated[int, Field(ge=1)] = 6
    last_months: Annotated[int, Field(ge=1)] = 12
    basis: Literal["price", "total"] = "price"
    comparison: Literal["difference", "ratio"] = "difference"
    markets: tuple[Market, ...]
    indices: tuple[Index, ...]
    notes: str = ""

    def market_of(self, mic: str) -> Market | None:
        """The market that covers an exchange; None where the standard names none.

        Parameters
        ----------
        mic : str
            MIC of the exchange.
        """
        for market in self.markets:
            if mic in market.mics:
                return market
        return None

    def benchmarks_of(self, mic: str) -> tuple[Index, ...]:
        """The benchmarks of an exchange, the primary one first.

        Parameters
        ----------
        mic : str
            MIC of the exchange.

        Returns
        -------
        tuple of Index
            Empty where the standard names no benchmark for that exchange.
        """
        market = self.market_of(mic)
        return () if market is None else tuple(self.index(one) for one in market.benchmarks)

    def is_extension(self, mic: str, index: str) -> bool:
        """Whether a benchmark of that exchange was added by a user, not named by the report.

        Parameters
        ----------
        mic : str
            MIC of the exchange.
        index : str
            Id of the index.
        """
        market = self.market_of(mic)
        return market is not None and index in market.extensions

    def index(self, index: str) -> Index:
        """The index of that id or name (``INDEX:HSI`` or ``HSI``).

        Raises
        ------
        KeyError
            When the standard knows no such index.
        """
        name = index.removeprefix(INDEX_PREFIX)
        for one in self.indices:
            if one.name == name:
                return one
        raise KeyError(index)
