from .leagues import League, LeagueKey
from .price_checks import PriceChecks, PriceRows
from .recording import track_record
from .track_records import LEAGUE_KEYS, TrackRecord

__all__ = [
    "LEAGUE_KEYS",
    "League",
    "LeagueKey",
    "PriceChecks",
    "PriceRows",
    "TrackRecord",
    "track_record",
]
