"""Read one source: its bytes, then its records in our fields, one row per evaluation.

A kind of source is one class in :mod:`algoprog.config.sections.sources`, which says what its entry
in `config.yaml` may hold, and one pure function from bytes to a table of texts
(:data:`algoprog.records.parse.kinds.KINDS`). All that follows, from mapping the columns to reading
the numbers, is the same for every kind.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.content import Extent, Origin, check_pin
from algoprog.records.fields import Field, fields_with
from algoprog.records.files import read_file, resolve
from algoprog.records.holding import holds
from algoprog.records.locations import OUTSIDE, inside
from algoprog.records.metrics import to_perplexity
from algoprog.records.parse.folders import PATTERNS, bundle
from algoprog.records.parse.harness import skipped_files
from algoprog.records.parse.kinds import parse, readable
from algoprog.records.parse.text import BENCHMARK, PLACE, ROW
from algoprog.records.reading import TYPES, Reader, filled, source_columns, wanted_table
from algoprog.records.snapshots import Policy
from algoprog.records.specification import Column, Source
from algoprog.records.tables import WARNINGS
from algoprog.records.tokens import ConditionError
from algoprog.tables.frames import frame_of

COUNTED = "model_num_parameters"  # of lm-evaluation-harness
POSITION = "#position"  # of a record's row in the source's table

# --- bytes ---------------------------------------------------------------------------------------


def origin(source: Source, benchmarks: Sequence[str] | None = None) -> Origin:
    """Return what is expected at a source's address: a table of its kind, with its mapped columns.

    With `benchmarks` it is also expected that :func:`read_source` can read every record, so that
    a content that cannot be used does not take the place of one that can.
    """

    def parsed(content: bytes) -> Extent:
        table = parse(content, source.form, source.where)
        columns = source_columns(table)
        if benchmarks is not None and set(source.mapped) <= set(columns):
            read_source(source, benchmarks, content)
        return Extent(table.height, tuple(columns))

    return Origin(
        source=source.name,
        address=source.location,
        kind=source.form.kind,
        readable=lambda content: readable(content, source.form, source.where),
        mapped=tuple(source.mapped),
        parse=parsed,
        sha256=source.sha256,
    )


def read_content(source: Source, root: Path, policy: Policy) -> bytes:
    """Return the bytes of a source: a snapshot in use, a file, or a folder of files.

    Parameters
    ----------
    root : Path
        The project.
    policy : Policy
        What may be read.

    Raises
    ------
    InputError
        if they cannot be had, may not be read, or are not the pinned ones.
    """
    location = source.location
    if snapshots.is_url(location):
        directory = snapshots.source_directory(root, source.name)
        snapshot = snapshots.in_use(directory, location)
        if snapshot is None:
            fix = f"delete {directory / snapshots.POINTER} and run `make`"
            raise InputError(source.where, "", "no snapshot of this address", fix)
        content = snapshots.read(snapshot)
    elif source.form.kind in PATTERNS and resolve(location, root).is_dir():
        folder = resolve(location, root)
        _check_links(folder, root)
        content = bundle(folder, source.form.files or PATTERNS[source.form.kind], policy.largest)
    else:
        content = read_file(location, root, policy)
    check_pin(source.where, content, source.sha256)
    return content


def _check_links(folder: Path, root: Path) -> None:
    """Refuse a folder with a link that leaves the project."""
    for path in folder.rglob("*"):
        if not inside(path, root):
            found = f"{path.relative_to(folder)} leads outside the project"
            raise InputError(str(folder), "location", found, OUTSIDE)


# --- records -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What was read of a source.

    Attributes
    ----------
    records : one row per evaluation (:func:`read_source`).
    warnings : rows of the table `warnings`: cells left blank, files skipped.
    """

    records: pl.DataFrame
    warnings: pl.DataFrame


def read_source(source: Source, benchmarks: Sequence[str], content: bytes) -> pl.DataFrame:
    """Return the records of a source, one row per evaluation, as :func:`reading` says."""
    return reading(source, benchmarks, content).records


