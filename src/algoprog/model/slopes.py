"""How predicted loss changes with time and scale on given rows, for many draws at once.

It knows a model's design and its exact derivatives; it knows no definition of growth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.model.columns import DIRECTIONS
from algoprog.model.compiling import Tangent, tangent
from algoprog.model.design import Design
from algoprog.model.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a model's predicted loss along t (years), n (ln N) and d (ln D), in nats.

    ``design`` is the model on the n rows; ``tangents`` are the design's derivatives by direction.
    """

    design: Design
    tangents: dict[str, Tangent]

    @classmethod
    def of(cls, model: Model) -> Slopes:
        """Return the slopes of a model on the rows of its sample."""
        values = model.units.of_rows(model.sample.rows)
        tangents = {
            along: tangent(model.variant, values, model.units.levels, along) for along in DIRECTIONS
        }
        return cls(model.design, tangents)

    def at(self, theta: Array) -> dict[str, Array]:
        """Return dL/dt, dL/dn and dL/dd, each (r, n), for draws theta (r, p).

        With eta_k = offset_k + X_k theta and loss s sum_k exp(eta_k) + the linear terms,
        dL/dx = s sum_k exp(eta_k) deta_k/dx + the slopes of the linear terms.
        """
        design = self.design
        found = {along: np.zeros((len(theta), design.n)) for along in self.tangents}
        multiplier = np.ones((len(theta), design.n))
        if design.multiplier_parameter >= 0:
            log_sigma = -np.logaddexp(0.0, -theta[:, design.multiplier_parameter])
            multiplier = np.exp(log_sigma[:, None] * design.multiplier)
        for k, term in enumerate(design.terms):
            part = slice(term.start, term.stop)
            own = theta[:, design.parameter_of_column[part]]
            size = multiplier
            if term.exponential:
                size = multiplier * np.exp(design.offset[k] + own @ design.columns[part])
            for along, one in self.tangents.items():
                eta = one.offset[k] + own @ one.columns[part]
                found[along] += size * eta if term.exponential else eta
        return found

    def means(self, theta: Array) -> dict[str, tuple[float, Array]]:
        """Return the mean over rows of dL/dt, dL/dn and dL/dd at one theta (p,), with derivatives.

        The derivative (p,) by the parameters is that of :meth:`at`: with eta' the slope of eta_k
        and X' that of its columns, s exp(eta_k) (X eta' + X') for an exponential, X' for a linear
        term, and m (1 - sigma) s exp(eta_k) eta' by the multiplier's parameter.
        """
        design, g = self.design, self.design.multiplier_parameter
        values = dict.fromkeys(self.tangents, 0.0)
        gradients = {along: np.zeros(design.p) for along in self.tangents}
        multiplier, turn = np.ones(design.n), np.zeros(design.n)
        if g >= 0:
            multiplier = np.exp(-np.logaddexp(0.0, -theta[g]) * design.multiplier)
            turn = design.multiplier / (1.0 + np.exp(theta[g]))
        for k, term in enumerate(design.terms):
            part = slice(term.start, term.stop)
            owners, columns = design.parameter_of_column[part], design.columns[part]
            size = np.ones(design.n)
            if term.exponential:
                size = multiplier * np.exp(design.offset[k] + theta[owners] @ columns)
            for along, one in self.tangents.items():
                pull = size * (one.offset[k] + theta[owners] @ one.columns[part])
                moved = one.columns[part] * size
                if term.exponential:
                    moved = moved + columns * pull
                    if g >= 0:
                        gradients[along][g] += np.mean(pull * turn)
                values[along] += float(pull.mean())
                np.add.at(gradients[along], owners, moved.mean(axis=1))
        return {along: (values[along], gradients[along]) for along in self.tangents}
