"""What a track record says in whole sentences: finding, figures, denominators, method.

Page, workbook, terminal and notebook print the same sentences; only their clothes differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from supplychain_screen.output.rating_words import rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import SIMULATED, Notice
from supplychain_screen.words import (
    COMPARISONS,
    POLICIES,
    REASON_SENTENCES,
    REASONS,
    RECORD_COUNTS,
    RECORD_GROUPS,
    RECORD_HEADS,
    RECORD_SIDES,
    RECORD_TARGET_REASONS,
    Message,
    Phrase,
    is_missing,
    message,
    percent,
    phrase_of,
    rating_phrase,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record import League, LeagueKey, TrackRecord

__all__ = [
    "Part",
    "calibration_sentences",
    "count_name",
    "denominator_sentences",
    "few_rows",
    "few_sentence",
    "finding",
    "group_head",
    "group_name",
    "league_sentences",
    "league_title",
    "leagues_of",
    "level_name",
    "method_lines",
    "missing_parts",
    "month_sentences",
    "months_of",
    "points",
    "rate",
    "record_notices",
    "record_title",
    "side_name",
    "target_rows",
    "target_sentences",
]

MIN_WINDOWS = 5
"""Windows of history that an interval of a mean needs (section 9.5 of the method)."""
MIN_OTHERS = 30
"""Calls of others that a month and market needs (section 9.5 of the method)."""


def points(fraction: Any, digits: int = 1) -> str:
    """A difference of rates in percentage points, as +10.5.

    Examples
    --------
    >>> points(0.105), points(-0.0204), points(float("nan"))
    ('+10.5', '−2.0', '–')
    """
    return percent(fraction, digits).removesuffix("%")


def rate(fraction: Any) -> str:
    """A share of calls, as 45.3%."""
    return percent(fraction, signed=False)


def group_name(by: str) -> Phrase:
    """One group of a league."""
    return RECORD_GROUPS[by]


def months_of(window: str) -> int:
    """Months of a fixed window.

    Examples
    --------
    >>> months_of("6m")
    6
    """
    return int(window.removesuffix("m"))


def record_title(record: TrackRecord) -> Phrase:
    """The document's title; SIMULATED comes first, where a tab still shows it."""
    said = message("result.title", title=RECORD_HEADS["title"], as_of=record.as_of)
    if record.simulated:
        said = message("result.title_simulated", title=said)
    return said.phrase


def _totals(record: TrackRecord, window: str) -> dict[str, Any]:
    told = record.denominators
    of_window = told["windows"][window]
    return {
        **{name: told[name] for name in told if name != "windows"},
        "matured": of_window["matured"],
        "pending": of_window["pending"],
        "unrated": sum(of_window["unrated"].values()),
        "no_prices": of_window["unrated"].get("no_prices", 0),
        "no_prices_share": of_window["no_prices_share"],
    }


def finding(record: TrackRecord, league: League) -> Phrase:
    """What came out, in a sentence or two: first whether anybody differs from luck."""
    totals = _totals(record, league.window)
    months = months_of(league.window)
    judged = record.by_month(league.window)
    n, right = int(judged["beat_n"].sum()), int(judged["beats"].sum())
    if not n:
        return message(
            "record.finding.nothing",
            as_of=record.as_of,
            months=months,
            runs=totals["runs"],
            pending=totals["pending"],
            unrated=totals["unrated"],
        ).phrase
    ranked, group = league.ranked, league.by
    alone = _incomparable(league)
    if ranked < 2 and alone:
        told = message(
            "record.finding.incomparable", group=group, min_runs=league.min_runs, shown=alone
        )
    elif ranked < 2:
        told = message(
            "record.finding.one" if ranked else "record.finding.too_few",
            group=group,
            min_runs=league.min_runs,
        )
    elif not league.ordered:
        told = message("record.finding.none", ranked=ranked, group=group)
    else:
        verdicts = league.frame["verdict"].value_counts()
        better, worse = int(verdicts.get("better", 0)), int(verdicts.get("worse", 0))
        told = message(
            "record.finding.some",
            ranked=ranked,
            group=group,
            better=better,
            worse=worse,
            rest=ranked - better - worse,
        )
    overall = message("record.finding.overall", months=months, n=n, rate=rate(right / n))
    return message("record.finding", told=told, overall=overall).phrase


