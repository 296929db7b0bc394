"""One analysis: which model it is, its fit, and that changes resample what the model does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from independent import mean_square, penalised
from plain import changed, draw, fit_batch, refit

from algoprog.common.errors import InputError
from algoprog.common.settings import rebuild
from algoprog.estimators.converged import problem, solve
from algoprog.estimators.tables import FITS
from algoprog.model.model import observations
from algoprog.resampling.analysis import Choice
from algoprog.resampling.refit import SCHEMA, pack, read_refits
from algoprog.resampling.scheme import replicate_weights
from algoprog.resampling.shards import merge_draws, merge_fits

SEED = 7
NAMED = {"variant": "m01", "delta": 0.0025}
CHANGES = [
    {"transformer": "multiplier"},
    {"transformer": "factor"},
    {"era": 2017, "form": "jump"},
    {"era": 2017, "form": "kink"},
]


@pytest.fixture(scope="module")
def analysed(paper_sample, paper_config, benchmarks):
    """refit() of m01 at 0.0025 on the paper's sample, but for what is given."""

    def made(estimator="converged", first=0, last=2, **given):
        arguments = {
            "sample": paper_sample, "cross_validation": None, "variants": paper_config["variants"],
            "model": NAMED, "change": None, "sample_name": "paper", "benchmarks": benchmarks,
            "response": {"published": "first_available", "converged": "own"}[estimator],
            "resampling": "papers", "seed": SEED,
        } | given  # fmt: skip
        return refit(estimator=estimator, first=first, last=last, **arguments)

    return made


def member(model, ranking):
    return rebuild(model, Choice).member(ranking)


@pytest.fixture(scope="module")
def ranking():
    """By papers: m02 and m01 tie below m03, above m09 whom nobody asks for."""
    rows = [
        ("m09", 0.0, "papers", 0.01), ("m03", 0.0, "papers", 0.04), ("m02", 0.0, "papers", 0.03),
        ("m01", 0.02, "papers", 0.03), ("m01", 0.001, "papers", 0.03),
        ("m03", 0.0, "rows", 0.001), ("m09", 0.0, "rows", 0.9),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=["variant", "delta", "scheme", "mse"], orient="row")


def place(scheme, number):
    return {"scheme": scheme, "variants": ["m03", "m02", "m01"], "place": number}


def test_a_place_is_among_the_candidates_ties_by_variant_then_delta(ranking):
    found = [member(place("papers", number), ranking) for number in (1, 2, 3, 4)]
    assert found == [("m01", 0.001), ("m01", 0.02), ("m02", 0.0), ("m03", 0.0)]
    assert member(place("rows", 1), ranking) == ("m03", 0.0)
    assert member(place("papers", 2), ranking.reverse()) == ("m01", 0.02)


def test_a_named_model_needs_no_ranking_and_a_place_does(ranking):
    assert member(NAMED, None) == member(NAMED, ranking) == ("m01", 0.0025)
    with pytest.raises(AssertionError, match="needs the ranking"):
        member(place("papers", 1), None)


def test_a_place_is_fitted_as_its_model_is(analysed, ranking):
    placed = analysed(model=place("papers", 2), cross_validation=ranking)
    named = analysed(model={"variant": "m01", "delta": 0.02})
    assert placed.key["delta"] == 0.02
    assert placed.fit.equals(named.fit)
    assert placed.draws.equals(named.draws)


def test_changes_derive_the_specs(paper_config):
    spec = paper_config["variants"]["m01"]
    plain = changed(spec, None)
    parts = tuple({name: str(text) for name, text in part.items()} for part in spec["exponentials"])
    assert (plain.exponentials, plain.linear, plain.multiplier) == (parts, {}, {})
    multiplied = changed(spec, {"transformer": "multiplier"})
    assert multiplied == replace(plain, multiplier={"gamma_transformer": "T"})
    factored = changed(spec, {"transformer": "factor"})
    assert factored.exponentials == tuple({**part, "kappa_transformer": "-T"} for part in parts)
    for form, time in (("jump", "t*(Y>=2017)"), ("kink", "(Y-2017)*(Y>=2017)")):
        split = changed(spec, {"era": 2017, "form": form}).exponentials
        assert [set(part) - set(old) for part, old in zip(split, parts, strict=True)] == [
            {"alpha_year_from_2017"},
            {"beta_year_from_2017"},
        ]
        assert split[0]["alpha_year_from_2017"] == f"-{{{time}}}"


