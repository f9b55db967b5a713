"""The page's sections as plain values: scoreboard, segments, unrated, findings, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.columns import column
from supplychain_screen.output.page.dossier import Dossier, page_reader
from supplychain_screen.output.page.figures import Chart, Strip, chart, strip
from supplychain_screen.output.path_grid import Paths
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.output.sentences import (
    Counts,
    count_companies,
    reason_counts,
    sector_sentence,
)
from supplychain_screen.words import (
    MISSING,
    Phrase,
    is_missing,
    message,
    percent,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = [
    "FANS",
    "SegmentSection",
    "findings_section",
    "scoreboard_section",
    "sector_section",
    "segments_section",
]

FANS: Final = 60
"""Most small charts drawn; a report of more segments shows the first ones and says so."""


@dataclass(frozen=True, slots=True)
class SegmentSection:
    number: int
    name: Phrase
    row: Mapping[Any, Any]
    mean: str
    median: str
    span: str
    hit_rate: str
    rating: Rating
    reasons: Phrase | None
    strip: Strip
    fan: Chart | None
    dossiers: tuple[Dossier, ...]


def segments_section(
    screening: Screening, paths: Paths, rows: list[Dossier], axis: tuple[float, float]
) -> list[SegmentSection]:
    scale, read = screening.report.standard.stock, page_reader(screening)
    relative = screening.companies["relative_return"].to_numpy(dtype=float)
    fan_points = max(16, min(60, 6_000 // max(1, len(rows))))
    built = []
    for i, row in enumerate(screening.segments.to_dict("records")):
        inside = [k for k, one in enumerate(rows) if one.segment == i]
        rated = [k for k in inside if rows[k].rating.name != "unrated"]
        span = (row["leave_one_out_low"], row["leave_one_out_high"])
        has_span = not is_missing(span[0]) and not is_missing(span[1])
        has_path = len(paths.days) > 1 and not np.isnan(paths.means[i]).all()
        built.append(
            SegmentSection(
                number=i + 1,
                name=read.both("segment", row),
                row=row,
                mean=read("mean", row),
                median=read("median", row),
                span=_interval(*span),
                hit_rate=read("hit_rate", row),
                rating=rating_of(scale, row["rating"]),
                reasons=reason_counts(row["unrated_reasons"]) if row["unrated_reasons"] else None,
                strip=strip(
                    [float(relative[k]) for k in rated],
                    [rows[k].rating.tone for k in rated],
                    float("nan") if is_missing(row["mean"]) else float(row["mean"]),
                    (float(span[0]), float(span[1])) if has_span else (np.nan, np.nan),
                    axis,
                ),
                fan=chart(
                    paths.days,
                    paths.means[i : i + 1],
                    paths.members[rated] if len(rated) > 1 else paths.members[:0],
                    scale.bounds,
                    width=260,
                    height=128,
                    points=fan_points,
                    margins=(8, 6, 16, 40),
                    ticks=3,
                )
                if has_path and i < FANS
                else None,
                dossiers=tuple(rows[k] for k in inside),
            )
        )
    return built


def scoreboard_section(screening: Screening) -> dict[str, Any]:
    scale = screening.report.standard.stock
    counts: Counts = count_companies(screening)
    total, read = screening.total.to_dict(), page_reader(screening)
    parts = [(rating_of(scale, name), n) for name, n in counts.ratings.items()]
    bars, x = [], 0.0
    for tone, n in [
        *((rating.tone, n) for rating, n in parts),
        ("none", counts.all - counts.rated),
    ]:
        width = 100.0 * n / max(1, counts.all)
        bars.append((round(x, 3), round(width, 3), tone))
        x += width
    return {
        "parts": parts,
        "bars": bars,
        "unrated": counts.all - counts.rated,
        "mean": read("mean", total),
        "rating": rating_of(scale, total["rating"]),
        "median": read("median", total),
        "hit_rate": read("hit_rate", total),
        "span": _interval(total["leave_one_out_low"], total["leave_one_out_high"]),
        "extremes": [
            (column(which).title, read.both(f"{which}_company", total), read(which, total))
            for which in ("best", "worst")
            if not is_missing(total[f"{which}_company"])
        ],
    }


def sector_section(screening: Screening) -> dict[str, Any] | None:
    sentence = sector_sentence(screening)
    scale = screening.report.standard.sector
    if sentence is None or scale is None:
        return None
    found, call = screening.sector_call, screening.report.sector_call
    return {
        "sentence": sentence,
        "published": rating_of(scale, found["published_rating"]),
        "maintained": call is not None and call.action == "maintained",
        "realised": rating_of(scale, found["realised_rating"]),
        "relative": percent(found["relative_return"], bounds=scale.bounds),
        "agrees": None if is_missing(found["agrees"]) else bool(found["agrees"]),
        "index": _sector_index(screening),
    }


def _sector_index(screening: Screening) -> dict[str, Any] | None:
    found = screening.sector_call.get("sector_index")
    scale = screening.report.standard.sector
    if not found or scale is None:
        return None
    return {
        "name": str(found["index"]).removeprefix("INDEX:"),
        "realised": rating_of(scale, found["realised_rating"]),
        "relative": percent(found["relative_return"], bounds=scale.bounds),
        "verdict": _index_verdict(found),
    }


def _index_verdict(found: Mapping[str, Any]) -> Phrase:
    if not is_missing(found["agrees"]):
        return (
            message("page.agrees").phrase
            if found["agrees"]
            else message("page.does_not_agree").phrase
        )
    if found["realised_rating"] == "unrated":
        return message("page.not_measured").phrase
    return message("page.open").phrase


def _interval(low: Any, high: Any) -> str:
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"[{percent(low)}, {percent(high)}]"


def findings_section(screening: Screening) -> list[dict[str, Any]]:
    """Findings, those that say the same of several listings as one."""
    read = page_reader(screening)
    keys = ("code", "first", "last", "action", "detail")
    groups: dict[tuple[Phrase, ...], list[str]] = {}
    for row in screening.findings.to_dict("records"):
        said = tuple(read.both(key, row) for key in keys)
        groups.setdefault(said, []).append(read("symbol", row))
    return [
        {**dict(zip(keys, said, strict=True)), "symbols": symbols}
        for said, symbols in groups.items()
    ]
