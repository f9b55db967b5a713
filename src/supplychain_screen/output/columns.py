"""The table of columns that every output shares: key, title, kind, and what it says of a row.

An output chooses columns and dresses them: it gives them a width, a number format, a Parquet type.
What a column is called, what kind of thing it holds, how its value reads in words, and whose name
stands in which language: that is decided here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import reason_counts, robustness_phrase, stage_phrase
from supplychain_screen.words import (
    ACTIONS,
    ADJUSTMENTS,
    CAUSES,
    COLUMNS,
    CONFIDENCES,
    FINDINGS,
    MISSING,
    REASONS,
    ROLES,
    SHORT_COLUMNS,
    SOURCES,
    STAGES,
    STATUSES,
    Lang,
    Phrase,
    convention_phrase,
    day,
    is_missing,
    message,
    moment,
    name_phrase,
    number,
    percent,
    phrase_of,
    printed,
    rating_phrase,
    rating_sign,
    rating_tone,
    short_name,
    window_phrase,
)

if TYPE_CHECKING:
    import pandas as pd

    from supplychain_screen.research import RatingScale
    from supplychain_screen.screening import Screening

__all__ = [
    "NUMBERS",
    "PRINTED",
    "Column",
    "Kind",
    "Reader",
    "Style",
    "column",
    "printed_beside",
    "segment_rows",
    "table_style",
]

Kind = Literal[
    "text",
    "name",
    "word",
    "list",
    "counts",
    "flag",
    "integer",
    "date",
    "instant",
    "price",
    "return",
    "relative",
    "share",
    "rating",
    "phrase",
]
"""What a column holds. ``return`` is a fraction; ``relative`` one that ratings are read off, never
printed across a bound of the scale; ``share`` a part of a whole; ``word`` a key of a table of
words; ``name`` is said in the reader's language where it has one in it; ``phrase`` is made of
several columns of the frame."""

NUMBERS: Final = frozenset({"integer", "price", "return", "relative", "share"})
"""Kinds that stand to the right."""


PRINTED: Final = ("printed_rating", "target")
"""What a report may print beside its companies."""


@dataclass(frozen=True, slots=True)
class Style:
    """How an output writes ratings and numbers.

    Parameters
    ----------
    scale : RatingScale
        Has the words for ratings, and the bounds no relative return is rounded across.
    digits : int
        Decimals of returns, in percent.
    arrows : bool
        Whether a rating has its arrow in front.
    unit : bool
        Whether returns carry their sign of percent, or a head says the unit once.
    comparison : str
        How relative returns were formed: a difference of two returns is in points.
    """

    scale: RatingScale
    digits: int = 1
    arrows: bool = True
    unit: bool = True
    comparison: str = "difference"
    bounds: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", self.scale.bounds)

    def percent(self, fraction: Any, digits: int | None = None) -> str:
        """A return as percent."""
        said = percent(fraction, self.digits if digits is None else digits)
        return said if self.unit else said.removesuffix("%")

    def relative(self, fraction: Any) -> str:
        """A relative return as percent, on the side of each bound that it is on."""
        said = percent(fraction, self.digits, bounds=self.bounds)
        return said if self.unit else said.removesuffix("%")

    def rating(self, name: Any) -> Phrase:
        """A rating in the scale's own words."""
        words = rating_phrase(self.scale, name)
        if is_missing(name) or not self.arrows:
            return words
        sign = rating_sign(rating_tone(self.scale, name))
        return Phrase(f"{sign} {words.zh}", f"{sign} {words.en}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame of a screening, or one that is made of several.

    Parameters
    ----------
    key : str
        Name in the frame, or of what is made of several.
    kind : Kind
    reads : tuple of str
        Columns of the frame that it is made of.
    spoken : callable
        Style and the values of ``reads`` → what it says in both languages.
    head : Phrase, optional
        Its head, where the screening's table of heads has none for it.

    Examples
    --------
    >>> from supplychain_screen import load_report
    >>> style = Style(load_report().standard.stock)
    >>> row = {"company": "乐鑫科技", "company_en": None, "rating": "neutral", "day": 143}
    >>> [column(key).said(row, style).en for key in ("company", "rating", "day")]
    ['乐鑫科技', '→ Neutral', '143']
    >>> column("company").title, column("benchmark_return").short.en
    (Phrase(zh='公司', en='Company'), 'Index')
    """

    key: str
    kind: Kind
    reads: tuple[str, ...]
    spoken: Callable[..., Phrase]
    head: Phrase | None = None

    @property
    def title(self) -> Phrase:
        """Its head."""
        if self.head is not None:
            return self.head
        return phrase_of(COLUMNS, _HEADS.get(self.key, self.key))

    @property
    def short(self) -> Phrase:
        """Its head where there is little room."""
        if self.head is not None:
            return self.head
        return SHORT_COLUMNS.get(self.key, self.title)

    def unit(self, style: Style) -> Phrase | None:
        """The unit of its figures, where a head says it once."""
        if style.unit or not (self.kind in ("return", "relative") or self.key in _FIGURES):
            return None
        points = self.kind != "return" and style.comparison == "difference"
        return (message("page.points") if points else message("page.percent")).phrase

    def headed(self, style: Style) -> Phrase:
        """Its head with the unit that its figures leave out.

        Examples
        --------
        >>> from supplychain_screen import load_report
        >>> style = Style(load_report().standard.stock, unit=False)
        >>> [column(key).headed(style).en for key in ("return", "relative_return", "rating")]
        ['Return, %', 'Relative return, pp', 'Realised rating']
        """
        unit = self.unit(style)
        if unit is None:
            return self.title
        return Phrase(f"{self.title.zh}，{unit.zh}", f"{self.title.en}, {unit.en}")

    @property
    def right(self) -> bool:
        """True where it stands to the right, as numbers do."""
        return self.kind in NUMBERS or self.key in ("rated_of", "leave_one_out")

    def said(self, row: Mapping[Any, Any], style: Style) -> Phrase:
        """What it says of one row, – where there is nothing to say."""
        return self.spoken(style, *(row.get(one) for one in self.reads))

    def texts(self, frame: pd.DataFrame, style: Style, lang: Lang) -> list[str | None]:
        """What it says of every row in one language, None where there is nothing to say."""
        values = zip(*(frame[one].tolist() for one in self.reads if one in frame), strict=True)
        if self.kind in ("list", "counts"):
            said = [self.spoken(style, *row).of(lang) for row in values]
        else:
            # Thousands of rows say a few things: sources, windows, moments, names.
            rows = list(values)
            known = {row: self.spoken(style, *row).of(lang) for row in set(rows)}
            said = [known[row] for row in rows]
        return [None if one == MISSING else one for one in said]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads columns of rows aloud in one language, as text in which nothing hides."""

    style: Style
    lang: Lang

    def __call__(self, key: str | Column, row: Mapping[Any, Any]) -> str:
        """What the column ``key`` says of ``row``."""
        return visible_text(column(key).said(row, self.style).of(self.lang))

    def both(self, key: str, row: Mapping[Any, Any]) -> Phrase:
        """The same in both languages."""
        return Phrase(*map(visible_text, column(key).said(row, self.style)))


def _name(_: Style, *names: Any) -> Phrase:
    return name_phrase(*names)


def _target(_: Style, amount: Any, currency: Any) -> Phrase:
    said = (str(one) for one in (amount, currency) if not is_missing(one))
    return name_phrase(" ".join(said) or None)


def _company(_: Style, *names: Any) -> Phrase:
    zh, en = name_phrase(*names)
    return Phrase(zh, short_name(en) if en != zh else en)


def _detail(_: Style, *sentences: Any) -> Phrase:
    """A sentence of a frame, which is data, as a person reads it."""
    return Phrase(*map(printed, name_phrase(*sentences)))


def _text(_: Style, *values: Any) -> Phrase:
    """The first text there is, the same in both languages."""
    return name_phrase(next((one for one in values if not is_missing(one) and one != ""), None))


def _alike(text: str) -> Phrase:
    """What reads the same in both languages."""
    return Phrase(text, text)


def _of(spoken: Callable[[Any], str]) -> Callable[[Style, Any], Phrase]:
    return lambda _, value: _alike(MISSING if is_missing(value) else spoken(value) or MISSING)


def _price(close: Any) -> str:
    # Adjusted closes below 10 differ in the third decimal; traded ones end at the cent.
    return number(close, 3 if abs(float(close)) < 10 else 2)


def _word(table: Mapping[str, Phrase]) -> Callable[[Style, Any], Phrase]:
    return lambda _, key: phrase_of(table, key)


def _verdict(style: Style, rating: Any, reason: Any) -> Phrase:
    """The rating, or why there is none."""
    if is_missing(reason):
        return style.rating(rating)
    words = phrase_of(REASONS, reason)
    return Phrase(*(f"{rating_sign('none')} {text}" for text in words))


def _reached(_: Style, stage: Any, window: Any, on: Any, of: Any, listing: Any) -> Phrase:
    """The window that the headline is measured over, or how far it has come."""
    if stage == "interim" and not is_missing(on):
        return name_phrase(f"{int(on)}/{int(of)}")
    if is_missing(listing):
        return name_phrase(None)
    if stage == "pending":
        return message("column.not_yet").phrase
    return Phrase(window_phrase(window).zh, str(window))


def _flips(_: Style, conventions: Any) -> Phrase:
    said = [convention_phrase(str(one)) for one in conventions]
    return name_phrase("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def _leave_one_out(style: Style, low: Any, high: Any, rated: Any) -> Phrase:
    if is_missing(low):
        return message("column.one_only").phrase if rated == 1 else name_phrase(None)
    return name_phrase(f"{style.percent(low, 0)}…{style.percent(high, 0)}")


def _member(style: Style, zh: Any, en: Any, figure: Any) -> Phrase:
    """A company and its relative return."""
    return Phrase(*(f"{name} {style.percent(figure, 0)}" for name in _company(style, zh, en)))


_SPOKEN: Final[Mapping[Kind, Callable[..., Phrase]]] = {
    "text": _text,
    "name": _name,
    "list": _of(lambda values: "; ".join(map(str, values))),
    "counts": lambda _, reasons: reason_counts(reasons),
    "flag": _of(lambda value: "✓" if value else ""),
    "integer": _of(lambda value: str(int(value))),
    "date": _of(day),
    "instant": _of(moment),
    "price": _of(_price),
    "return": lambda style, value: _alike(style.percent(value)),
    "relative": lambda style, value: _alike(style.relative(value)),
    "share": lambda _, value: _alike(percent(value, 0, signed=False)),
    "rating": Style.rating,
}

_KINDS: Final[Mapping[Kind, str]] = {
    "name": "segment company benchmark_name best_company worst_company",
    "list": "candidates robustness_flips",
    "counts": "unrated_reasons",
    "flag": "pending ratings_disagree single_company matured",
    "integer": "order day days companies mentions listed unlisted unresolved rated unrated"
    " robustness_agree robustness_of robustness_distinct base_age end_age benchmark_base_age"
    " benchmark_end_age",
    "date": "first last session base_date end_date base_session end_session last_session"
    " benchmark_base_session benchmark_end_session",
    "instant": "fetched_at benchmark_fetched_at",
    "price": "base_close end_close benchmark_base benchmark_end",
    "return": "return benchmark_return stock_return",
    "relative": "relative_return alternative_relative_return mean median best worst"
    " leave_one_out_low leave_one_out_high relative_before relative_after",
    "share": "hit_rate",
    "rating": "rating alternative_rating before after",
}

_WORDS: Final[Mapping[str, Mapping[str, Phrase]]] = {
    "status": STATUSES,
    "confidence": CONFIDENCES,
    "stage": STAGES,
    "reason": REASONS,
    "role": ROLES,
    "adjustment": ADJUSTMENTS,
    "benchmark_adjustment": ADJUSTMENTS,
    "source": SOURCES,
    "benchmark_source": SOURCES,
    "code": FINDINGS,
    "action": ACTIONS,
    "cause": CAUSES,
}

# What is made of several columns: what it reads, and how it is said.
_MADE: Final[Mapping[str, tuple[str, Callable[..., Phrase]]]] = {
    "symbol": ("symbol listing", _text),
    "target": ("printed_target target_currency", _target),
    "detail": ("detail_zh detail", _detail),
    "progress": ("stage day days", lambda _, *values: stage_phrase(*values)),
    "reached": ("stage window day days listing", _reached),
    "verdict": ("rating reason", _verdict),
    "robustness": (
        "robustness_agree robustness_of",
        lambda _, *values: robustness_phrase(*values),
    ),
    "rated_of": ("rated mentions", lambda _, n, of: name_phrase(f"{n}/{of}")),
    "leave_one_out": ("leave_one_out_low leave_one_out_high rated", _leave_one_out),
    "best_member": ("best_company best_company_en best", _member),
    "worst_member": ("worst_company worst_company_en worst", _member),
}

# Made of several columns, and figures all the same.
_FIGURES: Final = frozenset({"leave_one_out", "best_member", "worst_member"})

_HEADS: Final = {
    "progress": "stage",
    "target": "printed_target",
    "reached": "window",
    "verdict": "rating",
    "best_member": "best",
    "worst_member": "worst",
}
_RELATIVE: Final = "relative_return_"
_RATING: Final = "rating_"


def table_style(screening: Screening, *, arrows: bool = True) -> Style:
    """How every table of ``screening`` writes figures: without a unit, which its heads say."""
    scale, comparison = screening.report.standard.stock, screening.comparison
    return Style(scale, arrows=arrows, unit=False, comparison=comparison)


@cache
def column(key: str | Column) -> Column:
    """The column of that name; text where nothing else is known of it.

    Parameters
    ----------
    key : str or Column
        A column itself, or its name:
        A column of a frame of `Screening` or of the changes between two, those of any
        standard's windows included; or ``progress``, ``reached``, ``verdict``, ``robustness``,
        ``target``, ``rated_of``, ``leave_one_out``, ``best_member``, ``worst_member``, made of
        several.
    """
    if isinstance(key, Column):
        return key
    if key in _MADE:
        reads, spoken = _MADE[key]
        return Column(key, "phrase", tuple(reads.split()), spoken)
    if key in _WORDS:
        return Column(key, "word", (key,), _word(_WORDS[key]))
    if key == "window":
        return Column(key, "word", (key,), lambda _, name: window_phrase(name))
    if key == "robustness_flips":
        return Column(key, "list", (key,), _flips)
    kind = _kind(key)
    if kind == "name":
        spoken = _company if key.endswith("company") else _name
        return Column(key, kind, (key, f"{key}_en"), spoken)
    return Column(key, kind, (key,), _SPOKEN[kind])


def _kind(key: str) -> Kind:
    if key.startswith(_RELATIVE):
        return "relative"
    if key.startswith(_RATING):
        return "rating"
    return next((kind for kind, keys in _KINDS.items() if key in keys.split()), "text")


def printed_beside(screening: Screening) -> list[str]:
    """The columns of `PRINTED` that the report fills."""
    frame = screening.companies
    return [one for one in PRINTED if frame[column(one).reads[0]].notna().any()]


def segment_rows(screening: Screening) -> list[Mapping[Any, Any]]:
    """The rows of ``segments``, then the whole report as one more."""
    whole = message("column.all_once").phrase
    total = {**screening.total.to_dict(), "segment": whole.zh, "segment_en": whole.en}
    return [*screening.segments.to_dict("records"), total]
