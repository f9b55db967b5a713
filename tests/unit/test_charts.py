"""Charts: their numbers, their words, and files that hold the glyphs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import sys
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from tests.screenings import HOSTILE, hostile, packaged

from supplychain_screen import Screening
from supplychain_screen.errors import InputError, MissingExtraError, OutputError
from supplychain_screen.output.charts import chart, charts, fonts, offline, save_chart
from supplychain_screen.output.charts.charts import Kind
from supplychain_screen.output.path_grid import months_of, paths_of
from supplychain_screen.research import Event

KINDS = get_args(Kind)


@pytest.fixture(scope="module")
def finished() -> Screening:
    return packaged()


def _records(drawn: Any, field: str) -> list[dict[str, Any]]:
    """The data rows of the first layer whose rows have ``field``."""
    spec = drawn.to_dict()
    for layer in spec["layer"]:
        rows: list[dict[str, Any]] = layer.get("data", spec.get("data", {})).get("values", [])
        if rows and field in rows[0]:
            return rows
    raise AssertionError(f"no layer has {field}")


def _cjk_installed() -> None:
    if fonts.cjk_family() is None:
        pytest.skip("no font with Chinese glyphs on this machine")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_says_what_it_is(finished: Screening, kind: Kind, lang: Any) -> None:
    spec = chart(finished, kind, lang=lang).to_dict()
    assert "SIMULATED" in spec["title"]["text"]
    assert any("SIMULATED" in str(layer.get("data")) for layer in spec["layer"])
    assert str(finished.published) in spec["title"]["subtitle"]
    assert ("不是建议" if lang == "zh" else "not advice") in spec["title"]["subtitle"]


def test_interim_is_in_the_title() -> None:
    spec = chart(packaged(as_of="2025-06-02"), "segments").to_dict()
    assert "进行中" in spec["title"]["text"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_same_chart_same_bytes(finished: Screening, kind: Kind, tmp_path: Path) -> None:
    first, second = (json.dumps(chart(finished, kind).to_dict()) for _ in range(2))
    assert first == second
    one = save_chart(chart(finished, kind), tmp_path / "one.svg").read_bytes()
    assert save_chart(chart(finished, kind), tmp_path / "two.svg").read_bytes() == one


def test_segments_show_the_frames_numbers(finished: Screening) -> None:
    rows = _records(chart(finished, "segments"), "mean")
    frame = finished.segments.dropna(subset=["mean"])
    assert [row["mean"] for row in rows] == pytest.approx(frame["mean"].tolist())
    single = frame["single_company"].tolist()
    assert [row["low"] is None for row in rows] == single
    # Colour is never the only sign.
    assert all(row["label"][0] in "↑→↓" for row in rows)


def test_companies_from_six_to_twelve_months(finished: Screening) -> None:
    records = _records(chart(finished, "companies"), "early")
    assert len(records) == 34  # 高通 once, 联发科 not rated
    rows = {row["company"]: row for row in records}
    one = finished.companies.set_index("company").loc["乐鑫科技"]
    assert rows["乐鑫科技"]["early"] == pytest.approx(one["relative_return_6m"])
    assert rows["乐鑫科技"]["late"] == pytest.approx(one["relative_return_12m"])


@pytest.mark.parametrize(
    "segment",
    ["手机芯片", *(pytest.param(one, marks=pytest.mark.slow) for one in (4, "Mobile-phone chips"))],
)
@pytest.mark.slow
def test_paths_of_one_segment_end_at_its_members(finished: Screening, segment: Any) -> None:
    drawn = chart(finished, "paths", segment=segment)
    rows = [row for row in _records(drawn, "line") if row["day"] == "2025-12-31"]
    inside = finished.companies[finished.companies["segment"] == "手机芯片"]
    ends = {row["line"]: row["value"] for row in rows if row["line"] in set(inside["company"])}
    rated = inside[inside["rating"] != "unrated"].set_index("company")["relative_return"]
    assert ends.keys() >= set(rated.index)
    assert "4." in drawn.to_dict()["title"]["text"]


@pytest.mark.slow
def test_dated_events_are_marks_where_the_chart_has_their_days(finished: Screening) -> None:
    def marks(of: Screening) -> list[tuple[str, str, str]]:
        layers = chart(of, "paths", segment=4).to_dict()["layer"]
        rows = [row for one in layers for row in one.get("data", {}).get("values", [])]
        return [(row["day"], row["until"], row["event"]) for row in rows if "event" in row]

    assert marks(finished) == []
    dated = (
        Event(first=date(2025, 3, 14), precision="day", text_zh="", text_en="A launch"),
        Event(first=date(2025, 12, 1), precision="month", text_zh="十二月", text_en="December"),
        Event(first=date(2024, 5, 16), precision="day", text_zh="之前", text_en="Before"),
    )
    report = finished.report.model_copy(update={"events": dated})
    assert marks(dataclasses.replace(finished, report=report)) == [
        ("2025-03-14", "2025-03-14", "2025-03-14 A launch"),
        ("2025-12-01", "2025-12-31", "2025-12 十二月"),
    ]


def test_a_month_of_the_heatmap_is_that_months_return(finished: Screening) -> None:
    """Against the closes themselves: a mean of plain quotients, for one segment and month."""
    rows = _records(chart(finished, "heatmap"), "change")
    assert {row["month"] for row in rows} == {f"2025-{n:02}" for n in range(1, 13)}
    name, month = "4.", "2025-08"
    segment = finished.segments["segment"].iloc[3]
    paths = finished.paths[finished.paths["segment"] == segment]
    rated = finished.companies.set_index("order")["rating"] != "unrated"
    months = paths["session"].dt.strftime("%Y-%m")
    moves = []
    for order, own in paths.groupby("order"):
        if not rated[order]:
            continue
        last = own[months[own.index] <= month].iloc[-1]
        before = own[months[own.index] < month].iloc[-1]
        stock, benchmark = (
            (1 + last[leg]) / (1 + before[leg]) - 1 for leg in ("stock_return", "benchmark_return")
        )
        moves.append(stock - benchmark)
    found = [r["change"] for r in rows if r["month"] == month and r["segment"].startswith(name)]
    assert found == [pytest.approx(sum(moves) / len(moves), abs=1e-6)]


def test_no_month_is_worse_than_a_share_can_be(finished: Screening) -> None:
    """Half lost after a fivefold rise is −50% of the month, not −250 points of the first price."""
    paths = finished.paths
    order = int(paths["order"].iloc[0])
    own = paths["order"] == order
    risen = paths["session"] > "2025-05-31"
    stock = np.where(paths["session"] > "2025-10-31", 1.5, np.where(risen, 4.0, 0.0))
    made = paths.assign(stock_return=np.where(own, stock, paths["stock_return"]))
    altered = dataclasses.replace(finished)
    altered.__dict__["paths"] = made.assign(
        benchmark_return=np.where(own, 0.0, paths["benchmark_return"])
    )
    place = finished.companies.set_index("order")["segment"].eq(
        finished.companies["segment"].iloc[0]
    )
    assert place.sum() == 1
    rows = [r for r in _records(chart(altered, "heatmap"), "change") if r["segment"][:2] == "1."]
    moved = {row["month"]: row["change"] for row in rows if row["change"]}
    assert moved == {"2025-06": pytest.approx(4.0), "2025-11": pytest.approx(-0.5)}


def test_a_month_whose_only_session_is_the_base_is_no_move_of_zero(finished: Screening) -> None:
    """A listing that begins on the last session of March has no March; the others' stands alone."""
    paths = finished.paths
    segment = finished.segments["segment"].iloc[3]
    inside = paths.loc[paths["segment"] == segment, "order"].unique().tolist()
    rated = finished.companies.set_index("order")["rating"] != "unrated"
    own = [order for order in inside if rated[order]]
    late = paths["order"] == own[0]
    base = paths.loc[late & (paths["session"] < "2025-04-01"), "session"].max()
    legs = ["stock_return", "benchmark_return"]
    kept = paths[~late | (paths["session"] >= base)].copy()
    kept.loc[(kept["order"] == own[0]) & (kept["session"] == base), legs] = 0.0
    altered = dataclasses.replace(finished)
    altered.__dict__["paths"] = kept
    found = months_of(altered)
    row = finished.segments["segment"].tolist().index(segment)
    moves = []
    for order in own[1:]:
        one = kept[kept["order"] == order].set_index("session")[legs]
        last, before = (1 + one[: str(day)].iloc[-1] for day in ("2025-03-31", "2025-02-28"))
        moves.append(float((last / before).iloc[0] - (last / before).iloc[1]))
    march = found.months.astype(str).tolist().index("2025-03")
    assert found.means[row, march] == pytest.approx(sum(moves) / len(moves), abs=1e-9)


