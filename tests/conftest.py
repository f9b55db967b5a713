"""What every test stands on: no way out of this machine, no user's folders, no silent skip.

All of it is set up before the first test module is imported, so it holds for collection, for
fixtures, for doctests and for the child processes that tests start.

Environment
-----------
SUPPLYCHAIN_SCREEN_MARKET_DATA
    Folder of real prices. Without it the tests that need it are skipped, and say so.
SUPPLYCHAIN_SCREEN_NO_SKIPS
    Set (as continuous integration does): a skipped test is a failed test.
HYPOTHESIS_PROFILE
    ``few`` examples of each property (the default), the ``full`` number, or ``chance``: the full
    number, others every time.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

MARKET_DATA = "SUPPLYCHAIN_SCREEN_MARKET_DATA"
NO_SKIPS = "SUPPLYCHAIN_SCREEN_NO_SKIPS"
CALENDARS = "TESTS_SHARED_CALENDARS"

# Only type-checked, never run.
collect_ignore = ["typing"]

_refused: list[str] = []
_sockets = pytest.StashKey[socket.socket]()
_home = pytest.StashKey[str]()


# --- No way out -----------------------------------------------------------------------------


class OutgoingConnectionError(RuntimeError):
    """A test tried to leave this machine.

    Not an ``OSError``, so that code which takes a refused connection for "source unreachable"
    does not swallow it.
    """


def _is_loopback(host: object) -> bool:
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    # An empty name and the two wildcards are places to listen at, not places to go to.
    if name in {"", "localhost", "0.0.0.0", "::"}:
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False


def _check(how: str, address: object) -> None:
    host = address[0] if isinstance(address, tuple) and address else address
    if _is_loopback(host):
        return
    message = f"tests reach loopback only: {how} wanted {address!r}"
    _refused.append(message)
    raise OutgoingConnectionError(message)


def _guard_sockets() -> None:
    """Replace what leads outside; unix sockets and loopback stay as they are."""

    def guarded(
        name: str, original: Callable[..., Any], address: Callable[[Any], Any]
    ) -> Callable[..., Any]:
        def method(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _check(name, address(args))
            return original(self, *args, **kwargs)

        return method

    ways: dict[str, Callable[[Any], Any]] = {
        "connect": lambda args: args[0],
        "connect_ex": lambda args: args[0],
        "sendto": lambda args: args[-1],
        # Without an address it goes to where the socket is connected already.
        "sendmsg": lambda args: args[3] if len(args) > 3 else None,
    }
    for name, address in ways.items():
        setattr(socket.socket, name, guarded(name, getattr(socket.socket, name), address))

    def lookup(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def function(host: Any, *args: Any, **kwargs: Any) -> Any:
            _check(name, host)
            return original(host, *args, **kwargs)

        return function

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, lookup(name, getattr(socket, name)))


def _guard_children(config: pytest.Config) -> None:
    """Point every proxy variable at a port that refuses.

    libcurl (under yfinance), Chromium and child processes do not use this process's Python
    sockets, but all of them obey these variables.
    """
    # Bound and never listening: the kernel refuses at once, and nobody else can take the port.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    config.stash[_sockets] = closed
    proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ[variable] = os.environ[variable.upper()] = proxy
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PIP_NO_INDEX"] = "1"


@pytest.fixture
def refused() -> Iterator[list[str]]:
    """Attempts to leave, as the guard noted them; using this fixture forgives them."""
    yield _refused
    _refused.clear()


@pytest.fixture(autouse=True)
def no_way_out() -> Iterator[None]:
    """Fail a test whose attempt to leave was refused, even where its code swallowed the error."""
    _refused.clear()
    yield
    attempts, _refused[:] = list(_refused), []
    assert not attempts, "; ".join(attempts)


# --- The same surroundings everywhere -------------------------------------------------------


def _share_calendars(cache: Path) -> None:
    """Let a cache folder hold the session calendars of the whole run.

    Computing them takes a process longer than a screen, and hundreds of processes are started.
    """
    folder = cache / "supplychain-screen"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calendars").symlink_to(os.environ[CALENDARS], target_is_directory=True)


def _isolate(config: pytest.Config) -> None:
    home = tempfile.mkdtemp(prefix="supplychain-screen-tests-")
    config.stash[_home] = home
    # Workers are told by the process that started them.
    os.environ.setdefault(CALENDARS, str(Path(home, "calendars")))
    Path(os.environ[CALENDARS]).mkdir(exist_ok=True)
    _share_calendars(Path(home, "XDG_CACHE_HOME"))
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        os.environ[variable] = str(Path(home, variable))
    for variable in list(os.environ):
        ours = variable.startswith("SUPPLYCHAIN_SCREEN_")
        if ours and variable not in {MARKET_DATA, NO_SKIPS}:
            del os.environ[variable]
    for variable in ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "PYTHONWARNINGS"):
        os.environ.pop(variable, None)
    os.environ["PYTHONUTF8"] = "1"
    # Neither UTC nor one with summer time: what takes local time for UTC is found.
    os.environ["TZ"] = "Asia/Shanghai"
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture(autouse=True)
def own_folders(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Give each test its own data, cache, configuration and state folders (made when used)."""
    place = tmp_path_factory.getbasetemp() / "home" / f"{abs(hash(request.node.nodeid)):x}"
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(place / variable))
    if not place.exists():
        _share_calendars(place / "XDG_CACHE_HOME")


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the working tree."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def market_data() -> Path:
    """The folder of real prices."""
    value = os.environ.get(MARKET_DATA)
    if not value:
        pytest.skip(f"{MARKET_DATA} names no folder of real prices")
    folder = Path(value).expanduser().resolve()
    # Named but missing is a mistake, not a reason to skip.
    assert (folder / "prices.csv.gz").is_file(), f"{MARKET_DATA}={value}: no prices.csv.gz there"
    return folder


# The same examples every time, and no limit that a slow machine would reach. `make test` tries a
# few, `make test-slow` all of them; `HYPOTHESIS_PROFILE=chance` looks for new ones.
_PATIENT = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.too_slow],
    "print_blob": True,
}
hypothesis.settings.register_profile("few", max_examples=10, derandomize=True, **_PATIENT)
hypothesis.settings.register_profile("full", max_examples=60, derandomize=True, **_PATIENT)
hypothesis.settings.register_profile("chance", max_examples=100, **_PATIENT)


# --- pytest's own hooks ---------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    _isolate(config)
    _guard_sockets()
    _guard_children(config)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_sockets].close()
    shutil.rmtree(config.stash[_home], ignore_errors=True)


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    # Turned into a failure where it happens, so that workers, counts, the closing line and the
    # exit code all agree without anybody adding them up.
    expected_failure = hasattr(report, "wasxfail")
    if os.environ.get(NO_SKIPS) and report.skipped and not expected_failure:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{NO_SKIPS} is set, and this did not run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _forbid_skip(report)
    return report
