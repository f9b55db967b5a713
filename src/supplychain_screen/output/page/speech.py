"""How a phrase stands in the page, so that its language can be switched there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from supplychain_screen.output.safety import visible_text
from supplychain_screen.words import Lang, Phrase, language_of

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Speech"]

LONG: Final = 60
"""Characters from which a name is shown in three lines outside the table that gives it whole."""


@dataclass(slots=True)
class Speech:
    """Puts a phrase into the page and, where the page can switch, remembers both languages."""

    lang: Lang
    static: bool
    known: dict[Phrase, int] = field(default_factory=dict)
    # What was made once: pages of thousands of rows say the same names over and over.
    _said: dict[Phrase, Markup] = field(default_factory=dict, repr=False)
    _whos: dict[Phrase, Markup] = field(default_factory=dict, repr=False)

    def _index(self, phrase: Phrase) -> int | None:
        if self.static or phrase.zh == phrase.en:
            return None
        return self.known.setdefault(phrase, len(self.known))

    def say(self, phrase: Phrase | str) -> Markup:
        """The phrase as an element whose text the language switch replaces."""
        from markupsafe import Markup, escape

        if isinstance(phrase, str):
            return escape(phrase)
        known = self._said.get(phrase)
        if known is None:
            index, text = self._index(phrase), escape(phrase.of(self.lang))
            # S704: a number, and a text that is escaped.
            said = text if index is None else f'<span data-i="{index}">{text}</span>'
            known = self._said[phrase] = Markup(said)  # noqa: S704
        return known

    def element(self, phrase: Phrase, tag: str, attributes: str = "") -> Markup:
        """The phrase as the whole text of an element of the template's own, without one inside."""
        from markupsafe import Markup, escape

        index = self._index(phrase)
        switch = "" if index is None else f' data-i="{index}"'
        text = escape(phrase.of(self.lang))
        # S704: tag and attributes are the template's own words, the index is a number.
        return Markup(f"<{tag}{attributes}{switch}>{text}</{tag}>")  # noqa: S704

    def who(self, phrase: Phrase | str) -> Markup:
        """A name that a stranger wrote: isolated, so that its direction stays its own."""
        from markupsafe import Markup, escape

        pair = Phrase(phrase, phrase) if isinstance(phrase, str) else phrase
        known = self._whos.get(pair)
        if known is None:
            shown = Phrase(visible_text(pair.zh), visible_text(pair.en))
            index = self._index(shown)
            switch = "" if index is None else f' data-i="{index}"'
            long = ' class="long"' if max(map(len, shown)) > LONG else ""
            # S704: a number, a class, and a text that is escaped.
            said = f"<bdi{switch}{long}>{escape(shown.of(self.lang))}</bdi>"
            known = self._whos[pair] = Markup(said)  # noqa: S704
        return known

    def free(self, phrase: Phrase) -> Markup:
        """A sentence that may be somebody's own words: those are marked with their language."""
        from markupsafe import Markup

        said = self.who(phrase)
        if phrase.zh != phrase.en:
            return said
        return Markup('<span lang="{}">{}</span>').format(language_of(phrase.en), said)

    def attribute(self, name: str, phrase: Phrase) -> Markup:
        """The phrase as an attribute, switchable too."""
        from markupsafe import Markup

        index = self._index(phrase)
        if index is None:
            return Markup(' {}="{}"').format(name, phrase.of(self.lang))
        return Markup(' {0}="{1}" data-i-{0}="{2}"').format(name, phrase.of(self.lang), index)

    def strings(self) -> list[list[str]]:
        """Both languages of everything said so far, by the number written beside it."""
        return [[phrase.zh, phrase.en] for phrase in self.known]
