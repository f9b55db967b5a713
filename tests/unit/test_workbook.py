"""The workbook as a file: what its cells say, what stands behind them, and that names are text.

What a spreadsheet program makes of it is tests/integration/test_workbook_libreoffice.py.
"""

from __future__ import annotations

import errno
import io
import math
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from tests.screenings import HOSTILE, hostile, packaged
from tests.spreadsheet import Workbook, read_workbook, split

from supplychain_screen import Screening
from supplychain_screen.errors import OutputError
from supplychain_screen.output import headline, visible_text
from supplychain_screen.output.workbook import write_workbook
from supplychain_screen.output.workbook.book import SHEETS, workbook_bytes
from supplychain_screen.words import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")


@lru_cache(maxsize=4)
def _read(screening: Screening, lang: Lang = "en") -> Workbook:
    book = read_workbook(io.BytesIO(workbook_bytes(screening, lang)))
    keys = {tab.of(lang): key for key, tab in SHEETS.items()}
    # By the key of each sheet, whatever its tab says.
    return Workbook({keys[name]: cells for name, cells in book.sheets.items()}, book.names)


@pytest.mark.parametrize("lang", LANGS)
def test_it_has_its_sheets_and_each_says_simulated(lang: Lang, tmp_path: Path) -> None:
    book = _read(packaged(), lang)
    assert list(book.sheets) == list(SHEETS)
    for name, cells in book.sheets.items():
        assert "SIMULATED" in str(cells["A2"].value), name
    with zipfile.ZipFile(write_workbook(packaged(), tmp_path / "book.xlsx", lang)) as archive:
        for i in range(1, len(SHEETS) + 1):
            xml = archive.read(f"xl/worksheets/sheet{i}.xml").decode()
            assert "SIMULATED" in re.search(r"<oddHeader>(.*?)</oddHeader>", xml)[1]  # type: ignore[index]
        charts = [n for n in archive.namelist() if n.startswith("xl/charts/chart")]
        assert len(charts) == 4
        for name in charts:
            assert "SIMULATED" in archive.read(name).decode()


def test_every_rating_is_a_formula_with_its_result() -> None:
    screening = packaged()
    book = _read(screening)
    for sheet, head, frame in (
        ("Companies", "Realised rating", screening.companies),
        ("Evidence", "Realised rating", screening.evidence),
    ):
        cells = list(book.column(sheet, head).values())
        assert len(cells) == len(frame)
        for cell, rating in zip(cells, frame["rating"], strict=True):
            assert cell.formula is not None
            assert "ScaleLevels" in cell.formula
            assert str(cell.value).split(" ", 1)[1].lower() == rating
    segments = list(book.column("Segments", "Realised rating").values())
    assert [str(cell.value).split(" ", 1)[1].lower() for cell in segments] == [
        *screening.segments["rating"],
        screening.total["rating"],
    ]
    assert all(cell.formula for cell in segments)


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("Return", "return"),
        ("Benchmark return", "benchmark_return"),
        ("Relative return", "relative_return"),
        ("Relative 6m", "relative_return_6m"),
        ("Relative 12m", "relative_return_12m"),
        ("Relative to second", "alternative_relative_return"),
        ("Base close", "base_close"),
        ("Benchmark end", "benchmark_end"),
    ],
)
def test_every_figure_of_a_company_is_a_formula_with_its_result(head: str, column: str) -> None:
    screening = packaged()
    book = _read(screening)
    cells = book.column("Companies", head)
    first = min(book.column("Companies", "No."))
    for i, value in enumerate(screening.companies[column]):
        cell = cells.get(first + i)
        if math.isnan(value):
            assert cell is None or not cell.value
        else:
            assert cell is not None
            assert cell.formula
            # Sixteen digits are written, one fewer than a float has.
            assert cell.value == pytest.approx(value, rel=1e-14)


