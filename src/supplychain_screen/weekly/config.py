"""What the weekly run is asked to do: one TOML file, validated as a whole.

::

    [archive]    where the weeks are kept
    [prices]     the store, who fills it, what to do when it cannot
    [output]     languages and files of a week
    [run]        how long it may take
    [notify]     who is told, and when; never a secret
    [[screens]]  a report and its publication date, as many as wanted
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from supplychain_screen.errors import ConfigError, Problem
from supplychain_screen.prices import Adjustment, Basis
from supplychain_screen.research import near_name, parse_toml
from supplychain_screen.scoring import BasePolicy, Comparison
from supplychain_screen.words import Colours, Lang, default_colours

__all__ = [
    "SOURCES",
    "ArchiveSettings",
    "Format",
    "NotifySettings",
    "OutputSettings",
    "PriceSettings",
    "RunSettings",
    "ScreenSettings",
    "WeeklyConfig",
    "load_config",
    "parse_config",
]

Format = Literal["page", "static_page", "workbook", "tables", "markdown"]
"""Files a week can hold beside ``result.json``, which it always holds."""

SOURCES = ("yahoo", "akshare", "simulated", "none")
"""Who can fill the store; anything else is the path of a price file."""

Event = Literal["changes", "partial", "failure", "always"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveSettings(_Settings):
    """Where the weeks are kept.

    Parameters
    ----------
    folder : Path
        One folder per week goes here. A relative path starts at the configuration file.
    """

    folder: Path


class PriceSettings(_Settings):
    """Where prices come from.

    Parameters
    ----------
    store : Path, optional
        Folder of the price store; its usual place where it is left out.
    source : str
        ``yahoo``, ``akshare``, ``simulated``, ``none`` (somebody else fills the store) or the
        path of a price file, which is imported at each run.
    fallbacks : tuple of {"yahoo", "akshare"}
        Asked for what the first source could not serve.
    adjustment : Adjustment, optional
        What the closes of a price file were adjusted for.
    allow_gaps : bool
        True takes a price file whose series lack sessions, suspended or lost.
    """

    store: Path | None = None
    source: str = "yahoo"
    fallbacks: tuple[Literal["yahoo", "akshare"], ...] = ()
    adjustment: Adjustment | None = None
    allow_gaps: bool = False


class OutputSettings(_Settings):
    """Languages and files of a week.

    Parameters
    ----------
    languages : tuple of {"zh", "en"}
        Workbook and Markdown are written once a language; the page opens in the first one.
    formats : tuple of str
        Some of ``page``, ``static_page``, ``workbook``, ``tables`` and ``markdown``.
    replayed : tuple of str
        The same for weeks that are replayed in bulk, all but the last one.
    colours : {"china", "west", "blue"}
        Which colour means up; what readers of the first language are used to where it is left
        out.
    """

    languages: Annotated[tuple[Lang, ...], Field(min_length=1)] = ("zh",)
    formats: tuple[Format, ...] = ("page", "workbook", "tables", "markdown")
    replayed: tuple[Format, ...] = ("page",)
    colours: Colours = Field(
        default_factory=lambda known: default_colours(known.get("languages", ("zh",))[0])
    )


class RunSettings(_Settings):
    """How long a run may take.

    Parameters
    ----------
    deadline_minutes : float
        The update of the store is given up after this long; what is there is then published as
        partial.
    """

    deadline_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 30.0


class NotifySettings(_Settings):
    """Who is told, and when. The addresses are secrets and never stand here.

    Parameters
    ----------
    on : tuple of {"changes", "partial", "failure", "always"}
        ``changes``: a rating changed.
    environment : str
        Name of the environment variable that holds the addresses.
    file : Path, optional
        A file that holds them, one a line, readable by its owner only.
    language : {"zh", "en"}
    """

    on: tuple[Event, ...] = ("changes", "partial", "failure")
    environment: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = "SUPPLYCHAIN_SCREEN_NOTIFY"
    file: Path | None = None
    language: Lang = "zh"

    @field_validator("file", mode="before")
    @classmethod
    def _no_address(cls, file: object) -> object:
        if "://" in str(file):
            raise ValueError("an address never stands here; name a file that holds it")
        return file


class ScreenSettings(_Settings):
    """One report, its publication date and the conventions of its measurement.

    Parameters
    ----------
    name : str
        Folder of this screen inside each week; unique, and kept the same from week to week.
    report : Path or None
        Folder of the report; None, or the word ``packaged``, for the packaged one.
    published : date or None
        Day of publication; may be left out only where the report prints it.
    base_policy, basis, comparison, include_pending, max_stale_sessions, max_stale_benchmark
        As of :func:`supplychain_screen.screening.screening.screen`.
    choices : mapping of str to str
        Company as printed → symbol or listing id.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
    report: Path | None = None
    published: date | None = None
    base_policy: BasePolicy = "on_or_before"
    basis: Basis | None = None
    comparison: Comparison | None = None
    include_pending: bool = True
    max_stale_sessions: Annotated[int, Field(ge=0)] = 5
    max_stale_benchmark: Annotated[int, Field(ge=0)] = 3
    choices: Mapping[str, str] = Field(default_factory=dict)


