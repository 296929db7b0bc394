"""Compiled inner loops of the item response fit: Newton's method, capabilities eliminated.

The objective, with pairs i of a version m and a benchmark b, weights w and a floor g_b, is

    F = 1/2 sum_i w_i (p_i - y_i)^2 + ridge / 2 (sum_m C_m^2 + sum_b D_b^2 + sum_b alpha_b^2),
    p_i = g_b + (1 - g_b) sigma(z_i),   z_i = alpha_b (C_m - D_b),

where the ridge rests on the free parameters alone. The block of the Hessian that belongs to the
capabilities is diagonal, for no two versions share a pair. Elimination of this block leaves a
system in difficulties and slopes, at most twice the number of benchmarks wide.

Pairs are sorted by version: those of version m are `starts[m] : starts[m + 1]`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_FAST = {"reassoc", "contract", "nsz"}  # lets sums vectorise; NaN and inf keep their meaning
FIRST_DAMPING = 1e-2
LEAST_DAMPING = 1e-12  # below it there is none
ROUNDING = 4e-15  # relative, of the objective: a step that changes less does not worsen the fit
DEGENERATE = 1e-13  # a pivot below this share of its diagonal is no pivot


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def objective(starts, benchmark, score, weight, floor, ridge, C, D, A, free_c, free_t):
    """F at (C, D, A); fixed parameters bear no ridge."""
    total = 0.0
    for m in range(C.shape[0]):
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            p = floor[b] + (1.0 - floor[b]) / (1.0 + np.exp(-A[b] * (C[m] - D[b])))
            total += weight[i] * (p - score[i]) ** 2
        if free_c[m]:
            total += ridge * C[m] * C[m]
    n = D.shape[0]
    for b in range(n):
        if free_t[b]:
            total += ridge * D[b] * D[b]
        if free_t[n + b]:
            total += ridge * A[b] * A[b]
    return 0.5 * total


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def derivatives(
    starts, benchmark, score, weight, floor, ridge, C, D, A, free_c, free_t, second, out
):
    """Fill `out` with the gradient and the blocks of the Hessian.

    `second` is 1 for the Hessian and 0 for its Gauss-Newton part, which is positive semi-definite.
    `out` is (gradient of C, gradient of D and A, diagonal of C, cross terms of C with D, with A,
    block of D and A).
    """
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = D.shape[0]
    g_t[:] = 0.0
    h_t[:, :] = 0.0
    for m in range(C.shape[0]):
        gradient, diagonal = 0.0, 0.0
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            u = C[m] - D[b]
            s = 1.0 / (1.0 + np.exp(-A[b] * u))
            r = floor[b] + (1.0 - floor[b]) * s - score[i]
            p1 = (1.0 - floor[b]) * s * (1.0 - s)
            fz = weight[i] * r * p1
            fzz = weight[i] * (p1 * p1 + second * r * p1 * (1.0 - 2.0 * s))
            f1 = second * fz
            gradient += fz * A[b]
            diagonal += fzz * A[b] * A[b]
            g_t[b] -= fz * A[b]
            g_t[n + b] += fz * u
            x_d[i] = -fzz * A[b] * A[b]
            x_a[i] = fzz * A[b] * u + f1
            h_t[b, b] += fzz * A[b] * A[b]
            h_t[n + b, b] -= fzz * A[b] * u + f1
            h_t[n + b, n + b] += fzz * u * u
        g_c[m] = gradient + ridge * C[m]
        h_c[m] = diagonal + ridge
    for b in range(n):
        g_t[b] += ridge * D[b]
        g_t[n + b] += ridge * A[b]
        h_t[b, b] += ridge
        h_t[n + b, n + b] += ridge


@njit(cache=True, error_model="numpy")
def hold(values, gradient, free, low, high, held):
    """Mark what cannot move: fixed parameters, and those a bound keeps from descending."""
    largest = 0.0
    for j in range(values.shape[0]):
        at_low = values[j] <= low[j] and gradient[j] > 0.0
        at_high = values[j] >= high[j] and gradient[j] < 0.0
        held[j] = not free[j] or at_low or at_high
        if not held[j]:
            largest = max(largest, abs(gradient[j]))
    return largest


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def factorise(S):
    """Replace the lower triangle of S by its Cholesky factor; False if S is not positive."""
    n = S.shape[0]
    for j in range(n):
        diagonal = S[j, j]
        for k in range(j):
            diagonal -= S[j, k] * S[j, k]
        if not diagonal > DEGENERATE * abs(S[j, j]):
            return False
        root = np.sqrt(diagonal)
        S[j, j] = root
        for i in range(j + 1, n):
            value = S[i, j]
            for k in range(j):
                value -= S[i, k] * S[j, k]
            S[i, j] = value / root
    return True


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def substitute(S, x):
    """Solve S S' x = b in place, S lower triangular."""
    n = S.shape[0]
    for i in range(n):
        for k in range(i):
            x[i] -= S[i, k] * x[k]
        x[i] /= S[i, i]
    for i in range(n - 1, -1, -1):
        x[i] /= S[i, i]
        for k in range(i):
            x[k] -= S[i, k] * x[i]


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def newton_step(starts, benchmark, out, held_c, held_t, damping, step_c, step_t, S, scale):
    """Solve (H + damping diag(scale)) step = -gradient; False if the matrix is not positive."""
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = h_t.shape[0] // 2
    scale_c, scale_t = scale
    for i in range(2 * n):
        for j in range(i + 1):
            S[i, j] = h_t[i, j]
        step_t[i] = -g_t[i]
        S[i, i] += damping * scale_t[i]
    for m in range(h_c.shape[0]):
        pivot = h_c[m] + damping * scale_c[m]
        if held_c[m]:
            continue
        if not pivot > 0.0:
            return False
        for i in range(starts[m], starts[m + 1]):
            a, d, e = benchmark[i], x_d[i] / pivot, x_a[i] / pivot
            step_t[a] += d * g_c[m]
            step_t[n + a] += e * g_c[m]
            for j in range(starts[m], starts[m + 1]):
                b = benchmark[j]
                if a >= b:
                    S[a, b] -= d * x_d[j]
                    S[n + a, n + b] -= e * x_a[j]
                S[n + a, b] -= e * x_d[j]
    for i in range(2 * n):
        if held_t[i]:
            for j in range(2 * n):
                S[i, j] = 0.0
                S[j, i] = 0.0
            S[i, i] = 1.0
            step_t[i] = 0.0
    if not factorise(S):
        return False
    substitute(S, step_t)
    for m in range(h_c.shape[0]):
        step_c[m] = 0.0
        if held_c[m]:
            continue
        value = -g_c[m]
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            value -= x_d[i] * step_t[b] + x_a[i] * step_t[n + b]
        step_c[m] = value / (h_c[m] + damping * scale_c[m])
    return True


