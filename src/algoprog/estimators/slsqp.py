"""SciPy's SLSQP (Kraft 1988), whose end must not depend on how many cores there are.

It knows SciPy and the BLAS that it calls; it knows no law and no objective.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def minimise(
    value: Callable[[NDArray[np.float64]], Any], start: NDArray[np.float64], **options: Any
) -> Any:
    """Return what ``scipy.optimize.minimize`` finds by SLSQP from ``start`` (p,).

    BLAS has one thread meanwhile, as in a job of the workflow: with more it adds up in another
    order, and a search that stops early stops elsewhere, by some thousandths of its estimates.
    Infinite values on the way are the search's own affair and warn nobody. ``options`` are those of
    SciPy's function (``jac``, ``bounds``, ``constraints``, ``options``).
    """
    from scipy.optimize import minimize

    alone = _libraries().limit(limits=1, user_api="blas")
    with alone, np.errstate(over="ignore", invalid="ignore"):
        return minimize(value, start, method="SLSQP", **options)


@cache
def _libraries() -> Any:
    """Return a switch of the threads of the libraries loaded by now, SciPy's BLAS among them."""
    import scipy.optimize  # noqa: F401  # loads the BLAS that SLSQP calls
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