class WeeklyConfig(_Settings):
    """Everything a weekly run is told; see the sections' own classes."""

    archive: ArchiveSettings
    prices: PriceSettings = PriceSettings()
    output: OutputSettings = OutputSettings()
    run: RunSettings = RunSettings()
    notify: NotifySettings | None = None
    screens: Annotated[tuple[ScreenSettings, ...], Field(min_length=1)]


def load_config(path: str | Path) -> WeeklyConfig:
    """The configuration in a TOML file, its relative paths made to start at the file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    WeeklyConfig
        Frozen. Nothing it names was looked at but the file itself.

    Raises
    ------
    ConfigError
        The file cannot be read, is no TOML, or holds anything unknown or out of range: all
        problems at once.
    """
    path = Path(path).expanduser()
    try:
        # A pipe would never end, and a device never be complete.
        if path.exists() and not (path.is_file() or path.is_dir()):
            problem = Problem("a pipe or a device, no file", "name a TOML file", str(path))
            raise ConfigError(problem)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        remedy = "start one: supplychain-screen weekly new FILE"
        raise ConfigError(Problem("no such file", remedy, str(path))) from None
    except UnicodeDecodeError:
        raise ConfigError(Problem("not UTF-8", "save it as UTF-8", str(path))) from None
    except OSError as error:
        problem = Problem(f"cannot be read: {error.strerror}", "name a TOML file", str(path))
        raise ConfigError(problem) from error
    return parse_config(text, path)


def parse_config(text: str, path: Path) -> WeeklyConfig:
    """The configuration that ``text`` says, as if it stood in the file ``path``.

    Raises
    ------
    ConfigError
        As of :func:`load_config`.

    Examples
    --------
    >>> parse_config("[archve]\\nfolder = 'weeks'", Path("weekly.toml"))
    Traceback (most recent call last):
        ...
    supplychain_screen.errors.ConfigError: weekly.toml, column archive: is missing; add it
    weekly.toml, column screens: is missing; add it
    weekly.toml, column archve: unknown key; did you mean archive?
    """
    try:
        content = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(Problem(f"no TOML: {error}", "mend this line", path.name)) from None
    try:
        config = WeeklyConfig.model_validate(_named(content))
    except ValidationError as error:
        faults = error.errors()
        # A list whose items are at fault is also reported as too short.
        inside = {fault["loc"][0] for fault in faults if len(fault["loc"]) > 1}
        faults = [
            one for one in faults if one["type"] != "too_short" or one["loc"][0] not in inside
        ]
        raise ConfigError([_problem(fault, path.name) for fault in faults]) from None
    if "\x00" in text or "\\u0000" in text:
        problem = Problem("a text holds the character NUL", "remove it", path.name)
        raise ConfigError(problem)
    problems = list(_contradictions(config, path.name))
    if problems:
        raise ConfigError(problems)
    return _anchored(config, path.parent)


