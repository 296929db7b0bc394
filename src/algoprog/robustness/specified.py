"""A model of the multiverse: a variant on a specification's sample, with its growth."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.estimators.estimator import Task
from algoprog.estimators.inference import not_identified
from algoprog.model.model import Model
from algoprog.quantities.growth import Growth
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.quantities.shapley import COMPUTE, System, coalition_values, shapley_shares

Array = NDArray[np.float64]

SAME = 6  # decimals of a compiled problem (in ln units) that make it another problem


@dataclass(frozen=True)
class Specified:
    """A model with its growth."""

    model: Model
    growth: Growth

    @classmethod
    def of(cls, model: Model) -> Specified:
        """Return that of a model; refused where its sample has too few rows."""
        model.check_size(place="multiverse")
        return cls(model, Growth.of(model))

    @cached_property
    def _own(self) -> OwnAllocation | None:
        progresses = self.model.variant.uses("t", "Y")
        return OwnAllocation.of(self.model) if progresses else None

    def own_growth(self, theta: Array, weights: Array | None = None) -> Array | None:
        """Return growth (r,) at the records' own allocation; None for a variant without progress.

        ``weights`` (r, n) are of the rows in each draw; equal ones where there are none.
        """
        if self._own is None:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return self._own.growth(theta, weights=weights)

    def compute_shares(self, theta: Array, systems: Sequence[System]) -> Array:
        """Return compute shares (r,) between two systems, of draws theta (r, p).

        NaN where loss does not fall, and of a variant whose efficiencies do not separate, which has
        no shares.
        """
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                values = coalition_values(self.model.surface, theta, systems, [(0, 1)])[:, 0]
                shares = shapley_shares(values)[:, : len(COMPUTE)]
        except InputError:
            return np.full(len(theta), np.nan)
        return np.where(values[:, 0] > values[:, -1], shares.sum(axis=1), np.nan)

    def open(self, task: Task, theta: Array) -> tuple[list[str], list[str]]:
        """Return parameters the rows do not determine, and those of them that growth depends on.

        A parameter whose columns are zero on every row is one of them, also where the penalty sets
        it to zero.
        """
        design = self.model.design
        present = np.zeros(design.p, dtype=bool)
        np.logical_or.at(present, design.parameter_of_column, design.columns.any(axis=1))
        if design.multiplier_parameter >= 0:
            present[design.multiplier_parameter] = design.multiplier.any()
        found = set(not_identified(task.problem, theta))
        names = [
            name
            for name, there in zip(design.parameters, present, strict=True)
            if name in found or not there
        ]
        if not names:
            return [], []
        # each alone, then all: where two are zero in two denominators, one alone changes nothing
        moved = np.tile(theta, (len(names) + 2, 1))
        for i, name in enumerate(names):
            j = design.parameters.index(name)
            moved[[i, -2], j] += 0.01 * (i + 1) * (abs(theta[j]) or 1.0)
        growth = self.growth(moved)
        if growth is None:
            return names, []
        still = np.isclose(growth[:-1], growth[-1], rtol=1e-10, atol=0, equal_nan=True)
        alone = [name for name, same in zip(names, still[:-1], strict=True) if not same]
        return names, alone or ([] if still[-1] else names)

    def problem(self, task: Task, estimator: str) -> str:
        """Return 16 hexadecimal digits that are the same for the same problem under any name."""
        d = task.design
        digest = hashlib.sha256(f"{estimator} {task.delta!r} {d.multiplier_parameter}".encode())
        for values in (d.columns, d.offset, d.multiplier, task.response):
            digest.update((np.round(values, SAME) + 0.0).tobytes())  # + 0.0: no negative zeros
        for whole in (d.parameter_of_column, d.pointer, d.exponential):
            digest.update(whole.tobytes())
        return digest.hexdigest()[:16]
