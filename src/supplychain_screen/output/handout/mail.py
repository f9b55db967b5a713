"""The mail: the finding for a mailbox, small, without a style sheet, with one picture."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supplychain_screen.errors import InputError, Problem
from supplychain_screen.output.columns import Reader, column, table_style
from supplychain_screen.output.handout.dots import dots_caption, dots_of, inks_of
from supplychain_screen.output.handout.rasters import families, png_of
from supplychain_screen.output.page import environment
from supplychain_screen.output.rating_words import rating_of
from supplychain_screen.output.safety import visible_text
from supplychain_screen.output.sentences import (
    DISCLAIMER,
    Notice,
    call_and_outcome,
    headline,
    measured_interval,
    notices,
    rated_sentence,
    three_numbers,
    title,
)
from supplychain_screen.output.writing import write_file
from supplychain_screen.words import (
    Colours,
    Lang,
    Phrase,
    Tone,
    default_colours,
    is_missing,
    known_name,
    message,
)

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["mail_html", "mail_subject", "write_mail"]

ENDINGS: Final = (".eml", ".html")
MOST: Final = 40
"""Most companies that a mail lists; of more it has the best and the worst."""

_MOST_SEGMENTS: Final = 24
_WIDTH: Final = 552
_HEIGHT: Final = 210
_ZOOM: Final = 2.0
_PICTURE: Final = "finding@supplychain-screen"
_QUIET: Final[dict[Tone, str]] = {"flat": "#59626d", "none": "#59626d"}
"""Letters need more contrast than dots."""

_BOUNDARIES: Final = ("=_supplychain_screen_1", "=_supplychain_screen_2")
_TEMPLATES: Final = "supplychain_screen.output.handout"


def write_mail(
    screening: Screening, path: str | Path, lang: Lang = "zh", colours: Colours | None = None
) -> Path:
    """Write the finding as a mail of less than 60 KB, whole or not at all.

    Parameters
    ----------
    screening : Screening
    path : str or Path
        ``….eml``: a draft with a subject, a text and the picture inside, which a mail program
        opens. ``….html``: the same as one document, the subject as its title.
    lang : {"zh", "en"}
    colours : {"china", "west", "blue"}, optional
        Which colour means up; the language's own where left out.

    Raises
    ------
    InputError
        The ending is another.
    OutputError
        No font of this machine can draw the picture's text, or the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            Problem("a mail ends in .eml or .html", "choose one of them", file=str(path))
        )
    picture = _picture(screening, lang, colours, str(path))
    if ending == ".html":
        inside = "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
        return write_file(path, mail_html(screening, lang, colours, inside).encode("utf-8"))
    return write_file(path, _message(screening, lang, colours, picture))


def mail_subject(screening: Screening, lang: Lang = "zh") -> str:
    """A subject line: the document's title and the three numbers."""
    numbers = tuple(f"{name.of(lang)} {figure}" for name, figure, _ in three_numbers(screening))
    said = message("mail.subject", title=title(screening), numbers=numbers)
    if not numbers:
        return visible_text(title(screening).of(lang))
    return visible_text(said.of(lang))


