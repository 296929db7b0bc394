"""The configuration: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algoprog.common.errors import InputError
from algoprog.common.numbers import format_delta
from algoprog.config.conditions import RECORD_COLUMNS, SAMPLE_COLUMNS
from algoprog.config.document import Config, check_locations, json_schema, parse_config
from algoprog.config.loading import (
    Layer,
    merged,
    origin,
    read_layers,
    read_mapping,
)
from algoprog.config.plan.analyses import shard_bounds
from algoprog.config.reference import markdown
from algoprog.config.sections.sources import source_files
from algoprog.config.types import RecordField
from algoprog.model.formula import VARIABLES
from algoprog.model.formula import VARIABLES as COMPUTED
from algoprog.records.fields import FIELDS
from algoprog.records.sample import COLUMNS

PROJECT = Path(__file__).resolve().parents[2]
MAPPING: dict[str, Any] = read_mapping(PROJECT)


def refusal(change: Callable[[dict[str, Any]], object]) -> list[str]:
    """What is said of the project's configuration after a change, a line each."""
    mapping = copy.deepcopy(MAPPING)
    change(mapping)
    with pytest.raises(InputError) as raised:
        parse_config(mapping)
    return [line.removeprefix("config.yaml, ") for line in str(raised.value).splitlines()]


def sample(mapping: dict[str, Any]) -> dict[str, Any]:
    return mapping["samples"]["paper"]


def first_variant(mapping: dict[str, Any]) -> dict[str, Any]:
    return mapping["variants"]["m01"]


def test_the_projects_configuration_is_valid() -> None:
    config = parse_config(MAPPING)
    assert list(config.batches) == ["paper"]
    assert len(config.enabled_variants) == 21


@pytest.mark.parametrize(("choice", "level"), [("variant", "m99"), ("response", "firstavailable")])
def test_names_in_the_multiverse_are_known(choice: str, level: str) -> None:
    mapping = copy.deepcopy(MAPPING)
    mapping["multiverse"]["choices"][choice].append(level)
    with pytest.raises(InputError, match=f"multiverse.choices: {choice}: '{level}'; expected one"):
        parse_config(mapping)


def test_a_headline_whose_eras_cannot_be_split_is_named() -> None:
    lines = refusal(lambda m: m["headline"].update(variant="m14"))
    for name, line in zip(("published", "headline"), lines, strict=True):
        assert line.startswith(f"era_split.analyses: '{name}, of variant m14: no year term'; split")


def test_a_correction_can_be_left_out() -> None:
    mapping = copy.deepcopy(MAPPING)
    mapping["corrections"]["gopher_7b"]["enabled"] = False
    assert list(parse_config(mapping).enabled_corrections) == ["gopher_280b"]


