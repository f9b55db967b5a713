"""``universe``: what is known of the markets' listings, and lists of the user's own."""

from __future__ import annotations

import re
import textwrap
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.terminal import (
    Exit,
    JsonFlag,
    day,
    known_by_now,
    note,
    print_json,
    today,
)
from supplychain_screen.errors import InputError, SourceError

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.identity import ListingRows, OwnList

__all__ = ["register"]

_universe = typer.Typer(
    help="Look at the ledger of listings, and lay lists of your own beside it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_WIDTH = 80


class Listed(StrEnum):
    """Markets whose lists AkShare has."""

    SHANGHAI = "XSHG"
    SHENZHEN = "XSHE"
    BEIJING = "BJSE"
    HONG_KONG = "XHKG"
    AMERICA = "US"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_universe, name="universe")


@_universe.command("status")
def show_status(json: JsonFlag = False) -> None:
    """Show what the ledger has of each market, how old it is, and lists of your own."""
    from supplychain_screen.identity import list_folder, load_ledger, own_lists

    ledger = load_ledger()
    lists = own_lists()
    own = [
        {"source": one.source, **row, "as_of": row["as_of"] or None, "age_days": _age(row["as_of"])}
        for one in lists
        for row in one.markets().to_dict("records")
    ]
    yours = {one.source for one in lists}
    markets = []
    for row in ledger.coverage().to_dict("records"):
        as_of = "" if row["as_of"] != row["as_of"] else row["as_of"].date().isoformat()
        markets.append(
            row
            | {
                "as_of": as_of or None,
                "age_days": _age(as_of),
                "complete": row["complete"] == "yes",
                "sources": _sources(ledger.listings, row["mic"], yours),
                "own": sum(one["listings"] for one in own if one["mic"] == row["mic"]),
            }
        )
    if json:
        print_json({"folder": str(list_folder()), "markets": markets, "own_lists": own})
        return
    print(
        f"{'':<6}{'listings':>9}{'delisted':>9}{'zh':>7}{'en':>7}{'ISIN':>7}  {'as of':<10}"
        f"{'days':>6}{'yours':>7}"
    )
    for one in markets:
        print(
            f"{one['mic']:<6}{one['listings']:>9,}{one['delisted']:>9,}{one['with_zh']:>7,}"
            f"{one['with_en']:>7,}{one['with_isin']:>7,}  {one['as_of'] or 'unknown':<10}"
            f"{_shown(one['age_days']):>6}{one['own']:>7,}"
        )
    print("\nzh, en, ISIN: listings with such a name, with an ISIN. What is shipped:")
    for one in markets:
        _print_wrapped(
            f"{one['mic']}: {one['note'] or 'complete'}; from {', '.join(one['sources']) or 'none'}"
        )
    print()
    if not own:
        _print_wrapped("No list of yours. universe import FILE takes one; universe update fetches.")
    for one in own:
        _print_wrapped(
            f"yours: {one['source']}, {one['mic']}, {one['listings']:,} listings, as of "
            f"{one['as_of'] or 'an unknown day'}"
            + ("" if one["age_days"] is None else f", {one['age_days']} days old")
        )


def _sources(listings: pd.DataFrame, mic: str, yours: set[str]) -> list[str]:
    """Where the shipped rows of a market come from."""
    told = set(listings.loc[listings["mic"].eq(mic), "source"])
    return sorted({one for row in told for one in row.split("|")} - yours)


def _age(as_of: str) -> int | None:
    return (today() - date.fromisoformat(as_of)).days if as_of else None


def _shown(age: int | None) -> str:
    return "-" if age is None else f"{age:,}"


def _print_wrapped(text: str) -> None:
    for line in textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False):
        print(line)


@_universe.command("import")
def import_list(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV or XLSX with a header; HKEX's list as it is."),
    ],
    market: Annotated[
        str | None,
        typer.Option(
            "--market", metavar="MIC", show_default="told by the list", help="Market of every row."
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="NAME",
            show_default="the file's name",
            help="What the list is called; a later one of that name replaces it.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            show_default="what a title of the list says",
            help="Day of the list.",
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Lay a list of listings beside the ledger; its rows win."""
    from supplychain_screen.identity import read_listings

    said = day(as_of, "--as-of")
    known_by_now(said)
    name = source or re.sub(r"[^\w.-]+", "-", file.stem).strip("-.") or "list"
    found = read_listings(file, market)
    kept = _store(found, name, said)
    told = _told(found, kept)
    if json:
        print_json(told)
    else:
        _print_told(told)


@_universe.command("update")
def update_lists(
    market: Annotated[
        list[Listed] | None,
        typer.Option("--market", show_default="all", help="Which list; may be repeated."),
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="SECONDS", min=1, help="How long all may take.")
    ] = 600.0,
    json: JsonFlag = False,
) -> None:
    """Fetch today's lists of markets through AkShare; each is stored whole or not at all."""
    from supplychain_screen.identity import listing_rows
    from supplychain_screen.prices.sources.akshare import fetch_listings

    asked = list(dict.fromkeys(one.value for one in market or list(Listed)))
    told: list[dict[str, Any]] = []
    faults: list[SourceError] = []
    for name, answer in fetch_listings(asked, deadline):
        try:
            if isinstance(answer, SourceError):
                raise answer
            found = listing_rows(
                answer, f"AkShare's list of {name}", None if name == "US" else name
            )
            kept = _store(found, "akshare", today())
        except InputError as error:
            faults.append(SourceError(str(error), source="akshare", symbol=name))
        except SourceError as error:
            faults.append(error)
        else:
            told.append(_told(found, kept))
            if not json:
                _print_told(told[-1])
    if not told:
        raise faults[0]
    if json:
        print_json({"stored": told, "failures": [str(one) for one in faults]})
    for fault in faults:
        note(f"not there: {fault}")
    if faults:
        raise typer.Exit(Exit.PARTIAL)


def _store(found: ListingRows, source: str, as_of: date | None) -> OwnList:
    """Lay a list beside the ledger, whole or not at all."""
    from supplychain_screen.identity import own_rows
    from supplychain_screen.output import write_file

    kept = own_rows(found, source, as_of)
    write_file(kept.path, kept.to_bytes())
    return kept


def _told(found: ListingRows, kept: OwnList) -> dict[str, Any]:
    rows = kept.rows[kept.rows["mic"].isin(found.rows["mic"])]
    return {
        "source": kept.source,
        "markets": rows.groupby("mic").size().to_dict(),
        "as_of": rows["as_of"].max() or None,
        "left_out": found.left_out,
        "example": found.example,
    }


def _print_told(told: dict[str, Any]) -> None:
    counted = ", ".join(f"{n:,} of {mic}" for mic, n in told["markets"].items())
    print(f"{told['source']}: {counted}, as of {told['as_of'] or 'an unknown day'}")
    if told["left_out"]:
        print(f"  {told['left_out']:,} rows left out, the first: {told['example']}")
