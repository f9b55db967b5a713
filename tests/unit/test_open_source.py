"""The words of ``--prices`` and the sources they mean."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supplychain_screen import SimulatedSource, open_source
from supplychain_screen.errors import InputError, MissingExtraError
from supplychain_screen.prices.sources.files import FileSource

NOW = datetime(2025, 1, 2, tzinfo=UTC)


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
    # an empty folder is nobody's prices
    assert open_source("simulated").simulated
    assert not open_source("./simulated").simulated
    Path("simulated", "prices.csv").touch()
    assert open_source("simulated") == FileSource("simulated")
    Path("yahoo").touch()
    assert open_source("yahoo") == FileSource("yahoo")


@pytest.mark.parametrize(
    ("spec", "near"),
    [
        ("yaho", "did you mean yahoo?"),
        ("Simulated", "did you mean simulated?"),
        ("no/such.csv", ""),
        ("", ""),
    ],
)
def test_anything_else_names_the_choices(spec: str, near: str) -> None:
    with pytest.raises(InputError, match="no such price source, and no such file") as caught:
        open_source(spec)
    (problem,) = caught.value.problems
    assert problem.value == spec
    assert near in problem.remedy
    assert "ive yahoo, akshare, simulated, store, or the path of a price file" in problem.remedy


@pytest.mark.parametrize("word", ["yahoo", "akshare"])
def test_who_fetches_needs_the_time_and_asks_nothing_yet(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    with pytest.raises(InputError, match=f"{word} needs to know the time"):
        open_source(word)
    source = open_source(word, now=lambda: NOW, on_progress=lambda *_: None)
    assert (source.name, source.simulated) == (word, False)


def test_akshare_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'pip install "supplychain-screen\[akshare\]"'):
        open_source("akshare", now=lambda: NOW)


def test_the_store_lies_where_it_is_said_to(tmp_path: Path) -> None:
    assert not open_source("store", store=tmp_path / "history").simulated


def test_files_and_simulated_prices_load_no_client_of_the_network() -> None:
    program = (
        "import sys\n"
        "from supplychain_screen.prices.opening import open_source\n"
        "open_source('simulated'), open_source('.')\n"
        "print(sorted({'yfinance', 'deltalake', 'requests', 'curl_cffi', 'pyarrow'} "
        "& set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
