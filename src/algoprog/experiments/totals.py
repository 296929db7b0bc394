"""The published gain of 6,930 from 2012 to 2023, taken apart and computed again.

The total of arXiv 2511.21622 is the gain of the 2017 transformer over the LSTM, extrapolated from
runs of at most 2e17 FLOP to the compute of the frontier in 2023, times a factor that does not
depend on compute:

    total = gain(C) * experts * prod(five ablations)^s,   s = ln(together) / ln prod(six ablations),

with C = 1e16 * 4.1^(2023 - 2013) FLOP. (Chinchilla's allocation divides the first factor and
multiplies the last innovation, so it cancels.) The sixth ablation, GELU to SwiGLU, enters the
normalisation s only; the factor of experts was not measured. The module knows printed constants
by their id and power laws; it knows no registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.experiments.frontiers import PowerLaw, log_gain

Array = NDArray[np.float64]

FIRST_YEAR = 2013  # of the published growth of compute
LAST_YEAR = 2023
# What one ablation is made of in the published arithmetic: its sixth is a ratio of two.
_FIVE = ("learned_to_rotary", "post_to_pre_norm", "schedule", "pre_norm_to_rms")


@dataclass(frozen=True)
class Published:
    """The printed constants of the total, by id."""

    constants: Mapping[str, float]

    @property
    def irreducible(self) -> float:
        """The imposed irreducible loss in nats."""
        return self.constants["progress.E"]

    @property
    def compute(self) -> float:
        """Compute of the frontier in 2023, FLOP."""
        grown = self.constants["progress.compute.growth"] ** (LAST_YEAR - FIRST_YEAR)
        return self.constants["progress.compute.first"] * grown

    @property
    def invariant(self) -> float:
        """The factor that does not depend on compute."""
        ablation = {
            name.removeprefix("progress.ablation."): value
            for name, value in self.constants.items()
            if name.startswith("progress.ablation.")
        }
        learned = ablation["sinusoidal_to_rotary"] / ablation["learned_to_rotary"]
        five = float(np.prod([ablation[name] for name in _FIVE])) * learned
        six = five * ablation["gelu_to_swiglu"]
        share = np.log(ablation["together"]) / np.log(six)
        return float(self.constants["progress.experts"] * five**share)

    def frontier(self, recipe: str) -> PowerLaw:
        """Return the printed frontier of ``lstm``, ``transformer_2017`` or ``transformer_modern``.

        Its range of compute was not printed.
        """
        return PowerLaw(
            log_level=float(np.log(self.constants[f"progress.{recipe}.A"])),
            exponent=self.constants[f"progress.{recipe}.b"],
            irreducible=self.irreducible,
            low=float("nan"),
            high=float("nan"),
            n=0,
        )

    def total(self, worse: PowerLaw, better: PowerLaw) -> float:
        """Return the published arithmetic on any two frontiers."""
        return self.invariant * float(np.exp(log_gain(worse, better, self.compute)))

    def totals(self, worse: list[PowerLaw], better: list[PowerLaw]) -> Array:
        """Return the arithmetic on draws (r,) of two frontiers, which are drawn independently."""
        return np.array([self.total(a, b) for a, b in zip(worse, better, strict=True)])
