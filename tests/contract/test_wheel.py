"""The wheel that users install carries the data and the types, and works away from the tree."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of a fresh environment that holds the wheel, and our dependencies behind it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    site = next(folder.glob("lib/python3*/site-packages"))
    # The path is added, its own .pth files are not read: the editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += ["--no-deps", "--ignore-installed", str(wheel)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return python


def run(python: Path, code: str, cwd: Path) -> str:
    child = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, cwd=cwd)
    assert child.returncode == 0, child.stderr
    return child.stdout.strip()


def test_the_wheel_holds_data_types_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("py.typed", "data/suppliers.csv", "data/listings.csv", "data/report.toml"):
        assert f"supplychain_screen/{name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def test_the_wheel_holds_every_file_of_the_tree(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    here = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    data = (path for path in (ROOT / "data").rglob("*") if path.is_file())
    here |= {f"supplychain_screen/{path.relative_to(ROOT).as_posix()}" for path in data}
    assert here - names == set()


def test_the_installed_wheel_is_not_the_working_tree(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "import supplychain_screen as s; print(s.__file__)", tmp_path)
    assert Path(where).is_relative_to(installed.parents[1])


def test_the_installed_wheel_loads_the_packaged_report(installed: Path, tmp_path: Path) -> None:
    code = (
        "import supplychain_screen as s\n"
        "report = s.load_report()\n"
        "companies = {mention.company for mention in report.mentions}\n"
        "print(len(report.mentions), len(report.segments), len(companies))"
    )
    assert run(installed, code, tmp_path) == "36 11 35"


def test_the_installed_command_answers(installed: Path, tmp_path: Path) -> None:
    command = installed.parent / "supplychain-screen"
    child = subprocess.run([str(command), "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert child.returncode == 0, child.stderr
    assert "screen" in child.stdout
