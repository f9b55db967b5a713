"""Markets made up from random numbers, one defect put into each, and what becomes of the calls.

    python -m tests.defect_worlds [WORLDS] [SEED]

Nothing here knows what the checks look for: sizes are drawn from the ranges of `KINDS`, which were
written down before the checks were run on them. Every world is one market of six listings and its
benchmarks over 320 sessions, with heavy tails, days at the limit and, in every third, a crash. The
call on the defect's listing is measured from session 120 to session 245 before and after:

- ``unchanged``: rated, the relative return is the true one to a hundredth of a point;
- ``unrated``: no rating;
- ``told``: rated by another number, with a finding on that listing or its benchmark;
- ``silent``: rated by another number without a word.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

from supplychain_screen import Index, Listing, PricePanel, PriceSeries, RatingScale
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import Adjustment, Finding, day_number
from supplychain_screen.prices.quality import check_prices
from supplychain_screen.research import Level
from supplychain_screen.scoring import Rules, measure
from supplychain_screen.screening import suspect_days

N, BASE, END = 320, 120, 245
OLD = date(2012, 1, 4)
SCALE = RatingScale(
    name="ten points",
    levels=(
        Level(name="outperform", lower=0.10, lower_inclusive=True),
        Level(name="neutral", lower=-0.10, upper=0.10),
        Level(name="underperform", upper=-0.10, upper_inclusive=True),
    ),
)
MARKETS: dict[str, tuple[str, list[tuple[str, str, float]], list[str], str]] = {
    "mainland": (
        "XSHG",
        [
            ("XSHG", "603160", 0.1),
            ("XSHE", "000700", 0.1),
            ("XSHG", "688018", 0.2),
            ("XSHG", "688111", 0.2),
            ("XSHE", "300458", 0.2),
            ("BJSE", "920002", 0.3),
        ],
        ["CSI300"],
        "CNY",
    ),
    "hong kong": (
        "XHKG",
        [("XHKG", f"{1810 + n}", np.nan) for n in range(6)],
        ["HSI"],
        "HKD",
    ),
    "america": (
        "XNYS",
        [("XNAS", f"AB{c}", np.nan) for c in "CDEFGH"],
        ["SPX", "IXIC"],
        "USD",
    ),
}


@dataclass
class World:
    """One market: closes and volumes of shape (n_series, N); listings come first."""

    random: np.random.Generator
    market: str
    instruments: list[Instrument]
    limits: np.ndarray
    days: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    adjustment: Adjustment
    at: int
    size: float = 1.0
    keep: dict[int, np.ndarray] | None = None
    shift: dict[int, int] | None = None
    judged: tuple[int, ...] = ()
    truth: World | None = None

    def series(self) -> dict[str, PriceSeries]:
        found = {}
        for i, one in enumerate(self.instruments):
            days, close, volume = self.days, self.close[i], self.volume[i]
            if self.keep and i in self.keep:
                keep = self.keep[i]
                days, close, volume = days[keep], close[keep], volume[keep]
            days = days + (self.shift or {}).get(i, 0)
            found[one.id] = PriceSeries(
                one.id, days, close, volume, self.adjustment, "file made up", one.id
            )
        return found


def world(seed: int, market: str | None = None) -> World:
    """A clean market."""
    random = np.random.default_rng(seed)
    market = market or str(random.choice(list(MARKETS)))
    calendar, members, indices, currency = MARKETS[market]
    days = sessions(calendar)
    count = len(members)
    limits = np.array([limit for _, _, limit in members])
    factor = 0.009 * np.clip(random.standard_t(4, N), -5, 5)
    if random.random() < 1 / 3:
        crash = int(random.integers(30, N - 30))
        factor[crash] = -0.065 if market == "mainland" else -random.uniform(0.08, 0.13)
        factor[crash + 1] = random.uniform(0.0, 0.05)
    own = 0.018 * np.clip(random.standard_t(4, (count, N)), -6, 6)
    moves = own + random.uniform(0.7, 1.6, (count, 1)) * factor
    bound = np.where(np.isnan(limits), 0.17, limits)[:, None]
    moves = np.clip(moves, -bound, bound)
    at_limit = random.random((count, N)) < 0.006
    moves = np.where(at_limit & ~np.isnan(limits)[:, None], np.sign(own) * bound, moves)
    close = random.uniform(8, 300, (count, 1)) * np.cumprod(1 + moves, axis=1)
    # A rounded limit price lies half a tick beyond at most.
    close = np.round(close, 4)
    busy = np.exp(0.35 * random.standard_normal((count, N)) + 12 * np.abs(moves))
    volume = np.round(random.uniform(1e6, 3e7, (count, 1)) * busy)
    index = 4000 * np.cumprod(
        1 + factor + 0.002 * random.standard_normal((len(indices), N)), axis=1
    )
    instruments: list[Instrument] = [
        Listing(mic=mic, code=code, currency=currency, first_session=OLD)
        for mic, code, _ in members
    ]
    instruments += [Index(name=name, currency=currency, calendar=calendar) for name in indices]
    return World(
        random,
        market,
        instruments,
        limits,
        days,
        np.vstack([close, index]),
        np.vstack([volume, np.full((len(indices), N), np.nan)]),
        "splits",
        int(random.integers(BASE + 1, END)),
        judged=(int(random.integers(count)),),
    )


@lru_cache(maxsize=4)
def sessions(calendar: str) -> np.ndarray:
    return exchange_sessions(calendar, date(2024, 6, 3), date(2026, 6, 30))[:N]


def drawn(world: World, low: float, high: float) -> float:
    """A factor between both, evenly in logarithms."""
    world.size = float(np.exp(world.random.uniform(np.log(low), np.log(high))))
    return world.size


def either(world: World, factor: float) -> float:
    return factor if world.random.random() < 0.5 else 1 / factor


# --- Defects: each changes a world; ``truth`` is set where it is not the world before ---------


def missed_split(world: World, low: float, high: float, both: bool = False) -> None:
    i = world.judged[0]
    factor = drawn(world, low, high)
    factor = either(world, factor) if both else factor
    world.close[i, : world.at] *= factor
    world.volume[i, : world.at] /= factor
    if world.random.random() < 0.3:
        world.volume[i, world.at] *= 6


def bad_tick(world: World, low: float, high: float) -> None:
    i, width = world.judged[0], int(world.random.integers(1, 3))
    start = int(world.random.choice([BASE, END - width + 1, world.at]))
    world.close[i, start : start + width] *= either(world, drawn(world, low, high))


def unit(world: World) -> None:
    i, width = world.judged[0], int(world.random.integers(1, 60))
    world.size = 100.0
    world.close[i, world.at : world.at + width] *= either(world, 100.0)


def half_applied(world: World, low: float, high: float) -> None:
    i, width = world.judged[0], int(world.random.integers(1, 10))
    start = END - int(world.random.integers(0, width))
    world.close[i, start : start + width] *= either(world, drawn(world, low, high))


def successor(world: World, low: float, high: float) -> None:
    i, hole = world.judged[0], int(world.random.integers(3, 60))
    start = BASE + 2 + int(world.random.integers(0, 50))
    keep = np.r_[0:start, start + hole : N]
    # True is what the same share did over its suspension: one session's move.
    world.close[i, start + hole :] *= world.close[i, start - 1] / world.close[i, start + hole - 1]
    world.keep = {i: keep}
    world.truth = replace(world, close=world.close.copy())
    world.close[i, start + hole :] *= either(world, drawn(world, low, high))


def index_tick(world: World, low: float, high: float) -> None:
    row = 6
    start = int(world.random.choice([BASE, END]))
    world.close[row, start] *= either(world, drawn(world, low, high))


def other_index(world: World, low: float, high: float) -> None:
    world.close[6, world.at :] *= either(world, drawn(world, low, high))


def shifted(world: World) -> None:
    days = int(world.random.choice([-1, 1]))
    every = world.random.random() < 0.5
    rows = range(len(world.instruments)) if every else world.judged
    world.shift = dict.fromkeys(rows, days)


def weekly(world: World, low: float, high: float) -> None:
    weeks = int(drawn(world, low, high))
    start = END - 5 * int(world.random.integers(1, max(weeks, 2)))
    stop = min(start + 5 * weeks, N)
    # The last row of each five, up to the last full five.
    keep = np.r_[0:start, start + 4 : stop : 5, stop:N]
    world.keep = {world.judged[0]: keep}


def unfinished(world: World, low: float, high: float) -> None:
    part = drawn(world, low, high)
    day = int(world.random.choice([BASE, END]))
    world.volume[:6, day] *= part
    world.close[:6, day] *= np.exp(world.random.uniform(-0.03, 0.03, 6))


def filled(world: World, how: str, low: int, high: int) -> None:
    i = world.judged[0]
    sessions_ = int(world.random.integers(low, high + 1))
    world.size = float(sessions_)
    start = END - int(world.random.integers(0, sessions_))
    stop = start + sessions_
    world.close[i, stop:] *= world.close[i, start - 1] / world.close[i, stop - 1]
    world.close[i, start:stop] = world.close[i, start - 1]
    world.truth = replace(world, keep={i: np.r_[0:start, stop:N]}, volume=world.volume.copy())
    if how == "zero":
        world.volume[i, start:stop] = 0.0
    elif how == "denormal":
        world.volume[i, start:stop] = 5.877e-39
    elif how == "copied":
        world.volume[i, start:stop] = world.volume[i, start - 1]
    else:
        world.volume[:] = np.nan


def bonus_within(world: World, low: float, high: float) -> None:
    world.adjustment = "as given"
    missed_split(world, low, high)


def traded_file(world: World, low: float, high: float) -> None:
    world.adjustment = "as given"
    i = world.judged[0]
    for other in [n for n in range(6) if n != i][:2]:
        world.close[other, : int(world.random.integers(BASE, END))] *= 3.0
    missed_split(world, low, high)


def subtracted(world: World, low: float, high: float) -> None:
    """Forward adjustment that subtracts dividends, of this part of the price."""
    i = world.judged[0]
    world.adjustment = "splits+dividends"
    paid = drawn(world, low, high)
    world.close[i, : world.at] -= (paid - 1.0) * world.close[i, world.at - 1]
    world.truth = replace(world, adjustment="splits")


def nothing(world: World) -> None:
    world.size = 1.0


@dataclass(frozen=True)
class Kind:
    """One kind of defect.

    Parameters
    ----------
    name : str
    put : callable
        Puts it into a world.
    market : str or None
        Where it is drawn; None: in all.
    boards : tuple of float
        Daily limits of the listings it is drawn for; empty: of all.
    certain : callable
        Whether a defect of this world's size may never pass in silence.
    """

    name: str
    put: Callable[[World], None]
    market: str | None = None
    boards: tuple[float, ...] = ()
    certain: Callable[[World], bool] = lambda world: True


def beyond(world: World) -> bool:
    """Beyond the limit whatever the share itself did that day."""
    limit = float(world.limits[world.judged[0]])
    return world.size > (1 + limit) / (1 - limit - 0.03)


def told_size(world: World) -> bool:
    """Beyond 20% whatever a share without limit did that day, within 17%."""
    return world.size > 1.25 * 1.17


def either_size(world: World) -> bool:
    limited = not np.isnan(world.limits[world.judged[0]])
    return beyond(world) if limited else told_size(world)


KINDS: tuple[Kind, ...] = (
    Kind("clean", nothing),
    Kind("split not applied, limit", lambda w: missed_split(w, 1.1, 5), "mainland", (), beyond),
    Kind(
        "split not applied, Hong Kong",
        lambda w: missed_split(w, 1.1, 60, True),
        "hong kong",
        (),
        told_size,
    ),
    Kind(
        "split not applied, America",
        lambda w: missed_split(w, 1.1, 60, True),
        "america",
        (),
        told_size,
    ),
    Kind(
        "bonus issue within 20%",
        lambda w: bonus_within(w, 1.18, 1.26),
        "mainland",
        (0.2,),
        lambda w: False,
    ),
    Kind(
        "bonus issue within 20%, file proven traded",
        lambda w: traded_file(w, 1.18, 1.26),
        "mainland",
        (0.2,),
        lambda w: False,
    ),
    Kind("split on some bars", lambda w: half_applied(w, 1.2, 4), None, (), either_size),
    Kind(
        "wrong close for one or two sessions", lambda w: bad_tick(w, 1.03, 8), None, (), either_size
    ),
    Kind("unit x100", unit),
    Kind("another share after a hole", lambda w: successor(w, 1.1, 8), None, (), lambda w: True),
    Kind(
        "wrong index close", lambda w: index_tick(w, 1.02, 1.5), None, (), lambda w: w.size > 1.15
    ),
    Kind(
        "another index from a day on",
        lambda w: other_index(w, 1.02, 1.5),
        None,
        (),
        lambda w: w.size > 1.15,
    ),
    Kind("dates a day off", shifted),
    Kind("weekly rows", lambda w: weekly(w, 3, 40), None, (), lambda w: w.size >= 8),
    Kind(
        "bars of an unfinished day",
        lambda w: unfinished(w, 0.001, 0.2),
        None,
        (),
        lambda w: w.size < 0.05,
    ),
    Kind("suspension, volume 0", lambda w: filled(w, "zero", 1, 30)),
    Kind("suspension, denormal volume", lambda w: filled(w, "denormal", 1, 30)),
    Kind(
        "suspension, rows copied",
        lambda w: filled(w, "copied", 1, 30),
        None,
        (),
        lambda w: w.size >= 2,
    ),
    Kind(
        "suspension, no volumes",
        lambda w: filled(w, "silent", 1, 30),
        None,
        (),
        lambda w: w.size >= 6,
    ),
    # No defect: the closes say what they say, and a day at the limit reads as a little more.
    Kind("dividends subtracted", lambda w: subtracted(w, 1.01, 1.1)),
)
"""Kinds and the ranges of their sizes, fixed before the checks were run on them."""

OUTCOMES = ("unchanged", "unrated", "told", "silent")


def verdict(world: World) -> tuple[float, bool, list[Finding]]:
    """Relative return of the judged call, whether it is rated, and every finding."""
    series = world.series()
    as_of = world.days[-1].astype(object)
    found = check_prices(series, world.instruments, as_of=as_of)
    panel = PricePanel.build(
        series.values(), world.instruments, world.days[0].astype(object), as_of
    )
    i = world.judged[0]
    scores = measure(
        panel,
        np.array([i], np.int32),
        np.array([6], np.int32),
        np.array([day_number(world.days[BASE].astype(object))], np.int32),
        day_number(world.days[END].astype(object)),
        Rules(tuple(SCALE.cuts())),
        suspects=suspect_days(panel, found),
    )
    relative = float(scores.relative.difference[-1, 0])
    return relative, bool(scores.rating[-1, 0] >= 0), found


def outcome(kind: Kind, seed: int) -> tuple[str, bool, list[Finding]]:
    """What became of a call, whether its defect may not pass in silence, and the findings."""
    made = world(seed, kind.market)
    if kind.boards:
        fit = [n for n, limit in enumerate(made.limits) if limit in kind.boards]
        made.judged = (int(made.random.choice(fit)),)
    truth = replace(made, close=made.close.copy(), volume=made.volume.copy())
    kind.put(made)
    true, rated_before, _ = verdict(made.truth or truth)
    relative, rated, found = verdict(made)
    who = {made.instruments[made.judged[0]].id, made.instruments[6].id}
    certain = kind.certain(made)
    if not rated:
        return "unrated", certain, found
    if rated_before and abs(relative - true) < 1e-4:
        return "unchanged", certain, found
    told = any(one.listing in who for one in found)
    return ("told" if told else "silent"), certain, found


def table(worlds: int, seed: int = 0) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """Outcomes a kind: of certain sizes, and of smaller ones."""
    result: dict[str, tuple[Counter[str], Counter[str]]] = {
        kind.name: (Counter(), Counter()) for kind in KINDS
    }
    for n in range(worlds):
        kind = KINDS[n % len(KINDS)]
        said, certain, _ = outcome(kind, seed * 1_000_003 + n)
        result[kind.name][0 if certain else 1][said] += 1
    return result


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    found = table(worlds, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(f"{'kind':44} {'size':8} " + " ".join(f"{one:>9}" for one in OUTCOMES))
    for name, sizes in found.items():
        for what, counts in zip(("certain", "smaller"), sizes, strict=True):
            if counts:
                print(f"{name:44} {what:8} " + " ".join(f"{counts[one]:9}" for one in OUTCOMES))


if __name__ == "__main__":
    main()
