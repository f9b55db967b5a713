from .leagues import League, LeagueKey
from .recording import track_record
from .track_records import LEAGUE_KEYS, TrackRecord

__all__ = ["LEAGUE_KEYS", "League", "LeagueKey", "TrackRecord", "track_record"]
