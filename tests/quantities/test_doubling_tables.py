"""Tables of doubling times: both definitions of every fit, and pools of fits."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from plain import doubling_table, pooled_table
from synthetic import refit, tables_of

from algoprog.catalogue import TABLES
from algoprog.common.levels import INTERVAL_ENDS
from algoprog.quantities.optimal_scaling import OptimalScaling
from algoprog.quantities.tables import DOUBLING_TIMES
from algoprog.resampling.refit import Refit
from algoprog.tables.csv import write_table
from algoprog.tables.frames import schema_of

SCALING = {"compute": 1e25, "year": 2023}
CONVERGED = {"estimator": "converged", "resampling": "papers"}
LN2 = math.log(2)


@pytest.fixture(scope="module")
def made(compiler, paper_config):
    def made(variant, seed=1, **more) -> Refit:
        return refit(compiler, variant, paper_config["variants"][variant], seed=seed, **more)

    return made


@pytest.fixture(scope="module")
def table(paper_sample, paper_config, benchmarks):
    """doubling_table() of fits, some of them drawn."""

    def table(fitted, drawn):
        return doubling_table(
            *tables_of(fitted), {"paper": paper_sample}, paper_config["variants"], benchmarks,
            SCALING, drawn,
        )  # fmt: skip

    return table


def rates(one, frame=None):
    """Growth in parameters and in data of m07: of the point, or of draws."""
    at = (
        one.estimates if frame is None else {name: frame[name].to_numpy() for name in frame.columns}
    )
    return at["alpha_year"] / at["alpha_param"], at["beta_year"] / at["beta_data"]


def test_every_definition_of_every_fit_with_draws_or_without(table, made, tmp_path):
    fitted = [made("m07"), made("m07", seed=2, **CONVERGED), made("m16"), made("m10"), made("m02")]
    found = table(fitted, fitted[:1])
    rows = set(
        found.select("variant", "estimator", "resampling", "definition", "quantity", "benchmark")
        .iter_rows()
    )  # fmt: skip
    closed = [("closed_form", name) for name in ("parameters", "data", "compute")]
    expected = {
        ("m07", estimator, resampling, *one, "all")
        for estimator, resampling in (("published", "rows"), ("converged", "none"))
        for one in (*closed, ("optimal_scaling", "compute"))
    }
    expected |= {
        ("m10", "published", "none", *one, benchmark)
        for one in (*closed, ("optimal_scaling", "compute"))
        for benchmark in ("wt103", "wt2", "ptb")
    }
    # m02 progresses in data alone, m16 not at all
    expected |= {
        ("m02", "published", "none", *one, "all")
        for one in (*closed[1:], ("optimal_scaling", "compute"))
    }
    expected |= {
        (variant, estimator, resampling, "own_allocation", "compute", "all")
        for variant, estimator, resampling in (
            ("m07", "published", "rows"), ("m07", "converged", "none"),
            ("m10", "published", "none"), ("m02", "published", "none"),
        )
    }  # fmt: skip
    assert rows == expected
    assert found.height == len(rows)
    assert found.schema == schema_of(DOUBLING_TIMES)
    write_table(tmp_path / "doubling_times.csv", TABLES["doubling_times"], found)


def test_points_are_the_fit_s_and_intervals_its_draws(table, made):
    one = made("m07")
    found = table([one], [one]).rows_by_key(["definition", "quantity"], named=True, unique=True)
    g_n, g_d = rates(one)
    row = found["closed_form", "compute"]
    assert row["point"] == pytest.approx(12 * LN2 / (g_n + g_d))
    assert found["closed_form", "parameters"]["point"] == pytest.approx(12 * LN2 / g_n)
    months = 12 * LN2 / np.sum(rates(one, one.draws), axis=0)
    assert row["median"] == pytest.approx(np.median(months))
    assert row["ci95_high"] == pytest.approx(np.quantile(months, 0.975))
    assert row["n_draws"] == 40
    # by optimal scaling a little less growth
    assert row["point"] < found["optimal_scaling", "compute"]["point"] < 1.1 * row["point"]


def test_without_draws_intervals_are_blank(table, made):
    found = table([made("m07")], [])
    assert found["resampling"].unique().to_list() == ["none"]
    assert found["point"].null_count() == 0
    for column in (*INTERVAL_ENDS, "n_draws", "share_nonpositive", "growth_median"):
        assert found[column].null_count() == found.height


def test_each_resampling_of_a_fit_has_rows(table, made):
    rows, papers = made("m07"), made("m07", resampling="papers", spread=0.2)
    found = table([rows], [rows, papers])
    assert found.height == 10
    assert set(found["resampling"]) == {"rows", "papers"}
    points = found.filter(pl.col("quantity") == "data").select("point").to_series()
    assert points.n_unique() == 1


def test_of_one_fit_and_resampling_the_first_draws_count(table, made):
    first, second = made("m07"), made("m07", spread=0.3)
    assert table([first], [first, second]).equals(table([first], [first]))
    assert not table([first], [second, first]).equals(table([first], [first]))


def test_draws_of_a_fit_that_is_not_there_are_refused(table, made):
    for absent in (made("m08"), made("m07", delta=0.01), made("m07", sample="all_models")):
        with pytest.raises(AssertionError, match="draws of fits that are not there"):
            table([made("m07")], [made("m07"), absent])


# ---- pools


@pytest.fixture(scope="module")
def pooled(paper_sample, paper_config, benchmarks):
    def pooled(**members):
        spec = {**CONVERGED, "scheme": "papers"}
        return pooled_table(
            paper_sample, paper_config["variants"], benchmarks, SCALING,
            dict.fromkeys(members, spec), members,
        )  # fmt: skip

    return pooled


def growth(compiler, paper_config, one):
    variant = one.key["variant"]
    form = OptimalScaling.of(compiler.model(variant, paper_config["variants"][variant]), **SCALING)
    return list(form.growth_of(one.draws).values())


def test_pools_concatenate_and_distinct_keeps_the_best_of_each_variant(
    pooled, made, compiler, paper_config, tmp_path
):
    best = made("m07", delta=0.001, **CONVERGED)
    specific = made("m10", seed=2, replicates=10, **CONVERGED)
    second = made("m07", seed=3, delta=0.0025, replicates=100, **CONVERGED)
    still = made("m16", seed=4, **CONVERGED)
    table = pooled(mine=[best, specific, second, still])
    found = table.filter(pl.col("definition") == "optimal_scaling")
    own_rows = table.filter(pl.col("definition") == "own_allocation")
    assert own_rows["n_sets"].to_list() == [3, 2]  # over all records, none of m16
    assert own_rows["n_draws"].to_list() == [40 + 10 + 100, 40 + 10]
    assert found["pool"].to_list() == ["top4", "distinct"]
    assert found["n_sets"].to_list() == [5, 4]  # m10 has one for each benchmark, m16 none
    assert found["n_draws"].to_list() == [40 + 3 * 10 + 100, 40 + 3 * 10]
    assert found.select("name", "scheme", "estimator", "resampling").unique().rows() == [
        ("mine", "papers", "converged", "papers")
    ]
    own = {id(one): growth(compiler, paper_config, one) for one in (best, specific, second)}
    for row, members in zip(
        found.iter_rows(named=True), ((best, specific, second), (best, specific)), strict=True
    ):
        every = np.concatenate([part for one in members for part in own[id(one)]])
        assert row["growth_median"] == pytest.approx(np.median(every))
        assert row["median"] == pytest.approx(12 * LN2 / np.median(every))
        assert row["ci90_low"] == pytest.approx(12 * LN2 / np.quantile(every, 0.95))
    write_table(tmp_path / "pools.csv", TABLES["pooled_doubling_times"], table)


def test_pools_stand_one_below_the_other(pooled, made):
    one, other = made("m07", **CONVERGED), made("m01", **CONVERGED)
    both = pooled(a=[one], b=[other])
    assert both.select("name", "pool", "definition").rows() == [
        (name, pool, definition)
        for name in ("a", "b")
        for definition in ("optimal_scaling", "own_allocation")
        for pool in ("top1", "distinct")
    ]
    assert both.head(4).equals(pooled(a=[one]))


def test_a_pool_without_progress_has_no_interval(pooled, made):
    found = pooled(a=[made("m16", **CONVERGED)])
    assert found["n_sets"].to_list() == [0] * 4
    assert found["median"].to_list() == [None] * 4
