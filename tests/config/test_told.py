"""What rules tell the scripts of records, Bayesian fits and the audit is what the library takes."""

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
