from .book import write_workbook
from .record_book import write_record_workbook

__all__ = ["write_record_workbook", "write_workbook"]
