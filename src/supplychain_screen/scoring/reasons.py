"""Why a call has no rating: one machine-readable code, and the stages of a call."""

from __future__ import annotations

from supplychain_screen import words

__all__ = ["LEVELLESS", "REASONS", "REASON_CODE", "STAGE_INTERIM", "STAGE_PENDING", "stage_names"]

REASONS = ("", *words.REASONS)
"""Reason codes by their number, in the order in which they are named; number 0 is "rated"."""

REASON_CODE = {name: code for code, name in enumerate(REASONS)}

LEVELLESS = ("standard_without_bounds", "standard_without_number")
"""Reasons of calls whose numbers stand, though their scale gives them no level."""

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
