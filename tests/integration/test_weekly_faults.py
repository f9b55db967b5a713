"""Killed, run twice, out of space, locked out: never a half week, never a lost or changed one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.kills import KILLED, ForkServer
from tests.weekly_desks import Clock, Market, Vendor, tree, write_desk

from supplychain_screen import load_config, run_weeks
from supplychain_screen.errors import ArchiveError, LockedError, OutputError, StoreError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly import damage
from supplychain_screen.weekly.archive import read_weeks
from supplychain_screen.weekly.lock import exclusive
from supplychain_screen.weekly.manifest import MANIFEST, digest

pytestmark = pytest.mark.slow

FRIDAYS = [date(2025, 1, 10) + timedelta(days=7 * n) for n in range(12)]


def start(config: Path, *words: str) -> subprocess.Popen[str]:
    """A run in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.weekly_child", str(config), *words],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose store knows every week, each since the Saturday after it."""
    folder = tmp_path_factory.mktemp("desk")
    write_desk(folder)
    store, market, clock = PriceStore(folder / "store"), Market(), Clock("2025-01-11T12:00")
    for friday in FRIDAYS:
        market.fill(store, clock.weekend_after(friday))
    return folder


@pytest.fixture
def config(filled: Path, tmp_path: Path) -> Path:
    """A copy of that desk."""
    return Path(shutil.copytree(filled, tmp_path / "desk")) / "weekly.toml"


def assert_sound(archive: Path, known: dict[str, bytes]) -> set[str]:
    """Every week is whole, and no file that was there has changed; names of the weeks."""
    now = {}
    for week in read_weeks(archive):
        assert damage(week) == []
        now |= {f"{week.folder.name}/{name}": data for name, data in tree(week.folder).items()}
    lost = {name for name, data in known.items() if now.get(name) != data}
    assert lost == set()
    known.update(now)
    return {name.partition("/")[0] for name in now}


NOW = "2025-06-01T12:00:00+00:00"
SPAN = (NOW, f"since={FRIDAYS[0]}", f"as_of={FRIDAYS[-1]}")


@pytest.fixture(scope="module")
def runs() -> Iterator[ForkServer]:
    server = ForkServer("tests.integration.weekly_child")
    yield server
    server.close()


def assert_mended(archive: Path, known: dict[str, bytes]) -> None:
    """The lock died with its holders, leftovers are cleaned, and every week is there."""
    assert assert_sound(archive, known) == {str(day) for day in FRIDAYS}
    assert [one.name for one in archive.iterdir() if one.name.startswith(".")] == [".lock"]
    assert (archive / "latest").readlink() == Path(str(FRIDAYS[-1]))


