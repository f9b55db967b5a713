"""Two screenings of the same calls → what moved, and the one first cause of each move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.causes import tell
from supplychain_screen.weekly.swaps import CAUSES, State, mention_key, states
from supplychain_screen.words import counted, machine_readable

__all__ = ["MOVED", "PARTS", "Changes", "compare_screenings"]

MOVED: Final = 1e-9
"""A relative return that moved by less did not move; a fraction."""

PARTS: Final = tuple(f"part_{cause}" for cause in CAUSES)
"""Columns of the parts, in the order in which the inputs are swapped."""


@dataclass(frozen=True, eq=False, repr=False)
class Changes:
    """What moved between two screenings, explained.

    Parameters
    ----------
    before_as_of, after_as_of : date
    companies : DataFrame, one row a mention that moved
        ``order``, ``segment``, ``segment_en``, ``company``, ``company_en``, ``symbol``, ``kind``
        (``new``, ``vanished``, ``rating``, ``stage``, ``reason``, ``return``: the first that
        applies), ``before`` and ``after`` (ratings), ``stage_before``, ``stage_after``,
        ``reason_before``, ``reason_after``, ``window_before``, ``window_after``,
        ``relative_before``, ``relative_after``, ``difference`` (fractions), a part of the
        difference for each cause (``PARTS``), ``cause``, ``detail``, ``detail_zh``.
    migration : DataFrame of shape (n_ratings, n_ratings)
        Mentions by rating before (rows) and after (columns); those of both screenings only.
    segments : DataFrame, one row a segment whose rating turned
        ``segment``, ``segment_en``, ``before``, ``after``, ``mean_before``, ``mean_after``.
    compared : int
        Mentions of both screenings.
    simulated : bool
        True where either was measured by prices that no market ever saw.

    Notes
    -----
    The cause is that of the first swap after which the rating (else the stage, the reason, the
    relative return) never was again what it had been. The parts of a row add up to its
    difference; where a state between has no relative return, the step that brings it back
    carries the whole move.
    """

    before_as_of: date
    after_as_of: date
    companies: pd.DataFrame
    migration: pd.DataFrame
    segments: pd.DataFrame
    compared: int
    simulated: bool

    @property
    def ratings(self) -> pd.DataFrame:
        """The rows whose rating changed, new and vanished mentions among them."""
        return self.companies[self.companies["kind"].isin(("rating", "new", "vanished"))]

    @property
    def causes(self) -> Mapping[str, int]:
        """Cause → rows whose rating changed by it, in the order of the causes."""
        counts = self.ratings["cause"].value_counts()
        return {cause: int(counts[cause]) for cause in CAUSES if cause in counts}

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain Python; missing is None."""
        return {
            "before": self.before_as_of.isoformat(),
            "after": self.after_as_of.isoformat(),
            "compared": self.compared,
            "simulated": self.simulated,
            "companies": _records(self.companies),
            "migration": {
                str(rating): {str(to): int(n) for to, n in row.items() if n}
                for rating, row in self.migration.iterrows()
            },
            "segments": _records(self.segments),
        }

    def __repr__(self) -> str:
        word = "SIMULATED " if self.simulated else ""
        return (
            f"<{word}Changes {self.before_as_of} to {self.after_as_of}: "
            f"{counted(len(self.ratings), 'rating')}, {len(self.companies)} of "
            f"{counted(self.compared, 'mention')} moved>"
        )


def compare_screenings(before: Screening, after: Screening) -> Changes:
    """Every mention that moved between two screenings, attributed to one first cause.

    Parameters
    ----------
    before, after : Screening
        Of the same report id and publication date; ``after`` is not as of an earlier day.

    Raises
    ------
    InputError
        They are not screenings of the same calls, or in the wrong order.

    Examples
    --------
    >>> from supplychain_screen import load_report
    >>> from supplychain_screen import screen
    >>> from supplychain_screen import SimulatedSource
    >>> report, prices = load_report(), SimulatedSource()
    >>> weeks = [
    ...     screen(report, "2024-12-31", day, prices=prices) for day in ("2025-06-27", "2025-07-04")
    ... ]
    >>> changes = compare_screenings(*weeks)
    >>> sorted(set(changes.companies["stage_after"])), set(changes.causes) - set(CAUSES)
    (['6m'], set())
    >>> parts = changes.companies[list(PARTS)].sum(axis=1)
    >>> bool((changes.companies["difference"] - parts).abs().max() < 1e-9)
    True
    """
    _comparable(before, after)
    was, now = (
        {mention_key(row): row for row in one.companies[_IDENTITY].to_dict("records")}
        for one in (before, after)
    )
    rows, old, new = was | now, set(was), set(now)
    keys = list(rows)
    chain = states(before, after, keys)
    parts = _parts(np.array([state.relative for state in chain]))
    found = []
    for i, key in enumerate(keys):
        kind = "new" if key not in old else "vanished" if key not in new else _kind(chain, i)
        if kind:
            found.append(_row(before, after, rows[key], chain, i, kind, parts[:, i]))
    companies = pd.DataFrame(found, columns=_COLUMNS)
    companies = companies.sort_values("order", kind="stable").reset_index(drop=True)
    both = [i for i, key in enumerate(keys) if key in old and key in new]
    return Changes(
        before.as_of,
        after.as_of,
        companies,
        _migration(before, after, chain, both),
        _segments(before, after),
        len(both),
        before.simulated or after.simulated,
    )


