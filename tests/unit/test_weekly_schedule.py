"""Templates for schedulers, read back by what would read them."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
import types
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from xml.etree import ElementTree

import jinja2
import pytest
import yaml
from tests.weekly_desks import small_report

from supplychain_screen.errors import InputError
from supplychain_screen.weekly import schedule, schedule_text
from supplychain_screen.weekly.schedule import SCHEDULERS
from supplychain_screen.weekly.week_days import last_completed_week

AWKWARD = PurePosixPath("/srv/the desk/100% & <mine>/it's weekly.toml")


def test_an_unknown_scheduler_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean cron"):
        schedule_text("crom", AWKWARD, "python")


@pytest.mark.parametrize("kind", SCHEDULERS)
@pytest.mark.parametrize("place", ["config", "python", "store"])
@pytest.mark.parametrize("mark", ["\n", "\r", "\x1b", "\u2028", "\u202e", "\x85", "\uffff", "\x00"])
def test_what_cannot_be_seen_is_refused(kind: str, place: str, mark: str) -> None:
    hostile = f"/srv/a{mark}* * * * * touch PWN #.toml"
    given: dict[str, Any] = {"config": "/srv/w.toml", "python": "python", "store": "/srv/prices"}
    given[place] = hostile
    config = PurePosixPath(given.pop("config"))
    with pytest.raises(InputError, match="cannot be seen") as error:
        schedule_text(kind, config, **given)
    assert hostile not in str(error.value)


BRACES = PurePosixPath("/srv/{{ 7 * 7 }} {% raw %} {# x #} ${{ secrets.X }} {{{% }.toml")


def test_airflow_renders_no_braces_of_a_path() -> None:
    text = schedule_text("airflow", BRACES, "python", store=str(BRACES))
    found = {
        keyword.arg: ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("bash_command", "env")
    }
    # As the operator does with both.
    command = jinja2.Template(found["bash_command"]).render()
    assert shlex.split(command.split("; code=")[0])[-2] == str(BRACES)
    store = jinja2.Template(found["env"]["SUPPLYCHAIN_SCREEN_STORE"]).render()
    assert store == str(BRACES)


def test_github_puts_no_secret_into_a_path() -> None:
    workflow = yaml.safe_load(schedule_text("github", BRACES, "python"))
    script = next(
        one["run"] for one in workflow["jobs"]["run"]["steps"] if one.get("name") == "Run the week"
    )
    # Every expression that is left is the literal text of an expression's beginning.
    expressions = re.findall(r"\$\{\{(.*?)\}\}", script)
    assert [one.strip() for one in expressions] == ["'${{'"]
    shown = script.replace("${{ '${{' }}", "${{")
    assert shlex.split(shown.splitlines()[1].split("||")[0])[-1] == BRACES.name


@pytest.mark.parametrize("name", ["%PATH%.toml", '"quoted".toml', "$(Arg0).toml"])
def test_windows_refuses_what_it_would_replace(name: str) -> None:
    with pytest.raises(InputError, match="rename"):
        schedule_text("windows", PureWindowsPath("C:/desk") / name, "python")


@pytest.mark.parametrize(
    ("store", "line"),
    [
        ("/srv/a b", "/srv/a b"),
        (" /srv", '" /srv"'),
        ("'/srv'", "\"'/srv'\""),
        ('"a" ', "'\"a\" '"),
    ],
)
def test_a_crontab_keeps_blanks_and_quotes_of_a_variable(store: str, line: str) -> None:
    text = schedule_text("cron", PurePosixPath("/w.toml"), "python", store=store)
    assert f"\nSUPPLYCHAIN_SCREEN_STORE={line}\n" in text


def test_a_crontab_cannot_say_both_kinds_of_quotes() -> None:
    with pytest.raises(InputError, match="both kinds"):
        schedule_text("cron", PurePosixPath("/w.toml"), "python", store="'a\"")


def test_a_value_that_no_filter_quoted_is_refused() -> None:
    with pytest.raises(TypeError, match="not quoted"):
        schedule._environment().from_string("[[ path ]]").render(path="/srv")


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
