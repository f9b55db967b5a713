"""Price files as people have them, from file to rating: never a wrong one without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from supplychain_screen import load_report, screen
from supplychain_screen.identity import exchange_sessions

Frame = dict[str, pd.DataFrame]
CALENDARS = {"000300.SS": "XSHG", "^HSI": "XHKG", "^GSPC": "XNYS", "^IXIC": "XNYS"}


def clean(symbols: str, seed: int = 3) -> Frame:
    """Random walks on the exchanges' sessions, calm, traded in the same money every day."""
    random = np.random.default_rng(seed)
    frames = {}
    for symbol in symbols.split():
        ending = symbol.rsplit(".", maxsplit=1)[-1]
        calendar = CALENDARS.get(symbol) or {"SS": "XSHG", "SZ": "XSHG", "HK": "XHKG"}.get(
            ending, "XNYS"
        )
        days = exchange_sessions(calendar, date(2024, 10, 8), date(2026, 1, 9))
        close = 100 * np.exp(
            np.cumsum(0.012 * np.clip(random.standard_normal(days.size), -2.5, 2.5))
        )
        volume = np.round(1e7 * np.exp(0.2 * random.standard_normal(days.size)))
        frames[symbol] = pd.DataFrame({"date": days, "close": close, "volume": volume})
    return frames


def row(frame: pd.DataFrame, day: str) -> int:
    return int(np.searchsorted(frame["date"].to_numpy(), np.datetime64(day)))


def written(frames: Frame, folder: Path, volume: bool = True) -> Path:
    parts = [frame.assign(symbol=symbol) for symbol, frame in frames.items()]
    path = folder / "prices.csv"
    columns = ["symbol", "date", "close", *(["volume"] if volume else [])]
    pd.concat(parts)[columns].to_csv(path, index=False)
    return path


def asked(
    frames: Frame,
    folder: Path,
    symbol: str,
    published: str = "2024-12-31",
    as_of: str = "2026-01-09",
    volume: bool = True,
) -> tuple[str, str | None, set[tuple[str, str]]]:
    """Rating, reason and findings of a company and its benchmark."""
    result = screen(
        load_report(), published, as_of, prices=written(frames, folder, volume), allow_missing=True
    )
    company = result.companies[result.companies["symbol"] == symbol].iloc[0]
    found = result.findings
    # what several listings share names them in its sentence
    mine = found[
        found["symbol"].isin([symbol, company["benchmark"]])
        | found["detail"].str.contains(f"{symbol}[,:]")
    ]
    reason = None if pd.isna(company["reason"]) else str(company["reason"])
    return str(company["rating"]), reason, set(zip(mine["code"], mine["action"], strict=True))


def factor(symbol: str, day: str, by: float, before: bool = True) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        frame = frames[symbol]
        at = row(frame, day)
        some = slice(0, at - 1) if before else slice(at, None)
        frame.loc[some, "close"] *= by
        frame.loc[some, "volume"] /= by

    return change


def without(symbol: str, first: str, last: str, by: float) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        frame = frames[symbol]
        start, stop = row(frame, first), row(frame, last) + 1
        frame.loc[stop:, "close"] *= by * frame["close"][start - 1] / frame["close"][stop - 1]
        frames[symbol] = frame.drop(index=range(start, stop))

    return change


def shifted(symbols: str, days: int) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        for symbol in symbols.split():
            frames[symbol]["date"] += np.timedelta64(days, "D")

    return change


def one_close(symbol: str, day: str, by: float) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        frame = frames[symbol]
        frame.loc[row(frame, day), "close"] *= by

    return change


def unfinished(day: str) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        for symbol, frame in frames.items():
            if symbol != "000300.SS":
                frame.loc[row(frame, day), "volume"] *= 0.007
                frame.loc[row(frame, day), "close"] *= 1.02

    return change


def lifted(symbol: str, day: str, by: float) -> Callable[[Frame], None]:
    """A share that moves on one day, and stays there."""
    return factor(symbol, day, by, before=False)


def both(*changes: Callable[[Frame], None]) -> Callable[[Frame], None]:
    def change(frames: Frame) -> None:
        for one in changes:
            one(frames)

    return change


def crash(frames: Frame) -> None:
    for symbol, by in (("2018.HK", 0.655), ("^HSI", 0.868)):
        frame = frames[symbol]
        frame.loc[row(frame, "2025-04-07") :, "close"] *= by


MAINLAND = "688018.SS 688111.SS 300433.SZ 603893.SS 000300.SS"
SUSPECT, STALE = "suspect_prices", "benchmark_stale"

