"""A function of the output chapter by its name, found when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["output"]


def output(name: str) -> Any:
    """A function of the output chapter.

    Outputs know screenings; a screening knows outputs by name only, so that the chapters keep
    pointing one way and nobody loads a chart library to read a number.
    """
    return getattr(import_module("supplychain_screen.output"), name)
