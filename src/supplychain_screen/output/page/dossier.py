"""One mention with everything known about it, in words: a row of the page and its fold-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from supplychain_screen.output.columns import PRINTED, Reader, Style, column
from supplychain_screen.output.page.figures import Spark, sparkline
from supplychain_screen.output.path_grid import Paths, path_facts
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.words import (
    ADJUSTMENTS,
    MISSING,
    REASON_SENTENCES,
    REASONS,
    SOURCES,
    Phrase,
    bound_percent,
    is_missing,
    machine_readable,
    message,
    moment,
    name_phrase,
    percent,
    phrase_of,
    window_phrase,
)

if TYPE_CHECKING:
    from supplychain_screen.research import Mention
    from supplychain_screen.screening import Screening

__all__ = [
    "TOUCHES",
    "Card",
    "Common",
    "Dossier",
    "Leg",
    "Touch",
    "common_of",
    "dossiers",
    "market_phrases",
    "other_windows",
    "page_reader",
    "touch_of",
]

Cell = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a comparison: what was read on which session."""

    name: Phrase
    base_session: str
    base_close: str
    base_age: int
    end_session: str
    end_close: str
    end_age: int
    change: str


@dataclass(frozen=True, slots=True)
class Card:
    """Evidence of one window against one benchmark."""

    window: Phrase
    role: str
    end_date: str
    legs: tuple[Leg, ...]
    relative: str
    rating: Rating
    reason: Phrase | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One row of the companies table. Numbers are text; ``sort`` holds what they sort by.

    ``rounded`` is True where the three figures as printed do not add, ``borderline`` where a
    convention gives another rating; ``checks`` are findings and whether they touched the rating.
    """

    order: int
    segment: int
    name: Phrase
    note: Phrase | None
    printed: Phrase | None
    pending: bool
    ambiguous: bool
    candidates: tuple[str, ...]
    symbol: str
    listing: str
    currency: str
    market: str
    market_words: Phrase
    benchmark: Phrase
    interim: bool
    stage_words: Phrase
    change: str
    benchmark_change: str
    relative: str
    rounded: bool
    rating: Rating
    reason: Phrase | None
    spark: Spark | None
    robustness: Phrase
    borderline: bool
    others: tuple[tuple[Rating, str], ...]
    checks: tuple[tuple[Phrase, Phrase], ...]
    facts: tuple[tuple[Phrase, Phrase | str], ...]
    cards: tuple[Card, ...]
    sources: tuple[tuple[Phrase, tuple[Phrase, ...]], ...]
    sort: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """What most rows have in common, said once above them: a row says only where it differs."""

    stage: Phrase | None
    market: Phrase | None
    benchmark: Phrase | None
    markets: int
    source: Phrase | None


Touch = Literal["", "struck", "close", "inside", "outside"]
"""Whether a finding touched the rating of a company: not rated for it; one of the closes that the
rating rests on; between them; neither."""

TOUCHES: Final[Mapping[Touch, Phrase]] = {
    "": message("page.touch_none").phrase,
    "struck": message("page.touch_struck").phrase,
    "close": message("page.touch_close").phrase,
    "inside": message("page.touch_inside").phrase,
    "outside": message("page.touch_outside").phrase,
}


def touch_of(finding: Cell, record: Cell) -> Touch:
    """Whether a finding of the price checks touched the rating of a company's row."""
    if record["rating"] == "unrated" or is_missing(record["base_session"]):
        return "struck" if finding["action"] == "unrated" else ""
    first, last = finding["first"], finding["last"]
    if is_missing(first) or is_missing(last):
        return ""
    base, end = record["base_session"], record["end_session"]
    if first <= base <= last or first <= end <= last:
        return "close"
    return "inside" if first < end and last > base else "outside"


def page_reader(screening: Screening, digits: int = 1, *, unit: bool = True) -> Reader:
    """Reads columns as the page shows them."""
    return Reader(Style(screening.report.standard.stock, digits=digits, unit=unit), "en")


def common_of(rows: list[Dossier]) -> Common:
    """What most rated rows share."""
    rated = [row for row in rows if row.rating.name != "unrated"] or rows
    pairs = Counter((row.market_words, row.benchmark) for row in rated)
    stages = Counter(row.stage_words for row in rated)
    sources = Counter(said for row in rows for said, _ in row.sources)
    market, benchmark = pairs.most_common(1)[0][0] if pairs else (None, None)
    return Common(
        stage=stages.most_common(1)[0][0] if stages else None,
        market=market,
        benchmark=benchmark,
        markets=len(pairs),
        source=sources.most_common(1)[0][0] if sources else None,
    )


