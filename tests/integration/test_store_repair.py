"""A damaged store is taken apart as little as needed, and the next update makes it whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.price_histories import BYD, ESPRESSIF, GOODIX, ScriptedSource, history
from typer.testing import CliRunner

from supplychain_screen.cli import app
from supplychain_screen.errors import StoreError
from supplychain_screen.identity import exchange_sessions
from supplychain_screen.prices.store import PriceStore, UpdateReport, update
from supplychain_screen.prices.store.parquet_files import action_of, write_file
from supplychain_screen.prices.store.tables import SCHEMAS

pytestmark = pytest.mark.slow

ALL = (BYD, ESPRESSIF, GOODIX)
FIRST, LAST = date(2025, 5, 6), date(2025, 6, 6)
NOW = datetime(2025, 6, 6, 22, tzinfo=UTC)


def answers(days_less: int) -> ScriptedSource:
    found = {}
    for number, one in enumerate(ALL):
        days = exchange_sessions(one.calendar, FIRST, LAST).tolist()
        closes = {str(day): 50 + 10 * number + k / 8 for k, day in enumerate(days)}
        for _ in range(days_less):
            closes.popitem()
        at = f"{list(closes)[-1]}T22:00"
        found[one.id] = history(closes, of=one, at=at, first=str(FIRST))
    return ScriptedSource(found)


def fill(place: Path, days_less: int) -> UpdateReport:
    source = answers(days_less)
    now = max(one.fetched_at for one in source.answers.values())  # type: ignore[union-attr]
    return update(PriceStore(place), ALL, source, now=now, first=FIRST)


def read(place: Path) -> dict[str, list[float]]:
    loaded = PriceStore(place).load(ALL, FIRST, LAST, "price")
    return {name: one.close.tolist() for name, one in loaded.series.items()}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Packed rows of two evenings, and one small file a listing of the third."""
    for days_less in (2, 1):
        fill(tmp_path / "prices", days_less)
    PriceStore(tmp_path / "prices").compact(NOW, full=True)
    fill(tmp_path / "prices", 0)
    return tmp_path / "prices"


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 4
    file.write_bytes(content)


def newest(place: Path, pattern: str) -> Path:
    from deltalake import DeltaTable

    table, _, kind = pattern.partition("/")
    if kind.startswith("_"):
        return max((place / table).glob(kind), key=lambda path: path.name)
    uris = DeltaTable(place / table).file_uris()
    return max(Path(uri) for uri in uris if Path(uri).match(kind))


DATA = [("bars/packed-*", 3), ("bars/part-*", 1), ("fetches/packed-*", 3), ("fetches/part-*", 1)]
LOGS = [
    "bars/_delta_log/*.json",
    "fetches/_delta_log/*.json",
    "fetches/_delta_log/*.checkpoint.parquet",
    "bars/_sums/*.json",
]


def flip_early(file: Path) -> None:
    """A bit of the rows of a data file, of the text of a log or a checksum."""
    flip(file, 8 if file.parent.name == "_sums" else 60)


@pytest.mark.parametrize(
    ("pattern", "asked", "damage"),
    [
        *((pattern, asked, flip_early) for pattern, asked in DATA),
        *((pattern, asked, Path.unlink) for pattern, asked in DATA),
        *((pattern, 0, flip_early) for pattern in LOGS),
    ],
)
def test_what_was_lost_is_fetched_again(
    place: Path, pattern: str, asked: int, damage: Callable[[Path], object]
) -> None:
    whole = read(place)
    file = newest(place, pattern)
    damage(file)
    with pytest.raises(StoreError, match=r"prices.*repair, and fetch.*prices update") as caught:
        read(place)
    assert file.name in str(caught.value)
    done = PriceStore(place).repair(NOW)
    assert len(done.listings) == asked
    assert len(done.damages) == 1
    assert file.name in done.damages[0]
    # what is left is true, if less
    for name, closes in read(place).items():
        assert closes == whole[name][: len(closes)]
    assert PriceStore(place).check().problems == ()
    report = fill(place, 0)
    assert report.requests == asked
    assert report.outcome == "complete"
    assert read(place) == whole
    assert PriceStore(place).check().problems == ()
    PriceStore(place).compact(NOW, full=True)
    assert read(place) == whole
    assert PriceStore(place).repair(NOW) == type(done)((), ())


