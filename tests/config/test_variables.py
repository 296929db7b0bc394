"""What `variables`, `extra` of a source and `variables` of a sample may say."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from algoprog.common.errors import InputError
from algoprog.config.document import Config, parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan

PROJECT = Path(__file__).parents[2]
K = {"formula": "log(training_compute)", "scale": "compute"}
LAW = {"exponentials": [{"a": "1 + b", "r": "-t", "e": "-k"}]}


def configured(samples: list[str] | None = None, **sections: Any) -> Config:
    """The project's configuration with sections laid over it; all samples have the variables."""
    mapping = copy.deepcopy(read_mapping(PROJECT))
    for section, change in sections.items():
        mapping[section] = {**(mapping.get(section) or {}), **change}
    for sample in mapping["samples"].values():
        sample["variables"] = ["k"] if samples is None else samples
    return parse_config(mapping)


def refused(**sections: Any) -> InputError:
    with pytest.raises(InputError) as error:
        configured(**sections)
    return error.value


def test_jobs_are_told_what_the_variables_they_need_are() -> None:
    plan = Plan(configured(variables={"k": K}, variants={"mine": LAW}))
    told = {"k": {"formula": "log(training_compute)", "from_least": True}}
    for sample in plan.facts.samples:
        assert plan.records.sample(sample)["spec"]["variables"] == told
    assert plan.facts.variants(["mine"])["mine"]["variables"] == {"k": "compute"}
    assert "variables" not in plan.facts.variants(["m07"])["m07"]


def test_a_variable_that_no_variant_names_needs_no_sample() -> None:
    plan = Plan(configured(samples=[], variables={"k": K}))
    assert all(plan.records.sample(one)["spec"]["variables"] == {} for one in plan.facts.samples)


@pytest.mark.parametrize(
    ("sections", "place", "words"),
    [
        ({"variants": {"mine": LAW}}, "samples", "variables"),
        ({"variables": {"k": K, "t": K}}, "variables.t", "choose another name"),
        ({"variables": {"k": K, "log": K}}, "variables.log", "choose another name"),
        ({"variables": {"k": {"formula": "log(gpus)"}}}, "variables.k.formula", "gpus"),
        ({"variables": {"k": {"formula": "system"}}}, "variables.k.formula", "system"),
        ({"variables": {"k": {"formula": "log(epochs"}}}, "variables.k.formula", "')'"),
        ({"variables": {"k": {"formula": "3"}}}, "variables.k.formula", "constant"),
        ({"variables": {"k": {**K, "scale": "time"}}}, "variables.k.scale", "compute"),
        (
            {"variables": {"k": {"formula": "epochs", "scale": "data"}}},
            "variables.k.scale",
            "log",
        ),
        ({"variables": {"k": K}, "variants": {"x": {
            "exponentials": [{"a": "-q"}]}}}, "variants.x.exponentials.0.a", "no such variable: q"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_variable_is_refused_where_it_stands(
    sections: dict[str, Any], place: str, words: str
) -> None:
    error = refused(**sections)
    assert place in str(error) and words in str(error)


def test_a_variant_needs_its_variable_in_every_sample() -> None:
    error = refused(samples=[], variables={"k": K}, variants={"mine": LAW})
    assert "samples.paper.variables" in str(error)
    assert "variant mine names it: add k" in str(error)


def test_a_number_of_a_source_is_called_otherwise_than_the_fields() -> None:
    sources = read_mapping(PROJECT)["sources"]
    register = {**sources["register"]}
    register["columns"] = {**register["columns"], "extra": {"epochs": "Epochs"}}
    error = refused(samples=[], sources={"register": register})
    assert "sources.register.columns.extra.epochs" in str(error)
