"""How honest the intervals and ranks are, in SIMULATED worlds in which the truth is known.

    python benchmarks/coverage.py [--worlds 2000] [--json FILE]

Each world has 30 members and one benchmark. A member's simple daily return is the benchmark's plus
a part that all members share and a part of its own, each an autoregression of first order; nobody
has an expected relative return. A basket is bought and held for 243 sessions, a year of Shanghai.

- coverage: how often the interval named 90% holds the expected figure, which is taken from ten
  times as many other worlds
- outer tenth: how often the realised figure ranks below 5% or above 95% among the earlier dates of
  a world, though every date is drawn alike
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.scoring.inference import mean_interval

Floats = npt.NDArray[np.float64]

MEMBERS, SESSIONS, BATCH = 30, 243, 100
SCATTER, MARKET = 0.022, 0.012
"""Standard deviation of a member's relative and of the benchmark's daily return."""

AUTOCORRELATIONS = (0.0, 0.2, 0.4)
CROSS = (0.0, 0.3)
HISTORIES = (540, 1213)


def autoregression(shocks: Floats, rho: float) -> Floats:
    """Series of unit variance along the last axis, each starting in its stationary law."""
    series = np.empty_like(shocks)
    series[..., 0] = shocks[..., 0]
    for day in range(1, shocks.shape[-1]):
        series[..., day] = rho * series[..., day - 1] + np.sqrt(1 - rho**2) * shocks[..., day]
    return series


def worlds(
    n: int, sessions: int, rho: float, cross: float, chance: np.random.Generator
) -> Iterator[tuple[Floats, Floats]]:
    """Worth of members (batch, 30, sessions + 1) and of the benchmark, without the 30."""
    for start in range(0, n, BATCH):
        batch = min(BATCH, n - start)
        own = autoregression(chance.standard_normal((batch, MEMBERS, sessions)), rho)
        shared = autoregression(chance.standard_normal((batch, 1, sessions)), rho)
        market = MARKET * chance.standard_normal((batch, sessions))
        relative = SCATTER * (np.sqrt(cross) * shared + np.sqrt(1 - cross) * own)
        stocks = np.cumprod(1 + market[:, None] + relative, axis=-1)
        index = np.cumprod(1 + market, axis=-1)
        yield (
            np.pad(stocks, ((0, 0), (0, 0), (1, 0)), constant_values=1.0),
            np.pad(index, ((0, 0), (1, 0)), constant_values=1.0),
        )


def coverage(n: int, rho: float, cross: float, seed: int = 0) -> float:
    """Share of worlds whose interval named 90% holds the expected relative return."""
    chance = np.random.default_rng(seed)
    others = worlds(10 * n, SESSIONS, rho, cross, chance)
    expected = np.mean(
        [(stocks[..., -1].mean(axis=1) - index[..., -1]).mean() for stocks, index in others]
    )
    held = 0
    for stocks, index in worlds(n, SESSIONS, rho, cross, chance):
        for path in stocks.mean(axis=1) - index:
            found = mean_interval(np.diff(path))
            held += found.low <= expected <= found.high
    return held / n


def outer_tenth(n: int, dates: int, rho: float, cross: float, seed: int = 0) -> float:
    """Share of worlds whose realised figure ranks in the outer tenth of its earlier dates."""
    chance = np.random.default_rng(seed)
    outside = 0
    for stocks, index in worlds(n, dates + SESSIONS, rho, cross, chance):
        gains = (stocks[..., SESSIONS:] / stocks[..., :-SESSIONS]).mean(axis=1)
        gains -= index[..., SESSIONS:] / index[..., :-SESSIONS]
        rank = (gains[:, :-1] < gains[:, -1:]).mean(axis=1)
        outside += int(((rank < 0.05) | (rank > 0.95)).sum())
    return outside / n


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for cross in CROSS:
        for rho in AUTOCORRELATIONS:
            row: dict[str, Any] = {"cross": cross, "autocorrelation": rho}
            row["coverage"] = coverage(options.worlds, rho, cross)
            for dates in HISTORIES:
                row[f"outer_tenth_{dates}"] = outer_tenth(options.worlds, dates, rho, cross)
            rows.append(row)
            print("SIMULATED", row, flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
