"""A fitted variant as a function of parameters, data, date and benchmark, for many draws at once.

It knows a compiled variant's formulas; it knows no samples, estimators or quantities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.model.design import Design
from algoprog.model.model import Model
from algoprog.model.units import Units

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Surface:
    """The loss surface of a model: yhat(theta; t, n, d, ...) in nats.

    ``names`` gives the order of the parameters in every theta (r, p).
    """

    model: Model
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: Model) -> Surface:
        """Return the surface of a model."""
        return cls(model, model.at(t=0.0).parameters)

    @property
    def units(self) -> Units:
        """The units of the model's sample."""
        return self.model.units

    def design(self, **values: float | str | Array | Sequence[float]) -> Design:
        """Return the compiled variant at points given by variables (see :meth:`Model.at`)."""
        design = self.model.at(**values)
        if design.parameters != self.names:
            raise AssertionError(f"{design.parameters} where {self.names} belong")
        return design

    def linear_predictors(self, theta: Array, design: Design) -> list[Array]:
        """Linear predictor (r, m) of each term at m points for r draws theta (r, p)."""
        return [
            design.offset[k]
            + theta[:, design.parameter_of_column[term.start : term.stop]]
            @ design.columns[term.start : term.stop]
            for k, term in enumerate(design.terms)
        ]

    def loss(self, theta: Array, design: Design) -> Array:
        """Predicted loss (r, m) in nats: s * sum of exponentials + linear terms."""
        exponentials = np.zeros((len(theta), design.n))
        linear = np.zeros_like(exponentials)
        for term, eta in zip(design.terms, self.linear_predictors(theta, design), strict=True):
            if term.exponential:
                exponentials += np.exp(eta)
            else:
                linear += eta
        return self.multiplier(theta, design) * exponentials + linear

    def multiplier(self, theta: Array, design: Design) -> Array:
        """sigma(gamma)^m (r, m) of a variant with a multiplier, else 1."""
        g = design.multiplier_parameter
        if g < 0:
            return np.ones((len(theta), design.n))
        log_sigma = -np.logaddexp(0.0, -theta[:, g])
        return np.asarray(np.exp(log_sigma[:, None] * design.multiplier))
