from .calls import benchmark_rows, day_of_as_of, rules_of, score_calls, session_dates
from .crossings import PathFigures, path_figures
from .kernel import measure
from .measurement import CallScores, Rules, SuspectDays
from .path_means import segment_paths
from .paths import Paths, iter_paths, relative_paths
from .placebo_dates import basket_returns
from .reasons import LEVELLESS, REASON_CODE, REASONS, STAGE_INTERIM, STAGE_PENDING, stage_names
from .relative import NO_AGE, NO_DAY, Comparison, Legs
from .results import ScoredCalls
from .robustness import Robustness, vary_conventions
from .segments import Aggregate, aggregate
from .windows import BasePolicy, add_months, window_ends

__all__ = [
    "LEVELLESS",
    "NO_AGE",
    "NO_DAY",
    "REASONS",
    "REASON_CODE",
    "STAGE_INTERIM",
    "STAGE_PENDING",
    "Aggregate",
    "BasePolicy",
    "CallScores",
    "Comparison",
    "Legs",
    "PathFigures",
    "Paths",
    "Robustness",
    "Rules",
    "ScoredCalls",
    "SuspectDays",
    "add_months",
    "aggregate",
    "basket_returns",
    "benchmark_rows",
    "day_of_as_of",
    "iter_paths",
    "measure",
    "path_figures",
    "relative_paths",
    "rules_of",
    "score_calls",
    "segment_paths",
    "session_dates",
    "stage_names",
    "vary_conventions",
    "window_ends",
]
