"""How many examples a property is tried with, by the profile of ``conftest.py``."""

from __future__ import annotations

from typing import Any

from hypothesis import settings


def effort(examples: int, **options: Any) -> settings:
    """So many examples where all are tried, and fewer in the same measure where few are."""
    return settings(max_examples=max(examples * settings().max_examples // 100, 3), **options)
