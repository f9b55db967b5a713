"""One run of the desk: update, measure, publish what is new, say what changed.

Nothing here reads the clock or prints: the moment comes in as a function, and what happened goes
out as a :class:`RunResult` and through ``log``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from supplychain_screen.errors import ArchiveError, InputError, Problem, SourceError
from supplychain_screen.identity import Instrument
from supplychain_screen.output import write_file
from supplychain_screen.prices import HistorySource
from supplychain_screen.prices.store import PriceStore, open_prices
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.archive import (
    Week,
    clean,
    newest,
    point_latest,
    publish,
    read_weeks,
    require_sound,
    require_writable,
    revisions,
)
from supplychain_screen.weekly.config import Format, WeeklyConfig
from supplychain_screen.weekly.lock import exclusive
from supplychain_screen.weekly.manifest import Manifest
from supplychain_screen.weekly.measuring import (
    Measurement,
    Spec,
    instruments_of_specs,
    measure,
    recover,
    require_published,
    specs_of_config,
)
from supplychain_screen.weekly.pages import index_page
from supplychain_screen.weekly.publishing import WeekPlan, build_week, inputs_of, versions
from supplychain_screen.weekly.refreshing import Refreshed, missing_of_week, refresh
from supplychain_screen.weekly.week_days import (
    closed_by,
    end_of_week,
    fridays,
    last_completed_week,
    traded,
)
from supplychain_screen.words import Message, Phrase, message

__all__ = ["Log", "Outcome", "RunResult", "WeekResult", "run_weeks"]

Outcome = Literal["complete", "partial", "unchanged"]
Log = Callable[..., None]
Clock = Callable[[], datetime]

_TOLERANCE = timedelta(minutes=5)
"""How far two machines' clocks may differ before the archive says that one is wrong."""


