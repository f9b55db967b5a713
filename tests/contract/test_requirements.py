"""The locks hold what pyproject.toml asks for, by hash, and name no address."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("base", "dev", "bench")
WANTED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = WANTED["project"]
EXTRAS = {"base": [], "dev": ["dev"], "bench": ["dev", "bench"]}
PIN = re.compile(
    r"^(?P<requirement>[\w.-]+==[^\s;]+(?: ; [^\\]+?)?) \\\n(?P<hashes>(?: {4}--hash.*\n)+)", re.M
)


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, dict[str, str]]:
    """Hashes by pinned requirement, by distribution: one may have a version a Python."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for match in PIN.finditer(lock(name)):
        pin = Requirement(match["requirement"])
        found[canonicalize_name(pin.name)][str(pin)] = match["hashes"]
    return found


def asked(name: str) -> list[Requirement]:
    """Direct requirements of a lock, with those of the extras that an extra names."""
    lines = [*PROJECT["dependencies"], *WANTED["build-system"]["requires"]]
    lines += WANTED["dependency-groups"]["build"]
    extras = list(EXTRAS[name])
    while extras:
        for line in PROJECT["optional-dependencies"][extras.pop()]:
            requirement = Requirement(line)
            if requirement.name == PROJECT["name"]:
                extras += requirement.extras
            else:
                lines.append(line)
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_every_direct_requirement_is_locked_as_asked(name: str) -> None:
    locked = pins(name)
    assert len(asked(name)) > 10
    wrong = [
        f"{requirement} is {pin or 'not there'}: run 'make lock'"
        for requirement in asked(name)
        for pin in locked.get(canonicalize_name(requirement.name), {"": ""})
        if not pin
        or not requirement.specifier.contains(*[one.version for one in Requirement(pin).specifier])
    ]
    assert wrong == []


@pytest.mark.parametrize("name", [*LOCKS, "uv"])
def test_every_line_is_a_pin_or_its_hash(name: str) -> None:
    """So none names an address, an option, or a file that only one machine has."""
    rest = PIN.sub("", lock(name))
    assert rest == ""
    hashes = re.findall(r"--hash=(\S+)", lock(name))
    assert hashes
    assert [one for one in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", one)] == []


def test_the_locks_agree_where_they_overlap() -> None:
    """``make test`` after ``make report`` adds packages and changes none."""
    for less, more in (("base", "dev"), ("dev", "bench")):
        smaller, larger = pins(less), pins(more)
        for distribution, pinned in smaller.items():
            versions = {pin.partition(";")[0]: hashes for pin, hashes in pinned.items()}
            found = {pin.partition(";")[0]: hashes for pin, hashes in larger[distribution].items()}
            assert versions.items() <= found.items(), distribution


def test_the_installer_prefers_uv_and_falls_back_to_pip(tmp_path: Path) -> None:
    """Run as a user would, with an interpreter that writes down what it is told to run."""
    told = tmp_path / "told"
    code = f"""
import pathlib, runpy, subprocess, sys
def run(command, **options):
    with pathlib.Path({str(told)!r}).open("a") as file:
        print(*command[1:5], file=file)
    fails = "uv.txt" in " ".join(command) and {{fails}}
    return subprocess.CompletedProcess(command, int(fails), stdout="global.index-url='x'")
subprocess.run = run
sys.base_prefix = "elsewhere"
sys.argv = ["install.py", "dev"]
runpy.run_path({str(ROOT / "requirements" / "install.py")!r}, run_name="__main__")
"""
    for fails, installers in ((False, "pip pip uv uv"), (True, "pip pip pip")):
        told.unlink(missing_ok=True)
        child = subprocess.run(
            [sys.executable, "-c", code.replace("{fails}", str(fails))],
            capture_output=True,
            text=True,
            env=os.environ,
        )
        assert child.returncode == 0, child.stderr
        assert ("pip installs the same files" in child.stdout) is fails
        assert " ".join(line.split()[1] for line in told.read_text().splitlines()) == installers
