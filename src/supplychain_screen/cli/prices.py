"""``prices``: fill the price store, look at it, check it, and move prices in and out."""

from __future__ import annotations

import json as jsonlib
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.price_readings import finding_lines, status_lines
from supplychain_screen.cli.progress import UpdateProgress, tell_fetched
from supplychain_screen.cli.targets import check_targets
from supplychain_screen.cli.terminal import (
    AdjustmentChoice,
    AdjustmentOption,
    DecimalOption,
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    MaxSizeOption,
    ReportOption,
    bytes_of,
    chosen_report,
    day,
    note,
    now,
    print_json,
    tell,
    today,
    width,
)
from supplychain_screen.errors import InputError, Problem, SourceError, SymbolNotFoundError
from supplychain_screen.words import Message, message

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.identity import Instrument
    from supplychain_screen.prices import Finding, HistorySource, LoadedPrices
    from supplychain_screen.prices.store import PriceStore, UpdateReport

__all__ = ["register"]

_prices = typer.Typer(
    help="Update, look at, check, repair, import and export the price store.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="DIR",
        show_default=False,
        help="Where the store lies; else SUPPLYCHAIN_SCREEN_STORE, else the usual place.",
    ),
]
_OUTCOMES = {"complete": Exit.COMPLETE, "partial": Exit.PARTIAL, "nothing": Exit.NOTHING}


class SourceChoice(StrEnum):
    """Who is asked for prices."""

    YAHOO = "yahoo"
    AKSHARE = "akshare"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_prices, name="prices")


def open_store(path: str | None) -> PriceStore:
    """The store of ``--store``, or the usual one."""
    from supplychain_screen.prices.store import open_prices

    return open_prices(path)


def instruments_of_report(folder: str | None) -> list[Instrument]:
    """Every listing of a report and the benchmarks of their markets."""
    return list(chosen_report(folder).instruments)


@_prices.command("update")
def update_store(
    report: ReportOption = None,
    store: StoreOption = None,
    source: Annotated[
        SourceChoice, typer.Option("--source", help="Who is asked first.")
    ] = SourceChoice.YAHOO,
    fallback: Annotated[
        list[SourceChoice] | None,
        typer.Option(
            "--fallback",
            show_default=False,
            help="Who is asked for what the first could not serve.",
        ),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--first",
            metavar="DATE",
            help="First day of the history wanted.",
            show_default="six whole years",
        ),
    ] = None,
    accept_restated: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-restated",
            metavar="SYMBOL",
            show_default=False,
            help="Take changed past closes of this listing; a person looked at them.",
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Make no request at all.")] = False,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Ask for what the store lacks; store what is accepted, quarantine the rest."""
    if offline:
        raise InputError(
            Problem(
                "an update needs the network, and --offline forbids it",
                "leave out --offline, or fill the store from a file: prices import FILE",
            )
        )
    from supplychain_screen.identity import parse_symbol
    from supplychain_screen.prices.store import update

    instruments = instruments_of_report(report)
    restated = [":".join(parse_symbol(one)) for one in accept_restated or []]
    place = open_store(store)
    with UpdateProgress(len(instruments), quiet=json, lang=lang) as advance:
        found = update(
            place,
            instruments,
            _history_source(source),
            now=now(),
            first=day(first, "--first"),
            fallbacks=[_history_source(one) for one in fallback or []],
            accept_restated=restated,
            on_progress=advance,
        )
    _report_update(found, place, lang, json=json)
    raise typer.Exit(_OUTCOMES[found.outcome])


def _history_source(choice: SourceChoice) -> HistorySource:
    if choice is SourceChoice.AKSHARE:
        from supplychain_screen.prices.sources.akshare import AkShareSource

        return AkShareSource(now=now)
    from supplychain_screen.prices.sources.yahoo import YahooSource

    return YahooSource(now=now)


