"""Publication date → base and end dates, and how far a call has matured."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "BASE_POLICIES",
    "FORWARD",
    "TO_DATE",
    "BasePolicy",
    "add_months",
    "base_dates",
    "base_shift",
    "calendar_ends",
    "window_ends",
    "window_names",
]

BasePolicy = Literal["on_or_before", "before", "on_or_after", "after"]
BASE_POLICIES: tuple[BasePolicy, ...] = ("on_or_before", "before", "on_or_after")
"""Those over which a rating's robustness is counted; ``after`` never enters it."""
FORWARD: frozenset[BasePolicy] = frozenset({"on_or_after", "after"})
"""Those that look forward to a session which may not have come yet."""

TO_DATE = "to_date"

Days = npt.NDArray[np.datetime64]


def add_months(dates: Days, months: int) -> Days:
    """Each date plus calendar months, the day clamped to the end of its month.

    Parameters
    ----------
    dates : ndarray of datetime64[D], any shape
        NaT stays NaT.
    months : int
        Months to add, negative to go back.

    Returns
    -------
    ndarray of datetime64[D], same shape

    Notes
    -----
    A window of m months that starts on the 31st ends on the last day of a shorter month, never
    in the month after.

    Examples
    --------
    >>> print(add_months(np.array(["2024-08-31", "2024-12-31"], "datetime64[D]"), 6))
    ['2025-02-28' '2025-06-30']
    >>> print(add_months(np.array(["2024-02-29"], "datetime64[D]"), 12))
    ['2025-02-28']
    """
    dates = dates.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day_of_month = dates - month.astype("datetime64[D]")
    target = month + np.timedelta64(months, "M")
    last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    ends: Days = np.minimum(target.astype("datetime64[D]") + day_of_month, last_day)
    return ends


def base_dates(published: Days, policy: BasePolicy) -> Days:
    """The day whose as-of close starts the measurement, by policy.

    Parameters
    ----------
    published : ndarray of datetime64[D]
    policy : {"on_or_before", "before", "on_or_after", "after"}
        ``on_or_after`` gives the publication date itself, ``after`` the day after it: from there
        the reader of prices looks forward to the next session.

    Examples
    --------
    >>> print(base_dates(np.array(["2025-01-02"], "datetime64[D]"), "before"))
    ['2025-01-01']
    """
    published = published.astype("datetime64[D]")
    shift = np.timedelta64(abs(base_shift(policy)), "D")
    return published - shift if base_shift(policy) < 0 else published + shift


def base_shift(policy: BasePolicy) -> int:
    """Days from publication to the day from which the base is looked for.

    Examples
    --------
    >>> base_shift("before"), base_shift("on_or_after"), base_shift("after")
    (-1, 0, 1)
    """
    return {"before": -1, "after": 1}.get(policy, 0)


def window_names(months: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the fixed windows and of the one to date, in the order they mature.

    Examples
    --------
    >>> window_names((6, 12))
    ('6m', '12m', 'to_date')
    """
    return (*(f"{month}m" for month in months), TO_DATE)


def window_ends(
    published: npt.NDArray[np.int32], months: tuple[int, ...], as_of: int
) -> npt.NDArray[np.int32]:
    """Day number on which each window of each call ends.

    Parameters
    ----------
    published : ndarray of int32, shape (n,)
        Day numbers of publication.
    months : tuple of int
        Ends of the fixed windows.
    as_of : int
        Day number of the last day that is known.

    Returns
    -------
    ndarray of int32, shape (n_windows, n)
        The fixed windows, then to date: the end of the last fixed one, at most ``as_of``.

    Examples
    --------
    >>> window_ends(np.array([0], np.int32), (6, 12), 300).tolist()
    [[181], [365], [300]]
    """
    dates = published.astype(np.int64).astype("datetime64[D]")
    ends = [add_months(dates, month).astype(np.int64).astype(np.int32) for month in months]
    return np.stack([*ends, np.minimum(ends[-1], np.int32(as_of))])


@lru_cache(maxsize=8)
def calendar_ends(
    first: int, days: int, months: tuple[int, ...], as_of: int
) -> npt.NDArray[np.int32]:
    """The ends of windows from each of ``days`` calendar days, read-only; see `window_ends`."""
    # A study measures the same panel a hundred times: months are counted in it once.
    ends = window_ends(np.arange(first, first + days, dtype=np.int32), months, as_of)
    ends.flags.writeable = False
    return ends
