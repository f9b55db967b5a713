"""Altair charts that a notebook or a browser draws without asking any server for anything.

Altair itself sends the reader's browser to a content network for the programs that draw. Here
they come with the chart, packed, and a page that shows many charts unpacks them once.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any, ClassVar, Final

import altair as alt

__all__ = ["OfflineChart", "chart_fragment", "chart_page"]

_PROGRAMS: Final = ("vega", "vega-lite", "vega-embed")
"""Each needs those before it."""

# The name is kept apart from the page's own: another Vega may be there, or a loader of modules.
_DRAW: Final = """
(async (script) => {
  // Some notebooks run a script elsewhere than where it stands.
  const before = script && script.previousElementSibling;
  const place = before && before.id === PLACE ? before : document.getElementById(PLACE);
  const unpack = async (text) => {
    const packed = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
  };
  const load = async () => {
    const loaded = {};
    for (const [name, text] of await unpack(PROGRAMS)) {
      const module = {exports: {}};
      new Function("module", "exports", "require", "define", text)(
        module, module.exports, (wanted) => loaded[wanted], undefined);
      loaded[name] = module.exports;
    }
    return loaded["vega-embed"];
  };
  try {
    const embed = await (window.KEPT ??= load());
    await embed(place, SPEC, OPTIONS);
  } catch (error) {
    place.textContent = "The chart could not be drawn: " + error.message;
    throw error;
  }
})(document.currentScript);
"""
_OPTIONS: Final = {
    "mode": "vega-lite",
    # Saving as PNG or SVG; not the editor, which is a page of somebody else's.
    "actions": {"export": True, "source": False, "compiled": False, "editor": False},
}


class OfflineChart(alt.LayerChart):
    """A layered chart whose display in a notebook needs no network.

    Where another renderer was chosen with ``altair.renderers.enable``, that one shows it.
    """

    # A schema that no other class has: Altair looks a class up by it when it reads a chart, and
    # would take this one for the charts of others.
    _schema: ClassVar[dict[str, Any]] = {**alt.LayerChart._schema, "$comment": "offline"}

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> Any:
        if alt.renderers.active != "default":
            return super()._repr_mimebundle_(*args, **kwargs)
        return {"text/html": chart_fragment(self.to_dict()), "text/plain": "<Vega-Lite chart>"}


def chart_fragment(spec: dict[str, Any]) -> str:
    """HTML of ``spec`` that goes into a page or a notebook's output, its programs inside."""
    values = {"SPEC": _in_script(spec), "OPTIONS": _in_script(_OPTIONS)}
    values["PROGRAMS"], values["KEPT"] = f'"{_packed()}"', f"vega_{_digest(_packed())}"
    place = f"chart-{_digest(values['SPEC'])}"
    values["PLACE"] = f'"{place}"'
    # In one pass: a text of the chart may look like one of the places.
    script = re.sub("|".join(values), lambda found: values[found.group()], _DRAW)
    return f'<div id="{place}"></div><script>{script}</script>'


def chart_page(spec: dict[str, Any], title: str) -> str:
    """One HTML file that shows ``spec`` in any browser."""
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"</head><body>{chart_fragment(spec)}</body></html>\n"
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def _in_script(value: Any) -> str:
    """``value`` as JSON that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


@lru_cache(maxsize=1)
def _packed() -> str:
    """The programs with their names, in order, gzipped, in base64."""
    folder = resources.files("supplychain_screen.output.charts") / "vega"
    texts = []
    for name in _PROGRAMS:
        text = (folder / f"{name}.min.js").read_text(encoding="utf-8")
        # A browser's developer tools would ask for a map that is not there.
        texts.append((name, text.partition("//# sourceMappingURL=")[0]))
    packed = gzip.compress(json.dumps(texts).encode("ascii"), mtime=0)
    return base64.b64encode(packed).decode("ascii")
