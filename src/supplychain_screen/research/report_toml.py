"""report.toml: identity, standard, indices, sector call and events, every bad key named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supplychain_screen.errors import Problem, RatingScaleError
from supplychain_screen.identity import BOARDS, EXCHANGES, Index
from supplychain_screen.research.content import Correction, Event, SectorCall
from supplychain_screen.research.index_library import VENDORS
from supplychain_screen.research.rating_scale import KINDS, Level, RatingScale, ScaleKind
from supplychain_screen.research.standard import INDEX_PREFIX, Market, RatingStandard
from supplychain_screen.research.text_files import near_name, parse_date, parse_toml, read_text

__all__ = ["Identity", "ReportHead", "read_report_toml"]

SCHEMA_VERSION = 1
REPORT_FILE = "report.toml"
M = TypeVar("M", bound=BaseModel)
Path_ = tuple[str | int, ...]


class Identity(BaseModel):
    """The table ``[report]``: what the report is, and when it was or may have been published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    title: Annotated[str, Field(min_length=1)]
    title_en: str = ""
    publisher: str = ""
    publisher_en: str = ""
    published: date | None = None
    published_after: date | None = None


class _StandardTable(BaseModel):
    """The plain keys of ``[standard]``; its scales and markets are read one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_months: Annotated[int, Field(ge=1, le=120)]
    last_months: Annotated[int, Field(ge=1, le=120)]
    basis: Literal["price", "total"] = "price"
    comparison: Literal["difference", "ratio"] = "difference"
    notes: str = ""


class _ScaleTable(BaseModel):
    """The plain keys of a scale; its levels are read one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    kind: ScaleKind = "relative"
    required_return: float | None = None
    publisher: str = ""
    notes: str = ""


