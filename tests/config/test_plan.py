"""What runs for a configuration, worked out without Snakemake."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from algoprog.common.errors import InputError
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.config.plan.batches import batched
from algoprog.config.plan.plan import Plan
from algoprog.config.plan.results import TARGETS

PROJECT = Path(__file__).resolve().parents[2]
MAPPING = read_mapping(PROJECT)
SMALL = read_mapping(
    PROJECT, PROJECT / "tests/workflow/small.yaml", PROJECT / "tests/workflow/quantities.yaml"
)


def plan(changes: dict[str, Any] | None = None, mapping: dict[str, Any] = MAPPING) -> Plan:
    return Plan(parse_config(merged(mapping, changes or {})))


@pytest.fixture(scope="module")
def whole() -> Plan:
    return plan()


def test_a_name_added_to_the_front_moves_no_other_to_another_job() -> None:
    batches = {"ab": ["a", "b", "absent"]}
    assert batched(["a", "b", "c"], batches) == {"ab": ["a", "b"], "c": ["c"]}
    assert batched(["z", "a", "b", "c"], batches) == {"z": ["z"], "ab": ["a", "b"], "c": ["c"]}


def test_a_check_that_is_added_is_a_job_of_its_own(whole: Plan) -> None:
    added = {"sensitivity": {"checks": {"mine": {"late": {"where": "year > 2020"}}}}}
    more = plan(added)
    assert set(more.sensitivity.jobs) - set(whole.sensitivity.jobs) == {"mine"}
    for job in whole.sensitivity.jobs:
        for estimator in whole.sensitivity.settings["replicates"]:
            before, after = (p.sensitivity.call(estimator, job) for p in (whole, more))
            assert before == after
    assert more.sensitivity.call("converged", "mine")["names"] == ["mine"]


def test_a_delta_that_is_added_is_fitted_by_itself(whole: Plan) -> None:
    more = plan({"deltas": [0, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02]})
    assert set(more.fits.delta_jobs) - set(whole.fits.delta_jobs) == {"0.0005"}
    call = ("paper", "converged", "paper", "grid")
    assert more.fits.call(*call) == whole.fits.call(*call)
    assert len(more.fits.paths("fits")) == 2 * len(whole.fits.paths("fits"))


def test_every_fit_that_is_expected_is_made_by_one_job(whole: Plan) -> None:
    made = [
        {"sample": sample, "estimator": estimator, "variant": variant, "delta": delta}
        for sample, estimator in (("paper", "published"), ("all_models", "converged"))
        for batch in whole.config.batches
        for deltas in whole.fits.delta_jobs
        for call in [whole.fits.call(sample, estimator, batch, deltas)]
        for variant in call["variants"]
        for delta in call["deltas"]
    ]
    expected = [one for one in whole.fits.expected if one in made]
    assert len(made) == len(expected) == 2 * 21 * 6


def test_every_held_out_error_that_is_expected_is_made_by_one_job(whole: Plan) -> None:
    made = [
        {"variant": variant, "delta": delta, "scheme": call["scheme"]}
        for path in whole.fits.held_out_paths
        for call in [whole.fits.cross_validate(*Path(path).with_suffix("").parts[2:])]
        for variant in call["variants"]
        for delta in call["deltas"]
    ]
    assert len(made) == len(whole.fits.held_out_expected) == 3 * 21 * 6
    assert all(one in made for one in whole.fits.held_out_expected)


def calls(p: Plan) -> dict[str, Callable[[], Any]]:
    """Every kind of call, of the first job of its kind."""
    found: dict[str, Callable[[], Any]] = {
        "acquire": lambda: p.records.acquire("register"),
        "sample": lambda: p.records.sample("paper"),
        "fit": lambda: p.fits.call("paper", "converged", "paper", next(iter(p.fits.delta_jobs))),
        "cross_validate": lambda: p.fits.cross_validate("papers", "paper", "grid"),
        "draw": lambda: [p.draws.calls(job) for job in p.draws.jobs],
        "noise": lambda: [p.audit.noise(job) for job in p.draws.jobs],
        "check": lambda: [p.sensitivity.call("converged", job) for job in p.sensitivity.jobs],
        "block": lambda: p.multiverse.fits(next(iter(p.multiverse.blocks))),
        "shard": lambda: p.coverage.shard("papers", "plain", "inf", "0", "5"),
        "sets": lambda: [p.coverage.confidence_set(name) for name in p.coverage.sets],
        "profile": lambda: [p.coverage.profile(name) for name in p.coverage.profiled],
        "bayes": lambda: [(p.bayes.model(fit), p.bayes.chain(fit, "1")) for fit in p.bayes.fits],
    }
    stages: list[tuple[object, list[str]]] = [
        (p.records, ["roles", "normalize", "database", "reading_policy"]),
        (p.fits, ["expected", "held_out_expected"]),
        (p.quantities, ["doubling_times", "pooled_doubling_times", "shapley", "transformer"]),
        (p.quantities, ["era_split", "frontiers", "effective_compute", "allocation"]),
        (p.quantities, ["direct_observation"]),
        (p.audit, ["scores", "held_out", "reproduction"]),
        (p.sensitivity, ["influence"]),
        (p.evidence, ["penalty", "endogeneity", "identification"]),
        (p.fits, ["minima"]),
        (p.bayes, ["tables", "quantities", "known", "calibration", "compared"]),
        (p.results, ["headline_interval", "headline", "report"]),
        (p.estimates, ["settings"]),
    ]
    for stage, names in stages:
        for name in names:
            found[f"{type(stage).__name__}.{name}"] = partial(getattr, stage, name)
    return found


@pytest.mark.parametrize("mapping", [MAPPING, SMALL], ids=["whole", "small"])
def test_parameters_are_plain_built_ins(mapping: dict[str, Any]) -> None:
    """Snakemake tracks nothing else; JSON has nothing else, and gives floats back as they were."""
    for name, call in calls(plan(mapping=mapping)).items():
        made = call()
        assert json.loads(json.dumps(made)) == json.loads(json.dumps(made, sort_keys=True)), name


def test_checks_depend_on_what_they_use_alone(whole: Plan) -> None:
    call = whole.sensitivity.call("converged", "sample")
    assert set(call["variants"]) == {"m07"}
    assert set(call["sensitivity"]["checks"]) == {"response", "models_per_paper"}
    assert set(whole.sensitivity.call("converged", "model")["variants"]) == {"m07", "m12"}


def test_what_is_not_made_has_no_tables(whole: Plan) -> None:
    assert {"shapley", "predicted_loss", "era_split", "sensitivity", "defects"} <= set(
        whole.results.all_tables
    )
    few = plan(
        {
            "shapley": {"analyses": []},
            "era_split": {"analyses": []},
            "sensitivity": {"only": []},
            "audit": {"enabled": False},
            "cross_validation": {"enabled": False},
            "pools": {"published": {"enabled": False}, "converged": {"enabled": False}},
        }
    )
    gone = {"shapley", "predicted_loss", "era_split", "sensitivity", "reproduction", "defects"}
    gone |= {"cross_validation", "pooled_doubling_times", "ranking"}
    assert set(whole.results.all_tables) - set(few.results.all_tables) == gone
    assert few.audit.published == few.audit.noise_paths == few.results.held_out_table == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_fingerprint_tells_other_settings_but_not_other_words(whole: Plan, target: str) -> None:
    same = plan({"benchmarks": {"definitions": {"wt2": {"label": "another label"}}}})
    assert same.results.fingerprint(target) == whole.results.fingerprint(target)
    shards = {"shards": 7}
    cut = plan({"bootstrap": shards, "coverage": shards, "bayes": {"calibration": shards}})
    assert cut.results.fingerprint(target) == whole.results.fingerprint(target)
    other = plan({"samples": {"paper": {"models_per_paper": 2}}})
    assert other.results.fingerprint(target) != whole.results.fingerprint(target)


def test_shards_of_a_job_hold_its_draws_once(whole: Plan) -> None:
    sharded = plan({"bootstrap": {"shards": 3}})
    names = [
        path.split("/")[-1].split(".")[0] for path in sharded.draws.shard_paths("rows", "parquet")
    ]
    assert names == ["0-333", "333-666", "666-1000"]
    call = sharded.draws.calls("rows", "333", "666")["rows"]
    assert (call["first"], call["last"]) == (333, 666)
    assert whole.draws.calls("rows")["rows"]["last"] == 1000


def test_a_ranking_that_is_not_made_is_refused_where_a_fit_needs_it() -> None:
    without = plan({"cross_validation": {"schemes": ["published_split"]}, "pools": {
        "converged": {"enabled": False}}})  # fmt: skip
    assert without.bayes.ranking("headline") == {}
    with pytest.raises(InputError, match=r"bayes\.variants\.scheme: 'papers'; name it in"):
        without.bayes.ranking("best-01")


def test_the_headline_is_inherited() -> None:
    other = plan({"headline": {"variant": "m03", "delta": 0.01}})
    assert other.facts.headline.variant == "m03"
    assert other.draws.analyses["rows_first_available"]["model"] == {
        "variant": "m03",
        "delta": 0.01,
    }
    assert other.draws.analyses["rows_first_available"]["sample"] == "paper_first_available"
    assert other.coverage.shard("papers", "plain", "8", "0", "5")["variant"] == "m03"
    assert other.sensitivity.influence["delta"] == 0.01
    assert other.coverage.confidence_set("closed_form")["variant"] == "m03"
