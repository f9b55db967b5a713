"""The archive's index page and the entry page of one week: plain HTML, no script, no request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from supplychain_screen.output import visible_text
from supplychain_screen.output.page import environment, template, trusted
from supplychain_screen.weekly.archive import Week
from supplychain_screen.weekly.manifest import Manifest, ScreenRecord
from supplychain_screen.words import RATINGS, Lang, Phrase, message, percent, phrase_of

__all__ = ["index_page", "week_page"]

_TEMPLATES: Final = "supplychain_screen.weekly"


def index_page(weeks: Sequence[Week], lang: Lang = "zh") -> str:
    """All weeks, newest first, one line a screen, revisions under each other.

    Parameters
    ----------
    weeks : sequence of Week
        In any order.
    lang : {"zh", "en"}
    """
    newest = sorted(weeks, key=lambda one: (one.as_of, one.revision), reverse=True)
    title = message("week.title").of(lang)
    return _page(title, lang, weeks=newest, page_of=_page_of, manifest=None)


def week_page(manifest: Manifest, files: Iterable[str], lang: Lang = "zh") -> str:
    """The entry page of one week: marks, screens, and every file.

    Parameters
    ----------
    manifest : Manifest
    files : iterable of str
        Paths inside the week's folder.
    lang : {"zh", "en"}
    """
    names = list(files)
    rest = [*(name for name in names if "/" not in name), "manifest.json"]
    return _page(
        manifest.folder,
        lang,
        manifest=manifest,
        files_of=partial(_files_of, names),
        rest=[(name, name) for name in rest],
    )


def _page(title: str, lang: Lang, **context: Any) -> str:
    def tr(zh: str, en: str) -> str:
        return Phrase(zh, en).of(lang)

    page: str = (
        environment()
        .get_template(f"{_TEMPLATES}:archive.html.j2")
        .render(
            title=title,
            lang=lang,
            tr=tr,
            css=trusted(template(f"{_TEMPLATES}:archive.css")),
            visible=visible_text,
            percent=percent,
            marks_of=partial(_marks_of, lang=lang),
            ratings_of=partial(_ratings_of, lang=lang),
            **context,
        )
    )
    return page


def _marks_of(manifest: Manifest, lang: Lang) -> list[str]:
    simulated = any(one.simulated for one in manifest.screens)
    return [
        *([message("week.partial_mark").of(lang)] if manifest.partial else []),
        *([message("week.backfilled_mark").of(lang)] if manifest.backfilled else []),
        *(["SIMULATED"] if simulated else []),
    ]


def _page_of(week: Week, record: ScreenRecord) -> str:
    page = f"{record.name}/page.html"
    return f"{week.folder.name}/{page if page in week.manifest.outputs else 'index.html'}"


def _ratings_of(record: ScreenRecord, lang: Lang) -> str:
    # In the order in which people say them, and what a scale of its own calls them behind.
    # A record of an earlier program does not know the words of its scale.
    words = {name: Phrase(zh, en) for name, zh, en in record.levels} or RATINGS
    order = [name for name in words if name in record.ratings]
    order += [name for name in record.ratings if name not in words]
    said = (f"{phrase_of(words, name).of(lang)} {record.ratings[name]}" for name in order)
    return Phrase("、", ", ").of(lang).join(said)


def _files_of(names: Sequence[str], record: ScreenRecord) -> list[tuple[str, str]]:
    """A screen's files and how they are called; what a person opens first stands first."""
    own = [name for name in names if name.startswith(f"{record.name}/")]
    own.sort(key=lambda name: (not name.endswith((".html", ".xlsx", ".md")), name))
    return [(name, name.partition("/")[2]) for name in own]
