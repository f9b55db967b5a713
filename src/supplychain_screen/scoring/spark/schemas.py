"""What Spark frames and Arrow need around the functions of one machine: checks, schemas, panels.

pyspark is imported when a frame comes in, never before: it is an extra.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pyarrow as pa

from supplychain_screen.errors import CallsError, MissingExtraError, Problem, StoreError
from supplychain_screen.prices.panel import open_panel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame
    from pyspark.sql.types import StructType

    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.scoring.relative import Comparison
    from supplychain_screen.scoring.windows import BasePolicy

__all__ = [
    "DAYS",
    "Columns",
    "Conventions",
    "PanelFolder",
    "arrow_only",
    "beside",
    "check_frame",
    "need_spark",
    "schema_with",
    "seen_by_driver",
]

Columns = dict[str, pa.Array]

DAYS = ("date", "timestamp", "timestamp_ntz")
"""Types of Spark that say a day; a timestamp says it in the session's time zone."""

_REMEDIES = {
    "published": "cast it to date",
    "listing": "cast it to string",
    "listings": "collect the listings of a basket into one array of strings",
    "seed": "cast it to bigint",
}


class Conventions(TypedDict, total=False):
    """The conventions of :func:`~supplychain_screen.scoring.calls.rules_of`, all optional."""

    base_policy: BasePolicy
    comparison: Comparison | None
    max_stale_sessions: int
    max_stale_benchmark: int


# --- Frames ---------------------------------------------------------------------------------


def need_spark(frame: object, what: str) -> None:
    """Refuse what is no Spark frame.

    Raises
    ------
    MissingExtraError
        pyspark is not installed.
    CallsError
        It is, and this is another kind of frame.
    """
    try:
        from pyspark.sql import DataFrame
    except ImportError:
        raise MissingExtraError("scoring on Spark", extra="spark") from None
    if not isinstance(frame, DataFrame):
        kind = type(frame).__name__
        remedy = "make one with spark.createDataFrame(), or use score_calls()"
        raise CallsError(Problem(f"{what}: no Spark frame but {kind}", remedy))


def check_frame(frame: SparkFrame, what: str, wanted: Mapping[str, Collection[str]]) -> None:
    """Refuse a frame without the columns ``wanted``, each of one of the types named.

    Raises
    ------
    CallsError
        With every column that is missing or of another type.
    """
    need_spark(frame, what)
    kinds = dict(frame.dtypes)
    problems = [
        Problem("column is missing", "add it", column=name) for name in wanted if name not in kinds
    ]
    problems += [
        Problem(f"of type {kinds[name]}", _REMEDIES[name], column=name)
        for name, allowed in wanted.items()
        if name in kinds and kinds[name] not in allowed
    ]
    if problems:
        raise CallsError(problems)


def schema_with(frame: SparkFrame, found: Columns) -> StructType:
    """Schema of a frame with the columns ``found`` after its own.

    Raises
    ------
    CallsError
        Two columns would have one name; Spark does not tell names apart by their case.
    """
    from pyspark.sql import types

    names = [name.lower() for name in (*frame.columns, *found)]
    problems = [
        Problem("two columns would have this name", "rename it", column=name)
        for name in frame.columns
        if names.count(name.lower()) > 1
    ]
    if problems:
        raise CallsError(problems)
    kinds = {
        pa.string(): types.StringType(),
        pa.date32(): types.DateType(),
        pa.float64(): types.DoubleType(),
        pa.int16(): types.ShortType(),
        pa.int32(): types.IntegerType(),
        pa.int64(): types.LongType(),
    }
    fields = list(frame.schema.fields)
    for name, values in found.items():
        listed = pa.types.is_list(values.type)
        kind = kinds[values.type.value_type if listed else values.type]
        fields.append(types.StructField(name, types.ArrayType(kind) if listed else kind))
    return types.StructType(fields)


def beside(
    frame: SparkFrame, work: Callable[[pa.RecordBatch], Columns], nothing: Columns
) -> SparkFrame:
    """A frame, and beside its columns those that ``work`` finds, batch by batch.

    Parameters
    ----------
    frame : Spark DataFrame
    work : function of a RecordBatch
        Runs on the workers.
    nothing : dict of str to Array
        What ``work`` finds for no rows: the names and types of its columns.
    """
    schema = schema_with(frame, nothing)

    def batches(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for part in parts:
            found = work(part)
            yield pa.RecordBatch.from_arrays(
                [*part.columns, *found.values()], names=[*part.schema.names, *found]
            )

    with arrow_only():
        return frame.mapInArrow(batches, schema)


@contextmanager
def arrow_only() -> Iterator[None]:
    """Without pyspark's doubts about pandas 3: it hands us Arrow, and pandas is ours alone."""
    with warnings.catch_warnings():
        doubt = "PySpark does not yet fully support pandas"
        warnings.filterwarnings("ignore", doubt, FutureWarning)
        yield


# --- Panels ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PanelFolder:
    """Where a panel lies, and which state of it the driver saw.

    Parameters
    ----------
    name : str
        Path, or the name under which Spark shipped the folder.
    shipped : bool
        Which of the two.
    state : str
        Hash of the manifest, which names every array by its checksum.
    """

    name: str
    shipped: bool
    state: str

    def open(self) -> PricePanel:
        """The panel, opened once in the life of a worker process.

        Raises
        ------
        StoreError
            There is none here, or another than the driver saw.
        """
        return _opened(self)


@lru_cache(maxsize=2)
def _opened(folder: PanelFolder) -> PricePanel:
    path = _shipped(folder.name) if folder.shipped else Path(folder.name)
    remedy = "save it where every worker sees it, or ship it with SparkContext.addArchive()"
    try:
        panel = open_panel(path)
        state = _state(path)
    except (StoreError, OSError) as error:
        raise StoreError(f"a worker cannot open the panel: {error}; {remedy}", path=path) from None
    if state != folder.state:
        raise StoreError(
            f"{path}: a worker sees another panel than the driver did; {remedy}, and leave it "
            "as it is until the job has ended",
            path=path,
        )
    return panel


def seen_by_driver(panel: str | Path) -> tuple[PanelFolder, PricePanel]:
    """Where a panel lies for the workers, and the panel as the driver opens it.

    Parameters
    ----------
    panel : str or Path
        A folder; or, where there is no such folder here, the name of one that was shipped.

    Raises
    ------
    StoreError
        There is no panel, or it is damaged.
    """
    path = Path(panel)
    shipped = not path.is_absolute() and not path.exists() and _shipped(str(panel)).exists()
    seen = _shipped(str(panel)) if shipped else path.absolute()
    opened = open_panel(seen)
    return PanelFolder(str(panel) if shipped else str(seen), shipped, _state(seen)), opened


def _shipped(name: str) -> Path:
    from pyspark import SparkFiles

    return Path(SparkFiles.get(name))


def _state(folder: Path) -> str:
    manifest = (folder / "manifest.json").read_bytes()
    return hashlib.blake2b(manifest, digest_size=16).hexdigest()
