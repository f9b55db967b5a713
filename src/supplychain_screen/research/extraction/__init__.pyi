from .document_reading import read_document
from .documents import Cell, Document, Line, Place, Table
from .front_matter import DatedFact, Proposal
from .printed_mentions import MentionVerdict, PrintedMention
from .printed_standards import PrintedLevel, PrintedStandard
from .reading import packaged_index, read_mentions
from .reading_limits import ReadingLimits
from .report_making import direction_standard, named_standard, short_name
from .report_readings import ReportReading

__all__ = [
    "Cell",
    "DatedFact",
    "Document",
    "Line",
    "MentionVerdict",
    "Place",
    "PrintedLevel",
    "PrintedMention",
    "PrintedStandard",
    "Proposal",
    "ReadingLimits",
    "ReportReading",
    "Table",
    "direction_standard",
    "named_standard",
    "packaged_index",
    "read_document",
    "read_mentions",
    "short_name",
]
