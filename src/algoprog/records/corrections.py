"""Facts that a source has wrong, put right by the configuration and written down.

A correction names the records it is for by the values of their fields, the fields it sets, and why.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.common.section import LARGEST
from algoprog.records.fields import Field
from algoprog.records.reading import TYPES


def correct(
    records: pl.DataFrame,
    corrections: Mapping[str, Plain],
    fields: Mapping[str, Field],
    identity: Sequence[str],
    section: str = "corrections",
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return records with the corrections applied in their order, and what they changed.

    Parameters
    ----------
    records : DataFrame
        Records with the columns `fields`.
    corrections : mapping
        By name: `match` (values of fields), `set` (new values of fields) and `reason`.
    fields : mapping
        The fields of a record.
    identity : sequence of str
        The fields that say which record it is: they are in the log, and all but the last cannot
        be set.
    section : str
        Where the corrections stand in the configuration, for errors.

    Raises
    ------
    InputError
        if a value is not of its field's type, or a correction matches no record.
    """
    log: list[dict[str, Any]] = []
    for name, correction in corrections.items():
        place = f"{section}.{name}"
        matches = _matches(records, correction["match"], fields, f"{place}.match")
        for field, value in correction["set"].items():
            if field in identity[:-1]:
                fix = f"{' and '.join(identity[:-1])} identify a record and cannot be set"
                raise InputError("configuration", f"{place}.set.{field}", value, fix)
            new = _typed(field, value, fields, f"{place}.set.{field}")
            for record in records.filter(matches).select(*identity, old=field).to_dicts():
                old = _shown(record.pop("old"))
                said = {"old": old, "new": _shown(new), "reason": correction["reason"]}
                log.append({"correction": name, **record, "field": field, **said})
            literal = pl.lit(new, TYPES[fields[field].kind])
            records = records.with_columns(
                pl.when(matches).then(literal).otherwise(pl.col(field)).alias(field)
            )
    return records, pl.DataFrame(log, schema=correction_log(fields, identity))


def _matches(
    records: pl.DataFrame, match: Plain, fields: Mapping[str, Field], place: str
) -> pl.Series:
    """Which records have the values a correction is for."""
    wanted = {
        field: _typed(field, value, fields, f"{place}.{field}") for field, value in match.items()
    }
    same = [
        pl.col(field).eq_missing(pl.lit(value, TYPES[fields[field].kind]))
        for field, value in wanted.items()
    ]
    matches = records.select(pl.all_horizontal(same)).to_series()
    if not matches.any():
        found = ", ".join(f"{field} = {value}" for field, value in wanted.items())
        fix = "it matches no record: correct it, or leave it out (enabled: false)"
        raise InputError("configuration", place, found, fix)
    return matches


def correction_log(fields: Mapping[str, Field], identity: Sequence[str]) -> dict[str, Any]:
    """Return the columns of the log of corrections with their types."""
    return {
        "correction": pl.String,
        **{field: TYPES[fields[field].kind] for field in identity},
        **dict.fromkeys(("field", "old", "new", "reason"), pl.String),
    }


def _typed(field: str, value: Any, fields: Mapping[str, Field], place: str) -> Any:
    """A value of the configuration as its field's type."""
    if field not in fields:
        fix = f"use a field of a record: {', '.join(fields)}"
        raise InputError("configuration", place, field, fix)
    if value is None:
        return None
    kind = fields[field].kind
    number = isinstance(value, int | float) and not isinstance(value, bool)
    number = number and abs(value) <= (LARGEST if kind == "integer" else sys.float_info.max)
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "integer" and number and float(value).is_integer():
        return int(value)
    if kind == "number" and number:
        return float(value)
    if kind == "date" and isinstance(value, datetime.date):
        return value
    if kind == "date" and isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    hint = " (YAML reads 1e9 as text: write 1.0e+9)" if kind in ("number", "integer") else ""
    fix = f"give {fields[field].expected}{hint}"
    raise InputError("configuration", place, value, fix)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
