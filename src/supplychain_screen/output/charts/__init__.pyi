from .charts import chart, save_chart
from .fonts import cjk_family, font_folders, has_cjk
from .inference_charts import inference_chart
from .record_charts import record_chart

__all__ = [
    "chart",
    "cjk_family",
    "font_folders",
    "has_cjk",
    "inference_chart",
    "record_chart",
    "save_chart",
]
