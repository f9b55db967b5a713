"""Names that reports print and no openly licensed list has: ``data/universe/aliases.csv``.

::

    python tools/find_aliases.py --out data/universe --printed yanbao=printed.csv \\
        --list starwrights=a.csv --list thesteptwo=b.csv ...

Each file has the columns ``mic,code,name``. A name counts where its code is printed beside it in
a report, or where two lists of different sources give the same name to the same listing; case,
width, traditional characters, exchange marks and the legal form do not count as a difference. A
name that its listing already has in the ledger, or that says nothing (a city), is left out.
"""

from __future__ import annotations

import argparse
import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from opencc import OpenCC

Id = tuple[str, str]
COLUMNS = ("alias", "mic", "code", "evidence", "source")

_SIMPLIFY = OpenCC("t2s")
_MARK = re.compile(r"-[A-Z]{1,3}$")
_LEGAL = re.compile(r"(\(.*?\)|股份)?(有限)?(责任)?公司$")


def folded(name: str) -> str:
    """A name without what print varies."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    bare = _LEGAL.sub("", _MARK.sub("", plain))
    simple: str = _SIMPLIFY.convert(bare or plain)
    return simple.casefold()


def shown(name: str) -> str:
    """A name as it is kept: simplified as printed, without the mark of its class of shares."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return _MARK.sub("", plain)


def read_list(file: Path) -> list[tuple[Id, str]]:
    """The listings and names of one list."""
    with file.open(encoding="utf-8-sig", newline="") as rows:
        return [((one["mic"], one["code"]), one["name"]) for one in csv.DictReader(rows)]


def find_aliases(
    lists: Mapping[str, Iterable[tuple[Id, str]]],
    printed: Mapping[str, Iterable[tuple[Id, str]]],
    listed: Mapping[Id, set[str]],
) -> list[tuple[str, str, str, str, str]]:
    """Aliases with their evidence, ordered by listing and name.

    Parameters
    ----------
    lists, printed : mapping of str to iterable of ((mic, code), name)
        By source: lists, and names beside which a report prints the code.
    listed : mapping of (mic, code) to set of str
        Folded names that each listing of the ledger already has.
    """
    said: dict[tuple[Id, str], dict[str, str]] = defaultdict(dict)
    for source, rows in (*lists.items(), *printed.items()):
        for line, name in rows:
            if line in listed and re.search(r"[㐀-鿿]", name):
                said[line, folded(name)].setdefault(source, name)
    found = []
    for (line, key), sources in said.items():
        in_print = sorted(set(sources) & set(printed))
        agreeing = sorted(set(sources) - set(printed))
        if key in listed[line] or not (in_print or len(agreeing) >= 2):
            continue
        # The shortest spelling, simplified where one list has it so.
        spelled = sorted(
            (shown(sources[one]) for one in sources),
            key=lambda name: (len(name), _SIMPLIFY.convert(name) != name, name),
        )
        evidence = "printed" if in_print else "two lists"
        kept = [*in_print, *agreeing][:3]
        found.append((spelled[0], *line, evidence, "|".join(kept)))
    return sorted(found, key=lambda one: (one[1], one[2], one[0]))


def names_in_ledger(file: Path) -> dict[Id, set[str]]:
    """Folded Chinese names of every listing of the ledger that still trades."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {
            (one["mic"], one["code"]): {folded(one["name_zh"]), folded(one["name_zh_hant"])} - {""}
            for one in csv.DictReader(rows)
            if one["status"] != "delisted"
        }


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments, find the aliases, write them."""
    parser = argparse.ArgumentParser(description="Find names that reports print.")
    parser.add_argument("--out", type=Path, required=True)
    for name in ("--list", "--printed"):
        parser.add_argument(name, action="append", default=[], metavar="SOURCE=FILE")
    given = vars(parser.parse_args(arguments))
    files = {
        kind: {
            source: read_list(Path(file))
            for source, file in (one.split("=", 1) for one in given[kind])
        }
        for kind in ("list", "printed")
    }
    listed = names_in_ledger(given["out"] / "listings.csv")
    rows = find_aliases(files["list"], files["printed"], listed)
    with (given["out"] / "aliases.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([COLUMNS, *rows])
    print(f"{len(rows)} aliases")


if __name__ == "__main__":
    main()
