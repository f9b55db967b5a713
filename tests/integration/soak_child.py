"""A weekly run whose vendor errs in one way, in a server of forks (see ``tests.kills``)."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
from tests.kills import serve
from tests.weekly_desks import Market, Vendor

from supplychain_screen import load_config, run_weeks
from supplychain_screen.cli.terminal import code_of
from supplychain_screen.errors import ScreenError, SourceError
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory

MARKET = Market(last=date(2026, 12, 24))
EVERYBODY = [one.id for one in MARKET.instruments]


class Erring(Vendor):
    """The market as a vendor serves it who errs about some listings."""

    def __init__(self, now: Callable[[], datetime], how: str, whom: Sequence[str], by: float):
        super().__init__(MARKET, now)
        self.how, self.whom, self.by = how, set(whom), by

    def stream(
        self, instruments: Sequence[Instrument], first: date | Mapping[str, date]
    ) -> Iterator[tuple[Instrument, FetchedHistory | SourceError]]:
        if self.how == "dead":
            yield from self.dead().stream(instruments, first)
            return
        for one, answer in super().stream(instruments, first):
            assert isinstance(answer, FetchedHistory)
            yield one, self._spoilt(answer) if one.id in self.whom else answer

    def _spoilt(self, answer: FetchedHistory) -> FetchedHistory | SourceError:
        if self.how == "hung up":
            return SourceError("the vendor hung up", source="yahoo", symbol=answer.symbol)
        if self.how == "stale":
            return _with(answer, slice(None, -6), answer.close)
        close = answer.close.copy()
        if self.how == "times":
            close[-1] *= self.by
        elif self.how == "restated":
            close[: close.size // 2] *= self.by
        return _with(answer, slice(None), close)


def _with(answer: FetchedHistory, rows: slice, close: np.ndarray) -> FetchedHistory:
    names = ("open", "high", "low", "close")
    return replace(
        answer,
        sessions=answer.sessions[rows],
        volume=answer.volume[rows],
        **dict.fromkeys(names, close[rows]),
    )


def run(config: str, now: str, error: str, days: str = "{}") -> int:
    """Make the week, say what came of it and how much memory it took."""
    told: dict[str, Any] = json.loads(error)
    if told.pop("twice", False):
        other = os.fork()
        code = run(config, now, json.dumps(told), days)
        if other == 0:
            os._exit(code)
        codes = sorted((code, os.waitstatus_to_exitcode(os.waitpid(other, 0)[1])))
        assert codes in ([0, 0], [0, 5])
        return codes[1]
    span = {name: date.fromisoformat(day) for name, day in json.loads(days).items()}

    def clock() -> datetime:
        return datetime.fromisoformat(now)

    vendor = Erring(clock, told.get("how", ""), told.get("whom", ()), told.get("by", 1.0))
    try:
        result = run_weeks(load_config(config), clock, source=vendor, **span)
    except ScreenError as error:
        print(type(error).__name__, error, flush=True)
        return int(code_of(error))
    print(result.outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
    return 0


if __name__ == "__main__":
    # imported once and before the fork; nothing is opened yet, since threads do not survive it
    import deltalake
    import deltalake.fs  # noqa: F401
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    serve(run)
