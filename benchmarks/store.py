"""The price store beside one Parquet file: reading 5,000 listings, appending one week to them.

    python benchmarks/store.py [--listings 5000] [--sessions 2500] [--rounds 7]

What is compared, alternating in one process, best and median of the rounds:

- reading: the columns listing, session, close, volume and fetch of every listing. The file has
  the same rows, sorted, written by pyarrow's defaults, and is read by pyarrow into columns,
  texts as dictionaries, which is the fastest way there is. The store serves split-adjusted
  series a listing, checked for revisions and verdicts; then both go on into a PricePanel.
- appending: five sessions for every listing. "Prepared" writes rows that are in a table already:
  the file by pyarrow's defaults, the store with the 5,000 verdicts beside, in two atomic commits
  that no reader sees half of. The other rows start from 5,000 accepted answers in memory and
  include the making of the tables, of which the store makes two.

Each row also says the peak memory of a process that does it once, imports included.
Fails (exit code 1) where reading series takes more than twice the time of the file's columns, or
appending prepared rows more than twice that of the file, by the best of the rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from supplychain_screen import Listing, PricePanel, PriceSeries
from supplychain_screen.identity.calendars import exchange_sessions
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Events
from supplychain_screen.prices.store.acceptance import Decision
from supplychain_screen.prices.store.committing import Batch, batch_of, write_prices
from supplychain_screen.prices.store.price_store import PriceStore
from supplychain_screen.prices.store.tables import Tables

LIMIT, LIMITED = 2.0, ("read", "append, prepared")
COLUMNS = ["listing", "session", "close", "volume", "fetch"]
FIRST, LAST = date(2015, 1, 5), date(2026, 12, 31)
FETCHED = datetime(2026, 12, 31, 12, tzinfo=UTC)
NO_EVENTS = Events.of()


def listings(count: int) -> list[Listing]:
    """Shanghai's and Shenzhen's, of all boards."""
    codes = [("XSHG", 600_000), ("XSHE", 300_000), ("XSHG", 688_000), ("XSHE", 1)]
    found = []
    for number in range(count):
        mic, start = codes[number % 4]
        code = f"{start + number // 4:06}"
        found.append(Listing(mic=mic, code=code, currency="CNY", first_session=date(2010, 1, 4)))
    return found


def history(
    one: Listing, sessions: Any, random: np.random.Generator, fetched_at: datetime
) -> FetchedHistory:
    """A random walk with a dividend a year, and for every fifth listing a bonus issue."""
    n = len(sessions)
    close = np.maximum(np.round(20 * np.exp(np.cumsum(random.normal(0, 0.02, n))), 2), 0.01)
    volume = random.integers(10**5, 10**8, n).astype(np.float64)
    paid = sessions[120::250]
    split = sessions[n // 2 : n // 2 + 1] if int(one.code) % 5 == 0 and n > 5 else sessions[:0]
    return FetchedHistory(
        listing=one.id,
        sessions=sessions,
        close=close,
        open=close * 0.99,
        high=close * 1.01,
        low=close * 0.98,
        volume=volume,
        splits=Events(split, np.full(len(split), 1.4)),
        dividends=Events(paid, np.full(len(paid), 0.01)),
        source="yahoo",
        symbol=one.symbol("yahoo") or "",
        fetched_at=fetched_at,
        asked_first=FIRST,
        currency="CNY",
        timezone=one.timezone,
        endpoint="https://query2.finance.yahoo.com/v8/finance/chart/",
        status=200,
    )


def build(folder: Path, count: int, n: int) -> None:
    """The store, packed, and one file with the same bars."""
    random = np.random.default_rng(0)
    store, ones = PriceStore(folder / "store"), listings(count)
    sessions = exchange_sessions("XSHG", FIRST, LAST)[:n]
    for start in range(0, count, 250):
        part = ones[start : start + 250]
        store.add([history(one, sessions, random, FETCHED) for one in part], part)
    store.compact(FETCHED, full=True)
    from deltalake import DeltaTable

    bars = DeltaTable(folder / "store" / "bars").to_pyarrow_table()
    bars = bars.sort_by([("listing", "ascending"), ("session", "ascending")])
    pq.write_table(bars, folder / "one.parquet")


def weeks(count: int, rounds: int) -> Iterator[list[Decision]]:
    """Five sessions for every listing, as accepted."""
    random = np.random.default_rng(1)
    ones = listings(count)
    for number in range(rounds):
        first = np.datetime64("2027-01-04") + 7 * number
        sessions = np.arange(first, first + 5)
        answers = (history(one, sessions, random, FETCHED + timedelta(7)) for one in ones)
        yield [Decision(one, "accepted", "", "", np.ones(5, bool)) for one in answers]


def file_columns(folder: Path) -> Any:
    """Columns of the one file."""
    return pq.read_table(
        folder / "one.parquet", columns=COLUMNS, read_dictionary=["listing", "fetch"]
    )


def file_panel(folder: Path, ones: Sequence[Listing]) -> PricePanel:
    """The one file as a panel, in the way that its order allows."""
    table = file_columns(folder)
    listing = table.column("listing").combine_chunks()
    codes = listing.indices.to_numpy()
    session = table.column("session").to_numpy().astype("datetime64[D]")
    close, volume = table.column("close").to_numpy(), table.column("volume").to_numpy()
    starts = np.append(0, np.flatnonzero(np.diff(codes)) + 1).tolist()
    names = listing.dictionary.to_pylist()
    series = [
        PriceSeries(
            names[codes[start]],
            session[start:stop],
            close[start:stop],
            volume[start:stop],
            "splits",
            "file",
            names[codes[start]],
        )
        for start, stop in zip(starts, [*starts[1:], len(codes)], strict=True)
    ]
    return PricePanel.build(series, ones, FIRST, LAST)


def store_series(folder: Path, ones: Sequence[Listing], basis: Any = "price") -> Any:
    """Every listing's series from the store."""
    loaded = PriceStore(folder / "store").load(ones, FIRST, LAST, basis)
    assert len(loaded.series) == len(ones)
    return loaded


