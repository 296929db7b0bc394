"""What sections must be to one another besides the references that their types state.

A function for each topic yields place, value and what was expected; :data:`CHECKS` lists them.
They are called with a configuration whose references hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from algoprog.common.errors import InputError
from algoprog.common.grammar import FUNCTIONS
from algoprog.common.numbers import format_delta
from algoprog.config.conditions import RECORD_COLUMNS, SAMPLE_COLUMNS, unknown_columns
from algoprog.config.references import Problem
from algoprog.config.sections.columns import variables
from algoprog.config.sections.sensitivity import HEADLINE, Change
from algoprog.config.sections.variants import Variant
from algoprog.config.types import Estimator, Response
from algoprog.model import variant as model
from algoprog.model.changes import check_year_terms, with_transformer_multiplier
from algoprog.model.formula import VARIABLES
from algoprog.records.fields import FIELDS
from algoprog.robustness.specifications import blocks, named, one_of_each_kind, specifications

if TYPE_CHECKING:
    from algoprog.config.document import Config


def _sources(config: Config) -> Iterator[Problem]:
    enabled = config.enabled_sources
    records = [name for name, source in enabled.items() if source.role == "records"]
    if not records:
        yield "sources", "none enabled", "enable at least one with role: records"
    for name in records if config.precedence else []:
        if name not in config.precedence:
            yield "precedence", f"{name} missing", "name every enabled source, the best first"


def _conditions(config: Config) -> Iterator[Problem]:
    """Every `where`: it names columns that are there."""
    known_fields = (*RECORD_COLUMNS, *_besides(config))
    stated = [
        (f"exclusions.{name}.where", exclusion.where, known_fields)
        for name, exclusion in config.exclusions.items()
    ]
    stated += [
        (f"{place}.where", change.where, SAMPLE_COLUMNS)
        for place, change in _changes(config)
        if change.where
    ]
    for place, condition, known in stated:
        for name in unknown_columns(condition, known):
            fix = f"no such column: {name}; write texts in single quotes; use {', '.join(known)}"
            yield place, condition, fix


def _variants(config: Config) -> Iterator[Problem]:
    if not config.enabled_variants:
        yield "variants", "none enabled", "enable at least one"
    batches = {variant.batch for variant in config.enabled_variants.values() if variant.batch}
    for name, variant in config.enabled_variants.items():
        if variant.batch is None and name in batches:
            yield f"variants.{name}", name, "expected another name: a batch is called so"
        for held in variant.hold or {}:
            if not _is_parameter(held, variant.declared()):
                expected = f"expected a parameter of the variant: {', '.join(variant.declared())}"
                yield f"variants.{name}.hold.{held}", held, expected


def _besides(config: Config) -> list[str]:
    """What the enabled sources have besides the fields of a record."""
    return sorted({name for one in config.enabled_sources.values() for name in one.columns.extra})


def _variables(config: Config) -> Iterator[Problem]:
    """Variables have names of their own, are made of numbers, and stand in samples that use them.

    A variant is fitted on every sample, so that each must have the variables it names.
    """
    besides = _besides(config)
    for source, said in config.sources.items():
        for name in said.columns.extra:
            if name in FIELDS:
                place = f"sources.{source}.columns.extra.{name}"
                yield place, name, "choose another name: a record has a field of this name"
    numbers = [name for name, one in FIELDS.items() if one.kind == "number"]
    for name, one in config.variables.items():
        if name in VARIABLES or name in FUNCTIONS:
            yield f"variables.{name}", name, "choose another name: formulas have this one already"
        for unknown in sorted(variables(one.formula) - {*numbers, *besides}):
            fix = f"no such number: {unknown}; use {', '.join([*numbers, *besides])}"
            yield f"variables.{name}.formula", one.formula, fix
        if one.scale and not one.logarithmic:
            fix = "write the formula as log(...), or leave the scale out"
            yield f"variables.{name}.scale", one.scale, fix
    for name, variant in config.variants.items():
        named: set[str] = set()
        for place, formula in variant.formulas():
            unknown_names = [one for one in formula.unknown if one not in config.variables]
            named |= set(formula.unknown) - set(unknown_names)
            if unknown_names:
                known = ", ".join([*VARIABLES, *config.variables])
                fix = f"no such variable: {', '.join(unknown_names)}; use {known}"
                yield f"variants.{name}.{place}", str(formula), fix
        for sample, drawn in config.enabled_samples.items() if variant.enabled else ():
            for one_name in sorted(named - set(drawn.variables)):
                fix = f"variant {name} names it: add {one_name}, or disable the sample or variant"
                yield f"samples.{sample}.variables", ", ".join(drawn.variables) or "[]", fix


def _is_parameter(held: str, declared: list[str]) -> bool:
    return any(held == own or held.startswith(f"{own}_") for own in declared)


def _headline(config: Config) -> Iterator[Problem]:
    """The headline's analysis is of the headline's model."""
    name = config.headline.converged
    analysis = config.bootstrap.analyses[name]
    for key in ("sample", "variant", "delta"):
        value, said = getattr(analysis, key), getattr(config.headline, key)
        if value != said:
            fix = f"leave it out, for headline.{key} says {said}, or change it there"
            yield f"bootstrap.analyses.{name}.{key}", value, fix


def _pools(config: Config) -> Iterator[Problem]:
    for name, pool in config.enabled_pools.items():
        if not config.cross_validation.enabled:
            fix = "enable cross_validation, or disable the pool"
            yield f"pools.{name}.scheme", pool.scheme, fix
        models = len(config.candidates(pool)) * len(config.deltas)
        if pool.size > models:
            yield f"pools.{name}.size", pool.size, f"expected at most the {models} models there are"


def _changed_variants(config: Config) -> Iterator[Problem]:
    """Analyses whose eras are split, or which get the transformer's effect, allow of it."""
    asked: list[tuple[str, list[str], Callable[[model.Variant], object]]] = [
        ("era_split", config.era_split.analyses, check_year_terms)
    ]
    if "multiplier" in config.transformer.forms:
        asked.append(("transformer", config.transformer.analyses, with_transformer_multiplier))
    for section, names, change in asked:
        for name in names:
            analysis = config.enabled_analyses.get(name)
            if analysis:
                try:
                    change(config.variants[analysis.variant].as_model(analysis.variant))
                except InputError as error:
                    found = f"{name}, of variant {analysis.variant}: {error.value}"
                    yield f"{section}.analyses", found, f"{error.fix}, or take it out of the list"


