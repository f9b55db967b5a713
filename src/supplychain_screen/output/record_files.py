"""The frames of a track record as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.frame_files import SIMULATED, write_tables
from supplychain_screen.output.record_sentences import leagues_of

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.record import LeagueKey, TrackRecord

__all__ = ["RECORD_TABLES", "TARGET_TABLES", "record_to_csv"]

RECORD_TABLES: Final = (
    "calibration",
    "base_rates",
    "months",
    "calls",
    "unrated",
    "unknown_words",
    "holes",
)
"""Names of the tables beside the leagues, ``league_firm`` and so on."""


TARGET_TABLES: Final = ("targets", "targets_firm")
"""Two more where the calls have targets."""


def record_to_csv(
    record: TrackRecord,
    folder: str | Path,
    by: LeagueKey | Sequence[LeagueKey] = "firm",
    window: str | None = None,
    *,
    bom: bool = True,
) -> list[Path]:
    """Write every table of ``record`` as one CSV file each.

    Parameters
    ----------
    record : TrackRecord
    folder : str or Path
        Made if missing. Files of the same names are replaced, each atomically.
    by : str or sequence of str
        What leagues are made by; each is a file.
    window : str, optional
        ``6m``; the first where it is not given.
    bom : bool
        Start each file with the byte-order mark, for Excel.

    Returns
    -------
    list of Path
        ``league_firm.csv`` and so on, ``calibration.csv``, ``base_rates.csv``, ``months.csv``,
        ``calls.csv``, ``unrated.csv``, ``unknown_words.csv``, ``holes.csv``; where the calls have
        targets ``targets.csv`` and ``targets_firm.csv``.

    Raises
    ------
    CallsError
        There is no such league or window.
    OutputError
        If a file cannot be written.

    Notes
    -----
    Written as `to_csv` writes a screening: the first column, ``prices``, says ``SIMULATED`` or
    ``market``, and text that a spreadsheet would run starts with an apostrophe.
    """
    frames: dict[str, pd.DataFrame] = {
        f"league_{one.by}": one.frame for one in leagues_of(record, by, window)
    }
    others = (
        record.calibration(window),
        record.base_rates(),
        record.by_month(window),
        record.calls.copy(),
        record.unrated,
        record.unknown_words,
        record.holes,
    )
    frames |= dict(zip(RECORD_TABLES, others, strict=True))
    if record.has_targets:
        targets = (record.targets(window), record.targets(window, by="firm"))
        frames |= dict(zip(TARGET_TABLES, targets, strict=True))
    for frame in frames.values():
        frame.insert(0, "prices", SIMULATED if record.simulated else "market")
    return write_tables(frames, folder, bom=bom)
