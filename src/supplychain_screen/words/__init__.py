"""Everything said to people, in Chinese and English: names, reasons, findings, numbers as text."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