def test_a_formula_leads_back_to_values() -> None:
    """Follow NVIDIA's rating to the closes: three steps, each reading cells of its row."""
    book = _read(packaged())
    companies = book.sheets["Companies"]
    row = next(split(at)[1] for at, cell in companies.items() if cell.value == "NVDA")

    def at(head: str, sheet: str = "Companies") -> str:
        return split(next(k for k, c in book.sheets[sheet].items() if c.value == head))[0]

    assert companies[f"{at('Realised rating')}{row}"].formula == (
        f"IF({at('Level')}{row}=0,UnratedLabel,INDEX(ScaleLevels,{at('Level')}{row}))"
    )
    assert f"{at('Relative return')}{row}" in (companies[f"{at('Level')}{row}"].formula or "")
    relative = companies[f"{at('Relative return')}{row}"].formula or ""
    assert f"{at('Return')}{row}-{at('Benchmark return')}{row}" in relative
    link = companies[f"{at('Base close')}{row}"].formula or ""
    target = re.search(r"Evidence!([A-Z]+\d+)", link)
    assert target is not None
    close = book.sheets["Evidence"][target[1]]
    assert close.formula is None
    assert close.value == packaged().companies["base_close"][2]
    assert set(book.names) >= {"Comparison", "Tolerance", "ScaleBounds", "ScaleIncludes"}


def test_scale_of_any_shape_is_laid_out_worst_first() -> None:
    book = _read(packaged())
    method = book.sheets["Method"]
    top = split(book.names["ScaleLevels"].split("!")[1].split(":")[0])[1]
    rows = [[method.get(f"{c}{top + i}") for c in "BCD"] for i in range(3)]
    shown = [[cell.value if cell else None for cell in row] for row in rows]
    # 以上 includes the number on both sides, so -10% itself belongs below.
    assert shown == [
        ["underperform", None, None],
        ["neutral", -0.1, 0.0],
        ["outperform", 0.1, 1.0],
    ]


def test_denominators_are_counted_by_formula() -> None:
    book = _read(packaged())
    summary = book.sheets["Summary"]
    counted = [
        (cell.formula or "", cell.value)
        for at, cell in summary.items()
        if split(at)[0] == "B" and cell.formula and "COUNTIFS" in cell.formula
    ]
    assert len(counted) == 6
    assert sum(float(value or 0) for _, value in counted) == 36
    checks = [cell.value for cell in summary.values() if cell.formula and "✓" in cell.formula]
    assert checks.count("✓") >= 2


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_are_text(lang: Lang, tmp_path: Path) -> None:
    book = _read(hostile(), lang)
    shown = {cell.value for cell in book.sheets["Companies"].values()}
    assert {visible_text(name) for name in HOSTILE} <= shown
    for _, _, cell in book.formulas():
        for name in HOSTILE:
            assert name not in (cell.formula or "")
    for sheet in book.sheets.values():
        for cell in sheet.values():
            if isinstance(cell.value, str):
                assert not re.search(r"[\x00-\x1f\u202a-\u202e]", cell.value)
    with zipfile.ZipFile(write_workbook(hostile(), tmp_path / "book.xlsx", lang)) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert "evil" not in archive.read(name).decode()


def test_every_table_has_a_filter_and_its_head_stays_in_view(tmp_path: Path) -> None:
    write_workbook(packaged(), tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        xml = {
            name: archive.read(f"xl/worksheets/sheet{i}.xml").decode()
            for i, name in enumerate(SHEETS, start=1)
        }
    for name in ("Segments", "Companies", "Evidence", "Unrated", "Findings"):
        assert 'state="frozen"' in xml[name], name
    for name in ("Segments", "Companies", "Evidence", "Unrated"):
        assert "<autoFilter" in xml[name], name
    for name in ("Segments", "Companies", "Evidence"):
        assert xml[name].count('<cfRule type="cellIs"') >= 4, name


@pytest.mark.parametrize("lang", LANGS)
def test_the_summary_s_sentences_wrap_over_the_columns_beside_them(lang: Lang) -> None:
    screening = packaged()
    (at,) = (
        name
        for name, cell in _read(screening, lang).sheets["Summary"].items()
        if cell.value == headline(screening).of(lang)
    )
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(screening, lang))) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    merged = re.findall(r'<mergeCell ref="(A\d+):([A-Z])\d+"', xml)
    assert (at, "O") in merged
    assert "D" in dict(merged).values()  # the sector call ends before the chart


