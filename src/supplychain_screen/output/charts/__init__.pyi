from .charts import chart, save_chart
from .fonts import cjk_family
from .record_charts import record_chart

__all__ = ["chart", "cjk_family", "record_chart", "save_chart"]
