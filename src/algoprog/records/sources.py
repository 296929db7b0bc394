"""Read one source: its bytes, then its records in our fields, one row per evaluation.

A kind of source is one class in :mod:`algoprog.config.sources`, which says what its entry in
`config.yaml` may hold, and one pure function from bytes to a table of texts
(:data:`algoprog.records.parse.kinds.KINDS`). All that follows, from mapping the columns to reading
the numbers, is the same for every kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records import snapshots
from algoprog.records.acquisition import Origin, Table, check_pin, read_file, resolve
from algoprog.records.fields import FIELDS
from algoprog.records.metrics import to_perplexity
from algoprog.records.parse.files import harness_bundle
from algoprog.records.parse.kinds import parse
from algoprog.records.parse.text import BENCHMARK, PLACE, ROW
from algoprog.records.reading import (
    TYPES,
    Reader,
    check_columns,
    filled,
    mapped_columns,
    mapping,
    own_columns,
    place_of,
    wanted_rows,
)
from algoprog.records.snapshots import Policy

# --- bytes ---------------------------------------------------------------------------------------


def origin(
    name: str, spec: Mapping[str, Any], benchmarks: Mapping[str, Any] | None = None
) -> Origin:
    """What is expected at a source's address: a table of its kind, with its mapped columns.

    With `benchmarks` it is also expected that :func:`read_source` can read every record, so that
    a content that cannot be used does not take the place of one that can.
    """
    expected = mapped_columns(spec)
    where = place_of(name, spec)

    def parsed(content: bytes) -> Table:
        table = parse(content, spec, where)
        columns = own_columns(table)
        if benchmarks is not None and set(expected) <= set(columns):
            read_source(name, spec, benchmarks, content)
        return Table(table.height, tuple(columns))

    return Origin(
        source=name,
        address=spec["location"],
        kind=spec["kind"],
        mapped=tuple(expected),
        parse=parsed,
        sha256=spec.get("sha256"),
    )


def read_content(name: str, spec: Mapping[str, Any], root: Path, policy: Policy) -> bytes:
    """Bytes of a source: of an address's snapshot in use, of a file, or of a folder of results.

    Parameters
    ----------
    name, spec
        The source and its entry in the configuration.
    root : Path
        The project.
    policy : Policy
        What may be read.

    Raises
    ------
    InputError
        if they cannot be had, may not be read, or are not the pinned ones.
    """
    location = spec["location"]
    if snapshots.is_url(location):
        directory = snapshots.source_directory(root, name)
        snapshot = snapshots.in_use(directory, location)
        if snapshot is None:
            fix = f"delete {directory / snapshots.POINTER} and run `make`"
            raise InputError(place_of(name, spec), "", "no snapshot of this address", fix)
        content = snapshots.read(snapshot)
    elif spec["kind"] == "lm_eval_harness" and resolve(location, root, policy).is_dir():
        content = harness_bundle(resolve(location, root, policy))
    else:
        content = read_file(location, root, policy)
    check_pin(place_of(name, spec), content, spec.get("sha256"))
    return content


# --- records -------------------------------------------------------------------------------------


def read_source(
    name: str, spec: Mapping[str, Any], benchmarks: Mapping[str, Any], content: bytes
) -> pl.DataFrame:
    """Return the records of a source, one row per evaluation.

    Columns are our fields (:data:`~algoprog.records.fields.FIELDS`).

    Parameters
    ----------
    name : str
        The source's name, which becomes the field `source`.
    spec : mapping
        Its entry in the configuration (:mod:`algoprog.config.sources`). In the wide format
        `columns.perplexity` maps a benchmark to a column, and a row of the source becomes one
        record for each benchmark it has, or one without a benchmark.
    benchmarks : mapping
        The configuration's `benchmarks`, for their order.
    content : bytes
        The source.

    Returns
    -------
    DataFrame
        The fields, and `place`: where the record stands in the source ("line 17"). Numbers are
        floats (exact for counts up to 9e15); a field the source does not have is null. Texts lose
        outer blanks, `architecture` is in lower case; nothing else is changed, but by a declared
        parser. Perplexity is per token, converted from the source's `metric`. Which values are
        possible is :mod:`algoprog.records.normalise`' to check.

    Raises
    ------
    InputError
        naming source, line, column and value of every cell that cannot be read.
    """
    where = place_of(name, spec)
    mapped = {
        field: mapping(column) for field, column in spec["columns"].items() if column is not None
    }
    wide, scores = _scores(mapped.pop("perplexity", None), benchmarks)
    table = parse(content, spec, where)
    check_columns(name, where, table, mapped_columns(spec))
    table = wanted_rows(table, where, spec.get("only") or {})

    read = Reader(where, table, spec, FIELDS)
    known = {field: read.field(field, column) for field, column in mapped.items()}
    measured = {key: read.field("perplexity", column) for key, column in scores.items()}
    if BENCHMARK in table.columns:
        known["benchmark"] = table[BENCHMARK]
    perplexities = {
        key: _perplexity(
            read,
            series,
            scores[key]["column"] or "",
            known.get("benchmark") if not wide else pl.repeat(key, len(series), eager=True),
            spec.get("metric") or "perplexity",
            spec.get("test_sets") or {},
        )
        for key, series in measured.items()
    }
    read.finish()

    number = known.get("source_row", table[ROW])
    base = pl.DataFrame(
        [
            pl.repeat(name, table.height, dtype=pl.String, eager=True).alias("source"),
            number.alias("source_row"),
            *(series.alias(field) for field, series in known.items() if field != "source_row"),
            table[PLACE].alias("place"),
        ]
    )
    if wide:
        records = _long(base, perplexities)
    else:
        records = base.with_columns(series.alias("perplexity") for series in perplexities.values())
    records = records.select(
        *(
            pl.col(field)
            if field in records.columns
            else pl.lit(None, TYPES[about.kind]).alias(field)
            for field, about in FIELDS.items()
        ),
        "place",
    )
    lower = pl.col("architecture").str.to_lowercase()
    return filled(records, mapped, FIELDS).with_columns(lower)


def _scores(
    perplexity: Mapping[str, Any] | None, benchmarks: Mapping[str, Any]
) -> tuple[bool, dict[str, Any]]:
    """Whether there is a perplexity column for each benchmark, and the columns."""
    if perplexity is None:  # of a source that others are joined with
        return False, {}
    if "column" in perplexity:
        return False, {"": perplexity}
    ordered = [benchmark for benchmark in benchmarks["definitions"] if benchmark in perplexity]
    return True, {benchmark: perplexity[benchmark] for benchmark in ordered}


def _long(base: pl.DataFrame, scores: Mapping[str, pl.Series]) -> pl.DataFrame:
    """One record for each perplexity; a row without any stays as one record."""
    base = base.with_row_index("position")
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
    return pl.concat([*parts, without]).sort("position", maintain_order=True).drop("position")


def _perplexity(
    read: Reader,
    measured: pl.Series,
    column: str,
    benchmarks: pl.Series | None,
    metric: str,
    test_sets: Mapping[str, Mapping[str, int | None]],
) -> pl.Series:
    """Token-level perplexity of what was measured."""
    if metric == "perplexity":
        return measured
    values: list[float | None] = []
    for row, value in enumerate(measured):
        benchmark = None if benchmarks is None else benchmarks[row]
        values.append(None)
        if value is not None:
            try:
                values[-1] = to_perplexity(metric, value, test_sets.get(benchmark or ""))
            except ValueError as error:
                fix = f"benchmark {benchmark}: {error}"
                read.unreadable.append((row, column, str(value), fix))
    return pl.Series(values, dtype=pl.Float64)
