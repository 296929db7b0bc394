"""Files of records as tables of texts: CSV, Parquet, JSON, lm-evaluation-harness results."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.common.decoding import decode
from algoprog.common.errors import InputError
from algoprog.records.parse.text import check_cells, check_names, text_table
from algoprog.records.specification import Form

_PARQUET_MEMORY = "1GB"
_PARQUET_UNPACKED = 2_000_000_000  # bytes


def parse_csv(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a CSV file (UTF-8, comma, header in the first line), every cell a text.

    Rows without any content are left out, but counted. Columns without a name are left out.

    Raises
    ------
    InputError
        if it is not CSV (HTML, a spreadsheet or another binary file, rows of unequal length), or
        has no rows or two columns of one name.
    """
    rows = csv.reader(io.StringIO(decode(content, where, "CSV"), newline=""), strict=True)
    cells: list[list[str]] = []
    numbers: list[int] = []
    places: list[str] = []
    header: list[str] = []
    line = 1
    count = 0
    try:
        for row in rows:
            first, line = line, rows.line_num + 1
            if not header:
                header = [name.strip() for name in row]
                continue
            if not row:  # an empty line is no row
                continue
            count += 1
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                found = f"{len(row)} cells under {len(header)} column names"
                fix = "give CSV: put a text that holds a comma or a quote in quotes"
                raise InputError(where, f"line {first}", found, fix)
            cells.append(row)
            numbers.append(count)
            places.append(f"line {first}")
    except csv.Error as error:
        raise InputError(where, f"line {line}", str(error), "give a file in CSV format") from None
    named = [i for i, name in enumerate(header) if name]
    check_names(where, "header", [header[i] for i in named])
    if not cells:
        fix = "give a CSV file with a header and a row for each system or evaluation"
        raise InputError(where, "", "no records", fix)
    columns = {header[i]: [row[i] for row in cells] for i in named}
    return text_table(where, columns, places, numbers=numbers)


# --- Parquet -------------------------------------------------------------------------------------


def parse_parquet(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a Parquet file, values as DuckDB writes them (2019-02-14, 1.5e+18).

    Raises
    ------
    InputError
        if it is not Parquet, is damaged, holds more than fits into 1 GB, or has no rows.
    """
    import duckdb  # here, for it takes longer to import than most sources to read

    fix = "give a Parquet file that is whole"
    if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
        raise InputError(where, "", "no Parquet file", fix)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder, "source.parquet")
        path.write_bytes(content)
        try:
            connection.execute(f"SET memory_limit = '{_PARQUET_MEMORY}'")
            connection.execute("SET temp_directory = ''")
            connection.execute("SET threads = 1")
            about = connection.execute(
                "SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata(?)",
                [str(path)],
            ).fetchone()
            unpacked = about[0] if about else 0
            if unpacked > _PARQUET_UNPACKED:
                small = f"give one that unpacks to at most {_PARQUET_UNPACKED / 1e9:.0f} GB"
                raise InputError(where, "size", f"{unpacked / 1e9:.3g} GB unpacked", small)
            source = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(path)])
            names = [str(column[0]) for column in source.description]
            counted = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)])
            height = (counted.fetchone() or (0,))[0]
            check_cells(where, height, len(names))
            rows = connection.execute(
                "SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)]
            ).fetchall()
        except (duckdb.Error, UnicodeDecodeError, MemoryError, RuntimeError) as error:
            found = str(error).splitlines()[0].replace(str(path), "the file")[:200]
            raise InputError(where, "", found or type(error).__name__, fix) from None
    check_names(where, "columns", names)
    if not rows or not names:
        raise InputError(where, "", "no records", "give a Parquet file with rows")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return text_table(where, columns, [f"row {number}" for number in range(1, len(rows) + 1)])


# --- JSON ----------------------------------------------------------------------------------------


def parse_json(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of the records of a JSON file at the path `form.records`.

    The path ("results.entries") leads to a list of objects. A number is the text it is written as,
    so that none is rounded; a key within an object within a record is a column "outer.inner"; a
    list is its JSON text.

    Raises
    ------
    InputError
        if it is not JSON, is nested too deeply, or has no list of objects there.
    """
    records = _load(decode(content, where, "JSON"), where, "")
    path = form.records
    for key in filter(None, path.split(".")):
        if not isinstance(records, dict) or key not in records:
            there = ", ".join(map(str, records)) if isinstance(records, dict) else "no keys there"
            fix = f"correct the source's records; the keys there are: {there[:300]}"
            raise InputError(where, "records", path, fix)
        records = records[key]
    place = path or "the file"
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        fix = "give the path of a list of objects, such as records: results.entries"
        raise InputError(where, place, type(records).__name__, fix)
    if not records:
        raise InputError(where, place, "no records", "give a list with an object for each record")
    rows = []
    for number, record in enumerate(records):
        try:
            rows.append(_flat(record))
        except (RecursionError, ValueError) as error:
            found = str(error) if isinstance(error, ValueError) else "nested too deeply"
            fix = "give records of plain values"
            raise InputError(where, f"{path}[{number}]", found, fix) from None
    return _of_rows(rows, [f"{path}[{number}]" for number in range(len(rows))], where)


def _load(text: str, where: str, place: str) -> Any:
    """A JSON document, numbers as texts."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        line = f"{place}, line {error.lineno}" if place else f"line {error.lineno}"
        raise InputError(where, line, error.msg, "give a file in JSON format") from None
    except RecursionError:
        fix = "give JSON that is not as deeply nested"
        raise InputError(where, place, "nested too deeply", fix) from None


def _flat(record: dict[str, Any]) -> dict[str, str | None]:
    """A record's values by their path; a path that two values have is a ValueError."""
    row: dict[str, str | None] = {}
    pending = [(str(key), value) for key, value in reversed(list(record.items()))]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{key}.{inner}", part) for inner, part in reversed(list(value.items()))]
            if len(key) > 1000:
                raise ValueError("nested too deeply")
        elif key in row:
            raise ValueError(f"two values of {key}")
        elif value is None or isinstance(value, str):
            row[key] = value
        else:
            row[key] = json.dumps(value, ensure_ascii=False)
    return row


def _of_rows(
    rows: Sequence[Mapping[str, str | None]], places: Sequence[str], where: str
) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row if name))
    check_names(where, "keys", names)
    check_cells(where, len(rows), len(names))
    if not names:
        raise InputError(where, "", "no records", "give records with values")
    return text_table(where, {name: [row.get(name) for row in rows] for name in names}, places)


