"""One mention with everything known about it, in words: a row of the page and its fold-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from supplychain_screen.output.columns import Reader, Style
from supplychain_screen.output.page.figures import Spark, sparkline
from supplychain_screen.output.path_grid import Paths, path_facts
from supplychain_screen.output.rating_words import Rating, rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.words import (
    ADJUSTMENTS,
    MISSING,
    REASON_SENTENCES,
    REASONS,
    Phrase,
    is_missing,
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

__all__ = ["Card", "Dossier", "Leg", "dossiers", "market_phrases", "page_reader"]

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
    """One row of the companies table. Numbers are text; ``sort`` holds what they sort by."""

    order: int
    segment: int
    name: Phrase
    note: Phrase | None
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
    rating: Rating
    reason: Phrase | None
    spark: Spark | None
    robustness: Phrase
    other_windows: tuple[tuple[Phrase, str, str], ...]
    facts: tuple[tuple[Phrase, Phrase | str], ...]
    cards: tuple[Card, ...]
    sources: tuple[tuple[Phrase, tuple[Phrase, ...]], ...]
    sort: tuple[float | None, ...]


def page_reader(screening: Screening, digits: int = 1) -> Reader:
    """Reads columns as the page shows them, with the minus sign of print."""
    return Reader(Style(screening.report.standard.stock, digits=digits), "en")


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
    markets = market_phrases(screening)
    benchmarks = _benchmark_phrases(screening)
    read, read_closely = page_reader(screening), page_reader(screening, digits=2)
    mentions = {one.order: one for one in screening.report.mentions}
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
                market=markets.get(record["mic"], Phrase(MISSING, MISSING)),
                benchmarks=benchmarks,
                cards=_cards(screening, cells, record, benchmarks, read_closely),
                sources=_sources(cells, record, benchmarks),
                spark=sparkline(path, spark_points),
                note=_note(record, mention),
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
    market: Phrase,
    benchmarks: Callable[[Any, Any], Phrase],
    cards: tuple[Card, ...],
    sources: tuple[tuple[Phrase, tuple[Phrase, ...]], ...],
    spark: Spark | None,
    note: Phrase | None,
    facts: tuple[tuple[Phrase, Phrase | str], ...],
) -> Dossier:
    scale = screening.report.standard.stock
    rating = rating_of(scale, record["rating"])
    agree, of = record["robustness_agree"], record["robustness_of"]
    return Dossier(
        order=int(record["order"]),
        segment=segment,
        name=read.both("company", record),
        note=note,
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
        change=read("return", record),
        benchmark_change=read("benchmark_return", record),
        relative=read("relative_return", record),
        rating=rating,
        reason=_reason(record["reason"]),
        spark=spark,
        robustness=read.both("robustness", record),
        other_windows=_other_windows(screening, record, read),
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
        ),
    )


def _note(record: Cell, mention: Mention | None) -> Phrase | None:
    if not _text(record["note"]):
        return None
    words = name_phrase(record["note"], mention.note_en if mention is not None else None)
    return Phrase(*map(visible_text, words))


def _other_windows(
    screening: Screening, record: Cell, read: Reader
) -> tuple[tuple[Phrase, str, str], ...]:
    """Verdicts of the matured windows beside the headline: window, arrow, relative return."""
    scale = screening.report.standard.stock
    found = []
    for window in screening.windows[:-1]:
        name = record[f"rating_{window}"]
        if window != record["window"] and not is_missing(name) and name != "unrated":
            figure = read(f"relative_return_{window}", record)
            found.append((window_phrase(window), rating_of(scale, name).sign, figure))
    return tuple(found)


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
            reached = (f"{percent(bound, 0)} ({on})" for bound, on in path.crossed)
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
    shown = visible_text(str(source))
    return Phrase(f"{shown} · {words.zh}{when}", f"{shown} · {words.en}{when}")


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
