"""The page's sections as plain values: segments, the sector call, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from supplychain_screen.output.columns import Reader
from supplychain_screen.output.page.dossier import TOUCHES, Dossier, page_reader, touch_of
from supplychain_screen.output.page.figures import Chart, chart, domain
from supplychain_screen.output.page.pictures import Axis, Dot, strip_dots
from supplychain_screen.output.path_grid import Paths
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.output.sentences import reason_counts, sector_sentence
from supplychain_screen.words import Phrase, is_missing, message, percent, points

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = [
    "FANS",
    "SegmentSection",
    "fan_span",
    "findings_section",
    "sector_section",
    "segments_section",
]

FANS: Final = 60
"""Most small charts drawn; a report of more segments shows the first ones and says so."""


@dataclass(frozen=True, slots=True)
class SegmentSection:
    """One segment. ``dots`` are its members on the axis that all segments share."""

    number: int
    name: Phrase
    row: Mapping[Any, Any]
    mean: str
    mean_at: float | None
    median: str
    without: Phrase | None
    hit_rate: str
    rating: Rating
    reasons: Phrase | None
    dots: tuple[Dot, ...]
    fan: Chart | None
    beyond: str
    dossiers: tuple[Dossier, ...]


def segments_section(
    screening: Screening, paths: Paths, rows: list[Dossier], axis: Axis
) -> list[SegmentSection]:
    """The segments in the report's order."""
    scale, read = screening.report.standard.stock, page_reader(screening, unit=False)
    columns = ["company", "company_en", "relative_return", "rating"]
    companies = screening.companies[columns].to_dict("records")
    rated_rows = (screening.companies["rating"] != "unrated").to_numpy()
    fan_points = max(16, min(60, 6_000 // max(1, len(rows))))
    span = fan_span(paths, rated_rows, scale.bounds)
    built = []
    for i, row in enumerate(screening.segments.to_dict("records")):
        inside = [k for k, one in enumerate(rows) if one.segment == i]
        rated = [k for k in inside if rows[k].rating.name != "unrated"]
        has_path = len(paths.days) > 1 and not np.isnan(paths.means[i]).all()
        most = np.nanmax(np.abs(paths.members[rated])) if has_path else 0.0
        built.append(
            SegmentSection(
                number=i + 1,
                name=read.both("segment", row),
                row=row,
                mean=read("mean", row),
                mean_at=None if is_missing(row["mean"]) else axis.at(float(row["mean"])),
                median=read("median", row),
                without=_without_one(row, read),
                hit_rate=read("hit_rate", row),
                rating=rating_of(scale, row["rating"]),
                reasons=reason_counts(row["unrated_reasons"]) if row["unrated_reasons"] else None,
                dots=strip_dots([companies[k] for k in rated], screening, axis, read),
                fan=chart(
                    paths.days,
                    paths.means[i : i + 1],
                    paths.members[rated] if len(rated) > 1 else paths.members[:0],
                    scale.bounds,
                    width=260,
                    height=128,
                    points=fan_points,
                    margins=(8, 6, 16, 34),
                    ticks=3,
                    span=span,
                )
                if has_path and i < FANS
                else None,
                beyond=_beyond(paths.members[rated], span) if has_path and most else "",
                dossiers=tuple(rows[k] for k in inside),
            )
        )
    return built


def fan_span(
    paths: Paths, rated: np.ndarray[Any, Any], bounds: Sequence[float]
) -> tuple[float, float]:
    """The one scale of the small charts: the middle of all members' days, and every mean."""
    members = paths.members[rated]
    known = members[np.isfinite(members)]
    middle = np.quantile(known, [0.02, 0.98]) if known.size else np.zeros(2)
    several = np.array([(~np.isnan(one)).any() for one in paths.means], np.bool_)
    means = paths.means[several]
    inner = means[np.isfinite(means)]
    if inner.size:
        middle = np.concatenate([middle, np.quantile(inner, [0.02, 0.98])])
    return domain(middle, bounds)


def _beyond(members: np.ndarray[Any, Any], span: tuple[float, float]) -> str:
    """The farthest points of paths that leave the common scale, as they are said beside it."""
    found = []
    if np.nanmax(members) > span[1]:
        found.append(f"▲ {points(float(np.nanmax(members)), 0)}")
    if np.nanmin(members) < span[0]:
        found.append(f"▼ {points(float(np.nanmin(members)), 0)}")
    return " ".join(found)


def _without_one(row: Mapping[Any, Any], read: Reader) -> Phrase | None:
    """Between which values the mean lies without any one company; None of a single one."""
    low, high = row["leave_one_out_low"], row["leave_one_out_high"]
    if is_missing(low) or is_missing(high):
        return None
    ends = (read("leave_one_out_low", row), read("leave_one_out_high", row))
    return message("page.from_to", low=ends[0], high=ends[1]).phrase


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


def findings_section(screening: Screening) -> list[dict[str, Any]]:
    """Findings, those that say the same of several listings as one; and what they did to ratings.

    A listing that is no company of the report, an index, has no rating that could be touched.
    """
    read = page_reader(screening)
    keys = ("code", "first", "last", "action", "detail")
    columns = ["listing", "rating", "base_session", "end_session"]
    rows = {row["listing"]: row for row in screening.companies[columns].to_dict("records")}
    groups: dict[tuple[Phrase, ...], list[str]] = {}
    for row in screening.findings.to_dict("records"):
        company = rows.get(row["listing"])
        touch = TOUCHES["" if company is None else touch_of(row, company)]
        said = (*(read.both(key, row) for key in keys), touch)
        groups.setdefault(said, []).append(read("symbol", row))
    return [
        {**dict(zip((*keys, "touch"), said, strict=True)), "symbols": symbols}
        for said, symbols in groups.items()
    ]
