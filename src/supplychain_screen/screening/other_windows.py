"""The same calls over windows that the standard does not speak of: months, or any two days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.prices import day_number
from supplychain_screen.scoring import REASONS, measure, session_dates
from supplychain_screen.screening.frames import Measured, given_reasons
from supplychain_screen.screening.inputs import parse_date

__all__ = ["Window", "measure_windows"]

Window = int | str | date | tuple[date | str, date | str]
"""Calendar months after publication, the day a window ends, or the days it starts and ends."""

_FAR = 1_200
"""Months beyond which no window ends: the one to date then ends on the day that is asked."""


def measure_windows(
    measured: Measured, published: date, as_of: date, windows: tuple[Window, ...]
) -> pd.DataFrame:
    """Every mention over each window, as `Screening.over` says it."""
    frames = [_one(measured, published, as_of, window) for window in windows]
    if not frames:
        raise InputError(
            Problem("no window is asked for", "give months, a day, or two days", column="windows")
        )
    found = pd.concat(frames, ignore_index=True)
    return found.sort_values("order", kind="stable").reset_index(drop=True)


def _one(measured: Measured, published: date, as_of: date, window: Window) -> pd.DataFrame:
    name, months, start, end = _read(window, published, as_of)
    rules = replace(measured.rules, months=(months or _FAR,))
    primary = measured.primary
    scores = measure(
        measured.panel,
        primary.rows,
        primary.benchmark_rows,
        np.full(len(measured.mentions), day_number(start), np.int32),
        day_number(end or as_of),
        rules,
        suspects=measured.suspects,
        given=given_reasons(measured.mentions),
    )
    place = 0 if months else 1
    mentions, relative = measured.mentions, scores.relative
    ends = scores.end_day[place].astype("datetime64[D]")
    instruments = [measured.listing(i) for i in range(len(mentions))]
    benchmarks = [measured.benchmark(i) for i in range(len(mentions))]
    return pd.DataFrame(
        {
            "order": [one.order for one in mentions],
            "segment": [one.segment for one in mentions],
            "company": [one.company for one in mentions],
            "company_en": [one.company_en for one in mentions],
            "listing": [one.listing for one in mentions],
            "symbol": [None if one is None else one.ticker for one in instruments],
            "window": name,
            "start": np.full(len(mentions), start, "datetime64[s]"),
            "end": ends.astype("datetime64[s]"),
            "matured": ends <= np.datetime64(end or as_of, "D"),
            "base_session": session_dates(scores.base),
            "end_session": session_dates(scores.end, place),
            "base_close": scores.base.close,
            "end_close": scores.end.close[place],
            "benchmark": [None if one is None else one.ticker for one in benchmarks],
            "benchmark_base": scores.benchmark_base.close,
            "benchmark_end": scores.benchmark_end.close[place],
            "return": relative.stock_return[place],
            "benchmark_return": relative.benchmark_return[place],
            "relative_return": relative.by(rules.comparison)[place],
            "rating": measured.rating_names(scores.rating[place]),
            "reason": [REASONS[code] or None for code in scores.reason[place]],
        }
    )


def _read(
    window: Window, published: date, as_of: date
) -> tuple[str, int | None, date, date | None]:
    """Name of a window, its months, its first day and, where it is no number of months, its last.

    Raises
    ------
    InputError
        It is no window, ends before it starts, or ends after the last day that is known.
    """
    if isinstance(window, str) and (months := re.fullmatch(r"([1-9][0-9]{0,2})m?", window)):
        window = int(months[1])
    elif isinstance(window, str) and ".." in window:
        window = (window.partition("..")[0], window.partition("..")[2])
    if isinstance(window, int):
        if not 1 <= window <= 120:
            raise InputError(
                Problem(
                    "not a number of months", "give 1 to 120", column="windows", value=str(window)
                )
            )
        return f"{window}m", window, published, None
    asked = window if isinstance(window, tuple) else (published, window)
    first, last = (parse_date(day, "windows") for day in asked)
    if last <= first:
        raise InputError(
            Problem(
                "the window ends before it starts",
                f"give a day after {first}",
                column="windows",
                value=str(last),
            )
        )
    if last > as_of:
        raise InputError(
            Problem(
                "the window ends after the last day that is known",
                f"give a day up to {as_of}",
                column="windows",
                value=str(last),
            )
        )
    return f"{first}..{last}", None, first, last
