"""A measured week → the files of its folder and its manifest; and an archived one once more."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.errors import ArchiveError
from supplychain_screen.output import csv_text
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.archive import Week, hash_files, publish, read_weeks
from supplychain_screen.weekly.changes import Changes, compare_screenings
from supplychain_screen.weekly.config import Format
from supplychain_screen.weekly.digest import week_markdown
from supplychain_screen.weekly.manifest import (
    SCHEMA_VERSION,
    ChangeCounts,
    ChangedRating,
    Manifest,
    Reference,
    ScreenRecord,
    SourceRecord,
    Unserved,
    digest,
    write_manifest,
)
from supplychain_screen.weekly.measuring import Measurement, recover
from supplychain_screen.weekly.pages import PageScreen, week_page
from supplychain_screen.words import (
    Colours,
    Lang,
    Phrase,
    default_colours,
    is_missing,
    message,
    rating_phrase,
    rating_tone,
)

__all__ = ["WeekPlan", "build_week", "compared", "inputs_of", "rebuild_week", "versions"]

_COMPUTING = (
    "supplychain-screen",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "deltalake",
    "exchange_calendars",
    "jinja2",
    "xlsxwriter",
)


@dataclass(frozen=True, eq=False)
class WeekPlan:
    """Everything a week's folder is made of; the same plan gives the same bytes.

    Parameters
    ----------
    measured : tuple of Measurement
    before : mapping of str to Screening
        Screens of the previous week by name, as far as they can be compared.
    before_note : Phrase or None
        Why there is nothing to compare with.
    others
        As of :class:`~supplychain_screen.weekly.manifest.Manifest`.
    """

    as_of: date
    revision: int
    revises: Reference | None
    because: tuple[str, ...]
    previous: Reference | None
    known_on: datetime
    backfilled: bool
    partial: tuple[Phrase, ...]
    unserved: tuple[Unserved, ...]
    languages: tuple[Lang, ...]
    formats: tuple[Format, ...]
    colours: Colours
    measured: tuple[Measurement, ...]
    before: Mapping[str, Screening]
    before_note: Phrase | None = None

    @property
    def inputs(self) -> dict[str, str]:
        """Digest of each kind of input."""
        return inputs_of(self.measured, self.unserved, self.languages, self.formats, self.colours)


def versions() -> dict[str, str]:
    """This program, Python, and the libraries that numbers and files come from."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in _COMPUTING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def inputs_of(
    measured: Sequence[Measurement],
    unserved: Sequence[Unserved],
    languages: Sequence[Lang],
    formats: Sequence[Format],
    colours: Colours,
) -> dict[str, str]:
    """Digest of each kind of input, by a word that tells a reader which one differs."""
    specs = [one.spec for one in measured]
    return {
        "screens": digest([[one.name, one.published.isoformat()] for one in specs]),
        "reports": digest([one.report_sha256 for one in specs]),
        "conventions": digest([dict(one.options) for one in specs]),
        "prices": digest([one.prices_sha256 for one in measured]),
        "completeness": digest(sorted(one.listing for one in unserved)),
        "outputs": digest([list(languages), list(formats), colours]),
    }


def compared(plan: WeekPlan) -> dict[str, Changes]:
    """Changes since the previous week, by the screen's name."""
    found = {}
    for one in plan.measured:
        old = plan.before.get(one.spec.name)
        same_calls = (
            old is not None
            and old.report.id == one.spec.report.id
            and old.published == one.spec.published
        )
        if old is not None and same_calls:
            found[one.spec.name] = compare_screenings(old, one.screening)
    return found


def build_week(plan: WeekPlan, folder: Path) -> Manifest:
    """Fill a week's folder.

    Parameters
    ----------
    plan : WeekPlan
    folder : Path
        Empty.

    Returns
    -------
    Manifest
        As written.

    Raises
    ------
    OutputError
        A file cannot be written.
    """
    changes = compared(plan)
    records: list[ScreenRecord] = []
    shown: list[tuple[Screening, Changes | None, Phrase | None]] = []
    parts: list[PageScreen] = []
    for one in plan.measured:
        found = changes.get(one.spec.name)
        note = None if found is not None else _note(plan, one.spec.name)
        records.append(_record(one, found, note))
        shown.append((one.screening, found, note))
        parts.append(PageScreen(records[-1], *shown[-1], before=plan.before.get(one.spec.name)))
        _write_report(folder / records[-1].report, one.spec.files)
        _write_screen(folder / one.spec.name, one, found, plan)
    manifest = _manifest(plan, records)
    for lang in plan.languages:
        _write(folder / f"summary.{lang}.md", week_markdown(manifest, shown, lang))
    page = week_page(manifest, parts, hash_files(folder), plan.languages[0])
    _write(folder / "index.html", page)
    manifest = manifest.model_copy(update={"outputs": hash_files(folder)})
    write_manifest(manifest, folder)
    return manifest


def _note(plan: WeekPlan, name: str) -> Phrase | None:
    if plan.previous is None:
        return None
    if plan.before_note is not None:
        return plan.before_note
    there = plan.previous.folder
    return message("week.first", screen=name, before=there).phrase


