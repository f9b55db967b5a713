"""Notices: secrets stay secret, a failure is reported and fails nothing."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.weekly_desks import CONFIG, Clock, Market, tree, write_desk

from supplychain_screen import load_config, run_weeks
from supplychain_screen.errors import ConfigError, LockedError, SourceError
from supplychain_screen.prices.store import PriceStore
from supplychain_screen.weekly import Delivery, announce, announce_failure, told
from supplychain_screen.weekly.config import NotifySettings
from supplychain_screen.weekly.notify import addresses_of, send_notice

SECRET = "s3cr3t-t0ken"


@pytest.fixture
def server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A chat on loopback: its address, and what was posted to it."""
    posted: list[dict[str, Any]] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append({"path": self.path, **json.loads(body)})
            self.send_response(500 if self.path.startswith("/broken") else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    chat = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=chat.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{chat.server_port}", posted
    chat.shutdown()
    chat.server_close()


def test_a_notice_arrives(server: tuple[str, list[dict[str, Any]]]) -> None:
    address, posted = server
    settings = NotifySettings()
    (delivery,) = send_notice(
        settings, "Title", "**body**", {settings.environment: f"{address}/{SECRET}"}
    )
    assert delivery == Delivery("json", delivered=True)
    assert [(one["title"], one["message"]) for one in posted] == [("Title", "**body**")]
    assert told([delivery]) == []


@pytest.mark.parametrize(
    "address",
    ["json://127.0.0.1:1/{}", "{server}/broken/{}", "nonsense://{}", "{}", "slack://{}"],
)
def test_a_failing_notice_is_reported_without_its_address(
    address: str,
    server: tuple[str, list[dict[str, Any]]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = NotifySettings()
    url = address.replace("{server}", server[0]).replace("{}", SECRET)
    (delivery,) = send_notice(settings, "Title", "body", {settings.environment: url})
    assert not delivery.delivered
    (line,) = told([delivery])
    out, err = capfd.readouterr()
    ours = [one for one in caplog.records if not one.name.startswith("urllib3")]
    for said in (line, out, err, *(one.getMessage() for one in ours)):
        assert SECRET not in said


def test_addresses_come_from_the_environment_and_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "addresses"
    file.write_text("# the desk\njson://a\n\n")
    file.chmod(0o600)
    settings = NotifySettings(environment="DESK", file=file)
    assert addresses_of(settings, {"DESK": "json://b json://c"}) == (
        "json://b",
        "json://c",
        "json://a",
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "addresses"
    file.write_text(f"json://{SECRET}")
    file.chmod(mode)
    settings = NotifySettings(file=file)
    with pytest.raises(ConfigError, match="others can read") as caught:
        addresses_of(settings, {})
    assert SECRET not in str(caught.value)
    (delivery,) = send_notice(settings, "Title", "body", {})
    assert "chmod 600" in delivery.problem


def test_no_address_at_all_is_reported() -> None:
    (delivery,) = send_notice(NotifySettings(), "Title", "body", {})
    assert "set SUPPLYCHAIN_SCREEN_NOTIFY" in delivery.problem


FRIDAY = date(2025, 3, 7)
"""Ratings of the market of the tests change in the week after it, and not in the one after."""


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = write_desk(tmp_path, CONFIG + '[notify]\nlanguage = "zh"\n')
    store, market, clock = PriceStore(tmp_path / "store"), Market(), Clock("2025-03-08T12:00")
    for week in range(3):
        market.fill(store, clock.weekend_after(FRIDAY + timedelta(days=7 * week)))
    return path


def run(path: Path, **days: date) -> Any:
    return run_weeks(load_config(path), Clock("2025-06-01T12:00"), **days)


@pytest.mark.slow
def test_rating_changes_are_announced_and_quiet_weeks_are_not(
    config_path: Path, server: tuple[str, list[dict[str, Any]]]
) -> None:
    address, posted = server
    config = load_config(config_path)
    environment = {"SUPPLYCHAIN_SCREEN_NOTIFY": f"{address}/{SECRET}"}
    first = run(config_path, as_of=FRIDAY)
    assert announce(config, first, environment) == ()
    announced = []
    for week in range(1, 3):
        result = run(config_path, as_of=FRIDAY + timedelta(days=7 * week))
        announced.append(len(announce(config, result, environment)))
        expected = 1 if result.weeks[0].rating_changes else 0
        assert announced[-1] == expected
    assert announced == [1, 0]
    assert "个评级变化" in posted[0]["message"]
    assert posted[0]["title"].startswith("周度跟踪 2025-")
    again = run(config_path, as_of=FRIDAY)
    assert announce(config, again, environment) == ()
    for data in tree(config_path.parent).values():
        assert SECRET.encode() not in data


def test_failures_are_announced_but_not_that_another_run_is_at_work(
    config_path: Path, server: tuple[str, list[dict[str, Any]]]
) -> None:
    address, posted = server
    config = load_config(config_path)
    environment = {"SUPPLYCHAIN_SCREEN_NOTIFY": address}
    error = SourceError("no price of the week", source="store")
    assert len(announce_failure(config, error, environment)) == 1
    assert "no price of the week" in posted[0]["message"]
    assert announce_failure(config, LockedError("held"), environment) == ()
    quiet = config.model_copy(update={"notify": NotifySettings(on=("changes",))})
    assert announce_failure(quiet, error, environment) == ()
    assert len(posted) == 1
