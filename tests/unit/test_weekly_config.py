"""The weekly configuration: all problems at once, near names, nothing guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplychain_screen import load_config
from supplychain_screen.errors import ConfigError, OutputError
from supplychain_screen.weekly import write_example
from supplychain_screen.weekly.config import parse_config
from supplychain_screen.weekly.config_example import example_config

SMALL = """
[archive]
folder = "weeks"
[[screens]]
published = 2024-12-31
"""


def parsed(text: str):
    return parse_config(text, Path("weekly.toml"))


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    return [str(one) for one in caught.value.problems]


def test_little_has_to_be_said() -> None:
    config = parsed(SMALL)
    assert config.prices.source == "yahoo"
    assert config.output.languages == ("zh",)
    assert config.notify is None
    assert config.output.colours == "china"
    english = parsed(f'{SMALL}[output]\nlanguages = ["en", "zh"]\n')
    assert english.output.colours == "west"
    (screen,) = config.screens
    assert (screen.name, screen.report) == ("guosen-xiaomi-ai-2024-12-31", None)
    assert screen.published == date(2024, 12, 31)


def test_every_problem_is_named_at_once() -> None:
    found = problems(
        """
        [archive]
        foldr = "weeks"
        [prices]
        fallbacks = ["yahooo"]
        [run]
        deadline_minutes = 0
        [[screens]]
        published = "yesterday"
        base_policy = "some day"
        max_stale = 3
        """
    )
    assert found[0] == "weekly.toml, column archive.folder: is missing; add it"
    assert "archive.foldr: unknown key; did you mean folder?" in found[1]
    assert "did you mean yahoo?" in found[2]
    assert "run.deadline_minutes" in found[3]
    assert any("screens.0.published" in one for one in found)
    assert any("screens.0.base_policy" in one for one in found)
    assert any("max_stale: unknown key; did you mean max_stale_sessions" in one for one in found)
    assert len(found) == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('[prices]\nsource = "yaho"', "did you mean yahoo?"),
        ("[[screens]]\npublished = 2024-12-31", "two screens have this name"),
        ('[[screens]]\nname = "../up"\npublished = 2024-12-31', "no folder name"),
        ("[notify]\nenvironment = 'slack://token@x'", "notify.environment"),
        ("[archive", "no TOML"),
    ],
)
def test_a_mistake_is_refused(change: str, message: str) -> None:
    (found,) = problems(SMALL + change)
    assert message in found


def test_a_secret_in_the_wrong_place_is_not_printed_back() -> None:
    for key in ("environment", "file"):
        (found,) = problems(SMALL + f"[notify]\n{key} = 'slack://s3cr3t'")
        assert f"notify.{key}" in found
        assert "s3cr3t" not in found


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    path = tmp_path / "weekly.toml"
    path.write_text(
        '[archive]\nfolder = "weeks"\n[prices]\nstore = "s"\nsource = "./p.csv"\n'
        '[notify]\nfile = "n"\n[[screens]]\nreport = "mine"\npublished = 2024-12-31\n'
    )
    config = load_config(path)
    assert config.notify is not None
    places = [config.archive.folder, config.prices.store, config.notify.file]
    assert places == [tmp_path / "weeks", tmp_path / "s", tmp_path / "n"]
    assert config.prices.source == str(tmp_path / "p.csv")
    assert config.screens[0].report == tmp_path / "mine"
    assert config.screens[0].name == "mine-2024-12-31"


def test_a_missing_file_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="weekly new"):
        load_config(tmp_path / "weekly.toml")


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    path = write_example(tmp_path / "weekly.toml", date(2024, 12, 31))
    config = load_config(path)
    assert config.screens[0].published == date(2024, 12, 31)
    assert config.archive.folder == tmp_path / "weeks"


def test_the_example_opens_in_the_language_asked_for(tmp_path: Path) -> None:
    path = write_example(tmp_path / "weekly.toml", date(2024, 12, 31), "en")
    assert load_config(path).output.languages == ("en", "zh")
    assert '# language = "en"' in path.read_text("utf-8")
    assert 'languages = ["zh", "en"]' in example_config()


def test_every_commented_setting_of_the_example_is_one() -> None:
    text = example_config(published=date(2024, 12, 31))
    lines = []
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        setting = bare.split(" ")[0].isidentifier() and " = " in bare
        lines.append(bare if setting or bare.startswith("[") else line)
    config = parsed("\n".join(lines))
    assert config.notify is not None
    assert config.screens[0].choices == {"TCL": "1070.HK"}
    assert config.prices.fallbacks == ("akshare",)


def test_the_example_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "weekly.toml"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        write_example(path)
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["weekly.toml"]


def test_the_example_says_where_it_cannot_go(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_example(tmp_path / "file" / "weekly.toml")