def _ranges(config: Config) -> Iterator[Problem]:
    grid = config.frontiers.dataset_tokens
    if grid.low >= grid.high:
        yield "frontiers.dataset_tokens.low", grid.low, f"expected less than high, {grid.high:g}"
    first, start = min(config.effective_compute.years), config.effective_compute.start
    if first < start:
        yield "effective_compute.years", first, f"expected none before start, {start:g}"


def _changes(config: Config) -> Iterator[tuple[str, Change]]:
    """The changes of the checks that are made, each with its place."""
    for check in config.sensitivity.made:
        for setting, change in config.sensitivity.checks[check].items():
            yield f"sensitivity.checks.{check}.{setting}", change


def _checks(config: Config) -> Iterator[Problem]:
    """A check changes something: tokens that its variant counts, parameters that it has."""
    for place, change in _changes(config):
        name = change.variant or config.headline.variant
        variant = config.variants[name]
        if not variant.enabled:
            yield f"{place}.variant", name, f"enable it, or one of {_listed(config)}"
        if change.tokens and change.tokens != "once":
            fix = _tokens_fix(name, variant)
            if fix:
                yield f"{place}.tokens", change.tokens, fix
        declared = [*variant.declared(), *(change.linear or {})]
        for held in change.hold or {}:
            if not _is_parameter(held, declared):
                expected = f"expected a parameter of {name}: {', '.join(declared)}"
                yield f"{place}.hold.{held}", held, expected


def _listed(config: Config) -> str:
    return ", ".join(config.enabled_variants)


def _tokens_fix(name: str, variant: Variant) -> str | None:
    """What to do where another way to count tokens leaves a variant as it is."""
    asked = variant.as_model(name)
    fixed = [measure for measure in ("d_effective", "d_seen") if asked.uses(measure)]
    if fixed:
        return f"{name} says how its tokens are counted ({', '.join(fixed)}): leave this out"
    if not asked.uses("d", "c"):
        return f"{name} has neither d nor c, so nothing would change: leave this out"
    return None


def _multiverse(config: Config) -> Iterator[Problem]:
    """Levels change what can be changed, each once, to names that are there."""
    settings = config.multiverse_settings
    known = {
        "variant": list(config.variants),
        "estimator": list(get_args(Estimator)),
        "response": list(get_args(Response)),
    }
    try:
        some = specifications(one_of_each_kind(settings["choices"]), settings["base"])
        blocks(settings["choices"], settings["batches"])
    except InputError as error:
        yield error.place, error.value, error.fix
        return
    levels = [one for levels in named(settings["choices"]).values() for one in levels.values()]
    used = {
        (name, one[name])
        for one in [*levels, *(asdict(specification.settings) for specification in some)]
        for name in known
        if name in one
    }
    for name, value in sorted(used):
        if value not in known[name]:
            expected = f"expected one of {', '.join(known[name])}"
            yield f"multiverse.choices: {name}", value, expected


def _jobs(config: Config) -> Iterator[Problem]:
    """No batch is called as what would be a job of its own, and nothing is in two batches."""
    deltas = {name: list(map(format_delta, one)) for name, one in config.jobs.deltas.items()}
    checks = [HEADLINE, *config.sensitivity.checks]
    kinds = {
        "deltas": (deltas, list(map(format_delta, config.deltas))),
        "checks": (config.jobs.checks, checks),
    }
    for kind, (batches, alone) in kinds.items():
        members = [member for batch in batches.values() for member in batch]
        for batch in batches:
            if batch in alone:
                yield f"jobs.{kind}.{batch}", batch, f"choose another name: one of {kind} has this"
        for member in dict.fromkeys(members):
            if members.count(member) > 1:
                yield f"jobs.{kind}", member, "name it in one batch only"


def _other_sources(config: Config) -> Iterator[Problem]:
    """A source of histories or capability has a name of its own; histories have a register."""
    histories = config.histories
    if histories.enabled and not histories.enabled_sources:
        yield "histories.sources", "none enabled", "enable the register, or disable histories"
    for name in histories.sources:
        if name in config.sources:
            yield f"histories.sources.{name}", name, "expected another name: `sources` has one"
    for name in config.capability.sources:
        if name in config.sources or name in histories.sources:
            fix = "expected another name: `sources` or `histories.sources` has one"
            yield f"capability.sources.{name}", name, fix


CHECKS: tuple[Callable[[Config], Iterator[Problem]], ...] = (
    _sources,
    _conditions,
    _variables,
    _variants,
    _headline,
    _pools,
    _changed_variants,
    _ranges,
    _checks,
    _multiverse,
    _jobs,
    _other_sources,
)
