"""The card and the mail: small, whole, the same bytes, and nothing that acts or asks."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.screenings import hostile, packaged
from typer.testing import CliRunner

from supplychain_screen import Screening
from supplychain_screen.cli import app
from supplychain_screen.cli.terminal import fail
from supplychain_screen.errors import InputError, OutputError, ScreenError
from supplychain_screen.output import mail_html, mail_subject, write_card, write_mail
from supplychain_screen.output.handout import dots, rasters
from supplychain_screen.words import percent, points

LIMIT = 60_000


@pytest.fixture(scope="module")
def finished() -> Screening:
    return packaged()


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height as a PNG says them."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize(("shape", "pixels"), [("wide", (1200, 675)), ("tall", (1080, 1350))])
def test_a_card_has_its_size_and_the_same_bytes(
    finished: Screening, tmp_path: Path, shape: Any, pixels: tuple[int, int]
) -> None:
    one, other = (
        write_card(finished, tmp_path / name, "en", shape).read_bytes()
        for name in ("a.png", "b.png")
    )
    assert size_of(one) == pixels
    assert one == other


def test_a_mail_is_a_draft_with_a_text_a_page_and_one_picture(
    finished: Screening, tmp_path: Path
) -> None:
    raw = write_mail(finished, tmp_path / "a.eml", "en").read_bytes()
    assert raw == write_mail(finished, tmp_path / "b.eml", "en").read_bytes()
    assert len(raw) < LIMIT
    draft = email.message_from_bytes(raw, policy=email.policy.default)
    assert draft["Subject"] == mail_subject(finished, "en")
    assert "SIMULATED" in draft["Subject"]
    assert (draft["Date"], draft["From"]) == (None, None)
    kinds = [part.get_content_type() for part in draft.walk()]
    assert [one for one in kinds if "multipart" not in one] == [
        "text/plain",
        "text/html",
        "image/png",
    ]
    text, page = (part for part in draft.walk() if part.get_content_maintype() == "text")
    for said in (text.get_content(), page.get_content()):
        assert percent(float(finished.total["median"])) in said
        assert "SIMULATED" in said
    picture = next(part for part in draft.walk() if part.get_content_type() == "image/png")
    assert f"cid:{picture['Content-ID'].strip('<>')}" in page.get_content()
    # No line is longer than a mail server takes.
    assert max(map(len, raw.splitlines())) <= 998


def test_a_mail_as_a_page_asks_nobody_and_has_its_styles_inside(
    finished: Screening, tmp_path: Path
) -> None:
    page = write_mail(finished, tmp_path / "a.html", "en").read_text(encoding="utf-8")
    assert len(page.encode()) < LIMIT
    assert not re.search(r"<(style|script|link)\b|https?:|class=", page)
    assert page.count("<img ") == 1
    assert 'width="600"' in page
    # English names stand without their legal forms.
    for symbol, company in zip(finished.once["symbol"], finished.once["company_en"], strict=True):
        assert f">{symbol}</td>" in page
        assert f">{str(company).split()[0]}" in page


def test_many_companies_stay_below_the_limit(finished: Screening, tmp_path: Path) -> None:
    rows = np.resize(np.arange(len(finished.companies)), 200)
    many = finished.companies.iloc[rows].reset_index(drop=True)
    many = many.assign(
        order=np.arange(1, 201), company_en=[f"A company, No. {i}" for i in range(200)]
    )
    crowd = dataclasses.replace(finished, companies=many)
    crowd.__dict__["once"] = many
    page = write_mail(crowd, tmp_path / "a.html", "en").read_text(encoding="utf-8")
    assert len(page.encode()) < LIMIT
    assert "more rows" in page
    drawn = dots.dots_of(crowd, "en", 552, 210, 12)
    assert len(drawn.dots) == (many["rating"] != "unrated").sum()
    assert min(dot.y for dot in drawn.dots) > 0


def test_no_dot_covers_another_and_each_stands_at_its_figure(finished: Screening) -> None:
    drawn = dots.dots_of(finished, "en", 1096, 232, 17)
    rows = finished.once[finished.once["rating"] != "unrated"].sort_values("relative_return")
    assert len(drawn.dots) == len(rows) == 34
    gaps = [
        (a.x - b.x) ** 2 + (a.y - b.y) ** 2
        for i, a in enumerate(drawn.dots)
        for b in drawn.dots[:i]
    ]
    assert min(gaps) >= (2 * drawn.radius) ** 2 * 0.98
    assert all(a.x <= b.x for a, b in pairwise(drawn.dots))
    zero = next(tick.x for tick in drawn.ticks if tick.kind == "zero")
    sides = [dot.x > zero for dot in drawn.dots]
    assert sides == (rows["relative_return"] > 0).tolist()
    best = max(drawn.labels, key=lambda one: one.x)
    assert best.text.endswith(f" {points(float(rows['relative_return'].iloc[-1]))}")


def test_strangers_names_are_text_in_a_mail() -> None:
    page = mail_html(hostile(), "en")
    assert "<img src=x" not in page
    assert "<script>" not in page
    assert "\x1b" not in page


def test_a_missing_font_is_said_before_anything_is_drawn(
    finished: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasters, "cjk_family", lambda: None)
    with pytest.raises(OutputError, match=r"no font that can draw it .* fonts-noto-cjk.*--lang en"):
        write_card(finished, tmp_path / "a.png", "zh")
    write_card(finished, tmp_path / "b.png", "en")
    monkeypatch.setattr(rasters, "_any_font", lambda: False)
    with pytest.raises(OutputError, match="no font was found"):
        write_card(finished, tmp_path / "a.png", "en")
    assert [one.name for one in tmp_path.iterdir()] == ["b.png"]


def test_a_mail_of_another_ending_is_refused(finished: Screening, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.eml or \.html"):
        write_mail(finished, tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_command_looks_at_all_of_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*extra: str) -> tuple[int, str]:
        asked = ["screen", "--published", "2025-01-02", "--prices", "simulated"]
        found = CliRunner().invoke(app, [*asked, *extra], catch_exceptions=True)
        return (
            fail(found.exception) if isinstance(found.exception, ScreenError) else found.exit_code,
            str(found.exception) + found.stderr,
        )

    code, told = run("--html", f"{tmp_path}/a.html", "--card", f"{tmp_path}/a.jpg")
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert "--card writes .png" in told
    monkeypatch.setattr(rasters, "cjk_family", lambda: None)
    code, told = run("--html", f"{tmp_path}/a.html", "--card", f"{tmp_path}/a.png")
    assert (code, list(tmp_path.iterdir())) == (4, [])
    assert "fonts-noto-cjk" in told
    code, told = run("--lang", "en", "--card", f"{tmp_path}/a.png", "--mail", f"{tmp_path}/a.eml")
    assert code == 0
    assert "subject: [SIMULATED]" in told
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.eml", "a.png"]
