"""Target prices held against closes: direction, met at the end, met on any session, error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem, UnknownListingError
from supplychain_screen.identity import EXCHANGES, parse_symbol
from supplychain_screen.scoring import REASONS, session_dates

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.record.populations import Population

__all__ = ["AMERICAN", "bias_of", "read_splits", "targets_of"]

Floats = npt.NDArray[np.float64]

AMERICAN: Final = tuple(mic for mic, one in EXCHANGES.items() if one.calendar == "XNYS")
"""Exchanges whose tickers are unique across all of them."""

_BLOCK: Final = 4096
"""Calls whose paths are in memory together."""


def targets_of(
    population: Population, panel: PricePanel, place: int, adjustment: str | None, splits: Any
) -> pd.DataFrame:
    """A row a counted call with a target; see ``TrackRecord.targets``."""
    import pandas as pd

    chosen = np.flatnonzero(np.isfinite(population.columns.target[population.row]))
    said = population.columns.take(population.row[chosen])
    scores = population.scores
    rows, published = scores.rows[chosen], scores.published[chosen]
    base, end = scores.base.close[chosen], scores.end.close[place][chosen]
    target = said.target / _later_splits(splits, panel, rows, published)
    reason = np.array(REASONS, object)[scores.reason[place][chosen]]
    reason[population.matured(place)[chosen]] = ""
    for why, where in (
        ("target_not_positive", ~(target > 0)),
        ("target_currency", _foreign(said.currency, panel, rows)),
        *_adjustments(panel, rows, adjustment),
        ("splits_unknown", np.full(chosen.size, splits is None)),
    ):
        reason[where & (reason == "")] = why
    rated = reason == ""
    upside = np.where(rated, target / base - 1, np.nan)
    direction = np.sign(np.nan_to_num(upside)).astype(np.int8)
    met_end = np.where(direction > 0, end >= target, end <= target) & (direction != 0)
    met_on = _met_on(
        panel,
        np.where(rated, rows, -1),
        scores.base.session[chosen],
        scores.end.session[place][chosen],
        target,
        direction,
    )
    sessions = np.full(chosen.size, np.datetime64("NaT"), "datetime64[s]")
    hit = met_on >= 0
    sessions[hit] = (met_on[hit].astype(np.int64) * 86_400).astype("datetime64[s]")
    aimless = ~rated | (direction == 0)
    return pd.DataFrame(
        {
            "published": (published.astype(np.int64) * 86_400).astype("datetime64[s]"),
            "firm": np.array([*said.firm.names, ""], object)[said.firm.codes],
            "listing": np.array([*said.listing.names, ""], object)[said.listing.codes],
            "target": said.target,
            "target_adjusted": target,
            "base_close": base,
            "end_session": session_dates(scores.end, place)[chosen],
            "end_close": np.where(rated, end, np.nan),
            "upside": upside,
            "direction": pd.array(np.where(rated, direction, np.nan), dtype="Int8"),
            "met_end": pd.arrays.BooleanArray(met_end, aimless.copy()),
            "met_any": pd.arrays.BooleanArray(hit, aimless.copy()),
            "met_on": sessions,
            "error": np.where(rated, end / target - 1, np.nan),
            "reason": pd.Series(reason, dtype="str"),
        }
    )


def bias_of(targets: pd.DataFrame) -> pd.DataFrame:
    """A row a firm: how many targets are rated, how often they were met, and their bias."""
    kept = targets.assign(rated=targets["reason"] == "", absolute=targets["error"].abs())
    for name in ("met_end", "met_any"):
        kept[name] = kept[name].astype("Float64")
    found = kept.groupby("firm", sort=True).agg(
        targets=("rated", "size"),
        rated=("rated", "sum"),
        upside=("upside", "mean"),
        met_end=("met_end", "mean"),
        met_any=("met_any", "mean"),
        bias=("error", "mean"),
        absolute_error=("absolute", "mean"),
    )
    rates = ["met_end", "met_any"]
    found[rates] = found[rates].astype("float64")
    return found.reset_index()


def _foreign(
    currency: Any, panel: PricePanel, rows: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Targets that state another currency than their listing's exchange trades in."""
    own = [
        EXCHANGES[mic].currency if mic in EXCHANGES else ""
        for mic in (name.partition(":")[0] for name in panel.listings)
    ]
    stated = np.array([*(name.strip().upper() for name in currency.names), ""], object)
    told = stated[currency.codes]
    found: npt.NDArray[np.bool_] = (told != "") & (told != np.array([*own, ""], object)[rows])
    return found


def _adjustments(
    panel: PricePanel, rows: npt.NDArray[np.int32], adjustment: str | None
) -> tuple[tuple[str, npt.NDArray[np.bool_]], ...]:
    """Calls whose closes hold dividends, and those of which nobody says it."""
    stated = (one.adjustment for one in panel.provenance)
    told = np.array(
        [*(adjustment or one if one == "as given" else one for one in stated), ""], object
    )
    of_call = told[rows]
    return (
        ("total_return_closes", of_call == "splits+dividends"),
        ("adjustment_unknown", of_call == "as given"),
    )


