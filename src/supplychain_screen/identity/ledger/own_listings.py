"""Lists of listings of the user's own, which lie beside the shipped ledger and win."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.identity.ledger.listing_files import ListingRows
from supplychain_screen.identity.ledger.shipped import Ledger, shipped_ledger

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OwnList", "list_folder", "load_ledger", "own_lists", "own_rows"]

_COLUMNS = (
    "mic",
    "code",
    "name_zh",
    "name_zh_hant",
    "name_en",
    "short_en",
    "isin",
    "first_day",
    "as_of",
)
_NAMES = ("name_zh", "name_zh_hant", "name_en", "short_en")
_REUSED = ("XHKG", "XNYS", "XNAS", "XASE")
"""Exchanges that give the code of a company that left to another one."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnList:
    """Listings of one source of the user's.

    Parameters
    ----------
    source : str
        What the user calls it.
    path : Path
        Where it lies.
    rows : DataFrame of shape (n_listings, 9)
        As of :class:`ListingRows`, and ``as_of``: the day of the list, empty where unknown.
    """

    source: str
    path: Path
    rows: pd.DataFrame

    def to_bytes(self) -> bytes:
        """The file."""
        return self.rows.to_csv(index=False, lineterminator="\n").encode()

    def markets(self) -> pd.DataFrame:
        """``mic``, ``listings`` and ``as_of`` of each market."""
        return (
            self.rows.groupby("mic")
            .agg(listings=("code", "size"), as_of=("as_of", "max"))
            .reset_index()
        )


def load_ledger(*, own: bool = True) -> Ledger:
    """The ledger of listings.

    Parameters
    ----------
    own : bool
        With the user's own lists, whose rows stand for the shipped ones of the same listing.

    Returns
    -------
    Ledger
        What this package ships, and what the user imported or fetched.

    Raises
    ------
    InputError
        When the installation lost the ledger, or a table of it or of the user's is not one.

    Examples
    --------
    >>> {"XSHG", "XHKG"} <= set(load_ledger().markets["mic"])
    True
    """
    ledger = shipped_ledger()
    return _with_own_lists(ledger, own_lists()) if own else ledger


def list_folder() -> Path:
    """Where the user's lists lie: ``supplychain-screen/universe`` where the user's data lives."""
    import platformdirs

    return Path(platformdirs.user_data_path("supplychain-screen", appauthor=False) / "universe")


def own_lists() -> tuple[OwnList, ...]:
    """The user's lists, the one that wins last.

    Raises
    ------
    InputError
        When one of them is damaged.
    """
    folder = list_folder()
    if not folder.is_dir():
        return ()
    found = [_read(path) for path in sorted(folder.glob("*.csv")) if path.name[0] != "."]
    return tuple(sorted(found, key=lambda one: (one.rows["as_of"].max(), one.source)))


def _read(path: Path) -> OwnList:
    import pandas as pd

    try:
        rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error).partition("\n")[0]) from error
    if tuple(rows.columns) != _COLUMNS or rows.empty or rows.duplicated(["mic", "code"]).any():
        raise _damaged(path, "its columns or rows are not what an import writes")
    return OwnList(path.stem, path, rows)


def _damaged(path: Path, why: str) -> InputError:
    told = f"a list of yours is damaged: {why}"
    return InputError(Problem(told, "delete it, and import it again", str(path)))


def own_rows(found: ListingRows, source: str, as_of: date | None) -> OwnList:
    """What a source's list is once ``found`` is in it: its other markets stay as they were.

    Parameters
    ----------
    found : ListingRows
        All listings of their markets that the source has.
    source : str
        Its name: letters, digits, ``-``, ``_`` and ``.``.
    as_of : date or None
        Day of the list; else the one its title names, else unknown.

    Raises
    ------
    InputError
        When the name cannot be one, or the source's earlier list is damaged.
    """
    import pandas as pd

    if not re.fullmatch(r"\w[\w.-]*", source):
        remedy = "use letters, digits, - and _"
        raise InputError(Problem("no name of a source", remedy, column="--source", value=source))
    told = as_of or found.as_of
    rows = found.rows.assign(as_of="" if told is None else told.isoformat())
    path = list_folder() / f"{source}.csv"
    if path.is_file():
        before = _read(path).rows
        rows = pd.concat([before[~before["mic"].isin(rows["mic"])], rows])
    ordered = rows[list(_COLUMNS)].sort_values(["mic", "code"]).reset_index(drop=True)
    return OwnList(source, path, ordered)


