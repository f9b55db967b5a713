from .frames import distinct_calls
from .inputs import publication_date
from .screening import Screening, screen

__all__ = ["Screening", "distinct_calls", "publication_date", "screen"]
