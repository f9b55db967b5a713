"""The words of ``--prices`` and the sources they mean."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supplychain_screen.errors import InputError
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.prices.sources.open import open_source
from supplychain_screen.prices.sources.simulated import SimulatedSource


def test_simulated_takes_its_seed() -> None:
    assert open_source("simulated", seed=7) == SimulatedSource(7)


def test_a_path_is_a_file_with_what_its_user_states(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.touch()
    source = open_source(str(file), adjustment="splits", close="last", total_close=None)
    assert source == FileSource(str(file), adjustment="splits", close="last", total_close=None)
    assert open_source(tmp_path) == FileSource(tmp_path)


def test_a_file_named_as_a_source_is_reached_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("simulated").mkdir()
    assert open_source("simulated").simulated
    assert not open_source("./simulated").simulated


@pytest.mark.parametrize(
    ("spec", "near"),
    [("yaho", "did you mean yahoo?"), ("Simulated", "did you mean simulated?"), ("no/such.csv", ""),
     ("", "")],
)  # fmt: skip
def test_anything_else_names_the_choices(spec: str, near: str) -> None:
    with pytest.raises(InputError, match="no such price source, and no such file") as caught:
        open_source(spec)
    (problem,) = caught.value.problems
    assert problem.value == spec
    assert near in problem.remedy
    assert "ive yahoo, simulated, store, or the path of a price file" in problem.remedy


def test_yahoo_needs_the_time_and_asks_nothing_yet() -> None:
    with pytest.raises(InputError, match="yahoo needs to know the time"):
        open_source("yahoo")
    source = open_source("yahoo", now=lambda: datetime(2025, 1, 2, tzinfo=UTC))
    assert not source.simulated


def test_the_store_lies_where_it_is_said_to(tmp_path: Path) -> None:
    assert not open_source("store", store=tmp_path / "history").simulated


def test_files_and_simulated_prices_load_no_client_of_the_network() -> None:
    program = (
        "import sys\n"
        "from supplychain_screen.prices.sources.open import open_source\n"
        "open_source('simulated'), open_source('.')\n"
        "print(sorted({'yfinance', 'deltalake', 'requests', 'curl_cffi', 'pyarrow'} "
        "& set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
