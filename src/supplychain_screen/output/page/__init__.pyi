from .document import environment, template, trusted
from .figures import domain, spread
from .page import render_page, write_page
from .record_page import render_record_page, write_record_page

__all__ = [
    "domain",
    "environment",
    "render_page",
    "render_record_page",
    "spread",
    "template",
    "trusted",
    "write_page",
    "write_record_page",
]
