from .figures import domain, spread
from .page import render_page, write_page

__all__ = ["domain", "render_page", "spread", "write_page"]
