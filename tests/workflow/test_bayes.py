"""The Bayesian part from end to end, on few draws; skipped where there is no engine of Stan."""

from __future__ import annotations

import math

import pytest
from declared import files_as_declared
from project import Project

from algoprog.catalogue import tables_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stan")]

FEW = {
    "bayes": {
        "variants": {"size": 1},
        "transformer": ["factor"],
        "prior_widths": [2],
        "sampler": {"chains": 2, "warmup": 50, "draws": 50, "max_depth": 3},
        "predictive_draws": 50,
        "calibration": {"simulations": 2, "shards": 2, "warmup": 100, "draws": 99, "thin": 1},
    },
    "capability": {"enabled": True},
}


@pytest.fixture(scope="module")
def project(stan_project: Project, solver: None) -> Project:
    run = stan_project.snakemake("bayes", "calibration", overlay=FEW)
    assert run.returncode == 0, run.output
    return stan_project


def test_every_fit_has_diagnostics_and_an_engine(project: Project) -> None:
    fits = project.rows("bayes_fits")
    assert [fit["name"] for fit in fits] == [
        "headline", "best-01", "transformer-factor", "prior-2",
    ]  # fmt: skip
    for fit in fits:
        assert fit["engine"].split()[0] in ("cmdstan", "pystan")
        assert float(fit["rhat"]) > 0.9
        assert int(fit["n_draws"]) == (200 if fit["name"] == "prior-2" else 100)
        # so few draws do not pass, and what does not pass is not pooled
        assert (fit["passed"], fit["pooled"], fit["weight"]) == ("false", "false", "")


def test_quantities_stand_beside_the_bootstrap(project: Project) -> None:
    against = project.rows("bayes_against_bootstrap")
    growth = [row for row in against if row["quantity"] == "growth of effective compute"]
    assert growth and all(row["posterior_median"] and row["bootstrap_median"] for row in growth)
    assert {row["check"] for row in project.rows("bayes_checks")} == {"prior", "posterior"}


def test_scores_and_capability_are_one_model(project: Project) -> None:
    found = {row["quantity"]: row for row in project.rows("bayes_capability")}
    assert {row["n_draws"] for row in found.values()} == {"200"}
    growth, rate = found["growth of compute efficiency"], found["rate"]
    assert float(rate["ci95_low"]) == pytest.approx(math.exp(float(growth["ci95_low"])), rel=1e-3)
    assert float(growth["median"]) > 0 and rate["passed"] == "false"


def test_tables_are_as_declared(project: Project) -> None:
    assert set(tables_of("bayes", "bayes_capability", "calibration")) <= files_as_declared(project)


def test_ranks_of_every_data_set_are_counted(project: Project) -> None:
    ranks = project.rows("bayes_ranks")
    counted = {row["quantity"]: 0 for row in ranks}
    for row in ranks:
        counted[row["quantity"]] += int(row["n"])
    assert set(counted.values()) == {2}


def test_a_second_run_does_nothing(project: Project) -> None:
    run = project.dry_run("bayes", "calibration", overlay=FEW)
    assert run.returncode == 0 and not run.jobs, run.output


def test_the_main_job_does_not_need_stan(project: Project) -> None:
    run = project.dry_run(overlay=FEW)
    assert not [rule for rule in run.rules if rule.startswith("bayes")]


def test_a_ranking_that_is_not_made_is_refused(project: Project) -> None:
    overlay = {**FEW, "cross_validation": {"schemes": ["published_split"]}}
    run = project.dry_run("bayes", overlay=overlay)
    assert run.returncode
    assert "config/bayes.yaml, bayes.variants.scheme: 'papers'" in run.output
    assert not project.dry_run(overlay=overlay).returncode  # the main job is as it was


def test_where_cmdstan_is_the_configuration_may_not_say(project: Project) -> None:
    overlay = {"bayes": FEW["bayes"] | {"cmdstan": "nowhere"}}
    refused = project.dry_run("bayes", overlay=overlay)
    assert refused.returncode
    assert "overlay.yaml, bayes.cmdstan: 'cmdstan'; no configuration may say that" in refused.output
