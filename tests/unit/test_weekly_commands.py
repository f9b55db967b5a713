"""The commands of ``weekly``: exit codes, one line, quiet, a log that machines read."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.weekly_desks import CONFIG, Clock, Market, tree, write_desk

from supplychain_screen.cli import main, weekly
from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly.lock import exclusive
from supplychain_screen.weekly.manifest import MANIFEST, digest

FRIDAY = date(2025, 1, 10)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock("2025-01-25T12:00")
    monkeypatch.setattr(weekly, "now", stands)
    return stands


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose store knows three weeks."""
    folder = tmp_path_factory.mktemp("desk")
    write_desk(folder)
    store, market, then = PriceStore(folder / "store"), Market(), Clock("2025-01-11T12:00")
    for week in range(3):
        market.fill(store, then.weekend_after(FRIDAY + timedelta(days=7 * week)))
    return folder


@pytest.fixture
def config(filled: Path, tmp_path: Path, clock: Clock) -> Path:
    """A copy of that desk."""
    return Path(shutil.copytree(filled, tmp_path, dirs_exist_ok=True)) / "weekly.toml"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["supplychain-screen", "weekly", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return command


def test_complete_then_nothing_changed(config: Path, run: Run) -> None:
    code, out, err = run("run", config, "--lang", "en")
    assert (code, err) == (0, "")
    assert out == "2025-01-24: complete; desk 5 of 5 rated; no earlier week\n"
    code, out, err = run("run", config, "--lang", "en")
    assert (code, err) == (6, "")
    assert out == "2025-01-24: nothing changed; desk 5 of 5 rated\n"


def test_quiet_says_nothing(config: Path, run: Run) -> None:
    assert run("run", config, "--quiet") == (0, "", "")


def test_the_log_is_one_object_a_line(config: Path, run: Run) -> None:
    code, out, err = run("run", config, "--log-json", "--lang", "en")
    events = [json.loads(line) for line in err.splitlines()]
    assert [one["event"] for one in events] == ["updated", "published", "finished"]
    assert events[-1]["outcome"] == "complete"
    assert events[-1]["summary"] == out.strip()
    assert events[0]["time"] == "2025-01-25T12:00:00+00:00"
    code, out, err = run("run", config, "--log-json", "--as-of", "2025-02-07")
    (event,) = [json.loads(line) for line in err.splitlines()]
    assert (code, out) == (2, "")
    assert (event["event"], event["exit"]) == ("failed", 2)


def test_bad_words_leave_with_2(config: Path, run: Run) -> None:
    for words in (
        ("run", config.parent / "none.toml"),
        ("run", config, "--as-of", "yesterday"),
        ("run", config, "--known-on", "then"),
        ("run", config, "--known-on", "2025-01-26"),
        ("run", config, "--as-of", "2024-12-27"),
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert not list((config.parent / "weeks").glob("20*"))


def unknown_key(folder: Path) -> None:
    path = folder / "weekly.toml"
    path.write_text(path.read_text().replace("formats", "format"))


def bad_report(folder: Path) -> None:
    (folder / "report" / "suppliers.csv").write_text("order\nx\n")


def no_report(folder: Path) -> None:
    shutil.rmtree(folder / "report")


def newer_archive(folder: Path) -> None:
    remake(folder / "weeks" / "2025-01-17", schema_version=2)


def other_hashes(folder: Path) -> None:
    (folder / "weeks" / "2025-01-17" / "desk" / "result.json").write_text("{}")


def edited_manifest(folder: Path) -> None:
    path = folder / "weeks" / "2025-01-17" / MANIFEST
    path.write_text(path.read_text().replace('"backfilled": false', '"backfilled": true'))


def no_manifest(folder: Path) -> None:
    (folder / "weeks" / "2025-01-17" / MANIFEST).unlink()


def clock_back(folder: Path) -> None:
    """A week of the archive was made after what the machine takes for now."""
    remake(folder / "weeks" / "2025-01-17", known_on="2025-01-25T12:06:00Z")


def remake(week: Path, **changes: Any) -> None:
    """A manifest as another program would have written it: its hash fits."""
    content = json.loads((week / MANIFEST).read_text())
    del content["manifest_sha256"]
    content |= changes
    content["manifest_sha256"] = digest(content)
    (week / MANIFEST).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (unknown_key, "output.format: unknown key; did you mean formats?"),
        (bad_report, "screen desk: suppliers.csv"),
        (no_report, "screen desk:"),
        (newer_archive, "was written by a newer program"),
        (other_hashes, "2025-01-17/desk/result.json was changed after it was written"),
        (edited_manifest, "was changed after it was written"),
        (no_manifest, "cannot read"),
        (clock_back, "set the clock right"),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_bad_input_is_one_clear_error_and_publishes_nothing(
    config: Path, run: Run, harm: Callable[[Path], None], message: str, quiet: bool
) -> None:
    assert run("run", config, "--as-of", "2025-01-17")[0] == 0
    harm(config.parent)
    before = tree(config.parent / "weeks")
    code, out, err = run("run", config, *["--quiet"][:quiet])
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("error: ") == 1
    assert message in err
    assert tree(config.parent / "weeks") == before


def test_a_locked_store_leaves_with_4(
    config: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(CONFIG.replace('"none"', '"simulated"').replace('"store"', '"other"'))

    def locked(self: PriceStore, *_: Any, **__: Any) -> None:
        raise StoreError("another process holds the store", path=self.location)

    monkeypatch.setattr(PriceStore, "add", locked)
    code, out, err = run("run", config)
    assert (code, out) == (4, "")
    assert "another process holds the store" in err
    assert not list((config.parent / "weeks").glob("20*"))


def test_known_on_today_means_by_now(config: Path, run: Run) -> None:
    """A week known on a moment to come would stop every run until then."""
    code, _, err = run("run", config, "--as-of", "2025-01-17", "--known-on", "2025-01-25")
    assert (code, err) == (0, "")
    assert run("run", config)[0] == 0


def test_a_held_lock_leaves_with_5(config: Path, run: Run) -> None:
    with exclusive(config.parent / "weeks"):
        code, out, err = run("run", config)
    assert (code, out) == (5, "")
    assert "another run holds" in err


def test_no_prices_leave_with_4(config: Path, clock: Clock, run: Run) -> None:
    clock.set("2025-02-08T12:00")
    code, out, err = run("run", config)
    assert (code, out) == (4, "")
    assert "no price of the week to 2025-02-07" in err
    assert not (config.parent / "weeks" / "2025-02-07").exists()


def test_a_place_that_cannot_be_written_leaves_with_4(config: Path, run: Run) -> None:
    (config.parent / "file").write_text("")
    config.write_text(config.read_text().replace('"weeks"', '"file/weeks"'))
    code, _, err = run("run", config)
    assert code == 4
    assert "cannot write" in err


def test_a_partial_run_leaves_with_3(config: Path, run: Run) -> None:
    """An archive moved to a store without its past: published, and marked as unexplained."""
    assert run("run", config, "--as-of", "2025-01-17")[0] == 0
    market, then = Market(), Clock("2025-01-25T10:00")
    market.fill(PriceStore(config.parent / "other"), then())
    config.write_text(config.read_text().replace('"store"', '"other"'))
    code, out, _ = run("run", config, "--lang", "en")
    assert code == 3
    assert "partial" in out


def test_a_notice_that_fails_fails_nothing(config: Path, run: Run) -> None:
    config.write_text(CONFIG + '[notify]\non = ["always"]\n')
    code, out, err = run("run", config, "--lang", "en")
    assert code == 0
    assert "complete" in out
    assert "notice by notify failed" in err
    code, out, err = run("run", config, "--as-of", "2025-01-17", "--quiet", "--log-json")
    events = [json.loads(line) for line in err.splitlines()]
    assert (code, out) == (0, "")
    assert next(one for one in events if one["event"] == "notice")["delivered"] is False


def test_a_fault_of_the_program_is_announced_and_stays_a_fault(
    config: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from supplychain_screen.weekly import run as weekly_run

    config.write_text(CONFIG + "[notify]\n")
    told: list[str] = []

    def fault(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("s3cr3t")

    def note(settings: Any, title: str, body: str, environment: Any = None) -> tuple[()]:
        told.append(body)
        return ()

    monkeypatch.setattr(weekly_run, "measure", fault)
    monkeypatch.setattr("supplychain_screen.weekly.notify.send_notice", note)
    monkeypatch.setattr(sys, "argv", ["supplychain-screen", "weekly", "run", str(config)])
    with pytest.raises(ZeroDivisionError):
        main()
    assert told == ["- 程序故障：ZeroDivisionError\n"]
    assert not list((config.parent / "weeks").glob("2025*"))


def test_list_misses_a_week_that_is_gone_or_was_replaced(config: Path, run: Run) -> None:
    run("run", config, "--since", "2025-01-10", "--as-of", "2025-01-24")
    archive = config.parent / "weeks"
    (archive / "2025-01-17").rename(config.parent / "away")
    code, out, _ = run("list", archive, "--lang", "en")
    assert code == 2
    assert "2025-01-17, which it names, is gone" in out
    # A week made anew by another hand, sound in itself.
    run("run", config, "--as-of", "2025-01-17", "--known-on", "now")
    code, out, _ = run("list", archive, "--lang", "en")
    assert code == 2
    assert "2025-01-17 is not the week that it names" in out


def test_many_weeks_from_one_command(config: Path, run: Run) -> None:
    code, out, _ = run(
        "run", config, "--since", "2025-01-01", "--as-of", "2025-01-24", "--lang", "en"
    )
    assert code == 0
    assert out.startswith("4 of 4 weeks published")


def test_list_shows_and_checks_every_week(config: Path, run: Run) -> None:
    run("run", config, "--since", "2025-01-10", "--as-of", "2025-01-24")
    archive = config.parent / "weeks"
    code, out, _ = run("list", archive)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "2025-01-10",
        "2025-01-17",
        "2025-01-24",
    ]
    (archive / "2025-01-17" / "desk" / "result.json").write_text("{}")
    code, out, _ = run("list", config, "--lang", "en")
    assert code == 2
    assert "DAMAGED" in out.splitlines()[1]
    assert "desk/result.json was changed" in out
    code, out, _ = run("list", archive, "--json")
    rows = json.loads(out)
    assert [len(one["problems"]) for one in rows] == [0, 1, 0]


@pytest.mark.slow
def test_changes_between_any_two_weeks(config: Path, run: Run) -> None:
    run("run", config, "--since", "2025-01-10", "--as-of", "2025-01-24")
    archive, store = config.parent / "weeks", config.parent / "store"
    words = ("changes", archive / "2025-01-10", archive / "2025-01-24", "--store", store)
    code, out, err = run(*words, "--json")
    assert code == 0, err
    found = json.loads(out)["desk"]
    assert found["compared"] == 5
    code, out, _ = run(*words, "--lang", "en")
    assert code == 0
    assert out.startswith("desk  2025-01-10 → 2025-01-24\n5 mentions compared")
    assert run(*words, "--screen", "dsk")[0] == 2
    code, _, err = run("changes", archive / "2025-01-24", archive / "2025-01-10", "--store", store)
    assert code == 2
    assert "name the earlier one first" in err
    # Without the store it was made from there is nothing to recompute with.
    code, _, err = run(*words[:3], "--store", config.parent / "empty")
    assert code == 2
    assert "cannot be measured again" in err


def test_a_page_calls_last_week_only_what_is(config: Path, run: Run) -> None:
    for day in ("2025-01-10", "2025-01-24"):
        assert run("run", config, "--as-of", day)[0] == 0
    apart = (config.parent / "weeks" / "2025-01-24" / "index.html").read_text("utf-8")
    assert '<th scope="col" class="n">2025-01-10</th>' in apart
    assert "上周" not in apart
    run("run", config, "--as-of", "2025-01-17")
    next_one = (config.parent / "weeks" / "2025-01-17" / "index.html").read_text("utf-8")
    assert "上周" in next_one


def test_rebuild_makes_the_same_bytes(config: Path, tmp_path: Path, run: Run) -> None:
    run("run", config, "--since", "2025-01-10", "--as-of", "2025-01-24")
    week = config.parent / "weeks" / "2025-01-24"
    code, out, err = run(
        "rebuild", week, tmp_path / "again", "--store", tmp_path / "store", "--lang", "en"
    )
    assert code == 0, err
    assert "files identical" in out
    assert tree(tmp_path / "again" / "2025-01-24") == tree(week)


def test_a_day_that_nobody_wrote_is_asked_for_where_it_belongs(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "weekly.toml"
    run("new", path)
    code, _, err = run("run", path, "--no-update")
    assert code == 2
    assert err.startswith("error: screen xiaomi-ai: guosen-xiaomi-ai does not print its day of")
    assert err.endswith("; write published = YYYY-MM-DD below its name\n")


def test_a_list_of_nothing_says_what_makes_a_week(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "weekly.toml"
    run("new", path, "--published", "2024-12-31")
    (tmp_path / "weeks").mkdir()
    code, out, err = run("list", path, "--lang", "en")
    assert (code, out) == (0, "")
    begins = f"no week in {tmp_path / 'weeks'} yet; make the first one: "
    assert err == f"{begins}supplychain-screen weekly run {path}\n"
    assert run("list", tmp_path / "weeks", "--lang", "en")[2].startswith(begins)
    code, _, err = run("list", tmp_path / "none.toml")
    assert code == 2
    assert "none.toml: no such file; start one: supplychain-screen weekly new" in err
    code, _, err = run("list", tmp_path / "none")
    assert code == 2
    assert err.endswith("name its folder, or its CONFIG.toml\n")


def test_new_and_schedule(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "weekly.toml"
    found = run("new", path, "--published", "2024-12-31", "--lang", "en")
    then = f"edit what you like, then: supplychain-screen weekly run {path}\n"
    assert found == (0, f"{path}\n", then)
    assert run("new", path)[0] == 2
    told = run("new", tmp_path / "other.toml")[2]
    assert told.startswith(
        "请在其中填写发布日（published），然后运行：supplychain-screen weekly run"
    )
    code, out, _ = run("schedule", "cron", path)
    assert code == 0
    assert str(path) in out
    assert run("schedule", "at", path)[0] == 2
