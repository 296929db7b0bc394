"""What rules tell the scripts is what the library takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from algoprog.audit.evidence import AuditSettings
from algoprog.audit.held_out import HeldOutSettings
from algoprog.audit.published_noise import Repeated, ScoreSettings
from algoprog.bayes.settings import (
    Choice,
    Diagnostics,
    FitSettings,
    QuantitySettings,
    Sampler,
    SimulatedSets,
)
from algoprog.bayes.settings import Plan as FitPlan
from algoprog.common.settings import rebuild
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.records.specification import Joins, Source
from algoprog.robustness.checks import Plan as CheckPlan
from algoprog.robustness.confidence_sets import SetOf
from algoprog.robustness.multiverse import Drawn, Fitting
from algoprog.robustness.sensitivity import Job

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = [
    read_mapping(PROJECT),
    read_mapping(PROJECT, PROJECT / "tests/workflow/small.yaml"),
]


@pytest.fixture(scope="module", params=SETTINGS, ids=["whole", "small"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return Plan(parse_config(request.param))


def test_sources(plan: Plan) -> None:
    for name in plan.records.sources:
        said = plan.records.acquire(name)
        source = Source.of(said["name"], said["spec"])
        assert source.form.kind == said["spec"]["kind"]
        assert source.where.startswith(f"source {name} (")
    assert set(rebuild(plan.records.roles, dict[str, Joins])) == set(plan.records.sources)


def test_bayesian_fits(plan: Plan) -> None:
    bayes = plan.bayes
    for fit in bayes.fits:
        choice = rebuild(bayes.model(fit), Choice)
        chain = bayes.chain(fit, "1")
        sampler = rebuild(chain["sampler"], Sampler)
        judged = rebuild(bayes.fit(fit), FitSettings)
        assert judged.fit == choice.fit
        assert sampler.draws >= plan.config.bayes.sampler.draws
        assert isinstance(judged.limits, Diagnostics)
    assert list(rebuild(bayes.tables, FitPlan).plan) == list(bayes.fits)
    wanted = rebuild(bayes.quantities, QuantitySettings)
    assert set(wanted.pair) <= set(wanted.systems)
    assert rebuild(bayes.calibration_shard("prior", "0", "2"), SimulatedSets).last == 2


def test_the_audit(plan: Plan) -> None:
    audit = plan.audit
    settings = rebuild(audit.reproduction["settings"], AuditSettings)
    assert set(settings.pools) == {"published", "converged"}
    noise: dict[str, Any] = {}
    for job in plan.draws.jobs:
        noise |= audit.noise(job)
    assert all(rebuild(said, Repeated).repetitions for said in noise.values())
    assert rebuild(audit.scores, ScoreSettings).within == 0.01
    held_out = rebuild(audit.held_out, HeldOutSettings)
    assert set(held_out.response) == {"published", "converged"}


def test_single_checks(plan: Plan) -> None:
    checks = plan.sensitivity
    made = {check.check for check in rebuild(checks.planned(), CheckPlan).checks()}
    assert made >= set(checks.checks)
    for estimator in checks.settings["replicates"]:
        for job, names in checks.jobs.items():
            call = checks.call(estimator, job)
            assert list(rebuild(call, Job).names) == names
            told = {check.check for check in rebuild(call, CheckPlan).checks()}
            assert told >= set(names)


def test_the_multiverse_and_the_sets(plan: Plan) -> None:
    for block in plan.multiverse.blocks:
        rebuild(plan.multiverse.fits(block), Fitting)
    for stratum in plan.multiverse.strata:
        call = plan.multiverse.draws(stratum)
        rebuild(call, Fitting)
        assert rebuild(call, Drawn).replicates > 0
    assert all(rebuild(plan.coverage.confidence_set(n)["asked"], SetOf) for n in plan.coverage.sets)
