"""What a report says: its supplier table, its rating standard, its own call."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
