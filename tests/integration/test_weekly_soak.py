"""Thirty weekly runs in a row, each with a fault drawn by chance: no published file is lost."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.weekly_desks import Clock, Market, tree, write_desk

from supplychain_screen import load_config, run_weeks
from supplychain_screen.errors import ScreenError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly.archive import damage, read_weeks

pytestmark = pytest.mark.slow

FRIDAYS = [date(2025, 1, 10) + timedelta(days=7 * n) for n in range(30)]
FAULTS = ("none", "dead source", "times 100", "stale benchmark", "clock back", "leftovers")


def test_thirty_runs_with_faults(tmp_path: Path) -> None:
    soak(tmp_path, FRIDAYS, seed=30)


def soak(folder: Path, fridays: list[date], seed: int) -> dict[str, int]:
    """Run every week with a fault; returns how often each fault struck."""
    chance = random.Random(seed)
    config = write_desk(folder)
    market, clock = Market(last=date(2025, 12, 31)), Clock("2025-01-11T12:00")
    store, archive = PriceStore(folder / "store"), folder / "weeks"
    known: dict[str, bytes] = {}
    struck: dict[str, int] = {}
    for friday in fridays:
        fault = chance.choice(FAULTS)
        struck[fault] = struck.get(fault, 0) + 1
        now = clock.weekend_after(friday)
        answers = [market.answer(one, now) for one in market.instruments]
        if fault == "times 100":
            spoilt = Market(last=date(2025, 12, 31))
            victim = chance.choice([one for one in spoilt.instruments if not one.is_index])
            spoilt.closes[victim.id][str(friday)] = 100 * market.closes[victim.id].get(
                str(friday), 1.0
            )
            answers = [spoilt.answer(one, now) for one in market.instruments]
        if fault == "stale benchmark":
            answers = [one for one in answers if not one.listing.startswith("INDEX:")]
        if fault != "dead source":
            store.add(answers, market.instruments)
        if fault == "leftovers":
            archive.mkdir(exist_ok=True)
            (archive / f".{friday}.killed.part").mkdir(exist_ok=True)
        if fault == "clock back":
            clock.set("2025-01-04T12:00")
        try:
            run_weeks(load_config(config), clock)
        except ScreenError:
            assert fault in ("dead source", "clock back", "stale benchmark", "times 100")
        clock.weekend_after(friday)
        now_there = {}
        for week in read_weeks(archive):
            assert damage(week) == []
            now_there |= {f"{week.folder.name}/{n}": b for n, b in tree(week.folder).items()}
        assert {name for name, data in known.items() if now_there.get(name) != data} == set()
        known = now_there
    return struck
