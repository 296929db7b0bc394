"""How strong unobserved quality would have to be to halve, or undo, growth where the records are.

A latent quality of algorithms that compute, its parts or the date go along with biases a law that
leaves it out. In the form of Cinelli and Hazlett (2020): with D~ the treatment without what date,
scale and benchmark explain of it, J the law's columns (of a curved law its Gauss-Newton
linearisation), a = J^+ D~ and rho^2 the share of D~ that J explains, a quality of partial R^2 r_D
with the treatment and r_Y with loss moves the parameters by

    +- sqrt(r_Y r_D / (1 - r_D rho^2)) sd(loss | J) / sd(D~) a.

For a linear law with the treatment among its columns rho is 1 and this is their equation. Growth is
evaluated exactly at the moved parameters. It knows models and fits; it knows no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import thorough
from algoprog.estimators.estimator import Task
from algoprog.estimators.inference import derivatives
from algoprog.model.model import Model
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.robustness.evidence_tables import ENDOGENEITY, ENDOGENEITY_COVARIATES
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

# A treatment, and what is held fixed besides the benchmark.
TREATMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "compute": ("c", ("t",)),
    "parameters": ("n", ("d", "t")),
    "data": ("d", ("n", "t")),
    "date": ("t", ("n", "d")),
}
TARGETS = {"half": 0.5, "none": 0.0}  # share of growth that is left
QUALITY = {-1.0: "rises", 1.0: "falls"}  # with the treatment, by the sign of what it adds to loss
STRENGTHS = np.linspace(0.0, 0.999, 1000)  # partial R2 that are tried
_BISECTIONS = 40
VANISHED = 1e-12  # share of a treatment's square that is rounding


def residual(values: Array, given: Array) -> Array:
    """Return what least squares on columns (n, m) leaves of values (n, ...)."""
    return np.asarray(values - given @ np.linalg.lstsq(given, values, rcond=None)[0])


def partial_r2(values: Array, given: Array, further: Array) -> float:
    """Return the share of values' variance given columns that further columns explain."""
    left = residual(values, given)
    further_left = residual(left, residual(further, given))
    return max(0.0, 1.0 - float(further_left @ further_left / (left @ left)))


@dataclass(frozen=True)
class Fitted:
    """A model with its task and the parameters (p,) of its converged fit."""

    model: Model
    task: Task
    theta: Array

    @classmethod
    def of(cls, model: Model, response: str, delta: float) -> Fitted:
        """Return the converged fit of a model."""
        task = Task.of(model, response, delta)
        return cls(model, task, thorough(task.design, task.response, delta).theta)


@dataclass(frozen=True)
class Law:
    """A fitted law around its estimate.

    Attributes
    ----------
    columns : (n, p) derivatives of predicted loss in the parameters that are not held at zero.
    names : of these parameters.
    left : (n,) what they leave of ``loss`` (n,).
    growth : growth per year (r,) where the records are, for moves (r, p) of these parameters.
    """

    model: Model
    delta: float
    columns: Array
    names: tuple[str, ...]
    left: Array
    loss: Array
    growth: Callable[[Array], Array]

    @classmethod
    def of(cls, fitted: Fitted) -> Law:
        """Return the law of a fit."""
        model, task, theta = fitted.model, fitted.task, fitted.theta
        errors, jacobian, _ = derivatives(task.problem, theta)
        moving = np.flatnonzero(theta)
        columns = jacobian[:, moving]
        own = OwnAllocation.of(model)

        def growth(moves: Array) -> Array:
            moved = np.repeat(theta[None, :], len(moves), axis=0)
            moved[:, moving] += moves
            return own.growth(moved)

        names = tuple(task.design.parameters[j] for j in moving)
        left = residual(errors, columns)
        return cls(model, task.delta, columns, names, left, task.response, growth)

    @cached_property
    def point(self) -> float:
        """Growth per year at the estimate."""
        return float(self.growth(np.zeros((1, len(self.names))))[0])

    def treated(self, treatment: str) -> Treated | None:
        """Return how a quality that goes along with a treatment would move the law.

        None where nothing of the treatment is left to go along with.
        """
        values = self.model.units.of_rows(self.model.sample.rows)
        variable, others = TREATMENTS[treatment]
        given = np.column_stack([benchmark_dummies(self.model), *(values[name] for name in others)])
        of_records = np.asarray(values[variable], dtype=float)
        left = residual(of_records, given)
        if left @ left <= VANISHED * (of_records @ of_records):
            return None
        return Treated.of(self, of_records, given)


