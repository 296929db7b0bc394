"""The section `histories` of the configuration, and the ready-made source of the speedrun."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from algoprog.common.errors import InputError
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.histories.fields import RECORD_FIELDS
from algoprog.histories.reading import read_records

MAPPING = read_mapping(Path(__file__).parents[2])


def changed(**histories: Any) -> dict[str, Any]:
    mapping = copy.deepcopy(MAPPING)
    for key, value in histories.items():
        place = mapping["histories"]
        *path, last = key.split("__")
        for name in path:
            place = place[name]
        place[last] = value
    return mapping


def test_the_register_maps_every_field() -> None:
    config = parse_config(MAPPING)
    assert list(config.histories.enabled_sources) == ["record_register"]
    assert set(config.histories.sources["record_register"].columns) == set(RECORD_FIELDS)
    assert config.url_sources == []


def test_the_speedruns_readme_is_ready_to_be_read() -> None:
    mapping = changed(
        sources__nanogpt_speedrun__enabled=True,
        sources__nanogpt_speedrun__labels={"90": {"label": "new", "category": "data"}},
    )
    config = parse_config(mapping)
    assert config.url_sources == ["nanogpt_speedrun"]
    assert config.policy("nanogpt_speedrun") == config.acquisition
    page = (
        "## World record history\n\n"
        "| # | Record time | Description | Date | Log | Contributors |\n"
        "| - | - | - | - | - | - |\n"
        "90 | 1.21 minutes | [Something](https://a.org) | 08/29/26 | [log](a) | @a\n"
    )
    spec = config.settings["histories"]["sources"]["nanogpt_speedrun"]
    (row,) = read_records("nanogpt_speedrun", spec, page.encode()).to_dicts()
    assert (row["track"], row["entry"], row["unit"]) == ("modded-nanogpt-1", "90", "s")
    assert (row["cost"], str(row["published"])) == (72.6, "2026-08-29")
    assert (row["label"], row["category"], row["note"]) == ("new", "data", "Something")


def test_disabled_histories_read_nothing() -> None:
    config = parse_config(changed(enabled=False, sources__nanogpt_speedrun__enabled=True))
    assert config.histories.enabled_sources == {}
    assert config.url_sources == []


def test_tracks_of_ones_own() -> None:
    config = parse_config(changed(tracks={"mine": {"unit": "s", "hardware_fixed": True}}))
    assert config.histories.track_changes == {"mine": {"unit": "s", "hardware_fixed": 1.0}}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            changed(sources__record_register__columns__speed="speed"),
            "histories.sources.record_register.columns.speed: 'speed'; expected a field",
        ),
        (
            changed(sources__nanogpt_speedrun__tables=[]),
            "histories.sources.nanogpt_speedrun.tables: 0; name the tables of a page",
        ),
        (
            changed(sources__nanogpt_speedrun__columns__entry={"column": "#", "parser": "number"}),
            "histories.sources.nanogpt_speedrun.columns.entry.parser: 'number'; expected text",
        ),
        (
            changed(sources__nanogpt_speedrun__labels={"90": {"label": "x", "category": "magic"}}),
            "histories.sources.nanogpt_speedrun.labels.90.category: 'magic'; expected",
        ),
        (
            changed(corrections={"a": {"match": {"speed": 1}, "set": {"cost": 1}, "reason": "x"}}),
            "histories.corrections.a.match.speed: 'speed'; expected a field",
        ),
        (
            changed(sources__record_register__enabled=False),
            "histories.sources: 'none enabled'; enable the register",
        ),
        (
            changed(sources__register=MAPPING["histories"]["sources"]["record_register"]),
            "histories.sources.register: 'register'; expected another name",
        ),
        (changed(horizons={"long": [30, 30], "short": [7]}), "histories.horizons.long"),
    ],
)
def test_mistakes_are_named(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_config(mapping)
    assert message in str(raised.value)
