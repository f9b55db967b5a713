"""The public names as a typed program uses them. Only type-checked, never run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, assert_type

import pandas as pd

import supplychain_screen as scs

Outcome = Literal["complete", "partial", "nothing"]

report = scs.load_report()
assert_type(report, scs.ResearchReport)
assert_type(scs.load_report(Path("folder")), scs.ResearchReport)
assert_type(report.published, date | None)
assert_type(report.standard, scs.RatingStandard)
assert_type(report.standard.stock, scs.RatingScale)
assert_type(report.listings, tuple[scs.Listing, ...])
assert_type(report.listing("XSHG:688018").currency, str)

result = scs.screen(
    report,
    published="2024-12-31",
    as_of=date(2026, 1, 9),
    prices="simulated",
    base_policy="before",
    basis="total",
    comparison="ratio",
    include_pending=False,
    choices={"TCL": "XHKG:1070"},
)
assert_type(result, scs.Screening)
assert_type(result.companies, pd.DataFrame)
assert_type(result.evidence, pd.DataFrame)
assert_type(result.simulated, bool)
assert_type(result.to_json(), str)

scs.screen(report, prices="simulated", base_policy="next")  # type: ignore[arg-type]
scs.screen(report, prices="simulated", basis="gross")  # type: ignore[arg-type]
scs.screen(report, "2024-12-31", price="yahoo")  # type: ignore[call-arg]
_ = scs.sreen  # type: ignore[attr-defined]
report.title = "frozen"  # type: ignore[misc]

prices = scs.open_prices()
scs.screen(report, "2024-12-31", prices=prices)
assert_type(prices.update(report, now=datetime.now(UTC)).outcome, Outcome)


def one_call(panel: scs.PricePanel) -> pd.DataFrame:
    """One call scored through the frame interface."""
    calls = pd.DataFrame(
        {"listing": ["XSHG:688018"], "published": [pd.Timestamp("2024-12-31")]},
    )
    return scs.score_calls(calls, panel, report.standard)


def reaction(error: scs.errors.ScreenError) -> tuple[scs.errors.Problem, ...]:
    """What a program gets from an error."""
    if isinstance(error, scs.errors.InputError):
        return error.problems
    return ()


record = scs.track_record("calls.csv", "prices.csv", months=(6, 12), cost_bps=20.0)
assert_type(record, scs.TrackRecord)
assert_type(record.league("firm"), scs.League)
assert_type(record.league().frame, pd.DataFrame)
assert_type(record.calibration(), pd.DataFrame)
assert_type(record.to_html(by=["firm", "year"]), str)
assert_type(record.to_excel("record.xlsx"), Path)
assert_type(record.to_csv("tables"), list[Path])
