"""A week in a few lines of Markdown: what stands, what changed and why, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from supplychain_screen.output import (
    DISCLAIMER,
    Place,
    Reader,
    headline,
    key_figures,
    markdown_text,
    pipe_table,
    table_style,
)
from supplychain_screen.screening import Screening
from supplychain_screen.weekly.changes import Changes
from supplychain_screen.weekly.manifest import Manifest
from supplychain_screen.words import Lang, Phrase, message

__all__ = ["week_markdown"]

_SIMULATED = "**SIMULATED**"
_CHANGES: Final = (
    Place("company"),
    Place("before"),
    Place("after"),
    Place("relative_before"),
    Place("relative_after"),
    Place("cause"),
    Place("detail"),
)


def week_markdown(
    manifest: Manifest,
    screens: Sequence[tuple[Screening, Changes | None, Phrase | None]],
    lang: Lang = "zh",
) -> str:
    """The week for a chat or a mail.

    Parameters
    ----------
    manifest : Manifest
        Of the week; its outputs need not be known yet.
    screens : sequence of (Screening, Changes or None, Phrase or None)
        In the manifest's order; the text says why there are no changes.
    lang : {"zh", "en"}
    """
    title = message("week.subject", week=manifest.folder).of(lang)
    lines = [f"# {title}", ""]
    if manifest.revises is not None:
        said = message(
            "week.revision",
            n=manifest.revision,
            before=manifest.revises.folder,
            inputs=manifest.changed_inputs,
        )
        lines += [said.of(lang), ""]
    if manifest.partial:
        word = message("week.partial").of(lang)
        lines += [
            f"**{word}**",
            "",
            *(f"- {markdown_text(one.of(lang))}" for one in manifest.marks),
            "",
        ]
    if manifest.backfilled:
        said = message("week.backfilled", known_on=manifest.known_on)
        lines += [said.of(lang), ""]
    for record, (screening, changes, note) in zip(manifest.screens, screens, strict=True):
        lines += [f"## {markdown_text(record.name)}", ""]
        if screening.simulated and changes is None:
            lines += [_SIMULATED, ""]
        lines += [markdown_text(headline(screening).of(lang)), ""]
        figures = [f"- {markdown_text(one.brief.of(lang))}" for one in key_figures(screening)]
        lines += [*figures, ""] if figures else []
        if changes is not None:
            lines += [_changes(changes, screening, lang), ""]
        elif note:
            lines += [markdown_text(note.of(lang)), ""]
    lines += [DISCLAIMER.of(lang), ""]
    return "\n".join(lines)


def _changes(changes: Changes, screening: Screening, lang: Lang = "zh") -> str:
    """The rating changes as a table, with the cause of each, and the segments that turned."""
    since = changes.before_as_of
    rows = changes.ratings
    lines = [_SIMULATED, ""] if changes.simulated else []
    if rows.empty:
        said = message("week.no_change", since=since)
        return "\n".join([*lines, said.of(lang)])
    read = Reader(table_style(screening, arrows=False), lang)
    said = message("week.changes", n=len(rows), since=since)
    lines += [said.of(lang), "", pipe_table(_CHANGES, rows.to_dict("records"), read)]
    for row in changes.segments.to_dict("records"):
        turned = markdown_text(
            f"{read('segment', row)}: {read('before', row)} → {read('after', row)}"
        )
        lines += ["", message("week.segment_turned", turned=turned).of(lang)]
    return "\n".join(lines)
