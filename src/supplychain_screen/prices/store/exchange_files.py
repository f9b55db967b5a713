"""Export of the price history to one file, and import of files that pass every check.

An exported file loses nothing that serves today: traded bars, split and dividend events, and who
served them. Columns::

    listing source symbol currency timezone adjustment simulated fetched_at asked_first
    session open high low close volume split dividend

A row without any price carries an event whose ex-date was no session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from supplychain_screen.drafts import draft
from supplychain_screen.errors import OutputError, PriceFileError, Problem
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.quality import check_prices, remedy_of, remedy_of_gap
from supplychain_screen.prices.series import Adjustment, Events, Finding, PriceSeries
from supplychain_screen.prices.sources.files import (
    MAX_BYTES,
    FileSource,
    TradedClosesError,
    is_frame,
)
from supplychain_screen.prices.store.fetch_log import Selection
from supplychain_screen.prices.store.reading import dates, read_bars, read_events
from supplychain_screen.prices.store.tables import Tables
from supplychain_screen.words import FINDINGS, Message, phrase_of

__all__ = ["export_selection", "read_histories", "selected_rows"]

_ABOUT = (
    "listing",
    "source",
    "symbol",
    "currency",
    "timezone",
    "adjustment",
    "simulated",
    "fetched_at",
    "asked_first",
)
_PRICES = ("open", "high", "low", "close", "volume")
_COLUMNS = (*_ABOUT, "session", *_PRICES, "split", "dividend")

_GAPS = {"missing_sessions", "benchmark_gap", "missing_close"}
_BROKEN = {
    "duplicate_rows",
    "duplicate_session",
    "unordered_sessions",
    "non_positive_close",
    "currency_mismatch",
}
"""Findings that keep a file out even where their rows would be left out. Rows on days without trade
do not: reading drops them."""


def export_selection(tables: Tables, selection: Selection, path: Path) -> int:
    """Write the served series to one CSV, gzipped CSV or Parquet file.

    Parameters
    ----------
    tables : Tables
    selection : Selection
        Which series.
    path : Path
        Ends in ``.csv``, ``.csv.gz`` or ``.parquet``; replaced as a whole where it exists.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    OutputError
        The file cannot be written, or its name does not say which kind it is.
    StoreError
        The store cannot be read.
    """
    kind = _kind_of(path)
    whole = selected_rows(tables, selection)
    _write(whole, path, kind)
    return len(whole)


def selected_rows(tables: Tables, selection: Selection) -> pd.DataFrame:
    """The served series as traded, one row a listing and day, as they are exported.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    bars = read_bars(tables, selection, _PRICES)
    events = read_events(tables, selection)
    parts = []
    for listing in sorted(selection.served):
        served = selection.served[listing]
        days, columns = bars.days(listing) if listing in bars else (np.array([], np.int32), {})
        frame = pd.DataFrame(
            {name: columns.get(name, np.array([], np.float64)) for name in _PRICES},
            index=pd.DatetimeIndex(dates(days).astype("datetime64[s]"), name="session"),
        )
        splits, dividends = events.get(listing, (Events.of(), Events.of()))
        frame = frame.join(_column("split", splits), how="outer")
        frame = frame.join(_column("dividend", dividends), how="outer").reset_index()
        frame["listing"] = listing
        for name in ("source", "symbol", "currency", "timezone", "adjustment", "simulated"):
            frame[name] = getattr(served, name)
        frame["fetched_at"] = served.fetched_at.isoformat()
        frame["asked_first"] = served.first_asked.isoformat()
        parts.append(frame[list(_COLUMNS)])
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(_COLUMNS))


