from .cells import Unread, encoded, read_days, read_numbers
from .everybody import EverySymbol, every_row
from .layout import read_layout
from .series import TradedClosesError
from .source import FileSource, holds_prices
from .tables import is_frame, tables_of_file

__all__ = [
    "EverySymbol",
    "FileSource",
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
]
