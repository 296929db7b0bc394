"""Simple laws that every variant is compared with: least squares of loss, or of its logarithm.

It knows rows and their units; it knows no variant and no estimator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.model.model import observations
from algoprog.model.units import Units
from algoprog.records.sample import Sample

Array = NDArray[np.float64]

# Least squares of y = ln perplexity, or of ln y, on a constant for each benchmark and on columns.
BASELINES: dict[str, tuple[bool, tuple[str, ...]]] = {
    "mean": (False, ()),
    "loss_on_t": (False, ("t",)),
    "loss_on_c": (False, ("c",)),
    "loss_on_c_t": (False, ("c", "t")),
    "loss_on_n_d_t": (False, ("n", "d", "t")),
    "log_loss_on_t": (True, ("t",)),
    "log_loss_on_c": (True, ("c",)),
    "log_loss_on_c_t": (True, ("c", "t")),
    "log_loss_on_n_d_t": (True, ("n", "d", "t")),
}


@dataclass(frozen=True)
class Baseline:
    """One of :data:`BASELINES` in the units of a sample.

    Of ln y the prediction is the exponential of the fitted value, the median of y.
    """

    name: str
    units: Units

    @property
    def logarithm(self) -> bool:
        """Whether ln y is what is fitted."""
        return BASELINES[self.name][0]

    def columns(self, rows: pl.DataFrame) -> Array:
        """Return the design (n, p) on rows: a dummy for each benchmark, then the columns."""
        values = self.units.of_rows(rows)
        benchmarks = np.asarray(values["b"])
        dummies = [(benchmarks == level).astype(float) for level in self.units.levels]
        return np.column_stack([*dummies, *(values[name] for name in BASELINES[self.name][1])])

    def predict(self, design: Array, response: Array, at: Array) -> Array:
        """Return the prediction of y at the rows of a design, fitted to a design and response."""
        y = np.log(response) if self.logarithm else response
        fitted = at @ np.linalg.lstsq(design, y, rcond=None)[0]
        return np.asarray(np.exp(fitted) if self.logarithm else fitted)


def held_out_errors(sample: Sample, name: str, response: str, scheme: str) -> Array:
    """Return a baseline's error (n,) on each row of a sample while its row or paper is left out.

    ``scheme`` is ``rows`` or ``papers``. NaN on a benchmark that no other row, or paper, is on.
    """
    one = Baseline(name, Units.of(sample.rows, sample.benchmarks))
    design = one.columns(sample.rows)
    seen = observations(sample.rows, response)
    groups = seen.papers if scheme == "papers" else np.arange(len(design))
    errors = np.full(len(design), np.nan)
    for group in range(int(groups.max()) + 1):
        out = groups == group
        kept = ~out
        known = design[out] @ design[kept].any(axis=0) == design[out].sum(axis=1)
        fitted = one.predict(design[kept], seen.response[kept], design[out])
        errors[out] = np.where(known, seen.response[out] - fitted, np.nan)
    return errors
