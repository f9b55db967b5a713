"""The ledger: which securities are listed where, under which names, and who is not listed."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
