"""One report and its prices, measured: ``screen()`` makes a ``Screening``."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
