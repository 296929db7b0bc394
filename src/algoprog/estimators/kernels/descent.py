"""Descents: from one start to a local minimum, from many starts, and for many replicates.

They know a law, a target and starts; they know nothing of why a start is tried.
"""

from __future__ import annotations

import numpy as np

from algoprog.estimators.kernels.arrays import Found, Norms, point_of, space_of, step_of
from algoprog.estimators.kernels.compiling import allocating, kernel, threaded
from algoprog.estimators.kernels.lanes import WIDEST
from algoprog.estimators.kernels.rows import (
    column_sizes,
    drawn_rows,
    gradient,
    largest_columns,
    predict_terms,
    residuals,
    second_derivatives,
    unit_metrics,
    weighted_square,
)
from algoprog.estimators.kernels.steps import (
    cholesky_solve,
    model_minimum,
    predicted_gain,
    smallest_subgradient,
    subgradient_size,
    surely_not_stationary,
    update_metric,
)

FIRST_DAMPING = 1e-2
LEAST_DAMPING, LARGEST_DAMPING = 1e-15, 1e16
SHRINK = 0.1  # of the damping after a step the model foresaw
LAST_STEPS = 1e-5  # of the objective: smaller gains are the end of a descent
MATTERS = 0.02  # share of the curvature along a step from which on damping shortens it
NOISE = 1e-7  # residuals this small against the response have gradients lost in rounding
SAME = 1e-9  # relative, of the objectives of one minimum: far above the rounding of a sum
ROUNDING = 1e-14  # relative, of a weighted sum of squares
CERTIFICATE = 1e-9  # relative subgradient of a minimum, as in estimators.objective
# A descent heads into a minimum found before where the model of its next step tells the objective
# there, and its slope, to such a share of the difference; the difference is at most a share of it.
TOLD, NEAR = 0.1, 0.1
DEFINITE = 1e-8  # share of the diagonal by which a minimum's second derivatives are definite
# A search may end by the minima seen, and not by starts that agree alone: ``enough`` is then
# BY_MINIMA. Once so many AGREE on the best, it ends where less than half a minimum more is expected
# of those whose objective is at most a share NEAR_BEST above the best.
BY_MINIMA, AGREE, NEAR_BEST, EXPECTED = 0, 12, 0.05, 0.5
HEADS = 32  # distinct minima of a search that descents are compared with


@allocating
def norms_of(law, target, p):
    """Return the sizes that descents of a target with p parameters measure against."""
    unit, largest = np.empty((law.exponential.shape[0], p, p)), np.empty(p)
    w, y = target.weights, target.response
    unit_metrics(law, w, unit, np.empty(w.shape[0]), np.empty(2 * WIDEST))
    largest_columns(law, w, y, unit, largest)
    return Norms(unit, largest, NOISE * np.sqrt(weighted_square(w, y)))


@kernel
def evaluate(theta, law, target, point):
    """Fill a point with terms and residuals at theta; return (objective, mean square)."""
    predict_terms(theta, law, point.terms)
    mse = residuals(target.response, point.terms, target.weights, point.residual)
    f = mse
    for j in range(theta.shape[0]):
        f += target.penalty[j] * abs(theta[j])
    return f, mse


@kernel
def certificate(theta, law, target, point, mse, norms, space):
    """Return the size of the smallest subgradient, whose components ``space`` has."""
    column_sizes(theta, law, target.weights, point, space)
    return subgradient_size(target.penalty, mse, norms, space)


@kernel
def damp(source, damping, step, metric):
    """Set the model's matrix to ``source`` + damping times the metric."""
    p = source.shape[0]
    for a in range(p):
        for c in range(p):
            step.matrix[a, c] = source[a, c] + damping * metric[a, c]
        step.matrix[a, a] += 1e-300


