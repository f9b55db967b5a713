"""How often the interval of a league's mean holds the true mean, where windows overlap.

    python benchmarks/block_means.py [--groups 1500]

Each group speaks on many days; what its calls bring is the return of one common factor over the
window from that day on, and a noise of their own: neighbouring calls share nearly all of the
factor, which is the worst that overlapping windows do. The true mean is 0; printed is the share of
95% intervals that hold it, by windows of history and by the share of days with a call.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from supplychain_screen.record.block_means import block_intervals

WINDOW = 126


def held(windows: int, density: float, groups: int) -> float:
    """Share of groups whose interval holds 0."""
    chance = np.random.default_rng(windows)
    days = windows * WINDOW
    found = 0
    for start in range(0, groups, 250):
        n = min(250, groups - start)
        steps = 0.01 * chance.standard_normal((n, days + WINDOW))
        level = np.concatenate([np.zeros((n, 1)), np.cumsum(steps, axis=1)], axis=1)
        moved = level[:, WINDOW : WINDOW + days] - level[:, :days]
        moved += 0.2 * chance.standard_normal(moved.shape)
        spoke = chance.random((n, days)) < density
        spoke[:, [0, -1]] = True
        group, day = np.nonzero(spoke)
        low, high, _ = block_intervals(group, day, moved[group, day], n, WINDOW)
        found += int(((low <= 0) & (high >= 0)).sum())
    return found / groups


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--groups", type=int, default=1500)
    asked = parser.parse_args()
    print("windows of history, a call on 20% of days, on every day")
    for windows in (5, 6, 8, 12, 20):
        shares = [held(windows, density, asked.groups) for density in (0.2, 1.0)]
        print(f"{windows:8}" + "".join(f"{share:10.1%}" for share in shares))
    return 0


if __name__ == "__main__":
    sys.exit(main())
