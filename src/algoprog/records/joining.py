"""Blanks of a source's records filled from another source, by the system's name.

Nothing is overwritten in silence: what became of every entry and field is a row of a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.agreement import agree, shown
from algoprog.records.fields import FIELDS
from algoprog.records.names import name_key
from algoprog.records.reading import TYPES
from algoprog.records.specification import Join, Joins
from algoprog.records.tables import JOINED
from algoprog.tables.frames import frame_of

Row = Plain
Status = Literal["filled", "replaced", "kept", "differs", "absent", "unmatched", "ambiguous"]


def join(
    records: pl.DataFrame, name: str, spec: Join, lookup: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return records with fields taken from another source, and what became of each.

    Parameters
    ----------
    records : DataFrame
        Of one source (:func:`algoprog.records.sources.read_source`).
    name : str
        The other source.
    spec : Join
        What is taken from it, and how.
    lookup : DataFrame
        Records of the other source.

    Returns
    -------
    records : DataFrame
        As given, but for the values that were taken.
    joined : DataFrame
        One row for each entry and field, with the columns of `joined`; `status` is one of

        - filled: was blank, taken from the other source;
        - replaced: was not blank, taken from the other source (`prefer: join`, and they differ);
        - kept: was not blank, and stays; the other source has it too, or nothing;
        - differs: was not blank, and stays; the other source has another value;
        - absent: blank, and so it is in the other source;
        - unmatched: the other source has no system of this name;
        - ambiguous: it has several, which disagree in one of the fields, so none is taken.

    Raises
    ------
    InputError
        for an alias of, or to, a system that is not there.
    """
    offers = _Offers.of(records, name, spec, lookup)
    values: dict[str, list[Any]] = {field: [] for field in spec.fields}
    log: list[dict[str, Any]] = []
    for row in records.iter_rows(named=True):
        entry = {key: row[key] for key in ("source", "source_row", "system")} | {"lookup": name}
        for became in offers.taken(row):
            values[became["field"]].append(became["now"])
            log.append(
                {
                    **entry,
                    "field": became["field"],
                    "matched_name": became["matched_name"],
                    "own_value": shown(row[became["field"]]),
                    "lookup_value": became["offered"],
                    "value": shown(became["now"]),
                    "status": became["status"],
                }
            )
    taken = [
        pl.Series(field, column, TYPES[FIELDS[field].kind]) for field, column in values.items()
    ]
    # an entry has a record for each benchmark
    joined = frame_of(JOINED, log).unique(maintain_order=True)
    return records.with_columns(taken), joined


@dataclass(frozen=True)
class _Offers:
    """What another source offers, by the key of a system's name.

    ``aliases`` gives the other source's key of a system that it calls otherwise.
    """

    spec: Join
    candidates: Mapping[str, list[dict[str, Any]]]
    aliases: Mapping[str, str]

    @classmethod
    def of(cls, records: pl.DataFrame, name: str, spec: Join, lookup: pl.DataFrame) -> _Offers:
        candidates: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in lookup.select("system", *spec.fields).iter_rows(named=True):
            if row["system"] is not None:
                candidates[name_key(row["system"], spec.normalise)].append(row)
        return cls(spec, dict(candidates), _aliases(records, name, spec, candidates))

    def taken(self, row: Row) -> Iterator[dict[str, Any]]:
        """Yield of each field: field, matched_name, what is offered, status, value now."""
        system = row["system"]
        key = None if system is None else name_key(system, self.spec.normalise)
        found = self.candidates.get(self.aliases.get(key, key) if key is not None else "", [])
        offered = {
            field: _distinct(candidate[field] for candidate in found) for field in self.spec.fields
        }
        ambiguous = any(len(several) > 1 for several in offered.values())
        matched = " | ".join(_distinct(candidate["system"] for candidate in found)) or None
        for field, several in offered.items():
            other = several[0] if several and not ambiguous else None
            status: Status = "ambiguous" if ambiguous else self._status(field, row[field], other)
            if not found:
                status = "unmatched"
            now = other if status in ("filled", "replaced") else row[field]
            yield {
                "field": field,
                "matched_name": matched,
                "offered": " | ".join(str(shown(value)) for value in several) or None,
                "status": status,
                "now": now,
            }

    def _status(self, field: str, own: Any, other: Any) -> Status:
        """What becomes of a value that the other source offers, or does not."""
        if own is None:
            return "absent" if other is None else "filled"
        if other is None or other == own:
            return "kept"
        if self.spec.prefer == "join":
            return "replaced"
        return "kept" if agree(field, own, other) else "differs"


def join_sources(
    frames: Mapping[str, pl.DataFrame], sources: Mapping[str, Joins]
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Return records of every source of evaluations, joined as configured, and what became of each.

    Parameters
    ----------
    frames : mapping
        Records by source (:func:`algoprog.records.sources.read_source`).
    sources : mapping
        The part of each source, and what it is joined with.

    Returns
    -------
    records : list of DataFrame
        One for each source whose `role` is records, in the order given.
    joined : DataFrame
        As :func:`join` says.
    """
    found = []
    logs = [frame_of(JOINED, [])]
    for name, records in frames.items():
        if sources[name].role == "records":
            for lookup, spec in sources[name].join.items():
                records, joined = join(records, lookup, spec, frames[lookup])
                logs.append(joined)
            found.append(records)
    return found, pl.concat(logs)


def _aliases(records: pl.DataFrame, name: str, spec: Join, candidates: Row) -> dict[str, str]:
    """Keys of aliased systems: the keys of their names in the other source."""
    here = {name_key(system, spec.normalise) for system in records["system"].drop_nulls()}
    keys = {}
    for system, other in spec.aliases.items():
        for given, known in ((system, here), (other, candidates)):
            if name_key(given, spec.normalise) not in known:
                place = f"join.{name}.aliases.{system}"
                fix = "no system of this name there: correct the alias, or take it away"
                source = records["source"][0] if records.height else ""
                raise InputError("configuration", f"sources.{source}.{place}", given, fix)
        keys[name_key(system, spec.normalise)] = name_key(other, spec.normalise)
    return keys


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(value for value in values if value is not None))
