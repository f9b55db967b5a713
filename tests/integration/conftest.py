"""The loopback Yahoo, for every integration test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.yahoo_server import LoopbackYahoo


@pytest.fixture(scope="session")
def _loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackYahoo]:
    with LoopbackYahoo(tmp_path_factory.mktemp("yahoo")) as yahoo:
        yield yahoo


@pytest.fixture
def yahoo(_loopback: LoopbackYahoo, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackYahoo]:
    """A Yahoo on loopback to which this process and its children are led."""
    _loopback.reset()
    for name, value in _loopback.environment().items():
        monkeypatch.setenv(name, value)
    yield _loopback
    _loopback.hang_up()
