"""Steps of a descent: subgradients, the damped L1 model and its minimum, the metric of damping.

They know p-vectors and p x p matrices; they know no rows but for the metric's term sizes.
"""

from __future__ import annotations

import numpy as np

from algoprog.estimators.kernels.compiling import kernel
from algoprog.estimators.kernels.lanes import WIDTH, add_row, fused, scale_row
from algoprog.estimators.kernels.rows import weighted_square

VANISHED = 1e-8  # a column this much below its natural norm belongs to a term at zero
RIDGE = 1e-9  # share of its diagonal added to the metric, so that collinear columns stay solvable


@kernel
def smallest_subgradient(theta, grad, penalty, sub):
    """Fill ``sub`` (p,): absolute components of the objective's smallest subgradient."""
    for j in range(theta.shape[0]):
        if theta[j] > 0.0:
            sub[j] = abs(grad[j] + penalty[j])
        elif theta[j] < 0.0:
            sub[j] = abs(grad[j] - penalty[j])
        else:
            sub[j] = max(abs(grad[j]) - penalty[j], 0.0)


@kernel
def subgradient_size(penalty, mean_square, norms, space):
    """Return the largest relative component of the smallest subgradient.

    Component j is |g_j + penalty_j sign(theta_j)|, or max(|g_j| - penalty_j, 0) at theta_j = 0,
    divided by 2 rms(r) rms(dyhat/dtheta_j) + penalty_j: a number without units that is 1 at most
    and, for penalty 0, the cosine between the residuals and a column of the Jacobian.

    Without a penalty the infimum may lie at infinity, where a column of the Jacobian vanishes and
    its cosine means nothing. A column below VANISHED times its largest norm (that of a term as
    large as the response) is measured against that norm instead, and counts only if descent makes
    it vanish further (g_j drift_j >= 0, drift_j the derivative of the term's mean square).

    Residuals below ``norms.noise`` (rms) are rounding, whose direction means nothing: they count
    as it.
    """
    sub, grad, drift = space.subgradient, space.gradient, space.drift
    worst = 0.0
    size = max(np.sqrt(mean_square), norms.noise)
    for j in range(sub.shape[0]):
        norm = np.sqrt(space.squares[j])
        largest = norms.largest[j]
        if penalty[j] == 0.0 and norm < VANISHED * largest and grad[j] * drift[j] >= 0.0:
            norm = largest
        scale = 2.0 * size * norm + penalty[j]
        s = sub[j]
        if s > 0.0:
            s = s / scale if scale > 0.0 else np.inf
        if not s <= worst:
            worst = s
    return worst


@kernel
def surely_not_stationary(sub, penalty, mean_square, norms, tolerance):
    """Return whether a bound spares the columns' sizes: none is above twice its largest norm."""
    size = max(np.sqrt(mean_square), norms.noise)
    for j in range(sub.shape[0]):
        if sub[j] > 10.0 * tolerance * (4.0 * size * norms.largest[j] + penalty[j]):
            return True
    return False


@kernel
def cholesky_solve(m, step):
    """Solve B[free, free] d = rhs in place by Cholesky; False when not positive definite.

    B = U' U by rows of U, whole vectors of them, with rhs as one more column; each row takes its
    share from the rows below at once, so that no sum waits. What stands left of the diagonal, and
    right of rhs, is not read.
    """
    b, free, rhs, u = step.matrix, step.free, step.rhs, step.upper
    for i in range(m):
        row, top = b[free[i]], u[i]
        for k in range(i - i % WIDTH, m):
            top[k] = row[free[k]]
        top[m] = rhs[i]
    vectors = m // WIDTH + 1
    for i in range(m):
        top = u[i]
        if not top[i] > 1e-14 * b[free[i], free[i]]:
            return False
        inverse = 1.0 / np.sqrt(top[i])
        block = i // WIDTH
        scale_row(u, i, WIDTH * block, vectors - block, inverse)
        top[i] = inverse
        for j in range(i + 1, m):
            block = j // WIDTH
            add_row(u, j, i, WIDTH * block, vectors - block, -top[j])
    for i in range(m - 1, -1, -1):
        row = u[i]
        s = row[m]
        for k in range(i + 1, m):
            s = fused(-row[k], rhs[k], s)
        rhs[i] = s * row[i]
    return True


