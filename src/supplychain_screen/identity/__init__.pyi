from .calendars import (
    calendar_span,
    exchange_sessions,
    expected_sessions,
    half_days,
    known_until,
    last_completed_session,
    session_close,
)
from .exchanges import BOARDS, EXCHANGES, Vendor, boards_of, code_fault
from .ledger import (
    Ledger,
    ListingRows,
    OwnList,
    list_folder,
    listing_rows,
    load_ledger,
    own_lists,
    own_rows,
    read_listings,
)
from .ledger_listings import listings_of_ledger
from .listings import Index, Instrument, Listing, ListingRole, parse_symbol
from .name_index import NameIndex, NameVerdict, Reading, fold_names
from .packaged import packaged_data
from .printed_codes import PrintedCode, PrintedName, find_codes, isin_fault, parted, read_printed
from .resolver import Resolution, resolve, strip_marker, to_simplified

__all__ = [
    "BOARDS",
    "EXCHANGES",
    "Index",
    "Instrument",
    "Ledger",
    "Listing",
    "ListingRole",
    "ListingRows",
    "NameIndex",
    "NameVerdict",
    "OwnList",
    "PrintedCode",
    "PrintedName",
    "Reading",
    "Resolution",
    "Vendor",
    "boards_of",
    "calendar_span",
    "code_fault",
    "exchange_sessions",
    "expected_sessions",
    "find_codes",
    "fold_names",
    "half_days",
    "isin_fault",
    "known_until",
    "last_completed_session",
    "list_folder",
    "listing_rows",
    "listings_of_ledger",
    "load_ledger",
    "own_lists",
    "own_rows",
    "packaged_data",
    "parse_symbol",
    "parted",
    "read_listings",
    "read_printed",
    "resolve",
    "session_close",
    "strip_marker",
    "to_simplified",
]
