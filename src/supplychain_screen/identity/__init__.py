"""Who is who: exchanges, listings, indices, and how a printed name becomes one of them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
