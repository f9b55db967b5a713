"""An archived week made once more, to the same bytes."""

from __future__ import annotations

from pathlib import Path

from supplychain_screen.errors import ArchiveError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.archive import Week, publish, read_weeks
from supplychain_screen.weekly.measuring import recover
from supplychain_screen.weekly.publishing import WeekPlan, build_week, versions

__all__ = ["rebuild_week"]


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
        as_of=manifest.as_of, revision=manifest.revision, revises=manifest.revises,
        because=manifest.because, previous=manifest.previous, known_on=manifest.known_on,
        backfilled=manifest.backfilled, partial=manifest.marks, unserved=manifest.unserved,
        languages=manifest.languages, formats=manifest.formats, colours=manifest.colours,
        measured=measured, before=before, before_note=note,
    )  # fmt: skip
    into.mkdir(parents=True, exist_ok=True)
    return publish(into, lambda folder: build_week(plan, folder))
