from .document_reading import read_document
from .documents import Cell, Document, Line, Place, Table
from .mention_reading import packaged_index, read_mentions
from .print_vocabulary import printed_words, word_rows
from .printed_mentions import MentionVerdict, PrintedMention
from .printed_standards import PrintedLevel, PrintedStandard
from .reading_limits import ReadingLimits
from .report_making import direction_standard, named_standard, short_name
from .report_readings import ReportReading
from .title_page import DatedFact, Proposal, heads_codes, is_of_cover

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
    "heads_codes",
    "is_of_cover",
    "named_standard",
    "packaged_index",
    "printed_words",
    "read_document",
    "read_mentions",
    "short_name",
    "word_rows",
]
