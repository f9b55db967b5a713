"""The workbook in a spreadsheet program: it opens, it calculates, and it gets our numbers."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.records import made
from tests.screenings import hostile, packaged, with_scale
from tests.spreadsheet import Workbook, read_workbook, rewrite, split

from supplychain_screen import Screening, load_report, screen
from supplychain_screen.output.workbook import write_record_workbook, write_workbook
from supplychain_screen.output.workbook.book import SHEETS
from supplychain_screen.prices.sources.files import FileSource
from supplychain_screen.words import Lang

# Without this setting LibreOffice shows the cached results of files that say they are Excel's.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""

Recalculate = Callable[[Path], Workbook]


@pytest.fixture(scope="module")
def recalculate(tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """Open a workbook in LibreOffice, calculate every formula, and read what it saved."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("LibreOffice Calc is not installed (Debian: apt install libreoffice-calc)")
    profile = tmp_path_factory.mktemp("office")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)

    def run(path: Path) -> Workbook:
        folder = path.parent / "calculated"
        done = subprocess.run(
            [
                soffice,
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--convert-to",
                "xlsx:Calc MS Excel 2007 XML",
                "--outdir",
                str(folder),
                str(path),
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(profile)},
        )
        result = folder / path.name
        assert result.is_file(), done.stdout + done.stderr
        return read_workbook(result)

    return run


def _differences(ours: Workbook, theirs: Workbook) -> list[str]:
    """Formula cells whose calculated result is not the one we wrote."""
    found = []
    for sheet, at, cell in ours.formulas():
        other = theirs.sheets[sheet].get(at)
        value = None if other is None else other.value
        if isinstance(cell.value, float):
            same = isinstance(value, float) and math.isclose(
                value, cell.value, rel_tol=1e-9, abs_tol=1e-9
            )
        else:
            same = (value or "") == (cell.value or "")
        if not same:
            found.append(f"{sheet}!{at} ={cell.formula}: wrote {cell.value!r}, got {value!r}")
    return found


SCREENS: dict[str, Callable[[], Screening]] = {
    "final": lambda: packaged(),
    "interim": lambda: packaged("2025-06-05", "2025-09-10"),
    "six months, ratio": lambda: packaged("2025-01-26", "2025-08-29", comparison="ratio"),
    "four levels, strict bounds": lambda: with_scale("industrial-stock"),
    "five levels": lambda: with_scale("csc-stock"),
    "hostile names": hostile,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "lang"),
    [("final", "zh"), *((name, "en") for name in SCREENS), ("hostile names", "zh")],
)
def test_every_formula_recalculates_to_what_we_wrote(
    name: str, lang: Lang, tmp_path: Path, recalculate: Recalculate
) -> None:
    path = write_workbook(SCREENS[name](), tmp_path / "book.xlsx", lang)
    ours = read_workbook(path)
    # Without cached results nothing of ours can come back but by calculation.
    theirs = recalculate(rewrite(path, tmp_path / "bare.xlsx", {}))
    assert list(theirs.sheets) == [tab.of(lang) for tab in SHEETS.values()]
    assert len(list(ours.formulas())) > 900
    assert _differences(ours, theirs) == []


@pytest.mark.slow
def test_real_prices_recalculate_too(
    tmp_path: Path, recalculate: Recalculate, market_data: Path
) -> None:
    """Real closes have suspensions, bonus issues and many digits that simulated ones lack."""
    source = FileSource(market_data / "prices.csv.gz")
    screening = screen(load_report(), "2024-12-31", "2026-01-09", prices=source)
    path = write_workbook(screening, tmp_path / "book.xlsx", "zh")
    ours = read_workbook(path)
    assert "SIMULATED" not in str(ours.sheets[SHEETS["Summary"].zh])
    assert _differences(ours, recalculate(rewrite(path, tmp_path / "bare.xlsx", {}))) == []


def _place(book: Workbook, name: str) -> tuple[str, list[str]]:
    """Column letters and the first and last row of a defined name on Method."""
    sheet, span = book.names[name].split("!")
    assert sheet == "Method"
    first, _, last = span.partition(":")
    letters, top = split(first)
    return letters, [f"{letters}{row}" for row in range(top, split(last or first)[1] + 1)]


