"""The interval without the penalty: least squares by hand, a truth that is known, and no answer."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from plain import model_of
from scipy.stats import t as student

from algoprog.model.model import Model
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.robustness.unpenalised import Unpenalised, unpenalised

# Loss linear in its parameters, so that leaving a paper out is exact.
PLAIN = {"linear": {"base": "1", "pace": "-t", "slope": "-c"}, "exponentials": []}
PACE, SLOPE = 0.07, 0.1


def columns(model: Model) -> np.ndarray:
    values = model.units.of_rows(model.sample.rows)
    return np.column_stack([np.ones(model.design.n), -values["t"], -values["c"]])


@pytest.fixture(scope="module")
def model(paper_sample: pl.DataFrame, benchmarks: dict) -> Model:
    rows = paper_sample.filter(pl.col("benchmark") == "wt103")
    return model_of("plain", PLAIN, rows, "paper", benchmarks)


def interval(model: Model, response: np.ndarray, papers: np.ndarray) -> Unpenalised | None:
    own, start = OwnAllocation.of(model), np.array([4.0, 0.05, 0.05])
    return unpenalised(own, model.design, response, papers, start)


def drawn(model: Model, papers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = 0.2 * rng.standard_normal(papers.max() + 1)[papers]
    noise += 0.2 * rng.standard_normal(len(papers))
    return columns(model) @ [5.0, PACE, SLOPE] + noise


def test_the_error_is_that_of_papers_left_out_by_least_squares(model: Model) -> None:
    papers = model.observed("own").papers
    response, x = drawn(model, papers, np.random.default_rng(5)), columns(model)
    found = interval(model, response, papers)
    assert found is not None
    at = np.linalg.lstsq(x, response, rcond=None)[0]
    assert found.growth == pytest.approx(at[1] / at[2], rel=1e-9)
    gradient = np.array([0.0, 1.0 / at[2], -at[1] / at[2] ** 2])
    left = []
    for paper in range(papers.max() + 1):
        kept = papers != paper
        left.append(gradient @ np.linalg.lstsq(x[kept], response[kept], rcond=None)[0])
    away = np.array(left) - np.mean(left)
    count = len(left)
    assert found.error == pytest.approx(np.sqrt((count - 1) / count * (away @ away)), rel=1e-6)
    assert found.degrees == pytest.approx((away @ away) ** 2 / (away**4).sum() - 1, rel=1e-6)
    assert 1 < found.degrees < count - 1


def test_the_ends_are_of_students_t() -> None:
    found = Unpenalised(0.7, 0.1, 14.0)
    reach = 0.1 * student.ppf(0.975, 14)
    assert found.ends(95) == pytest.approx((0.7 - reach, 0.7 + reach))
    assert found.columns()["growth_ci90_low"] == pytest.approx(0.7 - 0.1 * student.ppf(0.95, 14))


def test_a_known_growth_is_held_as_often_as_promised(model: Model) -> None:
    """Of 200 data sets with effects of papers, 90 % within four standard errors."""
    papers, rng = model.observed("own").papers, np.random.default_rng(11)
    held = []
    for _ in range(200):
        found = interval(model, drawn(model, papers, rng), papers)
        assert found is not None
        low, high = found.ends(90)
        held.append(low <= PACE / SLOPE <= high)
    assert 0.9 - 4 * 0.0212 < np.mean(held) < 0.9 + 4 * 0.0212


def test_a_slope_that_one_paper_alone_determines_has_no_interval(
    model: Model, benchmarks: dict
) -> None:
    """With the paper of the one early date left out, nothing tells date from level."""
    rows = model.sample.rows
    first, last = rows["published"].min(), rows["published"].max()
    dates = [first, *[last] * (len(rows) - 1)]
    moved = rows.with_columns(published=pl.Series(dates, dtype=rows["published"].dtype))
    alone = model_of("plain", PLAIN, moved, "paper", benchmarks)
    papers = np.arange(alone.design.n)
    assert interval(alone, drawn(alone, papers, np.random.default_rng(2)), papers) is None
