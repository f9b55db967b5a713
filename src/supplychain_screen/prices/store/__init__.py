"""The price history on this machine: append-only, revised in the open, read as known on a day."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
