"""A reader of workbooks for the tests: cells, formulas and cached values, by the file format.

It knows ECMA-376 and nothing of the package or of the library that writes its workbooks.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Cell:
    """One cell: what it shows, and the formula behind it."""

    value: str | float | bool | None
    formula: str | None = None


@dataclass(frozen=True)
class Workbook:
    """Cells by sheet and reference, and the workbook's names.

    Parameters
    ----------
    sheets : dict of str to dict of str to Cell
        In tab order; references as ``B7``.
    names : dict of str to str
        Defined names, without leading equals signs.
    """

    sheets: dict[str, dict[str, Cell]]
    names: dict[str, str]

    def formulas(self) -> Iterator[tuple[str, str, Cell]]:
        """Every cell with a formula, with its sheet and reference."""
        for name, cells in self.sheets.items():
            for at, cell in cells.items():
                if cell.formula is not None:
                    yield name, at, cell

    def column(self, sheet: str, head: str) -> dict[int, Cell]:
        """The cells under a head, by row number."""
        cells = self.sheets[sheet]
        place = next(at for at, cell in cells.items() if cell.value == head)
        letters, row = split(place)
        return {
            split(at)[1]: cell
            for at, cell in cells.items()
            if split(at)[0] == letters and split(at)[1] > row
        }


def split(reference: str) -> tuple[str, int]:
    """``B7`` as column letters and row number."""
    found = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", reference)
    assert found, reference
    return found[1], int(found[2])


def read_workbook(path: str | Path | IO[bytes]) -> Workbook:
    """Everything a test asks of a workbook."""
    with zipfile.ZipFile(path) as archive:
        texts = _shared_texts(archive)
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        targets = {
            one.attrib["Id"]: posixpath.normpath(
                one.attrib["Target"].lstrip("/")
                if one.attrib["Target"].startswith("/")
                else posixpath.join("xl", one.attrib["Target"])
            )
            for one in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        sheets = {
            one.attrib["name"]: _cells(archive.read(targets[one.attrib[RELATION]]), texts)
            for one in book.iter(f"{MAIN}sheet")
        }
        names = {
            one.attrib["name"]: (one.text or "").lstrip("=")
            for one in book.iter(f"{MAIN}definedName")
        }
    return Workbook(sheets, names)


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in one.iter(f"{MAIN}t")) for one in root]


def _cells(xml: bytes, texts: list[str]) -> dict[str, Cell]:
    found = {}
    for one in ElementTree.fromstring(xml).iter(f"{MAIN}c"):
        shown, formula = one.find(f"{MAIN}v"), one.find(f"{MAIN}f")
        kind, text = one.get("t", "n"), None if shown is None else shown.text
        value: str | float | bool | None
        if kind == "inlineStr":
            value = "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
        elif text is None:
            value = "" if kind == "str" else None
        elif kind == "s":
            value = texts[int(text)]
        elif kind == "b":
            value = text == "1"
        else:
            value = text if kind in ("str", "e") else float(text)
        if value is not None or formula is not None:
            found[one.attrib["r"]] = Cell(value, None if formula is None else formula.text or "")
    return found


def rewrite(source: Path, target: Path, edits: dict[str, dict[str, str | float]]) -> Path:
    """Copy a workbook with other values in some cells and without any cached result.

    Parameters
    ----------
    edits : dict of sheet name to dict of reference to value
    """
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        book = ElementTree.fromstring(old.read("xl/workbook.xml"))
        order = [one.attrib["name"] for one in book.iter(f"{MAIN}sheet")]
        for name in old.namelist():
            content = old.read(name)
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name)
            if number:
                sheet = order[int(number[1]) - 1]
                content = _edited(content.decode(), edits.get(sheet, {})).encode()
            new.writestr(name, content)
    return target


def _edited(xml: str, edits: dict[str, str | float]) -> str:
    # A formula's cached result is the <v> right behind its </f>.
    xml = re.sub(r"(</f>)<v>[^<]*</v>", r"\1", xml)
    for at, value in edits.items():
        style = r'<c r="' + at + r'"((?: s="\d+")?)(?: t="\w+")?><v>[^<]*</v></c>'
        new = (
            rf'<c r="{at}"\1><v>{value!r}</v></c>'
            if isinstance(value, float)
            else rf'<c r="{at}"\1 t="inlineStr"><is><t>{value}</t></is></c>'
        )
        xml, n = re.subn(style, new, xml)
        assert n == 1, f"no cell {at} to edit"
    return xml
