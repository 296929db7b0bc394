"""The whole configuration, checked before anything runs.

:func:`parse_config` turns the mapping that was read (:mod:`algoprog.config.loading`) into a frozen
:class:`Config`, or raises one :class:`~algoprog.common.errors.InputError` that lists every problem,
each with its path, the value found there and what was expected.
``python -m algoprog.config.document`` prints the JSON schema editors use.
"""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.common.section import Section
from algoprog.config.consistency import CHECKS
from algoprog.config.loading import FILE
from algoprog.config.messages import problems
from algoprog.config.references import Problem, Ref, check_references, inherited
from algoprog.config.sections.audit import Audit
from algoprog.config.sections.bayes import Bayes
from algoprog.config.sections.capability import Capability, ScoreSource
from algoprog.config.sections.confidence_sets import ConfidenceSets
from algoprog.config.sections.coverage import Coverage, Profiles
from algoprog.config.sections.estimates import Estimates
from algoprog.config.sections.evidence import Evidence
from algoprog.config.sections.experiments import Study, Sweeps
from algoprog.config.sections.fits import (
    Analysis,
    Bootstrap,
    CrossValidation,
    Headline,
    Jobs,
    Pool,
    TemporalHoldOut,
)
from algoprog.config.sections.histories import Histories, HistorySource
from algoprog.config.sections.multiverse import Multiverse
from algoprog.config.sections.quantities import (
    Allocation,
    DirectObservation,
    EffectiveCompute,
    EraSplit,
    Frontiers,
    OptimalScaling,
    OwnAllocation,
    Shapley,
    Transformer,
)
from algoprog.config.sections.records import (
    Benchmarks,
    Correction,
    Exclusion,
    Repeats,
    Sample,
    Values,
)
from algoprog.config.sections.sensitivity import Sensitivity
from algoprog.config.sections.sources import Source, SourceBase, source_files
from algoprog.config.sections.variables import Variable
from algoprog.config.sections.variants import Variant
from algoprog.config.types import Delta, Name, Parameter, distinct
from algoprog.records.locations import fault
from algoprog.records.snapshots import Policy, is_url


class Config(Section):
    """All settings: those of `config.yaml` laid over the defaults of `config/`."""

    seed: Annotated[int, Field(ge=0)] = Field(description="Root of every random seed.")
    benchmarks: Benchmarks
    acquisition: Policy = Field(default=Policy())
    sources: dict[Name, Source]
    precedence: Annotated[list[Annotated[Name, Ref("sources")]], AfterValidator(distinct)] = Field(
        default=[],
        description=(
            "Of an evaluation that several sources have, the first one's stays; "
            "default: in the order of the sources."
        ),
    )
    values: Values
    repeats: Repeats
    corrections: dict[Name, Correction] = Field(default={})
    exclusions: dict[Name, Exclusion] = Field(default={})
    variables: dict[Parameter, Variable] = Field(
        default={}, description="Of formulas, besides those that are always there."
    )
    samples: Annotated[dict[Name, Sample], Field(min_length=1)]
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    deltas: Annotated[list[Delta], Field(min_length=1), AfterValidator(distinct)]
    bootstrap: Bootstrap
    jobs: Jobs
    cross_validation: CrossValidation
    temporal_hold_out: TemporalHoldOut
    headline: Headline
    pools: dict[Name, Pool] = Field(default={})
    optimal_scaling: OptimalScaling
    own_allocation: OwnAllocation
    shapley: Shapley
    transformer: Transformer
    era_split: EraSplit
    frontiers: Frontiers
    effective_compute: EffectiveCompute
    allocation: Allocation
    direct_observation: DirectObservation
    histories: Histories
    capability: Capability
    audit: Audit
    sensitivity: Sensitivity
    evidence: Evidence
    multiverse: Multiverse
    coverage: Coverage
    profiles: Profiles
    confidence_sets: ConfidenceSets
    bayes: Bayes
    sweeps: Sweeps
    studies: dict[Name, Study] = Field(default={}, description="Other benchmarks, by name.")
    estimates: Estimates

    @property
    def enabled_studies(self) -> dict[str, Study]:
        """Studies of other benchmarks that are made."""
        return {name: study for name, study in self.studies.items() if study.enabled}

    @property
    def experiment_files(self) -> dict[str, str]:
        """The files that sweeps and studies read, by their place in the configuration."""
        studies = {f"studies.{name}.file": one.file for name, one in self.enabled_studies.items()}
        return (self.sweeps.files if self.sweeps.enabled else {}) | studies

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
    def read_sources(self) -> dict[str, SourceBase | HistorySource | ScoreSource]:
        """Every source that is read: of evaluations, of record histories, of capability."""
        scores = self.capability.enabled_sources if self.capability.enabled else {}
        return {**self.enabled_sources, **self.histories.enabled_sources, **scores}

    @property
    def url_sources(self) -> list[str]:
        """Sources that are read from an address."""
        return [name for name, source in self.read_sources.items() if is_url(source.location)]

    def policy(self, source: str) -> Policy:
        """How a source is acquired."""
        every = {**self.sources, **self.histories.sources, **self.capability.sources}
        own = every[source].on_failure
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


