"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import (
    common,
    integer,
    number,
    text,
)
from algoprog.tables.declaration import Group, Table

RECORDS_GROUP = Group("records", "The record")

EXCLUSIONS = Table(
    "exclusions",
    group=RECORDS_GROUP,
    row="record that a sample leaves out",
    key=("sample", "source", "source_row", "benchmark"),
    columns=(
        *common("sample"),
        text("source", "name of the source, of `sources` in the configuration"),
        integer("source_row", "number of the system’s entry in the source"),
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
        text("source", "name of the source, of `sources` in the configuration"),
        integer("source_row", "number of the system’s entry in the source"),
        *common("system"),
        text("lookup", "the source the value was looked up in"),
        text("field", "the field to fill"),
        text("matched_name", "name of the system there"),
        text("own_value", "what the record itself has"),
        text("value", "what was found"),
        text("status", "what came of it"),
    ),
)
CONFLICTS = Table(
    "conflicts",
    group=RECORDS_GROUP,
    row="field on which two sources disagree about one evaluation",
    key=("system", "benchmark", "field", "kept_source", "other_source", "other_row"),
    columns=(
        *common("system", "benchmark"),
        text("field", "the field they disagree on"),
        text("kept_source", "source whose record is used"),
        integer("kept_row", "entry there"),
        text("kept_value", "value there"),
        text("other_source", "source whose record stands behind it"),
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
        text("kept_source", "source whose record is used"),
        text("other_source", "source whose record stands behind it"),
        integer("agreeing", "evaluations in both that agree"),
        integer("conflicting", "evaluations in both that disagree"),
    ),
)

TABLES = (
    EXCLUSIONS,
    SAMPLE_STEPS,
    JOINED,
    CONFLICTS,
    DUPLICATES,
)