def league_sentences(league: League) -> tuple[Phrase, Phrase] | None:
    """The league for who manages money and for who counts; None where nothing is ranked."""
    if league.ranked < 2:
        return None
    ranked = league.frame[league.frame["verdict"] != "too_few"]
    rates, chance = ranked["rate"], float((ranked["excess_sd"] ** 2).mean())
    low, high = rate(rates.min()), rate(rates.max())
    if league.ordered:
        luck = percent(chance / (chance + league.tau**2), 0, signed=False)
        tau = f"{100 * league.tau:.1f}"
        plain = message(
            "record.league.plain", group=league.by, low=low, high=high, luck=luck, tau=tau
        )
    else:
        plain = message("record.league.none", group=league.by, low=low, high=high)
    pseudo = league.rates.pseudo
    statistics = message(
        "record.league.statistics",
        min_others=MIN_OTHERS,
        tau_exact=f"{league.tau:.4f}",
        ranked=league.ranked,
        pooled=rate(league.rates.mean),
        pseudo=f"{pseudo:,.0f}" if np.isfinite(pseudo) else "∞",
        group=league.by,
    )
    return plain.phrase, statistics.phrase


def calibration_sentences(record: TrackRecord, frame: pd.DataFrame) -> tuple[Phrase, Phrase] | None:
    """The matrix in words; None where one of its outer rows is empty."""
    scale = record.standard.stock
    best, worst = scale.levels[0].name, scale.levels[-1].name
    share = frame.set_index(["called", "realised"])["share"]
    hit, other = share[best, best], share[worst, best]
    if is_missing(hit) or is_missing(other):
        return None
    plain = message(
        "record.calibration.plain",
        best=rating_phrase(scale, best),
        worst=rating_phrase(scale, worst),
        best_hit=f"{100 * hit:.0f}",
        worst_best=f"{100 * other:.0f}",
    ).phrase
    return plain, message("record.calibration.statistics").phrase


def month_sentences(frame: pd.DataFrame) -> list[Phrase]:
    """The rate through time, and the months in which nothing was said."""
    found = []
    judged = frame[frame["beat_n"] > 0]
    if len(judged) > 1:
        ordered = judged.sort_values("beat", kind="stable").to_dict("records")
        low, high = ordered[0], ordered[-1]
        found.append(
            message(
                "record.months.plain",
                low=rate(low["beat"]),
                low_month=low["month"],
                high=rate(high["beat"]),
                high_month=high["month"],
            ).phrase
        )
    if len(judged):
        found.append(message("record.months.statistics").phrase)
    empty = frame.loc[frame["runs"] == 0, "month"].tolist()
    if empty:
        shown = ", ".join(empty[:12]) + (f" … +{len(empty) - 12}" if len(empty) > 12 else "")
        found.append(message("record.months.holes", months=shown).phrase)
    return found


def target_sentences(record: TrackRecord, window: str) -> list[Phrase]:
    """Targets in words: how many were met, how far off they were, and which are not judged."""
    if not record.has_targets:
        return []
    targets = record.targets(window)
    rated = targets[targets["reason"] == ""]
    found = []
    if len(rated):
        aimed = rated[rated["direction"] != 0]
        said = message(
            "record.targets.plain",
            rated=len(rated),
            met_end=rate(aimed["met_end"].astype("float64").mean()),
            met_any=rate(aimed["met_any"].astype("float64").mean()),
            upside=percent(rated["upside"].mean()),
            bias=percent(rated["error"].mean()),
        )
        found.append(said.phrase)
        found.append(message("record.targets.statistics", months=months_of(window)).phrase)
    if len(rated) < len(targets):
        counts = targets.loc[targets["reason"] != "", "reason"].value_counts()
        words = {**REASONS, **RECORD_TARGET_REASONS, "pending": RECORD_HEADS["pending"]}
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        reasons = tuple(
            message("record.targets.reason", reason=phrase_of(words, reason), n=int(n))
            for reason, n in ordered
        )
        n, of = len(targets) - len(rated), len(targets)
        found.append(message("record.targets.unrated", n=n, of=of, reasons=reasons).phrase)
        # Both are asked of a target, and only the first that is missing is its reason.
        if "adjustment_unknown" in counts:
            found.append(message("record.targets.say_both").phrase)
        elif "splits_unknown" in counts:
            found.append(message("record.targets.say_splits").phrase)
    return found


def target_rows(record: TrackRecord, window: str) -> pd.DataFrame:
    """Targets by firm, those with most judged ones first; none where no target is judged."""
    frame = record.targets(window, by="firm")
    return frame[frame["rated"] > 0].sort_values(
        ["rated", "firm"], ascending=[False, True], kind="stable"
    )


