"""One printed company: who it is, what is printed beside it, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from supplychain_screen.identity import Reading
from supplychain_screen.research.extraction.documents import Place
from supplychain_screen.words import Message

__all__ = ["MentionVerdict", "PrintedMention"]

MentionVerdict = Literal["listed", "unlisted", "undecided"]
"""What a printed company is: one listing, a company known to have no shares, or for a person to
decide."""


@dataclass(frozen=True, slots=True)
class PrintedMention:
    """One company that a report prints.

    Parameters
    ----------
    order : int
        Place among the mentions, from 1.
    segment : str
        Segment as printed; empty where the print names none.
    company : str
        Company as printed, without code and bracket; the code where no name is printed.
    code : str
        The code as printed; empty where none is.
    verdict : {"listed", "unlisted", "undecided"}
    listing : str or None
        ``MIC:CODE`` where it is listed.
    readings : tuple of Reading
        What it can be, best first; where code and name contradict each other, both.
    grounds : tuple of Message
        Why.
    rating, target : str
        As printed beside it; empty where nothing is.
    currency : str
        ISO 4217 code of the target, where the print says it.
    note : str
        What else its brackets and notes say.
    pending : bool
        Whether the print says that the cooperation is not settled.
    place : Place
        Where it is printed first.
    also : tuple of Place
        Where else it is printed in the same segment.
    other_lines : tuple of PrintedMention
        The company's other lines, where it is printed with several codes.
    """

    order: int
    segment: str
    company: str
    code: str
    verdict: MentionVerdict
    listing: str | None
    readings: tuple[Reading, ...]
    grounds: tuple[Message, ...]
    rating: str
    target: str
    currency: str
    note: str
    pending: bool
    place: Place
    also: tuple[Place, ...] = ()
    other_lines: tuple[PrintedMention, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The grounds in English."""
        return tuple(str(one) for one in self.grounds)
