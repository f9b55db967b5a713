from .assembling import TradedClosesError
from .everybody import EveryRow, EverySymbol, every_row
from .forms import MAX_BYTES, SUFFIXES, Table, is_frame, tables_of_file, tables_of_frame
from .grammar import Unread, encoded, read_days, read_numbers
from .layout import read_layout
from .source import FileSource, holds_prices

__all__ = [
    "MAX_BYTES",
    "SUFFIXES",
    "EveryRow",
    "EverySymbol",
    "FileSource",
    "Table",
    "TradedClosesError",
    "Unread",
    "encoded",
    "every_row",
    "holds_prices",
    "is_frame",
    "read_days",
    "read_layout",
    "read_numbers",
    "tables_of_file",
    "tables_of_frame",
]