_HALF = re.compile("[\ud800-\udfff]")  # of a pair of surrogates
Where = str | Callable[[str], str]  # the file, or what names it for a place in the configuration


def parse_config(mapping: Plain, where: Where = FILE) -> Config:
    """Return the typed configuration of a mapping.

    Raises
    ------
    InputError
        listing every problem: types and keys first; if these are right, what refers to what; if
        that is right too, what does not go together.
    """
    halves = [_error(problem, where) for problem in _not_unicode(mapping, ())]
    if halves:
        raise InputError.combine(halves)
    try:
        config = inherited(Config.model_validate(dict(mapping)))
    except ValidationError as invalid:
        found = problems(invalid.errors(include_url=False), _schema())
    else:
        found = list(check_references(config)) or list(_inconsistencies(config))
        if not found:
            return config
    raise InputError.combine([_error(problem, where) for problem in found])


def _not_unicode(node: object, place: tuple[str, ...]) -> Iterator[Problem]:
    """Texts that no file could hold: --config hands on bytes that are not UTF-8 as such."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _not_unicode(key, (*place, str(key)))
            yield from _not_unicode(value, (*place, str(key)))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _not_unicode(value, (*place, str(position)))
    elif isinstance(node, str) and not node.isascii() and _HALF.search(node):
        yield ".".join(place), node, "expected text in UTF-8"


@cache
def _schema() -> dict[str, Any]:
    return Config.model_json_schema()


def _absent(source: SourceBase, root: Path) -> str:
    """What to do where a source has no file."""
    if (root / source.location).is_dir():
        return "a folder without files of this kind: name the file, or correct `kind` or `files`"
    return "no such file in the project"


def check_locations(config: Config, root: Path, where: Where = FILE) -> None:
    """Refuse a file that is read, and lies outside the project or is not there.

    Snakemake would pass over an absent one in silence as long as what was once made of it is there.

    Raises
    ------
    InputError
        naming each.
    """
    found = [
        (place, location, wrong)
        for place, location, part in _files_read(config, root)
        if (wrong := _file_fault(location, root, part))
    ]
    refused = {place for place, _, _ in found}
    found += [
        (f"sources.{name}.location", source.location, _absent(source, root))
        for name, source in config.enabled_sources.items()
        if not is_url(source.location)
        and f"sources.{name}.location" not in refused
        and not source_files(source, root)
    ]
    if found:
        raise InputError.combine([_error(problem, where) for problem in found])


def _files_read(config: Config, root: Path) -> Iterator[tuple[str, str, str | None]]:
    """Place, location, and the part of the job that is left out by disabling it, of each file."""
    for name, source in config.enabled_sources.items():
        if not is_url(source.location):
            place = f"sources.{name}.location"
            yield place, source.location, None
            if (root / source.location).is_dir():
                yield from ((place, file, None) for file in source_files(source, root))
    if config.histories.enabled:
        for name, history in config.histories.enabled_sources.items():
            if not is_url(history.location):
                place = f"histories.sources.{name}.location"
                yield place, history.location, "record histories"
        for name in ("track_register", "published"):
            yield f"histories.{name}", getattr(config.histories, name), "record histories"
    if config.capability.enabled:
        for name, scores in config.capability.enabled_sources.items():
            if is_url(scores.location):
                continue
            yield f"capability.sources.{name}.location", scores.location, "capability"
        for name, register in config.capability.registers.items():
            yield f"capability.{name}", register, "capability"
    if config.audit.enabled:
        yield "audit.published", config.audit.published, "the audit"
    if config.estimates.enabled:
        for place, file in config.estimates.paths.items():
            yield place, file, "the estimates"
        yield "estimates.forecasts", config.estimates.forecasts, "the estimates"
    for place, file in config.experiment_files.items():
        yield place, file, "it"


def _file_fault(location: str, root: Path, part: str | None) -> str | None:
    """What is wrong with a file that is read; None where nothing is."""
    wrong = fault(location, root)
    if wrong:
        return wrong
    if os.path.exists(root / location):  # noqa: PTH110 (Path.exists raises for a name that is too long)
        return None
    kept = f"; enabled: false leaves {part} out" if part else ""
    return f"no such file in the project{kept}"


def _error(problem: Problem, where: Where) -> InputError:
    place, value, expected = problem
    return InputError(where if isinstance(where, str) else where(place), place, value, expected)


def _inconsistencies(config: Config) -> Iterator[Problem]:
    for check in CHECKS:
        yield from check(config)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration's files, for editors.

    No key is required in it: a file says what differs from the defaults.
    """
    schema = _without_required(Config.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_required(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_required(value)
            for key, value in node.items()
            if not (key == "required" and isinstance(value, list))
        }
    return [_without_required(value) for value in node] if isinstance(node, list) else node


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=2))