def _report_update(found: UpdateReport, store: PriceStore, lang: Language, *, json: bool) -> None:
    rows = found.to_frame()
    if json:
        print_json(
            {
                "outcome": found.outcome,
                "requests": found.requests,
                "degraded": found.degraded,
                "retry_after": None if found.retry_after is None else found.retry_after.isoformat(),
                "listings": _records(rows),
                "findings": [_finding(one) for one in found.findings],
            }
        )
        return
    counted = sorted(Counter(one.outcome for one in found.rows).items())
    counts = tuple(message("update.count", n=n, outcome=name) for name, n in counted)
    said = message(
        "update.done",
        outcome=found.outcome,
        counts=counts,
        requests=found.requests,
        store=store.location,
    )
    tell(said, lang)
    skipped = [one for one in found.rows if one.outcome == "skipped"]
    for one in found.rows:
        # an accepted answer says something only where the stored past is another one now
        if one.outcome != "skipped" and (
            not one.usable or (one.detail and one.outcome != "current")
        ):
            said = message(
                "update.listing",
                symbol=one.symbol,
                outcome=one.outcome,
                reason=one.reason,
                said=one.message,
            )
            tell(said, lang)
    if skipped:
        why = skipped[0]
        said = message("update.skipped", n=len(skipped), reason=why.reason, said=why.message)
        tell(said, lang)
    for finding in found.findings:
        said = message(
            "update.finding", code=finding.code, listing=finding.listing, said=finding.message
        )
        tell(said, lang)
    if found.retry_after is not None:
        at = found.retry_after.isoformat(timespec="minutes")
        tell(message("update.retry", at=at), lang)