def reading(source: Source, benchmarks: Sequence[str], content: bytes) -> Reading:
    """Return the records of a source, one row per evaluation, and what users of them must know.

    Parameters
    ----------
    source : Source
        The source; its name becomes the field `source`. In the wide format a row of the source
        becomes one record for each benchmark it has, or one without a benchmark.
    benchmarks : sequence of str
        The configured benchmarks, in their order.
    content : bytes
        What stands at the source.

    Returns
    -------
    Reading
        Its records have the fields (:data:`~algoprog.records.fields.FIELDS`), then the numbers that
        the source has besides, and `place`: where
        the record stands in the source ("line 17"). Numbers are floats (exact for counts up to
        9e15); a field the source does not have is null. Texts lose outer blanks, `architecture` is
        in lower case; nothing else is changed, but by a declared parser. Perplexity is per token,
        converted from its `metric`. Which values are possible is checked by
        :mod:`algoprog.records.normalise`. An optional field whose cell cannot be read is null, with
        a warning, unless the source is strict.

    Raises
    ------
    InputError
        naming source, line, column and value of every cell that cannot be read, in the rows that
        the source's condition leaves.
    """
    table = wanted_table(source, content)
    fields = fields_with(source.extra)
    read = Reader(source, table, fields)
    mapped = {field: column for field, column in source.fields.items() if field != "perplexity"}
    known = {field: read.field(field, column) for field, column in mapped.items()}
    if BENCHMARK in table.columns:
        known["benchmark"] = table[BENCHMARK]
    perplexities = _perplexities(read, source, benchmarks, known.get("benchmark"))
    base = _base(source, table, known).with_row_index(POSITION)
    if source.wide:
        records = _long(base, perplexities)
    else:
        records = base.with_columns(series.alias("perplexity") for series in perplexities.values())
    records = _scored(records, source, tables=BENCHMARK in table.columns)
    records = _chosen(records, source, table)
    rows = set(records[POSITION].to_list())
    warnings = read.finish(None if len(rows) == table.height else rows, strict=source.strict)
    lower = pl.col("architecture").str.to_lowercase()
    found = filled(_in_order(records, fields), mapped, fields).with_columns(lower)
    return Reading(
        found,
        pl.concat([_skipped(source, content), _packed(source, table, rows), warnings]).with_columns(
            source=pl.lit(source.name)
        ),
    )


def _skipped(source: Source, content: bytes) -> pl.DataFrame:
    """Warnings of the files of a folder that are not read."""
    if source.form.kind != "lm_eval_harness":
        return frame_of(WARNINGS, [])
    return frame_of(
        WARNINGS,
        [
            {"kind": "skipped", "value": one.file, "said": f"{one.file} is skipped: {one.reason}"}
            for one in skipped_files(readable(content, source.form, source.where), source.where)
        ],
    )


def _packed(source: Source, table: pl.DataFrame, rows: Container[int]) -> pl.DataFrame:
    """Warnings of counts of parameters that are those of packed weights."""
    counted = source.fields.get("parameters")
    if source.form.kind != "lm_eval_harness" or not counted or counted.column != COUNTED:
        return frame_of(WARNINGS, [])
    read = table.with_row_index(POSITION).filter(
        pl.col("precision").str.contains(r"\b(4bit|gptq|autogptq)\b"), pl.col(COUNTED).is_not_null()
    )
    return frame_of(
        WARNINGS,
        [
            {
                "kind": "implausible",
                "field": "parameters",
                "value": row[COUNTED],
                "said": f"{row[PLACE]}: {row[COUNTED]} parameters were counted with packed weights "
                f"({row['precision']}), so the model may have about twice as many; give them "
                "by `join`",
            }
            for row in read.iter_rows(named=True)
            if row[POSITION] in rows
        ],
    )


def _scored(records: pl.DataFrame, source: Source, *, tables: bool) -> pl.DataFrame:
    """Records of which none has a benchmark and no perplexity, unless that is to be refused."""
    if not {"benchmark", "perplexity"} <= set(records.columns):
        return records
    refused = "no_evaluation" if tables or not source.strict else "refuse"
    unscored = pl.col("perplexity").is_null() & pl.col("benchmark").is_not_null()
    match source.unscored or refused:
        case "leave_out":
            return records.filter(~unscored)
        case "no_evaluation":
            none = pl.lit(None, pl.String)
            return records.with_columns(
                pl.when(unscored).then(none).otherwise(pl.col("benchmark")).alias("benchmark")
            )
    return records


