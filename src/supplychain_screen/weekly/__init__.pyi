from .archive import Week, damage, read_week, require_sound, week_folders
from .archive_frames import load_archive
from .changes import compare_screenings
from .config import WeeklyConfig, load_config
from .config_example import write_example
from .measuring import recover
from .notify import Delivery, announce, announce_failure, told
from .plain_text import changes_text, weeks_text
from .publishing import rebuild_week, versions
from .run import run_weeks
from .schedule import schedule_text

__all__ = [
    "Delivery",
    "Week",
    "WeeklyConfig",
    "announce",
    "announce_failure",
    "changes_text",
    "compare_screenings",
    "damage",
    "load_archive",
    "load_config",
    "read_week",
    "rebuild_week",
    "recover",
    "require_sound",
    "run_weeks",
    "schedule_text",
    "told",
    "versions",
    "week_folders",
    "weeks_text",
    "write_example",
]