@kernel
def model_step(theta, law, target, point, damping, have_gauss, space, step):
    """Take the damped model's minimum: Newton's, or Gauss-Newton's where Newton's has none.

    Returns whether there is one, and whether ``space.gauss`` holds the Gauss-Newton matrix.
    """
    damp(space.newton, damping, step, space.metric)
    if model_minimum(theta, space.gradient, target.penalty, step):
        return True, have_gauss
    if not have_gauss:
        second_derivatives(theta, law, target.weights, point, False, space.gauss, space)
    damp(space.gauss, damping, step, space.metric)
    return model_minimum(theta, space.gradient, target.penalty, step), True


@kernel
def less_damping(damping, gain, f, tiny, ratio, shortened):
    """Return the damping after a step that was taken, with the objective f reached.

    ``ratio`` is the gain over the model's; ``tiny``: it is below the rounding of f; ``shortened``:
    damping shortened the step. Damping that hardly did is kept, until the last steps.
    """
    shrink = SHRINK if tiny else max(SHRINK, 1.0 - (2.0 * ratio - 1.0) ** 3)
    if shrink >= 1.0 or gain < LAST_STEPS * f or shortened:
        return max(damping * shrink, LEAST_DAMPING)
    return damping


@kernel
def advance(theta, law, target, state, here, there, space, step):
    """Take one accepted step from ``here`` to ``there``; theta is changed in place.

    ``state`` is (objective, mean square, damping, iteration); returns whether a step was accepted,
    and the state after it.
    """
    f, mse, damping, iteration = state
    have_gauss, growth = False, 2.0
    while iteration < target.iterations and damping <= LARGEST_DAMPING:
        iteration += 1
        solved, have_gauss = model_step(theta, law, target, here, damping, have_gauss, space, step)
        gain, curvature, length = 0.0, 0.0, 0.0
        if solved:
            gain, curvature, length = predicted_gain(
                theta, space.gradient, target.penalty, space.metric, step
            )
        if not gain > 0.0:
            damping = max(4.0 * damping, 1e-12)
            continue
        f_new, mse_new = evaluate(step.at, law, target, there)
        # below the rounding of f the model decides, as long as f does not rise
        tiny = gain <= ROUNDING * f
        ratio = (f - f_new) / gain
        if np.isfinite(f_new) and (ratio > 1e-4 or (tiny and f_new <= f + ROUNDING * f)):
            for i in range(theta.shape[0]):
                theta[i] = step.at[i]
            shortened = damping * length > MATTERS * curvature
            damping = less_damping(damping, gain, f_new, tiny, ratio, shortened)
            return True, (f_new, mse_new, damping, iteration)
        # at once to where damping matters along this step
        damping = max(damping * growth, curvature / length - damping)
        growth *= 2.0
    return False, (f, mse, damping, iteration)


@kernel
def heading(theta, f, penalty, found, space):
    """Return the descent whose minimum a descent at theta, with objective f, heads into; or -1.

    The model of the next step, with its L1 term, must tell the objective of that minimum and that
    its slope vanishes there along the way: so nothing lies between.
    """
    grad, newton = space.gradient, space.newton
    for k in found.heads:
        if k < 0:
            return -1
        drop = f - found.values[0, k]
        if drop < -SAME * f or drop > NEAR * f:
            continue
        end = found.ends[k]
        told, slope, kink = 0.0, 0.0, 0.0
        for i in range(theta.shape[0]):
            d, turned = end[i] - theta[i], 0.0
            for j in range(theta.shape[0]):
                turned += newton[i, j] * (end[j] - theta[j])
            told += d * (grad[i] + 0.5 * turned) + penalty[i] * (abs(end[i]) - abs(theta[i]))
            slope += d * (grad[i] + turned)
            if end[i] == 0.0:
                kink += penalty[i] * abs(d)
            else:
                slope += penalty[i] * d * (1.0 if end[i] > 0.0 else -1.0)
        reach = TOLD * drop
        if abs(told + drop) <= reach and slope - kink <= reach and slope + kink >= -reach:
            return k
    return -1


