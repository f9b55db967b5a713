from .source import FileSource

__all__ = ["FileSource"]
