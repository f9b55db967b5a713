"""Naming Yahoo's faults, the paced session and its cookies, without any server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from curl_cffi import CurlECode
from curl_cffi.requests import Cookies, Session
from curl_cffi.requests.exceptions import RequestException

from supplychain_screen.errors import (
    MalformedAnswerError,
    RateLimitedError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.prices.sources.yahoo.client import PacedSession
from supplychain_screen.prices.sources.yahoo.cookies import CookieFile
from supplychain_screen.prices.sources.yahoo.faults import (
    DeadlineError,
    OversizeError,
    RefusedError,
    explain,
    is_transient,
    out_of_reach,
)

# --- Faults ---------------------------------------------------------------------------------

NOW = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)
URL = "https://query2.finance.yahoo.com/v8/finance/chart/688018.SS"
COOKIE_URL = "https://fc.yahoo.com"
CRUMB_URL = "https://query1.finance.yahoo.com/v1/test/getcrumb"


@pytest.mark.parametrize(
    ("header", "back"),
    [
        (None, "2026-01-09 13:00"),
        ("90", "2026-01-09 12:01"),
        ("Fri, 09 Jan 2026 18:30:00 GMT", "2026-01-09 18:30"),
        ("soon", "2026-01-09 13:00"),
        ("99999999999999", "2026-01-16 12:00"),
    ],
)
@pytest.mark.parametrize("status", [429, 999])
def test_a_refusal_says_when_to_come_back(status: int, header: str | None, back: str) -> None:
    fault = RefusedError(status, b"", header)
    assert not is_transient(fault)
    error = explain(fault, "688018.SS", 1, NOW)
    assert isinstance(error, RateLimitedError)
    assert f"come back after {back} UTC" in str(error)


@pytest.mark.parametrize(
    ("fault", "kind", "transient"),
    [
        (RefusedError(500), SourceUnreachableError, True),
        (RefusedError(403, b"<p>Forbidden</p>"), MalformedAnswerError, False),
        (RefusedError(401, b"[" * 100_000), MalformedAnswerError, False),
        (OversizeError(1024), MalformedAnswerError, False),
        (OSError("Recv failure"), SourceUnreachableError, True),
    ],
)
def test_only_transport_and_server_are_asked_again(
    fault: Exception, kind: type[Exception], transient: bool
) -> None:
    error = explain(fault, "688018.SS", 2, NOW)
    assert type(error) is kind
    assert error.attempts == 2
    assert is_transient(fault) is transient


def test_both_words_for_no_data_are_no_symbol() -> None:
    for status, words in (
        (404, "No data found, symbol may be delisted"),
        (400, "Data doesn't exist"),
    ):
        body = json.dumps({"chart": {"error": {"description": words}}}).encode()
        error = explain(RefusedError(status, body), "688018.SS", 1, NOW)
        assert type(error) is SymbolNotFoundError
        assert words in str(error)


def test_out_of_reach_says_what_to_do_without_curls_advice() -> None:
    said = (
        "Failed to perform, curl: (6) Could not resolve host: query1.finance.yahoo.com. "
        "See https://curl.se/libcurl/c/libcurl-errors.html first for more details."
    )
    assert str(out_of_reach(said)) == (
        "Yahoo cannot be reached: Could not resolve host: query1.finance.yahoo.com; check the "
        "network and the proxy (HTTPS_PROXY), or use prices from a file"
    )


# --- The session ----------------------------------------------------------------------------


class Line:
    """Answers by a part of the address in place of the network, and remembers what was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def request(self, _session: object, _method: str, url: str, **options: Any) -> Any:
        self.sent.append((url, options))
        answer = next((a for part, a in self.answers.items() if part in url), 200)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(
            status_code=answer, url=url, content=b"abc.def", text="abc.def", headers={}
        )


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    fake = Line()
    monkeypatch.setattr(Session, "request", lambda *args, **options: fake.request(*args, **options))
    return fake


@pytest.fixture
def session(line: Line, tmp_path: Path) -> Iterator[Callable[..., PacedSession]]:
    made: list[PacedSession] = []

    def make(answers: dict[str, Any] | None = None, seconds: float = 5, **options: Any) -> Any:
        line.answers = answers or {}
        one = PacedSession(
            **{"pace": 0, "timeout": 10.0, "folder": tmp_path, "now": lambda: NOW, **options}
        )
        one.deadline = time.monotonic() + seconds
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def test_a_refused_chart_ends_there(session: Callable[..., PacedSession]) -> None:
    one = session({"chart": 429})
    with pytest.raises(RefusedError):
        one.get(URL, params={})
    assert one.charts == 1


def test_a_crumb_may_be_renewed_once(session: Callable[..., PacedSession]) -> None:
    one = session({"chart": 401})
    for _ in range(2):
        one.begin_chart()
        assert one.get(URL, params={}).status_code == 401
        with pytest.raises(RefusedError):
            one.get(URL, params={})


@pytest.mark.parametrize("crumb", ["Edge: Too Many Requests", "<html>", '{"finance":{}}', ""])
def test_no_error_page_is_sent_as_a_crumb(
    session: Callable[..., PacedSession], line: Line, crumb: str
) -> None:
    one = session()
    one.get(URL, params={"crumb": crumb, "interval": "1d"})
    one.get(URL, params={"crumb": "Lb/8x.kQ3eX"})
    assert [options["params"] for _, options in line.sent] == [
        {"interval": "1d"},
        {"crumb": "Lb/8x.kQ3eX"},
    ]


