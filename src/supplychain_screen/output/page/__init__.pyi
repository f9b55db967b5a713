from .document import environment, template, trusted
from .figures import domain, spread
from .page import render_page, write_page

__all__ = ["domain", "environment", "render_page", "spread", "template", "trusted", "write_page"]
