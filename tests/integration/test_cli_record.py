"""The record command as a process would meet it: exit codes, streams, and nothing half done."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.records import calls, closes, panel
from typer.testing import CliRunner

from supplychain_screen import save_panel
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import Exit, fail
from supplychain_screen.errors import ScreenError
from supplychain_screen.output import display_width

RUN = CliRunner()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with calls, prices of a market, and a saved SIMULATED panel."""
    place = tmp_path_factory.mktemp("desk")
    told = calls(tuple(f"House {i:02d}" for i in range(5)), each=40, gifted=False)
    told.to_csv(place / "calls.csv", index=False)
    told.assign(rating="Zilch").to_csv(place / "words.csv", index=False)
    told.drop(columns="rating").to_csv(place / "unrated.csv", index=False)
    told.assign(listing="XNYS:GONE").to_csv(place / "gone.csv", index=False)
    told.drop(columns="firm").to_csv(place / "firmless.csv", index=False)
    (place / "empty.csv").write_text("", "utf-8")
    (place / "header.csv").write_text("date,ticker,firm,rating\n", "utf-8")
    rows = closes().melt(ignore_index=False, var_name="listing", value_name="close")
    rows.rename_axis("date").reset_index().to_csv(place / "prices.csv", index=False)
    save_panel(panel(), place / "panel")
    return place


def run(*words: str) -> tuple[int, str, str]:
    found = RUN.invoke(app, ["record", *words])
    if isinstance(found.exception, ScreenError):
        return int(fail(found.exception)), found.stdout, str(found.exception)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_fits_80_columns(desk: Path, lang: str) -> None:
    code, out, _ = run(
        str(desk / "calls.csv"), "--prices", str(desk / "prices.csv"), "--lang", lang
    )
    assert code == Exit.COMPLETE
    assert max(map(display_width, out.splitlines())) <= 80
    assert "SIMULATED" not in out
    assert "House 03" in out


def test_every_output_is_written_and_named(desk: Path, tmp_path: Path) -> None:
    code, out, error = run(
        str(desk / "calls.csv"),
        "--prices",
        str(desk / "panel"),
        "--json",
        "--by",
        "firm",
        "--by",
        "year",
        "--months",
        "3",
        "--months",
        "6",
        "--cost-bps",
        "20",
        "--min-runs",
        "10",
        "--count",
        "calls",
        "--base-policy",
        "before",
        "--html",
        str(tmp_path / "r.html"),
        "--xlsx",
        str(tmp_path / "r.xlsx"),
        "--csv",
        str(tmp_path / "tables"),
    )
    assert code == Exit.COMPLETE
    found = json.loads(out)
    assert found["simulated"] is True
    assert [one["by"] for one in found["leagues"]] == ["firm", "year"]
    assert (found["window"], found["windows"]) == ("3m", ["3m", "6m"])
    assert (found["cost_bps"], found["min_runs"], found["count"]) == (20, 10, "calls")
    assert found["base_policy"] == "before"
    assert error.count("\n") == 3
    assert "SIMULATED" in (tmp_path / "r.html").read_text("utf-8")
    assert (tmp_path / "r.xlsx").stat().st_size > 10_000
    assert pd.read_csv(tmp_path / "tables" / "league_year.csv")["prices"].eq("SIMULATED").all()


