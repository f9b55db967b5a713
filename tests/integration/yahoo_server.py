"""A Yahoo on loopback for the unmodified client, in this process or in a child.

It is a proxy that ends every tunnel itself, with certificates of a throw-away authority: the
variables of ``environment()`` are all that a client needs to take it for Yahoo.

Examples
--------
::

    def test_something(yahoo, monkeypatch):  # the fixture of conftest.py
        yahoo.fault("0285.HK", "rate_limited", times=1)
        yahoo.story("688018.SS", "bonus_never")
        ...  # use YahooSource, or start a child process
        assert yahoo.charts("0285.HK") == 1
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import trustme
from tests.integration.yahoo_market import STORIES, Market, chart, market_of

CRUMB = "Lb/8x.kQ3eX"
NOW = datetime(2026, 1, 9, 23, 30, tzinfo=UTC)
CHART = "/v8/finance/chart/"


@dataclass(frozen=True)
class Request:
    """One request as it came: what for, and the fault it met."""

    kind: str
    symbol: str
    host: str
    query: dict[str, list[str]]
    fault: str | None


@dataclass
class _Fault:
    name: str
    times: float
    options: dict[str, Any] = field(default_factory=dict)


class LoopbackYahoo:
    """The server and what it is told to do.

    Parameters
    ----------
    folder : Path
        Where the certificate of the authority is written.

    Attributes
    ----------
    now : datetime
        The market's clock: no bar is newer.
    requests : list of Request
        Everything that came since ``reset``.
    """

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self._bundle = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self._bundle))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("*.yahoo.com", "*.finance.yahoo.com").configure_cert(self.tls)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.yahoo = self
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._lock = threading.Lock()
        self.reset()

    def __enter__(self) -> LoopbackYahoo:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self.hang_up()
        self._thread.join()
        self._server.server_close()

    def hang_up(self) -> None:
        """End every connection, and every answer that takes its time."""
        self.closing.set()
        self._server.hang_up()

    def reset(self) -> None:
        """Forget faults, stories, markets and requests; set the clock back to ``NOW``."""
        self.now = NOW
        self.requests: list[Request] = []
        self._faults: dict[str, _Fault] = {}
        self._stories: dict[str, dict[str, Any]] = {}
        self._markets: dict[str, Market | None] = {}
        self.closing.clear()

    def environment(self) -> dict[str, str]:
        """Variables that lead a client here."""
        port = self._server.server_address[1]
        proxy = f"http://127.0.0.1:{port}"
        names = ("http_proxy", "https_proxy", "all_proxy")
        return {
            **{name: proxy for lower in names for name in (lower, lower.upper())},
            "CURL_CA_BUNDLE": str(self._bundle),
            "REQUESTS_CA_BUNDLE": str(self._bundle),
            "SSL_CERT_FILE": str(self._bundle),
            "SUPPLYCHAIN_SCREEN_YAHOO_PACE": "0",
        }

    def fault(self, symbol: str, name: str, times: float = float("inf"), **options: Any) -> None:
        """Answer the next ``times`` requests for ``symbol`` with a fault of ``FAULTS``.

        ``cookie`` and ``getcrumb`` stand for symbols too.
        """
        assert name in FAULTS, name
        self._faults[symbol] = _Fault(name, times, options)

    def fault_all(self, name: str, **options: Any) -> None:
        """Answer every chart request with a fault."""
        self.fault("*", name, **options)

    def story(self, symbol: str, name: str, **options: Any) -> None:
        """Serve a series as ``STORIES`` has seen Yahoo do."""
        assert name in STORIES, name
        self._stories.setdefault(symbol, {})[name] = options

    def market(self, symbol: str, **changes: Any) -> Market:
        """The truth about a symbol; ``splits``, ``dividends`` and the like can be given."""
        market = self.known(symbol)
        assert market is not None, symbol
        if changes:
            market = self._markets[symbol] = replace(market, **changes)
        return market

    def unlist(self, symbol: str) -> None:
        """Know this symbol no more."""
        self._markets[symbol] = None

    def known(self, symbol: str) -> Market | None:
        if symbol not in self._markets:
            self._markets[symbol] = market_of(symbol)
        return self._markets[symbol]

    def charts(self, symbol: str | None = None) -> int:
        """How many chart requests came, for one symbol or for all."""
        return sum(
            1
            for one in self.requests
            if one.kind in ("chart", "probe") and symbol in (None, one.symbol)
        )

    def count(self, kind: str) -> int:
        """How many requests of a kind came: chart, probe, cookie, getcrumb, consent."""
        return sum(1 for one in self.requests if one.kind == kind)

    def take(self, kind: str, symbol: str, host: str, query: dict[str, list[str]]) -> _Fault | None:
        """Note a request, and hand out the fault that it meets."""
        with self._lock:
            everybody = self._faults.get("*") if kind in ("chart", "probe") else None
            fault = self._faults.get(symbol, everybody)
            if fault is not None:
                if fault.times <= 0:
                    fault = None
                else:
                    fault.times -= 1
            self.requests.append(
                Request(kind, symbol, host, query, fault.name if fault is not None else None)
            )
            return fault

    def answer(self, symbol: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Status and body for a chart request without fault."""
        market = self.known(symbol)
        if market is None:
            return 404, _error("Not Found", "No data found, symbol may be delisted")
        first, last = (int(query.get(name, ["0"])[0]) for name in ("period1", "period2"))
        if "range" in query:
            last = int(self.now.timestamp())
            first = last - 7 * 86400
        body = chart(market, self.now, first, last, self._stories.get(symbol, {}))
        if body is None:
            span = f"startDate = {first}, endDate = {last}"
            return 400, _error("Bad Request", f"Data doesn't exist for {span}")
        return 200, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    yahoo: LoopbackYahoo

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.open: set[socket.socket] = set()

    def hang_up(self) -> None:
        """Wake every handler that waits for its client's next request."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what half of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise each body waits 40 ms for the acknowledgement of its headers.
    disable_nagle_algorithm = True
    server: _Server
    tunnel = ""
    symbol = ""

    def log_message(self, *_: Any) -> None:
        pass

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()
        with contextlib.suppress(OSError):
            self.connection.close()

    def do_CONNECT(self) -> None:
        self.tunnel = self.path.partition(":")[0]
        if not self.tunnel.endswith("yahoo.com"):
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.server.open.discard(self.connection)
        self.rfile.close()
        self.connection = self.server.yahoo.tls.wrap_socket(self.connection, server_side=True)
        self.server.open.add(self.connection)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = parse_qs(urlsplit(self.path).query)
        self.server.yahoo.take("consent", "", self.tunnel, query)
        if query.get("helps") == ["True"]:
            self.redirect(f"https://query2.finance.yahoo.com{query['next'][0]}")
        else:
            self.reply(200, b"<html><body>Thank you</body></html>", "text/html")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if parts.path.startswith(CHART):
            self.chart(unquote(parts.path.removeprefix(CHART)), query)
        elif parts.path.endswith("/getcrumb"):
            self.side("getcrumb", lambda: self.reply(200, CRUMB.encode(), "text/plain"))
        elif self.tunnel == "fc.yahoo.com":
            self.side("cookie", self.give_cookie)
        else:
            self.side("consent", self.ask_consent)

    def side(self, kind: str, answer: Callable[[], None]) -> None:
        fault = self.server.yahoo.take(kind, kind, self.tunnel, {})
        if fault is None:
            answer()
        else:
            FAULTS[fault.name](self, **fault.options)

    def chart(self, symbol: str, query: dict[str, list[str]]) -> None:
        kind = "probe" if "range" in query else "chart"
        fault = self.server.yahoo.take(kind, symbol, self.tunnel, query)
        if fault is not None:
            self.symbol = symbol
            FAULTS[fault.name](self, **fault.options)
        elif query.get("crumb", [CRUMB]) != [CRUMB]:
            unauthorized(self)
        else:
            status, body = self.server.yahoo.answer(symbol, query)
            self.json(status, body)

    def give_cookie(self) -> None:
        self.reply(
            404,
            b"",
            "text/html",
            {"Set-Cookie": "A3=d=AQABB; Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure"},
        )

    def ask_consent(self) -> None:
        address = self.path.replace("&", "&amp;")
        page = (
            f'<html><body><form action="{address}" method="post">'
            '<input type="hidden" name="csrfToken" value="t"/>'
            '<input type="hidden" name="sessionId" value="1"/>'
            '<button type="submit" name="agree" value="agree">Accept all</button>'
            "</form></body></html>"
        )
        self.reply(200, page.encode(), "text/html")

    def redirect(self, address: str) -> None:
        self.reply(302, b"", "text/html", {"Location": address})

    def json(self, status: int, body: object) -> None:
        self.reply(status, json.dumps(body).encode(), "application/json;charset=utf-8")

    def reply(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


# --- Faults: what a request may meet --------------------------------------------------------

FAULTS: dict[str, Callable[..., None]] = {}


def _fault(function: Callable[..., None]) -> Callable[..., None]:
    FAULTS[function.__name__] = function
    return function


@_fault
def not_found(handler: _Handler) -> None:
    handler.json(404, _error("Not Found", "No data found, symbol may be delisted"))


@_fault
def lost_page(handler: _Handler) -> None:
    handler.reply(404, b"<html><head><title>Not here</title></head></html>", "text/html")


@_fault
def rate_limited(handler: _Handler, retry_after: str | None = None) -> None:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    handler.reply(429, b"Edge: Too Many Requests", "text/html", headers)


@_fault
def unauthorized(handler: _Handler) -> None:
    error = {"code": "Unauthorized", "description": "Invalid Crumb"}
    handler.json(401, {"finance": {"result": None, "error": error}})


@_fault
def bad_request(handler: _Handler) -> None:
    handler.json(400, _error("Bad Request", "Invalid input - interval=1d"))


@_fault
def server_error(handler: _Handler) -> None:
    handler.json(500, _error("Internal Server Error", "Something went wrong"))


@_fault
def bad_gateway(handler: _Handler, status: int = 502) -> None:
    page = b"<!DOCTYPE html><html><head><title>Yahoo</title></head><body>Oops</body></html>"
    handler.reply(status, page, "text/html")


@_fault
def maintenance(handler: _Handler) -> None:
    handler.reply(200, b"<html><body>Will be right back...</body></html>", "text/html")


@_fault
def html_page(handler: _Handler) -> None:
    page = b"<html><head><title>Yahoo Finance</title></head><body></body></html>"
    handler.reply(200, page, "text/html")


@_fault
def null_result(handler: _Handler) -> None:
    handler.json(200, {"chart": {"result": None, "error": None}})


@_fault
def empty_result(handler: _Handler) -> None:
    handler.json(200, {"chart": {"result": [], "error": None}})


@_fault
def error_with_200(handler: _Handler) -> None:
    handler.json(200, _error("Unprocessable Entity", "The service is overloaded"))


@_fault
def no_bars(handler: _Handler) -> None:
    body = _today(handler)
    result = body["chart"]["result"][0]
    del result["timestamp"]
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    handler.json(200, body)


@_fault
def uneven_columns(handler: _Handler) -> None:
    body = _today(handler)
    body["chart"]["result"][0]["indicators"]["quote"][0]["close"].pop()
    handler.json(200, body)


@_fault
def broken_json(handler: _Handler) -> None:
    whole = json.dumps(_today(handler)).encode()
    handler.reply(200, whole[: len(whole) // 2], "application/json")


@_fault
def nested(handler: _Handler) -> None:
    handler.reply(200, b'{"chart":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "application/json")


@_fault
def nested_refusal(handler: _Handler) -> None:
    handler.reply(400, b"[" * 200_000, "application/json")


@_fault
def endless(handler: _Handler) -> None:
    """300 MB that begin like a chart; in chunks, so that no header tells."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    block = b"1," * (1 << 19)
    for _ in range(300):
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
    handler.wfile.write(b"0\r\n\r\n")


