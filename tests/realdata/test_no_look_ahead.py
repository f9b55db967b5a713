"""Nothing after as_of touches a number: the real file, cut or falsified behind the day."""

import csv
import gzip
import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.effort import effort

from supplychain_screen import Screening, load_report, screen

pytestmark = pytest.mark.slow

FIRST = date(2024, 11, 14)
DAYS = st.integers(0, 420)


@cache
def rows(folder: Path) -> tuple[list[str], list[list[str]]]:
    with gzip.open(folder / "prices.csv.gz", "rt", encoding="utf-8") as file:
        table = list(csv.reader(file))
    return table[0], [row for row in table[1:] if row[1] >= "2023-06-01"]


def same(one: Screening, two: Screening) -> None:
    for name in ("companies", "segments", "evidence", "unrated", "findings"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert one.to_json() == two.to_json()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("later")


@effort(12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(wait=DAYS, age=DAYS, seed=st.integers(0, 2**16))
def test_rows_after_as_of_change_nothing(
    market_data: Path, place: Path, wait: int, age: int, seed: int
) -> None:
    published = FIRST + timedelta(days=wait)
    as_of = min(published + timedelta(days=age), date(2026, 1, 30))
    if as_of < published:
        return
    head, body = rows(market_data)
    where = {name: head.index(name) for name in ("date", "close", "adj_close", "volume")}
    chance = random.Random(seed)
    cut, false = [], []
    for row in body:
        if row[where["date"]] <= str(as_of):
            cut.append(row)
            false.append(row)
        elif chance.random() < 0.7:
            lie = list(row)
            for name in ("close", "adj_close"):
                lie[where[name]] = f"{float(row[where[name]]) * chance.uniform(0.2, 5):.6f}"
            lie[where["volume"]] = chance.choice(["0.0", row[where["volume"]]])
            false.append(lie)
    found = []
    for name, table in (("cut", cut), ("false", false)):
        file = place / name / "prices.csv"
        file.parent.mkdir(exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head, *table])
        found.append(screen(load_report(), published, as_of, prices=file))
    same(*found)
