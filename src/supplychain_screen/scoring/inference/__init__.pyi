from .concentrations import Bets, Concentration, concentration, effective_bets
from .event_studies import EventIntervals, EventStudy, event_intervals, event_study
from .intervals import (
    HitRate,
    Interval,
    basket_changes,
    exact_hit_rate,
    long_run_variance,
    mean_interval,
)
from .market_models import BetaAdjusted, MarketModel, beta_adjusted, market_model
from .path_risks import PathRisk, path_risk
from .placebo_ranks import (
    MIN_PLACEBO_DATES,
    MIN_PLACEBO_MEMBERS,
    Placebo,
    placebo,
    primary_row,
    sessions_before,
)

__all__ = [
    "MIN_PLACEBO_DATES",
    "MIN_PLACEBO_MEMBERS",
    "BetaAdjusted",
    "Bets",
    "Concentration",
    "EventIntervals",
    "EventStudy",
    "HitRate",
    "Interval",
    "MarketModel",
    "PathRisk",
    "Placebo",
    "basket_changes",
    "beta_adjusted",
    "concentration",
    "effective_bets",
    "event_intervals",
    "event_study",
    "exact_hit_rate",
    "long_run_variance",
    "market_model",
    "mean_interval",
    "path_risk",
    "placebo",
    "primary_row",
    "sessions_before",
]