CASES: dict[str, tuple[str, Callable[[Frame], None], str, str | None, tuple[str, str]]] = {
    # symbols, what is done, who is asked, the reason of no rating, a finding that must be there
    "a bonus issue within the limit": (
        "688018.SS 000300.SS",
        factor("688018.SS", "2025-08-07", 1.21),
        "688018.SS",
        None,
        ("possible_split", "reported"),
    ),
    "one for twelve": (
        "QCOM ^GSPC ^IXIC",
        factor("QCOM", "2025-06-10", 12.0),
        "QCOM",
        SUSPECT,
        ("extreme_move", "unrated"),
    ),
    "one to 49.426": (
        "QCOM ^GSPC ^IXIC",
        factor("QCOM", "2025-06-10", 1 / 49.426),
        "QCOM",
        SUSPECT,
        ("extreme_move", "unrated"),
    ),
    "five for four": (
        "QCOM ^GSPC ^IXIC",
        factor("QCOM", "2025-06-10", 1.28),
        "QCOM",
        None,
        ("large_move", "reported"),
    ),
    "another share after a merger": (
        "688111.SS 688018.SS 000300.SS",
        without("688111.SS", "2025-02-06", "2025-03-03", 1.6),
        "688111.SS",
        SUSPECT,
        ("beyond_limit", "unrated"),
    ),
    "dates a day early": (
        MAINLAND,
        shifted("688018.SS 688111.SS", -1),
        "688018.SS",
        SUSPECT,
        ("shifted_dates", "unrated"),
    ),
    "all dates a day early": (
        MAINLAND,
        shifted(MAINLAND, -1),
        "688018.SS",
        STALE,
        ("shifted_dates", "unrated"),
    ),
    "dates a day late": (
        "QCOM ^GSPC ^IXIC",
        shifted("QCOM", 1),
        "QCOM",
        SUSPECT,
        ("shifted_dates", "unrated"),
    ),
    "one wrong close of an index without limits": (
        "0285.HK ^HSI",
        one_close("^HSI", "2024-12-31", 1.17),
        "0285.HK",
        STALE,
        ("index_jump", "unrated"),
    ),
    **{
        f"one wrong close of an index, {day}, one of three members moves with it": (
            "0285.HK 2018.HK 2382.HK ^HSI",
            both(one_close("^HSI", day, 1.15), lifted("2018.HK", day, 1.10)),
            "0285.HK",
            STALE,
            ("index_jump", "unrated"),
        )
        for day in ("2024-12-31", "2025-12-31")
    },
    "one wrong close of an index": (
        MAINLAND,
        one_close("000300.SS", "2024-12-31", 0.85),
        "688018.SS",
        STALE,
        ("index_jump", "unrated"),
    ),
    "another index from March on": (
        MAINLAND,
        factor("000300.SS", "2025-03-03", 1.15, before=False),
        "688018.SS",
        STALE,
        ("index_jump", "unrated"),
    ),
    "a crash day": ("2018.HK ^HSI", crash, "2018.HK", None, ("large_move", "reported")),
    "bars of an unfinished day": (
        MAINLAND,
        unfinished("2025-12-31"),
        "688018.SS",
        SUSPECT,
        ("unfinished_day", "unrated"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_dirty_file_is_told(
    case: tuple[str, Callable[[Frame], None], str, str | None, tuple[str, str]], tmp_path: Path
) -> None:
    symbols, change, symbol, reason, finding = case
    frames = clean(symbols)
    rating, nothing, found = asked(frames, tmp_path, symbol)
    assert (rating != "unrated", nothing) == (True, None)
    assert not {one for one in found if one[1] == "unrated"}
    assert finding not in found
    change(frames)
    _, told, found = asked(frames, tmp_path, symbol)
    assert told == reason
    assert finding in found


@pytest.mark.parametrize("how", ["zero", "denormal", "copied", "no volumes"])
def test_a_filled_suspension_is_one_whatever_its_volume_says(how: str, tmp_path: Path) -> None:
    frames = clean("688041.SS 688018.SS 000300.SS")
    frame = frames["688041.SS"]
    start, stop = row(frame, "2025-05-26"), row(frame, "2025-06-10")
    frame.loc[start : stop - 1, "close"] = frame["close"][start - 1]
    frame.loc[start : stop - 1, "volume"] = {"denormal": 5.877472e-39}.get(
        how, frame["volume"][start - 1] if how == "copied" else 0.0
    )
    _, reason, found = asked(
        frames, tmp_path, "688041.SS", "2024-12-05", "2025-06-09", volume=how != "no volumes"
    )
    assert reason == "suspended_at_end"
    assert ("suspended", "dropped") in found


def test_a_jump_into_the_base_session_takes_no_rating(tmp_path: Path) -> None:
    frames = clean("688018.SS 000300.SS")
    at = row(frames["688018.SS"], "2025-01-02")
    frames["688018.SS"].loc[: at - 1, "close"] *= 2.0
    into = asked(frames, tmp_path, "688018.SS", "2025-01-02")
    assert (into[1], ("missed_split", "unrated") in into[2]) == (None, True)
    assert asked(frames, tmp_path, "688018.SS", "2024-12-31")[1] == SUSPECT


def test_a_benchmark_gap_that_both_closes_survive_takes_no_rating(tmp_path: Path) -> None:
    frames = clean("688018.SS 688111.SS 000300.SS")
    index = frames["000300.SS"]
    start, stop = row(index, "2025-03-03"), row(index, "2025-03-14")
    frames["000300.SS"] = index.drop(index=range(start, stop))
    _, reason, found = asked(frames, tmp_path, "688018.SS")
    assert (reason, ("benchmark_gap", "unrated") in found) == (None, True)
    assert asked(frames, tmp_path, "688018.SS", "2025-03-13")[1] == STALE
    # The same with its rows filled.
    frames["000300.SS"] = index.assign(
        close=index["close"].mask((index.index >= start) & (index.index < stop)).ffill()
    )
    assert asked(frames, tmp_path, "688018.SS")[1] is None
    assert asked(frames, tmp_path, "688018.SS", "2025-03-13")[1] == STALE
