"""Compiled inner loops of the solver: one local minimisation of the penalised least squares.

The objective, for a compiled variant with terms k, parameters theta and weights w (sum 1), is

    F(theta) = sum_i w_i (y_i - yhat_i)^2 + sum_j penalty_j |theta_j|,
    yhat_i   = sum_k E_ki,   E_ki = exp(offset_ki + X_ki theta) s_i   for an exponential term,
                             E_ki = offset_ki + X_ki theta            for a linear one,

with s_i = sigma(theta_g)^{m_i} when the variant has a multiplier. Every derivative is in closed
form. The method is Newton's with a damping term; each step minimises the damped quadratic model
*plus the exact L1 term* by an active-set method, so a parameter lands on zero exactly.
"""

from __future__ import annotations

import numpy as np
from numba import njit

VANISHED = 1e-8  # a column this much below its natural norm belongs to a term at zero
RIDGE = 1e-9  # share of its diagonal added to the metric, so that collinear columns stay solvable
FIRST_DAMPING = 1e-2
SHRINK = 0.1  # of the damping after a step the model foresaw
LAST_STEPS = 1e-5  # of the objective: smaller gains are the end of a descent
MATTERS = 0.02  # share of the curvature along a step from which on damping shortens it
NOISE = 1e-7  # residuals this small against the response have gradients lost in rounding
ROUNDING = 1e-14  # relative, of a weighted sum of squares
_FAST = {"reassoc", "contract", "nsz"}  # lets sums vectorise; NaN and inf keep their meaning


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def dot(a, b):
    """sum_i a_i b_i."""
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i] * b[i]
    return s


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def weighted_square(w, r):
    """sum_i w_i r_i^2."""
    s = 0.0
    for i in range(r.shape[0]):
        s += w[i] * r[i] * r[i]
    return s


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def four_dots(v, a, b, c, d):
    """v.a, v.b, v.c, v.d in one pass over v."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for i in range(v.shape[0]):
        s0 += v[i] * a[i]
        s1 += v[i] * b[i]
        s2 += v[i] * c[i]
        s3 += v[i] * d[i]
    return s0, s1, s2, s3


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def exponentials(e, t):
    """E = exp(e) in place, to one unit in the last place, in loops that vectorise.

    Cody and Waite's reduction x = k ln2 + r, |r| <= ln2 / 2, a Taylor polynomial of degree 13 for
    exp(r) (remainder below 4e-18), and 2^k written into the bits of a double (Muller, Elementary
    Functions, chapter 11). Arguments are clamped to [-708, 709.7]: small results stay normal
    numbers, large ones become inf. ``t`` is work space of the same length.
    """
    n = e.shape[0]
    bits = t.view(np.int64)
    for i in range(n):
        x = min(max(e[i], -708.0), 709.7)
        # adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits
        shifted = x * 1.4426950408889634 + 6755399441055744.0
        k = shifted - 6755399441055744.0
        r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
        p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        e[i] = p * r + 1.0
        t[i] = shifted
    for i in range(n):
        bits[i] = (bits[i] + 1023) << 52
    for i in range(n):
        e[i] *= t[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def add_four(e, base, theta, index, x, a):
    """E = base + the contributions of columns a ... a + 3, in one pass."""
    c0, c1, c2, c3 = theta[index[a]], theta[index[a + 1]], theta[index[a + 2]], theta[index[a + 3]]
    x0, x1, x2, x3 = x[a], x[a + 1], x[a + 2], x[a + 3]
    for i in range(e.shape[0]):
        e[i] = base[i] + c0 * x0[i] + c1 * x1[i] + c2 * x2[i] + c3 * x3[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def predict_terms(theta, x, pointer, index, exponential, offset, multiplier, g, terms, work):
    """Fill ``terms`` (K, n) with E_ki; no allocation. ``work`` (n,) is overwritten."""
    k_terms, n = terms.shape
    log_sigma = 0.0
    if g >= 0:
        z = theta[g]
        log_sigma = -np.log1p(np.exp(-z)) if z > 0 else z - np.log1p(np.exp(z))
    for k in range(k_terms):
        e, o = terms[k], offset[k]
        a, last = pointer[k], pointer[k + 1]
        if last - a >= 4:
            add_four(e, o, theta, index, x, a)
            a += 4
        else:
            e[:] = o
        while a + 4 <= last:
            add_four(e, e, theta, index, x, a)
            a += 4
        while a < last:
            c, xa = theta[index[a]], x[a]
            for i in range(n):
                e[i] += c * xa[i]
            a += 1
        if exponential[k]:
            if g >= 0:
                for i in range(n):
                    e[i] += multiplier[i] * log_sigma
            exponentials(e, work)


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def residuals(y, terms, w, r):
    """Fill r = y - the sum of the terms; the weighted mean square of r."""
    k_terms, n = terms.shape
    if k_terms == 1:
        for i in range(n):
            r[i] = y[i] - terms[0, i]
    else:
        first, second = terms[0], terms[1]
        for i in range(n):
            r[i] = y[i] - first[i] - second[i]
        for k in range(2, k_terms):
            e = terms[k]
            for i in range(n):
                r[i] -= e[i]
    return weighted_square(w, r)


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def add_block(matrix, c, x, v, index, a0, a1, b0, b1):
    """Add X_a' diag(c) X_b and its transpose; where the ranges are one, only the block itself."""
    same = a0 == b0
    n = c.shape[0]
    for a in range(a0, a1):
        ia = index[a]
        xa = x[a]
        for i in range(n):
            v[i] = c[i] * xa[i]
        b = a if same else b0
        while b + 4 <= b1:
            s0, s1, s2, s3 = four_dots(v, x[b], x[b + 1], x[b + 2], x[b + 3])
            matrix[ia, index[b]] += s0
            matrix[ia, index[b + 1]] += s1
            matrix[ia, index[b + 2]] += s2
            matrix[ia, index[b + 3]] += s3
            if not (same and b == a):
                matrix[index[b], ia] += s0
            matrix[index[b + 1], ia] += s1
            matrix[index[b + 2], ia] += s2
            matrix[index[b + 3], ia] += s3
            b += 4
        while b < b1:
            s = dot(v, x[b])
            matrix[ia, index[b]] += s
            if not (same and b == a):
                matrix[index[b], ia] += s
            b += 1


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def gradient(theta, x, pointer, index, exponential, multiplier, g, w, terms, r, grad, c2):
    """Gradient (p,) of the weighted mean square."""
    k_terms, n = terms.shape
    grad[:] = 0.0
    for k in range(k_terms):
        ek = terms[k]
        if exponential[k]:
            for i in range(n):
                c2[i] = -2.0 * w[i] * ek[i] * r[i]
            if g >= 0:
                grad[g] += dot(c2, multiplier) / (1.0 + np.exp(theta[g]))
        else:
            for i in range(n):
                c2[i] = -2.0 * w[i] * r[i]
        for a in range(pointer[k], pointer[k + 1]):
            grad[index[a]] += dot(c2, x[a])


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def second_derivatives(
    theta, x, pointer, index, exponential, multiplier, g, w, terms, r, exact, matrix, c1, v
):
    """Hessian (p, p) of the weighted mean square, or with ``exact`` False its Gauss-Newton part.

    The blocks of terms k, l are X_k' diag(c) X_l with c = 2 w E_k E_l, less 2 w r E_k on the
    diagonal blocks of the Hessian.
    """
    k_terms, n = terms.shape
    matrix[:, :] = 0.0
    rest = 0.0
    if g >= 0:
        rest = 1.0 / (1.0 + np.exp(theta[g]))  # 1 - sigma
    for k in range(k_terms):
        ek = terms[k]
        ka, kb = pointer[k], pointer[k + 1]
        for m in range(k, k_terms):
            el = terms[m]
            la, lb = pointer[m], pointer[m + 1]
            if exponential[k] and exponential[m]:
                if k == m and exact:
                    for i in range(n):
                        c1[i] = 2.0 * w[i] * ek[i] * (ek[i] - r[i])
                else:
                    for i in range(n):
                        c1[i] = 2.0 * w[i] * ek[i] * el[i]
            elif exponential[k]:
                for i in range(n):
                    c1[i] = 2.0 * w[i] * ek[i]
            elif exponential[m]:
                for i in range(n):
                    c1[i] = 2.0 * w[i] * el[i]
            else:
                for i in range(n):
                    c1[i] = 2.0 * w[i]
            add_block(matrix, c1, x, v, index, ka, kb, la, lb)
            if g >= 0:
                # the multiplier is one more column, m (1 - sigma), of every exponential
                for i in range(n):
                    v[i] = c1[i] * multiplier[i] * rest
                if exponential[m]:
                    for a in range(ka, kb):
                        s = dot(v, x[a])
                        matrix[index[a], g] += s
                        matrix[g, index[a]] += s
                if exponential[k] and m != k:
                    for b in range(la, lb):
                        s = dot(v, x[b])
                        matrix[index[b], g] += s
                        matrix[g, index[b]] += s
                if exponential[k] and exponential[m]:
                    matrix[g, g] += (1.0 if k == m else 2.0) * rest * dot(v, multiplier)
        if g >= 0 and exact and exponential[k]:
            for i in range(n):
                v[i] = 2.0 * w[i] * r[i] * ek[i]
            matrix[g, g] += rest * (1.0 - rest) * dot(v, multiplier)


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def column_sizes(
    theta, x, pointer, index, exponential, multiplier, g, w, terms, squares, drift, c1, v
):
    """Mean squares (p,) of the columns dyhat/dtheta_j; derivatives of the terms' mean squares."""
    k_terms, n = terms.shape
    drift[:] = 0.0
    for j in range(theta.shape[0]):
        v[:] = 0.0
        if j == g:
            for k in range(k_terms):
                if exponential[k]:
                    for i in range(n):
                        v[i] += terms[k, i] * multiplier[i] / (1.0 + np.exp(theta[g]))
            squares[j] = weighted_square(w, v)
            continue
        for k in range(k_terms):
            for a in range(pointer[k], pointer[k + 1]):
                if index[a] == j:
                    if exponential[k]:
                        for i in range(n):
                            c1[i] = terms[k, i] * x[a, i]
                            v[i] += c1[i]
                        for i in range(n):
                            drift[j] += w[i] * terms[k, i] * c1[i]
                    else:
                        for i in range(n):
                            v[i] += x[a, i]
        squares[j] = weighted_square(w, v)


