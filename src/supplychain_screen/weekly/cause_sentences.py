"""One sentence for each cause of a change, in both languages, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from supplychain_screen.prices import day_number
from supplychain_screen.prices.panel import PricePanel
from supplychain_screen.research import Mention
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.swaps import State
from supplychain_screen.words import FINDINGS, REASONS, WINDOWS, Phrase, percent

__all__ = ["tell"]


def tell(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    state: State,
    following: State,
    place: int,
) -> Phrase:
    """What the swap of one input did to one call.

    Parameters
    ----------
    cause : str
        One of ``CAUSES``.
    before, after : Screening
    key : tuple of str
        Segment and company.
    state, following : State
        Before and after the swap.
    place : int
        The call's place in both.
    """
    bounds = after.report.standard.stock.bounds
    move = _move(state.relative[place], following.relative[place], bounds)
    said = _told(cause, before, after, key, following.window[place], move)
    reason = following.reason[place]
    if not reason or reason == state.reason[place]:
        return said
    # The number alone does not say why a call is unrated now.
    words = REASONS.get(reason, Phrase(reason, reason))
    return Phrase(f"{said.zh}；{words.zh}", f"{said.en}; {words.en.lower()}")


def _told(
    cause: str,
    before: Screening,
    after: Screening,
    key: tuple[str, str],
    window: str,
    move: str,
) -> Phrase:
    match cause:
        case "new_prices":
            days = f"{before.as_of} → {after.as_of}"
            return Phrase(f"{days} 的新行情：{move}", f"prices of {days}: {move}")
        case "window_matured":
            return _matured(after, key, window, move)
        case "restated_history":
            return _restated(before, after, key, move)
        case "mapping_changed":
            return _mapped(before, after, key, move)
        case "standard_changed":
            return _standard(before, after, move)
        case _:
            return _checked(before, after, key)


def _move(old: float, new: float, bounds: Sequence[float]) -> str:
    return f"{_shown(old, bounds)} → {_shown(new, bounds)}"


def _shown(value: float, bounds: Sequence[float]) -> str:
    return "–" if np.isnan(value) else percent(value, 2, bounds=bounds)


def _mention(screening: Screening, key: tuple[str, str]) -> Mention | None:
    found = (one for one in screening.measured.mentions if (one.segment, one.company) == key)
    return next(found, None)


def _matured(after: Screening, key: tuple[str, str], window: str, move: str) -> Phrase:
    words = WINDOWS.get(window, Phrase(window, window))
    rows = after.evidence
    rows = rows[
        (rows["segment"] == key[0]) & (rows["company"] == key[1]) & (rows["window"] == window)
    ]
    on = "" if rows.empty else f"{rows['end_date'].iloc[0].date()}"
    return Phrase(f"{words.zh}窗口于 {on} 到期：{move}", f"{words.en} ended on {on}: {move}")


def _restated(before: Screening, after: Screening, key: tuple[str, str], move: str) -> Phrase:
    changed = []
    mention = _mention(after, key)
    if mention is not None and mention.listing is not None:
        bench = after.report.standard.benchmarks_of(mention.listing.partition(":")[0])
        for listing in (mention.listing, *(one.id for one in bench[:1])):
            days = _restated_days(before.measured.panel, after.measured.panel, listing, before)
            if len(days):
                changed.append((listing, days))
    if not changed:
        return Phrase(f"历史行情被修订：{move}", f"earlier closes were restated: {move}")
    zh = "；".join(f"{who} {len(days)} 个交易日（{days[0]} 起）" for who, days in changed)
    en = "; ".join(f"{who}, {len(days)} sessions from {days[0]} on" for who, days in changed)
    return Phrase(f"历史行情被修订：{zh}；{move}", f"restated: {en}; {move}")


def _restated_days(old: PricePanel, new: PricePanel, listing: str, before: Screening) -> list[str]:
    """Days from publication on whose close was changed, but for one common factor."""
    if listing not in old.row_of or listing not in new.row_of:
        return []
    first, n = old.first_day, old.n_days
    lo = max(day_number(before.published) - first - 7, 0)
    was = old.close[old.row_of[listing], lo:n]
    now = new.close[new.row_of[listing], lo:n]
    # A later split scales every close alike; only a change of the ratio is a restatement.
    with np.errstate(invalid="ignore"):
        ratio = now / was
    usual = np.nanmedian(ratio) if np.isfinite(ratio).any() else 1.0
    differs = ~np.isclose(ratio, usual, rtol=1e-9, atol=0.0) & ~(np.isnan(was) & np.isnan(now))
    session = (new.stamp[new.row_of[listing], lo:n] & np.uint32(0xFFFF)) == 0
    days = np.flatnonzero(differs & session) + lo + first
    return [str(np.datetime64(int(day), "D")) for day in days]


def _mapped(before: Screening, after: Screening, key: tuple[str, str], move: str) -> Phrase:
    old, new = _mention(before, key), _mention(after, key)
    if old is None:
        listing = new.listing if new is not None else None
        return Phrase(f"新增：{listing or '无证券'}", f"new: {listing or 'no listing'}")
    if new is None:
        return Phrase("不再列入", "no longer listed in the report")
    if old.listing != new.listing:
        zh, en = f"{old.listing or '无'} → {new.listing or '无'}", "none"
        return Phrase(
            f"证券由 {zh}：{move}", f"listing {old.listing or en} → {new.listing or en}: {move}"
        )
    return Phrase(f"证券资料改变：{move}", f"what is known of its listing changed: {move}")


def _standard(before: Screening, after: Screening, move: str) -> Phrase:
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
    return Phrase(f"{zh}；{move}", f"{en}; {move}")


def _pair(old: Any, new: Any) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, tuple):
            return "/".join(f"{one:g}" for one in value)
        return str(value)

    return f" {shown(old)} → {shown(new)}" if shown(old) != shown(new) else ""


def _checked(before: Screening, after: Screening, key: tuple[str, str]) -> Phrase:
    ids = set()
    for screening in (before, after):
        mention = _mention(screening, key)
        if mention is not None and mention.listing is not None:
            mic = mention.listing.partition(":")[0]
            ids |= {mention.listing}
            ids |= {one.id for one in screening.report.standard.benchmarks_of(mic)}
    old, new = _struck(before.findings, ids), _struck(after.findings, ids)
    parts_zh, parts_en = [], []
    for verb_zh, verb_en, found in (("未通过", "struck", new - old), ("解除", "lifted", old - new)):
        for code, listing, first in sorted(found, key=str):
            words = FINDINGS.get(code, Phrase(code, code))
            on = "" if first is None else f" {first}"
            parts_zh.append(f"{verb_zh}：{listing} {words.zh}{on}")
            parts_en.append(f"{verb_en}: {listing} {words.en.lower()}{on}")
    return Phrase(
        "；".join(parts_zh) or "质量检查结果改变",
        "; ".join(parts_en) or "a check's verdict changed",
    )


def _struck(findings: pd.DataFrame, ids: set[str]) -> set[tuple[str, str, date | None]]:
    rows = findings[(findings["action"] == "unrated") & findings["listing"].isin(ids)]
    return {
        (row["code"], row["listing"], None if pd.isna(row["first"]) else row["first"].date())
        for row in rows.to_dict("records")
    }
