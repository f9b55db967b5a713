from .listing_lists import LISTED, fetch_listings
from .source import AkShareSource

__all__ = ["LISTED", "AkShareSource", "fetch_listings"]
