"""A printed name becomes a listing only where nothing else could be meant."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from supplychain_screen.errors import UnknownListingError
from supplychain_screen.identity.listings import Listing, parse_symbol
from supplychain_screen.words import Message, message

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = ["Candidate", "Resolution", "resolve", "strip_marker"]

_MARKER = re.compile(r"[-－‐–—][UWDVBSRP]{1,3}$")
"""What exchanges add to a short name: -U no profit yet, -W weighted votes, -B biotech, ..."""
_PREFIX = re.compile(r"^(S?\*?ST|XD|XR|DR|[NC])(?=[㐀-鿿])")
"""What exchanges put before one: special treatment, ex-dividend day, first days of trading."""
_LEGAL_FORM = re.compile(r"\b(incorporated|inc|corporation|corp|company|co|limited|ltd|plc)\b")

NEAR = 60.0
"""Similarity in percent from which a name is suggested; it never decides."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing that a name could mean.

    Parameters
    ----------
    listing : Listing
        The listing.
    score : float
        From 0 to 100; an exact match has 95 or more, a near one less.
    grounds : tuple of Message or str
        Why it is here, and what speaks against it; notes of a listing as they were written.
    decisive : bool
        Whether it would be chosen if it were the only decisive one.
    """

    listing: Listing
    score: float
    grounds: tuple[Message | str, ...]
    decisive: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """The grounds in English."""
        return tuple(str(one) for one in self.grounds)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name could mean, and whether that is certain.

    Parameters
    ----------
    name : str
        The name as asked.
    candidates : tuple of Candidate
        Best first.
    chosen : Listing or None
        The only decisive candidate; None where there is none or more than one.
    verdict : Message or str
        Why it was chosen, or why nothing was.
    """

    name: str
    candidates: tuple[Candidate, ...]
    chosen: Listing | None
    verdict: Message | str

    @property
    def reason(self) -> str:
        """The verdict in English."""
        return str(self.verdict)

    @property
    def is_ambiguous(self) -> bool:
        """Whether more than one listing matches the name exactly."""
        return sum(one.decisive for one in self.candidates) > 1

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
            for cells in (
                (
                    one.listing.id,
                    one.listing.name_zh,
                    one.listing.name_en,
                    f"{one.score:.0f}",
                    "; ".join(one.reasons),
                )
                for one in self.candidates
            )
        )
        heads = ("listing", "name", "English name", "score", "reasons")
        head = "".join(f"<th>{name}</th>" for name in heads)
        chosen = "not chosen" if self.chosen is None else self.chosen.id
        caption = html.escape(f"{self.name}: {chosen} ({self.reason})")
        return (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def resolve(
    name: str, listings: Iterable[Listing], *, as_of: date | None = None, limit: int = 5
) -> Resolution:
    """The listing that a printed name means, or the candidates where that is uncertain.

    Parameters
    ----------
    name : str
        A company as printed (``舜宇光学``, ``寒武纪-U``, ``聯發科``), or an id or symbol.
    listings : iterable of Listing
        Everything that could be meant.
    as_of : date, optional
        Listings that began to trade after this day are never chosen.
    limit : int
        How many near names are suggested at most, beside the exact ones.

    Returns
    -------
    Resolution
        ``chosen`` is set only where exactly one listing matches exactly: by symbol, short name,
        alias or English name, differences of case, width, spaces, traditional characters and
        exchange markers aside. Listings with the role ``later_line`` or ``related`` are shown and
        never chosen. Near names are suggestions, however near.

    Examples
    --------
    >>> sunny = Listing(
    ...     mic="XHKG", code="2382", currency="HKD", name_zh="舜宇光学科技", aliases=("舜宇光学",)
    ... )
    >>> resolve("舜宇光學", [sunny]).chosen.id
    'XHKG:2382'
    >>> near = resolve("舜宇", [sunny])
    >>> near.chosen is None, near.reason
    (True, 'no listing has this name; near names are suggestions only')
    """
    wanted = _folded(name)
    found = []
    if wanted:
        for listing in listings:
            candidate = _exact(name, listing, as_of) or _near(wanted, listing)
            if candidate is not None:
                found.append(candidate)
    found.sort(key=lambda one: (-one.decisive, -one.score, one.listing.id))
    exact = [one for one in found if one.score >= 95]
    near = [one for one in found if one.score < 95][:limit]
    decisive = [one for one in exact if one.decisive]
    chosen = decisive[0].listing if len(decisive) == 1 else None
    verdict: Message | str
    if chosen is not None:
        verdict = decisive[0].grounds[0]
    elif decisive:
        verdict = message("match.several", n=len(decisive))
    elif exact:
        verdict = message("match.only_others")
    elif near:
        verdict = message("match.only_near")
    else:
        verdict = message("match.none")
    return Resolution(name, (*exact, *near), chosen, verdict)


def strip_marker(name: str) -> tuple[str, str]:
    """A short name without the exchange's marker, and the marker.

    Parameters
    ----------
    name : str
        For example ``寒武纪-U``.

    Returns
    -------
    tuple of (str, str)
        Name and marker; the marker is empty where there is none.

    Examples
    --------
    >>> strip_marker("寒武纪-U"), strip_marker("思特威－Ｗ"), strip_marker("TCL")
    (('寒武纪', 'U'), ('思特威', 'W'), ('TCL', ''))
    """
    plain = unicodedata.normalize("NFKC", name)
    match = _MARKER.search(plain)
    if match is None:
        return name, ""
    # The marker has as many characters before folding as after it.
    return name[: len(name) - len(match[0])], match[0][1:]


def _exact(name: str, listing: Listing, as_of: date | None) -> Candidate | None:
    """The listing as a candidate, where one of its names is the name asked for."""
    found = next(_matches(name, listing), None)
    if found is None:
        return None
    score, reason = found
    against: list[Message | str] = []
    if listing.role == "later_line":
        against.append(message("match.later_line"))
    elif listing.role == "related":
        against.append(listing.notes or message("match.related"))
    if as_of is not None and listing.first_session is not None and listing.first_session > as_of:
        against.append(message("match.too_young", first=listing.first_session, as_of=as_of))
    return Candidate(listing, score, (reason, *against), decisive=not against)


def _matches(name: str, listing: Listing) -> Iterator[tuple[float, Message]]:
    """Each way in which a name is exactly one of the listing's, the strongest first."""
    try:
        if ":".join(parse_symbol(name, us_mic=listing.mic)) == listing.id:
            yield 100.0, message("match.symbol", listing=listing.id)
    except UnknownListingError:
        pass  # most names are no symbols
    if name == listing.name_zh:
        yield 100.0, message("match.short_name")
    wanted = _folded(name)
    if wanted == _folded(listing.name_zh):
        yield 99.0, message("match.short_name_folded", name=listing.name_zh)
    for alias in listing.aliases:
        if wanted == _folded(alias):
            yield 97.0, message("match.alias", name=alias)
    english = _without_legal_form(listing.name_en)
    if english and english == _without_legal_form(name):
        yield 95.0, message("match.english", name=listing.name_en)


def _near(wanted: str, listing: Listing) -> Candidate | None:
    """The listing as a suggestion, where one of its names is near."""
    from rapidfuzz import fuzz

    names = [one for one in (listing.name_zh, *listing.aliases, listing.name_en) if one]
    scored = []
    for one in names:
        folded = _folded(one)
        score = fuzz.ratio(wanted, folded)
        if len(wanted) > 1 and (wanted in folded or folded in wanted):
            score = max(score, 80.0)
        scored.append((score, one))
    score, best = max(scored, default=(0.0, ""))
    if score < NEAR:
        return None
    # Below every exact match, whatever the similarity.
    grounds = (message("match.near", name=best),)
    return Candidate(listing, round(score * 0.9, 1), grounds, decisive=False)


@lru_cache(maxsize=65536)
def _folded(name: str) -> str:
    """A name without what print varies: width, case, spaces, markers, traditional characters."""
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    plain = _PREFIX.sub("", _MARKER.sub("", plain.upper()))
    simple: str = to_simplified().convert(plain)
    return simple.casefold()


def _without_legal_form(name: str) -> str:
    """An English name without its legal form, punctuation and case; empty for a Chinese one."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not plain.isascii():
        return ""
    words = re.sub(r"[^a-z0-9]+", " ", plain)
    return " ".join(_LEGAL_FORM.sub(" ", words).split())


@lru_cache(maxsize=1)
def to_simplified() -> OpenCC:
    """Traditional characters to simplified ones, made once."""
    from opencc import OpenCC

    return OpenCC("t2s")