@_prices.command("status")
def status(
    report: ReportOption = None,
    store: StoreOption = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Show last session, its age in sessions, source and findings of every listing."""
    place = open_store(store)
    rows = place.status()
    instruments = instruments_of_report(report)
    shown, provisional = _status_rows(rows, instruments, place)
    if json:
        print_json(shown)
    else:
        tell(message("store.place", store=place.location), lang)
        for line in status_lines(shown, width(sys.stdout), lang.value):
            print(line)
        for finding in provisional:
            tell(finding.message, lang)
    missing = sum(one["last_session"] is None for one in shown)
    if missing == len(shown):
        raise typer.Exit(Exit.NOTHING)
    if missing:
        raise typer.Exit(Exit.PARTIAL)


def _status_rows(
    rows: pd.DataFrame, instruments: Sequence[Instrument], place: PriceStore
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """What is shown of each listing, and what is to be said of all."""
    from supplychain_screen.identity import last_completed_session
    from supplychain_screen.prices.sessions import SessionCalendars

    first = date(today().year - 6, 1, 1)
    loaded = place.load(instruments, first, today(), "price")
    findings = _checked(loaded, instruments)
    calendars = SessionCalendars.seen_in(loaded.series.values(), instruments)
    serving = {} if rows.empty else rows[rows["serves"]].set_index("listing").to_dict("index")
    shown = []
    for one in instruments:
        row = serving.get(one.id)
        last = None if row is None else row["last_session"]
        age = None
        if last is not None:
            last = date.fromisoformat(str(last)[:10])
            closed = last_completed_session(one.calendar, now())
            age = calendars.age(one.calendar, last, closed)
        shown.append(
            {
                "listing": one.id,
                "symbol": one.ticker,
                "source": None if row is None else row["source"],
                "last_session": None if last is None else last.isoformat(),
                "age_sessions": age,
                "outcome": None if row is None else row["outcome"],
                "findings": sorted({f.code for f in findings if f.listing == one.id}),
                "unrated": sorted(
                    {f.code for f in findings if f.listing == one.id and f.action == "unrated"}
                ),
            }
        )
    return shown, [one for one in findings if one.code == "provisional_sessions"]


def _checked(loaded: LoadedPrices, instruments: Sequence[Instrument]) -> list[Finding]:
    """Findings in stored prices, which are meant to reach the last session of each exchange."""
    from supplychain_screen.identity import last_completed_session
    from supplychain_screen.prices.quality import check_prices

    found: list[Finding] = []
    for calendar in sorted({one.calendar for one in instruments}):
        market = [one for one in instruments if one.calendar == calendar]
        series = {one.id: loaded.series[one.id] for one in market if one.id in loaded.series}
        found += check_prices(series, market, as_of=last_completed_session(calendar, now()))
    return found


@_prices.command("check")
def check(
    report: ReportOption = None,
    store: StoreOption = None,
    prices: Annotated[
        str, typer.Option("--prices", metavar="store|PATH", help="What is checked.")
    ] = "store",
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            show_default=False,
            help="Compare with a second source: any price file.",
        ),
    ] = None,
    against_close: Annotated[
        str | None,
        typer.Option(
            "--against-close",
            metavar="COLUMN",
            show_default="known by its name",
            help="Column of the second source's closes.",
        ),
    ] = None,
    adjustment: AdjustmentOption = None,
    close: Annotated[
        str | None,
        typer.Option(
            "--close",
            metavar="COLUMN",
            show_default="known by its name",
            help="Column of the closes of a price file.",
        ),
    ] = None,
    decimal: DecimalOption = None,
    max_size: MaxSizeOption = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--first", metavar="DATE", show_default="six whole years", help="First day looked at."
        ),
    ] = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Run every quality check; with --against, compare with a second source.

    Findings are what it tells, and end it with 0 whatever they cost; 3: the store is damaged, or
    lacks listings of the report.
    """
    from supplychain_screen.prices import CHOICES, open_source
    from supplychain_screen.prices.quality import check_prices, compare_sources
    from supplychain_screen.prices.sources.files import FileSource

    of_files = {
        "--close": close,
        "--adjustment": adjustment,
        "--decimal": decimal,
        "--max-size": max_size,
    }
    if prices in CHOICES and (given := [name for name, value in of_files.items() if value]):
        raise InputError(
            Problem(
                f"{' and '.join(given)} can only be said of a price file",
                "leave it out, or give a file",
            )
        )
    instruments = instruments_of_report(report)
    begin = day(first, "--first") or date(today().year - 6, 1, 1)
    damage: Sequence[str] = ()
    if prices == "store":
        place = open_store(store)
        damage = place.check().problems
        for problem in damage:
            note(message("check.damage", problem=problem), lang)
        loaded = place.load(instruments, begin, today(), "price")
        findings = [*loaded.findings, *_checked(loaded, instruments)]
    else:
        source = open_source(
            prices,
            adjustment=None if adjustment is None else adjustment.value,
            close=close,
            decimal=None if decimal is None else decimal.value,
            max_bytes=bytes_of(max_size),
            now=now,
            on_progress=partial(tell_fetched, lang=lang),
            on_read=partial(note, lang=lang),
        )
        loaded = source.load(instruments, begin, today(), "price")
        findings = [*loaded.findings, *check_prices(loaded.series, instruments)]
    if against is not None:
        second = FileSource(against, close=against_close).load(instruments, begin, today(), "price")
        findings += second.findings
        both = sorted(loaded.series.keys() & second.series.keys())
        if loaded.series and not both:
            raise _nothing_to_compare(against, second.failures)
        for listing in both:
            findings += compare_sources(loaded.series[listing], second.series[listing])
        n, of = len(both), len(loaded.series)
        note(message("check.compared", file=str(against), n=n, of=of), lang)
    if json:
        print_json([_finding(one) for one in findings])
    else:
        tell(_summary(len(loaded.series), findings), lang)
        symbols = {one.id: one.ticker for one in instruments}
        for line in finding_lines(findings, symbols, width(sys.stdout), lang.value):
            print(line)
    if not loaded.series:
        # a column without closes says more than a listing that nobody has
        raise min(loaded.failures.values(), key=lambda fault: type(fault) is SymbolNotFoundError)
    if loaded.failures:
        n, of = len(loaded.failures), len(instruments)
        note(message("check.missing", n=n, of=of), lang)
    if damage or (loaded.failures and prices == "store"):
        raise typer.Exit(Exit.PARTIAL)


def _nothing_to_compare(file: Path, failures: Mapping[str, SourceError]) -> Exception:
    # A column without closes says more than a listing that the file has not.
    told = [one for one in failures.values() if type(one) is not SymbolNotFoundError]
    why = f": {told[0]}" if told else ""
    return InputError(
        Problem(
            f"no series can be compared{why}",
            "name the column of its closes with --against-close, or another file",
            file=str(file),
        )
    )


def _summary(series: int, findings: Sequence[Finding]) -> Message:
    if not findings:
        return message("check.nothing", series=series, n=0)
    counted = sorted(Counter(one.action for one in findings).items())
    counts = tuple(message("check.count", n=n, action=action) for action, n in counted)
    return message("check.found", series=series, n=len(findings), counts=counts)


@_prices.command("import")
def import_prices(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Any price file, or a folder of them.")
    ],
    report: ReportOption = None,
    store: StoreOption = None,
    adjustment: Annotated[
        AdjustmentChoice | None,
        typer.Option(
            "--adjustment", help="What the closes were adjusted for.", show_default="as given"
        ),
    ] = None,
    close: Annotated[
        str | None,
        typer.Option(
            "--close",
            metavar="COLUMN",
            show_default="known by its name",
            help="Column of the closes.",
        ),
    ] = None,
    decimal: DecimalOption = None,
    max_size: MaxSizeOption = None,
    allow_gaps: Annotated[
        bool,
        typer.Option(
            "--allow-gaps",
            help="Take a file whose series lack sessions: suspensions, or days its source lost.",
        ),
    ] = False,
    accept_restated: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-restated",
            metavar="SYMBOL",
            show_default=False,
            help="Take changed past closes of this listing; a person looked at them.",
        ),
    ] = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
) -> None:
    """Store the prices of a file, all or none."""
    from supplychain_screen.identity import parse_symbol

    decisions = open_store(store).import_file(
        file,
        instruments_of_report(report),
        now=now(),
        adjustment=None if adjustment is None else adjustment.value,
        close=close,
        decimal=None if decimal is None else decimal.value,
        max_bytes=bytes_of(max_size),
        allow_gaps=allow_gaps,
        accept_restated=[":".join(parse_symbol(one)) for one in accept_restated or []],
        on_read=partial(note, lang=lang),
    )
    refused = [one for one in decisions if not one.accepted]
    if json:
        print_json(
            [
                {
                    "listing": one.history.listing,
                    "accepted": one.accepted,
                    "reason": one.reason,
                    "detail": one.detail,
                }
                for one in decisions
            ]
        )
    else:
        taken = len(decisions) - len(refused)
        tell(message("import.accepted", n=taken, of=len(decisions)), lang)
        for one in refused:
            said = message(
                "import.refused",
                listing=one.history.listing,
                outcome=one.outcome,
                reason=one.reason,
                said=one.message,
            )
            tell(said, lang)
    if refused:
        raise typer.Exit(Exit.PARTIAL if len(refused) < len(decisions) else Exit.NOTHING)


