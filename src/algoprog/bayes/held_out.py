"""Likelihoods with the paper effect integrated out, and what is held out: PSIS-LOO, stacking.

With r_i = y_i - mu_i and t_i the density of Student's t of a row's benchmark, the likelihood of
paper p given parameters is

    L_p = integral of prod_{i in p} t_i(r_i - tau a) phi(a) da,

by the trapezoidal rule, which on a smooth integrand over all of its range converges faster than any
power of the step. Leaving out paper p has the importance ratios 1 / L_p; leaving out row i, its
paper's other rows known, 1 / (L_p / L_{p without i}). Both are smoothed by Pareto's tail (PSIS,
Vehtari, Gelman and Gabry 2017; Vehtari et al. 2024). Papers are the units that are exchangeable, so
weights of models are stacked over papers (Yao et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.bayes.data import HierarchicalModel, means

Array = NDArray[np.float64]

_NODES = np.linspace(-8.0, 8.0, 161)  # standard deviations of a paper effect
_AT_ONCE = 200  # draws, so that arrays stay small
_SLACK = 1e-10


@dataclass(frozen=True)
class HeldOut:
    """Held-out log density of each unit (u,) and the Pareto k of its importance ratios."""

    elpd: Array
    pareto_k: Array

    def columns(self, prefix: str) -> dict[str, Any]:
        """Return the sum, its standard error, the number of k above 0.7 and the largest k."""
        n = len(self.elpd)
        return {
            f"elpd_{prefix}": float(self.elpd.sum()),
            f"elpd_{prefix}_error": float(np.sqrt(n * self.elpd.var(ddof=1))),
            f"{prefix}_above_0.7": int((self.pareto_k > 0.7).sum()),
            f"{prefix}_pareto_k": float(self.pareto_k.max()),
        }


def log_likelihoods(
    model: HierarchicalModel, y: Array, draws: dict[str, Array]
) -> tuple[Array, Array]:
    """Return the log likelihood (r, n) of rows given their paper's others, and (r, P) of papers.

    ``draws``: theta (r, p), tau (r,), sigma (r, B), nu (r,).
    """
    from scipy.special import gammaln, logsumexp

    residual = y - means(model.design, draws["theta"])
    scale, nu = draws["sigma"][:, model.benchmarks], draws["nu"][:, None]
    constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(scale)
    step = _NODES[1] - _NODES[0]
    weight = -0.5 * _NODES**2 - 0.5 * np.log(2 * np.pi) + np.log(step)
    order = np.argsort(model.papers, kind="stable")
    papers = model.papers[order]
    first = np.searchsorted(papers, np.arange(model.n_papers))
    by_row, by_paper = np.empty(residual.shape), np.empty((len(residual), model.n_papers))
    for start in range(0, len(residual), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        away = residual[part, :, None] - draws["tau"][part, None, None] * _NODES
        away /= scale[part, :, None]
        nus = nu[part, :, None]
        log_t = constant[part, :, None] - (nus + 1) / 2 * np.log1p(away**2 / nus)
        joint = np.add.reduceat(log_t[:, order], first, axis=1)  # (r, P, nodes)
        by_paper[part] = logsumexp(joint + weight, axis=2)
        without = logsumexp(joint[:, model.papers] - log_t + weight, axis=2)
        by_row[part] = by_paper[part][:, model.papers] - without
    return by_row, by_paper


def held_out(log_likelihood: Array, chains: int) -> HeldOut:
    """Return PSIS-LOO of units from their log likelihood (r, u), chain after chain."""
    import arviz

    r, u = log_likelihood.shape
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=0)).reshape(chains, -1, u)
    elpd, pareto = np.empty(u), np.empty(u)
    for i in range(u):
        effective = float(arviz.ess(likelihood[:, :, i], method="mean"))
        weights, k = arviz.psislw(-log_likelihood[:, i], reff=min(effective / r, 1.0))
        elpd[i] = np.logaddexp.reduce(np.asarray(weights) + log_likelihood[:, i])
        pareto[i] = float(k)
    return HeldOut(elpd, pareto)


def stacking(elpd: Array, iterations: int = 100_000) -> Array:
    """Return the weights (M,) that maximise sum_u ln sum_m w_m exp(elpd_mu) of elpd (M, u).

    The objective is concave; each step w_m mean_u(p_mu / sum w p) rises and keeps the weights a
    distribution, and at the maximum no factor exceeds 1, which is what ends the search.

    Raises AssertionError where the maximum is not reached.
    """
    density = np.exp(elpd - elpd.max(axis=0))
    weights = np.full(len(elpd), 1.0 / len(elpd))
    for _ in range(iterations):
        factor = (density / (weights @ density)).mean(axis=1)
        if factor.max() <= 1 + 1e-6:
            return np.asarray(weights)
        weights = weights * factor
        weights[weights < _SLACK * weights.max()] = np.where(
            factor[weights < _SLACK * weights.max()] > 1, _SLACK, 0.0
        )
        weights /= weights.sum()
    raise AssertionError(f"stacking weights not found in {iterations} steps")