def read_histories(
    path: Any,
    instruments: Sequence[Instrument],
    *,
    now: datetime,
    adjustment: Adjustment | None = None,
    source: str | None = None,
    allow_gaps: bool = False,
    close: str | None = None,
    decimal: Literal[".", ","] | None = None,
    max_bytes: int | None = None,
    on_read: Callable[[Message], None] | None = None,
) -> list[FetchedHistory]:
    """The price histories in a file, or every problem that keeps them out.

    Parameters
    ----------
    path : str, Path or DataFrame
        An exported file, or anything that :class:`FileSource` reads.
    instruments : sequence of Listing or Index
        Whose prices are wanted; others in the file are left out.
    now : datetime
        When it is read (aware); kept as the fetch time of a file that names none.
    adjustment : Adjustment, optional
        What closes of a file that does not say so are adjusted for.
    source : str, optional
        Who served the prices; by default ``file NAME``, or what an exported file says.
    allow_gaps : bool, default False
        True takes histories that lack sessions, suspended or lost.
    close, decimal, max_bytes, on_read
        As of :class:`FileSource`.

    Returns
    -------
    list of FetchedHistory

    Raises
    ------
    PriceFileError
        Duplicates, gaps, mixed adjustments, closes that are no prices, unreadable cells, nothing
        for any of the instruments; all problems at once.
    """
    held = is_frame(path)
    label = "the frame" if held else Path(path).name
    exported = None if held else _exported(Path(path).expanduser())
    if exported is None:
        reader = FileSource(
            path,
            adjustment=adjustment,
            name=source or "",
            close=close,
            decimal=decimal,
            max_bytes=MAX_BYTES if max_bytes is None else max_bytes,
            on_read=on_read,
        )
        histories, findings = _foreign(reader, label, instruments, now)
    else:
        histories, findings = _own(exported, label, instruments, source), []
    findings += _checked(histories, instruments)
    problems = list(_problems(findings, label, allow_gaps=allow_gaps))
    if problems:
        raise PriceFileError(problems)
    return histories


def _checked(
    histories: Sequence[FetchedHistory], instruments: Sequence[Instrument]
) -> Iterator[Finding]:
    """What the quality checks hold against histories."""
    by_source: dict[str, dict[str, PriceSeries]] = {}
    for history in histories:
        by_source.setdefault(history.source, {})[history.listing] = history.series(
            "total" if history.adjustment == "splits+dividends" else "price"
        )
    for series in by_source.values():
        for finding in check_prices(series, instruments):
            if finding.listing not in series:
                # Of the calendar, not of rows of the file.
                continue
            first, sessions = finding.first, series[finding.listing].sessions
            if first is not None and len(sessions) and np.datetime64(first, "D") > sessions[-1]:
                # An index that ends before its market is not incomplete: the next file goes on.
                continue
            yield finding


