"""The clock by which sources pace themselves and give up, in a test's hand."""

from __future__ import annotations

import time

import pytest


class Stopwatch:
    """``time.monotonic`` and ``time.sleep`` of this process: nothing waits, the hands move on.

    Parameters
    ----------
    monkeypatch : MonkeyPatch
        Takes both back at the end of the test.
    standing : bool
        True where no time passes but what is slept; False where the machine's own passes too.

    Attributes
    ----------
    slept : list of float
        Seconds of each sleep.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, standing: bool) -> None:
        self.slept: list[float] = []
        self._real, self._standing = time.monotonic, standing
        self._start, self._ahead = self._real(), 0.0
        monkeypatch.setattr(time, "monotonic", self)
        monkeypatch.setattr(time, "sleep", self.sleep)

    def __call__(self) -> float:
        """The moment."""
        return self._ahead + (self._start if self._standing else self._real())

    def sleep(self, seconds: float) -> None:
        """Move the hands on."""
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass that nobody slept."""
        self._ahead += seconds