def test_check_names_file_batch_and_symbol_of_what_reading_does_not_see(place: Path) -> None:
    """The column of opens is in no series, so only a check meets it."""
    from supplychain_screen.prices.store.sums import read_sums

    file = newest(place, "bars/part-*")
    chunk = read_sums(str(file))[0, SCHEMAS["bars"].names.index("open")]
    flip(file, int(chunk["offset"]) + int(chunk["length"]) - 2)
    read(place)
    (problem,) = PriceStore(place).check().problems
    assert file.name in problem
    assert "column open" in problem
    assert any(one.id in problem for one in ALL)
    assert "of the batches 20250606T220000-" in problem
    ran = CliRunner().invoke(app, ["prices", "check", "--store", str(place)])
    assert ran.exit_code != 0
    assert file.name in ran.output
    fixed = CliRunner().invoke(app, ["prices", "repair", "--lang", "en", "--store", str(place)])
    assert fixed.exit_code == 0
    assert "were lost; run supplychain-screen prices update" in fixed.output
    again = CliRunner().invoke(app, ["prices", "repair", "--lang", "en", "--store", str(place)])
    assert "is sound; nothing was done" in again.output


def test_rows_changed_by_another_program_are_told_by_the_hash_of_their_batch(place: Path) -> None:
    """A file with checksums of its own that somebody wrote with other prices."""
    import pyarrow.parquet as pq
    from deltalake.transaction import RemoveAction

    store = PriceStore(place)
    name = newest(place, "bars/part-*")
    rows = pq.read_table(name, schema=SCHEMAS["bars"])
    at = rows.schema.get_field_index("close")
    rows = rows.set_column(at, "close", [[rows.column("close")[0].as_py() + 1]])
    tables = store._tables
    tables.table("bars")
    added = write_file(tables.filesystem("bars"), rows, SCHEMAS["bars"])
    size = name.stat().st_size
    tables.replace("bars", [added], [RemoveAction(name.name, False, 0, size, {})])
    (problem,) = PriceStore(place).check().problems
    assert "its hash does not match" in problem
    assert any(one.id in problem for one in ALL)


def test_a_store_without_checksums_is_read_and_goes_on(place: Path) -> None:
    """As older versions wrote it: no checksums in files, none beside the log."""
    import pyarrow.parquet as pq
    from deltalake import DeltaTable
    from deltalake.transaction import RemoveAction

    whole, tables = read(place), PriceStore(place)._tables
    for name in SCHEMAS:
        table = tables.table(name)
        rows = DeltaTable(place / name).to_pyarrow_table().cast(SCHEMAS[name])
        if not rows.num_rows:
            continue
        gone = [
            RemoveAction(Path(uri).name, False, 0, Path(uri).stat().st_size, {})
            for uri in table.file_uris()
        ]
        pq.write_table(rows, place / name / "part-old.parquet")
        added = action_of(
            tables.filesystem(name), "part-old.parquet", rows, SCHEMAS[name], data_change=True
        )
        tables.replace(name, [added], gone)
    for folder in list(place.rglob("_sums")):
        shutil.rmtree(folder)
    assert read(place) == whole
    assert PriceStore(place).check().problems == ()
    assert fill(place, 0).outcome == "complete"
    PriceStore(place).compact(NOW, full=True)
    assert read(place) == whole
    (packed,) = (Path(uri) for uri in DeltaTable(place / "bars").file_uris())
    assert packed.name.endswith(".sum.parquet")