@pytest.mark.parametrize("estimator", ["published", "converged"])
def test_the_fit_is_that_of_the_tables(analysed, paper_sample, paper_config, benchmarks, estimator):
    one = analysed(estimator, last=1)
    response = {"published": "first_available", "converged": "own"}[estimator]
    fits, parameters = fit_batch(
        paper_sample, {"m01": paper_config["variants"]["m01"]}, [0.0025], estimator, response,
        "paper", benchmarks,
    )  # fmt: skip
    assert one.fit.select(*FITS.names).equals(fits)
    assert list(one.estimates.items()) == list(parameters.select("term", "estimate").iter_rows())
    assert one.key == {
        "sample": "paper", "variant": "m01", "delta": 0.0025, "estimator": estimator,
        "resampling": "papers",
    }  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_replicates_of_a_change_resample_the_unchanged_variant_s_papers(
    analysed, paper_sample, compiler, paper_config, change
):
    one = analysed(change=change)
    seen = observations(paper_sample, "own")
    design = compiler.rows("any", changed(paper_config["variants"]["m01"], change), paper_sample)
    assert list(one.estimates) == list(design.parameters)
    for row in one.draws.iter_rows(named=True):
        weights = replicate_weights(SEED, "m01", 0.0025, row["replicate"], seen.papers, "papers")
        task = problem(design, seen.response, 0.0025, weights)
        theta = np.array([row[name] for name in design.parameters])
        assert row["objective"] == pytest.approx(penalised(task, theta), rel=1e-11)
        # and theta is the minimum for these weights
        assert row["objective"] <= solve(design, seen.response, 0.0025, weights).objective + 1e-12


def test_published_replicates_of_a_change_are_the_legacy_generator_s(
    analysed, paper_sample, compiler, paper_config
):
    change = {"transformer": "multiplier"}
    one = analysed("published", change=change, resampling="rows")
    seen = observations(paper_sample, "first_available")
    design = compiler.rows("any", changed(paper_config["variants"]["m01"], change), paper_sample)
    legacy = np.random.RandomState(0)
    for row in one.draws.iter_rows(named=True):
        drawn = legacy.choice(231, 231, replace=True)
        theta = np.array([row[name] for name in design.parameters])
        task = problem(design.rows(drawn), seen.response[drawn], 0.0025)
        expected = mean_square(task, theta) + 0.0025 * np.abs(theta).sum()
        assert row["objective"] == pytest.approx(expected, rel=1e-11)


def test_draws_start_from_the_minima_of_the_fit(analysed, paper_sample, compiled):
    """They are draw()'s of the compiled variant, whatever the analysis is called."""
    from plain import fit_one

    design, seen = compiled("m01"), observations(paper_sample, "own")
    minima = fit_one(design, seen, 0.0025, "converged").minima
    draws = draw(design, seen, 0.0025, "converged", "papers", SEED, 0, 2, minima)
    assert analysed().draws.equals(draws)


@pytest.mark.parametrize("estimator", ["published", "converged"])
def test_shards_give_the_same_fit_and_draws(analysed, estimator):
    whole = analysed(estimator, 0, 4)
    shards = [analysed(estimator, a, b) for a, b in ((3, 4), (0, 1), (1, 3))]
    packed = [pack({"m01": one}) for one in shards]
    fits, draws = pack({"m01": whole})
    assert merge_draws([drawn for _, drawn in packed], 4).equals(draws)
    assert merge_fits([fit for fit, _ in packed]).equals(fits)


def test_another_response_is_another_fit(analysed):
    fits = [analysed(response=name, last=0).fit for name in ("own", "first_available")]
    with pytest.raises(AssertionError, match="different models"):
        merge_fits(fits)


def test_more_parameters_than_rows_are_refused(analysed, paper_sample):
    with pytest.raises(InputError, match="5 rows for 6 parameters"):
        analysed(sample=paper_sample.head(5))


def test_what_is_written_is_read_again_in_order(analysed, tmp_path):
    made = {"a": analysed(last=1), "b": analysed("published", last=2)}
    made["c"] = analysed(model={"variant": "m07", "delta": 0.01}, last=3)  # more parameters
    files = SimpleNamespace(analysis_fits=[], draws=[])
    for job, names in {"one": ["c", "a"], "two": ["b"]}.items():
        fits, draws = pack({name: made[name] for name in names})
        files.analysis_fits.append(tmp_path / f"{job}.fit")
        files.draws.append(tmp_path / f"{job}.draws")
        fits.write_parquet(files.analysis_fits[-1])
        draws.write_parquet(files.draws[-1])
    second, first, third = read_refits(files, ["b", "a", "c"])
    assert second.draws.equals(made["b"].draws)
    assert third.draws.equals(made["c"].draws)
    assert first.draws.schema == made["a"].draws.schema
    assert first.fit.equals(made["a"].fit)
    assert first.fit.schema == pl.Schema(SCHEMA)
    assert first.estimates == made["a"].estimates