def store_panel(folder: Path, ones: Sequence[Listing]) -> PricePanel:
    """The store as a panel."""
    return PricePanel.build(store_series(folder, ones).series.values(), ones, FIRST, LAST)


def bars_of(week: Sequence[Decision]) -> pa.Table:
    """The bars of some answers as a table, made as the store makes it."""
    answers = [one.history for one in week]
    counts = [len(one.sessions) for one in answers]
    ids = pa.array([one.listing for one in answers])
    columns: dict[str, Any] = {
        "listing": pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts)), ids
        ),
        "session": pa.array(np.concatenate([one.sessions for one in answers])),
    }
    for name in ("open", "high", "low", "close", "volume"):
        values = np.concatenate([getattr(one, name) for one in answers])
        columns[name] = pa.array(values, from_pandas=True)
    fetch = pa.array(np.zeros(sum(counts), np.int32))
    columns["fetch"] = pa.DictionaryArray.from_arrays(fetch, pa.array(["20270104T000000"]))
    return pa.table(columns)


def append_file(folder: Path, bars: pa.Table) -> None:
    """One week as one Parquet file."""
    pq.write_table(bars, folder / "week.parquet")


def append_store(tables: Tables, batch: Batch) -> None:
    """One week and its verdicts, in the order in which the store commits them."""
    tables.refresh("fetches", "bars")
    tables.commit("fetches", write_prices(tables, batch), guard=True)


