"""Whole processes: from files on disk to the returns of all calls, start of Python included.

    python benchmarks/processes.py [--listings 5000] [--sessions 2520] [--wide 50000 1260]
                                   [--calls 40000 1000000] [--rounds 7] [--folder DIR]
                                   [--json FILE]

Every contender is a process of its own: it reads the calls from Parquet and the prices from
Parquet (or, for ours, from the saved panel), finds the relative return to 6 months, 12 months and
to date, and writes the three columns to a file. Names are strings in both files, the prices'
dictionary encoded and in the order of listing and date. Ours finds ages, ratings, reasons and
stages as well. Before any time is printed, all columns must agree to 1e-12.

The contenders take turns; medians of wall time, user CPU and the largest resident memory. The
last table is one report of 36 calls from the saved panel, on the kernel, without frames.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from calls import make_calls, make_prices

from supplychain_screen import save_panel

TOLERANCE = 1e-12
REPORT = 36

# What everybody is told: prices, calls, and where the columns go. The largest memory is read from
# the process itself: what the system tells its parent counts the parent's own as well.
GIVEN = """
import atexit, sys
prices, calls, out = sys.argv[1:]

@atexit.register
def _tell():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    open(out + ".memory", "w").write(status["VmHWM"].split()[0])
"""

OURS = """
import numpy as np
import pandas as pd
from supplychain_screen.prices.panel.building import panel_from_parquet
from supplychain_screen.prices.panel.saved import open_panel
from supplychain_screen.research.report import load_report
from supplychain_screen.scoring.calls import score_calls

standard = load_report().standard
asked = pd.read_parquet(calls)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
start = 1024 * int(status["VmRSS"].split()[0])
if prices.endswith(".parquet"):
    panel = panel_from_parquet(prices, indices=standard.indices, adjustment="splits")
else:
    panel = open_panel(prices)
found = score_calls(asked, panel, standard)
names = [f"{window}_difference" for window in ("6m", "12m", "to_date")]
np.save(out, np.stack([found[name] for name in names]))
results = found.drop(columns=asked.columns).memory_usage(index=False).sum()
held = panel.close.nbytes + panel.stamp.nbytes + results
if not prices.endswith(".parquet"):
    open(out + ".held", "w").write(f"{start} {held}")
"""

# One report needs no frames: names and one date, on the kernel itself.
ONE_REPORT = """
import json

import numpy as np
from supplychain_screen.prices.panel.saved import open_panel
from supplychain_screen.scoring.kernel import measure
from supplychain_screen.scoring.measurement import Rules

asked = json.load(open(calls))
panel = open_panel(prices)
day = np.full(len(asked["listing"]), asked["published"], np.int32)
scores = measure(panel, panel.rows(asked["listing"]), panel.rows(asked["benchmark"]), day,
                 panel.last_day, Rules((-0.1, 0.1)))
np.save(out, scores.relative.difference)
"""

ENDS = """
import numpy as np

def difference(close, session, index):
    close, session, index = (np.asarray(one).reshape(4, -1) for one in (close, session, index))
    found = close[1:] / close[0] - index[1:] / index[0]
    found[~(session[1:] > session[0])] = np.nan
    np.save(out, found)

BENCHMARK = {"XSHG": "INDEX:CSI300", "XHKG": "INDEX:HSI", "XNAS": "INDEX:SPX"}
"""

POLARS = (
    ENDS
    + """
import polars as pl

book = pl.read_parquet(prices)
asked = pl.read_parquet(calls)
ids = pl.Enum(book["listing"].unique().cast(pl.String).sort())
book = book.with_columns(pl.col("listing").cast(pl.String).cast(ids)).sort("date")
mic = pl.col("listing").str.split(":").list.first()
asked = asked.with_columns(
    bench=mic.replace_strict(BENCHMARK).cast(ids), listing=pl.col("listing").cast(ids)
)
last, day = book["date"][-1], pl.col("published")
ends = [day, day.dt.offset_by("6mo"), day.dt.offset_by("12mo"),
        pl.min_horizontal(day.dt.offset_by("12mo"), pl.lit(last))]
legs = pl.concat([asked.select("listing", "bench", date=end) for end in ends])
legs = legs.with_row_index("at").sort("date")
mine = legs.join_asof(book.with_columns(session="date"), on="date", by="listing",
                      check_sortedness=False)
