"""The three Delta tables of the price history: opened, created, appended to, guarded.

::

    STORE/bars      listing  session  open  high  low  close  volume  fetch      as traded
    STORE/events    listing  session  kind  value  fetch                         splits, dividends
    STORE/fetches   one row an answer: who was asked, what came, accepted or why not

A commit writes bars, then events, then fetches. Rows of bars and events count only where fetches
names their ``fetch`` for that listing as accepted, so a writer killed in between leaves nothing
half-readable: its rows are orphans that nobody reads. A reader opens fetches first; whatever it
names is in the other two by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa

from supplychain_screen.errors import StoreError
from supplychain_screen.prices.store.parquet_files import write_file
from supplychain_screen.prices.store.sums import (
    DamagedFileError,
    check_log,
    forget_checkpoint_sum,
    forget_old_sums,
    renew_checkpoint_sum,
    sum_log,
)

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

__all__ = [
    "DAMAGE_REMEDY",
    "SCHEMAS",
    "SCHEMA_VERSION",
    "ConflictError",
    "TableName",
    "Tables",
    "store_errors",
]

SCHEMA_VERSION = 1
_MARKER = "supplychain_screen.schema"

TableName: TypeAlias = Literal["bars", "events", "fetches"]

SCHEMAS: Mapping[TableName, pa.Schema] = {
    "bars": pa.schema(
        [
            pa.field("listing", pa.string(), nullable=False),
            pa.field("session", pa.date32(), nullable=False),
            ("open", pa.float64()),
            ("high", pa.float64()),
            ("low", pa.float64()),
            ("close", pa.float64()),
            ("volume", pa.float64()),
            pa.field("fetch", pa.string(), nullable=False),
        ]
    ),
    "events": pa.schema(
        [
            pa.field("listing", pa.string(), nullable=False),
            pa.field("session", pa.date32(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("value", pa.float64(), nullable=False),
            pa.field("fetch", pa.string(), nullable=False),
        ]
    ),
    "fetches": pa.schema(
        [
            pa.field("listing", pa.string(), nullable=False),
            pa.field("fetched_at", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("fetch", pa.string(), nullable=False),
            pa.field("outcome", pa.string(), nullable=False),
            ("reason", pa.string()),
            ("detail", pa.string()),
            ("symbol", pa.string()),
            ("endpoint", pa.string()),
            ("status", pa.int32()),
            ("attempts", pa.int32()),
            ("currency", pa.string()),
            ("timezone", pa.string()),
            ("adjustment", pa.string()),
            ("simulated", pa.bool_()),
            ("asked_first", pa.date32()),
            ("last_session", pa.date32()),
            ("bars", pa.int32()),
            ("events", pa.int32()),
        ]
    ),
}

# Each commit since the last checkpoint makes the next refresh and commit 0.1 ms slower, and a
# checkpoint takes as long as eight such commits cost together; statistics of the first two columns
# are what reading can skip files by.
_CONFIGURATION = {
    "delta.appendOnly": "true",
    "delta.checkpointInterval": "8",
    "delta.dataSkippingNumIndexedCols": "2",
    _MARKER: str(SCHEMA_VERSION),
}

DAMAGE_REMEDY = (
    "restore the folder from a copy, or take it out of the store with supplychain-screen prices "
    "repair, and fetch what was in it again with prices update"
)

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


class ConflictError(Exception):
    """Another writer committed to the table first; never leaves the store."""


class Tables:
    """The tables of one store, opened once and refreshed when asked.

    Parameters
    ----------
    location : str or Path
        Folder, or an address that deltalake understands (``s3://…``, ``az://…``, ``gs://…``).
    storage_options : mapping of str to str, optional
        Handed to deltalake with such an address.
    """

    def __init__(
        self, location: str | Path, storage_options: Mapping[str, str] | None = None
    ) -> None:
        text = str(location)
        self.is_url = bool(_URL.match(text))
        self.location = text.rstrip("/") if self.is_url else str(Path(text).expanduser())
        self._options = dict(storage_options) if storage_options is not None else None
        self._open: dict[TableName, DeltaTable] = {}
        # tables that do not know their own last commit yet; the next one to use them refreshes
        self._behind: set[TableName] = set()
        # the version up to which a table's log was compared with its checksums
        self._verified: dict[TableName, int] = {}

    def address(self, name: TableName) -> str:
        """Where one table lies."""
        return f"{self.location}/{name}" if self.is_url else str(Path(self.location, name))

    def exists(self) -> bool:
        """True once the store has been created; its last table is written last."""
        from deltalake import DeltaTable

        if "fetches" in self._open:
            return True
        address = self.address("fetches")
        with store_errors(self.location, "look for the price history"):
            if self.is_url:
                return self._exists_at(address)
            try:
                # deltalake takes a folder that it may not read for one that is not there
                Path(address, "_delta_log").stat()
            except FileNotFoundError:
                return False
            return bool(DeltaTable.is_deltatable(address))

    def _exists_at(self, address: str) -> bool:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            DeltaTable(address, storage_options=self._options)
        except TableNotFoundError as error:
            if "unknown scheme" in str(error).lower():
                raise
            return False
        return True

    def table(self, name: TableName, *, refresh: bool = True) -> DeltaTable:
        """One table, at its newest version unless ``refresh`` is False.

        Raises
        ------
        StoreError
            It cannot be read, or was written by a newer version of this package.
        """
        from deltalake import DeltaTable

        known = self._open.get(name)
        with store_errors(self.address(name), "open the price history"):
            if known is None:
                self._check_log(name)
                known = DeltaTable(self.address(name), storage_options=self._options)
                self._check_schema(name, known)
                self._open[name] = known
            elif refresh or name in self._behind:
                known.update_incremental()
                self._behind.discard(name)
            self._check_log(name, known.version())
        return known

    def _check_log(self, name: TableName, version: int | None = None) -> None:
        """Verify what was read of a table's log, up to a version; or all that is about to be."""
        if self.is_url:
            return
        try:
            if version is None:
                if Path(self.address(name), "_delta_log").is_dir():
                    self._verified[name] = check_log(self.address(name))
            elif version > self._verified.get(name, version):
                self._verified[name] = check_log(
                    self.address(name), self._verified[name] + 1, version
                )
        except DamagedFileError as error:
            raise StoreError(f"{error}; {DAMAGE_REMEDY}", path=error.path) from error

    def forget(self, name: TableName) -> None:
        """Open the table anew when it is used next."""
        self._open.pop(name, None)
        self._verified.pop(name, None)
        self._behind.discard(name)

    def forget_checkpoint_sum(self, name: TableName) -> None:
        """Forget the checksum of a checkpoint that is about to be written once more."""
        if not self.is_url:
            version = self.table(name, refresh=False).version()
            with suppress(OSError):
                forget_checkpoint_sum(self.address(name), version)

    def sum_log(self, name: TableName, *, checkpoint: bool = False) -> None:
        """Keep checksums of what was committed to a table, or of its newest checkpoint."""
        if self.is_url:
            return
        version = self.table(name, refresh=False).version()
        # what was committed is; without a checksum it is read as it is
        with suppress(OSError):
            if checkpoint:
                renew_checkpoint_sum(self.address(name), version)
                forget_old_sums(self.address(name))
            else:
                sum_log(self.address(name), version + 1)

    def refresh(self, first: TableName, second: TableName) -> None:
        """Bring two tables to their newest versions at once.

        Raises
        ------
        StoreError
            As for :meth:`table`.
        """
        with ThreadPoolExecutor(1) as beside:
            other = beside.submit(self.table, second)
            self.table(first)
            other.result()

    def filesystem(self, name: TableName) -> Any:
        """The table's folder as Arrow sees it.

        Local files are read directly, which is faster than through deltalake's handler.
        """
        from deltalake.fs import DeltaStorageHandler
        from pyarrow.fs import LocalFileSystem, PyFileSystem, SubTreeFileSystem

        if self.is_url:
            return PyFileSystem(DeltaStorageHandler(self.address(name), self._options))
        return SubTreeFileSystem(str(Path(self.address(name)).absolute()), LocalFileSystem())

    def create(self) -> None:
        """Create the tables where they do not exist; harmless when somebody else just did."""
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        if not self.is_url:
            with store_errors(self.location, "create the price history"):
                Path(self.location).mkdir(parents=True, exist_ok=True)
        for name, schema in SCHEMAS.items():
            address = self.address(name)
            with store_errors(address, "create the price history"):
                if DeltaTable.is_deltatable(address, self._options):
                    continue
                try:
                    DeltaTable.create(
                        address,
                        schema,
                        mode="error",
                        description=f"supplychain_screen price history: {name}",
                        configuration=_CONFIGURATION,
                        storage_options=self._options,
                        # the marker is ours; deltalake knows only its own keys
                        raise_if_key_not_exists=False,
                    )
                except DeltaError:
                    # Lost the race for version 0: fine, if what the other made is a table.
                    if not DeltaTable.is_deltatable(address, self._options):
                        raise
                if not self.is_url:
                    with suppress(OSError):
                        sum_log(address, 0)

    def append(self, name: TableName, rows: pa.Table) -> None:
        """Append rows to one table.

        Raises
        ------
        StoreError
            The rows could not be written; the table is as before.
        """
        self.commit(name, self.write(name, rows))

    def write(self, name: TableName, rows: pa.Table) -> AddAction:
        """Write rows as a file that is no part of the table yet.

        Raises
        ------
        StoreError
            They could not be written.
        """
        with store_errors(self.address(name), "write to the price history"):
            return write_file(self.filesystem(name), rows, SCHEMAS[name])

    def commit(self, name: TableName, file: AddAction, *, guard: bool = False) -> None:
        """Make a file part of the table.

        Parameters
        ----------
        name : str
            Which table.
        file : AddAction
            From :meth:`write`.
        guard : bool, default False
            True to commit only if nobody committed since the table was last refreshed.

        Raises
        ------
        ConflictError
            With ``guard``, somebody did. The file can be committed later.
        StoreError
            It could not be committed; the table is as before.
        """
        from deltalake.exceptions import CommitFailedError

        with store_errors(self.address(name), "write to the price history"):
            try:
                # no retry: one attempt, at the version after the one that was read
                self._commit(name, [file], max_commit_retries=0 if guard else 100)
            except CommitFailedError as error:
                if guard:
                    raise ConflictError(str(error)) from error
                raise

    def discard(self, name: TableName, file: AddAction) -> None:
        """Remove a file that was not committed, if that is certain and it can be removed.

        A commit may succeed and what follows it fail (a checkpoint on a full disk), so the table
        is asked first. What stays lying about is removed a week later by compaction.
        """
        with suppress(OSError, StoreError):
            paths = pa.table(self.table(name).get_add_actions()).column("path")
            if file.path not in paths.to_pylist():
                self.filesystem(name).delete_file(file.path)

    def replace(
        self, name: TableName, added: Sequence[AddAction], removed: Sequence[RemoveAction]
    ) -> None:
        """Swap files for others that hold the same rows.

        Raises
        ------
        ConflictError
            Another compaction was faster. The table is as it made it.
        StoreError
            The table could not be written; it is as before.
        """
        from deltalake import Transaction
        from deltalake.exceptions import CommitFailedError

        table = self.table(name, refresh=False)
        # appends do not conflict with this, another compaction since the files were listed does:
        # Delta allows a name one transaction at a time
        named = Transaction("compaction", table.version())
        with store_errors(self.address(name), "compact the price history"):
            try:
                self._commit(
                    name, [*added, *removed], app_transactions=[named], max_commit_retries=100
                )
            except CommitFailedError as error:
                raise ConflictError(str(error)) from error

    def _commit(
        self, name: TableName, actions: Sequence[AddAction | RemoveAction], **properties: Any
    ) -> None:
        from deltalake import CommitProperties, PostCommitHookProperties

        self.table(name, refresh=False).create_write_transaction(
            list(actions),
            "append",
            SCHEMAS[name],
            commit_properties=CommitProperties(**properties),
            # compaction removes logs that are no longer needed; looking for them takes time
            post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
        )
        self.sum_log(name)
        self._behind.add(name)

    def _check_schema(self, name: TableName, table: DeltaTable) -> None:
        marker = table.metadata().configuration.get(_MARKER)
        if marker is None or not marker.isdigit():
            raise StoreError(
                f"{self.address(name)} is a Delta table, but not one of a price history; "
                "choose another folder for the store",
                path=self.address(name),
            )
        if int(marker) > SCHEMA_VERSION:
            raise StoreError(
                f"{self.address(name)} was written by a newer version of supplychain-screen "
                f"(schema {marker}, this one knows {SCHEMA_VERSION}); upgrade with "
                "pip install --upgrade supplychain-screen, or choose another store",
                path=self.address(name),
            )


@contextmanager
def store_errors(path: str, doing: str) -> Iterator[None]:
    """Turn whatever Delta, Arrow or the file system raises into a StoreError with a remedy."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    # ArrowInvalid is a ValueError, Delta raises bare ones too (an address without a handler)
    except (DeltaError, OSError, pa.ArrowException, ValueError) as error:
        raise StoreError(f"cannot {doing} at {path}: {_explained(error)}", path=path) from error


def _explained(error: Exception) -> str:
    # object stores answer in colours
    said = " ".join(_COLOUR.sub("", str(error)).split())
    low = said.lower()
    if "no space left" in low or "disk quota" in low or "file too large" in low:
        remedy = "free some space, then run it again; what was stored before is unchanged"
    elif any(word in low for word in ("error performing", "credential", "imds")):
        remedy = _of_an_object_store(low)
    elif "permission denied" in low or "operation not permitted" in low or "read-only" in low:
        remedy = "give yourself the right to write there, or choose another folder for the store"
    elif "not a directory" in low or "file exists" in low:
        remedy = "a file is in the way; choose another folder for the store"
    elif "unknown scheme" in low:
        remedy = "check the address of the store"
    elif "reader version" in low or "reader feature" in low or "writer feature" in low:
        remedy = "another program upgraded the table; upgrade deltalake, or choose another store"
    else:
        remedy = f"the files may be damaged: {DAMAGE_REMEDY}"
    return f"{said[:400]}; {remedy}"


def _of_an_object_store(said: str) -> str:
    """What to do about a request that an object store did not grant."""
    if "nosuchbucket" in said or "containernotfound" in said:
        return "create the bucket first, or check the address of the store"
    if "scheme is not allowed" in said:
        return "the address of the service is plain http: set AWS_ALLOW_HTTP=true to allow it"
    if any(word in said for word in ("169.254.169.254", "imds", "credential")):
        return "set the credentials of the object store, for example AWS_ACCESS_KEY_ID"
    if "401" in said or "403" in said:
        return "check the credentials of the object store and what they allow"
    return "check the network and the address of the service (AWS_ENDPOINT_URL), then run it again"
