"""The published objective and its differences, bit for bit as NumPy computes them.

Where the published optimiser stops depends on rounding, so these loops add in NumPy's order: a
linear predictor column by column from the left, a mean over rows pairwise. Nothing is reordered or
fused here. Exponentials and powers are NumPy's own, taken between the two loops.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from algoprog.estimators.kernels.compiling import allocating, kernel

BLOCK = 128  # NumPy sums so many numbers in eight lanes, and halves what is longer


@kernel
def linear_predictors(theta, moved, law, term, parameter, eta):
    """Fill eta (q, n): the linear predictor of term[i] at theta, with parameter[i] at ``moved``.

    A parameter of -1 moves none.
    """
    for i in range(term.shape[0]):
        k, other, row = term[i], parameter[i], eta[i]
        for r in range(row.shape[0]):
            row[r] = law.offset[k, r]
        for j in range(law.pointer[k], law.pointer[k + 1]):
            owner, column = law.owner[j], law.columns[j]
            value = moved[owner] if owner == other else theta[owner]
            for r in range(row.shape[0]):
                row[r] = row[r] + value * column[r]


@kernel
def eight_lanes(x, first, last):
    """Return the sum of x[first:last], at most BLOCK numbers, as NumPy adds them."""
    n = last - first
    if n < 8:
        s = 0.0
        for i in range(first, last):
            s += x[i]
        return s
    s0, s1, s2, s3 = x[first], x[first + 1], x[first + 2], x[first + 3]
    s4, s5, s6, s7 = x[first + 4], x[first + 5], x[first + 6], x[first + 7]
    whole = last - n % 8
    for i in range(first + 8, whole, 8):
        s0 += x[i]
        s1 += x[i + 1]
        s2 += x[i + 2]
        s3 += x[i + 3]
        s4 += x[i + 4]
        s5 += x[i + 5]
        s6 += x[i + 6]
        s7 += x[i + 7]
    s = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for i in range(whole, last):
        s += x[i]
    return s


@kernel
def multiply(x, factor, level):
    """Multiply each x[i] by factor[level[i]]."""
    for i in range(x.shape[0]):
        x[i] = x[i] * factor[level[i]]


# A kernel that calls itself: numba must be told its types.
@njit("float64(float64[::1], int64, int64)", cache=True, error_model="numpy", _nrt=False)
def pairwise(x, first, last):
    """Return the sum of x[first:last] as NumPy adds what lies side by side."""
    n = last - first
    if n <= BLOCK:
        return eight_lanes(x, first, last)
    half = n // 2
    half -= half % 8
    return pairwise(x, first, first + half) + pairwise(x, first + half, last)


@kernel
def mean_squares(response, terms, which, exponentials, level, factor, work, out):
    """Fill out (m,): at each of m points, the mean over rows of (response - sum of terms)^2.

    Point a has the rows which[a] (m, K) of ``terms`` (q, n). The first ``exponentials`` of them are
    multiplied by factor[a, level[i]] before the linear ones are added; ``factor`` (m, 0) multiplies
    nothing. ``work`` is (n,).
    """
    n = work.shape[0]
    for a in range(which.shape[0]):
        first = terms[which[a, 0]]
        for i in range(n):
            work[i] = first[i]
        for k in range(1, which.shape[1]):
            if k == exponentials and factor.shape[1] > 0:
                multiply(work, factor[a], level)
            row = terms[which[a, k]]
            for i in range(n):
                work[i] = work[i] + row[i]
        if which.shape[1] == exponentials and factor.shape[1] > 0:
            multiply(work, factor[a], level)
        for i in range(n):
            residual = response[i] - work[i]
            work[i] = residual * residual
        out[a] = pairwise(work, 0, n) / n


@allocating
def add_sizes(theta, moved, delta, out):
    """Add delta * sum |theta| to out[0], and to out[1 + j] that with parameter j at ``moved``."""
    size = np.empty(theta.shape[0])
    for a in range(out.shape[0]):
        for j in range(theta.shape[0]):
            size[j] = abs(moved[j] if j == a - 1 else theta[j])
        out[a] = out[a] + delta * pairwise(size, 0, size.shape[0])