@pytest.mark.parametrize("stride", [41, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_before_any_change_leaves_every_week_whole(
    runs: ForkServer, config: Path, tmp_path: Path, stride: int
) -> None:
    archive = config.parent / "weeks"
    first, second = (f"as_of={day}" for day in FRIDAYS[:2])
    assert runs.run(config, NOW, first)[0] == 0
    known: dict[str, bytes] = {}
    assert_sound(archive, known)
    shutil.copytree(archive, tmp_path / "before", symlinks=True)
    change, code, there = 1, -signal.SIGKILL, []
    while code:
        shutil.rmtree(archive)
        shutil.copytree(tmp_path / "before", archive, symlinks=True)
        code, said = runs.run(config, NOW, second, change=change)
        assert code in (-signal.SIGKILL, 0), said
        there.append(len(assert_sound(archive, dict(known))))
        change += stride
    # Published in one step, late among the many.
    assert there == sorted(there)
    assert (there[0], there[-1]) == (1, 2)
    assert len(there) * stride > 20
    # And from what the last kill but one has left, the rest gets done.
    shutil.rmtree(archive)
    shutil.copytree(tmp_path / "before", archive, symlinks=True)
    assert runs.run(config, NOW, second, change=change - 2 * stride)[0] == -signal.SIGKILL
    assert runs.run(config, *SPAN)[0] == 0
    assert_mended(archive, known)


def test_a_hundred_kills_on_the_way_through_twelve_weeks(runs: ForkServer, config: Path) -> None:
    """Every other one inside a write, whose file is left half-written."""
    archive = config.parent / "weeks"
    known: dict[str, bytes] = {}
    chance = random.Random(6)
    killed, seen = 0, 0
    for kill in range(100):
        if kill % 20 == 19:
            # From the start again, or the archive would be full after a few.
            archive.rename(config.parent / f"weeks-{kill}")
            known.clear()
        how = {"change": chance.randint(1, 90)}
        if kill % 2:
            how["size"] = chance.randint(1, 20_000)
        code, said = runs.run(config, *SPAN, **how)
        assert code in KILLED | {0}, said
        killed += code != 0
        if archive.exists():
            seen = max(seen, len(assert_sound(archive, known)))
    assert killed >= 60
    assert seen >= 2
    assert runs.run(config, *SPAN)[0] == 0
    assert_mended(archive, known)


def test_two_at_once_make_every_week_once(config: Path) -> None:
    three = (*SPAN[:2], f"as_of={FRIDAYS[2]}")
    children = [start(config, *three) for _ in range(2)]
    said = [child.communicate()[0] for child in children]
    codes = sorted(child.returncode for child in children)
    # Whoever came second was turned away; where it came after the first, it found nothing to do.
    assert codes in ([0, 5], [0, 0])
    if codes == [0, 5]:
        assert any("LockedError" in one and "another run holds" in one for one in said)
    assert assert_sound(config.parent / "weeks", {}) == {str(day) for day in FRIDAYS[:3]}


def test_a_lock_is_held_while_its_holder_lives_and_no_longer(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from supplychain_screen.weekly.lock import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    who = rf"process {holder.pid} on {socket.gethostname()}, since \d{{4}}-\d\d-\d\d [\d:]+ UTC"
    with pytest.raises(LockedError, match=who), exclusive(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with exclusive(tmp_path):
        pass


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that refuses locks, as some network shares do."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("without_locks")
def test_the_lock_where_a_file_system_has_none(tmp_path: Path) -> None:
    ours = f"process {os.getpid()} on .*power cut, delete .*lock-file"
    with exclusive(tmp_path), pytest.raises(LockedError, match=ours), exclusive(tmp_path):
        pass
    # Nothing stays behind that would stop the next.
    with exclusive(tmp_path):
        pass


@pytest.mark.usefixtures("without_locks")
def test_where_a_file_system_has_none_a_dead_holder_is_followed(tmp_path: Path) -> None:
    script = (
        "import errno, fcntl, os, pathlib, sys\n"
        "def refuse(*_): raise OSError(errno.ENOLCK, 'none')\n"
        "fcntl.flock = refuse\n"
        "from supplychain_screen.weekly.lock import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read(); os._exit(9)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LockedError, match=f"process {holder.pid} on"), exclusive(tmp_path):
        pass
    holder.communicate("")
    assert (tmp_path / ".lock-file").exists()
    with exclusive(tmp_path):
        pass
    assert {one.name for one in tmp_path.iterdir()} <= {".lock"}


@pytest.mark.usefixtures("without_locks")
def test_where_a_file_system_has_none_a_holder_elsewhere_stays(tmp_path: Path) -> None:
    """Whether a process of another machine still runs cannot be known from here."""
    (tmp_path / ".lock-file").write_text("1\nanother-machine\n")
    with pytest.raises(LockedError, match="if that process is gone"), exclusive(tmp_path):
        pass


@pytest.mark.parametrize("name", [".lock", ".lock-file", ".lock-holder"])
def test_a_lock_that_is_a_link_leaves_its_target_alone(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if name == ".lock-file":
        request.getfixturevalue("without_locks")
    precious, archive = tmp_path / "precious", tmp_path / "weeks"
    precious.write_text("worth keeping")
    archive.mkdir()
    (archive / name).symlink_to(precious)
    if name == ".lock-holder":  # it is replaced, not written through
        with exclusive(archive), pytest.raises(LockedError, match="process"), exclusive(archive):
            pass
    else:
        with pytest.raises(OutputError, match="is a link"), exclusive(archive):
            pass
    assert precious.read_text() == "worth keeping"


@pytest.mark.parametrize(
    "size", [500, *(pytest.param(size, marks=pytest.mark.slow) for size in (0, 4_000, 30_000))]
)
def test_a_full_disk_publishes_nothing_and_loses_nothing(
    runs: ForkServer, config: Path, size: int
) -> None:
    archive = config.parent / "weeks"
    assert runs.run(config, NOW, f"as_of={FRIDAYS[0]}")[0] == 0
    known: dict[str, bytes] = {}
    assert_sound(archive, known)
    index = (archive / "index.html").read_bytes()
    config.write_text(config.read_text().replace("formats = []", 'formats = ["page"]'))
    code, said = runs.run(config, NOW, f"as_of={FRIDAYS[1]}", full=size)
    assert code == 4, said
    assert any("OutputError" in line and "cannot write" in line for line in said)
    assert assert_sound(archive, known) == {str(FRIDAYS[0])}
    assert (archive / "index.html").read_bytes() == index
    assert not list(archive.glob(".work-*"))
    assert runs.run(config, NOW, f"as_of={FRIDAYS[1]}")[0] == 0
    assert assert_sound(archive, known) == {str(day) for day in FRIDAYS[:2]}


def test_a_full_disk_that_spares_the_week_but_not_the_index(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supplychain_screen.weekly import run

    def full(path: Path, _: bytes) -> None:
        raise OutputError(f"cannot write {path}: No space left on device")

    clock = Clock("2025-06-01T12:00")
    archive = config.parent / "weeks"
    with monkeypatch.context() as patch:
        patch.setattr(run, "write_file", full)
        with pytest.raises(OutputError):
            run_weeks(load_config(config), clock, as_of=FRIDAYS[0])
    assert assert_sound(archive, {}) == {str(FRIDAYS[0])}
    # The next run has nothing to publish and mends the index all the same.
    assert run_weeks(load_config(config), clock, as_of=FRIDAYS[0]).outcome == "unchanged"
    assert str(FRIDAYS[0]) in (archive / "index.html").read_text()
    assert (archive / "latest").is_symlink()


def test_a_store_that_cannot_be_written_publishes_nothing(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock("2025-06-07T12:00")
    market = Market()

    def locked(self: PriceStore, *_: Any, **__: Any) -> None:
        raise StoreError("another process holds the store", path=self.location)

    monkeypatch.setattr(PriceStore, "add", locked)
    with pytest.raises(StoreError, match="holds the store"):
        run_weeks(load_config(config), clock, source=Vendor(market, clock))
    assert read_weeks(config.parent / "weeks") == ()


def test_a_link_cannot_be_made(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("symbolic link privilege not held")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    clock = Clock("2025-06-01T12:00")
    run_weeks(load_config(config), clock, as_of=FRIDAYS[0])
    page = config.parent / "weeks" / "latest.html"
    assert f"url={FRIDAYS[0]}/index.html" in page.read_text()


def test_leftovers_go_and_what_a_person_put_there_stays(config: Path) -> None:
    archive = config.parent / "weeks"
    (archive / ".work-0123456789ab" / "desk").mkdir(parents=True)
    (archive / ".work-mine").mkdir()
    (archive / "notes").mkdir()
    (archive / ".0123456789ab.part").write_text("half")
    result = run_weeks(load_config(config), Clock("2025-06-01T12:00"), as_of=FRIDAYS[0])
    assert result.cleaned == (".0123456789ab.part", ".work-0123456789ab")
    assert (archive / ".work-mine").is_dir()
    assert (archive / "notes").is_dir()


def rewrite(folder: Path, **changes: Any) -> None:
    """Change a manifest and give it the hash that goes with it, as another program would."""
    content = json.loads((folder / MANIFEST).read_text())
    del content["manifest_sha256"]
    content |= changes
    content["manifest_sha256"] = digest(content)
    (folder / MANIFEST).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda week: rewrite(week, schema_version=2), "written by a newer program"),
        (lambda week: (week / MANIFEST).write_text("{"), "is no JSON"),
        (lambda week: (week / MANIFEST).unlink(), "cannot read"),
        (lambda week: (week / MANIFEST).write_text("[]"), "is no manifest"),
        (
            lambda week: (week / MANIFEST).write_text(
                (week / MANIFEST).read_text().replace('"backfilled": false', '"backfilled": true')
            ),
            "was changed after it was written",
        ),
        (lambda week: rewrite(week, revision=3), "belongs to 2025-01-10.r3"),
        (lambda week: rewrite(week, screens=[{"name": "desk"}]), "screens.0"),
    ],
)
def test_a_spoilt_archive_is_one_clear_error(config: Path, spoil: Any, message: str) -> None:
    clock = Clock("2025-06-01T12:00")
    run_weeks(load_config(config), clock, as_of=FRIDAYS[0])
    spoil(config.parent / "weeks" / str(FRIDAYS[0]))
    before = tree(config.parent / "weeks")
    with pytest.raises(ArchiveError, match=message):
        run_weeks(load_config(config), clock, as_of=FRIDAYS[1])
    assert tree(config.parent / "weeks") == before
