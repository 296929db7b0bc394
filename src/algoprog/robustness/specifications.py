"""The specifications of a multiverse: the full cross of choices, in blocks and strata.

It knows names and settings; it knows no records and fits nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.common.seeds import seed_of

SETTINGS = ("variant", "delta", "estimator", "models_per_paper", "response", "tokens")
LISTS = ("include", "exclude")
TOKENS = ("once", "seen", "effective")
ID_DIGITS = 12

# A level's change of settings, the levels of each choice, and choices as a configuration states
# them: levels by name, or a list of values of the setting of the choice's name.
Change = dict[str, Any]
Levels = dict[str, dict[str, Change]]
Choices = Plain


@dataclass(frozen=True)
class Settings:
    """What a specification is: everything that decides its fit, save the records.

    ``include`` and ``exclude`` are exclusions of the sample that are lifted, and further ones.
    """

    variant: str
    delta: float
    estimator: str
    models_per_paper: int | None
    response: str
    tokens: str
    include: list[str]
    exclude: list[str]


@dataclass(frozen=True)
class Specification:
    """One level of each choice, and the settings they make."""

    id: str
    levels: dict[str, str]
    settings: Settings


def level_name(value: object) -> str:
    """The name of the level at which a setting has this value."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def named(choices: Choices) -> Levels:
    """Choices with every level a mapping; a list gives values of the setting of its name."""
    return {
        choice: {str(level): dict(change or {}) for level, change in levels.items()}
        if isinstance(levels, Mapping)
        else {level_name(value): {choice: value} for value in levels}
        for choice, levels in choices.items()
    }


def identifier(levels: Mapping[str, str]) -> str:
    """12 hexadecimal digits that depend on the names of choices and levels and on nothing else."""
    text = "\x1f".join(f"{choice}={levels[choice]}" for choice in sorted(levels))
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]


def specifications(choices: Choices, base: Plain | None = None) -> list[Specification]:
    """The full cross of the choices, in the order of the configuration.

    Parameters
    ----------
    choices : of each choice its levels: a mapping from level to change, or a list of values of the
        setting of that name. A change may hold ``only``, a mapping from other choices to the levels
        with which alone the level is combined.
    base : settings that no choice changes.

    Raises
    ------
    InputError
        for a setting that is unknown, missing, or changed by two choices, and for ``only`` naming
        what is not there.
    """
    every = named(choices)
    found = []
    for combination in product(*(levels.items() for levels in every.values())):
        levels = {choice: level for choice, (level, _) in zip(every, combination, strict=True)}
        changes = {choice: change for choice, (_, change) in zip(every, combination, strict=True)}
        if all(_allowed(choice, change, levels) for choice, change in changes.items()):
            settings = _settings(changes, levels, base or {})
            found.append(Specification(identifier(levels), levels, settings))
    return found


def one_of_each_kind(choices: Choices) -> Levels:
    """The choices with one of the levels that :func:`specifications` treats alike.

    These are levels of a choice that change the same settings, are combined with the same levels of
    others and are themselves named by none. What is refused in the full cross of all levels is
    refused in that of these, which is small. (Values are not compared but for ``tokens``, the only
    setting whose values are checked there.)
    """
    every = named(choices)
    only = [change.get("only") or {} for levels in every.values() for change in levels.values()]
    kept: Levels = {}
    for choice, levels in every.items():
        named_by_others = {level_name(value) for one in only for value in one.get(choice, ())}
        kinds: dict[object, str] = {}
        for level, change in levels.items():
            kind = (
                frozenset(change),
                str(change.get("only")),
                str(change.get("tokens")),
                level if level in named_by_others else None,
            )
            kinds.setdefault(kind, level)
        kept[choice] = {level: levels[level] for level in kinds.values()}
    return kept


def _allowed(choice: str, change: Change, levels: Mapping[str, str]) -> bool:
    for other, allowed in (change.get("only") or {}).items():
        if other not in levels:
            place = f"multiverse.choices.{choice}.{levels[choice]}.only"
            raise InputError("config.yaml", place, other, f"name a choice: {', '.join(levels)}")
        if levels[other] not in set(map(level_name, allowed)):
            return False
    return True


