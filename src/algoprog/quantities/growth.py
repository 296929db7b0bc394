"""Growth of effective compute of a model, by the definition of a doubling time that it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.model.growth import ClosedForm
from algoprog.model.model import Model
from algoprog.quantities import optimal_scaling
from algoprog.quantities.optimal_scaling import OptimalScaling

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """Growth of effective compute per year as a function of a model's parameters.

    On one benchmark, the sample's baseline, where benchmarks differ.
    """

    baseline: str
    closed: ClosedForm | None
    scaling: OptimalScaling | None

    @classmethod
    def of(cls, model: Model) -> Growth:
        """Return the growth of a model."""
        return cls(model.units.baseline, model.closed_form, OptimalScaling.of(model))

    def closed_form(self, theta: Array) -> Array | None:
        """Return growth (r,) of draws theta (r, p) in closed form; None where there is none."""
        return None if self.closed is None else self.closed.compute_growth(theta)

    def optimal_scaling(self, theta: Array) -> Array | None:
        """Return growth (r,) by optimal scaling; None for a variant without progress."""
        if self.scaling is None:
            return None
        s = self.scaling
        return optimal_scaling.solve(s.on(self.baseline), theta, s.compute, s.year)[0]

    def __call__(self, theta: Array) -> Array | None:
        """Return growth in closed form where there is one, else by optimal scaling.

        None for a variant without progress.
        """
        closed = self.closed_form(theta)
        return self.optimal_scaling(theta) if closed is None else closed
