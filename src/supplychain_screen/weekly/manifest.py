"""The manifest of one week: what went in, what came out, and a hash of each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from supplychain_screen.errors import ArchiveError
from supplychain_screen.weekly.config import Format
from supplychain_screen.words import INPUTS, Colours, Lang, Phrase, Tone, name_phrase, phrase_of

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "ChangeCounts",
    "ChangedRating",
    "Manifest",
    "Reference",
    "ScreenRecord",
    "SourceRecord",
    "Unserved",
    "digest",
    "read_manifest",
    "week_name",
    "week_of",
    "write_manifest",
]

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
"""Changes when a field changes its meaning; a program refuses a newer one."""

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.r([2-9]|[1-9]\d+))?")
_OWN_HASH = "manifest_sha256"


class _Record(BaseModel):
    # Fields added by a later program of the same schema are no reason to refuse.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Reference(_Record):
    """Another week, and the hash of its manifest when it was named."""

    folder: str
    manifest_sha256: str


class Unserved(_Record):
    """A listing whose prices could not be brought up to date in this run."""

    listing: str
    symbol: str
    reason: str
    detail: str
    detail_zh: str = ""


class SourceRecord(_Record):
    """Who served prices: how many series, and the first and last fetch among them."""

    source: str
    series: int
    first_fetched: str | None
    last_fetched: str | None
    last_session: date | None


class ChangeCounts(_Record):
    """Against the previous week: calls whose rating changed, and calls that moved at all."""

    rating: int
    moved: int


class ChangedRating(_Record):
    """One company whose rating changed since the previous week; None where it had or has none."""

    company: str
    company_en: str | None
    before: str | None
    after: str | None


class ScreenRecord(_Record):
    """One report and publication date of the week.

    Parameters
    ----------
    name : str
        Its folder inside the week's.
    report_id, report : str
        Id, and the folder inside the week's that holds the report as it was.
    published : date
    options : mapping
        Arguments of ``screen`` that were not left at their default by the configuration.
    report_sha256, prices_sha256 : str
        Of the report's files, and of every close, session and finding that was read; when a
        price was fetched is no part of it.
    result_sha256 : str
        Of the machine output without its fetch times.
    exclusions : tuple of (str, str)
        Company and reason of each mention without a rating.
    levels : tuple of (str, str, str)
        Name, Chinese and English word of each rating, best first, no rating last.
    title, title_en : str
        Of the report; empty in a week that an earlier program wrote.
    tones : mapping of str to str
        What each rating looks like: up, flat, down or none.
    changes : ChangeCounts or None
        None where there is no previous week, or its changes cannot be explained.
    changed : tuple of ChangedRating
        Those that ``changes`` counts.
    """

    name: str
    report_id: str
    report: str
    published: date
    options: Mapping[str, Any]
    report_sha256: str
    prices_sha256: str
    result_sha256: str
    simulated: bool
    exclusions: tuple[tuple[str, str], ...]
    sources: tuple[SourceRecord, ...]
    ratings: Mapping[str, int]
    levels: tuple[tuple[str, str, str], ...] = ()
    companies: int
    mean: float | None
    rating: str
    title: str = ""
    title_en: str = ""
    tones: Mapping[str, Tone] = {}
    changes: ChangeCounts | None = None
    changed: tuple[ChangedRating, ...] = ()
    changes_note: str | None = None
    changes_note_zh: str | None = None

    @property
    def report_title(self) -> Phrase:
        """What the report is called; the screen's name where the week does not know it."""
        return name_phrase(self.title or self.name, self.title_en)

    @property
    def note(self) -> Phrase | None:
        """Why there are no changes."""
        if self.changes_note is None:
            return None
        return Phrase(self.changes_note_zh or self.changes_note, self.changes_note)


