"""All weeks of an archive as frames, for notebooks: ratings over time, hit rates, crossings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from supplychain_screen.errors import ArchiveError
from supplychain_screen.weekly.archive import Week, read_weeks, require_sound
from supplychain_screen.words import counted, percent

__all__ = ["ArchiveHistory", "load_archive"]

_WEEKS: Final = [
    "as_of",
    "screen",
    "folder",
    "revision",
    "known_on",
    "backfilled",
    "partial",
    "simulated",
    "published",
    "companies",
    "rated",
    "mean",
    "median",
    "hit_rate",
    "rating",
    "rating_changes",
]
_CALLS: Final = [
    "as_of",
    "screen",
    "published",
    "place",
    "segment",
    "company",
    "company_en",
    "symbol",
    "stage",
    "window",
    "relative_return",
    "rating",
    "reason",
    "to_date",
    "to_date_rating",
]
_CHANGES: Final = [
    "as_of",
    "screen",
    "company",
    "company_en",
    "segment",
    "kind",
    "before",
    "after",
    "difference",
    "cause",
    "detail",
    "detail_zh",
]


@dataclass(frozen=True, eq=False, repr=False)
class ArchiveHistory:
    """Every week of an archive, its newest revision.

    Parameters
    ----------
    weeks : DataFrame, one row a week and screen
        ``as_of`` (datetime64), ``screen``, ``folder``, ``revision``, ``known_on``,
        ``backfilled``, ``partial``, ``simulated``, ``published``, and of the report's total
        ``companies``, ``rated``, ``mean``, ``median``, ``hit_rate`` (fractions), ``rating``,
        ``rating_changes`` (missing where there was no earlier week).
    calls : DataFrame, one row a week, screen and mention
        ``place`` (from 1, in report order), names, ``stage``, headline ``window``,
        ``relative_return`` and ``rating``, ``reason``, and the window to date.
    changes : DataFrame, one row a mention that moved in a week
        ``kind``, ratings, ``difference`` of the relative return, ``cause`` and its sentence.
    """

    weeks: pd.DataFrame
    calls: pd.DataFrame
    changes: pd.DataFrame

    def ratings(self, screen: str) -> pd.DataFrame:
        """Headline ratings, one row a mention, one column a week.

        Parameters
        ----------
        screen : str

        Returns
        -------
        DataFrame of shape (n_mentions, n_weeks)
            Index ``segment``, ``company``; None where the mention was not there.
        """
        return self._wide(screen, "rating")

    def relative_returns(self, screen: str) -> pd.DataFrame:
        """Relative returns to date (fractions), one row a mention, one column a week."""
        return self._wide(screen, "to_date").astype("float64")

    def _wide(self, screen: str, column: str) -> pd.DataFrame:
        own = self.calls[self.calls["screen"] == screen]
        if own.empty:
            known = ", ".join(sorted(self.calls["screen"].unique()))
            raise ArchiveError(f"the archive has no screen {screen}; it has {known}")
        table = own.pivot(index=["place", "segment", "company"], columns="as_of", values=column)
        return table.droplevel("place")

    @property
    def hit_rate(self) -> pd.DataFrame:
        """Share of the rated companies that outperform, one row a week, one column a screen."""
        return self.weeks.pivot(index="as_of", columns="screen", values="hit_rate")

    @property
    def crossings(self) -> pd.DataFrame:
        """How long each call took to reach each level of its scale, to date.

        Returns
        -------
        DataFrame, one row a call and level it ever had
            ``screen``, ``segment``, ``company``, ``level``, ``first_week``, ``days`` (calendar
            days from publication to that week's as-of date: a week's resolution; the page has
            the exact session), ``weeks`` (how many weeks it had that level).
        """
        rated = self.calls[~self.calls["to_date_rating"].isin(("unrated",))]
        rated = rated[rated["to_date_rating"].notna()]
        keys = ["screen", "segment", "company", "to_date_rating"]
        grouped = rated.groupby(keys, sort=False)
        found = grouped.agg(
            first_week=("as_of", "min"), published=("published", "first"), weeks=("as_of", "size")
        ).reset_index()
        found["days"] = (found["first_week"] - found["published"]).dt.days
        found = found.rename(columns={"to_date_rating": "level"})
        names = ["screen", "segment", "company", "level", "first_week", "days", "weeks"]
        return found[names].sort_values(["screen", "days"], kind="stable").reset_index(drop=True)

    @property
    def simulated(self) -> bool:
        """True where any week was measured by prices that no market ever saw."""
        return bool(self.weeks["simulated"].any())

    def _repr_html_(self) -> str:
        """A notebook shows the weeks, and says first where they are SIMULATED."""
        shown = self.weeks[["as_of", "screen", "rated", "mean", "hit_rate", "rating_changes"]]
        mark = "<p><strong>SIMULATED</strong></p>" if self.simulated else ""
        table: str = shown.to_html(index=False, float_format=percent)
        return mark + table

    def __repr__(self) -> str:
        days = self.weeks["as_of"]
        if days.empty:
            return "<ArchiveHistory: no week yet>"
        word = "SIMULATED " if self.simulated else ""
        return (
            f"<{word}ArchiveHistory of {counted(days.nunique(), 'week')}, {days.min():%Y-%m-%d} to "
            f"{days.max():%Y-%m-%d}, {counted(self.weeks['screen'].nunique(), 'screen')}>"
        )


def load_archive(folder: str | Path, *, check: bool = False) -> ArchiveHistory:
    """Every week of an archive, its newest revision.

    Parameters
    ----------
    folder : str or Path
        The archive.
    check : bool
        True to compare every file with its hash first.

    Returns
    -------
    ArchiveHistory
        Its frames are empty where there is no week yet.

    Raises
    ------
    ArchiveError
        There is no such folder; or a week is damaged, or written by a newer program.

    Examples
    --------
    >>> import tempfile
    >>> load_archive(tempfile.mkdtemp())
    <ArchiveHistory: no week yet>
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is no folder; name the archive of a weekly run")
    last: dict[date, Week] = {week.as_of: week for week in read_weeks(folder)}
    weeks: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for week in last.values():
        if check:
            require_sound(week)
        for record in week.manifest.screens:
            result = _json(week, f"{record.name}/result.json")
            key = {"as_of": week.as_of, "screen": record.name}
            weeks.append(key | _week_row(week, record.changes, result))
            calls += [
                key | {"published": record.published, "place": i} | _call_row(one)
                for i, one in enumerate(result["companies"], start=1)
            ]
            if record.changes is not None:
                changes = _json(week, f"{record.name}/changes.json")
                moved += [key | _known(one, _CHANGES) for one in changes["companies"]]
    return ArchiveHistory(_frame(weeks, _WEEKS), _frame(calls, _CALLS), _frame(moved, _CHANGES))