def _problems(findings: Iterable[Finding], label: str, *, allow_gaps: bool) -> Iterator[Problem]:
    """The findings that keep a file out; what is the same of several listings is told once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.code, one.action, one.message, one.first, one.last), []).append(one)
    for group in groups.values():
        first = group[0]
        if first.code in _GAPS and not allow_gaps:
            remedy = str(remedy_of_gap(group))
        elif first.code in _BROKEN or first.action == "unrated":
            remedy = str(remedy_of(first.code) or "")
        else:
            remedy = ""
        if remedy:
            names = ", ".join(one.listing for one in group)
            what = f"{names}, {phrase_of(FINDINGS, first.code).en.lower()}: {first.detail}"
            yield Problem(what, remedy, label, value=f"{first.first} to {first.last}")


def _foreign(
    reader: FileSource, label: str, instruments: Sequence[Instrument], now: datetime
) -> tuple[list[FetchedHistory], list[Finding]]:
    """Closes of a file that is no export, adjusted as it states, and what reading it found."""
    today = now.astimezone(UTC).date()
    loaded = reader.load(instruments, date(1990, 1, 1), today, _basis(reader.adjustment))
    problems = [
        Problem(str(fault), "", label)
        for fault in loaded.failures.values()
        if isinstance(fault, TradedClosesError)
    ]
    if not loaded.series and not problems:
        problems.append(
            Problem("holds prices of none of the listings asked for", "check its symbols", label)
        )
    if problems:
        raise PriceFileError(problems)
    of = {instrument.id: instrument for instrument in instruments}
    kept = [
        _kept_as_given(series, of[series.listing], now)
        for _, series in sorted(loaded.series.items())
    ]
    return kept, list(loaded.findings)


def _basis(adjustment: Adjustment | None) -> Any:
    return "total" if adjustment == "splits+dividends" else "price"


def _kept_as_given(series: PriceSeries, instrument: Instrument, now: datetime) -> FetchedHistory:
    unknown = np.full(len(series.close), np.nan)
    return FetchedHistory(
        listing=series.listing,
        sessions=series.sessions,
        close=series.close,
        open=unknown,
        high=unknown,
        low=unknown,
        volume=series.volume,
        splits=series.splits or Events.of(),
        dividends=Events.of(),
        source=series.source,
        symbol=series.symbol,
        fetched_at=now.astimezone(UTC),
        asked_first=series.sessions[0].astype(object),
        currency=series.currency,
        timezone=instrument.timezone,
        adjustment=series.adjustment,
    )


def _exported(path: Path) -> pd.DataFrame | None:
    """The rows of an exported file, each cell as written; None for any other file."""
    if not path.is_file():
        return None
    try:
        if path.name.endswith(".parquet"):
            frame = pd.read_parquet(path)
        else:
            head = pd.read_csv(path, nrows=0)
            if not set(_COLUMNS) <= set(head.columns):
                return None
            # cell by cell as written: a parser of numbers need not return what was exported
            frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
    except (OSError, ValueError, UnicodeError) as error:
        raise PriceFileError(
            Problem(f"cannot be read: {error}", "check the file", str(path))
        ) from error
    if not path.name.endswith(".parquet") and not isinstance(frame.index, pd.RangeIndex):
        # pandas takes what is too much for names of the rows, and every cell for its neighbour's.
        raise PriceFileError(
            Problem("has rows with more cells than its header names", "export it again", str(path))
        )
    return frame if set(_COLUMNS) <= set(frame.columns) else None


def _own(
    frame: pd.DataFrame, label: str, instruments: Sequence[Instrument], source: str | None
) -> list[FetchedHistory]:
    of = {instrument.id: instrument for instrument in instruments}
    frame = frame[frame["listing"].isin(list(of))]
    problems: list[Problem] = []
    if frame.empty:
        problems.append(
            Problem("holds prices of none of the listings asked for", "check its listings", label)
        )
    frame = frame.assign(line=frame.index + 2)
    sessions = pd.to_datetime(frame["session"], errors="coerce", format="ISO8601")
    problems += [
        Problem("not a date", "write YYYY-MM-DD", label, int(line), "session")
        for line in frame["line"][sessions.isna()]
    ]
    for name in (*_PRICES, "split", "dividend"):
        numbers = [_number(cell) for cell in frame[name]]
        problems += [
            Problem("not a number", "correct the cell", label, int(line), name)
            for line, number in zip(frame["line"], numbers, strict=True)
            if number is None
        ]
        frame = frame.assign(**{name: np.array(numbers, np.float64)})
    frame = frame.assign(session=sessions)
    again = frame.duplicated(["listing", "session"], keep="first") & sessions.notna()
    for line, listing, session in frame.loc[again, ["line", "listing", "session"]].itertuples(
        index=False
    ):
        problems.append(
            Problem(
                f"{listing} has a second row for {session:%Y-%m-%d}",
                "remove one of the two",
                label,
                int(line),
                "session",
            )
        )
    for listing, rows in frame.groupby("listing", sort=True):
        problems += _contradictions(str(listing), rows, label)
    if problems:
        raise PriceFileError(problems)
    return [_history(rows, source) for _, rows in frame.groupby("listing", sort=True)]


def _number(cell: object) -> float | None:
    """NaN for an empty cell, None for one that is no number."""
    try:
        # an empty cell of a CSV is NaN already, one of a Parquet file may be None
        return float("nan") if cell is None else float(str(cell))
    except ValueError:
        return None


def _contradictions(listing: str, rows: pd.DataFrame, label: str) -> Iterator[Problem]:
    """Columns that must say one thing for a whole listing."""
    for name in _ABOUT[1:]:
        said = sorted({str(value) for value in rows[name].dropna().unique()})
        if len(said) > 1:
            yield Problem(
                f"{listing} mixes {name} {' and '.join(said)}",
                "give one series a listing, adjusted in one way throughout",
                label,
                int(rows["line"].iloc[0]),
                name,
            )
    stated = rows["adjustment"].iloc[0]
    if stated not in get_args(Adjustment):
        yield Problem(
            "unknown adjustment",
            f"one of {', '.join(get_args(Adjustment))}",
            label,
            int(rows["line"].iloc[0]),
            "adjustment",
            str(stated),
        )
    for name in ("fetched_at", "asked_first"):
        with suppress(ValueError):
            datetime.fromisoformat(str(rows[name].iloc[0]))
            continue
        yield Problem(
            "not a moment" if name == "fetched_at" else "not a date",
            "write it as ISO 8601",
            label,
            int(rows["line"].iloc[0]),
            name,
            str(rows[name].iloc[0]),
        )


def _history(rows: pd.DataFrame, source: str | None) -> FetchedHistory:
    rows = rows.sort_values("session")
    about: Mapping[str, Any] = {
        name: "" if pd.isna(rows[name].iloc[0]) else rows[name].iloc[0] for name in _ABOUT
    }
    # an event on a day without prices is no session
    priced = rows[rows[list(_PRICES)].notna().any(axis=1)]
    fetched_at = datetime.fromisoformat(str(about["fetched_at"]))
    return FetchedHistory(
        listing=str(about["listing"]),
        sessions=_days(priced),
        close=priced["close"].to_numpy(np.float64),
        open=priced["open"].to_numpy(np.float64),
        high=priced["high"].to_numpy(np.float64),
        low=priced["low"].to_numpy(np.float64),
        volume=priced["volume"].to_numpy(np.float64),
        splits=_events(rows, "split"),
        dividends=_events(rows, "dividend"),
        source=source or str(about["source"]),
        symbol=str(about["symbol"]),
        fetched_at=fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC),
        asked_first=date.fromisoformat(str(about["asked_first"])[:10]),
        currency=str(about["currency"]),
        timezone=str(about["timezone"]),
        simulated=str(about["simulated"]).lower() == "true",
        adjustment=about["adjustment"],
    )


def _events(rows: pd.DataFrame, name: str) -> Events:
    kept = rows[rows[name].notna()]
    return Events(_days(kept), kept[name].to_numpy(np.float64))


def _days(rows: pd.DataFrame) -> Any:
    return rows["session"].to_numpy().astype("datetime64[D]")


def _column(name: str, events: Events) -> pd.DataFrame:
    index = pd.DatetimeIndex(events.sessions.astype("datetime64[s]"), name="session")
    return pd.DataFrame({name: events.values}, index=index)


def _kind_of(path: Path) -> str:
    for suffix in (".csv", ".csv.gz", ".parquet"):
        if path.name.lower().endswith(suffix):
            return suffix
    raise OutputError(f"{path}: name the file .csv, .csv.gz or .parquet, to say what it shall be")


def _write(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """Write beside and rename, so that no reader ever sees half a file."""
    try:
        with draft(path.parent, folder=True) as folder:
            beside = folder / f"prices{kind}"
            if kind == ".parquet":
                frame.to_parquet(beside, index=False)
            else:
                frame.to_csv(beside, index=False, date_format="%Y-%m-%d", lineterminator="\n")
            beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}; choose another folder") from error
