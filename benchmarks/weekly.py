"""How long the weekly desk takes for every week since 2025: 57 Fridays, three publication dates.

    python benchmarks/weekly.py

All of it through the command line, each step a process of its own: the prices into a fresh store,
the replay of all weeks (results, pages, explained changes, manifests, index), and the same replay
again, which has nothing to do. Beside them one process that screens the same dates anew from the
same store and writes nothing: what the weeks cost without a desk around them.

The real prices are those of the folder that SUPPLYCHAIN_SCREEN_MARKET_DATA names; where it is not
set, SIMULATED ones stand in. Fails (exit code 1) where the replay takes 60 seconds or more, a
step fails, or a week is missing.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

MARKET_DATA = "SUPPLYCHAIN_SCREEN_MARKET_DATA"
LIMIT_SECONDS = 60.0
FIRST, LAST = "2025-01-03", "2026-01-30"
WEEKS, SCREENS = 57, 57 + 57 + 35
PUBLISHED = {"november": "2024-11-28", "december": "2024-12-31", "june": "2025-06-05"}

_FRESH = """
import sys
from datetime import date
from supplychain_screen.prices.store.price_store import PriceStore
from supplychain_screen.research.report import load_report
from supplychain_screen.screening.screening import screen
from supplychain_screen.weekly.week_days import fridays
report, prices = load_report(), PriceStore(sys.argv[1])
first, last, *published = map(date.fromisoformat, sys.argv[2:])
pairs = [(day, as_of) for as_of in fridays(first, last) for day in published if day <= as_of]
for day, as_of in pairs:
    screen(report, day, as_of, prices=prices).to_json()
print(len(pairs))
"""


@dataclass(frozen=True)
class Step:
    """One process: wall and user seconds, exit code, what it printed."""

    wall: float
    user: float
    code: int
    said: str


def step(*words: str) -> Step:
    """Run Python with these arguments to its end."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Step(time.perf_counter() - start, used.ru_utime, child.returncode, said.strip())


def desk(folder: Path, archive: str, source: str) -> Path:
    """A configuration of the three publication dates."""
    screens = "".join(
        f'[[screens]]\nname = "{name}"\npublished = {day}\n' for name, day in PUBLISHED.items()
    )
    path = folder / f"{archive}.toml"
    path.write_text(
        f'[archive]\nfolder = "{archive}"\n[prices]\nstore = "store"\nsource = "{source}"\n'
        + screens,
        encoding="utf-8",
    )
    return path


def filled(folder: Path, cli: tuple[str, ...]) -> Step:
    """The store with the prices of every week in it."""
    data = os.environ.get(MARKET_DATA)
    if data is None:
        print(f"{MARKET_DATA} is not set: SIMULATED prices, and no claim about real weeks")
        return step(*cli, "weekly", "run", str(desk(folder, "filling", "simulated")))
    file = str(Path(data) / "prices.csv.gz")
    # The suspensions of the real listings are known gaps.
    return step(
        *cli, "prices", "import", file, "--store", str(folder / "store"), "--allow-gaps", "--json"
    )


def main() -> int:
    """Measure, print, judge."""
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    cli = ("-m", "supplychain_screen.cli")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        span = ("--since", FIRST, "--as-of", LAST)
        prices = filled(folder, cli)
        config = desk(folder, "weeks", "none")
        run = (*cli, "weekly", "run", str(config), *span)
        replay = step(*run, "--known-on", "now")
        again = step(*run)
        fresh = step("-c", _FRESH, str(folder / "store"), FIRST, LAST, *PUBLISHED.values())
        weeks = len(list((folder / "weeks").glob("20*")))
    steps = (
        ("prices into the store", prices, 0),
        (f"replay of {weeks} weeks, {SCREENS} screens", replay, 0),
        ("the same replay again, nothing changed", again, 6),
        (f"{fresh.said} fresh screens, nothing written", fresh, 0),
    )
    failed = []
    for what, one, expected in steps:
        print(f"{one.wall:6.1f} s wall {one.user:6.1f} s user  {what}")
        if one.code != expected:
            failed.append(f"{what}: exit code {one.code}: {one.said[-500:]}")
    print(f"limit of the replay: {LIMIT_SECONDS:.0f} s wall")
    if replay.wall >= LIMIT_SECONDS:
        failed.append(f"too slow: {replay.wall:.1f} s")
    if weeks != WEEKS:
        failed.append(f"{weeks} weeks instead of {WEEKS}")
    for one in failed:
        print(one)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