def test_schema_file_is_the_models_own() -> None:
    committed = json.loads((PROJECT / "config.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema(), "run: make schema"


def test_the_page_of_keys_is_as_the_types_say() -> None:
    committed = (PROJECT / "docs/configuration.md").read_text(encoding="utf-8")
    assert committed == markdown(), "run: make docs"


def test_variables_are_those_that_are_computed() -> None:
    assert VARIABLES == COMPUTED


def test_record_fields_are_those_of_the_records() -> None:
    assert get_args(RecordField) == tuple(FIELDS)


def test_it_is_frozen() -> None:
    config = parse_config(MAPPING)
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 1  # type: ignore[misc]


def test_what_is_dumped_is_accepted_again() -> None:
    config = parse_config(MAPPING)
    assert parse_config(config.settings) == config


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda m: sample(m).update(models_per_papr=3),
            "samples.paper.models_per_papr: 'models_per_papr'; "
            "unknown key; did you mean models_per_paper?",
        ),
        (
            lambda m: sample(m).update(models_per_paper="three"),
            "samples.paper.models_per_paper: 'three'; expected a whole number",
        ),
        (
            lambda m: sample(m).update(models_per_paper=0),
            "samples.paper.models_per_paper: 0; expected at least 1",
        ),
        (
            lambda m: sample(m).update(response="own"),
            "samples.paper.response: 'own'; expected a mapping (key: value)",
        ),
        (
            lambda m: sample(m)["response"].update(published="other"),
            "samples.paper.response.published: 'other'; expected 'own' or 'first_available'",
        ),
        (
            lambda m: sample(m)["exclusions"].append("outlier"),
            None,  # its list is long; the words are checked below
        ),
        (lambda m: m.update(seed=True), "seed: True; expected a whole number"),
        (lambda m: m.pop("samples"), "samples: 'missing'; this key is required"),
        (
            lambda m: m["sources"]["register"].update(kind="xml"),
            "sources.register.kind: 'xml'; expected 'csv', 'parquet', 'json', 'json_lines', "
            "'markdown_table', 'html_table' or 'lm_eval_harness'",
        ),
        (
            lambda m: m["sources"]["register"]["columns"].update(perplexity=3),
            "sources.register.columns.perplexity: 3; expected text or a mapping (key: value)",
        ),
        (
            lambda m: m["corrections"]["gopher_7b"].update(set={}),
            "corrections.gopher_7b.set: {}; expected at least 1 item",
        ),
        (
            lambda m: first_variant(m)["exponentials"][0].update(alpha_year="-q:log(Z)"),
            "variants.m01.exponentials.0.alpha_year: '-q:log(Z)'; "
            f"no such variable: Z, q; use {', '.join(VARIABLES)}",
        ),
        (
            lambda m: first_variant(m)["exponentials"][0].update({"a b": "t"}),
            "variants.m01.exponentials.0.a b: 'a b'; "
            "start with a letter; use letters, digits and _",
        ),
        (
            lambda m: first_variant(m).update(hold={"gamma": 1.0}),
            "variants.m01.hold.gamma: 'gamma'; expected a parameter of the variant: "
            "alpha_const, alpha_year, alpha_param, beta_const, beta_year, beta_data",
        ),
        (
            lambda m: m["variants"].update({"a/b": first_variant(m)}),
            "variants.a/b: 'a/b'; "
            "use letters, digits, _ and - only: the name becomes part of file names",
        ),
        (
            lambda m: m["variants"].update(paper={"exponentials": [{"alpha_const": 1}]}),
            "variants.paper: 'paper'; expected another name: a batch is called so",
        ),
        (
            lambda m: m["deltas"].append("1e-3"),
            "deltas.6: '1e-3'; expected a number (YAML reads 1e-3 as text: write 1.0e-3)",
        ),
        (lambda m: m["deltas"].append(-0.1), "deltas.6: -0.1; expected at least 0.0"),
        (
            lambda m: m.update(deltas=[0.1, 0.1]),
            "deltas: [0.1, 0.1]; name each item once: 0.1 repeated",
        ),
        (
            lambda m: m["benchmarks"].update(baseline="wikitext"),
            "benchmarks.baseline: 'wikitext'; "
            "expected one of benchmarks.definitions: wt103, wt2, ptb",
        ),
        (
            lambda m: m["headline"].update(converged="published"),
            "headline.converged: 'published'; expected one of the enabled bootstrap.analyses with "
            "estimator: converged: headline, rows, rows_first_available",
        ),
        (
            lambda m: m["bootstrap"]["analyses"]["headline"].update(delta=0.3),
            "bootstrap.analyses.headline.delta: 0.3; "
            "expected one of deltas: 0, 0.001, 0.0025, 0.005, 0.01, 0.02",
        ),
        (
            lambda m: sample(m).update(enabled=False),
            "headline.sample: 'paper'; it is not enabled: enable it, or name one of the enabled "
            "samples: paper_first_available, all_models",
        ),
    ],
)
def test_refused(change: Callable[[dict[str, Any]], object], expected: str | None) -> None:
    lines = refusal(change)
    if expected is None:
        assert lines[0].endswith("name each item once: outlier repeated")
    else:
        assert lines[0] == expected


