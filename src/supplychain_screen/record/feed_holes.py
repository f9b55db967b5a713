"""Holes in a feed of calls: sessions on which nobody spoke, and firms that fell silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.record.call_files import NO_DATE

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.record.populations import Population

__all__ = ["holes_of"]

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EXPECTED: Final = 15.0
"""Calls that would have come in a hole at the usual pace; by chance alone none comes in one of
three million such stretches."""

SESSIONS: Final = 3
"""Sessions in a row without a call, from which a feed has a hole."""

SILENT_DAYS: Final = 21
"""Calendar days without a call, from which a firm is silent: a season between reports is none."""


def holes_of(population: Population, panel: PricePanel) -> pd.DataFrame:
    """A row a hole; see ``TrackRecord.holes``."""
    import pandas as pd

    calls = population.columns
    # A call of a day that is yet to come is a slip, and the days before it are no hole.
    kept = np.flatnonzero((calls.day != NO_DATE) & (calls.day <= population.scores.as_of))
    day, firm = calls.day[kept].astype(np.int64), calls.firm.codes[kept].astype(np.int64)
    rows: list[tuple[str, str, int, int, float]] = []
    if day.size:
        rows += _of_feed(day, _sessions(population, panel, int(day.min()), int(day.max())))
        rows += _of_firms(day, firm, calls.firm.names)
    frame = pd.DataFrame(rows, columns=["kind", "firm", "first", "last", "expected"])
    for name in ("first", "last"):
        frame[name] = (frame[name].to_numpy(np.int64) * 86_400).astype("datetime64[s]")
    frame["firm"] = frame["firm"].astype("str")
    frame["kind"] = frame["kind"].astype("str")
    frame["expected"] = frame["expected"].astype("float64")
    return frame


def _sessions(population: Population, panel: PricePanel, first: int, last: int) -> Flags:
    """Days from first to last on which an exchange of the calls was open, as far as is known."""
    known = population.scores.rows
    used = np.unique(panel.calendar_of[np.unique(known[known >= 0])])
    opened = np.zeros(last - first + 1, np.bool_)
    if not used.size:
        return opened
    through = panel.sessions_through[used].astype(np.int64)
    trading: Flags = np.any(np.diff(through, axis=1, prepend=through[:, :1]) > 0, axis=0)
    low, high = max(first, panel.first_day), min(last, panel.last_day)
    if low <= high:
        inside = trading[low - panel.first_day : high - panel.first_day + 1]
        opened[low - first : high - first + 1] = inside
    return opened


def _of_feed(day: Whole, opened: Flags) -> list[tuple[str, str, int, int, float]]:
    """Stretches of sessions without a single call, where the usual pace would have brought some."""
    first = int(day.min())
    n = np.bincount(day - first, minlength=opened.size)
    sessions = np.flatnonzero(opened | (n > 0))
    spoke = n[sessions] > 0
    edges = np.diff(np.concatenate([[0], (~spoke).astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    length = (stops - starts).astype(np.float64)
    # The pace is all calls over the sessions outside of the holes, those without a call counted,
    # and never more than a session of the feed has: its busiest ones are no measure.
    usual = float(np.median(n[sessions[spoke]]))
    # Few calls that fall where they like leave long stretches empty: they show no pace. This is
    # never more than what they would bring at their pace outside of the stretch.
    chance = -day.size * np.log1p(-length / sessions.size)
    enough = np.minimum(chance, usual * length) >= EXPECTED
    holes = np.flatnonzero((length >= SESSIONS) & enough)
    pace = min(day.size / (sessions.size - length[holes].sum()), usual)
    found: list[tuple[str, str, int, int, float]] = []
    for at in holes:
        low, high = int(sessions[starts[at]]) + first, int(sessions[stops[at] - 1]) + first
        found.append(("feed", "", low, high, pace * float(length[at])))
    return found


def _of_firms(
    day: Whole, firm: Whole, names: tuple[str, ...]
) -> list[tuple[str, str, int, int, float]]:
    """Stretches without a call of one firm, while all others went on as ever.

    What would have come is the firm's share of all calls, times the calls that came from anybody
    in the stretch: a season without reports or a hole of the whole feed is nobody's silence.
    """
    if not names:
        return []
    first, last = int(day.min()), int(day.max())
    order = np.argsort((firm + 1) * (last - first + 1) + day - first)
    days, who = day[order], firm[order]
    before = np.concatenate([[0], np.cumsum(np.bincount(day - first, minlength=last - first + 1))])
    n = np.bincount(firm[firm >= 0], minlength=len(names))
    share = n / day.size
    # From each call to the firm's next one, or to the end of the file.
    ends = np.append(days[1:], last + 1)
    final = np.append(who[1:] != who[:-1], True)
    ends[final] = last + 1
    passed = before[np.maximum(ends - first, days - first + 1)] - before[days - first + 1]
    expected = np.where(who >= 0, share[np.maximum(who, 0)], 0.0) * passed
    silent = (expected >= EXPECTED) & (ends - days - 1 >= SILENT_DAYS)
    return [
        ("firm", names[int(who[at])], int(days[at]) + 1, int(ends[at]) - 1, float(expected[at]))
        for at in np.flatnonzero(silent)
    ]
