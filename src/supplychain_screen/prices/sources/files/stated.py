"""What a price file says of its series besides closes: splits, and the currency.

::

    symbol,date,close,stock_splits,currency
    688018.SS,2025-06-03,137.42,0,CNY
    688018.SS,2025-06-04,136.30,1.4,CNY        4 new shares for 10 old ones

Dividends are not read: files do not say whether they were adjusted for later splits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from supplychain_screen.prices.series import Events, Finding, LoadedPrices
from supplychain_screen.prices.sources.files.columns import (
    Bars,
    NotReadFastError,
    Stated,
    Wish,
    read_stated,
)

__all__ = ["with_stated"]


def with_stated(loaded: LoadedPrices, bars: Sequence[Bars], wish: Wish) -> LoadedPrices:
    """The same prices, each series with the splits and the currency that its file states.

    Parameters
    ----------
    loaded : LoadedPrices
        What the files served.
    bars : sequence of Bars
        The files; a series of several files stays without.
    wish : Wish
        What was asked.

    Returns
    -------
    LoadedPrices
        Columns that cannot be read are left out, with a finding ``stated_unread``.
    """
    series, findings = dict(loaded.series), list(loaded.findings)
    holders = Counter(row for one in bars for row in one.spelt)
    for one in bars:
        layout = one.layout
        if layout.splits is None and layout.currency is None:
            continue
        rows = [
            row
            for row in one.spelt
            if holders[row] == 1 and wish.asked.instruments[row].id in series
        ]
        if not rows:
            continue
        try:
            stated = read_stated(one, wish)
        except NotReadFastError as error:
            detail = f"the splits and currencies of {layout.path.name} cannot be read: {error}"
            listing = wish.asked.instruments[rows[0]].id
            findings.append(Finding("stated_unread", listing, None, None, "reported", detail))
            continue
        for row in rows:
            listing = wish.asked.instruments[row].id
            here = stated.who == row
            series[listing] = replace(
                series[listing],
                splits=None if layout.splits is None else _splits(stated, here),
                currency="/".join(sorted(set(stated.currency[here].tolist()) - {""})),
            )
    return LoadedPrices(series, loaded.failures, tuple(findings))


def _splits(stated: Stated, here: np.ndarray) -> Events:
    """Splits of one series in order of their days; 0, 1 and nothing all say "none"."""
    ratio, day = stated.split[here], stated.day[here]
    happened = np.isfinite(ratio) & (ratio > 0.0) & (ratio != 1.0)
    by_day = dict(sorted(zip(day[happened].tolist(), ratio[happened].tolist(), strict=True)))
    return Events(
        np.array(list(by_day), np.int64).astype("datetime64[D]"),
        np.array(list(by_day.values()), np.float64),
    )
