from .charts import chart, save_chart
from .fonts import cjk_family

__all__ = ["chart", "cjk_family", "save_chart"]
