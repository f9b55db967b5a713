"""Calls to AkShare in a process of their own, which is killed when a call takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from supplychain_screen.errors import (
    MalformedAnswerError,
    MissingExtraError,
    SourceUnreachableError,
)
from supplychain_screen.words import message

__all__ = ["AkShareProcess", "Call"]

Call = Callable[[str, Mapping[str, str]], pd.DataFrame]
"""Calls a function of AkShare by name with its arguments, and gives the frame it returns."""

# Importing AkShare reads some 300 MB of packages.
_START_SECONDS = 120.0


class AkShareProcess:
    """Runs AkShare's functions one after another, each for a limited time.

    Parameters
    ----------
    timeout : float
        Seconds that a call may take. The process is killed then, and the next call starts another.

    Notes
    -----
    Nothing is started before the first call. ``close`` ends the process.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def call(self, function: str, arguments: Mapping[str, str]) -> pd.DataFrame:
        """The frame that a function of AkShare returns.

        Parameters
        ----------
        function : str
            Name in ``akshare``.
        arguments : mapping of str to str
            Keyword arguments.

        Raises
        ------
        MissingExtraError
            When AkShare is not installed.
        SourceUnreachableError
            When it could not reach its source, took too long, or the process died.
        MalformedAnswerError
            When it failed in any other way: most often its source answered with something else.
        """
        process = self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"function": function, "arguments": dict(arguments)}))
            process.stdin.write("\n")
            process.stdin.flush()
        except OSError as error:
            self.close()
            raise self._unreachable(function, arguments, "its process died") from error
        answer = self._answer(self._timeout, function, arguments)
        if "error" not in answer:
            return pd.DataFrame(answer["rows"], columns=answer["columns"])
        said = f"{answer['error']}: {answer['message']}"
        if answer["transport"]:
            raise self._unreachable(function, arguments, said)
        raise MalformedAnswerError(
            message("akshare.failed", function=function, symbol=_symbol(arguments), what=said),
            source="akshare",
            symbol=_symbol(arguments),
        )

    def close(self) -> None:
        """End the process, also in the middle of a call."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        assert self._listener is not None
        self._listener.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._answers = queue.SimpleQueue()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "supplychain_screen.prices.sources.akshare.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                env={**os.environ, "PYTHONUTF8": "1"},
            )
            self._listener = threading.Thread(
                target=_listen, args=(self._process, self._answers), daemon=True
            )
            self._listener.start()
            greeting = self._answer(_START_SECONDS, "import", {})
            if "ready" not in greeting:
                self.close()
                raise MissingExtraError("The AkShare source", extra="akshare")
        return self._process

    def _answer(
        self, timeout: float, function: str, arguments: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            self.close()
            raise self._unreachable(
                function, arguments, f"no answer within {timeout:g} seconds, its process was killed"
            ) from None
        if not line:
            self.close()
            raise self._unreachable(function, arguments, "its process died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _unreachable(
        function: str, arguments: Mapping[str, str], why: str
    ) -> SourceUnreachableError:
        return SourceUnreachableError(
            message("akshare.undelivered", function=function, symbol=_symbol(arguments), why=why),
            source="akshare",
            symbol=_symbol(arguments),
        )


def _listen(process: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    """Pass on every line; an empty one says that the process ended."""
    assert process.stdout is not None
    for line in process.stdout:
        answers.put(line)
    answers.put("")


def _symbol(arguments: Mapping[str, str]) -> str | None:
    return arguments.get("symbol")
