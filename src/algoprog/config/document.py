"""The configuration: what `config.yaml` may say, checked before anything runs.

:func:`parse_config` turns the mapping Snakemake has read into a frozen :class:`Config`, or raises
one :class:`~algoprog.common.errors.InputError` that lists every problem, each with its path in the
file, the value found there and what was expected. :func:`check_yaml` finds what a mapping no longer
shows: a key written twice. ``python -m algoprog.config.document`` prints the JSON schema editors
use.
"""

from __future__ import annotations

import copy
import difflib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
)
from pydantic_core import ErrorDetails

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.common.numbers import format_delta
from algoprog.common.section import Count, Section, Text
from algoprog.config.bayes import Bayes
from algoprog.config.sensitivity import (
    Coverage,
    CriticalLosses,
    Multiverse,
    Profiles,
    Sensitivity,
)
from algoprog.config.sources import LmEvalHarnessSource, Source, SourceBase, check_sources
from algoprog.config.types import (
    Date,
    Delta,
    Estimator,
    Formula,
    Name,
    Number,
    Parameter,
    Positive,
    RecordField,
    Resampling,
    Response,
    Scalar,
    Scheme,
    distinct,
)
from algoprog.model.changes import check_year_terms, with_transformer_multiplier
from algoprog.records.snapshots import Policy, is_url
from algoprog.robustness.specifications import named, one_of_each_kind, specifications


class Benchmark(Section):
    """One test set."""

    label: Text = Field(description="Name shown in tables and figures.")
    vocabulary: Count | None = Field(
        default=None, description="Tokens; stands in for a system's blank vocabulary."
    )


class Benchmarks(Section):
    """The test sets, in the order the records are put in."""

    baseline: Name = Field(description="The benchmark without a dummy in the formulas.")
    definitions: Annotated[dict[Name, Benchmark], Field(min_length=1)]


class Correction(Section):
    """A fact that a source has wrong, set on every record that matches."""

    enabled: bool = True
    match: Annotated[dict[RecordField, Scalar], Field(min_length=1)]
    set: Annotated[dict[RecordField, Scalar], Field(min_length=1)]
    reason: Text


class Exclusion(Section):
    """Why a record is left out of a sample."""

    where: Text = Field(description="A SQL condition on the fields of a record.")
    reason: Text


class ResponseByEstimator(Section):
    """The perplexity each estimator explains."""

    published: Response
    converged: Response


class Sample(Section):
    """The records an analysis is made on."""

    enabled: bool = True
    exclusions: Annotated[list[Name], AfterValidator(distinct)] = Field(
        description="In the order they apply; a record leaves by the first that holds."
    )
    models_per_paper: Count | None = Field(
        description="The first so many rows of each paper by ascending perplexity; null: all."
    )
    response: ResponseByEstimator
    estimators: Annotated[list[Estimator], Field(min_length=1), AfterValidator(distinct)]


class Variant(Section):
    """One model of the loss: linear terms plus a sum of exponentials."""

    enabled: bool = True
    batch: Name | None = Field(
        default=None, description="Variants of a batch are fitted in one job; default: its own."
    )
    exponentials: Annotated[
        list[Annotated[dict[Parameter, Formula], Field(min_length=1)]], Field(min_length=1)
    ] = Field(description="Each exponent: a parameter and the formula it multiplies.")
    linear: dict[Parameter, Formula] | None = Field(
        default=None, description="Terms outside the exponentials."
    )
    multiplier: Annotated[dict[Parameter, Formula], Field(min_length=1, max_length=1)] | None = (
        Field(default=None, description="The prediction times sigma(parameter) where it is 1.")
    )
    hold: dict[Parameter, Number] | None = Field(
        default=None, description="Parameters kept at a value."
    )

    def declared(self) -> list[str]:
        """Names of the parameters as declared, before benchmark dummies expand them."""
        mappings = [*self.exponentials, self.linear or {}, self.multiplier or {}]
        return list(dict.fromkeys(name for mapping in mappings for name in mapping))


class Analysis(Section):
    """One bootstrap: of which fit, how resampled, how many draws."""

    enabled: bool = True
    sample: Name
    variant: Name
    delta: Delta
    estimator: Estimator
    resampling: Resampling
    replicates: Annotated[int, Field(ge=2)]


