"""One folder a week: written beside and renamed, hashed, never rewritten.

::

    weeks/
      index.html                 all weeks
      latest -> 2026-01-09.r2    newest week, its newest revision
      2026-01-09/
        manifest.json            what went in and came out, with hashes
        summary.md
        reports/<hash>/          the report as it was
        xiaomi-ai/               one folder a screen: result.json, changes.json, page.html, ...
      2026-01-09.r2/             the same week after an input changed; names revision 1
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from supplychain_screen.drafts import draft
from supplychain_screen.errors import ArchiveError, OutputError
from supplychain_screen.weekly.manifest import MANIFEST, Manifest, Reference, read_manifest, week_of

__all__ = [
    "LATEST",
    "Week",
    "clean",
    "damage",
    "hash_files",
    "newest",
    "point_latest",
    "publish",
    "read_week",
    "read_weeks",
    "require_sound",
    "require_writable",
    "revisions",
    "week_folders",
]

LATEST = "latest"
_WORK = ".work-"
_LEFTOVER = re.compile(
    r"\.work-[0-9a-f]{12}|\.latest-[0-9a-f]{12}"
    r"|\.(supplychain-screen-)?[0-9a-f]{12}(\.aside)?\.part"
)
# What file managers leave in every folder that they show.
_SYSTEMS_OWN = (".", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Week:
    """One folder of the archive.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    manifest_sha256 : str
        Of the manifest's file.
    """

    folder: Path
    manifest: Manifest
    manifest_sha256: str

    @property
    def as_of(self) -> date:
        """Last day that is known to it."""
        return self.manifest.as_of

    @property
    def revision(self) -> int:
        """From 1."""
        return self.manifest.revision

    @cached_property
    def reference(self) -> Reference:
        """How another week names this one."""
        return Reference(folder=self.folder.name, manifest_sha256=self.manifest_sha256)


def read_week(folder: str | Path) -> Week:
    """One week by its folder.

    Raises
    ------
    ArchiveError
        It is no week's folder, damaged, or written by a newer program.
    """
    folder = Path(folder).resolve()
    if week_of(folder.name) is None:
        raise ArchiveError(f"{folder} is no week's folder; name one such as weeks/2026-01-09")
    return Week(folder, *read_manifest(folder))


def read_weeks(archive: Path) -> tuple[Week, ...]:
    """Every week of an archive, by date and revision; empty where there is none yet.

    Raises
    ------
    ArchiveError
        A manifest is damaged or written by a newer program, or the archive cannot be read.
    """
    return tuple(read_week(archive / name) for name in week_folders(archive))


def week_folders(archive: Path) -> list[str]:
    """Names of the weeks' folders, by date and revision."""
    try:
        names = [one.name for one in archive.iterdir() if week_of(one.name) and one.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ArchiveError(f"cannot read {archive}: {error.strerror}") from error
    return sorted(names, key=lambda name: week_of(name) or (date.min, 0))


def revisions(weeks: Iterable[Week], as_of: date) -> list[Week]:
    """The revisions of one week, oldest first."""
    return [one for one in weeks if one.as_of == as_of]


def newest(weeks: Sequence[Week], before: date | None = None) -> Week | None:
    """Newest revision of the last week, or of the last one before a date."""
    found = [one for one in weeks if before is None or one.as_of < before]
    return max(found, key=lambda one: (one.as_of, one.revision), default=None)


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder but its manifest, by its path with slashes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = "a link, whose target may change"
        elif path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def damage(week: Week) -> list[str]:
    """What differs from the week's manifest, one sentence each; empty where it is sound."""
    try:
        there = hash_files(week.folder)
    except OSError as error:
        return [f"{week.folder.name} cannot be read: {error.strerror}"]
    found = []
    for name, expected in week.manifest.outputs.items():
        if name not in there:
            found.append(f"{week.folder.name}/{name} is missing")
        elif there[name] != expected:
            found.append(f"{week.folder.name}/{name} was changed after it was written")
    found += [
        f"{week.folder.name}/{name} is no file of this week"
        for name in sorted(there.keys() - week.manifest.outputs.keys())
        if not name.rpartition("/")[2].startswith(_SYSTEMS_OWN)
    ]
    return found


def clean(archive: Path) -> list[str]:
    """Remove what killed runs left half-written; the caller holds the lock.

    Returns
    -------
    list of str
        Names of what was removed. A week's folder, and whatever else a person put there, is
        never touched.
    """
    removed = []
    for path in sorted(archive.iterdir()):
        if _LEFTOVER.fullmatch(path.name) is None:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
        removed.append(path.name)
    return removed


def publish(archive: Path, build: Callable[[Path], Manifest]) -> Week:
    """Write one week whole or not at all.

    Parameters
    ----------
    archive : Path
    build : callable
        Fills the folder it is given, manifest included, and returns that manifest.

    Raises
    ------
    OutputError
        It cannot be written; nothing half-written is left.
    ArchiveError
        The week's folder is there already.
    """
    work = archive / f"{_WORK}{secrets.token_hex(6)}"
    try:
        work.mkdir()
        try:
            manifest = build(work)
            # A renamed folder whose files are still in memory would survive a power cut empty.
            for path in [*work.rglob("*"), work]:
                _sync(path)
            place = archive / manifest.folder
            # An empty folder would be replaced silently; a full one makes the rename fail.
            if os.path.lexists(place):
                raise ArchiveError(f"{place} is there already; a week is never rewritten")
            work.rename(place)
            _sync(archive)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise ArchiveError(f"{error.filename2} is there already; never rewritten") from error
        raise OutputError(f"cannot write {archive}: {error.strerror or error}") from error
    return read_week(place)


def _sync(path: Path) -> None:
    if path.is_symlink():
        return
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except OSError:
        # Windows opens no folders; there a rename is on disk when it returns.
        if path.is_dir():
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def point_latest(archive: Path, name: str) -> None:
    """Let ``latest`` lead to a week: a symbolic link, or a page where there can be none.

    Raises
    ------
    OutputError
        Neither can be written.
    """
    link, page = archive / LATEST, archive / f"{LATEST}.html"
    part = archive / f".latest-{secrets.token_hex(6)}"
    if link.is_symlink() and str(link.readlink()) == name:
        return
    try:
        part.symlink_to(name, target_is_directory=True)
        part.replace(link)
        page.unlink(missing_ok=True)
    except (OSError, NotImplementedError):
        with suppress(OSError):
            part.unlink(missing_ok=True)
        _redirect(page, name)


def _redirect(page: Path, name: str) -> None:
    from supplychain_screen.output import write_file

    text = (
        '<!doctype html>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="refresh" content="0; url={name}/index.html">\n'
        f'<title>{name}</title>\n<a href="{name}/index.html">{name}</a>\n'
    )
    write_file(page, text.encode())


def require_sound(week: Week) -> None:
    """Refuse a week that differs from its manifest.

    Raises
    ------
    ArchiveError
        Naming the first files that differ.
    """
    found = damage(week)
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        # A week is made again from its manifest, its reports and the store.
        reports = [one for one in found if f"{week.folder.name}/reports/" in one]
        again = (
            f", make it again with supplychain-screen weekly rebuild {week.folder} DIR and put that"
            " in its place"
        )
        raise ArchiveError(
            f"{'; '.join(found[:3])}{more}; restore the folder from a backup"
            f"{'' if reports else again}, or move it out of the archive"
        )


def require_writable(archive: Path) -> None:
    """Refuse an archive folder that cannot be written, before any work is done.

    Raises
    ------
    OutputError
        Naming the folder and the reason.
    """
    try:
        with draft(archive):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {archive}: {error.strerror or error}") from error
