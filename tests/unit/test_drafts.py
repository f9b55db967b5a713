"""Drafts that killed processes left are taken away, and nothing else is."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import pytest

from supplychain_screen import load_report, save_report
from supplychain_screen.drafts import draft, sweep
from supplychain_screen.output import write_file
from supplychain_screen.weekly import write_example


def leave(folder: Path) -> None:
    """What a killed process leaves: a file and a folder that nobody holds."""
    (folder / ".supplychain-screen-0123456789ab.part").write_bytes(b"half")
    (folder / ".supplychain-screen-ba9876543210.part").mkdir()
    (folder / ".supplychain-screen-ba9876543210.part" / "report.toml").write_bytes(b"half")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_next_writer_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    leave(tmp_path)
    write_file(tmp_path / "page.html", b"whole")
    assert names(tmp_path) == {"page.html"}
    leave(tmp_path)
    save_report(load_report(), tmp_path / "report")
    assert names(tmp_path) == {"page.html", "report"}
    leave(tmp_path)
    write_example(tmp_path / "weekly.toml")
    assert names(tmp_path) == {"page.html", "report", "weekly.toml"}


def test_what_somebody_writes_or_calls_alike_stays(tmp_path: Path) -> None:
    (tmp_path / ".notes.part").write_bytes(b"mine")
    (tmp_path / "0123456789ab.part").write_bytes(b"mine")
    (tmp_path / ".0123456789ab.part").mkdir()
    os.mkfifo(tmp_path / ".supplychain-screen-aaaaaaaaaaaa.part")
    (tmp_path / ".supplychain-screen-fedcba987654.part").symlink_to(tmp_path / ".notes.part")
    mine = names(tmp_path)
    with draft(tmp_path) as one, draft(tmp_path, folder=True) as other:
        (other / "file").write_bytes(b"written")
        sweep(tmp_path)
        assert names(tmp_path) == {*mine, one.name, other.name}
        assert (other / "file").read_bytes() == b"written"
    assert names(tmp_path) == mine
    assert (tmp_path / ".notes.part").read_bytes() == b"mine"


def test_a_draft_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access, seen = os.access, []

    def swept_meanwhile(path: Path, mode: int) -> bool:
        if not seen:
            sweep(tmp_path)
        seen.append(path)
        return access(path, mode)

    monkeypatch.setattr(os, "access", swept_meanwhile)
    with draft(tmp_path) as one:
        assert one.exists()
        assert one == seen[1]


def test_a_draft_that_another_sweeps_at_this_moment_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, sweeping = fcntl.flock, []

    def held(handle: int, how: int) -> None:
        if not sweeping:
            (there,) = tmp_path.iterdir()
            sweeping.append(there)
            raise BlockingIOError
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", held)
    with draft(tmp_path, folder=True) as one:
        assert one not in sweeping
        sweep(tmp_path)
        assert names(tmp_path) == {one.name}


def test_a_renamed_draft_is_no_draft_any_more(tmp_path: Path) -> None:
    with draft(tmp_path, folder=True) as one:
        (one / "file").write_bytes(b"written")
        one.rename(tmp_path / "whole")
    assert (tmp_path / "whole" / "file").read_bytes() == b"written"


def test_a_file_is_written_under_an_umask_that_keeps_it_from_its_own_user() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o777)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if os.geteuid() == 0:  # whom no mode keeps out
                    os.setuid(65_534)
                os.umask(0o777)
                write_file(place / "page.html", b"whole")
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert names(place) == {"page.html"}
        (place / "page.html").chmod(0o600)
        assert (place / "page.html").read_bytes() == b"whole"
