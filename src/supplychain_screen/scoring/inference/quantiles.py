"""Quantiles of Student's t and of the beta distribution, as SciPy computes them."""

from __future__ import annotations

import sys
import threading
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

from supplychain_screen.own_process import owned

__all__ = ["beta_quantile", "student_t_quantile"]


def student_t_quantile(freedom: int, share: float) -> float:
    """Where ``share`` of Student's t with so many degrees of freedom lies below.

    Examples
    --------
    >>> round(student_t_quantile(16, 0.95), 6)
    1.745884
    """
    return float(_functions().stdtrit(freedom, share))


def beta_quantile(a: float, b: float, share: float) -> float:
    """Where ``share`` of the beta distribution lies below.

    Examples
    --------
    >>> round(beta_quantile(3, 8, 0.05), 6)
    0.087264
    """
    return float(_functions().betaincinv(a, b, share))


@lru_cache(maxsize=1)
def _functions() -> Any:
    """SciPy's compiled functions, without what its package puts around them where that is safe.

    The package wraps each function for the arrays of other libraries. Loading these wrappers
    takes a tenth of a second, an eighth of a whole static page; the numbers are the same.
    """
    # A name in sys.modules is everybody's: nobody else may be importing it meanwhile, nor miss
    # later what the compiled parts bind to the package that they were loaded for.
    alone_here = owned() and threading.active_count() == 1
    if alone_here and "scipy.special" not in sys.modules:
        alone = _compiled_alone()
        if alone is not None:
            return alone
    import scipy.special

    return scipy.special


def _compiled_alone() -> Any:
    """The module that SciPy's functions are compiled into; None where it is not as we know it."""
    import scipy

    found = PathFinder.find_spec("scipy.special", scipy.__path__)
    if found is None or found.submodule_search_locations is None:
        return None
    # Its parts ask for each other by the package's name, so a package stands there for a moment,
    # never run. The real one, imported later, finds these parts, but not all that they bind.
    sys.modules["scipy.special"] = module_from_spec(found)
    try:
        from scipy.special import _ufuncs
    except ImportError:
        return None
    finally:
        del sys.modules["scipy.special"]
    return _ufuncs if hasattr(_ufuncs, "stdtrit") and hasattr(_ufuncs, "betaincinv") else None