def benchmark_dummies(model: Model) -> Array:
    """Return a column for each benchmark (n, k): 1 on its records."""
    names = model.sample.rows["benchmark"].to_numpy()
    return np.column_stack([(names == level).astype(float) for level in model.units.levels])


@dataclass(frozen=True)
class Treated:
    """A law and a treatment: in which direction the parameters move, and how far.

    ``along`` (p,) is a = J^+ D~, ``shared`` is rho^2 and ``reach`` is sd(loss | J) / sd(D~).
    """

    law: Law
    treatment: Array
    given: Array
    along: Array
    shared: float
    reach: float

    @classmethod
    def of(cls, law: Law, treatment: Array, given: Array) -> Treated:
        """Return the law's move along a treatment (n,), given columns (n, m)."""
        alone = residual(treatment, given)
        along = np.asarray(np.linalg.lstsq(law.columns, alone, rcond=None)[0], dtype=float)
        left = residual(alone, law.columns)
        shared = 1.0 - float(left @ left / (alone @ alone))
        return cls(law, treatment, given, along, shared, float(law.left.std() / alone.std()))

    def moved(self, of_treatment: Array, of_loss: Array, sign: float) -> Array:
        """Return growth (r,) if a quality of these partial R2 (r,) had been left out.

        ``sign`` is that of the product of its effects on treatment and on loss: -1 where better
        quality, which lowers loss, comes with more of the treatment.
        """
        size = np.sqrt(of_loss * of_treatment / (1.0 - of_treatment * self.shared))
        return self.law.growth(-sign * self.reach * size[:, None] * self.along)

    @cached_property
    def _curves(self) -> dict[float, Array]:
        """Growth at each of ``STRENGTHS``, with treatment and loss alike, by sign."""
        return {sign: self.moved(STRENGTHS, STRENGTHS, sign) for sign in QUALITY}

    def robustness_value(self, target: float, sign: float) -> float | None:
        """Return the least partial R2, with treatment and loss alike, that leaves target growth.

        None where no quality of this sign does so.
        """
        growth = self._curves[sign] - target
        if growth[0] == 0:
            return 0.0
        crossed = np.flatnonzero(np.isnan(growth) | (growth[0] * growth <= 0))
        if not crossed.size or np.isnan(growth[crossed[0]]):
            return None
        low, high = STRENGTHS[crossed[0] - 1], STRENGTHS[crossed[0]]
        for _ in range(_BISECTIONS):
            middle = np.array([(low + high) / 2])
            beyond = growth[0] * float((self.moved(middle, middle, sign) - target)[0]) <= 0
            low, high = (low, float(middle[0])) if beyond else (float(middle[0]), high)
        return float(high)

    def alone(self, value: float) -> float:
        """Return the partial R2 with the treatment that does it where all left of loss is quality.

        ``value`` is the robustness value of the same growth.
        """
        square = value * value / (1.0 - value * self.shared)
        return square / (1.0 + square * self.shared)


