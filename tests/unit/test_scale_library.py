"""The packaged scales against what the brokers print, worked by hand in tests/answers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from supplychain_screen import load_report
from supplychain_screen.errors import RatingScaleError
from supplychain_screen.research.scale_library import load_library, load_rating_scales

ANSWERS = Path(__file__).resolve().parents[1] / "answers" / "broker_scales.csv"
with ANSWERS.open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['scale']} {row['relative_return']}")
def test_a_return_falls_where_the_broker_prints(row: dict[str, str]) -> None:
    scale = load_rating_scales()[row["scale"]]
    assert scale.level_at(float(row["relative_return"])).name_zh == row["level_zh"]


def test_every_scale_has_an_answer_for_every_level() -> None:
    asked = {(row["scale"], row["level_zh"]) for row in ROWS}
    scales = load_rating_scales()
    assert len(scales) == 11
    for name, scale in scales.items():
        missing = [level.name_zh for level in scale.levels if (name, level.name_zh) not in asked]
        if name == "guosen-sector":
            missing.remove("中性")
        assert missing == [], name


def test_nine_brokers_with_three_to_five_levels() -> None:
    scales = load_rating_scales()
    assert len({scale.publisher for scale in scales.values()}) == 9
    assert {len(scale.levels) for scale in scales.values()} == {3, 4, 5}


def test_the_library_and_the_packaged_report_agree_on_guosen() -> None:
    standard = load_report().standard
    scales = load_rating_scales()
    points = np.linspace(-0.3, 0.3, 601)
    for kind, packaged in (("stock", standard.stock), ("sector", standard.sector)):
        scale = scales[f"guosen-{kind}"]
        assert scale.names == packaged.names
        assert scale.bounds == packaged.bounds
        assert (scale.rate(points) == packaged.rate(points)).all()


def test_horizon_and_basis_come_with_the_scale() -> None:
    library = load_library()
    assert (library["bohai-stock"].first_months, library["bohai-stock"].last_months) == (6, 6)
    assert library["huatai-stock"].basis == "total"
    assert library["csc-sector"].kind == "sector"


def test_a_hole_is_named_with_the_file_and_all_problems_come_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "scale,level,lower,lower_inclusive,upper,upper_inclusive,basis\n"
        "a,buy,0.1,yes,,,price\n"
        "a,sell,,,0.05,no,price\n"
        "b,buy,10,yes,,,prise\n"
        "b,sell,,,ten,nope,price\n",
        encoding="utf-8",
    )
    with pytest.raises(RatingScaleError) as caught:
        load_rating_scales(file)
    text = str(caught.value)
    assert "mine.csv, row 2: scale a: hole between buy and sell from 5% to 10%" in text
    assert "row 4, column lower: a bound is a fraction (got '10'); write 0.1 for 10%" in text
    assert "row 4, column basis: unknown basis (got 'prise'); did you mean price?" in text
    assert "row 5, column upper: not a number (got 'ten')" in text
    assert "row 5, column upper_inclusive: neither yes nor no (got 'nope')" in text


def test_two_levels_without_bounds_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "scale,level,lower,lower_inclusive,upper,upper_inclusive\n"
        "a,buy,0.1,yes,,\na,sell,,,0.1,no\na,none,,,,\na,unrated,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(RatingScaleError, match="row 5: 2 levels of a have no bounds"):
        load_rating_scales(file)