class Manifest(_Record):
    """One week.

    Parameters
    ----------
    as_of : date
        Last day that is known to it.
    revision : int
        From 1.
    revises : Reference or None
        The revision before this one, and ``because`` says which inputs differ.
    previous : Reference or None
        The week whose changes are explained.
    known_on : datetime
        Moment of the run: the store is read as known then, also by a replay.
    backfilled : bool
        True where the prices were not known when the week ended.
    partial, partial_zh : tuple of str
        Why the week is incomplete; empty where it is complete.
    inputs : mapping of str to str
        Digest of each kind of input.
    outputs : mapping of str to str
        Path inside the folder → SHA-256, every file but the manifest.
    """

    schema_version: int
    as_of: date
    revision: int
    revises: Reference | None
    because: tuple[str, ...]
    previous: Reference | None
    known_on: datetime
    backfilled: bool
    partial: tuple[str, ...]
    partial_zh: tuple[str, ...] = ()
    unserved: tuple[Unserved, ...]
    languages: tuple[Lang, ...]
    formats: tuple[Format, ...]
    colours: Colours
    versions: Mapping[str, str]
    screens: tuple[ScreenRecord, ...]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def folder(self) -> str:
        """Name of the week's folder."""
        return week_name(self.as_of, self.revision)

    @property
    def marks(self) -> tuple[Phrase, ...]:
        """Why the week is incomplete, in both languages."""
        return tuple(map(Phrase, self.partial_zh or self.partial, self.partial))

    @property
    def changed_inputs(self) -> tuple[Phrase, ...]:
        """Which inputs differ from the revision before, in both languages."""
        return tuple(phrase_of(INPUTS, one) for one in self.because)

    def screen(self, name: str) -> ScreenRecord | None:
        """The screen of that name."""
        return next((one for one in self.screens if one.name == name), None)


def week_name(as_of: date, revision: int) -> str:
    """Name of a week's folder.

    Examples
    --------
    >>> week_name(date(2026, 1, 9), 1), week_name(date(2026, 1, 9), 2)
    ('2026-01-09', '2026-01-09.r2')
    """
    return as_of.isoformat() + (f".r{revision}" if revision > 1 else "")


def week_of(name: str) -> tuple[date, int] | None:
    """As-of date and revision that a folder's name says; None where it is no week's.

    Examples
    --------
    >>> week_of("2026-01-09.r2"), week_of("2026-01-09.r1"), week_of("latest")
    ((datetime.date(2026, 1, 9), 2), None, None)
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]), int(found[2] or 1)
    except ValueError:
        return None


def digest(value: Any) -> str:
    """SHA-256 of bytes, or of the JSON of anything else."""
    if not isinstance(value, bytes):
        value = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
    return hashlib.sha256(value).hexdigest()


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into the week's folder, its own hash among its fields."""
    content = manifest.model_dump(mode="json")
    content[_OWN_HASH] = digest(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a week's folder, and the hash of its file.

    Raises
    ------
    ArchiveError
        It is missing, damaged, changed after it was written, or of a newer program.
    """
    path = folder / MANIFEST
    remedy = "restore the folder from a backup, or move it out of the archive"
    try:
        raw = path.read_bytes()
        content = json.loads(raw)
        own = content.pop(_OWN_HASH, None) if isinstance(content, dict) else None
        # Not a number, or half a character, is in no JSON of ours; neither has a hash.
        found = digest(content)
    except OSError as error:
        raise ArchiveError(f"cannot read {path}: {error.strerror}; {remedy}") from error
    except (ValueError, RecursionError):
        raise ArchiveError(f"{path} is no JSON: it is damaged; {remedy}") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise ArchiveError(f"{path} is no manifest of a weekly run; {remedy}")
    if version > SCHEMA_VERSION:
        raise ArchiveError(
            f"{path} was written by a newer program (schema {version}, this one reads "
            f"{SCHEMA_VERSION}); install the newer supplychain-screen"
        )
    if own != found:
        raise ArchiveError(f"{path} was changed after it was written; {remedy}")
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArchiveError(f"{path}: {where}: {first['msg']}; {remedy}") from None
    if manifest.folder != folder.name:
        raise ArchiveError(f"{path} belongs to {manifest.folder}; rename the folder back")
    return manifest, digest(raw)