def test_what_is_missing_makes_it_partial(desk: Path, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.csv"
    parts = [pd.read_csv(desk / name) for name in ("calls.csv", "words.csv", "gone.csv")]
    pd.concat(parts).to_csv(mixed, index=False)
    code, _, error = run(str(mixed), "--prices", str(desk / "panel"))
    assert code == Exit.PARTIAL
    assert error.startswith("不完整：")
    assert "次评级没有行情；" in error
    code, _, error = run(str(mixed), "--prices", str(desk / "panel"), "--lang", "en")
    assert code == Exit.PARTIAL
    assert "calls without prices" in error
    assert "200 rows with unknown rating words" in error
    code, _, _ = run(
        str(desk / "words.csv"), "--prices", str(desk / "panel"), "--words", "Zilch=hold"
    )
    assert code == Exit.COMPLETE


def test_calls_without_firms_are_said_to_be_one_firms(desk: Path) -> None:
    words = (str(desk / "firmless.csv"), "--prices", str(desk / "panel"), "--lang", "en")
    code, _, error = run(*words)
    assert code == Exit.COMPLETE
    assert error.startswith("no column of firms: all calls count as one firm's")
    assert run(*words, "--firm", "North", "--by", "firm")[::2] == (Exit.COMPLETE, "")
    assert run(*words, "--by", "year")[0] == Exit.COMPLETE


def test_a_security_that_nobody_knows_is_named_with_its_row(desk: Path, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.csv"
    told = pd.read_csv(desk / "calls.csv")
    pd.concat([told, told.tail(1).assign(listing="nobody")]).to_csv(mixed, index=False)
    code, _, error = run(str(mixed), "--prices", str(desk / "panel"), "--lang", "en")
    assert code == Exit.PARTIAL
    assert f"as 688111.SH: nobody (mixed.csv:{len(told) + 2})" in error


def test_without_a_single_price_nothing_is_written(desk: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, out, error = run(
        str(desk / "gone.csv"), "--prices", str(desk / "panel"), "--html", str(page)
    )
    assert (code, out) == (Exit.NOTHING, "")
    assert "no prices of any of " in error
    assert not page.exists()


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("nowhere.csv", [], "nowhere.csv"),
        ("empty.csv", [], "empty.csv"),
        ("unrated.csv", [], "rating"),
        ("calls.csv", ["--json", "--markdown"], "give one of them"),
        ("calls.csv", ["--static"], "--html"),
        ("calls.csv", ["--csv", "one", "--xlsx", "one"], "have one name"),
        ("calls.csv", ["--as-of", "2999-01-01"], "future"),
        ("calls.csv", ["--as-of", "tomorrow"], "not a date"),
        ("calls.csv", ["--by", "analyst"], "analyst"),
        ("calls.csv", ["--words", "Buy"], "NAME=VALUE"),
        ("calls.csv", ["--words", "Buy=moon"], "moon"),
        ("calls.csv", ["--prices", "nowhere"], "no such price file"),
        ("cals.csv", [], "there is no such file; did you mean calls.csv"),
        ("firmless.csv", ["--by", "firm"], "no column of firms (got 'firm'); name it firm or"),
    ],
)
def test_bad_input_leaves_with_2_and_writes_nothing(
    desk: Path, tmp_path: Path, name: str, words: list[str], message: str
) -> None:
    given = ["--prices", str(desk / "panel")] if "--prices" not in words else []
    html = [] if "--static" in words else ["--html", str(tmp_path / "page.html")]
    code, out, error = run(str(desk / name), *given, *words, *html)
    assert code == Exit.BAD_INPUT
    assert out == ""
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_a_head_only_has_no_calls(desk: Path) -> None:
    code, out, error = run(str(desk / "header.csv"), "--prices", str(desk / "panel"), "--json")
    assert (code, out) == (Exit.BAD_INPUT, "")
    assert "header.csv: there are no calls" in error


def test_parquet_on_both_sides(desk: Path, tmp_path: Path) -> None:
    told = pd.read_csv(desk / "calls.csv", parse_dates=["published"])
    told.to_parquet(tmp_path / "calls.parquet", index=False)
    frame = pd.read_csv(desk / "prices.csv", parse_dates=["date"])
    frame.to_parquet(tmp_path / "prices.parquet", index=False)
    assert pq.read_metadata(tmp_path / "calls.parquet").num_rows == len(told)
    ways = [
        run(str(calls_), "--prices", str(prices), "--json")
        for calls_, prices in (
            (desk / "calls.csv", desk / "prices.csv"),
            (tmp_path / "calls.parquet", tmp_path / "prices.parquet"),
        )
    ]
    assert ways[0][1] == ways[1][1]
    assert ways[0][0] == Exit.COMPLETE


def test_simulated_prices_and_the_base_after(desk: Path) -> None:
    told = pd.read_csv(desk / "calls.csv").head(30).assign(listing="AAPL")
    told.to_csv(desk / "apple.csv", index=False)
    words = (str(desk / "apple.csv"), "--prices", "simulated", "--as-of", "2023-12-29", "--json")
    found = {base: json.loads(run(*words, "--base", base)[1]) for base in ("after", "before")}
    assert all(one["simulated"] for one in found.values())
    assert {name: one["base_policy"] for name, one in found.items()} == {
        "after": "after",
        "before": "before",
    }
    means = [one["leagues"][0]["rows"][0]["mean"] for one in found.values()]
    assert means[0] != means[1]


def test_what_is_said_of_a_price_file_is_said_of_nothing_else(desk: Path) -> None:
    calls_file = str(desk / "calls.csv")
    code, _, said = run(calls_file, "--prices", "simulated", "--close", "last")
    assert code == Exit.BAD_INPUT
    assert "--close can only be said of a price file" in said
    rows = pd.read_csv(desk / "prices.csv", dtype=str).rename(columns={"close": "last"})
    rows["last"] = rows["last"].str.replace(".", ",", regex=False)
    rows.to_csv(desk / "comma.csv", index=False, sep=";")
    options = ("--close", "last", "--decimal", ",", "--adjustment", "splits", "--max-size", "1")
    code, out, _ = run(calls_file, "--prices", str(desk / "comma.csv"), *options, "--json")
    plain = run(calls_file, "--prices", str(desk / "prices.csv"), "--json")[1]
    assert code == Exit.COMPLETE
    assert json.loads(out)["leagues"] == json.loads(plain)["leagues"]


def test_targets_are_judged_where_the_splits_are_told(desk: Path) -> None:
    told = pd.read_csv(desk / "calls.csv").assign(target=100)
    told.to_csv(desk / "targets.csv", index=False)
    words = (str(desk / "targets.csv"), "--prices", str(desk / "panel"), "--json")
    (desk / "splits.csv").write_text("listing,date,ratio\nXNYS:S000,2023-12-01,2\n", "utf-8")
    none, some = (
        json.loads(run(*words, "--splits", splits)[1])["targets"]
        for splits in ("none", str(desk / "splits.csv"))
    )
    assert none["unrated"] == some["unrated"]
    code, _, said = run(*words, "--splits", str(desk / "absent.csv"))
    assert code == Exit.BAD_INPUT
    assert "no splits" in said
