from . import errors
from .identity import Index, Listing, resolve
from .output import terminal_table
from .prices import LoadedPrices, PriceSeries, open_source
from .prices.panel import (
    PricePanel,
    open_panel,
    panel_from_frame,
    panel_from_parquet,
    save_panel,
    source_fingerprint,
)
from .prices.sources import SimulatedSource
from .prices.store import open_prices
from .record import League, TrackRecord, track_record
from .research import (
    RatingScale,
    RatingStandard,
    ReadingLimits,
    ReportReading,
    ResearchReport,
    load_report,
    new_report,
    read_report,
    save_report,
    validate_report,
)
from .scoring import (
    ScoredCalls,
    basket_returns,
    score_calls,
)
from .scoring.spark import (
    interval_on_spark,
    placebo_on_spark,
    score_calls_by_listing,
    score_calls_on_spark,
)
from .screening import Screening, screen
from .weekly import compare_screenings, load_archive, load_config, run_weeks

__all__ = [
    "Index",
    "League",
    "Listing",
    "LoadedPrices",
    "PricePanel",
    "PriceSeries",
    "RatingScale",
    "RatingStandard",
    "ReadingLimits",
    "ReportReading",
    "ResearchReport",
    "ScoredCalls",
    "Screening",
    "SimulatedSource",
    "TrackRecord",
    "basket_returns",
    "compare_screenings",
    "errors",
    "interval_on_spark",
    "load_archive",
    "load_config",
    "load_report",
    "new_report",
    "open_panel",
    "open_prices",
    "open_source",
    "panel_from_frame",
    "panel_from_parquet",
    "placebo_on_spark",
    "read_report",
    "resolve",
    "run_weeks",
    "save_panel",
    "save_report",
    "score_calls",
    "score_calls_by_listing",
    "score_calls_on_spark",
    "screen",
    "source_fingerprint",
    "terminal_table",
    "track_record",
    "validate_report",
]

__version__: str
