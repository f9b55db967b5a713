"""A screening as one JSON object: the machine output, schema version 1.

The schema is ``docs/result.schema.json``. Fractions are not percents, dates are ISO, missing is
null, keys are sorted, floats are written so that they read back as the same number. The same
screening gives the same bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.output.writing import write_file

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["SCHEMA_VERSION", "to_dict", "to_json"]

SCHEMA_VERSION: Final = 1
"""Changes when a field changes its meaning; added fields leave it alone."""

# Dates, closes and returns of one window: the evidence frame and the output share the names.
_MEASURED_DATES: Final = ("base_session", "end_session")
_MEASURED_NUMBERS: Final = (
    "base_close",
    "end_close",
    "benchmark_base",
    "benchmark_end",
    "return",
    "benchmark_return",
    "relative_return",
)

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

_Row = Mapping[Hashable, Any]


def to_dict(screening: Screening) -> dict[str, Any]:
    """The screening as plain dicts, lists, strings, numbers, booleans and None.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.

    Returns
    -------
    dict
        The object of the schema, keys in sorted order at every level.

    Notes
    -----
    Returns are fractions: 0.1 is 10%. A number that could not be computed is None, never NaN.
    Source: the project's machine output, schema version 1.
    """
    report = screening.report
    evidence = _by_order(screening.evidence)
    answer = {
        "schema_version": SCHEMA_VERSION,
        "report": {"id": report.id, "title": report.title, "publisher": report.publisher},
        "published": screening.published.isoformat(),
        "as_of": screening.as_of.isoformat(),
        "basis": screening.basis,
        "base_policy": screening.base_policy,
        "comparison": screening.comparison,
        "simulated": bool(screening.simulated),
        "companies": [
            _company(row, evidence.get(int(row["order"]), []), screening.windows)
            for row in screening.companies.to_dict("records")
        ],
        "segments": [_segment(row) for row in screening.segments.to_dict("records")],
        "total": {
            "companies": int(screening.total["companies"]),
            **_segment(screening.total.to_dict()),
        },
        "sector_call": _verdict(screening.sector_call) or None,
        "findings": [
            {
                "code": row["code"],
                "symbol": _plain(row["symbol"]),
                "first": _day(row["first"]),
                "last": _day(row["last"]),
                "action": row["action"],
                "detail": row["detail"],
            }
            for row in screening.findings.to_dict("records")
        ],
        "sources": [
            {
                "symbol": _plain(row["symbol"]),
                "source": _plain(row["source"]),
                "adjustment": _plain(row["adjustment"]),
                "fetched_at": _moment(row["fetched_at"]),
                "last_session": _day(row["last_session"]),
            }
            for row in screening.sources.to_dict("records")
        ],
    }
    ordered: dict[str, Any] = _sorted(answer)
    return ordered


def to_json(screening: Screening, path: str | Path | None = None) -> str:
    """The screening as one JSON text, indented, ending with a line break.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    path : str or Path, optional
        A file to write the same text to, atomically.

    Returns
    -------
    str
        UTF-8 text once encoded; CJK characters stand as they are. A NaN or infinite number
        cannot occur.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = json.dumps(
        to_dict(screening), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True
    )
    # Half a surrogate pair (an undecodable file name) is not UTF-8; JSON can still say it.
    text = _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text) + "\n"
    if path is not None:
        write_file(path, text.encode())
    return text


