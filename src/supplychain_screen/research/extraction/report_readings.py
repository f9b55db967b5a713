"""What a printed report says, as one thing: to look at, to correct, to measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from supplychain_screen.research.content import Correction, ResearchReport
from supplychain_screen.research.extraction.printed_mentions import PrintedMention
from supplychain_screen.research.extraction.printed_standards import PrintedStandard
from supplychain_screen.research.extraction.report_making import direction_standard, report_of
from supplychain_screen.research.extraction.title_page import DatedFact, Proposal
from supplychain_screen.research.standard import RatingStandard
from supplychain_screen.words import STANDARD_FAULTS, counted, phrase_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReportReading"]


@dataclass(frozen=True, slots=True)
class ReportReading:
    """What a printed report says.

    Parameters
    ----------
    label : str
        The source as its user named it.
    mentions : tuple of PrintedMention
        In printed order, those left out by a correction not among them.
    proposals : tuple of Proposal
        What the report says of itself, each with its place; what it does not say is a blank.
    standard : PrintedStandard or None
        The rating standard that it prints.
    events : tuple of DatedFact
        Sentences with a date in them.
    corrections : tuple of Correction
        What a person decided otherwise.
    chosen : RatingStandard or None
        The standard that its user named; it counts before the printed one.
    told : date or None
        The day of publication that its user named; it counts before the printed one.
    """

    label: str
    mentions: tuple[PrintedMention, ...]
    proposals: tuple[Proposal, ...] = ()
    standard: PrintedStandard | None = None
    events: tuple[DatedFact, ...] = ()
    corrections: tuple[Correction, ...] = ()
    chosen: RatingStandard | None = None
    told: date | None = None

    def __repr__(self) -> str:
        day = "not printed" if self.published is None else str(self.published)
        return (
            f"<ReportReading of {self.label}: {counted(len(self.mentions), 'mention')}, "
            f"{len(self.undecided)} undecided; published {day}>"
        )

    @property
    def published(self) -> date | None:
        """The day of publication: what its user named, else what is printed; None for a blank."""
        return self.told or self._printed_day

    @property
    def _printed_day(self) -> date | None:
        printed = self.proposal("published").value
        return date.fromisoformat(printed) if printed else None

    @property
    def measured_by(self) -> RatingStandard:
        """The standard that its user named, else the printed one, else the direction only."""
        printed = None if self.standard is None else self.standard.standard
        if self.chosen is not None or printed is None or self.standard is None:
            return self.chosen or direction_standard()
        told = [phrase_of(STANDARD_FAULTS, one) for one in self.standard.faults]
        notes = " ".join(f"{one.zh}; {one.en}." for one in told)
        return printed.model_copy(update={"notes": " ".join(filter(None, (printed.notes, notes)))})

    def proposal(self, field: str) -> Proposal:
        """What is proposed for a field.

        Raises
        ------
        KeyError
            There is no such field.
        """
        for one in self.proposals:
            if one.field == field:
                return one
        raise KeyError(field)

    @property
    def undecided(self) -> tuple[PrintedMention, ...]:
        """The mentions that a person has to decide."""
        return tuple(one for one in self.mentions if one.verdict == "undecided")

    def to_report(
        self, *, title: str = "", publisher: str = "", report_id: str = ""
    ) -> ResearchReport:
        """A report that can be measured, saved and corrected.

        Parameters
        ----------
        title, publisher, report_id : str
            Identity; what is printed where they are empty, else the name of the source.

        Returns
        -------
        ResearchReport
            Undecided mentions are unresolved there, their readings candidates. Without a standard
            nobody is rated, and each return stands beside the usual index of its market.

        Raises
        ------
        ReportError
            Nothing was read.
        """
        return report_of(
            self.label,
            self.mentions,
            standard=self.measured_by,
            # What its user told is not printed: a screen is told it again, and says whose it is.
            published=self._printed_day,
            corrections=self.corrections,
            title=title or self.proposal("title").value,
            publisher=publisher or self.proposal("publisher").value,
            sector_call=self.proposal("sector_call").value,
            report_id=report_id,
        )

    def to_frame(self) -> pd.DataFrame:
        """The mentions as a frame.

        Returns
        -------
        DataFrame of shape (n_mentions, 14)
            One row a mention; places as text.
        """
        import pandas as pd

        columns = (
            "order",
            "segment",
            "company",
            "code",
            "verdict",
            "listing",
            "rating",
            "target",
            "currency",
            "note",
            "pending",
        )
        rows = [
            {
                **{name: getattr(one, name) for name in columns},
                "readings": "|".join(reading.listing for reading in one.readings),
                "why": "; ".join(one.reasons),
                "place": str(one.place),
            }
            for one in self.mentions
        ]
        return pd.DataFrame(rows, columns=[*columns, "readings", "why", "place"])
