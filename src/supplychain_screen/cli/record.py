"""``record``: who was right, from a file of calls."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from supplychain_screen.cli.progress import tell_fetched
from supplychain_screen.cli.targets import check_targets, write_outputs
from supplychain_screen.cli.terminal import (
    AdjustmentOption,
    Base,
    BaseOption,
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
    MarkdownFlag,
    MaxSizeOption,
    ReportOption,
    StaticFlag,
    XlsxOption,
    bytes_of,
    chosen_report,
    day,
    known_by_now,
    note,
    now,
    one_meaning,
    pairs,
    print_json,
    terminal_look,
    today,
)
from supplychain_screen.errors import InputError, Problem, SourceError
from supplychain_screen.words import counted, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supplychain_screen.record import TrackRecord
    from supplychain_screen.research import RatingStandard
    from supplychain_screen.words import Message

__all__ = ["register"]


class Count(StrEnum):
    """Whether an opinion that is repeated counts once or every time."""

    RUNS = "runs"
    CALLS = "calls"


class By(StrEnum):
    """What a league is made by."""

    FIRM = "firm"
    ANALYST = "analyst"
    SEGMENT = "segment"
    SECTOR = "sector"
    MARKET = "market"
    YEAR = "year"
    LEVEL = "level"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("record")(record_command)


def record_command(
    calls: Annotated[
        str,
        typer.Argument(
            metavar="CALLS",
            show_default=False,
            help="CSV, Excel or Parquet file of calls: dates, securities, firms, printed ratings; "
            "or a folder of printed reports (text, Markdown, HTML, PDF) whose tables have ratings.",
        ),
    ],
    prices: Annotated[
        str,
        typer.Option(
            "--prices",
            metavar="store|yahoo|akshare|simulated|PATH",
            help="Where daily closes of the listings and of the benchmarks are: the price store, "
            "a source, a price file, a folder of them, or a saved panel.",
        ),
    ] = "store",
    adjustment: AdjustmentOption = None,
    close: CloseOption = None,
    decimal: DecimalOption = None,
    max_size: MaxSizeOption = None,
    splits: Annotated[
        str | None,
        typer.Option(
            "--splits",
            metavar="none|FILE",
            show_default="those in the prices",
            help="Every split since, for targets: a CSV of listing, date and ratio, or none.",
        ),
    ] = None,
    by: Annotated[
        list[By] | None,
        typer.Option(
            "--by",
            help="What leagues are made by; may be repeated, the first gives the finding.",
            show_default="firm",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            show_default="last day in the prices",
            help="Last day that is known; nothing after it is read.",
        ),
    ] = None,
    months: Annotated[
        list[int] | None,
        typer.Option(
            "--months",
            min=1,
            show_default="the standard's first horizon",
            help="Window in calendar months; may be repeated, outputs show the shortest.",
        ),
    ] = None,
    count: Annotated[
        Count,
        typer.Option("--count", help="runs: an opinion counts once; calls: every row does."),
    ] = Count.RUNS,
    min_runs: Annotated[
        int, typer.Option("--min-runs", min=1, help="Judged calls that a rank needs.")
    ] = 20,
    base_policy: BaseOption = Base.ON_OR_BEFORE,
    comparison: ComparisonOption = None,
    cost_bps: Annotated[
        float,
        typer.Option("--cost-bps", min=0, help="Round-trip cost in basis points."),
    ] = 0.0,
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--words",
            "--word",
            metavar="WORD=LEVEL",
            show_default=False,
            help="What a rating word means: a level of the standard, buy, hold, sell and "
            "the like, or suspended; may be repeated.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            "--column",
            metavar="ROLE=NAME",
            show_default=False,
            help="Which column plays a role (published, listing, firm, level, ...), where "
            "its name does not tell; may be repeated.",
        ),
    ] = None,
    firm: Annotated[
        str | None,
        typer.Option(
            "--firm",
            metavar="NAME",
            show_default=False,
            help="The firm, where the file has no column of firms.",
        ),
    ] = None,
    report: ReportOption = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store", metavar="DIR", help="Where the price store lies.", show_default=False
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
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
    markdown: MarkdownFlag = False,
    html: HtmlOption = None,
    static: StaticFlag = False,
    colours: ColoursOption = None,
    xlsx: XlsxOption = None,
    csv: CsvOption = None,
) -> None:
    """Who was right: calls held against what the market did, and which differences are luck."""
    known = day(as_of, "--as-of")
    known_by_now(known)
    one_meaning(json, markdown, static, html)
    from supplychain_screen.output import RECORD_TABLES, TARGET_TABLES
    from supplychain_screen.prices.store import open_prices
    from supplychain_screen.record import track_record

    keys: dict[str, Any] = {"by": [one.value for one in by or [By.FIRM]]}
    standard = chosen_report(report).standard
    check_targets(
        {"--html": html, "--xlsx": xlsx},
        {"--csv": csv},
        tables=[
            f"{name}.csv"
            for name in (
                *(f"league_{one}" for one in keys["by"]),
                *RECORD_TABLES,
                *TARGET_TABLES,
            )
        ],
        reads={
            "CALLS": calls,
            "--prices": None if prices in SOURCES else prices,
            "--report": report,
            "--splits": splits,
        },
        store=open_prices(store).location if prices == "store" else None,
    )
    of_files = {
        "--adjustment": None if adjustment is None else adjustment.value,
        "--close": close,
        "--decimal": None if decimal is None else decimal.value,
        "--max-size": max_size,
    }
    record = track_record(
        calls,
        _prices(prices, store, of_files, standard, lang),
        standard,
        as_of=known or (today() if prices in SOURCES[1:] else None),
        splits=_splits(splits),
        count=count.value,
        months=months or None,
        base_policy=base_policy.value,
        comparison=None if comparison is None else comparison.value,
        cost_bps=cost_bps,
        min_runs=min_runs,
        words=pairs(words or [], "--words"),
        firm=firm,
        columns=pairs(columns or [], "--columns"),
        max_stale_sessions=max_stale_sessions,
        max_stale_benchmark=max_stale_benchmark,
    )
    _some_prices(record, prices)
    if firm is None and "firm" not in record.population.columns.has:
        if By.FIRM in (by or ()):
            raise InputError(
                Problem(
                    "the calls have no column of firms",
                    "name it firm or broker, say which it is with --columns firm=NAME, or give "
                    "--firm NAME where all of them are one house's",
                    column="--by",
                    value="firm",
                )
            )
        note(message("record.no_firm"), lang)
    if nameless := record.population.columns.nameless:
        note(message("record.nameless", n=len(nameless), names=_few(nameless)), lang)
    shades = Colours.of(colours, lang)
    page = partial(record.to_html, lang=lang.value, static=static, colours=shades.value, **keys)
    # Files first: whoever reads the table may leave before its end.
    written = write_outputs(
        ("page", html, page),
        ("workbook", xlsx, partial(record.to_excel, lang=lang.value, colours=shades.value, **keys)),
        ("tables", csv, partial(record.to_csv, **keys)),
        lang=lang,
    )
    _print(record, lang, shades, keys, json=json, markdown=markdown)
    for line in written:
        note(line, lang)
    if unread := record.price_checks.unread:
        note(message("record.unread", n=len(unread), names=_few(unread)), lang)
    missing = _missing(record)
    if missing:
        note(message("record.partial", parts=missing), lang)
        raise typer.Exit(Exit.PARTIAL)


SOURCES: Final = ("store", "yahoo", "akshare", "simulated")
"""Words for prices that are no path."""


def _prices(
    prices: str,
    store: str | None,
    of_files: dict[str, Any],
    standard: RatingStandard,
    lang: Language,
) -> Any:
    """A saved panel, or what the checks can look at: a file, the store's frame, a source."""
    given = {name[2:]: value for name, value in of_files.items() if value is not None}
    path = Path(prices).expanduser()
    try:
        there = path.exists()
        saved = path.is_dir() and (path / "manifest.json").is_file()
    except OSError:
        there = saved = False
    if given and (prices in SOURCES or saved):
        raise InputError(
            Problem(
                f"{' and '.join(f'--{name}' for name in given)} can only be said of a price file",
                f"leave it out with --prices {prices}, or give a file",
            )
        )
    if prices == "store":
        from supplychain_screen.prices.store import open_prices

        return open_prices(store).frame()
    if prices in SOURCES:
        from supplychain_screen.prices import open_source

        return open_source(prices, now=now, on_progress=partial(tell_fetched, lang=lang))
    if not there:
        raise InputError(
            Problem(
                "no such price file or folder",
                f"give {', '.join(SOURCES)}, or the path of a price file, a folder of them or a "
                "saved panel",
                column="--prices",
                value=prices,
            )
        )
    if saved:
        from supplychain_screen.prices.panel import open_panel

        return open_panel(path)
    if not given:
        return path
    from supplychain_screen.record import PriceRows

    size = bytes_of(given.pop("max-size", None))
    return PriceRows(path, standard.indices, max_bytes=size, **given)


