"""The screens of one week: measured from the store as known then, hashed, and measured again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from supplychain_screen.errors import (
    ArchiveError,
    InputError,
    Problem,
    PublicationDateError,
    SourceError,
)
from supplychain_screen.identity import Instrument, parse_symbol
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.research import ResearchReport, files_of, load_report
from supplychain_screen.screening import Screening, publication_date, screen
from supplychain_screen.weekly.archive import Week
from supplychain_screen.weekly.config import ScreenSettings
from supplychain_screen.weekly.manifest import Unserved, digest

__all__ = [
    "Measurement",
    "Spec",
    "instruments_of_specs",
    "measure",
    "recover",
    "require_published",
    "specs_of_config",
    "specs_of_week",
]

NOT_UPDATED = "not_updated"
"""Code of the finding that marks a listing whose prices this run could not bring up to date."""


@dataclass(frozen=True)
class Spec:
    """One screen as it is asked for.

    Parameters
    ----------
    name : str
        Its folder inside the week.
    report : ResearchReport
    published : date
    options : mapping
        Further arguments of :func:`supplychain_screen.screening.screening.screen`, JSON only.
    """

    name: str
    report: ResearchReport
    published: date
    options: Mapping[str, Any]
    files: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def report_sha256(self) -> str:
        """Hash of the report's files."""
        return digest(dict(self.files))


@dataclass(frozen=True, eq=False)
class Measurement:
    """One screen of one week, with the hashes that tell whether anything changed."""

    spec: Spec
    screening: Screening
    result: str
    prices_sha256: str
    result_sha256: str


def specs_of_config(screens: Sequence[ScreenSettings]) -> tuple[Spec, ...]:
    """What a configuration asks for, its reports loaded.

    Raises
    ------
    ReportError, InputError
        A report does not validate, a publication date is missing or impossible, or a choice
        names an unknown company or listing; everything that is wrong with all screens at once.
    """
    specs, problems = [], []
    loaded: dict[str, ResearchReport] = {}
    for one in screens:
        try:
            key = "" if one.report is None else str(one.report)
            if key not in loaded:
                loaded[key] = load_report(one.report)
            report = loaded[key]
            published = publication_date(report, one.published)
            options: dict[str, Any] = {
                "base_policy": one.base_policy,
                "basis": one.basis,
                "comparison": one.comparison,
                "include_pending": one.include_pending,
                "max_stale_sessions": one.max_stale_sessions,
                "max_stale_benchmark": one.max_stale_benchmark,
                "choices": {
                    company: ":".join(parse_symbol(symbol))
                    for company, symbol in one.choices.items()
                },
            }
            for company, listing in options["choices"].items():
                report.with_listing(company, listing)
        except InputError as error:
            for problem in error.problems:
                if isinstance(error, PublicationDateError) and one.published is None:
                    problem = Problem(
                        problem.message, "write published = YYYY-MM-DD below its name"
                    )
                where = ": ".join(filter(None, (f"screen {one.name}", problem.file or key)))
                problems.append(replace(problem, file=where))
            continue
        specs.append(Spec(one.name, report, published, options, files_of(report)))
    if problems:
        raise InputError(problems)
    return tuple(specs)


def specs_of_week(week: Week) -> tuple[Spec, ...]:
    """What an archived week was asked, from the copies inside its folder.

    Raises
    ------
    ArchiveError
        A copy of a report is not what the manifest says.
    """
    specs = []
    for record in week.manifest.screens:
        report = load_report(week.folder / record.report)
        spec = Spec(record.name, report, record.published, record.options, files_of(report))
        if spec.report_sha256 != record.report_sha256:
            raise ArchiveError(f"{week.folder.name}/{record.report} is not the report it was")
        specs.append(spec)
    return tuple(specs)


def instruments_of_specs(specs: Sequence[Spec]) -> list[Instrument]:
    """Every listing and benchmark of all screens, once each."""
    found: dict[str, Instrument] = {}
    for spec in specs:
        found |= {one.id: one for one in spec.report.instruments}
    return list(found.values())