def _chosen(records: pl.DataFrame, source: Source, table: pl.DataFrame) -> pl.DataFrame:
    """The records for which the source's condition holds."""
    if source.condition is None:
        return records
    known = _in_order(records, fields_with(source.extra)).drop("place")
    others = [name for name in source_columns(table) if name not in known.columns]
    texts = table.select(others)[records[POSITION].to_list()]
    texts = texts.with_columns(pl.all().str.strip_chars().replace("", None))
    try:
        left = records.filter(holds(pl.concat([known, texts], how="horizontal"), source.condition))
    except ConditionError as error:
        raise InputError(source.where, "where", source.condition, str(error)) from None
    if left.is_empty():
        fix = "correct the source's where: it holds for no record"
        raise InputError(source.where, "where", source.condition, fix)
    return left


def _base(source: Source, table: pl.DataFrame, known: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Every row's fields but perplexity; a row without a number of its entry is an entry."""
    return pl.DataFrame(
        [
            pl.repeat(source.name, table.height, dtype=pl.String, eager=True).alias("source"),
            known.get("source_row", table[ROW]).alias("source_row"),
            *(series.alias(field) for field, series in known.items() if field != "source_row"),
            table[PLACE].alias("place"),
        ]
    )


def _in_order(records: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """All fields in their order, null where the source has none, and `place`."""
    return records.select(
        *(
            pl.col(field)
            if field in records.columns
            else pl.lit(None, TYPES[about.kind]).alias(field)
            for field, about in fields.items()
        ),
        "place",
    )


def _perplexities(
    read: Reader, source: Source, order: Sequence[str], benchmarks: pl.Series | None
) -> dict[str, pl.Series]:
    """Token-level perplexity by benchmark in the wide format; all under "" in the long format.

    ``benchmarks`` are those of the rows in the long format. A source that others are joined with
    may have no perplexity.
    """
    columns = {name: source.wide[name] for name in order if name in source.wide}
    if "perplexity" in source.fields:
        columns[""] = source.fields["perplexity"]
    found = {}
    for name, column in columns.items():
        of = pl.repeat(name, read.table.height, eager=True) if source.wide else benchmarks
        blank = None
        for one in (column, *column.otherwise):
            measured = read.single("perplexity", one, blank)
            scores = _perplexity(read, source, one, measured, of)
            found[name] = scores if blank is None else found[name].zip_with(~blank, scores)
            blank = found[name].is_null()
    return found


def _long(base: pl.DataFrame, scores: Mapping[str, pl.Series]) -> pl.DataFrame:
    """One record for each perplexity; a row without any stays as one record."""
    parts = [
        base.with_columns(pl.lit(name).alias("benchmark"), score.alias("perplexity")).filter(
            pl.col("perplexity").is_not_null()
        )
        for name, score in scores.items()
    ]
    without = base.with_columns(
        pl.lit(None, pl.String).alias("benchmark"), pl.lit(None, pl.Float64).alias("perplexity")
    ).filter(pl.all_horizontal([score.is_null() for score in scores.values()]))
    # parts are in the order of the benchmarks, which a stable sort keeps within a row
    return pl.concat([*parts, without]).sort(POSITION, maintain_order=True)


def _perplexity(
    read: Reader,
    source: Source,
    column: Column,
    measured: pl.Series,
    benchmarks: pl.Series | None,
) -> pl.Series:
    """Token-level perplexity of what was measured in a column."""
    metric = column.metric or source.metric
    if metric == "perplexity":
        return measured
    values: list[float | None] = []
    for row, value in enumerate(measured):
        benchmark = None if benchmarks is None else benchmarks[row]
        values.append(None)
        if value is not None:
            counts = source.test_sets.get(benchmark or "")
            try:
                values[-1] = to_perplexity(metric, value, counts)
            except ValueError as error:
                fix = f"benchmark {benchmark}: {error}"
                read.note(row, column.column or "", str(value), fix, "perplexity")
    return pl.Series(values, dtype=pl.Float64)