mine = mine.select("at", "bench", "session", mine="close").sort("session")
both = mine.join_asof(book, left_on="session", right_on="date", by_left="bench",
                      by_right="listing", check_sortedness=False).sort("at")
nan = float("nan")
difference(both["mine"].fill_null(nan), both["session"].cast(pl.Int32).fill_null(-(2**30)),
           both["close"].fill_null(nan))
"""
)

DUCKDB = (
    ENDS
    + """
import duckdb

found = duckdb.sql(f'''
    WITH book AS (SELECT listing::VARCHAR AS listing, date, close FROM '{prices}'),
    last AS (SELECT max(date) AS day FROM book),
    asked AS (SELECT row_number() OVER () AS place, listing, published,
      CASE split_part(listing, ':', 1) WHEN 'XSHG' THEN 'INDEX:CSI300'
        WHEN 'XHKG' THEN 'INDEX:HSI' ELSE 'INDEX:SPX' END AS bench FROM '{calls}'),
    legs AS (
      SELECT 0 AS w, place, listing, bench, published AS day FROM asked UNION ALL
      SELECT 1, place, listing, bench, (published + INTERVAL 6 MONTH)::DATE FROM asked UNION ALL
      SELECT 2, place, listing, bench, (published + INTERVAL 12 MONTH)::DATE FROM asked UNION ALL
      SELECT 3, place, listing, bench, least((published + INTERVAL 12 MONTH)::DATE,
        (SELECT day FROM last)) FROM asked),
    mine AS (SELECT w, place, bench, b.date AS session, b.close FROM legs l
      ASOF LEFT JOIN book b ON l.listing = b.listing AND l.day >= b.date)
    SELECT m.close, coalesce(m.session - DATE '1970-01-01', -1073741824) AS session,
      i.close AS index
    FROM mine m ASOF LEFT JOIN book i ON m.bench = i.listing AND m.session >= i.date
    ORDER BY w, place''').fetchnumpy()
difference(*(np.ma.filled(found[name].astype(float), np.nan)
             for name in ("close", "session", "index")))
"""
)

PANDAS = (
    ENDS
    + """
import pandas as pd

book, asked = pd.read_parquet(prices), pd.read_parquet(calls)
kind = pd.CategoricalDtype(book["listing"].cat.categories)
book["date"] = pd.to_datetime(book["date"]).astype("datetime64[s]")
book = book.sort_values("date", kind="stable")
book["session"] = book["date"]
day = pd.to_datetime(asked["published"]).astype("datetime64[s]")
bench = asked["listing"].str.partition(":")[0].map(BENCHMARK)
year = day + pd.DateOffset(months=12)
ends = [day, day + pd.DateOffset(months=6), year, year.clip(upper=book["date"].iloc[-1])]

def join(listing, date):
    legs = pd.DataFrame({"listing": listing.astype(kind), "date": date})
    legs["at"] = np.arange(len(legs))
    legs = legs.sort_values("date", kind="stable")
    return pd.merge_asof(legs, book, on="date", by="listing").sort_values("at")