def measure(
    specs: Sequence[Spec], prices: PriceStore, as_of: date, unserved: Sequence[Unserved] = ()
) -> tuple[Measurement, ...]:
    """The screens as of a day, from prices as they are known to the store that is given.

    Raises
    ------
    SourceError
        There are no prices at all.
    """
    found = []
    for spec in specs:
        screening = screen(spec.report, spec.published, as_of, prices=prices, **spec.options)
        screening = _marked(screening, unserved)
        result = screening.to_json()
        found.append(
            Measurement(spec, screening, result, _prices_digest(screening), _result_digest(result))
        )
    return tuple(found)


def _marked(screening: Screening, unserved: Sequence[Unserved]) -> Screening:
    """The screening with a finding for each of its listings that could not be updated."""
    held = screening.measured.panel.row_of
    rows = [
        {
            "code": NOT_UPDATED,
            "listing": one.listing,
            "symbol": one.symbol,
            "action": "reported",
            "detail": one.detail,
            "detail_zh": one.detail_zh or one.detail,
        }
        for one in unserved
        if one.listing in held
    ]
    if not rows:
        return screening
    old = screening.findings
    added = pd.DataFrame(rows, columns=old.columns).astype(
        {"first": old["first"].dtype, "last": old["last"].dtype}
    )
    findings = added if old.empty else pd.concat([old, added], ignore_index=True)
    return replace(screening, findings=findings)


def _prices_digest(screening: Screening) -> str:
    """Hash of every price that was read and what the checks said; not of when it was fetched."""
    found = hashlib.sha256()
    screening.measured.panel.feed(found)
    findings = screening.findings[screening.findings["code"] != NOT_UPDATED]
    # What is said is not what was found: words may be bettered.
    findings = findings.drop(columns="detail_zh")
    found.update(findings.to_csv(index=False).encode())
    return found.hexdigest()


def _result_digest(result: str) -> str:
    return digest(re.sub(r'"fetched_at": "[^"]*"', '"fetched_at": null', result).encode())


def recover(week: Week, store: PriceStore, versions: Mapping[str, str]) -> tuple[Measurement, ...]:
    """An archived week measured again, from its own reports and the store as known then.

    Parameters
    ----------
    week : Week
    store : PriceStore
        Not yet cut to a moment.
    versions : mapping
        Of this program and what it computes with.

    Raises
    ------
    ArchiveError
        The prices of then cannot be read any more, or give other results though the program is
        the same.
    """
    manifest = week.manifest
    try:
        found = measure(
            specs_of_week(week), store.as_known(manifest.known_on), week.as_of, manifest.unserved
        )
    except SourceError as error:
        raise ArchiveError(
            f"{week.folder.name} cannot be measured again, {store.location} does not hold what it "
            f"was made from: {error}"
        ) from error
    for one in found:
        record = manifest.screen(one.spec.name)
        assert record is not None
        if one.prices_sha256 != record.prices_sha256:
            raise ArchiveError(
                f"{week.folder.name}, {one.spec.name}: {store.location} does not hold the prices "
                "it was made from; name the store it was made with"
            )
        same_program = dict(manifest.versions) == dict(versions)
        if one.result_sha256 != record.result_sha256 and same_program:
            raise ArchiveError(
                f"{week.folder.name}, {one.spec.name}: the same inputs give another result, which "
                "is a fault of this program; please report it"
            )
    return found


def require_published(specs: Sequence[Spec], as_of: date) -> tuple[Spec, ...]:
    """The screens whose report was out by a day.

    Raises
    ------
    InputError
        None was.
    """
    found = tuple(spec for spec in specs if spec.published <= as_of)
    if not found:
        first = min(spec.published for spec in specs)
        raise InputError(
            Problem(
                f"no report was published by {as_of}",
                f"the first one came out on {first}; ask for a later week",
            )
        )
    return found
