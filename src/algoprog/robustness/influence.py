"""Influence: what leaving out one paper, or one record, does to the answer.

Each is left out in turn and the variant fitted again to the rest, its units those of the whole
sample. Growth g of effective compute (per year) is compared with that of the whole sample, and its
jackknife standard error over G papers (or n records) is

    sqrt((G - 1) / G sum_j (g_(j) - mean g_(.))^2)        (Efron and Stein 1981).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import AGREEMENT, thorough
from algoprog.estimators.estimator import Task
from algoprog.estimators.replicates import Effort, solve_replicates
from algoprog.model.growth import growth_rates
from algoprog.model.model import Model
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.sample import Sample
from algoprog.robustness.tables import INFLUENCE
from algoprog.tables.frames import checked

Array = NDArray[np.float64]

UNITS = ("paper", "record")


def jackknife_error(estimates: Array) -> float:
    """Jackknife standard error from the estimates (G,) that leave out each unit."""
    count = len(estimates)
    return float(np.sqrt((count - 1) / count * np.sum((estimates - estimates.mean()) ** 2)))


@dataclass(frozen=True)
class Unit:
    """What is left out one at a time: ``members`` (n,) is the number in ``names`` of each row."""

    kind: str
    names: list[str]
    members: NDArray[np.int64]

    @property
    def kept(self) -> Array:
        """Row weights (units, n) of the fits that leave out each."""
        return np.asarray(np.arange(len(self.names))[:, None] != self.members, dtype=float)


def units_of(sample: Sample, papers: NDArray[np.int64]) -> list[Unit]:
    """Return the papers and the records of a sample; those of which there are two or more."""
    rows = sample.rows
    titles = list(dict.fromkeys(rows["paper"].to_list()))
    records = (rows["system"] + " (" + rows["benchmark"] + ")").to_list()
    every = [Unit("paper", titles, papers), Unit("record", records, np.arange(len(records)))]
    return [unit for unit in every if len(unit.names) > 1]


def influence_table(model: Model, delta: float, response: str) -> pl.DataFrame:
    """Return the table `influence`: a row for each paper and each record left out.

    Fits are converged. ``rank`` 1 is the unit whose absence changes growth most.
    ``doubling_without`` is in months (infinite without growth), ``change_months`` its difference
    from that of the whole sample, NaN where both are infinite. A record is named by its system and
    benchmark. ``growth_point`` is growth on the whole sample and ``jackknife_error`` its standard
    error over the units. ``own_`` columns are the same of growth at the own allocation of the
    records that are left.

    Raises
    ------
    InputError
        for a variant whose growth has no closed form, or without progress.
    """
    model.check_size()
    task = Task.of(model, response, delta)
    whole = thorough(task.design, task.response, delta)
    parts = [] if model.closed_form is None else model.closed_form.first
    growth = growth_rates(parts, whole.theta[None, :])
    if not growth:
        fix = "use a variant whose doubling time has a closed form"
        raise InputError("config.yaml", f"variants.{model.variant.name}", "no growth rate", fix)
    g = float(growth["compute"][0])
    form = OwnAllocation.of(model)
    own = float(form.growth(whole.theta[None, :])[0])
    frames = []
    for unit in units_of(model.sample, task.papers):
        fits = solve_replicates(
            task.design, task.response, delta, unit.kept, whole.minima, Effort(enough=AGREEMENT)
        )
        without = growth_rates(parts, fits.theta)["compute"]
        there = _of_own(form.growth(fits.theta, weights=unit.kept), own)
        frames.append(_of_unit(unit, without, g, fits.certified, there))
    return checked(INFLUENCE, pl.concat(frames).select(INFLUENCE.names))


def _of_own(without: Array, whole: float) -> dict[str, Array | float]:
    """Columns of growth at the own allocation of the records that are left, and of all."""
    months = doubling_months(without)
    with np.errstate(invalid="ignore"):
        change = months - doubling_months(whole)
    return {
        "own_growth_without": without,
        "own_doubling_without": months,
        "own_change_growth": without - whole,
        "own_change_months": change,
        "own_growth_point": whole,
        "own_jackknife_error": jackknife_error(without),
    }


def _of_unit(
    unit: Unit,
    without: Array,
    whole: float,
    converged: NDArray[np.bool_],
    own: Mapping[str, Array | float],
) -> pl.DataFrame:
    """Rows of one kind of unit: growth (units,) without each, against that of the whole.

    ``own`` are the columns of growth at the records' own allocation.
    """
    months = doubling_months(without)
    with np.errstate(invalid="ignore"):
        change = months - doubling_months(whole)
    frame = pl.DataFrame(
        {
            "unit": unit.kind,
            "name": unit.names,
            "rows": np.bincount(unit.members),
            "growth_without": without,
            "doubling_without": months,
            "change_growth": without - whole,
            "change_months": change,
            "converged": converged,
            "growth_point": whole,
            "jackknife_error": jackknife_error(without),
            **own,
        }
    )
    frame = frame.sort(pl.col("change_growth").abs(), descending=True, maintain_order=True)
    return frame.with_row_index("rank", offset=1)
