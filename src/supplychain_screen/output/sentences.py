"""What a screening says in whole sentences: headline, denominators, notices, method.

Page, workbook and text print the same sentences; only their clothes differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from supplychain_screen.output.outcomes import Outcome, outcome_of
from supplychain_screen.record import printed_ratings
from supplychain_screen.research import BOUND_TOLERANCE
from supplychain_screen.words import (
    MISSING,
    REASON_SENTENCES,
    SCALE_KINDS,
    STAGES,
    Message,
    Phrase,
    bound_percent,
    is_missing,
    message,
    name_phrase,
    percent,
    phrase_of,
    rating_phrase,
    rating_sign,
    rating_tone,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = [
    "DISCLAIMER",
    "SIMULATED",
    "Counts",
    "Notice",
    "call_and_outcome",
    "count_companies",
    "count_mentions",
    "definitions",
    "headline",
    "interim_calls",
    "measured_interval",
    "method",
    "notices",
    "printed_sentence",
    "rated_sentence",
    "reason_counts",
    "robustness_phrase",
    "sector_sentence",
    "stage_phrase",
    "three_numbers",
    "title",
]

SIMULATED: Final = message("result.simulated").phrase

DISCLAIMER: Final = message("result.disclaimer").phrase


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing a reader must know before the numbers.

    Parameters
    ----------
    kind : str
        ``simulated`` and ``interim`` cannot be overlooked, ``warning`` changes how a number is
        read, ``note`` says where one comes from.
    text : Phrase
        The sentence.
    """

    kind: Literal["simulated", "interim", "warning", "note"]
    text: Phrase


@dataclass(frozen=True, slots=True)
class Counts:
    """Denominators that reconcile: all = listed + unlisted + unresolved; listed = rated + unrated.

    Parameters
    ----------
    all, listed, unlisted, unresolved, rated : int
    ratings : mapping of str to int
        Companies or mentions of each level, best level first, every level of the scale.
    reasons : mapping of str to int
        Reasons of those that are listed and unrated.
    """

    all: int
    listed: int
    unlisted: int
    unresolved: int
    rated: int
    ratings: Mapping[str, int]
    reasons: Mapping[str, int]


def count_mentions(screening: Screening) -> Counts:
    """Denominators over the rows of the report's table."""
    return _count(screening, screening.companies)


def count_companies(screening: Screening) -> Counts:
    """Denominators with every company once, whatever the number of its mentions."""
    return _count(screening, screening.once)


def _count(screening: Screening, rows: Any) -> Counts:
    ratings = rows["rating"].value_counts().to_dict()
    listed = rows["status"] == "listed"
    levels = [level.name for level in screening.report.standard.stock.levels]
    rated = rows["rating"].isin(levels)
    reasons = rows.loc[listed & ~rated, "reason"].value_counts().sort_index().to_dict()
    return Counts(
        all=len(rows),
        listed=int(listed.sum()),
        unlisted=int((rows["status"] == "unlisted").sum()),
        unresolved=int((rows["status"] == "unresolved").sum()),
        rated=int(rated.sum()),
        ratings={name: int(ratings.get(name, 0)) for name in levels},
        reasons={str(code): int(n) for code, n in reasons.items()},
    )


def reason_counts(reasons: Mapping[str, int]) -> Phrase:
    """Reasons with their counts, as ``无基准 1、无行情 2``.

    Examples
    --------
    >>> reason_counts({"no_benchmark": 1, "no_prices": 2}).en
    'no benchmark 1, no prices 2'
    """
    counts = tuple(message("result.reason", reason=code, n=n) for code, n in reasons.items())
    return message("result.reasons", counts=counts).phrase


def interim_calls(screening: Screening) -> int:
    """How many rated mentions carry a rating that is not final yet."""
    companies = screening.companies
    return int(((companies["stage"] == "interim") & (companies["rating"] != "unrated")).sum())


def title(screening: Screening) -> Phrase:
    """The document's title; SIMULATED and interim come first, where a tab still shows them."""
    report = screening.report
    name = name_phrase(report.title, report.title_en)
    said = message("result.title", title=name, as_of=screening.as_of)
    if interim_calls(screening):
        said = message("result.title_interim", title=said)
    if screening.simulated:
        said = message("result.title_simulated", title=said)
    return said.phrase