class Bootstrap(Section):
    """The draws."""

    shards: Count = Field(description="Jobs an analysis is cut into; changes no result.")
    analyses: dict[Name, Analysis]


class Jobs(Section):
    """What one job does, one after another; it changes no result."""

    analyses: Count = Field(description="Bootstrap analyses that rest on the same one.")
    deltas: Count = Field(description="Fits of a batch of variants, at so many deltas.")
    checks: Count = Field(description="Single checks, by one estimator.")


class CrossValidation(Section):
    """Held-out errors of every variant at every delta."""

    enabled: bool = True
    sample: Name
    schemes: Annotated[list[Scheme], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="published_split (published estimator); leave out rows or papers (converged)."
    )


class Headline(Section):
    """The bootstrap analyses the report opens with."""

    converged: Name
    published: Name


class Pool(Section):
    """The best models of a scheme of cross-validation, each drawn anew; their draws, pooled."""

    enabled: bool = True
    scheme: Scheme = Field(description="By whose held-out error models are ranked.")
    variants: Annotated[list[Name], Field(min_length=1), AfterValidator(distinct)] | None = Field(
        default=None, description="Candidates; default: every enabled variant."
    )
    size: Count = Field(description="How many of the best.")
    estimator: Estimator
    resampling: Resampling
    replicates: Annotated[int, Field(ge=2)]


class OptimalScaling(Section):
    """Where doubling times by optimal scaling are taken."""

    compute: Positive = Field(description="FLOP.")
    year: Number = Field(description="Calendar year as a real number.")


class System(Section):
    """A system as it was published."""

    parameters: Positive = Field(description="Count.")
    dataset_tokens: Positive = Field(description="Tokens of the training set, seen once.")
    published: Date
    architecture: Text | None = Field(
        default=None, description="Asked for by variants that tell architectures apart."
    )


class Shapley(Section):
    """Shapley shares of the fall in loss between every two systems."""

    analyses: Annotated[list[Name], AfterValidator(distinct)]
    systems: Annotated[dict[Text, System], Field(min_length=2)]