def timed(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, one after the other in every round; the first round is not counted."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            result = way()
            seconds = time.perf_counter() - start
            del result
            if number:
                found[name].append(seconds)
    return found


def reading_ways(folder: Path, ones: Sequence[Listing]) -> dict[str, Callable[[], object]]:
    """What is compared in reading."""
    return {
        "read: one file, columns": lambda: file_columns(folder),
        "read: store, series": lambda: store_series(folder, ones),
        "read: store, total returns": lambda: store_series(folder, ones, "total"),
        "read: store, 45 listings": lambda: store_series(folder, ones[:: len(ones) // 45][:45]),
        "read: one file, panel": lambda: file_panel(folder, ones),
        "read: store, panel": lambda: store_panel(folder, ones),
    }


def peak_of(folder: Path, count: int, way: str) -> int:
    """Peak megabytes of a process of its own that goes one way once."""
    command = [sys.executable, __file__, "--listings", str(count), "--one", way, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(run.stdout)


def one_way(folder: Path, count: int, way: str) -> int:
    """Do one thing in this process, and say its peak in megabytes."""
    ones = listings(count)
    if way.startswith("append"):
        (week,) = weeks(count, 1)
        tables = Tables(folder / "peak")
        tables.create()
        tables.table("bars")
        batch = batch_of(week)
        if "store" in way:
            append_store(tables, batch)
        else:
            append_file(folder, batch.bars)
    else:
        reading_ways(folder, ones)[way]()
    status = Path("/proc/self/status")
    if status.exists():
        # Linux hands ru_maxrss on to children, so the parent's peak would be measured
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def appending(folder: Path, count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of appending, to a store of its own."""
    tables = Tables(folder / "appended")
    tables.create()
    tables.table("bars")
    found: dict[str, list[float]] = {
        "append: one file": [],
        "append: store": [],
        "append: one file, prepared": [],
        "append: store, prepared": [],
    }
    for number, week in enumerate(weeks(count, rounds + 1)):
        moments = [time.perf_counter()]
        table = bars_of(week)
        moments.append(time.perf_counter())
        append_file(folder, table)
        moments.append(time.perf_counter())
        batch = batch_of(week)
        moments.append(time.perf_counter())
        append_store(tables, batch)
        moments.append(time.perf_counter())
        if number:
            made, written, batched, stored = np.diff(moments).tolist()
            found["append: one file"].append(made + written)
            found["append: store"].append(batched + stored)
            found["append: one file, prepared"].append(written)
            found["append: store, prepared"].append(stored)
    return found


def main() -> int:
    """Measure, print the table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_500)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(one_way(Path(options.one[1]), options.listings, options.one[0]))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, options.listings, options.sessions)
        ones = listings(options.listings)
        seconds = timed(reading_ways(folder, ones), options.rounds)
        seconds |= appending(folder, options.listings, options.rounds * 3)
        peaks = {way: peak_of(folder, options.listings, way) for way in seconds}
    ratios = {
        "read": min(seconds["read: store, series"]) / min(seconds["read: one file, columns"]),
        "panel": min(seconds["read: store, panel"]) / min(seconds["read: one file, panel"]),
        "append": min(seconds["append: store"]) / min(seconds["append: one file"]),
        "append, prepared": min(seconds["append: store, prepared"])
        / min(seconds["append: one file, prepared"]),
    }
    print(f"{options.listings:,} listings x {options.sessions:,} sessions\n")
    print(f"{'':<30}{'best':>10}{'median':>10}{'peak':>10}")
    for way, times in seconds.items():
        print(
            f"{way:<30}{min(times) * 1e3:>7.1f} ms{median(times) * 1e3:>7.1f} ms{peaks[way]:>7} MB"
        )
    print()
    for what, ratio in ratios.items():
        print(f"{what:<18} store / one file {ratio:.2f}")
    figures = {
        "listings": options.listings,
        "sessions": options.sessions,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "seconds": {way: {"best": min(t), "median": median(t)} for way, t in seconds.items()},
        "peak_mb": peaks,
        "ratios": ratios,
    }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    return int(max(ratios[what] for what in LIMITED) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
