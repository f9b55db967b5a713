from .baskets import LOST, Basket, Inference
from .frames import distinct_calls
from .inputs import (
    CheckedPrices,
    checked_prices,
    prices_until,
    publication_date,
    series_until,
    suspect_days,
)
from .output_by_name import output
from .screening import Screening, score_mentions, screen

__all__ = [
    "LOST",
    "Basket",
    "CheckedPrices",
    "Inference",
    "Screening",
    "checked_prices",
    "distinct_calls",
    "output",
    "prices_until",
    "publication_date",
    "score_mentions",
    "screen",
    "series_until",
    "suspect_days",
]
