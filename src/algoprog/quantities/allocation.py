"""What an optimal split of compute into parameters and data is worth.

A scaling law says which loss a run of N parameters on D tokens reaches; with 6ND = C each law has a
best split of the compute C. Under a law taken as true (Hoffmann et al. 2022, "Chinchilla") a run
split otherwise, by another law's advice (Kaplan et al. 2020) or as a system was, wastes some of its
compute. The gain is that waste; Ho et al. (2024) search for it at random, here it is closed form.

Compute is in FLOP, parameters and tokens are counts, losses nats per token.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.quantities.tables import ALLOCATION
from algoprog.tables.frames import frame_of

FLOP_PER_PARAMETER_AND_TOKEN = 6.0


@dataclass(frozen=True)
class AdditiveLaw:
    """L = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022, equation 10).

    With u = C/6 = ND the reducible loss is convex in ln N and least at

        N* = G u^(beta / (alpha + beta)),  D* = u / N*,

    G = (alpha A / (beta B))^(1 / (alpha + beta)), where it is K u^-gamma with
    K = A G^-alpha + B G^beta and gamma = alpha beta / (alpha + beta).
    """

    irreducible: float
    parameter_coefficient: float
    parameter_exponent: float
    data_coefficient: float
    data_exponent: float

    def reducible(self, parameters: float, tokens: float) -> float:
        """L - E, which keeps its digits where L itself nears E."""
        return float(
            self.parameter_coefficient / parameters**self.parameter_exponent
            + self.data_coefficient / tokens**self.data_exponent
        )

    def loss(self, parameters: float, tokens: float) -> float:
        """L in nats."""
        return self.irreducible + self.reducible(parameters, tokens)

    def optimum(self, compute: float) -> tuple[float, float]:
        """(N*, D*) of a compute."""
        product = compute / FLOP_PER_PARAMETER_AND_TOKEN
        share = self.data_exponent / (self.parameter_exponent + self.data_exponent)
        return self._balance * product**share, product ** (1 - share) / self._balance

    def sufficient_compute(self, reducible: float) -> float:
        """Compute at which the optimum has this reducible loss: C = 6 (K / (L - E))^(1/gamma)."""
        a, b = self.parameter_exponent, self.data_exponent
        scale = self.reducible(self._balance, 1.0 / self._balance)
        ratio: float = (scale / reducible) ** ((a + b) / (a * b))
        return FLOP_PER_PARAMETER_AND_TOKEN * ratio

    @property
    def _balance(self) -> float:
        """G, the optimal number of parameters where ND = 1."""
        a, b = self.parameter_exponent, self.data_exponent
        ratio = a * self.parameter_coefficient / (b * self.data_coefficient)
        balance: float = ratio ** (1 / (a + b))
        return balance


@dataclass(frozen=True)
class NestedLaw:
    """L = ((N_c / N)^(alpha_N / alpha_D) + D_c / D)^alpha_D (Kaplan et al. 2020, equation 1.5).

    With u = C/6 = ND and p = alpha_N / alpha_D the bracket is convex in ln N and least at

        N* = (p N_c^p u / D_c)^(1/(1 + p)),  D* = u / N*.
    """

    parameter_scale: float
    parameter_exponent: float
    data_scale: float
    data_exponent: float

    def loss(self, parameters: float, tokens: float) -> float:
        """L in nats."""
        power = self.parameter_exponent / self.data_exponent
        bracket = (self.parameter_scale / parameters) ** power + self.data_scale / tokens
        return float(bracket**self.data_exponent)

    def optimum(self, compute: float) -> tuple[float, float]:
        """(N*, D*) of a compute."""
        power = self.parameter_exponent / self.data_exponent
        product = compute / FLOP_PER_PARAMETER_AND_TOKEN
        log_scale = math.log(power) + power * math.log(self.parameter_scale)
        parameters = math.exp(
            (log_scale + math.log(product) - math.log(self.data_scale)) / (1 + power)
        )
        return parameters, product / parameters


def compute_equivalent_gain(law: AdditiveLaw, parameters: float, tokens: float) -> float:
    """By which factor less compute, split optimally, reaches the loss of (N, D): at least 1.

    gain = C / C' with C = 6ND and C' the solution of L(N*(C'), D*(C')) = L(N, D): the law's least
    loss is a power of compute, so C' is in closed form.
    """
    compute = FLOP_PER_PARAMETER_AND_TOKEN * parameters * tokens
    return compute / law.sufficient_compute(law.reducible(parameters, tokens))


def extra_compute(
    law: AdditiveLaw, split: Callable[[float], tuple[float, float]], compute: float
) -> float:
    """By which factor more compute another split reaches the optimal loss of a compute.

    The root a >= 1 of L(split(a C)) = L(N*(C), D*(C)), bracketed in ln a and found to machine
    precision; `split` gives (N, D) of a compute, both growing with it. It is the same relation as
    :func:`compute_equivalent_gain`, told from the other end: the gain at compute a C is a.
    """
    from scipy.optimize import brentq

    target = math.log(law.reducible(*law.optimum(compute)))

    def above(log_factor: float) -> float:
        return math.log(law.reducible(*split(compute * math.exp(log_factor)))) - target

    if above(0.0) <= 0:  # the split is the optimal one, up to rounding
        return 1.0
    high = 1.0
    while above(high) > 0:
        high *= 2
        if high > 500:
            raise ValueError(f"no compute so split reaches the optimal loss of {compute:g} FLOP")
    return math.exp(float(brentq(above, 0.0, high, xtol=1e-15, rtol=1e-15, maxiter=200)))


@dataclass(frozen=True)
class Run:
    """A training run: its compute C in FLOP and its tokens D, so that N = C / 6D."""

    compute: float
    dataset_tokens: float

    @property
    def parameters(self) -> float:
        """Number of parameters N."""
        return self.compute / (FLOP_PER_PARAMETER_AND_TOKEN * self.dataset_tokens)


@dataclass(frozen=True)
class Baseline(NestedLaw):
    """The law whose advice is judged, with its name in the table."""

    name: str


@dataclass(frozen=True)
class Allocations:
    """What the table `allocation` is made of.

    Attributes
    ----------
    laws : taken as true, by name.
    baseline, computes : the law whose optimum is judged, and at which compute (FLOP).
    systems : runs that are judged, by name.
    """

    laws: dict[str, AdditiveLaw]
    baseline: Baseline
    computes: tuple[float, ...]
    systems: dict[str, Run]


def allocation_table(asked: Allocations) -> pl.DataFrame:
    """Return the table `allocation`: gains under each law of the baseline's splits, of systems.

    ``loss`` is that of the split, ``optimal_*`` belong to the same compute split optimally, all
    under the law; ``extra_compute`` is blank for a system, which is one split and no rule.
    """
    advice = asked.baseline
    rows = []
    for law_name, law in asked.laws.items():
        for compute in asked.computes:
            row = _row(law, advice.name, compute, *advice.optimum(compute))
            row["extra_compute"] = extra_compute(law, advice.optimum, compute)
            rows.append({"law": law_name, **row})
        for system, run in asked.systems.items():
            row = _row(law, system, run.compute, run.parameters, run.dataset_tokens)
            rows.append({"law": law_name, **row})
    return frame_of(ALLOCATION, rows)


def _row(
    law: AdditiveLaw, system: str, compute: float, parameters: float, tokens: float
) -> dict[str, Any]:
    best = law.optimum(compute)
    return {
        "system": system,
        "compute": compute,
        "parameters": parameters,
        "dataset_tokens": tokens,
        "loss": law.loss(parameters, tokens),
        "optimal_parameters": best[0],
        "optimal_dataset_tokens": best[1],
        "optimal_loss": law.loss(*best),
        "gain": compute_equivalent_gain(law, parameters, tokens),
        "extra_compute": None,
    }
