"""``screen``: the main job."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.terminal import (
    AdjustmentChoice,
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    ReportOption,
    chosen_report,
    day,
    note,
    now,
    pairs,
    today,
)
from supplychain_screen.errors import (
    InputError,
    Problem,
    PublicationDateError,
    SourceError,
)

if TYPE_CHECKING:
    from datetime import date

    from supplychain_screen.prices.series import PriceSource
    from supplychain_screen.research.report import ResearchReport
    from supplychain_screen.screening import Screening

__all__ = ["register"]


class Base(StrEnum):
    """Which session's close starts the measurement."""

    ON_OR_BEFORE = "on_or_before"
    BEFORE = "before"
    ON_OR_AFTER = "on_or_after"


class BasisChoice(StrEnum):
    """Whether cash dividends are reinvested."""

    PRICE = "price"
    TOTAL = "total"


class ComparisonChoice(StrEnum):
    """How the two legs are compared."""

    DIFFERENCE = "difference"
    RATIO = "ratio"


class Colours(StrEnum):
    """What up and down look like."""

    CHINA = "china"
    WEST = "west"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("screen")(screen_command)


def screen_command(
    published: Annotated[
        str | None,
        typer.Option(
            "--published", metavar="DATE", show_default=False,
            help="Day the report was published. Required unless the report prints it.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", show_default="today",
            help="Last day that is known; nothing after it is read.",
        ),
    ] = None,
    prices: Annotated[
        str,
        typer.Option(
            "--prices", metavar="store|yahoo|simulated|PATH",
            help="Where daily prices come from; PATH is a CSV or Parquet file or a folder.",
        ),
    ] = "store",
    report: ReportOption = None,
    adjustment: Annotated[
        AdjustmentChoice | None,
        typer.Option("--adjustment", help="What the closes of a price file were adjusted for.",
                     show_default="as given"),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="DIR", help="Where the price store lies.",
                     show_default=False),
    ] = None,
    or_simulated: Annotated[
        bool,
        typer.Option("--or-simulated",
                     help="If no prices can be had, show a SIMULATED screen instead."),
    ] = False,
    base: Annotated[Base, typer.Option("--base", help="Base session.")] = Base.ON_OR_BEFORE,
    basis: Annotated[
        BasisChoice | None,
        typer.Option("--basis", help="Return basis.", show_default="the report's"),
    ] = None,
    comparison: Annotated[
        ComparisonChoice | None,
        typer.Option("--comparison", help="How the legs are compared.",
                     show_default="the report's"),
    ] = None,
    pending: Annotated[
        bool, typer.Option("--pending/--no-pending",
                           help="Include companies printed as pending.")
    ] = True,
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", metavar="COMPANY=SYMBOL", show_default=False,
                     help="Overrule the listing chosen for a company; may be repeated."),
    ] = None,
    max_stale: Annotated[
        int, typer.Option("--max-stale", min=0, help="Oldest close that counts, in sessions.")
    ] = 5,
    lang: LanguageOption = Language.ZH,
    json: JsonFlag = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown instead of the table.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the page.",
                                  show_default=False)
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="Make the page small and without script, for mail.")
    ] = False,
    colours: Annotated[
        Colours, typer.Option("--colours", help="china: red is up; west: green is up.")
    ] = Colours.CHINA,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write the workbook.",
                                  show_default=False)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="DIR", help="Write every frame as CSV.",
                                  show_default=False)
    ] = None,
) -> None:  # fmt: skip
    """Measure every company, segment and the sector call of a report by its own standard."""
    known, release = day(as_of, "--as-of"), day(published, "--published")
    _not_in_the_future(release, known)
    chosen = chosen_report(report)
    source = _source(prices, adjustment, store)
    options: dict[str, Any] = {
        "base_policy": base.value,
        "basis": None if basis is None else basis.value,
        "comparison": None if comparison is None else comparison.value,
        "include_pending": pending,
        "max_stale_sessions": max_stale,
        "choices": _choices(choose or []),
    }
    result = _screen(chosen, release, known or today(), source, options, or_simulated)
    _print(result, lang, colours, json=json, markdown=markdown)
    if html is not None:
        result.to_html(html, lang=lang.value, static=static, colours=colours.value)
        note(f"page: {html.resolve()}")
    if xlsx is not None:
        note(f"workbook: {result.to_excel(xlsx, lang=lang.value).resolve()}")
    if csv is not None:
        note(f"tables: {len(result.to_csv(csv))} files in {csv.resolve()}")
    missing = result.findings[result.findings["code"] == "no_prices"]
    if len(missing):
        names = ", ".join(str(one) for one in missing["symbol"].head(5))
        more = ", ..." if len(missing) > 5 else ""
        note(f"partial: {len(missing)} series could not be had: {names}{more}")
        raise typer.Exit(Exit.PARTIAL)


def _choices(written: list[str]) -> dict[str, str]:
    """Company as printed → listing id, from ``COMPANY=SYMBOL`` in any vendor's spelling."""
    from supplychain_screen.identity.listings import parse_symbol

    return {
        company: ":".join(parse_symbol(symbol))
        for company, symbol in pairs(written, "--choose").items()
    }


def _not_in_the_future(published: date | None, as_of: date | None) -> None:
    if published is not None and published > today():
        raise PublicationDateError(
            Problem(
                f"--published lies in the future; today is {today()}",
                "give the day the report came out",
                value=str(published),
            )
        )
    if as_of is not None and as_of > today():
        raise InputError(
            Problem(
                f"--as-of lies in the future; today is {today()}",
                "give a day whose prices are known",
                value=str(as_of),
            )
        )


def _source(prices: str, adjustment: AdjustmentChoice | None, store: str | None) -> PriceSource:
    from supplychain_screen.prices.sources.open import open_source

    return open_source(
        prices,
        adjustment=None if adjustment is None else adjustment.value,
        store=store,
        now=now,
    )


def _screen(
    report: ResearchReport,
    published: date | None,
    as_of: date,
    source: PriceSource,
    options: dict[str, Any],
    or_simulated: bool,
) -> Screening:
    from supplychain_screen.screening import screen

    try:
        return screen(report, published, as_of, prices=source, **options)
    except SourceError as error:
        if not or_simulated:
            raise
        note(f"no prices: {error}")
        note("showing a SIMULATED screen instead: its numbers are made up and mean nothing")
        return screen(report, published, as_of, prices="simulated", **options)


def _print(
    result: Screening, lang: Language, colours: Colours, *, json: bool, markdown: bool
) -> None:
    if json:
        print(result.to_json(), end="")
    elif markdown:
        print(result.to_markdown(lang.value), end="")
    else:
        import os
        import shutil
        import sys

        from supplychain_screen.output.text import terminal_table

        width = max(shutil.get_terminal_size((80, 24)).columns, 60)
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        text = terminal_table(
            result, lang.value, width=min(width, 120), colour=colour, colours=colours.value
        )
        print(text, end="")
