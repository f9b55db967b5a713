"""A real Chromium, offline, in front of pages made from simulated prices."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.screenings import hostile, packaged

from supplychain_screen import Screening, TrackRecord

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
# Milliseconds. What is waited for comes: a slow machine takes longer, and is no fault of the page.
PATIENCE = 3_600_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _chromium() -> str | None:
    asked = os.environ.get("CHROMIUM")
    return asked or next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's own Chromium; none is ever downloaded."""
    program = _chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (looked for " + ", ".join(NAMES) + ")")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=program, args=list(FLAGS), timeout=PATIENCE
        )
        yield started
        started.close()


@dataclass
class Opened:
    """A page in the browser and what it did on its own."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def shown(self) -> list[str]:
        """Names of the companies that are to be seen, from top to bottom."""
        return list(
            self.page.eval_on_selector_all(
                "tr.co",
                "rows => rows.filter(r => r.offsetParent).map(r => "
                "r.querySelector('summary').innerText)",
            )
        )

    def numbers(self, column: str) -> list[str]:
        """Texts of one column of the rows that are to be seen."""
        return list(
            self.page.eval_on_selector_all(
                "tr.co",
                "(rows, at) => rows.filter(r => r.offsetParent).map(r => "
                "r.cells[at].innerText.trim().replace('*', ''))",
                {"company": 0, "change": 1, "relative": 4}[column],
            )
        )


Open = Callable[..., Opened]


@lru_cache(maxsize=16)
def _rendered(screening: Screening, options: tuple[tuple[str, Any], ...]) -> bytes:
    """The page of a screening, made once for all the tests that open it."""
    return screening.to_html(**dict(options)).encode("utf-8")


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a screening or record: ``open_page(one, width=…, dark=…, script=…)``.

    After the test the page must have asked for nothing and complained about nothing.
    """
    contexts: list[BrowserContext] = []
    opened: list[Opened] = []

    def open_(
        screening: Screening | TrackRecord,
        *,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
        **options: Any,
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        found = Opened(page)
        page.on("request", lambda request: found.requests.append(request.url))
        page.on("console", lambda message: found.complaints.append(message.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        path = tmp_path / f"page{len(opened)}.html"
        path.write_bytes(_rendered(screening, tuple(sorted(options.items()))))
        page.goto(path.as_uri())
        found.requests.remove(path.as_uri())
        opened.append(found)
        return found

    yield open_
    for context in contexts:
        context.close()
    for one in opened:
        assert one.requests == []
        assert one.complaints == []


@pytest.fixture(scope="session")
def finished() -> Screening:
    """All windows over."""
    return packaged()


@pytest.fixture(scope="session")
def running() -> Screening:
    """Day 153 of 181."""
    return packaged(as_of="2025-06-02")


@pytest.fixture(scope="session")
def strange() -> Screening:
    """Names that a careless page would run."""
    return hostile()
