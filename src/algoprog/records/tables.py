"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from dataclasses import replace

from algoprog.records.fields import FIELDS
from algoprog.tables.columns import (
    Columns,
    common,
    integer,
    number,
    text,
)
from algoprog.tables.declaration import Column, Group, Table, by_name

RECORDS_GROUP = Group("records", "The record")

_SOURCE = text("source", "name of the source, of `sources` in the configuration")
_ENTRY = (_SOURCE, integer("source_row", "number of the system’s entry in the source"))
_KEPT = text("kept_source", "source whose record is used")
_OTHER = text("other_source", "source whose record stands behind it")

EXCLUSIONS = Table(
    "exclusions",
    group=RECORDS_GROUP,
    row="record that a sample leaves out",
    key=("sample", "source", "source_row", "benchmark"),
    columns=(
        *common("sample"),
        *_ENTRY,
        *common("system", "benchmark"),
        text("reason", "the exclusion that took it out, in the words of the configuration"),
    ),
)
SAMPLE_STEPS = Table(
    "sample_steps",
    group=RECORDS_GROUP,
    row="step by which a sample is drawn, in order",
    key=("sample", "step"),
    ordered=("sample",),
    columns=(
        *common("sample"),
        text("step", "what was done"),
        integer("systems", "systems left after it"),
        integer("rows", "records left after it"),
    ),
)
JOINED = Table(
    "joined",
    group=RECORDS_GROUP,
    row="field of a record that a join filled, or could not",
    key=("source", "source_row", "lookup", "field"),
    columns=(
        *_ENTRY,
        *common("system"),
        text("lookup", "the source the value was looked up in"),
        text("field", "the field to fill"),
        text("matched_name", "name of the system there"),
        text("own_value", "what the record itself has"),
        text("lookup_value", "what the other source has; several values have a bar between them"),
        text("value", "what was found"),
        text("status", "what came of it"),
    ),
)
CONFLICTS = Table(
    "conflicts",
    group=RECORDS_GROUP,
    row="field on which two sources, or two entries of a source, disagree about one evaluation",
    key=("system", "benchmark", "field", "kept_source", "other_source", "other_row"),
    columns=(
        *common("system", "benchmark"),
        text("field", "the field they disagree on"),
        _KEPT,
        integer("kept_row", "entry there"),
        text("kept_value", "value there"),
        text("other_source", "source whose record differs; the same where it contradicts itself"),
        integer("other_row", "entry there"),
        text("other_value", "value there"),
        number("relative_difference", "difference of two numbers over the one that is kept"),
    ),
)
DUPLICATES = Table(
    "duplicates",
    group=RECORDS_GROUP,
    row="pair of sources with evaluations in common, and per source that repeats some",
    key=("kept_source", "other_source"),
    columns=(
        _KEPT,
        _OTHER,
        integer("agreeing", "evaluations in both that agree"),
        integer("conflicting", "evaluations in both that disagree"),
    ),
)

SUSPECTED_REPEATS = Table(
    "suspected_repeats",
    group=RECORDS_GROUP,
    row="evaluation that looks like one an earlier source has under another name",
    key=("source", "source_row", "benchmark"),
    columns=(
        *_ENTRY,
        *common("system", "benchmark"),
        number("perplexity", "its perplexity", "per token"),
        text("like_source", "the earlier source"),
        integer("like_row", "entry there"),
        text("like_system", "name of the system there"),
        number("like_perplexity", "perplexity there", "per token"),
        text(
            "same",
            "`paper`: paper and score; `paper_loosely`: paper, and the score rounded to a whole "
            "number or dates that are apart; `parameters`: score and size, in other papers",
        ),
        integer("days", "days between the two dates; blank where one is unknown", "days"),
        text("counted", "`once`: only the earlier source’s is used; `twice`: both are"),
    ),
)
WARNINGS = Table(
    "warnings",
    group=RECORDS_GROUP,
    row="warning about a record, a column or a sample",
    key=("kind", "sample", "source", "source_row", "benchmark", "field", "said"),
    ordered=(),
    columns=(
        text(
            "kind",
            "`skipped`, `unreadable`, `column`, `implausible`, `suspected_repeat`, `namesake`, "
            "`several`, `displaced` or `fixed` (docs/several-sources.md)",
        ),
        text("sample", "the sample it is about; blank where it is about the records"),
        *_ENTRY,
        *common("system", "benchmark"),
        text("field", "the field it is about"),
        text("value", "the value there"),
        text("said", "what is wrong or doubtful, and what may be done"),
    ),
)

TABLES = (
    EXCLUSIONS,
    SAMPLE_STEPS,
    JOINED,
    CONFLICTS,
    DUPLICATES,
    SUSPECTED_REPEATS,
    WARNINGS,
)

# ---- the tables of data/processed/evaluations.duckdb

_EVALUATION = ("source", "source_row", "benchmark")
_UNSEEN = frozenset({"url", "include", "outlier", "uncertain"})  # what no analysis uses of a record


_BESIDES = number("", "a number that a source has besides (`extra`)")


def _record(unseen: frozenset[str] = frozenset()) -> Columns:
    return tuple(
        Column(name, field.kind, "", field.meaning)
        for name, field in FIELDS.items()
        if name not in unseen
    )


def _sampled() -> Columns:
    """What a sample has of a record, with the perplexity of the system beside that of the row."""
    first = number(
        "perplexity_first_available", "perplexity on the system’s first benchmark", "per token"
    )
    columns: list[Column] = []
    for column in _record(_UNSEEN):
        columns += [column, first] if column.name == "perplexity" else [column]
    return tuple(columns)


DATABASE = by_name(
    (
        Table("evaluations", RECORDS_GROUP, "evaluation", _EVALUATION, _record(), others=_BESIDES),
        Table(
            "superseded",
            group=RECORDS_GROUP,
            row="evaluation that a source before its own has, or its own before",
            key=_EVALUATION,
            columns=(*_record(), _KEPT, integer("kept_row", "entry there")),
            others=_BESIDES,
        ),
        Table(
            "corrections",
            group=RECORDS_GROUP,
            row="field of a record that was corrected",
            key=("correction", *_EVALUATION, "field"),
            columns=(
                text("correction", "its name, of `corrections` in the configuration"),
                *_ENTRY,
                *common("benchmark"),
                text("field", "the field"),
                text("old", "value in the source"),
                text("new", "value used"),
                text("reason", "why"),
            ),
        ),
        Table(
            "sources",
            group=RECORDS_GROUP,
            row="source",
            key=("source",),
            columns=(
                _SOURCE,
                text("kind", "how it is read"),
                text("role", "whether it holds evaluations, or fills fields of others’"),
                text("location", "where it is read from"),
                integer("entries", "systems it gave"),
                integer("evaluations", "evaluations it gave"),
            ),
        ),
        Table(
            "samples",
            group=RECORDS_GROUP,
            row="row of a sample",
            key=("sample", "row"),
            columns=(
                *common("sample"),
                integer("row", "place in the sample, from 0"),
                *_sampled(),
            ),
            others=number("", "a variable of the configuration (`variables`), as in formulas"),
        ),
        replace(
            SAMPLE_STEPS,
            key=("sample", "number"),
            columns=(
                *SAMPLE_STEPS.columns[:1],
                integer("number", "place of the step, from 0"),
                *SAMPLE_STEPS.columns[1:],
            ),
        ),
        EXCLUSIONS,
        JOINED,
        CONFLICTS,
        DUPLICATES,
        SUSPECTED_REPEATS,
        WARNINGS,
    )
)
