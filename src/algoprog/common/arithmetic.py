"""Arithmetic of arrays in one order of operations, the same bytes on every processor.

A library adds up a product of matrices in an order of its own, which is the processor's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def single(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values rounded to single precision, as doubles; what is too large for it as it is."""
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32).astype(np.float64)
    return np.where(np.isfinite(rounded), rounded, values)


def turned(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``points @ matrix.T`` of points (s, p), added column by column from the left."""
    total = np.zeros((len(points), len(matrix)))
    for j in range(matrix.shape[1]):
        total += points[:, j, None] * matrix[:, j]
    return total


def inverse(upper: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of an upper triangular matrix by substitution from its last row."""
    p = len(upper)
    found = np.eye(p)
    for i in range(p - 1, -1, -1):
        for j in range(i + 1, p):
            found[i] -= upper[i, j] * found[j]
        found[i] /= upper[i, i]
    return found
