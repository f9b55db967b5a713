from .source import YahooSource

__all__ = ["YahooSource"]
