"""What a user writes with one command, in a server of forks (see ``tests.kills``).

A page with all that goes beside it, or an import of a file of prices, each in a child that may be
killed at any step.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from tests.integration.store_writer import LISTINGS, SESSIONS, moment, truth
from tests.kills import serve
from tests.weekly_desks import Market, Served, small_report

from supplychain_screen import Screening, screen
from supplychain_screen.output import to_csv, to_json, write_page, write_workbook
from supplychain_screen.prices.store import PriceStore


def screened(day: str) -> Screening:
    """The small desk's report, measured on a day."""
    return screen(
        small_report(),
        published=date(2024, 12, 31),
        as_of=date.fromisoformat(day),
        prices=Served(Market()),
    )


def price_file(file: Path, n: int) -> Path:
    """The first ``n`` sessions as the vendor of :mod:`store_writer` has them on the last."""
    rows = ["symbol,date,close,volume"]
    for one in LISTINGS:
        days = SESSIONS[:n].astype(str)
        rows += [
            f"{one.code}.SS,{day},{close!r},1000000"
            for day, close in zip(days, truth(one.id, n, n - 1).tolist(), strict=True)
        ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def write(kind: str, place: str, which: str) -> None:
    """Write the outputs of a day into a folder, or a file's prices into a store."""
    if kind == "import":
        file, n = which.split("|")
        for one in PriceStore(place).import_file(
            file, LISTINGS, now=moment(int(n)), adjustment="splits", source="vendor"
        ):
            os.write(1, f"{one.history.listing} {n} {one.outcome}\n".encode())
        return
    found, folder = MEASURED[which], Path(place)
    write_page(found, folder / "page.html")
    write_workbook(found, folder / "book.xlsx")
    to_json(found, folder / "result.json")
    to_csv(found, folder / "tables")


DAYS = ("2025-06-27", "2025-12-31")
MEASURED: dict[str, Screening] = {}

if __name__ == "__main__":
    # imported once and before the fork; nothing is opened yet, since threads do not survive it
    import deltalake
    import deltalake.fs  # noqa: F401
    import pyarrow as pa
    import pyarrow.dataset
    import pyarrow.parquet

    pa.set_cpu_count(1)
    MEASURED.update({day: screened(day) for day in DAYS})
    serve(write)
