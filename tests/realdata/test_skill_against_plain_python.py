"""What the real basket hangs on, against plain Python over the CSV that never calls the package."""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest
from tests.realdata.test_screen_against_plain_python import (
    AS_OF,
    as_of,
    benchmark_of,
    closes,
    months_later,
    screened,
    sessions_between,
)

from supplychain_screen import Screening
from supplychain_screen.output import headline

PUBLISHED = date(2024, 12, 31)


@pytest.fixture(scope="module")
def result(market_data: Path) -> Screening:
    return screened(market_data, PUBLISHED)


@pytest.fixture(scope="module")
def members(result: Screening) -> list[str]:
    rated = result.once[result.once["rating"] != "unrated"]
    return [str(symbol) for symbol in rated["symbol"]]


def own_days(folder: Path, symbol: str) -> list[str]:
    """Sessions from the base to the end of the window."""
    days, _ = closes(folder)[symbol]
    base, _ = as_of(closes(folder)[symbol], str(PUBLISHED))
    return [day for day in days if base <= day <= str(months_later(PUBLISHED, 12))]


def legs(folder: Path, symbol: str, day: str) -> tuple[float, float]:
    """Growth of the listing and of its benchmark since the base, on the listing's own sessions."""
    book, bench = closes(folder)[symbol], closes(folder)[str(benchmark_of(symbol))]
    base_day, base = as_of(book, str(PUBLISHED))
    day, close = as_of(book, day)
    _, index_base = as_of(bench, base_day)
    return close / base, as_of(bench, day)[1] / index_base


def test_drawdown_and_information_ratio(
    market_data: Path, result: Screening, members: list[str]
) -> None:
    days = sorted({day for symbol in members for day in own_days(market_data, symbol)})
    stock, index = [], []
    for day in days:
        both = [legs(market_data, symbol, day) for symbol in members]
        stock.append(fmean(one for one, _ in both))
        index.append(fmean(other for _, other in both))
    wealth = [one / other for one, other in zip(stock, index, strict=True)]
    peak, worst = wealth[0], 0.0
    for value in wealth:
        peak = max(peak, value)
        worst = min(worst, value / peak - 1)
    active = [stock[k] / stock[k - 1] - index[k] / index[k - 1] for k in range(1, len(days))]
    found = result.inference().risk
    assert found.drawdown == pytest.approx(worst, abs=1e-9)
    assert found.tracking_error == pytest.approx(stdev(active) * math.sqrt(252), abs=1e-9)
    ratio = fmean(active) * 252 / (stdev(active) * math.sqrt(252))
    assert found.information_ratio == pytest.approx(ratio, abs=1e-9)


def test_effective_bets(market_data: Path, result: Screening, members: list[str]) -> None:
    daily: list[dict[str, float]] = []
    for symbol in members:
        days = own_days(market_data, symbol)
        growth = [legs(market_data, symbol, day) for day in days]
        daily.append(
            {
                day: now[0] / then[0] - now[1] / then[1]
                for day, then, now in zip(days[1:], growth, growth[1:], strict=False)
            }
        )
    found = []
    for one, other in combinations(daily, 2):
        common = sorted(one.keys() & other.keys())
        xs, ys = [one[day] for day in common], [other[day] for day in common]
        mx, my = fmean(xs), fmean(ys)
        cov = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
        var = sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys)
        found.append(cov / math.sqrt(var))
    n, mean = len(members), fmean(found)
    bets = result.inference().bets
    assert bets.correlation == pytest.approx(mean, abs=1e-9)
    assert bets.effective == pytest.approx(n / (1 + (n - 1) * mean), abs=1e-9)


def test_placebo_rank(market_data: Path, result: Screening, members: list[str]) -> None:
    """Every tenth placebo date by hand; then the rank by counting."""
    past = result.inference().placebo
    books = {symbol: closes(market_data)[symbol] for symbol in members}
    own = dict(
        zip(
            result.once["symbol"].astype(str),
            result.once["relative_return"].astype(float),
            strict=True,
        )
    )
    sessions = [day for day in closes(market_data)["000300.SS"][0] if day < str(PUBLISHED)]
    last = str(AS_OF)
    used = {str(day.astype("datetime64[D]")): k for k, day in enumerate(past.base_day)}
    for day in sessions[-600::10]:
        start = date.fromisoformat(day)
        end = str(months_later(start, 12))
        if end > last:
            continue
        rated = {}
        for symbol in members:
            book, bench = books[symbol], closes(market_data)[str(benchmark_of(symbol))]
            if bisect_right(book[0], day) == 0:
                continue
            base_day, base = as_of(book, day)
            end_day, close = as_of(book, end)
            if sessions_between(bench, base_day, day) > 5:
                continue
            if sessions_between(bench, end_day, end) > 5:
                continue
            _, index_base = as_of(bench, base_day)
            rated[symbol] = close / base - as_of(bench, end_day)[1] / index_base
        enough = len(rated) >= 0.9 * len(members) - 1e-9
        assert (day in used) == enough, day
        if enough:
            k = used[day]
            assert past.members[k] == len(rated), day
            assert past.mean[k] == pytest.approx(fmean(rated.values()), abs=1e-6), day
            same = fmean(own[symbol] for symbol in rated)
            assert past.same_members[k] == pytest.approx(same, abs=1e-6), day
    pairs = list(zip(past.mean.tolist(), past.same_members.tolist(), strict=True))
    below = sum(one < other for one, other in pairs)
    assert past.rank == pytest.approx(below / len(pairs))
    year = months_later(PUBLISHED, 12) - PUBLISHED
    span = timedelta(days=int(past.base_day[-1] - past.base_day[0]))
    assert past.windows == pytest.approx(span / year)


def test_figures_of_the_closing_note(result: Screening) -> None:
    """Measured once on this data; any change of them wants a reason."""
    found = result.inference()
    assert found.placebo.base_day.size == 540
    assert found.placebo.rank == pytest.approx(0.274, abs=0.0005)
    remaining = found.concentration.remaining
    np.testing.assert_allclose(remaining[[0, 2, 3]], [0.064, 0.0112, -0.0085], atol=0.0005)
    assert found.beta.mean_adjusted == pytest.approx(-0.033, abs=0.0005)
    by_benchmark = result.parts[result.parts["part"] == "benchmark"].set_index("name")["mean"]
    assert by_benchmark.round(3).to_dict() == {"SPX": 0.265, "CSI300": 0.085, "HSI": -0.337}


def test_the_finding_is_the_designers_sentence(result: Screening) -> None:
    """Worked out by hand from the companies of this data."""
    assert headline(result).zh == (
        "报告看好行业；12 个月后 34 家中 13 家跑赢基准 10 点以上、11 家跑输 10 点以上。"
        "中位数 −5.0%；平均 +6.4% 靠三家，去掉后 −0.9%。"
    )
