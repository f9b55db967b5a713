"""Measures the related stocks a research report printed by the report's own rating standard.

::

    load_report()    a report as data: its supplier table, its rating standard, its own call
    read_report()    any printed report or table: text, HTML, XLSX, PDF, a frame -> ReportReading
    open_prices()    the price history on this machine
    screen()         report + publication date + prices -> Screening
    Screening        frames (companies, segments, unrated, evidence), page, workbook, charts
    score_calls()    any number of calls at once over a PricePanel -> ScoredCalls, a frame
    ScoredCalls      iter_paths(), path_figures(), segment_paths(): what happened on the way
    track_record()   calls with a called level -> TrackRecord: league(), calibration(), by_month()
    basket_returns() one basket from any number of base dates: placebo studies

Importing this module imports nothing else: each name is fetched when it is first used.
"""

import lazy_loader

_fetch, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("supplychain-screen")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _fetch(name)
