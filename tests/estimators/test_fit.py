"""Fits as rows of tables: all variants at all deltas, by both estimators."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
import yaml
from independent import PAPER_VARIANTS, simulated_sample, with_response
from plain import Compiler, fit_batch

from algoprog.common.errors import InputError
from algoprog.estimators.converged import problem, solve
from algoprog.estimators.fit_tables import merge, with_intervals
from algoprog.estimators.inference import standard_errors
from algoprog.estimators.objective import CERTIFICATE, objective
from algoprog.model.model import observations

DELTAS = [0, 0.001, 0.0025, 0.005, 0.01, 0.02]


@pytest.fixture(scope="module")
def grid(paper_sample, paper_config):
    """fits and parameters of 20 variants x 6 deltas, both estimators, the same response."""
    variants = {name: paper_config["variants"][name] for name in PAPER_VARIANTS}
    parts = [
        fit_batch(
            paper_sample, variants, DELTAS, estimator, "first_available", "paper",
            paper_config["benchmarks"],
        )
        for estimator in ("published", "converged")
    ]  # fmt: skip
    return pl.concat([fits for fits, _ in parts]), pl.concat([rows for _, rows in parts])


@pytest.fixture(scope="module")
def compared(grid):
    """One row a variant and delta, the published columns with a suffix."""
    fits, _ = grid
    theirs = fits.filter(pl.col("estimator") == "published")
    ours = fits.filter(pl.col("estimator") == "converged")
    return ours.join(theirs, on=["variant", "delta"], suffix="_published")


def test_the_configured_grid(paper_config):
    assert paper_config["deltas"] == DELTAS
    enabled = [name for name, one in paper_config["variants"].items() if one.get("enabled", True)]
    assert enabled == [*PAPER_VARIANTS, "linear"]


def test_every_fit_is_there_once(grid, compared):
    fits, parameters = grid
    assert fits.height == 2 * 120
    assert compared.height == 120
    assert fits.select("variant", "delta", "estimator").n_unique() == 240
    counts = parameters.group_by("variant", "delta", "estimator").len("rows")
    joined = fits.join(counts, on=["variant", "delta", "estimator"])
    assert joined.height == 240
    assert (joined["rows"] == joined["p"]).all()
    assert (fits["n"] == 231).all()


def test_converged_is_never_above_published(compared):
    worse = compared.filter(pl.col("objective") > pl.col("objective_published") + 1e-12)
    assert worse.is_empty(), worse
    # and the optimiser did stop early: the comparison is not of equals
    gained = (compared["objective_published"] - compared["objective"]) > 1e-6
    assert gained.mean() > 0.5


def test_every_converged_fit_is_certified(compared):
    failed = compared.filter(~pl.col("converged") | (pl.col("subgradient") > CERTIFICATE))
    assert failed.is_empty(), failed
    assert compared["not_identified"].unique().to_list() == [""]


def test_several_starts_agree(compared):
    assert compared["n_at_best"].min() >= 3
    assert (compared["n_starts"] >= compared["n_at_best"]).all()


def test_published_fits_do_not_claim_a_certificate(compared):
    """SLSQP stops at its own tolerance, four orders short of ours."""
    assert not compared["converged_published"].any()
    assert compared["subgradient_published"].min() > CERTIFICATE
    assert compared["not_identified_published"].null_count() == 120


def test_the_headline_fit(compared):
    row = compared.row(
        by_predicate=(pl.col("variant") == "m07") & (pl.col("delta") == 0.0025), named=True
    )
    assert row["objective"] <= 0.05072227
    assert row["objective_published"] == pytest.approx(0.0518129265, abs=1e-8)


def test_tables_agree_with_themselves(grid, compiled, paper_sample):
    """The objective of the parameters listed is the objective listed; mse, r2 follow."""
    fits, parameters = grid
    response = observations(paper_sample, "first_available").response
    for row in fits.iter_rows(named=True):
        own = parameters.filter(
            (pl.col("variant") == row["variant"])
            & (pl.col("delta") == row["delta"])
            & (pl.col("estimator") == row["estimator"])
        )
        design = compiled(row["variant"])
        assert tuple(own["term"]) == design.parameters
        theta = own["estimate"].to_numpy()
        # sums of 231 squares in two orders
        value = objective(design, response, row["delta"])(theta)
        assert row["objective"] == pytest.approx(value, rel=1e-11)
        assert row["mse"] == pytest.approx(value - row["delta"] * np.abs(theta).sum(), rel=1e-11)
        r2 = 1 - row["mse"] * 231 / ((response - response.mean()) ** 2).sum()
        assert row["r2"] == pytest.approx(r2, rel=1e-11)


def test_objectives_grow_with_delta(grid):
    fits, _ = grid
    for _, rows in fits.filter(pl.col("estimator") == "converged").group_by("variant"):
        values = rows.sort("delta")["objective"].to_numpy()
        assert (np.diff(values) > 0).all()


def test_nested_variants(grid):
    """More parameters fit no worse where nothing is penalised."""
    fits, _ = grid
    free = fits.filter((pl.col("estimator") == "converged") & (pl.col("delta") == 0))
    mse = dict(free.select("variant", "mse").iter_rows())
    for small, large in [
        ("m02", "m01"), ("m03", "m01"), ("m01", "m04"), ("m01", "m05"), ("m04", "m06"),
        ("m01", "m07"), ("m08", "m07"), ("m09", "m07"), ("m07", "m10"), ("m10", "m11"),
        ("m12", "m07"), ("m07", "m13"), ("m14", "m15"), ("m16", "m14"), ("m16", "m17"),
        ("m16", "m08"), ("m07", "m19"), ("m17", "m13"), ("m07", "m15"),
    ]:  # fmt: skip
        assert mse[large] <= mse[small] * (1 + 1e-9), (small, large)


def test_standard_errors_in_the_table(grid, compiled, paper_sample):
    _, parameters = grid
    published = parameters.filter(pl.col("estimator") == "published")
    assert published["standard_error"].null_count() == published.height
    converged = parameters.filter(pl.col("estimator") == "converged")
    # none for a parameter that the penalty holds at zero, one for every other
    assert ((converged["estimate"] == 0) == converged["standard_error"].is_null()).all()
    seen = observations(paper_sample, "first_available")
    best = solve(compiled("m07"), seen.response, 0.0025)
    expected = standard_errors(
        problem(compiled("m07"), seen.response, 0.0025), best.theta, seen.papers
    )
    found = converged.filter((pl.col("variant") == "m07") & (pl.col("delta") == 0.0025))
    # from another start: both ends meet the certificate, 1e-11, on a Hessian of condition 1e5
    np.testing.assert_allclose(
        found["standard_error"].fill_null(np.nan).to_numpy(), expected, rtol=1e-6
    )


def test_responses(paper_sample):
    """Four rows carry another benchmark's perplexity in the published analysis."""
    own, first = observations(paper_sample, "own"), observations(paper_sample, "first_available")
    assert (own.response != first.response).sum() == 4
    np.testing.assert_allclose(own.response, np.log(paper_sample["perplexity"]), rtol=1e-15)
    assert own.papers.max() + 1 == 144 == paper_sample["paper"].n_unique()
    # numbered as they come, equal where the titles are
    assert own.papers[0] == 0
    for i, j in [(0, 1), (4, 3), (10, 11), (200, 201)]:
        same = paper_sample["paper"][i] == paper_sample["paper"][j]
        assert (own.papers[i] == own.papers[j]) == same
    with pytest.raises(KeyError):
        observations(paper_sample, "other")


