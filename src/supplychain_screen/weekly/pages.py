"""The archive's index page and the entry page of one week: plain HTML, no script, no request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from supplychain_screen.output import visible_text
from supplychain_screen.weekly.archive import Week
from supplychain_screen.weekly.manifest import Manifest, ScreenRecord
from supplychain_screen.words import RATINGS, Lang, Phrase, percent, phrase_of

__all__ = ["index_page", "week_page"]

_CSS: Final = """\
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;
max-width:70rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.mark{font-weight:600;border:1px solid;border-radius:.2rem;padding:0 .3rem;white-space:nowrap}
h1 .mark{font-size:.9rem;vertical-align:middle}
td.w{white-space:nowrap}
small{opacity:.75}
.files{overflow-wrap:anywhere}
@media(max-width:40rem){
body{margin:1rem auto}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}
tr{border-bottom:1px solid #8884;padding:.3rem 0}
td,td.n{border:0;padding:.05rem 0;text-align:left}
td[data-head]::before{content:attr(data-head) " ";opacity:.75}
}
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def _page(title: str, lang: Lang, body: Iterable[str]) -> str:
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{"zh-CN" if lang == "zh" else "en"}">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>",
            f"<style>{_CSS}</style></head>",
            "<body>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _text(text: str) -> str:
    return escape(visible_text(text))


def _link(target: str, text: str) -> str:
    return f'<a href="{escape(target, quote=True)}">{_text(text)}</a>'


def index_page(weeks: Sequence[Week], lang: Lang = "zh") -> str:
    """All weeks, newest first, one line a screen, revisions under each other.

    Parameters
    ----------
    weeks : sequence of Week
        In any order.
    lang : {"zh", "en"}
    """
    say = _Words(lang)
    rows = []
    for week in sorted(weeks, key=lambda one: (one.as_of, one.revision), reverse=True):
        manifest = week.manifest
        for i, record in enumerate(manifest.screens):
            name = _link(f"{manifest.folder}/index.html", manifest.folder)
            marks = " ".join(_marks(manifest, say))
            first = f'<td class="w">{name} {marks}</td>' if i == 0 else "<td></td>"
            link = _screen_link(week, record)
            rows.append(f"<tr>{first}<td>{link}</td>{_numbers(record, say)}</tr>")
    heads = _heads(say, say("周", "Week"), say("报告", "Screen"))
    title = say("周度跟踪", "Weekly tracking")
    table = f"<table>{heads}<tbody>{''.join(rows)}</tbody></table>"
    said = say("事后衡量，不构成投资建议。", "Measured after the fact; no advice.")
    return _page(title, lang, [f"<h1>{_text(title)}</h1>", table, f"<p><small>{said}</small></p>"])


class _Words:
    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, zh: str, en: str) -> str:
        return Phrase(zh, en).of(self.lang)


def _marks(manifest: Manifest, say: _Words) -> list[str]:
    found = []
    if manifest.partial:
        found.append(say("不完整", "partial"))
    if manifest.backfilled:
        found.append(say("补做", "backfilled"))
    if any(one.simulated for one in manifest.screens):
        found.append("SIMULATED")
    return [f'<span class="mark">{one}</span>' for one in found]


def _screen_link(week: Week, record: ScreenRecord) -> str:
    page = f"{record.name}/page.html"
    target = page if page in week.manifest.outputs else "index.html"
    return _link(f"{week.folder.name}/{target}", record.name)


def _heads(say: _Words, *first: str) -> str:
    plain = "".join(f'<th scope="col">{_text(one)}</th>' for one in (*first, _ratings_head(say)))
    numbers = "".join(f'<th scope="col" class="n">{_text(one)}</th>' for one in _number_heads(say))
    return f"<thead><tr>{plain}{numbers}</tr></thead>"


def _ratings_head(say: _Words) -> str:
    return say("评级分布", "Ratings")


def _number_heads(say: _Words) -> tuple[str, str]:
    return say("平均相对收益", "Mean relative return"), say("评级变化", "Ratings changed")


def _numbers(record: ScreenRecord, say: _Words) -> str:
    # In the order in which people say them, and what a scale of its own calls them behind.
    # A record of an earlier program does not know the words of its scale.
    words = {name: Phrase(zh, en) for name, zh, en in record.levels} or RATINGS
    order = [name for name in words if name in record.ratings]
    order += [name for name in record.ratings if name not in words]
    ratings = say("、", ", ").join(
        f"{phrase_of(words, name).of(say.lang)} {record.ratings[name]}" for name in order
    )
    mean = "–" if record.mean is None else percent(record.mean, minus="−")
    changed = "–" if record.changes is None else str(record.changes.rating)
    cells = [f"<td>{_text(ratings)}</td>"]
    cells += [
        f'<td class="n" data-head="{escape(head, quote=True)}">{value}</td>'
        for head, value in zip(_number_heads(say), (mean, changed), strict=True)
    ]
    return "".join(cells)


def week_page(manifest: Manifest, files: Iterable[str], lang: Lang = "zh") -> str:
    """The entry page of one week: marks, screens, and every file.

    Parameters
    ----------
    manifest : Manifest
    files : iterable of str
        Paths inside the week's folder.
    lang : {"zh", "en"}
    """
    say = _Words(lang)
    body = [
        f"<h1>{manifest.folder} {' '.join(_marks(manifest, say))}</h1>",
        f"<p>{_link('../index.html', say('所有周', 'All weeks'))}</p>",
    ]
    if manifest.revises is not None:
        because = ", ".join(manifest.because)
        said = say(
            f"第 {manifest.revision} 版，取代 {manifest.revises.folder}（{because}）",
            f"Revision {manifest.revision} of {manifest.revises.folder} ({because})",
        )
        body.append(f"<p>{_text(said)}</p>")
    body += [f"<p>{_text(one.of(lang))}</p>" for one in manifest.marks]
    names = list(files)
    for record in manifest.screens:
        own = [name for name in names if name.startswith(f"{record.name}/")]
        # What a person opens first stands first.
        own.sort(key=lambda name: (not name.endswith((".html", ".xlsx", ".md")), name))
        links = " · ".join(_link(name, name.partition("/")[2]) for name in own)
        body.append(f"<h2>{_text(record.name)}</h2>")
        body.append(f"<table>{_heads(say)}<tbody><tr>{_numbers(record, say)}</tr></tbody></table>")
        if record.note is not None:
            body.append(f"<p>{_text(record.note.of(lang))}</p>")
        body.append(f'<p class="files">{links}</p>')
    rest = [name for name in names if "/" not in name]
    links = " · ".join(_link(name, name) for name in [*rest, "manifest.json"])
    body.append(f'<p class="files">{links}</p>')
    return _page(manifest.folder, lang, body)