def _ratings(book: Workbook, screening: Screening) -> list[str]:
    cells = book.column("Companies", "Realised rating")
    return [str(cell.value).split(" ", 1)[-1].lower() for cell in cells.values()]


@pytest.mark.slow
def test_an_edited_bound_rates_anew(tmp_path: Path, recalculate: Recalculate) -> None:
    """The scale on Method is what the ratings follow from, not a picture of it."""
    screening = packaged()
    path = write_workbook(screening, tmp_path / "book.xlsx", "en")
    book = read_workbook(path)
    _, bounds = _place(book, "ScaleBounds")
    assert [book.sheets["Method"][at].value for at in bounds] == [-0.1, 0.1]
    edited = rewrite(path, tmp_path / "edited.xlsx", {"Method": {bounds[1]: 0.4}})
    expected = [
        "unrated"
        if rating == "unrated"
        else "outperform"
        if relative >= 0.4
        else "underperform"
        if relative <= -0.1
        else "neutral"
        for relative, rating in zip(
            screening.companies["relative_return"], screening.companies["rating"], strict=True
        )
    ]
    assert expected != screening.companies["rating"].tolist()
    assert _ratings(recalculate(edited), screening) == expected


# What the packaged scale says of a stock against an index that stood still: 以上 includes the
# number on both sides, and 1.21 / 1.10 - 1 is 10% though floats make it a little less or more.
@pytest.mark.slow
def test_ratings_at_the_bounds(tmp_path: Path, recalculate: Recalculate) -> None:
    path = write_workbook(packaged(), tmp_path / "book.xlsx", "en")
    book = read_workbook(path)
    rows = list(book.column("Evidence", "Realised rating"))
    closes = {
        "outperform": [(1.10, 1.21), (100.0, 110.0), (3.0, 3.3), (100.0, 110.00001)],
        "neutral": [(100.0, 109.999), (100.0, 90.001), (7.0, 7.0)],
        "underperform": [(100.0, 90.0), (1.1, 0.99), (10.0, 9.0), (100.0, 89.99999)],
    }
    cases = [(rating, pair) for rating, pairs in closes.items() for pair in pairs]
    columns = {
        head: split(at)[0]
        for at, cell in book.sheets["Evidence"].items()
        if (head := cell.value)
        in ("Base close", "End close", "Benchmark base", "Benchmark end", "Realised rating")
    }
    edits: dict[str, str | float] = {}
    for row, (_, (base, end)) in zip(rows, cases, strict=False):
        edits[f"{columns['Base close']}{row}"] = base
        edits[f"{columns['End close']}{row}"] = end
        edits[f"{columns['Benchmark base']}{row}"] = 50.0
        edits[f"{columns['Benchmark end']}{row}"] = 50.0
    theirs = recalculate(rewrite(path, tmp_path / "edited.xlsx", {"Evidence": edits}))
    got = [
        str(theirs.sheets["Evidence"][f"{columns['Realised rating']}{row}"].value)
        for row, _ in zip(rows, cases, strict=False)
    ]
    assert [one.split(" ", 1)[1].lower() for one in got] == [rating for rating, _ in cases]


@pytest.mark.slow
def test_the_other_comparison_can_be_chosen_in_the_workbook(
    tmp_path: Path, recalculate: Recalculate
) -> None:
    path = write_workbook(packaged(), tmp_path / "book.xlsx", "en")
    _, (at,) = _place(read_workbook(path), "Comparison")
    theirs = recalculate(rewrite(path, tmp_path / "edited.xlsx", {"Method": {at: "ratio"}}))
    ratio = packaged(comparison="ratio")
    assert _ratings(theirs, ratio) == ratio.companies["rating"].tolist()
    column = theirs.column("Companies", "Relative return")
    got = [cell.value for cell in column.values()]
    for value, expected in zip(got, ratio.companies["relative_return"], strict=True):
        if math.isnan(expected):
            assert not value
        else:
            assert value == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
def test_a_track_record_is_counted_as_we_counted_it(
    recalculate: Recalculate, tmp_path: Path
) -> None:
    path = write_record_workbook(made(cost_bps=30.0), tmp_path / "record.xlsx", "en")
    ours = read_workbook(path)
    assert len([one for one in ours.formulas() if "COUNTIFS" in str(one[2].formula)]) > 50
    assert _differences(ours, recalculate(path)) == []
