"""What is told while prices are fetched, on a terminal and elsewhere."""

from __future__ import annotations

import sys
from functools import partial
from typing import get_args

import pytest

from supplychain_screen.cli.progress import UpdateProgress, tell_fetched
from supplychain_screen.cli.terminal import Language
from supplychain_screen.prices.sources.yahoo.source import Outcome
from supplychain_screen.prices.store.updating import ListingUpdate
from supplychain_screen.words.commands import FETCHED


def told(capsys: pytest.CaptureFixture[str], lang: Language = Language.EN) -> str:
    tell = partial(tell_fetched, lang=lang)
    tell(1, 3, "0285.HK", "fetched")
    tell(2, 3, "688018.SS", "unreachable")
    tell(3, 3, "^HSI", "fetched")
    for done in (1, 2, 3):
        tell(done, 3, "0285.HK", "remembered")
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_elsewhere_the_start_and_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == "fetching 3 price series\n[2/3] 688018.SS unreachable\n"
    assert told(capsys, Language.ZH) == "正在获取 3 个行情序列\n[2/3] 688018.SS 连不上\n"


def test_every_word_of_a_source_has_a_name() -> None:
    words = {*get_args(Outcome), "failed"}
    assert words - {"fetched", "remembered"} == FETCHED.keys()


def test_on_a_terminal_one_line_that_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    wipe = "\r\x1b[2K"
    shown = told(capsys).split(wipe)
    assert shown == ["", "prices [1/3] 0285.HK", "prices [2/3] 688018.SS", ""]
    shown = told(capsys, Language.ZH).split(wipe)
    assert shown == ["", "行情 [1/3] 0285.HK", "行情 [2/3] 688018.SS", ""]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (Language.EN, ["[1/2] QCOM accepted", "[2/2] NVDA failed, fault of the source: too late"]),
        (Language.ZH, ["[1/2] QCOM 入库", "[2/2] NVDA 失败，来源有误：too late"]),
    ],
)
def test_an_update_tells_each_listing(
    capsys: pytest.CaptureFixture[str], lang: Language, said: list[str]
) -> None:
    with UpdateProgress(2, quiet=False, lang=lang) as advance:
        advance(1, 2, ListingUpdate("XNAS:QCOM", "yahoo", "QCOM", "accepted"))
        advance(2, 2, ListingUpdate("XNAS:NVDA", "yahoo", "NVDA", "failed", "source", "too late"))
    assert capsys.readouterr().err.splitlines() == said
