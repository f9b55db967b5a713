from .leagues import League, LeagueKey
from .price_checks import PriceChecks
from .recording import track_record
from .track_records import LEAGUE_KEYS, TrackRecord

__all__ = ["LEAGUE_KEYS", "League", "LeagueKey", "PriceChecks", "TrackRecord", "track_record"]
