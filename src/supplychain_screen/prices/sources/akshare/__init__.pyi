from .source import AkShareSource

__all__ = ["AkShareSource"]
