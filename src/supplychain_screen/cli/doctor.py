"""``doctor``: what this installation has, and what each missing piece would be needed for."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from supplychain_screen.cli.terminal import Exit, JsonFlag, print_json, today

__all__ = ["register"]

_PROGRAM = "supplychain-screen"

EXTRAS = {
    "vl_convert": ("images", "charts saved as PNG or SVG"),
    "akshare": ("akshare", "prices of A shares and indices from AkShare"),
    "pyspark": ("spark", "calls and studies over Spark frames"),
    "apprise": ("notify", "notices of the weekly run"),
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("doctor")(doctor)


def doctor(
    json: JsonFlag = False,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="DIR", help="Price store to look at.", show_default=False),
    ] = None,
) -> None:
    """Check this installation: versions, the packaged report, the price store, fonts."""
    checks = [*_packages(), _report(), _calendars(), _store(store), _fonts(), *_extras()]
    if json:
        print_json(checks)
    else:
        width = shutil.get_terminal_size((80, 24)).columns
        for check in checks:
            mark = {"ok": "ok     ", "missing": "MISSING", "optional": "-      "}[check["state"]]
            print(f"{mark}  {check['name']:<20} {check['detail']}"[: max(width, 60)])
    missing = [check["name"] for check in checks if check["state"] == "missing"]
    if missing:
        raise typer.Exit(Exit.NOTHING if missing == ["price store"] else Exit.BAD_INPUT)


def _check(name: str, state: str, detail: str) -> dict[str, str]:
    return {"name": name, "state": state, "detail": detail}


def _packages() -> list[dict[str, str]]:
    from importlib.metadata import PackageNotFoundError, requires, version

    found = [_check("python", "ok", sys.version.split()[0])]
    declared = [one for one in requires(_PROGRAM) or () if "extra ==" not in one]
    for name in (_PROGRAM, *(re.split(r"[^\w.-]", one)[0] for one in declared)):
        try:
            found.append(_check(name, "ok", version(name)))
        except PackageNotFoundError:
            found.append(_check(name, "missing", f"pip install {name}"))
    return found


def _report() -> dict[str, str]:
    from supplychain_screen.errors import ScreenError
    from supplychain_screen.research import load_report

    try:
        report = load_report()
    except ScreenError as error:
        return _check("packaged report", "missing", str(error).splitlines()[0])
    return _check("packaged report", "ok", f"{report.id}, {len(report.mentions)} mentions")


def _calendars() -> dict[str, str]:
    """How far the sessions of the packaged report's exchanges are announced."""
    from supplychain_screen.identity import known_until

    ends = {name: known_until(name) for name in ("XSHG", "XHKG", "XNYS", "XTAI")}
    ended = [f"{name} ends {end}" for name, end in ends.items() if end < today()]
    if ended:
        return _check(
            "calendars",
            "optional",
            f"{', '.join(ended)}: later weekdays provisional, sessions are what prices "
            "show; a newer exchange_calendars may know them",
        )
    first = min(ends.values())
    which = ", ".join(name for name, end in ends.items() if end == first)
    return _check("calendars", "ok", f"sessions announced to {first} ({which}) or later")


def _store(path: str | None) -> dict[str, str]:
    from supplychain_screen.errors import ScreenError
    from supplychain_screen.prices.store import open_prices

    try:
        store = open_prices(path)
        status = store.status()
    except ScreenError as error:
        return _check("price store", "missing", str(error).splitlines()[0])
    serving = int(status["serves"].sum())
    if not serving:
        return _check("price store", "optional", "empty: run 'prices update' to fill it")
    return _check("price store", "ok", f"{serving} listings")


def _fonts() -> dict[str, str]:
    from supplychain_screen.output.charts import cjk_family

    name = cjk_family()
    if name is None:
        return _check(
            "chinese font", "optional", "none found: charts saved as PNG or SVG cannot show Chinese"
        )
    return _check("chinese font", "ok", name)


def _extras() -> list[dict[str, str]]:
    from importlib.util import find_spec

    found = []
    for module, (extra, use) in EXTRAS.items():
        if find_spec(module) is None:
            detail = f"for {use}: pip install 'supplychain-screen[{extra}]'"
            found.append(_check(module, "optional", detail))
        else:
            found.append(_check(module, "ok", use))
    return [*found, _java()]


def _java() -> dict[str, str]:
    home = os.environ.get("JAVA_HOME")
    path = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if path is None:
        where = "JAVA_HOME" if home else "the PATH"
        return _check("java", "optional", f"for Spark: none on {where}; install Java 17 or 21")
    return _check("java", "ok", path)
