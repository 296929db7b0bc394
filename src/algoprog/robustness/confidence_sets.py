"""The table `confidence_sets`: the growths and doubling times that an analysis accepts.

It joins models with the inversion of their restricted bootstrap
(:mod:`algoprog.robustness.inversion`); it knows no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.common.intervals import doubling_months
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import Fit, problem, thorough
from algoprog.model.model import Model
from algoprog.resampling.signs import Piece, signs_of
from algoprog.robustness.bootstrap_intervals import compute_growth
from algoprog.robustness.interval_tables import CONFIDENCE_SETS
from algoprog.robustness.inversion import Grid, Inversion
from algoprog.robustness.names import COVERED, Quantity
from algoprog.robustness.restrictions import (
    ByProgramme,
    BySubstitution,
    Restriction,
    restriction,
)
from algoprog.tables.frames import frame_of


@dataclass(frozen=True)
class SetOf:
    """What a set is of, and how it is found.

    Attributes
    ----------
    analysis, quantity : whose growth, and which.
    delta, response : of the analysis' fits.
    grid : the growths that are tested.
    replicates, seed : draws for each growth; the root seed.
    """

    analysis: str
    quantity: Quantity
    delta: float
    response: str
    grid: Grid
    replicates: int
    seed: int


def growth_at(held: Restriction, fit: Fit) -> float:
    """Return the growth per year of a fit, of the quantity that a restriction holds."""
    if isinstance(held, BySubstitution):
        return float(compute_growth(held.profiler.parts, fit.theta[None, :])[0])
    if isinstance(held, ByProgramme):
        gain, cost = held.ratio(fit.theta[None, :])
        return float(gain[0] / cost[0])
    raise TypeError(f"no growth of {type(held).__name__}")


def confidence_sets(model: Model, asked: SetOf) -> pl.DataFrame:
    """Return the rows of `confidence_sets` of one analysis and quantity.

    Every piece of the set of 90 and of 95 % is a row. An end of growth is infinite where the set
    reaches beyond the grid, and an end in months where growth there is not positive. Where the
    law has no such growth, one row without ends gives the reason. The signs depend on root seed,
    variant, delta and replicates only, so every quantity of a model sees the same.
    """
    model.check_size()
    seen = model.observed(asked.response)
    task = problem(model.design, seen.response, asked.delta)
    fit = thorough(model.design, seen.response, asked.delta)
    key = {
        "analysis": asked.analysis,
        "quantity": asked.quantity,
        "sample": model.sample.name,
        "variant": model.variant.name,
        "delta": asked.delta,
    }
    try:
        held = restriction(model, task, fit, asked.quantity)
    except ValueError as error:
        rows = [{**key, "level": level, "piece": 1, "reason": str(error)} for level in COVERED]
        return frame_of(CONFIDENCE_SETS, rows)
    names = ("confidence_sets", asked.seed, model.variant.name, float(asked.delta))
    signs = signs_of(np.random.default_rng(seed_of(*names)), asked.replicates, seen.papers, None)
    inversion = Inversion(held, model.design, seen.response, (fit.theta, fit.objective), signs)
    point = growth_at(held, fit)
    key |= {"point": float(doubling_months(point)), "growth_point": point}
    found = inversion.sets(asked.grid, point, COVERED)
    rows = [row for level in COVERED for row in _rows(found[level], level, asked.replicates)]
    return frame_of(CONFIDENCE_SETS, [{**key, **row} for row in rows])


def _rows(pieces: Sequence[Piece], level: int, draws: int) -> list[dict[str, Any]]:
    """The rows of a set's pieces, the slowest growth first."""
    return [
        {
            "level": level,
            "piece": number,
            # 12 ln2 / g falls with g: the largest growth is the shortest time
            "low": float(doubling_months(piece.high)),
            "high": float(doubling_months(piece.low)),
            "growth_low": piece.low,
            "growth_high": piece.high,
            "draws": draws,
        }
        for number, piece in enumerate(pieces, start=1)
    ]
