"""The one session to Yahoo: paced, limited in time, and with a record of every response.

The client (yfinance) tells a failure only by its consequences, resends a refused request at once,
and keeps an error page for a crumb. Watching its session says what happened, and lets a refusal
stop there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

__all__ = ["DeadlineError", "Exchange", "RefusedError", "Wire", "open_session"]

CHART_PATH = "/v8/finance/chart/"
CRUMB_URL = "https://query1.finance.yahoo.com/v1/test/getcrumb"

_CRUMB = re.compile(r"[^\s<>{}\"']{1,64}")
# Cookie and crumb are wanted, not needed: the chart service answers without them.
_SIDE_SECONDS = 5.0
_UNHEARD_SIDE_SECONDS = 2.5
_UNHEARD_CHART_SECONDS = 4.5
_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it: a response, or the error of the transport."""

    url: str
    final_url: str
    status: int | None
    body: bytes
    retry_after: str | None
    error: str | None
    is_chart: bool


class RefusedError(Exception):
    """The chart service answered with an error status.

    No ``OSError``, so that the client does not take it for a fault of the network.
    """

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"status {status}")


class DeadlineError(Exception):
    """The time for the whole request is used up; no ``OSError``, for the same reason."""


class _NoCrumbError(ConnectionError):
    """A crumb was refused. An ``OSError``, so that the client goes on without one."""


class Wire:
    """Watches, paces and bounds a session while the client uses it.

    Parameters
    ----------
    session : Session
        Of curl_cffi or requests. It is changed only inside ``listening``.
    pace : float
        Most requests a second; 0 for no limit.
    timeout : float
        Seconds a chart request may take altogether.
    connect_timeout : float
        Seconds to reach the host.

    Attributes
    ----------
    heard : bool
        Whether any response ever came.
    exchanges : list of Exchange
        What happened since ``listening`` was entered last.
    """

    def __init__(
        self, session: Any, *, pace: float, timeout: float, connect_timeout: float = 3.0
    ) -> None:
        self.session = session
        self.heard = False
        self.exchanges: list[Exchange] = []
        self._gap = 1.0 / pace if pace > 0 else 0.0
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._next = 0.0
        self._deadline = float("inf")
        self._no_side = False
        self._no_crumb = False
        self._cookie_answer: Any = None
        self._send: Any = None

    def start_over(self) -> None:
        """Forget earlier faults of cookie and crumb, so that a new run asks for them again."""
        self._no_side = self._no_crumb = False
        self._cookie_answer = None

    @contextmanager
    def listening(self, deadline: float) -> Iterator[Wire]:
        """Watch every request of the session until the block ends.

        Parameters
        ----------
        deadline : float
            Moment of ``time.monotonic`` after which nothing is sent any more.
        """
        self.exchanges = []
        self._deadline = deadline
        self._send = self.session.request
        self.session.request = self._request
        try:
            yield self
        finally:
            # The class's own method shows again: the session may be somebody else's too.
            del self.session.request

    @property
    def chart_requests(self) -> int:
        """Chart requests since ``listening`` was entered."""
        return sum(1 for one in self.exchanges if one.is_chart)

    def anybody_there(self, deadline: float) -> bool:
        """Whether Yahoo answers anything at all, asked once and briefly.

        Parameters
        ----------
        deadline : float
            Moment of ``time.monotonic`` after which the answer is no.
        """
        with self.listening(deadline):
            try:
                self._exchange("GET", CRUMB_URL, {}, _UNHEARD_SIDE_SECONDS)
            except (OSError, DeadlineError):
                return False
        return True

    def _request(self, method: str, url: str, **options: Any) -> Any:
        is_chart = urlsplit(url).path.startswith(CHART_PATH)
        if not is_chart and (self._no_side or (self._no_crumb and _is_crumb(url))):
            raise _NoCrumbError("cookie and crumb are left out after a fault")
        if _is_cookie(url) and self._cookie_answer is not None:
            # Where no cookie could be kept, the client asks for one before each symbol.
            return self._cookie_answer
        _drop_false_crumb(options.get("params"))
        try:
            response = self._exchange(method, url, options, self._seconds(is_chart))
        except OSError:
            # Not for a name that does not resolve: fc.yahoo.com is on the lists of blockers, and
            # the client has another way then.
            if not is_chart and "resolve" not in (self.exchanges[-1].error or "").lower():
                self._no_side = True
            raise
        if _is_cookie(url):
            self._cookie_answer = response
        status = response.status_code
        if is_chart and status >= 400 and status != 401:
            raise RefusedError(status)
        if _is_crumb(url) and not (status == 200 and _CRUMB.fullmatch(response.text.strip())):
            self._no_crumb = True
            raise _NoCrumbError(f"no crumb: status {status}")
        return response

    def _seconds(self, is_chart: bool) -> float:
        if is_chart:
            limit = float("inf") if self.heard else _UNHEARD_CHART_SECONDS
        else:
            limit = _SIDE_SECONDS if self.heard else _UNHEARD_SIDE_SECONDS
        return min(self._timeout, limit)

    def _exchange(self, method: str, url: str, options: dict[str, Any], seconds: float) -> Any:
        self._wait_for_turn()
        seconds = min(seconds, self._deadline - time.monotonic())
        if seconds <= 0:
            raise DeadlineError
        connect = min(self._connect_timeout, seconds)
        options = {**options, "timeout": (connect, max(seconds - connect, 0.01))}
        is_chart = urlsplit(url).path.startswith(CHART_PATH)
        try:
            response = self._send(method, url, **options)
        except OSError as error:
            if self.heard:
                self._next = time.monotonic() + self._gap
            self.exchanges.append(Exchange(url, url, None, b"", None, str(error), is_chart))
            raise
        self.heard = True
        self._next = time.monotonic() + self._gap
        self.exchanges.append(
            Exchange(
                url,
                str(response.url),
                response.status_code,
                bytes(response.content),
                response.headers.get("Retry-After"),
                None,
                is_chart,
            )
        )
        return response

    def _wait_for_turn(self) -> None:
        wait = self._next - time.monotonic()
        if time.monotonic() + max(wait, 0.0) >= self._deadline:
            raise DeadlineError
        if wait > 0:
            time.sleep(wait)


def open_session() -> Any:
    """A session like a browser's: what Yahoo answers is decided by how the client looks."""
    try:
        from curl_cffi.requests import Session
    except ImportError:  # no build for this platform: the client falls back in the same way
        import requests

        plain = requests.Session()
        plain.headers["User-Agent"] = _BROWSER
        return plain
    return Session(impersonate="chrome")


def _is_cookie(url: str) -> bool:
    return urlsplit(url).hostname == "fc.yahoo.com"


def _is_crumb(url: str) -> bool:
    return urlsplit(url).path.endswith("/getcrumb")


def _drop_false_crumb(params: object) -> None:
    """Send no error page as a crumb: after a 429 the client keeps "Too Many Requests" for one."""
    if isinstance(params, MutableMapping):
        crumb = params.get("crumb")
        if crumb is not None and not _CRUMB.fullmatch(str(crumb)):
            del params["crumb"]