class Transformer(Section):
    """The transformer's effect on loss, as a multiplier of it, and the compute it saves."""

    analyses: Annotated[list[Name], AfterValidator(distinct)]
    pools: Annotated[list[Name], AfterValidator(distinct)] = Field(
        default=[], description="Pools whose members are fitted with the multiplier too."
    )
    pool_replicates: Annotated[int, Field(ge=2)] = Field(
        description="Draws of each member, at most."
    )
    forms: Annotated[
        list[Literal["multiplier", "factor"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="sigma(gamma), as published; exp(-kappa), penalised to no effect.")
    computes: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="FLOP."
    )
    year: Number


class EraSplit(Section):
    """Doubling times before and after a calendar year."""

    analyses: Annotated[list[Name], AfterValidator(distinct)]
    years: Annotated[list[int], Field(min_length=1), AfterValidator(distinct)]
    forms: Annotated[
        list[Literal["jump", "kink"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="jump: extra t from the year on, as published; kink: continuous.")


class Grid(Section):
    """Numbers evenly spaced on a logarithmic scale."""

    low: Positive
    high: Positive
    number: Annotated[int, Field(ge=2)]


class Frontiers(Section):
    """Curves of equal loss of the headline's model."""

    perplexities: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)]
    years: Annotated[list[Number], Field(min_length=1), AfterValidator(distinct)]
    dataset_tokens: Grid


class EffectiveCompute(Section):
    """Physical compute times algorithmic gain."""

    start: Number = Field(description="Year in which the algorithmic gain is 1.")
    years: Annotated[list[Number], Field(min_length=1), AfterValidator(distinct)]
    doubling_months: Positive = Field(description="Of physical compute.")
    anchor_year: Number
    anchor: Positive = Field(description="Physical compute in the anchor year.")


class AdditiveLaw(Section):
    """L = E + A/N^alpha + B/D^beta."""

    irreducible: Number
    parameter_coefficient: Positive
    parameter_exponent: Positive
    data_coefficient: Positive
    data_exponent: Positive


class NestedLaw(Section):
    """L = ((N_c/N)^(alpha_N/alpha_D) + D_c/D)^alpha_D."""

    name: Text
    parameter_scale: Positive
    parameter_exponent: Positive
    data_scale: Positive
    data_exponent: Positive


class Run(Section):
    """A training run: its compute, split into parameters and tokens by 6ND."""

    compute: Positive = Field(description="FLOP.")
    dataset_tokens: Positive


class Allocation(Section):
    """What an optimal split of compute is worth."""

    laws: Annotated[dict[Text, AdditiveLaw], Field(min_length=1)]
    baseline: NestedLaw
    computes: Annotated[list[Positive], Field(min_length=1), AfterValidator(distinct)]
    systems: dict[Text, Run]


class DirectObservation(Section):
    """Compute of later systems at the perplexity of a reference."""

    sample: Name
    references: Annotated[dict[Text, Positive], Field(min_length=1)] = Field(
        description="By system: factor within which a perplexity counts as the same."
    )
    compute: Annotated[
        list[Literal["recorded", "inferred"]], Field(min_length=1), AfterValidator(distinct)
    ] = Field(description="recorded, or else 6 N D epochs.")
    least_systems: Annotated[int, Field(ge=4)]
    reductions: Count = Field(description="Rows of the table of largest reductions.")


class PublishedNoise(Section):
    """How much the published procedure moves with its starts: repetitions, moved by so much."""

    repetitions: Annotated[int, Field(ge=3)]
    pool_repetitions: Annotated[int, Field(ge=3)] = Field(
        description="Of each member of the published pool."
    )
    size: Positive


class AuditedPools(Section):
    """The pools beside the published ten best."""

    published: Name
    converged: Name


class Audit(Section):
    """Published numbers beside ours."""

    enabled: bool = True
    published: Text = Field(description="File of published numbers.")
    pools: AuditedPools
    noise: PublishedNoise


class Config(Section):
    """All of `config.yaml`."""

    seed: Annotated[int, Field(ge=0)] = Field(description="Root of every random seed.")
    benchmarks: Benchmarks
    acquisition: Policy = Field(default=Policy())
    sources: dict[Name, Source]
    precedence: Annotated[list[Name], AfterValidator(distinct)] = Field(
        default=[],
        description=(
            "Of an evaluation that several sources have, the first one's stays; "
            "default: in the order of the sources."
        ),
    )
    corrections: dict[Name, Correction] = Field(default={})
    exclusions: dict[Name, Exclusion] = Field(default={})
    samples: Annotated[dict[Name, Sample], Field(min_length=1)]
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    deltas: Annotated[list[Delta], Field(min_length=1), AfterValidator(distinct)]
    bootstrap: Bootstrap
    jobs: Jobs
    cross_validation: CrossValidation
    headline: Headline
    pools: dict[Name, Pool] = Field(default={})
    optimal_scaling: OptimalScaling
    shapley: Shapley
    transformer: Transformer
    era_split: EraSplit
    frontiers: Frontiers
    effective_compute: EffectiveCompute
    allocation: Allocation
    direct_observation: DirectObservation
    audit: Audit
    sensitivity: Sensitivity
    multiverse: Multiverse
    coverage: Coverage
    profiles: Profiles
    critical_losses: CriticalLosses | None = Field(
        default=None, description="As simulated by `make coverage`; the headline's interval."
    )
    bayes: Bayes

    @property
    def enabled_sources(self) -> dict[str, SourceBase]:
        """Sources that are read."""
        return {name: source for name, source in self.sources.items() if source.enabled}

    @property
    def record_sources(self) -> list[str]:
        """Sources whose records are evaluations, the one that counts first."""
        order = self.precedence or list(self.sources)
        enabled = self.enabled_sources
        return [name for name in order if name in enabled and enabled[name].role == "records"]

    @property
    def url_sources(self) -> list[str]:
        """Sources that are read from an address."""
        return [name for name, source in self.enabled_sources.items() if is_url(source.location)]

    def policy(self, source: str) -> Policy:
        """How a source is acquired."""
        own = self.sources[source].on_failure
        return self.acquisition.model_copy(update={"on_failure": own} if own else {})

    @property
    def enabled_corrections(self) -> dict[str, Correction]:
        """Corrections that are applied."""
        return {name: one for name, one in self.corrections.items() if one.enabled}

    @property
    def enabled_samples(self) -> dict[str, Sample]:
        """Samples that are built."""
        return {name: sample for name, sample in self.samples.items() if sample.enabled}

    @property
    def enabled_variants(self) -> dict[str, Variant]:
        """Variants that are fitted."""
        return {name: variant for name, variant in self.variants.items() if variant.enabled}

    @property
    def enabled_analyses(self) -> dict[str, Analysis]:
        """Bootstrap analyses that are run."""
        analyses = self.bootstrap.analyses
        return {name: analysis for name, analysis in analyses.items() if analysis.enabled}

    @property
    def enabled_pools(self) -> dict[str, Pool]:
        """Pools that are drawn."""
        return {name: pool for name, pool in self.pools.items() if pool.enabled}

    @property
    def settings(self) -> dict[str, Any]:
        """All of it as plain built-ins; of a change what is given only, for null changes too."""
        whole = self.model_dump(mode="json")
        own = {"sensitivity": self.sensitivity_settings, "multiverse": self.multiverse_settings}
        return whole | own

    @property
    def sensitivity_settings(self) -> dict[str, Any]:
        """The section `sensitivity` as plain built-ins, of each change only what is given."""
        given = self.sensitivity.model_dump(mode="json", exclude_unset=True)["checks"]
        checks = {name: given[name] for name in self.sensitivity.made}
        whole = self.sensitivity.model_dump(mode="json")
        replicates = {key: n for key, n in whole["replicates"].items() if n is not None}
        resampling = {key: whole["resampling"][key] for key in replicates}
        return whole | {"checks": checks, "replicates": replicates, "resampling": resampling}

    @property
    def multiverse_settings(self) -> dict[str, Any]:
        """The section `multiverse` as plain built-ins, of each level only what is given."""
        given = self.multiverse.model_dump(mode="json", exclude_unset=True)
        return {"base": {}, "batches": {}} | given

    def candidates(self, pool: Pool) -> list[str]:
        """Variants among which a pool finds its members."""
        return pool.variants or list(self.enabled_variants)

    @property
    def batches(self) -> dict[str, list[str]]:
        """Enabled variants by batch; a variant without one is a batch of its own name."""
        batches: dict[str, list[str]] = {}
        for name, variant in self.enabled_variants.items():
            batches.setdefault(variant.batch or name, []).append(name)
        return batches


def shard_bounds(replicates: int, shards: int) -> list[tuple[int, int]]:
    """Replicates [first, last) of each shard, as even as can be and none empty."""
    shards = min(shards, replicates)
    edges = [replicates * k // shards for k in range(shards + 1)]
    return list(itertools.pairwise(edges))


def parse_config(mapping: Mapping[str, Any], where: str = "config.yaml") -> Config:
    """The typed configuration of a mapping.

    Raises
    ------
    InputError
        listing every problem: types and keys first; if these are right, what refers to what.
    """
    try:
        config = Config.model_validate(dict(mapping))
    except ValidationError as invalid:
        details = invalid.errors(include_url=False)
        problems = _one_a_place(_readable(detail) for detail in details)
    else:
        problems = list(_cross_checks(config))
        if not problems:
            return config
    raise InputError.combine([InputError(where, *problem) for problem in problems])


def in_order_of(mapping: Mapping[str, Any], first: Any) -> dict[str, Any]:
    """The mapping with its keys, at every depth, in the order `first` has them; then the others.

    Snakemake puts what --configfile adds before what config.yaml has, but the order of benchmarks
    and of sources means something.
    """
    known = first if isinstance(first, Mapping) else {}
    keys = [
        *(key for key in known if key in mapping),
        *(key for key in mapping if key not in known),
    ]
    return {
        key: in_order_of(mapping[key], known.get(key))
        if isinstance(mapping[key], Mapping)
        else mapping[key]
        for key in keys
    }


def laid_over(
    ours: Mapping[str, Any], given: Mapping[str, Any], root: str, where: str
) -> dict[str, Any]:
    """Our settings with another workflow's laid over them: mappings merged, all else replaced.

    The paths of our files (the location of a source, `audit.published`) are rewritten to begin at
    ``root``, our directory as seen from the working directory, where ``given`` does not set them;
    what is read there is allowed.

    Raises
    ------
    InputError
        if a mapping is given something else.
    """
    base = copy.deepcopy(dict(ours))
    for source in base["sources"].values():
        if Path(root, source["location"]).is_file():
            source["location"] = str(Path(root, source["location"]))
    base["audit"]["published"] = str(Path(root, base["audit"]["published"]))
    merged = _merged(base, given, where, ())
    acquisition = merged["acquisition"]
    acquisition["allow"] = [*acquisition.get("allow", []), str(Path(root, "data/raw"))]
    return merged


def _merged(
    base: Mapping[str, Any], over: Mapping[str, Any], where: str, path: tuple[str, ...]
) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        inner = (*path, str(key))
        if not isinstance(base.get(key), Mapping):
            merged[key] = value
        elif isinstance(value, Mapping):
            merged[key] = _merged(base[key], value, where, inner)
        else:
            raise InputError(where, ".".join(inner), repr(value), "expected a mapping")
    return merged


def check_yaml(content: bytes, where: str = "config.yaml") -> None:
    """Refuse YAML that is no mapping, cannot be read or has a key twice in one mapping.

    Raises
    ------
    InputError
        naming the line.
    """
    text = decode(content, where, "YAML")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        found = getattr(error, "problem", None) or str(error)
        raise InputError(where, line, found, "write it as YAML") from None
    if not isinstance(root, yaml.MappingNode):
        raise InputError(where, "line 1", text.strip()[:40], "expected a mapping (key: value)")
    mistakes = [
        InputError(where, ".".join(path), f"written again in line {line}", "keep one")
        for path, line in _repeated_keys(root)
    ]
    mistakes += [
        InputError(where, ".".join(path), text, "no such date; write it as YYYY-MM-DD")
        for path, text in _impossible_dates(root)
    ]
    if mistakes:
        raise InputError.combine(mistakes)


def check_locations(config: Config, root: Path, where: str = "config.yaml") -> None:
    """Refuse an enabled source, or published numbers to audit, whose file is not there.

    Snakemake would pass over it in silence as long as what was once made of it is there.

    Raises
    ------
    InputError
        naming each.
    """
    absent = [
        InputError(
            where, f"sources.{name}.location", source.location, "no such file in the project"
        )
        for name, source in config.enabled_sources.items()
        if not is_url(source.location) and not source_files(source, root)
    ]
    if config.audit.enabled and not (root / config.audit.published).is_file():
        fix = "no such file in the project; enabled: false leaves the audit out"
        absent.append(InputError(where, "audit.published", config.audit.published, fix))
    if absent:
        raise InputError.combine(absent)


def source_files(source: SourceBase, root: Path) -> list[str]:
    """Paths of the files of a source that is no address: its file, or those in its folder.

    Of a folder, which lm_eval_harness alone reads, all `results*.json` in it and in those below.
    """
    path = root / source.location
    if isinstance(source, LmEvalHarnessSource) and path.is_dir():
        return sorted(
            f"{source.location.rstrip('/')}/{found.relative_to(path).as_posix()}"
            for found in path.rglob("results*.json")
        )
    return [source.location] if path.is_file() else []


def json_schema() -> dict[str, Any]:
    """JSON schema of `config.yaml`, for editors."""
    schema = Config.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _nodes(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """Every node of a document with its place, a node before what it holds."""
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _nodes(value, (*path, str(position)))


def _repeated_keys(root: yaml.Node) -> Iterator[tuple[tuple[str, ...], int]]:
    for path, node in _nodes(root, ()):
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                name = str(key.value)
                if name in seen:
                    yield (*path, name), key.start_mark.line + 1
                seen.add(name)


def _impossible_dates(root: yaml.Node) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, node in _nodes(root, ()):
        if node.tag == "tag:yaml.org,2002:timestamp":
            try:
                yaml.safe_load(node.value)
            except ValueError:
                yield path, node.value


# What was expected, by pydantic's type of error; anything else keeps pydantic's own words.
_EXPECTED = {
    "missing": "this key is required",
    "string_type": "expected text",
    "string_too_short": "expected text that is not empty",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "dict_type": "expected a mapping (key: value)",
    "model_type": "expected a mapping (key: value)",
    "list_type": "expected a list [...]",
    "literal_error": "expected {expected}",
    "greater_than_equal": "expected at least {ge}",
    "greater_than": "expected more than {gt}",
    "date_type": "expected a date",
    "too_short": "expected at least {min_length} item",
    "too_long": "expected at most {max_length} item",
}


Problem = tuple[str, object, str]  # place, value found, what was expected


def _one_a_place(problems: Iterable[Problem]) -> list[Problem]:
    """A value that suits no member of a union is one problem, not one for each member."""
    merged: dict[str, tuple[object, list[str]]] = {}
    for place, value, expected in problems:
        wanted = merged.setdefault(place, (value, []))[1]
        if expected not in wanted:
            wanted.append(expected)
    return [
        (place, value, " or ".join([wanted[0], *(w.removeprefix("expected ") for w in wanted[1:])]))
        for place, (value, wanted) in merged.items()
    ]


def _readable(detail: ErrorDetails) -> Problem:
    """Place, value and expectation of one of pydantic's errors."""
    # Members of a union and the marks of a mapping's keys are pydantic's, not the file's.
    path = [
        str(part) for part in detail["loc"] if part not in _UNION_MEMBERS and "[" not in str(part)
    ]
    place = ".".join(path) or "the file"
    value = detail["input"]
    kind = detail["type"]
    if kind == "missing":
        return place, "missing", _EXPECTED[kind]
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        close = difflib.get_close_matches(path[-1], known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known keys: {', '.join(known)}"
        return place, path[-1], f"unknown key; {hint}"
    expected = _EXPECTED.get(kind, "{message}").format(
        message=detail["msg"], **detail.get("ctx", {})
    )
    if kind == "float_type" and isinstance(value, str) and _is_number(value):
        expected += " (YAML reads 1e-3 as text: write 1.0e-3)"
    if kind == "literal_error" and path[-1:] != ["kind"] and detail["loc"][-1] == "[key]":
        expected = f"expected a field of a record: {', '.join(get_args(RecordField))}"
    return place, value, expected


# pydantic names the member of a union that failed as a part of the path.
_UNION_MEMBERS = {"str", "bool", "int", "float", "date", "constrained-str", "none"}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known_keys(path: Iterable[str]) -> list[str]:
    """Keys a section of the configuration may have, by walking the JSON schema."""
    schema = Config.model_json_schema()
    definitions = schema["$defs"]

    def resolve(node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rsplit("/", 1)[1]])
        either: dict[str, Any] = {}
        for option in map(resolve, node.get("oneOf", node.get("anyOf", []))):
            properties = {**option.get("properties", {}), **either.get("properties", {})}
            either = {**option, **either, "properties": properties}
        return either or node

    node = schema
    for part in path:
        node = resolve(node)
        options = [
            node.get("properties", {}).get(part),
            node.get("additionalProperties"),
            node.get("items"),
        ]
        node = next((option for option in options if isinstance(option, dict)), {})
    return list(resolve(node).get("properties", {}))


def _cross_checks(config: Config) -> Iterator[Problem]:
    """Whatever refers to something that is not there: place, value, expectation."""

    def one_of(names: Iterable[str]) -> str:
        return f"expected one of {', '.join(names) or '(none)'}"

    benchmarks = config.benchmarks.definitions
    if config.benchmarks.baseline not in benchmarks:
        yield "benchmarks.baseline", config.benchmarks.baseline, one_of(benchmarks)
    yield from check_sources(config.sources, benchmarks)
    yield from _check_sources(config)
    for name, sample in config.samples.items():
        for exclusion in sample.exclusions:
            if exclusion not in config.exclusions:
                yield f"samples.{name}.exclusions", exclusion, one_of(config.exclusions)
    yield from _check_variants(config)
    yield from _check_analyses(config)
    if config.cross_validation.enabled:
        chosen = config.cross_validation.sample
        if chosen not in config.enabled_samples:
            yield "cross_validation.sample", chosen, one_of(config.enabled_samples)
    yield from _check_pools(config)
    for place, names in (
        ("shapley.analyses", config.shapley.analyses),
        ("transformer.analyses", config.transformer.analyses),
        ("era_split.analyses", config.era_split.analyses),
    ):
        for chosen in names:
            if chosen not in config.bootstrap.analyses:
                yield place, chosen, one_of(config.bootstrap.analyses)
    for chosen in config.transformer.pools:
        if chosen not in config.pools:
            yield "transformer.pools", chosen, one_of(config.pools)
    for estimator in get_args(Estimator):
        chosen = getattr(config.audit.pools, estimator)
        if chosen not in config.pools:
            yield f"audit.pools.{estimator}", chosen, one_of(config.pools)
    if config.direct_observation.sample not in config.samples:
        yield (
            "direct_observation.sample",
            config.direct_observation.sample,
            one_of(config.samples),
        )
    yield from _check_choices(config)
    grid = config.frontiers.dataset_tokens
    if grid.low >= grid.high:
        yield "frontiers.dataset_tokens.low", grid.low, f"expected less than high, {grid.high:g}"
    first = min(config.effective_compute.years)
    if first < config.effective_compute.start:
        yield (
            "effective_compute.years",
            first,
            f"expected none before start, {config.effective_compute.start:g}",
        )
    for estimator in get_args(Estimator):
        chosen = getattr(config.headline, estimator)
        candidates = [
            name
            for name, analysis in config.enabled_analyses.items()
            if analysis.estimator == estimator
        ]
        if chosen not in candidates:
            yield f"headline.{estimator}", chosen, one_of(candidates)


def _check_sources(config: Config) -> Iterator[Problem]:
    enabled = config.enabled_sources
    records = [name for name, source in enabled.items() if source.role == "records"]
    if not records:
        yield "sources", "none enabled", "enable at least one with role: records"
    for name, source in enabled.items():
        for other in source.join:
            if other in config.sources and other not in enabled:
                yield f"sources.{name}.join.{other}", other, "enable it, or leave this join out"
    for name in config.precedence:
        if name not in config.sources:
            yield "precedence", name, f"expected one of {', '.join(config.sources)}"
    for name in records if config.precedence else []:
        if name not in config.precedence:
            yield "precedence", f"{name} missing", "name every enabled source, the best first"


def _check_variants(config: Config) -> Iterator[Problem]:
    if not config.enabled_variants:
        yield "variants", "none enabled", "enable at least one"
    batches = {variant.batch for variant in config.enabled_variants.values() if variant.batch}
    for name, variant in config.enabled_variants.items():
        if variant.batch is None and name in batches:
            yield f"variants.{name}", name, "expected another name: a batch is called so"
        declared = variant.declared()
        for held in variant.hold or {}:
            if not any(held == own or held.startswith(f"{own}_") for own in declared):
                place = f"variants.{name}.hold.{held}"
                yield place, held, f"expected a parameter of the variant: {', '.join(declared)}"


def _check_pools(config: Config) -> Iterator[Problem]:
    known = list(config.enabled_variants)
    held_out = config.cross_validation
    for name, pool in config.enabled_pools.items():
        place = f"pools.{name}"
        for variant in pool.variants or []:
            if variant not in known:
                expected = f"expected an enabled variant: {', '.join(known)}"
                yield f"{place}.variants", variant, expected
        if not held_out.enabled:
            yield f"{place}.scheme", pool.scheme, "enable cross_validation, or disable the pool"
        elif pool.scheme not in held_out.schemes:
            expected = f"expected one of cross_validation.schemes: {', '.join(held_out.schemes)}"
            yield f"{place}.scheme", pool.scheme, expected
        sample = config.enabled_samples.get(held_out.sample)
        if sample and pool.estimator not in sample.estimators:
            expected = "expected one that samples.{}.estimators has: {}".format(
                held_out.sample, ", ".join(sample.estimators)
            )
            yield f"{place}.estimator", pool.estimator, expected
        models = len(config.candidates(pool)) * len(config.deltas)
        if pool.size > models:
            yield f"{place}.size", pool.size, f"expected at most the {models} models there are"


# What a setting of the multiverse may be, where it is a name.
_MULTIVERSE_NAMES: dict[str, Callable[[Config], Iterable[str]]] = {
    "variant": lambda config: config.variants,
    "estimator": lambda _: get_args(Estimator),
    "response": lambda _: get_args(Response),
}


def _check_choices(config: Config) -> Iterator[Problem]:
    """What checks, the multiverse, coverage and profiles refer to."""
    places: list[tuple[str, str | None, Iterable[str]]] = []
    checks = config.sensitivity.checks
    places += [("sensitivity.only", name, checks) for name in config.sensitivity.made]
    for check in config.sensitivity.made:
        for setting, change in checks.get(check, {}).items():
            place = f"sensitivity.checks.{check}.{setting}"
            places.append((f"{place}.variant", change.variant, config.enabled_variants))
            places += [(f"{place}.keep", name, config.exclusions) for name in change.keep]
    for place, pair in (
        ("sensitivity.systems", config.sensitivity.systems),
        ("multiverse.systems", config.multiverse.systems),
    ):
        places += [(place, name, config.shapley.systems) for name in pair]
    places += [
        ("multiverse.sample", config.multiverse.sample, config.samples),
        ("coverage.sample", config.coverage.sample, config.samples),
        ("coverage.variant", config.coverage.variant, config.variants),
        ("profiles.pool", config.profiles.pool, config.pools),
    ]
    if config.critical_losses is not None:
        losses = config.critical_losses
        places += [
            ("critical_losses.sample", losses.sample, config.samples),
            ("critical_losses.variant", losses.variant, config.variants),
        ]
    multiverse = config.multiverse_settings
    try:
        some = specifications(one_of_each_kind(multiverse["choices"]), multiverse["base"])
    except InputError as error:
        yield error.place, error.value, error.fix
    else:
        levels = [
            one for levels in named(multiverse["choices"]).values() for one in levels.values()
        ]
        used = {
            (name, settings[name])
            for settings in [*levels, *(one.settings for one in some)]
            for name in _MULTIVERSE_NAMES
            if name in settings
        }
        for name, value in sorted(used):
            places.append((f"multiverse.choices: {name}", value, _MULTIVERSE_NAMES[name](config)))
    for place, chosen, known in places:
        if chosen is not None and chosen not in known:
            yield place, chosen, f"expected one of {', '.join(known)}"


def _check_analyses(config: Config) -> Iterator[Problem]:
    known = {"sample": list(config.enabled_samples), "variant": list(config.enabled_variants)}
    for name, analysis in config.enabled_analyses.items():
        place = f"bootstrap.analyses.{name}"
        for key, names in known.items():
            chosen = getattr(analysis, key)
            if chosen not in names:
                yield f"{place}.{key}", chosen, f"expected an enabled {key}: {', '.join(names)}"
        if analysis.delta not in config.deltas:
            known_deltas = ", ".join(map(format_delta, config.deltas))
            yield f"{place}.delta", analysis.delta, f"expected one of deltas: {known_deltas}"
        sample = config.enabled_samples.get(analysis.sample)
        if sample and analysis.estimator not in sample.estimators:
            yield (
                f"{place}.estimator",
                analysis.estimator,
                f"expected one that samples.{analysis.sample}.estimators has: "
                + ", ".join(sample.estimators),
            )
    refused: list[tuple[str, list[Name], Callable[[dict[str, Any]], object]]] = [
        ("era_split", config.era_split.analyses, check_year_terms)
    ]
    if "multiplier" in config.transformer.forms:
        refused.append(("transformer", config.transformer.analyses, with_transformer_multiplier))
    for section, names, change in refused:
        for name in names:
            chosen = getattr(config.enabled_analyses.get(name), "variant", None)
            if chosen in config.variants:
                try:
                    change(config.variants[chosen].model_dump(mode="json"))
                except InputError as error:
                    found = f"{name}, of variant {chosen}: {error.value}"
                    yield f"{section}.analyses", found, f"{error.fix}, or take it out of the list"


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
