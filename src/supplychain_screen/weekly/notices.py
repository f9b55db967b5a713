"""Which notices a run sends, and what they say."""

from __future__ import annotations

from collections.abc import Mapping

from supplychain_screen.errors import LockedError, ScreenError
from supplychain_screen.output import markdown_text
from supplychain_screen.weekly.config import NotifySettings, WeeklyConfig
from supplychain_screen.weekly.notify import Delivery, send_notice
from supplychain_screen.weekly.run import RunResult, WeekResult
from supplychain_screen.words import Phrase

__all__ = ["announce", "announce_failure"]


def announce(
    config: WeeklyConfig, result: RunResult, environment: Mapping[str, str] | None = None
) -> tuple[Delivery, ...]:
    """Send the Markdown summary of what a run published, where the configuration wants it.

    Parameters
    ----------
    config : WeeklyConfig
    result : RunResult
    environment : mapping, optional
        As of :func:`~supplychain_screen.weekly.notify.send_notice`.

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
    mark = Phrase("（不完整）", " (partial)").of(settings.language) if last.manifest.partial else ""
    title = Phrase("周度跟踪", "Weekly tracking").of(settings.language)
    return send_notice(
        settings, f"{title} {last.manifest.folder}{mark}", _summary(settings, last), environment
    )


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
    title = Phrase("周度跟踪：未发布", "Weekly tracking: nothing published").of(settings.language)
    ours = isinstance(error, ScreenError)
    said = str(error) if ours else f"a fault of the program: {type(error).__name__}"
    body = "\n".join(f"- {markdown_text(line)}" for line in said.splitlines()[:20])
    return send_notice(settings, title, body + "\n", environment)
