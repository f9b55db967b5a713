from .price_store import STORE_VARIABLE, PriceStore, open_prices
from .updating import ListingUpdate, UpdateReport, update

__all__ = ["STORE_VARIABLE", "ListingUpdate", "PriceStore", "UpdateReport", "open_prices", "update"]
