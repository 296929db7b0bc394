"""Tables of posterior draws: growth at the records' own allocation is that of every draw."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from bayes_model import M07, prepared

from algoprog.bayes.estimates import average_table, doubling_table
from algoprog.bayes.fitted import Fitted
from algoprog.quantities.own_allocation import OwnAllocation

SCALING = {"compute": 1e25, "year": 2023.0}
VALUES = {"const": 0.8, "year": 0.03, "param": 0.06, "data": 0.04}


@pytest.fixture(scope="module")
def fit() -> Fitted:
    """Forty draws near a law with progress, as if a posterior."""
    one, rng = prepared(M07), np.random.default_rng(2)
    draws = pl.DataFrame(
        {
            name: next(v for word, v in VALUES.items() if word in name)
            * rng.uniform(0.8, 1.2, size=40)
            for name in one.parameters
        }
    )
    row = {"sample": "s", "variant": "m07", "passed": True, "change": None, "prior_width": 1.0}
    held = pl.DataFrame({"scheme": ["papers"] * 3, "elpd": [-1.0, -2.0, -1.5]})
    return Fitted("headline", row, one, draws, held)


def test_own_allocation_is_over_the_sample_in_every_draw(fit: Fitted) -> None:
    table = doubling_table([fit], SCALING)
    row = table.filter(pl.col("definition") == "own_allocation").row(0, named=True)
    theta = fit.draws.select(fit.prepared.parameters).to_numpy()
    growth = OwnAllocation.of(fit.prepared.base).growth(theta)
    assert row["growth_median"] == row["growth_point"] == pytest.approx(np.median(growth))
    assert row["ci95_low"] == pytest.approx(12 * np.log(2) / np.quantile(growth, 0.975))
    assert (row["n_draws"], row["allocation_within_records"]) == (40, True)
    closed = table.filter(pl.col("definition") == "closed_form", pl.col("quantity") == "compute")
    assert closed["growth_median"][0] != pytest.approx(row["growth_median"], rel=1e-3)


def test_models_are_averaged_by_every_definition(fit: Fitted) -> None:
    table = average_table([fit], SCALING)
    assert set(table["definition"]) == {"closed_form", "optimal_scaling", "own_allocation"}
    own = table.filter(pl.col("definition") == "own_allocation")
    theta = fit.draws.select(fit.prepared.parameters).to_numpy()
    growth = OwnAllocation.of(fit.prepared.base).growth(theta)
    assert own["n_models"].to_list() == [1, 1]
    assert own["growth_median"].to_list() == pytest.approx([np.median(growth)] * 2, rel=0.05)
