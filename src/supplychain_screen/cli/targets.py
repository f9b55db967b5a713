"""Where a command writes: all of it is looked at before anything is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from supplychain_screen.cli.terminal import Exit, Language, fail, note
from supplychain_screen.errors import InputError, OutputError, Problem
from supplychain_screen.words import message

if TYPE_CHECKING:
    from supplychain_screen.words import Message

__all__ = ["check_targets", "write_outputs"]

_NAME_MAX = 255


def check_targets(
    files: Mapping[str, Path | None],
    folders: Mapping[str, Path | None] | None = None,
    *,
    tables: Sequence[str] = (),
    reads: Mapping[str, str | Path | None] | None = None,
    store: str | None = None,
) -> None:
    """Refuse what could not be written, and what would replace an input or another output.

    Parameters
    ----------
    files : mapping of str to Path or None
        Option (``--html``) and the file that it asks for; None where it was not given.
    folders : mapping of str to Path or None, optional
        Option (``--csv``) and the folder that it asks for.
    tables : sequence of str
        Names of the files that are written into such a folder.
    reads : mapping of str to str, Path or None, optional
        Option (``--prices``) and what it reads. What does not exist, as the word ``yahoo``, is
        passed over.
    store : str, optional
        Where the price store lies; nothing else is written into it.

    Raises
    ------
    InputError
        Every problem of every target; nothing was written.
    """
    asked = [(option, path) for option, path in files.items() if path is not None]
    into = [(option, path) for option, path in (folders or {}).items() if path is not None]
    problems = [one for option, path in into if (one := _of_folder(option, path)) is not None]
    asked += [(option, path / name) for option, path in into for name in tables]
    problems += [one for option, path in asked if (one := _of_file(option, path)) is not None]
    problems += _of_each_other(asked, into)
    read = [(option, Path(path).expanduser()) for option, path in (reads or {}).items() if path]
    problems += _of_inputs(asked, read)
    problems += _of_store([*asked, *into], store)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))


def write_outputs(
    *outputs: tuple[str, Path | None, Callable[[Path], object]], lang: Language
) -> list[Message]:
    """Write what is asked for; returns a line a file that says where it is.

    Parameters
    ----------
    *outputs : tuple of str, Path or None, callable
        Its code in ``words``, where it goes (None: nobody asked), and what writes it there.
    lang : Language
        Of what is said where not all could be written.

    Raises
    ------
    OutputError
        The first could not be written: nothing was.
    typer.Exit
        A later one could not: what was written is named above, and the exit code is that of a
        partial result.
    """
    written: list[Message] = []
    for name, path, write in outputs:
        if path is None:
            continue
        try:
            made = write(path)
        except OutputError as error:
            if not written:
                raise
            for line in written:
                note(line, lang)
            fail(error)
            note(message("written.partial"), lang)
            raise typer.Exit(Exit.PARTIAL) from None
        place = str(path.resolve())
        if isinstance(made, list):
            written.append(message("written.many", what=name, n=len(made), path=place))
        else:
            written.append(message("written", what=name, path=place))
    return written


def _of_file(option: str, path: Path) -> Problem | None:
    """What keeps a file from being written, so far as it can be seen beforehand."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _of_place(option, path)
    except OSError as error:
        return _problem(option, path, f"cannot be written: {error.strerror}", "choose another name")
    if stat.S_ISDIR(found.st_mode):
        return _problem(option, path, "is a folder", "name a file in it")
    if not stat.S_ISREG(found.st_mode):
        return _problem(option, path, "is no ordinary file", "choose another name")
    if not os.access(path, os.W_OK):
        return _problem(option, path, "is write-protected", "choose another name")
    return _of_place(option, path)


def _of_folder(option: str, path: Path) -> Problem | None:
    """What keeps files from being written into a folder."""
    try:
        if path.exists() and not path.is_dir():
            return _problem(option, path, "is a file, and a folder is needed", "name a folder")
    except OSError as error:
        return _problem(option, path, f"cannot be written: {error.strerror}", "choose another name")
    return _of_place(option, path / "a")


def _of_place(option: str, path: Path) -> Problem | None:
    """What keeps a name from being made where it is asked for."""
    above = next(one for one in path.absolute().parents if os.path.lexists(one))
    if not above.is_dir():
        return _problem(
            option, path, f"lies below {above.name}, which is no folder", "choose another"
        )
    if not os.access(above, os.W_OK | os.X_OK):
        return _problem(
            option,
            path,
            f"goes into {above}, where nothing may be written",
            "choose a folder you may write to",
        )
    if any(len(os.fsencode(part)) > _NAME_MAX for part in path.parts):
        return _problem(option, path, "has a name too long", "choose a shorter one")
    return None


def _of_each_other(
    asked: Sequence[tuple[str, Path]], into: Sequence[tuple[str, Path]]
) -> Iterator[Problem]:
    """Two outputs of one name, or one that is a file where another needs a folder."""
    places = [(option, path, _place(path)) for option, path in asked]
    needed = {above for *_, place in places for above in place.parents}
    needed |= {_place(path) for _, path in into}
    for position, (option, path, place) in enumerate(places):
        for other, _, another in places[:position]:
            if place == another:
                yield _problem(
                    option,
                    path,
                    f"goes where {other} goes too: two outputs have one name",
                    "give each its own",
                )
        if place in needed:
            yield _problem(
                option,
                path,
                "stands where another output needs a folder: two outputs have one name",
                "give each its own",
            )


def _of_inputs(
    asked: Sequence[tuple[str, Path]], read: Sequence[tuple[str, Path]]
) -> Iterator[Problem]:
    """Outputs that would replace what is read, or be read as an input the next time."""
    for option, path in asked:
        for source, given in read:
            if _same(path, given):
                yield _problem(
                    option, path, f"would replace what {source} reads", "choose another name"
                )
            elif given.is_dir() and _same(path.parent, given) and _is_read_in(given, path, source):
                yield _problem(
                    option,
                    path,
                    f"lies among the files that {source} reads",
                    "choose another folder",
                )


def _is_read_in(folder: Path, path: Path, source: str) -> bool:
    """Whether a file of that name is, or would be, among what is read from a folder."""
    if (folder / "report.toml").exists():
        return path.name.casefold() in {"report.toml", "suppliers.csv", "listings.csv"}
    if (folder / "manifest.json").exists():
        return path.exists()
    from supplychain_screen.prices.sources.files import SUFFIXES

    suffixes: tuple[str, ...] = SUFFIXES
    if source == "CALLS":
        from supplychain_screen.record import PRINT_SUFFIXES

        suffixes += PRINT_SUFFIXES
    return path.name.lower().endswith(suffixes)


def _of_store(asked: Sequence[tuple[str, Path]], store: str | None) -> Iterator[Problem]:
    if store is None or "://" in store:
        return
    home = _place(Path(store).expanduser())
    for option, path in asked:
        place = _place(path)
        if place == home or home in place.parents:
            yield _problem(option, path, "lies in the price store", "choose another folder")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return _place(one) == _place(other)


def _place(path: Path) -> Path:
    return Path(os.path.normcase(os.path.realpath(path)))


def _problem(option: str, path: Path, fault: str, remedy: str) -> Problem:
    return Problem(f"{option} {fault}", remedy, file=str(path))