def market_phrases(screening: Screening) -> dict[str, Phrase]:
    """Name of every market among the mentions, by the key they are filtered with."""
    from supplychain_screen.identity import EXCHANGES

    markets = screening.report.standard.markets
    found: dict[str, Phrase] = {}
    for mic in screening.companies["mic"].dropna().unique().tolist():
        named = next((m for m in markets if mic in m.mics and not m.boards), None)
        if named is not None:
            found[mic] = Phrase(named.name_zh, named.name_en)
        elif mic in EXCHANGES:
            found[mic] = Phrase(EXCHANGES[mic].name_zh, EXCHANGES[mic].name_en)
        else:
            found[mic] = Phrase(mic, mic)
    return found


def dossiers(screening: Screening, paths: Paths) -> list[Dossier]:
    """Everything the page shows of each mention, in the report's order."""
    spark_points = max(16, min(40, 20_000 // max(1, len(screening.companies))))
    segments = {name: i for i, name in enumerate(screening.segments["segment"].tolist())}
    markets, windows = market_phrases(screening), other_windows(screening)
    benchmarks = _benchmark_phrases(screening)
    read, read_closely = page_reader(screening, unit=False), page_reader(screening, digits=2)
    mentions = {one.order: one for one in screening.report.mentions}
    checked: dict[str, list[Cell]] = {}
    for finding in screening.findings.dropna(subset=["listing"]).to_dict("records"):
        checked.setdefault(finding["listing"], []).append(finding)
    evidence: dict[int, list[Cell]] = {}
    for record in screening.evidence.to_dict("records"):
        evidence.setdefault(int(record["order"]), []).append(record)
    rows = []
    for i, record in enumerate(screening.companies.to_dict("records")):
        order = int(record["order"])
        cells, mention = evidence.get(order, []), mentions.get(order)
        path = paths.members[i]
        rows.append(
            _dossier(
                screening,
                record,
                read,
                segment=segments[record["segment"]],
                windows=windows,
                market=markets.get(record["mic"], Phrase(MISSING, MISSING)),
                benchmarks=benchmarks,
                cards=_cards(screening, cells, record, benchmarks, read_closely),
                sources=_sources(cells, record, benchmarks),
                spark=sparkline(path, spark_points),
                note=_note(record, mention),
                checks=_checks(checked.get(record["listing"], []), record, read),
                facts=_facts(screening, record, i, mention, read),
            )
        )
    return rows


def _dossier(
    screening: Screening,
    record: Cell,
    read: Reader,
    *,
    segment: int,
    windows: list[str],
    market: Phrase,
    benchmarks: Callable[[Any, Any], Phrase],
    cards: tuple[Card, ...],
    sources: tuple[tuple[Phrase, tuple[Phrase, ...]], ...],
    spark: Spark | None,
    note: Phrase | None,
    checks: tuple[tuple[Phrase, Phrase], ...],
    facts: tuple[tuple[Phrase, Phrase | str], ...],
) -> Dossier:
    scale = screening.report.standard.stock
    rating = rating_of(scale, record["rating"])
    agree, of = record["robustness_agree"], record["robustness_of"]
    shown = [read(key, record) for key in ("return", "benchmark_return", "relative_return")]
    return Dossier(
        order=int(record["order"]),
        segment=segment,
        name=read.both("company", record),
        note=note,
        printed=_printed(record, read),
        pending=bool(record["pending"]),
        ambiguous=record["confidence"] == "ambiguous",
        candidates=tuple(str(one) for one in _items(record["candidates"])),
        symbol=read("symbol", record),
        listing=_text(record["listing"]),
        currency=_text(record["currency"]),
        market=market.en,
        market_words=market,
        benchmark=benchmarks(record["benchmark"], record["benchmark_name"]),
        interim=record["stage"] == "interim" and rating.name != "unrated",
        stage_words=read.both("progress", record),
        change=shown[0],
        benchmark_change=shown[1],
        relative=shown[2],
        rounded=screening.comparison == "difference" and not _adds(*shown),
        rating=rating,
        reason=_reason(record["reason"]),
        spark=spark,
        robustness=read.both("robustness", record),
        borderline=not is_missing(of) and bool(of) and agree < of,
        others=_others(screening, record, windows, read),
        checks=checks,
        facts=facts,
        cards=cards,
        sources=sources,
        sort=(
            _value(record["return"]),
            _value(record["benchmark_return"]),
            _value(record["relative_return"]),
            rating.rank,
            _value(record["day"]),
            None if is_missing(of) or not of else float(agree) / float(of),
            *(_value(record[f"relative_return_{name}"]) for name in windows),
        ),
    )


def _note(record: Cell, mention: Mention | None) -> Phrase | None:
    if not _text(record["note"]):
        return None
    words = name_phrase(record["note"], mention.note_en if mention is not None else None)
    return Phrase(*map(visible_text, words))


def _printed(record: Cell, read: Reader) -> Phrase | None:
    """What the report prints beside the company: its rating and target, where it has them."""
    told = [one for one in PRINTED if not is_missing(record[column(one).reads[0]])]
    if not told:
        return None
    said = [read.both(one, record) for one in told]
    return message(
        "page.printed", said=Phrase(*(" · ".join(one) for one in zip(*said, strict=True)))
    ).phrase


def other_windows(screening: Screening) -> list[str]:
    """Matured windows beside the headline's: each is a column."""
    shown = screening.companies.loc[screening.companies["rating"] != "unrated", "window"]
    headline = shown.iloc[0] if len(shown) else None
    names = screening.report.standard.stock.names
    return [
        window
        for window in screening.windows[:-1]
        if window != headline and screening.companies[f"rating_{window}"].isin(names).any()
    ]


def _others(
    screening: Screening, record: Cell, windows: list[str], read: Reader
) -> tuple[tuple[Rating, str], ...]:
    """Rating and relative return at each of the other windows."""
    scale = screening.report.standard.stock
    return tuple(
        (
            rating_of(scale, record[f"rating_{window}"]),
            read(f"relative_return_{window}", record),
        )
        for window in windows
    )


def _adds(change: str, benchmark: str, relative: str) -> bool:
    """Whether the figures as printed add; where one is missing there is nothing to add."""
    if MISSING in (change, benchmark, relative):
        return True
    one, other, difference = (
        Decimal(machine_readable(text).replace(",", "")) for text in (change, benchmark, relative)
    )
    return one - other == difference


def _checks(findings: list[Cell], record: Cell, read: Reader) -> tuple[tuple[Phrase, Phrase], ...]:
    """What the price checks found of this listing, each with what it did to the rating."""
    return tuple(
        (
            message(
                "page.check",
                code=read.both("code", one),
                first=read("first", one),
                detail=read.both("detail", one),
            ).phrase,
            TOUCHES[touch_of(one, record)],
        )
        for one in findings
    )


def _cards(
    screening: Screening,
    cells: list[Cell],
    record: Cell,
    benchmarks: Callable[[Any, Any], Phrase],
    read: Reader,
) -> tuple[Card, ...]:
    # "To date" ends where the last window ends once that has passed: the same numbers twice.
    last = screening.windows[-2] if len(screening.windows) > 1 else None
    over = any(cell["window"] == last and bool(cell["matured"]) for cell in cells)
    scale = screening.report.standard.stock
    cards = []
    for cell in cells:
        if not cell["matured"] or (over and cell["window"] == "to_date"):
            continue
        primary = cell["role"] == "primary"
        name = benchmarks(cell["benchmark"], record["benchmark_name"] if primary else None)
        legs = [
            Leg(
                read.both("symbol", cell),
                read("base_session", cell),
                read("base_close", cell),
                _age(cell["base_age"]),
                read("end_session", cell),
                read("end_close", cell),
                _age(cell["end_age"]),
                read("return", cell),
            )
        ]
        if not is_missing(cell["benchmark"]):
            legs.append(
                Leg(
                    name,
                    read("benchmark_base_session", cell),
                    read("benchmark_base", cell),
                    _age(cell["benchmark_base_age"]),
                    read("benchmark_end_session", cell),
                    read("benchmark_end", cell),
                    _age(cell["benchmark_end_age"]),
                    read("benchmark_return", cell),
                )
            )
        cards.append(
            Card(
                window=window_phrase(cell["window"]),
                role=str(cell["role"]),
                end_date=read("end_date", cell),
                legs=tuple(legs),
                relative=read("relative_return", cell),
                rating=rating_of(scale, cell["rating"]),
                reason=_reason(cell["reason"]),
            )
        )
    return tuple(cards)


def _sources(
    cells: list[Cell], record: Cell, benchmarks: Callable[[Any, Any], Phrase]
) -> tuple[tuple[Phrase, tuple[Phrase, ...]], ...]:
    """Where the closes came from, and whose: all windows read the same series."""
    found: dict[Phrase, dict[Phrase, None]] = {}
    for cell in cells:
        symbol = _text(cell["symbol"])
        named = record["benchmark_name"] if cell["role"] == "primary" else None
        for name, prefix in (
            (Phrase(symbol, symbol), ""),
            (benchmarks(cell["benchmark"], named), "benchmark_"),
        ):
            read = [cell[f"{prefix}{part}"] for part in ("source", "adjustment", "fetched_at")]
            if not is_missing(read[0]):
                found.setdefault(_provenance(*read), {})[name] = None
    return tuple((said, tuple(names)) for said, names in found.items())


def _facts(
    screening: Screening, record: Cell, row: int, mention: Mention | None, read: Reader
) -> tuple[tuple[Phrase, Phrase | str], ...]:
    scale = screening.report.standard.stock
    facts: list[tuple[Phrase, Phrase | str]] = [
        (message("page.name").phrase, f"{_text(record['company'])} · {_text(record['company_en'])}")
    ]
    if mention is not None and (mention.why or mention.why_zh):
        why = name_phrase(mention.why_zh, mention.why)
        facts.append((message("page.why_this_listing").phrase, why))
    path = path_facts(screening.path_figures, tuple(scale.bounds), row)
    if path is not None:
        best, worst = percent(path.best), percent(path.worst)
        facts.append(
            (
                message("page.extremes").phrase,
                f"{best} ({path.best_day}) / {worst} ({path.worst_day})",
            )
        )
        if path.crossed:
            reached = (f"{bound_percent(bound)} ({on})" for bound, on in path.crossed)
            facts.append((message("page.first_reached").phrase, ", ".join(reached)))
    if _items(record["robustness_flips"]):
        flips = read.both("robustness_flips", record)
        facts.append((message("page.flipped_by").phrase, flips))
    if not is_missing(record["alternative_benchmark"]) and bool(record["ratings_disagree"]):
        facts.append(
            (
                message("page.two_benchmarks").phrase,
                message("page.benchmarks_disagree").phrase,
            )
        )
    return tuple(facts)


def _benchmark_phrases(screening: Screening) -> Callable[[Any, Any], Phrase]:
    by_symbol: dict[str, Phrase] = {}
    for index in screening.report.standard.indices:
        words = Phrase(index.name_zh, index.name_en)
        by_symbol[index.name_zh] = by_symbol[index.name_en] = by_symbol[index.id] = words
        symbol = index.symbol("yahoo")
        if symbol:
            by_symbol[symbol] = words

    def phrase(symbol: Any, name: Any) -> Phrase:
        if is_missing(symbol):
            return Phrase(MISSING, MISSING)
        shown = str(symbol) if is_missing(name) else str(name)
        return by_symbol.get(str(symbol)) or by_symbol.get(shown) or Phrase(shown, shown)

    return phrase


def _provenance(source: Any, adjustment: Any, fetched: Any) -> Phrase:
    if is_missing(source):
        return Phrase(MISSING, MISSING)
    words = phrase_of(ADJUSTMENTS, adjustment)
    when = "" if is_missing(fetched) else f" · {moment(fetched)}"
    named = phrase_of(SOURCES, visible_text(str(source)))
    return Phrase(f"{named.zh} · {words.zh}{when}", f"{named.en} · {words.en}{when}")


def _reason(code: Any) -> Phrase | None:
    if is_missing(code) or not code:
        return None
    return REASON_SENTENCES.get(str(code)) or phrase_of(REASONS, code)


def _text(value: Any) -> str:
    return "" if is_missing(value) else visible_text(str(value))


def _items(value: Any) -> tuple[Any, ...]:
    if value is None or isinstance(value, float):
        return ()
    return tuple(value)


def _value(value: Any) -> float | None:
    return None if is_missing(value) else round(float(value), 6)


def _age(value: Any) -> int:
    return 0 if is_missing(value) else int(value)