def read_splits(splits: Any) -> pd.DataFrame:
    """Splits of a frame or a CSV file: ``listing``, ``date`` (ex-date), ``ratio`` (above 0).

    Raises
    ------
    CallsError
        A column is missing, a day is none, or a ratio is none.
    """
    import pandas as pd

    label = splits if isinstance(splits, str | Path) else None
    if label is not None:
        try:
            splits = pd.read_csv(label, dtype=str, keep_default_na=False)
        except (OSError, ValueError) as error:
            remedy = "give a CSV of listing, date and ratio"
            raise CallsError(Problem(f"no splits: {error}", remedy, str(label))) from None
        if not isinstance(splits.index, pd.RangeIndex):
            message, remedy = (
                "a row has more cells than the header names",
                "remove what is too much",
            )
            raise CallsError(Problem(message, remedy, str(label)))
    file = None if label is None else str(label)
    missing = {"listing", "date", "ratio"} - set(splits.columns)
    if missing:
        raise CallsError(
            Problem(
                f"the splits have no column {', '.join(sorted(missing))}",
                "give listing (as in the prices), date (ex-date) and ratio (new shares for one)",
                file,
                column="splits",
            )
        )
    ratio = pd.to_numeric(splits["ratio"], errors="coerce").to_numpy(np.float64)
    days = pd.to_datetime(splits["date"], errors="coerce", format="ISO8601")
    problems = []
    for name, wrong, message, remedy in (
        ("date", days.isna().to_numpy(), "not a date", "write YYYY-MM-DD"),
        ("ratio", ~(ratio > 0), "a ratio is above 0", "write 2 for two shares of one"),
    ):
        for at in np.flatnonzero(wrong)[:5].tolist():
            who, value = splits["listing"].iloc[at], splits[name].iloc[at]
            problems.append(Problem(message, remedy, file, at + 2, name, f"{who} {value}"))
    if problems:
        raise CallsError(problems)
    listing = [str(name).strip() for name in splits["listing"]]
    return pd.DataFrame({"listing": listing, "date": days.to_numpy(), "ratio": ratio})


def _later_splits(
    splits: pd.DataFrame | None,
    panel: PricePanel,
    rows: npt.NDArray[np.int32],
    published: npt.NDArray[np.int32],
) -> Floats:
    """New shares for one share of the day of publication, up to the end of the prices."""
    factor = np.ones(rows.size)
    if splits is None or not len(splits):
        return factor
    split_rows = _split_rows(splits["listing"].tolist(), panel)
    days = splits["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    for row, day, ratio in zip(split_rows, days.tolist(), splits["ratio"], strict=True):
        if row < 0 or day > panel.last_day:
            continue
        own = order[slice(*np.searchsorted(ordered, np.array([row, row + 1], np.int32)))]
        factor[own[published[own] < day]] *= ratio
    return factor


def _split_rows(names: Sequence[str], panel: PricePanel) -> list[int]:
    """Row of each listing whose shares were split, -1 for one that has no prices."""
    found: dict[str, int] = {}
    for name in dict.fromkeys(names):
        row = panel.row_of.get(name, -1)
        if row < 0:
            try:
                mic, code = parse_symbol(name)
            except UnknownListingError as error:
                # Passed over it would leave a target in shares that are no more.
                problems = [replace(one, column="listing") for one in error.problems]
                raise CallsError(problems) from None
            american = AMERICAN if mic in AMERICAN and ":" not in name else (mic,)
            ids = (panel.row_of.get(f"{one}:{code}", -1) for one in american)
            row = next((one for one in ids if one >= 0), -1)
        found[name] = row
    return [found[name] for name in names]


def _met_on(
    panel: PricePanel,
    rows: npt.NDArray[np.int32],
    base: npt.NDArray[np.int32],
    end: npt.NDArray[np.int32],
    target: Floats,
    direction: npt.NDArray[np.int8],
) -> npt.NDArray[np.int64]:
    """Day number of the first close after the base that met the target; -1 where none did."""
    met = np.full(rows.size, -1, np.int64)
    asked = np.flatnonzero((rows >= 0) & (direction != 0))
    for start in range(0, asked.size, _BLOCK):
        some = asked[start : start + _BLOCK]
        first = base[some].astype(np.int64) + 1
        days = first[:, None] + np.arange(int((end[some] - first).max()) + 1)
        close = panel.close[rows[some, None], np.minimum(days, panel.last_day) - panel.first_day]
        # A day without trade repeats the close before, so the first that meets is a session.
        beyond = direction[some, None] * (close - target[some, None]) >= 0
        beyond &= days <= end[some, None]
        found = beyond.any(axis=1)
        met[some[found]] = first[found] + beyond[found].argmax(axis=1)
    return met