def headline(screening: Screening) -> Phrase:
    """The finding in a sentence or two: what was said, what happened, what carries the mean."""
    found = outcome_of(screening)
    if found.rated == 0:
        return _none_rated(screening)
    called = _CALLED[found.called_side]
    if found.window == "to_date":
        when = message("finding.on_day", n=found.day, of=found.days)
    else:
        when = message("finding.after", window=found.window)
    if found.rated == 1:
        only = _figure(screening, found.mean)
        return message("finding.single", called=called, when=when, figure=only).phrase
    ends = [
        _by(screening, found.ahead_bound, found.ahead_inclusive),
        _by(screening, found.behind_bound, found.behind_inclusive),
    ]
    figures = _carried(screening, found)
    if ends[0] is not None and ends[0] == ends[1] and screening.comparison != "own":
        return message(
            "finding.headline_alike",
            called=called,
            when=when,
            rated=found.rated,
            ahead=found.ahead,
            behind=found.behind,
            index=_held_against(found),
            by=ends[0],
            figures=figures,
        ).phrase
    return message(
        "finding.headline",
        called=called,
        when=when,
        rated=found.rated,
        counts=tuple(_sides(screening, found, *ends)),
        figures=figures,
    ).phrase


def _none_rated(screening: Screening) -> Phrase:
    """Why nobody is rated; by a standard without numbers, what the companies did all the same."""
    counts = count_companies(screening)
    why = reason_counts(counts.reasons)
    said = message("result.none_rated", as_of=screening.as_of, n=counts.all, why=why)
    rows = screening.once
    rows = rows[(rows["reason"] == "standard_without_bounds") & rows["relative_return"].notna()]
    windows = rows["window"].unique().tolist()
    if len(windows) != 1:
        return said.phrase
    relative = rows["relative_return"]
    when = message("finding.after", window=windows[0])
    if windows == ["to_date"]:
        when = message("finding.on_day", n=int(rows["day"].max()), of=int(rows["days"].max()))
    return message(
        "result.direction_only",
        when=when,
        n=len(rows),
        ahead=int((relative > BOUND_TOLERANCE).sum()),
        behind=int((relative < -BOUND_TOLERANCE).sum()),
        mean=percent(float(relative.mean())),
        median=percent(float(relative.median())),
    ).phrase


_CALLED: Final[Mapping[int | None, Message]] = {
    1: message("finding.positive"),
    0: message("finding.neutral"),
    -1: message("finding.negative"),
    None: message("finding.no_call"),
}


def _sides(
    screening: Screening, found: Outcome, ahead: Message | None, behind: Message | None
) -> Iterator[Message]:
    """How many were ahead of their benchmarks and how many behind, and by how much at least."""
    own = screening.comparison == "own"
    index: Message | Phrase = _held_against(found)
    if ahead is not None and own:
        yield message("finding.up", n=found.ahead, by=ahead)
    elif ahead is not None:
        yield message("finding.ahead", n=found.ahead, index=index, by=ahead)
        index = message("finding.it")
    if behind is not None and own:
        yield message("finding.down", n=found.behind, by=behind)
    elif behind is not None:
        yield message("finding.behind", n=found.behind, index=index, by=behind)


def _held_against(found: Outcome) -> Message | Phrase:
    """The one index that all are held against by its name, or that each has its own."""
    if len(found.yardsticks) != 1:
        return message("finding.benchmarks")
    return name_phrase(found.yardsticks[0].name, found.yardsticks[0].name_en)


def _by(screening: Screening, bound: float | None, inclusive: bool) -> Message | None:
    if bound is None:
        return None
    if bound == 0.0:
        return message("finding.by_anything")
    # A difference of two returns is points; a return or a ratio of two is percent.
    n = abs(100.0 * bound)
    points = screening.comparison == "difference"
    size = message("finding.points" if points else "finding.percent", n=n)
    return message("finding.at_least" if inclusive else "finding.more_than", size=size)


def _figure(screening: Screening, fraction: float) -> str:
    return percent(fraction, bounds=screening.report.standard.stock.bounds)


def _carried(screening: Screening, found: Outcome) -> Message:
    mean, median = _figure(screening, found.mean), _figure(screening, found.median)
    rest = _figure(screening, found.mean_without)
    if found.carried and found.without == 1:
        return message("finding.carried_by_one", median=median, mean=mean, rest=rest)
    return message(
        "finding.carried" if found.carried else "finding.not_carried",
        median=median,
        mean=mean,
        best=_BEST[found.without],
        rest=rest,
    )


_BEST: Final[Mapping[int, Message]] = {1: message("finding.one"), 3: message("finding.three")}


def three_numbers(screening: Screening) -> tuple[tuple[Phrase, str, float], ...]:
    """The mean, the median and the mean without the best, as equals: name, figure, fraction.

    Where nobody is rated there are none, and of a single company there is one.
    """
    found = outcome_of(screening)
    asked = [(message("finding.mean"), found.mean)] if found.rated else []
    if found.rated > 1:
        asked.append((message("finding.median"), found.median))
        best = _BEST[found.without]
        asked.append((message("finding.without", best=best), found.mean_without))
    return tuple((name.phrase, _figure(screening, value), value) for name, value in asked)


