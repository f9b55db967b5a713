"""A rating standard is data: scales, horizon, return basis, and the benchmarks of each market."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from supplychain_screen.identity import Index, boards_of
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
    boards : tuple of str
        Boards of those exchanges that it is limited to (``STAR``, ``ChiNext``, ``main``); empty:
        all of them. A listing belongs to the market that names its board before one that only
        names its exchange.
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
    boards: tuple[str, ...] = ()
    benchmarks: tuple[str, ...]
    extensions: tuple[str, ...] = ()


class RatingStandard(BaseModel):
    """How a publisher says its ratings are to be measured.

    Parameters
    ----------
    stock : RatingScale
        Scale of stocks.
    sector : RatingScale or None
        Scale of sectors; None where the standard prints none. Neither stands for the other.
    first_months, last_months : int
        Horizon after publication, in calendar months.
    basis : {"price", "total"}
        Whether returns include cash dividends.
    comparison : {"difference", "ratio"}
        Relative return as ``r_s - r_b`` or ``(1 + r_s) / (1 + r_b) - 1``.
    markets : tuple of Market
        Benchmarks market by market; an exchange in none of them has no benchmark. A standard
        that rates a listing's own return may have none.
    indices : tuple of Index
        The indices that the markets name, and those a user may extend it with.
    notes : str
        What a reader should know about the wording.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stock: RatingScale
    sector: RatingScale | None = None
    first_months: Annotated[int, Field(ge=1)] = 6
    last_months: Annotated[int, Field(ge=1)] = 12
    basis: Literal["price", "total"] = "price"
    comparison: Literal["difference", "ratio"] = "difference"
    markets: tuple[Market, ...]
    indices: tuple[Index, ...]
    notes: str = ""

    def market_of(self, where: str) -> Market | None:
        """The market of a listing or an exchange; None where the standard names none.

        Parameters
        ----------
        where : str
            Id of a listing (``XSHG:688018``), whose board counts, or MIC of an exchange, whose
            boards are not told apart.
        """
        mic, _, code = where.partition(":")
        covering = [market for market in self.markets if mic in market.mics]
        if code:
            for board in boards_of(mic, code):
                for market in covering:
                    if board in market.boards:
                        return market
        return next((market for market in covering if not market.boards), None)

    def benchmarks_of(self, where: str) -> tuple[Index, ...]:
        """The benchmarks of a listing or an exchange, the primary one first.

        Parameters
        ----------
        where : str
            As for :meth:`market_of`.

        Returns
        -------
        tuple of Index
            Empty where the standard names no benchmark for it.
        """
        market = self.market_of(where)
        return () if market is None else tuple(self.index(one) for one in market.benchmarks)

    def is_extension(self, where: str, index: str) -> bool:
        """Whether a benchmark there was added by a user, not named by the report.

        Parameters
        ----------
        where : str
            As for :meth:`market_of`.
        index : str
            Id of the index.
        """
        market = self.market_of(where)
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
