"""Closes of many listings on one grid of days: built, saved, opened, read as of any day."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