def test_every_problem_is_named() -> None:
    def change(mapping: dict[str, Any]) -> None:
        mapping["seed"] = -1
        mapping["bootstrap"]["shards"] = 0
        mapping["sampels"] = {}

    assert refusal(change) == [
        "seed: -1; expected at least 0",
        "bootstrap.shards: 0; expected at least 1",
        "sampels: 'sampels'; unknown key; did you mean samples?",
    ]


def test_names_that_refer_to_nothing() -> None:
    def change(mapping: dict[str, Any]) -> None:
        sample(mapping)["exclusions"] = ["nope"]
        mapping["bootstrap"]["analyses"]["headline"]["variant"] = "m99"

    exclusion, variant, *_ = refusal(change)
    assert exclusion.startswith(
        "samples.paper.exclusions: 'nope'; expected one of exclusions: no_c"
    )
    assert variant.startswith(
        "bootstrap.analyses.headline.variant: 'm99'; expected one of the enabled variants: m01"
    )


def check(**change: Any) -> Callable[[dict[str, Any]], object]:
    """Add a check with one setting."""
    return lambda m: m["sensitivity"]["checks"].update(mine={"a": change})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda m: m["exclusions"]["uncertain"].update(where="uncertian <> 0"),
            "exclusions.uncertain.where: 'uncertian <> 0'; no such column: uncertian; write",
        ),
        (
            check(where="yaer > 2020"),
            "sensitivity.checks.mine.a.where: 'yaer > 2020'; no such column: yaer; write",
        ),
        (
            check(include=["not_transformer"]),
            "sensitivity.checks.mine.a.include: 'not_transformer'; "
            "expected one of samples.paper.exclusions: no_counts,",
        ),
        (
            check(exclude=["nope"]),
            "sensitivity.checks.mine.a.exclude: 'nope'; expected one of exclusions: no_counts,",
        ),
        (
            check(tokens="seen", variant="m20"),
            "sensitivity.checks.mine.a.tokens: 'seen'; "
            "m20 says how its tokens are counted (d_effective): leave this out",
        ),
        (
            check(hold={"gamma": 1.0}),
            "sensitivity.checks.mine.a.hold.gamma: 'gamma'; expected a parameter of m07: alpha_c",
        ),
        (
            check(keep=["outlier"]),
            "sensitivity.checks.mine.a.keep: 'keep'; "
            "this key is now called otherwise: write include",
        ),
        (
            check(data="d_seen"),
            "sensitivity.checks.mine.a.data: 'data'; this key is now called otherwise: "
            "write tokens: seen for d_seen, tokens: effective for d_effective",
        ),
        (
            lambda m: m["multiverse"]["choices"]["outliers"]["in"].update(include=["outliers"]),
            "multiverse.choices.outliers.in.include: 'outliers'; "
            "expected one of samples.paper.exclusions: no_counts,",
        ),
        (
            lambda m: m["bootstrap"]["analyses"]["headline"].update(variant="m01"),
            "bootstrap.analyses.headline.variant: 'm01'; "
            "leave it out, for headline.variant says m07, or change it there",
        ),
        (
            lambda m: m["jobs"]["checks"].update(delta=["mine"]),
            "jobs.checks.delta: 'delta'; choose another name: one of checks has this",
        ),
        (
            lambda m: m["jobs"]["checks"].update(twice=["loss"]),
            "jobs.checks: 'loss'; name it in one batch only",
        ),
        (
            lambda m: m["shapley"]["systems"].pop("GPT-3"),
            "sensitivity.systems: 'GPT-3'; expected one of shapley.systems: RNN (2012),",
        ),
    ],
)
def test_what_would_be_silently_nothing_is_refused(
    change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert refusal(change)[0].startswith(expected)


@pytest.mark.parametrize(
    "change",
    [
        check(tokens="seen", variant="m18"),  # 6ND follows
        check(where="published >= DATE '2019-01-31' AND year BETWEEN 2 AND 3 OR row IN (1, 2)"),
        check(where="\"system\" LIKE '%year of%' OR CAST(row AS FLOAT) > 1.5e3 -- a comment"),
        check(where="lower(architecture) = 'transformer' AND perplexity_first_available < 20"),
        check(include=["outlier"], exclude=["not_transformer"], models_per_paper=None),
    ],
)
def test_what_changes_something_is_accepted(change: Callable[[dict[str, Any]], object]) -> None:
    mapping = copy.deepcopy(MAPPING)
    change(mapping)
    parse_config(mapping)


def test_conditions_name_the_columns_of_records_and_samples() -> None:
    assert set(RECORD_COLUMNS) == set(FIELDS)
    assert set(SAMPLE_COLUMNS) == {*COLUMNS, "row", "year"}


def test_each_key_is_stated_in_one_file() -> None:
    """What config.yaml says has no other default in `config/`, and no two topics share a key."""

    def leaves(mapping: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        for key, value in mapping.items():
            if isinstance(value, dict) and value:
                yield from leaves(value, (*path, str(key)))
            else:
                yield (*path, str(key))

    stated = [leaf for layer in read_layers(PROJECT) for leaf in leaves(dict(layer.content))]
    assert [leaf for leaf in stated if stated.count(leaf) > 1] == []
    assert len((PROJECT / "config.yaml").read_text(encoding="utf-8").splitlines()) <= 150


def test_mappings_are_merged_and_null_takes_one_away() -> None:
    base = {"a": {"x": 1, "y": [1, 2]}, "b": {"z": 1}, "c": 1}
    assert merged(base, {"a": {"y": [3], "w": 0}, "b": None, "c": {"q": 1}}) == {
        "a": {"x": 1, "y": [3], "w": 0},
        "c": {"q": 1},
    }
    assert base["a"] == {"x": 1, "y": [1, 2]}
    assert list(merged(base, {"d": 0, "a": {"w": 0, "x": 2}})["a"]) == ["x", "y", "w"]


def test_an_error_names_the_last_file_that_says_so() -> None:
    layers = [
        Layer("config/samples.yaml", {"samples": {"paper": {"models_per_paper": 3}}}),
        Layer("config.yaml", {"seed": 1, "samples": {"mine": {}}}),
        Layer("overlay.yaml", {"samples": {"mine": {"enabled": True}}}),
    ]
    assert origin("samples.paper.models_per_paper", layers, "all") == "config/samples.yaml"
    assert origin("samples.mine.enabled", layers, "all") == "overlay.yaml"
    assert origin("samples.mine.exclusions", layers, "all") == "overlay.yaml"  # is missing
    assert origin("seed", layers, "all") == "config.yaml"
    assert origin("deltas", layers, "all") == "all"


def test_wide_and_long_sources() -> None:
    wide = copy.deepcopy(MAPPING)
    columns = wide["sources"]["register"]["columns"]
    del columns["benchmark"]
    columns["perplexity"] = {"wt103": "Perplexity (WT103)", "ptb": "Perplexity (PTB)"}
    parse_config(wide)
    columns["perplexity"]["c4"] = "Perplexity (C4)"
    with pytest.raises(
        InputError, match=r"perplexity\.c4: 'c4'; expected one of benchmarks.definitions: wt103"
    ):
        parse_config(wide)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda m: m.update(precedence=["register", "nope"]),
            f"precedence: 'nope'; expected one of sources: {', '.join(MAPPING['sources'])}",
        ),
        (
            lambda m: m.update(precedence=["ho2024_sheet"]),
            "precedence: 'register missing'; name every enabled source, the best first",
        ),
        (
            lambda m: (
                m["sources"]["register"].update(join={"ho2024_sheet": {"fields": ["epochs"]}}),
                m["sources"]["ho2024_sheet"].update(role="lookup"),
            ),
            "sources.register.join.ho2024_sheet: 'ho2024_sheet'; it is not enabled: "
            "enable it, or name one of the enabled sources with role: lookup: (none)",
        ),
        (
            lambda m: m["sources"]["register"].update(role="lookup"),
            "sources: 'none enabled'; enable at least one with role: records",
        ),
        (
            lambda m: m["sources"]["register"].update(sha256="abc"),
            "sources.register.sha256: 'abc'; String should match pattern '^[0-9a-f]{64}$'",
        ),
        (
            lambda m: m["acquisition"].update(on_failure="ignore"),
            "acquisition.on_failure: 'ignore'; expected 'refuse' or 'keep'",
        ),
    ],
)
def test_sources_that_do_not_fit(change: Callable[[dict[str, Any]], object], expected: str) -> None:
    assert refusal(change) == [expected]