def mail_html(
    screening: Screening, lang: Lang = "zh", colours: Colours | None = None, picture: str = ""
) -> str:
    """The body of the mail: tables with their styles inside, 600 pixels wide.

    Parameters
    ----------
    screening : Screening
    lang : {"zh", "en"}
    colours : str
    picture : str
        Address of the picture, ``data:`` or ``cid:``; without one there is none.
    """
    scale = screening.report.standard.stock
    read = Reader(table_style(screening), lang)
    inks = inks_of(colours or default_colours(lang))
    rows, left_out = _companies(screening)
    keys = ["company", "symbol", *_figures(screening), "rating"]
    segments = screening.segments.to_dict("records")
    page: str = (
        environment()
        .get_template(f"{_TEMPLATES}:mail.html.j2")
        .render(
            lang=lang,
            subject=mail_subject(screening, lang),
            notices=[(one.kind, one.text.of(lang)) for one in _warnings(screening)],
            eyebrow=_eyebrow(screening, lang),
            headline=headline(screening).of(lang),
            call=call_and_outcome(screening),
            numbers=[
                (
                    name.of(lang),
                    figure,
                    inks["up" if value > 0 else "down" if value < 0 else "flat"],
                )
                for name, figure, value in three_numbers(screening)
            ],
            picture=picture,
            width=_WIDTH,
            caption=dots_caption(screening).of(lang),
            called_became=message("card.called_became").of(lang),
            tables=[
                _Table.of(
                    message("text.segments").of(lang),
                    ["segment", "rated_of", "mean", "median", "rating"],
                    segments[:_MOST_SEGMENTS],
                    read,
                    len(segments) - _MOST_SEGMENTS,
                ),
                _Table.of(message("text.companies").of(lang), keys, rows, read, left_out),
            ],
            ink=lambda row: {**inks, **_QUIET}[rating_of(scale, row["rating"]).tone],
            notes=[one.of(lang) for one in _notes(screening)],
        )
    )
    return re.sub(r"\n\s*", "\n", page)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as the mail shows it: heads, which stand right, and the rows with their cells."""

    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[dict[Any, Any], tuple[tuple[str, bool], ...]], ...]
    more: str

    @classmethod
    def of(
        cls, title: str, keys: list[str], rows: list[dict[Any, Any]], read: Reader, left_out: int
    ) -> _Table:
        sides = [column(key).right for key in keys]
        heads = [visible_text(column(key).headed(read.style).of(read.lang)) for key in keys]
        return cls(
            title,
            tuple(zip(heads, sides, strict=True)),
            tuple(
                (row, tuple((_cut(read(key, row)), s) for key, s in zip(keys, sides, strict=True)))
                for row in rows
            ),
            message("mail.more", n=left_out).of(read.lang) if left_out > 0 else "",
        )


def _cut(text: str) -> str:
    return text if len(text) <= 48 else text[:47] + "…"


def _figures(screening: Screening) -> list[str]:
    """Columns of the relative returns: the windows that have matured, else the one that runs."""
    companies = screening.companies
    names = [f"relative_return_{one}" for one in screening.windows if one != "to_date"]
    return [one for one in names if companies[one].notna().any()] or ["relative_return"]


def _companies(screening: Screening) -> tuple[list[dict[Any, Any]], int]:
    """Every company once, the best first; and how many are left out."""
    rows = screening.once.sort_values(
        ["relative_return", "order"], ascending=[False, True], kind="stable", na_position="last"
    ).to_dict("records")
    if len(rows) <= MOST:
        return rows, 0
    rated = [row for row in rows if not is_missing(row["relative_return"])]
    half = MOST // 2
    shown = rated if len(rated) <= MOST else [*rated[:half], *rated[-half:]]
    return shown, len(rows) - len(shown)


def _eyebrow(screening: Screening, lang: Lang) -> str:
    report = screening.report
    names = (
        known_name(report.publisher, report.publisher_en),
        known_name(report.title, report.title_en),
    )
    dates = message(
        "notebook.published", published=screening.published, as_of=screening.as_of
    ).phrase
    return " · ".join(visible_text(one.of(lang)) for one in (*names, dates) if one)


def _warnings(screening: Screening) -> list[Notice]:
    """What must be read before the numbers."""
    return [one for one in notices(screening) if one.kind != "note"]


def _notes(screening: Screening) -> Iterator[Phrase]:
    interval = measured_interval(screening)
    if interval is not None:
        yield interval
    yield rated_sentence(screening)
    yield from (one.text for one in notices(screening) if one.kind == "note")
    yield DISCLAIMER


def _picture(screening: Screening, lang: Lang, colours: Colours | None, what: str) -> bytes:
    svg = (
        environment()
        .get_template(f"{_TEMPLATES}:picture.svg.j2")
        .render(
            drawn=dots_of(screening, lang, _WIDTH, _HEIGHT, 12),
            inks=inks_of(colours or default_colours(lang)),
            family=families(),
            mark="SIMULATED" if screening.simulated else "",
        )
    )
    # A mail has little room. Hard edges at twice the size take a third of the bytes of soft ones,
    # and every mail program makes them soft where it shows the picture at its width.
    return png_of(svg, what, _ZOOM, soft=False)


def _message(screening: Screening, lang: Lang, colours: Colours | None, picture: bytes) -> bytes:
    """The mail as a draft: no sender, no date, and the same bytes for the same screening."""
    numbers = [f"{name.of(lang)}: {figure}" for name, figure, _ in three_numbers(screening)]
    notes = [one.of(lang) for one in _notes(screening)]
    warned = [one.text.of(lang) for one in _warnings(screening)]
    text = "\n".join([*warned, headline(screening).of(lang), "", *numbers, "", *notes, ""])
    body = EmailMessage(policy=SMTP)
    # Mail programs open it as a draft that can be sent.
    body["X-Unsent"] = "1"
    body.set_content(text, cte="8bit")
    shown = mail_html(screening, lang, colours, f"cid:{_PICTURE}")
    body.add_alternative(shown, subtype="html", cte="8bit")
    part = list(body.iter_parts())[1]
    part.add_related(picture, "image", "png", cid=f"<{_PICTURE}>", disposition="inline")
    for multipart, boundary in zip((body, part), _BOUNDARIES, strict=True):
        multipart.set_boundary(boundary)
    # The policy's own folding puts a second space before what is not ASCII.
    subject = Header(mail_subject(screening, lang), "utf-8", header_name="Subject")
    lines = ("Subject: " + subject.encode(linesep="\r\n"), "")
    return "\r\n".join(lines).encode("ascii") + body.as_bytes()
