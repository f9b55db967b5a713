"""The example notebooks and scripts, run as a reader runs them: in a kernel, offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert {"first_screen.ipynb", "own_report.ipynb"} <= set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs(name: str) -> None:
    """An output in the repository grows old unseen, and may hold prices nobody may pass on."""
    book = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_from_top_to_bottom(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    book = nbformat.read(EXAMPLES / name, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        book,
        # A slow machine is no fault of the notebook.
        timeout=None,
        startup_timeout=3_600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    assert outputs
    said = [out for out in outputs if out.output_type == "stream" and out.name == "stderr"]
    assert said == []
    assert any("SIMULATED" in str(_html(out)) for out in outputs)


def _html(output: Any) -> str:
    return str(output.get("data", {}).get("text/html", ""))


@pytest.mark.slow
def test_the_script_prints_a_table_and_writes_its_files(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "first_screen.py"), "--prices", "simulated"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in done.stdout
    assert "乐鑫科技" in done.stdout
    assert (tmp_path / "first_screen" / "page.html").is_file()
    assert (tmp_path / "first_screen" / "book.xlsx").is_file()
