"""What it takes to start: ``--help`` and the import, beside Python alone and beside pandas.

    python benchmarks/startup.py [--rounds 15] [--json FILE]

Every contender is a process of its own, and they take turns. Printed are medians of the processor
time of a process, user and system, and its ratio to that of ``python -c pass`` and of
``import pandas``: ratios stay where they are on a slow machine or a busy one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

CONTENDERS = {
    "python -c pass": ["-c", "pass"],
    "import typer": ["-c", "import typer"],
    "supplychain-screen --help": ["-m", "supplychain_screen.cli", "--help"],
    "import supplychain_screen": ["-c", "import supplychain_screen"],
    "import pandas": ["-c", "import pandas"],
    "the first use of screen": ["-c", "from supplychain_screen import screen"],
}


def seconds(arguments: list[str]) -> float:
    """Processor time of one process."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    for arguments in CONTENDERS.values():  # once for the bytecode
        seconds(arguments)
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(asked.rounds):
        for name, arguments in CONTENDERS.items():
            times[name].append(seconds(arguments))
    typical = {name: median(values) for name, values in times.items()}
    print(f"{'':28}{'ms':>8}{'of Python':>12}{'of pandas':>12}")
    for name, value in typical.items():
        of_python = value / typical["python -c pass"]
        of_pandas = value / typical["import pandas"]
        print(f"{name:28}{value * 1e3:8.0f}{of_python:12.2f}{of_pandas:12.2f}")
    if asked.json:
        asked.json.write_text(json.dumps(typical, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
