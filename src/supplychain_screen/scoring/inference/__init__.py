"""Skill or weather: how unusual a basket's result is, what it hangs on, and what carried it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
