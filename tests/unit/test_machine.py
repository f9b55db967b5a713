"""The machine output against its schema, against the frames, and against itself."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.screenings import HOSTILE, hostile, packaged

from supplychain_screen import RatingScale, Screening, SimulatedSource, load_report, screen
from supplychain_screen.errors import InputError, OutputError
from supplychain_screen.output import to_csv, to_dict, to_json, to_parquet
from supplychain_screen.output.frame_files import TABLES
from supplychain_screen.output.json_result import SCHEMA_VERSION
from supplychain_screen.research import Level

SCREENS: dict[str, Callable[[], Screening]] = {
    "final": lambda: packaged(),
    "interim": lambda: packaged("2025-06-05", "2025-09-10"),
    "first day": lambda: packaged("2026-01-09", "2026-01-09"),
    "without pending": lambda: packaged(include_pending=False),
    "hostile": hostile,
}


@pytest.fixture(scope="module")
def schema(project: Path) -> Any:
    return json.loads((project / "docs" / "result.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema_1(project: Path) -> Any:
    return json.loads((project / "docs" / "result.schema.1.json").read_text(encoding="utf-8"))


@pytest.fixture(params=list(SCREENS))
def screening(request: pytest.FixtureRequest) -> Screening:
    return SCREENS[request.param]()


def few(answer: dict[str, Any]) -> dict[str, Any]:
    """The same with three points a path: validating each of 9,000 takes seconds."""
    for company in answer["companies"]:
        company["path"] = {name: values[:3] for name, values in company["path"].items()}
    return answer


def test_it_meets_its_schema(screening: Screening, schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(few(json.loads(to_json(screening))), schema)


def test_the_schema_refuses_what_the_output_must_not_be(schema: Any) -> None:
    """A schema that lets everything pass would test nothing."""
    good = few(to_dict(packaged()))
    for longest in ("companies", "segments", "findings", "sources"):
        good[longest] = good[longest][:1]
    for longest in ("events", "parts", "segments"):
        good["inference"][longest] = good["inference"][longest][:1]
    spoils: tuple[Callable[[Any], Any], ...] = (
        lambda one: one.update(schema_version=1),
        lambda one: one.update(published="31/12/2024"),
        lambda one: one.update(simulated="yes"),
        lambda one: one["companies"][0].pop("relative_return"),
        lambda one: one["companies"][0].update(reason="because"),
        lambda one: one["companies"][0]["windows"].update(to_date=1),
        lambda one: one["segments"][0].update(unrated={"no_benchmark": 0}),
        lambda one: one["total"].pop("companies"),
        lambda one: one.pop("inference"),
        lambda one: one["companies"][0]["path"].update(sessions=["1/2/2025"]),
        lambda one: one["companies"][0]["crossings"]["bounds"][0].update(direction="sideways"),
        lambda one: one["inference"]["placebo"].update(reason="because"),
        lambda one: one["concentration"]["members"][0].pop("remaining"),
    )
    for spoil in spoils:
        bad = json.loads(json.dumps(good))
        spoil(bad)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_it_has_every_field_of_version_1() -> None:
    """The names as the machine output's specification lists them."""
    answer = to_dict(packaged())
    assert answer["schema_version"] == SCHEMA_VERSION == 2
    assert set(answer) >= {
        "schema_version",
        "report",
        "published",
        "as_of",
        "basis",
        "base_policy",
        "comparison",
        "simulated",
        "companies",
        "segments",
        "total",
        "sector_call",
        "findings",
        "sources",
    }
    assert set(answer["report"]) >= {"id", "title", "publisher"}
    measured = {
        "base_session",
        "end_session",
        "base_close",
        "end_close",
        "benchmark_base",
        "benchmark_end",
        "return",
        "benchmark_return",
        "relative_return",
        "rating",
        "reason",
    }
    company = answer["companies"][0]
    assert set(company) >= measured | {
        "segment",
        "company",
        "company_en",
        "note",
        "status",
        "symbol",
        "mic",
        "currency",
        "benchmark",
        "stage",
        "window",
        "windows",
        "alternatives",
        "robustness",
    }
    assert set(company["windows"]) == {"6m", "12m", "to_date"}
    assert set(company["windows"]["6m"]) >= measured
    assert set(company["alternatives"][0]) >= measured | {"benchmark"}
    assert set(company["robustness"]) == {"agree", "distinct", "of", "flips"}
    assert set(answer["segments"][0]) >= {
        "segment",
        "mentions",
        "listed",
        "rated",
        "unrated",
        "mean",
        "median",
        "best",
        "worst",
        "hit_rate",
        "leave_one_out",
        "rating",
    }
    assert set(answer["sector_call"]) >= {
        "published_rating",
        "realised_rating",
        "relative_return",
        "agrees",
    }
    assert set(answer["sources"][0]) == {
        "symbol",
        "source",
        "adjustment",
        "fetched_at",
        "last_session",
    }


