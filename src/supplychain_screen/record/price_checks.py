"""The quality checks of prices, over the series that a record reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import maxsize
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from supplychain_screen.identity import EXCHANGES, Listing
from supplychain_screen.prices import Finding, PriceSeries
from supplychain_screen.prices.panel import PricePanel, panel_from_columns
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.prices.sources.files import MAX_BYTES, EveryRow, every_row, is_frame
from supplychain_screen.screening import suspect_days

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from supplychain_screen.identity import Index, Instrument
    from supplychain_screen.prices import PriceSource
    from supplychain_screen.scoring import SuspectDays

__all__ = ["PriceChecks", "PriceRows", "SourceRows", "check_rows"]


@dataclass(frozen=True, slots=True)
class PriceChecks:
    """What the quality checks said of the prices behind a record.

    Parameters
    ----------
    how : {"run", "given", "none"}
        ``run`` over the series that the calls read; ``given`` where the caller named the days no
        rating may rest on; ``none`` where nobody looked (a panel no longer has what they need).
    series : int
        Series checked.
    findings : tuple of Finding
        Those with the action ``unrated`` strike ``suspect_prices``.
    unread : tuple of str
        Symbols of the prices that are no listing and no known index, whose rows were not read.
    """

    how: Literal["run", "given", "none"]
    series: int = 0
    findings: tuple[Finding, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def struck(self) -> int:
        """Findings that strike."""
        return sum(one.action == "unrated" for one in self.findings)

    def counts(self, action: str) -> dict[str, int]:
        """Findings of an action by code, codes in order."""
        found = Counter(one.code for one in self.findings if one.action == action)
        return dict(sorted(found.items()))


class PriceRows:
    """Rows of a price file or frame, kept beside the panel made of them.

    Parameters
    ----------
    prices : frame, mapping of frames, str or Path
    indices : sequence of Index
    adjustment : {"splits", "splits+dividends", "none"}, optional
        What the closes are adjusted for, above what the prices say.
    close : str, optional
        Column of closes, where its name does not tell.
    decimal : {".", ","}, optional
        What stands before a fraction, where the cells do not tell.
    max_bytes : int, optional
        Largest file that is read.

    Raises
    ------
    PriceFileError
        They cannot be read as prices.
    """

    def __init__(
        self,
        prices: Any,
        indices: Sequence[Index],
        *,
        adjustment: str | None = None,
        close: str | None = None,
        decimal: Literal[".", ","] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        held = is_frame(prices)
        self.source = "frame" if held else f"file {Path(prices).name}"
        parquet = not held and Path(prices).suffix.lower() == ".parquet"
        if max_bytes is None:
            max_bytes = maxsize if parquet else MAX_BYTES
        self._indices = {one.id: one for one in indices}
        self._table, self.unread = self._measurable(
            every_row(
                prices,
                indices=indices,
                max_bytes=max_bytes,
                adjustment=adjustment or "as given",
                close=close,
                decimal=decimal,
            )
        )
        self._file = None if held else str(prices)

    def _measurable(self, table: EveryRow) -> tuple[EveryRow, tuple[str, ...]]:
        """The rows of listings and indices, and the other symbols: a rate of exchange (CNY=X) that
        stands among them is nobody's price, as in a screen.
        """
        known = np.array(
            [one in self._indices or self._is_id(one) for one in table.listings], np.bool_
        )
        if known.all() or not known.any():
            return table, ()  # where none is known, the panel says what an id is
        kept = known[table.who]
        place = (np.cumsum(known) - 1).astype(np.int32)
        names = np.array(table.listings, object)
        rows = replace(
            table,
            listings=names[known].tolist(),
            who=place[table.who[kept]],
            day=table.day[kept],
            close=table.close[kept],
            volume=None if table.volume is None else table.volume[kept],
        )
        return rows, tuple(names[~known].tolist())

    @staticmethod
    def _is_id(name: str) -> bool:
        mic, colon, code = name.partition(":")
        return bool(colon and code) and (mic in EXCHANGES or mic == "INDEX")

    @property
    def splits(self) -> pd.DataFrame | None:
        """Every split that the prices state (``listing``, ``date``, ``ratio``), or None."""
        import pandas as pd

        stated = self._table.splits
        if stated is None:
            return None
        frame = pd.DataFrame(list(stated), columns=["listing", "date", "ratio"])
        return frame.assign(date=frame["date"].to_numpy(np.int64).astype("datetime64[D]"))

    def panel(self) -> PricePanel:
        """All rows on one grid."""
        table = self._table
        return panel_from_columns(
            table.listings,
            table.who,
            table.day.astype("datetime64[D]"),
            table.close,
            table.volume,
            indices=list(self._indices.values()),
            source=self.source,
            adjustment=table.adjustment,
            file=self._file,
        )

    def series(self, wanted: Collection[str]) -> tuple[dict[str, PriceSeries], list[Instrument]]:
        """Series of those of ``wanted`` whose exchange is known, and who they are."""
        table = self._table
        places = [at for at, name in enumerate(table.listings) if name in wanted]
        mask = np.zeros(len(table.listings), np.bool_)
        mask[places] = True
        kept = np.flatnonzero(mask[table.who])
        kept = kept[np.lexsort((table.day[kept], table.who[kept]))]
        who = table.who[kept]
        days, closes = table.day[kept].astype("datetime64[D]"), table.close[kept]
        volume = np.full(kept.size, np.nan) if table.volume is None else table.volume[kept]
        # Of one type with what is searched: another would copy all of it for each listing.
        bounds = np.searchsorted(who, np.arange(len(table.listings) + 1, dtype=who.dtype))
        found: dict[str, PriceSeries] = {}
        instruments: list[Instrument] = []
        for at in places:
            name = table.listings[at]
            instrument = self._instrument(name)
            if instrument is None:
                continue
            here = slice(bounds[at], bounds[at + 1])
            instruments.append(instrument)
            found[name] = PriceSeries(
                name, days[here], closes[here], volume[here], table.adjustment, self.source, name
            )
        return found, instruments

    def _instrument(self, name: str) -> Instrument | None:
        return self._indices.get(name) or _listing(name)


class SourceRows:
    """Prices that a source serves for the listings of the calls, price basis.

    Parameters
    ----------
    source : PriceSource
    listings : sequence of str
        Ids; one whose exchange nobody knows is not asked for.
    indices : sequence of Index
    first, last : date
        Both inclusive.

    Raises
    ------
    SourceError
        The whole request failed; a listing that cannot be had is one without prices.
    """

    def __init__(
        self,
        source: PriceSource,
        listings: Sequence[str],
        indices: Sequence[Index],
        first: date,
        last: date,
    ) -> None:
        found = [_listing(name) for name in listings]
        self._instruments: list[Instrument] = [*(one for one in found if one), *indices]
        self._loaded = source.load(self._instruments, first, last, "price")
        self._simulated, self._days = source.simulated, (first, last)
        self.splits = None
        self.unread = ()

    def panel(self) -> PricePanel:
        """All that was served on one grid."""
        served = self._loaded.series
        kept = [one for one in self._instruments if one.id in served]
        return PricePanel.build(served.values(), kept, *self._days, simulated=self._simulated)

    def series(self, wanted: Collection[str]) -> tuple[dict[str, PriceSeries], list[Instrument]]:
        """Series of those of ``wanted`` that were served, and who they are."""
        served = self._loaded.series
        kept = [one for one in self._instruments if one.id in served and one.id in wanted]
        return {one.id: served[one.id] for one in kept}, kept


def _listing(name: str) -> Instrument | None:
    """Whoever an id names, or None where its exchange is not known."""
    mic, _, code = name.partition(":")
    exchange = EXCHANGES.get(mic)
    if exchange is None:
        return None
    # A panel takes codes that no exchange gives; their closes can be checked all the same.
    return Listing.model_construct(mic=mic, code=code, currency=exchange.currency)


def check_rows(
    rows: PriceRows | SourceRows, panel: PricePanel, wanted: Collection[str], as_of: int
) -> tuple[PriceChecks, SuspectDays]:
    """Check the series of ``wanted`` up to a day number, and strike what cannot be trusted."""
    series, instruments = rows.series(wanted)
    known = np.datetime64(as_of, "D").astype(object)
    findings = tuple(check_prices(series, instruments, as_of=known))
    checks = PriceChecks("run", len(series), findings, rows.unread)
    return checks, suspect_days(panel, findings)
