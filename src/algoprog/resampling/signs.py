"""Signs of whole clusters, and the sets of growths that a test by such signs accepts.

A wild cluster bootstrap multiplies the residuals of every cluster by one random sign (Cameron,
Gelbach and Miller 2008): Rademacher's -1 or 1, or one of Webb's six points, which few clusters
need (Webb 2023). The module knows clusters and p-values; it knows no law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RADEMACHER = np.array([-1.0, 1.0])
# Webb's points: a sign times the root of 1/2, 1 or 3/2, each of the six as likely.
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
# With so many clusters there are 4096 patterns of two signs, ten for each of 399 draws.
ENOUGH = 12


def signs_of(
    rng: np.random.Generator, replicates: int, cluster: NDArray[np.int64], points: Array | None
) -> Array:
    """Return a sign for each replicate and row (replicates, n): the same within a cluster.

    ``points`` are equally likely; None takes Rademacher's from :data:`ENOUGH` clusters on, and
    Webb's for fewer.
    """
    clusters = int(cluster.max()) + 1
    if points is None:
        points = RADEMACHER if clusters >= ENOUGH else WEBB
    return np.asarray(rng.choice(points, size=(replicates, clusters))[:, cluster])


@dataclass(frozen=True)
class Piece:
    """An interval of growths per year; an end is infinite where the set goes beyond the grid."""

    low: float
    high: float


def pieces(grid: Array, above: Array) -> list[Piece]:
    """Return the intervals where a function on a grid is above 0, ends by linear interpolation."""
    found: list[Piece] = []
    low: float | None = -np.inf if above[0] > 0 else None
    for i in range(1, len(grid)):
        if (above[i] > 0) == (above[i - 1] > 0):
            continue
        share = above[i - 1] / (above[i - 1] - above[i])
        crossing = float(grid[i - 1] + share * (grid[i] - grid[i - 1]))
        if above[i] > 0:
            low = crossing
        else:
            found.append(Piece(-np.inf if low is None else low, crossing))
            low = None
    if low is not None:
        found.append(Piece(low, np.inf))
    return found
