from .document import digest, embedded, environment, running_heads, template, trusted
from .figures import Spark, domain, nice_ticks, sparkline, spread
from .page import render_page, write_page
from .pictures import Companies, companies_picture
from .record_page import render_record_page, write_record_page
from .speech import Speech

__all__ = [
    "Companies",
    "Spark",
    "Speech",
    "companies_picture",
    "digest",
    "domain",
    "embedded",
    "environment",
    "nice_ticks",
    "render_page",
    "render_record_page",
    "running_heads",
    "sparkline",
    "spread",
    "template",
    "trusted",
    "write_page",
    "write_record_page",
]