@allocating
def nothing_found(p):
    """Return what a search knows before its first descent."""
    return Found(np.empty((0, p)), np.empty((3, 0)), np.full(1, -1))


@allocating
def minimise(theta, law, target, norms, space, step):
    """Descend to a local minimum from ``theta``, which is changed in place.

    Returns (objective, mean square, subgradient size, iterations). The objective is inf when the
    start itself is not finite.
    """
    found = nothing_found(theta.shape[0])
    return minimise_among(theta, law, target, norms, found, space, step)[:4]


@allocating
def minimise_among(theta, law, target, norms, found, space, step):
    """:func:`minimise`, given up once it heads into a minimum that was found before.

    Returns what that does, and the number of the descent that found the minimum, or -1.
    """
    points = point_of(law), point_of(law)
    return descend(theta, law, target, norms, found, points, space, step)


@kernel
def descend(theta, law, target, norms, found, points, space, step):
    """Do what :func:`minimise_among` says, with two points to go between."""
    here, there = points
    f, mse = evaluate(theta, law, target, here)
    if not np.isfinite(f):
        return np.inf, np.inf, np.inf, 0, -1
    space.kappa[:] = 0.0
    space.metric[:, :] = 0.0
    state = (f, mse, FIRST_DAMPING, 0)
    while True:
        f, mse, _, iteration = state
        gradient(theta, law, target.weights, here, space.gradient, space.row, space.sums)
        smallest_subgradient(theta, space.gradient, target.penalty, space.subgradient)
        if iteration >= target.iterations:
            break
        if not surely_not_stationary(
            space.subgradient, target.penalty, mse, norms, target.tolerance
        ):
            size = certificate(theta, law, target, here, mse, norms, space)
            if size <= target.tolerance:
                return f, mse, size, iteration, -1
        second_derivatives(theta, law, target.weights, here, True, space.newton, space)
        met = heading(theta, f, target.penalty, found, space)
        if met >= 0:
            return f, mse, np.inf, iteration, met
        update_metric(law, target.weights, here.terms, norms, space)
        accepted, state = advance(theta, law, target, state, here, there, space, step)
        if not accepted:
            break
        here, there = there, here
    size = certificate(theta, law, target, here, state[1], norms, space)
    return state[0], state[1], size, state[3], -1


@allocating
def definite(theta, law, target, space, step):
    """Return whether second derivatives in what is free at theta are definite.

    Only then do descents that come near end there, and not beside it in a flat valley.
    """
    point, m = point_of(law), 0
    evaluate(theta, law, target, point)
    second_derivatives(theta, law, target.weights, point, True, space.newton, space)
    damp(space.newton, 0.0, step, space.newton)
    for j in range(theta.shape[0]):
        step.matrix[j, j] *= 1.0 - DEFINITE
        if theta[j] != 0.0 or target.penalty[j] == 0.0:
            step.free[m] = j
            step.rhs[m] = 0.0
            m += 1
    return cholesky_solve(m, step)


@allocating
def remember(i, law, target, found, space, step):
    """Add descent i to the heads if it ended at a definite minimum of another objective."""
    f = found.values[0, i]
    if not found.values[2, i] <= CERTIFICATE:
        return
    for h in range(HEADS):
        k = found.heads[h]
        if k < 0:
            if definite(found.ends[i], law, target, space, step):
                found.heads[h] = i
            return
        if abs(f - found.values[0, k]) <= SAME * abs(f):
            return


@kernel
def all_seen(objectives, lowest):
    """Return whether few minima are expected besides those at the ends of t descents.

    With w distinct objectives near the lowest, the expected number of minima is
    w (t - 1) / (t - w - 2) (Boender and Rinnooy Kan, Mathematical Programming 37, 1987).
    """
    t, w = objectives.shape[0], 0
    for i in range(t):
        f = objectives[i]
        if f > lowest * (1.0 + NEAR_BEST):
            continue
        known = False
        for k in range(i):
            if abs(f - objectives[k]) <= SAME * abs(f):
                known = True
                break
        if not known:
            w += 1
    return t > w + 2 and w * (t - 1) <= (w + EXPECTED) * (t - w - 2)