def test_the_order_in_which_sources_count() -> None:
    mapping = copy.deepcopy(MAPPING)
    for name in ("ho2024_sheet", "nlp_progress"):
        mapping["sources"][name]["enabled"] = True
    mapping["sources"]["nlp_progress"]["on_failure"] = "keep"
    mapping["sources"]["models"] = {
        "kind": "csv",
        "location": "models.csv",
        "role": "lookup",
        "columns": {"system": "model"},
    }
    config = parse_config(mapping)
    assert config.record_sources == ["register", "ho2024_sheet", "nlp_progress"]
    assert config.url_sources == ["nlp_progress"]
    assert config.policy("nlp_progress").on_failure == "keep"
    assert config.policy("register") == config.acquisition
    mapping["precedence"] = ["nlp_progress", "harness", "ho2024_sheet", "register"]
    assert parse_config(mapping).record_sources == ["nlp_progress", "ho2024_sheet", "register"]


def test_files_of_a_source(tmp_path: Path) -> None:
    mapping = copy.deepcopy(MAPPING)
    mapping["sources"]["harness"]["enabled"] = True
    mapping["capability"]["enabled"] = False  # its files: test_capability.py
    config = parse_config(mapping)
    with pytest.raises(InputError) as raised:
        check_locations(config, tmp_path)
    assert [line.split(";")[0] for line in str(raised.value).splitlines()] == [
        "config.yaml, sources.register.location: 'data/raw/lm_evaluations.csv'",
        "config.yaml, sources.harness.location: 'data/raw/harness'",
        "config.yaml, histories.sources.record_register.location: 'data/raw/records.csv'",
        "config.yaml, histories.track_register: 'data/raw/record_tracks.csv'",
        "config.yaml, histories.published: 'data/raw/published_histories.csv'",
        "config.yaml, audit.published: 'data/raw/published_results.csv'",
        "config.yaml, estimates.published: 'data/raw/published_estimates.csv'",
        "config.yaml, estimates.forecasts: 'data/raw/forecasts.csv'",
        *(f"config.yaml, {place}: {file!r}" for place, file in config.experiment_files.items()),
    ]
    files = [f"data/raw/harness/{name}.json" for name in ("b/results_1", "opt", "results_2")]
    names = ("lm_evaluations", "published_results")
    names += ("records", "record_tracks", "published_histories")
    names += ("published_estimates", "forecasts")
    given = [f"data/raw/{name}.csv" for name in names]
    given += config.experiment_files.values()
    for name in [*given, *files, "data/raw/harness/samples.jsonl"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    check_locations(config, tmp_path)
    assert source_files(config.sources["harness"], tmp_path) == files
    register = config.sources["register"]
    assert source_files(register, tmp_path) == ["data/raw/lm_evaluations.csv"]
    folder = register.model_copy(update={"location": "data/raw"})
    assert source_files(folder, tmp_path) == []


def test_no_file_lies_outside_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    secret = outside / "folder/id_rsa"
    secret.write_text("a,b")
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data/link").symlink_to(secret)
    (project / "data/linked").symlink_to(outside)
    places = {
        "audit.published": lambda m, to: m["audit"].update(published=to),
        "sources.register.location": lambda m, to: m["sources"]["register"].update(location=to),
        "histories.track_register": lambda m, to: m["histories"].update(track_register=to),
        "histories.published": lambda m, to: m["histories"].update(published=to),
        "capability.horizons": lambda m, to: m["capability"].update(horizons=to),
        "sweeps.published": lambda m, to: m["sweeps"].update(published=to),
        "estimates.published": lambda m, to: m["estimates"].update(published=to),
        "studies.imagenet.file": lambda m, to: m["studies"]["imagenet"].update(file=to),
    }
    for place, put in places.items():
        for to in (
            *("/etc/passwd", "../outside/folder/id_rsa", str(secret), "data/link"),
            *("data/linked/folder/id_rsa", "data/../../outside/folder/id_rsa"),
        ):
            mapping = copy.deepcopy(MAPPING)
            put(mapping, to)
            config = parse_config(mapping)
            with pytest.raises(InputError) as raised:
                check_locations(config, project)
            lines = [line for line in str(raised.value).splitlines() if f", {place}: " in line]
            assert len(lines) == 1 and "outside the project" in lines[0], (place, to)
    monkeypatch.setenv("ALGOPROG_ALLOW", str(outside))
    with pytest.raises(InputError) as raised:
        check_locations(config, project)
    assert "studies.imagenet.file" not in str(raised.value)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("https://user:hunter2@example.org/x.csv", "password or token in it"),
        ("https://hunter2@example.org/x.csv", "password or token in it"),
        ("https://example.org/x.csv?token=hunter2", "ALGOPROG_TOKEN_EXAMPLE_ORG"),
        ("https://example.org/x.csv?a=b&api_key=hunter2", "password or token in it"),
        ("https://example.org/x.csv?X-Amz-Signature=hunter2", "password or token in it"),
        ("x" * 256 + ".csv", "give a shorter one"),
        ("data/" * 300, "give a shorter one"),
        ("data/\0", "no path or address"),
    ],
)
def test_locations_that_are_refused_and_not_shown(location: str, message: str) -> None:
    for section in ("sources", "histories"):
        mapping = copy.deepcopy(MAPPING)
        sources = mapping["sources"] if section == "sources" else mapping[section]["sources"]
        next(iter(sources.values()))["location"] = location
        with pytest.raises(InputError) as raised:
            parse_config(mapping)
        assert message in str(raised.value)
        assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d%Y-%m-%d", "%Q", "%", "%d %B %Y %d", "x" * 5000, "%Y" * 30]
)
def test_a_date_format_that_is_none(form: str) -> None:
    mapping = copy.deepcopy(MAPPING)
    mapping["sources"]["register"]["columns"]["published"] = {
        "column": "published",
        "parser": "date",
        "formats": [form],
    }
    with pytest.raises(InputError, match="give a format of strptime"):
        parse_config(mapping)


