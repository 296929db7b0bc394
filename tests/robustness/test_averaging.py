"""Model averaging: weights from simulated errors of known size, mixtures of known draws."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from plain import Compiler

from algoprog.robustness.averaging import average, averaged, mixture, pseudo_bma

PAPERS = 60


def errors(rng, *spreads):
    """Squared errors summed by paper (M, G), three rows a paper, and the number of rows."""
    drawn = [rng.normal(scale=s, size=(PAPERS, 3)) ** 2 for s in spreads]
    return np.array([d.sum(axis=1) for d in drawn]), np.full(PAPERS, 3.0)


def test_identical_models_share_and_a_far_better_one_takes_all() -> None:
    squares, rows = errors(np.random.default_rng(0), 1.0, 3.0)
    assert pseudo_bma(squares[[0, 0, 0]], rows, 1) == pytest.approx([1 / 3] * 3)
    assert pseudo_bma(squares, rows, 1) == pytest.approx([1, 0], abs=1e-6)
    # the copies of one model share what it would get
    assert pseudo_bma(squares[[0, 0, 1]], rows, 1) == pytest.approx([0.5, 0.5, 0], abs=1e-6)


def test_units_of_loss_do_not_matter() -> None:
    squares, rows = errors(np.random.default_rng(3), 1.0, 1.01)
    assert pseudo_bma(squares, rows, 1) == pytest.approx(pseudo_bma(7 * squares, rows, 1))


def test_two_models_are_weighted_by_how_often_papers_prefer_each() -> None:
    """With many papers the score's difference is normal, so its weight is known in closed form.

    w = E[logistic(D)], D = -(n/2) (ln s_1 - ln s_2) over Dirichlet weights. To first order D is
    normal with mean D0 and variance (n/2)^2 sum_g (S_1g / S_1 - S_2g / S_2)^2.
    """
    rng = np.random.default_rng(4)
    papers = 2000
    common = rng.gamma(2.0, size=papers)
    squares = np.array([common * rng.uniform(0.9, 1.1, papers) for _ in range(2)])
    squares[1] *= squares[0].sum() / squares[1].sum() * 1.0004
    rows = np.full(papers, 2.0)
    n = rows.sum()
    share = squares / squares.sum(axis=1, keepdims=True)
    mean = n / 2 * np.log(1.0004)
    spread = n / 2 * np.sqrt(((share[0] - share[1]) ** 2).sum())
    z = np.linspace(-8, 8, 4001)
    density = np.exp(-(z**2) / 2)
    expected = density @ (1 / (1 + np.exp(-(mean + spread * z)))) / density.sum()
    assert 0.5 < expected < 0.7  # neither alike nor decided
    assert pseudo_bma(squares, rows, 1)[0] == pytest.approx(expected, abs=0.01)


def test_a_mixture_has_the_quantiles_of_its_parts() -> None:
    grid = (np.arange(10000) + 0.5) / 10000  # uniform on (0, 1)
    one = mixture([grid], np.array([1.0]))
    assert (one.median, one.low[1], one.high[1]) == pytest.approx((0.5, 0.05, 0.95), abs=2e-4)
    # three quarters on (0, 1), a quarter on (1, 2): P(X <= x) = 3x/4 below 1
    both = mixture([grid, grid[::10] + 1], np.array([0.75, 0.25]))
    assert (both.median, both.low[1], both.high[1]) == pytest.approx((2 / 3, 1 / 15, 1.8), abs=2e-3)
    ends = mixture([np.array([-np.inf, 1.0]), np.array([0.0])], np.array([0.5, 0.5]))
    assert (ends.low[1], ends.median, ends.share_nonpositive) == (-np.inf, 0.0, 0.75)
    with pytest.raises(ValueError, match="NaN"):
        mixture([np.array([np.nan])], np.array([1.0]))


@pytest.fixture(scope="module")
def parts(paper_sample, paper_config, benchmarks):
    """Two variants on a small part of the paper's sample, and a variant without progress."""
    rows = paper_sample.filter(pl.col("benchmark") == "wt103")
    variants = {name: paper_config["variants"][name] for name in ("m07", "m16", "m18")}
    compiler = Compiler.of(rows, benchmarks)
    made = [
        averaged(compiler.model(name, spec), [0.005], "own", 3, 8)
        for name, spec in variants.items()
    ]
    return rows, tuple(pl.concat(frames) for frames in zip(*made, strict=True))


def test_held_out_errors_are_those_of_fits_without_the_paper(
    parts, paper_config, benchmarks
) -> None:
    from algoprog.estimators.converged import predict, solve
    from algoprog.model.model import observations

    rows, (held_out, draws) = parts
    seen = observations(rows, "own")
    design = Compiler.of(rows, benchmarks).rows("m07", paper_config["variants"]["m07"], rows)
    paper = int(np.bincount(seen.papers).argmax())
    weights = (seen.papers != paper).astype(float)
    fit = solve(design, seen.response, 0.005, weights, perturbed=64)
    missed = (seen.response - predict(design, fit.theta))[seen.papers == paper]
    row = held_out.filter(pl.col("variant") == "m07", pl.col("paper") == paper).row(0, named=True)
    assert (row["n"], row["certified"]) == (len(missed), True)
    assert row["squared_error"] == pytest.approx((missed**2).sum(), rel=1e-6)
    assert draws.group_by("variant").len()["len"].to_list() == [9, 9, 9]
    assert set(draws.filter(pl.col("variant") == "m16")["growth"]) == {0.0}


def test_tables_of_an_average(parts) -> None:
    _, (held_out, draws) = parts
    weights, table = average(held_out, draws, seed=5)
    assert weights["weight"].sum() == pytest.approx(1)
    assert weights["weight"].is_sorted(descending=True)
    rows = {row["weighting"]: row for row in table.iter_rows(named=True)}
    assert rows["equal"]["effective_models"] == pytest.approx(3)
    best = weights.sort("mse").row(0, named=True)
    own = draws.filter(pl.col("variant") == best["variant"], pl.col("replicate") >= 0)["growth"]
    assert rows["best"]["growth_ci95_high"] == own.max()
    assert rows["best"]["growth_point"] == best["growth_point"]
    assert rows["best"]["point"] == pytest.approx(12 * np.log(2) / best["growth_point"])
    # m16 never progresses: its weight is in the share of draws that do not
    still = weights.filter(pl.col("variant") == "m16")["weight"][0]
    assert rows["pseudo_bma"]["share_nonpositive"] >= still - 1e-12
    assert rows["equal"]["share_nonpositive"] >= 1 / 3 - 1e-12


def test_a_model_without_growth_has_no_weight_and_other_rows_are_refused(parts) -> None:
    _, (held_out, draws) = parts
    blank = draws.with_columns(
        growth=pl.when(pl.col("variant") == "m18").then(None).otherwise(pl.col("growth"))
    )
    assert sorted(average(held_out, blank, 5)[0]["variant"]) == ["m07", "m16"]
    fewer = held_out.filter((pl.col("variant") != "m07") | (pl.col("paper") > 0))
    with pytest.raises(ValueError, match="rows"):
        average(fewer, draws, 5)
    other = held_out.with_columns(
        sample=pl.when(pl.col("variant") == "m07").then(pl.lit("x")).otherwise(pl.col("sample"))
    )
    with pytest.raises(ValueError, match="samples"):
        average(other, draws, 5)
