"""A track record in plain Python: loops over rows and dictionaries, nothing of the package.

Slow, short and by the letter of section 9 of the method, to hold the arrays against.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

_WORDS = {
    1: "buy, overweight, outperform, market outperform, positive, sector outperform, strong buy, "
    "outperformer, speculative buy, top pick, accumulate",
    0: "hold, neutral, equal-weight, market perform, sector perform, in-line, peer perform, "
    "sector weight, perform, mixed, sector performer, hold neutral",
    -1: "sell, underweight, underperform, sector underperform, reduce, negative, "
    "market underperform, sector underweight",
}
SIDES = {word: side for side, words in _WORDS.items() for word in words.split(", ")}
"""Side of the words used here."""

REPEATS = {"maintains", "reiterates"}
ENDS = {"suspends", "terminates coverage on"}
SUSPENDED = "suspended"
BOUND, TOLERANCE = 0.1, 1e-9


@dataclass
class Call:
    """A row of the source, and what became of it."""

    day: date
    firm: str
    listing: str
    word: str
    action: str
    second: int | None = None
    fate: str = ""
    fresh: bool = False
    relative: float | None = None
    beat: bool | None = None
    reached: bool | None = None
    expected: float | None = None
    side: Any = field(init=False)

    def __post_init__(self) -> None:
        side = SIDES.get(self.word.lower())
        self.side = SUSPENDED if side is not None and self.action.lower() in ENDS else side


def later(day: date, months: int) -> date:
    """A day so many months later, the end of a shorter month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def runs_of(rows: Sequence[Call]) -> list[Call]:
    """The call that starts each run, and the fate of every row."""
    pairs: dict[tuple[str, str], dict[date, list[Call]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.side is None:
            row.fate = "unknown_level"
        else:
            row.fate = "suspension" if row.side == SUSPENDED else "run"
            pairs[row.firm, row.listing][row.day].append(row)
    starts = []
    for days in pairs.values():
        running: Call | None = None
        before: Any = None
        for day in sorted(days):
            said = days[day]
            heard = said
            if len(said) > 1 and all(one.second is not None for one in said):
                last = max(one.second or 0 for one in said)
                heard = [one for one in said if one.second == last]
            if len({one.side for one in heard}) > 1:
                for one in said:
                    one.fate = "same_day"
                continue
            side = heard[0].side
            for one in said:
                if one.side != side:
                    one.fate = "same_day"
            if side == SUSPENDED:
                running = None
            elif running is None or running.side != side or day >= later(running.day, 12):
                speaker = heard[0]
                told = [one.action.lower() in REPEATS for one in heard if one.action]
                repeats = any(told) if told else None
                changed = before is not None and before != side
                speaker.fresh = not repeats if repeats is not None else changed
                starts.append(speaker)
                running = speaker
            before = side
    return starts


Closes = Mapping[str, tuple[Sequence[date], Sequence[float]]]


def close_on(closes: Closes, name: str, day: date) -> tuple[date, float] | None:
    """The last close on or before a day."""
    days, values = closes.get(name, ((), ()))
    at = bisect_right(days, day) - 1
    return (days[at], values[at]) if at >= 0 else None


def measure(
    calls: Sequence[Call], closes: Closes, index: Mapping[str, str], as_of: date, months: int = 6
) -> None:
    """Relative return and both hits of every matured call."""
    for call in calls:
        end_day = later(call.day, months)
        base, end = (
            close_on(closes, call.listing, call.day),
            close_on(closes, call.listing, end_day),
        )
        if end_day > as_of or base is None or end is None or end[0] <= base[0]:
            continue
        bench = index[call.listing.partition(":")[0]]
        first, last = close_on(closes, bench, base[0]), close_on(closes, bench, end[0])
        assert first is not None
        assert last is not None
        moved = end[1] / base[1] - last[1] / first[1]
        call.relative = moved
        level = 1 if moved >= BOUND - TOLERANCE else -1 if moved <= -BOUND + TOLERANCE else 0
        call.reached = level == call.side
        call.beat = level == 0 if call.side == 0 else call.side * moved > TOLERANCE


def expect(calls: Sequence[Call]) -> None:
    """What all other firms made of the same side, month and market; else of the side alone."""
    judged = [one for one in calls if one.beat is not None]
    narrow: dict[Any, list[Call]] = defaultdict(list)
    wide: dict[Any, list[Call]] = defaultdict(list)
    for one in judged:
        narrow[_cell(one)].append(one)
        wide[one.side].append(one)
    sums = {where: _by_firm(group) for groups in (narrow, wide) for where, group in groups.items()}
    for one in judged:
        for where in (_cell(one), one.side):
            n, hits, own = sums[where]
            others = n - own[one.firm][0]
            if others >= (30 if where != one.side else 1):
                one.expected = (hits - own[one.firm][1]) / others
                break


def _cell(call: Call) -> tuple[Any, ...]:
    return call.side, call.day.year, call.day.month, call.listing.partition(":")[0]


def _by_firm(group: Sequence[Call]) -> tuple[int, int, dict[str, tuple[int, int]]]:
    own: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in group:
        n, hits = own[one.firm]
        own[one.firm] = n + 1, hits + bool(one.beat)
    return len(group), sum(bool(one.beat) for one in group), own


def league(calls: Sequence[Call], min_runs: int = 20) -> dict[str, dict[str, Any]]:
    """A row a firm."""
    rows: dict[str, dict[str, Any]] = {}
    for firm in sorted({one.firm for one in calls}):
        own = [one for one in calls if one.firm == firm]
        judged = [one for one in own if one.beat is not None and one.expected is not None]
        fresh = [one for one in judged if one.fresh]
        ranked = fresh if len(fresh) >= min_runs else judged
        moved = [one.relative for one in own if one.relative is not None]
        row: dict[str, Any] = {
            "runs": len(own),
            "fresh": sum(one.fresh for one in own),
            "matured": len(moved),
            "beats": sum(one.beat is True for one in own),
            "beat_n": sum(one.beat is not None for one in own),
            "reaches": sum(one.reached is True for one in own),
            "mean": math.fsum(moved) / len(moved) if moved else math.nan,
            "median": median(moved) if moved else math.nan,
            "mean_interval": block_interval(own, moved),
            "ranked_n": len(ranked),
        }
        if ranked:
            n = len(ranked)
            expected = [one.expected or 0.0 for one in ranked]
            row["expected"] = math.fsum(expected) / n
            row["excess"] = sum(bool(one.beat) for one in ranked) / n - row["expected"]
            row["variance"] = math.fsum(e * (1 - e) for e in expected) / n**2
        rows[firm] = row
    enough = [row for row in rows.values() if row["ranked_n"] >= min_runs and row["variance"] > 0]
    tau = likeliest_tau([(row["excess"], row["variance"]) for row in enough])
    for row in enough:
        weight = tau**2 / (tau**2 + row["variance"])
        row["shrunk_excess"] = row["excess"] * weight
        half = 1.959963984540054 * math.sqrt(row["variance"] * weight)
        row["shrunk_low"] = row["shrunk_excess"] - half
        row["shrunk_high"] = row["shrunk_excess"] + half
        row["tau"] = tau
    return rows


def likeliest_tau(pairs: Sequence[tuple[float, float]]) -> float:
    """The standard deviation of true excesses that makes the seen ones likeliest, by search."""

    def loss(tau: float) -> float:
        return math.fsum(math.log(v + tau * tau) + x * x / (v + tau * tau) for x, v in pairs)

    best = min((step / 2000 for step in range(2001)), key=loss)
    low, high = max(best - 1 / 2000, 0.0), best + 1 / 2000
    for _ in range(80):
        third = (high - low) / 3
        if loss(low + third) < loss(high - third):
            high -= third
        else:
            low += third
    tau = (low + high) / 2
    return tau if loss(tau) < loss(0.0) - 1e-9 else 0.0


def block_interval(
    calls: Sequence[Call], moved: Sequence[float], months: int = 6
) -> tuple[float, float] | None:
    """Mean and standard error under resampling of circular blocks of dates; None where short."""
    own = [one for one in calls if one.relative is not None]
    if not own:
        return None
    first = min(one.day for one in own)
    span = (max(one.day for one in own) - first).days + 1
    length = months * 365.2425 / 12
    windows = span / length
    if windows < 5:
        return None
    mean = math.fsum(moved) / len(moved)
    daily = [0.0] * span
    for one in own:
        daily[(one.day - first).days] += (one.relative or 0.0) - mean
    block = round(length)
    square = math.fsum(
        math.fsum(daily[(start + at) % span] for at in range(block)) ** 2 for start in range(span)
    )
    variance = windows * (square / span) / len(own) ** 2 * windows / (windows - 1)
    return windows, math.sqrt(variance)


def held_against(league: Any, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """Every figure of a league by firm; intervals of shares against SciPy."""
    import pytest
    from scipy.stats import binomtest, t

    frame = league.frame.set_index("firm")
    assert set(frame.index) == set(expected)
    tau = next((row["tau"] for row in expected.values() if "tau" in row), 0.0)
    assert league.tau == pytest.approx(tau, abs=1e-6)
    for firm, row in expected.items():
        mine = frame.loc[firm]
        for name in ("runs", "fresh", "matured", "beats", "beat_n", "reaches", "ranked_n"):
            assert mine[name] == row[name], (firm, name)
        for name in ("mean", "median", "expected", "excess"):
            if name in row:
                assert mine[name] == pytest.approx(row[name], abs=1e-12, nan_ok=True), (firm, name)
        if "tau" in row:
            assert mine["excess_sd"] == pytest.approx(math.sqrt(row["variance"]), abs=1e-12)
        if "tau" in row and tau:
            for name in ("shrunk_excess", "shrunk_low", "shrunk_high"):
                assert mine[name] == pytest.approx(row[name], abs=1e-6), (firm, name)
        if row["beat_n"]:
            exact = binomtest(int(row["beats"]), int(row["beat_n"]))
            wilson = exact.proportion_ci(0.95, "wilson")
            assert mine["beat_low"] == pytest.approx(wilson.low, abs=1e-12)
            assert mine["beat_high"] == pytest.approx(wilson.high, abs=1e-12)
        if row["mean_interval"] is None:
            assert math.isnan(mine["mean_low"])
            why = "fewer_than_5_windows" if row["matured"] else "nothing_matured"
            assert mine["mean_reason"] == why
        else:
            windows, error = row["mean_interval"]
            half = t.ppf(0.975, windows - 1) * error
            assert mine["mean_reason"] == ""
            assert mine["mean_low"] == pytest.approx(row["mean"] - half, abs=1e-9)
            assert mine["mean_high"] == pytest.approx(row["mean"] + half, abs=1e-9)


def day_of(stamp: Any) -> date:
    """A plain date of a pandas stamp."""
    return date.fromisoformat(str(stamp)[:10])


def some_days(first: date, last: date) -> list[date]:
    """Weekdays, both ends included."""
    return [
        day for at in range((last - first).days + 1) if (day := first + timedelta(at)).weekday() < 5
    ]