class _EventTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    text_zh: str = ""
    text_en: str = ""
    inferred: str = ""


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What report.toml says; None where it says it wrongly."""

    identity: Identity | None
    standard: RatingStandard | None
    sector_call: SectorCall | None
    events: tuple[Event, ...]
    corrections: tuple[Correction, ...] = ()


def read_report_toml(file: Path | Traversable, problems: list[Problem]) -> ReportHead:
    """Everything report.toml says.

    Parameters
    ----------
    file : Path or Traversable
        The file, UTF-8.
    problems : list of Problem
        Receives everything that is wrong, with the line where it stands.
    """
    empty = ReportHead(None, None, None, ())
    text = read_text(file, problems)
    if text is None:
        return empty
    try:
        content = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line ([0-9]+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        problems.append(
            Problem(f"no TOML: {error}", "text stands in double quotes", file.name, line)
        )
        return empty
    return _Toml(content, file.name, _lines(text), problems).head()


class _Toml:
    """Reads the tables of one file; what is wrong is a problem with its key and line."""

    def __init__(
        self,
        content: dict[str, Any],
        name: str,
        lines: Mapping[Path_, int],
        problems: list[Problem],
    ) -> None:
        self._content = content
        self._name = name
        self._lines = lines
        self._problems = problems

    def head(self) -> ReportHead:
        known = (
            "schema_version",
            "report",
            "sector_call",
            "standard",
            "indices",
            "events",
            "corrections",
        )
        for key in self._content:
            if key not in known:
                self._fault((key,), "unknown key", near_name(key, known) or f"keys are {known}")
        version = self._content.get("schema_version")
        if version != SCHEMA_VERSION or isinstance(version, bool):
            remedy = f"write schema_version = {SCHEMA_VERSION}"
            if isinstance(version, int) and version > SCHEMA_VERSION:
                remedy = "the file was written for a newer version: upgrade supplychain-screen"
            self._fault(("schema_version",), "no known schema version", remedy, version)
        identity = self._model(Identity, self._table(("report",)), ("report",))
        self._order_of_dates(identity)
        standard = self._standard()
        call = None
        if "sector_call" in self._content:
            call = self._model(SectorCall, self._table(("sector_call",)), ("sector_call",))
        self._known_level(call, standard)
        return ReportHead(identity, standard, call, self._events(), self._corrections())

    # --- the sections ---------------------------------------------------------------------------

    def _standard(self) -> RatingStandard | None:
        table = self._table(("standard",))
        if table is None:
            return None
        indices = self._indices()
        stock = self._scale(table, "stock", required=True)
        sector = self._scale(table, "sector", required=False)
        markets = self._markets(table, indices, required=stock is None or stock.kind == "relative")
        parts = ("stock", "sector", "markets")
        plain = {key: value for key, value in table.items() if key not in parts}
        rest = self._model(_StandardTable, plain, ("standard",), also=parts)
        if rest is not None and rest.last_months < rest.first_months:
            self._fault(
                ("standard", "last_months"),
                f"the horizon ends before it begins at {rest.first_months} months",
                "last_months must not be less than first_months",
                rest.last_months,
            )
        if rest is None or stock is None or markets is None or indices is None:
            return None
        return RatingStandard(
            stock=stock,
            sector=sector,
            markets=markets,
            indices=tuple(indices.values()),
            **rest.model_dump(),
        )

    def _scale(self, standard: dict[str, Any], kind: str, *, required: bool) -> RatingScale | None:
        where: Path_ = ("standard", kind)
        if kind not in standard:
            if required:
                self._fault(where, "missing table", f"add [standard.{kind}] with its levels")
            return None
        table = self._table(where)
        if table is None:
            return None
        before = len(self._problems)
        parts = ("levels", "no_view")
        plain = {key: value for key, value in table.items() if key not in parts}
        if plain.get("kind", "relative") not in KINDS:
            remedy = near_name(str(plain["kind"]), KINDS) or f"kinds are {', '.join(KINDS)}"
            self._fault((*where, "kind"), "unknown kind of scale", remedy, plain.pop("kind"))
        origin = plain.get("required_return")
        if isinstance(origin, int | float) and abs(origin) > 1:
            remedy = f"write {origin / 100:g} for {origin:g}%"
            self._fault((*where, "required_return"), "a return is a fraction", remedy, origin)
        named = self._model(_ScaleTable, plain, where, also=parts)
        levels = [self._level(one, at) for one, at in self._list(table, (*where, "levels"))]
        no_view = None
        if "no_view" in table:
            at = (*where, "no_view")
            no_view = self._model(Level, self._table(at), at)
        if len(self._problems) > before or named is None:
            return None
        try:
            return RatingScale(
                levels=tuple(level for level in levels if level is not None),
                no_view=no_view,
                **named.model_dump(),
            )
        except RatingScaleError as error:
            for problem in error.problems:
                self._fault(where, problem.message, problem.remedy)
            return None

    def _level(self, table: dict[str, Any], where: Path_) -> Level | None:
        level = self._model(Level, table, where)
        for side in ("lower", "upper"):
            bound = table.get(side)
            if bound is None or isinstance(bound, bool) or not isinstance(bound, int | float):
                continue
            if abs(bound) > 1:
                self._fault(
                    (*where, side),
                    "a bound is a fraction",
                    f"write {bound / 100:g} for {bound:g}%",
                    bound,
                )
            if f"{side}_inclusive" not in table:
                self._fault(
                    (*where, side),
                    f"{side}_inclusive is missing",
                    "say whether the bound belongs to the level: true or false",
                )
        return level

    def _indices(self) -> dict[str, Index] | None:
        before = len(self._problems)
        found: dict[str, Index] = {}
        for table, where in self._list(self._content, ("indices",), required=False):
            index = self._model(Index, table, where)
            if index is None:
                continue
            if index.name in found:
                self._fault((*where, "name"), "defined twice", "remove one", index.name)
            found[index.name] = index
            for vendor in index.symbols:
                if vendor not in VENDORS:
                    remedy = near_name(vendor, VENDORS) or f"vendors are {', '.join(VENDORS)}"
                    self._fault((*where, "symbols"), "unknown vendor", remedy, vendor)
        return found if len(self._problems) == before else None

    def _markets(
        self, standard: dict[str, Any], indices: dict[str, Index] | None, *, required: bool
    ) -> tuple[Market, ...] | None:
        before = len(self._problems)
        found = []
        names: set[str] = set()
        covered: dict[tuple[str, str], str] = {}
        # Where the indices are faulty themselves, every name of one is still known.
        known = [
            str(table.get("name", ""))
            for table in self._content.get("indices", ())
            if isinstance(table, dict)
        ]
        for table, where in self._list(standard, ("standard", "markets"), required=required):
            market = self._model(Market, table, where)
            if market is None:
                continue
            if market.name in names:
                self._fault((*where, "name"), "defined twice", "remove one", market.name)
            names.add(market.name)
            self._known_exchanges(market, where, covered)
            self._known_boards(market, where)
            for name in (*market.benchmarks, *market.extensions):
                if name.removeprefix(INDEX_PREFIX) not in known:
                    remedy = near_name(name, known) or "define it under [[indices]]"
                    self._fault((*where, "benchmarks"), "benchmark not defined", remedy, name)
            for mark in market.extensions:
                if mark not in market.benchmarks:
                    remedy = "name it among the benchmarks too"
                    self._fault((*where, "extensions"), "no benchmark of the market", remedy, mark)
            if not market.benchmarks:
                self._fault(
                    (*where, "benchmarks"), "no benchmark", "name one, or remove the market"
                )
            found.append(
                market.model_copy(
                    update={
                        "benchmarks": tuple(_index_id(one) for one in market.benchmarks),
                        "extensions": tuple(_index_id(one) for one in market.extensions),
                    }
                )
            )
        return tuple(found) if len(self._problems) == before and indices is not None else None

    def _known_exchanges(
        self, market: Market, where: Path_, covered: dict[tuple[str, str], str]
    ) -> None:
        """Name the exchanges that nobody knows, and those that another market covers."""
        for mic in market.mics:
            if mic not in EXCHANGES:
                remedy = near_name(mic, EXCHANGES) or f"known are {', '.join(EXCHANGES)}"
                self._fault((*where, "mics"), "unknown MIC", remedy, mic)
            for board in market.boards or ("",):
                if (mic, board) in covered:
                    place = f"{mic} {board}".rstrip()
                    self._fault(
                        (*where, "boards" if board else "mics"),
                        f"already in {covered[mic, board]}",
                        "leave it in one market",
                        place,
                    )
                covered.setdefault((mic, board), market.name)

    def _known_boards(self, market: Market, where: Path_) -> None:
        """Name the boards that none of the market's exchanges has."""
        known = [board for mic in market.mics for board in BOARDS.get(mic, ())]
        for board in market.boards:
            if board not in known:
                remedy = near_name(board, known) or (
                    f"boards there are {', '.join(known)}" if known else "leave boards out"
                )
                self._fault((*where, "boards"), "unknown board", remedy, board)

    def _events(self) -> tuple[Event, ...]:
        found = []
        for table, where in self._list(self._content, ("events",), required=False):
            event = self._model(_EventTable, table, where)
            if event is None:
                continue
            precision, first = _partial_date(event.date)
            if first is None:
                remedy = "write it in quotes as 2024, 2024-11 or 2024-11-12"
                self._fault((*where, "date"), "not a date", remedy, event.date)
                continue
            found.append(
                Event.model_validate(
                    {"first": first, "precision": precision, **event.model_dump(exclude={"date"})}
                )
            )
        return tuple(found)

    def _corrections(self) -> tuple[Correction, ...]:
        tables = self._list(self._content, ("corrections",), required=False)
        found = [self._model(Correction, table, where) for table, where in tables]
        return tuple(one for one in found if one is not None)

    # --- checks across sections -----------------------------------------------------------------

    def _order_of_dates(self, identity: Identity | None) -> None:
        if identity is None or identity.published is None or identity.published_after is None:
            return
        if identity.published <= identity.published_after:
            self._fault(
                ("report", "published"),
                f"not after {identity.published_after}, as published_after says",
                "correct one of the two",
                identity.published,
            )

    def _known_level(self, call: SectorCall | None, standard: RatingStandard | None) -> None:
        if call is None or standard is None:
            return
        if standard.sector is None:
            self._fault(
                ("sector_call", "level"),
                "the standard has no sector scale",
                'add [standard.sector] with its levels; kind = "direction" where no number is '
                "printed",
                call.level,
            )
            return
        names = standard.sector.names
        if call.level in names:
            return
        printed = [level.name for level in standard.sector.levels if level.name_zh == call.level]
        remedy = near_name(call.level, names) or f"levels are {', '.join(names)}"
        if printed:
            remedy = f"write {printed[0]}"
        self._fault(("sector_call", "level"), "unknown rating level", remedy, call.level)

    # --- reading --------------------------------------------------------------------------------

    def _table(self, where: Path_) -> dict[str, Any] | None:
        """The table of that path, or None with a problem where there is none."""
        table: Any = self._content
        for key in where:
            table = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict):
            return table
        if table is None:
            self._fault(where, "missing table", f"add [{'.'.join(map(str, where))}]")
        else:
            self._fault(where, "not a table", f"write [{'.'.join(map(str, where))}]", table)
        return None

    def _list(
        self, parent: dict[str, Any], where: Path_, *, required: bool = True
    ) -> list[tuple[dict[str, Any], Path_]]:
        """The tables of an array, each with its path."""
        head = f"[[{'.'.join(map(str, where))}]]"
        tables = parent.get(str(where[-1]))
        if tables is None:
            if required:
                self._fault(where, "missing tables", f"add {head}")
            return []
        if tables == []:
            return []
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._fault(where, "not a list of tables", f"write {head} above each")
            return []
        return [(one, (*where, at)) for at, one in enumerate(tables)]

    def _model(
        self,
        model: type[M],
        table: dict[str, Any] | None,
        where: Path_,
        *,
        also: tuple[str, ...] = (),
    ) -> M | None:
        """The table as a model, or None with a problem for each bad key."""
        if table is None:
            return None
        try:
            return model.model_validate(_tuples(table), strict=True)
        except ValidationError as error:
            known = (*model.model_fields, *also)
            for one in error.errors(include_url=False):
                key = tuple(part for part in one["loc"] if part not in ("str", "date"))
                message, remedy = _plain(
                    one["type"], one["msg"], str(key[-1]) if key else "", known
                )
                value = one["input"] if one["type"] not in ("missing", "extra_forbidden") else None
                self._fault((*where, *key), message, remedy, value)
            return None

    def _fault(self, where: Path_, message: str, remedy: str = "", value: object = None) -> None:
        line = None
        for length in range(len(where), 0, -1):
            if where[:length] in self._lines:
                line = self._lines[where[:length]]
                break
        shown = None if value is None or isinstance(value, dict) else str(value)
        self._problems.append(Problem(message, remedy, self._name, line, _dotted(where), shown))


