"""Bayesian bootstrap of both stages: every draw weighs clusters anew and refits everything.

A cluster's weight is exponential with mean 1; a pair's is the product of its clusters'. Stage 1 is
refitted with the weights of pairs, starting from the fit; stage 2 with those of versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.capability.compute import ComputeSample, organisation_of, version_facts
from algoprog.capability.hierarchical import Strata, family_labels, strata
from algoprog.capability.rates import LEAST_MEMBERS, LN10
from algoprog.capability.response import ResponseFit, Start, fit_response
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Clusters = Literal["versions", "families", "organisations", "benchmarks", "all"]
CLUSTERS: tuple[Clusters, ...] = get_args(Clusters)
# `all` crosses these three; versions lie within families.
CROSSED: tuple[Clusters, ...] = ("families", "organisations", "benchmarks")

QUANTITIES = ("s_C", "s_F", "k", "A", "H", "hierarchical")


@dataclass(frozen=True)
class Labels:
    """Cluster of every version of stage 1, and of every benchmark, as numbers from 0."""

    versions: Integers
    families: Integers
    organisations: Integers
    benchmarks: Integers


@dataclass(frozen=True)
class Draws:
    """Refitted quantities, one row for each draw, and how many refits did not converge.

    values  columns are QUANTITIES; rates are as growth, ln of times a year
    capability  of each version in each draw, less the mean over versions (float32)
    """

    clusters: Clusters
    values: Array
    capability: NDArray[np.float32]
    difficulty: NDArray[np.float32]
    unconverged: int

    def of(self, quantity: str) -> Array:
        """Return the draws of one quantity."""
        return self.values[:, QUANTITIES.index(quantity)]


def cluster_labels(fit: ResponseFit, versions: pl.DataFrame) -> Labels:
    """Return clusters of the fit's versions: recipe or model as family, first-named organisation.

    A version without a known model or organisation is a cluster of its own.
    """
    facts = version_facts(versions)
    families, organisations = [], []
    for name in fit.pairs.versions:
        row = facts.get(name, {})
        families.append(row.get("recipe") or row.get("model") or name)
        organisations.append(organisation_of(row.get("organisation")) or name)
    return Labels(
        versions=np.arange(len(fit.pairs.versions)),
        families=np.unique(families, return_inverse=True)[1],
        organisations=np.unique(organisations, return_inverse=True)[1],
        benchmarks=np.arange(len(fit.pairs.benchmarks)),
    )


def draw_weights(labels: Labels, clusters: Clusters, seed: int) -> tuple[Array, Array]:
    """Return one draw's weights of versions and of benchmarks, each of mean 1."""
    random = np.random.default_rng(seed)
    version, benchmark = np.ones(len(labels.versions)), np.ones(len(labels.benchmarks))
    for name in CROSSED if clusters == "all" else (clusters,):
        groups: Integers = getattr(labels, name)
        weight = random.exponential(size=int(groups.max()) + 1)[groups]
        if name == "benchmarks":
            benchmark *= weight
        else:
            version *= weight
    return version / version.mean(), benchmark / benchmark.mean()


def weighted_slope(x: Array, y: Array, w: Array) -> float:
    """Return the slope of the weighted least-squares line."""
    total = w.sum()
    dx, dy = x - (w @ x) / total, y - (w @ y) / total
    return float((w * dx) @ dy / ((w * dx) @ dx))


@dataclass(frozen=True)
class SecondStage:
    """What stage 2 of a draw needs of the sample, found once.

    families  members of the published families
    rows, variance  the hierarchical model's rotated rows and their variances at the point fit,
              which draws keep
    """

    sample: ComputeSample
    families: tuple[Integers, ...]
    rows: Strata
    variance: Array

    @classmethod
    def of(cls, sample: ComputeSample, ratios: Array) -> SecondStage:
        """Return it for a sample and the variance ratios of its hierarchical fit."""
        members = sample.members(sample.family)
        families = tuple(index for _, index in members if len(index) >= LEAST_MEMBERS)
        rows = strata(sample, family_labels(sample))
        return cls(sample, families, rows, rows.variances(ratios))

    def quantities(self, capability: Array, weight: Array) -> Array:
        """Return QUANTITIES for capabilities and weights of the sample's versions."""
        x, t, w = self.sample.ln_compute, self.sample.t, weight
        s_c, s_f = weighted_slope(t, capability, w), weighted_slope(t, x, w)
        gains = [weighted_slope(x[i], capability[i], w[i]) for i in self.families]
        sizes = [w[i].sum() for i in self.families]
        k = float(np.dot(gains, sizes) / np.sum(sizes))
        X = np.column_stack([np.ones(len(x)), x / LN10, t - 2023])
        _, a, g = np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * capability))
        return np.array([s_c, s_f, k, s_c / k - s_f, g / a * LN10, self._joint(capability, w)])

    def _joint(self, capability: Array, weight: Array) -> float:
        """Return g / k of the hierarchical model, rows weighted, variances as at the point fit.

        A row of the rotated model belongs to a family; it is weighted by the family's mean weight.
        """
        rotation = self.rows.rotation
        w = (rotation**2 @ weight) / self.variance
        X, y = self.rows.X, rotation @ capability
        _, k, g = np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y))
        return float(g / k)


def bootstrap(
    fit: ResponseFit, stage: SecondStage, labels: Labels, clusters: Clusters, draws: range
) -> Draws:
    """Return the quantities of each draw; draw i depends on the clusters' name and i alone."""
    rows = list(_draws(fit, stage, labels, clusters, draws))
    return Draws(
        clusters,
        values=np.array([row[0] for row in rows]).reshape(-1, len(QUANTITIES)),
        capability=np.array([row[1] for row in rows], dtype=np.float32),
        difficulty=np.array([row[2] for row in rows], dtype=np.float32),
        unconverged=sum(not row[3] for row in rows),
    )


def _draws(
    fit: ResponseFit, stage: SecondStage, labels: Labels, clusters: Clusters, draws: range
) -> Iterator[tuple[Array, Array, Array, bool]]:
    pairs, start = fit.pairs, Start.of(fit)
    for i in draws:
        version, benchmark = draw_weights(labels, clusters, seed_of("capability", clusters, i))
        weight = version[pairs.version] * benchmark[pairs.benchmark]
        refit = fit_response(pairs, fit.model, weight=weight / weight.mean(), start=start)
        position = stage.sample.position
        values = stage.quantities(refit.capability[position], version[position])
        yield values, refit.capability, refit.difficulty, refit.certificate.converged
