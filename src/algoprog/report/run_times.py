"""Run times of a run's stages, summed from Snakemake's benchmark files."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def run_times(folder: Path, stages: Mapping[str, str]) -> list[Row]:
    """Jobs and seconds of each stage, in the order of `stages`; those without a job are left out.

    Parameters
    ----------
    folder : of benchmark files, ``<rule>.tsv`` or ``<rule>/...tsv``, a line for each repetition.
    stages : the stage of each rule; files of other rules are not of this workflow.

    Returns
    -------
    Rows of stage, jobs, seconds (wall), cpu_seconds, longest (seconds of the longest job), rules.
    """
    rows_by_stage: dict[str, Row] = {
        stage: {"stage": stage, "jobs": 0, "seconds": 0.0, "cpu_seconds": 0.0}
        | {"longest": 0.0, "rules": []}
        for stage in stages.values()
    }
    for path in sorted(folder.rglob("*.tsv")):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        if rule not in stages:
            continue
        row = rows_by_stage[stages[rule]]
        for line in _lines(path):
            row["jobs"] += 1
            row["seconds"] += line["s"]
            row["cpu_seconds"] += line["cpu_time"]
            row["longest"] = max(row["longest"], line["s"])
            if rule not in row["rules"]:
                row["rules"].append(rule)
    return [row for row in rows_by_stage.values() if row["jobs"]]


def _lines(path: Path) -> Iterable[dict[str, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            # A job too short to be looked at has NA for all but its seconds.
            yield {name: _number(line.get(name)) for name in ("s", "cpu_time")}


def _number(text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
