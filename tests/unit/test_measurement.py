"""Scoring of single calls on hand-made prices: same dates on both legs, every reason."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from supplychain_screen import Index, Listing, PricePanel, PriceSeries, RatingScale
from supplychain_screen.errors import CallsError
from supplychain_screen.identity import Instrument, exchange_sessions
from supplychain_screen.prices import Reach, day_number
from supplychain_screen.research import Level
from supplychain_screen.scoring import (
    REASONS,
    BasePolicy,
    CallScores,
    Comparison,
    Rules,
    SuspectDays,
    measure,
    stage_names,
)
from supplychain_screen.scoring.measurement import NO_BENCHMARK, NOT_IN_PANEL

FIRST, LAST = date(2024, 1, 1), date(2026, 6, 30)
SCALE = RatingScale(
    name="ten",
    levels=(
        Level(name="outperform", lower=0.10, lower_inclusive=True),
        Level(name="neutral", lower=-0.10, upper=0.10),
        Level(name="underperform", upper=-0.10, upper_inclusive=True),
    ),
)
CSI = Index(name="CSI300", currency="CNY", calendar="XSHG", symbols={"yahoo": "000300.SS"})
PUBLISHED = date(2025, 1, 2)
POLICIES: tuple[BasePolicy, ...] = ("on_or_before", "before", "on_or_after", "after")
SESSIONS = [str(day) for day in exchange_sessions("XSHG", FIRST, LAST)]


def stock(**facts: object) -> Listing:
    return Listing.model_validate(
        {"mic": "XSHG", "code": "688018", "currency": "CNY", "board": "SSE STAR"} | facts
    )


def series(
    instrument: Instrument, closes: Mapping[str, float], idle: frozenset[str] = frozenset()
) -> PriceSeries:
    days = sorted(closes)
    return PriceSeries(
        listing=instrument.id,
        sessions=np.array(days, "datetime64[D]"),
        close=np.array([closes[day] for day in days]),
        volume=np.array([0.0 if day in idle else 1e6 for day in days]),
        adjustment="splits",
        source="test",
        symbol=instrument.id,
    )


def flat(level: float, days: list[str] = SESSIONS) -> dict[str, float]:
    return dict.fromkeys(days, level)


def score(
    closes: Mapping[str, float],
    index: Mapping[str, float],
    *,
    listing: Listing | None = None,
    published: date = PUBLISHED,
    as_of: date = date(2026, 3, 2),
    benchmark_row: int = 1,
    policy: BasePolicy = "on_or_before",
    idle: frozenset[str] = frozenset(),
    suspect: tuple[str, str] | None = None,
    reach: Reach = "span",
    first: date = FIRST,
) -> CallScores:
    who = listing or stock()
    held = [series(one, book, idle) for one, book in ((who, closes), (CSI, index)) if book]
    panel = PricePanel.build(held, [who, CSI], first, LAST)
    rules = Rules(tuple(SCALE.cuts()), base_policy=policy)
    rows = np.zeros(1, np.int32)
    days = np.array([day_number(published)], np.int32)
    spans: list[tuple[int, int, int, Reach]] = []
    if suspect is not None:
        first_bad, last_bad = (day_number(date.fromisoformat(one)) for one in suspect)
        spans = [(0, first_bad, last_bad, reach)]
    suspects = SuspectDays(panel, spans)
    bench = np.array([benchmark_row], np.int32)
    return measure(panel, rows, bench, days, day_number(as_of), rules, suspects=suspects)


def reasons(found: CallScores) -> tuple[str, str, str]:
    six, twelve, to_date = (REASONS[code] for code in found.reason[:, 0])
    return six, twelve, to_date


def stage(found: CallScores) -> str:
    return stage_names((6, 12))[int(found.stage[0])]


def test_six_and_twelve_months_by_hand() -> None:
    closes = flat(100.0) | {"2025-07-02": 115.0, "2025-12-31": 120.0}
    index = flat(4000.0) | {"2025-07-02": 4200.0, "2025-12-31": 4800.0}
    found = score(closes, index)
    # 6 months end on 2025-07-02, a session; 12 months on 2026-01-02, whose last session before
    # is 2025-12-31, the exchange being closed on the first and second of January.
    assert "2026-01-02" not in SESSIONS
    six, twelve, to_date = found.relative.difference[:, 0]
    assert six == pytest.approx(0.15 - 0.05)
    assert twelve == pytest.approx(0.20 - 0.20)
    assert to_date == twelve
    assert [SCALE.levels[code].name for code in found.rating[:2, 0]] == ["outperform", "neutral"]
    assert stage(found) == "12m"
    assert found.headline[0] == 1


def test_the_benchmark_is_read_on_the_listings_own_sessions() -> None:
    """Suspended over the publication date: both legs start at the last close it had."""
    gap = {"2024-12-31", "2025-01-02"}
    closes = {day: 100.0 for day in SESSIONS if day not in gap}
    # The index fell by a tenth while the share did not trade; that is no alpha.
    index = {day: 4000.0 if day < "2024-12-31" else 3600.0 for day in SESSIONS}
    found = score(closes, index)
    assert str(found.base.session.astype("datetime64[D]")[0]) == "2024-12-30"
    assert found.base.age[0] == 2
    assert found.relative.benchmark_return[1, 0] == pytest.approx(-0.10)


def test_a_listing_against_itself_is_zero_and_neutral() -> None:
    closes = {day: 100.0 + i for i, day in enumerate(SESSIONS)}
    found = score(closes, closes)
    assert found.relative.difference[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert set(found.rating[:, 0]) == {1}


def test_a_repeated_close_without_volume_is_not_a_session() -> None:
    idle = frozenset(day for day in SESSIONS if "2024-12-24" <= day <= "2025-01-02")
    found = score(flat(100.0), flat(4000.0), idle=idle)
    assert str(found.base.session.astype("datetime64[D]")[0]) == "2024-12-23"
    assert found.base.age[0] == 7  # 24, 25, 26, 27, 30, 31 December and 2 January
    assert reasons(found) == ("suspended_at_base",) * 3
    assert set(found.rating[:, 0]) == {-1}
    assert found.relative.difference[1, 0] == 0.0  # the number is still there


@pytest.mark.parametrize(
    ("published", "open_days", "reason"),
    [
        (date(2025, 1, 2), 5, ""),
        (date(2025, 1, 2), 6, "suspended_at_base"),
    ],
)
def test_the_limit_of_five_sessions_is_inclusive(
    published: date, open_days: int, reason: str
) -> None:
    until = SESSIONS.index("2025-01-02")
    missing = set(SESSIONS[until - open_days + 1 : until + 1])
    closes = {day: 100.0 for day in SESSIONS if day not in missing}
    assert reasons(score(closes, flat(1.0), published=published))[1] == reason


def test_before_and_on_or_after() -> None:
    closes = {day: 100.0 + i for i, day in enumerate(SESSIONS)}
    sunday = date(2025, 1, 26)
    expected: dict[BasePolicy, str] = {
        "on_or_before": "2025-01-24",
        "before": "2025-01-24",
        "on_or_after": "2025-01-27",
    }
    for policy, base in expected.items():
        found = score(closes, closes, published=sunday, policy=policy)
        assert str(found.base.session.astype("datetime64[D]")[0]) == base
    found = score(closes, closes, published=date(2025, 1, 24), policy="before")
    assert str(found.base.session.astype("datetime64[D]")[0]) == "2025-01-23"


def test_on_or_after_never_looks_past_as_of() -> None:
    found = score(
        flat(1.0),
        flat(1.0),
        published=date(2025, 1, 26),
        as_of=date(2025, 1, 26),
        policy="on_or_after",
    )
    assert reasons(found) == ("pending",) * 3
    assert stage(found) == "pending"


def test_on_or_after_counts_the_sessions_it_skips() -> None:
    closed = {day for day in SESSIONS if "2025-01-02" <= day <= "2025-01-10"}  # seven sessions
    closes = {day: 100.0 for day in SESSIONS if day not in closed}
    found = score(closes, flat(1.0), policy="on_or_after")
    assert found.base.age[0] == 7
    assert reasons(found)[1] == "suspended_at_base"


def test_after_is_the_first_session_after_the_day_of_publication() -> None:
    closes = {day: 100.0 + i for i, day in enumerate(SESSIONS)}
    for published, base in ((date(2025, 1, 2), "2025-01-03"), (date(2025, 1, 26), "2025-01-27")):
        found = score(closes, closes, published=published, policy="after")
        assert str(found.base.session.astype("datetime64[D]")[0]) == base
        assert found.base.age[0] == 0
    waits = score(flat(1.0), flat(1.0), as_of=PUBLISHED, policy="after")
    assert reasons(waits) == ("pending",) * 3
    last = stock(last_session=PUBLISHED)
    closes = {day: 100.0 for day in SESSIONS if day <= PUBLISHED.isoformat()}
    assert reasons(score(closes, flat(1.0), listing=last, policy="after")) == ("delisted",) * 3
    young = stock(first_session=date(2025, 1, 3))
    closes = {day: 100.0 for day in SESSIONS if day > PUBLISHED.isoformat()}
    assert (
        reasons(score(closes, flat(1.0), listing=young, policy="after")) == ("not_yet_listed",) * 3
    )


def test_after_counts_the_sessions_it_skips() -> None:
    for closed, reason in ((5, ""), (6, "suspended_at_base")):
        missing = [day for day in SESSIONS if day > "2025-01-02"][:closed]
        closes = {day: 100.0 + i for i, day in enumerate(SESSIONS) if day not in missing}
        found = score(closes, flat(1.0), policy="after")
        assert found.base.age[0] == closed
        assert reasons(found)[1] == reason


def test_stages() -> None:
    closes = flat(100.0)
    for as_of, expected in (
        ("2025-01-02", "pending"),
        ("2025-01-03", "interim"),
        ("2025-07-01", "interim"),
        ("2025-07-02", "6m"),
        ("2026-01-01", "6m"),
        ("2026-01-02", "12m"),
    ):
        found = score(closes, closes, as_of=date.fromisoformat(as_of))
        assert stage(found) == expected, as_of


def test_pending_has_no_numbers() -> None:
    found = score(flat(1.0), flat(1.0), as_of=PUBLISHED)
    assert reasons(found) == ("pending",) * 3
    assert np.isnan(found.relative.difference).all()


def test_an_interim_rating_is_given_and_the_open_windows_wait() -> None:
    closes = flat(100.0) | {"2025-03-03": 130.0}
    found = score(closes, flat(1.0), as_of=date(2025, 3, 3))
    assert reasons(found) == ("pending", "pending", "")
    assert found.headline[0] == 2
    assert found.rating[2, 0] == 0


def test_suspended_at_end() -> None:
    closes = {day: 100.0 for day in SESSIONS if day < "2025-12-01"}
    assert reasons(score(closes, flat(1.0))) == ("", "suspended_at_end", "suspended_at_end")


def test_delisted() -> None:
    closes = {day: 100.0 for day in SESSIONS if day < "2025-12-01"}
    gone = stock(last_session=date(2025, 11, 28))
    assert reasons(score(closes, flat(1.0), listing=gone)) == ("", "delisted", "delisted")
    early = stock(last_session=date(2024, 11, 29))
    closes = {day: 100.0 for day in SESSIONS if day < "2024-12-01"}
    assert reasons(score(closes, flat(1.0), listing=early)) == ("delisted",) * 3


def test_not_yet_listed() -> None:
    closes = {day: 100.0 for day in SESSIONS if day > "2025-03-01"}
    assert reasons(score(closes, flat(1.0))) == ("not_yet_listed",) * 3


def test_a_history_that_starts_late_is_no_prices_where_the_listing_is_older() -> None:
    closes = {day: 100.0 for day in SESSIONS if day > "2025-03-01"}
    old = stock(first_session=date(2019, 7, 22))
    assert reasons(score(closes, flat(1.0), listing=old)) == ("no_prices",) * 3


def test_no_prices() -> None:
    assert reasons(score({}, flat(1.0))) == ("no_prices",) * 3


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("first", ["2025-01-03", "2025-12-31", "2026-01-05", "2026-02-27"])
def test_not_yet_listed_however_late(policy: BasePolicy, first: str) -> None:
    """Published 2025-01-02: the last window ends on 2026-01-02, and as_of is 2026-03-02."""
    closes = flat(10.0, [day for day in SESSIONS if day >= first])
    assert set(reasons(score(closes, flat(1.0), policy=policy))) == {"not_yet_listed"}


def test_rows_after_as_of_do_not_turn_no_prices_into_not_yet_listed() -> None:
    closes = {day: 100.0 for day in SESSIONS if day > "2026-04-01"}
    assert reasons(score(closes, flat(1.0))) == ("no_prices",) * 3


def test_benchmarks() -> None:
    closes = flat(100.0)
    assert reasons(score(closes, closes, benchmark_row=NO_BENCHMARK)) == ("no_benchmark",) * 3
    assert reasons(score(closes, closes, benchmark_row=NOT_IN_PANEL)) == ("benchmark_stale",) * 3
    assert reasons(score(closes, {})) == ("benchmark_stale",) * 3
    # The index stops four sessions before the base: 26, 27, 30, 31 December, 2 January.
    until = {day: 1.0 for day in SESSIONS if not "2024-12-27" <= day <= "2025-01-02"}
    assert reasons(score(closes, until)) == ("benchmark_stale",) * 3
    until = {day: 1.0 for day in SESSIONS if not "2024-12-30" <= day <= "2025-01-02"}
    assert reasons(score(closes, until)) == ("", "", "")  # three sessions are within the limit


def test_suspect_prices_concern_the_windows_they_touch() -> None:
    closes = flat(100.0)
    assert reasons(score(closes, closes, suspect=("2025-09-01", "2025-09-01"))) == (
        "",
        "suspect_prices",
        "suspect_prices",
    )
    assert reasons(score(closes, closes, suspect=("2025-01-02", "2025-01-02")))[0] != ""
    assert reasons(score(closes, closes, suspect=("2024-06-03", "2025-01-01"))) == ("", "", "")
    assert reasons(score(closes, closes, suspect=("2026-01-01", "2026-06-01"))) == ("", "", "")


def test_scaling_all_closes_changes_nothing() -> None:
    closes = {day: 100.0 + i % 17 for i, day in enumerate(SESSIONS)}
    index = {day: 4000.0 + i % 29 for i, day in enumerate(SESSIONS)}
    one, two = score(closes, index), score({d: 8 * c for d, c in closes.items()}, index)
    assert one.relative.difference.tolist() == two.relative.difference.tolist()


def test_as_of_and_its_age() -> None:
    panel = PricePanel.build(
        [series(CSI, flat(1.0, ["2024-12-30"]))], [CSI], FIRST, FIRST + timedelta(days=400)
    )
    assert panel.as_of(CSI.id, date(2025, 1, 2)) == (1.0, date(2024, 12, 30), 2)
    assert panel.as_of(CSI.id, date(2024, 12, 29)) is None


def test_on_or_after_a_long_suspension_is_not_pending_for_ever() -> None:
    closes = {day: 100.0 for day in SESSIONS if day < "2024-12-01"}
    found = score(closes, flat(1.0), policy="on_or_after")
    assert reasons(found) == ("suspended_at_base",) * 3
    gone = stock(last_session=date(2024, 11, 29))
    assert (
        reasons(score(closes, flat(1.0), listing=gone, policy="on_or_after")) == ("delisted",) * 3
    )


def test_suspect_days_before_the_panel_touch_nothing() -> None:
    closes = flat(100.0)
    assert reasons(score(closes, closes, suspect=("2023-01-04", "2023-02-01"))) == ("", "", "")


def test_a_panel_without_listings_rates_nobody() -> None:
    panel = PricePanel.build([], [], FIRST, LAST)
    one = np.full(1, -1, np.int32)
    days = np.array([day_number(PUBLISHED)], np.int32)
    found = measure(panel, one, one, days, panel.last_day, Rules(tuple(SCALE.cuts())))
    assert reasons(found) == ("no_benchmark",) * 3


def test_as_of_after_the_panel_is_refused() -> None:
    panel = PricePanel.build([series(CSI, flat(1.0))], [CSI], FIRST, LAST)
    one = np.zeros(1, np.int32)
    with pytest.raises(CallsError, match="after the prices"):
        measure(panel, one, one, one, panel.last_day + 1, Rules(tuple(SCALE.cuts())))


def test_a_suspect_close_of_the_benchmark_counts_on_its_own_session() -> None:
    """The index lacks the base session; its close of the session before is the suspect one."""
    who = stock()
    index = {day: 1.0 for day in SESSIONS if day != "2025-01-02"}
    panel = PricePanel.build([series(who, flat(1.0)), series(CSI, index)], [who, CSI], FIRST, LAST)
    bad = day_number(date(2024, 12, 31))
    found = measure(
        panel,
        np.zeros(1, np.int32),
        np.ones(1, np.int32),
        np.array([day_number(PUBLISHED)], np.int32),
        panel.last_day,
        Rules(tuple(SCALE.cuts())),
        suspects=SuspectDays(panel, [(1, bad, bad)]),
    )
    assert reasons(found) == ("benchmark_stale",) * 3


@pytest.mark.parametrize("published", ["2025-03-01", "2025-02-28"])
def test_looking_forward_makes_no_base_of_a_young_listings_first_session(published: str) -> None:
    # Listed on Monday 3 March 2025: on the Friday and the Saturday before there was nothing to buy.
    closes = {day: 100.0 for day in SESSIONS if day > "2025-03-01"}
    for as_of in (date(2026, 3, 2), date(2025, 6, 2)):
        found = score(
            closes,
            flat(1.0),
            published=date.fromisoformat(published),
            as_of=as_of,
            policy="on_or_after",
        )
        assert set(reasons(found)) - {"pending"} == {"not_yet_listed"}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("last", ["2024-12-20", "2026-03-02"])
def test_a_call_without_a_row_has_no_prices_whoever_else_has_some(
    policy: BasePolicy, last: str
) -> None:
    """Row 0 traded to a week before publication, or all along: that is nothing of the call's."""
    panel = PricePanel.build(
        [
            series(stock(), flat(100.0, [day for day in SESSIONS if day <= last])),
            series(CSI, flat(1.0)),
        ],
        [stock(first_session=date(2024, 6, 3), last_session=date.fromisoformat(last)), CSI],
        FIRST,
        LAST,
    )
    rows, day = np.array([-1, -2], np.int32), np.full(2, day_number(PUBLISHED), np.int32)
    rules = Rules(tuple(SCALE.cuts()), base_policy=policy)
    found = measure(panel, rows, np.ones(2, np.int32), day, day_number(date(2026, 3, 2)), rules)
    assert [REASONS[code] for code in found.reason.ravel()] == ["no_prices"] * 6
    assert found.rating.ravel().tolist() == [-1] * 6


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("as_of", [date(2024, 1, 4), date(2026, 3, 2)])
def test_a_call_from_before_the_prices_has_none_and_nobody_is_called_suspended(
    policy: BasePolicy, as_of: date
) -> None:
    published = date(2023, 12, 1)
    found = score(flat(100.0), flat(1.0), published=published, as_of=as_of, policy=policy)
    assert set(reasons(found)) - {"pending"} == {"no_prices"}
    assert reasons(found)[2] == "no_prices"