def test_a_chart_ends_on_the_figure_beside_it() -> None:
    """Between the horizons the headline is the first one's, and so is the end of every path."""
    between = packaged(as_of="2025-09-19")
    paths = paths_of(between)
    assert str(paths.days[-1]) == "2025-06-30"
    assert paths.total[-1] == pytest.approx(float(between.total["mean"]), abs=1e-12)
    means = between.segments["mean"].to_numpy()
    np.testing.assert_allclose(paths.means[:, -1], means, atol=1e-12)


def test_migration_counts_every_rated_company_once(finished: Screening) -> None:
    rows = _records(chart(finished, "migration", lang="en"), "n")
    assert sum(row["n"] for row in rows) == 34
    companies = finished.companies.drop_duplicates("listing")
    both = ((companies["rating_6m"] == "outperform") & (companies["rating_12m"] == "neutral")).sum()
    cell = next(row for row in rows if "Outperform" in row["from"] and "Neutral" in row["to"])
    assert cell["n"] == both


def test_colours_follow_the_setting(finished: Screening) -> None:
    def up(colours: Any, lang: Any = "zh") -> str:
        drawn = Drawn(chart(finished, "segments", lang=lang, colours=colours).to_dict())
        return str(drawn.tones["up"])

    assert [up(None), up(None, "en")] == [up("china"), up("west", "en")]

    assert up("china") != up("west")
    assert up("china") == Drawn(chart(finished, "segments", colours="west").to_dict()).tones["down"]


