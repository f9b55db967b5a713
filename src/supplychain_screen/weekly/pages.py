"""The archive's index page and the entry page of one week, each one offline HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.output import DISCLAIMER, headline, visible_text
from supplychain_screen.output.page import (
    Spark,
    Speech,
    digest,
    embedded,
    environment,
    running_heads,
    sparkline,
    template,
    trusted,
)
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.archive import Week
from supplychain_screen.weekly.bridges import (
    WIDE,
    Bridge,
    Step,
    bridge_of,
    mean_steps,
    row_steps,
    shared_axis,
    ticks_of,
)
from supplychain_screen.weekly.changes import Changes
from supplychain_screen.weekly.manifest import Manifest, ScreenRecord
from supplychain_screen.words import (
    CAUSES,
    RATINGS,
    Lang,
    Phrase,
    Tone,
    default_colours,
    is_missing,
    message,
    name_phrase,
    percent,
    phrase_of,
    printed,
    rating_sign,
    short_name,
)

__all__ = ["PageScreen", "index_page", "week_page"]

_TEMPLATES: Final = "supplychain_screen.weekly"
_FIRST: Final = 'document.documentElement.className = "js";'
_NAMED: Final = 6
"""Most names of a kind on a line of the index; the week has them all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A rating as it is shown, and how many have it."""

    words: Phrase
    sign: str
    tone: Tone
    n: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How the companies of a week are rated: counts, and their shares of 100."""

    parts: tuple[Shown, ...]
    widths: tuple[tuple[float, float, Tone], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One week of one screen, or a run of weeks in which nothing changed, on the index."""

    weeks: tuple[tuple[Week, ScreenRecord], ...]
    bar: Bar
    mean: str
    move: str
    spark: Spark | None

    @property
    def newest(self) -> tuple[Week, ScreenRecord]:
        """The last of the run."""
        return self.weeks[0]


@dataclass(frozen=True, eq=False, slots=True)
class PageScreen:
    """One screen of a week as its page shows it.

    Parameters
    ----------
    record : ScreenRecord
    screening : Screening
    changes : Changes or None
    note : Phrase or None
        Why there are no changes.
    before : Screening or None
        Of the previous week.
    """

    record: ScreenRecord
    screening: Screening
    changes: Changes | None
    note: Phrase | None
    before: Screening | None


@dataclass(frozen=True, slots=True)
class Row:
    """One mention that moved, or one that did not."""

    name: Phrase
    before: Shown
    after: Shown
    was: str
    now: str
    difference: str
    cause: Phrase
    detail: Phrase
    bridge: Bridge | None


def index_page(weeks: Sequence[Week], lang: Lang = "zh") -> str:
    """All weeks of every screen, newest first; a run of weeks without any change is one line.

    Parameters
    ----------
    weeks : sequence of Week
        In any order.
    lang : {"zh", "en"}
        The language the page opens in.
    """
    newest = sorted(weeks, key=lambda one: (one.as_of, one.revision), reverse=True)
    common = _common_marks(newest)
    names = dict.fromkeys(one.name for week in newest for one in week.manifest.screens)
    return _page(
        "index.html.j2",
        message("week.title").phrase,
        lang,
        newest[0].manifest.colours if newest else default_colours(lang),
        common=common,
        screens=[(record, lines) for name in names for record, lines in [_index_of(newest, name)]],
        marks_of=lambda manifest: [one for one in _marks_of(manifest) if one not in common],
        names_of=_names_of,
        page_of=_page_of,
    )


def _revised(manifest: Manifest) -> Phrase | None:
    """Which revision a week is, and what changed; None where it is the first."""
    if manifest.revises is None:
        return None
    n, before = manifest.revision, manifest.revises.folder
    inputs = manifest.changed_inputs
    return message("week.page_revision", n=n, before=before, inputs=inputs).phrase


def week_page(
    manifest: Manifest, screens: Sequence[PageScreen], files: Iterable[str], lang: Lang = "zh"
) -> str:
    """The entry page of one week: what changed and why, what stands, and every file.

    Parameters
    ----------
    manifest : Manifest
    screens : sequence of PageScreen
        In the manifest's order.
    files : iterable of str
        Paths inside the week's folder.
    lang : {"zh", "en"}
        The language the page opens in.
    """
    names = list(files)
    return _page(
        "week.html.j2",
        message("week.subject", week=manifest.folder).phrase,
        lang,
        manifest.colours,
        manifest=manifest,
        revised=_revised(manifest),
        marks=_marks_of(manifest),
        screens=[_week_of(one) for one in screens],
        files_of=partial(_files_of, names),
        rest=[*(name for name in names if "/" not in name), "manifest.json"],
    )


def _page(name: str, title: Phrase, lang: Lang, colours: str, **context: Any) -> str:
    speech = Speech(lang, static=False)
    css = template("page.css") + template(f"{_TEMPLATES}:weekly.css") + running_heads(title)
    script = template("record.js") + template(f"{_TEMPLATES}:weekly.js")
    context |= {
        "P": Phrase,
        "tr": lambda zh, en: speech.say(Phrase(zh, en)),
        "say": speech.say,
        "who": speech.who,
        "element": speech.element,
        "attribute": speech.attribute,
        "visible": visible_text,
        "phrase_of": phrase_of,
        "causes": CAUSES,
        "disclaimer": DISCLAIMER,
        "lang": lang,
        "colours": colours,
        "title": title,
        "css": trusted(css),
        "css_hash": digest(css),
        "script": trusted(script),
        "script_hash": digest(script),
        "first": trusted(_FIRST),
        "first_hash": digest(_FIRST),
        # Last: every phrase the template says must be known by then, so it asks when it is done.
        "data": lambda: embedded({"title": list(title), "strings": speech.strings()}),
    }
    page: str = environment().get_template(f"{_TEMPLATES}:{name}").render(context)
    return page


# -- the index ---------------------------------------------------------------------------------


def _index_of(newest: Sequence[Week], name: str) -> tuple[ScreenRecord, list[Line]]:
    """The newest record of a screen, and its lines."""
    found = [
        (week, record) for week in newest if (record := week.manifest.screen(name)) is not None
    ]
    means = np.array([np.nan if one.mean is None else one.mean for _, one in found])
    before = {week.folder.name: record.mean for week, record in found}
    lines = []
    at = 0
    for run in _runs(found):
        record = run[0][1]
        previous = run[-1][0].manifest.previous
        was = None if previous is None else before.get(previous.folder)
        # The way to this week, oldest first.
        lines.append(
            Line(
                run,
                _bar(record),
                percent(record.mean),
                _move(was, record.mean),
                sparkline(means[at:][::-1]),
            )
        )
        at += len(run)
    return found[0][1], lines


def _runs(
    found: Sequence[tuple[Week, ScreenRecord]],
) -> Iterator[tuple[tuple[Week, ScreenRecord], ...]]:
    """Weeks one by one, those in which nothing changed together with their like."""
    marked = [(_quiet(*one) and one[0].manifest.marks == (), one) for one in found]
    at = 0
    for quiet, group in groupby(marked, key=lambda one: one[0]):
        run = tuple(one for _, one in group)
        at += len(run)
        if quiet and len(run) > 1:
            yield run
        else:
            yield from ((one,) for one in run)


def _quiet(week: Week, record: ScreenRecord) -> bool:
    """Whether nothing of the screen moved since the week before."""
    return (
        record.changes is not None and record.changes.moved == 0 and week.manifest.revises is None
    )


def _move(was: float | None, now: float | None) -> str:
    """The change of a mean in points; empty where there is nothing to compare."""
    if was is None or now is None:
        return ""
    return percent(now - was).removesuffix("%")


def _bar(record: ScreenRecord) -> Bar:
    """The ratings of a week in the order in which people say them."""
    words = {name: Phrase(zh, en) for name, zh, en in record.levels} or RATINGS
    order = [name for name in words if name in record.ratings]
    order += [name for name in record.ratings if name not in words]
    parts = tuple(_shown(record, name, record.ratings[name]) for name in order)
    of = max(sum(one.n for one in parts), 1)
    widths, left = [], 0.0
    for one in parts:
        width = 100.0 * one.n / of
        widths.append((round(left, 1), round(width, 1), one.tone))
        left += width
    return Bar(parts, tuple(widths))


def _shown(record: ScreenRecord, name: str | None, n: int = 0) -> Shown:
    # A record of an earlier program does not know the words of its scale.
    words = {name: Phrase(zh, en) for name, zh, en in record.levels} or RATINGS
    tone = record.tones.get(name or "", "none")
    return Shown(phrase_of(words, name), rating_sign(tone), tone, n)


def _names_of(record: ScreenRecord) -> list[tuple[Phrase, Tone, list[Phrase], int]]:
    """Who went up and who went down a level, who won or lost a rating; and how many more."""
    order = [name for name, _, _ in record.levels if name != "unrated"]
    raised: list[Phrase] = []
    lowered: list[Phrase] = []
    other: list[Phrase] = []
    for one in record.changed:
        names = other
        if one.before in order and one.after in order:
            better = order.index(one.after) < order.index(one.before)
            names = raised if better else lowered
        names.append(_company(one.company, one.company_en))
    groups: tuple[tuple[Phrase, Tone, list[Phrase]], ...] = (
        (message("week.raised").phrase, "up", raised),
        (message("week.lowered").phrase, "down", lowered),
        (message("week.other").phrase, "none", other),
    )
    return [
        (words, tone, names[:_NAMED], max(len(names) - _NAMED, 0))
        for words, tone, names in groups
        if names
    ]


def _company(zh: object, en: object) -> Phrase:
    """A company's name, in English without its legal form."""
    known = name_phrase(zh, en)
    return known if known.en == known.zh else Phrase(known.zh, short_name(known.en))


def _common_marks(weeks: Sequence[Week]) -> list[Phrase]:
    """Marks that all weeks carry: they are said once, above."""
    if len(weeks) < 2:
        return []
    every = [_marks_of(one.manifest) for one in weeks]
    return [mark for mark in every[0] if all(mark in other for other in every)]


def _marks_of(manifest: Manifest) -> list[Phrase]:
    simulated = any(one.simulated for one in manifest.screens)
    return [
        *([message("week.partial_mark").phrase] if manifest.partial else []),
        *([message("week.backfilled_mark").phrase] if manifest.backfilled else []),
        *([Phrase("SIMULATED", "SIMULATED")] if simulated else []),
    ]


def _page_of(week: Week, record: ScreenRecord) -> str:
    page = f"{record.name}/page.html"
    return f"{week.folder.name}/{page if page in week.manifest.outputs else 'index.html'}"


# -- one week ----------------------------------------------------------------------------------


def _week_of(one: PageScreen) -> dict[str, Any]:
    """What the template says of one screen."""
    record, screening = one.record, one.screening
    bounds = screening.report.standard.stock.bounds
    found: dict[str, Any] = {
        "record": record,
        "bar": _bar(record),
        "headline": headline(screening),
        "note": one.note,
        "changes": one.changes,
        "simulated": screening.simulated or bool(one.changes and one.changes.simulated),
        "mean": percent(record.mean),
        "bridge": None,
    }
    if one.changes is None:
        return found
    rows = one.changes.ratings.to_dict("records")
    axis = shared_axis(rows, bounds)
    still = _unchanged(one)
    found |= {
        "rows": [_row(record, row, axis, bounds) for row in rows],
        "ticks": ticks_of(axis, bounds),
        "causes": sorted({step.cause for row in rows for step in row_steps(row)}),
        "turned": [
            (
                name_phrase(row["segment"], row["segment_en"]),
                _shown(record, row["before"]),
                _shown(record, row["after"]),
            )
            for row in one.changes.segments.to_dict("records")
        ],
        "still": [_row(record, row, None, bounds) for row in still.to_dict("records")],
        "furthest": _furthest(still),
    }
    if one.before is not None:
        found["bridge"] = _mean_bridge(one.before, screening, one.changes)
    return found


def _row(
    record: ScreenRecord,
    row: dict[Any, Any],
    axis: tuple[float, float] | None,
    bounds: Sequence[float],
) -> Row:
    was, now = row["relative_before"], row["relative_after"]
    bridge = None if axis is None else bridge_of(row_steps(row), was, now, axis, bounds)
    return Row(
        _company(row["company"], row["company_en"]),
        _shown(record, row["before"]),
        _shown(record, row["after"]),
        percent(was, bounds=bounds),
        percent(now, bounds=bounds),
        _move(*(None if is_missing(one) else float(one) for one in (was, now))),
        phrase_of(CAUSES, row.get("cause")),
        Phrase(*(printed(str(row.get(name) or "")) for name in ("detail_zh", "detail"))),
        bridge,
    )


def _unchanged(one: PageScreen) -> pd.DataFrame:
    """Every mention that kept its rating: those that moved as they did, the others as they are."""
    assert one.changes is not None
    key = ["segment", "company"]
    moved = one.changes.companies.set_index(key)
    rows = one.screening.companies.set_index(key, drop=False)
    rows = rows[~rows.index.isin(one.changes.ratings.set_index(key).index)]
    was = moved["relative_before"].reindex(rows.index)
    was = was.where(rows.index.isin(moved.index), rows["relative_return"])
    return rows[["company", "company_en"]].assign(
        before=rows["rating"],
        after=rows["rating"],
        relative_before=was,
        relative_after=rows["relative_return"],
    )


def _furthest(still: pd.DataFrame) -> tuple[Phrase, str] | None:
    """Who moved most without another rating, and by how much; None where nobody moved."""
    moves = (still["relative_after"] - still["relative_before"]).abs()
    if not (moves > 0).any():
        return None
    row = still.iloc[int(np.nanargmax(moves))]
    move = _move(float(row["relative_before"]), float(row["relative_after"]))
    return _company(row["company"], row["company_en"]), move


def _mean_bridge(before: Screening, after: Screening, changes: Changes) -> dict[str, Any] | None:
    """The mean's way from last week's figure to this one; None where it did not move."""
    steps = mean_steps(before, after, changes)
    if not steps:
        return None
    old, new = (float(one.total["mean"]) for one in (before, after))
    bounds = after.report.standard.stock.bounds
    points = [old, new, *(step.end for step in steps)]
    axis = shared_axis([{"relative_before": one, "relative_after": one} for one in points], bounds)
    return {
        "was": percent(old),
        "now": percent(new),
        "steps": steps,
        "drawn": bridge_of(steps, old, new, axis, bounds, WIDE),
        "ticks": ticks_of(axis, bounds, WIDE),
        "adds": _adds(old, steps, new),
    }


def _adds(old: float, steps: Sequence[Step], new: float) -> bool:
    """Whether the printed digits add up too."""
    shown = [round(100 * one, 1) for one in (old, *(step.size for step in steps))]
    return abs(sum(shown) - round(100 * new, 1)) < 0.05


def _files_of(names: Sequence[str], record: ScreenRecord) -> list[tuple[str, str]]:
    """A screen's files and how they are called; what a person opens first stands first."""
    own = [name for name in names if name.startswith(f"{record.name}/")]
    own.sort(key=lambda name: (not name.endswith((".html", ".xlsx", ".md")), name))
    return [(name, name.partition("/")[2]) for name in own]
