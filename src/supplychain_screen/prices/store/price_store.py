"""The price history on disk: append-only, revisions kept, read as known on any date."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from supplychain_screen.errors import (
    InputError,
    Problem,
    SourceError,
    StoreError,
    SymbolNotFoundError,
)
from supplychain_screen.identity import Instrument
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import (
    Adjustment,
    Basis,
    Events,
    Finding,
    LoadedPrices,
    PriceSeries,
)
from supplychain_screen.prices.store.acceptance import Decision, StoredHistory
from supplychain_screen.prices.store.adding import add_answers, stored_histories
from supplychain_screen.prices.store.committing import FailedFetch, failures_table
from supplychain_screen.prices.store.exchange_files import (
    export_selection,
    read_histories,
    selected_rows,
)
from supplychain_screen.prices.store.fetch_log import (
    FEW_LISTINGS,
    PREFERENCE,
    FetchLog,
    any_simulated,
    moment_of,
    read_log,
)
from supplychain_screen.prices.store.reading import read_bars, read_events
from supplychain_screen.prices.store.repair import Repair, repair_tables
from supplychain_screen.prices.store.serving import bases_of, series_of, substitutions
from supplychain_screen.prices.store.status import (
    Coverage,
    coverage_of,
    read_requests,
    status_frame,
)
from supplychain_screen.prices.store.tables import Tables
from supplychain_screen.prices.store.upkeep import (
    StoreCheck,
    check_tables,
    compact_tables,
    count_files,
)
from supplychain_screen.words import Message, message

if TYPE_CHECKING:
    from supplychain_screen.prices.store.updating import UpdateReport
    from supplychain_screen.research import ResearchReport

__all__ = ["STORE_VARIABLE", "PriceStore", "open_prices"]

STORE_VARIABLE = "SUPPLYCHAIN_SCREEN_STORE"
"""Environment variable that moves the store."""

_MANY_FILES = 40

_NO_EVENTS = (Events.of(), Events.of())


class PriceStore:
    """Price history on disk, as three Delta tables in one folder.

    Rows are never rewritten. A close that its source changed later is a revision: a second row
    beside the first, with its own fetch. What is read is the latest value of each session, or
    with ``as_known_on`` the latest one fetched by then.

    Parameters
    ----------
    location : str or Path
        Folder, which is created with the first prices; or an address that deltalake understands.
    as_known_on : datetime or date, optional
        Read as if nothing had been fetched later; a date means its end in UTC. Such a store is
        read-only.
    preference : sequence of str
        Order in which sources serve a listing; others follow by name. One that ends more than
        ten days before another is passed over, with a finding ``source_substituted``.
    storage_options : mapping of str to str, optional
        Handed to deltalake with an address.

    Notes
    -----
    Bars are stored as traded. The basis ``price`` divides each close by the factors of the splits
    after it, up to the last day asked for; ``total`` also multiplies it by 1 - D/C for every
    later dividend D, C being the close before the ex-date. Events after the last day asked for
    do not enter, so a later split never changes what was read before.

    Any number of processes may read and write at once. What a call of :meth:`add` returned is on
    disk; a process killed before that leaves the store as it was.

    Examples
    --------
    >>> import tempfile
    >>> store = PriceStore(tempfile.mkdtemp())
    >>> store.name, store.simulated, len(store.status())
    ('store', False, 0)
    """

    def __init__(
        self,
        location: str | Path,
        *,
        as_known_on: datetime | date | None = None,
        preference: Sequence[str] = PREFERENCE,
        storage_options: Mapping[str, str] | None = None,
    ) -> None:
        self._tables = Tables(location, storage_options)
        self._known_on = None if as_known_on is None else moment_of(as_known_on)
        self._preference = tuple(preference)

    @property
    def location(self) -> str:
        """Folder or address."""
        return self._tables.location

    def __repr__(self) -> str:
        known = (
            "" if self._known_on is None else f", as known on {self._known_on:%Y-%m-%d %H:%M} UTC"
        )
        return f"<PriceStore at {self.location}{known}>"

    @property
    def name(self) -> str:
        """``store``; every series names the source that its prices came from."""
        return "store"

    @property
    def simulated(self) -> bool:
        """True where the store holds prices that no market ever saw."""
        if not self._tables.exists():
            return False
        self._tables.table("fetches")
        return any_simulated(self._tables) is True

    def bases(self) -> tuple[Basis, ...]:
        """The bases it can serve: both, unless every series came without what one of them needs."""
        if not self._tables.exists():
            return ("price", "total")
        self._tables.table("fetches")
        served = self._log(None).select(None, preference=self._preference).served.values()
        return bases_of(one.adjustment for one in served)

    def as_known(self, on: datetime | date) -> PriceStore:
        """The same store, read as if nothing had been fetched after ``on``.

        Parameters
        ----------
        on : datetime or date
            An aware moment; a date means its end in UTC.
        """
        view = PriceStore(self.location, as_known_on=on, preference=self._preference)
        view._tables = self._tables
        return view

    def load(
        self, instruments: Sequence[Instrument], first: date, last: date, basis: Basis
    ) -> LoadedPrices:
        """Closes of ``instruments`` from ``first`` to ``last``, both inclusive.

        Parameters
        ----------
        instruments : sequence of Listing or Index
            Whose closes.
        first, last : date
            Bounds in each exchange's own days, both inclusive.
        basis : {"price", "total"}
            Adjusted for splits, or for splits and dividends.

        Returns
        -------
        LoadedPrices
            Closes based on ``last``: a close of that day is the traded one. ``source``,
            ``symbol`` and ``fetched_at`` of a series are those of its last accepted fetch. Its
            events are those with ex-dates until ``last``.

        Raises
        ------
        StoreError
            A file is damaged, unreadable, or of a newer version.
        """
        ids = [instrument.id for instrument in instruments]
        series: dict[str, PriceSeries] = {}
        failures: dict[str, SourceError] = {}
        findings: list[Finding] = []
        if not self._tables.exists():
            return LoadedPrices({}, {one: self._nothing(one) for one in ids})
        self._tables.table("fetches")
        selection = self._log(ids).select(ids, preference=self._preference, span=(first, last))
        bars = read_bars(self._tables, selection)
        events = read_events(self._tables, selection, last)
        for one in ids:
            served = selection.served.get(one)
            if served is None or one not in bars:
                failures[one] = self._nothing(one)
                continue
            try:
                loaded = series_of(served, bars, events.get(one, _NO_EVENTS), first, last, basis)
            except SourceError as error:
                failures[one] = error
                continue
            series[one] = loaded
            findings.extend(substitutions(served, loaded, basis))
        return LoadedPrices(series, failures, tuple(findings))

    def stored(self, listings: Sequence[str], source: str) -> Mapping[str, StoredHistory]:
        """What is stored of some listings from one source, as traded.

        Parameters
        ----------
        listings : sequence of str
            Ids.
        source : str
            Name of the source.

        Returns
        -------
        mapping of str to StoredHistory
            One for each id; empty where nothing was accepted yet.
        """
        if not self._tables.exists():
            return {one: StoredHistory(one, source) for one in listings}
        self._tables.table("fetches")
        return stored_histories(self._tables, self._log(listings), listings, source)

    def add(
        self,
        answers: Iterable[FetchedHistory],
        instruments: Iterable[Instrument],
        *,
        accept_restated: Collection[str] = (),
    ) -> tuple[Decision, ...]:
        """Judge some answers against what is stored, and store the accepted ones, all or none.

        Parameters
        ----------
        answers : iterable of FetchedHistory
            At most one a listing.
        instruments : iterable of Listing or Index
            Whose answers they are; others are ignored.
        accept_restated : collection of str
            Ids whose changed or missing sessions a person found right.

        Returns
        -------
        tuple of Decision
            In the order of ``answers``. Accepted rows are on disk. A quarantined answer left a
            record of itself and its reason, and the old series as it was.

        Raises
        ------
        StoreError
            Nothing could be written (no space, no permission, a newer store), the answers are
            simulated and the store is not, or the other way round. The store is unchanged.
        """
        self._check_writable()
        return add_answers(self._tables, list(answers), list(instruments), accept_restated)

    def update(self, report: ResearchReport, *, now: datetime, **options: Any) -> UpdateReport:
        """Ask for what is missing of a report's listings and benchmarks, and store it.

        Parameters
        ----------
        report : ResearchReport
            Whose prices.
        now : datetime
            The current moment, aware.
        **options
            As of :func:`supplychain_screen.prices.store.updating.update`; ``source``: else Yahoo.

        Returns
        -------
        UpdateReport
            How each listing came out.
        """
        from supplychain_screen.prices.sources.yahoo import YahooSource
        from supplychain_screen.prices.store.updating import update

        source = options.pop("source", None) or YahooSource(now=lambda: now)
        return update(self, report.instruments, source, now=now, **options)

    def record_failures(self, failures: Sequence[FailedFetch]) -> None:
        """Keep a record of requests that brought no answer.

        Raises
        ------
        StoreError
            It could not be written.
        """
        if failures:
            self._check_writable()
            if not self._tables.exists():
                self._tables.create()
            self._tables.append("fetches", failures_table(failures))

    def status(self) -> pd.DataFrame:
        """What is stored, and how the last request for each listing came out.

        Returns
        -------
        DataFrame
            One row a listing and source, sorted: ``listing``, ``source``, ``symbol``, ``serves``
            (whether :meth:`load` reads this source), ``last_session`` and ``fetched_at`` of the
            last accepted fetch, ``rows`` written so far, and of the newest request ``asked_at``,
            ``outcome`` (accepted, quarantined, failed), ``reason``, ``detail``.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        if not self._tables.exists():
            return status_frame(None, {})
        self._tables.table("fetches")
        selection = self._log(None).select(None, preference=self._preference)
        serving = {one: served.source for one, served in selection.served.items()}
        return status_frame(read_requests(self._tables, self._known_on), serving)

    def coverage(self, source: str) -> Mapping[str, Coverage]:
        """How far the prices of one source reach, for every listing it was ever asked for."""
        if not self._tables.exists():
            return {}
        self._tables.table("fetches")
        return coverage_of(read_requests(self._tables, self._known_on), source)

    def export(self, path: str | Path, listings: Sequence[str] | None = None) -> int:
        """Write the series that serve today to one file; :meth:`import_file` reads it back.

        Parameters
        ----------
        path : str or Path
            Ends in ``.csv``, ``.csv.gz`` or ``.parquet``; replaced as a whole where it exists.
        listings : sequence of str, optional
            Ids; by default all.

        Returns
        -------
        int
            Rows written. Earlier versions of revised closes are not among them.

        Raises
        ------
        OutputError, StoreError
            The file cannot be written; the store does not exist or cannot be read.
        """
        self._check_exists()
        selection = self._log(listings).select(listings, preference=self._preference)
        return export_selection(self._tables, selection, Path(path).expanduser())

    def frame(self, listings: Sequence[str] | None = None) -> pd.DataFrame:
        """The series that serve today, as traded, with their events.

        Parameters
        ----------
        listings : sequence of str, optional
            Ids; by default all.

        Returns
        -------
        DataFrame
            One row a listing and day: ``listing``, who served it (``source``, ``symbol``,
            ``currency``, ``timezone``, ``adjustment``, ``simulated``, ``fetched_at``,
            ``asked_first``), ``session``, ``open``, ``high``, ``low``, ``close``, ``volume``, and
            ``split`` (new shares for one old) and ``dividend`` (cash a share) on ex-dates.
            ``screen(prices=...)`` takes it.

        Raises
        ------
        StoreError
            The store does not exist or cannot be read.
        """
        self._check_exists()
        selection = self._log(listings).select(listings, preference=self._preference)
        return selected_rows(self._tables, selection).reset_index(drop=True)

    def import_file(
        self,
        path: Any,
        instruments: Sequence[Instrument],
        *,
        now: datetime,
        adjustment: Adjustment | None = None,
        source: str | None = None,
        close: str | None = None,
        decimal: Literal[".", ","] | None = None,
        max_bytes: int | None = None,
        allow_gaps: bool = False,
        on_read: Callable[[Message], None] | None = None,
        accept_restated: Collection[str] = (),
    ) -> tuple[Decision, ...]:
        """Store the prices of a file, all or none.

        Parameters
        ----------
        path : str, Path, DataFrame, or mapping of str to DataFrame
            An exported file; or any prices that :func:`supplychain_screen.screen` takes.
        instruments : sequence of Listing or Index
            Whose prices are wanted.
        now : datetime
            When it is read (aware).
        adjustment : Adjustment, optional
            What the closes of a file that does not say so are adjusted for. Traded ones
            (``none``) are adjusted by the splits that the file states, or refused. Unstated they
            are kept, and labelled, ``as given``.
        source : str, optional
            Who served the prices; by default ``file NAME``, or what an exported file says.
        close : str, optional
            Column of the closes; known by its usual names unless given.
        decimal, max_bytes
            As of ``FileSource``.
        allow_gaps : bool, default False
            True takes series that lack sessions, suspended or lost.
        accept_restated : collection of str
            As of :meth:`add`.
        on_read : callable, optional
            Called with the message of one line that says what was recognised.

        Returns
        -------
        tuple of Decision
            One a listing; each is judged against what is stored from the same source.

        Raises
        ------
        PriceFileError
            The file has duplicates, gaps, mixed adjustments or unreadable cells; all problems at
            once, and nothing is stored.
        StoreError
            Nothing could be written.
        """
        self._check_writable()
        histories = read_histories(
            path,
            instruments,
            now=moment_of(now),
            adjustment=adjustment,
            source=source,
            close=close,
            decimal=decimal,
            max_bytes=max_bytes,
            allow_gaps=allow_gaps,
            on_read=on_read,
        )
        return add_answers(
            self._tables, histories, list(instruments), accept_restated, fetched=False
        )

    def compact(self, now: datetime, *, full: bool = False) -> bool:
        """Pack small files into large ones, ordered for reading; every revision stays.

        Safe while others read and write.

        Parameters
        ----------
        now : datetime
            The current moment, aware. Rows of writers that were stopped before their verdict,
            and files that are no longer part of the store, go once they are a week old.
        full : bool, default False
            True to rewrite everything, not only what is worth it.

        Returns
        -------
        bool
            False where another process compacted at the same time and was faster.
        """
        self._check_writable()
        return not self._tables.exists() or compact_tables(self._tables, moment_of(now), full=full)

    def tidy(self, now: datetime) -> None:
        """Compact where small files have piled up; see :meth:`compact`."""
        if self._tables.exists() and count_files(self._tables) > _MANY_FILES:
            self.compact(now)

    def repair(self, now: datetime) -> Repair:
        """Take damaged files out, so that the next update fetches again what was in them.

        Parameters
        ----------
        now : datetime
            The current moment, aware.

        Returns
        -------
        Repair
            Which files, and whose prices were lost. Nothing is changed where nothing is damaged.

        Raises
        ------
        StoreError
            There is no store, it cannot be written, or it lies at an address.
        """
        self._check_writable()
        if self._tables.is_url:
            raise StoreError(
                f"{self.location} is an address, and its service keeps checksums of its own; "
                "restore the damaged file from a version that the service kept",
                path=self.location,
            )
        # Opening a table would read what may be damaged.
        self._check_exists(open_it=False)
        return repair_tables(self._tables, moment_of(now))

    def check(self) -> StoreCheck:
        """Read every byte, and compare it with what the accepted fetches say they wrote.

        Returns
        -------
        StoreCheck
            ``problems`` is empty for a sound store; a damaged file is one of them.

        Raises
        ------
        StoreError
            The log of a table is damaged.
        """
        if not self._tables.exists():
            return StoreCheck(0, 0, 0, 0, ())
        # fetches first: what it names is in the others by then
        for name in ("fetches", "bars", "events"):
            self._tables.table(name)
        return check_tables(self._tables)

    def _log(self, listings: Sequence[str] | None) -> FetchLog:
        few = listings is not None and len(listings) <= FEW_LISTINGS
        return read_log(self._tables, self._known_on, listings if few else None)

    def _nothing(self, listing: str) -> SymbolNotFoundError:
        return SymbolNotFoundError(
            message("source.none_accepted", listing=listing, store=self.location),
            source="store",
            symbol=listing,
            attempts=0,
        )

    def _check_exists(self, *, open_it: bool = True) -> None:
        if not self._tables.exists():
            raise StoreError(
                f"there is no price history at {self.location} yet; run prices update",
                path=self.location,
            )
        if open_it:
            self._tables.table("fetches")

    def _check_writable(self) -> None:
        if self._known_on is not None:
            raise StoreError(
                f"{self.location} is open as it was known on {self._known_on.isoformat()}; "
                "open it without as_known_on to write",
                path=self.location,
            )


def open_prices(path: str | Path | None = None, **options: Any) -> PriceStore:
    """The price history at ``path``, or at its usual place.

    Parameters
    ----------
    path : str or Path, optional
        Folder or address. By default what ``SUPPLYCHAIN_SCREEN_STORE`` names, else the folder
        ``supplychain-screen/prices`` where the user's data lives (``platformdirs``).
    **options
        As of :class:`PriceStore`.

    Returns
    -------
    PriceStore
        Nothing is read or created yet.

    Examples
    --------
    >>> open_prices("s3://bucket/prices").location
    's3://bucket/prices'
    """
    import platformdirs

    if path is not None and not str(path).strip():
        # An empty variable of a script's would make a store of the folder that it happens to be in.
        raise InputError(Problem("the price store has no name", "name its folder, or leave it out"))
    if path is None:
        path = os.environ.get(STORE_VARIABLE) or (
            platformdirs.user_data_path("supplychain-screen", appauthor=False) / "prices"
        )
    return PriceStore(path, **options)
