"""Yahoo's chart service, asked through the yfinance client.

The client brings what a plain request lacks: the looks of a browser, a cookie, a crumb, the
answer to a page that asks for consent. It also resends a refused request at once and keeps an
error page for a crumb. Its session is therefore one of ours, which keeps the pace and the deadline
and ends a refused request where it was refused.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from curl_cffi import CurlECode, CurlOpt
from curl_cffi.requests import Response, Session

from supplychain_screen.prices.sources.yahoo.cookies import CookieFile
from supplychain_screen.prices.sources.yahoo.faults import (
    DeadlineError,
    OversizeError,
    RefusedError,
    malformed,
)

with warnings.catch_warnings():
    # Importing the client adds a filter for the whole process; in here, that ends with the block.
    from yfinance.data import YfData

__all__ = ["PacedSession", "ask_chart"]

CHART_URL = "https://query2.finance.yahoo.com/v8/finance/chart/"
CRUMB_URL = "https://query1.finance.yahoo.com/v1/test/getcrumb"

_CRUMB = re.compile(r"[^\s<>{}\"']{1,64}")
# Sixty years of daily bars take 2 MB.
_LARGEST_ANSWER = 16 * 1024 * 1024
_CONNECT_SECONDS = 3.0
# Cookie and crumb are wanted, not needed: the chart service answers without them.
_SIDE_SECONDS = 5.0
_UNHEARD_SIDE_SECONDS = 2.5
_UNHEARD_CHART_SECONDS = 4.5

# One client for the process, so that all its sources share one crumb; it asks for one thing at a
# time.
_one_at_a_time = threading.Lock()

# Retries and refused crumbs are told by our errors; without a handler of its own, logging would
# print the client's remarks on standard error.
for _name in ("yfinance", "stamina"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class _NoCrumbError(ConnectionError):
    """A crumb was refused. An ``OSError``, so that the client goes on without one."""


class PacedSession(Session[Response]):
    """A session that keeps a pace and a deadline, and ends a refused chart request.

    Parameters
    ----------
    pace : float
        Most requests a second; 0 for no limit.
    timeout : float
        Seconds a chart request may take altogether.
    folder : path or None
        Where the cookie is kept; None for this package's folder in the user's cache.
    now : callable
        The current moment, aware.

    Attributes
    ----------
    deadline : float
        Moment of ``time.monotonic`` after which nothing is sent any more.
    heard : bool
        Whether any response ever came.
    charts : int
        Chart requests since it was set to 0.
    silence : str or None
        Why the last request had no response at all; None where it had one.
    """

    def __init__(
        self, *, pace: float, timeout: float, folder: Path | None, now: Callable[[], datetime]
    ) -> None:
        super().__init__(
            impersonate="chrome", curl_options={CurlOpt.MAXFILESIZE_LARGE: _LARGEST_ANSWER}
        )
        self.deadline = float("inf")
        self.heard = False
        self.charts = 0
        self.silence: str | None = None
        self._gap = 1.0 / pace if pace > 0 else 0.0
        self._timeout = timeout
        self._next = 0.0
        self.now = now
        self._kept = CookieFile(folder)
        self.recall_cookies()
        self.start_over()

    def start_over(self) -> None:
        """Forget earlier faults of cookie and crumb, so that a new run asks for them again."""
        self._no_side = self._no_crumb = self._renewing = False
        self._cookie_answer: Response | None = None

    def begin_chart(self) -> None:
        """Allow the client one renewal of its crumb: that is what a 401 is for."""
        self._renewing = False

    def recall_cookies(self) -> bool:
        """Whether there are cookies of an earlier process; then they are sent from now on."""
        return self._kept.fill(self.cookies, self.now())

    def keep_cookies(self) -> bool:
        """Leave the cookies for later processes."""
        return self._kept.keep(self.cookies)

    def anybody_there(self) -> bool:
        """Whether Yahoo answers anything at all, asked once and briefly."""
        try:
            self._exchange("GET", CRUMB_URL, {}, _UNHEARD_SIDE_SECONDS)
        except (OSError, DeadlineError):
            return False
        return True

    def request(self, method: Any, url: str, **options: Any) -> Response:  # type: ignore[override]
        """Send a request of the client's, unless there is a reason not to."""
        is_chart = url.startswith(CHART_URL)
        if not is_chart and (self._no_side or (self._no_crumb and _is_crumb(url))):
            raise _NoCrumbError("cookie and crumb are left out after a fault")
        if _is_cookie(url) and self._cookie_answer is not None:
            # Where there is no cookie to keep, the client asks for one before each symbol.
            return self._cookie_answer
        _drop_false_crumb(options.get("params"))
        try:
            response = self._exchange(method, url, options, self._seconds(is_chart))
        except OSError as fault:
            too_large = getattr(fault, "code", None) == CurlECode.FILESIZE_EXCEEDED
            if is_chart and too_large:
                raise OversizeError(_LARGEST_ANSWER) from fault
            # Not for a name that does not resolve: fc.yahoo.com is on the lists of blockers, and
            # the client has another way then.
            if not is_chart and "resolve" not in str(fault).lower():
                self._no_side = True
            raise
        if _is_cookie(url):
            self._cookie_answer = response
        status = response.status_code
        if is_chart and status >= 400:
            if status != 401 or self._renewing:
                raise RefusedError.of(response)
            self._renewing = True
        if _is_consent(url) and b"sessionId" not in response.content:
            # The client takes the form for granted; prices come without it.
            self._no_side = True
            raise _NoCrumbError("no form of consent")
        if _is_crumb(url) and not (status == 200 and _CRUMB.fullmatch(response.text.strip())):
            self._no_crumb = True
            raise _NoCrumbError(f"no crumb: status {status}")
        return response

    def _seconds(self, is_chart: bool) -> float:
        if is_chart:
            return self._timeout if self.heard else min(self._timeout, _UNHEARD_CHART_SECONDS)
        return min(self._timeout, _SIDE_SECONDS if self.heard else _UNHEARD_SIDE_SECONDS)

    def _exchange(self, method: Any, url: str, options: dict[str, Any], seconds: float) -> Response:
        self._wait_for_turn()
        seconds = min(seconds, self.deadline - time.monotonic())
        if seconds <= 0:
            raise DeadlineError
        connect = min(_CONNECT_SECONDS, seconds)
        options = {**options, "timeout": (connect, max(seconds - connect, 0.01))}
        self.charts += url.startswith(CHART_URL)
        try:
            response = super().request(method, url, **options)
        except OSError as fault:
            self.silence = str(fault)
            if self.heard:
                self._next = time.monotonic() + self._gap
            raise
        self.silence, self.heard = None, True
        self._next = time.monotonic() + self._gap
        return response

    def _wait_for_turn(self) -> None:
        wait = self._next - time.monotonic()
        if time.monotonic() + max(wait, 0.0) >= self.deadline:
            raise DeadlineError
        if wait > 0:
            time.sleep(wait)


