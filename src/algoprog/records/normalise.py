"""All sources' records as one table of evaluations: corrected, checked, in one order."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.checks import INVISIBLE, column_of, faults
from algoprog.records.corrections import correct
from algoprog.records.fields import ENTRY_FIELDS, FIELDS
from algoprog.records.matching import match_sources
from algoprog.records.papers import one_title
from algoprog.records.plausible import Values
from algoprog.records.specification import Repeats
from algoprog.records.warned import of_records

IDENTITY = ("source", "source_row", "benchmark")
_LINK = rf"^https?://[^{INVISIBLE}]+$"
_SHOWN = 20  # errors that are listed


@dataclass(frozen=True)
class Records:
    """Records of all sources.

    Attributes
    ----------
    evaluations : the fields of a record, a row for each evaluation, sorted by source, source_row
        and the order of the benchmarks.
    corrections : what was corrected: correction, source, source_row, benchmark, field, old, new,
        reason; a row for each record and field, also where the source had it right already.
    superseded, conflicts, duplicates, suspected_repeats : what becomes of evaluations that several
        sources have (:class:`algoprog.records.matching.Matched`).
    warnings : what users of the records must know (:mod:`algoprog.records.warned`).
    """

    evaluations: pl.DataFrame
    corrections: pl.DataFrame
    superseded: pl.DataFrame
    conflicts: pl.DataFrame
    duplicates: pl.DataFrame
    suspected_repeats: pl.DataFrame
    warnings: pl.DataFrame


@dataclass(frozen=True)
class Rules:
    """What the configuration says of values, of repeats and of the columns that hold scores.

    Attributes
    ----------
    values : what can be right, and what is plausible.
    repeats : what makes two records the same evaluation.
    scores : by source: the columns that are read as perplexity.
    today : the last date of publication that can be right; None: any.
    """

    values: Values = dataclasses.field(default_factory=Values)
    repeats: Repeats = dataclasses.field(default_factory=Repeats)
    scores: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    today: datetime.date | None = None

    @classmethod
    def of(cls, plain: Plain, today: datetime.date | None = None) -> Rules:
        """Return the rules of the configuration's sections as plain built-ins."""
        return cls(
            Values.of(plain["values"], plain["benchmarks"]),
            Repeats.of(plain["repeats"]),
            plain["scores"],
            today,
        )


def normalize(
    frames: Sequence[pl.DataFrame],
    corrections: Mapping[str, Plain],
    benchmarks: Sequence[str],
    precedence: Sequence[str] = (),
    rules: Rules | None = None,
) -> Records:
    """Return one table of evaluations from the records of every source.

    Corrections apply in their order, each to every record that equals its `match` in all the
    fields named there, before anything is checked: a value may be wrong in the source. Every record
    is checked, also one that another source's takes the place of.

    Parameters
    ----------
    frames : sequence of DataFrame
        Records of each source (:func:`algoprog.records.sources.read_source`).
    corrections : mapping
        By name: `match`, `set` and `reason`.
    benchmarks : sequence of str
        The configured benchmarks, in their order.
    precedence : sequence of str
        The sources, the one whose records stay first; not asked for if there is one source.
    rules : Rules, optional
        What is known of values and of repeats; without, every possible value is plausible.

    Raises
    ------
    InputError
        if a correction is not of its field's type or matches no record, for any record that
        breaks a rule of :func:`validate`, or for a source without precedence.
    """
    # Numbers that one source has besides are blank in the others.
    records = pl.concat(list(frames), how="diagonal")
    rules = rules or Rules()
    records, log = correct(records, corrections, FIELDS, IDENTITY)
    validate(records, benchmarks, rules)
    order = {name: i for i, name in enumerate(benchmarks)}
    position = pl.col("benchmark").replace_strict(order, default=-1, return_dtype=pl.Int64)
    # By name, so that it does not matter in which order sources are configured or read.
    records = records.sort("source", "source_row", position).drop("place")
    if rules.repeats.papers == "loosely" and precedence:
        records, titles = one_title(records, precedence, IDENTITY)
        log = pl.concat([log, pl.DataFrame(titles, schema=log.schema)])
    matched = match_sources(records, precedence, rules.repeats)
    return Records(
        evaluations=matched.records,
        corrections=log,
        superseded=matched.superseded,
        conflicts=matched.conflicts,
        duplicates=matched.duplicates,
        suspected_repeats=matched.suspected_repeats,
        warnings=of_records(records, matched, rules.values, rules.scores),
    )


def schema(benchmarks: Sequence[str]) -> pa.DataFrameSchema:
    """Return what each field of a record may hold."""
    columns = {name: column_of(field) for name, field in FIELDS.items()}
    columns["benchmark"] = pa.Column(pl.String, pa.Check.isin(list(benchmarks)), nullable=True)
    columns["url"] = pa.Column(pl.String, pa.Check.str_matches(_LINK), nullable=True)
    return pa.DataFrameSchema(columns, strict=False)


def validate(records: pl.DataFrame, benchmarks: Sequence[str], rules: Rules | None = None) -> None:
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
    rules = rules or Rules()
    problems += [
        _error(records, position, name, fix)
        for position, name, fix in rules.values.impossible(records, rules.today)
    ]
    if problems:
        raise _combined(problems)


def _impossible(
    records: pl.DataFrame, broken: SchemaErrors, benchmarks: Sequence[str]
) -> Iterator[InputError]:
    for index, name in faults(broken):
        fix = f"give {FIELDS[name].meaning}: {FIELDS[name].expected}"
        if name == "benchmark":
            fix = (
                f"use one of {', '.join(benchmarks)}, "
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
