"""Panels on disk: plain arrays and a manifest, opened memory-mapped without being rebuilt.

A folder holds ``manifest.json`` and one ``.npy`` file an array. The files of one panel carry its
checksum in their names, and the manifest, which is replaced last and at once, names them: a
reader sees the panel before or the one after, whole. Opening imports neither pandas nor pydantic.
It compares every file with its checksum, which takes as long as reading it once and no memory; a
panel much larger than memory opens at once where that is not wanted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from supplychain_screen.drafts import draft
from supplychain_screen.errors import StoreError
from supplychain_screen.prices.checksums import file_words
from supplychain_screen.prices.panel.price_panel import PricePanel, Provenance

__all__ = ["PANEL_SCHEMA", "open_panel", "save_panel", "source_fingerprint"]

PANEL_SCHEMA = 1
"""Version of the layout; a newer one is refused."""

_MANIFEST = "manifest.json"
_SUM = "sum"
_ARRAYS = ("close", "stamp", "calendar_of", "sessions_through", "listed_day", "delisted_day")
_MAPPED = ("close", "stamp")
_REMEDY = "build the panel again and save it with save_panel()"


def source_fingerprint(*paths: str | Path) -> str:
    """What files a panel is made from, and which state of them.

    Parameters
    ----------
    paths : str or Path
        Files, or folders with everything below them.

    Returns
    -------
    str
        Changes when a file appears, goes, or is written again: names, sizes and times of writing
        are read, never contents.

    Raises
    ------
    StoreError
        There is no such file.

    Examples
    --------
    >>> source_fingerprint()
    'e3b0c44298fc1c14'
    """
    found = hashlib.sha256()
    for path in map(Path, paths):
        try:
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            for one in inside:
                if one.is_dir():
                    continue
                state = one.stat()
                name = one.relative_to(path.parent).as_posix()
                found.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                f"{path}: cannot be read: {reason}; name a file of prices", path=path
            ) from None
    return found.hexdigest()[:16]


def save_panel(panel: PricePanel, folder: str | Path, *, fingerprint: str = "") -> Path:
    """Write a panel to a folder, from which :func:`open_panel` opens the same panel.

    Parameters
    ----------
    panel : PricePanel
    folder : str or Path
        Made where it does not exist. A panel that lies there is replaced at once: who opened it
        keeps what was opened.
    fingerprint : str
        State of the source, of :func:`source_fingerprint`, to notice later that it changed.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    StoreError
        The disk refuses.

    Notes
    -----
    Takes 12 bytes a listing and calendar day: 219 MB for 5,000 listings over ten years.
    """
    folder = Path(folder)
    arrays = {name: np.ascontiguousarray(getattr(panel, name)) for name in _ARRAYS}
    mark = _mark(arrays)
    names = {name: f"{name}-{mark}.npy" for name in _ARRAYS}
    manifest: dict[str, Any] = {
        "schema": PANEL_SCHEMA,
        "fingerprint": fingerprint,
        "checksum": mark,
        "first_day": panel.first_day,
        "simulated": panel.simulated,
        "arrays": {
            name: {"file": names[name], "dtype": values.dtype.str, "shape": list(values.shape)}
            for name, values in arrays.items()
        },
        "listings": list(panel.listings),
        "provenance": _packed(panel.provenance),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, values in arrays.items():
            _write(folder / names[name], values)
            manifest["arrays"][name]["sum"] = file_words(folder / names[name])
        manifest[_SUM] = _sum_of(manifest)
        _write(folder / _MANIFEST, json.dumps(manifest, ensure_ascii=False).encode())
        for name in _ARRAYS:
            for old in folder.glob(f"{name}-*.npy"):
                if old.name != names[name]:
                    old.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"{folder}: the panel cannot be written: {reason}; free the disk or name another",
            path=folder,
        ) from None
    return folder


def open_panel(
    folder: str | Path, *, fingerprint: str | None = None, verify: bool = True
) -> PricePanel:
    """Open a saved panel, its closes memory-mapped and read-only.

    Parameters
    ----------
    folder : str or Path
        Written by :func:`save_panel`.
    fingerprint : str, optional
        State of the source now; a panel made from another state is refused.
    verify : bool
        Whether to read every byte and compare the checksums: 0.1 s for 5,000 listings over ten
        years. False opens a panel larger than memory at once, and believes what lies there.

    Returns
    -------
    PricePanel

    Raises
    ------
    StoreError
        No panel lies there, it is damaged, newer than this program, or made from prices that
        changed since; the message names the file and what to do.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    try:
        arrays = _arrays(folder, manifest, verify=verify)
    except StoreError:
        # Replaced between the two reads: the new manifest names the new files.
        newer = _manifest(folder)
        if newer == manifest:
            raise
        manifest, arrays = newer, _arrays(folder, newer, verify=verify)
    if fingerprint is not None and manifest["fingerprint"] != fingerprint:
        raise StoreError(
            f"{folder}: the prices changed since this panel was made; {_REMEDY}", path=folder
        )
    try:
        listings = tuple(str(name) for name in manifest["listings"])
        panel = PricePanel(
            listings=listings,
            first_day=int(manifest["first_day"]),
            provenance=_unpacked(manifest["provenance"], listings),
            simulated=bool(manifest["simulated"]),
            **arrays,
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _damaged(folder / _MANIFEST, error) from None
    if not _consistent(panel):
        raise _damaged(folder / _MANIFEST, "the arrays do not fit each other")
    return panel


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    """Compare each file with its checksum in the manifest.

    Raises
    ------
    StoreError
        One is another, or cannot be read.
    """
    for name in _ARRAYS:
        entry = manifest["arrays"][name]
        path = folder / Path(str(entry["file"])).name
        try:
            found = file_words(path)
        except FileNotFoundError:
            raise _damaged(path, "the file is missing") from None
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be read: {error.strerror or error}; {_REMEDY}", path=folder
            ) from None
        if found != entry.get("sum"):
            raise _damaged(path, "its checksum does not match")


