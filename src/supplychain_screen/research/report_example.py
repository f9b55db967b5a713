"""A small report that a user edits into the one at hand."""

from __future__ import annotations

from datetime import date

from supplychain_screen.research.content import Mention, ResearchReport
from supplychain_screen.research.standard import RatingStandard
from supplychain_screen.words import message

__all__ = ["example_report"]

_ROWS = (
    # segment, segment in English, company, company in English, note, listing
    ("芯片", "Chips", "高通", "Qualcomm Incorporated", "", "XNAS:QCOM"),
    ("组件", "Components", "比亚迪电子", "BYD Electronic", "机壳", "XHKG:0285"),
    ("软件", "Software", "金山办公", "Beijing Kingsoft Office", "", "XSHG:688111"),
    ("软件", "Software", "示例公司", "An example that is not listed", "", None),
)


def example_report(
    packaged: ResearchReport,
    standard: RatingStandard,
    *,
    report_id: str,
    title: str,
    publisher: str,
    published: date | None,
) -> ResearchReport:
    """A valid report of four mentions on three exchanges.

    Parameters
    ----------
    packaged : ResearchReport
        Lends its listings.
    standard : RatingStandard
        The house's own.
    report_id, title, publisher : str
        Identity of the new report.
    published : date or None
        Day of publication, where it is printed.

    Raises
    ------
    pydantic.ValidationError
        When the id is no short name.
    """
    segments = list(dict.fromkeys(row[0] for row in _ROWS))
    why = message("choice.example").phrase
    mentions = tuple(
        Mention(
            order=at,
            segment_no=segments.index(segment) + 1,
            segment=segment,
            segment_en=segment_en,
            company=company,
            company_en=company_en,
            note=note,
            listing=listing,
            status="listed" if listing else "unlisted",
            confidence="unverified",
            why=why.en,
            why_zh=why.zh,
        )
        for at, (segment, segment_en, company, company_en, note, listing) in enumerate(_ROWS, 1)
    )
    return ResearchReport(
        id=report_id,
        title=title,
        publisher=publisher,
        published=published,
        standard=standard,
        mentions=mentions,
        listings=tuple(packaged.listing(row[5]) for row in _ROWS if row[5]),
    )
