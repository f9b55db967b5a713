"""The indices that houses name as benchmarks, as data: what each is called at every vendor."""

from __future__ import annotations

from functools import lru_cache

from supplychain_screen.errors import Problem, ReportError
from supplychain_screen.identity import Index, packaged_data
from supplychain_screen.research.text_files import read_table

__all__ = ["VENDORS", "load_indices"]

VENDORS = ("yahoo", "wind", "akshare", "baostock", "tushare", "bloomberg")
"""Vendors whose symbol of an index may be given."""

_TEXTS = ("name", "printed", "name_zh", "name_en", "currency", "calendar", "notes")


@lru_cache(maxsize=1)
def load_indices() -> dict[str, Index]:
    """Indices by name.

    Returns
    -------
    dict of str to Index
        In the order of the file.

    Raises
    ------
    ReportError
        When the installation lost the file, or a row of it cannot be read.

    Examples
    --------
    >>> load_indices()["TWII"].symbol("yahoo"), load_indices()["BSE50"].symbol("yahoo")
    ('^TWII', None)
    """
    problems: list[Problem] = []
    rows = read_table(packaged_data().joinpath("indices.csv"), (*_TEXTS, *VENDORS), (), problems)
    if problems:
        raise ReportError(problems)
    return {
        row.get("name"): Index.model_validate(
            {name: row.get(name) for name in _TEXTS}
            | {"symbols": {one: row.get(one) for one in VENDORS if row.get(one)}}
        )
        for row in rows or ()
    }
