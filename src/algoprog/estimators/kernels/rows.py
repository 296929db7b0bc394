"""Loops over rows: predictions, residuals, derivatives and norms of the columns.

They know a law's arrays and weights; they know no descent. The rows of all of them are padded to
whole lanes (``Design.padded``), with weights of zero.
"""

from __future__ import annotations

import numpy as np

from algoprog.estimators.kernels.arrays import Law, Target
from algoprog.estimators.kernels.compiling import allocating, kernel
from algoprog.estimators.kernels.lanes import (
    column_products,
    columns_at_once,
    dot,
    exponential,
    exponentials,
    fused,
    log_of_one_plus,
    weighted_dot,
)
from algoprog.model.design import LANES


@kernel
def weighted_square(w, r):
    """Return sum_i w_i r_i^2."""
    return weighted_dot(w, r, r)


@kernel
def add_four(e, base, theta, index, x, a):
    """Write E = base + the contributions of columns a ... a + 3, in one pass."""
    c0, c1, c2, c3 = theta[index[a]], theta[index[a + 1]], theta[index[a + 2]], theta[index[a + 3]]
    x0, x1, x2, x3 = x[a], x[a + 1], x[a + 2], x[a + 3]
    for i in range(e.shape[0]):
        e[i] = fused(c3, x3[i], fused(c2, x2[i], fused(c1, x1[i], fused(c0, x0[i], base[i]))))