def _settings(changes: Mapping[str, Change], levels: Mapping[str, str], base: Plain) -> Settings:
    settings: dict[str, Any] = {name: list(base.get(name, ())) for name in LISTS}
    set_by: dict[str, str] = {}
    for choice, change in changes.items():
        place = f"multiverse.choices.{choice}.{levels[choice]}"
        for name, value in change.items():
            if name in LISTS:
                settings[name] += value
            elif name in SETTINGS:
                if name in set_by:
                    fix = f"{set_by[name]} changes it too: let one choice change a setting"
                    raise InputError("config.yaml", f"{place}.{name}", value, fix)
                set_by[name] = choice
                settings[name] = value
            elif name != "only":
                fix = f"change one of {', '.join((*SETTINGS, *LISTS))}"
                raise InputError("config.yaml", f"{place}.{name}", value, fix)
    for name in SETTINGS:
        if name not in settings:
            if name not in base:
                fix = "give it under multiverse.base, or a choice that sets it at every level"
                raise InputError("config.yaml", f"multiverse.base.{name}", None, fix)
            settings[name] = base[name]
    if settings["tokens"] not in TOKENS:
        where = "multiverse: tokens"
        raise InputError("config.yaml", where, settings["tokens"], f"use {', '.join(TOKENS)}")
    return Settings(**settings)


def blocks(
    choices: Choices, batches: Mapping[str, Mapping[str, Sequence[Any]]]
) -> dict[str, Levels]:
    """The choices cut into blocks, one job each: choices of a block by its name.

    A block holds one batch of each choice. ``batches`` names the levels that are fitted together,
    by choice and batch; a level in none is a batch of its own, so that a new level is in new
    blocks and leaves the others as they are. Specifications of all blocks are those of ``choices``.
    """
    every = named(choices)
    parts: list[list[tuple[str, dict[str, Change]]]] = []
    for choice, levels in every.items():
        batch_of: dict[str, str] = {}
        for batch, members in named_batches(batches.get(choice, {})).items():
            for level in members:
                if level not in levels or level in batch_of or batch in levels.keys() - {level}:
                    place = f"multiverse.batches.{choice}.{batch}"
                    fix = (
                        f"no such level of multiverse.choices.{choice}: take it out of the batch"
                        if level not in levels
                        else "name each level at most once, and no batch as a level"
                    )
                    raise InputError("config.yaml", place, level, fix)
                batch_of[level] = batch
        grouped: Levels = {}
        for level, change in levels.items():
            grouped.setdefault(batch_of.get(level, level), {})[level] = change
        parts.append(list(grouped.items()))
    found: dict[str, Levels] = {}
    for combination in product(*parts):
        name = "--".join(batch for batch, _ in combination)
        if name in found:
            raise InputError("config.yaml", "multiverse.batches", name, "use no -- in names")
        found[name] = {
            choice: levels for choice, (_, levels) in zip(every, combination, strict=True)
        }
    return found


def named_batches(batches: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """Batches of a choice with level names as :func:`named` writes them."""
    return {batch: [level_name(value) for value in members] for batch, members in batches.items()}


def needed(
    chosen: Iterable[Specification],
    sample: Plain,
    exclusions: Plain,
    variants: Plain,
) -> dict[str, Any]:
    """Those exclusions and variants that some specifications use: what their job depends on.

    So an exclusion or a variant that is added for a new level changes nothing for other blocks.
    """
    used_variants, used = set(), dict.fromkeys(sample["exclusions"])
    for specification in chosen:
        used_variants.add(specification.settings.variant)
        used |= dict.fromkeys(specification.settings.exclude)
    for kind, names, known in (
        ("variants", used_variants, variants),
        ("exclusions", used, exclusions),
    ):
        for name in sorted(set(names) - set(known)):
            raise InputError("config.yaml", f"multiverse: {kind}", name, f"add it to {kind}")
    return {
        "exclusion_order": list(sample["exclusions"]),
        "ranked_within": sample.get("ranked_within", "benchmark"),
        "variables": dict(sample.get("variables") or {}),
        "exclusions": {name: exclusions[name] for name in used},
        "variants": {name: variants[name] for name in variants if name in used_variants},
    }


def strata(
    chosen: Sequence[Specification], seed: int, per_level: int
) -> dict[str, list[Specification]]:
    """Specifications for bootstraps: ``per_level`` of every level of every choice.

    Of a level those whose ids, scrambled by the seed, the choice and the level, are the smallest:
    a further level elsewhere displaces one only where its own is smaller. A specification may
    be in several strata. Keys are ``choice--level``.
    """
    found: dict[str, list[Specification]] = {}
    for choice in chosen[0].levels if chosen else ():
        for level in dict.fromkeys(one.levels[choice] for one in chosen):
            those = [one for one in chosen if one.levels[choice] == level]
            mask = seed_of(seed, choice, level) % 16**ID_DIGITS
            those.sort(key=lambda one, mask=mask: int(one.id, 16) ^ mask)  # type: ignore[misc]
            found[f"{choice}--{level}"] = those[:per_level]
    return found
