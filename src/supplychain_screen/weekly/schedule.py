"""Templates for schedulers: text to be looked at, then put where the scheduler wants it.

Every one runs at noon on Saturday by its machine's own clock. By then every market has closed for
the week wherever the machine stands: New York's Friday ends at 22:00 UTC at the latest, which is
noon on Saturday in the earliest time zone there is, UTC+14.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final
from xml.sax.saxutils import escape as xml_text

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.research import near_name

__all__ = ["SCHEDULERS", "schedule_text"]


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
        There is no such scheduler.

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
    return SCHEDULERS[kind](config, python, minutes + 10, store)


_MODULE: Final = "supplychain_screen.cli"
_NOTICES: Final = "SUPPLYCHAIN_SCREEN_NOTIFY"


def _cron(config: PurePath, python: str, minutes: float, store: str | None) -> str:  # noqa: ARG001
    # In a crontab an unescaped % ends the command.
    words = shlex.join([python, "-m", _MODULE, "weekly", "run", str(config), "--quiet"])
    lines = [
        "# crontab -e: noon on Saturday, by this machine's clock. Mail goes out where there is",
        "# output, and --quiet leaves nothing but errors. Exit codes: weekly run --help.",
    ]
    if store is not None:
        lines.append(f"SUPPLYCHAIN_SCREEN_STORE={store}")
    return "\n".join([*lines, f"0 12 * * 6  {words}".replace("%", r"\%"), ""])


def _systemd(config: PurePath, python: str, minutes: float, store: str | None) -> str:
    def quoted(word: str) -> str:
        # Inside quotes systemd still expands % everywhere.
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'

    environment = []
    if store is not None:
        environment.append(f"Environment={quoted(f'SUPPLYCHAIN_SCREEN_STORE={store}')}")
    # And $ in a command.
    command = " ".join(
        quoted(word).replace("$", "$$")
        for word in (python, "-m", _MODULE, "weekly", "run", str(config))
    )
    return "\n".join(
        [
            "# Two files; split at the line that starts with ---.",
            "# ~/.config/systemd/user/supplychain-screen.service",
            "[Unit]",
            "Description=Weekly run of supplychain-screen",
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=oneshot",
            f"ExecStart={command}",
            "# 3: published, and marked as partial; 6: nothing had changed.",
            "SuccessExitStatus=3 6",
            f"TimeoutStartSec={minutes:.0f}min",
            "# Addresses of notices, readable by their owner only, go here and nowhere else:",
            "# EnvironmentFile=%h/.config/supplychain-screen/notify.env",
            *environment,
            "",
            "# --- ~/.config/systemd/user/supplychain-screen.timer",
            "# systemctl --user enable --now supplychain-screen.timer",
            "[Unit]",
            "Description=Weekly run of supplychain-screen, noon on Saturday",
            "",
            "[Timer]",
            "OnCalendar=Sat 12:00",
            "# A machine that was off catches up when it starts.",
            "Persistent=true",
            "RandomizedDelaySec=10min",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _windows(config: PurePath, python: str, minutes: float, store: str | None) -> str:
    arguments = f'-m {_MODULE} weekly run "{config}" --quiet'
    # Not in the comment: a path may hold --, which ends one.
    note = "" if store is None else f"; needs SUPPLYCHAIN_SCREEN_STORE={store} for this user"
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- schtasks /Create /TN supplychain-screen /XML this-file.xml -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Weekly run of supplychain-screen{xml_text(note)}</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-03T12:00:00</StartBoundary>
      <Enabled>true</Enabled>
      <ScheduleByWeek>
        <DaysOfWeek><Saturday /></DaysOfWeek>
        <WeeksInterval>1</WeeksInterval>
      </ScheduleByWeek>
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT{minutes:.0f}M</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{xml_text(python)}</Command>
      <Arguments>{xml_text(arguments)}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def _github(config: PurePath, python: str, minutes: float, store: str | None) -> str:  # noqa: ARG001
    return f"""\
# .github/workflows/weekly.yml; the configuration stands in the repository as {config.name}, with
# [archive] folder = "weeks" and [prices] store = "prices": both are kept between the runs.
# The notices' addresses are a secret of the repository.
name: weekly
on:
  schedule:
    - cron: "0 12 * * 6"
  workflow_dispatch: {{}}
permissions:
  contents: write
concurrency:
  group: weekly
  cancel-in-progress: false
jobs:
  run:
    runs-on: ubuntu-latest
    timeout-minutes: {minutes:.0f}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install "supplychain-screen[notify]"
      - name: Run the week
        env:
          {_NOTICES}: ${{{{ secrets.{_NOTICES} }}}}
        run: |
          code=0
          supplychain-screen weekly run {shlex.quote(config.name)} || code=$?
          # 3: published, and marked as partial; 6: nothing had changed.
          case "$code" in 0|3|6) ;; *) exit "$code" ;; esac
      - name: Keep the archive and the prices
        if: always()
        run: |
          git config user.name weekly
          git config user.email weekly@users.noreply.github.com
          git add -A weeks prices
          git diff --cached --quiet || git commit -m "Weekly run"
          git push
"""


def _airflow(config: PurePath, python: str, minutes: float, store: str | None) -> str:
    environment = {} if store is None else {"SUPPLYCHAIN_SCREEN_STORE": store}
    command = shlex.join([python, "-m", _MODULE, "weekly", "run", str(config), "--log-json"])
    return f'''\
"""Weekly run of supplychain-screen: put this file into the folder of DAGs."""

from datetime import datetime, timedelta

from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id="supplychain_screen_weekly",
    schedule="0 12 * * 6",
    start_date=datetime(2026, 1, 3),
    catchup=False,
    max_active_runs=1,
) as dag:
    BashOperator(
        task_id="run",
        # 3: published, and marked as partial. 6: nothing had changed, shown as skipped.
        bash_command={command + "; code=$?; [ $code -eq 3 ] && exit 0; exit $code"!r},
        skip_on_exit_code=6,
        env={environment!r},
        append_env=True,
        execution_timeout=timedelta(minutes={minutes:.0f}),
    )
'''


SCHEDULERS: Final[Mapping[str, Callable[[PurePath, str, float, str | None], str]]] = {
    "cron": _cron,
    "systemd": _systemd,
    "windows": _windows,
    "github": _github,
    "airflow": _airflow,
}
"""What there are templates for."""
