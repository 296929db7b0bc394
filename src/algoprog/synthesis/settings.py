"""What is asked of the table of estimates, typed; a script rebuilds it from plain built-ins."""

from __future__ import annotations

from dataclasses import dataclass, field

Value = str | bool | int | float
Wanted = dict[str, Value | list[Value]]


@dataclass(frozen=True)
class Words:
    """What a code of each kind means, in words; the order is the order of the rows."""

    domains: dict[str, str]
    quantities: dict[str, str]
    settings: dict[str, str]
    definitions: dict[str, str]


@dataclass(frozen=True)
class File:
    """A CSV with estimates of others: what it calls our columns, and what all its rows share."""

    file: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Simulated:
    """Where the simulated coverage of an interval stands."""

    table: str
    where: Wanted = field(default_factory=dict)


@dataclass(frozen=True)
class Own:
    """Estimates of ours: rows of a result table, and what they are estimates of.

    Attributes
    ----------
    table, where : the table, and values (or lists of values) that its columns must have.
    label : what it is called; ``{column}`` stands for the row's value.
    each : columns; there is an estimate for each of their values.
    period : whose dates it is of: the headline's ``sample``, the ``capability`` fit's versions,
        the ``table``'s own; or of nothing that has dates.
    years : of a total factor, over how many years it is.
    """

    table: str
    label: str
    domain: str
    scope: str
    quantity: str
    setting: str
    definition: str
    where: Wanted = field(default_factory=dict)
    each: list[str] = field(default_factory=list)
    period: str | None = None
    years: float | None = None
    coverage: Simulated | None = None
    note: str = ""


@dataclass(frozen=True)
class Settings:
    """The section `estimates`: rows of others in files and inline, and ours by name."""

    words: Words
    files: dict[str, File]
    more: dict[str, dict[str, str]]
    ours: dict[str, Own]
