"""What nobody means to write is one clear error: too deep, too long, too wide, no file at all."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from supplychain_screen import load_report, open_prices, save_report
from supplychain_screen.errors import ArchiveError, ConfigError, InputError, OutputError
from supplychain_screen.output import write_file
from supplychain_screen.prices.sources.files import (
    MAX_BYTES,
    FileSource,
    read_layout,
    tables_of_file,
)
from supplychain_screen.research import new_report, validate_report
from supplychain_screen.weekly import damage, load_config, read_week
from supplychain_screen.weekly.manifest import _OWN_HASH, digest, read_manifest

FIRST, LAST = date(2025, 1, 1), date(2025, 1, 28)
DEEP = {
    "brackets": ("x = " + "[" * 20_000 + "]" * 20_000, "nested too deeply"),
    "an open bracket": ("x = " + "[" * 100_000, "nested too deeply"),
    "tables": ("x = " + "{a=" * 50_000, "nested too deeply"),
    # Each part of a key costs what all the parts before it cost.
    "a dotted key": ("a." * 100_000 + "b = 1", "more than 64 parts"),
    "a number": ("x = " + "9" * 5_000, "4300"),
}


@pytest.mark.parametrize("kind", list(DEEP))
def test_toml_that_is_too_deep(tmp_path: Path, kind: str) -> None:
    text, said = DEEP[kind]
    file = tmp_path / "weekly.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_config(file)
    report = save_report(load_report(), tmp_path / "report") / "report.toml"
    report.write_text(report.read_text("utf-8") + "\n" + text, "utf-8")
    assert [said in str(one) for one in validate_report(report.parent)] == [True]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="a pipe or a device"):
        load_config(tmp_path / "pipe")
    folder = save_report(load_report(), tmp_path / "report")
    (folder / "suppliers.csv").unlink()
    os.mkfifo(folder / "suppliers.csv")
    assert "a pipe or a device" in str(validate_report(folder)[0])


def test_a_table_of_commas(tmp_path: Path) -> None:
    folder = save_report(load_report(), tmp_path / "report")
    (folder / "listings.csv").write_text(",,\n,,", "utf-8")
    assert "listings.csv: the file has no cell" in str(validate_report(folder)[0])


def test_names_that_are_too_long(tmp_path: Path) -> None:
    long = "x" * 300
    assert "too long" in str(validate_report(long)[0])
    with pytest.raises(OutputError, match="too long"):
        new_report(tmp_path / long)
    with pytest.raises(OutputError, match="too long"):
        write_file(tmp_path / long, b"")
    with pytest.raises(InputError, match="has no name"):
        open_prices("")


@pytest.mark.parametrize(
    "content",
    ['{"schema_version":1,"x":NaN}', '{"schema_version":1,"x":"\\ud800"}', "[" * 100_000, "[]"],
)
def test_a_manifest_that_has_no_hash(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(ArchiveError, match=r"no JSON|no manifest"):
        read_manifest(tmp_path)


def test_a_header_of_300_000_symbols_and_a_quotation_mark_that_stays_open(tmp_path: Path) -> None:
    wide, open_ = tmp_path / "wide.csv", tmp_path / "open.csv"
    wide.write_text("date," + ",".join(f"{i:06d}.SS" for i in range(300_000)), "utf-8")
    (table,) = tables_of_file(wide, "wide.csv", MAX_BYTES)
    with pytest.raises(InputError, match="300,001 columns"):
        read_layout(table, close=None, total=None)
    open_.write_text('symbol,date,close\nQCOM,2025-01-02,1\n"' + "a,b\n" * 50_000, "utf-8")
    with pytest.raises(InputError, match="quotation mark"):
        FileSource(open_).load(load_report().instruments, FIRST, LAST, "price")


def test_who_may_read_a_new_report_is_for_the_umask_to_say(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        place = new_report(tmp_path / "report")
    finally:
        os.umask(before)
    assert place.stat().st_mode & 0o777 == 0o700


def test_files_that_nobody_of_this_program_put_into_a_week(tmp_path: Path) -> None:
    week = _week(tmp_path / "2026-01-09")
    assert damage(read_week(week)) == []
    (week / ".DS_Store").touch()
    (week / "evil.html").touch()
    told = damage(read_week(week))
    assert told == ["2026-01-09/evil.html is no file of this week"]
    (week / "evil.html").unlink()
    shutil.copy(week / "page.html", tmp_path / "copy")
    (week / "page.html").unlink()
    (week / "page.html").symlink_to("../copy")
    assert damage(read_week(week)) == ["2026-01-09/page.html was changed after it was written"]


def _week(folder: Path) -> Path:
    """A week of one page and no screens."""
    folder.mkdir()
    (folder / "page.html").write_bytes(b"page")
    content = {
        "schema_version": 1,
        "as_of": "2026-01-09",
        "revision": 1,
        "revises": None,
        "because": [],
        "previous": None,
        "known_on": "2026-01-10T00:00:00Z",
        "backfilled": False,
        "partial": [],
        "unserved": [],
        "languages": ["zh"],
        "formats": ["page"],
        "colours": "china",
        "versions": {},
        "screens": [],
        "inputs": {},
        "outputs": {"page.html": digest(b"page")},
    }
    (folder / "manifest.json").write_text(
        json.dumps(content | {_OWN_HASH: digest(content)}), "utf-8"
    )
    return folder
