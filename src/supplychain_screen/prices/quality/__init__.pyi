from .checks import check_prices, check_series
from .two_sources import compare_sources

__all__ = ["check_prices", "check_series", "compare_sources"]