@pytest.mark.parametrize(
    ("since", "reason"), [("2024-06-03", "no_prices"), ("2025-03-03", "not_yet_listed")]
)
def test_who_trades_on_the_first_day_of_the_prices_may_have_traded_before(
    since: str, reason: str
) -> None:
    """Asked for the session before publication, which is the first day of all prices."""
    closes = flat(100.0, [day for day in SESSIONS if day >= since])
    found = score(closes, flat(1.0), policy="before", first=PUBLISHED)
    assert reasons(found) == (reason,) * 3


@pytest.mark.parametrize("first", [FIRST, PUBLISHED])
@pytest.mark.parametrize("lost", ["listing", "index"])
@pytest.mark.parametrize("comparison", ["difference", "own"])
def test_a_close_from_before_the_grid_is_as_old_as_it_is(
    comparison: Comparison, lost: str, first: date
) -> None:
    """No close from 2024-12-20 to 2025-01-06, eleven sessions, of which the grid may have three."""
    gap = {day: 100.0 for day in SESSIONS if not "2024-12-20" <= day <= "2025-01-06"}
    held = [
        series(stock(), gap if lost == "listing" else flat(100.0)),
        series(CSI, gap if lost == "index" else flat(100.0)),
    ]
    panel = PricePanel.build(held, [stock(), CSI], first, LAST)
    rules = Rules(tuple(SCALE.cuts()), comparison=comparison)
    one = np.zeros(1, np.int32)
    day = np.array([day_number(date(2025, 1, 6))], np.int32)
    found = measure(panel, one, one + np.int32(1), day, day_number(date(2026, 3, 2)), rules)
    reason = {"listing": "suspended_at_base", "index": "benchmark_stale"}[lost]
    assert reasons(found) == ("" if (lost, comparison) == ("index", "own") else reason,) * 3
    assert panel.as_of((stock(), CSI)[lost == "index"].id, date(2025, 1, 6)) == (
        100.0,
        date(2024, 12, 19),
        11,
    )


