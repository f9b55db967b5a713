"""Measures the related stocks a research report printed by the report's own rating standard.

::

    load_report()   a report as data: its supplier table, its rating standard, its own call
    open_prices()   the price history on this machine
    screen()        report + publication date + prices -> Screening
    Screening       frames (companies, segments, unrated, evidence), page, workbook, charts
    score_calls()   any number of calls at once over a PricePanel
    measure_calls() the same as arrays (measure(): from arrays), from which go on
                    iter_paths(), path_figures() and segment_paths(), day by day
    basket_means()  one basket from any number of base dates: placebo studies

Importing this module imports nothing else: each name is fetched when it is first used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Listing",
    "PricePanel",
    "RatingScale",
    "RatingStandard",
    "ResearchReport",
    "Screening",
    "basket_means",
    "errors",
    "iter_paths",
    "load_report",
    "measure",
    "measure_calls",
    "open_prices",
    "path_figures",
    "score_calls",
    "screen",
    "segment_paths",
]

if TYPE_CHECKING:
    from supplychain_screen import errors
    from supplychain_screen.identity.listings import Listing
    from supplychain_screen.prices.panel import PricePanel
    from supplychain_screen.prices.store import open_prices
    from supplychain_screen.research.rating_scale import RatingScale
    from supplychain_screen.research.report import RatingStandard, ResearchReport, load_report
    from supplychain_screen.scoring.calls import measure_calls, score_calls
    from supplychain_screen.scoring.crossings import path_figures
    from supplychain_screen.scoring.kernel import measure
    from supplychain_screen.scoring.path_means import segment_paths
    from supplychain_screen.scoring.paths import iter_paths
    from supplychain_screen.scoring.placebo_dates import basket_means
    from supplychain_screen.screening import Screening, screen
else:
    # Hidden from type checkers, which would otherwise take any misspelt name for valid.
    _HOMES = {
        "Listing": "identity.listings",
        "PricePanel": "prices.panel",
        "RatingScale": "research.rating_scale",
        "RatingStandard": "research.report",
        "ResearchReport": "research.report",
        "Screening": "screening",
        "basket_means": "scoring.placebo_dates",
        "iter_paths": "scoring.paths",
        "load_report": "research.report",
        "measure": "scoring.kernel",
        "measure_calls": "scoring.calls",
        "open_prices": "prices.store",
        "path_figures": "scoring.crossings",
        "score_calls": "scoring.calls",
        "screen": "screening",
        "segment_paths": "scoring.path_means",
    }

    def __getattr__(name):
        from importlib import import_module

        if name == "errors":
            return import_module(f"{__name__}.errors")
        if name == "__version__":
            from importlib.metadata import version

            return version("supplychain-screen")
        if name in _HOMES:
            value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
            globals()[name] = value
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__, "__version__"})