@kernel
def predict_terms(theta, law, terms):
    """Fill ``terms`` (K, n) with E_ki; no allocation."""
    x, pointer, index, exponentiated, g = (
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
        log_sigma = min(z, 0.0) - log_of_one_plus(exponential(-abs(z)))
    for k in range(k_terms):
        e, o = terms[k], law.offset[k]
        a, last = pointer[k], pointer[k + 1]
        if last - a >= 4:
            add_four(e, o, theta, index, x, a)
            a += 4
        else:
            for i in range(n):
                e[i] = o[i]
        while a + 4 <= last:
            add_four(e, e, theta, index, x, a)
            a += 4
        while a < last:
            c, xa = theta[index[a]], x[a]
            for i in range(n):
                e[i] = fused(c, xa[i], e[i])
            a += 1
        if exponentiated[k]:
            if g >= 0:
                for i in range(n):
                    e[i] = fused(law.multiplier[i], log_sigma, e[i])
            exponentials(e)


@kernel
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


@kernel
def add_block(matrix, c, x, sums, index, a0, a1, b0, b1):
    """Add X_a' diag(c) X_b and its transpose; where the ranges are one, only the block itself."""
    same = a0 == b0
    a = a0
    while a < a1:
        height = min(2, a1 - a)
        b = a if same else b0
        while b < b1:
            width = columns_at_once(b1 - b)
            column_products(c, x, a, height, b, width, sums)
            for i in range(height):
                for j in range(width):
                    left, right = a + i, b + j
                    s = sums[i * width + j]
                    if not (same and right <= left):
                        matrix[index[left], index[right]] += s
                        matrix[index[right], index[left]] += s
                    elif right == left:
                        matrix[index[left], index[left]] += s
            b += width
        a += height


@allocating
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


@kernel
def add_sums(vector, c, x, sums, index, first, last, scale):
    """Add scale X' c of the columns first ... last - 1 to the elements of their parameters."""
    b = first
    while b < last:
        width = columns_at_once(last - b)
        column_products(c, x, 0, 0, b, width, sums)
        for j in range(width):
            vector[index[b + j]] += scale * sums[j]
        b += width


@kernel
def gradient(theta, law, w, here, grad, c, sums):
    """Fill ``grad`` (p,) with the gradient of the weighted mean square."""
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    terms, r = here.terms, here.residual
    k_terms, n = terms.shape
    grad[:] = 0.0
    for k in range(k_terms):
        ek = terms[k]
        if law.exponential[k]:
            for i in range(n):
                c[i] = -2.0 * w[i] * ek[i] * r[i]
            if g >= 0:
                grad[g] += dot(c, law.multiplier) / (1.0 + exponential(theta[g]))
        else:
            for i in range(n):
                c[i] = -2.0 * w[i] * r[i]
        add_sums(grad, c, x, sums, index, pointer[k], pointer[k + 1], 1.0)


@kernel
def second_derivatives(theta, law, w, here, exact, matrix, space):
    """Fill ``matrix`` (p, p): the weighted mean square's Hessian, or only its Gauss-Newton part.

    The blocks of terms k, l are X_k' diag(c) X_l with c = 2 w E_k E_l, less 2 w r E_k on the
    diagonal blocks of the Hessian.
    """
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    exponentiated, multiplier = law.exponential, law.multiplier
    terms, r, c, v, sums = here.terms, here.residual, space.row, space.other, space.sums
    k_terms, n = terms.shape
    matrix[:, :] = 0.0
    rest = 0.0
    if g >= 0:
        rest = 1.0 / (1.0 + exponential(theta[g]))  # 1 - sigma
    for k in range(k_terms):
        ek = terms[k]
        ka, kb = pointer[k], pointer[k + 1]
        for m in range(k, k_terms):
            el = terms[m]
            la, lb = pointer[m], pointer[m + 1]
            if exponentiated[k] and exponentiated[m]:
                if k == m and exact:
                    for i in range(n):
                        c[i] = 2.0 * w[i] * ek[i] * (ek[i] - r[i])
                else:
                    for i in range(n):
                        c[i] = 2.0 * w[i] * ek[i] * el[i]
            elif exponentiated[k]:
                for i in range(n):
                    c[i] = 2.0 * w[i] * ek[i]
            elif exponentiated[m]:
                for i in range(n):
                    c[i] = 2.0 * w[i] * el[i]
            else:
                for i in range(n):
                    c[i] = 2.0 * w[i]
            add_block(matrix, c, x, sums, index, ka, kb, la, lb)
            if g >= 0:
                # the multiplier is one more column, m (1 - sigma), of every exponential
                for i in range(n):
                    v[i] = c[i] * multiplier[i]
                row = space.column
                row[:] = 0.0
                if exponentiated[m]:
                    add_sums(row, v, x, sums, index, ka, kb, rest)
                if exponentiated[k] and m != k:
                    add_sums(row, v, x, sums, index, la, lb, rest)
                for j in range(theta.shape[0]):
                    matrix[j, g] += row[j]
                    matrix[g, j] += row[j]
                if exponentiated[k] and exponentiated[m]:
                    matrix[g, g] += (1.0 if k == m else 2.0) * rest * rest * dot(v, multiplier)
        if g >= 0 and exact and exponentiated[k]:
            for i in range(n):
                v[i] = 2.0 * w[i] * r[i] * ek[i]
            matrix[g, g] += rest * (1.0 - rest) * dot(v, multiplier)


@kernel
def column_sizes(theta, law, w, here, space):
    """Fill ``squares`` (p,), mean squares of dyhat/dtheta_j, and ``drift``, their derivatives."""
    x, pointer, index, g = law.columns, law.pointer, law.owner, law.gamma
    terms, squares, drift, c = here.terms, space.squares, space.drift, space.row
    k_terms, n = terms.shape
    squares[:] = 0.0
    drift[:] = 0.0
    for k in range(k_terms):
        ek = terms[k]
        first, last = pointer[k], pointer[k + 1]
        for i in range(n):
            c[i] = w[i] * ek[i] * ek[i] if law.exponential[k] else w[i]
        if law.exponential[k]:
            add_sums(drift, c, x, space.sums, index, first, last, 1.0)
        for a in range(first, last):
            squares[index[a]] += weighted_dot(c, x[a], x[a])
    for j in range(theta.shape[0]):
        if j == g or number_of(j, index) > 1:
            derivative(j, theta, law, terms, space.other)
            squares[j] = weighted_square(w, space.other)


@kernel
def number_of(j, index):
    """Return how many columns a parameter owns."""
    found = 0
    for owner in index:
        found += owner == j
    return found


@kernel
def derivative(j, theta, law, terms, v):
    """Fill ``v`` (n,) with dyhat/dtheta_j, the sum of the parameter's columns in all terms."""
    k_terms, n = terms.shape
    g, x = law.gamma, law.columns
    rest = 1.0 / (1.0 + exponential(theta[g])) if j == g else 0.0
    v[:] = 0.0
    for k in range(k_terms):
        ek = terms[k]
        if j == g and law.exponential[k]:
            for i in range(n):
                v[i] = fused(ek[i], law.multiplier[i] * rest, v[i])
        for a in range(law.pointer[k], law.pointer[k + 1]):
            if law.owner[a] == j:
                for i in range(n):
                    v[i] = fused(ek[i] if law.exponential[k] else 1.0, x[a, i], v[i])


@kernel
def unit_metrics(law, w, unit, v, sums):
    """Fill unit[k] = 2 X_k' W X_k, the size of a step in the linear predictor of term k."""
    unit[:, :, :] = 0.0
    for i in range(w.shape[0]):
        v[i] = 2.0 * w[i]
    for k in range(unit.shape[0]):
        first, last = law.pointer[k], law.pointer[k + 1]
        add_block(unit[k], v, law.columns, sums, law.owner, first, last, first, last)


@kernel
def largest_columns(law, w, y, unit, largest):
    """Fill ``largest`` (p,): each Jacobian column's norm when its term is as large as y."""
    multiplier, g = law.multiplier, law.gamma
    square = weighted_square(w, y)
    for j in range(largest.shape[0]):
        s = 0.0
        for k in range(unit.shape[0]):
            s += 0.5 * unit[k, j, j] * (square if law.exponential[k] else 1.0)
        largest[j] = np.sqrt(s)
    if g >= 0:
        largest[g] = np.sqrt(weighted_square(w, multiplier) * square)
