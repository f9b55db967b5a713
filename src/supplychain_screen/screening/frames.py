"""A measured report as frames: one row a mention, a segment, a number's evidence, a reason.

Every frame here is a contract that outputs rely on; their columns are listed in
:class:`supplychain_screen.screening.screening.Screening`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from supplychain_screen.identity import Index, Listing
from supplychain_screen.prices import Finding
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.research import Mention, ResearchReport
from supplychain_screen.scoring import (
    NO_AGE,
    NO_DAY,
    REASON_CODE,
    REASONS,
    STAGE_INTERIM,
    Aggregate,
    CallScores,
    Legs,
    Robustness,
    Rules,
    SuspectDays,
    aggregate,
    session_dates,
    stage_names,
)
from supplychain_screen.screening.inputs import CheckedPrices
from supplychain_screen.words import Message, Phrase, machine_readable, message

__all__ = [
    "Measured",
    "companies_frame",
    "distinct_calls",
    "evidence_frame",
    "findings_frame",
    "given_reasons",
    "segments_frame",
    "sources_frame",
    "total_of",
    "unrated_frame",
]

UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the frames are made of.

    Parameters
    ----------
    report : ResearchReport
    mentions : tuple of Mention, length n
        The mentions that are measured, in report order.
    prices : CheckedPrices
    rules : Rules
    scores : tuple of CallScores, each of n calls
        Against the primary benchmark of each market, the second one, and so on.
    robustness : Robustness, n calls
    """

    report: ResearchReport
    mentions: tuple[Mention, ...]
    prices: CheckedPrices
    rules: Rules
    scores: tuple[CallScores, ...]
    robustness: Robustness

    @property
    def panel(self) -> PricePanel:
        """The prices on the grid of days."""
        return self.prices.panel

    @property
    def suspects(self) -> SuspectDays:
        """The days no rating may rest on."""
        return self.prices.suspects

    @property
    def primary(self) -> CallScores:
        """Scores against the primary benchmarks."""
        return self.scores[0]

    def listing(self, place: int) -> Listing | None:
        """The listing of the mention at ``place``."""
        chosen = self.mentions[place].listing
        return None if chosen is None else self.report.listing(chosen)

    def benchmark(self, place: int, role: int = 0) -> Index | None:
        """The benchmark named for the mention's market, by its order in the standard."""
        listing = self.listing(place)
        if listing is None:
            return None
        named = self.report.standard.benchmarks_of(listing.id)
        if self.rules.is_own:
            # Own returns are rated against nothing; every index stands beside them.
            role -= 1
        return named[role] if 0 <= role < len(named) else None

    def rating_names(self, codes: npt.NDArray[np.int8]) -> list[str]:
        """Level names of rating codes, ``unrated`` for -1."""
        levels = self.report.standard.stock.names
        return [levels[code] if code >= 0 else UNRATED for code in codes]


def given_reasons(mentions: Sequence[Mention]) -> npt.NDArray[np.int8]:
    """Reason codes of the mentions that nobody can measure, 0 for the others."""
    codes = [REASON_CODE.get("" if one.status == "listed" else one.status, 0) for one in mentions]
    return np.array(codes, np.int8)