def _named(content: dict[str, Any]) -> dict[str, Any]:
    """The content with the names of screens that can be left out, and ``packaged`` as None."""
    screens = content.get("screens")
    if not isinstance(screens, list):
        return content
    named = []
    for one in screens:
        if not isinstance(one, dict):
            return content
        one = dict(one)
        if one.get("report") == "packaged":
            del one["report"]
        if "name" not in one:
            folder = one.get("report")
            stem = Path(folder).name if isinstance(folder, str) else "guosen-xiaomi-ai"
            one["name"] = f"{stem}-{one['published']}".lower() if "published" in one else stem
        named.append(one)
    return content | {"screens": named}


def _problem(fault: Any, file: str) -> Problem:
    place = [str(part) for part in fault["loc"]]
    shown = fault.get("input")
    # A secret that was pasted into the wrong place must not be printed back.
    value = None if isinstance(shown, dict | list) or "notify" in place else str(shown)
    key = ".".join(place)
    match fault["type"]:
        case "missing":
            return Problem("is missing", "add it", file, None, key)
        case "extra_forbidden":
            known = _keys_at(fault["loc"][:-1])
            remedy = near_name(place[-1], known) or f"known are {', '.join(known)}"
            return Problem("unknown key", remedy, file, None, key)
        case "literal_error":
            expected = str(fault["ctx"]["expected"])
            words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
            remedy = near_name(str(shown), words) or f"write {expected}"
            return Problem("no such choice", remedy, file, None, key, value)
        case "string_pattern_mismatch" if place[-1] == "name":
            remedy = "use small letters, digits, -, _ and ."
            return Problem("no folder name", remedy, file, None, key, value)
        case "value_error":
            # The value may be a secret.
            return Problem(str(fault["ctx"]["error"]), "", file, None, key)
        case kind if kind.startswith("date"):
            return Problem("no date", "write YYYY-MM-DD", file, None, key, value)
        case _:
            return Problem(str(fault["msg"]), "", file, None, key, value)


def _keys_at(location: Iterable[Any]) -> list[str]:
    """Keys that are known in the section that a fault's location leads to."""
    found: dict[str, type[BaseModel]] = {
        "archive": ArchiveSettings,
        "prices": PriceSettings,
        "output": OutputSettings,
        "run": RunSettings,
        "notify": NotifySettings,
        "screens": ScreenSettings,
    }
    section: type[BaseModel] = WeeklyConfig
    for part in location:
        section = found.get(str(part), section)
    return list(section.model_fields)


def _contradictions(config: WeeklyConfig, file: str) -> Iterable[Problem]:
    seen: set[str] = set()
    for i, one in enumerate(config.screens):
        if one.name in seen:
            yield Problem(
                "two screens have this name",
                "give each a name",
                file,
                None,
                f"screens.{i}.name",
                one.name,
            )
        seen.add(one.name)
    source = config.prices.source
    looks_like_path = any(mark in source for mark in "./\\~")
    if source not in SOURCES and not looks_like_path:
        remedy = near_name(source, SOURCES) or f"write one of {', '.join(SOURCES)}, or ./FILE"
        yield Problem("no such price source", remedy, file, None, "prices.source", source)


def _anchored(config: WeeklyConfig, folder: Path) -> WeeklyConfig:
    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path.expanduser()

    prices = config.prices
    if prices.source not in SOURCES:
        prices = prices.model_copy(update={"source": str(at(Path(prices.source)))})
    notify = config.notify
    return config.model_copy(
        update={
            "archive": ArchiveSettings(folder=folder / config.archive.folder.expanduser()),
            "prices": prices.model_copy(update={"store": at(prices.store)}),
            "notify": notify and notify.model_copy(update={"file": at(notify.file)}),
            "screens": tuple(
                one.model_copy(update={"report": at(one.report)}) for one in config.screens
            ),
        }
    )
