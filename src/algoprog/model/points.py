"""A system that need not exist, as a point of the loss surface: its counts and date as variables.

It knows the units of an estimation sample; it knows no variants.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.model.units import Normaliser, effective_epochs

Array = NDArray[np.float64]

DAYS_PER_YEAR = 365.242199  # tropical year; the published dates of systems are in it
EPOCH_ZERO = date(1970, 1, 1)


def tropical_year(published: date | str) -> float:
    """A date in years: 1970 + days since 1970-01-01 / 365.242199.

    The published analysis dates systems so, while its sample runs on year + (day of year - 1)/365;
    the two differ by at most a day and a half.
    """
    day = date.fromisoformat(published) if isinstance(published, str) else published
    return 1970.0 + (day - EPOCH_ZERO).days / DAYS_PER_YEAR


def coordinates(
    origin: Normaliser, log_parameters: Array | float, log_tokens: Array | float, year: Any
) -> dict[str, Array]:
    """Variables t, n, d, d_seen, d_effective and c of systems, each read once (one epoch).

    ``log_parameters`` and ``log_tokens`` are natural logarithms of counts, ``year`` is a calendar
    year as a real number; shapes broadcast. One epoch counts as E(1) in ``d_effective``, as a
    record with unknown epochs does.
    """
    n, d, t = np.broadcast_arrays(
        np.asarray(log_parameters, dtype=float),
        np.asarray(log_tokens, dtype=float),
        np.asarray(year, dtype=float),
    )
    once = float(np.log(effective_epochs(np.array([1.0]))[0]))
    return {
        "t": t - origin.first_year,
        "n": n - origin.log_parameters,
        "d": d - origin.log_tokens,
        "d_seen": d - origin.log_tokens_seen,
        "d_effective": d + once - origin.log_tokens_effective,
        "c": np.log(6.0) + n + d - origin.log_compute,
    }