_IDENTITY = ["order", "segment", "segment_en", "company", "company_en", "symbol"]
_COLUMNS = [
    *_IDENTITY,
    "kind",
    "before",
    "after",
    "stage_before",
    "stage_after",
    "reason_before",
    "reason_after",
    "window_before",
    "window_after",
    "relative_before",
    "relative_after",
    "difference",
    *PARTS,
    "cause",
    "detail",
    "detail_zh",
]


def _comparable(before: Screening, after: Screening) -> None:
    problems = []
    if before.report.id != after.report.id:
        problems.append(Problem(f"two reports: {before.report.id} and {after.report.id}"))
    if before.published != after.published:
        problems.append(Problem(f"two publication dates: {before.published}, {after.published}"))
    if before.as_of > after.as_of:
        problems.append(
            Problem(
                f"the first is as of {before.as_of}, later than {after.as_of}",
                "name the earlier one first",
            )
        )
    if problems:
        raise InputError(problems)


def _kind(chain: Sequence[State], i: int) -> str:
    """What moved, the weightiest first; empty where nothing did."""
    first, last = chain[0], chain[-1]
    if first.rating[i] != last.rating[i]:
        return "rating"
    if first.stage[i] != last.stage[i]:
        return "stage"
    if first.reason[i] != last.reason[i]:
        return "reason"
    return "" if _same(first.relative[i], last.relative[i]) else "return"


def _same(a: float, b: float) -> bool:
    return bool(np.isnan(a) and np.isnan(b)) or bool(abs(a - b) <= MOVED)


def _parts(relative: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Each step's share of the difference, shape (n_causes, n); NaN where there is none.

    Notes
    -----
    Between two states that have a relative return, the last one known is carried over those
    that have none, so the shares add up whatever happened on the way.
    """
    carried = relative.copy()
    for step in range(1, len(carried) - 1):
        missing = np.isnan(carried[step])
        carried[step, missing] = carried[step - 1, missing]
    return np.diff(carried, axis=0)


def _cause(chain: Sequence[State], i: int, kind: str) -> int:
    """The first step after which what moved never was again what it had been."""
    if kind == "new":
        return CAUSES.index("mapping_changed")
    if kind == "vanished":
        return CAUSES.index("mapping_changed")

    def as_before(state: State) -> bool:
        match kind:
            case "rating":
                return state.rating[i] == chain[0].rating[i]
            case "stage":
                return state.stage[i] == chain[0].stage[i]
            case "reason":
                return state.reason[i] == chain[0].reason[i]
        return _same(state.relative[i], chain[0].relative[i])

    return max(step for step, state in enumerate(chain[:-1]) if as_before(state))


def _row(
    before: Screening,
    after: Screening,
    row: Mapping[Any, Any],
    chain: Sequence[State],
    i: int,
    kind: str,
    parts: npt.NDArray[np.float64],
) -> dict[str, Any]:
    step = _cause(chain, i, kind)
    first, last = chain[0], chain[-1]
    difference = float(last.relative[i] - first.relative[i])
    if np.isnan(difference):
        parts = np.full(len(CAUSES), np.nan)
    said = tell(CAUSES[step], before, after, mention_key(row), chain, i).phrase
    return {
        **{name: row[name] for name in _IDENTITY},
        "kind": kind,
        "before": first.rating[i] or None,
        "after": last.rating[i] or None,
        "stage_before": first.stage[i] or None,
        "stage_after": last.stage[i] or None,
        "reason_before": first.reason[i] or None,
        "reason_after": last.reason[i] or None,
        "window_before": first.window[i] or None,
        "window_after": last.window[i] or None,
        "relative_before": float(first.relative[i]),
        "relative_after": float(last.relative[i]),
        "difference": difference,
        **dict(zip(PARTS, parts.tolist(), strict=True)),
        "cause": CAUSES[step],
        "detail": machine_readable(said.en),
        "detail_zh": machine_readable(said.zh),
    }


def _migration(
    before: Screening, after: Screening, chain: Sequence[State], both: Sequence[int]
) -> pd.DataFrame:
    levels = [*before.report.standard.stock.names, *after.report.standard.stock.names, "unrated"]
    names = list(dict.fromkeys(levels))
    # No view is not one of the levels, and stands behind them.
    names = [*(name for name in names if name != "unrated"), "unrated"]
    counts = np.zeros((len(names), len(names)), np.int64)
    for i in both:
        counts[names.index(chain[0].rating[i]), names.index(chain[-1].rating[i])] += 1
    return pd.DataFrame(counts, index=names, columns=names)


def _segments(before: Screening, after: Screening) -> pd.DataFrame:
    old = {row["segment"]: row for row in before.segments.to_dict("records")}
    turned = [
        {
            "segment": row["segment"],
            "segment_en": row["segment_en"],
            "before": old[row["segment"]]["rating"],
            "after": row["rating"],
            "mean_before": old[row["segment"]]["mean"],
            "mean_after": row["mean"],
        }
        for row in after.segments.to_dict("records")
        if row["segment"] in old and old[row["segment"]]["rating"] != row["rating"]
    ]
    columns = ["segment", "segment_en", "before", "after", "mean_before", "mean_after"]
    return pd.DataFrame(turned, columns=columns)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
