from .building import panel_from_columns, panel_from_frame, panel_from_parquet
from .price_panel import NO_CLOSE, PricePanel
from .saved import open_panel, save_panel, source_fingerprint

__all__ = [
    "NO_CLOSE",
    "PricePanel",
    "open_panel",
    "panel_from_columns",
    "panel_from_frame",
    "panel_from_parquet",
    "save_panel",
    "source_fingerprint",
]