@_fault
def absurd(handler: _Handler, part: str = "timestamp", value: object = None) -> None:
    """One number of the answer replaced: of its stamps, or of a column."""
    body = _today(handler)
    result = body["chart"]["result"][0]
    (result if part == "timestamp" else result["indicators"]["quote"][0])[part][3] = value
    handler.json(200, body)


@_fault
def cut_off(handler: _Handler) -> None:
    whole = json.dumps(_today(handler)).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    handler.wfile.write(whole[: len(whole) // 2])
    handler.close_connection = True


@_fault
def time_out(handler: _Handler) -> None:
    handler.server.yahoo.closing.wait()
    handler.close_connection = True


@_fault
def reset(handler: _Handler, first: Callable[[], None] = lambda: None) -> None:
    first()
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


@_fault
def slow_drip(handler: _Handler, pause: float = 0.05) -> None:
    whole = json.dumps(_today(handler)).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    for at in range(len(whole)):
        handler.wfile.write(whole[at : at + 1])
        if handler.server.yahoo.closing.wait(pause):
            break
    handler.close_connection = True


@_fault
def consent(handler: _Handler, helps: bool = True) -> None:
    """To the page that asks for consent; agreeing leads back to the chart where it ``helps``."""
    if helps:
        handler.server.yahoo.fault(handler.symbol, "consent", times=0)
    query = urlencode({"sessionId": 1, "helps": helps, "next": handler.path})
    handler.redirect(f"https://consent.yahoo.com/v2/collectConsent?{query}")


def _today(handler: _Handler) -> dict[str, Any]:
    _, body = handler.server.yahoo.answer(handler.symbol, parse_qs(urlsplit(handler.path).query))
    return body


@contextlib.contextmanager
def running(folder: Path) -> Iterator[LoopbackYahoo]:
    """A server for the length of a block."""
    with LoopbackYahoo(folder) as yahoo:
        yield yahoo
