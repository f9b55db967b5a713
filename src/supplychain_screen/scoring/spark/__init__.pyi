from .scored_calls import score_calls_by_listing, score_calls_on_spark
from .studies import interval_on_spark, placebo_on_spark

__all__ = [
    "interval_on_spark",
    "placebo_on_spark",
    "score_calls_by_listing",
    "score_calls_on_spark",
]