@njit(cache=True, error_model="numpy")
def smallest_subgradient(theta, grad, penalty, sub):
    """Absolute components (p,) of the smallest subgradient of the objective."""
    for j in range(theta.shape[0]):
        if theta[j] > 0.0:
            sub[j] = abs(grad[j] + penalty[j])
        elif theta[j] < 0.0:
            sub[j] = abs(grad[j] - penalty[j])
        else:
            sub[j] = max(abs(grad[j]) - penalty[j], 0.0)


@njit(cache=True, error_model="numpy")
def subgradient_size(sub, grad, squares, penalty, mean_square, noise, largest, drift):
    """Largest relative component of the smallest subgradient.

    Component j is ``sub``, that is |g_j + penalty_j sign(theta_j)|, or max(|g_j| - penalty_j, 0) at
    theta_j = 0, divided by 2 rms(r) rms(dyhat/dtheta_j) + penalty_j: a number without units that
    is 1 at most and, for penalty 0, the cosine between the residuals and a column of the Jacobian.

    Without a penalty the infimum may lie at infinity, where a column of the Jacobian vanishes and
    its cosine means nothing. A column below VANISHED times its ``largest`` norm (that of a term
    as large as the response) is measured against that norm instead, and counts only if descent
    makes it vanish further (g_j drift_j >= 0, drift_j the derivative of the term's mean square).

    Residuals below ``noise`` (rms) are rounding, whose direction means nothing: they count as it.
    """
    worst = 0.0
    size = max(np.sqrt(mean_square), noise)
    for j in range(sub.shape[0]):
        norm = np.sqrt(squares[j])
        if penalty[j] == 0.0 and norm < VANISHED * largest[j] and grad[j] * drift[j] >= 0.0:
            norm = largest[j]
        scale = 2.0 * size * norm + penalty[j]
        s = sub[j]
        if s > 0.0:
            s = s / scale if scale > 0.0 else np.inf
        if not s <= worst:
            worst = s
    return worst


