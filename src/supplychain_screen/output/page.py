"""The page: one offline HTML file that an analyst can forward."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from supplychain_screen.output.dossier import Dossier, dossiers, rating_of
from supplychain_screen.output.figures import Chart, Strip, chart, nice_ticks, strip, strip_axis
from supplychain_screen.output.paths import Paths, paths_of, spaced
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    Counts,
    count_companies,
    count_mentions,
    definitions,
    headline,
    interim_calls,
    method,
    notices,
    reason_counts,
    sector_sentence,
    title,
)
from supplychain_screen.output.words import (
    ACTIONS,
    BASES,
    CAUSES,
    COLUMNS,
    COMPARISONS,
    FINDINGS,
    MISSING,
    POLICIES,
    REASON_SENTENCES,
    REASONS,
    Lang,
    Phrase,
    day,
    is_missing,
    percent,
)
from supplychain_screen.output.writing import write_file

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

    from supplychain_screen.screening import Screening

__all__ = ["Colours", "render_page", "write_page"]

Colours = Literal["china", "west"]
"""Which colour means up: ``china`` red, ``west`` green. Arrows and words say it as well."""

PATH_CELLS: Final = 110_000
"""Most path values embedded in one page; more mentions get fewer days each, so the file stays
small and the chart quick."""

FANS: Final = 60
"""Most small charts drawn; a report of more segments shows the first ones and says so."""


def render_page(
    screening: Screening,
    lang: Lang = "zh",
    static: bool = False,
    colours: Colours = "china",
    changes: pd.DataFrame | None = None,
) -> str:
    """The page of ``screening`` as one HTML document that asks no server for anything.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    lang : {"zh", "en"}
        Language the page opens in; the interactive page can be switched to the other.
    static : bool
        Without any script, for mail: one language, folds work by style sheet alone.
    colours : {"china", "west"}
        Red up and green down, or the other way round.
    changes : DataFrame, optional
        Rating changes since the last week, with columns ``company``, ``company_en``,
        ``segment``, ``before``, ``after``, ``cause``, ``detail`` and ``detail_zh`` as far as
        there are any.

    Returns
    -------
    str
        HTML in UTF-8. The same screening gives the same text.

    Notes
    -----
    The content policy in the document's head forbids every request and every script but the
    page's own, by its hash. All names pass Jinja's autoescape.
    """
    if lang not in ("zh", "en"):
        raise ValueError(f"lang must be 'zh' or 'en', not {lang!r}")
    if colours not in ("china", "west"):
        raise ValueError(f"colours must be 'china' or 'west', not {colours!r}")
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    speech = _Speech(lang, static)
    context = _context(screening, speech, static=static, colours=colours, changes=changes)
    return environment.get_template("page.html.j2").render(context)


def write_page(
    screening: Screening,
    path: str | Path,
    lang: Lang = "zh",
    static: bool = False,
    colours: Colours = "china",
    changes: pd.DataFrame | None = None,
) -> Path:
    """Write the page of `render_page` to ``path``, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written; what was there before is still there.
    """
    text = render_page(screening, lang=lang, static=static, colours=colours, changes=changes)
    return write_file(path, text.encode("utf-8"))


def _template(name: str) -> str:
    folder = resources.files("supplychain_screen.output") / "templates"
    return (folder / name).read_text("utf-8")


@dataclass(slots=True)
class _Speech:
    """Puts a phrase into the page and, where the page can switch, remembers both languages."""

    lang: Lang
    static: bool
    known: dict[Phrase, int] = field(default_factory=dict)

    def _index(self, phrase: Phrase) -> int | None:
        if self.static or phrase.zh == phrase.en:
            return None
        return self.known.setdefault(phrase, len(self.known))

    def say(self, phrase: Phrase | str, tag: str = "span") -> Markup:
        """The phrase as an element whose text the language switch replaces."""
        from markupsafe import Markup, escape

        if isinstance(phrase, str):
            return escape(phrase)
        index = self._index(phrase)
        text = escape(phrase.of(self.lang))
        if index is None:
            return text if tag == "span" else Markup("<{0}>{1}</{0}>").format(tag, text)
        return Markup('<{0} data-i="{1}">{2}</{0}>').format(tag, index, text)

    def who(self, phrase: Phrase | str) -> Markup:
        """A name that a stranger wrote: isolated, so that its direction stays its own."""
        pair = Phrase(phrase, phrase) if isinstance(phrase, str) else phrase
        shown = Phrase(visible_text(pair.zh), visible_text(pair.en))
        return self.say(shown, "bdi")

    def attribute(self, name: str, phrase: Phrase) -> Markup:
        """The phrase as an attribute, switchable too."""
        from markupsafe import Markup

        index = self._index(phrase)
        if index is None:
            return Markup(' {}="{}"').format(name, phrase.of(self.lang))
        return Markup(' {0}="{1}" data-i-{0}="{2}"').format(name, phrase.of(self.lang), index)

    def strings(self) -> list[list[str]]:
        return [[phrase.zh, phrase.en] for phrase in self.known]


@dataclass(frozen=True, slots=True)
class _Segment:
    number: int
    name: Phrase
    row: Mapping[Any, Any]
    mean: str
    median: str
    span: str
    hit_rate: str
    rating: Any
    reasons: Phrase | None
    strip: Strip
    fan: Chart | None
    dossiers: tuple[Dossier, ...]


def _context(
    screening: Screening,
    speech: _Speech,
    *,
    static: bool,
    colours: Colours,
    changes: pd.DataFrame | None,
) -> dict[str, Any]:
    paths = paths_of(screening)
    rows = dossiers(screening, paths)
    scale = screening.report.standard.stock
    axis = strip_axis(
        screening.companies["relative_return"].to_numpy(dtype=float),
        screening.segments[["mean", "leave_one_out_low", "leave_one_out_high"]]
        .to_numpy(dtype=float)
        .ravel(),
        scale.bounds,
    )
    segments = _segments(screening, paths, rows, axis)
    css, script = _template("page.css"), _template("page.js")
    context: dict[str, Any] = {
        "P": Phrase,
        "tr": lambda zh, en: speech.say(Phrase(zh, en)),
        "visible": visible_text,
        "say": speech.say,
        "who": speech.who,
        "attribute": speech.attribute,
        "lang": speech.lang,
        "static": static,
        "colours": colours,
        "report": screening.report,
        "screening": screening,
        "publisher": _named(screening.report, "publisher"),
        "report_title": _named(screening.report, "title"),
        "title": title(screening),
        "basis": BASES[screening.basis],
        "policy": POLICIES[screening.base_policy],
        "comparison": COMPARISONS[screening.comparison],
        "headline": headline(screening),
        "disclaimer": DISCLAIMER,
        "notices": notices(screening),
        "interim": interim_calls(screening),
        "mentions": count_mentions(screening),
        "companies": count_companies(screening),
        "reasons": reason_counts,
        "scoreboard": _scoreboard(screening),
        "sector": _sector(screening),
        "segments": segments,
        "axis": _axis(axis, scale.bounds),
        "focus": _focus(screening, paths, 110 if static else 160),
        "fans": FANS,
        "levels": [rating_of(scale, level.name) for level in scale.levels]
        + [rating_of(scale, "unrated")],
        "markets": _markets(rows),
        "unrated": _unrated(screening),
        "findings": _findings(screening),
        "changes": _changes(screening, changes),
        "method": method(screening),
        "definitions": definitions(),
        "columns": COLUMNS,
        "css": _trusted(css),
        "css_hash": _digest(css),
        "script": _trusted(script),
        "script_hash": _digest(script),
    }
    # Last: every phrase the template says must already be known, so it asks when it is done.
    context["data"] = lambda: _embedded(_data(screening, speech, paths, rows))
    return context


def _named(holder: Any, name: str) -> Phrase:
    zh = str(getattr(holder, name))
    return Phrase(zh, str(getattr(holder, f"{name}_en", None) or zh))


def _segments(
    screening: Screening, paths: Paths, rows: list[Dossier], axis: tuple[float, float]
) -> list[_Segment]:
    scale = screening.report.standard.stock
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
            _Segment(
                number=i + 1,
                name=Phrase(row["segment"], row["segment_en"] or row["segment"]),
                row=row,
                mean=percent(row["mean"], minus="−", bounds=scale.bounds),
                median=percent(row["median"], minus="−"),
                span=f"{percent(span[0], minus='−')} … {percent(span[1], minus='−')}"
                if has_span
                else MISSING,
                hit_rate=percent(row["hit_rate"], 0, signed=False),
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


def _axis(axis: tuple[float, float], bounds: Any) -> dict[str, Any]:
    low, high = axis

    def x_of(value: float) -> float:
        return round(6 + (value - low) / (high - low) * 308, 1)

    edges = [(x_of(b), percent(b, 0, minus="−")) for b in bounds if low <= b <= high]
    ticks = [(x_of(t), percent(t, 0, minus="−")) for t in nice_ticks(low, high, 5)]
    return {
        "ticks": [(x, text) for x, text in ticks if all(abs(x - edge) > 34 for edge, _ in edges)],
        "bounds": edges,
        "zero": x_of(0.0),
    }


def _focus(screening: Screening, paths: Paths, points: int) -> Chart | None:
    if len(paths.days) < 2:
        return None
    return chart(
        paths.days,
        paths.means,
        paths.members[:0],
        screening.report.standard.stock.bounds,
        width=760,
        height=360,
        points=points,
        marks=_window_ends(screening),
    )


def _window_ends(screening: Screening) -> list[tuple[np.datetime64, str]]:
    """Where the windows before the last one end."""
    frame = screening.evidence
    found = []
    for window in screening.windows[:-2]:
        ends = frame.loc[frame["window"] == window, "end_date"].dropna()
        if len(ends):
            found.append((ends.iloc[0].to_numpy().astype("datetime64[D]"), window))
    return found


def _scoreboard(screening: Screening) -> dict[str, Any]:
    scale = screening.report.standard.stock
    counts: Counts = count_companies(screening)
    total = screening.total
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
        "mean": percent(total["mean"], minus="−", bounds=scale.bounds),
        "rating": rating_of(scale, total["rating"]),
        "median": percent(total["median"], minus="−"),
        "hit_rate": percent(total["hit_rate"], 0, signed=False),
        "span": f"{percent(total['leave_one_out_low'], minus='−')} … "
        f"{percent(total['leave_one_out_high'], minus='−')}",
        "best": (total["best_company"], percent(total["best"], minus="−")),
        "worst": (total["worst_company"], percent(total["worst"], minus="−")),
        "english": dict(
            zip(screening.companies["company"], screening.companies["company_en"], strict=True)
        ),
    }


def _sector(screening: Screening) -> dict[str, Any] | None:
    sentence = sector_sentence(screening)
    if sentence is None:
        return None
    scale = screening.report.standard.sector
    found, call = screening.sector_call, screening.report.sector_call
    known = not is_missing(found.get("relative_return"))
    return {
        "sentence": sentence,
        "published": rating_of(scale, found["published_rating"]),
        "maintained": call is not None and call.action == "maintained",
        "realised": rating_of(scale, found["realised_rating"]),
        "relative": percent(found["relative_return"], minus="−", bounds=scale.bounds),
        "agrees": bool(found["agrees"]) if known else None,
    }


def _markets(rows: list[Dossier]) -> list[tuple[str, Phrase]]:
    found = {one.market: one.market_words for one in rows}
    return sorted(found.items())


def _unrated(screening: Screening) -> list[dict[str, Any]]:
    records = []
    for row in screening.unrated.to_dict("records"):
        reason = str(row["reason"])
        known = Phrase(reason, reason)
        detail = "" if is_missing(row["detail"]) else visible_text(str(row["detail"]))
        detail_zh = "" if is_missing(row["detail_zh"]) else visible_text(str(row["detail_zh"]))
        records.append(
            {
                "name": Phrase(row["company"], row["company_en"] or row["company"]),
                "symbol": MISSING if is_missing(row["symbol"]) else row["symbol"],
                "segment": row["segment"],
                "reason": REASONS.get(reason, known),
                "sentence": REASON_SENTENCES.get(reason, known),
                "detail": Phrase(detail_zh or detail, detail or detail_zh),
            }
        )
    return records


def _findings(screening: Screening) -> list[dict[str, Any]]:
    return [
        {
            "code": FINDINGS.get(str(row["code"]), Phrase(str(row["code"]), str(row["code"]))),
            "symbol": row["listing"] if is_missing(row["symbol"]) else row["symbol"],
            "first": day(row["first"]),
            "last": day(row["last"]),
            "action": ACTIONS.get(
                str(row["action"]), Phrase(str(row["action"]), str(row["action"]))
            ),
            "detail": visible_text(str(row["detail"])),
        }
        for row in screening.findings.to_dict("records")
    ]


def _changes(screening: Screening, changes: pd.DataFrame | None) -> list[dict[str, Any]] | None:
    if changes is None:
        return None
    scale = screening.report.standard.stock
    records = []
    for row in changes.to_dict("records"):
        cause = str(row.get("cause", ""))
        detail = row.get("detail")
        detail = "" if is_missing(detail) else str(detail)
        detail_zh = row.get("detail_zh")
        records.append(
            {
                "name": Phrase(str(row["company"]), str(row.get("company_en") or row["company"])),
                "before": rating_of(scale, row.get("before")),
                "after": rating_of(scale, row.get("after")),
                "cause": CAUSES.get(cause, Phrase(cause, cause)),
                "detail": Phrase(detail if is_missing(detail_zh) else str(detail_zh), detail),
            }
        )
    return records


def _data(
    screening: Screening, speech: _Speech, paths: Paths, rows: list[Dossier]
) -> dict[str, Any]:
    keep = spaced(len(paths.days), max(26, min(400, PATH_CELLS // max(1, len(rows)))))
    days = paths.days[keep]
    return {
        "lang": speech.lang,
        "title": list(title(screening)),
        "strings": speech.strings(),
        "bounds": [round(float(b), 6) for b in screening.report.standard.stock.bounds],
        "days": [str(one) for one in days],
        "ends": [[str(on), label] for on, label in _window_ends(screening)],
        "means": [_basis_points(row[keep]) for row in paths.means],
        "members": [_basis_points(row[keep]) for row in paths.members],
        "rows": [
            [
                one.order,
                one.segment,
                one.name.zh,
                one.name.en,
                one.symbol,
                one.market,
                one.rating.name,
                *one.sort,
                f"{one.note} {one.listing} {' '.join(one.candidates)}".strip(),
            ]
            for one in rows
        ],
    }


def _basis_points(values: np.ndarray[Any, Any]) -> list[int | None]:
    return [None if v != v else round(v * 1e4) for v in values.tolist()]


def _embedded(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, nor the string of an old parser."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _trusted(text)


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the package's own files, and JSON made safe above


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
