"""Build ``data/universe/listings.csv`` from openly licensed lists.

::

    python tools/build_ledger.py --out data/universe \\
        --open-stock-data FOLDER    # symbols/ of github.com/irachex/open-stock-data
        --finance-database FOLDER   # database/equities/ of github.com/JerBouma/FinanceDatabase
        --adata code.csv            # adata/stock/cache/code.csv of the wheel adata
        --twstock FOLDER            # twstock/codes/ of the wheel twstock
        --buy-or-sell FOLDER        # github.com/billyweiye/BuyOrSell

The aliases in ``--out`` join lines of one company where both print the same Chinese name. The same
inputs give the same bytes. ``data/universe/SOURCES.md`` has the licences.
"""

from __future__ import annotations

import argparse
import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from opencc import OpenCC

COLUMNS = (
    "mic", "code", "name_zh", "name_zh_hant", "name_en", "short_en", "former_names",
    "former_codes", "isin", "first_day", "last_day", "status", "board", "company", "derived",
    "source",
)  # fmt: skip
MAINLAND = ("BJSE", "XSHE", "XSHG")
AMERICAN = ("XASE", "XNAS", "XNYS")
TAIWANESE = ("ROCO", "XTAI")
EASTERN = ("XKRX", "XTKS")

Id = tuple[str, str]


@dataclass
class Row:
    """A listing while its facts are gathered."""

    mic: str
    code: str
    name_zh: str = ""
    name_zh_hant: str = ""
    name_en: str = ""
    short_en: str = ""
    former_names: list[str] = field(default_factory=list)
    former_codes: list[str] = field(default_factory=list)
    isin: str = ""
    first_day: str = ""
    last_day: str = ""
    status: str = ""
    board: str = ""
    company: str = ""
    derived: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)

    @property
    def id(self) -> Id:
        """MIC and code."""
        return self.mic, self.code

    def rests_on(self, source: str) -> None:
        """Add a source."""
        if source not in self.source:
            self.source.append(source)


class Ledger(dict[Id, Row]):
    """The rows by MIC and code."""

    def at(self, mic: str, code: str, source: str) -> Row:
        """The row of a listing, made where there is none."""
        row = self.setdefault((mic, code), Row(mic, code))
        row.rests_on(source)
        return row


# --- names ----------------------------------------------------------------------------------

_EX_DAY = re.compile(r"^(XD|XR|DR)(?=[㐀-鿿])|^[NC](?=[㐀-鿿]{2,})")
_DISTRESS = re.compile(r"^(S?\*?ST|PT|S)(?=[㐀-鿿A-Z])|退市?$|^退市")
_MARK = re.compile(r"-[A-Z]{1,3}$")
_OLD_BEIJING = ("43", "83", "87")


def printed_zh(name: str) -> str:
    """A Chinese short name as printed: no padding, plain letters, no mark of a single day."""
    return _EX_DAY.sub("", "".join(unicodedata.normalize("NFKC", name).split()))


def bare_zh(name: str) -> str:
    """A Chinese short name without the exchange's marks, to compare."""
    return _MARK.sub("", _DISTRESS.sub("", printed_zh(name)))


