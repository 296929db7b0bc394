"""Sets of growth at the records' own allocation: least squares by hand, and a truth that is known.

In the linear law growth is rate over elasticity at every record, so that a growth g is held by one
column: loss = levels - epsilon (ln C + g t).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from plain import model_of

from algoprog.estimators.converged import problem, thorough
from algoprog.model.model import Model
from algoprog.resampling.signs import signs_of
from algoprog.robustness.inversion import Inversion
from algoprog.robustness.restrictions import restriction

RATE, ELASTICITY = 0.05, 0.08  # nats per year, nats per unit of ln C
TRUTH = RATE / ELASTICITY


@dataclass(frozen=True)
class Known:
    """A linear law, and its columns: levels of benchmarks, time and ln C."""

    model: Model
    levels: np.ndarray
    t: np.ndarray
    c: np.ndarray

    def response(self, number: int) -> np.ndarray:
        """Return loss of the known growth, with effects of papers as large as the errors."""
        papers = self.model.observed("own").papers
        rng = np.random.default_rng([41, number])
        scatter = 0.15 * rng.standard_normal(papers.max() + 1)[papers]
        scatter += 0.15 * rng.standard_normal(len(papers))
        return 4.0 * self.levels.sum(axis=1) - RATE * self.t - ELASTICITY * self.c + scatter

    def least(self, response: np.ndarray, growth: float | None) -> float:
        """Return the least mean square, with a growth held or free."""
        slopes = [self.t, self.c] if growth is None else [self.c + growth * self.t]
        columns = np.column_stack([self.levels, *slopes])
        left = response - columns @ np.linalg.lstsq(columns, response, rcond=None)[0]
        return float(np.mean(left**2))

    def inversion(self, response: np.ndarray, draws: int) -> Inversion:
        """Return the test of any growth at the records' own allocation on a response."""
        fit = thorough(self.model.design, response, 0.0)
        held = restriction(
            self.model, problem(self.model.design, response, 0.0), fit, "own_allocation"
        )
        papers = self.model.observed("own").papers
        signs = signs_of(np.random.default_rng(3), draws, papers, None)
        return Inversion(held, self.model.design, response, (fit.theta, fit.objective), signs)


@pytest.fixture(scope="module")
def known(paper_sample: pl.DataFrame, benchmarks: dict, paper_config: dict) -> Known:
    rows = paper_sample.filter(
        pl.col("paper").is_in(paper_sample["paper"].unique().sort()[:45].to_list())
    )
    model = model_of("linear", paper_config["variants"]["linear"], rows, "paper", benchmarks)
    values = model.units.of_rows(rows)
    names = rows["benchmark"].to_numpy()
    levels = np.column_stack([(names == name).astype(float) for name in model.units.levels])
    return Known(model, levels, np.asarray(values["t"]), np.asarray(values["c"]))


@pytest.mark.parametrize("growth", [-0.5, 0.0, TRUTH, 3.0])
def test_a_growth_that_is_held_is_least_squares_on_one_column(known: Known, growth: float) -> None:
    response = known.response(0)
    inversion = known.inversion(response, 1)
    held = inversion.hold(growth)
    assert inversion.free[1] == pytest.approx(known.least(response, None), rel=1e-8)
    assert held.objective == pytest.approx(known.least(response, growth), rel=1e-6)
    responses = np.array([known.response(number) for number in (1, 2)])
    restricted, least = inversion.restriction.drawn(held, responses)
    expected = [(known.least(y, growth), known.least(y, None)) for y in responses]
    assert np.column_stack([restricted, least]) == pytest.approx(np.array(expected), rel=1e-6)


def test_p_values_are_those_of_a_wild_bootstrap_by_least_squares(known: Known) -> None:
    """The whole test again by hand: residuals with the growth held, signs of papers, both fits."""
    response, growth = known.response(3), 2.0 * TRUTH
    inversion = known.inversion(response, 19)
    columns = np.column_stack([known.levels, known.c + growth * known.t])
    fitted = columns @ np.linalg.lstsq(columns, response, rcond=None)[0]

    def loss(y: np.ndarray) -> float:
        return known.least(y, growth) / known.least(y, None) - 1.0

    drawn = np.array([loss(fitted + (response - fitted) * sign) for sign in inversion.signs])
    expected = (1 + np.sum(drawn >= loss(response))) / 20
    assert inversion.chance(growth) == pytest.approx(expected)


def test_the_known_growth_is_accepted_and_growths_far_from_it_are_not(known: Known) -> None:
    """Of six data sets, at 90 %, at most two reject the truth and two accept no progress."""
    truth, none = [], []
    for number in range(6):
        inversion = known.inversion(known.response(number), 19)
        truth.append(inversion.chance(TRUTH))
        none.append(inversion.chance(0.0))
    assert sum(chance <= 0.1 for chance in truth) <= 2
    assert sum(chance > 0.1 for chance in none) <= 2