@_prices.command("export")
def export_prices(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .csv, .csv.gz or .parquet.")
    ],
    store: StoreOption = None,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Write the stored prices to one file, which ``import`` reads back."""
    place = open_store(store)
    check_targets({"FILE": file}, store=place.location)
    rows = place.export(file)
    tell(message("export.rows", n=rows, file=str(file)), lang)


@_prices.command("repair")
def repair(
    store: StoreOption = None, lang: LanguageOption = Language.ZH, json: JsonFlag = False
) -> None:
    """Take damaged files out of the store; the next update fetches again what was in them."""
    place = open_store(store)
    done = place.repair(now())
    if json:
        print_json({"damaged": list(done.damages), "listings": list(done.listings)})
        return
    for one in done.damages:
        tell(f"  {one}", lang)
    if not done.damages:
        tell(message("repair.sound", store=place.location), lang)
    elif done.listings:
        tell(message("repair.lost", listings=done.listings), lang)
    else:
        tell(message("repair.kept"), lang)


def _finding(finding: Any) -> dict[str, Any]:
    return {
        "code": finding.code,
        "listing": finding.listing,
        "first": None if finding.first is None else finding.first.isoformat(),
        "last": None if finding.last is None else finding.last.isoformat(),
        "action": finding.action,
        "detail": finding.detail,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = jsonlib.loads(frame.to_json(orient="records", date_format="iso"))
    return found
