from .building import panel_from_columns, panel_from_frame, panel_from_parquet
from .cells import NO_AGE, NO_DAY, CellReader, DaySlices
from .price_panel import PricePanel
from .saved import open_panel, save_panel, source_fingerprint

__all__ = [
    "NO_AGE",
    "NO_DAY",
    "CellReader",
    "DaySlices",
    "PricePanel",
    "open_panel",
    "panel_from_columns",
    "panel_from_frame",
    "panel_from_parquet",
    "save_panel",
    "source_fingerprint",
]
