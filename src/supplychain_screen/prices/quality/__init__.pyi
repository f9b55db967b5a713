from .checks import check_prices, check_series
from .telling import remedy_of, remedy_of_gap, told_once
from .two_sources import compare_sources

__all__ = [
    "check_prices",
    "check_series",
    "compare_sources",
    "remedy_of",
    "remedy_of_gap",
    "told_once",
]
