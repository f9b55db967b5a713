"""Notices of a run to a chat or a mailbox through apprise; its addresses are secrets.

The addresses come from the environment, or from a file that only its owner can read. They never
enter a log, an output, an error or the archive: of an address only its service is ever named.
"""

from __future__ import annotations

import logging
import os
import stat
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supplychain_screen.errors import (
    ConfigError,
    LockedError,
    MissingExtraError,
    Problem,
    ScreenError,
)
from supplychain_screen.output import markdown_text
from supplychain_screen.weekly.config import NotifySettings, WeeklyConfig
from supplychain_screen.weekly.run import RunResult, WeekResult
from supplychain_screen.words import message

__all__ = [
    "Delivery",
    "addresses_of",
    "announce",
    "announce_failure",
    "send_notice",
    "told",
]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Delivery:
    """What became of one notice.

    Parameters
    ----------
    service : str
        The service, such as ``slack``; never the address.
    delivered : bool
    problem : str
        Why not, in words that hold no secret.
    """

    service: str
    delivered: bool
    problem: str = ""


def addresses_of(settings: NotifySettings, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses, in the order of the environment and then the file.

    Raises
    ------
    ConfigError
        There is none, or the file cannot be read or can be read by others.
    """
    found = environment.get(settings.environment, "").split()
    if settings.file is not None:
        found += _of_file(settings.file)
    if not found:
        raise ConfigError(
            Problem(
                "no address to send notices to",
                f"set {settings.environment}, or name a file under [notify]",
                column="notify",
            )
        )
    return tuple(found)


def _of_file(path: Path) -> list[str]:
    try:
        mode = path.stat().st_mode
        if sys.platform != "win32" and mode & _OTHERS:
            raise ConfigError(
                Problem(
                    f"others can read {path} (mode {stat.S_IMODE(mode):03o}), and it holds secrets",
                    f"chmod 600 {path}",
                    column="notify.file",
                )
            )
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        problem = Problem(f"cannot read {path}: {reason}", "mend it", column="notify.file")
        raise ConfigError(problem) from None
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def send_notice(
    settings: NotifySettings,
    title: str,
    body: str,
    environment: Mapping[str, str] | None = None,
) -> tuple[Delivery, ...]:
    """Send one Markdown notice to every address; never raises for one that fails.

    Parameters
    ----------
    settings : NotifySettings
    title, body : str
        Plain text, and Markdown.
    environment : mapping, optional
        Where the addresses are looked up; the process's own where it is not given.

    Returns
    -------
    tuple of Delivery
        One an address.
    """
    try:
        addresses = addresses_of(settings, os.environ if environment is None else environment)
        apprise = _apprise()
    except (ConfigError, MissingExtraError) as error:
        return (Delivery("notify", delivered=False, problem=str(error)),)
    return tuple(_sent(apprise, one, title, body) for one in addresses)


def _sent(apprise: Any, address: str, title: str, body: str) -> Delivery:
    service = "address"
    # Its messages and warnings hold addresses; nothing of them may reach a handler or a terminal.
    log = logging.getLogger("apprise")
    before, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plugin = apprise.Apprise()
            if not plugin.add(address):
                # What stands before :// may be half a secret while nobody knows the service.
                return Delivery(service, delivered=False, problem="not understood by apprise")
            service = address.partition("://")[0]
            sent = plugin.notify(title=title, body=body, body_format="markdown")
    except Exception as error:  # noqa: BLE001 - a hundred services' plugins; none may fail a run
        # Only the kind: the message of a foreign error can hold the address.
        return Delivery(service, delivered=False, problem=type(error).__name__)
    finally:
        log.disabled = before
    return Delivery(service, bool(sent), "" if sent else "the service did not take it")


def _apprise() -> Any:
    try:
        import apprise
    except ImportError:
        raise MissingExtraError("Sending notices", extra="notify") from None
    return apprise


def told(deliveries: Sequence[Delivery]) -> list[str]:
    """What to say about notices that did not arrive."""
    return [
        f"notice by {one.service} failed: {one.problem}" for one in deliveries if not one.delivered
    ]


def announce(
    config: WeeklyConfig, result: RunResult, environment: Mapping[str, str] | None = None
) -> tuple[Delivery, ...]:
    """Send the Markdown summary of what a run published, where the configuration wants it.

    Parameters
    ----------
    config : WeeklyConfig
    result : RunResult
    environment : mapping, optional
        As of :func:`send_notice`.

    Returns
    -------
    tuple of Delivery
        One an address; empty where nothing was to be sent.
    """
    settings = config.notify
    published = [one for one in result.weeks if one.published]
    if settings is None or not published:
        return ()
    last = published[-1]
    if not _wanted(settings, last):
        return ()
    title = message(
        "week.subject_partial" if last.manifest.partial else "week.subject",
        week=last.manifest.folder,
    ).of(settings.language)
    return send_notice(settings, title, _summary(settings, last), environment)


def _wanted(settings: NotifySettings, one: WeekResult) -> bool:
    if "always" in settings.on:
        return True
    if one.manifest.partial and "partial" in settings.on:
        return True
    return bool(one.rating_changes) and "changes" in settings.on


def _summary(settings: NotifySettings, one: WeekResult) -> str:
    languages = one.manifest.languages
    lang = settings.language if settings.language in languages else languages[0]
    return (one.week.folder / f"summary.{lang}.md").read_text(encoding="utf-8")


def announce_failure(
    config: WeeklyConfig, error: Exception, environment: Mapping[str, str] | None = None
) -> tuple[Delivery, ...]:
    """Say that nothing was published, and why; nothing where another run is at work.

    Of an error that is none of this package's only the kind is said: its message may hold
    anything.
    """
    settings = config.notify
    wanted = settings is not None and {"failure", "always"} & set(settings.on)
    if settings is None or not wanted or isinstance(error, LockedError):
        return ()
    title = message("week.nothing").of(settings.language)
    ours = isinstance(error, ScreenError)
    fault = message("week.program_fault", kind=type(error).__name__)
    said = str(error) if ours else fault.of(settings.language)
    body = "\n".join(f"- {markdown_text(line)}" for line in said.splitlines()[:20])
    return send_notice(settings, title, body + "\n", environment)