def denominator_sentences(record: TrackRecord, window: str) -> list[Phrase]:
    """The reconciled denominators, and what their gaps do to the rates."""
    totals = _totals(record, window)
    runs, late = totals["runs"], totals["after_as_of"]
    told = [
        message(
            "record.rows",
            rows=totals["rows"],
            run_rows=totals["run_rows"],
            same_day=totals["same_day"],
            suspensions=totals["suspensions"],
            unknown_level=totals["unknown_level"],
            undated=totals["undated"],
        ),
        message(
            "record.runs",
            runs=runs,
            matured=totals["matured"],
            pending=totals["pending"],
            unrated=totals["unrated"],
        ),
        message(
            "record.fresh" if _says_what_is_new(record) else "record.fresh.untold",
            runs=runs,
            fresh=totals["fresh"],
            first_seen=totals["first_seen"],
        ),
    ]
    if late:
        told.append(message("record.after_as_of", after_as_of=late, as_of=record.as_of))
    if totals["repeated"]:
        told.append(message("record.repeated", repeated=totals["repeated"]))
    if totals["no_prices"]:
        told.append(_survivorship(totals))
    told += [_checks(record, window), *_holes(record)]
    unknown = record.unknown_words
    if len(unknown):
        listed = [
            f"{visible_text(str(word))[:40] or '–'} {n:,}"
            for word, n in zip(unknown["word"].head(8), unknown["rows"].head(8), strict=True)
        ]
        more = [f"… +{len(unknown) - 8}"] if len(unknown) > 8 else []
        rows = int(unknown["rows"].sum())
        told.append(message("record.unknown", rows=rows, words=", ".join([*listed, *more])))
    return [one.phrase for one in told]


def _says_what_is_new(record: TrackRecord) -> bool:
    """Whether the calls say anywhere if they repeat: by their action, or by the rating before."""
    return not record.population.columns.has.isdisjoint({"action", "level_before"})


def _holes(record: TrackRecord) -> list[Message]:
    """Stretches without a call in the feed and of single firms, the worst first."""
    found = []
    for kind, rows in record.holes.groupby("kind", sort=True):
        worst = rows.sort_values("expected", ascending=False, kind="stable")
        days = [
            f"{first:%Y-%m-%d}…{last:%Y-%m-%d}"
            for first, last in zip(worst["first"].head(6), worst["last"].head(6), strict=True)
        ]
        names = [visible_text(name)[:40] for name in worst["firm"].head(6)]
        spans = [f"{name} {day}".strip() for name, day in zip(names, days, strict=True)]
        more = [f"… +{len(rows) - 6}"] if len(rows) > 6 else []
        n, shown = len(rows), ", ".join([*spans, *more])
        if kind == "feed":
            expected = round(float(rows["expected"].sum()))
            found.append(message("record.holes.feed", n=n, shown=shown, expected=expected))
        else:
            found.append(message("record.holes.firm", n=n, shown=shown))
    return found


def _checks(record: TrackRecord, window: str) -> Message:
    """Whether the price checks ran, and what they took away."""
    checks = record.price_checks
    unrated = record.denominators["windows"][window]["unrated"].get("suspect_prices", 0)
    if checks.how == "none":
        return message("record.checks.none")
    if checks.how == "given":
        return message("record.checks.given", calls=unrated)
    n, struck = checks.series, checks.struck
    return message("record.checks.run", series=n, struck=struck, calls=unrated)