@pytest.mark.parametrize("limit", [-1, 32_767, 10**6])
def test_limits_that_no_age_can_pass_are_refused(limit: int) -> None:
    for name in ("max_stale_sessions", "max_stale_benchmark"):
        with pytest.raises(CallsError, match="lies outside 0 to 32766"):
            Rules((-0.1, 0.1), **{name: limit})  # type: ignore[arg-type]


def test_rows_that_the_panel_does_not_have_are_refused() -> None:
    panel = PricePanel.build([series(stock(), flat(1.0))], [stock()], FIRST, LAST)
    one, zero = np.ones(1, np.int32), np.zeros(1, np.int32)
    rules = Rules((-0.1, 0.1))
    for rows, bench in ((one, zero), (zero, one)):
        with pytest.raises(CallsError, match="the panel has 1 row"):
            measure(panel, rows, bench, zero, panel.last_day, rules)
    for odd in ({"block": 0}, {"block": -5}, {"threads": 0}):
        with pytest.raises(CallsError, match="at least 1"):
            measure(panel, zero, zero, zero, panel.last_day, rules, **odd)


@pytest.mark.parametrize("policy", ["on_or_before", "before", "on_or_after"])
def test_long_before_the_panel_everything_is_pending(policy: BasePolicy) -> None:
    panel = PricePanel.build([series(CSI, flat(1.0))], [CSI], FIRST, LAST)
    zero, days = np.zeros(1, np.int32), np.array([day_number(PUBLISHED)], np.int32)
    rules = Rules((-0.1, 0.1), base_policy=policy)
    found = measure(panel, zero, zero, days, panel.first_day - 1000, rules)
    assert reasons(found) == ("pending",) * 3