def measured_interval(screening: Screening) -> Phrase | None:
    """From which close to which the companies are measured, and against which indices.

    None where nobody is rated.
    """
    found = outcome_of(screening)
    if found.first is None or found.last is None:
        return None
    said = message(
        "finding.measured_about" if found.sessions_differ else "finding.measured",
        first=found.first,
        last=found.last,
    )
    if not found.yardsticks:
        return said.phrase
    indices = [
        message("finding.index", index=name_phrase(one.name, one.name_en), n=one.companies)
        for one in found.yardsticks[:_INDICES]
    ]
    others = len(found.yardsticks) - _INDICES
    if others > 0:
        indices.append(message("finding.other_indices", n=others))
    return message("finding.against", said=said, indices=tuple(indices)).phrase


_INDICES: Final = 3
"""Most indices that are named beside the measured interval."""


def call_and_outcome(screening: Screening) -> Phrase | None:
    """What the report called its sector and what that became, as ``Outperform → Neutral``."""
    found, scale = outcome_of(screening), screening.report.standard.sector
    if found.called is None or found.became is None or scale is None:
        return None
    called, became = (rating_phrase(scale, name) for name in (found.called, found.became))
    return message("finding.call", called=called, became=became).phrase


def rated_sentence(screening: Screening) -> Phrase:
    """How many of the companies are rated, and why the others are not, in one line."""
    counts = count_companies(screening)
    if counts.rated == counts.all:
        return message("finding.all_rated", n=counts.all).phrase
    others = {
        "unlisted": counts.unlisted,
        "unresolved": counts.unresolved,
        **counts.reasons,
    }
    why = reason_counts({code: n for code, n in others.items() if n})
    return message("finding.some_rated", n=counts.all, rated=counts.rated, why=why).phrase


def sector_sentence(screening: Screening) -> Phrase | None:
    """The report's own sector rating against what happened; None where it gave none."""
    call = screening.report.sector_call
    found = screening.sector_call
    scale = screening.report.standard.sector
    if call is None or scale is None or not found:
        return None
    published = rating_phrase(scale, found["published_rating"])
    if is_missing(found.get("relative_return")):
        return message("sector.no_figure", published=published).phrase
    realised = rating_phrase(scale, found["realised_rating"])
    figure = percent(found["relative_return"], bounds=scale.bounds)
    if found.get("reason"):
        why = REASON_SENTENCES[found["reason"]]
        return message("sector.not_judged", published=published, figure=figure, why=why).phrase
    if is_missing(found["agrees"]):
        said = message("sector.open", published=published, figure=figure, realised=realised)
    else:
        said = message(
            "sector.agrees" if found["agrees"] else "sector.disagrees",
            published=published,
            figure=figure,
            realised=realised,
        )
    return said.phrase


def printed_sentence(screening: Screening) -> Phrase | None:
    """How the ratings that are printed beside companies did; None where none is."""
    found = printed_ratings(screening)
    if found is None:
        return None
    said = message("printed.counts", n=found.n, up=found.positive, down=found.negative)
    parts = []
    if found.judged_positive:
        parts.append(message("printed.ahead", n=found.ahead, of=found.judged_positive))
    if found.judged_negative:
        parts.append(message("printed.behind", n=found.behind, of=found.judged_negative))
    if found.unknown:
        parts.append(message("printed.unknown", n=found.unknown))
    return message("printed.said", counts=said, parts=tuple(parts)).phrase if parts else said.phrase


def stage_phrase(stage: object, day: Any, days: Any) -> Phrase:
    """Where a call stands, as "day 143 of 365" while it runs.

    Examples
    --------
    >>> stage_phrase("interim", 143, 365)
    Phrase(zh='进行中 第143/365日', en='Interim, day 143 of 365')
    >>> stage_phrase("12m", 365, 365).en
    '12 months final'
    """
    if stage == "pending":
        return STAGES["pending"]
    if is_missing(stage) or is_missing(day) or is_missing(days):
        return Phrase(MISSING, MISSING)
    n, of = int(day), int(days)
    if stage == "interim":
        return message("stage.running", n=n, of=of).phrase
    if n >= of:
        return phrase_of(STAGES, stage)
    return message("stage.matured_day", stage=stage, n=n, of=of).phrase


