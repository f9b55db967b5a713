"""Target prices held against closes: direction, met at the end, met on any session, error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, Problem
from supplychain_screen.identity import EXCHANGES
from supplychain_screen.scoring import REASONS, session_dates

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.record.populations import Population

__all__ = ["bias_of", "targets_of"]

Floats = npt.NDArray[np.float64]

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


def _later_splits(
    splits: Any, panel: PricePanel, rows: npt.NDArray[np.int32], published: npt.NDArray[np.int32]
) -> Floats:
    """New shares for one share of the day of publication, up to the end of the prices."""
    factor = np.ones(rows.size)
    if splits is None or not len(splits):
        return factor
    missing = {"listing", "date", "ratio"} - set(splits.columns)
    if missing:
        raise CallsError(
            Problem(
                f"the splits have no column {', '.join(sorted(missing))}",
                "give listing (as in the prices), date (ex-date) and ratio (new shares for one)",
                column="splits",
            )
        )
    days = np.asarray(splits["date"], "datetime64[D]").astype(np.int64)
    for name, day, ratio in zip(splits["listing"], days, splits["ratio"], strict=True):
        row = panel.row_of.get(str(name), -1)
        if not ratio > 0:
            problem = Problem(
                "a ratio is above 0",
                "write 2 for two shares of one",
                column="ratio",
                value=f"{name} {ratio}",
            )
            raise CallsError(problem)
        if row >= 0 and day <= panel.last_day:
            factor[(rows == row) & (published < day)] *= float(ratio)
    return factor


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