def _splits(splits: str | None) -> Any:
    """The splits of a file, none at all, or what the prices say."""
    if splits is None:
        return None
    import pandas as pd

    if splits == "none":
        return pd.DataFrame({"listing": [], "date": [], "ratio": []})
    return splits


def _some_prices(record: TrackRecord, prices: str) -> None:
    """A record without a single price is none, and nothing is written."""
    told = record.denominators
    window = told["windows"][record.windows[0]]["unrated"]
    if told["runs"] and window.get("no_prices", 0) == told["runs"]:
        raise SourceError(
            f"{prices} has no prices of any of {counted(told['runs'], 'call', ',')}; "
            "look at how its securities are written, or give another file",
            source=prices,
        )


def _missing(record: TrackRecord) -> tuple[Message, ...]:
    """What the record had to leave out for want of prices, names or words."""
    told = record.denominators
    unrated = told["windows"][record.windows[0]]["unrated"]
    undecided = record.undecided
    parts = [
        (n := unrated.get("no_prices", 0), message("record.no_prices", n=n)),
        (
            n := unrated.get("unresolved", 0),
            message("record.unresolved", n=n, names=_few(record.unresolved)),
        ),
        (n := told["unknown_level"], message("record.unknown_level", n=n)),
        (n := told["undated"], message("record.undated", n=n)),
        (n := len(undecided), message("record.undecided", n=n, names=undecided)),
    ]
    return tuple(said for n, said in parts if n)


def _few(names: Sequence[str]) -> tuple[str, ...]:
    """The first of many names."""
    return (*names[:8], *(["..."] if len(names) > 8 else []))


def _print(
    record: TrackRecord,
    lang: Language,
    colours: Colours,
    keys: dict[str, Any],
    *,
    json: bool,
    markdown: bool,
) -> None:
    if json:
        print_json(record.to_json(**keys))
    elif markdown:
        print(record.to_markdown(lang.value, **keys), end="")
    else:
        from supplychain_screen.output import record_table

        width, colour = terminal_look()
        text = record_table(
            record, lang.value, width=width, colour=colour, colours=colours.value, **keys
        )
        print(text, end="")
