"""A screening as one JSON object: the machine output, schema version 2, or 1 where asked for.

The schemas are ``docs/result.schema.json`` and ``docs/result.schema.1.json``. Fractions are not
percents, dates are ISO, missing is null, keys are sorted, floats are written so that they read
back as the same number. The same screening gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output.json_studies import (
    concentration_of,
    crossings_of,
    inference_of,
    paths_by_mention,
)
from supplychain_screen.output.json_values import plain_day, plain_moment, plain_value
from supplychain_screen.output.writing import write_file

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["SCHEMA_VERSION", "SCHEMA_VERSIONS", "json_text", "to_dict", "to_json"]

SCHEMA_VERSION: Final = 2
"""Changes when a field changes its meaning or a closed list grows; added fields leave it alone."""

SCHEMA_VERSIONS: Final = (1, 2)
"""Versions that can be asked for."""

# Reasons that version 1 does not know, by the one of its own that stands for them.
_REASONS_OF_1: Final = {
    "standard_without_number": "no_benchmark",
    "standard_without_bounds": "no_benchmark",
    "unknown_level": "unresolved",
    "two_calls_one_day": "unresolved",
}

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


_PRINTED: Final = ("printed_rating", "printed_target", "target_currency")


def to_dict(screening: Screening, schema: int = SCHEMA_VERSION) -> dict[str, Any]:
    """The screening as plain dicts, lists, strings, numbers, booleans and None.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    schema : {2, 1}
        Version of the schema. Version 1 has no path, crossings, concentration and inference, and
        says newer reasons by those it knows.

    Returns
    -------
    dict
        The object of the schema, keys in sorted order at every level.

    Notes
    -----
    Returns are fractions: 0.1 is 10%. A number that could not be computed is None, never NaN.
    Source: the project's machine output.

    Raises
    ------
    InputError
        There is no such version.
    """
    if schema not in SCHEMA_VERSIONS:
        raise InputError(
            Problem(
                "no such version of the machine output",
                f"give one of {', '.join(map(str, SCHEMA_VERSIONS))}",
                column="schema",
                value=str(schema),
            )
        )
    report = screening.report
    evidence = _by_order(screening.evidence)
    answer = {
        "schema_version": schema,
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
                "symbol": plain_value(row["symbol"]),
                "first": plain_day(row["first"]),
                "last": plain_day(row["last"]),
                "action": row["action"],
                "detail": row["detail"],
            }
            for row in screening.findings.to_dict("records")
        ],
        "sources": [
            {
                "symbol": plain_value(row["symbol"]),
                "source": plain_value(row["source"]),
                "adjustment": plain_value(row["adjustment"]),
                "fetched_at": plain_moment(row["fetched_at"]),
                "last_session": plain_day(row["last_session"]),
            }
            for row in screening.sources.to_dict("records")
        ],
    }
    ordered: dict[str, Any] = _sorted(
        _as_of_1(answer) if schema == 1 else _studied(screening, answer)
    )
    return ordered


def _studied(screening: Screening, answer: dict[str, Any]) -> dict[str, Any]:
    """What version 2 says beyond version 1."""
    paths = paths_by_mention(screening)
    nothing: dict[str, list[Any]] = {"sessions": [], "relative_return": []}
    for company, crossings in zip(answer["companies"], crossings_of(screening), strict=True):
        company["path"] = paths.get(company["order"], nothing)
        company["crossings"] = crossings
    return answer | {
        "concentration": concentration_of(screening),
        "inference": inference_of(screening),
    }


def _as_of_1(answer: dict[str, Any]) -> dict[str, Any]:
    """The same, its reasons in the words of version 1."""
    for company in answer["companies"]:
        windows = [one for one in company["windows"].values() if one is not None]
        for one in (company, *windows, *company["alternatives"]):
            one["reason"] = _REASONS_OF_1.get(one["reason"], one["reason"])
    for group in (*answer["segments"], answer["total"]):
        counts: dict[str, int] = {}
        for reason, n in group["unrated"].items():
            known = _REASONS_OF_1.get(reason, reason)
            counts[known] = counts.get(known, 0) + n
        group["unrated"] = counts
    return answer


def to_json(
    screening: Screening, path: str | Path | None = None, schema: int = SCHEMA_VERSION
) -> str:
    """The screening as one JSON text, indented, ending with a line break.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    path : str or Path, optional
        A file to write the same text to, atomically.
    schema : {2, 1}
        As in `to_dict`.

    Returns
    -------
    str
        UTF-8 text once encoded; CJK characters stand as they are. A NaN or infinite number
        cannot occur.

    Raises
    ------
    InputError
        There is no such version.
    OutputError
        If the file cannot be written.
    """
    text = json_text(to_dict(screening, schema))
    if path is not None:
        write_file(path, text.encode())
    return text


def json_text(answer: Any) -> str:
    """Plain values as indented JSON, keys sorted, ending with a line break."""
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    # Half a surrogate pair (an undecodable file name) is not UTF-8; JSON can still say it.
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text) + "\n"


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
        "segment_en": plain_value(row["segment_en"]),
        "company": row["company"],
        "company_en": plain_value(row["company_en"]),
        "note": plain_value(row["note"]) or None,
        "pending": bool(row["pending"]),
        **{name: plain_value(row[name]) for name in _PRINTED},
        "status": row["status"],
        "confidence": plain_value(row["confidence"]),
        "candidates": [str(candidate) for candidate in row["candidates"]],
        "symbol": plain_value(row["symbol"]),
        "mic": plain_value(row["mic"]),
        "currency": plain_value(row["currency"]),
        "benchmark": plain_value(row["benchmark"]),
        "stage": plain_value(row["stage"]),
        "day": plain_value(row["day"]),
        "days": plain_value(row["days"]),
        "window": plain_value(row["window"]),
        **_measured(row),
        "rating": row["rating"],
        "reason": plain_value(row["reason"]),
        "windows": {
            window: _window(primary[window]) if window in primary else None for window in windows
        },
        "alternatives": [
            {"benchmark": line["benchmark"], "window": line["window"], **_window(line)}
            for line in alternatives
        ],
        "robustness": {
            "agree": plain_value(row["robustness_agree"]),
            "of": plain_value(row["robustness_of"]),
            "distinct": plain_value(row["robustness_distinct"]),
            "flips": [str(flip) for flip in _sequence(row["robustness_flips"])],
        },
    }


def _window(line: _Row) -> dict[str, Any]:
    return {
        **_measured(line),
        "end_date": plain_day(line["end_date"]),
        "rating": line["rating"],
        "reason": plain_value(line["reason"]),
    }


def _measured(row: _Row) -> dict[str, Any]:
    return {name: plain_day(row[name]) for name in _MEASURED_DATES} | {
        name: plain_value(row[name]) for name in _MEASURED_NUMBERS
    }


def _segment(row: _Row) -> dict[str, Any]:
    low, high = plain_value(row["leave_one_out_low"]), plain_value(row["leave_one_out_high"])
    return {
        "segment": plain_value(row.get("segment")),
        "segment_en": plain_value(row.get("segment_en")),
        "mentions": int(row["mentions"]),
        "listed": int(row["listed"]),
        "unlisted": int(row["unlisted"]),
        "unresolved": int(row["unresolved"]),
        "rated": int(row["rated"]),
        "unrated": {str(reason): int(n) for reason, n in row["unrated_reasons"].items()},
        "mean": plain_value(row["mean"]),
        "median": plain_value(row["median"]),
        "best": plain_value(row["best"]),
        "best_company": plain_value(row["best_company"]),
        "best_company_en": plain_value(row["best_company_en"]),
        "worst": plain_value(row["worst"]),
        "worst_company": plain_value(row["worst_company"]),
        "worst_company_en": plain_value(row["worst_company_en"]),
        "hit_rate": plain_value(row["hit_rate"]),
        "leave_one_out": None if low is None else [low, high],
        "single_company": bool(row["single_company"]),
        "rating": row["rating"],
    }


def _verdict(call: Mapping[str, Any]) -> dict[str, Any]:
    """The sector call, with the user's own sector index under a key of its own where named."""
    return {
        key: _verdict(value) if isinstance(value, Mapping) else plain_value(value)
        for key, value in call.items()
    }


def _by_order(evidence: pd.DataFrame) -> dict[int, list[_Row]]:
    lines: dict[int, list[_Row]] = {}
    for line in evidence.to_dict("records"):
        lines.setdefault(int(line["order"]), []).append(line)
    return lines


def _sequence(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else ()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
