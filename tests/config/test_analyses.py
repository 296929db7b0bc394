"""The bootstrap analyses a configuration asks for."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from algoprog.config.document import Config, parse_config
from algoprog.config.plan.analyses import analyses, jobs, own, pooled, with_eras, with_transformer

EXTRA = {
    "sample": "paper", "variant": "m01", "delta": 0.001, "estimator": "published",
    "resampling": "rows", "replicates": 7,
}  # fmt: skip
POOL = {
    "scheme": "papers", "size": 12, "estimator": "converged", "resampling": "papers",
    "replicates": 5,
}  # fmt: skip


@pytest.fixture
def small(paper_config):
    """The configuration with two analyses, a pool, two forms of each kind and two years."""

    def made(**changed: dict[str, Any]) -> Config:
        settings = copy.deepcopy(paper_config)
        listed = settings["bootstrap"]["analyses"]
        settings["bootstrap"]["analyses"] = {
            "published": listed["published"],
            "headline": listed["headline"],
            "extra": EXTRA,
        }
        settings["pools"] = {"published": {**POOL, "enabled": False}, "converged": POOL}
        settings["transformer"] |= {"analyses": ["headline", "extra"], "pools": ["converged"]}
        settings["era_split"] |= {"analyses": ["extra"], "years": [2016, 2018]}
        for section, changes in changed.items():
            settings[section] |= changes
        return parse_config(settings)

    return made


def test_names(small):
    members = [f"converged.{place:02d}" for place in range(1, 13)]
    assert list(analyses(small())) == [
        "published",
        "headline",
        "extra",
        *members,
        "headline.transformer-multiplier",
        "extra.transformer-multiplier",
        "headline.transformer-factor",
        "extra.transformer-factor",
        *(f"{name}.transformer-multiplier" for name in members),
        "extra.era-2016-jump",
        "extra.era-2018-jump",
        "extra.era-2016-kink",
        "extra.era-2018-kink",
    ]


def test_an_analysis_is_what_is_listed_with_its_sample_s_response(small):
    found = analyses(small())
    assert found["extra"] == {
        "sample": "paper",
        "model": {"variant": "m01", "delta": 0.001},
        "estimator": "published",
        "resampling": "rows",
        "response": "first_available",
        "replicates": 7,
        "change": None,
    }
    assert found["headline"]["response"] == "own"


def test_a_change_is_the_only_difference(small):
    found = analyses(small())
    for name, change in {
        "extra.transformer-factor": {"transformer": "factor"},
        "extra.era-2018-kink": {"era": 2018, "form": "kink"},
    }.items():
        assert found[name] == {**found[name.rpartition(".")[0]], "change": change}


@pytest.mark.parametrize(("most", "drawn"), [(4, 4), (200, 5)])
def test_members_of_a_pool_have_no_more_draws_with_the_multiplier(small, most, drawn):
    found = analyses(small(transformer={"pool_replicates": most}))
    own, changed = found["converged.03"], found["converged.03.transformer-multiplier"]
    assert changed == {**own, "change": {"transformer": "multiplier"}, "replicates": drawn}


def test_members_of_a_pool_are_places_in_its_ranking(small, paper_config):
    members = pooled(small())["converged"]
    assert list(members) == [f"converged.{place:02d}" for place in range(1, 13)]
    assert [one.model["place"] for one in members.values()] == list(range(1, 13))
    assert all(one.ranked for one in members.values())
    assert not any(one.ranked for one in own(small()).values())
    third = members["converged.03"]
    assert third.model == {
        "scheme": "papers",
        # none named: every enabled one
        "variants": [
            name for name, one in paper_config["variants"].items() if one.get("enabled", True)
        ],
        "place": 3,
    }
    assert (third.sample, third.response, third.replicates) == ("paper", "own", 5)
    named = small(pools={"converged": {**POOL, "variants": ["m02", "m01"], "size": 1}})
    assert pooled(named)["converged"]["converged.01"].model["variants"] == ["m02", "m01"]


def test_the_first_form_is_the_pools(small):
    config = small(transformer={"forms": ["factor", "multiplier"]})
    names = [name for name in with_transformer(config) if name.startswith("converged.01")]
    assert names == ["converged.01.transformer-factor"]
    assert with_transformer(config)[names[0]].change == {"transformer": "factor"}


def test_what_is_disabled_leaves_no_trace(small):
    def parts(config: Config) -> set[str]:
        return {name.split(".")[0] for name in analyses(config)}

    assert parts(small()) == {"published", "headline", "extra", "converged"}
    listed = small().model_dump(mode="json")["bootstrap"]["analyses"]
    without = {**listed, "extra": {**listed["extra"], "enabled": False}}
    config = small(bootstrap={"analyses": without}, pools={"converged": {**POOL, "enabled": False}})
    assert parts(config) == {"published", "headline"}
    assert with_eras(config) == {}
    assert pooled(config) == {}


def test_plain_built_ins(small):
    """Snakemake tracks nothing else; JSON has nothing else, and gives floats back as they were."""
    found = analyses(small())
    assert json.loads(json.dumps(found)) == found


def test_jobs_draw_every_analysis_once(small):
    config = small(jobs={"analyses": 5})
    made = jobs(config)
    assert sorted(name for names in made.values() for name in names) == sorted(analyses(config))
    assert made["published"] == ["published"]
    assert made["converged.01-05"] == [f"converged.{i:02d}" for i in range(1, 6)]
    assert made["converged.11-15"] == ["converged.11", "converged.12"]
    assert made["headline.transformer"] == [
        "headline.transformer-multiplier", "headline.transformer-factor",
    ]  # fmt: skip
    assert made["extra.era-kink.2016-2020"] == ["extra.era-2016-kink", "extra.era-2018-kink"]


def test_an_analysis_that_is_added_anywhere_moves_no_other_to_another_job(small):
    before = jobs(small(jobs={"analyses": 2}))
    after = jobs(small(jobs={"analyses": 2}, era_split={"years": [2015, 2016, 2018, 2020]}))
    job_of = {name: job for job, names in after.items() for name in names}
    assert all(job_of[name] == job for job, names in before.items() for name in names)
    assert set(after) - set(before) == {"extra.era-jump.2019-2020", "extra.era-kink.2019-2020"}
    assert after["extra.era-jump.2015-2016"] == ["extra.era-2015-jump", "extra.era-2016-jump"]


def test_analyses_of_a_job_have_one_sample_and_number_of_replicates(small):
    config = small(jobs={"analyses": 100})
    made = analyses(config)
    for names in jobs(config).values():
        assert len({(made[name]["sample"], made[name]["replicates"]) for name in names}) == 1
