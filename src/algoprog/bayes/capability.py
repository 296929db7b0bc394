"""Scores and capability against compute in one Bayesian model: its data, chains and table.

It knows the program `capability.stan` and stage 1 of :mod:`algoprog.capability`; it knows no
engine and reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.draws import diagnostics
from algoprog.bayes.engine import Engine, Program
from algoprog.bayes.models import stan_seed
from algoprog.bayes.settings import CapabilityPriors, Diagnostics, Sampler
from algoprog.bayes.tables import BAYES_CAPABILITY
from algoprog.capability.compute import ComputeSample, compute_sample
from algoprog.capability.hierarchical import family_labels
from algoprog.capability.published import Published
from algoprog.capability.response import (
    UNKNOWN_ITEMS,
    ResponseFit,
    ResponseModel,
    drawn_inwards,
    fit_response,
)
from algoprog.common.intervals import percentiles
from algoprog.common.seeds import seed_of
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

PROGRAM = "capability"
QUANTITIES = {  # of the program, and what they are called
    "growth": "growth of compute efficiency",
    **{f"anchor_{name}": name for name in ("k", "g", "sigma", "tau_b", "tau_k")},
}
_JUDGED = ("n_chains", "rhat", "ess_bulk", "ess_tail", "divergences", "energy", "passed")
_MOST_ITEMS = 1e5  # that a printed standard error of 0 stands for
_APART = 0.5  # standard deviation of the starts, in those of each parameter


@dataclass(frozen=True)
class JointModel:
    """The data of the program, and where chains start.

    Attributes
    ----------
    fit : stage 1 with a floor at guessing, for names and starts.
    sample : its versions with known compute.
    priors : of both stages.
    """

    fit: ResponseFit
    sample: ComputeSample
    priors: CapabilityPriors

    @property
    def items(self) -> Array:
        """Return the number of items (pairs,) that each score's sampling error stands for.

        y (1 - y) / se^2 where a standard error is printed, else 200.
        """
        pairs = self.fit.pairs
        y = drawn_inwards(pairs.score)
        with np.errstate(divide="ignore"):
            found = np.minimum(y * (1 - y) / pairs.standard_error**2, _MOST_ITEMS)
        return np.where(np.isnan(pairs.standard_error), UNKNOWN_ITEMS, np.maximum(found, 2.0))

    @property
    def families(self) -> NDArray[np.int64]:
        """Return each version's family of several versions, from 1; 0 of a version by itself."""
        names, index, count = np.unique(
            np.array(family_labels(self.sample)), return_inverse=True, return_counts=True
        )
        number = np.zeros(len(names), dtype=np.int64)
        number[count > 1] = 1 + np.arange((count > 1).sum())
        return np.asarray(number[index])

    @property
    def base(self) -> int:
        """Return the benchmark with the most scores, the first of several."""
        return int(np.argmax(np.bincount(self.fit.pairs.benchmark)))

    @property
    def scaled(self) -> tuple[Array, Array, Array]:
        """Return C, D and alpha of stage 1 in the program's units: those of the base."""
        fit = self.fit
        unit, level = float(fit.slope[self.base]), float(fit.difficulty[self.base])
        return unit * (fit.capability - level), unit * (fit.difficulty - level), fit.slope / unit

    @property
    def centre(self) -> Array:
        """Return C, D and ln alpha of stage 1 in the program's units, without the base's."""
        C, D, alpha = self.scaled
        other = np.arange(len(D)) != self.base
        return np.concatenate([C, D[other], np.log(alpha)[other]])

    @property
    def spread(self) -> Array:
        """Return a root of the covariance of C, D and ln alpha about stage 1's fit.

        The information of the scores at the median misfit, with that of priors of unit variance:
        (J' W J + 1)^-1 = spread spread'. It changes the speed of the sampler, not the posterior.
        """
        pairs, (C, D, slope) = self.fit.pairs, self.scaled
        M, B, rows = len(C), len(D), np.arange(len(pairs))
        at = np.delete(np.arange(B), self.base)
        alpha, away = slope[pairs.benchmark], C[pairs.version] - D[pairs.benchmark]
        J = np.zeros((len(pairs), M + 2 * B))
        J[rows, pairs.version] = alpha
        J[rows, M + pairs.benchmark] = -alpha
        J[rows, M + B + pairs.benchmark] = alpha * away
        J = J[:, np.concatenate([np.arange(M), M + at, M + B + at])]
        solved, guessing = 1 / (1 + np.exp(-alpha * away)), pairs.guessing[pairs.benchmark]
        mean = guessing + (1 - guessing) * solved
        rho = 1 / (1 + self.priors.precision.median)
        variance = mean * (1 - mean) * (rho + (1 - rho) / self.items)
        weight = ((1 - guessing) * solved * (1 - solved)) ** 2 / variance
        information = J.T @ (weight[:, None] * J) + np.eye(J.shape[1])
        return np.asarray(np.linalg.cholesky(np.linalg.inv(information)))

    def data(self) -> dict[str, Any]:
        """Return the program's data block."""
        pairs, sample, priors = self.fit.pairs, self.sample, self.priors
        items, families = self.items, self.families
        x = sample.ln_compute - sample.ln_compute.mean()
        of_family = x.copy()
        for family in range(1, families.max(initial=0) + 1):
            of_family[families == family] = x[families == family].mean()
        known = set(sample.position.tolist())
        unknown = [i for i in range(len(pairs.versions)) if i not in known]
        return {
            "M": len(pairs.versions), "B": len(pairs.benchmarks), "P": len(pairs),
            "version": (pairs.version + 1).tolist(), "benchmark": (pairs.benchmark + 1).tolist(),
            "score": ((pairs.score * items + 0.5) / (items + 1)).tolist(),
            "items": items.tolist(), "guessing": pairs.guessing.tolist(),
            "anchor": pairs.position(self.fit.model.anchor) + 1,
            "base": self.base + 1,
            "other": [b + 1 for b in range(len(pairs.benchmarks)) if b != self.base],
            "K": len(sample), "known": (sample.position + 1).tolist(),
            "unknown": [i + 1 for i in unknown],
            "x_family": of_family.tolist(), "x_within": (x - of_family).tolist(),
            "t": (sample.t - sample.t.mean()).tolist(),
            "F": int(families.max(initial=0)), "family": families.tolist(),
            "centre": self.centre.tolist(), "spread": self.spread.tolist(),
            "gain_mean": float(np.log(priors.gain.median)), "gain_sd": priors.gain.log_sd,
            "trend_sd": priors.trend_sd, "level_sd": priors.level_sd,
            "spread_sd": priors.spread_sd,
            "precision_mean": float(np.log(priors.precision.median)),
            "precision_sd": priors.precision.log_sd,
        }  # fmt: skip

    def start(self, seed: int) -> dict[str, Any]:
        """Return a chain's start: about stage 1's fit, a little apart in each parameter."""
        rng = np.random.default_rng(seed)
        F, centre = int(self.families.max(initial=0)), self.centre
        M, B = len(self.fit.pairs.versions), len(self.fit.slope)
        C, D, log_slope = centre[:M], centre[M : M + B - 1], centre[M + B - 1 :]

        def about(values: Any) -> Any:
            return (np.asarray(values) + _APART * rng.standard_normal(np.shape(values))).tolist()

        precision = float(np.log(self.priors.precision.median))
        return {
            "z": about(np.zeros(len(centre))), "log_precision": about(np.full(B, precision)),
            "difficulty_level": about(float(D.mean())), "difficulty_spread": 1.0,
            "slope_level": about(float(log_slope.mean())), "slope_spread": 0.5,
            "precision_level": about(precision), "precision_spread": 0.5,
            "unknown_level": about(float(C.mean())), "unknown_spread": 0.5,
            "b": about(float(C[self.sample.position].mean())),
            "log_k": about(np.log(self.priors.gain.median)), "g": about(0.5), "sigma": 0.1,
            "tau_b": 0.2, "tau_k": 0.05, "level_z": about(np.zeros(F)),
            "gain_z": about(np.zeros(F)),
        }  # fmt: skip


