"""Naming Yahoo's faults, and the watched session, without any server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from supplychain_screen.errors import (
    MalformedAnswerError,
    RateLimitedError,
    SourceUnreachableError,
    SymbolNotFoundError,
)
from supplychain_screen.prices.sources.yahoo.faults import explain, known_faults, out_of_reach
from supplychain_screen.prices.sources.yahoo.wire import DeadlineError, Exchange, RefusedError, Wire

# --- Faults ---------------------------------------------------------------------------------

NOW = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)
URL = "https://query2.finance.yahoo.com/v8/finance/chart/688018.SS"


def exchange(status: int | None, body: bytes = b"", **changes: Any) -> Exchange:
    parts = {
        "url": URL,
        "final_url": URL,
        "status": status,
        "body": body,
        "retry_after": None,
        "error": None,
        "is_chart": True,
    }
    return Exchange(**{**parts, **changes})


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
    verdict = explain(
        RefusedError(status), [exchange(status, retry_after=header)], "688018.SS", NOW
    )
    assert isinstance(verdict.error, RateLimitedError)
    assert not verdict.transient
    assert f"come back after {back} UTC" in str(verdict.error)


@pytest.mark.parametrize(
    ("fault", "last", "kind", "transient"),
    [
        (RefusedError(500), exchange(500), SourceUnreachableError, True),
        (RefusedError(403), exchange(403, b"<p>Forbidden</p>"), MalformedAnswerError, False),
        (OSError("Recv failure"), exchange(None), SourceUnreachableError, True),
        (KeyError("currency"), exchange(200, b'{"chart": {}}'), MalformedAnswerError, False),
        (ValueError("x"), exchange(200, b"{"), MalformedAnswerError, False),
        (ValueError("x"), exchange(None), MalformedAnswerError, False),
    ],
)
def test_only_transport_and_server_are_asked_again(
    fault: Exception, last: Exchange, kind: type[Exception], transient: bool
) -> None:
    assert isinstance(fault, known_faults())
    verdict = explain(fault, [last], "688018.SS", NOW)
    assert type(verdict.error) is kind
    assert verdict.transient is transient


def test_both_words_for_no_data_are_no_symbol() -> None:
    for status, words in (
        (404, "No data found, symbol may be delisted"),
        (400, "Data doesn't exist"),
    ):
        body = json.dumps({"chart": {"error": {"description": words}}}).encode()
        verdict = explain(RefusedError(status), [exchange(status, body)], "688018.SS", NOW)
        assert type(verdict.error) is SymbolNotFoundError
        assert words in str(verdict.error)


def test_a_fault_of_the_clients_own_cache_is_asked_again() -> None:
    import peewee

    verdict = explain(peewee.OperationalError("database is locked"), [], "688018.SS", NOW)
    assert verdict.transient
    assert "own cache" in str(verdict.error)


def test_out_of_reach_says_what_to_do_without_curls_advice() -> None:
    said = (
        "Failed to perform, curl: (6) Could not resolve host: query1.finance.yahoo.com. "
        "See https://curl.se/libcurl/c/libcurl-errors.html first for more details."
    )
    assert str(out_of_reach([exchange(None, error=said)])) == (
        "Yahoo cannot be reached: Could not resolve host: query1.finance.yahoo.com; check the "
        "network and the proxy (HTTPS_PROXY), or use prices from a file"
    )


# --- The wire -------------------------------------------------------------------------------


class FakeSession:
    """Answers by the path of the address, and remembers what was sent."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.sent.append((url, options))
        answer = next((a for part, a in self.answers.items() if part in url), 200)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(
            status_code=answer, url=url, content=b"abc.def", text="abc.def", headers={}
        )

    def get(self, url: str, **options: Any) -> Any:
        return self.request("GET", url, **options)


@pytest.fixture
def wire() -> Callable[..., Wire]:
    def make(answers: dict[str, Any] | None = None, **options: Any) -> Wire:
        return Wire(FakeSession(answers), **{"pace": 0, "timeout": 10.0, **options})

    return make


CRUMB_URL = "https://query1.finance.yahoo.com/v1/test/getcrumb"


