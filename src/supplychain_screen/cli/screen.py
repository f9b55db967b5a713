"""``screen``: the main job."""

from __future__ import annotations

import shlex
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.progress import tell_fetched
from supplychain_screen.cli.targets import check_targets, write_outputs
from supplychain_screen.cli.terminal import (
    AdjustmentOption,
    Base,
    BaseOption,
    CardOption,
    CloseOption,
    Colours,
    ColoursOption,
    ComparisonOption,
    CsvOption,
    DecimalOption,
    Exit,
    HtmlOption,
    JsonFlag,
    Language,
    LanguageOption,
    MailOption,
    MarkdownFlag,
    MaxMemoryOption,
    MaxPagesOption,
    MaxSecondsOption,
    MaxSizeOption,
    OverridesOption,
    ReportOption,
    StandardOption,
    StaticFlag,
    TallCardOption,
    XlsxOption,
    bytes_of,
    chosen_report,
    day,
    endings,
    known_by_now,
    note,
    now,
    one_meaning,
    pairs,
    print_json,
    print_of,
    reading_limits,
    terminal_look,
    today,
)
from supplychain_screen.errors import InputError, Problem, PublicationDateError, SourceError
from supplychain_screen.words import message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from supplychain_screen.prices import PriceSource
    from supplychain_screen.research import Place, ReadingLimits, ReportReading, ResearchReport
    from supplychain_screen.screening import Screening
    from supplychain_screen.words import Message

__all__ = ["register"]


class BasisChoice(StrEnum):
    """Whether cash dividends are reinvested."""

    PRICE = "price"
    TOTAL = "total"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("screen")(screen_command)


