"""``universe``: what is known of the markets' listings, and lists of the user's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain_screen.cli.terminal import (
    Exit,
    JsonFlag,
    Language,
    LanguageOption,
    day,
    known_by_now,
    note,
    print_json,
    tell,
    today,
    width,
)
from supplychain_screen.errors import InputError, SourceError
from supplychain_screen.words import Message, Phrase, message

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.identity import ListingRows, OwnList

__all__ = ["register"]

_universe = typer.Typer(
    help="Look at the ledger of listings, and lay lists of your own beside it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_WIDTHS = (9, 9, 7, 7, 7, 2, -10, 6, 7)
"""Of the numbers of a market, in columns of the terminal; what stands on the left is below 0."""


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
def show_status(lang: LanguageOption = Language.ZH, json: JsonFlag = False) -> None:
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
    _print_markets(markets, lang)
    print()
    if not own:
        _print_wrapped(message("universe.no_list"), lang)
    for one in own:
        source, mic, n = one["source"], one["mic"], one["listings"]
        day, days = _day(one["as_of"]), one["age_days"]
        if days is None:
            said = message("universe.own", source=source, mic=mic, n=n, as_of=day)
        else:
            said = message("universe.own_old", source=source, mic=mic, n=n, as_of=day, days=days)
        _print_wrapped(said, lang)


def _print_markets(markets: Sequence[Mapping[Any, Any]], lang: Language) -> None:
    """What is shipped: a line of numbers a market, then what each lacks and where it is from."""
    from supplychain_screen.output import fit

    def row(mic: str, *cells: Any) -> None:
        pairs = zip(cells, _WIDTHS, strict=True)
        told = [fit(one, abs(n), align="right" if n > 0 else "left") for one, n in pairs]
        print(f"{mic:<6}{''.join(told)}")

    heads = (
        message("universe.listings"),
        message("universe.delisted"),
        message("universe.chinese"),
        message("universe.english"),
        Phrase("ISIN", "ISIN"),
        Phrase("", ""),
        message("universe.as_of"),
        message("universe.days"),
        message("universe.yours"),
    )
    row("", *(one.of(lang.value) for one in heads))
    unknown = message("universe.unknown").of(lang.value)
    for one in markets:
        numbers = (one[name] for name in ("listings", "delisted", "with_zh", "with_en"))
        row(
            one["mic"],
            *(f"{n:,}" for n in (*numbers, one["with_isin"])),
            "",
            one["as_of"] or unknown,
            "-" if one["age_days"] is None else f"{one['age_days']:,}",
            f"{one['own']:,}",
        )
    print()
    tell(message("universe.legend"), lang)
    for one in markets:
        note = Phrase(one["note_zh"], one["note"]) if one["note"] else message("universe.complete")
        sources = tuple(one["sources"]) or (message("universe.nobody"),)
        said = message("universe.market", mic=one["mic"], note=note, sources=sources)
        _print_wrapped(said, lang)


def _sources(listings: pd.DataFrame, mic: str, yours: set[str]) -> list[str]:
    """Where the shipped rows of a market come from."""
    told = set(listings.loc[listings["mic"].eq(mic), "source"])
    return sorted({one for row in told for one in row.split("|")} - yours)


def _age(as_of: str) -> int | None:
    return (today() - date.fromisoformat(as_of)).days if as_of else None


def _day(as_of: str | None) -> Message | str:
    return as_of or message("universe.unknown_day")


def _print_wrapped(said: Message, lang: Language) -> None:
    from supplychain_screen.output import wrap

    print("\n".join(wrap(said.of(lang.value), width(sys.stdout), hang=2)))


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
    lang: LanguageOption = Language.ZH,
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
        _print_told(told, found.example, lang)


@_universe.command("update")
def update_lists(
    market: Annotated[
        list[Listed] | None,
        typer.Option("--market", show_default="all", help="Which list; may be repeated."),
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="SECONDS", min=1, help="How long all may take.")
    ] = 600.0,
    lang: LanguageOption = Language.ZH,
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
            found = listing_rows(answer, f"AkShare ({name})", None if name == "US" else name)
            kept = _store(found, "akshare", today())
        except InputError as error:
            faults.append(SourceError(str(error), source="akshare", symbol=name))
        except SourceError as error:
            faults.append(error)
        else:
            told.append(_told(found, kept))
            if not json:
                _print_told(told[-1], found.example, lang)
    if not told:
        raise faults[0]
    if json:
        print_json({"stored": told, "failures": [str(one) for one in faults]})
    for fault in faults:
        note(message("universe.failed", said=fault.message), lang)
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
        "example": str(found.example),
    }


def _print_told(told: dict[str, Any], example: Message | str, lang: Language) -> None:
    counts = tuple(message("universe.count", mic=mic, n=n) for mic, n in told["markets"].items())
    as_of = _day(told["as_of"])
    tell(message("universe.stored", source=told["source"], counts=counts, as_of=as_of), lang)
    if told["left_out"]:
        tell(message("universe.left_out", n=told["left_out"], example=example), lang)
