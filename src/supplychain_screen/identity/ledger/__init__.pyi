from .shipped import Ledger, load_ledger

__all__ = ["Ledger", "load_ledger"]