def _with_own_lists(ledger: Ledger, lists: tuple[OwnList, ...]) -> Ledger:
    """The ledger in which rows of the user's lists stand for those of the same listing."""
    # Of a company that the ledger knows under that code, what the list leaves open stays: its other
    # names, its ISIN, its other lines. Where the code was given to another company, nothing does.
    import pandas as pd

    if not lists:
        return ledger
    listings = ledger.listings.set_index(ledger.listings["mic"] + ":" + ledger.listings["code"])
    aliases, sources = ledger.aliases, [ledger.sources]
    for one in lists:
        own = one.rows.set_index(one.rows["mic"] + ":" + one.rows["code"])
        old = listings.reindex(own.index)
        shipped = old["mic"].notna()
        same = shipped & ~_another_company(own, old.fillna(dict.fromkeys((*_NAMES, "isin"), "")))
        made = old.where(same).assign(mic=own["mic"], code=own["code"])
        text = made.columns.difference(["first_day", "last_day"])
        made[text] = made[text].fillna("")
        for column in (*_NAMES, "isin"):
            made[column] = own[column].where(own[column].ne(""), made[column])
        printed = {column: own[column].ne("").tolist() for column in _NAMES}
        made["derived"] = [
            "|".join(name for name in told.split("|") if name and not printed[name][row])
            for row, told in enumerate(made["derived"])
        ]
        days = pd.to_datetime(own["first_day"].where(own["first_day"].ne("")), format="%Y-%m-%d")
        made["first_day"] = days.fillna(made["first_day"]).astype(listings["first_day"].dtype)
        made["last_day"] = made["last_day"].astype(listings["last_day"].dtype)
        # The id of a company that left may still be that of its other lines.
        ids = own.index.to_series() + ("@" + one.source)
        fresh = own.index.to_series().where(~shipped, ids)
        made["company"] = made["company"].where(same, fresh)
        made["source"] = [f"{one.source}|{told}" if told else one.source for told in made["source"]]
        another = own.index[shipped & ~same]
        aliases = aliases[~(aliases["mic"] + ":" + aliases["code"]).isin(another)]
        rest = listings[~listings.index.isin(own.index)]
        listings = pd.concat([rest, made[listings.columns]])
        sources.append(_source(one, ledger.sources))
    return replace(
        ledger,
        listings=listings.sort_values(["mic", "code"]).reset_index(drop=True),
        aliases=aliases.reset_index(drop=True),
        sources=pd.concat(sources, ignore_index=True),
    )


def _another_company(own: pd.DataFrame, old: pd.DataFrame) -> pd.Series[bool]:
    """Whether a code was given to another company: its names differ, and no ISIN says the same."""
    import numpy as np
    import pandas as pd

    both = own["isin"].ne("") & old["isin"].ne("")
    # A company that consolidates its shares has another ISIN, and keeps its name.
    other_isin = both & own["isin"].ne(old["isin"])
    doubtful = other_isin | (~both & own["mic"].isin(_REUSED))
    for column in _NAMES:
        doubtful = doubtful & (own[column].eq("") | own[column].ne(old[column]))
    columns = list(_NAMES)
    mine, theirs = (one.loc[doubtful, columns].to_numpy().tolist() for one in (own, old))
    unlike = other_isin[doubtful].tolist()
    alike = [_alike(*pair) for pair in zip(mine, theirs, unlike, strict=True)]
    renamed = pd.Series(~np.array(alike, dtype=bool), index=own.index[doubtful])
    return renamed.reindex(own.index, fill_value=False)


def _alike(mine: list[str], theirs: list[str], other_isin: bool) -> bool:
    """Whether names may be those of one company; names in two languages leave it to the ISIN."""
    chinese = [(a, b) for a in mine[:2] for b in theirs[:2] if a and b]
    english = [(a, b) for a in mine[2:] for b in theirs[2:] if a and b]
    if not chinese and not english:
        return not other_isin
    return any(_begin_alike(*pair) for pair in chinese) or any(
        _shortened(*pair) for pair in english
    )


def _begin_alike(one: str, other: str) -> bool:
    """Whether a Chinese name is the beginning of the other, in simplified characters."""
    from supplychain_screen.identity.resolver import to_simplified

    first, second = (str(to_simplified().convert(name)).replace(" ", "") for name in (one, other))
    return first.startswith(second) or second.startswith(first)


def _shortened(one: str, other: str) -> bool:
    """Whether each word of an English name begins one of the other: CHINA RES LAND."""
    words, longer = sorted((_words(name) for name in (one, other)), key=len)
    return bool(words) and all(any(whole.startswith(word) for whole in longer) for word in words)


def _words(name: str) -> list[str]:
    found: list[str] = re.findall(r"[a-z0-9]+", name.casefold())
    return found


def _source(one: OwnList, like: pd.DataFrame) -> pd.DataFrame:
    """The row of a user's list in the table of sources."""
    import pandas as pd

    day = pd.Timestamp(one.rows["as_of"].max() or "NaT")
    told = dict.fromkeys(like.columns, "") | {
        "source": one.source,
        "title": "a list of your own",
        "as_of": day,
        "version": "",
    }
    return pd.DataFrame([told]).astype(like.dtypes.to_dict())