def _survivorship(totals: Mapping[str, Any]) -> Message:
    share = rate(totals["no_prices_share"])
    return message("record.survivorship", no_prices=totals["no_prices"], share=share)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the counted opinions: how many, which share, and in a sentence why."""

    name: Phrase
    n: int
    share: float
    why: Phrase | None


def missing_parts(record: TrackRecord, window: str) -> list[Part]:
    """Matured, pending, and the unrated by reason: together all counted opinions."""
    totals = record.denominators
    told, runs = totals["windows"][window], totals["runs"]
    parts: list[tuple[Phrase, int, Phrase | None]] = [
        (RECORD_HEADS[name], told[name], None) for name in ("matured", "pending")
    ]
    parts += [
        (REASONS.get(reason, Phrase(reason, reason)), n, REASON_SENTENCES.get(reason))
        for reason, n in sorted(told["unrated"].items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return [Part(name, n, n / runs if runs else float("nan"), why) for name, n, why in parts]


def record_notices(record: TrackRecord, window: str) -> list[Notice]:
    """What a reader must know before the numbers, the gravest first."""
    found = [Notice("simulated", SIMULATED)] if record.simulated else []
    totals = _totals(record, window)
    if totals["no_prices"]:
        found.append(Notice("warning", _survivorship(totals).phrase))
    if record.price_checks.how == "none":
        found.append(Notice("warning", _checks(record, window).phrase))
    return found


def method_lines(record: TrackRecord, window: str) -> list[tuple[Phrase, Phrase]]:
    """Every convention behind the numbers, with its name."""
    cost = record.cost_bps
    standard = record.standard.stock
    levels = [rating_phrase(standard, level.name) for level in standard.levels]
    named = Phrase(" / ".join(one.zh for one in levels), " / ".join(one.en for one in levels))
    heads = RECORD_HEADS
    once = record.count == "runs"
    counted = message("record.method.count.runs" if once else "record.method.count.calls")
    charged = message("record.method.cost", bps=cost) if cost else message("record.method.free")
    return [
        (heads["standard"], named),
        (heads["window"], message("record.method.window", months=months_of(window)).phrase),
        (heads["base_session"], POLICIES[record.rules.base_policy]),
        (heads["relative_return"], COMPARISONS[record.rules.comparison]),
        (heads["count"], counted.phrase),
        (heads["older"], message("record.method.fresh", min_runs=record.min_runs).phrase),
        (heads["beat"], message("record.method.beat").phrase),
        (heads["reached"], message("record.method.reached").phrase),
        (heads["means"], message("record.method.means", min_windows=MIN_WINDOWS).phrase),
        (heads["checks"], _checks(record, window).phrase),
        (heads["cost"], charged.phrase),
    ]


def group_head(by: str) -> Phrase:
    """One group of a league as the head of a column."""
    word = RECORD_GROUPS[by]
    return Phrase(word.zh, word.en.capitalize())


def league_title(league: League) -> Phrase:
    """The heading of a league."""
    return message("record.league", group=league.by).phrase


def few_sentence(league: League) -> Phrase | None:
    """How many groups have too few calls for a rank, or too few that others' can be held against.

    None where all have enough.
    """
    few = int((league.frame["verdict"] == "too_few").sum())
    alone = _incomparable(league)
    told = [message("record.league.incomparable", shown=alone)] if alone else []
    if few := few - len(alone):
        told.insert(
            0, message("record.league.few", n=few, min_runs=league.min_runs, group=league.by)
        )
    if len(told) == 2:
        return message("record.finding", told=told[0], overall=told[1]).phrase
    return told[0].phrase if told else None


def few_rows(league: League) -> list[tuple[str, int, str]]:
    """Name, judged calls and hit rate of each group without a rank, those with most calls first."""
    frame = league.frame[(league.frame["verdict"] == "too_few") & (league.frame["beat_n"] > 0)]
    frame = frame.sort_values("beat_n", ascending=False, kind="stable")
    return [
        (visible_text(str(name)) or "–", int(n), rate(share))
        for name, n, share in zip(frame[league.by], frame["beat_n"], frame["beat"], strict=True)
    ]


def _incomparable(league: League) -> tuple[Message, ...]:
    """Groups with calls enough whose like too few others have made, those with most first."""
    key = f"{league.hit}_n"
    enough = (league.frame["verdict"] == "too_few") & (league.frame[key] >= league.min_runs)
    alone = league.frame[enough].sort_values(key, ascending=False, kind="stable")
    total, told = int(league.frame[key].sum()), []
    for row in alone.to_dict("records"):
        name, n = visible_text(str(row[league.by]))[:40] or "–", int(row[key])
        compared, others = int(row["ranked_n"]), total - n
        told.append(
            message("record.league.alike", name=name, n=n)
            if compared >= league.min_runs
            else message(
                "record.league.incomparable.one", name=name, n=n, compared=compared, others=others
            )
        )
    return tuple(told)


def leagues_of(
    record: TrackRecord, by: LeagueKey | Sequence[LeagueKey], window: str | None
) -> list[League]:
    """A league by each key, over one window."""
    keys: list[LeagueKey] = [by] if isinstance(by, str) else list(by)
    return [record.league(key, window) for key in keys]


def level_name(record: TrackRecord, name: object, arrow: bool = False) -> Phrase:
    """A level of the record's scale in words, with its arrow where asked."""
    rating = rating_of(record.standard.stock, name)
    words = Phrase(*(visible_text(text) for text in rating.words))
    return Phrase(*(f"{rating.sign} {text}" for text in words)) if arrow else words


def side_name(side: Any) -> Phrase:
    """What calls of a side are called."""
    return RECORD_SIDES[str(int(side))]


def count_name(record: TrackRecord) -> Phrase:
    """Whether a repeated opinion counts once."""
    return RECORD_COUNTS[record.count]
