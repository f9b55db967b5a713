"""Why a call has no rating: one machine-readable code, and the stages of a call."""

from __future__ import annotations

__all__ = ["REASONS", "REASON_CODE", "STAGE_INTERIM", "STAGE_PENDING", "stage_names"]

REASONS = (
    "",
    "unlisted",
    "unresolved",
    "no_benchmark",
    "no_prices",
    "not_yet_listed",
    "suspended_at_base",
    "suspended_at_end",
    "delisted",
    "benchmark_stale",
    "suspect_prices",
    "pending",
    "standard_without_number",
    "standard_without_bounds",
)
"""Reason codes by their number; number 0 is "rated"."""

REASON_CODE = {name: code for code, name in enumerate(REASONS)}

STAGE_PENDING = 0
STAGE_INTERIM = 1


def stage_names(months: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the stages by their number, in the order a call goes through them.

    Examples
    --------
    >>> stage_names((6, 12))
    ('pending', 'interim', '6m', '12m')
    """
    return ("pending", "interim", *(f"{month}m" for month in months))
