"""From the last run's log to this run's: the difference, the refits, the event and its lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from algoprog.common.integrity import checksum
from algoprog.records.sample import Sample
from algoprog.synthesis.change_log import FIRST, Log, event, lines, nothing, numbered
from algoprog.synthesis.changes import Snapshot, difference
from algoprog.synthesis.undone import Analysis, without_each

PACKAGE = Path(__file__).parents[1]


def program(package: Path = PACKAGE) -> str:
    """Return a checksum of the package's modules but for those that only show results."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if not name.startswith("report/"):
            digest.update(f"{name}\n{checksum(path)}\n".encode())
    return digest.hexdigest()


def checksums(paths: Iterable[Path]) -> dict[str, str]:
    """Return the checksum of each file by its path."""
    return {path.as_posix(): checksum(path) for path in paths}


def as_json(settings: Any) -> Any:
    """Return settings as they come back from a file, so that two runs' are compared as equals."""
    return json.loads(json.dumps(settings))


@dataclass(frozen=True)
class Since:
    """The log after a run, and the lines that its end is told by."""

    log: Log
    lines: list[str]


def since(log: Log, now: Snapshot, analysis: Analysis, sample: Sample, day: date) -> Since:
    """Return what moved since the run of a log: its event, if it has any, with every refit.

    Parameters
    ----------
    log : of the runs before.
    now : what this run found, its rows being those of ``sample``.
    analysis : the headline's.
    day : of this run.
    """
    if log.last is None:
        return Since(log.after(now, []), [FIRST])
    differ = difference(log.last, now)
    if not differ.worth_telling:
        return Since(log.after(now, []), [nothing(log.rows)])
    answers = without_each(analysis, sample, differ.sample)
    rows = numbered(event(log.last, now, differ, answers), log.events + 1, day)
    return Since(log.after(now, rows), lines(rows))
