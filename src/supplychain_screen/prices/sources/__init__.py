"""Where prices come from. Nothing else in the package opens a socket."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
