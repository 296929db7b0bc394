"""The section `capability`: its files are there, further scores are described, nothing else is."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from algoprog.common.errors import InputError
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import merged, read_layers
from algoprog.config.plan.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
MAPPING = merged(*(layer.content for layer in read_layers(ROOT)))


def with_section(**changes: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = copy.deepcopy(MAPPING)
    mapping["capability"] |= changes
    return mapping


def source(**changes: Any) -> dict[str, Any]:
    mine = {"location": "data/raw/mine.csv", "columns": {"score": "Accuracy"}, "divisor": 100}
    return {**MAPPING["capability"]["sources"], "mine": mine | changes}


def test_a_further_source_is_read_and_told() -> None:
    plan = Plan(parse_config(with_section(sources=source())))
    assert plan.capability.scores == ["data/raw/capability_scores.csv", "data/raw/mine.csv"]
    told = plan.capability.reading["sources"]["mine"]
    assert (told["divisor"], told["columns"]) == (100, {"score": "Accuracy"})


def test_disabled_there_are_no_tables() -> None:
    assert Plan(parse_config(with_section())).capability.tables
    assert not Plan(parse_config(with_section(enabled=False))).capability.tables


def test_a_file_that_is_not_there_is_told_of() -> None:
    config = parse_config(with_section(sources=source(), horizons="data/raw/none.csv"))
    with pytest.raises(InputError) as raised:
        check_locations(config, ROOT)
    assert [line.split(";")[0] for line in str(raised.value).splitlines()] == [
        "config.yaml, capability.sources.mine.location: 'data/raw/mine.csv'",
        "config.yaml, capability.horizons: 'data/raw/none.csv'",
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"sources": source(columns={"accuracy": "A"})}, "capability.sources.mine.columns"),
        ({"sources": source(divisor=0)}, "capability.sources.mine.divisor"),
        (
            {"sources": source(location="https://example.org/a.csv", kind="export")},
            "capability.sources.mine",
        ),
        ({"added_versions": {"m": {"released": "June"}}}, "capability.added_versions.m.released"),
        ({"added_benchmarks": {"b": {"guessing": 25}}}, "capability.added_benchmarks.b.guessing"),
        ({"draws": 0}, "capability.draws"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_config(with_section(**changes))
    assert place in str(raised.value)
