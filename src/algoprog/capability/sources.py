"""Scores from further sources: any CSV by a mapping of columns, and the hub's export as it stands.

A source becomes the register's schema, so all that follows, from checks to exclusions, is the same
for each. Aliases turn a source's names of versions and benchmarks into the register's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from algoprog.capability.registers import (
    BENCHMARKS,
    SCORES,
    VERSIONS,
    Field,
    canonical,
    checked_frame,
    known_benchmarks,
)
from algoprog.common.errors import InputError
from algoprog.common.register import read_register
from algoprog.common.rows import Plain

NAMES = tuple(entry.name for entry in SCORES)
# Columns of the hub's export, by our name.
EXPORT = {
    "model_version": "Model version",
    "standard_error": "stderr",
    "shots": "Shots",
    "source": "Source",
    "link": "Source link",
    "record": "id",
}
TASK = "task"  # column of the export's file of Epoch's own runs, which holds several benchmarks
MOST_DIGITS = 12  # significant digits of a score that a division leaves


@dataclass(frozen=True)
class ScoreSource:
    """Where scores are read from, and how.

    columns    the source's column for each of our fields; a field left out has our own name
    divisor    what turns a score into a fraction (100 for per cent)
    constants  values of fields that are the same in every row
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    divisor: float = 1.0
    constants: Mapping[str, str] = field(default_factory=dict)


def read_source(content: bytes, source: ScoreSource, where: str) -> pl.DataFrame:
    """Return a CSV's scores in the register's schema.

    Raises
    ------
    InputError
        for a mapped column that is missing, a cell at fault, a score outside [0, 1] after the
        division, and a divisor of scores that are fractions already.
    """
    register = read_register(content, where)
    header = register.header
    mapped = {name: source.columns.get(name, name) for name in NAMES}
    needed = {"model_version", "benchmark", "score"} - set(source.constants)
    for name in (*source.columns, *sorted(needed)):
        if mapped.get(name, "") not in header:
            fix = f"name one of its columns: {', '.join(header)}"
            raise InputError(where, f"line 1, {name}", mapped.get(name), fix)
    rows = []
    for line in register.lines:
        row = {
            name: source.constants.get(name, line.text(column)) for name, column in mapped.items()
        }
        place = f"line {line.number}, column {mapped['score']}"
        rows.append(row | {"score": _divided(row["score"], source.divisor, where, place)})
    _already_fractions(rows, source.divisor, where, mapped["score"])
    return checked_frame(_written(rows), SCORES, where)


def _divided(text: str, divisor: float, where: str, place: str) -> str:
    """Return a score's text divided, with the per-cent sign left out."""
    number = text.rstrip("% ")
    if divisor == 1.0 or not number:
        return number
    try:
        return f"{float(number) / divisor:.{MOST_DIGITS}g}"
    except ValueError:
        raise InputError(where, place, text, "give a number, or leave the cell blank") from None


def _already_fractions(rows: list[dict[str, str]], divisor: float, where: str, column: str) -> None:
    scores = [float(row["score"]) * divisor for row in rows if row["score"]]
    if divisor > 1 and scores and 0 < max(scores) <= 1:
        fix = f"leave out the divisor of {divisor:g}: the largest score is {max(scores):g}"
        raise InputError(where, f"column {column}", "fractions", fix)


def _written(rows: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read_export(files: Mapping[str, bytes], benchmarks: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the scores of the hub's export, a file for each benchmark, as it stands.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by the name of the file.
    benchmarks : DataFrame
        The register of benchmarks: `export_file`, `export_column`, `export_divisor`.
    where : str
        What errors call the export.

    Raises
    ------
    InputError
        for a cell at fault, and if no file is that of a benchmark.
    """
    frames = []
    for row in benchmarks.sort("benchmark").iter_rows(named=True):
        content = files.get(row["export_file"] or "")
        if content is None:
            continue
        name = f"{where}/{row['export_file']}"
        header = read_register(content, name).header
        columns = {ours: theirs for ours, theirs in EXPORT.items() if theirs in header}
        columns["score"] = row["export_column"]
        constants = {"benchmark": row["benchmark"]}
        if TASK in header:
            columns, constants = columns | {"benchmark": TASK}, {}
        source = ScoreSource(name, columns, row["export_divisor"] or 1.0, constants)
        frame = read_source(content, source, name)
        frames.append(frame.filter(pl.col("benchmark") == row["benchmark"]))
    if not frames:
        fix = "give the folder of the export, with the files that the register of benchmarks names"
        raise InputError(where, "", ", ".join(sorted(files)) or None, fix)
    return pl.concat(frames)


def merge_scores(
    frames: Mapping[str, pl.DataFrame], aliases: Mapping[str, str], benchmarks: pl.DataFrame
) -> pl.DataFrame:
    """Return the scores of all sources one after the other, names replaced by aliases.

    Raises
    ------
    InputError
        for a benchmark that the register does not define.
    """
    merged = []
    for name, frame in frames.items():
        renamed = frame.with_columns(
            canonical(frame["model_version"], aliases), canonical(frame["benchmark"], aliases)
        )
        known_benchmarks(renamed, benchmarks, name)
        merged.append(renamed)
    return pl.concat(merged)


def added(
    register: pl.DataFrame,
    entries: Mapping[str, Plain],
    key: str,
    fields: tuple[Field, ...],
    where: str,
) -> pl.DataFrame:
    """Return a register with entries of the configuration; one of a known name replaces its facts.

    Raises
    ------
    InputError
        for a value that is none of its column.
    """
    if not entries:
        return register
    rows = []
    for name, facts in entries.items():
        known = register.filter(pl.col(key) == name)
        row = dict(known.row(0, named=True)) if len(known) else dict.fromkeys(register.columns)
        for entry in fields:
            if entry.name in facts:
                text = "" if facts[entry.name] is None else str(facts[entry.name])
                row[entry.name] = entry.read(text, where, name)
        rows.append(row | {key: name, "line": row["line"] or 0})
    new = pl.DataFrame(rows, schema=register.schema, orient="row")
    return pl.concat([register.join(new, on=key, how="anti", maintain_order="left"), new])


def added_versions(
    register: pl.DataFrame, entries: Mapping[str, Plain], where: str
) -> pl.DataFrame:
    """Return the register of versions with those that the configuration adds or corrects."""
    return added(register, entries, "model_version", VERSIONS, where)


def added_benchmarks(
    register: pl.DataFrame, entries: Mapping[str, Plain], where: str
) -> pl.DataFrame:
    """Return the register of benchmarks with those that the configuration adds or corrects."""
    return added(register, entries, "benchmark", BENCHMARKS, where)