def _json(week: Week, name: str) -> dict[str, Any]:
    """One file of a week, as its manifest knows it."""
    path = week.folder / name
    try:
        raw = path.read_bytes()
        if hashlib.sha256(raw).hexdigest() != week.manifest.outputs.get(name):
            raise ArchiveError(
                f"{path} was changed after it was written; restore the folder from a backup, or "
                "move it out of the archive"
            )
        content: dict[str, Any] = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise ArchiveError(f"cannot read {path}: {reason}") from None
    return content


def _known(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _week_row(week: Week, changes: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    manifest, total = week.manifest, result["total"]
    return {
        "folder": manifest.folder,
        "revision": manifest.revision,
        "known_on": manifest.known_on,
        "backfilled": manifest.backfilled,
        "partial": bool(manifest.partial),
        "simulated": result["simulated"],
        "published": date.fromisoformat(result["published"]),
        "rating_changes": None if changes is None else changes.rating,
        **_known(total, ("companies", "rated", "mean", "median", "hit_rate", "rating")),
    }


def _call_row(one: Mapping[str, Any]) -> dict[str, Any]:
    to_date = (one["windows"] or {}).get("to_date") or {}
    return {
        **_known(one, _CALLS),
        "to_date": to_date.get("relative_return"),
        "to_date_rating": to_date.get("rating"),
    }


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("as_of", "published"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("mean", "median", "hit_rate", "relative_return", "to_date", "difference"):
        if name in frame:
            frame[name] = frame[name].astype("float64")
    if "rating_changes" in frame:
        frame["rating_changes"] = frame["rating_changes"].astype("Int64")
    return frame