@njit(cache=True, error_model="numpy")
def surely_not_stationary(sub, penalty, mean_square, noise, largest, tolerance):
    """A bound that spares :func:`column_sizes`: no column is above twice its ``largest`` norm."""
    size = max(np.sqrt(mean_square), noise)
    for j in range(sub.shape[0]):
        if sub[j] > 10.0 * tolerance * (4.0 * size * largest[j] + penalty[j]):
            return True
    return False


@njit(cache=True, error_model="numpy")
def cholesky_solve(b, free, m, rhs, low):
    """Solve B[free, free] d = rhs in place by Cholesky; False when not positive definite."""
    for i in range(m):
        for j in range(i + 1):
            s = b[free[i], free[j]]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            if i == j:
                if not s > 1e-14 * b[free[i], free[i]]:
                    return False
                low[i, i] = np.sqrt(s)
            else:
                low[i, j] = s / low[j, j]
    for i in range(m):
        s = rhs[i]
        for k in range(i):
            s -= low[i, k] * rhs[k]
        rhs[i] = s / low[i, i]
    for i in range(m - 1, -1, -1):
        s = rhs[i]
        for k in range(i + 1, m):
            s -= low[k, i] * rhs[k]
        rhs[i] = s / low[i, i]
    return True


@njit(cache=True, error_model="numpy")
def l1_model_step(theta, grad, b, penalty, u, sign, active, q, free, rhs, low):
    """Minimise grad.(u - theta) + (u - theta).B.(u - theta)/2 + sum penalty |u| over u.

    Active-set method: free parameters keep their sign, one that would change it stops at zero,
    a zero whose subgradient leaves [-penalty, penalty] is freed. False when B is not positive
    definite on a free set it met.
    """
    p = theta.shape[0]
    for j in range(p):
        u[j] = theta[j]
        q[j] = grad[j]
        active[j] = True
        if penalty[j] == 0.0:
            sign[j] = 0.0
        elif theta[j] > 0.0:
            sign[j] = 1.0
        elif theta[j] < 0.0:
            sign[j] = -1.0
        else:
            active[j] = False
    for _ in range(20 * p + 20):
        m = 0
        for j in range(p):
            if active[j]:
                free[m] = j
                rhs[m] = -(q[j] + penalty[j] * sign[j])
                m += 1
        blocked = -1
        if m > 0:
            if not cholesky_solve(b, free, m, rhs, low):
                return False
            alpha = 1.0
            for i in range(m):
                j = free[i]
                if penalty[j] > 0.0 and sign[j] * (u[j] + rhs[i]) < 0.0:
                    a = -u[j] / rhs[i]
                    if a < alpha or blocked < 0:
                        alpha = min(a, 1.0)
                        blocked = j
            for i in range(m):
                u[free[i]] += alpha * rhs[i]
            if blocked >= 0:
                u[blocked] = 0.0
                active[blocked] = False
            for j in range(p):
                s = grad[j]
                for i in range(p):
                    s += b[j, i] * (u[i] - theta[i])
                q[j] = s
        if blocked >= 0:
            continue
        worst, enter = 0.0, -1
        for j in range(p):
            if not active[j]:
                excess = abs(q[j]) - penalty[j]
                if excess > worst + 1e-13 * penalty[j]:
                    worst, enter = excess, j
        if enter < 0:
            return True
        active[enter] = True
        sign[enter] = -1.0 if q[enter] > 0.0 else 1.0
    return True