def test_suspects_of_a_panel_of_one_row() -> None:
    panel = PricePanel.build([series(stock(), flat(1.0))], [stock()], FIRST, LAST)
    zero, days = np.zeros(1, np.int32), np.array([day_number(PUBLISHED)], np.int32)
    suspects = SuspectDays(panel, [(0, panel.first_day, panel.first_day)])
    found = measure(
        panel,
        zero,
        zero + NOT_IN_PANEL,
        days,
        panel.last_day,
        Rules((-0.1, 0.1)),
        suspects=suspects,
    )
    assert reasons(found) == ("benchmark_stale",) * 3


@pytest.mark.parametrize("first", [FIRST, PUBLISHED])
@pytest.mark.parametrize("policy", ["on_or_after", "after"])
def test_looking_forward_waits_as_long_as_a_later_base_would_count(
    policy: BasePolicy, first: date
) -> None:
    """Suspended from the first day of the base on, where the grid begins on publication too."""
    # A base after six sessions would be six sessions old.
    place = SESSIONS.index(str(PUBLISHED)) + (policy == "after")
    closes = flat(1.0, [*SESSIONS[:place], *SESSIONS[place + 40 :]])
    for known, reason in ((5, "pending"), (6, "suspended_at_base")):
        as_of = date.fromisoformat(SESSIONS[place + known - 1])
        found = score(closes, flat(1.0), as_of=as_of, policy=policy, first=first)
        assert reasons(found)[2] == reason


