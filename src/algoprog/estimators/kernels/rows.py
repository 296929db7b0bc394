"""Loops over rows: predictions, residuals, derivatives and norms of the columns.

They know a law's arrays and weights; they know no descent.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from algoprog.estimators.kernels.arrays import Law, Target
from algoprog.model.design import LANES

_FAST = {"reassoc", "contract", "nsz"}  # lets sums vectorise; NaN and inf keep their meaning


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def dot(a, b):
    """Return sum_i a_i b_i."""
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i] * b[i]
    return s


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def weighted_square(w, r):
    """Return sum_i w_i r_i^2."""
    s = 0.0
    for i in range(r.shape[0]):
        s += w[i] * r[i] * r[i]
    return s


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def four_dots(v, a, b, c, d):
    """Return v.a, v.b, v.c, v.d in one pass over v."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for i in range(v.shape[0]):
        s0 += v[i] * a[i]
        s1 += v[i] * b[i]
        s2 += v[i] * c[i]
        s3 += v[i] * d[i]
    return s0, s1, s2, s3


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def exponentials(e, t):
    """Write E = exp(e) in place, to one unit in the last place, in loops that vectorise.

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
    """Write E = base + the contributions of columns a ... a + 3, in one pass."""
    c0, c1, c2, c3 = theta[index[a]], theta[index[a + 1]], theta[index[a + 2]], theta[index[a + 3]]
    x0, x1, x2, x3 = x[a], x[a + 1], x[a + 2], x[a + 3]
    for i in range(e.shape[0]):
        e[i] = base[i] + c0 * x0[i] + c1 * x1[i] + c2 * x2[i] + c3 * x3[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def predict_terms(theta, law, terms, work):
    """Fill ``terms`` (K, n) with E_ki; no allocation. ``work`` (n,) is overwritten."""
    x, pointer, index, exponential, g = (
        law.columns,
        law.pointer,
        law.owner,
        law.exponential,
        law.gamma,
    )
    k_terms, n = terms.shape
    log_sigma = 0.0
    if g >= 0:
        z = theta[g]
        log_sigma = -np.log1p(np.exp(-z)) if z > 0 else z - np.log1p(np.exp(z))
    for k in range(k_terms):
        e, o = terms[k], law.offset[k]
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
                    e[i] += law.multiplier[i] * log_sigma
            exponentials(e, work)


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def residuals(y, terms, w, r):
    """Fill r = y - the sum of the terms; return the weighted mean square of r."""
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


@njit(cache=True, error_model="numpy")
def drawn_rows(law, target, weights):
    """Return a law and a target on the rows that ``weights`` (n,) count, up to full lanes.

    A bootstrap of papers leaves out three in eight of them, and sums pass over no row twice.
    """
    m, n = law.columns.shape
    drawn = 0
    for i in range(n):
        if weights[i] > 0.0:
            drawn += 1
    size = drawn + (-drawn) % LANES
    if size >= n:
        return law, Target(
            target.response, weights, target.penalty, target.tolerance, target.iterations
        )
    columns, offset = np.zeros((m, size)), np.zeros((law.offset.shape[0], size))
    multiplier, response, counted = np.zeros(size), np.zeros(size), np.zeros(size)
    at = 0
    for i in range(n):
        if weights[i] > 0.0:
            for j in range(m):
                columns[j, at] = law.columns[j, i]
            for k in range(law.offset.shape[0]):
                offset[k, at] = law.offset[k, i]
            multiplier[at], response[at] = law.multiplier[i], target.response[i]
            counted[at] = weights[i]
            at += 1
    part = Law(columns, law.pointer, law.owner, law.exponential, offset, multiplier, law.gamma)
    return part, Target(response, counted, target.penalty, target.tolerance, target.iterations)


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def gradient(theta, law, w, here, grad, c2):
    """Fill ``grad`` (p,) with the gradient of the weighted mean square."""
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    terms, r = here.terms, here.residual
    k_terms, n = terms.shape
    grad[:] = 0.0
    for k in range(k_terms):
        ek = terms[k]
        if law.exponential[k]:
            for i in range(n):
                c2[i] = -2.0 * w[i] * ek[i] * r[i]
            if g >= 0:
                grad[g] += dot(c2, law.multiplier) / (1.0 + np.exp(theta[g]))
        else:
            for i in range(n):
                c2[i] = -2.0 * w[i] * r[i]
        for a in range(pointer[k], pointer[k + 1]):
            grad[index[a]] += dot(c2, x[a])


@njit(cache=True, error_model="numpy", fastmath=_FAST)
def second_derivatives(theta, law, w, here, exact, matrix, space):
    """Fill ``matrix`` (p, p): the weighted mean square's Hessian, or only its Gauss-Newton part.

    The blocks of terms k, l are X_k' diag(c) X_l with c = 2 w E_k E_l, less 2 w r E_k on the
    diagonal blocks of the Hessian.
    """
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    exponential, multiplier = law.exponential, law.multiplier
    terms, r, c1, v = here.terms, here.residual, space.row, space.other
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
def column_sizes(theta, law, w, here, space):
    """Fill ``squares`` (p,), mean squares of dyhat/dtheta_j, and ``drift``, their derivatives."""
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    exponential, multiplier = law.exponential, law.multiplier
    terms, squares, drift = here.terms, space.squares, space.drift
    c1, v = space.row, space.other
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
def unit_metrics(law, w, unit, v):
    """Fill unit[k] = 2 X_k' W X_k, the size of a step in the linear predictor of term k."""
    x, pointer, index = law.columns, law.pointer, law.owner
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
def largest_columns(law, w, y, unit, largest):
    """Fill ``largest`` (p,): each Jacobian column's norm when its term is as large as y."""
    exponential, multiplier, g = law.exponential, law.multiplier, law.gamma
    square = weighted_square(w, y)
    for j in range(largest.shape[0]):
        s = 0.0
        for k in range(unit.shape[0]):
            s += 0.5 * unit[k, j, j] * (square if exponential[k] else 1.0)
        largest[j] = np.sqrt(s)
    if g >= 0:
        largest[g] = np.sqrt(weighted_square(w, multiplier) * square)