four = [pd.concat([one] * 4, ignore_index=True) for one in (asked["listing"], bench)]
mine = join(four[0], pd.concat(ends, ignore_index=True).astype("datetime64[s]"))
never = pd.Timestamp("1900-01-01")
session = mine["session"].fillna(never).reset_index(drop=True)
index = join(four[1], session)
difference(mine["close"].to_numpy(), session.to_numpy(), index["close"].to_numpy())
"""
)

CONTENDERS = {
    "ours, saved panel": ("panel", OURS),
    "ours, Parquet": ("parquet", OURS),
    "Polars join_asof": ("parquet", POLARS),
    "DuckDB ASOF JOIN": ("parquet", DUCKDB),
    "pandas merge_asof": ("parquet", PANDAS),
}
# Of the wide set, which takes half a minute a process.
WIDE_CONTENDERS = ("ours, saved panel", "ours, Parquet", "Polars join_asof")
REPORT_CONTENDERS = {"ours, saved panel": ("panel", ONE_REPORT)}


def run(script: str, prices: Path, calls: Path, out: Path) -> tuple[float, float, float]:
    """Wall seconds, user seconds and megabytes of one child process."""
    start = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-W", "ignore", "-c", GIVEN + script, str(prices), str(calls), str(out)],
        os.environ,
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"a contender failed with status {status}")
    wall = time.perf_counter() - start
    return wall, used.ru_utime, int(Path(f"{out}.memory").read_text()) / 1024


def prepare(folder: Path, listings: int, sessions: int, sizes: list[int]) -> None:
    prices = make_prices(listings, sessions)
    ids = pa.DictionaryArray.from_arrays(
        pa.array(prices.row.astype(np.int32)), pa.array(list(prices.panel.listings))
    )
    days = pa.array(prices.day.astype("datetime64[D]"))
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({"listing": ids, "date": days, "close": prices.close}),
        folder / "prices.parquet",
    )
    save_panel(prices.panel, folder / "prices.panel")
    for n in sizes:
        calls = make_calls(prices, n)
        published = pa.array(calls.published.astype("datetime64[D]"))
        listing = pa.array(calls.frame["listing"].tolist())
        pq.write_table(
            pa.table({"listing": listing, "published": published}), folder / f"calls-{n}.parquet"
        )
    calls = make_calls(prices, REPORT)
    names = prices.panel.listings
    report = {
        "listing": [names[row] for row in calls.rows],
        "benchmark": [names[row] for row in calls.bench],
        "published": int(calls.published[0]),
    }
    (folder / "report.json").write_text(json.dumps(report))


def compare(
    folder: Path, n: int, rounds: int, contenders: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """Alternate the contenders on one job; agreement first, then the table."""
    wanted = list(contenders)
    calls = folder / (f"calls-{n}.parquet" if n != REPORT else "report.json")
    out = folder / "found.npy"
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in wanted}
    expected = None
    for turn in range(rounds + 1):
        for name in wanted:
            form, script = contenders[name]
            figures = run(script, folder / f"prices.{form}", calls, out)
            if turn:
                runs[name].append(figures)
                continue
            # The first turn fills the disk's cache and shows that all mean the same.
            found = np.load(out)
            expected = found if expected is None else expected
            np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE, err_msg=name)
    table = {name: [median(one) for one in zip(*runs[name], strict=True)] for name in wanted}
    print(f"\n{n:,} calls, {folder.name}; all agree to {TOLERANCE}; load {os.getloadavg()[0]:.1f}")
    polars = table.get("Polars join_asof", [0.0])[0]
    print(f"{'':20}{'wall s':>9}{'user s':>9}{'MB':>8}{'over Polars':>13}")
    for name, (wall, user, memory) in table.items():
        over = f"{wall / polars:13.2f}" if polars else ""
        print(f"{name:20}{wall:9.3f}{user:9.3f}{memory:8.0f}{over}")
    if n != REPORT:
        ours = "ours, saved panel"
        start, held = (int(one) / 2**20 for one in Path(f"{out}.held").read_text().split())
        peak = table[ours][2] - start
        print(
            f"panel and results are {held:.0f} MB; {ours}, held at most {peak / held:.2f} times "
            f"as much, besides {start:.0f} MB of Python, pandas and the calls"
        )
    return {"calls": n, "prices": folder.name, "processes": table}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument(
        "--wide",
        type=int,
        nargs=2,
        default=[50_000, 1_260],
        help="a second set of listings and sessions; 0 0 for none",
    )
    parser.add_argument("--calls", type=int, nargs="*", default=[40_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    parser.add_argument("--folder", type=Path, help="keeps the files; otherwise they are removed")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    contenders = {name: how for name, how in CONTENDERS.items() if name not in asked.without}
    jobs = []
    with tempfile.TemporaryDirectory() as made:
        root = asked.folder or Path(made)
        for listings, sessions in ((asked.listings, asked.sessions), tuple(asked.wide)):
            if not listings:
                continue
            folder = root / f"{listings}x{sessions}"
            if not (folder / "report.json").exists():
                prepare(folder, listings, sessions, asked.calls)
            wide = listings != asked.listings
            met = {
                name: how for name, how in contenders.items() if not wide or name in WIDE_CONTENDERS
            }
            for n in asked.calls:
                jobs.append(compare(folder, n, asked.rounds, met))
                sys.stdout.flush()
            if not wide:
                jobs.append(compare(folder, REPORT, asked.rounds, REPORT_CONTENDERS))
    if asked.json:
        asked.json.write_text(json.dumps(jobs, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