class Drawn:
    """The colour scale of a chart's bars."""

    def __init__(self, spec: dict[str, Any]) -> None:
        scale = next(
            layer["encoding"]["color"]["scale"]
            for layer in spec["layer"]
            if "scale" in layer["encoding"].get("color", {})
        )
        self.tones = dict(zip(scale["domain"], scale["range"], strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_stay_text(kind: Kind, tmp_path: Path) -> None:
    path = save_chart(chart(hostile(), kind), tmp_path / "strange.svg")
    root = ET.fromstring(path.read_text("utf-8"))  # well-formed, so nothing broke out
    names = {element.tag.rsplit("}")[-1] for element in root.iter()}
    assert not names & {"script", "img", "image", "foreignObject", "a"}
    if kind == "companies":
        text = " ".join(element.text or "" for element in root.iter())
        assert HOSTILE[0] in text


def test_png_holds_chinese_glyphs(finished: Screening, tmp_path: Path) -> None:
    """Two characters drawn as the same empty box would give the same picture."""
    _cjk_installed()
    import altair as alt

    def picture(text: str) -> bytes:
        mark = alt.Chart(pd.DataFrame({"t": [text]})).mark_text(fontSize=40).encode(text="t:N")
        return save_chart(mark, tmp_path / "one.png").read_bytes()

    assert len({picture(one) for one in "乐鑫科技聯發"}) == 6
    assert save_chart(chart(finished, "segments"), tmp_path / "a.png").stat().st_size > 20_000


def test_without_a_chinese_font_a_png_is_refused_and_says_why(
    finished: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "font_folders", lambda: (tmp_path,))
    with pytest.raises(OutputError, match="fonts-noto-cjk"):
        save_chart(chart(finished, "segments"), tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
    # An SVG takes the reader's fonts, and an English chart needs none.
    save_chart(chart(finished, "segments"), tmp_path / "a.svg")
    english = chart(finished, "segments", lang="en").to_dict()
    assert not fonts.has_cjk(json.dumps(english["title"], ensure_ascii=False))


def test_fonts_are_found_by_their_files(tmp_path: Path) -> None:
    assert fonts.cjk_family([tmp_path]) is None
    inside = tmp_path / "truetype"
    inside.mkdir()
    (inside / "DejaVuSans.ttf").touch()
    (inside / "NotoSansCJK-Regular.txt").touch()
    fonts._family.cache_clear()
    assert fonts.cjk_family([tmp_path]) is None
    (inside / "wqy-microhei.ttc").touch()
    fonts._family.cache_clear()
    assert fonts.cjk_family([tmp_path]) == "WenQuanYi Micro Hei"
    (inside / "NotoSansCJK-Regular.ttc").touch()
    fonts._family.cache_clear()
    assert fonts.cjk_family([tmp_path]) == "Noto Sans CJK SC"


@pytest.mark.parametrize("wrong", ["pie", "paths.png"])
def test_unknown_kind(finished: Screening, wrong: Any) -> None:
    with pytest.raises(InputError, match="segments"):
        chart(finished, wrong)


@pytest.mark.parametrize("wrong", ["nobody", 0, 12])
def test_unknown_segment(finished: Screening, wrong: Any) -> None:
    with pytest.raises(InputError, match="手机芯片"):
        chart(finished, "paths", segment=wrong)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_without_the_extra_a_picture_is_refused_and_says_what_to_install(
    finished: Screening, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    drawn = chart(finished, "segments")
    with pytest.raises(MissingExtraError, match=r"supplychain-screen\[images\]") as refused:
        save_chart(drawn, tmp_path / f"a.{ending}")
    assert refused.value.extra == "images"
    assert list(tmp_path.iterdir()) == []
    # What the plain install can do.
    assert "vegaEmbed" not in drawn._repr_mimebundle_()["text/plain"]
    assert save_chart(drawn, tmp_path / "a.html").is_file()


def test_a_chart_shows_itself_by_what_it_carries(finished: Screening) -> None:
    drawn = chart(finished, "segments")
    shown = drawn._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert not re.search(
        r"src=|href=|import\(|https?://(?!vega\.github\.io/schema)", shown["text/html"]
    )
    # The same chart, the same bytes; a changed one shows itself the same way.
    assert chart(finished, "segments")._repr_mimebundle_() == shown
    changed = drawn.properties(width=300)._repr_mimebundle_()
    assert changed.keys() == shown.keys()
    assert changed != shown


def test_a_renderer_that_was_chosen_is_kept(finished: Screening) -> None:
    import altair as alt

    with alt.renderers.enable("json"):
        shown, _ = chart(finished, "segments")._repr_mimebundle_()
    assert "application/json" in shown


def test_charts_of_others_stay_altairs(finished: Screening) -> None:
    import altair as alt

    assert type(alt.Chart.from_dict(chart(finished, "segments").to_dict())) is alt.LayerChart


def test_the_programs_are_their_makers(tmp_path: Path) -> None:
    """As built, so that what is shipped can be compared with what was published."""
    folder = Path(offline.__file__).parent / "vega"
    told = re.findall(r"`(\S+\.js)` \| .* \| `([0-9a-f]{64})`", (folder / "README.md").read_text())
    assert len(told) == 3
    for name, digest in told:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_other_endings_are_refused(finished: Screening, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="svg"):
        save_chart(chart(finished, "segments"), tmp_path / "a.pdf")


def test_nothing_rated_nothing_drawn() -> None:
    pending = packaged(as_of="2024-12-31")
    for kind in KINDS:
        with pytest.raises(InputError, match="nothing to draw"):
            chart(pending, kind)


def test_numbers_are_finite(finished: Screening) -> None:
    for kind in KINDS:
        text = json.dumps(chart(finished, kind).to_dict(), allow_nan=False)
        assert np.isfinite(len(text))
