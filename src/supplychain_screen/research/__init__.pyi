from .content import Event, Mention, ResearchReport
from .extraction import Cell, Document, Line, Place, ReadingLimits, Table, read_document
from .house_standards import StandardProposal, propose_standard
from .index_library import load_indices
from .rating_scale import BOUND_TOLERANCE, Level, RatingScale
from .report import load_report, new_report, save_report, validate_report
from .report_writing import files_of
from .scale_library import LibraryScale, load_library, load_rating_scales
from .standard import RatingStandard
from .supplier_table import parse_supplier_table, propose_mentions
from .text_files import near_name, parse_toml, read_table

__all__ = [
    "BOUND_TOLERANCE",
    "Cell",
    "Document",
    "Event",
    "Level",
    "LibraryScale",
    "Line",
    "Mention",
    "Place",
    "RatingScale",
    "RatingStandard",
    "ReadingLimits",
    "ResearchReport",
    "StandardProposal",
    "Table",
    "files_of",
    "load_indices",
    "load_library",
    "load_rating_scales",
    "load_report",
    "near_name",
    "new_report",
    "parse_supplier_table",
    "parse_toml",
    "propose_mentions",
    "propose_standard",
    "read_document",
    "read_table",
    "save_report",
    "validate_report",
]