_SHARE_WORDS = re.compile(
    r"\s+(common stock|common shares?|ordinary shares?|class [a-c]\b|american depositary|"
    r"american depository|ads\b|adr\b|sponsored adr|depositary shares?|subordinate voting|"
    r"common units?|units? representing|voting (common )?shares?|registered shares?|"
    r"new york registry|capital stock|shares of beneficial|series [a-c]\b|"
    r"\(?each representing|rep(resenting)?\b).*$",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(the|co|company|corp|corporation|inc|incorporated|limited|ltd|plc|sa|nv|se|ag|lp|llc|"
    r"class [a-z]|joint stock)\b"
)


def company_en(name: str) -> str:
    """An English security's name without what it says of the share."""
    plain = " ".join(name.split())
    return _SHARE_WORDS.sub("", plain).strip(" .,-") or plain


def legal_en(name: str) -> str:
    """An English name without case, punctuation and legal form, to compare."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    plain = re.sub(r"\((the|new|cayman)\)", " ", plain).replace("'", "")
    words = re.sub(r"[^a-z0-9]+", " ", plain)
    return " ".join(_LEGAL.sub(" ", words).split())


def isin_holds(isin: str) -> bool:
    """Whether an ISIN has its form and the right check digit (ISO 6166)."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", isin):
        return False
    digits = [int(one) for letter in isin for one in str(int(letter, 36))]
    doubled = [2 * one for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(one // 10 + one % 10 for one in doubled)) % 10 == 0


# --- boards ---------------------------------------------------------------------------------


def board_of(mic: str, code: str) -> str:
    """The board that a code belongs to, by the exchange's numbering."""
    if mic == "XSHG":
        return "SSE STAR" if code[:2] == "68" else "SSE B" if code[0] == "9" else "SSE Main"
    if mic == "XSHE":
        return "ChiNext" if code[:2] == "30" else "SZSE B" if code[0] == "2" else "SZSE Main"
    if mic == "XHKG":
        return "HKEX GEM" if re.fullmatch(r"8\d{3}", code) else "HKEX Main"
    return {
        "BJSE": "BSE", "XTAI": "TWSE", "ROCO": "TPEx", "XNAS": "Nasdaq", "XNYS": "NYSE",
        "XASE": "NYSE American", "XTKS": "TSE", "XKRX": "KRX",
    }[mic]  # fmt: skip


def mainland_mic(code: str) -> str:
    """The exchange of a mainland share."""
    if code[:2] in ("60", "68", "90"):
        return "XSHG"
    return "XSHE" if code[:2] in ("00", "30", "20") else "BJSE"


def hong_kong_code(code: str) -> str:
    """Four digits, or five where the first is not zero."""
    return code.zfill(5)[1:] if code.zfill(5)[0] == "0" else code


# --- the sources ----------------------------------------------------------------------------


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV in UTF-8, with or without a byte-order mark."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


_NO_SHARE = re.compile(
    r"\bwarrants?\b|\brights?\b|\bunits?\b(?!.*(limited partner|lp\b))|preferred|preference|"
    r"\bnotes?\b|\bdebentures?\b|\bdue 20\d\d|\bfund\b|\bETN\b|1/[0-9,]+(th)?\b|subordinated",
    re.IGNORECASE,
)


def add_open_stock_data(ledger: Ledger, folder: Path) -> None:
    """Shanghai's and Shenzhen's main boards, ChiNext, Beijing, Hong Kong and the American lists."""
    source = "open-stock-data"
    for name in ("SSE", "SZSE", "BSE"):
        for one in rows_of(folder / f"{name}.csv"):
            row = ledger.at(mainland_mic(one["code"]), one["code"], source)
            row.name_zh, row.status = printed_zh(one["name"]), "listed"
    for one in rows_of(folder / "HKEX.csv"):
        if one["type"] != "stock" or not hong_kong_share(one["code"], one["name"]):
            continue
        row = ledger.at("XHKG", hong_kong_code(one["code"]), source)
        row.short_en, row.status = " ".join(one["name"].split()), "listed"
    for name, mic in (("NASDAQ", "XNAS"), ("NYSE", "XNYS"), ("AMEX", "XASE")):
        for one in rows_of(folder / f"{name}.csv"):
            code = one["code"].replace("/", "-").replace(".", "-")
            # Preferred shares, warrants, rights and notes have a name that says so, or a mark.
            if not re.fullmatch(r"[A-Z]{1,5}(-[A-Z]{1,2})?", code) or _NO_SHARE.search(one["name"]):
                continue
            row = ledger.at(mic, code, source)
            row.name_en, row.status = company_en(one["name"]), "listed"


def hong_kong_share(code: str, name: str) -> bool:
    """Whether a row of Hong Kong's list is a share: no old counter, right or preference share."""
    temporary = "02900" <= code <= "02999"
    return not (temporary or code[:2] == "04" or re.search(r"PREF$|\bRTS$|-OLD$", name))


def add_finance_database(ledger: Ledger, folder: Path) -> None:
    """English names, ISINs and delistings of the mainland, Hong Kong and Taiwan; Tokyo's and
    Seoul's shares, of which no other list is here.
    """
    source = "financedatabase"
    suffixes = {
        "SS": "XSHG", "SZ": "XSHE", "HK": "XHKG", "TW": "XTAI", "TWO": "ROCO", "T": "XTKS",
        "KS": "XKRX",
    }  # fmt: skip
    for name in ("SHH", "SHZ", "HKG", "TAI", "TWO", "JPX", "KSC"):
        for one in rows_of(folder / f"{name}.csv"):
            code, point, suffix = one["symbol"].rpartition(".")
            if not point or suffix not in suffixes or not re.fullmatch("[0-9]+[A-Z]?", code):
                continue
            mic, gone = suffixes[suffix], one["delisted"] == "True"
            code = hong_kong_code(code) if mic == "XHKG" else code
            if not is_share_code(mic, code):
                continue
            known = ledger.get((mic, code))
            if mic in EASTERN:
                if _NO_SHARE.search(one["name"]) or not one["name"]:
                    continue
            # Of Taiwan and the mainland other lists know every share; here funds stand among them.
            elif known is None and (mic != "XHKG" or not hong_kong_share(code.zfill(5), "")):
                continue
            row = ledger.at(mic, code, source)
            row.name_en = row.name_en or re.sub(r" Class [AHB]$", "", " ".join(one["name"].split()))
            if mic in EASTERN:
                row.status = "delisted" if gone else "listed"
            # The exchange's own list has every share, though no trust: who is not in it has gone.
            trust = re.search(r"real estate investment trust|\breit\b", one["name"], re.IGNORECASE)
            row.status = row.status or ("" if trust and not gone else "delisted")
            if isin_holds(one["isin"]):
                row.isin = row.isin or one["isin"]


def is_share_code(mic: str, code: str) -> bool:
    """Whether a code can be a share's: mainland funds and bonds have other numbers."""
    if mic in MAINLAND:
        return code[:2] in ("60", "68", "90", "00", "30", "20", "92", "43", "83", "87")
    if mic == "XKRX":
        return len(code) == 6 and code.endswith("0")  # others are preference shares
    return len(code) == 4 if mic in (*TAIWANESE, "XTKS") else True


def add_adata(ledger: Ledger, file: Path) -> None:
    """First days, former names, and who was listed in 2023 and is not any more."""
    source = "adata"
    for one in rows_of(file):
        code, name, day = (
            one["stock_code"],
            printed_zh(one["short_name"]),
            one["list_date2"].strip(),
        )
        row = mainland_row(ledger, code, name, source)
        note_name(row, name)
        row.first_day = row.first_day or day


def mainland_row(ledger: Ledger, code: str, name: str, source: str) -> Row:
    """The row of a mainland share, under its present code where Beijing's became 920xxx."""
    mic = mainland_mic(code)
    if mic == "BJSE" and code[:2] in _OLD_BEIJING:
        for heir in heirs(ledger, code, name):
            heir.rests_on(source)
            if f"{mic}:{code}" not in heir.former_codes:
                heir.former_codes.append(f"{mic}:{code}")
            return heir
    return ledger.at(mic, code, source)


def heirs(ledger: Ledger, code: str, name: str) -> Iterator[Row]:
    """Who a code of Beijing's old numbering is today.

    Short names are unique there. A renamed one kept its last three digits, and two letters.
    """
    bare = bare_zh(name)
    rows = [row for row in ledger.values() if row.mic == "BJSE" and row.code[:2] == "92"]
    yield from (row for row in rows if bare_zh(row.name_zh) == bare)
    for row in rows:
        today = bare_zh(row.name_zh)
        alike = shortened(today, bare) or today[:2] == bare[:2]
        if row.code[3:] == code[3:] and alike:
            yield row


def note_name(row: Row, name: str) -> None:
    """Take a name: the first one found is today's, another one a former one.

    A mark before a name (ST, XD) costs it letters: what is left of it is no name of its own.
    """
    bare = bare_zh(name)
    if not row.name_zh:
        row.name_zh = name
    elif row.name_zh != name and bare.startswith(row.name_zh) and len(row.name_zh) < 4:
        row.name_zh = bare
    known = [bare_zh(one) for one in (row.name_zh, *row.former_names)]
    if not any(shortened(bare, one) for one in known):
        row.former_names.append(bare)


def shortened(short: str, name: str) -> bool:
    """Whether a name is another one with letters left out."""
    letters = iter(name)
    return all(one in letters for one in short)


def add_buy_or_sell(ledger: Ledger, folder: Path) -> None:
    """STAR to November 2024, and the Chinese names of 118 Hong Kong listings."""
    source = "buyorsell"
    for one in rows_of(folder / "all_stock_list_china.csv"):
        code, name = one["code"], printed_zh(one["name"])
        row = mainland_row(ledger, code, name, source)
        note_name(row, name)
        if code[:2] == "68" or code[0] in "29":
            row.status = row.status or "listed"
    for one in rows_of(folder / "stock_hk.csv"):
        known = ledger.get(("XHKG", hong_kong_code(one["代码"])))
        if known is not None and known.status == "listed":
            known.rests_on(source)
            known.name_zh = printed_zh(one["name"])


def add_twstock(ledger: Ledger, folder: Path) -> None:
    """Taiwan's shares with ISIN and first day."""
    source, simplify = "twstock", OpenCC("t2s")
    boards = {"股票": "", "創新板": " TIB", "臺灣存託憑證(TDR)": " TDR"}
    for name, mic in (("twse_equities", "XTAI"), ("tpex_equities", "ROCO")):
        for one in rows_of(folder / f"{name}.csv"):
            if one["type"] not in boards:
                continue
            row = ledger.at(mic, one["code"], source)
            row.name_zh_hant = "".join(unicodedata.normalize("NFKC", one["name"]).split())
            row.name_zh, row.derived = simplify.convert(row.name_zh_hant), ["name_zh"]
            row.board = board_of(mic, one["code"]) + boards[one["type"]]
            row.first_day, row.status = one["start"].replace("/", "-"), "listed"
            if isin_holds(one["ISIN"]):
                row.isin = one["ISIN"]


# --- what the sources say together ----------------------------------------------------------


def add_report_days(ledger: Ledger, file: Path) -> None:
    """First days that the packaged report's listings know, where no list does."""
    for one in rows_of(file) if file.exists() else ():
        row = ledger.get((one["mic"], one["code"]))
        if row is not None:
            row.first_day = row.first_day or one["first_session"]


def settle_status(ledger: Ledger) -> None:
    """Main boards, ChiNext, Beijing and Hong Kong are complete: who is in no list has gone."""
    for row in ledger.values():
        if row.mic in MAINLAND and row.board in ("SSE Main", "SZSE Main", "ChiNext", "BSE"):
            row.status = row.status or "delisted"


def follow_moves(ledger: Ledger) -> None:
    """Who left Beijing for Shanghai or Shenzhen keeps its short name, and its former code."""
    movers = defaultdict(list)
    for row in ledger.values():
        if row.mic in ("XSHE", "XSHG") and row.status == "listed":
            movers[bare_zh(row.name_zh)].append(row)
    for old in [row for row in ledger.values() if row.mic == "BJSE" and row.status == "delisted"]:
        for row in movers.get(bare_zh(old.name_zh), []):
            row.former_codes.append(f"BJSE:{old.code}")


def settle_isins(ledger: Ledger) -> None:
    """An ISIN that stands at lines of two exchanges belongs to the Hong Kong line, or to nobody."""
    holders: dict[str, list[Row]] = defaultdict(list)
    for row in ledger.values():
        if row.isin:
            holders[row.isin].append(row)
    for rows in holders.values():
        for row in rows:
            elsewhere = [one for one in rows if one.mic != row.mic]
            same_market = [one for one in rows if one.mic == row.mic and one is not row]
            strangers = [one for one in same_market if not second_counter(one, row)]
            if strangers or (elsewhere and row.mic != "XHKG"):
                row.isin = ""


def second_counter(one: Row, other: Row) -> bool:
    """Whether one is the renminbi counter of the other: 80700 of 0700."""
    short, long = sorted((one.code, other.code), key=len)
    return one.mic == "XHKG" and len(long) == 5 and long[0] == "8" and long[1:] == short


class Companies:
    """Lines that are known to be one company."""

    def __init__(self) -> None:
        self._parent: dict[Id, Id] = {}

    def of(self, line: Id) -> Id:
        """The line that stands for the company."""
        while (parent := self._parent.get(line, line)) != line:
            line = parent
        return line

    def join(self, one: Id, other: Id) -> None:
        """Both are lines of one company."""
        first, second = sorted((self.of(one), self.of(other)))
        self._parent[second] = first


def join_companies(
    ledger: Ledger,
    aliases: Iterable[tuple[str, Id]],
    pairs: Iterable[tuple[Id, Id]],
    wrong: Iterable[tuple[Id, Id]],
) -> None:
    """Join the lines of a company; a line that nothing joins has its own id."""
    companies = Companies()
    refused = {frozenset(one) for one in wrong}

    def join(one: Row, other: Row) -> None:
        if frozenset((one.id, other.id)) not in refused:
            companies.join(one.id, other.id)

    for row in ledger.values():
        if (
            row.mic == "XHKG"
            and len(row.code) == 5
            and (main := ledger.get(("XHKG", row.code[1:])))
        ):
            join(row, main)
    same_name(ledger, join, lambda row: legal_en(row.name_en), english_lines)
    chinese = {row.id: {bare_zh(row.name_zh)} - {""} for row in ledger.values()}
    for alias, line in aliases:
        if line in chinese:
            chinese[line].add(bare_zh(alias))
    chinese_lines(ledger, join, chinese)
    for one, other in (*pairs, *former_lines(ledger)):
        if one in ledger and other in ledger:
            companies.join(one, other)
    for row in ledger.values():
        row.company = ":".join(companies.of(row.id))


def former_lines(ledger: Ledger) -> Iterator[tuple[Id, Id]]:
    """Each listing with its former codes."""
    for row in ledger.values():
        for former in row.former_codes:
            mic, code = former.split(":")
            yield (mic, code), row.id


def same_name(ledger: Ledger, join: Callable[[Row, Row], None], key: Callable[[Row], str],
              allowed: Callable[[list[Row]], bool]) -> None:  # fmt: skip
    """Join the rows whose key is equal, where the group may be one company."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in ledger.values():
        if key(row):
            groups[key(row)].append(row)
    for name in sorted(groups):
        rows = groups[name]
        if len(rows) > 1 and allowed(rows):
            for row in rows[1:]:
                join(rows[0], row)


def english_lines(rows: list[Row]) -> bool:
    """Whether rows of one legal English name are one company: at most one line on a kind of market.

    Short names of one word are too common to prove anything.
    """
    living = [row for row in rows if row.status != "delisted"]
    name = legal_en(rows[0].name_en)
    kinds = Counter(market_kind(row) for row in rows)
    distinct = len(name) >= 10 or " " in name
    # An American company has no A share: names of both that are equal are chance.
    chance = kinds["US"] and kinds["A"] and not kinds["HK"]
    return distinct and not chance and len(living) == len(rows) and max(kinds.values()) == 1


def market_kind(row: Row) -> str:
    """Where a company can have one line only: A, B, Hong Kong counter, Taiwan, Tokyo, Seoul,
    America.
    """
    if row.mic in MAINLAND:
        return "B" if row.board.endswith(" B") else "A"
    if row.mic == "XHKG":
        return "HK-R" if len(row.code) == 5 else "HK"
    return "TW" if row.mic in TAIWANESE else row.mic if row.mic in EASTERN else "US"


def chinese_lines(ledger: Ledger, join: Callable[[Row, Row], None],
                  names: dict[Id, set[str]]) -> None:  # fmt: skip
    """Join an A share and a Hong Kong share of one Chinese name that only these two have.

    A Hong Kong short name may add 股份 to the mainland's. It joins alone where the ISIN says that
    the company was founded on the mainland; else the English names have to begin alike.
    """
    mainland: dict[str, list[Row]] = defaultdict(list)
    hong_kong: dict[str, list[Row]] = defaultdict(list)
    for row in ledger.values():
        if row.status == "delisted":
            continue
        if row.mic in MAINLAND and not row.board.endswith(" B"):
            mainland[bare_zh(row.name_zh)].append(row)
        elif row.mic == "XHKG" and len(row.code) == 4:
            for name in names[row.id]:
                hong_kong[name.removesuffix("股份")].append(row)
                hong_kong[name].append(row)
    for name in sorted(mainland):
        lines, others = mainland[name], {row.id: row for row in hong_kong.get(name, [])}
        if len(lines) != 1 or len(others) != 1:
            continue
        (other,) = others.values()
        if other.isin.startswith("CNE") or alike_en(lines[0], other):
            join(lines[0], other)


def alike_en(one: Row, other: Row) -> bool:
    """Whether two English names begin with the same two words."""
    first, second = legal_en(one.name_en).split(), legal_en(other.name_en).split()
    return min(len(first), len(second)) >= 2 and first[:2] == second[:2]


# --- files ----------------------------------------------------------------------------------


def read_pairs(file: Path) -> tuple[list[tuple[Id, Id]], list[tuple[Id, Id]]]:
    """Hand-checked lines of one company, and lines that only look so."""
    same: list[tuple[Id, Id]] = []
    different: list[tuple[Id, Id]] = []
    if file.is_file():
        for one in rows_of(file):
            ids = [tuple(one[key].split(":")) for key in ("line", "other")]
            pair = ((ids[0][0], ids[0][1]), (ids[1][0], ids[1][1]))
            (same if one["same"] == "yes" else different).append(pair)
    return same, different


def write_ledger(ledger: Ledger, file: Path) -> None:
    """Write the rows ordered by MIC and code; the same rows give the same bytes."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for _, row in sorted(ledger.items()):
            values = [getattr(row, name) for name in COLUMNS]
            writer.writerow(["|".join(one) if isinstance(one, list) else one for one in values])


def build(inputs: argparse.Namespace) -> Ledger:
    """Gather the sources into one ledger."""
    ledger = Ledger()
    add_open_stock_data(ledger, inputs.open_stock_data)
    add_buy_or_sell(ledger, inputs.buy_or_sell)
    add_adata(ledger, inputs.adata)
    add_twstock(ledger, inputs.twstock)
    add_finance_database(ledger, inputs.finance_database)
    for row in ledger.values():
        row.board = row.board or board_of(row.mic, row.code)
    add_report_days(ledger, inputs.out.parent / "listings.csv")
    settle_status(ledger)
    follow_moves(ledger)
    settle_isins(ledger)
    aliases = inputs.out / "aliases.csv"
    named = [(one["alias"], (one["mic"], one["code"])) for one in rows_of(aliases)]
    same, different = read_pairs(inputs.out / "lines.csv")
    join_companies(ledger, named, same, different)
    return ledger


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments, build, write, and say what came out."""
    parser = argparse.ArgumentParser(description="Build the ledger of listings.")
    for name in ("open-stock-data", "finance-database", "adata", "twstock", "buy-or-sell", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    inputs = parser.parse_args(arguments)
    ledger = build(inputs)
    write_ledger(ledger, inputs.out / "listings.csv")
    for mic, count in sorted(Counter(row.mic for row in ledger.values()).items()):
        print(f"{mic}  {count}")


if __name__ == "__main__":
    main()
