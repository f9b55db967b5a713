"""Weekly runs in a row, each with a fault drawn by chance: nothing is lost, no rating is wrong."""

from __future__ import annotations

import json
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.soak_child import EVERYBODY, MARKET
from tests.kills import KILLED, ForkServer
from tests.weekly_desks import PUBLISHED, tree, write_desk

from supplychain_screen.prices.store import PriceStore
from supplychain_screen.prices.store.upkeep import count_files
from supplychain_screen.weekly.archive import Week, damage, read_weeks

pytestmark = pytest.mark.slow

FRIDAYS = [date(2025, 1, 10) + timedelta(days=7 * n) for n in range(100)]
SHARES = [one for one in EVERYBODY if not one.startswith("INDEX:")]
FAULTS = (
    "none",
    "dead source",
    "hung up",
    "times 100",
    "stale benchmark",
    "restated history",
    "clock back",
    "leftovers",
    "killed",
    "disk limit",
    "two at once",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    temporary = tmp_path_factory.mktemp("temporary")
    made = ForkServer("tests.integration.soak_child", temporary)
    yield made
    made.close()
    assert list(temporary.iterdir()) == []


def test_thirty_runs_with_faults(server: ForkServer, tmp_path: Path) -> None:
    found = soak(server, tmp_path, runs=30, seed=30, made_later=4)
    assert sum(found["faults"].values()) == 30
    assert len(found["faults"]) >= 9


class Soak:
    """A desk, and what was seen of its archive."""

    def __init__(self, server: ForkServer, folder: Path, seed: int) -> None:
        self.server, self.chance = server, random.Random(seed)
        self.config, self.archive = write_desk(folder), folder / "weeks"
        self.store = PriceStore(folder / "store")
        self.known: dict[str, bytes] = {}
        self.memory: list[int] = []
        self.codes: Counter[str] = Counter()
        self.rated = self.unrated = 0

    def run(self, now: datetime, error: dict[str, Any], **how: Any) -> int:
        """One run in a child; its code."""
        days = json.dumps(how.pop("days", {}))
        code, said = self.server.run(self.config, now.isoformat(), json.dumps(error), days, **how)
        assert code in KILLED or code in (0, 2, 4, 5), said
        self.codes[str(code)] += 1
        if code == 0 and "twice" not in error:
            self.memory.append(int(said[-1].split()[1]))
        return code

    def strike(self, fault: str, now: datetime) -> None:
        """A run with a fault; what comes of it must be its own documented end."""
        chance, one = self.chance, [self.chance.choice(SHARES)]
        if fault in ("none", "leftovers"):
            if fault == "leftovers":
                self.archive.mkdir(exist_ok=True)
                (self.archive / ".work-0123456789ab").mkdir()
                (self.archive / ".0123456789ab.part").write_bytes(b"half")
            assert self.run(now, {}) == 0
        elif fault == "dead source":
            assert self.run(now, {"how": "dead"}) in (0, 4)
        elif fault == "hung up":
            assert self.run(now, {"how": "hung up", "whom": one}) == 0
        elif fault == "times 100":
            assert self.run(now, {"how": "times", "whom": one, "by": 100.0}) == 0
        elif fault == "stale benchmark":
            stale = [listing for listing in EVERYBODY if listing not in SHARES]
            assert self.run(now, {"how": "stale", "whom": stale}) == 0
        elif fault == "restated history":
            by = round(chance.uniform(1.05, 1.6), 3)
            assert self.run(now, {"how": "restated", "whom": one, "by": by}) == 0
        elif fault == "clock back":
            # Before any week of the archive was made it is an earlier week's run.
            back = self.run(now - timedelta(days=chance.choice((3, 10, 400))), {})
            assert back in (0, 2, 4)
        elif fault == "killed":
            kill = {"change": chance.randint(1, 120)}
            if chance.random() < 0.5:
                kill["size"] = chance.randint(1, 20_000)
            self.run(now, {}, **kill)
        elif fault == "disk limit":
            assert self.run(now, {}, full=chance.randint(1, 20_000)) in (0, 4)
        else:
            # The child makes another one of itself; the code is the larger of the two.
            assert self.run(now, {"twice": True}) in (0, 5)

    def check(self) -> None:
        """Every file is as it was or new, every week whole, every rating right."""
        now_there: dict[str, bytes] = {}
        for week in read_weeks(self.archive) if self.archive.exists() else ():
            assert damage(week) == []
            now_there |= {f"{week.folder.name}/{n}": b for n, b in tree(week.folder).items()}
            if f"{week.folder.name}/manifest.json" not in self.known:
                self.judge(week)
        assert {name for name, data in self.known.items() if now_there.get(name) != data} == set()
        self.known = now_there

    def judge(self, week: Week) -> None:
        """Hold each rating against the market's own closes, by hand."""
        result = json.loads((week.folder / "desk" / "result.json").read_text("utf-8"))
        for row in result["companies"]:
            if row["rating"] == "unrated":
                self.unrated += 1
                continue
            self.rated += 1
            listing = f"{row['mic']}:{CODES[row['symbol']]}"
            stock = MARKET.closes[listing]
            index = MARKET.closes[INDICES[row["benchmark"]]]
            base, end = last_on(stock, str(PUBLISHED)), row["end_session"]
            assert row["base_session"] == base
            through = min(str(week.manifest.as_of), WINDOWS[row["window"]])
            late = [day for day in stock if end < day <= through]
            assert end <= through
            assert len(late) <= 5
            own = stock[end] / stock[base] - 1
            other = index[last_on(index, end)] / index[last_on(index, base)] - 1
            if row["benchmark_end"] != index[last_on(index, end)]:
                # The benchmark was served late: within three sessions its last close serves.
                served = [day for day in index if day <= end][-4:]
                closes = [index[day] for day in served]
                assert any(row["benchmark_end"] == pytest.approx(one) for one in closes)
                other = row["benchmark_end"] / index[last_on(index, base)] - 1
            assert row["relative_return"] == pytest.approx(own - other, abs=1e-9)
            level = "outperform" if own - other >= 0.1 else "neutral"
            assert row["rating"] == ("underperform" if own - other <= -0.1 else level)


CODES = {one.symbol("yahoo"): one.code for one in MARKET.instruments if not one.is_index}
INDICES = {one.symbol("yahoo"): one.id for one in MARKET.instruments if one.is_index}
WINDOWS = {"6m": "2025-06-30", "12m": "2025-12-31", "to_date": "2025-12-31"}


def last_on(closes: dict[str, float], day: str) -> str:
    days = list(closes)
    return days[bisect_right(days, day) - 1]


def soak(
    server: ForkServer,
    folder: Path,
    runs: int,
    seed: int,
    a_week: int = 1,
    made_later: int = 1_000,
) -> dict[str, Any]:
    """So many runs with a fault each, some weeks mended on Sunday; what was seen."""
    desk = Soak(server, folder, seed)
    faults: Counter[str] = Counter()
    mended = 0
    for n in range(runs):
        friday = FRIDAYS[n // a_week]
        saturday = datetime.combine(friday, datetime.min.time(), UTC) + timedelta(hours=36)
        fault = desk.chance.choice(FAULTS)
        faults[fault] += 1
        desk.strike(fault, saturday + timedelta(hours=n % a_week))
        desk.check()
        if n % a_week == a_week - 1 and desk.chance.random() < 0.3:
            # Sunday's run finds what was missing, and the week is whole.
            assert desk.run(saturday + timedelta(days=1), {}) == 0
            desk.check()
            newest = [one for one in read_weeks(desk.archive) if one.manifest.as_of == friday][-1]
            assert newest.manifest.partial == ()
            mended += newest.revision > 1
    last = saturday + timedelta(days=1)
    assert desk.run(last, {}) == 0
    # Weeks that a fault took are made later, from what was known then or is known now.
    there = {one.manifest.as_of for one in read_weeks(desk.archive)}
    asked = FRIDAYS[: n // a_week + 1]
    taken = [one for one in asked if one not in there]
    for one in taken[:made_later]:
        assert desk.run(last, {}, days={"as_of": str(one)}) == 0
    desk.check()
    weeks = list(read_weeks(desk.archive))
    assert sorted({one.manifest.as_of for one in weeks} | set(taken[made_later:])) == asked
    assert desk.store.check().problems == ()
    assert [one.name for one in desk.archive.iterdir() if one.name.startswith(".")] == [".lock"]
    # Neither memory nor what a reader opens grows from run to run. (Files that a compaction has
    # replaced lie about for a week of the machine's own clock.)
    assert max(desk.memory) < 1.5 * min(desk.memory)
    files = count_files(desk.store._tables)
    assert files < 60
    return {
        "faults": faults,
        "codes": dict(desk.codes),
        "weeks": len({one.manifest.as_of for one in weeks}),
        "revisions": len(weeks),
        "taken": len(taken),
        "mended": mended,
        "rated": desk.rated,
        "unrated": desk.unrated,
        "memory": (min(desk.memory), max(desk.memory)),
        "store files": files,
    }
