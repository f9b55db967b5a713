from .content import Mention, ResearchReport
from .rating_scale import Level, RatingScale
from .report import load_report, new_report, save_report, validate_report
from .report_writing import files_of
from .standard import RatingStandard
from .supplier_table import parse_supplier_table, propose_mentions
from .text_files import near_name

__all__ = [
    "Level",
    "Mention",
    "RatingScale",
    "RatingStandard",
    "ResearchReport",
    "files_of",
    "load_report",
    "near_name",
    "new_report",
    "parse_supplier_table",
    "propose_mentions",
    "save_report",
    "validate_report",
]