def test_long_names_of_few_rows_make_a_chart_higher() -> None:
    """Names of segments are longer in English; the charts are those of the same rows."""

    def rows(lang: Lang) -> int:
        with zipfile.ZipFile(io.BytesIO(workbook_bytes(packaged(), lang))) as archive:
            names = [one for one in archive.namelist() if re.search(r"drawings/drawing\d", one)]
            drawn = [archive.read(one).decode() for one in names]
        ends = [int(one) for one in re.findall(r"<xdr:to>.*?<xdr:row>(\d+)", drawn[1])]
        starts = [int(one) for one in re.findall(r"<xdr:from>.*?<xdr:row>(\d+)", drawn[1])]
        return ends[0] - starts[0]

    # 11 segments: 19 pixels each would be 15 rows of 20 pixels.
    assert rows("en") > 20


def test_colours_follow_the_setting() -> None:
    china, west = workbook_bytes(packaged()), workbook_bytes(packaged(), colours="west")
    assert china != west
    assert workbook_bytes(packaged(), "en") == workbook_bytes(packaged(), "en", "west")


def test_the_same_screening_gives_the_same_bytes() -> None:
    assert workbook_bytes(packaged()) == workbook_bytes(packaged())


def test_it_was_made_on_the_day_it_is_as_of(tmp_path: Path) -> None:
    write_workbook(packaged(), tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        about = archive.read("docProps/core.xml").decode()
        assert about.count("2026-01-09T00:00:00Z") == 2
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.slow
def test_another_process_gives_the_same_bytes() -> None:
    """Neither the clock nor the order of hashes is in the file."""
    code = (
        "import sys, hashlib\n"
        "from tests.screenings import packaged\n"
        "from supplychain_screen.output.workbook.book import workbook_bytes\n"
        "print(hashlib.sha256(workbook_bytes(packaged())).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "TZ": zone, "PATH": ""},
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(seen) == 1


def test_many_mentions_thin_the_paths_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain_screen.output.workbook.daily.PATH_CELLS", 2000)
    book = _read.__wrapped__(packaged())
    notes = [str(cell.value) for at, cell in book.sheets["Paths"].items() if at[0] == "A"]
    assert any(
        re.fullmatch(r"Many mentions: \d+ of \d+ days, evenly spaced\.", one) for one in notes
    )
    days = [cell for cell in book.column("Paths", "Session").values() if cell.value is not None]
    assert 30 < len(days) < 50


def test_paths_end_where_the_companies_do() -> None:
    screening = packaged()
    book = _read(screening)
    heads = {cell.value: at for at, cell in book.sheets["Paths"].items()}
    place = next(at for value, at in heads.items() if str(value).endswith(" NVDA"))
    letters = split(place)[0]
    values = [c.value for at, c in book.sheets["Paths"].items() if split(at)[0] == letters]
    assert values[1] == 0.0
    relative = screening.companies["relative_return_to_date"][2]
    assert values[-1] == pytest.approx(relative, abs=1e-12)


# --- Where it cannot be written -------------------------------------------------------------


def _full(path: Path, content: bytes) -> int:
    with path.open("wb") as part:
        part.write(content[:100])
    raise OSError(errno.ENOSPC, "No space left on device")


def _closed(*_: Any, **__: Any) -> int:
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("fault", "says"), [(_full, "No space left on device; free"), (_closed, "Permission denied")]
)
def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(
    fault: Callable[..., int], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"last week's")
    monkeypatch.setattr(Path, "write_bytes", fault)
    with pytest.raises(OutputError, match=says):
        write_workbook(packaged(), path)
    monkeypatch.undo()
    assert path.read_bytes() == b"last week's"
    assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_folder_or_a_file_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        write_workbook(packaged(), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_workbook(packaged(), tmp_path / "file" / "book.xlsx")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert write_workbook(packaged(), tmp_path / "a" / "b" / "book.xlsx").is_file()


@pytest.mark.parametrize(
    ("lang", "words", "other"),
    [("zh", "个交易日无成交量", "without volume"), ("en", "sessions without volume", "个交易日")],
)
def test_findings_are_said_in_the_workbooks_language(lang: Lang, words: str, other: str) -> None:
    cells = _read(packaged(), lang).sheets["Findings"].values()
    said = " ".join(str(cell.value) for cell in cells)
    assert words in said
    assert other not in said