class _Client(YfData):  # type: ignore[misc]
    """The client, with its cookies where the session keeps them instead of in a database."""

    def _load_cookie_curlCffi(self) -> bool:  # noqa: N802 - the client's name
        self._cookie = self._session.recall_cookies() or None
        return self._cookie is not None

    def _save_cookie_curlCffi(self) -> bool:  # noqa: N802 - the client's name
        kept: bool = self._session.keep_cookies()
        return kept


def ask_chart(session: PacedSession, symbol: str, timezone: str, first: date) -> Response:
    """Yahoo's answer about one symbol's daily bars and events, from ``first`` until now.

    Parameters
    ----------
    session : PacedSession
        Through which everything is sent.
    symbol, timezone : str
        Yahoo's symbol, and its exchange's IANA time zone.
    first : date
        First day, inclusive, of the exchange's own calendar.

    Returns
    -------
    Response
        Of a status below 400; whether it is a chart is not looked at.

    Raises
    ------
    RefusedError
        Yahoo answered with an error status: once, or twice where the first was a 401.
    OversizeError
        The answer is larger than any chart.
    DeadlineError
        The time of the session is used up.
    OSError
        The transport failed.
    MalformedAnswerError
        It is a page that asks for consent whatever was agreed to, or the client stumbled over one.
    """
    begins = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(timezone))
    wanted = {
        "period1": int(begins.timestamp()),
        # Until now: Yahoo adjusts for every split there was, so every one has to be in the answer.
        "period2": int(session.now().timestamp()),
        "interval": "1d",
        "includePrePost": False,
        "events": "div,splits,capitalGains",
    }
    session.begin_chart()
    try:
        with _one_at_a_time:
            response: Response = _Client(session=session).get(CHART_URL + symbol, wanted)
    except (RefusedError, OversizeError, DeadlineError, OSError):
        raise
    except Exception as fault:
        # The client reads pages on its way to a cookie, and nobody knows what a page may hold.
        stumbled = f"the client stumbled over a page: {type(fault).__name__}: {fault}"
        raise malformed(symbol, stumbled, session.charts) from fault
    if response.status_code >= 400:
        raise RefusedError.of(response)  # behind a page that asked for consent
    if (urlsplit(response.url).hostname or "").endswith("consent.yahoo.com"):
        raise malformed(
            symbol,
            "it asks for consent to its cookies; open finance.yahoo.com in a browser behind "
            "the same address and agree",
            session.charts,
        )
    return response


def _is_cookie(url: str) -> bool:
    return urlsplit(url).hostname == "fc.yahoo.com"


def _is_consent(url: str) -> bool:
    return urlsplit(url).hostname == "guce.yahoo.com" and urlsplit(url).path == "/consent"


def _is_crumb(url: str) -> bool:
    return urlsplit(url).path.endswith("/getcrumb")


def _drop_false_crumb(params: Any) -> None:
    """Send no error page as a crumb: after a 429 the client keeps "Too Many Requests" for one."""
    if params and not _CRUMB.fullmatch(str(params.get("crumb", "none"))):
        del params["crumb"]
