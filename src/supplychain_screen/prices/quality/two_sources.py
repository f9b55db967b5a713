"""Two sources' series of the same listing compared, whatever each was adjusted for.

================================  ============================================================
code                              what it is, and what is done
================================  ============================================================
``second_source_disagreement``    two sources apart: ``reported`` or ``unrated``
================================  ============================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from supplychain_screen.prices.series import Action, Finding, PriceSeries
from supplychain_screen.prices.sessions import day_of_number, repeats_without_volume
from supplychain_screen.words import Message, message

__all__ = ["compare_sources"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CODE = "second_source_disagreement"

NOISE = 0.005
"""Difference of two daily returns that rounding explains. Seven of the eight pairs of the real
data differ by 0.15% at most (closes near 7 rounded to 0.01 beside six decimals)."""

WRONG_CLOSE = 0.02
"""A close that one source has this much higher or lower than its neighbours can move a relative
return across a fifth of the way between two bounds of 10%: it rates nobody."""

DIVIDEND = 0.08
"""Largest step that cash dividends make between a series adjusted for them and one that is not:
yields of one payment stay below it (the largest in the data: 3.1%), and the smallest usual bonus
issue, 1.1, is 9.5% in logarithms."""

DRIFT = 0.02
"""Sum of differences that are small each day. Rounding cancels out (0.2% in a year in the data);
another currency or another share class does not."""

OTHER_SERIES = 0.002
"""Median difference of daily returns above which the two are not the same security. In the data
it is 0.009% at most."""

ENOUGH = 20
"""Returns from which on their median says what is usual."""

WAY_BACK = 3
"""Sessions within which a step that is undone counts as a wrong close rather than two steps."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Closes of both sources on the sessions that both have."""

    listing: str
    names: tuple[str, str]
    days: Ints
    steps: Floats
    """Difference of the logarithmic returns, first source minus second; element i belongs to
    ``days[i + 1]``."""
    same_adjustment: bool


def compare_sources(a: PriceSeries, b: PriceSeries) -> list[Finding]:
    """Where two sources disagree about one listing.

    Parameters
    ----------
    a : PriceSeries
        The series in use.
    b : PriceSeries
        The second opinion, of the same listing, adjusted for whatever it is.

    Returns
    -------
    list of Finding
        Code ``second_source_disagreement``, in order of time; empty where they agree. Levels
        may differ by any constant factor, and by cash dividends where the adjustments differ or
        are unknown.

    Raises
    ------
    ValueError
        The series belong to different listings.

    Notes
    -----
    Compared are returns over the sessions that both have, without rows that repeat the close
    without volume. ``unrated``: a step of more than 8% that stays (a split that one of them
    missed; 2% where both state the same adjustment), a close more than 2% off for up to 3
    sessions, and two series whose usual daily returns differ (not the same security).
    ``reported``: closes 0.5% to 2% off, a slow drift of more than 2%, nothing in common.

    Examples
    --------
    >>> days = np.array(["2025-05-30", "2025-06-03", "2025-06-04"], "datetime64[D]")
    >>> volume = np.array([1.8e6, 4.6e6, 2.1e6])
    >>> yahoo = PriceSeries(
    ...     "XSHG:688018",
    ...     days,
    ...     np.array([183.56, 137.42, 136.30]),
    ...     volume,
    ...     "splits+dividends",
    ...     "yahoo",
    ...     "688018.SS",
    ... )
    >>> other = PriceSeries(
    ...     "XSHG:688018",
    ...     days,
    ...     np.array([131.44, 137.76, 136.30]),
    ...     volume,
    ...     "as given",
    ...     "file b.csv",
    ...     "688018.SS",
    ... )
    >>> [(str(one.first), one.action) for one in compare_sources(yahoo, other)]
    [('2025-06-03', 'unrated')]
    """
    if a.listing != b.listing:
        raise ValueError(f"{a.listing} and {b.listing} are two listings: nothing to compare")
    pair = _paired(a, b)
    if pair.days.size < 2:
        one, other = pair.names
        said = message("sources.few", one=one, other=other)
        return [Finding(CODE, a.listing, None, None, "reported", said)]
    size = np.abs(pair.steps)
    usual = float(np.median(size))
    if size.size >= ENOUGH and usual > OTHER_SERIES:
        said = message("sources.strangers", usual=usual)
        return [_finding(pair, 0, pair.days.size - 1, "unrated", said)]
    found = []
    told = np.zeros(size.size, bool)
    bound = WRONG_CLOSE if pair.same_adjustment else DIVIDEND
    for first, last, off in _wrong_closes(pair, bound):
        told[first : last + 2] = True
        said = message("sources.wrong_close", off=float(np.expm1(off)))
        action: Action = "unrated" if off > WRONG_CLOSE else "reported"
        found.append(_finding(pair, first + 1, last + 1, action, said))
    for at in np.flatnonzero((size > bound) & ~told).tolist():
        said = message("sources.step", off=float(np.expm1(size[at])))
        found.append(_finding(pair, at + 1, at + 1, "unrated", said))
    drift = float(pair.steps[size <= NOISE].sum())
    if abs(drift) > DRIFT:
        said = message("sources.drift", off=float(np.expm1(abs(drift))))
        found.append(_finding(pair, 0, pair.days.size - 1, "reported", said))
    return sorted(found, key=lambda one: (str(one.first), str(one.last), one.detail))


def _paired(a: PriceSeries, b: PriceSeries) -> _Pair:
    days_a, close_a = _traded(a)
    days_b, close_b = _traded(b)
    days, in_a, in_b = np.intersect1d(days_a, days_b, assume_unique=True, return_indices=True)
    steps = np.diff(np.log(close_a[in_a])) - np.diff(np.log(close_b[in_b]))
    same = a.adjustment == b.adjustment and a.adjustment in ("splits", "splits+dividends", "none")
    return _Pair(a.listing, (a.source, b.source), days, steps, same)


def _traded(series: PriceSeries) -> tuple[Ints, Floats]:
    """Days and closes without rows that are no prices."""
    usable = np.isfinite(series.close) & (series.close > 0.0)
    keep = usable & ~repeats_without_volume(series.close, series.volume, usable)
    days = series.sessions[keep].astype("datetime64[D]").astype(np.int64)
    days, first = np.unique(days, return_index=True)
    return days, series.close[keep][first]


def _wrong_closes(pair: _Pair, bound: float) -> list[tuple[int, int, float]]:
    """First and last step-position of each excursion, and how far off its closes are at most.

    What it leaves apart is within ``bound``: more is a step that stays, and told as one.
    """
    # Element (i, j, off) says that the closes after step i and up to step j are off, and step
    # j + 1 brings them back.
    large = np.abs(pair.steps) > NOISE
    result = []
    settled = 0
    for here in np.flatnonzero(large).tolist():
        if here < settled:
            continue
        off = np.abs(np.cumsum(pair.steps[here : here + WAY_BACK + 1]))
        # The closes between may each be off by something else.
        for n in range(1, off.size):
            worst = float(off[:n].max())
            if large[here + n] and off[n] <= max(NOISE, min(0.1 * worst, bound)):
                result.append((here, here + n - 1, worst))
                settled = here + n + 1
                break
    return result


def _finding(pair: _Pair, first: int, last: int, action: Action, how: Message) -> Finding:
    start, stop = day_of_number(pair.days[first]), day_of_number(pair.days[last])
    said = message("sources.apart", one=pair.names[0], other=pair.names[1], how=how)
    return Finding(CODE, pair.listing, start, stop, action, said)
