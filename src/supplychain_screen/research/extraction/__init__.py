"""From print to data: any printed report becomes a document, and a document its mentions."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