def test_a_variant_of_the_users_own(paper_sample, benchmarks):
    """Nothing but configuration: linear term, multiplier, held and shared parameters."""
    text = """
    mine:
      exponentials:
        - {size_const: 1 + b, rate: -t, size: "-{n + d}"}
        - {floor: 1, late: "-{(t > 5) * (t - 5)}", rate: -t}
      linear: {irreducible: 1, vocabulary: "log(V)"}
      multiplier: {attention: T}
      hold: {irreducible: 0.5, size_const_wt2: 0.1}
    """
    variants = yaml.safe_load(text)
    fits, parameters = fit_batch(
        paper_sample, variants, [0.0025], "converged", "own", "paper", benchmarks
    )
    (row,) = fits.iter_rows(named=True)
    assert parameters["term"].to_list() == [
        "size_const", "size_const_ptb", "rate", "size", "floor", "late", "vocabulary", "attention",
    ]  # fmt: skip
    assert row["p"] == 8
    assert row["converged"]
    assert row["n_at_best"] >= 3
    assert row["r2"] > 0.5
    published, _ = fit_batch(
        paper_sample, variants, [0.0025], "published", "own", "paper", benchmarks
    )
    assert row["objective"] <= published["objective"][0] + 1e-12


@pytest.mark.parametrize("estimator", ["published", "converged"])
def test_fewer_rows_than_parameters(paper_sample, paper_config, benchmarks, estimator):
    arguments = (
        {"m07": paper_config["variants"]["m07"]},
        [0.0025],
        estimator,
        "own",
        "few",
        benchmarks,
    )
    three = pl.concat(
        [
            paper_sample.filter(pl.col("benchmark") == name).head(3)
            for name in ("wt103", "wt2", "ptb")
        ]
    )
    with pytest.raises(InputError) as caught:
        fit_batch(three, *arguments)
    assert "samples.few" in caught.value.place
    assert "variants.m07" in caught.value.place
    assert "9 rows for 10 parameters" in str(caught.value)
    # as many rows as parameters is a bad idea, but not an error
    ten = pl.concat([three, paper_sample.filter(pl.col("benchmark") == "ptb").slice(3, 1)])
    fits, _ = fit_batch(ten, *arguments)
    assert fits["n"].to_list() == [10]


