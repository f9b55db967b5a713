"""Targets are looked at before anything is written, and no input is ever replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from supplychain_screen.cli import app
from supplychain_screen.cli.targets import check_targets, write_outputs
from supplychain_screen.cli.terminal import Exit, Language
from supplychain_screen.errors import InputError, OutputError

RUN = CliRunner()


def refused(*arguments: object, **named: object) -> str:
    with pytest.raises(InputError) as found:
        check_targets(*arguments, **named)  # type: ignore[arg-type]
    return str(found.value)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("prices.csv", "calls.csv", "rep/suppliers.csv", "rep/report.toml", "many/a.csv"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(name, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("rep", "is a folder"),
        ("prices.csv/page.html", "no folder"),
        ("prices.csv/a/page.html", "no folder"),
        ("a" * 300, "name too long"),
        ("new/" + "页" * 100 + "/x", "too long"),
        ("pipe", "no ordinary file"),
        ("/dev/null", "no ordinary file"),
        ("loop", "cannot be written"),
        ("", "is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused(desk: Path, target: str, said: str) -> None:
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    assert said in refused({"--html": Path(target)}).lower()


def test_a_folder_of_tables_is_no_file_and_holds_no_folder(desk: Path) -> None:
    assert "a folder is needed" in refused({}, {"--csv": Path("prices.csv")})
    Path("out/total.csv").mkdir(parents=True)
    told = refused({}, {"--csv": Path("out")}, tables=["companies.csv", "total.csv"])
    assert "total.csv" in told
    assert "companies.csv" not in told


def test_inputs_are_never_replaced(desk: Path) -> None:
    Path("link.html").symlink_to("prices.csv")
    Path("hard.html").hardlink_to("prices.csv")
    for name in ("prices.csv", "./rep/../prices.csv", "link.html", "hard.html"):
        told = refused({"--html": Path(name)}, reads={"--prices": "prices.csv"})
        assert "would replace what --prices reads" in told
    assert "--report" in refused({"--html": Path("rep/suppliers.csv")}, reads={"--report": "rep"})
    assert "--prices" in refused({"--xlsx": Path("many/b.xlsx")}, reads={"--prices": "many"})
    told = refused({}, {"--csv": Path("many")}, tables=["total.csv"], reads={"--prices": "many"})
    assert "lies among" in told
    # A folder of prints is read as calls, and a page is a print.
    for name in ("many/r1.html", "many/new.md", "many/total.csv"):
        assert "CALLS" in refused({"--html": Path(name)}, reads={"CALLS": "many"})
    check_targets({"--html": Path("rep/page.html")}, reads={"--report": "rep"})
    check_targets({"--html": Path("many/page.html")}, reads={"--prices": "many"})
    check_targets({"--html": Path("yahoo")}, reads={"--prices": "yahoo!"})


def test_no_output_replaces_another(desk: Path) -> None:
    two = {"--html": Path("a"), "--xlsx": Path("rep/../a")}
    assert "two outputs have one name" in refused(two)
    below = {"--html": Path("a"), "--xlsx": Path("a/b")}
    assert "another output needs a folder" in refused(below)
    told = refused({"--html": Path("o/total.csv")}, {"--csv": Path("o")}, tables=["total.csv"])
    assert "two outputs have one name" in told
    assert "another output needs a folder" in refused({"--html": Path("o")}, {"--csv": Path("o")})


def test_nothing_is_written_into_the_store(desk: Path) -> None:
    told = refused({"--html": Path("s/bars/x.html")}, {"--csv": Path("s")}, store="s")
    assert told.count("lies in the price store") == 2
    check_targets({"--html": Path("s.html")}, store="s3://bucket/prices")


def test_a_page_over_its_price_file_leaves_both_as_they_were(desk: Path) -> None:
    Path("companies.csv").write_text("公司,代码\n蓝思科技,300433.SZ\n", "utf-8")
    Path("decided.csv").write_text("company,decision\nTCL,1070.HK\n", "utf-8")
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    for words in (
        ["--prices", "prices.csv", "--html", "prices.csv"],
        ["--prices", "simulated", "--html", "new.html", "--csv", "prices.csv"],
        ["--prices", "simulated", "--html", "new.html", "--xlsx", "rep"],
        ["--prices", "simulated", "--table", "companies.csv", "--csv", "."],
        ["--prices", "simulated", "--table", "companies.csv", "--html", "companies.csv"],
        ["--prices", "simulated", "--overrides", "decided.csv", "--html", "decided.csv"],
    ):
        found = RUN.invoke(app, ["screen", "--published", "2024-12-31", *words])
        assert isinstance(found.exception, InputError), words
        assert found.stdout == ""
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("lang", "page", "partial"),
    [(Language.ZH, "页面：", "不完整："), (Language.EN, "page: ", "partial: ")],
)
def test_what_fails_after_the_first_output_is_partial(
    desk: Path, capsys: pytest.CaptureFixture[str], lang: Language, page: str, partial: str
) -> None:
    def full(path: Path) -> None:
        raise OutputError("no space")

    with pytest.raises(OutputError):
        write_outputs(("page", Path("a"), full), lang=lang)
    with pytest.raises(typer.Exit) as found:
        write_outputs(("page", Path("a"), Path.touch), ("workbook", Path("b"), full), lang=lang)
    assert found.value.exit_code == Exit.PARTIAL
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"{page}{Path('a').resolve()}"
    assert said[1] == "error: no space"
    assert said[2].startswith(partial)
    assert Path("a").exists()
