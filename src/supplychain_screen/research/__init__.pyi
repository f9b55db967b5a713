from .content import Correction, Event, Mention, ResearchReport
from .corrections import apply_corrections, corrections_of, read_corrections
from .extraction import (
    Cell,
    Document,
    Line,
    Place,
    PrintedMention,
    ReadingLimits,
    ReportReading,
    Table,
    direction_standard,
    named_standard,
    packaged_index,
    printed_words,
    read_document,
    word_rows,
)
from .house_standards import StandardProposal, propose_standard
from .index_library import load_indices
from .rating_scale import BOUND_TOLERANCE, Level, RatingScale
from .report import load_report, new_report, save_report, validate_report
from .report_reading import READING_FILES, UNDECIDED_FILE, read_report, save_reading
from .report_writing import files_of
from .scale_library import LibraryScale, load_library
from .standard import RatingStandard
from .text_files import near_name, parse_toml, read_table

__all__ = [
    "BOUND_TOLERANCE",
    "READING_FILES",
    "UNDECIDED_FILE",
    "Cell",
    "Correction",
    "Document",
    "Event",
    "Level",
    "LibraryScale",
    "Line",
    "Mention",
    "Place",
    "PrintedMention",
    "RatingScale",
    "RatingStandard",
    "ReadingLimits",
    "ReportReading",
    "ResearchReport",
    "StandardProposal",
    "Table",
    "apply_corrections",
    "corrections_of",
    "direction_standard",
    "files_of",
    "load_indices",
    "load_library",
    "load_report",
    "named_standard",
    "near_name",
    "new_report",
    "packaged_index",
    "parse_toml",
    "printed_words",
    "propose_standard",
    "read_corrections",
    "read_document",
    "read_report",
    "read_table",
    "save_reading",
    "save_report",
    "validate_report",
    "word_rows",
]