def test_a_refused_crumb_is_not_asked_for_again_in_a_run(
    session: Callable[..., PacedSession], line: Line
) -> None:
    one = session({"getcrumb": 429})
    for _ in range(3):
        # An OSError, which the client takes as leave to go on without.
        with pytest.raises(ConnectionError):
            one.get(CRUMB_URL)
    assert len(line.sent) == 1
    one.start_over()
    with pytest.raises(ConnectionError):
        one.get(CRUMB_URL)
    assert len(line.sent) == 2


def test_a_cookie_is_asked_for_once_in_a_run(
    session: Callable[..., PacedSession], line: Line
) -> None:
    one = session()
    answers = [one.get(COOKIE_URL) for _ in range(3)]
    assert answers[0] is answers[2]
    assert len(line.sent) == 1


def test_a_time_out_of_the_cookie_closes_the_side_door_and_no_other(
    session: Callable[..., PacedSession], line: Line
) -> None:
    one = session({"fc.yahoo": OSError("Connection timed out")})
    for url in (COOKIE_URL, "https://guce.yahoo.com/consent", CRUMB_URL):
        with pytest.raises(OSError, match=r"timed out|left out"):
            one.get(url)
    assert one.get(URL, params={}).status_code == 200
    assert [url for url, _ in line.sent] == [COOKIE_URL, URL]


def test_a_blocked_cookie_name_leaves_the_clients_other_way_open(
    session: Callable[..., PacedSession],
) -> None:
    one = session({"fc.yahoo": OSError("Could not resolve host: fc.yahoo.com")})
    with pytest.raises(OSError, match="resolve"):
        one.get(COOKIE_URL)
    assert one.get(CRUMB_URL).status_code == 200


def test_a_page_of_consent_without_its_form_closes_the_side_door(
    session: Callable[..., PacedSession],
) -> None:
    one = session()
    for url in ("https://guce.yahoo.com/consent", CRUMB_URL):
        with pytest.raises(ConnectionError):
            one.get(url)
    assert one.get(URL, params={}).status_code == 200


def test_an_answer_too_large_is_no_fault_of_the_transport(
    session: Callable[..., PacedSession],
) -> None:
    too_large = RequestException("Maximum file size exceeded", CurlECode.FILESIZE_EXCEEDED)
    with pytest.raises(OversizeError, match="16 MB"):
        session({"chart": too_large}).get(URL, params={})


def test_each_request_has_a_limit(session: Callable[..., PacedSession], line: Line) -> None:
    one = session(timeout=30.0, seconds=20)
    one.get(URL, params={}, timeout=99)
    one.get(URL, params={})
    (first, second) = (sum(options["timeout"]) for _, options in line.sent)
    # Until anything was heard, a chart has 4.5 seconds; then its own limit, or what is left.
    assert first == pytest.approx(4.5)
    assert first < second <= 20


def test_nothing_is_sent_after_the_deadline(
    session: Callable[..., PacedSession], line: Line
) -> None:
    one = session(pace=0.01, seconds=60)
    one.get(URL, params={})
    with pytest.raises(DeadlineError):
        one.get(URL, params={})
    assert len(line.sent) == 1


# --- Cookies --------------------------------------------------------------------------------


def jar(**cookies: tuple[str, float]) -> Cookies:
    """Cookies by name: their domain, and when they end in seconds from now."""
    made = Cookies()
    for name, (domain, _) in cookies.items():
        made.set(name, "d=1", domain, "/", secure=True)
    for one in made.jar:
        one.expires = int(time.time() + cookies[one.name][1]) if cookies[one.name][1] else None
    return made


def test_lasting_cookies_of_yahoo_wait_for_the_next_process(tmp_path: Path) -> None:
    kept = jar(
        A3=(".yahoo.com", 9e6),
        B=(".yahoo.com", 0),
        C=(".example.com", 9e6),
        D=("consent.yahoo.com", 9e6),
    )
    assert CookieFile(tmp_path).keep(kept)
    filled = Cookies()
    assert CookieFile(tmp_path).fill(filled, datetime.now(UTC))
    assert [(one.name, one.value, one.domain, one.secure) for one in filled.jar] == [
        ("A3", "d=1", ".yahoo.com", True)
    ]


def test_an_expired_cookie_is_no_cookie(tmp_path: Path) -> None:
    assert not CookieFile(tmp_path).fill(Cookies(), datetime.now(UTC))
    CookieFile(tmp_path).keep(jar(A3=(".yahoo.com", -60)))
    assert not CookieFile(tmp_path).fill(Cookies(), datetime.now(UTC))


def test_where_nothing_can_be_written_the_process_remembers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    file = CookieFile(tmp_path / "file")
    assert file.keep(jar(A3=(".yahoo.com", 9e6)))
    assert file.fill(Cookies(), datetime.now(UTC))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "7",
        '{"name": 1}',
        '[{"name": "A3", "value": "x", "domain": ".yahoo.com", "path": "/", "expires": true}]',
        '[{"name": "A3", "value": "x\\n", "domain": ".yahoo.com", "path": "/", "expires": 9e9}]',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_of_cookies_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "cookies.json").write_text(text)
    assert not CookieFile(tmp_path).fill(Cookies(), datetime.now(UTC))