def robustness_phrase(agree: Any, of: Any) -> Phrase:
    """How many conventions give the same rating.

    Examples
    --------
    >>> robustness_phrase(7, 12)
    Phrase(zh='7/12', en='7 of 12')
    """
    if is_missing(agree) or is_missing(of) or not of:
        return Phrase(MISSING, MISSING)
    return message("result.robustness", n=int(agree), of=int(of)).phrase


def notices(screening: Screening) -> list[Notice]:
    """What must be said before the numbers, the gravest first."""
    found: list[Notice] = []
    if screening.simulated:
        found.append(Notice("simulated", SIMULATED))
    interim = interim_calls(screening)
    if interim:
        found.append(Notice("interim", message("notice.interim", n=interim).phrase))
    if screening.basis == "total":
        found.append(Notice("warning", message("notice.total").phrase))
    if (screening.findings["code"] == "basis_substituted").any():
        found.append(Notice("warning", message("notice.basis").phrase))
    found.append(Notice("note", _published_note(screening).phrase))
    return found


def _published_note(screening: Screening) -> Message:
    published, after = screening.published, screening.report.published_after
    printed = screening.report.published
    if printed == published:
        return message("notice.published", published=published)
    if printed is not None:
        return message("notice.overruled", published=published, printed=printed)
    if after:
        return message("notice.entered_after", published=published, after=after)
    return message("notice.entered", published=published)


def method(screening: Screening) -> list[tuple[Phrase, Phrase]]:
    """How the numbers were made, as pairs of a heading and a sentence or two."""
    standard = screening.report.standard
    first, last = standard.first_months, standard.last_months
    own = screening.comparison == "own"
    said = [
        (message("method.windows"), message("method.windows_said", first=first, last=last)),
        (message("method.base"), message("method.base_said", policy=screening.base_policy)),
        (message("method.dates"), message("method.dates_said")),
        (
            message("method.comparison"),
            message(
                "method.comparison_own" if own else "method.comparison_said",
                comparison=screening.comparison,
            ),
        ),
        (message("method.basis"), message("method.basis_said", basis=screening.basis)),
        (message("method.standard"), _scale(standard.stock)),
        (message("method.benchmarks"), _benchmarks(standard)),
        (message("method.aggregates"), message("method.aggregates_said")),
        (message("method.robustness"), message("method.robustness_said")),
    ]
    return [(head.phrase, sentence.phrase) for head, sentence in said]


def _scale(scale: Any) -> Message:
    levels = tuple(_level(scale, level) for level in scale.levels)
    if scale.is_bounded:
        said = message("method.scale", levels=levels)
    else:
        said = message("method.directions", levels=levels)
    if scale.kind not in SCALE_KINDS:
        return said
    if scale.required_return is None:
        return message("method.scale_kind", kind=scale.kind, scale=said)
    origin = percent(scale.origin, 1)
    return message("method.scale_kind_from", kind=scale.kind, origin=origin, scale=said)


def _level(scale: Any, level: Any) -> Message:
    words = rating_phrase(scale, level.name)
    sign, span = rating_sign(rating_tone(scale, level.name)), _span(level)
    if not span:
        return message("method.level_alone", sign=sign, level=words)
    return message("method.level", sign=sign, level=words, span=span)


def _span(level: Any) -> str:
    low = bound_percent(level.lower) if level.lower is not None else ""
    high = bound_percent(level.upper) if level.upper is not None else ""
    below = "≥" if level.lower_inclusive else ">"
    above = "≤" if level.upper_inclusive else "<"
    if low and high:
        return f"{below} {low}, {above} {high}"
    return f"{below} {low}" if low else f"{above} {high}" if high else ""


def _benchmarks(standard: Any) -> Message:
    if not standard.markets:
        return message("method.no_benchmark")
    names = {index.id: index for index in standard.indices}
    markets = []
    for market in standard.markets:
        known = [names[one] for one in market.benchmarks if one in names]
        indices = tuple(Phrase(one.name_zh, one.name_en) for one in known)
        called = Phrase(market.name_zh, market.name_en)
        markets.append(message("method.market", market=called, indices=indices))
    return message("method.benchmarks_said", markets=tuple(markets))


def definitions() -> list[tuple[Phrase, Phrase]]:
    """The words a reader meets in every output."""
    said = [
        (message("definition.mention"), message("definition.mention_said")),
        (message("definition.relative"), message("definition.relative_said")),
        (message("definition.rating"), message("definition.rating_said")),
        (message("definition.unrated"), message("definition.unrated_said")),
        (message("definition.hit_rate"), message("definition.hit_rate_said")),
    ]
    return [(word.phrase, meaning.phrase) for word, meaning in said]
