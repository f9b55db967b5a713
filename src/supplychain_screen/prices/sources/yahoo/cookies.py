"""Yahoo's cookie between processes: one small file, so that a run need not ask for another."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from supplychain_screen.drafts import draft

__all__ = ["CookieFile"]

_TEXTS = ("name", "value", "domain", "path")


class CookieFile:
    """Where a session's cookies wait for the next one.

    Parameters
    ----------
    folder : Path or None
        Of the file; None for this package's folder in the user's cache. Where it cannot be
        written or read, the cookies are kept as long as this object.
    """

    def __init__(self, folder: Path | None) -> None:
        self._place = (folder or _user_folder()) / "cookies.json"
        self._last: list[dict[str, Any]] = []

    def keep(self, cookies: Any) -> bool:
        """Keep the lasting cookies of a jar; False where it has none.

        Parameters
        ----------
        cookies : Cookies
            Of a curl_cffi session.
        """
        self._last = [
            {**{name: getattr(one, name) for name in _TEXTS}, "expires": one.expires}
            for one in cookies.jar
            if one.expires and one.domain.endswith("yahoo.com") and "consent" not in one.domain
        ]
        with contextlib.suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            with draft(self._place.parent) as beside:
                beside.write_text(json.dumps(self._last), encoding="utf-8")
                beside.replace(self._place)
        return bool(self._last)

    def fill(self, cookies: Any, now: datetime) -> bool:
        """Put what was kept and has not expired into a jar; False where that is nothing.

        Parameters
        ----------
        cookies : Cookies
            Of a curl_cffi session.
        now : datetime
            The current moment, aware.
        """
        good = [one for one in self._read() or self._last if one["expires"] > now.timestamp()]
        for one in good:
            cookies.set(*(one[name] for name in _TEXTS), secure=True)
        return bool(good)

    def _read(self) -> list[dict[str, Any]]:
        """What the file holds; nothing where it is absent, half a file or somebody else's."""
        try:
            kept = json.loads(self._place.read_bytes())
            whole = all(
                all(isinstance(one[name], str) and one[name].isprintable() for name in _TEXTS)
                and type(one["expires"]) in (int, float)
                for one in kept
            )
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return []
        return kept if whole and isinstance(kept, list) else []


def _user_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("supplychain-screen", appauthor=False) / "yahoo"