@njit(cache=True, error_model="numpy")
def unit_metrics(x, pointer, index, w, unit, v):
    """unit[k] = 2 X_k' W X_k, the size of a step in the linear predictor of term k."""
    unit[:, :, :] = 0.0
    for k in range(unit.shape[0]):
        for a in range(pointer[k], pointer[k + 1]):
            xa = x[a]
            for i in range(w.shape[0]):
                v[i] = 2.0 * w[i] * xa[i]
            for b in range(a, pointer[k + 1]):
                s = dot(v, x[b])
                unit[k, index[a], index[b]] += s
                if b != a:
                    unit[k, index[b], index[a]] += s


@njit(cache=True, error_model="numpy")
def largest_columns(unit, exponential, g, w, y, multiplier, largest):
    """Norm each column of the Jacobian has when its term is as large as the response."""
    square = weighted_square(w, y)
    for j in range(largest.shape[0]):
        s = 0.0
        for k in range(unit.shape[0]):
            s += 0.5 * unit[k, j, j] * (square if exponential[k] else 1.0)
        largest[j] = np.sqrt(s)
    if g >= 0:
        largest[g] = np.sqrt(weighted_square(w, multiplier) * square)


@njit(cache=True, error_model="numpy")
def update_metric(exponential, g, w, terms, kappa, metric, unit, largest):
    """Metric = sum_k kappa_k unit[k] (+ a little of its diagonal), kappa_k the largest mean E_k^2.

    Damping by this matrix bounds the change of the linear predictors, where the curvature of the
    exponential lives, whatever the units or the collinearity of the columns. Nothing is done
    where no kappa grows.
    """
    p = metric.shape[0]
    grown = False
    for k in range(kappa.shape[0]):
        size = weighted_square(w, terms[k]) if exponential[k] else 1.0
        if size > kappa[k]:
            kappa[k] = size
            grown = True
    if not grown:
        return
    metric[:, :] = 0.0
    for k in range(kappa.shape[0]):
        for a in range(p):
            for b in range(p):
                metric[a, b] += kappa[k] * unit[k, a, b]
    for a in range(p):
        metric[a, a] *= 1.0 + RIDGE
    if g >= 0:
        metric[g, g] = 2.0 * largest[g] ** 2