def test_an_empty_sample(paper_sample, paper_config, benchmarks):
    with pytest.raises(InputError, match="no rows"):
        fit_batch(
            paper_sample.head(0), {"m07": paper_config["variants"]["m07"]}, [0.0025], "converged",
            "own", "none", benchmarks,
        )  # fmt: skip


def test_a_formula_error_names_the_variant(paper_sample, benchmarks):
    with pytest.raises(InputError, match=r"variants\.mine: a: -wings.*wings"):
        fit_batch(
            paper_sample, {"mine": {"exponentials": [{"a": "-wings"}]}}, [0], "converged", "own",
            "paper", benchmarks,
        )  # fmt: skip


DEGENERATE = {
    "constant response": lambda s: with_response(s, np.full(s.height, 3.0)),
    "perplexity one": lambda s: with_response(s, np.zeros(s.height)),
    "one date": lambda s: s.with_columns(published=pl.lit(datetime.date(2020, 1, 1))),
    "one paper": lambda s: s.with_columns(paper=pl.lit("the same")),
    "all the same": lambda s: pl.concat([s.head(1)] * 30).with_columns(row=pl.int_range(30)),
    "one benchmark": lambda s: s.filter(pl.col("benchmark") == "ptb"),
    "huge perplexity": lambda s: with_response(s, np.where(np.arange(s.height) == 3, 700.0, 3.0)),
}


