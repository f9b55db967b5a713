"""screen(): what it asks for, what it refuses, and how its parts hang together."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import Index, LoadedPrices, Screening, SimulatedSource, load_report, screen
from supplychain_screen.errors import (
    InputError,
    PublicationDateError,
    SourceError,
    UnknownListingError,
)
from supplychain_screen.output import key_figures

PUBLISHED, AS_OF = "2024-12-31", "2026-01-09"


@pytest.fixture(scope="module")
def result() -> Screening:
    return screen(load_report(), PUBLISHED, AS_OF, prices="simulated")


def test_the_publication_date_is_never_guessed() -> None:
    with pytest.raises(PublicationDateError, match=r"does not print.*after 2024-11-12"):
        screen(load_report(), prices="simulated")


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ("2024-11-12", "published later than that"),
        ("31/12/2024", "not a date"),
        ("2024-02-30", "not a date"),
    ],
)
def test_publication_dates_that_cannot_be(published: str, message: str) -> None:
    with pytest.raises(PublicationDateError, match=message):
        screen(load_report(), published, prices="simulated")


def test_as_of_before_publication() -> None:
    with pytest.raises(InputError, match="before the publication date 2024-12-31"):
        screen(load_report(), PUBLISHED, "2024-12-30", prices="simulated")


def test_a_choice_of_an_unknown_company_or_listing() -> None:
    for choices in ({"TLC": "XHKG:1070"}, {"TCL": "XHKG:9999"}):
        with pytest.raises(InputError):
            screen(load_report(), PUBLISHED, AS_OF, prices="simulated", choices=choices)


def test_no_prices_at_all_is_an_error() -> None:
    class Nothing(SimulatedSource):
        def load(self, instruments, first, last, basis):  # type: ignore[no-untyped-def]
            fault = SourceError("shut", source="nothing")
            return LoadedPrices({}, {one.id: fault for one in instruments})

    with pytest.raises(SourceError, match="no prices at all: shut"):
        screen(load_report(), PUBLISHED, AS_OF, prices=Nothing())


def test_a_listing_that_fails_is_a_row_with_a_reason() -> None:
    class Partial(SimulatedSource):
        def load(self, instruments, first, last, basis):  # type: ignore[no-untyped-def]
            asked = [one for one in instruments if one.id != "XNAS:NVDA"]
            loaded = super().load(asked, first, last, basis)
            fault = SourceError("shut", source="partial")
            return LoadedPrices(loaded.series, {"XNAS:NVDA": fault}, loaded.findings)

    whole = screen(load_report(), PUBLISHED, AS_OF, prices="simulated")
    part = screen(load_report(), PUBLISHED, AS_OF, prices=Partial())
    row = part.companies.set_index("company").loc["英伟达"]
    assert (row["rating"], row["reason"]) == ("unrated", "no_prices")
    assert part.findings["code"].tolist().count("no_prices") == 1
    others = whole.companies["company"] != "英伟达"
    names = ["company", "relative_return", "rating", "base_session", "end_session"]
    pd.testing.assert_frame_equal(
        part.companies.loc[others, names], whole.companies.loc[others, names]
    )


def test_denominators_reconcile(result: Screening) -> None:
    for frame in (result.segments, result.total.to_frame().T):
        assert (frame["mentions"] == frame["listed"] + frame["unlisted"]).all()
        assert (frame["listed"] == frame["rated"] + frame["unrated"]).all()
        counted = frame["unrated_reasons"].map(lambda reasons: sum(reasons.values()))
        assert (counted == frame["unrated"]).all()
    assert len(result.unrated) == result.segments["unrated"].sum()


def test_a_segment_is_the_mean_of_its_rated_members(result: Screening) -> None:
    rated = result.companies[result.companies["rating"] != "unrated"]
    means = rated.groupby("segment")["relative_return"].mean()
    for row in result.segments.to_dict("records"):
        assert row["mean"] == pytest.approx(means[row["segment"]])


def test_the_path_ends_where_the_evidence_ends(result: Screening) -> None:
    last = result.paths.groupby("order").last()
    to_date = result.evidence.query("window == 'to_date' and role == 'primary'").set_index("order")
    both = last.join(to_date, suffixes=("", "_evidence"))
    assert (both["session"] == both["end_session"]).all()
    known = both["relative_return_evidence"].notna()
    assert np.allclose(
        both.loc[known, "relative_return"], both.loc[known, "relative_return_evidence"], atol=1e-12
    )


def test_pending_companies_can_be_left_out() -> None:
    found = screen(load_report(), PUBLISHED, AS_OF, prices="simulated", include_pending=False)
    assert "海光信息" not in set(found.companies["company"])
    assert found.segments["mentions"].sum() == 35
    assert "pending_left_out" in set(found.findings["code"])


def test_a_standard_without_any_market_names_no_benchmark() -> None:
    report = load_report()
    bare = report.standard.model_copy(update={"markets": ()})
    found = screen(
        report.model_copy(update={"standard": bare}), PUBLISHED, AS_OF, prices="simulated"
    )
    assert set(found.companies["reason"].dropna()) == {"no_benchmark"}


def test_a_choice_moves_the_benchmark_too() -> None:
    found = screen(
        load_report(), PUBLISHED, AS_OF, prices="simulated", choices={"TCL": "XHKG:1070"}
    )
    row = found.companies.set_index("company").loc["TCL"]
    assert (row["symbol"], row["benchmark"]) == ("1070.HK", "^HSI")


def test_the_second_us_benchmark_stands_beside_the_first(result: Screening) -> None:
    us = result.companies[result.companies["mic"] == "XNAS"]
    assert set(us["benchmark"]) == {"^GSPC"}
    assert set(us["alternative_benchmark"]) == {"^IXIC"}
    assert us["alternative_relative_return"].notna().all()


def test_a_sector_index_is_held_against_the_call() -> None:
    index = Index(name="TECH", currency="CNY", calendar="XSHG", symbols={"yahoo": "000935.SS"})
    found = screen(load_report(), PUBLISHED, AS_OF, prices="simulated", sector_index=index)
    beside = found.sector_call["sector_index"]
    assert (beside["index"], beside["benchmark"]) == ("INDEX:TECH", "INDEX:CSI300")
    assert beside["realised_rating"] in {"outperform", "neutral", "underperform"}


def test_robustness_counts_every_convention(result: Screening) -> None:
    rated = result.companies[result.companies["rating"] != "unrated"]
    assert set(rated["robustness_of"]) == {12}
    flips = rated["robustness_flips"].map(len)
    assert (rated["robustness_agree"] + flips == rated["robustness_of"]).all()


def test_the_same_inputs_give_the_same_bytes(result: Screening) -> None:
    again = screen(load_report(), date(2024, 12, 31), date(2026, 1, 9), prices="simulated")
    assert again.to_json() == result.to_json()


def test_without_as_of_the_whole_horizon_is_read() -> None:
    assert screen(load_report(), PUBLISHED, prices="simulated").as_of == date(2025, 12, 31)


def test_inference_says_n_and_when_there_is_too_little(result: Screening) -> None:
    found = result.inference()
    assert found.placebo.realised == pytest.approx(result.total["mean"])
    assert 0.0 <= found.placebo.rank <= 1.0
    assert found.placebo.mean.size > 60
    assert found.interval.low < found.placebo.realised < found.interval.high
    assert found.hit_rate.rate == pytest.approx(result.total["hit_rate"])
    wide = result.inference(level=0.99)
    assert wide.interval.low < found.interval.low
    young = screen(load_report(), PUBLISHED, "2025-01-10", prices="simulated").inference()
    assert young.interval.reason == "too_few_sessions"


def test_inference_is_about_the_basket_of_the_total() -> None:
    """At six months the headline is the six-month window, and every study measures that one."""
    found = screen(load_report(), PUBLISHED, "2025-09-30", prices="simulated")
    past = found.inference()
    assert past.placebo.realised == pytest.approx(found.total["mean"], abs=1e-12)
    assert past.interval.realised == pytest.approx(found.total["mean"], abs=1e-9)
    assert past.concentration.remaining[0] == pytest.approx(found.total["mean"], abs=1e-12)
    assert past.beta.mean_plain == pytest.approx(found.total["mean"], abs=1e-12)
    assert past.risk.wealth[-1] == pytest.approx(np.prod(1 + past.risk.monthly), abs=1e-12)
    low, high = found.total["leave_one_out_low"], found.total["leave_one_out_high"]
    alone = past.concentration.leave_one_out
    assert (alone.min(), alone.max()) == pytest.approx((low, high), abs=1e-12)


def test_segments_are_ranked_from_five_rated_members_on(result: Screening) -> None:
    rated = result.segments.set_index("segment")["rated"]
    for segment, past in result.inference().segments.items():
        assert past.rated == rated[segment]
        assert (past.reason == "too_few_members") == (rated[segment] < 5)
        assert np.isnan(past.rank) == bool(past.reason)


def test_a_users_benchmark_stands_beside_the_standards_own(result: Screening) -> None:
    found = screen(
        load_report(),
        PUBLISHED,
        AS_OF,
        prices="simulated",
        benchmarks={"XNAS": "^NDX", "XTAI": "TWII"},
    )
    frame = found.other_benchmarks
    theirs = frame[frame["users_choice"]]
    assert set(theirs["benchmark"]) == {"INDEX:NDX"}
    assert len(theirs) == 3
    assert set(frame.loc[~frame["users_choice"], "benchmark"]) == {"INDEX:IXIC"}
    # The standard's own figures and ratings stay what they were.
    before, after = (
        one.companies.set_index("order")[["relative_return", "rating"]] for one in (result, found)
    )
    taiwan = found.companies.loc[found.companies["mic"] == "XTAI", "order"]
    assert after.drop(taiwan).equals(before.drop(taiwan))
    assert set(before.loc[taiwan, "rating"]) == {"unrated"}
    assert set(after.loc[taiwan, "rating"]) != {"unrated"}
    own = theirs.merge(found.companies[["order", "relative_return"]], on="order")
    assert (own["primary_relative_return"] == own["relative_return_y"]).all()
    said = [one.plain.of("en") for one in key_figures(found) if one.key == "benchmark"]
    assert said[0].startswith("3 names against NDX, ")
    assert said[1] == "the report names none for XTAI, which is measured against TWII"
    assert result.other_benchmarks["users_choice"].sum() == 0
    near = "no index TWI"
    with pytest.raises(UnknownListingError, match=near):
        screen(load_report(), PUBLISHED, AS_OF, prices="simulated", benchmarks={"XTAI": "TWI"})


def test_a_benchmark_of_one_exchange_leaves_the_others_of_its_market() -> None:
    standard = load_report().with_benchmark("XNAS", "^NDX").standard
    assert [one.name for one in standard.benchmarks_of("XNAS")] == ["SPX", "IXIC", "NDX"]
    assert [one.name for one in standard.benchmarks_of("XNYS")] == ["SPX", "IXIC"]
    assert standard.index("NDX").symbol("yahoo") == "^NDX"
    whole = load_report().with_benchmark("us", "^NDX").standard
    assert [one.name for one in whole.benchmarks_of("XNYS")] == ["SPX", "IXIC", "NDX"]


def test_weights_stand_beside_equal_ones(result: Screening) -> None:
    report = load_report()
    mentions = tuple(
        one.model_copy(update={"weight": float(one.order % 3)}) for one in report.mentions
    )
    weighted = report.model_copy(update={"mentions": mentions})
    found = screen(weighted, PUBLISHED, AS_OF, prices="simulated")
    rated = found.once[found.once["rating"] != "unrated"]
    weights, values = rated["order"].astype(float) % 3, rated["relative_return"]
    row = found.parts[found.parts["part"] == "weighted"].iloc[0]
    assert row["mean"] == pytest.approx((weights * values).sum() / weights.sum())
    assert row["members"] == (weights > 0).sum()
    assert found.total["mean"] == result.total["mean"]
    assert any(one.key == "weighted" for one in key_figures(found))
    assert "weighted" not in set(result.parts["part"])


def test_parts_and_concentration_add_up(result: Screening) -> None:
    parts, carried = result.parts, result.concentration
    by_benchmark = parts[parts["part"] == "benchmark"]
    assert by_benchmark["members"].sum() == result.total["rated"]
    assert by_benchmark["contribution"].sum() == pytest.approx(result.total["mean"])
    own = parts[parts["part"] == "own_market"].iloc[0]
    assert (own["name"], own["members"]) == ("a_share", 28)
    assert carried["contribution"].sum() == pytest.approx(result.total["mean"])
    assert carried["company"].iloc[0] == result.total["best_company"]
    assert carried["remaining"].iloc[-2] == pytest.approx(result.total["worst"])


def test_events_dated_to_a_month_are_spans_and_those_to_a_day_have_paths(
    result: Screening,
) -> None:
    events = result.events
    printed = [one.label for one in load_report().events]
    assert list(dict.fromkeys(events["date"])) == sorted(printed)
    days = events[events["precision"] == "day"]
    assert set(days["path"].map(len)) == {31}
    assert set(events[events["precision"] != "day"]["path"].map(len)) == {0}
    told = events.dropna(subset=["low"])
    assert (told["low"] < told["high"]).all()
    assert (told["dates"] >= 60).all()


def test_a_report_of_unlisted_companies_has_reasons_and_no_numbers() -> None:
    report = load_report()
    mentions = tuple(
        one.model_copy(update={"listing": None, "status": "unlisted", "candidates": ()})
        for one in report.mentions
    )
    found = screen(
        report.model_copy(update={"mentions": mentions}), PUBLISHED, AS_OF, prices="simulated"
    )
    assert set(found.companies["reason"]) == {"unlisted"}
    assert (found.total["mentions"], found.total["unlisted"], found.total["rated"]) == (35, 35, 0)
    assert found.sector_call["agrees"] is None
    for text in (found.to_html(), found.to_json(), found.to_markdown()):
        assert text
    past = found.inference()
    assert past.placebo.reason == past.interval.reason == "nobody_rated"
    assert np.isnan(past.hit_rate.rate)
    assert found.concentration.empty
    assert found.parts.empty


def test_nothing_left_to_measure_is_one_error() -> None:
    report = load_report()
    mentions = tuple(one.model_copy(update={"pending": True}) for one in report.mentions)
    with pytest.raises(InputError, match="nothing to measure"):
        screen(
            report.model_copy(update={"mentions": mentions}),
            PUBLISHED,
            AS_OF,
            prices="simulated",
            include_pending=False,
        )


def test_a_sector_index_that_ends_early_is_unrated() -> None:
    class Early(SimulatedSource):
        def load(self, instruments, first, last, basis):  # type: ignore[no-untyped-def]
            loaded = super().load(instruments, first, last, basis)
            one = loaded.series["INDEX:TECH"]
            kept = one.sessions <= np.datetime64("2025-03-31")
            cut = replace(
                one, sessions=one.sessions[kept], close=one.close[kept], volume=one.volume[kept]
            )
            return LoadedPrices({**loaded.series, "INDEX:TECH": cut}, {}, loaded.findings)

    index = Index(name="TECH", currency="CNY", calendar="XSHG", symbols={"yahoo": "000935.SS"})
    found = screen(load_report(), PUBLISHED, AS_OF, prices=Early(), sector_index=index)
    beside = found.sector_call["sector_index"]
    assert (beside["realised_rating"], beside["agrees"]) == ("unrated", None)
    assert beside["reason"] == "suspended_at_end"


def test_a_company_is_found_by_any_of_its_names(result: Screening) -> None:
    rows = result.companies.set_index("company")
    for name in ("瑞芯微", "603893.SS", "xshg:603893", rows.loc["瑞芯微", "company_en"]):
        assert result.company(str(name))["relative_return"] == rows.loc["瑞芯微", "relative_return"]
    with pytest.raises(InputError, match="did you mean 瑞芯微"):
        result.company("瑞芯徽")
    for name in ("Rockchip", "rockchip electronics", "603893", " SH603893", 603893):
        assert result.company(name)["listing"] == "XSHG:603893"  # type: ignore[arg-type]
    assert (
        result.company("2382")["company"] == result.company("舜宇光学科技")["company"] == "舜宇光学"
    )
    assert result.company(285)["listing"] == "XHKG:0285"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        (None, "see .companies for all names"),
        ("", "see .companies for all names"),
        ("nan", ""),
        (600000, "did you mean"),
        ("Rockchips", "did you mean 瑞芯微"),
        ("Sunny", "did you mean 舜宇光学"),
    ],
)
def test_who_is_no_company_of_the_report_is_one_error(
    result: Screening, name: str, near: str
) -> None:
    with pytest.raises(InputError, match=f"the report has no such company .*{near}"):
        result.company(name)


def test_paths_say_whose_they_are(result: Screening) -> None:
    firsts = result.paths.drop_duplicates("order").set_index("order")
    asked = result.companies.set_index("order").loc[firsts.index]
    assert firsts["symbol"].tolist() == asked["symbol"].tolist()
    assert firsts["listing"].tolist() == asked["listing"].tolist()


def test_without_as_of_the_prices_say_how_far_they_go() -> None:
    class UntilFebruary(SimulatedSource):
        """Simulated, but with an end of its own, as a file or a store has one."""

        simulated = False

        def load(self, instruments, first, last, basis):  # type: ignore[no-untyped-def]
            return super().load(instruments, first, min(last, date(2026, 2, 20)), basis)

    report = load_report()
    assert screen(report, PUBLISHED, prices=UntilFebruary()).as_of == date(2026, 2, 20)
    early = screen(report, PUBLISHED, prices=UntilFebruary(), today=date(2025, 8, 2))
    assert early.as_of == date(2025, 8, 1)
    assert screen(report, PUBLISHED, prices="simulated").as_of == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("as_of", "day", "days"),
    # 2024-12-31 and 6 months are 2025-06-30, 181 days; 12 months are 365.
    [
        ("2025-01-31", 31, 181),
        ("2025-06-29", 180, 181),
        ("2025-06-30", 181, 365),
        ("2026-01-09", 365, 365),
    ],
)
def test_days_are_counted_to_the_next_horizon(as_of: str, day: int, days: int) -> None:
    row = screen(load_report(), PUBLISHED, as_of, prices="simulated").company("瑞芯微")
    assert (row["day"], row["days"]) == (day, days)


def test_nothing_agrees_or_disagrees_before_a_horizon() -> None:
    sector = Index(name="SECTOR", name_zh="行业", name_en="Sector", currency="CNY", calendar="XSHG")
    for as_of, known in (("2025-06-27", False), ("2025-06-30", True)):
        found = screen(load_report(), PUBLISHED, as_of, prices="simulated", sector_index=sector)
        assert (found.sector_call["agrees"] is not None) is known
        assert (found.sector_call["sector_index"]["agrees"] is not None) is known
        for text in (found.to_html(lang="en"), found.to_markdown("en")):
            said = re.search("They agree|they agree|not agree|>agrees<", text)
            assert (said is not None) is known


def test_an_adjustment_nobody_stated_is_told_with_its_listings_and_what_to_type() -> None:
    class PartlyStated(SimulatedSource):
        def load(self, instruments, first, last, basis):  # type: ignore[no-untyped-def]
            loaded = super().load(instruments, first, last, basis)
            series = dict(loaded.series)
            for name in ("XSHG:688018", "XHKG:0285"):
                series[name] = replace(series[name], adjustment="as given")
            return LoadedPrices(series, loaded.failures, loaded.findings)

    told = screen(load_report(), "2025-01-02", "2026-01-09", prices=PartlyStated()).findings
    (detail,) = told.loc[told["code"] == "basis_substituted", "detail"]
    assert "2 of 35 listings (0285.HK, 688018.SS)" in detail
    assert "--adjustment splits, splits+dividends or none (adjustment=)" in detail