def test_prices_of_more_sessions_than_an_age_can_count_are_refused() -> None:
    panel = PricePanel.build([series(stock(), flat(1.0))], [stock()], FIRST, LAST)
    ages = replace(panel, sessions_through=panel.sessions_through + np.int32(40_000))
    nobody = np.full(1, -1, np.int32)
    with pytest.raises(CallsError, match="build the panel of fewer years"):
        measure(ages, nobody, nobody, nobody, panel.last_day, Rules((-0.1, 0.1)))


@pytest.mark.parametrize(
    ("reach", "touched"),
    [
        # base and end before, on and after the day 10: 8-9, 8-10, 8-12, 10-12, 11-12
        ("span", [False, True, True, True, False]),
        ("move", [False, True, True, False, False]),
        ("ends", [False, True, False, True, False]),
    ],
)
def test_a_suspect_day_takes_the_windows_it_says(reach: Reach, touched: list[bool]) -> None:
    who = stock()
    held = [series(one, flat(100.0), frozenset()) for one in (who, CSI)]
    panel = PricePanel.build(held, [who, CSI], FIRST, LAST)
    day = panel.first_day + 10
    suspects = SuspectDays(panel, [(0, day, day, reach)])
    bases = np.array([8, 8, 8, 10, 11], np.int32) + np.int32(panel.first_day)
    ends = np.array([9, 10, 12, 12, 12], np.int32) + np.int32(panel.first_day)
    rows = np.zeros(5, np.int32)
    assert suspects.touch(rows, bases, ends).tolist() == touched
    assert not suspects.touch(rows + 1, bases, ends).any()
    assert suspects.spans == ((who.id, day, day, reach),)