@njit(cache=True, error_model="numpy")
def minimise(
    theta,
    x,
    pointer,
    index,
    exponential,
    offset,
    multiplier,
    g,
    y,
    w,
    penalty,
    tolerance,
    max_iterations,
    unit,
    largest,
):
    """Local minimum from ``theta`` (changed in place).

    ``unit`` and ``largest`` are those of :func:`unit_metrics` and :func:`largest_columns`.
    Returns (objective, mean square, subgradient size, iterations). The objective is inf when the
    start itself is not finite.
    """
    n, p, k_terms = y.shape[0], theta.shape[0], exponential.shape[0]
    terms, trial = np.empty((k_terms, n)), np.empty((k_terms, n))
    r, r_trial, c1, v = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    grad, sub, squares, drift = np.empty(p), np.empty(p), np.empty(p), np.empty(p)
    newton, gauss, b, low = np.empty((p, p)), np.empty((p, p)), np.empty((p, p)), np.empty((p, p))
    u, sign, q, rhs = np.empty(p), np.empty(p), np.empty(p), np.empty(p)
    metric, kappa = np.empty((p, p)), np.zeros(k_terms)
    active, free = np.empty(p, np.bool_), np.empty(p, np.int64)

    predict_terms(theta, x, pointer, index, exponential, offset, multiplier, g, terms, v)
    mse = residuals(y, terms, w, r)
    f = mse
    for j in range(p):
        f += penalty[j] * abs(theta[j])
    if not np.isfinite(f):
        return np.inf, np.inf, np.inf, 0
    noise = NOISE * np.sqrt(weighted_square(w, y))
    damping, growth = FIRST_DAMPING, 2.0
    iteration = 0
    while True:
        gradient(theta, x, pointer, index, exponential, multiplier, g, w, terms, r, grad, c1)
        smallest_subgradient(theta, grad, penalty, sub)
        if iteration >= max_iterations:
            break
        if not surely_not_stationary(sub, penalty, mse, noise, largest, tolerance):
            column_sizes(
                theta,
                x,
                pointer,
                index,
                exponential,
                multiplier,
                g,
                w,
                terms,
                squares,
                drift,
                c1,
                v,
            )
            size = subgradient_size(sub, grad, squares, penalty, mse, noise, largest, drift)
            if size <= tolerance:
                return f, mse, size, iteration
        second_derivatives(
            theta,
            x,
            pointer,
            index,
            exponential,
            multiplier,
            g,
            w,
            terms,
            r,
            True,
            newton,
            c1,
            v,
        )
        update_metric(exponential, g, w, terms, kappa, metric, unit, largest)
        accepted, have_gauss = False, False
        while iteration < max_iterations and damping <= 1e16:
            iteration += 1
            found = False
            for attempt in range(2):
                if attempt == 1 and not have_gauss:
                    second_derivatives(
                        theta,
                        x,
                        pointer,
                        index,
                        exponential,
                        multiplier,
                        g,
                        w,
                        terms,
                        r,
                        False,
                        gauss,
                        c1,
                        v,
                    )
                    have_gauss = True
                source = newton if attempt == 0 else gauss
                for a in range(p):
                    for c in range(p):
                        b[a, c] = source[a, c] + damping * metric[a, c]
                    b[a, a] += 1e-300
                if l1_model_step(theta, grad, b, penalty, u, sign, active, q, free, rhs, low):
                    found = True
                    break
            if not found:
                damping = max(4.0 * damping, 1e-12)
                continue
            gain, curvature, length = 0.0, 0.0, 0.0
            for a in range(p):
                # q is the model's gradient at u, so B (u - theta) = q - grad
                da = u[a] - theta[a]
                gain -= 0.5 * (grad[a] + q[a]) * da
                gain -= penalty[a] * (abs(u[a]) - abs(theta[a]))
                curvature += (q[a] - grad[a]) * da
                for c in range(p):
                    length += da * metric[a, c] * (u[c] - theta[c])
            if not gain > 0.0:
                damping = max(4.0 * damping, 1e-12)
                continue
            predict_terms(u, x, pointer, index, exponential, offset, multiplier, g, trial, v)
            mse_new = residuals(y, trial, w, r_trial)
            f_new = mse_new
            for j in range(p):
                f_new += penalty[j] * abs(u[j])
            # below the rounding of f the model decides, as long as f does not rise
            tiny = gain <= ROUNDING * f
            ratio = (f - f_new) / gain
            if np.isfinite(f_new) and (ratio > 1e-4 or (tiny and f_new <= f + ROUNDING * f)):
                accepted = True
                f, mse = f_new, mse_new
                theta[:] = u
                terms, trial = trial, terms
                r, r_trial = r_trial, r
                shrink = SHRINK if tiny else max(SHRINK, 1.0 - (2.0 * ratio - 1.0) ** 3)
                # damping that hardly shortened the step is kept, until the last steps
                if shrink >= 1.0 or gain < LAST_STEPS * f or damping * length > MATTERS * curvature:
                    damping = max(damping * shrink, 1e-15)
                growth = 2.0
                break
            # at once to where damping matters along this step
            damping = max(damping * growth, curvature / length - damping)
            growth *= 2.0
        if not accepted:
            break
    column_sizes(
        theta, x, pointer, index, exponential, multiplier, g, w, terms, squares, drift, c1, v
    )
    size = subgradient_size(sub, grad, squares, penalty, mse, noise, largest, drift)
    return f, mse, size, iteration


