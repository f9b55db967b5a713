"""``weekly``: the scheduled run, and what it left."""

from __future__ import annotations

import json as jsonlib
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.terminal import (
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    code_of,
    day,
    fail,
    note,
    now,
    print_json,
    print_line,
    tell,
    visible,
    width,
)
from supplychain_screen.errors import InputError, Problem, ScreenError
from supplychain_screen.words import INPUTS, Message, message, phrase_of

if TYPE_CHECKING:
    from supplychain_screen.weekly import Delivery, Week, WeeklyConfig

__all__ = ["register"]

_weekly = typer.Typer(
    help="Run every week: publish, explain what changed, keep every week.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_OUTCOMES = {
    "complete": Exit.COMPLETE,
    "partial": Exit.PARTIAL,
    "unchanged": Exit.UNCHANGED,
}

ConfigArgument = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="See weekly new.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR",
        show_default=False,
        help="Where the price store lies; else SUPPLYCHAIN_SCREEN_STORE, else the usual place.",
    ),
]


class Scheduler(StrEnum):
    """What there are templates for."""

    CRON = "cron"
    SYSTEMD = "systemd"
    WINDOWS = "windows"
    GITHUB = "github"
    AIRFLOW = "airflow"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_weekly, name="weekly")


@_weekly.command("run")
def run_week(
    config: ConfigArgument,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            show_default="the last completed week",
            help="Replay this week, with the prices as they were known then.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE",
            show_default=False,
            help="Replay every Friday from this day on.",
        ),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(
            "--known-on",
            metavar="MOMENT",
            show_default=False,
            help="Read the store as known then: a date, a moment, or now.",
        ),
    ] = None,
    no_update: Annotated[
        bool, typer.Option("--no-update", help="Leave the price store as it is.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="One JSON object a line on standard error.")
    ] = False,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Publish the last completed week.

    Exit codes: 0 complete; 2 bad input, 4 no prices or no room, nothing published; 3 published,
    and marked as partial; 5 another run holds the lock; 6 complete, and nothing had changed.
    """
    from supplychain_screen.weekly import load_config

    log = _logger(log_json)
    try:
        settings = load_config(config)
        first, last = day(since, "--since"), day(as_of, "--as-of")
        moment = _moment(known_on)
    except ScreenError as error:
        raise typer.Exit(_failed(error, None, log, log_json=log_json)) from None

    from supplychain_screen.weekly import announce, announce_failure, run_weeks

    try:
        result = run_weeks(
            settings, now, as_of=last, since=first, known_on=moment, update=not no_update, log=log
        )
    except ScreenError as error:
        raise typer.Exit(_failed(error, settings, log, log_json=log_json)) from None
    except Exception as error:
        # A fault of this program: its traceback stays, and the desk hears of it all the same.
        _tell(announce_failure(settings, error), log, log_json=log_json)
        raise
    _tell(announce(settings, result), log, log_json=log_json)
    log("finished", outcome=result.outcome, summary=result.summary)
    if not quiet:
        tell(result.said, lang)
    raise typer.Exit(_OUTCOMES[result.outcome])


def _moment(text: str | None) -> datetime | None:
    """A moment of ``--known-on``; a date means its end in UTC, today what is known by now."""
    if text is None:
        return None
    if text == "now":
        return now()
    try:
        day(text[:10], "--known-on")
        moment = datetime.fromisoformat(text)
    except (ValueError, InputError):
        raise InputError(
            Problem(
                "--known-on is no moment",
                "write now, 2026-01-10 or 2026-01-10T06:00+00:00",
                value=text,
            )
        ) from None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        aware.astimezone(UTC)
    except OverflowError:
        raise InputError(
            Problem("--known-on lies outside of all time", "write 2026-01-10", value=text)
        ) from None
    if len(text) > len("2026-01-10"):
        return aware
    # Of today, what is known by now.
    ends = aware.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return min(ends, now()) if aware <= now() else ends


def _logger(as_json: bool) -> Callable[..., None]:
    def log(event: str, **facts: Any) -> None:
        if as_json:
            line = {"time": now().isoformat(), "event": event, **facts}
            told = jsonlib.dumps(line, ensure_ascii=False, sort_keys=True, default=str)
            print(visible(told), file=sys.stderr)

    return log


def _failed(
    error: ScreenError,
    settings: WeeklyConfig | None,
    log: Callable[..., None],
    *,
    log_json: bool,
) -> Exit:
    """Say what failed, on the terminal or the log and in a notice; the exit code it stands for."""
    if log_json:
        # The error is an object of the log, not lines between its objects.
        code = code_of(error)
        log("failed", kind=type(error).__name__, message=str(error), exit=int(code))
    else:
        code = fail(error)
    if settings is not None:
        from supplychain_screen.weekly import announce_failure

        _tell(announce_failure(settings, error), log, log_json=log_json)
    return code


def _tell(deliveries: Sequence[Delivery], log: Callable[..., None], *, log_json: bool) -> None:
    from supplychain_screen.weekly import told

    for one in deliveries:
        log("notice", service=one.service, delivered=one.delivered, problem=one.problem)
    for line in told(deliveries):
        if not log_json:
            print_line(line, sys.stderr)


@_weekly.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Must not exist yet.")],
    published: Annotated[
        str | None,
        typer.Option(
            "--published",
            metavar="DATE",
            show_default=False,
            help="Day the packaged report was published.",
        ),
    ] = None,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Write a commented configuration, whose pages open in the language of --lang."""
    from supplychain_screen.weekly import write_example

    place = write_example(file, day(published, "--published"), lang.value)
    print(place)
    said = message("weekly.edit" if published is None else "weekly.edit_more")
    note(said, lang, _run_of(place))


def _run_of(config: Path) -> str:
    """The command that runs a configuration."""
    return shlex.join(("supplychain-screen", "weekly", "run", str(config)))


@_weekly.command("list")
def list_weeks(
    archive: Annotated[
        Path, typer.Argument(metavar="ARCHIVE", help="The archive's folder, or CONFIG.toml.")
    ],
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Show every week, and check each file against its hash."""
    from supplychain_screen.weekly import week_folders

    folder = _archive_of(archive)
    names = week_folders(folder)
    rows = [_listed(folder / name) for name in names]
    _add_broken_links(rows)
    if json:
        print_json([row | {"problems": list(map(str, row["problems"]))} for row in rows])
    else:
        from supplychain_screen.weekly import weeks_text

        if rows:
            marked = [row | {"marks": _marks(row)} for row in rows]
            print(weeks_text(marked, lang.value, width(sys.stdout)))
        else:
            config = archive if archive.is_file() else Path("weekly.toml")
            note(message("weeks.none", folder=str(folder)), lang, _run_of(config))
    if any(row["problems"] for row in rows):
        raise typer.Exit(Exit.BAD_INPUT)


def _archive_of(path: Path) -> Path:
    if path.is_file() or path.suffix == ".toml":
        from supplychain_screen.weekly import load_config

        return load_config(path).archive.folder
    if not path.is_dir():
        raise InputError(
            Problem("no such archive", "name its folder, or its CONFIG.toml", value=str(path))
        )
    return path


def _listed(folder: Path) -> dict[str, Any]:
    from supplychain_screen.errors import ArchiveError
    from supplychain_screen.weekly import damage, read_week

    try:
        week = read_week(folder)
    except ArchiveError as error:
        return {"week": folder.name, "problems": [str(error)], "screens": []}
    manifest = week.manifest
    named = [one for one in (manifest.previous, manifest.revises) if one is not None]
    return {
        "week": manifest.folder,
        "manifest_sha256": week.manifest_sha256,
        "names": {one.folder: one.manifest_sha256 for one in named},
        "problems": damage(week),
        "partial": list(manifest.partial),
        "backfilled": manifest.backfilled,
        "simulated": any(one.simulated for one in manifest.screens),
        "revises": None if manifest.revises is None else manifest.revises.folder,
        "because": list(manifest.because),
        "known_on": manifest.known_on.isoformat(),
        "screens": [
            {
                "name": one.name,
                "ratings": dict(one.ratings),
                "mean": one.mean,
                "rating_changes": None if one.changes is None else one.changes.rating,
            }
            for one in manifest.screens
        ],
    }


def _add_broken_links(rows: Sequence[dict[str, Any]]) -> None:
    """A week that another one names, and that is gone or was replaced, is that one's problem."""
    hashes = {row["week"]: row.get("manifest_sha256") for row in rows}
    for row in rows:
        for name, expected in row.pop("names", {}).items():
            if name not in hashes:
                row["problems"].append(message("weeks.gone", week=name))
            elif hashes[name] not in (None, expected):
                row["problems"].append(message("weeks.another", week=name))


def _marks(row: dict[str, Any]) -> list[Message]:
    marks = [
        (row["problems"], message("weeks.damaged")),
        (row.get("simulated"), message("weeks.simulated")),
        (row.get("partial"), message("week.partial_mark")),
        (row.get("backfilled"), message("week.backfilled_mark")),
    ]
    found = [said for marked, said in marks if marked]
    if row.get("revises"):
        inputs = tuple(phrase_of(INPUTS, one) for one in row["because"])
        found.append(message("weeks.revises", week=row["revises"], inputs=inputs))
    return found


@_weekly.command("changes")
def changes(
    before: Annotated[Path, typer.Argument(metavar="A", help="A week's folder.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="A later week's folder.")],
    screen: Annotated[
        str | None,
        typer.Option(
            "--screen", metavar="NAME", help="One screen of the weeks.", show_default="all"
        ),
    ] = None,
    store: StoreOption = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Explain every change between two weeks: one first cause each, parts that add up."""
    from supplychain_screen.weekly import changes_text, compare_screenings, read_week

    old, new = _recovered(read_week(before), store), _recovered(read_week(after), store)
    names = [name for name in new if name in old and screen in (None, name)]
    if not names:
        raise InputError(
            Problem(
                "the two weeks have no such screen in common",
                f"{before.name} has {', '.join(old)}; {after.name} has {', '.join(new)}",
                value=screen,
            )
        )
    found = {name: compare_screenings(old[name], new[name]) for name in names}
    if json:
        shown = {name: one.to_dict() for name, one in found.items()}
        print_json(shown)
        return
    print(
        "\n\n".join(
            changes_text(name, one, new[name], lang.value, width(sys.stdout))
            for name, one in found.items()
        )
    )


def _recovered(week: Week, store: str | None) -> dict[str, Any]:
    from supplychain_screen.prices.store import open_prices
    from supplychain_screen.weekly import recover, require_sound, versions

    require_sound(week)
    measured = recover(week, open_prices(store), versions())
    return {one.spec.name: one.screening for one in measured}


@_weekly.command("rebuild")
def rebuild(
    week: Annotated[Path, typer.Argument(metavar="WEEK", help="A week's folder.")],
    into: Annotated[Path, typer.Argument(metavar="DIR", help="Where the copy goes.")],
    store: StoreOption = None,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Make a week once more from its manifest and the store as known then, and compare."""
    from supplychain_screen.prices.store import open_prices
    from supplychain_screen.weekly import read_week, rebuild_week

    old = read_week(week)
    made = rebuild_week(old, old.folder.parent, open_prices(store), into)
    names = old.manifest.outputs.keys() | made.manifest.outputs.keys()
    differ = sorted(
        name for name in names if old.manifest.outputs.get(name) != made.manifest.outputs.get(name)
    )
    if made.manifest_sha256 != old.manifest_sha256:
        differ.append("manifest.json")
    for name in differ:
        tell(message("rebuild.differs", file=name), lang)
    of = len(names) + 1
    tell(message("rebuild.done", folder=str(made.folder), n=of - len(differ), of=of), lang)
    if differ:
        raise typer.Exit(Exit.PARTIAL)


@_weekly.command("schedule")
def schedule(
    scheduler: Annotated[Scheduler, typer.Argument(metavar="cron|systemd|windows|github|airflow")],
    config: ConfigArgument,
) -> None:
    """Print the template of a scheduler for a configuration; nothing is installed."""
    from supplychain_screen.prices.store import STORE_VARIABLE
    from supplychain_screen.weekly import load_config, schedule_text

    settings = load_config(config)
    store = os.environ.get(STORE_VARIABLE) if settings.prices.store is None else None
    print(
        schedule_text(
            scheduler.value,
            config.resolve(),
            sys.executable,
            minutes=settings.run.deadline_minutes,
            store=store,
        ),
        end="",
    )