def test_a_refused_chart_ends_there(wire: Callable[..., Wire]) -> None:
    one = wire({"chart": 429})
    with one.listening(time.monotonic() + 5), pytest.raises(RefusedError):
        one.session.get(URL, params={})
    assert [(e.status, e.is_chart) for e in one.exchanges] == [(429, True)]
    # A 401 is the client's to mend: it renews its cookie.
    two = wire({"chart": 401})
    with two.listening(time.monotonic() + 5):
        assert two.session.get(URL, params={}).status_code == 401


def test_a_session_is_watched_only_inside(wire: Callable[..., Wire]) -> None:
    one = wire({"chart": 429})
    with one.listening(time.monotonic() + 5):
        pass
    assert one.session.get(URL).status_code == 429
    assert one.exchanges == []


@pytest.mark.parametrize("crumb", ["Edge: Too Many Requests", "<html>", '{"finance":{}}', ""])
def test_no_error_page_is_sent_as_a_crumb(wire: Callable[..., Wire], crumb: str) -> None:
    one = wire()
    with one.listening(time.monotonic() + 5):
        one.session.get(URL, params={"crumb": crumb, "interval": "1d"})
        one.session.get(URL, params={"crumb": "Lb/8x.kQ3eX"})
    assert [options["params"] for _, options in one.session.sent] == [
        {"interval": "1d"},
        {"crumb": "Lb/8x.kQ3eX"},
    ]


def test_a_refused_crumb_is_not_asked_for_again_in_a_run(wire: Callable[..., Wire]) -> None:
    one = wire({"getcrumb": 429})
    with one.listening(time.monotonic() + 5):
        for _ in range(3):
            # An OSError, which the client takes as leave to go on without.
            with pytest.raises(ConnectionError):
                one.session.get(CRUMB_URL)
    assert len(one.session.sent) == 1
    one.start_over()
    with one.listening(time.monotonic() + 5), pytest.raises(ConnectionError):
        one.session.get(CRUMB_URL)
    assert len(one.session.sent) == 2


def test_a_cookie_is_asked_for_once_in_a_run(wire: Callable[..., Wire]) -> None:
    one = wire()
    with one.listening(time.monotonic() + 5):
        answers = [one.session.get("https://fc.yahoo.com") for _ in range(3)]
    assert answers[0] is answers[2]
    assert len(one.session.sent) == 1


def test_a_time_out_of_the_cookie_closes_the_side_door_and_no_other(
    wire: Callable[..., Wire],
) -> None:
    one = wire({"fc.yahoo": OSError("Connection timed out")})
    with one.listening(time.monotonic() + 5):
        for url in ("https://fc.yahoo.com", "https://guce.yahoo.com/consent", CRUMB_URL):
            with pytest.raises(OSError, match=r"timed out|left out"):
                one.session.get(url)
        assert one.session.get(URL, params={}).status_code == 200
    assert [url for url, _ in one.session.sent] == ["https://fc.yahoo.com", URL]


def test_a_blocked_cookie_name_leaves_the_clients_other_way_open(wire: Callable[..., Wire]) -> None:
    one = wire({"fc.yahoo": OSError("Could not resolve host: fc.yahoo.com")})
    with one.listening(time.monotonic() + 5):
        with pytest.raises(OSError, match="resolve"):
            one.session.get("https://fc.yahoo.com")
        assert one.session.get(CRUMB_URL).status_code == 200


def test_each_request_has_a_limit(wire: Callable[..., Wire]) -> None:
    one = wire(timeout=30.0)
    with one.listening(time.monotonic() + 20):
        one.session.get(URL, params={}, timeout=99)
        one.session.get(URL, params={})
    (first, second) = (sum(options["timeout"]) for _, options in one.session.sent)
    # Until anything was heard, a chart has 4.5 seconds; then its own limit, or what is left.
    assert first == pytest.approx(4.5)
    assert 19 < second <= 20


def test_nothing_is_sent_after_the_deadline(wire: Callable[..., Wire]) -> None:
    one = wire(pace=1.0)
    with one.listening(time.monotonic() + 0.3):
        one.session.get(URL, params={})
        with pytest.raises(DeadlineError):
            one.session.get(URL, params={})
    assert len(one.session.sent) == 1
