from .series import TradedClosesError
from .source import FileSource, holds_prices
from .tables import is_frame

__all__ = ["FileSource", "TradedClosesError", "holds_prices", "is_frame"]