@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("delta", [0, 0.0025])
@pytest.mark.parametrize("estimator", ["published", "converged"])
def test_degenerate_samples_end_in_a_row(paper_config, benchmarks, case, delta, estimator):
    sample = DEGENERATE[case](simulated_sample(np.random.default_rng(2), 60, papers=25))
    fits, parameters = fit_batch(
        sample,
        {"m07": paper_config["variants"]["m07"]},
        [delta],
        estimator,
        "own",
        case,
        benchmarks,
    )
    (row,) = fits.iter_rows(named=True)
    assert np.isfinite(row["objective"])
    assert (
        row["r2"] is None
        if case in ("constant response", "perplexity one", "all the same")
        else row["r2"] <= 1
    )
    assert parameters["estimate"].is_finite().all()
    assert parameters["standard_error"].drop_nulls().is_finite().all()
    if estimator == "converged":
        if delta > 0 and case != "huge perplexity":
            assert row["converged"]
        if delta == 0 and case == "one date":
            assert {"alpha_year", "beta_year"} <= set(row["not_identified"].split(", "))
        if delta == 0 and case == "all the same":
            assert row["not_identified"]
    if case == "one paper":
        assert parameters["standard_error"].null_count() == parameters.height


def test_a_fit_that_does_not_converge_is_a_row_that_says_so(paper_config, benchmarks):
    """exp(theta) = 0 has no solution: the infimum is at minus infinity."""
    sample = with_response(simulated_sample(np.random.default_rng(2), 40), np.full(40, -1.0))
    fits, _ = fit_batch(
        sample, {"m16": paper_config["variants"]["m16"]}, [0], "converged", "own", "s", benchmarks
    )
    (row,) = fits.iter_rows(named=True)
    assert row["objective"] == pytest.approx(1.0, abs=1e-6)
    assert row["not_identified"] or not row["converged"]


def test_merging(grid):
    fits, parameters = grid
    keys = fits.select("sample", "variant", "delta", "estimator").to_dicts()
    halves = [fits.filter(pl.col("estimator") == name) for name in ("published", "converged")]
    merged = merge(halves, keys)
    assert merged.height == 240
    assert merged.equals(merge(halves[::-1], keys[::-1]))
    assert merge([parameters], keys).height == parameters.height
    with pytest.raises(AssertionError, match="m07"):
        merge([fits.filter(pl.col("variant") != "m07")], keys)
    with pytest.raises(AssertionError, match="m07"):
        merge(halves, [key for key in keys if key["variant"] != "m07"])
    with pytest.raises(AssertionError, match="twice"):
        merge([*halves, halves[0]], keys)
    with pytest.raises(AssertionError, match="twice"):
        merge([parameters, parameters], keys)


def test_variants_are_fitted_alone(paper_sample, paper_config, benchmarks, grid):
    """What a batch holds besides changes no bit of a fit."""
    fits, parameters = grid
    arguments = [0.0025], "converged", "first_available", "paper", benchmarks
    alone, rows = fit_batch(paper_sample, {"m10": paper_config["variants"]["m10"]}, *arguments)
    wanted = (
        (pl.col("variant") == "m10")
        & (pl.col("delta") == 0.0025)
        & (pl.col("estimator") == "converged")
    )
    assert alone.equals(fits.filter(wanted))
    assert rows.equals(parameters.filter(wanted))


def test_normalisers_come_from_the_sample_given(paper_sample, benchmarks):
    late = paper_sample.filter(pl.col("published") > datetime.date(2018, 1, 1))
    assert Compiler.of(late, benchmarks).origin != Compiler.of(paper_sample, benchmarks).origin
    assert Compiler.of(late, benchmarks).origin.first_year >= 2018


def test_of_several_analyses_of_one_fit_the_first_gives_the_intervals() -> None:
    key = {"sample": "s", "variant": "v", "delta": 0.0, "estimator": "converged"}
    parameters = pl.DataFrame([{**key, "term": "a", "estimate": 1.0, "standard_error": None}])
    draws = [pl.DataFrame({"replicate": [0, 1], "a": [x, x]}) for x in (2.0, 3.0)]
    analyses = [({**key, "resampling": "rows"}, drawn) for drawn in draws]
    table = with_intervals(parameters, analyses)
    assert table["median"].to_list() == [2.0]
