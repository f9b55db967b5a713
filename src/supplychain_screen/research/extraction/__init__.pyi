from .document_reading import read_document
from .documents import Cell, Document, Line, Place, Table
from .reading import MentionVerdict, PrintedMention, ReportReading, read_mentions
from .reading_limits import ReadingLimits

__all__ = [
    "Cell",
    "Document",
    "Line",
    "MentionVerdict",
    "Place",
    "PrintedMention",
    "ReadingLimits",
    "ReportReading",
    "Table",
    "read_document",
    "read_mentions",
]
