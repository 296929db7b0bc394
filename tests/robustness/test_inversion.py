"""Sets by inverting a restricted wild cluster bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from plain import model_of

from algoprog.resampling.signs import WEBB, pieces, signs_of
from algoprog.robustness.confidence_sets import SetOf, confidence_sets
from algoprog.robustness.inversion import Grid, Inversion
from algoprog.robustness.restrictions import Held

DELTA = 0.0025
M02 = {"exponentials": [{"beta_const": 1, "beta_year": "-t", "beta_data": "-d"}]}


@pytest.fixture(scope="module")
def made(paper_sample, benchmarks, paper_config):
    def rows(quantity="closed_form", variant="m02", seed=1, replicates=39, rows=None):
        spec = M02 if variant == "m02" else paper_config["variants"][variant]
        sample = paper_sample if rows is None else paper_sample.head(rows)
        model = model_of(variant, spec, sample, "paper", benchmarks)
        grid = Grid(-1.0, 3.0, 5, 2)
        return confidence_sets(
            model, SetOf("headline", quantity, DELTA, "own", grid, replicates, seed)
        )

    return rows


def test_a_set_holds_its_estimate_and_levels_are_nested(made):
    table = made()
    assert table["level"].to_list() == [90, 95] and table["piece"].to_list() == [1, 1]
    inner, outer = table.iter_rows(named=True)
    assert outer["growth_low"] <= inner["growth_low"] < inner["growth_point"]
    assert inner["growth_point"] < inner["growth_high"] <= outer["growth_high"]
    assert inner["low"] == pytest.approx(12 * np.log(2) / inner["growth_high"])
    assert inner["draws"] == 39


def test_seeds_and_nothing_else_move_a_set(made):
    assert made().equals(made())
    assert not made().equals(made(seed=2))


def test_another_form_of_the_same_growth_has_nearly_the_same_set(made):
    """Growth of data in a law of data alone is its growth of compute, held by programmes."""
    ends = ["growth_low", "growth_high"]
    whole = made(replicates=19, rows=60).select(ends).to_numpy()
    by_programme = made("data", replicates=19, rows=60).select(ends).to_numpy()
    assert by_programme == pytest.approx(whole, abs=0.05)


@pytest.mark.parametrize(
    ("variant", "quantity", "reason"),
    [("m14", "closed_form", "no closed form"), ("m16", "closed_form", "no progress"),
     ("m02", "parameters", "no progress")],
)  # fmt: skip
def test_a_law_without_the_growth_says_why(made, variant, quantity, reason):
    table = made(quantity, variant)
    assert table.height == 2 and table["growth_low"].null_count() == 2
    assert all(reason in said for said in table["reason"])


class Parabola:
    """A restriction whose objective is 1 + (g - 1)^2, and whose draws lose 0 ... 0.99."""

    def hold(self, growth, start):
        return Held(np.zeros((1, 1)), 1.0 + (growth - 1.0) ** 2, growth)

    def drawn(self, held, responses):
        count = len(responses)
        return 1.0 + np.arange(count) / (count + 1), np.ones(count)


def test_chances_count_draws_and_ends_are_found_between_growths(made, compiled):
    """p(g) is about 1 - (g - 1)^2: the set of 90 % is 1 -+ sqrt(0.9)."""
    design = compiled("m07")
    signs = np.ones((99, design.n))
    theta = np.zeros(design.p)

    class Held0(Parabola):
        def hold(self, growth, start):
            return Held(theta[None], 1.0 + (growth - 1.0) ** 2, growth)

    inversion = Inversion(Held0(), design, np.zeros(design.n), (theta, 1.0), signs)
    assert inversion.chance(1.0) == 1.0
    assert inversion.chance(1.505) == pytest.approx(0.74, abs=0.011)
    assert inversion.chance(9.0) == 0.01
    found = inversion.sets(Grid(-2.0, 6.0, 5, 7), 1.0, (90,))[90]
    (piece,) = found
    assert (piece.low, piece.high) == pytest.approx((1 - 0.9**0.5, 1 + 0.9**0.5), abs=0.03)


def test_pieces_and_open_ends():
    grid = np.arange(6.0)
    found = pieces(grid, np.array([0.1, -0.1, 0.3, 0.1, -0.1, 0.1]))
    assert [(p.low, p.high) for p in found] == [
        (-np.inf, pytest.approx(0.5)), (pytest.approx(1.25), pytest.approx(3.5)),
        (pytest.approx(4.5), np.inf),
    ]  # fmt: skip


def test_few_papers_take_webbs_points_and_rows_of_a_paper_one_sign():
    papers = np.array([0, 0, 1, 2, 2])
    signs = signs_of(np.random.default_rng(0), 200, papers, None)
    assert (signs[:, 0] == signs[:, 1]).all() and (signs[:, 3] == signs[:, 4]).all()
    assert set(np.unique(signs)) == set(WEBB)
    many = signs_of(np.random.default_rng(0), 50, np.arange(40), None)
    assert set(np.unique(many)) == {-1.0, 1.0}
