from .adjustment import HistorySource
from .opening import CHOICES, open_source
from .series import Adjustment, Basis, Finding, LoadedPrices, PriceSeries, PriceSource, Reach
from .sessions import day_number

__all__ = [
    "CHOICES",
    "Adjustment",
    "Basis",
    "Finding",
    "HistorySource",
    "LoadedPrices",
    "PriceSeries",
    "PriceSource",
    "Reach",
    "day_number",
    "open_source",
]