def _at_headline(scores: CallScores, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The value each call has in its headline window."""
    picked: npt.NDArray[Any] = np.take_along_axis(
        values, scores.headline[None, :].astype(np.intp), axis=0
    )[0]
    return picked


def _ticker(instrument: Listing | Index | None) -> str | None:
    if instrument is None:
        return None
    return instrument.ticker


def companies_frame(measured: Measured) -> pd.DataFrame:
    """One row a mention, in report order, with its headline window and every window's verdict."""
    scores, rules = measured.primary, measured.rules
    columns = pd.DataFrame([_identity(measured, i) for i in range(len(measured.mentions))])
    reason = _at_headline(scores, scores.reason)
    seconds = session_dates(scores.end)
    relative = scores.relative.by(rules.comparison)
    numbers: dict[str, Any] = {
        "stage": [stage_names(rules.months)[code] for code in scores.stage],
        "day": _day_of(measured),
        "days": _days_of(measured),
        "window": [rules.windows[code] for code in scores.headline],
        "base_session": session_dates(scores.base),
        "end_session": _at_headline(scores, seconds),
        "base_close": scores.base.close,
        "end_close": _at_headline(scores, scores.end.close),
        "benchmark_base": scores.benchmark_base.close,
        "benchmark_end": _at_headline(scores, scores.benchmark_end.close),
        "return": _at_headline(scores, scores.relative.stock_return),
        "benchmark_return": _at_headline(scores, scores.relative.benchmark_return),
        "relative_return": _at_headline(scores, relative),
        "rating": measured.rating_names(_at_headline(scores, scores.rating)),
        "reason": [REASONS[code] or None for code in reason],
    }
    for i, window in enumerate(rules.windows):
        numbers[f"relative_return_{window}"] = relative[i]
        numbers[f"rating_{window}"] = measured.rating_names(scores.rating[i])
    numbers |= _alternative(measured)
    numbers["robustness_agree"] = measured.robustness.agree
    numbers["robustness_of"] = measured.robustness.of
    numbers["robustness_distinct"] = measured.robustness.distinct
    numbers["robustness_flips"] = list(measured.robustness.flips)
    frame = pd.concat([columns, pd.DataFrame(numbers)], axis=1)
    return frame.astype({"order": "int64"})


def _identity(measured: Measured, place: int) -> dict[str, Any]:
    mention = measured.mentions[place]
    listing, benchmark = measured.listing(place), measured.benchmark(place)
    market = None
    if listing is not None:
        market = measured.report.standard.market_of(listing.id)
    candidates = tuple(str(_ticker(measured.report.listing(one))) for one in mention.candidates)
    return {
        "order": mention.order,
        "segment": mention.segment,
        "segment_en": mention.segment_en,
        "company": mention.company,
        "company_en": mention.company_en,
        "note": mention.note,
        "pending": mention.pending,
        "status": mention.status,
        "confidence": mention.confidence,
        "candidates": candidates,
        "listing": mention.listing,
        "symbol": _ticker(listing),
        "mic": None if listing is None else listing.mic,
        "market": None if market is None else market.name,
        "currency": None if listing is None else listing.currency,
        "benchmark": _ticker(benchmark),
        "benchmark_name": None if benchmark is None else benchmark.name_zh,
        "benchmark_name_en": None if benchmark is None else benchmark.name_en,
        "printed_rating": mention.printed_rating or None,
        "printed_target": mention.printed_target or None,
        "target_currency": mention.target_currency or None,
    }


def _day_of(measured: Measured) -> npt.NDArray[np.int32]:
    """Calendar days since publication, at most the length of the longest window."""
    scores = measured.primary
    day: npt.NDArray[np.int32] = scores.end_day[-1] - scores.published
    return day


def _days_of(measured: Measured) -> npt.NDArray[np.int32]:
    """Calendar days from publication to the next horizon, to the last one once all have matured."""
    scores = measured.primary
    ahead = np.clip(scores.stage - STAGE_INTERIM, 0, len(measured.rules.months) - 1)
    ends = np.take_along_axis(scores.end_day, ahead[None, :].astype(np.intp), axis=0)[0]
    days: npt.NDArray[np.int32] = ends - scores.published
    return days


def _alternative(measured: Measured) -> dict[str, Any]:
    n = len(measured.mentions)
    names = [_ticker(measured.benchmark(i, 1)) for i in range(n)]
    if len(measured.scores) < 2:
        missing = np.full(n, np.nan)
        return {
            "alternative_benchmark": names,
            "alternative_relative_return": missing,
            "alternative_rating": [None] * n,
            "ratings_disagree": [False] * n,
        }
    second = measured.scores[1]
    relative = _at_headline(second, second.relative.by(second.rules.comparison))
    codes = _at_headline(second, second.rating)
    first_codes = _at_headline(measured.primary, measured.primary.rating)
    return {
        "alternative_benchmark": names,
        "alternative_relative_return": relative,
        "alternative_rating": [
            rating if name is not None and not second.rules.unrated else None
            for rating, name in zip(measured.rating_names(codes), names, strict=True)
        ],
        "ratings_disagree": (codes != first_codes) & (codes >= 0) & (first_codes >= 0),
    }


def evidence_frame(measured: Measured) -> pd.DataFrame:
    """One row a mention, window and benchmark: the sessions and closes behind each number."""
    blocks = []
    for role, scores in enumerate(measured.scores):
        named = [
            i for i in range(len(measured.mentions)) if role == 0 or measured.benchmark(i, role)
        ]
        blocks += [
            _evidence(measured, scores, role, window, np.array(named, np.intp))
            for window in range(len(measured.rules.windows))
        ]
    frame = pd.concat([block for block in blocks if len(block)], ignore_index=True)
    order = frame["order"].argsort(kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _evidence(
    measured: Measured, scores: CallScores, role: int, window: int, places: npt.NDArray[np.intp]
) -> pd.DataFrame:
    relative = scores.relative
    listings = [measured.listing(i) for i in places]
    benchmarks = [measured.benchmark(i, role) for i in places]
    mentions = [measured.mentions[i] for i in places]
    closed = (scores.matured[window] | (window == len(measured.rules.windows) - 1))[places]
    return pd.DataFrame(
        {
            "order": [one.order for one in mentions],
            "segment": [one.segment for one in mentions],
            "company": [one.company for one in mentions],
            "listing": [one.listing for one in mentions],
            "symbol": [_ticker(one) for one in listings],
            "window": measured.rules.windows[window],
            "role": "primary" if role == 0 else "alternative",
            "benchmark": [_ticker(one) for one in benchmarks],
            "base_date": _dates(scores.base_day[places]),
            "end_date": _dates(scores.end_day[window][places]),
            "matured": closed,
            "base_session": session_dates(scores.base)[places],
            "base_close": scores.base.close[places],
            "base_age": _ages(scores.base.age[places]),
            "end_session": session_dates(scores.end, window)[places],
            "end_close": scores.end.close[window][places],
            "end_age": _ages(scores.end.age[window][places]),
            "benchmark_base_session": session_dates(scores.benchmark_base)[places],
            "benchmark_base": scores.benchmark_base.close[places],
            "benchmark_base_age": _ages(scores.benchmark_base.age[places]),
            "benchmark_end_session": session_dates(scores.benchmark_end, window)[places],
            "benchmark_end": scores.benchmark_end.close[window][places],
            "benchmark_end_age": _ages(scores.benchmark_end.age[window][places]),
            "return": relative.stock_return[window][places],
            "benchmark_return": relative.benchmark_return[window][places],
            "relative_return": relative.by(scores.rules.comparison)[window][places],
            "rating": measured.rating_names(scores.rating[window][places]),
            "reason": [REASONS[code] or None for code in scores.reason[window][places]],
            **_provenance(measured.panel, scores.rows[places], ""),
            **_provenance(measured.panel, scores.benchmark_rows[places], "benchmark_"),
        }
    )


def _dates(days: npt.NDArray[np.int32]) -> npt.NDArray[np.datetime64]:
    dates: npt.NDArray[np.datetime64] = days.astype("datetime64[D]").astype("datetime64[s]")
    return dates


def _ages(age: npt.NDArray[np.int16]) -> pd.Series[Any]:
    return pd.Series(age).astype("Int64").where(age != NO_AGE)


def _provenance(panel: PricePanel, rows: npt.NDArray[np.int32], prefix: str) -> dict[str, Any]:
    found = [panel.provenance[row] if row >= 0 else None for row in rows]
    return {
        f"{prefix}source": [one.source or None if one else None for one in found],
        f"{prefix}adjustment": [one.adjustment or None if one else None for one in found],
        f"{prefix}fetched_at": [one.fetched_at if one else None for one in found],
    }


def segments_frame(measured: Measured) -> pd.DataFrame:
    """One row a segment, in report order; each row is an :class:`Aggregate` by name."""
    rows = []
    for segment in dict.fromkeys(mention.segment for mention in measured.mentions):
        places = [i for i, one in enumerate(measured.mentions) if one.segment == segment]
        rows.append(
            {
                "segment": segment,
                "segment_en": measured.mentions[places[0]].segment_en,
                **_named(measured, places),
            }
        )
    return pd.DataFrame(rows)


def distinct_calls(mentions: Sequence[Mention]) -> list[int]:
    """Places of the mentions that count in the report's total: each company once.

    Examples
    --------
    Qualcomm is printed in two segments and counts in the total once.
    """
    seen: set[str] = set()
    places = []
    for place, mention in enumerate(mentions):
        who = mention.listing or mention.company
        if who not in seen:
            seen.add(who)
            places.append(place)
    return places


def total_of(measured: Measured) -> pd.Series[Any]:
    """The report as one group, every company counted once, plus ``companies``."""
    places = distinct_calls(measured.mentions)
    return pd.Series({"companies": len(places), **_named(measured, places)}, dtype=object)


def _named(measured: Measured, places: Iterable[int]) -> dict[str, Any]:
    """Aggregate of some mentions, its best and worst member by name."""
    chosen = list(places)
    scores = measured.primary
    reasons = _at_headline(scores, scores.reason)[chosen]
    group = aggregate(
        _at_headline(scores, scores.relative.by(measured.rules.comparison))[chosen],
        _at_headline(scores, scores.rating)[chosen],
        [REASONS[code] for code in reasons],
        [measured.mentions[i].status for i in chosen],
        measured.report.standard.stock,
    )
    return _with_names(group, [measured.mentions[i] for i in chosen])


def _with_names(group: Aggregate, members: Sequence[Mention]) -> dict[str, Any]:
    named = asdict(group)
    for which in ("best", "worst"):
        place = named.pop(f"{which}_member")
        named[f"{which}_company"] = members[place].company if place >= 0 else None
        named[f"{which}_company_en"] = members[place].company_en if place >= 0 else None
    named["single_company"] = len(members) == 1
    return named


def unrated_frame(measured: Measured) -> pd.DataFrame:
    """One row a mention without a headline rating: the reason code, and the reason in words."""
    scores = measured.primary
    reasons = _at_headline(scores, scores.reason)
    rows = []
    for place in np.flatnonzero(reasons):
        mention = measured.mentions[place]
        said = _explain(measured, int(place), REASONS[reasons[place]]).phrase
        rows.append(
            {
                "order": mention.order,
                "segment": mention.segment,
                "company": mention.company,
                "company_en": mention.company_en,
                "symbol": _ticker(measured.listing(int(place))),
                "reason": REASONS[reasons[place]],
                "detail": machine_readable(said.en),
                "detail_zh": machine_readable(said.zh),
            }
        )
    names = ["order", "segment", "company", "company_en", "symbol", "reason", "detail", "detail_zh"]
    return pd.DataFrame(rows, columns=names)


def _explain(measured: Measured, place: int, reason: str) -> Message:
    """The reason with its numbers."""
    mention = measured.mentions[place]
    if reason == "unresolved" and mention.why:
        may = [str(_ticker(measured.report.listing(one))) for one in mention.candidates]
        why = Phrase(mention.why_zh or mention.why, mention.why)
        if not may:
            return message("unrated.undecided", why=why)
        return message("unrated.undecided_of", why=why, may=", ".join(may))
    scores, rules = measured.primary, measured.rules
    window = int(scores.headline[place])
    base = _iso(scores.base_day[place])
    end = _iso(scores.end_day[window, place])
    market = measured.listing(place)
    match reason:
        case "no_benchmark":
            return message("unrated.no_benchmark", mic=market.mic if market is not None else "")
        case "no_prices" if not measured.panel.provenance[scores.rows[place]].source:
            return message("unrated.no_prices", symbol=_ticker(market))
        case "no_prices":
            return message("unrated.no_prices_yet", base=base)
        case "not_yet_listed":
            return message("unrated.not_yet_listed", base=base)
        case "suspended_at_base":
            return message(
                "unrated.suspended_at_base",
                day=base,
                session=_iso(scores.base.session[place]),
                age=int(scores.base.age[place]),
                limit=rules.max_stale_sessions,
            )
        case "suspended_at_end":
            return message(
                "unrated.suspended_at_end",
                day=end,
                session=_iso(scores.end.session[window, place]),
                age=int(scores.end.age[window, place]),
                limit=rules.max_stale_sessions,
            )
        case "benchmark_stale":
            return _benchmark_stale(measured, place, window)
        case "pending":
            return message("unrated.pending", end=end)
        case _:
            return message("unrated.plain", reason=reason)


def _benchmark_stale(measured: Measured, place: int, window: int) -> Message:
    scores, limit = measured.primary, measured.rules.max_stale_benchmark
    symbol = _ticker(measured.benchmark(place))
    legs = (
        (scores.benchmark_base, scores.base),
        (_window(scores.benchmark_end, window), _window(scores.end, window)),
    )
    for benchmark, stock in legs:
        if benchmark.age[place] > limit:
            day = _iso(stock.session[place])
            if benchmark.age[place] == NO_AGE:
                return message("unrated.benchmark_none", symbol=symbol, day=day)
            return message(
                "unrated.benchmark_stale",
                symbol=symbol,
                day=day,
                session=_iso(benchmark.session[place]),
                age=int(benchmark.age[place]),
                limit=limit,
            )
    return message("unrated.benchmark_suspect", symbol=symbol)


def _window(legs: Legs, window: int) -> Legs:
    return Legs(legs.close[window], legs.session[window], legs.age[window])


def _iso(day: np.int32 | int) -> str:
    return "" if day == NO_DAY else str(np.datetime64(int(day), "D"))


def findings_frame(report: ResearchReport, findings: Iterable[Finding]) -> pd.DataFrame:
    """One row a finding, ordered by code, listing and date."""
    known: dict[str, Listing | Index] = {one.id: one for one in report.listings}
    known |= {one.id: one for one in report.standard.indices}
    ordered = sorted(
        findings, key=lambda one: (one.code, one.listing, str(one.first), str(one.last), one.detail)
    )
    return pd.DataFrame(
        {
            "code": [one.code for one in ordered],
            "listing": [one.listing or None for one in ordered],
            "symbol": [_ticker(known.get(one.listing)) for one in ordered],
            "first": _stamps(one.first for one in ordered),
            "last": _stamps(one.last for one in ordered),
            "action": [one.action for one in ordered],
            "detail": [one.detail for one in ordered],
            "detail_zh": [machine_readable(one.phrase.zh) for one in ordered],
        }
    )


def sources_frame(panel: PricePanel) -> pd.DataFrame:
    """One row a price series: symbol, source, adjustment, fetch time, last session."""
    return pd.DataFrame(
        {
            "listing": [one.listing for one in panel.provenance],
            "symbol": [one.symbol for one in panel.provenance],
            "source": [one.source or None for one in panel.provenance],
            "adjustment": [one.adjustment or None for one in panel.provenance],
            "fetched_at": [one.fetched_at for one in panel.provenance],
            "last_session": _stamps(one.last_session for one in panel.provenance),
        }
    )


def _stamps(days: Iterable[date | None]) -> npt.NDArray[np.datetime64]:
    return np.array([np.datetime64("NaT") if day is None else day for day in days], "datetime64[s]")
