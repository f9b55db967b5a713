"""Panels on disk: the same panel again, or an error that names the file."""

import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from supplychain_screen import PricePanel, open_panel, save_panel, source_fingerprint
from supplychain_screen.errors import StoreError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.panel import panel_from_columns

ARRAYS = ("close", "stamp", "calendar_of", "sessions_through", "listed_day", "delisted_day")


def small_panel(level: float = 10.0) -> PricePanel:
    days = exchange_sessions("XSHG", date(2025, 1, 2), date(2025, 12, 31))
    rows = np.repeat(np.arange(2), days.size)
    closes = level + np.arange(rows.size, dtype=float)
    names = ["XSHG:600000", "INDEX:CSI300"]
    return panel_from_columns(names, rows, np.tile(days, 2), closes, source="test")


@pytest.fixture
def panel() -> PricePanel:
    return small_panel()


def same(one: PricePanel, two: PricePanel) -> bool:
    arrays = all(getattr(one, name).tobytes() == getattr(two, name).tobytes() for name in ARRAYS)
    facts = ("listings", "first_day", "provenance", "simulated")
    return arrays and all(getattr(one, name) == getattr(two, name) for name in facts)


def test_what_is_opened_is_what_was_saved(panel: PricePanel, tmp_path: Path) -> None:
    folder = save_panel(panel, tmp_path / "deep" / "panel")
    found = open_panel(folder, verify=True)
    assert same(found, panel)
    assert isinstance(found.close.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        found.close[0, 0] = 1.0
    assert sorted(path.name.split("-")[0] for path in folder.iterdir()) == sorted(
        [*ARRAYS, "manifest.json"]
    )


def test_a_panel_without_listings_is_saved_too(panel: PricePanel, tmp_path: Path) -> None:
    empty = PricePanel.build([], [], date(2025, 1, 2), date(2025, 1, 9))
    assert same(open_panel(save_panel(empty, tmp_path)), empty)


def test_saving_replaces_and_leaves_open_panels_alone(panel: PricePanel, tmp_path: Path) -> None:
    before = open_panel(save_panel(panel, tmp_path))
    other = small_panel(20.0)
    save_panel(other, tmp_path)
    assert same(before, panel)
    assert same(open_panel(tmp_path), other)
    assert len(list(tmp_path.iterdir())) == 7


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("harm", ["cut", "gone", "other"])
def test_a_damaged_file_is_named(panel: PricePanel, tmp_path: Path, name: str, harm: str) -> None:
    save_panel(panel, tmp_path)
    (file,) = tmp_path.glob(f"{name}-*.npy")
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-5])
    elif harm == "gone":
        file.unlink()
    else:
        np.save(file, np.zeros(3))
    with pytest.raises(StoreError, match=rf"{name}-.*damaged.*save_panel"):
        open_panel(tmp_path)


def test_a_changed_close_is_found_by_its_checksum(panel: PricePanel, tmp_path: Path) -> None:
    save_panel(panel, tmp_path)
    (file,) = tmp_path.glob("close-*.npy")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(StoreError, match=rf"{file.name}: damaged .*checksum.*save_panel"):
        open_panel(tmp_path)
    assert open_panel(tmp_path, verify=False).close.shape == panel.close.shape
    # a panel of an older version has one checksum for all, and it counts
    manifest = tmp_path / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({key: told[key] for key in told if key != "sum"}))
    with pytest.raises(StoreError, match="checksum does not match"):
        open_panel(tmp_path)


def test_no_flip_in_a_saved_panel_is_read_in_silence(panel: PricePanel, tmp_path: Path) -> None:
    save_panel(panel, tmp_path)
    draw, told = random.Random(4), 0
    files = sorted(tmp_path.iterdir())
    for number in range(140):
        file = files[number % len(files)]
        content = file.read_bytes()
        wrong = bytearray(content)
        wrong[draw.randrange(len(wrong))] ^= draw.choice([1 << draw.randrange(8), 0xFF])
        file.write_bytes(wrong)
        try:
            assert same(open_panel(tmp_path), panel), file
        except StoreError:
            told += 1
        finally:
            file.write_bytes(content)
    assert told > 130


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "x"},
        {"arrays": {}},
        {"listings": ["XSHG:600000"]},
        {"listings": ["XSHG:600000", "XSHG:600000"]},
        {"provenance": {}},
        {"first_day": None},
    ],
)
def test_a_damaged_manifest_is_named(
    panel: PricePanel, tmp_path: Path, changes: dict[str, object]
) -> None:
    save_panel(panel, tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))
    with pytest.raises(StoreError, match=r"manifest\.json: damaged"):
        open_panel(tmp_path)
    manifest.write_text("{")
    with pytest.raises(StoreError, match=r"manifest\.json: damaged"):
        open_panel(tmp_path)


def test_a_newer_panel_and_no_panel_are_told_apart(panel: PricePanel, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no saved panel"):
        open_panel(tmp_path)
    save_panel(panel, tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": 99}))
    with pytest.raises(StoreError, match="newer program"):
        open_panel(tmp_path)


def test_a_changed_source_is_noticed(panel: PricePanel, tmp_path: Path) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    (prices / "a.csv").write_text("1")
    now = source_fingerprint(prices)
    save_panel(panel, tmp_path / "panel", fingerprint=now)
    assert same(open_panel(tmp_path / "panel", fingerprint=source_fingerprint(prices)), panel)
    (prices / "b.csv").write_text("2")
    with pytest.raises(StoreError, match="prices changed"):
        open_panel(tmp_path / "panel", fingerprint=source_fingerprint(prices))
    with pytest.raises(StoreError, match="cannot be read"):
        source_fingerprint(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_is_an_error(panel: PricePanel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        save_panel(panel, tmp_path / "file")


def test_opening_and_measuring_import_neither_pandas_nor_pydantic() -> None:
    code = (
        "import sys; import supplychain_screen.prices.panel.saved,"
        " supplychain_screen.scoring.kernel;"
        "print(sorted({'pandas','pydantic','pyarrow','exchange_calendars'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
