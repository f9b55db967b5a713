"""How long the whole process takes to write a workbook, at 36 and at 2,000 mentions.

    python benchmarks/workbook.py

Each measurement is a process of its own: start of Python, imports, a panel from a file, the
screen, the workbook. The panel is built before and is not part of it. Beside it, where quantstats
is installed: its HTML sheet of one stock, the nearest thing that desks use.

Fails (exit code 1) where 2,000 mentions take 10 seconds or more.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT_SECONDS = 10.0
MENTIONS = (36, 2_000)

_OURS = """
import json, resource, sys, time
from datetime import date
start = time.perf_counter()
from benchmarks.workbook import replicated
from supplychain_screen.prices.sources.files.source import FileSource
from supplychain_screen.screening.screening import screen
mentions, prices, target = int(sys.argv[1]), sys.argv[2], sys.argv[3]
report = replicated(mentions)
result = screen(report, "2024-12-31", "2026-01-09", prices=FileSource(prices, adjustment="splits"))
screened = time.perf_counter()
path = result.to_excel(target)
done = time.perf_counter()
print(json.dumps({
    "screen": screened - start, "workbook": done - screened,
    "bytes": path.stat().st_size,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""

_QUANTSTATS = """
import sys, warnings
warnings.simplefilter("ignore")
import pandas as pd
import quantstats as qs
moves = pd.read_parquet(sys.argv[1]).set_index("date").pct_change().dropna()
qs.reports.html(moves["stock"], benchmark=moves["index"], output=sys.argv[2])
"""


def replicated(mentions: int) -> Any:
    """The packaged report with its table repeated under other names until it has ``mentions`` rows.

    Every repetition has segments and companies of its own; the securities repeat.
    """
    from supplychain_screen import load_report

    report = load_report()
    rows, segments = report.mentions, len(report.segments)
    more = []
    for i in range(mentions):
        one, n = rows[i % len(rows)], i // len(rows)
        suffix = f" {n + 1}" if n else ""
        more.append(
            one.model_copy(
                update={
                    "order": i + 1,
                    "segment_no": one.segment_no + segments * n,
                    "segment": one.segment + suffix,
                    "company": one.company + suffix,
                }
            )
        )
    return report.model_copy(update={"mentions": tuple(more)})


def simulated_file(folder: Path) -> Path:
    """Simulated closes of the packaged report as one price file."""
    import pandas as pd

    from supplychain_screen import SimulatedSource, load_report

    report = load_report()
    loaded = SimulatedSource().load(
        report.instruments,
        *(pd.Timestamp(day).date() for day in ("2021-12-31", "2026-01-09")),
        "price",
    )
    symbols = {one.id: one.symbol("yahoo") for one in report.instruments}
    frames = [
        pd.DataFrame(
            {
                "symbol": symbols[name],
                "date": series.sessions.astype("datetime64[s]"),
                "close": series.close,
                "volume": series.volume,
            }
        )
        for name, series in loaded.series.items()
    ]
    path = folder / "prices.parquet"
    pd.concat(frames).to_parquet(path, index=False)
    return path


def measured(code: str, *arguments: str) -> tuple[float, str]:
    """Seconds of a whole process, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    return seconds, done.stdout


def quantstats_sheet(folder: Path, prices: Path) -> float | None:
    """Seconds of the whole process for one quantstats sheet; None where it is not installed."""
    if importlib.util.find_spec("quantstats") is None:
        return None
    import pandas as pd

    closes = pd.read_parquet(prices).pivot(index="date", columns="symbol", values="close")
    pair = closes[["688018.SS", "000300.SS"]].dropna().set_axis(["stock", "index"], axis=1)
    pair.rename_axis("date").reset_index().to_parquet(folder / "pair.parquet")
    return measured(_QUANTSTATS, str(folder / "pair.parquet"), str(folder / "sheet.html"))[0]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="take the best of so many runs")
    repeat = parser.parse_args().repeat
    print(f"Python {platform.python_version()}, {platform.machine()}, best of {repeat}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prices = simulated_file(folder)
        for mentions in MENTIONS:
            runs = [
                measured(_OURS, str(mentions), str(prices), str(folder / "book.xlsx"))
                for _ in range(repeat)
            ]
            seconds, printed = min(runs)
            facts = json.loads(printed)
            print(
                f"{mentions:6,} mentions: {seconds:5.2f} s whole process "
                f"(to the screening {facts['screen']:.2f} s, workbook {facts['workbook']:.2f} s), "
                f"{facts['bytes'] / 1e6:.1f} MB, peak {facts['peak_mb']} MB"
            )
            worst = max(worst, seconds)
        other = min(
            (quantstats_sheet(folder, prices) or float("inf") for _ in range(repeat)),
            default=float("inf"),
        )
    if other == float("inf"):
        print("quantstats is not installed: no comparison (pip install quantstats)")
    else:
        print(f"     1 stock, quantstats HTML sheet: {other:5.2f} s whole process")
    return 0 if worst < LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
