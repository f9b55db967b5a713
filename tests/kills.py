"""Processes killed at a step, not after a time: on any machine the n-th change is the same one.

A :class:`ForkServer` imports once and forks a child for each piece of work, so that hundreds of
kills cost no hundred starts. The child is killed with SIGKILL just before the n-th time that
Python changes something on disk, or just after the n-th change in a folder whoever made it (what
compiled code writes is seen at the next line of ours), or by the kernel when a file grows beyond so
many bytes, which leaves it half-written.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = str(Path(__file__).resolve().parents[1] / "src" / "supplychain_screen")
KILLED = {-signal.SIGKILL, -signal.SIGXFSZ}
_CHANGES = {
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_change(number: int) -> None:
    """End this process just before Python changes the disk for the ``number``-th time."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        changes = event in _CHANGES or (
            event == "open" and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        # Compiled modules are kept on the first run and not on the second.
        if changes and "__pycache__" not in str(arguments[0]) and arguments[0] != os.devnull:
            left -= 1
            if left <= 0:
                _die()

    sys.addaudithook(hook)


def after_change(number: int, folder: Path) -> None:
    """End this process at its first line of ours after the ``number``-th change below a folder."""
    left, places = number, _folders(folder)
    seen = _stamps(places)

    def line(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal left, places, seen
        if event == "line" and (not places or _stamps(places) != seen):
            # A new folder is a change of the one it is in. None is there for a moment where one
            # replaces another.
            before, places = len(places), _folders(folder)
            seen = _stamps(places)
            left -= bool(before or places)
            if left <= 0:
                _die()
        return line

    def call(frame: Any, _event: str, _argument: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(PACKAGE) else None

    threading.settrace(call)
    sys.settrace(call)


def _folders(folder: Path) -> list[Path]:
    return [Path(place) for place, _, _ in os.walk(folder)]


def _stamps(places: list[Path]) -> list[int]:
    """Each folder's own, which changes whenever a name comes to it or goes."""
    found = []
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            found.append(place.stat().st_mtime_ns)
    return found


def at_size(size: int) -> None:
    """Let the kernel end this process when it makes a file longer than ``size`` bytes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    full_at(size)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def full_at(size: int) -> None:
    """Let writing fail, as on a full disk, where it makes a file longer than ``size`` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def serve(work: Callable[..., int | None]) -> None:
    """Fork a child for every line of the input, tell how each ended.

    A line holds the arguments of ``work`` and when to kill it. What the child says goes before
    the line that tells its end.
    """
    print("ready", flush=True)
    for text in sys.stdin:
        order = json.loads(text)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                if "folder" in order:
                    after_change(order["change"], Path(order["folder"]))
                elif "change" in order:
                    before_change(order["change"])
                if "size" in order:
                    at_size(order["size"])
                if "full" in order:
                    full_at(order["full"])
                code = work(*order["arguments"]) or 0
            except Exception as error:  # noqa: BLE001 - told to the test
                print(f"{type(error).__name__}: {error}", flush=True)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


class ForkServer:
    """A process that runs a module which ends in ``serve(work)``.

    ``temporary`` is where its children put their temporary files; the system's place if not given.
    """

    def __init__(self, module: str, temporary: Path | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
            env={**os.environ, "TMPDIR": str(temporary)} if temporary else None,
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server of forks is gone"
        return line.rstrip("\n")

    def run(self, *arguments: object, **kill: object) -> tuple[int, list[str]]:
        """Code of a child (negative: the signal that ended it) and the lines it said.

        Parameters
        ----------
        arguments
            Of the server's work, as JSON holds them.
        change : int, optional
            Kill it at the n-th change: of Python's own, or with ``folder`` of anybody's in there.
        size : int, optional
            Kill it when a file grows beyond so many bytes.
        full : int, optional
            Do not kill it: let no file of its grow beyond so many bytes.
        """
        assert self._process.stdin is not None
        order = {"arguments": [str(one) for one in arguments], **kill}
        self._process.stdin.write(json.dumps(order, default=str) + "\n")
        self._process.stdin.flush()
        said = []
        while not (line := self._line()).startswith("ended "):
            said.append(line)
        return int(line.split()[1]), said

    def close(self) -> None:
        """End the server."""
        self._process.communicate()
