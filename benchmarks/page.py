"""How long the whole process takes to make a page, and how the page behaves in Chromium.

    python benchmarks/page.py

Each measurement is a process of its own: start of Python, imports, prices from a file, the
screen, the page; in the library, and by the command, which prints its table too. Beside it, where
quantstats is installed: its HTML sheet of one stock, and what becomes of it when it is given ten
stocks at once.

Fails (exit code 1) where the static page of 36 mentions takes 1 second or more, the interactive
one 2.5, that of 2,000 mentions 10, or where sorting 2,000 mentions takes 300 milliseconds or more
in Chromium (left out, and said so, where there is none).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASES = ((36, "static", 1.0), (36, "interactive", 2.5), (2_000, "interactive", 10.0))
SORT_MILLISECONDS = 300.0

_OURS = """
import json, resource, sys, time
start = time.perf_counter()
from supplychain_screen.prices.sources.files.source import FileSource
from supplychain_screen.research.report import load_report
from supplychain_screen.screening.screening import screen
mentions, kind, prices, target = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
report = load_report()
if mentions > len(report.mentions):
    from benchmarks.workbook import replicated
    report = replicated(mentions)
imported = time.perf_counter()
result = screen(report, "2024-12-31", "2026-01-09", prices=FileSource(prices, adjustment="splits"))
screened = time.perf_counter()
result.to_html(target, static=kind == "static")
done = time.perf_counter()
print(json.dumps({
    "import": imported - start, "screen": screened - imported, "page": done - screened,
    "bytes": __import__("os").path.getsize(target),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""

_COMMAND = """
import sys
from supplychain_screen.cli import main
kind, prices, target = sys.argv[1:]
known = ["--published", "2024-12-31", "--as-of", "2026-01-09", "--adjustment", "splits"]
sys.argv[1:] = ["screen", *known, "--prices", prices, "--html", target]
sys.argv += ["--static"] if kind == "static" else []
main()
"""

_TEN_STOCKS = """
import sys, warnings
warnings.simplefilter("ignore")
import pandas as pd
import quantstats as qs
closes = pd.read_parquet(sys.argv[1]).pivot(index="date", columns="symbol", values="close")
shanghai = [name for name in closes if name.endswith(".SS") and not name.startswith("000")][:10]
moves = closes[[*shanghai, "000300.SS"]].dropna().pct_change().dropna()
assert moves.shape[1] == 11 and len(moves) > 200
try:
    qs.reports.html(moves[shanghai], benchmark=moves["000300.SS"], output=sys.argv[2])
    print("made")
except Exception as error:
    print(f"{type(error).__name__}: {error}"[:160])
"""

_CLICK = """() => new Promise((done) => {
  const start = performance.now();
  document.querySelector("th[data-sort=relative] button").click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def in_chromium(page: Path) -> list[float] | None:
    """Milliseconds of sorting, one by one; None without a Chromium to ask."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(viewport={"width": 1440, "height": 900})
        shown.goto(page.as_uri())
        times = [float(shown.evaluate(_CLICK)) for _ in range(9)]
        browser.close()
    return times


def main() -> int:
    """Measure, print, judge."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.workbook import measured, quantstats_sheet, simulated_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="take the best of so many runs")
    repeat = parser.parse_args().repeat
    print(f"Python {platform.python_version()}, {platform.machine()}, best of {repeat}")
    slow = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prices = simulated_file(folder)
        page = folder / "page.html"
        for mentions, kind, limit in CASES:
            seconds, printed = min(
                measured(_OURS, str(mentions), kind, str(prices), str(page)) for _ in range(repeat)
            )
            facts = json.loads(printed)
            print(
                f"{mentions:6,} mentions, {kind}: {seconds:5.2f} s whole process (import "
                f"{facts['import']:.2f}, screen {facts['screen']:.2f}, page {facts['page']:.2f}), "
                f"{facts['bytes'] / 1e6:.2f} MB, peak {facts['peak_mb']} MB; limit {limit} s"
            )
            if seconds >= limit:
                slow.append(f"{mentions} {kind}")
            if mentions == CASES[0][0]:
                asked = (kind, str(prices), str(page))
                seconds, _ = min(measured(_COMMAND, *asked) for _ in range(repeat))
                print(f"     the same by the command: {seconds:5.2f} s whole process")
                if seconds >= limit:
                    slow.append(f"{mentions} {kind}, by the command")
        times = in_chromium(page)
        if times is None:
            print("no Chromium here: sorting was not measured (set CHROMIUM to its path)")
        else:
            middle = sorted(times)[len(times) // 2]
            print(
                f"     sorting them in Chromium: {middle:.0f} ms (median), {max(times):.0f} worst"
            )
            if middle >= SORT_MILLISECONDS:
                slow.append("sorting")
        other = quantstats_sheet(folder, prices)
        if other is None:
            print("quantstats is not installed: no comparison (pip install quantstats)")
        else:
            print(f"     1 stock, quantstats HTML sheet: {other:5.2f} s whole process")
            _, said = measured(_TEN_STOCKS, str(prices), str(folder / "ten.html"))
            print(f"    10 stocks, quantstats HTML sheet: {said.strip()}")
    for one in slow:
        print(f"too slow: {one}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
