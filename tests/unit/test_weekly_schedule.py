"""Templates for schedulers, read back by what would read them."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess
import sys
import types
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from tests.weekly_desks import small_report

from supplychain_screen.errors import InputError
from supplychain_screen.weekly.schedule import SCHEDULERS, schedule_text
from supplychain_screen.weekly.week_days import last_completed_week

AWKWARD = PurePosixPath("/srv/the desk/100% & <mine>/it's weekly.toml")


def test_an_unknown_scheduler_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean cron"):
        schedule_text("crom", AWKWARD, "python")


@pytest.mark.parametrize("kind", SCHEDULERS)
def test_no_template_names_a_secret(kind: str) -> None:
    text = schedule_text(kind, AWKWARD, "/usr/bin/python3", store="/srv/prices")
    assert "://" not in text.replace("http://schemas.microsoft.com", "")


def test_noon_on_saturday_is_after_every_close_wherever_the_machine_stands() -> None:
    # Saturday 2025-01-11 noon in UTC+14, the earliest there is; winter, when New York is latest.
    earliest = datetime(2025, 1, 10, 22, 0, tzinfo=UTC)
    assert last_completed_week(small_report().instruments, earliest) == date(2025, 1, 10)


def test_cron() -> None:
    text = schedule_text("cron", AWKWARD, "/usr/bin/python3", store="/srv/prices")
    *_, environment, line = text.splitlines()
    assert environment == "SUPPLYCHAIN_SCREEN_STORE=/srv/prices"
    fields, command = line.split(None, 5)[:5], line.split(None, 5)[5]
    assert fields == ["0", "12", "*", "*", "6"]
    # cron ends a command at a bare %, and turns \\% into %; the rest is the shell's.
    assert "%" not in command.replace("\\%", "")
    words = shlex.split(command.replace("\\%", "%"))
    assert words[0] == "/usr/bin/python3"
    assert words[-4:] == ["weekly", "run", str(AWKWARD), "--quiet"]


def test_systemd(tmp_path: Path) -> None:
    config = PurePosixPath("/srv/100% $HOME mine/weekly.toml")
    store = '/srv/100% "ours"'
    text = schedule_text("systemd", config, sys.executable, minutes=20, store=store)
    assert '"/srv/100%% $$HOME mine/weekly.toml"' in text
    assert 'Environment="SUPPLYCHAIN_SCREEN_STORE=/srv/100%% \\"ours\\""' in text
    service, timer = text.split("# --- ")
    timer = "# " + timer
    assert "TimeoutStartSec=30min" in service
    assert "SuccessExitStatus=3 6" in service
    paths = [tmp_path / "supplychain-screen.service", tmp_path / "supplychain-screen.timer"]
    for path, content in zip(paths, (service, timer), strict=True):
        path.write_text(content)
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        assert "OnCalendar=Sat 12:00" in timer
        return
    command = [analyze, "verify", "--man=no", *map(str, paths)]
    verified = subprocess.run(command, capture_output=True, text=True)
    ours = [line for line in verified.stderr.splitlines() if "supplychain-screen" in line]
    assert ours == [], verified.stderr
    calendar = subprocess.run(
        [analyze, "calendar", "Sat 12:00"], capture_output=True, text=True, check=True
    )
    assert "Normalized form: Sat *-*-* 12:00:00" in calendar.stdout


def test_windows() -> None:
    config = PureWindowsPath(r"C:\desk & co\weekly.toml")
    text = schedule_text("windows", config, r"C:\Python\python.exe", store=r"C:\a--b & c")
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = ElementTree.fromstring(text)
    assert task.findtext(".//t:Command", "", space) == r"C:\Python\python.exe"
    arguments = task.findtext(".//t:Arguments", "", space)
    assert arguments == (r'-m supplychain_screen.cli weekly run "C:\desk & co\weekly.toml" --quiet')
    assert r"SUPPLYCHAIN_SCREEN_STORE=C:\a--b & c" in task.findtext(".//t:Description", "", space)
    assert task.find(".//t:DaysOfWeek/t:Saturday", space) is not None
    assert task.findtext(".//t:ExecutionTimeLimit", "", space) == "PT40M"


def test_github() -> None:
    workflow = yaml.safe_load(schedule_text("github", AWKWARD, "python"))
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["schedule"] == [{"cron": "0 12 * * 6"}]
    steps = workflow["jobs"]["run"]["steps"]
    script = next(one["run"] for one in steps if one.get("name") == "Run the week")
    assert shlex.split(script.splitlines()[1].split("||")[0])[-1] == "it's weekly.toml"
    assert workflow["jobs"]["run"]["timeout-minutes"] == 40
    assert steps[-1]["if"] == "always()"


@pytest.mark.parametrize(("code", "passes"), [(0, True), (3, True), (6, True), (2, False)])
def test_the_script_of_github_passes_on_what_is_a_failure(
    tmp_path: Path, code: int, passes: bool
) -> None:
    workflow = yaml.safe_load(schedule_text("github", PurePosixPath("/w.toml"), "python"))
    steps = workflow["jobs"]["run"]["steps"]
    script = next(one["run"] for one in steps if one.get("name") == "Run the week")
    program = tmp_path / "supplychain-screen"
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    # As the service runs it.
    run = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}
    )
    assert run.returncode == (0 if passes else code)


AIRFLOW_2 = ("airflow.operators", "airflow.operators.bash")
AIRFLOW_3 = (
    "airflow.providers",
    "airflow.providers.standard",
    "airflow.providers.standard.operators",
    "airflow.providers.standard.operators.bash",
)


@pytest.mark.parametrize("packages", [AIRFLOW_2, AIRFLOW_3], ids=["Airflow 2", "Airflow 3"])
def test_airflow(monkeypatch: pytest.MonkeyPatch, packages: tuple[str, ...]) -> None:
    text = schedule_text("airflow", AWKWARD, "/usr/bin/python3", store="/srv/prices")
    ast.parse(text)
    made: dict[str, Any] = {}

    class Dag:
        def __init__(self, **options: Any) -> None:
            made["dag"] = options

        def __enter__(self) -> Dag:
            return self

        def __exit__(self, *_: Any) -> None:
            pass

    def operator(**options: Any) -> None:
        made["task"] = options

    for name in ("airflow", *packages):
        module = types.ModuleType(name)
        vars(module).update({"DAG": Dag} if name == "airflow" else {"BashOperator": operator})
        monkeypatch.setitem(sys.modules, name, module)
    exec(compile(text, "dag.py", "exec"), {})
    assert made["dag"]["schedule"] == "0 12 * * 6"
    assert made["task"]["skip_on_exit_code"] == 6
    assert made["task"]["env"] == {"SUPPLYCHAIN_SCREEN_STORE": "/srv/prices"}
    words = shlex.split(made["task"]["bash_command"].split(";")[0])
    assert words[-4:] == ["weekly", "run", str(AWKWARD), "--log-json"]


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 0), (6, 6), (4, 4)])
def test_the_command_of_airflow_keeps_the_codes(code: int, expected: int, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    text = schedule_text("airflow", PurePosixPath("/w.toml"), str(program))
    (command,) = [
        ast.literal_eval(line.partition("=")[2].rstrip(","))
        for line in text.splitlines()
        if line.strip().startswith("bash_command=")
    ]
    assert subprocess.run(["bash", "-c", command]).returncode == expected