@njit(cache=True, error_model="numpy")
def search(
    starts,
    noise,
    x,
    pointer,
    index,
    exponential,
    offset,
    multiplier,
    g,
    y,
    w,
    penalty,
    tolerance,
    max_iterations,
    ends,
    objectives,
    squares,
    sizes,
):
    """Descend from each row of ``starts`` (s, p), then from h perturbed ends of those descents.

    Hop k adds row k of ``noise`` (h, p) to the best end so far (k even) or to the end of start
    k // 2 modulo s (k odd). Fills ends (s + h, p), objectives, mean squares and sizes (s + h,).
    """
    s, p = starts.shape
    unit, largest = np.empty((exponential.shape[0], p, p)), np.empty(p)
    unit_metrics(x, pointer, index, w, unit, np.empty(w.shape[0]))
    largest_columns(unit, exponential, g, w, y, multiplier, largest)
    best = 0
    for i in range(s + noise.shape[0]):
        if i < s:
            ends[i] = starts[i]
        else:
            k = i - s
            ends[i] = ends[best] if k % 2 == 0 else ends[(k // 2) % s]
            ends[i] += noise[k]
        objectives[i], squares[i], sizes[i], _ = minimise(
            ends[i],
            x,
            pointer,
            index,
            exponential,
            offset,
            multiplier,
            g,
            y,
            w,
            penalty,
            tolerance,
            max_iterations,
            unit,
            largest,
        )
        if objectives[i] < objectives[best]:
            best = i


@njit(cache=True, error_model="numpy", nogil=True)
def minimise_many(
    starts,
    noise,
    x,
    pointer,
    index,
    exponential,
    offset,
    multiplier,
    g,
    y,
    w,
    penalty,
    tolerance,
    max_iterations,
):
    """:func:`search` with its results: ends, objectives, mean squares, sizes."""
    m, p = starts.shape[0] + noise.shape[0], starts.shape[1]
    ends, objectives, squares, sizes = np.empty((m, p)), np.empty(m), np.empty(m), np.empty(m)
    search(
        starts,
        noise,
        x,
        pointer,
        index,
        exponential,
        offset,
        multiplier,
        g,
        y,
        w,
        penalty,
        tolerance,
        max_iterations,
        ends,
        objectives,
        squares,
        sizes,
    )
    return ends, objectives, squares, sizes


@njit(cache=True, error_model="numpy", nogil=True)
def minimise_replicates(
    starts,
    noise,
    x,
    pointer,
    index,
    exponential,
    offset,
    multiplier,
    g,
    y,
    weights,
    penalty,
    tolerance,
    max_iterations,
    same,
):
    """The best of :func:`search` for each row of ``weights`` (b, n; sums 1).

    Returns per replicate: best end (b, p), objective, mean square, subgradient size, and how many
    descents ended within ``same`` (relative) of the best objective. Of ends with the same objective
    the one with the smallest subgradient is kept.
    """
    b, m, p = weights.shape[0], starts.shape[0] + noise.shape[0], starts.shape[1]
    best, agreeing = np.empty((b, p)), np.zeros(b, np.int64)
    objective, square, size = np.empty(b), np.empty(b), np.empty(b)
    ends, objectives, squares, sizes = np.empty((m, p)), np.empty(m), np.empty(m), np.empty(m)
    for i in range(b):
        search(
            starts,
            noise,
            x,
            pointer,
            index,
            exponential,
            offset,
            multiplier,
            g,
            y,
            weights[i],
            penalty,
            tolerance,
            max_iterations,
            ends,
            objectives,
            squares,
            sizes,
        )
        top = np.argmin(objectives)
        lowest = objectives[top]
        for k in range(m):
            if objectives[k] <= lowest * (1.0 + same):
                agreeing[i] += 1
                if sizes[k] < sizes[top]:
                    top = k
        best[i] = ends[top]
        objective[i], square[i], size[i] = objectives[top], squares[top], sizes[top]
    return best, objective, square, size, agreeing
