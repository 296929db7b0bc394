"""Compiled inner loops of the item response fit: Newton's method, capabilities eliminated.

The objective, with pairs i of a version m and a benchmark b, weights w and a floor g_b, is

    F = 1/2 sum_i w_i (p_i - y_i)^2 + ridge / 2 (sum_m C_m^2 + sum_b D_b^2 + sum_b alpha_b^2),
    p_i = g_b + (1 - g_b) sigma(z_i),   z_i = alpha_b (C_m - D_b),

where the ridge rests on the free parameters alone. The block of the Hessian that belongs to the
capabilities is diagonal, for no two versions share a pair. Elimination of this block leaves a
system in difficulties and slopes, at most twice the number of benchmarks wide.

What travels together is a tuple, for numba knows no classes that are cheap to pass:

data   starts, benchmark, score, weight, floor, ridge; pairs are sorted by version, those of
       version m being `starts[m] : starts[m + 1]`
point  C, and T, which is D and alpha one after the other
free   which elements of C and T are parameters
out    gradient of C, gradient of T, diagonal of C, cross terms of C with D and with alpha (of each
       pair), block of T
"""

from __future__ import annotations

import numpy as np
from numba import njit

from algoprog.common.compiled import load_numba

load_numba()

_FAST = {"reassoc", "contract", "nsz"}  # lets sums vectorise; NaN and inf keep their meaning
FIRST_DAMPING = 1e-2
LEAST_DAMPING = 1e-12  # below it there is none
LEAST_SCALE = 1e-4  # of the mean curvature in C, so that flat directions are damped too
ROUNDING = 4e-15  # relative, of the objective: a step that changes less does not worsen the fit
DEGENERATE = 1e-13  # a pivot below this share of its diagonal is no pivot


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def objective(data, point, free):
    """F at a point; fixed parameters bear no ridge."""
    starts, benchmark, score, weight, floor, ridge = data
    C, T = point
    n = T.shape[0] // 2
    total = 0.0
    for m in range(C.shape[0]):
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            p = floor[b] + (1.0 - floor[b]) / (1.0 + np.exp(-T[n + b] * (C[m] - T[b])))
            total += weight[i] * (p - score[i]) ** 2
        if free[0][m]:
            total += ridge * C[m] * C[m]
    for j in range(2 * n):
        if free[1][j]:
            total += ridge * T[j] * T[j]
    return 0.5 * total


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def derivatives(data, point, second, out):
    """Fill `out` with the gradient and the blocks of the Hessian.

    `second` is 1 for the Hessian and 0 for its Gauss-Newton part, which is positive semi-definite.
    """
    starts, benchmark, score, weight, floor, ridge = data
    C, T = point
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = T.shape[0] // 2
    g_t[:] = 0.0
    h_t[:, :] = 0.0
    for m in range(C.shape[0]):
        gradient, diagonal = 0.0, 0.0
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            u, a = C[m] - T[b], T[n + b]
            s = 1.0 / (1.0 + np.exp(-a * u))
            r = floor[b] + (1.0 - floor[b]) * s - score[i]
            p1 = (1.0 - floor[b]) * s * (1.0 - s)
            fz = weight[i] * r * p1
            fzz = weight[i] * (p1 * p1 + second * r * p1 * (1.0 - 2.0 * s))
            cross = fzz * a * u + second * fz
            gradient += fz * a
            diagonal += fzz * a * a
            g_t[b] -= fz * a
            g_t[n + b] += fz * u
            x_d[i] = -fzz * a * a
            x_a[i] = cross
            h_t[b, b] += fzz * a * a
            h_t[n + b, b] -= cross
            h_t[n + b, n + b] += fzz * u * u
        g_c[m] = gradient + ridge * C[m]
        h_c[m] = diagonal + ridge
    for j in range(2 * n):
        g_t[j] += ridge * T[j]
        h_t[j, j] += ridge