@pytest.mark.parametrize(
    ("policy", "published", "reason"),
    [
        # The close of 2025-01-03 is broken and not there; the session after it is Monday 01-06.
        ("after", date(2025, 1, 2), "suspect_prices"),
        ("on_or_after", date(2025, 1, 3), "suspect_prices"),
        ("on_or_before", date(2025, 1, 3), "suspect_prices"),
        # Asked for from the weekend on, Monday stands in for nobody.
        ("after", date(2025, 1, 3), ""),
        ("on_or_after", date(2025, 1, 6), ""),
        ("before", date(2025, 1, 7), ""),
    ],
)
def test_no_session_stands_in_for_a_broken_close_before_it(
    policy: BasePolicy, published: date, reason: str
) -> None:
    there = {day: close for day, close in flat(100.0).items() if day != "2025-01-03"}
    found = score(
        there,
        flat(3000.0),
        published=published,
        policy=policy,
        suspect=("2025-01-02", "2025-01-03"),
        reach="ends",
    )
    assert reasons(found) == (reason,) * 3


@pytest.mark.parametrize("comparison", ["difference", "own"])
def test_a_stale_base_is_unrated_whatever_is_compared(comparison: Comparison) -> None:
    """2024-12-20 is eight sessions before 2025-01-02, and the limit is five."""
    there = {d: c for d, c in flat(100.0).items() if not "2024-12-20" < d <= "2025-01-02"}
    held = [series(one, book) for one, book in ((stock(), there), (CSI, flat(3000.0)))]
    panel = PricePanel.build(held, [stock(), CSI], FIRST, LAST)
    rules = Rules(tuple(SCALE.cuts()), comparison=comparison)
    one = np.zeros(1, np.int32)
    day = np.array([day_number(PUBLISHED)], np.int32)
    found = measure(panel, one, one + np.int32(1), day, day_number(date(2026, 3, 2)), rules)
    assert reasons(found) == ("suspended_at_base",) * 3
    assert found.rating[:, 0].tolist() == [-1] * 3


