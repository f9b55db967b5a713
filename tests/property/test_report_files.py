"""Whatever a file holds, a report loads or says in our own words why it does not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain_screen import load_report, save_report
from supplychain_screen.errors import InputError, ReportError
from supplychain_screen.identity import packaged_data
from supplychain_screen.research import read_report

FILES = ("suppliers.csv", "listings.csv", "report.toml")
TEXTS = {name: packaged_data().joinpath(name).read_text(encoding="utf-8") for name in FILES}
# What people's files hold where they should not.
ODD = st.sampled_from(
    [
        "",
        " ",
        '"',
        "'",
        ",",
        ";",
        "|",
        "=",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "#",
        "\n",
        "\r",
        "\t",
        "-1",
        "0",
        "1e999",
        "nan",
        "inf",
        "true",
        "2024-13-01",
        "2024-11-12T00:00:00",
        "INDEX:HSI",
        "…",
        "\ufeff",
        "\u2028",
        "\x0b",
        "９",
        "XSHG:688018",
        "{a=1}",
        "[1]",
        "'''",
        '"""',
        "\\",
        "(",
        "）",
    ]
) | st.text(max_size=8)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@given(st.sampled_from(FILES), st.data())
def test_a_mangled_file_loads_or_is_refused_in_our_words(
    folder: Path, name: str, data: st.DataObject
) -> None:
    text = TEXTS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 3, 10, 60, 2000]))
        text = text[:start] + data.draw(ODD) + text[start + length :]
    for other in FILES:
        content = text if other == name else TEXTS[other]
        (folder / other).write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        report = load_report(folder)
    except ReportError as error:
        problems = error.problems
    else:
        with tempfile.TemporaryDirectory() as place:
            # What loads can be saved, and loads again as it was.
            assert load_report(save_report(report, Path(place, "copy"))) == report
        return
    assert problems
    for problem in problems:
        assert "pydantic" not in str(problem)
        assert problem.file is not None


@given(
    st.lists(ODD | st.sampled_from(["甲", "乙（丙）", "、", "\t", "等", "蓝思科技"]), max_size=30)
)
def test_any_text_becomes_a_report_or_is_refused_in_our_words(parts: list[str]) -> None:
    try:
        report = read_report("".join(parts) + "\n").to_report()
    except InputError:
        return
    with tempfile.TemporaryDirectory() as place:
        assert load_report(save_report(report, Path(place, "copy"))) == report
