"""Scores and capability in one model: what the program is given; a known truth is found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from capability_data import register
from polars.testing import assert_frame_equal
from project import Project

from algoprog.bayes.capability import JointModel, joint_chain, joint_model, joint_table
from algoprog.bayes.engine import Engine, Program
from algoprog.bayes.settings import CapabilityPriors, Diagnostics, LogNormal, Sampler
from algoprog.capability.compute import ComputeSample
from algoprog.capability.published import Published
from algoprog.capability.registers import Registers
from algoprog.capability.response import ResponseModel, fit_response
from algoprog.capability.sample import Pairs

PRIORS = CapabilityPriors(
    gain=LogNormal(0.4, 0.7),
    trend_sd=2.0,
    level_sd=3.0,
    spread_sd=1.0,
    precision=LogNormal(30.0, 1.5),
)
GAIN, TREND = 0.2, 0.5


def simulated(seed: int = 1) -> JointModel:
    """Forty versions of 20 families on twelve benchmarks; growth is TREND / GAIN."""
    rng = np.random.default_rng(seed)
    M, B = 40, 12
    family = np.repeat(np.arange(20), 2)
    x = rng.normal(0, 2, M)
    t = np.sort(rng.uniform(0, 2.5, 20))[family]
    C = 0.3 + GAIN * x + TREND * t + rng.normal(0, 0.1, 20)[family] + rng.normal(0, 0.05, M)
    D, alpha = rng.normal(0.5, 0.7, B), np.exp(rng.normal(0.5, 0.3, B))
    D[0], alpha[0] = 0.0, 1.0
    version, benchmark = (index.ravel() for index in np.indices((M, B)))
    mean = 1 / (1 + np.exp(-alpha[benchmark] * (C[version] - D[benchmark])))
    score = rng.binomial(500, mean) / 500
    pairs = Pairs(
        versions=tuple(f"v{i:02d}" for i in range(M)),
        benchmarks=("Winogrande", *(f"b{i:02d}" for i in range(1, B))),
        version=version.astype(np.int64),
        benchmark=benchmark.astype(np.int64),
        score=score,
        standard_error=np.sqrt(np.maximum(score * (1 - score), 1e-3) / 500),
        count=np.ones(M * B, dtype=np.int64),
        spread=np.zeros(M * B),
        guessing=np.zeros(B),
    )
    fit = fit_response(pairs, ResponseModel(floor=True))
    names = tuple(f"family {i}" for i in family)
    sample = ComputeSample(
        version=pairs.versions, model=pairs.versions, family=names, recipe=names,
        organisation=names, day=(t * 365).astype(np.int64), t=t, ln_compute=50 + x,
        capability=fit.capability, position=np.arange(M), rank=np.arange(M),
    )  # fmt: skip
    return JointModel(fit, sample, PRIORS)


@pytest.fixture(scope="module")
def real() -> JointModel:
    registers = Registers(*map(register, ("scores", "versions", "benchmarks")))
    return joint_model(Published(registers, registers, pl.DataFrame()), PRIORS)


def test_the_data_are_those_of_both_stages(real: JointModel) -> None:
    data = real.data()
    assert (data["M"], data["B"], data["P"], data["K"]) == (179, 38, 1324, 68)
    assert sorted(data["known"] + data["unknown"]) == list(range(1, 180))
    assert real.fit.pairs.benchmarks[data["anchor"] - 1] == "Winogrande"
    assert min(data["score"]) > 0 and max(data["score"]) < 1
    assert data["base"] not in data["other"] and len(data["other"]) == 37
    scored = np.bincount(real.fit.pairs.benchmark)
    assert scored[data["base"] - 1] == scored.max()
    families = np.array(data["family"])
    counts = np.bincount(families)[1:]
    assert data["F"] == len(counts) and (counts > 1).all()
    within = np.array(data["x_within"])
    assert (within[families == 0] == 0).all()
    for family in range(1, data["F"] + 1):
        assert within[families == family].sum() == pytest.approx(0, abs=1e-9)


def test_items_are_those_of_a_printed_standard_error(real: JointModel) -> None:
    error, score = real.fit.pairs.standard_error, real.fit.pairs.score
    printed = ~np.isnan(error) & (error > 0) & (score > 0.2) & (score < 0.8)
    assert real.items[np.isnan(error)] == pytest.approx(200)
    wanted = score[printed] * (1 - score[printed]) / error[printed] ** 2
    assert real.items[printed] == pytest.approx(wanted, rel=0.03)


def test_chains_start_apart_and_where_the_program_has_parameters(real: JointModel) -> None:
    first, second = real.start(1), real.start(2)
    assert first == real.start(1) and first["z"] != second["z"]
    assert len(first["z"]) == 179 + 2 * 37 and len(first["level_z"]) == real.data()["F"]


def test_axes_are_those_of_the_scores_information(real: JointModel) -> None:
    spread, centre = real.spread, real.centre
    assert spread.shape == (253, 253) and len(centre) == 253
    covariance = spread @ spread.T
    # a version's capability is known less well the fewer scores it has
    scores = np.bincount(real.fit.pairs.version)
    error = np.sqrt(np.diag(covariance))[:179]
    assert error[scores == 4].mean() > 1.5 * error[scores > 15].mean()
    assert error.min() > 0.02 and error.max() < 1


@pytest.mark.slow
@pytest.mark.xdist_group("stan")
def test_known_growth_is_found(stan_project: Project) -> None:
    made = stan_project.directory / "results/bayes_capability"
    engine = Engine(**json.loads((made / "engine.json").read_text()))
    program = Program(engine, made / "program", "capability")
    model = simulated()
    sampler = Sampler(warmup=250, draws=400, target_acceptance=0.9, max_depth=7)
    chains = [joint_chain(model, program, sampler, 1, number) for number in (1, 2)]
    short = replace(sampler, warmup=20, draws=10)
    again = [joint_chain(model, program, short, 1, 2) for _ in range(2)]
    assert_frame_equal(*again)
    limits = Diagnostics(rhat=1.05, effective_draws=50, divergences=5, energy=0.2)
    table = joint_table(model, chains, engine, limits, 10)
    rows = {row["quantity"]: row for row in table.iter_rows(named=True)}
    assert rows["rate"]["passed"], rows["rate"]
    for quantity, truth in (
        ("growth of compute efficiency", TREND / GAIN),
        ("k", GAIN),
        ("g", TREND),
        ("rate", np.exp(TREND / GAIN)),
    ):
        row = rows[quantity]
        assert row["ci95_low"] < truth < row["ci95_high"], quantity
        # and it knows something: the prior's interval of k is 0.05 to 0.8
        assert row["median"] == pytest.approx(truth, rel=0.5)


def test_what_does_not_pass_is_marked() -> None:
    rng = np.random.default_rng(0)
    model = simulated()
    names = ["growth", "anchor_k", "anchor_g", "anchor_sigma", "anchor_tau_b", "anchor_tau_k"]
    statistics = {"lp__": 0.0, "accept_stat__": 1.0, "stepsize__": 0.1, "treedepth__": 5.0,
                  "n_leapfrog__": 31.0, "divergent__": 0.0}  # fmt: skip
    chains = [
        pl.DataFrame({name: rng.normal(away, 1, 200) for name in names}).with_columns(
            *(pl.lit(value).alias(name) for name, value in statistics.items()),
            pl.Series("energy__", rng.normal(0, 1, 200)),
        )
        for away in (0.0, 3.0)
    ]
    limits = Diagnostics(rhat=1.01, effective_draws=50, divergences=0, energy=0.2)
    table = joint_table(model, chains, Engine("pystan", "0"), limits, 10)
    assert not table["passed"].any() and table["rhat"][0] > 1.5