def screen_command(
    published: Annotated[
        str | None,
        typer.Option(
            "--published",
            metavar="DATE",
            show_default=False,
            help="Day the report was published. Required unless the report prints it.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            show_default="last session in the prices",
            help="Last day that is known; nothing after it is read.",
        ),
    ] = None,
    prices: Annotated[
        str,
        typer.Option(
            "--prices",
            metavar="store|yahoo|akshare|simulated|PATH",
            help="Where daily prices come from; PATH is a CSV, Excel, Parquet or other price file "
            "or a folder of them.",
        ),
    ] = "store",
    report: ReportOption = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="FILE",
            show_default=False,
            help="A table of names or codes instead of a report: CSV, XLSX, text; - is standard "
            "input.",
        ),
    ] = None,
    standard: StandardOption = None,
    overrides: OverridesOption = None,
    max_pages: MaxPagesOption = None,
    max_seconds: MaxSecondsOption = None,
    max_memory: MaxMemoryOption = None,
    adjustment: AdjustmentOption = None,
    close: CloseOption = None,
    total_close: Annotated[
        str | None,
        typer.Option(
            "--total-close",
            metavar="COLUMN",
            show_default="adj_close",
            help="Column of a price file that holds closes adjusted for dividends too.",
        ),
    ] = None,
    decimal: DecimalOption = None,
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            help="Screen although a price file has fewer than half of the listings.",
        ),
    ] = False,
    max_size: MaxSizeOption = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store", metavar="DIR", help="Where the price store lies.", show_default=False
        ),
    ] = None,
    or_simulated: Annotated[
        bool,
        typer.Option(
            "--or-simulated", help="If no prices can be had, show a SIMULATED screen instead."
        ),
    ] = False,
    base_policy: BaseOption = Base.ON_OR_BEFORE,
    basis: Annotated[
        BasisChoice | None,
        typer.Option("--basis", help="Return basis.", show_default="the report's"),
    ] = None,
    comparison: ComparisonOption = None,
    include_pending: Annotated[
        bool,
        typer.Option(
            "--include-pending/--no-include-pending",
            " /--no-pending",
            help="Include companies printed as pending.",
        ),
    ] = True,
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--choices",
            "--choose",
            metavar="COMPANY=SYMBOL",
            show_default=False,
            help="Overrule the listing chosen for a company; may be repeated.",
        ),
    ] = None,
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(
            "--benchmark",
            metavar="EXCHANGE=INDEX",
            show_default=False,
            help="An index of your choice beside the report's own, such as XNAS=^NDX; "
            "may be repeated.",
        ),
    ] = None,
    max_stale_sessions: Annotated[
        int,
        typer.Option(
            "--max-stale-sessions",
            "--max-stale",
            min=0,
            help="Oldest close of a listing that counts, in sessions.",
        ),
    ] = 5,
    max_stale_benchmark: Annotated[
        int,
        typer.Option(
            "--max-stale-benchmark",
            min=0,
            help="Oldest close of a benchmark that counts, in sessions.",
        ),
    ] = 3,
    windows: Annotated[
        list[str] | None,
        typer.Option(
            "--window",
            metavar="WINDOW",
            show_default=False,
            help="Another window, beside the standard's: months (3m), the day it ends, or "
            "FIRST..LAST; may be repeated. Printed after the table.",
        ),
    ] = None,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
    json_schema: Annotated[
        int | None,
        typer.Option(
            "--json-schema",
            min=1,
            max=2,
            metavar="VERSION",
            show_default="2",
            help="Print the JSON of this version of its schema.",
        ),
    ] = None,
    markdown: MarkdownFlag = False,
    html: HtmlOption = None,
    static: StaticFlag = False,
    colours: ColoursOption = None,
    xlsx: XlsxOption = None,
    csv: CsvOption = None,
    mail: MailOption = None,
    card: CardOption = None,
    card_tall: TallCardOption = None,
) -> None:
    """Measure every company, segment and the sector call of a report by its own standard."""
    from supplychain_screen.output import TABLES

    known, release = day(as_of, "--as-of"), day(published, "--published")
    _not_in_the_future(release, known)
    json = json or json_schema is not None
    one_meaning(json, markdown, static, html)
    endings({"--mail": mail}, ".eml", ".html")
    endings({"--card": card, "--card-tall": card_tall}, ".png")
    decided = dict(pairs(choices or [], "--choices"))
    limits = partial(reading_limits, max_pages, max_seconds, max_memory)
    chosen = _chosen(report, table, standard, overrides, limits, release, decided, lang)
    of_files: dict[str, Any] = {
        "--adjustment": None if adjustment is None else adjustment.value,
        "--close": close,
        "--total-close": total_close,
        "--decimal": None if decimal is None else decimal.value,
        "--allow-missing": allow_missing or None,
        "--max-size": max_size,
    }
    source = _source(prices, of_files, store, lang)
    check_targets(
        {
            "--html": html,
            "--xlsx": xlsx,
            "--mail": mail,
            "--card": card,
            "--card-tall": card_tall,
        },
        {"--csv": csv},
        tables=[f"{name}.csv" for name in TABLES],
        reads={
            "--prices": _file_read(source, prices),
            "--report": report,
            "--table": table,
            "--overrides": overrides,
        },
        store=_store_read(source, prices),
    )
    options: dict[str, Any] = {
        "base_policy": base_policy.value,
        "basis": None if basis is None else basis.value,
        "comparison": None if comparison is None else comparison.value,
        "include_pending": include_pending,
        "max_stale_sessions": max_stale_sessions,
        "max_stale_benchmark": max_stale_benchmark,
        "choices": decided,
        "benchmarks": dict(pairs(benchmarks or [], "--benchmark")),
        "today": today(),
    }
    result, without = _screen(chosen, release, known, source, options, or_simulated, lang)
    other = result.over(*windows) if windows else None
    if other is not None and json:
        raise InputError(Problem("--window is not part of the JSON", "leave one of them out"))
    # Files first: whoever reads the table may leave before its end.
    shades = Colours.of(colours, lang)
    page = partial(result.to_html, lang=lang.value, static=static, colours=shades.value)
    drawn = partial(result.to_card, lang=lang.value, colours=shades.value)
    post = partial(result.to_mail, lang=lang.value, colours=shades.value)
    # Pictures need a font that may not be there: they fail before anything is written.
    written = write_outputs(
        ("card", card, drawn),
        ("card", card_tall, partial(drawn, shape="tall")),
        ("mail", mail, post),
        ("page", html, page),
        ("workbook", xlsx, partial(result.to_excel, lang=lang.value, colours=shades.value)),
        ("tables", csv, result.to_csv),
        lang=lang,
    )
    if mail is not None:
        from supplychain_screen.output import mail_subject

        written.append(message("written.subject", subject=mail_subject(result, lang.value)))
    _print(result, lang, shades, json=(json_schema or 2) if json else 0, markdown=markdown)
    if other is not None:
        _print_windows(other)
    for line in written:
        note(line, lang)
    if without is not None:
        # Once more: between this and the first time stands the whole table.
        note(message("screen.simulated", why=without.message), lang)
    parts = (
        _tell_struck(result, lang),
        _tell_missing(result, prices, source, lang),
        _is_print(report, table) and _tell_undecided(chosen, lang),
    )
    if any(parts):
        raise typer.Exit(Exit.PARTIAL)


