"""The packaged scales against what the brokers print, worked by hand in tests/answers."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from supplychain_screen import load_report, new_report
from supplychain_screen.errors import RatingScaleError, ReportError
from supplychain_screen.research import load_library, propose_standard

ANSWERS = Path(__file__).resolve().parents[1] / "answers" / "broker_scales.csv"
with ANSWERS.open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['scale']} {row['relative_return']}")
def test_a_return_falls_where_the_broker_prints(row: dict[str, str]) -> None:
    scale = load_library()[row["scale"]].scale
    assert scale.level_at(float(row["relative_return"])).name_zh == row["level_zh"]


def test_every_scale_has_an_answer_for_every_level() -> None:
    asked = {(row["scale"], row["level_zh"]) for row in ROWS}
    scales = load_library()
    for name in {row["scale"] for row in ROWS}:
        scale = scales[name].scale
        missing = [level.name_zh for level in scale.levels if (name, level.name_zh) not in asked]
        if name == "guosen-sector":
            missing.remove("中性")
        assert missing == [], name


def test_forty_houses_with_three_to_five_levels_and_every_kind_that_is_printed() -> None:
    library = load_library()
    scales = {name: entry.scale for name, entry in library.items()}
    assert len({scale.publisher for scale in scales.values()}) >= 40
    assert {len(scale.levels) for scale in scales.values()} == {3, 4, 5}
    assert {scale.kind for scale in scales.values()} == {
        "relative",
        "absolute",
        "direction",
        "peer",
    }
    dated = {one.scale.publisher for one in library.values() if one.first_date and one.source}
    assert len(dated) >= 15
    assert all(one.source for one in library.values())
    for one in library.values():
        if one.first_date and one.last_seen:
            assert one.first_date <= one.last_seen, one.scale.name


def test_what_houses_print_stands_in_the_library() -> None:
    """Read by hand in dated reports of each house."""
    library = load_library()
    for name, bounds, kind, months, first in (
        ("tianfeng-stock", (-0.1, 0.1, 0.2), "relative", (6, 6), "2018-03-23"),
        ("minsheng-stock", (-0.05, 0.05, 0.15), "absolute", (12, 12), "2019-11-27"),
        ("chuancai-stock", (-0.15, 0.15, 0.3), "absolute", (6, 6), "2020-02-19"),
        ("galaxy-stock", (-0.1, 0.1, 0.2), "peer", (6, 12), "2020-04-28"),
        ("eastmoney-stock", (-0.15, -0.05, 0.05, 0.15), "relative", (3, 12), "2018-10-22"),
        ("huatai-sector", (), "direction", (6, 12), "2020-09-02"),
        ("southwest-stock", (-0.2, -0.1, 0.1, 0.2), "relative", (6, 6), "2018-01-11"),
    ):
        entry = library[name]
        assert (entry.scale.bounds, entry.scale.kind) == (bounds, kind), name
        assert (entry.first_months, entry.last_months) == months, name
        assert str(entry.first_date) == first, name
    # "-10%～+10%以上" between two levels that end there: it survives, and says how it was read.
    zheshang = library["zheshang-sector"].scale
    assert zheshang.bounds == (-0.1, 0.1)
    assert "-10%～+10%以上" in zheshang.notes


def test_benchmarks_are_those_of_the_house() -> None:
    library = load_library()
    markets = {one.name: one for one in library["industrial-stock"].markets}
    assert markets["bse"].benchmarks == ("INDEX:BSE50",)
    assert "BJSE" not in markets["a_share"].mics
    boards = library["everbright-2020-stock"].markets
    assert [(one.boards, one.benchmarks) for one in boards[:3]] == [
        ((), ("INDEX:CSI300",)),
        (("SME",), ("INDEX:SME",)),
        (("ChiNext",), ("INDEX:CHINEXT",)),
    ]
    assert library["gf-stock"].markets == ()


def test_a_house_is_proposed_as_it_rated_on_the_day() -> None:
    for house, day, name, standing in (
        ("国信证券", date(2020, 6, 1), "guosen-2020-stock", "in_force"),
        ("国信证券", date(2025, 1, 2), "guosen-stock", "in_force"),
        ("国信证券", date(2019, 1, 2), "guosen-2020-stock", "before_first"),
        ("齐鲁证券", date(2020, 1, 2), "qilu-stock", "after_last"),
        ("宏信证券", date(2020, 1, 2), "hongxin-stock", "undated"),
        ("国信", date(2025, 1, 2), "guosen-stock", "in_force"),
    ):
        found = propose_standard(house, day)
        assert found.stock is not None
        assert (found.stock.scale.name, found.standing) == (name, standing)
    sector = propose_standard("安信证券", date(2020, 6, 1))
    assert sector.stock is None
    assert sector.sector is not None
    with pytest.raises(ReportError, match="no stock scale of 安信证券"):
        _ = sector.standard
    with pytest.raises(ReportError, match="several houses"):
        propose_standard("国", date(2020, 6, 1))
    with pytest.raises(ReportError, match="did you mean 华金证券 or 华西证券 or 华泰证券"):
        propose_standard("华秦证券", date(2020, 6, 1))


@pytest.mark.parametrize("name", [one for one in load_library() if one.endswith("-stock")])
def test_a_new_report_carries_its_own_house_only(name: str, tmp_path: Path) -> None:
    library = load_library()
    standard = load_report(new_report(tmp_path / "new", scale=name)).standard
    entry, sector = library[name], library.get(f"{name.removesuffix('-stock')}-sector")
    assert standard.stock == entry.scale
    assert standard.sector == (None if sector is None else sector.scale)
    assert standard.markets == entry.markets
    named = {one for market in entry.markets for one in market.benchmarks}
    assert {one.id for one in standard.indices} == named
    assert (standard.first_months, standard.basis) == (entry.first_months, entry.basis)


def test_a_sector_scale_starts_no_report_and_a_house_needs_a_day(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"rates sectors, not stocks.*name csc-stock"):
        new_report(tmp_path / "new", scale="csc-sector")
    with pytest.raises(ReportError, match="depends on the day"):
        new_report(tmp_path / "new", house="天风证券")
    with pytest.raises(ReportError, match="a scale and a house"):
        new_report(tmp_path / "new", house="天风证券", scale="csc-stock")
    made = new_report(tmp_path / "new", house="天风证券", published=date(2021, 1, 4))
    report = load_report(made)
    assert (report.publisher, report.standard.stock.name) == ("天风证券", "tianfeng-stock")


def test_columns_of_kinds_and_benchmarks_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "scale,level,lower,lower_inclusive,upper,upper_inclusive,measured,benchmarks,first_date,side\n"
        "a,up,,,,,direction,a_share=CSI30; usa=SPX,2020-13-01,up\n"
        "a,down,,,,,,,,\n"
        "b,up,0.1,yes,,,relativ,,,\n"
        "b,down,,,0.1,no,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(RatingScaleError) as caught:
        load_library(file)
    text = str(caught.value)
    assert (
        "row 2, column benchmarks: no benchmark (got 'a_share=CSI30'); indices are CSI300" in text
    )
    assert "(got 'usa=SPX'); write MARKET=INDEX; markets are a_share" in text
    assert "row 2, column first_date: not a date (got '2020-13-01')" in text
    assert "row 2, column side: no side (got 'up'); write 1, 0 or -1" in text
    assert (
        "row 4, column measured: unknown measured (got 'relativ'); did you mean relative?" in text
    )


def test_the_library_and_the_packaged_report_agree_on_guosen() -> None:
    standard = load_report().standard
    scales = load_library()
    points = np.linspace(-0.3, 0.3, 601)
    for kind, packaged in (("stock", standard.stock), ("sector", standard.sector)):
        scale = scales[f"guosen-{kind}"].scale
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
        load_library(file)
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
        load_library(file)