@kernel
def model_minimum(theta, grad, penalty, step):
    """Minimise grad.(u - theta) + (u - theta).B.(u - theta)/2 + sum penalty |u| over u.

    u is left in ``step.at``, the model's smooth gradient there in ``step.slope``. Active-set
    method: free parameters keep their sign, one that would change it stops at zero, a zero whose
    subgradient leaves [-penalty, penalty] is freed. False when B is not positive definite on a
    free set it met.
    """
    p = theta.shape[0]
    start_free(theta, grad, penalty, step)
    for _ in range(20 * p + 20):
        m = 0
        for j in range(p):
            if step.active[j]:
                step.free[m] = j
                step.rhs[m] = -(step.slope[j] + penalty[j] * step.sign[j])
                m += 1
        blocked = -1
        if m > 0:
            if not cholesky_solve(m, step):
                return False
            blocked = move_free(theta, grad, penalty, m, step)
        if blocked >= 0:
            continue
        enter = entering(penalty, step)
        if enter < 0:
            return True
        step.active[enter] = True
        step.sign[enter] = -1.0 if step.slope[enter] > 0.0 else 1.0
    return True


@kernel
def start_free(theta, grad, penalty, step):
    """Begin at theta, with every parameter free that is not held at zero by its penalty."""
    for j in range(theta.shape[0]):
        step.at[j] = theta[j]
        step.slope[j] = grad[j]
        step.active[j] = True
        if penalty[j] == 0.0:
            step.sign[j] = 0.0
        elif theta[j] > 0.0:
            step.sign[j] = 1.0
        elif theta[j] < 0.0:
            step.sign[j] = -1.0
        else:
            step.active[j] = False


@kernel
def move_free(theta, grad, penalty, m, step):
    """Move the m free parameters until one reaches zero; return it, or -1 where none does."""
    u, rhs, free = step.at, step.rhs, step.free
    p, blocked, alpha = theta.shape[0], -1, 1.0
    for i in range(m):
        j = free[i]
        if penalty[j] > 0.0 and step.sign[j] * (u[j] + rhs[i]) < 0.0:
            a = -u[j] / rhs[i]
            if a < alpha or blocked < 0:
                alpha = min(a, 1.0)
                blocked = j
    for i in range(m):
        u[free[i]] += alpha * rhs[i]
    if blocked >= 0:
        u[blocked] = 0.0
        step.active[blocked] = False
    slope = step.slope
    for j in range(p):
        slope[j] = grad[j]
    for i in range(p):
        d, row = u[i] - theta[i], step.matrix[i]
        for j in range(p):
            slope[j] = fused(d, row[j], slope[j])
    return blocked


@kernel
def entering(penalty, step):
    """Return the parameter at zero whose subgradient is worst outside its penalty, or -1."""
    worst, enter = 0.0, -1
    for j in range(penalty.shape[0]):
        if not step.active[j]:
            excess = abs(step.slope[j]) - penalty[j]
            if excess > worst + 1e-13 * penalty[j]:
                worst, enter = excess, j
    return enter


@kernel
def predicted_gain(theta, grad, penalty, metric, step):
    """Return the model's gain of a step, its curvature and its length in the metric."""
    p = theta.shape[0]
    u, q = step.at, step.slope
    gain, curvature, length = 0.0, 0.0, 0.0
    for a in range(p):
        # q is the model's gradient at u, so B (u - theta) = q - grad
        da = u[a] - theta[a]
        gain -= 0.5 * (grad[a] + q[a]) * da
        gain -= penalty[a] * (abs(u[a]) - abs(theta[a]))
        curvature += (q[a] - grad[a]) * da
        turned, row = 0.5 * da * metric[a, a], metric[a]
        for c in range(a):
            turned = fused(row[c], u[c] - theta[c], turned)
        length += 2.0 * da * turned
    return gain, curvature, length


@kernel
def update_metric(law, w, terms, norms, space):
    """Set metric = sum_k kappa_k unit[k] (+ a little of its diagonal), kappa_k the largest E_k^2.

    Damping by this matrix bounds the change of the linear predictors, where the curvature of the
    exponential lives, whatever the units or the collinearity of the columns. Nothing is done
    where no kappa (a weighted mean of E_k^2) grows.
    """
    metric, kappa = space.metric, space.kappa
    p = metric.shape[0]
    grown = False
    for k in range(kappa.shape[0]):
        size = weighted_square(w, terms[k]) if law.exponential[k] else 1.0
        if size > kappa[k]:
            kappa[k] = size
            grown = True
    if not grown:
        return
    metric[:, :] = 0.0
    for k in range(kappa.shape[0]):
        for a in range(p):
            for b in range(p):
                metric[a, b] += kappa[k] * norms.unit[k, a, b]
    for a in range(p):
        metric[a, a] *= 1.0 + RIDGE
    if law.gamma >= 0:
        metric[law.gamma, law.gamma] = 2.0 * norms.largest[law.gamma] ** 2
