from .document_reading import read_document
from .documents import Cell, Document, Line, Place, Table
from .reading_limits import ReadingLimits

__all__ = [
    "Cell",
    "Document",
    "Line",
    "Place",
    "ReadingLimits",
    "Table",
    "read_document",
]
