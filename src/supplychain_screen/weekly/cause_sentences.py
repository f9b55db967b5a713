"""One sentence for each cause of a change, in both languages, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.prices import PriceSeries
from supplychain_screen.research import Mention
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.swaps import CAUSES as STEPS
from supplychain_screen.weekly.swaps import State, last_day_that_counts
from supplychain_screen.words import CAUSES, FINDINGS, REASONS, WINDOWS, Phrase, percent

__all__ = ["tell"]


_CHECKED = frozenset({"suspect_prices", "benchmark_stale"})
"""Reasons that a check can give."""


def tell(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    chain: Sequence[State],
    place: int,
) -> Phrase:
    """Why one call moved, and the way its number went, from where it was to where it is.

    Parameters
    ----------
    cause : str
        One of ``CAUSES``.
    before, after : Screening
    key : tuple of str
        Segment and company.
    chain : sequence of State
        Before, after each swap, and at the end.
    place : int
        The call's place in all of them.

    Notes
    -----
    Where several causes moved the number, each is named with the figure it led to: the way
    starts at the first figure of the row and ends at its last one, to the printed digit.
    """
    move = _way(chain, place, after.report.standard.stock.bounds)
    old, new = chain[0].reason[place], chain[-1].reason[place]
    checks = None
    if old != new and {old, new} & _CHECKED:
        checks = _checks(before, after, key)
    said = _told(cause, before, after, key, chain[-1].window[place], move, checks)
    if not new or new == old:
        return said
    # The number alone does not say why a call is unrated now.
    words = REASONS.get(new, Phrase(new, new))
    return Phrase(f"{said.zh}；{words.zh}", f"{said.en}; {words.en.lower()}")


def _told(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    window: str,
    move: Phrase,
    checks: Phrase | None,
) -> Phrase:
    match cause:
        case "new_prices":
            counted = last_day_that_counts(
                after.measured.rules, after.published, before.as_of, after.as_of
            )
            days = f"{before.as_of} → {max(before.as_of, counted)}"
            said = Phrase(f"{days} 的新行情", f"prices of {days}")
        case "window_matured":
            said = _matured(after, key, window)
        case "restated_history":
            said = _restated(before, after, key)
        case "mapping_changed":
            old, new = _mention(before, key), _mention(after, key)
            if new is None:
                return Phrase("不再列入", "no longer listed in the report")
            if old is None:
                listing = new.listing
                return Phrase(f"新增：{listing or '无证券'}", f"new: {listing or 'no listing'}")
            said = _mapped(old, new)
        case "standard_changed":
            said = _standard(before, after)
        case _:
            found = checks or _checks(before, after, key)
            said = found or Phrase("质量检查结果改变", "a check's verdict changed")
            checks = None
    if checks is not None:
        said = Phrase(f"{said.zh}；{checks.zh}", f"{said.en}; {checks.en}")
    if checks is None and cause in ("new_prices", "window_matured", "mapping_changed"):
        return Phrase(f"{said.zh}：{move.zh}", f"{said.en}: {move.en}")
    return Phrase(f"{said.zh}；{move.zh}", f"{said.en}; {move.en}")


def _way(chain: Sequence[State], place: int, bounds: Sequence[float]) -> Phrase:
    """The figures from the first state to the last one, with what led to each."""

    def shown(value: float) -> str:
        return "–" if np.isnan(value) else percent(value, 2, bounds=bounds)

    figures = [shown(chain[0].relative[place])]
    for state in chain[1:-1]:
        value = state.relative[place]
        # A state between that has no figure moved nothing: the last one known is carried on.
        figures.append(figures[-1] if np.isnan(value) else shown(value))
    figures.append(shown(chain[-1].relative[place]))
    steps = [i for i in range(len(STEPS)) if figures[i] != figures[i + 1]]
    way = f"{figures[0]} → {figures[-1]}"
    if len(steps) < 2:
        return Phrase(way, way)
    zh = "，".join(f"{CAUSES[STEPS[i]].zh}至 {figures[i + 1]}" for i in steps)
    en = ", ".join(f"{CAUSES[STEPS[i]].en.lower()} to {figures[i + 1]}" for i in steps)
    return Phrase(f"{way}（{zh}）", f"{way} ({en})")


def _mention(screening: Screening, key: tuple[str, str]) -> Mention | None:
    found = (one for one in screening.measured.mentions if (one.segment, one.company) == key)
    return next(found, None)


def _matured(after: Screening, key: tuple[str, str], window: str) -> Phrase:
    words = WINDOWS.get(window, Phrase(window, window))
    rows = after.evidence
    rows = rows[
        (rows["segment"] == key[0]) & (rows["company"] == key[1]) & (rows["window"] == window)
    ]
    on = "" if rows.empty else f"{rows['end_date'].iloc[0].date()}"
    return Phrase(f"{words.zh}窗口于 {on} 到期", f"{words.en} ended on {on}")


def _restated(before: Screening, after: Screening, key: tuple[str, str]) -> Phrase:
    changed = []
    mention = _mention(after, key)
    if mention is not None and mention.listing is not None:
        old, new = before.measured.prices.loaded.series, after.measured.prices.loaded.series
        bench = after.report.standard.benchmarks_of(mention.listing.partition(":")[0])
        for listing in (mention.listing, *(one.id for one in bench[:1])):
            if listing in old and listing in new:
                days = _restated_days(old[listing], new[listing], before.published)
                if len(days):
                    changed.append((listing, days))
    if not changed:
        return Phrase("历史行情被修订", "earlier closes were restated")
    zh = "；".join(f"{who} {len(days)} 个交易日（{days[0]} 起）" for who, days in changed)
    en = "; ".join(f"{who}, {len(days)} sessions from {days[0]} on" for who, days in changed)
    return Phrase(f"历史行情被修订：{zh}", f"restated: {en}")


_BEFORE_PUBLICATION = timedelta(days=31)
"""No rated call has its base earlier than this before publication."""


def _restated_days(old: PriceSeries, new: PriceSeries, published: date) -> list[str]:
    """Sessions that were known and have another close now, but for one common factor.

    A session among the known ones that only one of the two has counts too.
    """
    first = np.datetime64(published - _BEFORE_PUBLICATION, "D")
    legs = []
    known = old.sessions[np.isfinite(old.close)]
    last = known.max() if known.size else first
    for one in (old, new):
        used = np.isfinite(one.close) & (one.sessions >= first) & (one.sessions <= last)
        legs.append(pd.Series(one.close[used], one.sessions[used]))
    was, now = legs
    both = was.index.intersection(now.index)
    # A later split scales every close alike; only a change of the ratio is a restatement.
    ratio = (now[both] / was[both]).to_numpy()
    usual = np.median(ratio) if ratio.size else 1.0
    differs = both[~np.isclose(ratio, usual, rtol=1e-9, atol=0.0)]
    days = differs.union(was.index.symmetric_difference(now.index))
    return [str(day.date()) for day in days]


def _mapped(old: Mention, new: Mention) -> Phrase:
    if old.listing != new.listing:
        zh, en = f"{old.listing or '无'} → {new.listing or '无'}", "none"
        return Phrase(f"证券由 {zh}", f"listing {old.listing or en} → {new.listing or en}")
    return Phrase("证券资料改变", "what is known of its listing changed")


def _standard(before: Screening, after: Screening) -> Phrase:
    old, new = before.measured.rules, after.measured.rules
    names = {
        "cuts": ("评级界线", "bounds"),
        "months": ("期限", "horizon"),
        "base_policy": ("基准日规则", "base policy"),
        "comparison": ("比较方式", "comparison"),
        "max_stale_sessions": ("停牌容限", "stale limit"),
        "max_stale_benchmark": ("基准容限", "stale limit of benchmarks"),
    }
    differ: list[tuple[str, str, Any, Any]] = [
        (*names[name], getattr(old, name), getattr(new, name))
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]
    if before.basis != after.basis:
        differ.append(("收益口径", "basis", before.basis, after.basis))
    if before.report.standard.markets != after.report.standard.markets:
        differ.append(("基准指数", "benchmarks", "", ""))
    zh = "，".join(name + _pair(a, b) for name, _, a, b in differ) or "标准"
    en = ", ".join(name + _pair(a, b) for _, name, a, b in differ) or "the standard"
    return Phrase(zh, en)


def _pair(old: Any, new: Any) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, tuple):
            return "/".join(f"{one:g}" for one in value)
        return str(value)

    return f" {shown(old)} → {shown(new)}" if shown(old) != shown(new) else ""


def _checks(before: Screening, after: Screening, key: tuple[str, str]) -> Phrase | None:
    """Which checks strike a call or its benchmark now, and which let go; None where none does."""
    ids = set()
    for screening in (before, after):
        mention = _mention(screening, key)
        if mention is not None and mention.listing is not None:
            mic = mention.listing.partition(":")[0]
            ids |= {mention.listing}
            ids |= {one.id for one in screening.report.standard.benchmarks_of(mic)}
    old, new = _struck(before, ids), _struck(after, ids)
    parts_zh, parts_en = [], []
    for verb_zh, verb_en, found in (("未通过", "struck", new - old), ("解除", "lifted", old - new)):
        for code, listing, first in sorted(found, key=str):
            words = FINDINGS.get(code, Phrase(code, code))
            on = "" if first is None else f" {first}"
            parts_zh.append(f"{verb_zh}：{listing} {words.zh}{on}")
            parts_en.append(f"{verb_en}: {listing} {words.en.lower()}{on}")
    if not parts_en:
        return None
    return Phrase("；".join(parts_zh), "; ".join(parts_en))


def _struck(screening: Screening, ids: set[str]) -> set[tuple[str, str, date | None]]:
    return {
        (one.code, one.listing, one.first)
        for one in screening.measured.prices.findings
        if one.action == "unrated" and one.listing in ids
    }