def test_version_1_is_version_2_without_what_is_new(screening: Screening, schema_1: Any) -> None:
    old, new = (json.loads(to_json(screening, schema=one)) for one in (1, 2))
    jsonschema.validate(old, schema_1)
    for added in ("concentration", "inference"):
        del new[added]
    for company in new["companies"]:
        del company["path"], company["crossings"]
    assert old == new | {"schema_version": 1}
    with pytest.raises(InputError, match=r"no such version.*'3'"):
        to_dict(screening, schema=3)


def test_version_1_says_newer_reasons_by_its_own(schema_1: Any) -> None:
    report = load_report()
    up, down = Level(name="outperform"), Level(name="underperform")
    stock = RatingScale(name="in-words", kind="direction", levels=(up, down))
    standard = report.standard.model_copy(update={"stock": stock})
    found = screen(
        report.model_copy(update={"standard": standard}),
        "2024-12-31",
        "2026-01-09",
        prices=SimulatedSource(),
    )
    assert {one["reason"] for one in to_dict(found)["companies"]} >= {"standard_without_bounds"}
    old = to_dict(found, schema=1)
    jsonschema.validate(old, schema_1)
    assert "standard_without_bounds" not in json.dumps(old)
    assert old["total"]["unrated"]["no_benchmark"] == old["total"]["listed"]


def test_path_and_crossings_are_those_of_the_frames(screening: Screening) -> None:
    answer = to_dict(screening)
    points = screening.paths.groupby("order")
    frame = screening.path_figures.to_frame()
    for place, company in enumerate(answer["companies"]):
        path = company["path"]
        if company["order"] in points.groups:
            own = points.get_group(company["order"])
            assert path["sessions"] == own["session"].dt.strftime("%Y-%m-%d").to_list()
            values = [None if math.isnan(one) else one for one in own["relative_return"]]
            assert path["relative_return"] == values
        else:
            assert path == {"sessions": [], "relative_return": []}
        crossed = [one["session"] for one in company["crossings"]["bounds"]]
        assert crossed == [
            None if pd.isna(one) else str(one.date())
            for one in frame.loc[place, ["cut1_session", "cut2_session"]]
        ]
        told = company["crossings"]["best"]
        assert told == (None if math.isnan(frame.loc[place, "best"]) else frame.loc[place, "best"])


def test_inference_of_the_output_is_that_of_the_screening(screening: Screening) -> None:
    answer, found = to_dict(screening), screening.inference()
    said = answer["inference"]
    assert said["placebo"]["dates"] == found.placebo.base_day.size
    assert said["placebo"]["rank"] == (None if found.placebo.reason else found.placebo.rank)
    assert said["interval"]["reason"] == (found.interval.reason or None)
    assert said["hit_rate"]["hits"] == found.hit_rate.hits
    assert len(said["beta"]["companies"]) == len(answer["concentration"]["members"])
    assert len(said["risk"]["months"]) == found.risk.month.size


def test_numbers_are_the_frames_to_the_last_bit(screening: Screening) -> None:
    answer = json.loads(to_json(screening))
    assert len(answer["companies"]) == len(screening.companies)
    for got, row in zip(answer["companies"], screening.companies.to_dict("records"), strict=True):
        assert (got["company"], got["segment"]) == (row["company"], row["segment"])
        for name in ("base_close", "benchmark_end", "return", "relative_return"):
            if math.isnan(row[name]):
                assert got[name] is None
            else:
                assert got[name] == row[name]
        headline = got["windows"][got["window"]]
        if headline is not None:
            assert headline["relative_return"] == got["relative_return"]
            assert headline["rating"] == got["rating"]


def test_denominators_reconcile(screening: Screening) -> None:
    answer = to_dict(screening)
    for group in [*answer["segments"], answer["total"]]:
        assert group["mentions"] == group["listed"] + group["unlisted"] + group["unresolved"]
        assert group["listed"] == group["rated"] + sum(group["unrated"].values())
    assert sum(group["mentions"] for group in answer["segments"]) == len(answer["companies"])
    assert answer["total"]["mentions"] == answer["total"]["companies"]


def test_windows_that_have_not_matured_are_null() -> None:
    answer = to_dict(packaged("2025-06-05", "2025-09-10"))
    company = answer["companies"][0]
    assert company["stage"] == "interim"
    assert company["window"] == "to_date"
    assert company["windows"]["6m"] is None
    assert company["windows"]["12m"] is None
    assert company["windows"]["to_date"]["end_session"] == "2025-09-10"