@pytest.mark.parametrize(
    ("section", "key", "message"),
    [
        ("acquisition", {"allow": ["/"]}, "ALGOPROG_ALLOW=DIRECTORY"),
        ("bayes", {"cmdstan": "/tmp/mine"}, "CMDSTAN=DIRECTORY"),
    ],
)
def test_what_only_a_person_may_allow(section: str, key: dict[str, Any], message: str) -> None:
    mapping = copy.deepcopy(MAPPING)
    mapping.setdefault(section, {}).update(key)
    with pytest.raises(InputError, match=message):
        parse_config(mapping)


@pytest.mark.parametrize(
    ("delta", "text"), [(0, "0"), (0.0025, "0.0025"), (1.0, "1"), (1e-7, "1e-07"), (0.1, "0.1")]
)
def test_delta_in_a_file_name(delta: float, text: str) -> None:
    assert format_delta(delta) == text


@given(st.integers(1, 500), st.integers(1, 50))
def test_shards_hold_every_replicate_once(replicates: int, shards: int) -> None:
    bounds = shard_bounds(replicates, shards)
    held = [replicate for first, last in bounds for replicate in range(first, last)]
    assert held == list(range(replicates))
    sizes = [last - first for first, last in bounds]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


def test_every_section_says_what_it_is() -> None:
    schema = Config.model_json_schema()
    assert all(section.get("description") for section in schema["$defs"].values())


def test_text_that_is_no_unicode_is_refused() -> None:
    mapping = read_mapping(PROJECT)
    mapping["benchmarks"]["definitions"]["ptb"]["label"] = os.fsdecode(b"caf\xe9")
    with pytest.raises(InputError, match=r"ptb\.label: .*expected text in UTF-8") as raised:
        parse_config(mapping)
    assert str(raised.value).encode()