@dataclass(frozen=True, eq=False)
class WeekResult:
    """One week of a run.

    Parameters
    ----------
    week : Week
        As it stands in the archive.
    published : bool
        False where an identical revision was there already.
    """

    week: Week
    published: bool

    @property
    def manifest(self) -> Manifest:
        """Of the week."""
        return self.week.manifest

    @property
    def rating_changes(self) -> int | None:
        """Ratings that changed since the previous week, over all screens; None where unknown."""
        counts = [one.changes.rating for one in self.manifest.screens if one.changes is not None]
        return sum(counts) if counts else None


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run did.

    Parameters
    ----------
    weeks : tuple of WeekResult
        Oldest first; at least one.
    cleaned : tuple of str
        Leftovers of killed runs that were removed.
    """

    weeks: tuple[WeekResult, ...]
    cleaned: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """``partial`` where any week that stands is marked so, published by this run or before;
        ``unchanged``: all are complete, and none was published."""
        if any(one.manifest.partial for one in self.weeks):
            return "partial"
        return "complete" if any(one.published for one in self.weeks) else "unchanged"

    @property
    def summary(self) -> str:
        """The run on one line, in English."""
        return str(self.said)

    @property
    def said(self) -> Message:
        """The run on one line."""
        last, of = self.weeks[-1], len(self.weeks)
        manifest = last.manifest
        n = sum(one.published for one in self.weeks)
        where: Message | str = manifest.folder
        if of > 1:
            where = message("run.weeks", n=n, of=of, week=where)
        if any(one.simulated for one in manifest.screens):
            where = message("run.simulated", where=where)
        rated = tuple(
            message(
                "run.rated",
                name=one.name,
                n=sum(n for name, n in one.ratings.items() if name != "unrated"),
                of=one.companies,
            )
            for one in manifest.screens
        )
        partial = message("run.partial", why=manifest.marks)
        if not n and manifest.partial:
            return message("run.still", where=where, state=partial, rated=rated)
        if not n:
            return message("run.unchanged", where=where, rated=rated)
        state = partial if manifest.partial else message("run.complete")
        moved = _moved(last)
        return message("run.summary", where=where, state=state, rated=rated, moved=moved)


def _moved(last: WeekResult) -> tuple[Message, ...]:
    """What changed since the week before, and which screens that week cannot be held against."""
    manifest, changed = last.manifest, last.rating_changes
    if manifest.previous is None:
        return (message("run.first"),)
    apart = [one for one in manifest.screens if one.changes is None]
    if any(one.note in manifest.marks for one in apart):
        # The week before could not be measured again, and a mark says why.
        return (message("run.unknown"),)
    names = tuple(one.name for one in apart)
    return (
        *([message("run.changed", n=changed)] if changed is not None else []),
        *([message("run.apart", names=names)] if names else []),
    )


@dataclass
class _Desk:
    """What the weeks of one run share."""

    config: WeeklyConfig
    specs: tuple[Spec, ...]
    store: PriceStore
    archive: Path
    now: Clock
    log: Log
    weeks: list[Week]
    instruments: list[Instrument]
    refreshed: Refreshed = field(default_factory=Refreshed)
    recent: dict[str, tuple[Measurement, ...]] = field(default_factory=dict)


def run_weeks(
    config: WeeklyConfig,
    now: Clock,
    *,
    as_of: date | None = None,
    since: date | None = None,
    known_on: datetime | None = None,
    source: HistorySource | None = None,
    update: bool = True,
    log: Log = lambda *_, **__: None,
) -> RunResult:
    """Publish the last completed week, or replay one or many earlier ones.

    Parameters
    ----------
    config : WeeklyConfig
    now : callable
        The current moment, aware.
    as_of : date, optional
        The week's last known day; the last completed week where it is left out. A week that is
        given is replayed: the store is not updated, and read as known when the archive's newest
        revision of that week was made, else as known when the week ended, else as known now, and
        the week is then marked as backfilled.
    since : date, optional
        Replay every Friday from here to ``as_of``.
    known_on : datetime, optional
        Read the store as known at this moment instead.
    source : HistorySource, optional
        Asked instead of the source the configuration names.
    update : bool
        False leaves the store as it is.
    log : callable
        Called with the name of an event, and its facts as keywords.

    Returns
    -------
    RunResult

    Raises
    ------
    LockedError
        Another run holds the archive.
    SourceError
        No price of the week is there; nothing was published.
    InputError, ArchiveError
        A report does not validate, the archive is damaged, or newer than this program, or the
        clock lies before the newest week; nothing was published.
    StoreError, OutputError
        The store or the archive cannot be read or written; a week is whole or not there.
    """
    specs = specs_of_config(config.screens)
    archive = config.archive.folder
    with exclusive(archive):
        require_writable(archive)
        cleaned = clean(archive)
        if cleaned:
            log("cleaned", names=cleaned)
        desk = _Desk(
            config,
            specs,
            open_prices(config.prices.store),
            archive,
            now,
            log,
            list(read_weeks(archive)),
            instruments_of_specs(specs),
        )
        _require_clock(desk.weeks, now())
        replayed = as_of is not None or since is not None
        if update and not replayed:
            deadline = config.run.deadline_minutes * 60
            desk.refreshed = refresh(
                desk.store,
                desk.instruments,
                config.prices,
                now=now,
                deadline=deadline,
                source=source,
            )
            log("updated", asked=desk.refreshed.asked, unserved=len(desk.refreshed.unserved))
        days = _days(desk, as_of, since)
        bulk = since is not None
        try:
            results = [
                _one_week(desk, day, known_on, replayed, bulk=bulk, last=day == days[-1])
                for day in days
            ]
        finally:
            # Weeks that are there are on the index, also when a later one failed.
            _show(desk)
        return RunResult(tuple(results), tuple(cleaned))


def _require_clock(weeks: Sequence[Week], moment: datetime) -> None:
    latest = max((one.manifest.known_on for one in weeks), default=None)
    if latest is not None and latest > moment + _TOLERANCE:
        raise ArchiveError(
            f"this machine's clock says {moment:%Y-%m-%d %H:%M} UTC, but a week of the archive was "
            f"made at {latest:%Y-%m-%d %H:%M} UTC; set the clock right"
        )


def _days(desk: _Desk, as_of: date | None, since: date | None) -> list[date]:
    last = last_completed_week(desk.instruments, desk.now())
    chosen = as_of or last
    now = desk.now()
    if chosen > now.date() or not closed_by(desk.instruments, chosen, now):
        raise InputError(Problem(f"{chosen} is not over yet", "ask for an earlier day", "--as-of"))
    if since is None:
        require_published(desk.specs, chosen)
        if as_of is not None and fridays(chosen, chosen) != [chosen]:
            before = chosen - timedelta(days=(chosen.weekday() + 3) % 7)
            after = before + timedelta(days=7)
            raise InputError(
                Problem(
                    f"{chosen} is a {chosen:%A}, and a week ends on a Friday",
                    f"ask for {before} or, once it is over, {after}",
                    "--as-of",
                )
            )
        return [chosen]
    first = max(since, min(spec.published for spec in desk.specs))
    days = fridays(first, chosen)
    if not days:
        require_published(desk.specs, chosen)
        raise InputError(Problem(f"no Friday from {first} to {chosen}", "ask for a longer span"))
    return days


def _one_week(
    desk: _Desk,
    day: date,
    known_on: datetime | None,
    replayed: bool,
    *,
    bulk: bool,
    last: bool,
) -> WeekResult:
    own = revisions(desk.weeks, day)
    moment, backfilled = _moment(desk, day, known_on, replayed, own)
    specs = require_published(desk.specs, day)
    view = desk.store.as_known(moment)
    _require_prices(view, desk, day)
    unserved, partial = missing_of_week(
        view, moment, desk.instruments, day, desk.refreshed, own[-1].manifest if own else None
    )
    measured = measure(specs, view, day, unserved)
    output = desk.config.output
    formats: tuple[Format, ...] = output.formats
    if bulk and own:
        # Many weeks at once make no revision because only the last of them gets every file.
        formats = own[-1].manifest.formats
    elif bulk and not last:
        formats = output.replayed
    inputs = inputs_of(measured, unserved, output.languages, formats, output.colours)
    because = _because(own, inputs, measured)
    if own and not because:
        require_sound(own[-1])
        desk.recent = {own[-1].folder.name: measured}
        desk.log("unchanged", week=own[-1].folder.name)
        return WeekResult(own[-1], published=False)
    previous = newest(desk.weeks, before=day)
    before, note = _before(desk, previous)
    plan = WeekPlan(
        as_of=day,
        revision=own[-1].revision + 1 if own else 1,
        revises=own[-1].reference if own else None,
        because=because,
        previous=None if previous is None else previous.reference,
        known_on=moment,
        backfilled=backfilled,
        partial=partial if note is None else (*partial, note),
        unserved=unserved,
        languages=output.languages,
        formats=formats,
        colours=output.colours,
        measured=measured,
        before=before,
        before_note=note,
    )
    week = publish(desk.archive, lambda folder: build_week(plan, folder))
    desk.weeks.append(week)
    desk.recent = {week.folder.name: measured}
    desk.log(
        "published",
        week=week.folder.name,
        partial=list(week.manifest.partial),
        because=list(because),
    )
    return WeekResult(week, published=True)


def _moment(
    desk: _Desk, day: date, known_on: datetime | None, replayed: bool, own: Sequence[Week]
) -> tuple[datetime, bool]:
    """As known when the store is read, and whether that is later than the week."""
    now = desk.now()
    if known_on is not None:
        if known_on > now:
            raise InputError(
                Problem(
                    "nothing is known yet of a moment to come",
                    "write now, or an earlier one",
                    column="--known-on",
                    value=known_on.isoformat(timespec="minutes"),
                )
            )
        return known_on, known_on > end_of_week(day) + timedelta(days=7)
    if not replayed:
        return now, now > end_of_week(day) + timedelta(days=7)
    if own:
        return own[-1].manifest.known_on, own[-1].manifest.backfilled
    then = end_of_week(day)
    if then < now and traded(desk.store.as_known(then), desk.instruments, day):
        return then, False
    return now, now > then + timedelta(days=7)


def _require_prices(view: PriceStore, desk: _Desk, day: date) -> None:
    """Refuse a week without any price, naming what did not serve it and what to do."""
    if traded(view, desk.instruments, day):
        return
    told = f"{view.location} holds no price of the week to {day}, so there is nothing to publish"
    ends = desk.refreshed.file_ends
    if ends is not None and ends < day:
        file = desk.refreshed.source
        raise SourceError(
            f"{told}: the file {file} ends on {ends}; put a newer one in its place and run again",
            source=file,
        )
    asked, unserved = desk.refreshed.asked, desk.refreshed.unserved
    if asked and len(unserved) == asked:
        source = desk.refreshed.source
        raise SourceError(
            f"{told}: {source} served none of {asked} series ({unserved[0].symbol}: "
            f"{unserved[0].detail}); look at supplychain-screen doctor, run again later, or bring "
            "the prices in with supplychain-screen prices import FILE",
            source=source,
        )
    where = "" if desk.config.prices.store is None else f" --store {desk.config.prices.store}"
    raise SourceError(
        f"{told}; fetch them with supplychain-screen prices update{where}, or bring them in with "
        f"supplychain-screen prices import FILE{where}",
        source=view.name,
    )


def _because(
    own: Sequence[Week], inputs: Mapping[str, str], measured: Sequence[Measurement]
) -> tuple[str, ...]:
    """Which inputs differ from the newest revision; empty where there is none, or none does."""
    if not own:
        return ()
    old = own[-1].manifest
    differ = tuple(name for name in inputs if old.inputs.get(name) != inputs[name])
    if differ:
        return differ
    results = [one.result_sha256 for one in measured]
    return () if results == [one.result_sha256 for one in old.screens] else ("program",)


def _before(desk: _Desk, previous: Week | None) -> tuple[dict[str, Screening], Phrase | None]:
    """The screens of the previous week, and why there are none."""
    if previous is None:
        return {}, None
    name = previous.folder.name
    if name not in desk.recent:
        require_sound(previous)
        try:
            desk.recent = {name: recover(previous, desk.store, versions())}
        except ArchiveError as error:
            return {}, message("week.unexplained", before=name, error=str(error)).phrase
    return {one.spec.name: one.screening for one in desk.recent[name]}, None


def _show(desk: _Desk) -> None:
    """The index page and ``latest``, after the weeks."""
    last = newest(desk.weeks)
    if last is None:
        return
    page = index_page(desk.weeks, desk.config.output.languages[0]).encode()
    index = desk.archive / "index.html"
    if not index.is_file() or index.read_bytes() != page:
        write_file(index, page)
    point_latest(desk.archive, last.folder.name)
