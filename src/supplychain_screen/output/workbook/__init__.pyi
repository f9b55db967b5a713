from .book import write_workbook

__all__ = ["write_workbook"]
