"""The tables `doubling_times` and `pooled_doubling_times`: every definition, of every fit.

It joins fits and draws with the definitions of a doubling time; it knows no equation of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.model.growth import ClosedForm
from algoprog.model.model import Model
from algoprog.quantities.allocation_ratios import Splits
from algoprog.quantities.analysed import Models
from algoprog.quantities.closed_form import Key, closed_form_rows
from algoprog.quantities.optimal_scaling import OptimalScaling, pooled
from algoprog.quantities.own_allocation import EVERY, OwnAllocation
from algoprog.quantities.own_allocation_tables import (
    own_allocation_row,
    own_growth,
)
from algoprog.quantities.tables import ALLOCATION_RATIOS, DOUBLING_TIMES, POOLED_DOUBLING_TIMES
from algoprog.resampling.ranking import Member
from algoprog.resampling.refit import Refit
from algoprog.resampling.weights import weights_of_draws
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Definitions:
    """The definitions of a doubling time that a model has, and its compute-optimal splits."""

    closed_form: ClosedForm | None
    optimal_scaling: OptimalScaling | None
    own_allocation: OwnAllocation | None
    splits: Splits | None

    @classmethod
    def of(cls, model: Model, optimal_scaling: Mapping[str, float]) -> Definitions:
        """Return those of a model; optimal scaling at a compute (FLOP) and in a year."""
        return cls(
            closed_form=model.closed_form,
            optimal_scaling=OptimalScaling.of(model, **optimal_scaling),
            own_allocation=OwnAllocation.of(model) if model.variant.uses("t", "Y") else None,
            splits=Splits.of(model, **optimal_scaling),
        )

    def ratios(self, key: Key, estimates: Mapping[str, float]) -> list[dict[str, Any]]:
        """Return rows of `allocation_ratios` for one fit; none where no optimum is known."""
        return [] if self.splits is None else list(self.splits.rows(key, estimates))

    def rows(
        self,
        key: Key,
        estimates: Mapping[str, float],
        draws: pl.DataFrame | None,
        weights: Array | None = None,
        ratios: list[dict[str, Any]] | None = None,
    ) -> list[dict[str, Any]]:
        """Return rows of `doubling_times` for one fit, by each definition.

        Parameters
        ----------
        key : sample, variant, delta, estimator, resampling of the rows.
        estimates, draws : parameters of the fit by name, and draws of them or None.
        weights : (r, n) weights of the sample's rows in each draw; equal ones where there are none.
        ratios : the fit's rows of `allocation_ratios`, where they are known.
        """
        rows = []
        if self.closed_form is not None:
            rows += closed_form_rows(self.closed_form, key, estimates, draws)
        if self.optimal_scaling is not None:
            rows += self.optimal_scaling.rows(key, estimates, draws)
        if self.splits is not None and rows:
            ratios = self.ratios({}, estimates) if ratios is None else ratios
            for row in rows:
                place = row["definition"], row["benchmark"]
                row["allocation_within_records"] = self.splits.within(ratios, *place)
        if self.own_allocation is not None:
            rows.append(own_allocation_row(self.own_allocation, key, estimates, draws, weights))
        return rows


def doubling_table(
    fits: pl.DataFrame,
    parameters: pl.DataFrame,
    models: Models,
    optimal_scaling: Mapping[str, float],
    analyses: Sequence[Refit],
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `doubling_times` and `allocation_ratios`.

    The first has every fit's points, with intervals where there are draws.

    Parameters
    ----------
    fits, parameters : the tables of those names.
    optimal_scaling : compute (FLOP) and year of the doubling times by optimal scaling.
    analyses : the bootstrap analyses; of several of one fit and resampling the first counts.
    seed : the root seed, from which replicates' weights follow.

    Rows without draws have the resampling ``none`` and blank intervals.
    """
    defined: dict[tuple[str, str], Definitions] = {}
    by_fit: dict[tuple[Any, ...], dict[str, float]] = {}
    for row in parameters.select(*FIT_KEYS, "term", "estimate").iter_rows():
        by_fit.setdefault(row[:-2], {})[row[-2]] = row[-1]
    drawn: dict[tuple[Any, ...], dict[str, Refit]] = {}
    for analysis in analyses:
        fit = tuple(analysis.fit_key.values())
        drawn.setdefault(fit, {}).setdefault(analysis.key["resampling"], analysis)
    rows: list[dict[str, Any]] = []
    ratios: list[dict[str, Any]] = []
    for fit in fits.select(FIT_KEYS).iter_rows():
        key = dict(zip(FIT_KEYS, fit, strict=True))
        found: Mapping[str, Refit | None] = drawn.pop(fit, {}) or {"none": None}
        named = key["sample"], key["variant"]
        model = models.of(*named)
        if named not in defined:
            defined[named] = Definitions.of(model, optimal_scaling)
        definitions = defined[named]
        splits = definitions.ratios(key, by_fit[fit])
        ratios += splits
        for resampling, refit in found.items():
            of_row = key | {"resampling": resampling}
            draws = None if refit is None else refit.draws
            weights = None if refit is None else weights_of_draws(refit, model, seed)
            rows += definitions.rows(of_row, by_fit[fit], draws, weights, splits)
    if drawn:
        raise AssertionError(f"draws of fits that are not there: {sorted(drawn)}")
    return frame_of(DOUBLING_TIMES, rows), frame_of(ALLOCATION_RATIOS, ratios)


def pooled_table(
    models: Models,
    optimal_scaling: Mapping[str, float],
    pools: Mapping[str, Mapping[str, str]],
    members: Mapping[str, Iterable[Refit]],
    seed: int,
) -> pl.DataFrame:
    """Return the table `pooled_doubling_times`: of each pool all members, and one a variant.

    By optimal scaling, and at the records' own allocation.

    Parameters
    ----------
    optimal_scaling : compute (FLOP) and year of the doubling times by optimal scaling.
    pools : estimator, resampling and scheme of each pool by name.
    members : the members of each pool by name, best first.
    seed : the root seed, from which replicates' weights follow.
    """
    rows = []
    for name, refits in members.items():
        scaled: dict[Member, Mapping[str, Array]] = {}
        own: dict[Member, Mapping[str, Array]] = {}
        for one in refits:
            model, member = models.of_analysis(one), (one.key["variant"], one.key["delta"])
            form = OptimalScaling.of(model, **optimal_scaling)
            scaled[member] = form.growth_of(one.draws) if form else {}
            progresses = model.variant.uses("t", "Y")
            own[member] = {EVERY: own_growth(one, model, seed)} if progresses else {}
        key = {key: pools[name][key] for key in ("estimator", "resampling", "scheme")}
        for definition, growth in (("optimal_scaling", scaled), ("own_allocation", own)):
            made = pooled(key, list(growth), growth)
            rows += [{"name": name, "definition": definition, **row} for row in made]
    return frame_of(POOLED_DOUBLING_TIMES, rows)
