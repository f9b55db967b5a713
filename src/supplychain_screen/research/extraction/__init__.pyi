from .document_reading import read_document
from .documents import Cell, Document, Line, Place, Table
from .front_matter import DatedFact, Proposal
from .printed_standards import PrintedLevel, PrintedStandard
from .reading import MentionVerdict, PrintedMention, ReportReading, read_mentions
from .reading_limits import ReadingLimits

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
    "read_document",
    "read_mentions",
]
