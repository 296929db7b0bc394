"""A variant's exponents as polynomials of scale and time, so that equations in them can be solved.

On one benchmark, for a transformer with the benchmark's own vocabulary and data read once, each
term of most variants has a linear predictor

    eta_k = sum_ij x_i y_j H_kij(theta),    x = (1, n, d),   y = (1, t, ln Y),

with H affine in the parameters theta. The coefficients are read off the compiled formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.compiling import compile_variant
from algoprog.model.points import coordinates
from algoprog.model.units import Normaliser

if TYPE_CHECKING:
    from algoprog.model.model import Model

Array = NDArray[np.float64]

# Points (n, d, t, ln Y): the nine that give the coefficients, and others at which any formula that
# is not of this form shows.
_SCALE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
_TIME = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
_CHECKS = (
    (3.7, 1.3, 11.2, np.log(2023.2)),
    (-2.1, 4.9, 2.6, np.log(2014.6)),
    (12.3, 8.1, -5.4, np.log(2006.6)),
    (5.3, 17.9, 31.7, np.log(2043.7)),
)


@dataclass(frozen=True)
class Exponents:
    """Terms of a variant on one benchmark.

    Attributes
    ----------
    names : the p parameters, in order.
    maps : (K, 3, 3, p) coefficients of the parameters in H.
    held : (K, 3, 3) what held parameters add.
    exponential : (K,) whether a term is exponentiated, or else linear.
    multiplier : (p,) 1 at a parameter gamma whose sigma(gamma) multiplies all exponentials.
    origin : the units of n, d and t.
    """

    names: tuple[str, ...]
    maps: Array
    held: Array
    exponential: NDArray[np.bool_]
    multiplier: Array
    origin: Normaliser

    @classmethod
    def of(cls, model: Model, benchmark: str) -> Exponents | None:
        """Return those of a model on one benchmark; None for formulas of another form."""
        solved = [(*scale, *time) for scale in _SCALE for time in _TIME]
        points = np.array([*solved, *_CHECKS])
        n, d, t, log_year = points.T
        origin = model.units.origin
        zero = coordinates(origin, origin.log_parameters, origin.log_tokens, origin.first_year)
        full: dict[str, Any] = {
            "t": t,
            "n": n,
            "d": d,
            "d_seen": d + zero["d_seen"],
            "d_effective": d + zero["d_effective"],
            "c": n + d + zero["c"],
            "b": np.full(len(points), benchmark),
            "T": np.ones(len(points)),
            "Y": np.exp(log_year),
            "V": np.full(len(points), float(model.units.vocabulary(benchmark))),
        }
        try:
            design = compile_variant(model.variant, full, model.units.levels)
        except InputError:  # finite on the rows of the sample but not here
            return None
        if np.ptp(design.multiplier):
            return None
        x = np.column_stack([np.ones_like(n), n, d])
        y = np.column_stack([np.ones_like(t), t, log_year])
        # per term and point: coefficients of the parameters, then the constant
        value = np.zeros((len(design.terms), design.p + 1, len(points)))
        for k, term in enumerate(design.terms):
            owners = design.parameter_of_column[term.start : term.stop]
            np.add.at(value[k], owners, design.columns[term.start : term.stop])
            value[k, -1] = design.offset[k]
        h = value[..., : len(solved)].copy().reshape(*value.shape[:2], 3, 3)
        h[:, :, 1:] -= h[:, :, :1]
        h[..., 1:] -= h[..., :1]
        again = np.einsum("kpij,mi,mj->kpm", h, x, y)
        if not np.allclose(again, value, rtol=1e-9, atol=1e-9):
            return None
        multiplier = np.zeros(design.p)
        if design.multiplier_parameter >= 0:
            multiplier[design.multiplier_parameter] = design.multiplier[0]
        return cls(
            names=design.parameters,
            maps=np.moveaxis(h[:, :-1], 1, -1),
            held=h[:, -1],
            exponential=design.exponential,
            multiplier=multiplier,
            origin=origin,
        )

    @property
    def progresses(self) -> bool:
        """Whether loss depends on time at all."""
        return bool(self.maps[..., 1:, :].any() or self.held[..., 1:].any())

    def same_progress(self, other: Exponents) -> bool:
        """Whether all but the levels (intercepts of the terms) is the same as ``other``'s."""
        return all(
            np.array_equal(a.reshape(len(a), 9, -1)[:, 1:], b.reshape(len(b), 9, -1)[:, 1:])
            for a, b in ((self.maps, other.maps), (self.held, other.held))
        )

    def same(self, other: Exponents) -> bool:
        """Whether loss is the same function as ``other``'s."""
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("maps", "held", "multiplier")
        )

    @property
    def level_free(self) -> bool:
        """Whether growth of effective compute at an interior optimum does not depend on levels.

        So with at most two exponentials, whose ratio at the optimum is that of their slopes, rates
        that do not depend on scale, and linear terms that depend on neither; or with exponentials
        that depend on neither.
        """

        def only(where: tuple[Any, ...]) -> bool:
            return not (self.maps[where].any() or self.held[where].any())

        def constant(terms: NDArray[np.bool_]) -> bool:
            return only((terms, slice(1, None))) and only((terms, 0, slice(1, None)))

        apart = only((slice(None), slice(1, None), slice(1, None)))
        few = bool(self.exponential.sum() <= 2)
        return constant(self.exponential) or (few and apart and constant(~self.exponential))

    def coefficients(self, theta: Array) -> Array:
        """H (r, K, 3, 3) of r draws theta (r, p); sigma(gamma) is in the levels."""
        h = np.moveaxis(self.maps @ theta.T, -1, 0) + self.held
        with np.errstate(invalid="ignore"):  # of a draw that is no number
            log_sigma = -np.logaddexp(0.0, -theta) @ self.multiplier
        h[:, :, 0, 0] += log_sigma[:, None] * self.exponential
        return np.asarray(h)

    def at_year(self, coefficients: Array, year: float) -> Array:
        """Coefficients (r, K, 3) of (1, n, d) at a calendar year."""
        time = np.array([1.0, year - self.origin.first_year, np.log(year)])
        return np.asarray(coefficients @ time)
