"""Compiled search over the split of growth between two exponentials, for many responses at once.

They know merged columns (:mod:`algoprog.robustness.substituted`), responses and starts; they know
nothing of what growth means.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from algoprog.common.compiled import remove_of_other_sources
from algoprog.estimators.kernels import SOURCES
from algoprog.estimators.kernels.arrays import Target, point_of, space_of, step_of
from algoprog.estimators.kernels.compiling import allocating, kernel, threaded
from algoprog.estimators.kernels.descent import evaluate, minimise, norms_of

remove_of_other_sources(Path(__file__).parent, [Path(__file__), *SOURCES])

LARGEST_SPLIT = 11.0  # per year, beyond the growth itself: further apart two rates never are
FIRST_STEP = 0.05  # per year
MARCHES, ROUNDS = 24, 60
NARROW = 1e-10  # width of a bracket, relative to 1 + the split, below which it is a point


class Merged(NamedTuple):
    """Columns of rate and elasticity as one column, (base + q slope) / (1 + |q|), q = factor g.

    base, slope (m, n); part (m,) which exponential's ratio q a column has, or -1; factor (K,).
    """

    base: Any
    slope: Any
    part: Any
    factor: Any


class Search(NamedTuple):
    """A search at given growths: merged columns, their law, its target, and work space.

    ``law.columns`` are overwritten. ``tolerance``: share of the objective that a split may miss.
    """

    merged: Any
    law: Any
    target: Any
    tolerance: float
    space: Any
    step: Any


class Back(NamedTuple):
    """Where merged parameters stand among all (p,).

    kept (p',) index of each merged parameter; rate, elasticity (K,) indices; merged (K,) index of
    each elasticity among the merged.
    """

    kept: Any
    rate: Any
    elasticity: Any
    merged: Any


@kernel
def fill(columns, merged, growth):
    """Fill the columns (m, n) at growth (K,) of the exponentials."""
    for j in range(columns.shape[0]):
        k = merged.part[j]
        if k >= 0:
            q = merged.factor[k] * growth[k]
            size = 1.0 / (1.0 + abs(q))
            for i in range(columns.shape[1]):
                columns[j, i] = size * (merged.base[j, i] + q * merged.slope[j, i])


@kernel
def slopes_of(theta, law, weights, point, merged, growth, ends):
    """Fill ``ends``: derivatives of the objective by the first growth, from below and from above.

    The second growth falls as the first rises. The minimum over parameters moves nothing to first
    order, so only the columns' own derivative counts; it jumps where a growth is zero.
    """
    ends[:] = 0.0
    for t in range(law.exponential.shape[0]):
        for j in range(law.pointer[t], law.pointer[t + 1]):
            k = merged.part[j]
            value = theta[law.owner[j]]
            if k < 0 or value == 0.0:
                continue
            q = merged.factor[k] * growth[k]
            base, slope = 0.0, 0.0
            for i in range(weights.shape[0]):
                pull = -2.0 * weights[i] * point.residual[i]
                if law.exponential[t]:
                    pull *= point.terms[t, i]
                base += pull * merged.base[j, i]
                slope += pull * merged.slope[j, i]
            turn = merged.factor[k] if k == 0 else -merged.factor[k]
            size = 1.0 / (1.0 + abs(q))
            for side in range(2):
                sign = np.sign(q)
                if q == 0.0:  # of q just below (0) and just above (1) the first growth
                    sign = np.sign(turn) if side == 1 else -np.sign(turn)
                ends[side] += value * turn * size * (slope - size * sign * (base + q * slope))


@allocating
def at_split(theta, split, total, search, ends):
    """Return the least objective at a split, from theta, which is changed in place.

    Fills ``ends`` with the derivatives by the first growth.
    """
    merged, law, target = search.merged, search.law, search.target
    growth = np.array([split, total - split])
    fill(law.columns, merged, growth)
    norms = norms_of(law, target, theta.shape[0])
    f, _, _, _ = minimise(theta, law, target, norms, search.space, search.step)
    point = point_of(law)
    evaluate(theta, law, target, point)
    slopes_of(theta, law, target.weights, point, merged, growth, ends)
    return f


@kernel
def next_kink(split, total, direction):
    """Return the distance to the next split at which a growth is zero; infinite without any."""
    found = np.inf
    for kink in (0.0, total):
        ahead = direction * (kink - split)
        if 1e-9 < ahead < found:
            found = ahead
    return found


@allocating
def march(theta, best, direction, state, total, search):
    """Step downhill along the split, from zero to zero of a growth, until the derivative turns.

    ``state`` is (split, objective, derivative along the direction); ``best`` (p',) holds the
    parameters there. Returns the state of the lowest point, then split and derivative of the point
    behind the turn; that derivative is infinite where there is no turn to look at more closely.
    """
    at, lowest, here = state
    ends, h = np.empty(2), FIRST_STEP
    for _ in range(MARCHES):
        reach = next_kink(at, total, direction)
        kinked = reach <= h
        far = at + direction * min(h, reach)
        if kinked:
            far = 0.0 if abs(far) < abs(far - total) else total
        if abs(far) > abs(total) + LARGEST_SPLIT:
            break
        theta[:] = best
        f = at_split(theta, far, total, search, ends)
        before, after = (ends[0], ends[1]) if direction > 0 else (-ends[1], -ends[0])
        if not f <= lowest:
            return at, lowest, here, far, max(before, (f - lowest) / abs(far - at))
        best[:] = theta
        if before >= 0.0:
            # the lower of the two is the point behind the turn
            return far, f, here, at, before
        at, lowest, here = far, f, after if kinked else before
        if here >= 0.0:
            break
        h *= 2.0
    return at, lowest, here, at, np.inf


@allocating
def close_in(theta, best, direction, bracket, state, total, search):
    """Find the zero of the derivative in a bracket by regula falsi (Illinois).

    ``bracket`` is (split, split, derivative, derivative), the first along ``direction`` below
    zero; ``state`` the lowest (objective, split), whose parameters ``best`` holds. Stops when
    derivative times width is below the tolerance. Returns the lowest (objective, split).
    """
    a, b, da, db = bracket
    lowest, where = state
    ends, side = np.empty(2), 0
    for _ in range(ROUNDS):
        width = abs(b - a)
        if width <= NARROW * (1.0 + abs(a)):
            break
        share = -da / (db - da) if db > da else 0.5
        middle = a + min(max(share, 0.02), 0.98) * (b - a)
        theta[:] = best
        f = at_split(theta, middle, total, search, ends)
        slope = direction * 0.5 * (ends[0] + ends[1])
        if f <= lowest:
            lowest, where = f, middle
            best[:] = theta
        if abs(slope) * width <= search.tolerance * lowest:
            break
        if slope < 0.0:
            a, da = middle, slope
            db = 0.5 * db if side == -1 else db
            side = -1
        else:
            b, db = middle, slope
            da = 0.5 * da if side == 1 else da
            side = 1
    return lowest, where


@allocating
def restricted(theta, split, total, search):
    """Minimise at growth ``total``: with two exponentials along the split too, from ``split``.

    theta is changed in place. Returns (objective, split).
    """
    ends = np.empty(2)
    if search.merged.factor.shape[0] == 1:
        return at_split(theta, total, total, search, ends), total
    f = at_split(theta, split, total, search, ends)
    if not np.isfinite(f) or ends[0] <= 0.0 <= ends[1]:
        return f, split
    up, down = -ends[1], ends[0]
    direction, here = (1.0, -up) if up >= down else (-1.0, -down)
    if -here * FIRST_STEP <= search.tolerance * f:
        return f, split
    best = theta.copy()
    at, lowest, here, other, there = march(theta, best, direction, (split, f, here), total, search)
    if np.isfinite(there):
        # at and other stand on either side of the turn
        a, b = (at, other) if direction * (other - at) > 0 else (other, at)
        lowest, at = close_in(
            theta, best, direction, (a, b, here, there), (lowest, at), total, search
        )
    theta[:] = best
    return lowest, at


@kernel
def lift(theta, split, total, merged, back, full):
    """Fill ``full`` (p,) with all parameters of the merged theta (p',) at a split."""
    for j in range(theta.shape[0]):
        full[back.kept[j]] = theta[j]
    for k in range(back.rate.shape[0]):
        q = merged.factor[k] * (split if k == 0 else total - split)
        value = theta[back.merged[k]] / (1.0 + abs(q))
        full[back.elasticity[k]] = value
        full[back.rate[k]] = q * value


@threaded
def search_splits(starts, splits, total, merged, law, target, tolerance):
    """Descend along the split from each start (s, p') and split (s,).

    Returns ends (s, p'), objectives (s,), splits (s,).
    """
    p = starts.shape[1]
    search = Search(merged, law, target, tolerance, space_of(law, p), step_of(p))
    ends, values, found = starts.copy(), np.empty(len(starts)), np.empty(len(starts))
    for i in range(len(starts)):
        values[i], found[i] = restricted(ends[i], splits[i], total, search)
    return ends, values, found


@threaded
def drawn_minima(responses, held, free, total, merged, back, laws):
    """Return the restricted and the free minimum (b,) of each response (b, n).

    held : starts (s, p'), their splits (s,), target of the restricted descents, tolerance.
    free : starts (f, p) and target of the free descents, which begin at the restricted end too.
    laws : of the merged design and of the whole.
    """
    starts, splits, inner, tolerance = held
    others, outer = free
    law, whole = laws
    small, p = starts.shape[1], others.shape[1]
    space, step, spaces, steps = (
        space_of(law, small),
        step_of(small),
        space_of(whole, p),
        step_of(p),
    )
    values, least = np.empty(len(responses)), np.empty(len(responses))
    theta, best, full = np.empty(small), starts[0].copy(), np.empty(p)
    for b in range(len(responses)):
        y = responses[b]
        mine = Target(y, inner.weights, inner.penalty, inner.tolerance, inner.iterations)
        search = Search(merged, law, mine, tolerance, space, step)
        values[b], where = np.inf, splits[0]
        for i in range(len(starts)):
            theta[:] = starts[i]
            f, at = restricted(theta, splits[i], total, search)
            if f < values[b]:
                values[b], where = f, at
                best[:] = theta
        mine = Target(y, outer.weights, outer.penalty, outer.tolerance, outer.iterations)
        norms = norms_of(whole, mine, p)
        lift(best, where, total, merged, back, full)
        least[b] = minimise(full, whole, mine, norms, spaces, steps)[0]
        for i in range(len(others)):
            full[:] = others[i]
            least[b] = min(least[b], minimise(full, whole, mine, norms, spaces, steps)[0])
    return values, np.minimum(values, least)