def joint_model(published: Published, priors: CapabilityPriors) -> JointModel:
    """Return the model of the published sample of scores, with a floor at guessing."""
    fit = fit_response(published.main.pairs, ResponseModel(floor=True))
    return JointModel(fit, compute_sample(fit, published.registers.versions), priors)


def joint_chain(
    model: JointModel, program: Program, sampler: Sampler, seed: int, number: int
) -> pl.DataFrame:
    """Return the draws of chain ``number`` (from 1); it depends on the seed and number only."""
    names = (seed, "bayes", "capability", number)
    start = model.start(seed_of(*names))
    return program.sample(model.data(), start, stan_seed(*names), sampler)


def joint_table(
    model: JointModel,
    chains: Sequence[pl.DataFrame],
    engine: Engine,
    limits: Diagnostics,
    max_depth: int,
) -> pl.DataFrame:
    """Return the table `bayes_capability`: the posterior of each quantity of stage 2."""
    judged = [_sampled(chain) for chain in chains]
    found = diagnostics(judged, limits, max_depth)
    draws = pl.concat(chains)
    common = {
        "pairs": len(model.fit.pairs),
        "versions": len(model.sample),
        "engine": f"{engine.name} {engine.version}",
        **{name: found[name] for name in _JUDGED},
    }
    rows: list[Mapping[str, Any]] = []
    for name, quantity in QUANTITIES.items():
        values = draws[name].to_numpy()
        rows.append({"quantity": quantity, **percentiles(values).columns(), **common})
    rate = np.exp(draws["growth"].to_numpy())
    rows.append({"quantity": "rate", **percentiles(rate).columns(), **common})
    return frame_of(BAYES_CAPABILITY, rows)


def _sampled(chain: pl.DataFrame) -> pl.DataFrame:
    """What a chain sampled, and capabilities: without what follows from them."""
    derived = ("alpha.", "D.", "anchor_")
    return chain.select([name for name in chain.columns if not name.startswith(derived)])
