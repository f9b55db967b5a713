from .listing_files import ListingRows, listing_rows, read_listings
from .own_listings import OwnList, list_folder, load_ledger, own_lists, own_rows
from .shipped import Ledger

__all__ = [
    "Ledger",
    "ListingRows",
    "OwnList",
    "list_folder",
    "listing_rows",
    "load_ledger",
    "own_lists",
    "own_rows",
    "read_listings",
]
