"""What a source was told lately, so that one screen asks for each symbol once.

A screen reads both bases, one after the other, and both come from one answer. A symbol that failed
for the first basis is not asked again for the second: the two would rest on different answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from supplychain_screen.errors import SourceError, SymbolNotFoundError
from supplychain_screen.prices.adjustment import FetchedHistory
from supplychain_screen.prices.series import Basis

__all__ = ["Remembered"]

# Long enough for both bases of one screen, short enough that a notebook left open asks again.
_LATELY = timedelta(minutes=15)


@dataclass(slots=True)
class _Failure:
    error: SourceError
    at: datetime
    told: set[Basis] = field(default_factory=set)


class Remembered:
    """The answers and failures of one source, for a quarter of an hour.

    Parameters
    ----------
    now : callable
        Gives the current moment, aware.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._answers: dict[str, FetchedHistory] = {}
        self._failures: dict[tuple[str, date], _Failure] = {}

    def recall(
        self, listing: str, first: date, basis: Basis | None
    ) -> FetchedHistory | SourceError | None:
        """What asking since ``first`` would bring, as far as that is known.

        Parameters
        ----------
        listing : str
            Id.
        first : date
            First day wanted, inclusive.
        basis : {"price", "total"} or None
            What the answer is wanted for. A failure is told once to the basis it was not met
            for; whoever asks for the same basis again wants another attempt. A symbol that the
            source does not know stays unknown.
        """
        answer = self._answers.get(listing)
        if answer is not None:
            usable = answer.asked_first <= first and self._now() - answer.fetched_at <= _LATELY
            return answer if usable else None
        failure = self._failures.get((listing, first))
        if failure is None or isinstance(failure.error, SymbolNotFoundError):
            return failure.error if failure is not None else None
        if basis is None or basis in failure.told or self._now() - failure.at > _LATELY:
            return None
        failure.told.add(basis)
        return failure.error

    def keep(
        self,
        listing: str,
        first: date,
        basis: Basis | None,
        outcome: FetchedHistory | SourceError,
    ) -> None:
        """Remember how asking for one listing since ``first`` came out."""
        if isinstance(outcome, SourceError):
            # what was not asked for a basis has no other half that it must agree with
            told: set[Basis] = {"price", "total"} if basis is None else {basis}
            self._failures[listing, first] = _Failure(outcome, self._now(), told)
        else:
            self._answers[listing] = outcome