def _manifest(plan: WeekPlan, records: Sequence[ScreenRecord]) -> Manifest:
    return Manifest(
        schema_version=SCHEMA_VERSION,
        as_of=plan.as_of,
        revision=plan.revision,
        revises=plan.revises,
        because=plan.because,
        previous=plan.previous,
        known_on=plan.known_on,
        backfilled=plan.backfilled,
        partial=tuple(one.en for one in plan.partial),
        partial_zh=tuple(one.zh for one in plan.partial),
        unserved=plan.unserved,
        languages=plan.languages,
        formats=plan.formats,
        colours=plan.colours,
        versions=versions(),
        screens=tuple(records),
        inputs=plan.inputs,
        outputs={},
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_report(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        _write(folder / name, text)


def _write_screen(folder: Path, one: Measurement, changes: Changes | None, plan: WeekPlan) -> None:
    """The files of one screen; the work folder is renamed as a whole, so plain writes do."""
    _write(folder / "result.json", one.result)
    if changes is not None:
        text = json.dumps(
            changes.to_dict(), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True
        )
        _write(folder / "changes.json", text + "\n")
    ratings = None if changes is None else changes.ratings
    screening, first = one.screening, plan.languages[0]
    chosen = None if plan.colours == default_colours(first) else plan.colours
    for kind, name in (("page", "page.html"), ("static_page", "mail.html")):
        if kind in plan.formats:
            page = screening.to_html(
                lang=first, static=kind == "static_page", colours=plan.colours, changes=ratings
            )
            _write(folder / name, page)
    if "workbook" in plan.formats:
        for lang in plan.languages:
            screening.to_excel(folder / f"workbook.{lang}.xlsx", lang=lang, colours=chosen)
    if "tables" in plan.formats:
        screening.to_csv(folder / "tables")
        if changes is not None:
            safe = changes.companies.map(lambda v: csv_text(v) if isinstance(v, str) else v)
            safe.to_csv(folder / "tables" / "changes.csv", index=False, encoding="utf-8-sig")
    if "markdown" in plan.formats:
        for lang in plan.languages:
            _write(folder / f"report.{lang}.md", screening.to_markdown(lang))


def _record(one: Measurement, changes: Changes | None, note: Phrase | None) -> ScreenRecord:
    screening, spec = one.screening, one.spec
    scale = spec.report.standard.stock
    total = screening.total
    mean = float(total["mean"])
    return ScreenRecord(
        name=spec.name,
        report_id=spec.report.id,
        report=f"reports/{spec.report_sha256[:16]}",
        published=spec.published,
        options=dict(spec.options),
        report_sha256=spec.report_sha256,
        prices_sha256=one.prices_sha256,
        result_sha256=one.result_sha256,
        simulated=screening.simulated,
        exclusions=tuple(
            (row["company"], row["reason"]) for row in screening.unrated.to_dict("records")
        ),
        sources=_sources(screening),
        ratings=dict(sorted(Counter(screening.once["rating"]).items())),
        levels=tuple(
            (name, *rating_phrase(scale, name))
            for name in (*(level.name for level in scale.levels), "unrated")
        ),
        companies=int(total["companies"]),
        mean=None if np.isnan(mean) else mean,
        rating=str(total["rating"]),
        title=spec.report.title,
        title_en=spec.report.title_en or "",
        tones={name: rating_tone(scale, name) for name in (*scale.names, "unrated")},
        changes=None
        if changes is None
        else ChangeCounts(rating=len(changes.ratings), moved=len(changes.companies)),
        changed=() if changes is None else _changed(changes),
        changes_note=None if note is None else note.en,
        changes_note_zh=None if note is None else note.zh,
    )


def _changed(changes: Changes) -> tuple[ChangedRating, ...]:
    names = ["company", "company_en", "before", "after"]
    rows = changes.ratings[names].to_dict("records")
    return tuple(
        ChangedRating(**{str(key): None if is_missing(v) else v for key, v in row.items()})
        for row in rows
    )


def _sources(screening: Screening) -> tuple[SourceRecord, ...]:
    found = []
    frame = screening.sources[screening.sources["source"].notna()]
    for source, rows in frame.groupby("source", sort=True):
        fetched = sorted(str(one) for one in rows["fetched_at"].dropna())
        last: Any = rows["last_session"].max()
        found.append(
            SourceRecord(
                source=str(source),
                series=len(rows),
                first_fetched=fetched[0] if fetched else None,
                last_fetched=fetched[-1] if fetched else None,
                last_session=None if pd.isna(last) else last.date(),
            )
        )
    return tuple(found)


def rebuild_week(week: Week, archive: Path, store: PriceStore, into: Path) -> Week:
    """The same week once more, from its manifest and the store as known then.

    Parameters
    ----------
    week : Week
    archive : Path
        Where the week, and the previous one that it names, lie.
    store : PriceStore
    into : Path
        Another archive; the week must not be there.

    Returns
    -------
    Week
        The same bytes, file by file, where the program is the same.

    Raises
    ------
    ArchiveError
        The prices of then are not in the store, or the previous week is not what was named.
    """
    manifest = week.manifest
    measured = recover(week, store, versions())
    before: dict[str, Screening] = {}
    note = next((one.note for one in manifest.screens if one.note), None)
    if manifest.previous is not None and any(one.changes for one in manifest.screens):
        named = {one.folder.name: one for one in read_weeks(archive)}
        previous = named.get(manifest.previous.folder)
        if previous is None or previous.reference != manifest.previous:
            raise ArchiveError(f"{manifest.previous.folder} is not the week that was named")
        again = recover(previous, store, versions())
        before, note = {one.spec.name: one.screening for one in again}, None
    plan = WeekPlan(
        as_of=manifest.as_of,
        revision=manifest.revision,
        revises=manifest.revises,
        because=manifest.because,
        previous=manifest.previous,
        known_on=manifest.known_on,
        backfilled=manifest.backfilled,
        partial=manifest.marks,
        unserved=manifest.unserved,
        languages=manifest.languages,
        formats=manifest.formats,
        colours=manifest.colours,
        measured=measured,
        before=before,
        before_note=note,
    )
    into.mkdir(parents=True, exist_ok=True)
    return publish(into, lambda folder: build_week(plan, folder))
