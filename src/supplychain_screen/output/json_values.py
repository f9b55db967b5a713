"""Values of frames as JSON knows them: missing is null, no numpy types, dates are text."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["plain_day", "plain_moment", "plain_value"]


def plain_value(value: Any) -> Any:
    """``value`` as JSON knows it: None for missing, no numpy types, dates as text."""
    if _missing(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (date, np.datetime64)):
        return plain_day(value)
    return str(value)


def plain_day(value: Any) -> str | None:
    """An ISO date; None for missing."""
    if _missing(value):
        return None
    return str(np.datetime64(value, "D"))


def plain_moment(value: Any) -> str | None:
    """An instant in ISO 8601, UTC; one without a zone is taken for UTC."""
    if _missing(value):
        return None
    stamp = pd.Timestamp(value)
    aware = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")
    return str(aware.isoformat()).replace("+00:00", "Z")


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