@njit(cache=True, error_model="numpy")
def move(values, step, low, high, moved):
    """Return whether anything moves in `moved`, which is values + step within the bounds."""
    changed = False
    for j in range(values.shape[0]):
        moved[j] = min(max(values[j] + step[j], low[j]), high[j])
        changed = changed or moved[j] != values[j]
    return changed


@njit(cache=True, error_model="numpy")
def descend(
    starts,
    benchmark,
    score,
    weight,
    floor,
    ridge,
    C,
    D,
    A,
    free_c,
    free_t,
    low,
    high,
    tolerance,
    most,
):
    """Minimise F from (C, D, A), which become the minimum.

    Return F, the largest free component of the gradient, and the number of iterations. `low` and
    `high` are the bounds of C, D and A, in this order. The Hessian is used where it is positive
    definite; elsewhere its Gauss-Newton part, and more damping, replace it.
    """
    M, n = C.shape[0], D.shape[0]
    T = np.concatenate((D, A))
    low_c, high_c = np.full(M, low[0]), np.full(M, high[0])
    low_t = np.concatenate((np.full(n, low[1]), np.full(n, low[2])))
    high_t = np.concatenate((np.full(n, high[1]), np.full(n, high[2])))
    N = score.shape[0]
    out = (np.empty(M), np.empty(2 * n), np.empty(M), np.empty(N), np.empty(N), np.empty((2 * n, 2 * n)))
    scale = (np.empty(M), np.empty(2 * n))
    held_c, held_t = np.zeros(M, np.bool_), np.zeros(2 * n, np.bool_)
    step_c, step_t, S = np.zeros(M), np.zeros(2 * n), np.empty((2 * n, 2 * n))
    new_c, new_t = np.empty(M), np.empty(2 * n)
    value = objective(starts, benchmark, score, weight, floor, ridge, C, T[:n], T[n:], free_c, free_t)
    damping, iteration, largest, stalled = FIRST_DAMPING, 0, np.inf, 0
    while iteration < most:
        iteration += 1
        derivatives(
            starts, benchmark, score, weight, floor, ridge, C, T[:n], T[n:], free_c, free_t, 0.0, out
        )
        scale[0][:] = out[2]
        for j in range(2 * n):
            scale[1][j] = out[5][j, j]
        largest = max(
            hold(C, out[0], free_c, low_c, high_c, held_c),
            hold(T, out[1], free_t, low_t, high_t, held_t),
        )
        if largest <= tolerance or stalled > 3:
            break
        derivatives(
            starts, benchmark, score, weight, floor, ridge, C, T[:n], T[n:], free_c, free_t, 1.0, out
        )
        exact, accepted = True, False
        for _ in range(40):
            if not newton_step(
                starts, benchmark, out, held_c, held_t, damping, step_c, step_t, S, scale
            ):
                if exact:
                    exact = False
                    derivatives(
                        starts, benchmark, score, weight, floor, ridge, C, T[:n], T[n:], free_c, free_t,
                        0.0, out,
                    )
                damping = max(4.0 * damping, 1e-6)
                continue
            changed = move(C, step_c, low_c, high_c, new_c)
            changed = move(T, step_t, low_t, high_t, new_t) or changed
            new = objective(
                starts, benchmark, score, weight, floor, ridge, new_c, new_t[:n], new_t[n:], free_c, free_t
            )
            if new <= value + ROUNDING * abs(value):
                accepted = True
                break
            damping = max(4.0 * damping, 1e-6)
        if not accepted:
            break
        stalled = stalled + 1 if value - new <= ROUNDING * abs(value) else 0
        C[:] = new_c
        T[:] = new_t
        value = new
        if exact:
            damping = 0.1 * damping if damping > LEAST_DAMPING else 0.0
        else:
            damping = max(0.3 * damping, 1e-3)
    D[:] = T[:n]
    A[:] = T[n:]
    return value, largest, iteration
