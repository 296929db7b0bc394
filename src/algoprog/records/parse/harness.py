"""Results of EleutherAI's lm-evaluation-harness, and of leaderboards that ran it, as a table.

Three layouts are read: the harness's from version 0.2 to now, which versions of the Open LLM
Leaderboard from 2 on use too, and that of its version 1 (`config_general`).
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records.parse.folders import texts_of
from algoprog.records.parse.structured import load, table_of
from algoprog.records.specification import Form

Row = dict[str, str | None]

_RESULTS = re.compile(r"(?:.*/)?results[^/]*\.json(?:\.gz|\.zst)?")
_NO_RESULTS = "no results by task"
_WHOLE = "evaluate on the whole test set, or take the file away"


@dataclass(frozen=True)
class Skipped:
    """A file of a folder that is not read, and why."""

    file: str
    reason: str


def parse_lm_eval_harness(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of results of lm-evaluation-harness, a row for each file and task.

    `content` is one results file, or a bundle of a folder
    (:func:`~algoprog.records.parse.folders.bundle`). Of a folder, a file called `results*.json`
    must hold results; any other that does not is skipped (:func:`skipped_files`). Columns:

    - system: the model's name, with "+" and the adapter that is put on it (`peft`, `delta`), and
      with "@" and its revision where one other than main is given;
    - model_name, model_source, model_args, revision, precision, model_num_parameters (blank where
      the harness did not know), evaluated (the day of the *evaluation*, UTC, not of the model's
      publication), file (its path within the folder);
    - task, version, n_shot, n_samples;
    - every metric of the task under its name: `word_perplexity` for "word_perplexity,none" (as
      older versions wrote it), `exact_match,strict-match` where a filter is named. "N/A" is blank.

    `word_perplexity` is per word and `byte_perplexity` per byte; neither is per token.

    Raises
    ------
    InputError
        if it is not such a file, or holds results of a part of the test set (`--limit`, or fewer
        samples than there are).
    """
    rows: list[Row] = []
    places: list[str] = []
    for name, document in _documents(content, where):
        if isinstance(document, Skipped):
            continue
        for task, row in _rows(document, where, name).items():
            rows.append({**row, "file": name or None})
            places.append(f"{name}, task {task}" if name else f"task {task}")
    if not rows:
        skipped = skipped_files(content, where)
        fix = "give results with at least one task"
        if skipped:
            fix += f"; without any: {', '.join(one.file for one in skipped[:10])}"
        raise InputError(where, "", "no records", fix)
    return table_of(rows, places, where)


def skipped_files(content: bytes, where: str) -> list[Skipped]:
    """Return the files of a folder that hold no results, in their order."""
    return [document for _, document in _documents(content, where) if isinstance(document, Skipped)]


def _documents(content: bytes, where: str) -> Iterator[tuple[str, Any]]:
    """Each file's path and document; why it is skipped in place of a document without results."""
    for name, text in texts_of(content, where).items():
        must = not name or _RESULTS.fullmatch(name)
        try:
            document = load(text, where, name)
        except InputError as error:
            if must:
                raise
            yield name, Skipped(name, f"no JSON: {error.value}")
            continue
        if not must and not _has_tasks(document):
            yield name, Skipped(name, _NO_RESULTS)
        else:
            yield name, document


def _has_tasks(document: Any) -> bool:
    tasks = document.get("results") if isinstance(document, dict) else None
    return isinstance(tasks, dict) and all(isinstance(task, dict) for task in tasks.values())


# --- one file ------------------------------------------------------------------------------------


def _rows(results: Any, where: str, place: str) -> dict[str, Row]:
    """The row of each task of a file."""
    if not _has_tasks(results):
        fix = "give a results file of lm-evaluation-harness: an object with `results` by task"
        raise InputError(where, place, _NO_RESULTS, fix)
    _check_whole(results, where, place)
    model = _model(results)
    rows = {}
    for task, measured in results["results"].items():
        row: Row = {**model, **_about(results, task)}
        for key, value in measured.items():
            metric = key.removesuffix(",none").strip()
            if metric in ("alias", ""):
                continue
            if metric in row:
                raise InputError(where, f"{place}, task {task}", key, "give each metric once")
            text = _scalar(value)
            row[metric] = None if text == "N/A" else text
        rows[task] = row
    return rows


