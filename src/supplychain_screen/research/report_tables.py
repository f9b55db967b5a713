"""suppliers.csv and listings.csv: rows to mentions and listings, every bad cell named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from supplychain_screen.errors import Problem, UnknownListingError
from supplychain_screen.identity import EXCHANGES, Listing, ListingRole, code_fault, parse_symbol
from supplychain_screen.research.content import Confidence, Mention, MentionStatus
from supplychain_screen.research.text_files import Row, near_name, parse_date, split_list

__all__ = [
    "LISTING_COLUMNS",
    "SUPPLIER_COLUMNS",
    "listings_of",
    "mentions_of",
]

LISTINGS_FILE = "listings.csv"
SUPPLIERS_FILE = "suppliers.csv"

LISTING_COLUMNS = (
    ("mic", "code", "currency", "name_zh", "name_en", "first_session"),
    ("isin", "aliases", "board", "basis", "last_session", "role", "other_lines", "notes"),
)
"""Required and optional columns of listings.csv."""

SUPPLIER_COLUMNS = (
    ("segment", "company", "note", "pending", "listing", "status"),
    (
        "order",
        "segment_no",
        "segment_en",
        "company_en",
        "note_en",
        "confidence",
        "candidates",
        "why",
        "why_zh",
        "weight",
        "printed_rating",
        "printed_target",
        "target_currency",
    ),
)
"""Required and optional columns of suppliers.csv."""

_YES = {"yes": True, "true": True, "1": True, "是": True}
_NO = {"no": False, "false": False, "0": False, "否": False, "": False}


class _Cells:
    """The cells of one row, read one by one; what cannot be read is a problem of that row."""

    def __init__(self, file: str, row: Row, problems: list[Problem]) -> None:
        self._file = file
        self._row = row
        self._problems = problems

    def fault(self, column: str, message: str, remedy: str, value: str | None = None) -> None:
        self._problems.append(Problem(message, remedy, self._file, self._row.line, column, value))

    def text(self, column: str) -> str:
        return self._row.get(column)

    def required(self, column: str) -> str:
        text = self._row.get(column)
        if not text:
            self.fault(column, "an empty cell", "fill it in")
        return text

    def choice(self, column: str, known: Sequence[str], default: str) -> str:
        text = self._row.get(column) or default
        if text not in known:
            remedy = near_name(text, known) or f"write one of {', '.join(known)}"
            self.fault(column, f"unknown {column}", remedy, text)
            return default
        return text

    def number(self, column: str) -> int | None:
        text = self._row.get(column)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
            self.fault(column, "not a whole number from 1", "count from 1, or leave it empty", text)
            return None
        return int(text)

    def weight(self, column: str) -> float | None:
        """A number from 0 on; None where the cell is empty or faulty."""
        text = self._row.get(column)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,17})?(e-?[0-9]{1,2})?", text):
            self.fault(column, "no weight", "write a number from 0 on, without a sign or %", text)
            return None
        return float(text)

    def flag(self, column: str) -> bool:
        text = self._row.get(column).lower()
        value = (_YES | _NO).get(text)
        if value is None:
            self.fault(column, "neither yes nor no", "write yes or no", self._row.get(column))
        return bool(value)

    def day(self, column: str) -> object:
        """The date of a cell; None where it is empty or faulty."""
        text = self._row.get(column)
        day = parse_date(text)
        if text and day is None:
            parts = re.fullmatch(r"([0-9]{4})[/.年]?([0-9]{1,2})[/.月]?([0-9]{1,2})日?", text)
            guess = "-".join((parts[1], parts[2].zfill(2), parts[3].zfill(2))) if parts else ""
            remedy = f"write {guess}" if parse_date(guess) else "write YYYY-MM-DD"
            self.fault(column, "not a date", remedy, text)
        return day


def listings_of(rows: Sequence[Row], problems: list[Problem]) -> dict[str, Listing]:
    """The listings of a table by id, in the order of the file.

    Parameters
    ----------
    rows : sequence of Row
        Rows of listings.csv.
    problems : list of Problem
        Receives what is wrong; a faulty row gives no listing.
    """
    found: dict[str, Listing] = {}
    lines: dict[str, int] = {}
    for row in rows:
        before = len(problems)
        cells = _Cells(LISTINGS_FILE, row, problems)
        mic = _exchange(cells)
        code = _code(cells, mic)
        key = f"{mic}:{code}"
        if key in lines:
            cells.fault("code", f"{key} stands in row {lines[key]} already", "remove one of them")
        lines.setdefault(key, row.line)
        fields = {
            "mic": mic,
            "code": code,
            "currency": _currency(cells, mic),
            "name_zh": cells.text("name_zh"),
            "name_en": cells.text("name_en"),
            "aliases": split_list(cells.text("aliases")),
            "isin": _isin(cells),
            "board": cells.text("board"),
            "first_session": cells.day("first_session"),
            "last_session": cells.day("last_session"),
            "basis": cells.text("basis"),
            "role": cells.choice("role", get_args(ListingRole), "primary"),
            "other_lines": split_list(cells.text("other_lines")),
            "notes": cells.text("notes"),
        }
        if not (fields["name_zh"] or fields["name_en"]):
            cells.fault("name_zh", "a listing without a name", "fill in name_zh or name_en")
        first, last = fields["first_session"], fields["last_session"]
        if first and last and str(last) < str(first):
            cells.fault("last_session", f"before the first session {first}", "swap them", str(last))
        if len(problems) == before:
            found[key] = Listing.model_validate(fields)
    _check_lines(rows, lines, problems)
    return found


def _check_lines(rows: Sequence[Row], known: Mapping[str, int], problems: list[Problem]) -> None:
    """Every other line of a company must be a row of its own."""
    for row in rows:
        for other in split_list(row.get("other_lines")):
            if other not in known:
                cells = _Cells(LISTINGS_FILE, row, problems)
                remedy = near_name(other, known) or "add a row for it"
                cells.fault("other_lines", "unknown listing", remedy, other)


def _exchange(cells: _Cells) -> str:
    mic = cells.required("mic")
    if mic and mic not in EXCHANGES:
        remedy = near_name(mic, EXCHANGES) or f"known are {', '.join(EXCHANGES)}"
        cells.fault("mic", "unknown MIC", remedy, mic)
    return mic


def _code(cells: _Cells, mic: str) -> str:
    code = cells.required("code")
    fault = code_fault(mic, code) if code and mic in EXCHANGES else None
    if fault is not None:
        cells.fault("code", fault[0], fault[1], code)
    return code


def _currency(cells: _Cells, mic: str) -> str:
    currency = cells.required("currency")
    if currency and mic in EXCHANGES:
        usual = EXCHANGES[mic].currencies
        if currency not in usual:
            cells.fault(
                "currency",
                f"not a trading currency of {mic}",
                f"write {' or '.join(usual)}",
                currency,
            )
    return currency


def _isin(cells: _Cells) -> str | None:
    isin = cells.text("isin")
    if isin and not is_isin(isin):
        cells.fault("isin", "not an ISIN", "12 characters with a right check digit, or empty", isin)
    return isin or None


def is_isin(text: str) -> bool:
    """Whether the text is an ISIN with a right check digit (ISO 6166).

    Examples
    --------
    >>> is_isin("US67066G1040"), is_isin("US67066G1041")
    (True, False)
    """
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", text, flags=re.ASCII):
        return False
    digits = [int(digit) for letter in text for digit in str(int(letter, 36))]
    doubled = [digit * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def mentions_of(
    rows: Sequence[Row],
    listings: Mapping[str, Listing],
    known: Callable[[str], bool],
    problems: list[Problem],
) -> tuple[Mention, ...]:
    """The mentions of a table, in the order of its ``order`` column or else of its rows.

    Parameters
    ----------
    rows : sequence of Row
        Rows of suppliers.csv.
    listings : mapping of str to Listing
        The listings by id.
    known : callable
        Says of an id whether listings.csv has a row for it, a faulty one included: a fault there
        is not reported here again.
    problems : list of Problem
        Receives what is wrong; a faulty row gives no mention.
    """
    reader = _Mentions(listings, known, problems)
    found = [reader.read(at, row) for at, row in enumerate(rows, start=1)]
    if any(row.get("weight") for row in rows):
        # A missing weight would silently be one of 0.
        for row in rows:
            if row.get("listing") and not row.get("weight"):
                _Cells(SUPPLIERS_FILE, row, problems).fault(
                    "weight", "no weight where other rows have one", "fill it in; 0 leaves it out"
                )
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.order))


class _Mentions:
    """Reads row after row, remembering what the earlier rows said."""

    def __init__(
        self,
        listings: Mapping[str, Listing],
        known: Callable[[str], bool],
        problems: list[Problem],
    ) -> None:
        self._listings = listings
        self._known = known
        self._problems = problems
        self._pairs: dict[tuple[str, str], int] = {}
        self._orders: dict[int, int] = {}
        self._segments: dict[str, tuple[int, str, int]] = {}
        self._companies: dict[str, tuple[str | None, int]] = {}

    def read(self, at: int, row: Row) -> Mention | None:
        before = len(self._problems)
        cells = _Cells(SUPPLIERS_FILE, row, self._problems)
        segment, company = cells.required("segment"), cells.required("company")
        self._once(cells, row.line, segment, company)
        order = cells.number("order") or at
        if order in self._orders:
            cells.fault(
                "order",
                f"row {self._orders[order]} has that number",
                "number rows once",
                str(order),
            )
        self._orders.setdefault(order, row.line)
        number, segment_en = self._segment(cells, row.line, segment)
        listing = self._listing(cells, "listing", cells.text("listing"))
        status = cells.choice(
            "status", get_args(MentionStatus), "listed" if cells.text("listing") else "unresolved"
        )
        self._agree(cells, row.line, company, status, listing)
        fields = {
            "order": order,
            "segment_no": number,
            "segment": segment,
            "segment_en": segment_en,
            "company": company,
            "company_en": cells.text("company_en"),
            "note": cells.text("note"),
            "note_en": cells.text("note_en"),
            "pending": cells.flag("pending"),
            "listing": listing,
            "status": status,
            "confidence": cells.choice("confidence", get_args(Confidence), "unverified"),
            "candidates": self._candidates(cells, listing),
            "why": cells.text("why"),
            "why_zh": cells.text("why_zh"),
            "weight": cells.weight("weight"),
            "printed_rating": cells.text("printed_rating"),
            "printed_target": cells.text("printed_target"),
            "target_currency": cells.text("target_currency"),
        }
        return Mention.model_validate(fields) if len(self._problems) == before else None

    def _once(self, cells: _Cells, line: int, segment: str, company: str) -> None:
        pair = (segment, company)
        if segment and company and pair in self._pairs:
            cells.fault(
                "company",
                f"the mention of row {self._pairs[pair]} again, in the same segment",
                "remove one of the rows",
                company,
            )
        self._pairs.setdefault(pair, line)

    def _segment(self, cells: _Cells, line: int, segment: str) -> tuple[int, str]:
        number, name_en = cells.number("segment_no"), cells.text("segment_en")
        if segment not in self._segments:
            number = number or len(self._segments) + 1
            taken = {have: name for name, (have, _, _) in self._segments.items()}
            if number in taken:
                cells.fault(
                    "segment_no",
                    f"{taken[number]} has that number",
                    "number each segment once",
                    str(number),
                )
            self._segments[segment] = (number, name_en, line)
        first_number, first_en, first_line = self._segments[segment]
        if number is not None and number != first_number:
            cells.fault(
                "segment_no",
                f"row {first_line} numbers {segment} {first_number}",
                "number each segment once",
                str(number),
            )
        if name_en and name_en != first_en:
            cells.fault(
                "segment_en",
                f"row {first_line} calls {segment} {first_en or 'nothing'}",
                "name each segment once",
                name_en,
            )
        return first_number, first_en

    def _listing(self, cells: _Cells, column: str, text: str) -> str | None:
        """The id of a listing written as an id or a symbol; None where empty or unknown."""
        if not text:
            return None
        if self._known(text):
            return text
        remedy = near_name(text, self._listings)
        for us_mic in ("XNAS", "XNYS", "XASE"):
            try:
                key = ":".join(parse_symbol(text, us_mic=us_mic))
            except UnknownListingError as error:
                remedy = remedy or error.problems[0].remedy
                break
            if self._known(key):
                return key
        remedy = f"{remedy.removesuffix('?')}, or " if remedy else ""
        cells.fault(column, "unknown listing", f"{remedy}add a row for it to listings.csv", text)
        return None

    def _candidates(self, cells: _Cells, listing: str | None) -> tuple[str, ...]:
        texts = split_list(cells.text("candidates"))
        found = [self._listing(cells, "candidates", text) for text in texts]
        if listing is not None and listing in found:
            cells.fault("candidates", "the chosen listing is no candidate", "remove it", listing)
        return tuple(one for one in found if one is not None)

    def _agree(
        self, cells: _Cells, line: int, company: str, status: str, listing: str | None
    ) -> None:
        """Status, listing and the company's other mentions must not contradict each other."""
        if status == "listed" and not cells.text("listing"):
            cells.fault(
                "listing",
                "a listed company without listing",
                "name its listing, or set status to unlisted or unresolved",
            )
        if status != "listed" and cells.text("listing"):
            cells.fault(
                "status",
                f"{status}, and yet it has a listing",
                "set status to listed, or empty the cell listing",
                status,
            )
        known = None if listing is None else self._listings.get(listing)
        # What a user chose on purpose is the user's; the print never means such a line.
        chosen = cells.text("confidence") == "chosen"
        if known is not None and known.role in ("later_line", "related") and not chosen:
            cells.fault(
                "listing",
                f"listings.csv marks it as {known.role}, never a match",
                "name the primary listing, or change its role",
                listing,
            )
        before = self._companies.setdefault(company, (listing, line))
        if company and before[0] != listing:
            cells.fault(
                "listing",
                f"row {before[1]} measures it by {before[0] or 'nothing'}",
                "one company, one listing",
                cells.text("listing"),
            )