# --- lm-evaluation-harness -----------------------------------------------------------------------


def harness_bundle(folder: Path) -> bytes:
    """Return the results in a folder, as :func:`parse_lm_eval_harness` reads them.

    It is a JSON object {"files": {path within the folder: text}} of all files results*.json, at
    any depth, in the order of their paths: the same folder gives the same bytes.

    Raises
    ------
    InputError
        if there is none, or one is not UTF-8.
    """
    texts = {}
    for path in sorted(folder.rglob("results*.json"), key=lambda path: path.as_posix()):
        name = path.relative_to(folder).as_posix()
        texts[name] = decode(path.read_bytes(), str(folder), "JSON")
    if not texts:
        fix = "give the folder the harness wrote to (--output_path), with its results*.json"
        raise InputError(str(folder), "location", "no results", fix)
    return json.dumps({"files": texts}, ensure_ascii=False).encode()


def parse_lm_eval_harness(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of results of lm-evaluation-harness, a row for each file and task.

    `content` is one results file, or what :func:`harness_bundle` makes of a folder. Columns:

    - model_name, model_source, model_args, model_num_parameters (blank where the harness did not
      know), evaluated (the day of the *evaluation*, UTC, not of the model's publication);
    - task, version, n_shot;
    - every metric of the task under its name: `word_perplexity` for "word_perplexity,none" (as
      older versions wrote it), `exact_match,strict-match` where a filter is named. "N/A" is blank.

    `word_perplexity` is per word and `byte_perplexity` per byte; neither is per token.

    Raises
    ------
    InputError
        if it is not such a file, or holds results of a part of the test set (`--limit`).
    """
    document = _load(decode(content, where, "JSON"), where, "")
    documents = {"": document}
    if isinstance(document, dict) and isinstance(document.get("files"), dict):
        documents = {}
        for name, text in document["files"].items():
            if not isinstance(text, str):
                raise InputError(where, name, type(text).__name__, "give the text of each file")
            documents[name] = _load(text, where, name)
    rows: list[dict[str, str | None]] = []
    places: list[str] = []
    for name, results in documents.items():
        for task, row in _harness_rows(results, where, name).items():
            rows.append(row)
            places.append(f"{name}, task {task}" if name else f"task {task}")
    if not rows:
        raise InputError(where, "", "no records", "give results with at least one task")
    return _of_rows(rows, places, where)


def _harness_rows(results: Any, where: str, place: str) -> dict[str, dict[str, str | None]]:
    fix = "give a results file of lm-evaluation-harness: an object with `results` by task"
    tasks = results.get("results") if isinstance(results, dict) else None
    if not isinstance(tasks, dict) or not all(isinstance(task, dict) for task in tasks.values()):
        raise InputError(where, place, "no results by task", fix)
    config = _object(results, "config")
    parameters = _scalar(config.get("model_num_parameters"))
    model = {
        "model_name": _scalar(results.get("model_name")) or _model_of(config.get("model_args")),
        "model_source": _scalar(results.get("model_source")) or _scalar(config.get("model")),
        "model_args": _scalar(config.get("model_args")),
        "model_num_parameters": None if parameters == "-1" else parameters,
        "evaluated": _day(results.get("date")),
    }
    if _scalar(config.get("limit")) is not None:
        found = f"--limit {_scalar(config.get('limit'))}"
        fix = "evaluate on the whole test set, or take the file away"
        raise InputError(where, f"{place}, config.limit" if place else "config.limit", found, fix)
    rows = {}
    for task, measured in tasks.items():
        row = {
            **model,
            "task": task,
            "version": _scalar(_object(results, "versions").get(task)),
            "n_shot": _scalar(_object(results, "n-shot").get(task)),
        }
        for key, value in measured.items():
            metric = key.removesuffix(",none").strip()
            if metric == "alias":
                continue
            if metric in row:
                raise InputError(where, f"{place}, task {task}", key, "give each metric once")
            text = _scalar(value)
            row[metric] = None if text == "N/A" else text
        rows[task] = row
    return rows


def _object(results: dict[str, Any], key: str) -> dict[str, Any]:
    value = results.get(key)
    return value if isinstance(value, dict) else {}


def _scalar(value: Any) -> str | None:
    """A value as a text; an object or list, which is no value of a column, as its JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "nested too deeply"


def _model_of(arguments: Any) -> str | None:
    """The model in the arguments of older versions, which do not name it elsewhere."""
    if isinstance(arguments, dict):
        arguments = ",".join(f"{key}={value}" for key, value in arguments.items())
    given = dict(
        argument.split("=", 1) for argument in str(arguments or "").split(",") if "=" in argument
    )
    return next(
        (given[key] for key in ("peft", "delta", "pretrained", "model") if key in given), None
    )


def _day(date: Any) -> str | None:
    try:
        moment = datetime.datetime.fromtimestamp(float(date), datetime.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return moment.date().isoformat()
