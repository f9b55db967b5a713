"""Numbers and dates as text, the same in both languages.

The one rule of the minus sign: what a person reads has U+2212, what a program reads the ASCII
hyphen. `percent` and every message write the first; `printed` and `machine_readable` turn the one
into the other at the border between them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

__all__ = [
    "MINUS",
    "MISSING",
    "bound_percent",
    "counted",
    "day",
    "fitting",
    "is_missing",
    "machine_readable",
    "moment",
    "number",
    "percent",
    "points",
    "printed",
]

MINUS: Final = "−"
"""U+2212, as wide as a plus sign and never broken from its number."""

MISSING: Final = "–"
"""What stands in a cell that has no value."""


def counted(n: int, words: str, spec: str = "") -> str:
    """A count and what it counts, in English: the one word, the other, or the one with an s.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row", ",d"), counted(0, "company/companies")
    ('1 row', '1,200 rows', '0 companies')
    """
    return f"{format(n, spec)} {fitting(n, words)}"


def fitting(n: int, words: str) -> str:
    """The word that fits a count, of ``one/many`` or of the one that takes an s."""
    one, _, many = words.partition("/")
    return one if n == 1 else many or f"{one}s"


def is_missing(value: object) -> bool:
    """True for None, NaN and NaT.

    Examples
    --------
    >>> import pandas as pd
    >>> is_missing(float("nan")), is_missing(pd.NaT), is_missing(None), is_missing(0.0)
    (True, True, True, False)
    """
    # By name: whoever holds one of pandas' has it loaded, and nobody else needs it.
    return value is None or type(value).__name__ in ("NaTType", "NAType") or value != value


def percent(
    fraction: float | None,
    digits: int = 1,
    *,
    signed: bool = True,
    bounds: Iterable[float] = (),
) -> str:
    """A fraction as percent, never rounded on to or across one of ``bounds``.

    Parameters
    ----------
    fraction : float or None
        0.1 is 10%.
    digits : int
        Decimals of the percent figure.
    signed : bool
        Write + before what is above zero.
    bounds : iterable of float
        Bounds of a rating scale, as fractions. Printed as the bound, a figure just below it
        would belie the rating beside it: 9.96% keeps its second decimal when 10% is a bound.

    Returns
    -------
    str
        – for a missing value; zero carries no sign.

    Examples
    --------
    >>> percent(0.1234), percent(-0.05), percent(-0.0001), percent(None)
    ('+12.3%', '−5.0%', '0.0%', '–')
    >>> percent(0.0996), percent(0.0996, bounds=[-0.1, 0.1]), percent(0.1, bounds=[0.1])
    ('+10.0%', '+9.96%', '+10.0%')
    """
    if fraction is None or is_missing(fraction):
        return MISSING
    value = 100.0 * float(fraction)
    if math.isinf(value):
        return "∞%" if value > 0 else f"{MINUS}∞%"
    shown = round(value, digits)
    for bound in (100.0 * float(bound) for bound in bounds):
        while digits < 7 and abs(value - bound) > 1e-7 and _crosses(value, shown, bound):
            digits += 1
            shown = round(value, digits)
    sign = MINUS if shown < 0 else "+" if signed and shown > 0 else ""
    return f"{sign}{abs(shown):,.{digits}f}%"


def bound_percent(bound: float) -> str:
    """A bound of a rating scale, with as many decimals as it was written with.

    Examples
    --------
    >>> bound_percent(0.1), bound_percent(-0.075), bound_percent(0.0)
    ('+10%', '−7.5%', '0%')
    """
    decimals = next((n for n in range(6) if math.isclose(round(bound, n + 2), bound)), 6)
    return percent(bound, decimals)


def points(fraction: float | None, digits: int = 1, *, bounds: Iterable[float] = ()) -> str:
    """The same without its sign of percent, where a head says the unit once.

    Examples
    --------
    >>> points(0.1234), points(-0.05, 0), points(None)
    ('+12.3', '−5', '–')
    """
    return percent(fraction, digits, bounds=bounds).removesuffix("%")


def _crosses(value: float, shown: float, bound: float) -> bool:
    return (value - bound) * (shown - bound) <= 0.0


def printed(text: str) -> str:
    """A text of numbers as a person reads it: a hyphen that means minus becomes `MINUS`.

    Examples
    --------
    >>> printed("-25.1%, a split on 2025-01-02; 0700-HK"), printed("[-3, -.5]")
    ('−25.1%, a split on 2025-01-02; 0700-HK', '[−3, −.5]')
    """
    return _HYPHEN.sub(MINUS, text)


_HYPHEN: Final = re.compile(r"(?<![\w.\-])-(?=\.?\d)")


def machine_readable(text: str) -> str:
    """The same as a program reads it, with the hyphen that every parser of numbers knows.

    Examples
    --------
    >>> float(machine_readable(percent(-0.05)).rstrip("%"))
    -5.0
    """
    return text.replace(MINUS, "-")


def number(value: float | None, digits: int = 2) -> str:
    """A price or count with thousands separated.

    Examples
    --------
    >>> number(20059.9492), number(3.4567, 3), number(float("nan"))
    ('20,059.95', '3.457', '–')
    """
    if value is None or is_missing(value):
        return MISSING
    return f"{float(value):,.{digits}f}".replace("-", MINUS)


def day(value: Any) -> str:
    """A date as YYYY-MM-DD.

    Examples
    --------
    >>> import pandas as pd
    >>> day(pd.Timestamp("2025-01-02")), day(date(2025, 1, 2)), day(pd.NaT)
    ('2025-01-02', '2025-01-02', '–')
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    import pandas as pd

    return str(pd.Timestamp(value).date())


def moment(value: Any) -> str:
    """An instant to the minute, in UTC.

    Examples
    --------
    >>> import pandas as pd
    >>> moment(pd.Timestamp("2026-01-09T08:30:12Z")), moment(None)
    ('2026-01-09 08:30 UTC', '–')
    """
    if is_missing(value):
        return MISSING
    import pandas as pd

    stamp = pd.Timestamp(value)
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert("UTC")
    return f"{stamp:%Y-%m-%d %H:%M} UTC"
