from .simulated import SimulatedSource

__all__ = ["SimulatedSource"]