def test_a_reason_known_beforehand_wins_over_sound_prices() -> None:
    held = [series(one, book) for one, book in ((stock(), flat(100.0)), (CSI, flat(3000.0)))]
    panel = PricePanel.build(held, [stock(), CSI], FIRST, LAST)
    rows, day = np.zeros(2, np.int32), np.full(2, day_number(PUBLISHED), np.int32)
    given = np.array([REASONS.index("unresolved"), 0], np.int8)
    found = measure(
        panel,
        rows,
        rows + np.int32(1),
        day,
        day_number(date(2026, 3, 2)),
        Rules(tuple(SCALE.cuts())),
        given=given,
    )
    assert [REASONS[code] for code in found.reason[0]] == ["unresolved", ""]
    assert found.rating[0].tolist() == [-1, 1]


def test_who_is_listed_on_the_day_itself_was_listed() -> None:
    """Its first close comes days later, which is another reason than a listing still to come."""
    there = {d: c for d, c in flat(100.0).items() if d >= "2025-01-06"}
    known = score(there, flat(3000.0), listing=stock(first_session=PUBLISHED))
    late = score(there, flat(3000.0), listing=stock(first_session=date(2025, 1, 3)))
    assert "not_yet_listed" not in reasons(known)
    assert reasons(late) == ("not_yet_listed",) * 3
