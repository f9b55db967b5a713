"""``doctor``: what this installation has, and what each missing piece would be needed for."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from supplychain_screen.cli.terminal import (
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    print_json,
    today,
    width,
)
from supplychain_screen.words import (
    INSTALLED,
    INSTALLED_STATES,
    Message,
    message,
    message_phrase,
    say,
)

__all__ = ["register"]

_PROGRAM = "supplychain-screen"

_EXTRAS = {
    "vl_convert": ("images", message("doctor.images")),
    "akshare": ("akshare", message("doctor.akshare")),
    "pyspark": ("spark", message("doctor.spark")),
    "apprise": ("notify", message("doctor.notify")),
}

_Check = dict[str, Any]
"""Its ``name``, its ``state``, and its ``detail`` as a message or as free words."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("doctor")(doctor)


def doctor(
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="DIR", help="Price store to look at.", show_default=False),
    ] = None,
) -> None:
    """Check this installation: versions, the packaged report, the price store, fonts."""
    checks = [*_packages(), _report(), _calendars(), _store(store), _fonts(), *_extras()]
    if json:
        print_json([check | {"detail": str(check["detail"])} for check in checks])
    else:
        _print(checks, lang)
    missing = [check["name"] for check in checks if check["state"] == "missing"]
    if missing:
        raise typer.Exit(Exit.NOTHING if missing == ["price store"] else Exit.BAD_INPUT)


def _print(checks: Sequence[_Check], lang: Language) -> None:
    from supplychain_screen.output import fit, wrap

    for check in checks:
        state = fit(say(INSTALLED_STATES, check["state"], lang.value), 7)
        name = fit(say(INSTALLED, check["name"], lang.value), 20)
        detail = message_phrase(check["detail"]).of(lang.value)
        print("\n".join(wrap(f"{state}  {name} {detail}", width(sys.stdout), hang=30)))


def _check(name: str, state: str, detail: Message | str) -> _Check:
    return {"name": name, "state": state, "detail": detail}


def _packages() -> list[_Check]:
    from importlib.metadata import PackageNotFoundError, requires, version

    found = [_check("python", "ok", sys.version.split()[0])]
    declared = [one for one in requires(_PROGRAM) or () if "extra ==" not in one]
    for name in (_PROGRAM, *(re.split(r"[^\w.-]", one)[0] for one in declared)):
        try:
            found.append(_check(name, "ok", version(name)))
        except PackageNotFoundError:
            found.append(_check(name, "missing", f"pip install {name}"))
    return found


def _report() -> _Check:
    from supplychain_screen.errors import ScreenError
    from supplychain_screen.research import load_report

    try:
        report = load_report()
    except ScreenError as error:
        return _check("packaged report", "missing", str(error).splitlines()[0])
    said = message("doctor.report", report=report.id, n=len(report.mentions))
    return _check("packaged report", "ok", said)


def _calendars() -> _Check:
    """How far the sessions of the packaged report's exchanges are announced."""
    from supplychain_screen.identity import known_until

    ends = {name: known_until(name) for name in ("XSHG", "XHKG", "XNYS", "XTAI")}
    ended = tuple(
        message("doctor.calendar", calendar=name, end=end)
        for name, end in ends.items()
        if end < today()
    )
    if ended:
        return _check("calendars", "optional", message("doctor.calendars_ended", ended=ended))
    first = min(ends.values())
    which = tuple(name for name, end in ends.items() if end == first)
    return _check("calendars", "ok", message("doctor.calendars", first=first, calendars=which))


def _store(path: str | None) -> _Check:
    from supplychain_screen.errors import ScreenError
    from supplychain_screen.prices.store import open_prices

    try:
        store = open_prices(path)
        status = store.status()
    except ScreenError as error:
        return _check("price store", "missing", str(error).splitlines()[0])
    serving = int(status["serves"].sum())
    if not serving:
        return _check("price store", "optional", message("doctor.store_empty"))
    return _check("price store", "ok", message("doctor.store", n=serving))


def _fonts() -> _Check:
    from supplychain_screen.output.charts import cjk_family

    name = cjk_family()
    if name is None:
        return _check("chinese font", "optional", message("doctor.no_font"))
    return _check("chinese font", "ok", name)


def _extras() -> list[_Check]:
    from importlib.util import find_spec

    found = []
    for module, (extra, use) in _EXTRAS.items():
        if find_spec(module) is None:
            command = f"pip install 'supplychain-screen[{extra}]'"
            detail = message("doctor.extra", use=use, command=command)
            found.append(_check(module, "optional", detail))
        else:
            found.append(_check(module, "ok", use))
    return [*found, _java()]


def _java() -> _Check:
    home = os.environ.get("JAVA_HOME")
    path = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if path is None:
        said = message("doctor.no_java_home" if home else "doctor.no_java")
        return _check("java", "optional", said)
    return _check("java", "ok", path)
