"""The guard of ``conftest.py`` holds: no way out, and no skip where none is allowed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

# From the blocks reserved for documentation: nobody is there.
OUTSIDE = ("192.0.2.1", 443)
OUTSIDE_6 = ("2001:db8::1", 443, 0, 0)


def _tcp(way: str) -> None:
    with socket.socket() as sock:
        getattr(sock, way)(OUTSIDE)


def _tcp6() -> None:
    with socket.socket(socket.AF_INET6) as sock:
        sock.connect(OUTSIDE_6)


def _udp(way: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        if way == "sendto":
            sock.sendto(b"x", OUTSIDE)
        else:
            sock.sendmsg([b"x"], [], 0, OUTSIDE)


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda: _tcp("connect"), id="connect"),
        pytest.param(lambda: _tcp("connect_ex"), id="connect_ex"),
        pytest.param(_tcp6, id="connect over IPv6"),
        pytest.param(lambda: _udp("sendto"), id="sendto"),
        pytest.param(lambda: _udp("sendmsg"), id="sendmsg"),
        pytest.param(lambda: socket.create_connection(OUTSIDE), id="create_connection"),
        pytest.param(lambda: socket.getaddrinfo("example.org", 443), id="getaddrinfo"),
        pytest.param(lambda: socket.gethostbyname("example.org"), id="gethostbyname"),
    ],
)
def test_outside_is_refused_by_name(attempt: Callable[[], object], refused: list[str]) -> None:
    with pytest.raises(RuntimeError, match=r"loopback only.*(192\.0\.2\.1|2001:db8|example\.org)"):
        attempt()
    assert len(refused) == 1


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as client,
    ):
        peer, _ = server.accept()
        with peer:
            client.sendall(b"x")
            assert peer.recv(1) == b"x"


def test_libcurl_cannot_leave() -> None:
    # yfinance fetches through libcurl, which knows nothing of this process's Python sockets.
    requests = pytest.importorskip("curl_cffi.requests")
    with pytest.raises(requests.exceptions.RequestException, match=r"over proxy 127\.0\.0\.1"):
        requests.get("https://example.org/", timeout=600)


def test_child_processes_cannot_leave() -> None:
    code = "import urllib.request as r; r.urlopen('http://example.org/')"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert child.returncode == 1
    assert "Connection refused" in child.stderr


def test_folders_and_time_zone_are_the_tests_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    for folder in (platformdirs.user_data_path("x"), platformdirs.user_cache_path("x")):
        assert folder.is_relative_to(base)
    assert time.tzname[0] == "CST"


SKIPS = {
    "test_call.py": "def test_a(): pytest.skip('no reason')",
    "test_mark.py": "@pytest.mark.skip(reason='no reason')\ndef test_a(): pass",
    "test_fixture.py": "@pytest.fixture\ndef f(): pytest.skip('no reason')\ndef test_a(f): pass",
    "test_module.py": "pytest.skip('no reason', allow_module_level=True)",
    # Not a skip: a fault that is known and written down.
    "test_xfail.py": "@pytest.mark.xfail\ndef test_a(): assert False",
    "test_pass.py": "def test_a(): pass",
}


def run_skips(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).parents[1] / "conftest.py", folder)
    for name, body in SKIPS.items():
        (folder / name).write_text(f"import pytest\n\n{body}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--continue-on-collection-errors"]
    command += ["-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider", *options]
    kept = {k: v for k, v in os.environ.items() if k != "SUPPLYCHAIN_SCREEN_NO_SKIPS"}
    return subprocess.run(
        [*command, str(folder)], env=kept | environment, capture_output=True, text=True, cwd=folder
    )


@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.slow)])
def test_a_skip_fails_where_none_is_allowed(tmp_path: Path, workers: str) -> None:
    run = run_skips(tmp_path, "-n", workers, SUPPLYCHAIN_SCREEN_NO_SKIPS="1")
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("1 failed, 1 passed, 1 xfailed, 3 errors")
    assert run.stdout.count("did not run: Skipped: no reason") >= 2


def test_a_skip_is_no_failure_elsewhere(tmp_path: Path) -> None:
    run = run_skips(tmp_path, "-n", "0")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("1 passed, 4 skipped, 1 xfailed")