def _few(names: Sequence[str]) -> tuple[Message | str, ...]:
    """The first of many names, and how many more there are."""
    more = len(names) - 5
    return (*names[:5], *([message("screen.more", n=more)] if more > 0 else []))


def _chosen(
    report: str | None,
    table: str | None,
    standard: str | None,
    overrides: Path | None,
    limits: Callable[[], ReadingLimits],
    published: date | None,
    decided: dict[str, str],
    lang: Language,
) -> ResearchReport:
    """The report of ``--report`` or ``--table``, corrected; decisions made here are taken out."""
    if report is not None and table is not None:
        raise InputError(Problem("--report and --table are two reports", "give one of them"))
    if _is_print(report, table):
        from supplychain_screen.research import read_report

        reading = read_report(
            print_of(report or table or "-"),
            overrides=overrides,
            choices=decided,
            limits=limits(),
            published=published,
            standard=standard,
        )
        decided.clear()
        printed = reading.proposal("published")
        if published is None and printed.place is not None and printed.value:
            place = _place(printed.place)
            note(message("screen.published", day=printed.value, place=place), lang)
        _tell_standard(reading, lang)
        return reading.to_report()
    if standard is not None:
        raise InputError(
            Problem(
                "--standard is for a print, and a folder has its own",
                "write it into its report.toml, or give the print itself",
            )
        )
    chosen = chosen_report(report)
    if overrides is None:
        return chosen
    from supplychain_screen.research import apply_corrections, read_corrections

    return apply_corrections(chosen, read_corrections(overrides))


def _place(place: Place) -> tuple[Message | str, ...]:
    """A place as a note names it."""
    parts: list[Message | str] = [place.source]
    if place.page is not None:
        parts.append(message("screen.page", n=place.page))
    if place.line is not None:
        parts.append(message("screen.line", n=place.line))
    if place.row is not None:
        parts.append(message("screen.row", n=place.row))
    if place.column is not None:
        parts.append(message("screen.column", n=place.column))
    return tuple(parts)


def _tell_standard(reading: ReportReading, lang: Language) -> None:
    """Say by which standard a print is measured, unless its user named one."""
    from supplychain_screen.words import STANDARD_FAULTS, phrase_of

    printed = reading.standard
    if reading.chosen is not None:
        return
    if printed is None:
        note(message("screen.no_standard"), lang)
        return
    names = " / ".join(one.name for one in printed.stock or printed.sector)
    told = message("screen.standard", place=_place(printed.place), names=names)
    faults = [phrase_of(STANDARD_FAULTS, one) for one in printed.faults]
    unmeasured = [message("screen.unmeasured")] if printed.standard is None else []
    note(message("note.parts", parts=(told, *faults, *unmeasured)), lang)


