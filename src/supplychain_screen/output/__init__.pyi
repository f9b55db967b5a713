from .charts import chart, inference_chart, record_chart
from .columns import Reader, Style, column, table_style
from .figures_said import KeyFigure, inference_sentence, key_figures
from .frame_files import TABLES, to_csv, to_parquet
from .handout import card_svg, mail_html, mail_subject, write_card, write_mail
from .json_result import to_dict, to_json
from .notebook import record_html, screening_html
from .outcomes import Outcome, outcome_of
from .page import render_page, render_record_page, write_page, write_record_page
from .reading_text import reading_table, reading_to_dict
from .record_files import RECORD_TABLES, TARGET_TABLES, record_to_csv
from .record_json import record_to_dict, record_to_json
from .record_text import record_markdown, record_table
from .report_text import report_table
from .safety import csv_text, markdown_text, visible_text
from .sentences import (
    DISCLAIMER,
    call_and_outcome,
    headline,
    measured_interval,
    rated_sentence,
    three_numbers,
)
from .text import markdown, terminal_table
from .text_columns import Ink, Place, display_width, fit, pipe_table, table, wrap
from .workbook import write_record_workbook, write_workbook
from .writing import make_folder, write_file

__all__ = [
    "DISCLAIMER",
    "RECORD_TABLES",
    "TABLES",
    "TARGET_TABLES",
    "Ink",
    "KeyFigure",
    "Outcome",
    "Place",
    "Reader",
    "Style",
    "call_and_outcome",
    "card_svg",
    "chart",
    "column",
    "csv_text",
    "display_width",
    "fit",
    "headline",
    "inference_chart",
    "inference_sentence",
    "key_figures",
    "mail_html",
    "mail_subject",
    "make_folder",
    "markdown",
    "markdown_text",
    "measured_interval",
    "outcome_of",
    "pipe_table",
    "rated_sentence",
    "reading_table",
    "reading_to_dict",
    "record_chart",
    "record_html",
    "record_markdown",
    "record_table",
    "record_to_csv",
    "record_to_dict",
    "record_to_json",
    "render_page",
    "render_record_page",
    "report_table",
    "screening_html",
    "table",
    "table_style",
    "terminal_table",
    "three_numbers",
    "to_csv",
    "to_dict",
    "to_json",
    "to_parquet",
    "visible_text",
    "wrap",
    "write_card",
    "write_file",
    "write_mail",
    "write_page",
    "write_record_page",
    "write_record_workbook",
    "write_workbook",
]
