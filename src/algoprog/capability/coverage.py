"""Coverage of the intervals offered, simulated from the hierarchical fit through both stages.

A simulated data set draws k_f, b_f and the versions' deviations anew, adds noise to the scores that
these capabilities imply, and goes through stage 1 and stage 2 like the data. The truth is g / k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.compute import ComputeSample
from algoprog.capability.hierarchical import (
    HierarchicalFit,
    Strata,
    family_labels,
    fit_hierarchical,
    strata,
)
from algoprog.capability.identity import rate_with_k
from algoprog.capability.rates import (
    Rate,
    family_gains,
    joint_rate,
    mean_gain,
    pooled_rate_with_k,
    trend_rate,
)
from algoprog.capability.response import ResponseFit, Start, fit_response
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]

HEADLINE = "hierarchical, restricted"
METHODS = (
    "A published",
    "A with k (normal)",
    "A with k (t)",
    "E published",
    "H published",
    "H with covariance",
    "hierarchical",
    "hierarchical, Fieller",
    HEADLINE,
)


@dataclass(frozen=True)
class World:
    """What data sets are simulated from.

    noise  standard deviation of a score, over the root of p (1 - p), p its expectation
    growth the true g / k
    """

    fit: ResponseFit
    sample: ComputeSample
    hierarchical: HierarchicalFit
    rows: Strata
    noise: float

    @classmethod
    def of(
        cls,
        fit: ResponseFit,
        sample: ComputeSample,
        joint: HierarchicalFit,
        effective: float,
    ) -> World:
        """Return the world of a fit whose stage 1 has `effective` parameters."""
        p = fit.expected(fit.capability[fit.pairs.version], fit.pairs.benchmark)
        square = float((fit.residual**2).sum() / (p * (1 - p)).sum())
        noise = np.sqrt(square * len(p) / (len(p) - effective))
        return cls(fit, sample, joint, strata(sample), float(noise))

    def capabilities(self, random: np.random.Generator) -> Array:
        """Return capabilities of stage 1's versions; those outside stage 2 keep theirs."""
        h, sample = self.hierarchical, self.sample
        labels = np.unique(family_labels(sample), return_inverse=True)[1]
        n = int(labels.max()) + 1
        x = sample.ln_compute - sample.ln_compute.mean()
        centre = np.bincount(labels, x) / np.bincount(labels)
        b, k, g = h.effects
        capability = b + k * x + g * (sample.t - sample.t.mean())
        capability += random.normal(0, h.tau_b, n)[labels]
        capability += random.normal(0, h.tau_k, n)[labels] * (x - centre[labels])
        capability += random.normal(0, h.sigma, len(x))
        everyone = self.fit.capability.copy()
        everyone[sample.position] = capability
        return everyone

    def simulate(self, seed: int) -> ComputeSample:
        """Return stage 2's sample with the capabilities that stage 1 finds in a simulated set."""
        random = np.random.default_rng(seed)
        pairs = self.fit.pairs
        p = self.fit.expected(self.capabilities(random)[pairs.version], pairs.benchmark)
        score = p + self.noise * np.sqrt(p * (1 - p)) * random.normal(size=len(p))
        simulated = replace(pairs, score=np.clip(score, 0, 1))
        refit = fit_response(simulated, self.fit.model, start=Start.of(self.fit))
        return self.sample.with_capability(refit.capability)


def intervals(world: World, sample: ComputeSample, level: float) -> dict[str, Rate]:
    """Return every interval on one sample, by method; the published order of ties is kept."""
    gains = family_gains(sample)
    everything = np.arange(len(sample))
    rows = world.rows.with_response(sample.capability)
    near = (float(world.hierarchical.ratios[0]), float(world.hierarchical.ratios[1]))
    fit = fit_hierarchical(rows, (near,))
    restricted = fit_hierarchical(rows, (near,), restricted=True)
    made: dict[str, Callable[[], Rate]] = {
        "A published": lambda: trend_rate(sample, mean_gain(gains), everything, "A", "all", level),
        "A with k (normal)": lambda: rate_with_k(sample, gains, level, small_sample=False),
        "A with k (t)": lambda: rate_with_k(sample, gains, level, small_sample=True),
        "E published": lambda: pooled_rate_with_k(
            sample, "best_first", corrected=False, level=level
        ),
        "H published": lambda: joint_rate(sample, level),
        "H with covariance": lambda: joint_rate(sample, level, covariance=True),
        "hierarchical": lambda: fit.rate(level),
        "hierarchical, Fieller": lambda: fit.rate(level, set_of="fieller"),
        HEADLINE: lambda: restricted.rate(level),
    }
    return {name: made[name]() for name in METHODS}


@dataclass(frozen=True)
class Covered:
    """Whether each method's interval holds the truth, and its width; a row a data set.

    below  the interval lies below the truth (its upper end is too low)
    """

    level: float
    holds: NDArray[np.bool_]
    below: NDArray[np.bool_]
    width: Array

    def share(self, method: str) -> float:
        """Return the share of data sets in which the method's interval holds the truth."""
        return float(self.holds[:, METHODS.index(method)].mean())

    def monte_carlo(self, method: str) -> float:
        """Return the standard error of the share."""
        p = self.share(method)
        return float(np.sqrt(p * (1 - p) / len(self.holds)))


def coverage(world: World, sets: range, level: float = 0.95) -> Covered:
    """Return what the intervals of each simulated data set hold; set i depends on i alone."""
    truth = world.hierarchical.growth
    holds, below, width = [], [], []
    for i in sets:
        found = intervals(world, world.simulate(seed_of("capability coverage", i)), level)
        rates = [found[name] for name in METHODS]
        holds.append([rate.low <= truth <= rate.high for rate in rates])
        below.append([rate.high < truth for rate in rates])
        width.append([rate.high - rate.low for rate in rates])
    return Covered(level, np.array(holds), np.array(below), np.array(width))