def _is_print(report: str | None, table: str | None) -> bool:
    return table is not None or (report is not None and (report == "-" or Path(report).is_file()))


def _tell_undecided(chosen: ResearchReport, lang: Language) -> bool:
    """Say which mentions of a print nobody decided; True where there are any."""
    open_ones = [one for one in chosen.mentions if one.status == "unresolved"]
    if not open_ones:
        return False
    how = message("screen.choice_forms")
    # Where nobody knows who a company may be, no ready line says that it is somebody or unlisted.
    for first in [one for one in open_ones if one.candidates][:1]:
        choice = f"{first.company}={chosen.listing(first.candidates[0]).ticker}"
        how = message("screen.choice_example", example=shlex.quote(choice))
    said = message(
        "screen.undecided",
        n=len(open_ones),
        of=len(chosen.mentions),
        names=_few([one.company for one in open_ones]),
        how=how,
    )
    note(said, lang)
    return True


def _tell_missing(result: Screening, prices: str, source: PriceSource, lang: Language) -> bool:
    """Say whose prices could not be had, what that costs, and what helps; True where it costs."""
    missing = result.findings.loc[result.findings["code"] == "no_prices", "symbol"]
    if missing.empty:
        return False
    once = result.once
    # A second benchmark stands beside the report's own, and rates nobody.
    beside = missing.isin(once["alternative_benchmark"])
    if (beside & ~missing.isin(once["symbol"]) & ~missing.isin(once["benchmark"])).all():
        note(message("screen.beside", names=_few([str(one) for one in missing])), lang)
        return False
    unrated = once["reason"].isin(["no_prices", "benchmark_stale"])
    for_want = once["symbol"].isin(missing) | once["benchmark"].isin(missing)
    said = message(
        "screen.partial",
        n=len(missing),
        of=len(result.sources),
        names=_few([str(one) for one in missing]),
        unrated=int((unrated & for_want).sum()),
        remedy=message("screen.add_to_file")
        if _file_read(source, prices)
        else message("screen.update_store")
        if prices == "store"
        else message("screen.try_again"),
    )
    note(said, lang)
    return True


def _tell_struck(result: Screening, lang: Language) -> bool:
    """Say who is not rated because a check of the prices failed; True where that leaves nobody."""
    companies = result.once
    struck = companies["reason"].isin(["suspect_prices", "benchmark_stale"])
    failed = result.findings[result.findings["action"] == "unrated"]
    if not (struck.any() and len(failed)):
        return False
    from supplychain_screen.prices.quality import remedy_of
    from supplychain_screen.words import Phrase, is_missing

    # One thing said of several listings has no symbol: it names them itself.
    checks = failed.groupby("code")["symbol"].nunique().sort_values(ascending=False)
    told = tuple(
        message("screen.check", code=code, n=n) if n else message("screen.check_shared", code=code)
        for code, n in checks.head(3).items()
    )
    first = failed[failed["code"] == checks.index[0]].iloc[0]
    listed = int(companies["listing"].notna().sum())
    remedy = remedy_of(str(first["code"]))
    example = Phrase(first["detail_zh"], first["detail"])
    parts = (
        message("screen.struck", n=int(struck.sum()), of=listed, checks=told),
        example
        if is_missing(first["symbol"])
        else message("screen.first", symbol=first["symbol"], days=_days(first), said=example),
        *([remedy] if remedy is not None else []),
    )
    note(message("note.parts", parts=parts), lang)
    return bool((companies["rating"] == "unrated").all())


def _days(row: Any) -> str:
    """The days of a finding, after a space; empty where it is about a whole series."""
    from supplychain_screen.words import is_missing

    if is_missing(row["first"]):
        return ""
    first, last = (f"{row[name]:%Y-%m-%d}" for name in ("first", "last"))
    return f" {first}" if first == last else f" {first}..{last}"


