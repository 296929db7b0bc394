"""The Stan program against Python, through whichever engine there is; skipped without one."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bayes_model import LINEAR, M07, prepared
from scipy import stats

from algoprog.bayes.chain import chain
from algoprog.bayes.data import means, stan_data, start
from algoprog.bayes.draws import arrays, diagnostics, inference_data, posterior
from algoprog.bayes.engine import Engine, Program, _patience, compile_program, find_engine
from algoprog.bayes.settings import Diagnostics, Sampler
from algoprog.common.errors import InputError

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stan")]
SAMPLER = Sampler(warmup=150, draws=200, target_acceptance=0.9, max_depth=10)


def engine_or_skip(wanted):
    try:
        return find_engine(wanted, Path.cwd(), os.environ, Path.home())
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def stan(stan_project):
    made = stan_project.directory / "results/bayes"
    engine = Engine(**json.loads((made / "engine.json").read_text()))
    return Program(engine, made / "program")


@pytest.fixture(scope="module")
def chains(stan):
    one = prepared(M07)
    return one, [chain(one, stan, SAMPLER, 1, "test", number) for number in (1, 2)]


def test_theta_and_density_are_those_of_python(chains):
    """Every draw: theta from u, and differences of the log density, recomputed."""
    one, (first, _) = chains
    model = one.model
    p, levels = model.design.p, model.levels
    u = first.select([f"u.{j}" for j in range(1, p + 1)]).to_numpy()
    draws = posterior([first], model.prior.parameters, levels)
    found = arrays(draws, model.prior.parameters, levels)
    assert np.allclose(found["theta"], model.prior.theta(u), rtol=1e-8, atol=1e-10)
    effects = draws.select([f"effect_{i}" for i in range(1, model.n_papers + 1)]).to_numpy()
    z = first.select([f"paper_z.{i}" for i in range(1, model.n_papers + 1)]).to_numpy()
    mu = means(model.design, found["theta"]) + effects[:, model.papers]
    scale = found["sigma"][:, model.benchmarks]
    errors, tail = model.errors, first["tail"].to_numpy()
    density = (
        stats.t.logpdf(one.y, found["nu"][:, None], mu, scale).sum(axis=1)
        + stats.norm.logpdf(u, model.prior.mean, model.prior.sd).sum(axis=1)
        + stats.norm.logpdf(z).sum(axis=1)
        + stats.norm.logpdf(first["scale_z"].to_numpy())
        + sum(
            stats.norm.logpdf(first[f"scale_benchmark_z.{b}"].to_numpy())
            for b in range(1, len(levels) + 1)
        )
        + stats.norm.logpdf(found["tau"], 0, errors.paper_sd)
        + stats.gamma.logpdf(tail, errors.tail.shape, scale=1 / errors.tail.rate)
        + np.log(found["tau"])  # tau and nu - 2 are sampled as logarithms
        + np.log(tail)
    )
    away = density - first["lp__"].to_numpy()
    assert np.ptp(away) < 1e-6


def test_the_same_seed_gives_the_same_draws(stan, chains):
    one, (first, second) = chains
    again = chain(one, stan, SAMPLER, 1, "test", 1)
    assert again.equals(first)
    assert not second.equals(first)


def test_a_chain_leaves_no_temporary_file(stan, chains, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    chain(chains[0], stan, replace(SAMPLER, warmup=20, draws=20), 1, "test", 3)
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() == str(tmp_path)


def test_inference_data_holds_every_draw(chains):
    one, both = chains
    draws = posterior(both, one.model.prior.parameters, one.model.levels)
    data = inference_data(draws)
    assert dict(data.posterior.sizes) == {"chain": 2, "draw": 200, "paper": one.model.n_papers}
    column = draws.filter(draws["chain"] == 2)["alpha_param"].to_numpy()
    assert np.array_equal(data.posterior["alpha_param"].values[1], column)
    assert data.sample_stats["diverging"].dtype == bool


def test_chains_that_do_not_agree_do_not_pass(chains):
    _, (first, second) = chains
    limits = Diagnostics(rhat=1.2, effective_draws=5.0, divergences=400, energy=0.2)
    assert diagnostics([first, second], limits, 10)["passed"]
    moved = second.with_columns(second["u.1"] + 5)
    found = diagnostics([first, moved], limits, 10)
    assert found["rhat"] > 1.2 and not found["passed"]


@pytest.mark.parametrize("spec", [M07, LINEAR])
def test_without_data_the_program_draws_the_prior(stan, spec):
    one = prepared(spec)
    prior = one.model.prior
    given = stan_data(one.model, one.y, prior.mean, np.diag(prior.sd), prior_only=True)
    longer = replace(SAMPLER, warmup=300, draws=2000)
    found = stan.sample(given, start(one.model, 3), 17, longer)
    for j in range(len(prior.mean)):
        u = found[f"u.{j + 1}"].to_numpy()
        assert u.mean() == pytest.approx(prior.mean[j], abs=0.2 * prior.sd[j]), prior.roles[j]
        assert u.std() == pytest.approx(prior.sd[j], rel=0.15), prior.roles[j]


def test_the_translator_is_not_hurried():
    translator = pytest.importorskip("httpstan.compile", reason="httpstan is not installed")
    slow = [sys.executable, "-c", "import time; time.sleep(0.2); print(1)"]
    with pytest.raises(subprocess.TimeoutExpired):
        translator.subprocess.run(slow, capture_output=True, timeout=0.01)
    with _patience():
        assert translator.subprocess.run(slow, capture_output=True, timeout=0.01).stdout
    assert translator.subprocess is subprocess


def test_both_engines_give_the_same_draws(tmp_path):
    one = prepared(M07)
    found = []
    for engine in [engine_or_skip(wanted) for wanted in ("cmdstan", "pystan")]:
        compiled = tmp_path / engine.name
        compile_program(engine, compiled)
        found.append(chain(one, Program(engine, compiled), SAMPLER, 1, "test", 1))
    first, second = found
    assert first.columns == second.columns
    assert np.allclose(first.to_numpy(), second.to_numpy(), rtol=1e-6)
