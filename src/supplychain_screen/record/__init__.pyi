from .company_ratings import PrintedRatings, printed_ratings
from .leagues import League, LeagueKey
from .price_checks import PriceChecks, PriceRows
from .recording import track_record
from .report_calls import PRINT_SUFFIXES
from .track_records import LEAGUE_KEYS, TrackRecord

__all__ = [
    "LEAGUE_KEYS",
    "PRINT_SUFFIXES",
    "League",
    "LeagueKey",
    "PriceChecks",
    "PriceRows",
    "PrintedRatings",
    "TrackRecord",
    "printed_ratings",
    "track_record",
]