def _check_whole(results: Mapping[str, Any], where: str, place: str) -> None:
    """Refuse results of a part of the test set."""
    start = f"{place}, " if place else ""
    for section, key in (("config", "limit"), ("config_general", "max_samples")):
        limit = _scalar(_object(results, section).get(key))
        if limit is not None:
            option = "--limit" if key == "limit" else key
            raise InputError(where, f"{start}{section}.{key}", f"{option} {limit}", _WHOLE)
    for task, samples in _object(results, "n-samples").items():
        there, used = _samples(samples)
        if there is not None and used is not None and used < there:
            found = f"{used:g} of {there:g} samples"
            raise InputError(where, f"{start}n-samples.{task}", found, _WHOLE)


def _samples(samples: Any) -> tuple[float | None, float | None]:
    """The samples of a test set, and how many of them were used."""
    if not isinstance(samples, dict):
        return None, None
    return _number(samples.get("original")), _number(samples.get("effective"))


def _model(results: Mapping[str, Any]) -> Row:
    """What a file says of the model, in whichever layout."""
    config, general = _object(results, "config"), _object(results, "config_general")
    arguments = _arguments(config.get("model_args"))
    name = _first(
        results.get("model_name"),
        general.get("model_name"),
        config.get("model_name"),
        *(arguments.get(key) for key in ("peft", "delta", "pretrained", "model", "engine")),
    )
    revision = _first(
        arguments.get("revision"),
        config.get("model_revision"),
        general.get("model_revision"),
        general.get("model_sha"),
    )
    parameters = _scalar(config.get("model_num_parameters"))
    named = revision if revision not in (None, "main") and _given(revision, general) else None
    adapter = _first(arguments.get("peft"), arguments.get("delta"))
    system = f"{name}+{adapter}" if name and adapter and adapter != name else name
    return {
        "system": f"{system}@{named}" if system and named else system,
        "model_name": name,
        "model_source": _first(results.get("model_source"), config.get("model")),
        "model_args": _scalar(config.get("model_args")),
        "revision": revision,
        "precision": _precision(config, general, arguments),
        "model_num_parameters": None if parameters == "-1" else parameters,
        "evaluated": _day(_first(results.get("date"))),
    }


def _given(revision: str | None, general: Mapping[str, Any]) -> bool:
    """Whether a revision was asked for, and is not merely the commit that was found."""
    return revision != _scalar(general.get("model_sha"))


def _precision(
    config: Mapping[str, Any], general: Mapping[str, Any], arguments: Mapping[str, str]
) -> str | None:
    """The type of the weights ("bfloat16"), with the bits they are loaded in, if fewer."""
    asked = arguments.get("dtype")
    kind = _first(
        None if asked == "auto" else asked,
        config.get("model_dtype"),
        general.get("model_dtype"),
        asked,
    )
    kind = kind.removeprefix("torch.") if kind else None
    bits = [
        f"{n}bit" for n in (4, 8) if arguments.get(f"load_in_{n}bit", "").lower() in ("true", "1")
    ]
    bits += [key for key in ("gptq", "autogptq") if arguments.get(key, "False") != "False"]
    return " ".join([*([kind] if kind else []), *bits]) or None


def _about(results: Mapping[str, Any], task: str) -> Row:
    """What a file says of a task besides its metrics."""
    few = _object(_object(results, "summary_tasks"), task).get("effective_few_shots")
    shots = _first(
        _object(results, "n-shot").get(task), _object(results, "config").get("num_fewshot"), few
    )
    used = _object(_object(results, "n-samples"), task).get("effective")
    return {
        "task": task,
        "version": _scalar(_object(results, "versions").get(task)),
        "n_shot": shots,
        "n_samples": _scalar(used),
    }


# --- values --------------------------------------------------------------------------------------


def _object(results: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = results.get(key)
    return value if isinstance(value, dict) else {}


def _first(*values: Any) -> str | None:
    """The first of some values that is there."""
    return next((text for text in map(_scalar, values) if text), None)


def _scalar(value: Any) -> str | None:
    """A value as a text; an object or list, which is no value of a column, as its JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "nested too deeply"


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _arguments(given: Any) -> dict[str, str]:
    """The arguments of a model, which older versions write as a text: "pretrained=m,dtype=x"."""
    if isinstance(given, dict):
        return {str(key): str(value) for key, value in given.items()}
    parts = (part.split("=", 1) for part in str(given or "").split(",") if "=" in part)
    return {key.strip(): value.strip() for key, value in parts}


def _day(date: str | None) -> str | None:
    try:
        moment = datetime.datetime.fromtimestamp(float(date or ""), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date().isoformat()
