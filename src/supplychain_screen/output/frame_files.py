"""The frames of a screening as CSV and Parquet files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from supplychain_screen.output.columns import Kind, column
from supplychain_screen.output.safety import csv_text
from supplychain_screen.output.writing import make_folder, write_file

if TYPE_CHECKING:
    import pyarrow as pa

    from supplychain_screen.screening import Screening

__all__ = ["SIMULATED", "TABLES", "to_csv", "to_parquet", "write_tables"]

TABLES: Final = (
    "companies",
    "segments",
    "total",
    "evidence",
    "unrated",
    "findings",
    "sources",
    "paths",
)
"""Names of the tables; each is a file of its own."""

SIMULATED: Final = "SIMULATED"
"""What the column ``prices`` of every table says where no market ever saw the prices."""


def to_csv(screening: Screening, folder: str | Path, *, bom: bool = True) -> list[Path]:
    """Write every table of ``screening`` as one CSV file each.

    Parameters
    ----------
    screening : Screening
        Result of `supplychain_screen.screen`.
    folder : str or Path
        Where to; made if missing. Files of the same names are replaced, each atomically.
    bom : bool
        Start each file with the byte-order mark, without which Excel shows Chinese names as
        rubbish.

    Returns
    -------
    list of Path
        ``companies.csv``, ``segments.csv`` and so on, see `TABLES`.

    Raises
    ------
    OutputError
        If a file cannot be written.

    Notes
    -----
    UTF-8, comma, ``\\n``; text quoted, numbers not; returns are fractions, dates ISO, instants
    ISO in UTC, missing is the empty text; lists are joined by ``; ``. The first column,
    ``prices``, says ``SIMULATED`` or ``market``. Text that a spreadsheet would run starts with
    an apostrophe.
    """
    return write_tables(_frames(screening), folder, bom=bom)


def write_tables(
    frames: Mapping[str, pd.DataFrame], folder: str | Path, *, bom: bool = True
) -> list[Path]:
    """Write each frame as a CSV file of its name, as `to_csv` does."""
    folder = make_folder(folder)
    encoding = "utf-8-sig" if bom else "utf-8"
    return [
        write_file(folder / f"{name}.csv", _csv(frame).encode(encoding, "backslashreplace"))
        for name, frame in frames.items()
    ]


def to_parquet(screening: Screening, folder: str | Path) -> list[Path]:
    """Write every table of ``screening`` as one Parquet file each.

    Lists stay lists, counts by reason are maps, dates are dates, instants are UTC; the first
    column, ``prices``, says ``SIMULATED`` or ``market``, and so does the file's metadata.

    Returns
    -------
    list of Path
        ``companies.parquet`` and so on, see `TABLES`.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    import pyarrow.parquet as pq

    folder = make_folder(folder)
    about = {
        b"supplychain_screen.prices": _marker(screening).encode(),
        b"supplychain_screen.published": screening.published.isoformat().encode(),
        b"supplychain_screen.as_of": screening.as_of.isoformat().encode(),
    }
    written = []
    for name, frame in _frames(screening).items():
        table = _arrow(frame).replace_schema_metadata(about)
        written.append(
            write_file(
                folder / f"{name}.parquet",
                lambda part, table=table: pq.write_table(table, part),  # type: ignore[misc]
            )
        )
    return written


def _frames(screening: Screening) -> dict[str, pd.DataFrame]:
    frames = {
        name: getattr(screening, name).copy()
        if name != "total"
        else screening.total.to_frame().T.reset_index(drop=True)
        for name in TABLES
    }
    # Machine output says the details of findings in English only.
    frames["findings"] = frames["findings"].drop(columns="detail_zh", errors="ignore")
    for frame in frames.values():
        frame.insert(0, "prices", _marker(screening))
    return frames


def _marker(screening: Screening) -> str:
    return SIMULATED if screening.simulated else "market"


def _csv(frame: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [_fields(frame[name]) for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue()


def _fields(column: pd.Series[Any]) -> list[Any]:
    """The column's cells as they are written; a million calls have few names and plain numbers."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        words = [*(_field(word) for word in kind.categories.tolist()), None]
        return [words[code] for code in column.cat.codes.tolist()]
    if pd.api.types.is_bool_dtype(kind):
        told = {True: "true", False: "false"}
        return [told.get(value) for value in column.tolist()]
    if pd.api.types.is_integer_dtype(kind):
        return [None if value is pd.NA else value for value in column.tolist()]
    if isinstance(kind, np.dtype) and kind.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    if isinstance(kind, np.dtype) and kind.kind == "M":
        stamps = column.to_numpy()
        days = stamps.astype("datetime64[D]")
        if ((days == stamps) | np.isnat(stamps)).all():
            texts = np.datetime_as_string(days).tolist()
            return [None if text == "NaT" else text for text in texts]
    return [_field(value) for value in _values(column)]


def _values(column: pd.Series[Any]) -> list[Any]:
    """The column's cells with None for whatever says "missing"."""
    return [
        None if not isinstance(value, (tuple, list, dict)) and bool(pd.isna(value)) else value
        for value in column.tolist()
    ]


def _field(value: Any) -> str | int | float | None:
    # Python's repr of a float reads back as the same number; str of a bool is a word, not a
    # number. None is written as an empty, unquoted field.
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (datetime, date)):
        return _iso(value)
    if isinstance(value, Mapping):
        return csv_text("; ".join(f"{reason}: {n}" for reason, n in value.items()))
    if isinstance(value, (tuple, list)):
        return csv_text("; ".join(str(item) for item in value))
    return csv_text(str(value))


def _iso(value: date | datetime) -> str:
    stamp = pd.Timestamp(value)
    if stamp.tzinfo is not None:
        return str(stamp.tz_convert("UTC").isoformat()).replace("+00:00", "Z")
    return str(stamp.isoformat() if stamp != stamp.normalize() else stamp.date().isoformat())


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """A table whose types follow from what its columns hold."""
    # A file of one week has the types of the next, also where a column happens to be empty.
    import pyarrow as pa

    types = {
        "list": pa.list_(pa.string()),
        "counts": pa.map_(pa.string(), pa.int64()),
        "instant": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "flag": pa.bool_(),
        "integer": pa.int64(),
        **dict.fromkeys(("price", "return", "relative", "share"), pa.float64()),
    }
    columns = {}
    for name in frame.columns:
        kind = column(str(name)).kind
        plain = _PLAIN.get(kind, lambda value: value)
        values = [None if value is None else plain(value) for value in _values(frame[name])]
        columns[name] = pa.array(values, type=types.get(kind, pa.string()))
    return pa.table(columns)


def _instant(value: Any) -> datetime:
    stamp = pd.Timestamp(value)
    moment: datetime = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    return moment


_PLAIN: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "list": lambda items: [str(item) for item in items],
    "counts": lambda counts: list(counts.items()),
    "instant": _instant,
    "integer": int,
}
"""What Arrow takes where it does not take the value as it is."""
