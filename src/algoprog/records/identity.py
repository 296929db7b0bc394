"""What says which system a record is of: its name as other sources may have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records.names import name_key, stripped
from algoprog.records.specification import Naming, Repeats


@dataclass(frozen=True)
class Identity:
    """By position of a record: the name it is compared by, and what the configuration says of it.

    Attributes
    ----------
    key : the key of the system's name, or of the name that `same_as` gives it.
    declared : whether `same_as` names it.
    distinct : whether `distinct` names it.
    """

    key: list[str]
    declared: list[bool]
    distinct: list[bool]

    @classmethod
    def of(cls, records: pl.DataFrame, repeats: Repeats) -> Identity:
        """Return the identity of every record.

        Raises
        ------
        InputError
            for a name in `same_as` that no record has.
        """
        sources = records["source"].to_list()
        given = [name_key(name) for name in records["system"]]
        keys, declared, distinct = list(given), [False] * len(given), [False] * len(given)
        benchmarks = records["benchmark"].to_list()
        elsewhere: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for source, key, benchmark in zip(sources, given, benchmarks, strict=True):
            elsewhere[key, benchmark].add(source)
            elsewhere[key, None].add(source)
        for source, naming in repeats.sources.items():
            at = [position for position, name in enumerate(sources) if name == source]
            short = stripped(records["system"][at], naming.strip)
            aliases = _aliases(source, naming, {given[p] for p in at}, elsewhere)
            apart = {name_key(name) for name in naming.distinct}
            for position, name in zip(at, short, strict=True):
                distinct[position] = given[position] in apart
                others = aliases.get(given[position], [])
                here = benchmarks[position]
                there = [o for o in others if elsewhere[o, here] - {source}]
                keys[position] = there[0] if there else name_key(name)
                declared[position] = bool(there)
        return cls(keys, declared, distinct)


def _aliases(
    source: str,
    naming: Naming,
    here: set[str],
    elsewhere: Mapping[tuple[str, str | None], set[str]],
) -> dict[str, list[str]]:
    """Keys of the other names of systems that `same_as` names, by the key of theirs."""
    _check(source, "same_as", naming.same_as, here)
    aliases = {}
    for name, others in naming.same_as.items():
        named = [others] if isinstance(others, str) else others
        there = {key for (key, _), sources in elsewhere.items() if sources - {source}}
        _check(source, f"same_as.{name}", named, there)
        aliases[name_key(name)] = [name_key(other) for other in named]
    return aliases


def _check(source: str, place: str, names: object, known: set[str]) -> None:
    """Refuse names that no record has."""
    for name in names if isinstance(names, list | tuple | dict) else []:
        if name_key(name) not in known:
            fix = "no system of this name there: correct it, or take it away"
            raise InputError("configuration", f"sources.{source}.{place}", name, fix)