def _index_id(name: str) -> str:
    return f"{INDEX_PREFIX}{name.removeprefix(INDEX_PREFIX)}"


def _partial_date(text: str) -> tuple[str, date | None]:
    """The precision and first day of ``2024``, ``2024-11`` or ``2024-11-12``."""
    precision = {4: "year", 7: "month"}.get(len(text), "day")
    return precision, parse_date(text + {"year": "-01-01", "month": "-01"}.get(precision, ""))


_WORDS = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "date_type": "must be a date without quotes, as 2024-11-12",
    "tuple_type": "must be a list in square brackets",
    "mapping_type": "must be a table of vendor = symbol",
    "string_too_short": "must not be empty",
}


def _plain(kind: str, message: str, key: str, known: tuple[str, ...]) -> tuple[str, str]:
    """A model's complaint in words for the writer of the file, with its remedy."""
    if kind == "missing":
        return "missing key", f"add {key}"
    if kind == "extra_forbidden":
        return "unknown key", near_name(key, known) or f"keys are {', '.join(known)}"
    if kind in _WORDS:
        return "wrong value", _WORDS[kind]
    if kind == "string_pattern_mismatch":
        hints = {
            "currency": "write an ISO 4217 code such as CNY",
            "name": "write capitals, digits and _",
            "id": "write small letters, digits, - and .",
        }
        return "wrong value", hints.get(key, "")
    clean = message.removeprefix("Value error, ").removeprefix("Input ")
    head, _, remedy = clean.partition("; ")
    return (head, remedy) if remedy else ("wrong value", clean)


def _tuples(value: Any) -> Any:
    """Lists as tuples, all the way down: the models are frozen."""
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _dotted(where: Path_) -> str:
    """``standard.markets[2].mics`` of a path."""
    text = ""
    for part in where:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _lines(text: str) -> dict[Path_, int]:
    """The line of each table and key, as far as one look at each line can tell.

    tomllib keeps no positions. A line inside a multi-line text that looks like a key can win over
    nothing else, since the first place of a path is the one that counts.
    """
    found: dict[Path_, int] = {}
    counts: dict[Path_, int] = {}
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[\[\s*([\w.\-]+)\s*\]\]", line):
            path = _indexed(tuple(head[1].split(".")), counts)
            counts[path] = counts.get(path, -1) + 1
            table = (*path, counts[path])
        elif head := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
            table = _indexed(tuple(head[1].split(".")), counts)
        elif key := re.match(r"\s*([\w\-]+)\s*=", line):
            found.setdefault((*table, key[1]), number)
            continue
        else:
            continue
        found.setdefault(table, number)
    return found


def _indexed(names: tuple[str, ...], counts: Mapping[Path_, int]) -> Path_:
    """The names of a table's heading, with the running number of each array on the way."""
    path: Path_ = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])
