"""Templates for schedulers: text to be looked at, then put where the scheduler wants it.

Every one runs at noon on Saturday by its machine's own clock. By then every market has closed for
the week wherever the machine stands: New York's Friday ends at 22:00 UTC at the latest, which is
noon on Saturday in the earliest time zone there is, UTC+14.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output import visible_text
from supplychain_screen.research import near_name

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["SCHEDULERS", "schedule_text"]

SCHEDULERS: Final = ("cron", "systemd", "windows", "github", "airflow")
"""What there are templates for."""


def schedule_text(
    kind: str, config: PurePath, python: str, *, minutes: float = 30, store: str | None = None
) -> str:
    """The template for one scheduler.

    Parameters
    ----------
    kind : str
        One of ``SCHEDULERS``.
    config : PurePath
        The configuration, absolute.
    python : str
        The interpreter that has this package.
    minutes : float
        The run's own deadline; the scheduler's is ten minutes later.
    store : str, optional
        Value of ``SUPPLYCHAIN_SCREEN_STORE``, where the run needs it.

    Raises
    ------
    InputError
        There is no such scheduler; or a path holds what its file cannot say, such as a line break.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> print(schedule_text("cron", PurePosixPath("/srv/weekly.toml"), "/usr/bin/python3"))
    # crontab -e: noon on Saturday, by this machine's clock. Mail goes out where there is
    # output, and --quiet leaves nothing but errors. Exit codes: weekly run --help.
    0 12 * * 6  /usr/bin/python3 -m supplychain_screen.cli weekly run /srv/weekly.toml --quiet
    <BLANKLINE>
    """
    if kind not in SCHEDULERS:
        remedy = near_name(kind, SCHEDULERS) or f"there are {', '.join(SCHEDULERS)}"
        raise InputError(Problem("no template for this scheduler", remedy, value=kind))
    for value in (str(config), python, store or ""):
        if visible_text(value) != value:
            raise _unsayable(value, "a line break or another character that cannot be seen")
    return (
        _environment()
        .get_template(f"{kind}.j2")
        .render(
            command=[python, "-m", "supplychain_screen.cli", "weekly", "run", str(config)],
            config=str(config),
            name=config.name,
            python=python,
            minutes=round(minutes + 10),
            store=store,
            environment={} if store is None else {"SUPPLYCHAIN_SCREEN_STORE": store},
        )
    )


class _Quoted(str):
    """Text that has been quoted for the file it goes into."""

    __slots__ = ()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Templates with square brackets: their files are full of braces of their own."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template),
        # No HTML: a value that no filter has quoted for its file is refused.
        autoescape=False,  # noqa: S701
        finalize=_only_quoted,
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update({name: _quoting(quote) for name, quote in _FILTERS.items()})
    return environment


def _template(name: str) -> str:
    folder = resources.files("supplychain_screen.weekly") / "templates" / "schedules"
    return (folder / name).read_text("utf-8")


def _only_quoted(value: Any) -> Any:
    if not isinstance(value, _Quoted | int):
        raise TypeError(f"not quoted for its file: {value!r}")
    return value


def _quoting(quote: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def filtered(value: Any) -> Any:
        quoted = quote(value)
        return _Quoted(quoted) if isinstance(quoted, str) else quoted

    return filtered


def _unsayable(value: str, what: str) -> InputError:
    problem = Problem(
        f"a path holds {what}, which this scheduler's file cannot say",
        "rename the file or its folder",
        value=visible_text(value),
    )
    return InputError(problem)


def _crontab(command: str) -> str:
    # In a crontab an unescaped % ends the command.
    return command.replace("%", r"\%")


def _crontab_value(value: str) -> str:
    """A variable of a crontab: cron strips blanks around it, and one pair of quotes."""
    if value == value.strip() and not value.startswith(("'", '"')):
        return value
    quote = "'" if '"' in value else '"'
    if quote in value:
        raise _unsayable(value, "both kinds of quotes")
    return f"{quote}{value}{quote}"


def _systemd(word: str) -> str:
    # Inside quotes systemd still expands % everywhere.
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _systemd_command(words: Sequence[str]) -> str:
    # And $ in a command.
    return " ".join(_systemd(word).replace("$", "$$") for word in words)


def _windows(path: str) -> str:
    # The Task Scheduler replaces %NAME% and $(Arg0) everywhere, and nothing escapes them.
    if '"' in path or re.search(r"%[^%]+%|\$\(", path):
        raise _unsayable(path, 'a quote, a %NAME% or a "$("')
    return path


def _github(text: str) -> str:
    # The service puts expressions in before the shell sees the script.
    return text.replace("${{", "${{ '${{' }}")


def _airflow(value: str | Mapping[str, str]) -> Any:
    """Airflow takes what it is given for a template of Jinja."""
    if isinstance(value, Mapping):
        return {name: _airflow(one) for name, one in value.items()}
    return re.sub(r"\{[{%#]", lambda braces: f"{{{{ '{braces.group()}' }}}}", value)


_FILTERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "airflow": _airflow,
    "comment": str,
    "crontab": _crontab,
    "crontab_value": _crontab_value,
    "github": _github,
    "python": repr,
    "shell": shlex.join,
    "systemd": _systemd,
    "systemd_command": _systemd_command,
    "windows": _windows,
    "xml": escape,
}
