from .charts import chart, save_chart
from .fonts import cjk_family, font_folders, has_cjk
from .record_charts import record_chart

__all__ = ["chart", "cjk_family", "font_folders", "has_cjk", "record_chart", "save_chart"]
