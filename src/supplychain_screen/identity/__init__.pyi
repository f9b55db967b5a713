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
from .ledger import Ledger, load_ledger
from .listings import Index, Instrument, Listing, ListingRole, parse_symbol
from .packaged import packaged_data
from .resolver import Resolution, resolve, strip_marker

__all__ = [
    "BOARDS",
    "EXCHANGES",
    "Index",
    "Instrument",
    "Ledger",
    "Listing",
    "ListingRole",
    "Resolution",
    "Vendor",
    "boards_of",
    "calendar_span",
    "code_fault",
    "exchange_sessions",
    "expected_sessions",
    "half_days",
    "known_until",
    "last_completed_session",
    "load_ledger",
    "packaged_data",
    "parse_symbol",
    "resolve",
    "session_close",
    "strip_marker",
]
