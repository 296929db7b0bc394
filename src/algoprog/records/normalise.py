"""All sources' records as one table of evaluations: corrected, checked, in one order."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from algoprog.common.errors import InputError
from algoprog.records.fields import ENTRY_FIELDS, FIELDS, Field
from algoprog.records.joining import match_sources

_TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date}
_SHOWN = 20  # errors that are listed

CORRECTION_LOG = {
    "correction": pl.String,
    "source": pl.String,
    "source_row": pl.Int64,
    "benchmark": pl.String,
    "field": pl.String,
    "old": pl.String,
    "new": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True)
class Records:
    """Records of all sources.

    evaluations  the fields of a record, one row per evaluation, sorted by source, source_row and
                 the order of the benchmarks
    corrections  what was corrected: correction, source, source_row, benchmark, field, old, new,
                 reason; one row per record and field, also where the source had it right already

    and what :func:`algoprog.records.joining.match_sources` says of evaluations that several sources
    have:

    superseded   records that went, with the source and row of the one that stayed
    conflicts    where they disagree with it
    duplicates   how many do and do not
    """

    evaluations: pl.DataFrame
    corrections: pl.DataFrame
    superseded: pl.DataFrame
    conflicts: pl.DataFrame
    duplicates: pl.DataFrame


def normalize(
    frames: Sequence[pl.DataFrame],
    corrections: Mapping[str, Mapping[str, Any]],
    benchmarks: Mapping[str, Any],
    precedence: Sequence[str] = (),
) -> Records:
    """One table of evaluations from the frames of :func:`algoprog.records.sources.read_source`.

    Corrections apply in their order, each to every record that equals its `match` in all the
    fields named there, before anything is checked: a value may be wrong in the source. Every record
    is checked, also one that another source's takes the place of.

    Parameters
    ----------
    frames : sequence of DataFrame
        Records of each source.
    corrections, benchmarks : mapping
        Sections of the configuration.
    precedence : sequence of str
        The sources, the one whose records stay first; not asked for if there is one source.

    Raises
    ------
    InputError
        if a correction is not of its field's type or matches no record, for any record that
        breaks a rule of :func:`validate`, or for a source without precedence.
    """
    records = pl.concat(list(frames))
    records, log = _correct(records, corrections)
    validate(records, benchmarks)
    order = {name: i for i, name in enumerate(benchmarks["definitions"])}
    position = pl.col("benchmark").replace_strict(order, default=-1, return_dtype=pl.Int64)
    # By name, so that it does not matter in which order sources are configured or read.
    records = records.sort("source", "source_row", position).drop("place")
    matched = match_sources(records, precedence)
    return Records(
        evaluations=matched.records,
        corrections=log,
        superseded=matched.superseded,
        conflicts=matched.conflicts,
        duplicates=matched.duplicates,
    )


def schema(benchmarks: Mapping[str, Any]) -> pa.DataFrameSchema:
    """What each field of a record may hold."""
    columns = {name: _column(field) for name, field in FIELDS.items()}
    known = list(benchmarks["definitions"])
    columns["benchmark"] = pa.Column(pl.String, pa.Check.isin(known), nullable=True)
    columns["url"] = pa.Column(pl.String, pa.Check.str_matches(r"^https?://\S+$"), nullable=True)
    return pa.DataFrameSchema(columns, strict=False)


def validate(records: pl.DataFrame, benchmarks: Mapping[str, Any]) -> None:
    """Check every record.

    Each field holds a possible value; benchmark and perplexity are both there or both blank; a
    system's entry has one record for each benchmark, or one without; and the records of an entry
    agree on what belongs to the system.

    Raises
    ------
    InputError
        naming source, place, field and value of each record at fault, and what to do.
    """
    try:
        schema(benchmarks).validate(records, lazy=True)
    except SchemaErrors as broken:
        raise _combined(list(_impossible(records, broken, benchmarks))) from None
    problems = [*_half_blank(records), *_repeated(records), *_at_odds(records)]
    if problems:
        raise _combined(problems)


def _column(field: Field) -> pa.Column:
    checks = []
    if field.least is not None:
        check = pa.Check.gt if field.above else pa.Check.ge
        checks.append(check(field.least))
    if field.greatest is not None:
        checks.append(pa.Check.le(field.greatest))
    if field.values is not None:
        checks.append(pa.Check.isin(list(field.values)))
    return pa.Column(_TYPES[field.kind], checks, nullable=not field.required)


def _impossible(
    records: pl.DataFrame, broken: SchemaErrors, benchmarks: Mapping[str, Any]
) -> Iterator[InputError]:
    cases = broken.failure_cases
    if cases["index"].null_count():  # no cell is at fault but a column or a check: our mistake
        raise AssertionError(cases)
    for index, name in sorted(set(zip(cases["index"], cases["column"], strict=True))):
        fix = f"give {FIELDS[name].meaning}: {FIELDS[name].expected}"
        if name == "benchmark":
            fix = (
                f"use one of {', '.join(benchmarks['definitions'])}, "
                "or define it under benchmarks.definitions in the configuration"
            )
        elif name == "url":
            fix = "give a link that begins with http:// or https://, or leave it blank"
        yield _error(records, index, name, fix)


def _half_blank(records: pl.DataFrame) -> Iterator[InputError]:
    for field, other in (("benchmark", "perplexity"), ("perplexity", "benchmark")):
        half = records[field].is_null() & records[other].is_not_null()
        for index in half.arg_true():
            fix = f"give the {field} that goes with {other} {records[other][index]}, or blank both"
            yield _error(records, index, field, fix)


def _repeated(records: pl.DataFrame) -> Iterator[InputError]:
    entry = ["source", "source_row"]
    again = ~records.select(pl.struct(*entry, "benchmark").is_first_distinct()).to_series()
    for index in again.arg_true():
        fix = f"{_entry(records, index)} has it already: give another system an entry of its own"
        yield _error(records, index, "benchmark", fix)
    others = pl.col("benchmark").is_not_null().any().over(entry)
    idle = records.select(pl.col("benchmark").is_null() & others).to_series()
    for index in idle.arg_true():
        fix = f"{_entry(records, index)} has other perplexities: remove this record"
        yield _error(records, index, "benchmark", fix)


def _at_odds(records: pl.DataFrame) -> Iterator[InputError]:
    entry = ["source", "source_row"]
    for field in ENTRY_FIELDS:
        first = pl.col(field).first().over(entry)
        differs = records.select(pl.col(field).ne_missing(first)).to_series()
        for index in differs.arg_true():
            fix = (
                f"{_entry(records, index)} has another one elsewhere: "
                "the records of an entry are of one system"
            )
            yield _error(records, index, field, fix)


def _entry(records: pl.DataFrame, index: int) -> str:
    return f"entry {records['source_row'][index]}"


def _error(records: pl.DataFrame, index: int, field: str, fix: str) -> InputError:
    where = f"source {records['source'][index]}"
    return InputError(where, f"{records['place'][index]}, {field}", records[field][index], fix)


def _combined(problems: Sequence[InputError]) -> InputError:
    shown = list(problems[:_SHOWN])
    if len(problems) > _SHOWN:
        rest = f"{len(problems) - _SHOWN} more records"
        shown.append(InputError("records", "", rest, "mend them likewise"))
    return InputError.combine(shown)


# --- corrections ---------------------------------------------------------------------------------


def _correct(
    records: pl.DataFrame, corrections: Mapping[str, Mapping[str, Any]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records with the corrections applied, and what they changed."""
    log: list[dict[str, Any]] = []
    for name, correction in corrections.items():
        wanted = {
            field: _typed(field, value, f"corrections.{name}.match.{field}")
            for field, value in correction["match"].items()
        }
        matches = records.select(
            pl.all_horizontal(
                [
                    pl.col(field).eq_missing(pl.lit(value, _TYPES[FIELDS[field].kind]))
                    for field, value in wanted.items()
                ]
            )
        ).to_series()
        if not matches.any():
            found = ", ".join(f"{field} = {value}" for field, value in wanted.items())
            fix = "it matches no record: correct it, or leave it out (enabled: false)"
            raise InputError("configuration", f"corrections.{name}.match", found, fix)
        for field, value in correction["set"].items():
            place = f"corrections.{name}.set.{field}"
            if field in ("source", "source_row"):
                fix = "source and source_row identify a record and cannot be set"
                raise InputError("configuration", place, value, fix)
            new = _typed(field, value, place)
            log += [
                {
                    "correction": name,
                    **record,
                    "field": field,
                    "old": _shown(record.pop("old")),
                    "new": _shown(new),
                    "reason": correction["reason"],
                }
                for record in records.filter(matches)
                .select("source", "source_row", "benchmark", pl.col(field).alias("old"))
                .to_dicts()
            ]
            literal = pl.lit(new, _TYPES[FIELDS[field].kind])
            records = records.with_columns(
                pl.when(matches).then(literal).otherwise(pl.col(field)).alias(field)
            )
    return records, pl.DataFrame(log, schema=CORRECTION_LOG)


def _typed(field: str, value: Any, place: str) -> Any:
    """A value of the configuration as its field's type."""
    if field not in FIELDS:
        fix = f"use a field of a record: {', '.join(FIELDS)}"
        raise InputError("configuration", place, field, fix)
    if value is None:
        return None
    kind = FIELDS[field].kind
    number = isinstance(value, int | float) and not isinstance(value, bool)
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
    fix = f"give {FIELDS[field].expected}{hint}"
    raise InputError("configuration", place, value, fix)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
