"""A track record as one JSON object: the machine output of ``record``, schema version 1.

The schema is ``docs/record.schema.json``. Fractions are not percents, dates are ISO, missing is
null, keys are sorted. The calls themselves are in the tables: there may be a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.json_result import json_text
from supplychain_screen.output.record_sentences import leagues_of
from supplychain_screen.output.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record import League, LeagueKey, TrackRecord

__all__ = ["RECORD_SCHEMA_VERSION", "record_to_dict", "record_to_json"]

RECORD_SCHEMA_VERSION: Final = 1
"""Changes when a field changes its meaning; added fields leave it alone."""


def record_to_dict(
    record: TrackRecord, by: LeagueKey | Sequence[LeagueKey] = "firm", window: str | None = None
) -> dict[str, Any]:
    """The record as plain dicts, lists, strings, numbers, booleans and None.

    Parameters
    ----------
    record : TrackRecord
    by : str or sequence of str
        What leagues are made by.
    window : str, optional
        ``6m``; the first where it is not given.

    Raises
    ------
    CallsError
        There is no such league or window.
    """
    leagues = leagues_of(record, by, window)
    window = leagues[0].window
    standard = record.standard
    unrated = record.unrated["reason"].value_counts()
    return {
        "kind": "track_record",
        "schema_version": RECORD_SCHEMA_VERSION,
        "simulated": bool(record.simulated),
        "as_of": record.as_of.isoformat(),
        "window": window,
        "windows": list(record.windows),
        "count": record.count,
        "base_policy": record.rules.base_policy,
        "comparison": record.rules.comparison,
        "cost_bps": float(record.cost_bps),
        "min_runs": int(record.min_runs),
        "levels": [level.name for level in standard.stock.levels],
        "denominators": record.denominators,
        "price_checks": {
            "how": record.price_checks.how,
            "series": record.price_checks.series,
            "struck": record.price_checks.counts("unrated"),
            "reported": record.price_checks.counts("reported"),
        },
        "leagues": [_league(one) for one in leagues],
        "calibration": _records(record.calibration(window)),
        "months": _records(record.by_month(window)),
        "targets": _targets(record, window),
        "holes": _holes(record),
        "unknown_words": _records(record.unknown_words),
        "unrated": {str(reason): int(n) for reason, n in unrated.items() if n},
    }


def record_to_json(
    record: TrackRecord,
    path: str | Path | None = None,
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
) -> str:
    """The record as one JSON text, indented, ending with a line break.

    Raises
    ------
    CallsError
        There is no such league or window.
    OutputError
        If the file cannot be written.
    """
    text = json_text(record_to_dict(record, by, window))
    if path is not None:
        write_file(path, text.encode())
    return text


def _league(league: League) -> dict[str, Any]:
    rows = _records(league.frame.rename(columns={league.by: "name"}))
    pseudo = float(league.rates.pseudo)
    return {
        "by": league.by,
        "window": league.window,
        "hit": league.hit,
        "tau": float(league.tau),
        "ordered": bool(league.ordered),
        "ranked": int(league.ranked),
        "pooled_rate": _number(league.rates.mean),
        "pseudo_calls": pseudo if np.isfinite(pseudo) else None,
        "rows": rows,
    }


def _holes(record: TrackRecord) -> list[dict[str, Any]]:
    """Stretches without a call, days as ISO texts."""
    frame = record.holes
    for name in ("first", "last"):
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    return _records(frame)


def _targets(record: TrackRecord, window: str) -> dict[str, Any] | None:
    """What became of the targets, by firm; None where the calls have none."""
    if not record.has_targets:
        return None
    reasons = record.targets(window)["reason"]
    unrated = reasons[reasons != ""].value_counts()
    return {
        "targets": len(reasons),
        "rated": int((reasons == "").sum()),
        "unrated": {str(reason): int(n) for reason, n in unrated.items()},
        "firms": _records(record.targets(window, by="firm")),
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame as plain dicts; None for missing and infinite."""
    columns = {}
    for name in frame.columns:
        values = frame[name]
        if values.dtype.kind == "f":
            values = values.where(np.isfinite(values))
        values = values.astype(object)
        columns[str(name)] = values.where(values.notna(), None).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