@njit(cache=True, error_model="numpy")
def hold(values, gradient, free, low, high, held):
    """Mark what cannot move: fixed parameters, and those a bound keeps from descending.

    Return the largest component of the gradient among the others.
    """
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
def eliminate(data, out, held, damping, scale, S, right):
    """Fill S and `right` with the damped system in T, capabilities eliminated.

    Return False if a capability has no curvature.
    """
    starts, benchmark = data[0], data[1]
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = h_t.shape[0] // 2
    for i in range(2 * n):
        for j in range(i + 1):
            S[i, j] = h_t[i, j]
        S[i, i] += damping * scale[1][i]
        right[i] = -g_t[i]
    for m in range(h_c.shape[0]):
        pivot = h_c[m] + damping * scale[0][m]
        if held[0][m]:
            continue
        if not pivot > 0.0:
            return False
        for i in range(starts[m], starts[m + 1]):
            a, d, e = benchmark[i], x_d[i] / pivot, x_a[i] / pivot
            right[a] += d * g_c[m]
            right[n + a] += e * g_c[m]
            for j in range(starts[m], starts[m + 1]):
                b = benchmark[j]
                if a >= b:
                    S[a, b] -= d * x_d[j]
                    S[n + a, n + b] -= e * x_a[j]
                S[n + a, b] -= e * x_d[j]
    for i in range(2 * n):
        if held[1][i]:
            for j in range(2 * n):
                S[i, j] = 0.0
                S[j, i] = 0.0
            S[i, i] = 1.0
            right[i] = 0.0
    return True


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def newton_step(data, out, held, damping, scale, step, S):
    """Solve (H + damping diag(scale)) step = -gradient; False if the matrix is not positive."""
    starts, benchmark = data[0], data[1]
    g_c, h_c, x_d, x_a = out[0], out[2], out[3], out[4]
    step_c, step_t = step
    n = step_t.shape[0] // 2
    if not eliminate(data, out, held, damping, scale, S, step_t) or not factorise(S):
        return False
    substitute(S, step_t)
    for m in range(h_c.shape[0]):
        step_c[m] = 0.0
        if held[0][m]:
            continue
        value = -g_c[m]
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            value -= x_d[i] * step_t[b] + x_a[i] * step_t[n + b]
        step_c[m] = value / (h_c[m] + damping * scale[0][m])
    return True


@njit(cache=True, error_model="numpy")
def move(point, step, bounds, moved):
    """Set `moved` to point + step within the bounds."""
    for part in range(2):
        low, high = bounds[2 * part], bounds[2 * part + 1]
        for j in range(point[part].shape[0]):
            moved[part][j] = min(max(point[part][j] + step[part][j], low[j]), high[j])


@njit(cache=True, error_model="numpy")
def advance(data, point, problem, value, damping, work):
    """Find a step that does not worsen F, with more damping where it has to be.

    Return F there (inf if there is none), the damping, and whether the Hessian was positive; the
    new point is `work`'s last member.
    """
    free, bounds, held = problem
    out, scale, step, S, moved = work
    derivatives(data, point, 1.0, out)
    exact = True
    for _ in range(40):
        if newton_step(data, out, held, damping, scale, step, S):
            move(point, step, bounds, moved)
            new = objective(data, moved, free)
            if new <= value + ROUNDING * abs(value):
                return new, damping, exact
        elif exact:
            exact = False
            derivatives(data, point, 0.0, out)
        damping = max(4.0 * damping, 1e-6)
    return np.inf, damping, exact


@njit(cache=True, error_model="numpy")
def descend(data, point, free, bounds, tolerance, most):
    """Minimise F from a point, which becomes the minimum.

    Return F, the largest free component of the gradient, and the number of iterations. `bounds`
    are (lowest C, highest C, lowest T, highest T). The Hessian is used where it is positive
    definite; elsewhere its Gauss-Newton part, and more damping, replace it.
    """
    C, T = point
    M, n2, N = C.shape[0], T.shape[0], data[2].shape[0]
    out = (np.empty(M), np.empty(n2), np.empty(M), np.empty(N), np.empty(N), np.empty((n2, n2)))
    scale, held = (np.empty(M), np.empty(n2)), (np.zeros(M, np.bool_), np.zeros(n2, np.bool_))
    moved = (np.empty(M), np.empty(n2))
    work = (out, scale, (np.zeros(M), np.zeros(n2)), np.empty((n2, n2)), moved)
    value = objective(data, point, free)
    damping, iteration, largest, stalled = FIRST_DAMPING, 0, np.inf, 0
    while iteration < most:
        iteration += 1
        derivatives(data, point, 0.0, out)
        least = LEAST_SCALE * out[2].mean()
        for m in range(M):
            scale[0][m] = max(out[2][m], least)
        for j in range(n2):
            scale[1][j] = max(out[5][j, j], least)
        largest = max(
            hold(C, out[0], free[0], bounds[0], bounds[1], held[0]),
            hold(T, out[1], free[1], bounds[2], bounds[3], held[1]),
        )
        if largest <= tolerance or stalled > 3:
            break
        new, damping, exact = advance(data, point, (free, bounds, held), value, damping, work)
        if not np.isfinite(new):
            break
        stalled = stalled + 1 if value - new <= ROUNDING * abs(value) else 0
        C[:], T[:] = moved[0], moved[1]
        value = new
        if not exact:
            damping = max(0.3 * damping, 1e-3)
        else:
            damping = 0.1 * damping if damping > LEAST_DAMPING else 0.0
    return value, largest, iteration
