"""Ratings that a report prints beside its companies, held against what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from supplychain_screen.record.hits import judge
from supplychain_screen.record.opinions import UNKNOWN, read_words
from supplychain_screen.scoring import LEVELLESS

if TYPE_CHECKING:
    from supplychain_screen.screening import Screening

__all__ = ["PrintedRatings", "printed_ratings"]


@dataclass(frozen=True, slots=True)
class PrintedRatings:
    """What the printed ratings of a report's companies said, and how many were right.

    Parameters
    ----------
    n : int
        Companies with a printed rating, each once.
    positive, negative : int
        Those rated above and below neutral.
    ahead, behind : int
        Of the positive ones those ahead of their benchmark at the end of a matured window, of the
        negative ones those behind it.
    judged_positive, judged_negative : int
        How many of them have a matured window and a benchmark.
    unknown : int
        Words that say no rating, and companies with ratings of two sides.
    """

    n: int
    positive: int
    negative: int
    ahead: int
    behind: int
    judged_positive: int
    judged_negative: int
    unknown: int


def printed_ratings(screening: Screening) -> PrintedRatings | None:
    """The printed ratings of a screening; None where its report prints none.

    Parameters
    ----------
    screening : Screening

    Notes
    -----
    A word is read as in a track record (`read_words`); a window that has not matured, or whose
    prices rate nobody, judges nothing.
    """
    rows = screening.companies
    rows = rows[rows["printed_rating"].notna()]
    if rows.empty:
        return None
    scale = screening.report.standard.stock
    said = pd.Series(
        read_words([str(one) for one in rows["printed_rating"]], scale), index=rows.index
    )
    # A rating may stand beside a later mention only, and two may contradict each other.
    who = rows["listing"].fillna(rows["company"])
    sides = said.map(lambda one: one.side).groupby(who).transform("nunique")
    first = ~who.duplicated()
    rows, opinions, two = rows[first], said[first], (sides > 1)[first].to_numpy()
    side = np.array([one.side for one in opinions], np.int8)
    level = np.array([one.level for one in opinions], np.int8)
    side[two], level[two] = UNKNOWN, UNKNOWN
    closed = ~rows["stage"].isin(["pending", "interim"]) & rows["benchmark"].notna()
    # What is unrated for its prices keeps its numbers, and nothing follows from them.
    closed &= rows["reason"].isna() | rows["reason"].isin(LEVELLESS)
    against = rows["relative_return"]
    if screening.comparison == "own":
        against = rows["return"] - rows["benchmark_return"]
    relative = against.where(closed).to_numpy(float)
    beat = judge(relative, relative, side, level, scale).beat
    up, down = side == 1, side == -1
    return PrintedRatings(
        n=len(rows),
        positive=int(up.sum()),
        negative=int(down.sum()),
        ahead=int((up & (beat == 1)).sum()),
        behind=int((down & (beat == 1)).sum()),
        judged_positive=int((up & (beat >= 0)).sum()),
        judged_negative=int((down & (beat >= 0)).sum()),
        unknown=int((side == UNKNOWN).sum()),
    )