@allocating
def search(starts, noise, law, target, enough, ends, values, space, step):
    """Descend from each row of ``starts`` (s, p), then from h perturbed ends of those descents.

    Hop k adds row k of ``noise`` (h, p) to the best end so far (k even) or to the end of start
    k // 2 modulo s (k odd). A descent that heads into a minimum found before ends there. Once
    ``enough`` descents ended within SAME of the best objective the rest are not tried; BY_MINIMA:
    once :func:`all_seen`. Fills ends (s + h, p) and values (3, s + h): objectives, mean squares and
    subgradient sizes; returns how many were tried.
    """
    s, p = starts.shape
    norms = norms_of(law, target, p)
    found = Found(ends, values, np.full(HEADS + 1, -1))
    best, agreeing = 0, 0
    for i in range(s + noise.shape[0]):
        if i < s:
            ends[i] = starts[i]
        else:
            k = i - s
            ends[i] = ends[best] if k % 2 == 0 else ends[(k // 2) % s]
            ends[i] += noise[k]
        f, mse, size, _, met = minimise_among(ends[i], law, target, norms, found, space, step)
        if met >= 0:
            ends[i] = ends[met]
            f, mse, size = values[0, met], values[1, met], values[2, met]
        values[0, i], values[1, i], values[2, i] = f, mse, size
        if met < 0:
            remember(i, law, target, found, space, step)
        lowest = values[0, best]
        if f < lowest:
            best = i
        if f < lowest * (1.0 - SAME) or i == 0:
            agreeing = 1
        elif f <= lowest * (1.0 + SAME):
            agreeing += 1
        if enough == BY_MINIMA:
            done = agreeing >= AGREE and all_seen(values[0, : i + 1], values[0, best])
        else:
            done = agreeing >= enough
        if done:
            return i + 1
    return s + noise.shape[0]


@threaded
def minimise_many(starts, noise, law, target, enough):
    """Return what :func:`search` finds: ends, objectives, mean squares, sizes of those tried."""
    m, p = starts.shape[0] + noise.shape[0], starts.shape[1]
    ends, values = np.empty((m, p)), np.empty((3, m))
    tried = search(starts, noise, law, target, enough, ends, values, space_of(law, p), step_of(p))
    return ends[:tried], values[0, :tried], values[1, :tried], values[2, :tried]


@threaded
def minimise_replicates(starts, noise, law, target, weights, enough):
    """Return the best of :func:`search` for each row of ``weights`` (b, n; sums 1).

    Per replicate: best end (b, p), objective, mean square, subgradient size, how many descents
    ended within SAME (relative) of the best objective, and how many were tried. Of ends with the
    same objective the one with the smallest subgradient is kept. ``target.weights`` are not used.
    """
    b, m, p = weights.shape[0], starts.shape[0] + noise.shape[0], starts.shape[1]
    best, values = np.empty((b, p)), np.empty((3, b))
    agreeing, tried = np.zeros(b, np.int64), np.zeros(b, np.int64)
    ends, found = np.empty((m, p)), np.empty((3, m))
    step = step_of(p)
    for i in range(b):
        part, mine = drawn_rows(law, target, weights[i])
        space = space_of(part, p)
        tried[i] = search(starts, noise, part, mine, enough, ends, found, space, step)
        top = np.argmin(found[0, : tried[i]])
        lowest = found[0, top]
        for k in range(tried[i]):
            if found[0, k] <= lowest * (1.0 + SAME):
                agreeing[i] += 1
                if found[2, k] < found[2, top]:
                    top = k
        best[i] = ends[top]
        values[:, i] = found[:, top]
    return best, values[0], values[1], values[2], agreeing, tried