def _company(row: _Row, evidence: list[_Row], windows: tuple[str, ...]) -> dict[str, Any]:
    primary = {
        line["window"]: line
        for line in evidence
        if line["role"] == "primary" and bool(line["matured"])
    }
    alternatives = [
        line
        for line in evidence
        if line["role"] == "alternative" and line["window"] == row["window"]
    ]
    return {
        "order": int(row["order"]),
        "segment": row["segment"],
        "segment_en": _plain(row["segment_en"]),
        "company": row["company"],
        "company_en": _plain(row["company_en"]),
        "note": _plain(row["note"]) or None,
        "pending": bool(row["pending"]),
        "status": row["status"],
        "confidence": _plain(row["confidence"]),
        "candidates": [str(candidate) for candidate in row["candidates"]],
        "symbol": _plain(row["symbol"]),
        "mic": _plain(row["mic"]),
        "currency": _plain(row["currency"]),
        "benchmark": _plain(row["benchmark"]),
        "stage": _plain(row["stage"]),
        "day": _plain(row["day"]),
        "days": _plain(row["days"]),
        "window": _plain(row["window"]),
        **_measured(row),
        "rating": row["rating"],
        "reason": _plain(row["reason"]),
        "windows": {
            window: _window(primary[window]) if window in primary else None for window in windows
        },
        "alternatives": [
            {"benchmark": line["benchmark"], "window": line["window"], **_window(line)}
            for line in alternatives
        ],
        "robustness": {
            "agree": _plain(row["robustness_agree"]),
            "of": _plain(row["robustness_of"]),
            "distinct": _plain(row["robustness_distinct"]),
            "flips": [str(flip) for flip in _sequence(row["robustness_flips"])],
        },
    }


def _window(line: _Row) -> dict[str, Any]:
    return {
        **_measured(line),
        "end_date": _day(line["end_date"]),
        "rating": line["rating"],
        "reason": _plain(line["reason"]),
    }


def _measured(row: _Row) -> dict[str, Any]:
    return {name: _day(row[name]) for name in _MEASURED_DATES} | {
        name: _plain(row[name]) for name in _MEASURED_NUMBERS
    }


def _segment(row: _Row) -> dict[str, Any]:
    low, high = _plain(row["leave_one_out_low"]), _plain(row["leave_one_out_high"])
    return {
        "segment": _plain(row.get("segment")),
        "segment_en": _plain(row.get("segment_en")),
        "mentions": int(row["mentions"]),
        "listed": int(row["listed"]),
        "unlisted": int(row["unlisted"]),
        "unresolved": int(row["unresolved"]),
        "rated": int(row["rated"]),
        "unrated": {str(reason): int(n) for reason, n in row["unrated_reasons"].items()},
        "mean": _plain(row["mean"]),
        "median": _plain(row["median"]),
        "best": _plain(row["best"]),
        "best_company": _plain(row["best_company"]),
        "best_company_en": _plain(row["best_company_en"]),
        "worst": _plain(row["worst"]),
        "worst_company": _plain(row["worst_company"]),
        "worst_company_en": _plain(row["worst_company_en"]),
        "hit_rate": _plain(row["hit_rate"]),
        "leave_one_out": None if low is None else [low, high],
        "single_company": bool(row["single_company"]),
        "rating": row["rating"],
    }


def _verdict(call: Mapping[str, Any]) -> dict[str, Any]:
    """The sector call, with the user's own sector index under a key of its own where named."""
    return {
        key: _verdict(value) if isinstance(value, Mapping) else _plain(value)
        for key, value in call.items()
    }


def _by_order(evidence: pd.DataFrame) -> dict[int, list[_Row]]:
    lines: dict[int, list[_Row]] = {}
    for line in evidence.to_dict("records"):
        lines.setdefault(int(line["order"]), []).append(line)
    return lines


def _plain(value: Any) -> Any:
    """``value`` as JSON knows it: None for missing, no numpy types, dates as text."""
    if _missing(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (date, np.datetime64)):
        return _day(value)
    return str(value)


def _sequence(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else ()


def _day(value: Any) -> str | None:
    if _missing(value):
        return None
    return str(np.datetime64(value, "D"))


def _moment(value: Any) -> str | None:
    """An instant in ISO 8601, UTC; one without a zone is taken for UTC."""
    if _missing(value):
        return None
    stamp = pd.Timestamp(value)
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return str(aware.isoformat()).replace("+00:00", "Z")


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
