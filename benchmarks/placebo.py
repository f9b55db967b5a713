"""A hundred million placebo calls: baskets from every base date, beside the kernel call by call.

    python benchmarks/placebo.py [--listings 5000] [--sessions 2520] [--rounds 7] [--json FILE]

Data: made up, that of benchmarks/calls.py: late listings, gaps, three calendars. Base dates are
all sessions of Shanghai; by default each job is about 10^8 calls (member, base date, window).

- one basket: every listing a member, eight windows of 1 to 24 months
- many baskets: 36 members each, as a report has, three windows, one basket after the other
- kernel: the same means from `measure`, for a sample of members or baskets, its time scaled up

What comes out of each: the mean relative return of the rated members and their number, for each
base date and window, and nothing of a single call. Before any time is printed the numbers of
rated members must be equal and the means agree to 1e-12. All alternate in one process, one
thread; medians of the rounds, wall time and user CPU, and the highest memory of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from calls import RULES, STANDARD, TOLERANCE, Times, make_prices, timed

from supplychain_screen import PricePanel, basket_returns
from supplychain_screen.scoring import measure
from supplychain_screen.scoring.calls import benchmark_rows
from supplychain_screen.scoring.measurement import Rules
from supplychain_screen.scoring.placebo_dates import BasketReturns
from supplychain_screen.scoring.windows import window_ends

MANY_MONTHS = (1, 2, 3, 6, 9, 12, 18, 24)
MEMBERS = 36
SAMPLE = 72


class Job:
    """Baskets, base dates and windows; ``sample`` baskets go through the kernel."""

    def __init__(
        self, panel: PricePanel, baskets: list[Any], bench: Any, rules: Rules, with_to_date: bool
    ) -> None:
        self.panel, self.baskets, self.bench, self.rules = panel, baskets, bench, rules
        through = panel.sessions_through[panel.calendar_of[0]]
        opened = np.flatnonzero(np.diff(through, prepend=0))
        self.days = (opened + panel.first_day).astype(np.int32)
        self.windows = len(rules.months) + with_to_date
        self.ends = window_ends(self.days, rules.months, panel.last_day)[: self.windows]
        self.calls = sum(one.size for one in baskets) * self.ends.size

    def ours(self, rows: Any) -> BasketReturns:
        return basket_returns(
            self.panel,
            rows,
            self.bench[rows],
            self.days,
            self.ends,
            self.panel.last_day,
            self.rules,
        )

    def kernel(self, rows: Any) -> BasketReturns:
        n, m = self.days.size, rows.size
        found = measure(
            self.panel,
            np.tile(rows, n),
            np.tile(self.bench[rows], n),
            np.repeat(self.days, m),
            self.panel.last_day,
            self.rules,
            threads=1,
        )
        rated = (found.rating[: self.windows] >= 0).reshape(self.windows, n, m)
        relative = found.relative.difference[: self.windows].reshape(self.windows, n, m)
        members = rated.sum(axis=2)
        total = np.where(rated, relative, 0.0).sum(axis=2)
        mean = np.divide(total, members, out=np.full(total.shape, np.nan), where=members > 0)
        return BasketReturns(mean, members.astype(np.int32))


def compare(name: str, job: Job, rounds: int) -> dict[str, Any]:
    sample = job.baskets[0][:SAMPLE]
    sampled = sample.size * job.ends.size
    times = {"ours": Times(), "kernel": Times()}
    one, two = job.ours(sample), job.kernel(sample)
    np.testing.assert_array_equal(one.members, two.members)
    np.testing.assert_allclose(one.mean, two.mean, rtol=0, atol=TOLERANCE)
    rated = 0
    for _ in range(rounds):
        rated = timed(
            times["ours"], lambda: sum(int(job.ours(one).members.sum()) for one in job.baskets)
        )
        timed(times["kernel"], lambda: job.kernel(sample))
    scale = {"ours": 1.0, "kernel": job.calls / sampled}
    table = {
        who: {"wall": median(t.wall) * scale[who], "user": median(t.user) * scale[who]}
        for who, t in times.items()
    }
    print(
        f"\n{name}: {len(job.baskets):,} of {job.baskets[0].size:,}, {job.days.size:,} base "
        f"dates, {job.windows} windows: {job.calls:,} calls, {rated / job.calls:.1%} rated; "
        f"agree to {TOLERANCE}"
    )
    for who, found in table.items():
        note = "" if who == "ours" else f"  scaled up from {sampled:,} calls"
        print(
            f"  {who:8}{found['wall']:9.3f} s{found['user']:9.3f} s user"
            f"{found['wall'] / job.calls * 1e9:8.2f} ns a call{note}"
        )
    print(f"  highest memory of the process so far {peak():,.0f} MB")
    return {"job": name, "calls": job.calls, "rated": rated, "times": table}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=2_520)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    wall = time.perf_counter()
    panel = make_prices(asked.listings, asked.sessions).panel
    load = os.getloadavg()[0]
    print(
        f"{panel.close.shape[0]:,} rows x {panel.n_days:,} days made in "
        f"{time.perf_counter() - wall:.1f} s, {peak():,.0f} MB; {os.cpu_count()} processors, "
        f"load {load:.1f}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}"
    )
    bench = benchmark_rows(panel, panel.listings, STANDARD, 0)
    everybody = np.arange(asked.listings, dtype=np.int32)
    chance = np.random.default_rng(36)
    many = [
        chance.choice(everybody, min(MEMBERS, everybody.size), replace=False)
        for _ in range(max(1, everybody.size * 8 // (MEMBERS * 3)))
    ]
    jobs = {
        "one basket": Job(panel, [everybody], bench, replace(RULES, months=MANY_MONTHS), False),
        "many baskets": Job(panel, many, bench, RULES, True),
    }
    found = [compare(name, job, asked.rounds) for name, job in jobs.items()]
    if asked.json:
        figures = {"panel": list(panel.close.shape), "load": load, "jobs": found, "MB": peak()}
        asked.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
