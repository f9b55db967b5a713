"""Calls as people have them: frames and files of any usual shape → columns of codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from supplychain_screen.errors import CallsError, PriceFileError, Problem
from supplychain_screen.prices.sources.files import (
    Table,
    encoded,
    is_frame,
    read_days,
    read_numbers,
    tables_of_file,
    tables_of_frame,
)
from supplychain_screen.record.called_listings import Nobody, called_listing, is_symbol
from supplychain_screen.record.opinions import folded_word
from supplychain_screen.record.report_calls import calls_of_reports, report_files
from supplychain_screen.words import counted

__all__ = ["CallColumns", "Coded", "read_calls"]

Whole = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

NO_DATE: Final = np.int32(np.iinfo(np.int32).min)
"""Day number of a row without a date."""

ROLES: Final[Mapping[str, str]] = {
    "published": "published, published_at, publisheddate, published_date, date, day, gradedate, "
    "gradetime, report_date, publish_date, pub_date, 日期, 发布日期, 报告日期, 研报日期, 发布时间, "
    "评级日期, 报告时间",
    "month": "month, 月份",
    "time": "time, 时间",
    "listing": "listing, symbol, ticker, code, ts_code, stock_code, security, 股票代码, 证券代码, "
    "代码, 证券标识, stock, share, instrument, 股票, 证券, 标的, 个股",
    "name": "name, company, company_name, stock_name, security_name, short_name, 名称, 股票名称, "
    "股票简称, 证券名称, 证券简称, 公司, 公司名称, 简称, stock, "
    "share, instrument, 股票, 证券, 标的, 个股",
    "firm": "firm, broker, house, brokerage, institution, org_name, org, analyst_firm, "
    "gradingcompany, research_firm, publisher, 机构, 机构名称, 研究机构, 券商, 评级机构",
    "analyst": "analyst_name, analysts, analyst, author, author_name, authors, 分析师, 研究员, "
    "作者",
    "level": "rating_to, tograde, to_grade, rating_current, newgrade, new_rating, rating, level, "
    "grade, recommendation, 东财评级, 最新评级, 评级, 投资评级, 股票评级, 本次评级",
    "level_before": "rating_from, fromgrade, from_grade, rating_prior, previousgrade, "
    "previous_rating, prior_rating, 上次评级, 前次评级, 原评级",
    "action": "action, action_company, rating_action, 评级变动, 评级变化, 评级调整, 变动方向",
    "target": "target_to, currentpricetarget, pt_current, price_target, pricetarget, target, "
    "target_price, tp, max_price, 目标价, 目标价格, 目标价(元)",
    "target_low": "min_price",
    "currency": "currency, target_currency, 货币, 币种, 目标价货币",
    "segment": "segment, 环节",
    "sector": "sector, industry, 行业, 行业名称, 所属行业",
    "title": "title, report_title, 报告名称, 标题",
    "quarter": "quarter",
}
"""Names under which each column is known, folded; the first found of a role is taken."""

_NAMES: Final = {
    role: tuple(folded_word(name) for name in names.split(",")) for role, names in ROLES.items()
}
REQUIRED: Final = ("published", "listing", "level")
TEXTS: Final = (
    "listing",
    "firm",
    "analyst",
    "level",
    "level_before",
    "action",
    "currency",
    "segment",
    "sector",
    "title",
)

RECOMMENDED: Final = "买入"
"""Level of a list of monthly recommendations, which prints none: being on it is the call."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of texts as places in the sorted distinct ones.

    Parameters
    ----------
    codes : ndarray of int32, shape (n,)
        -1 where the cell is empty.
    names : tuple of str
        Distinct texts, ascending, so that the order of the rows leaves no trace.
    """

    codes: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, codes: npt.NDArray[np.integer[Any]], texts: Sequence[str]) -> Coded:
        """The same with texts trimmed, made one where they are equal, and sorted."""
        plain = [" ".join(text.split()) for text in texts]
        names = sorted(set(plain) - {""})
        place = {name: at for at, name in enumerate(names)} | {"": -1}
        moved = np.array([*(place[text] for text in plain), -1], np.int32)
        return cls(moved[codes], tuple(names))

    @classmethod
    def blank(cls, n: int, name: str = "") -> Coded:
        """One text for all rows, or none."""
        return cls(np.full(n, 0 if name else -1, np.int32), (name,) if name else ())

    def take(self, places: npt.NDArray[np.integer[Any]]) -> Coded:
        """The same of some rows."""
        return Coded(self.codes[places], self.names)


@dataclass(frozen=True, slots=True, eq=False)
class CallColumns:
    """Calls as columns, in an order that depends on what they say only.

    Parameters
    ----------
    day : ndarray of int32, shape (n,)
        Day number of publication, ``NO_DATE`` where the cell is empty.
    second : ndarray of int32, shape (n,)
        Second of that day, -1 where no time is known.
    target : ndarray of float64, shape (n,)
        Target price, NaN where there is none.
    listing, firm, analyst, level, level_before, action, currency, segment, sector, title : Coded
    has : frozenset of str
        Roles that the source has a column of.
    label : str
        The source, for messages.
    repeated : int
        Rows left out because one report stands there once a forecast period (``quarter``).
    undecided : tuple of str
        Rated companies of printed reports that are no row, because nobody knows which they are.
    nameless : tuple of str
        Files of printed reports without a publisher, each of them a firm of its own.
    unknown : mapping of str to Nobody
        Texts of ``listing`` that name no listing by themselves.
    """

    day: Ints
    second: Ints
    target: Floats
    listing: Coded
    firm: Coded
    analyst: Coded
    level: Coded
    level_before: Coded
    action: Coded
    currency: Coded
    segment: Coded
    sector: Coded
    title: Coded
    has: frozenset[str]
    label: str
    repeated: int
    undecided: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    unknown: Mapping[str, Nobody] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.day.size)

    def take(self, places: npt.NDArray[np.integer[Any]]) -> CallColumns:
        """The same of some rows, in that order."""
        texts = {name: getattr(self, name).take(places) for name in TEXTS}
        return replace(
            self,
            day=self.day[places],
            second=self.second[places],
            target=self.target[places],
            **texts,
        )

    def of_listings(self, ids: Sequence[str]) -> CallColumns:
        """The same, where texts that name one listing (688111.SH, 688111.SS) are that one.

        Parameters
        ----------
        ids : sequence of str
            What each text of ``listing`` names.
        """
        several = {one for one, n in Counter(ids).items() if n > 1}
        if not several:
            return self
        names = self.listing.names
        texts = [one if one in several else text for one, text in zip(ids, names, strict=True)]
        found = _in_order(replace(self, listing=Coded.of(self.listing.codes, texts)))
        return replace(found, repeated=self.repeated + found.repeated)

    def by_analyst(self) -> CallColumns:
        """The same with a row an analyst, and the analysts as the houses.

        An analyst is a name at a house: two people of one name are never one. Rows without a name
        are left out.
        """
        firms = len(self.firm.names) + 1
        joint = (self.analyst.codes.astype(np.int64)) * firms + self.firm.codes + 1
        found, codes = np.unique(joint, return_inverse=True)
        people: list[list[str]] = []
        for one in found.tolist():
            name = self.analyst.names[one // firms] if one >= 0 else ""
            house = self.firm.names[one % firms - 1] if one >= 0 and one % firms else ""
            people.append(
                [f"{each} ({house})" if house else each for each in split_names(name)]
                if one >= 0
                else []
            )
        several = np.array([len(one) for one in people], np.int64)[codes]
        rows = np.repeat(np.arange(self.n), several)
        first = np.cumsum([0, *(len(one) for one in people)])
        which = np.arange(rows.size) - np.repeat(np.cumsum(several) - several, several)
        texts = [each for one in people for each in one]
        taken = self.take(rows)
        return _in_order(replace(taken, firm=Coded.of(first[codes[rows]] + which, texts)))


def split_names(text: str) -> tuple[str, ...]:
    """The people of a cell.

    Examples
    --------
    >>> split_names("张三,李四"), split_names("J. Chen; A. Lee"), split_names("Chen, Jane")
    (('张三', '李四'), ('J. Chen', 'A. Lee'), ('Chen, Jane',))
    """
    parts = [part.strip() for part in re.split("[;；、，|]", text)]
    commas = [part for one in parts for part in one.split(",")]
    # A comma between Chinese names parts people; between Latin words, a name's two halves.
    if all(re.search("[㐀-鿿]", part) for part in commas):
        parts = [part.strip() for part in commas]
    return tuple(dict.fromkeys(part for part in parts if part))


def read_calls(
    calls: Any, *, firm: str | None = None, columns: Mapping[str, str] | None = None
) -> CallColumns:
    """Calls of a frame or a file as columns.

    Parameters
    ----------
    calls : DataFrame, mapping of str to DataFrame, str or Path
        A table of pandas, Polars, Arrow or DuckDB, one a symbol (as ``upgrades_downgrades`` of
        yfinance gives), or a CSV, Excel, Parquet or Feather file; a printed report (text,
        Markdown, HTML, PDF) or a folder of them, whose tables print ratings beside companies.
    firm : str, optional
        The house, where the table has no such column because all calls are one house's.
    columns : mapping of str to str, optional
        Which column plays a role (a key of ``ROLES``), where its name does not tell.

    Raises
    ------
    CallsError
        It is no table, or has no column of levels, of listings or of dates, or no row, or a cell
        is no date or no number.
    """
    tables, undecided, nameless = _tables(calls, firm)
    parts = [_columns(table, firm, columns or {}) for table in tables]
    joined = parts[0] if len(parts) == 1 else _joined(parts)
    if not joined.n:
        raise CallsError(Problem("there are no calls", "give at least one row", joined.label))
    return replace(_in_order(joined), undecided=undecided, nameless=nameless)


def _tables(calls: Any, firm: str | None) -> tuple[list[Table], tuple[str, ...], tuple[str, ...]]:
    """The tables of calls, who printed reports leave undecided, and those without a publisher."""
    try:
        if is_frame(calls):
            return tables_of_frame(calls), (), ()
        if isinstance(calls, str | Path):
            files = report_files(Path(calls).expanduser())
            if files:
                told, undecided, nameless = calls_of_reports(files, firm)
                return tables_of_frame(told, Path(calls).name), undecided, nameless
            return tables_of_file(Path(calls), Path(calls).name), (), ()
    except PriceFileError as error:
        # The reader of tables speaks of prices, which is what most of its files hold.
        raise CallsError(
            [
                replace(
                    one,
                    message=one.message.replace("price file", "file of calls"),
                    remedy=one.remedy.replace("the prices", "the calls"),
                )
                for one in error.problems
            ]
        ) from None
    raise CallsError(
        Problem(
            "no table of calls",
            "give a DataFrame or the path of a file",
            value=type(calls).__name__,
        )
    )


def _columns(table: Table, firm: str | None, named: Mapping[str, str]) -> CallColumns:
    header, found = _header(table, named)
    roles = [role for role in found if role != "quarter"]
    odd: list[tuple[int, list[str]]] = []
    cells = dict(zip(roles, table.read([found[role] for role in roles], header, odd), strict=True))
    if odd:
        line, fields = odd[0]
        more = (
            f"; {counted(len(odd) - 1, 'row more has/rows more have')} another number"
            if len(odd) > 1
            else ""
        )
        raise CallsError(
            Problem(
                f"{counted(len(fields), 'cell')} under {counted(table.width, 'column')}{more}",
                "put a cell that holds a comma in double quotes",
                table.label,
                line,
            )
        )
    n = len(next(iter(cells.values())))
    reader = _Reader(
        table, header, {role: table.head[header - 1][at] for role, at in found.items()}
    )
    texts = {
        role: reader.texts(cells[role], role) if role in cells else Coded.blank(n)
        for role in (*TEXTS, "name")
    }
    if "firm" not in found and firm is not None:
        texts["firm"] = Coded.blank(n, firm)
    if "listing" not in found and ("name" not in found or is_symbol(table.stem)):
        texts["listing"] = Coded.blank(n, table.stem)
    texts["listing"], unknown = _identified(texts["listing"], texts.pop("name"), reader)
    if "level" not in found:
        texts["level"] = Coded.blank(n, RECOMMENDED)
    if "month" in found and "published" not in found:
        day, second = reader.months(cells["month"]), np.full(n, -1, np.int32)
    else:
        day, second = reader.days(cells["published"], cells.get("time"))
    target = reader.numbers(cells["target"], "target") if "target" in cells else np.full(n, np.nan)
    if "target_low" in cells:
        # A printed range of targets is held by its middle.
        low = reader.numbers(cells["target_low"], "target_low")
        target = np.where(np.isnan(low) | np.isnan(target), target, (low + target) / 2)
    target = np.where(target > 0, target, np.nan)
    return CallColumns(
        day=day,
        second=second,
        target=target,
        has=frozenset(found),
        label=table.label,
        repeated=0,
        undecided=(),
        nameless=(),
        unknown=unknown,
        **texts,
    )


def _identified(listing: Coded, name: Coded, reader: _Reader) -> tuple[Coded, dict[str, Nobody]]:
    """Listings with those of bare codes and names, and what is said of each that stays unknown."""
    is_open = np.array([*(not is_symbol(one) for one in listing.names), True], np.bool_)
    rows = np.flatnonzero(is_open[listing.codes])
    if not rows.size:
        return listing, {}
    width = len(name.names) + 1
    both = (listing.codes[rows].astype(np.int64) + 1) * width + name.codes[rows] + 1
    _, first, place, counts = np.unique(
        both, return_index=True, return_inverse=True, return_counts=True
    )
    texts, names = [*listing.names, ""], [*name.names, ""]
    said = [(texts[listing.codes[row]], names[name.codes[row]]) for row in rows[first].tolist()]
    found = [called_listing(*one) for one in said]
    nobody = [at for at, one in enumerate(found) if one is None and any(said[at])]
    unknown = {}
    for at, line in zip(nobody, reader.lines(rows[first[nobody]].tolist()), strict=True):
        text = found[at] = " ".join(dict.fromkeys(filter(None, said[at])))
        more = f" +{counts[at] - 1}" if counts[at] > 1 else ""
        unknown[text] = Nobody(*said[at], f"{line}{more}")
    codes = listing.codes.copy()
    codes[rows] = place.astype(np.int32) + len(texts)
    kept = ["" if there else text for text, there in zip(texts, is_open.tolist(), strict=True)]
    return Coded.of(codes, [*kept, *(one or "" for one in found)]), unknown


def _header(table: Table, named: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """How many records are the header, and which column plays which role."""
    if table.header is not None:
        header, names = table.header, table.head[table.header - 1]
        found = _roles(names, named)
        missing = _missing(found, table)
    else:
        best: tuple[int, int] = (99, 0)
        for place, names in enumerate(table.head[:16]):
            missing = _missing(_roles(names, named), table)
            absent = sum(one not in names for one in named.values())
            best = min(best, (absent + len(missing), place))
        header = best[1] + 1
        names = table.head[best[1]]
        found = _roles(names, named)
        missing = _missing(found, table)
    for role, name in named.items():
        if name not in names:
            raise CallsError(
                Problem(
                    "there is no such column",
                    f"the columns are {', '.join(names)}",
                    table.label,
                    column=role,
                    value=name,
                )
            )
    if missing:
        raise CallsError(
            [
                Problem(
                    f"no column of {_ASKED[role]}",
                    f"name it {' or '.join(_SUGGESTED[role])}, or say which it is: --columns "
                    f"{role}=NAME, in Python columns={{{role!r}: NAME}}; "
                    f"the columns are {', '.join(names[:12])}",
                    table.label,
                    column=role,
                )
                for role in missing
            ]
        )
    return header, found


_ASKED: Final = {
    "published": "publication dates",
    "listing": "listings",
    "level": "ratings",
    "firm": "houses",
}
_SUGGESTED: Final = {
    "published": ("published", "date"),
    "listing": ("listing", "ticker"),
    "level": ("rating", "level"),
    "firm": ("firm", "broker"),
}


def _missing(found: Mapping[str, int], table: Table) -> list[str]:
    missing = [role for role in REQUIRED if role not in found]
    if "month" in found and "firm" in found and "listing" in found:
        # A list of monthly recommendations: its month is the date, being on it is the level.
        missing = []
    if "listing" in missing and ("name" in found or is_symbol(table.stem)):
        missing.remove("listing")
    return missing


def _roles(names: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    unknown = sorted(set(named) - set(ROLES))
    if unknown:
        raise CallsError(
            Problem("no such role of a column", f"roles are {', '.join(ROLES)}", value=unknown[0])
        )
    folded = [folded_word(name) for name in names]
    found: dict[str, int] = {}
    for role, known in _NAMES.items():
        if role in named:
            if named[role] in names:
                found[role] = names.index(named[role])
            continue
        for name in known:
            if name in folded and folded.index(name) not in found.values():
                found[role] = folded.index(name)
                break
    if "firm" not in found and "analyst name" in folded and "analyst" in folded:
        # Benzinga calls the house the analyst, and the analyst by name.
        found["firm"] = folded.index("analyst")
    if "time" in found and "published" not in found:
        found["published"] = found.pop("time")
    return found


class _Reader:
    """Cells of one table as codes, days and numbers, with the line of what is wrong."""

    def __init__(self, table: Table, header: int, names: Mapping[str, str]) -> None:
        self.table, self.header, self.names = table, header, names

    def texts(self, column: Any, role: str) -> Coded:  # noqa: ARG002
        codes, values = encoded(column)
        return Coded.of(codes, [_text(value) for value in values])

    def days(self, column: Any, time: Any) -> tuple[Ints, Ints]:
        import pyarrow.compute as pc

        empty = pc.is_null(column).to_numpy(zero_copy_only=False)
        day, bad = read_days(column, None, ("UTC",), np.zeros(len(column), np.int64))
        wrong = [(at, text) for at, text in bad if not empty[at] and text.strip()]
        if wrong:
            self._refuse(wrong, "published", "not a date", "write YYYY-MM-DD")
        days = day.astype(np.int32)
        days[empty] = NO_DATE
        days[[at for at, _ in bad]] = NO_DATE
        return days, _seconds(column if time is None else time)

    def months(self, column: Any) -> Ints:
        codes, values = encoded(column)
        days, wrong = [], []
        for at, value in enumerate(values):
            match = re.fullmatch(r"([0-9]{4})[-/年]?([0-9]{1,2})月?([.]0)?", _text(value))
            if match and 1 <= int(match[2]) <= 12:
                first = np.datetime64(f"{match[1]}-{int(match[2]):02d}-01", "D")
                days.append(int(first.astype(np.int64)))
            else:
                days.append(int(NO_DATE))
                wrong.append((int(np.flatnonzero(codes == at)[0]), _text(value)))
        if wrong:
            self._refuse(wrong, "month", "not a month", "write YYYYMM")
        return np.array([*days, NO_DATE], np.int32)[codes]

    def numbers(self, column: Any, role: str) -> Floats:
        # Between commas a comma inside a number parts thousands.
        mark: Any = "." if self.table.delimiter == "," else None
        values, bad = read_numbers(column, mark=mark)
        wrong = [(at, text) for at, text in bad if text.strip()]
        if wrong:
            self._refuse(wrong, role, "not a number", "write a number or leave it empty")
        return values

    def lines(self, records: Sequence[int]) -> list[str]:
        """Where some rows stand, as file and line."""
        lines = self.table.lines(records, self.header)
        return [f"{self.table.label}:{lines.get(at, at)}" for at in records]

    def _refuse(
        self, wrong: Sequence[tuple[int, str]], role: str, message: str, remedy: str
    ) -> NoReturn:
        shown = wrong[:5]
        lines = self.table.lines([at for at, _ in shown], self.header)
        more = f"; {counted(len(wrong) - 5, 'row')} more" if len(wrong) > 5 else ""
        raise CallsError(
            [
                Problem(
                    message,
                    remedy + (more if at == shown[-1][0] else ""),
                    self.table.label,
                    lines.get(at),
                    self.names[role],
                    text[:80],
                )
                for at, text in shown
            ]
        )


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")


def _seconds(column: Any) -> Ints:
    """Second of the day of each row, -1 where none is told; midnight is how programs write none."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_timestamp(kind):
        unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        ticks = column.cast(pa.int64()).fill_null(0).to_numpy()
        seconds = (ticks // unit) % 86_400
    elif kinds.is_time(kind):
        unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        whole = pa.int32() if kinds.is_time32(kind) else pa.int64()
        seconds = column.cast(whole).fill_null(0).to_numpy() // unit
    elif kinds.is_date(kind) or kinds.is_integer(kind) or kinds.is_floating(kind):
        return np.full(len(column), -1, np.int32)
    else:
        codes, values = encoded(column)
        told = [_CLOCK.search(str(value)) for value in values]
        clock = [
            0 if one is None else 3600 * int(one[1]) + 60 * int(one[2]) + int(one[3] or 0)
            for one in told
        ]
        seconds = np.array([*clock, 0], np.int64)[codes]
    return np.where(seconds > 0, seconds, -1).astype(np.int32)


def _joined(parts: Sequence[CallColumns]) -> CallColumns:
    """Several tables as one."""

    def texts(name: str) -> Coded:
        columns = [getattr(part, name) for part in parts]
        names = [text for column in columns for text in column.names]
        starts = np.cumsum([0, *(len(column.names) for column in columns)])
        codes = [
            np.where(column.codes < 0, -1, column.codes + start)
            for column, start in zip(columns, starts[:-1], strict=True)
        ]
        return Coded.of(np.concatenate(codes), names)

    return CallColumns(
        day=np.concatenate([part.day for part in parts]),
        second=np.concatenate([part.second for part in parts]),
        target=np.concatenate([part.target for part in parts]),
        has=frozenset().union(*(part.has for part in parts)),
        label=f"{len(parts)} tables",
        repeated=0,
        undecided=(),
        nameless=(),
        unknown={text: said for part in parts for text, said in part.unknown.items()},
        **{name: texts(name) for name in TEXTS},
    )


def _in_order(calls: CallColumns) -> CallColumns:
    """Rows sorted by all that they say.

    Most rows differ by listing, house and day, so only the others are looked at in full. Where a
    table has a row a forecast period, rows that say the same are one.
    """
    key = _packed(calls)
    order = np.argsort(key)
    key = key[order]
    tied = np.zeros(key.size, np.bool_)
    same = key[1:] == key[:-1]
    tied[1:] |= same
    tied[:-1] |= same
    places = np.flatnonzero(tied)
    repeated = np.zeros(key.size, np.bool_)
    if places.size:
        rows = order[places]
        target = np.where(np.isnan(calls.target[rows]), -1.0, calls.target[rows])
        told: list[npt.NDArray[Any]] = [getattr(calls, name).codes[rows] for name in TEXTS]
        keys = [*told, target, calls.second[rows], key[places]]
        inner = np.lexsort(keys)
        order[places] = rows[inner]
        equal = np.ones(places.size - 1, np.bool_)
        for one in keys:
            equal &= one[inner][1:] == one[inner][:-1]
        repeated[places[1:][equal]] = "quarter" in calls.has
    kept = order[~repeated]
    return replace(calls.take(kept), repeated=int(repeated.sum()))


def _packed(calls: CallColumns) -> Whole:
    """Listing, house and day in one number."""
    days = calls.day.astype(np.int64)
    low = int(days[days > NO_DATE].min(initial=0))
    day = np.where(days > NO_DATE, days - low + 1, 0)
    span = int(day.max(initial=0)) + 1
    pair = (calls.firm.codes.astype(np.int64) + 1) * (len(calls.listing.names) + 1)
    pair += calls.listing.codes + 1
    return pair * span + day
