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

from pathlib import Path

import numpy as np

from algoprog.common.compiled import remove_of_other_sources
from algoprog.estimators.kernels import SOURCES
from algoprog.estimators.kernels.arrays import step_of
from algoprog.estimators.kernels.compiling import allocating, kernel
from algoprog.estimators.kernels.lanes import exponentials
from algoprog.estimators.kernels.steps import cholesky_solve
from algoprog.model.design import LANES

remove_of_other_sources(Path(__file__).parent, [Path(__file__), *SOURCES])

FIRST_DAMPING = 1e-2
LEAST_DAMPING = 1e-12  # below it there is none
LEAST_SCALE = 1e-4  # of the mean curvature in C, so that flat directions are damped too
ROUNDING = 4e-15  # relative, of the objective: a step that changes less does not worsen the fit


@kernel
def curves(data, point, sigma):
    """Fill `sigma` with sigma(z_i) of each pair; what lies beyond the pairs stays a number."""
    starts, benchmark = data[0], data[1]
    C, T = point
    n = T.shape[0] // 2
    sigma[:] = 0.0
    for m in range(C.shape[0]):
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            sigma[i] = -T[n + b] * (C[m] - T[b])
    exponentials(sigma)
    for i in range(sigma.shape[0]):
        sigma[i] = 1.0 / (1.0 + sigma[i])


@kernel
def objective(data, point, free, sigma):
    """F at a point; fixed parameters bear no ridge. `sigma` is filled on the way."""
    starts, benchmark, score, weight, floor, ridge = data
    C, T = point
    curves(data, point, sigma)
    total = 0.0
    for m in range(C.shape[0]):
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            p = floor[b] + (1.0 - floor[b]) * sigma[i]
            total += weight[i] * (p - score[i]) ** 2
        if free[0][m]:
            total += ridge * C[m] * C[m]
    for j in range(T.shape[0]):
        if free[1][j]:
            total += ridge * T[j] * T[j]
    return 0.5 * total


@kernel
def derivatives(data, point, second, sigma, out):
    """Fill `out` with the gradient and the blocks of the Hessian.

    `second` is 1 for the Hessian and 0 for its Gauss-Newton part, which is positive semi-definite.
    """
    starts, benchmark, score, weight, floor, ridge = data
    C, T = point
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = T.shape[0] // 2
    curves(data, point, sigma)
    g_t[:] = 0.0
    h_t[:, :] = 0.0
    for m in range(C.shape[0]):
        gradient, diagonal = 0.0, 0.0
        for i in range(starts[m], starts[m + 1]):
            b = benchmark[i]
            u, a = C[m] - T[b], T[n + b]
            s = sigma[i]
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
            h_t[b, n + b] -= cross
            h_t[n + b, n + b] += fzz * u * u
        g_c[m] = gradient + ridge * C[m]
        h_c[m] = diagonal + ridge
    for j in range(2 * n):
        g_t[j] += ridge * T[j]
        h_t[j, j] += ridge


@kernel
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


@kernel
def eliminate(data, out, held, damping, scale, S, right):
    """Fill the upper triangle of S and `right`: the damped system in T, capabilities eliminated.

    Return False if a capability has no curvature.
    """
    starts, benchmark = data[0], data[1]
    g_c, g_t, h_c, x_d, x_a, h_t = out
    n = h_t.shape[0] // 2
    for i in range(2 * n):
        for j in range(i, 2 * n):
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
                if a <= b:
                    S[a, b] -= d * x_d[j]
                    S[n + a, n + b] -= e * x_a[j]
                S[a, n + b] -= d * x_a[j]
    return True


@kernel
def newton_step(data, out, held, damping, scale, step, system):
    """Solve (H + damping diag(scale)) step = -gradient; False if the matrix is not positive."""
    starts, benchmark = data[0], data[1]
    g_c, h_c, x_d, x_a = out[0], out[2], out[3], out[4]
    step_c, step_t = step
    n = step_t.shape[0] // 2
    if not eliminate(data, out, held, damping, scale, system.matrix, step_t):
        return False
    solved = 0
    for j in range(2 * n):
        if not held[1][j]:
            system.free[solved], system.rhs[solved] = j, step_t[j]
            solved += 1
        step_t[j] = 0.0
    if not cholesky_solve(solved, system):
        return False
    for i in range(solved):
        step_t[system.free[i]] = system.rhs[i]
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


@kernel
def move(point, step, bounds, moved):
    """Set `moved` to point + step within the bounds."""
    for part in range(2):
        low, high = bounds[2 * part], bounds[2 * part + 1]
        for j in range(point[part].shape[0]):
            moved[part][j] = min(max(point[part][j] + step[part][j], low[j]), high[j])


@kernel
def advance(data, point, problem, value, damping, work):
    """Find a step that does not worsen F, with more damping where it has to be.

    Return F there (inf if there is none), the damping, and whether the Hessian was positive; the
    new point is `work`'s last member.
    """
    free, bounds, held = problem
    sigma, out, scale, step, system, moved = work
    derivatives(data, point, 1.0, sigma, out)
    exact = True
    for _ in range(40):
        if newton_step(data, out, held, damping, scale, step, system):
            move(point, step, bounds, moved)
            new = objective(data, moved, free, sigma)
            if new <= value + ROUNDING * abs(value):
                return new, damping, exact
        elif exact:
            exact = False
            derivatives(data, point, 0.0, sigma, out)
        damping = max(4.0 * damping, 1e-6)
    return np.inf, damping, exact


@allocating
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
    sigma = np.empty(N + (-N) % LANES)
    work = (sigma, out, scale, (np.zeros(M), np.zeros(n2)), step_of(n2), moved)
    value = objective(data, point, free, sigma)
    damping, iteration, largest, stalled = FIRST_DAMPING, 0, np.inf, 0
    while iteration < most:
        iteration += 1
        derivatives(data, point, 0.0, sigma, out)
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