def test_keys_are_sorted_and_bytes_repeat(screening: Screening) -> None:
    text = to_json(screening)
    assert text == to_json(screening)
    assert text.endswith("}\n")

    def check(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert keys == sorted(keys)
        return dict(pairs)

    json.loads(text, object_pairs_hook=check, parse_constant=lambda word: pytest.fail(word))
    keys = list(to_dict(screening))
    assert keys == sorted(keys)


def test_hostile_names_come_back_as_they_went_in() -> None:
    answer = json.loads(to_json(hostile()))
    assert {one["company"] for one in answer["companies"]} >= set(HOSTILE)
    # A terminal must be able to show it: control characters are escaped by JSON itself.
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", to_json(hostile()))


def test_a_lone_surrogate_is_still_utf_8() -> None:
    screening = packaged()
    sources = screening.sources.astype({"source": object})
    sources.loc[0, "source"] = "file \udcff.csv"
    object.__setattr__(spoiled := _copy(screening), "sources", sources)
    text = to_json(spoiled)
    assert json.loads(text.encode())["sources"][0]["source"] == "file \udcff.csv"


def _copy(screening: Screening) -> Screening:
    from dataclasses import replace

    return replace(screening)


def test_json_is_written_whole(tmp_path: Path) -> None:
    text = to_json(packaged(), tmp_path / "new" / "result.json")
    assert (tmp_path / "new" / "result.json").read_bytes() == text.encode()
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["result.json"]


def test_a_folder_in_the_way_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*: is a folder; name a file"):
        to_json(packaged(), tmp_path)


# --- Tables ---------------------------------------------------------------------------------


def test_csv_files_read_back_as_the_frames(tmp_path: Path) -> None:
    screening = packaged()
    written = to_csv(screening, tmp_path)
    assert [one.stem for one in written] == list(TABLES)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(f"{n}.csv" for n in TABLES)
    read = pd.read_csv(tmp_path / "companies.csv")
    assert read.columns.tolist() == ["prices", *screening.companies.columns]
    for name in ("base_close", "return", "relative_return", "relative_return_6m"):
        pd.testing.assert_series_equal(
            read[name], screening.companies[name], check_exact=True, check_dtype=False
        )
    assert read["base_session"][0] == "2024-12-31"
    paths = pd.read_csv(tmp_path / "paths.csv")
    assert len(paths) == len(screening.paths)


def test_every_table_says_simulated(tmp_path: Path) -> None:
    to_csv(packaged(), tmp_path)
    to_parquet(packaged(), tmp_path)
    for name in TABLES:
        text = (tmp_path / f"{name}.csv").read_text(encoding="utf-8-sig")
        assert text.startswith('"prices",')
        rows = text.splitlines()[1:]
        assert all(row.startswith('"SIMULATED",') for row in rows)
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert set(table["prices"].to_pylist()) <= {"SIMULATED"}
        assert table.schema.metadata[b"supplychain_screen.prices"] == b"SIMULATED"


def test_csv_starts_with_the_mark_that_excel_needs(tmp_path: Path) -> None:
    to_csv(packaged(), tmp_path)
    assert (tmp_path / "companies.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    to_csv(packaged(), tmp_path, bom=False)
    assert (tmp_path / "companies.csv").read_bytes().startswith(b'"prices"')


def test_no_csv_field_starts_a_formula(tmp_path: Path) -> None:
    to_csv(hostile(), tmp_path)
    for name in TABLES:
        frame = pd.read_csv(tmp_path / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in frame:
            for value in frame[column]:
                assert not value.startswith(("=", "+", "@", "\t", "\r")), (name, column, value)
                assert not re.match(r"-(?![\d.])", value), (name, column, value)
    companies = pd.read_csv(tmp_path / "companies.csv", keep_default_na=False)
    assert len(companies) == 36
    assert companies["company"][2] == "'" + HOSTILE[2]


def test_parquet_has_the_same_types_empty_or_full(tmp_path: Path) -> None:
    full = {
        n: pq.read_schema(p) for n, p in zip(TABLES, to_parquet(hostile(), tmp_path), strict=True)
    }
    first_day = packaged("2026-01-09", "2026-01-09")
    bare = {
        n: pq.read_schema(p) for n, p in zip(TABLES, to_parquet(first_day, tmp_path), strict=True)
    }
    for name in TABLES:
        assert full[name].equals(bare[name]), name
    companies = pq.read_table(tmp_path / "companies.parquet")
    assert companies["candidates"].to_pylist()[29] == ["1070.HK", "002668.SZ"]
    assert str(companies.schema.field("base_session").type) == "date32[day]"
    assert str(bare["sources"].field("fetched_at").type) == "timestamp[us, tz=UTC]"


def test_tables_repeat_to_the_byte(tmp_path: Path) -> None:
    first = [
        p.read_bytes() for p in [*to_csv(packaged(), tmp_path), *to_parquet(packaged(), tmp_path)]
    ]
    again = [
        p.read_bytes() for p in [*to_csv(packaged(), tmp_path), *to_parquet(packaged(), tmp_path)]
    ]
    assert first == again