_WINDOW_FIELDS = ("window", "symbol", "return", "benchmark", "relative", "rating", "reason")
"""Heads of the lines that `--window` adds, as they are in both languages: programs read them."""


def _print_windows(other: Any) -> None:
    """The other windows, a line a company and window, for a terminal or another program."""
    from supplychain_screen.output import visible_text
    from supplychain_screen.words import is_missing

    print()
    print("\t".join(_WINDOW_FIELDS))
    for row in other.to_dict("records"):
        figures = [
            "" if is_missing(row[name]) else f"{row[name]:+.4f}"
            for name in ("return", "benchmark_return", "relative_return")
        ]
        who = row["company"] if is_missing(row["symbol"]) else row["symbol"]
        reason = "" if is_missing(row["reason"]) else row["reason"]
        cells = (row["window"], who, *figures, row["rating"], reason)
        print("\t".join(visible_text(str(one)) for one in cells))


def _not_in_the_future(published: date | None, as_of: date | None) -> None:
    if published is not None and published > today():
        raise PublicationDateError(
            Problem(
                f"--published lies in the future; today is {today()}",
                "give the day the report came out",
                value=str(published),
            )
        )
    known_by_now(as_of)


def _source(
    prices: str, of_files: dict[str, Any], store: str | None, lang: Language
) -> PriceSource:
    from supplychain_screen.prices import open_source
    from supplychain_screen.prices.sources.files import FileSource

    given = {name: value for name, value in of_files.items() if value is not None}
    options = {name[2:].replace("-", "_"): value for name, value in given.items()}
    size = options.pop("max_size", None)
    source = open_source(
        prices,
        **options,
        max_bytes=bytes_of(size),
        store=store,
        now=now,
        on_progress=partial(tell_fetched, lang=lang),
        on_read=partial(note, lang=lang),
    )
    if given and not isinstance(source, FileSource):
        raise InputError(
            Problem(
                f"{' and '.join(given)} can only be said of a price file",
                f"leave it out with --prices {prices}, or give a file",
            )
        )
    return source


def _file_read(source: PriceSource, prices: str) -> str | None:
    from supplychain_screen.prices.sources.files import FileSource

    return prices if isinstance(source, FileSource) else None


def _store_read(source: PriceSource, prices: str) -> str | None:
    if prices != "store":
        return None
    from supplychain_screen.prices.store import PriceStore

    return source.location if isinstance(source, PriceStore) else None


def _screen(
    report: ResearchReport,
    published: date | None,
    as_of: date | None,
    source: PriceSource,
    options: dict[str, Any],
    or_simulated: bool,
    lang: Language,
) -> tuple[Screening, SourceError | None]:
    """The screen, and why it has no prices of a market where SIMULATED ones stand in."""
    from supplychain_screen.screening import screen

    try:
        return screen(report, published, as_of, prices=source, **options), None
    except SourceError as error:
        told = _told(error, source, as_of or options["today"])
        if not or_simulated:
            raise told from None
        note(message("screen.no_prices", why=told.message), lang)
        note(message("screen.instead"), lang)
        return screen(report, published, as_of, prices="simulated", **options), told


def _told(error: SourceError, source: PriceSource, as_of: date) -> SourceError:
    """The same fault, said once where every listing of an empty store would say it."""
    from supplychain_screen.prices.store import PriceStore

    if not isinstance(source, PriceStore):
        return error
    said = message("screen.store_empty", store=source.location, day=as_of)
    return SourceError(said, source=source.name)


def _print(
    result: Screening, lang: Language, colours: Colours, *, json: int, markdown: bool
) -> None:
    if json:
        print_json(result.to_json(schema=json))
    elif markdown:
        print(result.to_markdown(lang.value), end="")
    else:
        from supplychain_screen.output import terminal_table

        width, colour = terminal_look()
        text = terminal_table(result, lang.value, width=width, colour=colour, colours=colours.value)
        print(text, end="")