def _sum_of(manifest: dict[str, Any]) -> str:
    """Hash of a manifest but for its own."""
    content = {key: value for key, value in manifest.items() if key != _SUM}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(path: Path, content: npt.NDArray[Any] | bytes) -> None:
    """A file that appears whole or not at all."""
    with draft(path.parent) as part:
        with part.open("wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                np.save(file, content, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        schema = int(manifest["schema"])
    except FileNotFoundError:
        raise StoreError(f"{folder}: there is no saved panel; {_REMEDY}", path=folder) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"{path}: cannot be read: {reason}", path=folder) from None
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise _damaged(path, error) from None
    if schema > PANEL_SCHEMA:
        raise StoreError(
            f"{path}: written by a newer program (layout {schema}, this one knows up to "
            f"{PANEL_SCHEMA}); update this program, or {_REMEDY}",
            path=folder,
        )
    if _SUM in manifest and manifest[_SUM] != _sum_of(manifest):
        raise _damaged(path, "its checksum does not match")
    if not isinstance(manifest.get("arrays"), dict) or set(manifest["arrays"]) != set(_ARRAYS):
        raise _damaged(path, "arrays are missing")
    return dict(manifest)


def _arrays(folder: Path, manifest: dict[str, Any], *, verify: bool) -> dict[str, npt.NDArray[Any]]:
    """The arrays that the manifest names, compared with their checksums or not."""
    if verify and _SUM in manifest:
        # first, because numpy may fail in any way on a damaged header
        _verify(folder, manifest)
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name in _ARRAYS:
        entry = manifest["arrays"][name]
        path = folder / _MANIFEST
        try:
            path = folder / Path(str(entry["file"])).name
            shape, dtype = tuple(int(n) for n in entry["shape"]), str(entry["dtype"])
            mapped = name in _MAPPED and all(shape)
            values = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        except FileNotFoundError:
            raise _damaged(path, "the file is missing") from None
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be read: {error.strerror or error}; {_REMEDY}", path=folder
            ) from None
        except (ValueError, KeyError, TypeError, EOFError, SyntaxError, TokenError) as error:
            raise _damaged(path, error) from None
        if values.shape != shape or values.dtype.str != dtype:
            raise _damaged(path, "not the array the manifest names")
        arrays[name] = values.view(np.ndarray)
    if verify and _SUM not in manifest and _mark(arrays) != manifest["checksum"]:
        raise StoreError(f"{folder}: the checksum does not match; {_REMEDY}", path=folder)
    return arrays


def _mark(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """The checksum of all arrays, in their order."""
    mark = hashlib.blake2b(digest_size=8)
    for values in arrays.values():
        mark.update(values.reshape(-1).view(np.uint8).data)
    return mark.hexdigest()


def _consistent(panel: PricePanel) -> bool:
    n, days = len(panel.listings), panel.sessions_through.shape[-1]
    calendars = panel.sessions_through.shape[0]
    kinds = {
        "close": "<f8",
        "stamp": "<u4",
        "calendar_of": "<i2",
        "sessions_through": "<i4",
        "listed_day": "<i4",
        "delisted_day": "<i4",
    }
    inside = (panel.calendar_of >= 0) & (panel.calendar_of < calendars)
    return (
        all(getattr(panel, name).dtype.str == kind for name, kind in kinds.items())
        and panel.close.shape == panel.stamp.shape == (n, days)
        and panel.calendar_of.shape == panel.listed_day.shape == panel.delisted_day.shape == (n,)
        and len(panel.row_of) == n
        and bool(inside.all())
    )


def _damaged(path: Path, why: object) -> StoreError:
    return StoreError(f"{path}: damaged ({why}); {_REMEDY}", path=path.parent)


def _packed(provenance: tuple[Provenance, ...]) -> dict[str, Any]:
    """Columns; what many rows share is written once."""
    shared = sorted({(one.source, one.adjustment, one.fetched_at or "") for one in provenance})
    place = {kind: i for i, kind in enumerate(shared)}
    return {
        "symbol": [one.symbol for one in provenance],
        "last_session": [one.last_session and one.last_session.toordinal() for one in provenance],
        "kinds": [list(kind) for kind in shared],
        "kind": [place[one.source, one.adjustment, one.fetched_at or ""] for one in provenance],
    }


def _unpacked(packed: dict[str, Any], listings: tuple[str, ...]) -> tuple[Provenance, ...]:
    kinds = packed["kinds"]
    rows = zip(listings, packed["symbol"], packed["kind"], packed["last_session"], strict=True)
    found = []
    for name, symbol, kind, last in rows:
        source, adjustment, fetched = kinds[kind]
        session = None if last is None else date.fromordinal(last)
        found.append(Provenance(name, symbol, source, adjustment, fetched or None, session))
    return tuple(found)
