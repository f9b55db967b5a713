"""A weekly run as a scheduler starts it, but with the clock given: the command line's is real.

``python -m tests.integration.weekly_child CONFIG NOW [since=DAY] [as_of=DAY]`` makes one run;
without arguments it is a server of forks (see ``tests.kills``) that makes many.
"""

from __future__ import annotations

import sys
from datetime import date, datetime

from tests.kills import serve

from supplychain_screen import load_config, run_weeks
from supplychain_screen.cli.terminal import code_of
from supplychain_screen.errors import ScreenError


def run(config: str, now: str, *words: str) -> int:
    """Make the weeks, say what came of it, give the command line's code."""
    days = {name: date.fromisoformat(day) for name, day in (one.split("=") for one in words)}
    try:
        result = run_weeks(load_config(config), lambda: datetime.fromisoformat(now), **days)
    except ScreenError as error:
        print(type(error).__name__, error, flush=True)
        return int(code_of(error))
    print(result.outcome, flush=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(run(*sys.argv[1:]))
    # imported once and before the fork; nothing is opened yet, since threads do not survive it
    import deltalake
    import deltalake.fs  # noqa: F401
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    serve(run)