def endogeneity_tables(laws: Sequence[Law]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `endogeneity` and `endogeneity_covariates` of laws."""
    rows: list[dict[str, Any]] = []
    covariates: list[dict[str, Any]] = []
    for law in laws:
        for treatment in TREATMENTS:
            treated = law.treated(treatment)
            key = {"variant": law.model.variant.name, "delta": law.delta, "treatment": treatment}
            if treated is None:
                reason = "nothing of it varies once benchmark, date and scale are given"
                rows += [key | {"target": target, "reason": reason} for target in TARGETS]
                continue
            rows += [key | row for row in _targets(treated)]
            covariates += [key | row for row in _covariates(treated)]
    return frame_of(ENDOGENEITY, rows), frame_of(ENDOGENEITY_COVARIATES, covariates)


def _targets(treated: Treated) -> Iterator[dict[str, Any]]:
    """Yield how strong a quality must be for each target."""
    growth = treated.law.point
    for target, share in TARGETS.items():
        row: dict[str, Any] = {"target": target, "growth_point": growth}
        row["point"] = float(doubling_months(growth))
        values = {sign: treated.robustness_value(share * growth, sign) for sign in QUALITY}
        found = {sign: value for sign, value in values.items() if value is not None}
        if not found:
            yield row | {"reason": "no quality along this treatment does so"}
            continue
        sign = min(found, key=lambda one: found[one])
        row |= {"quality": QUALITY[sign], "robustness_value": found[sign]}
        yield row | {"treatment_alone": treated.alone(found[sign])}


def covariates_of(model: Model) -> dict[str, Array]:
    """Return observed covariates (n, k) that no law here has, those that vary.

    Architectures that fewer than two records have are one.
    """
    rows = model.sample.rows
    values = model.units.of_rows(rows)
    kinds = rows["architecture"].fill_null("").to_numpy()
    names, counts = np.unique(kinds, return_counts=True)
    usual = [name for name, count in zip(names, counts, strict=True) if count > 1]
    epochs = rows["epochs"].cast(pl.Float64).fill_null(1.0).to_numpy()
    found = {
        "architecture": np.column_stack([np.ones(len(kinds)), *(kinds == name for name in usual)]),
        "vocabulary": np.log(values["V"])[:, None],
        "epochs": np.log(np.where(epochs > 0, epochs, 1.0))[:, None],
    }
    return {name: columns for name, columns in found.items() if np.ptp(columns, axis=0).any()}


def _covariates(treated: Treated) -> Iterator[dict[str, Any]]:
    """Yield how strong each observed covariate is, and growth if quality were as strong."""
    law, given = treated.law, treated.given
    n_levels = len(law.model.units.levels)
    for name, columns in covariates_of(law.model).items():
        of_treatment = partial_r2(treated.treatment, given, columns)
        of_loss = partial_r2(law.left, law.columns, columns)
        yield _as_strong(treated, name, of_treatment, of_loss)
    if n_levels > 1:
        values = law.model.units.of_rows(law.model.sample.rows)
        scale = ("c", "t") if law.model.variant.uses("c") else ("n", "d", "t")
        alone, levels = np.ones((len(given), 1)), given[:, 1:n_levels]
        whole = np.column_stack([alone, given[:, n_levels:]])
        of_treatment = partial_r2(treated.treatment, whole, levels)
        columns = np.column_stack([alone, *(values[name] for name in scale)])
        yield _as_strong(treated, "benchmark", of_treatment, partial_r2(law.loss, columns, levels))


def _as_strong(treated: Treated, name: str, of_treatment: float, of_loss: float) -> dict[str, Any]:
    at = np.array([min(of_treatment, STRENGTHS[-1])]), np.array([of_loss])
    ends = sorted(float(treated.moved(*at, sign)[0]) for sign in QUALITY)
    row = {"covariate": name, "r2_treatment": of_treatment, "r2_loss": of_loss}
    if np.isnan(ends).any():
        return row | {"reason": "loss would not fall with compute"}
    row |= {"growth_low": ends[0], "growth_high": ends[1]}
    return row | {"low": float(doubling_months(ends[1])), "high": float(doubling_months(ends[0]))}
