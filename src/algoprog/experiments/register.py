"""Registers of sweeps: runs, checkpoints and printed constants as CSV, checked and typed.

The module knows columns and units; it knows no laws. A register of runs has one row for each run
and evaluation set, a register of curves one row for each checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.register import Line, read_register
from algoprog.experiments.frontiers import Checkpoints
from algoprog.experiments.laws import Runs

# Natural units of loss that a register may be in, and what makes nats of them.
UNITS = {"nats_per_token": 1.0, "bits_per_token": math.log(2.0)}
RUN_COLUMNS = ("parameters", "tokens", "loss", "evaluation", "unit")
CURVE_COLUMNS = ("recipe", "protocol", "run", "compute", "loss")
_MEANING = {
    "parameters": "the count of parameters",
    "tokens": "the tokens seen in training",
    "loss": "the loss at the end of the run",
    "evaluation": "the evaluation set",
    "unit": f"the unit of the loss ({', '.join(UNITS)})",
    "recipe": "the recipe of the run",
    "protocol": "the protocol of learning rates",
    "run": "the name of the run",
    "compute": "the FLOP spent so far",
}


@dataclass(frozen=True)
class Row(Line):
    """One row of a register of sweeps or of a study."""

    def positive(self, column: str, where: str) -> float:
        """Return a cell as a number above 0.

        Raises
        ------
        InputError
            naming the line and column of anything else.
        """
        found = self.text(column)
        try:
            value = float(found)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > 0):
            place = f"line {self.number}, column {column}"
            raise InputError(where, place, found or None, "give a number above 0")
        return value


def read_rows(
    content: bytes, where: str, columns: Iterable[str], names: Mapping[str, str] | None = None
) -> list[Row]:
    """Return the rows of a CSV register that must have ``columns``.

    ``names`` says what the file calls a column, where it calls it otherwise.

    Raises
    ------
    InputError
        for a file that is no CSV, a column that is missing, or a file without rows.
    """
    called = dict(names or {})
    register = read_register(content, where)
    for column in columns:
        own, meaning = called.get(column, column), _MEANING.get(column, column)
        fix = f"add the column {own!r} ({meaning}), or say under `columns` what it is called"
        register.check_columns([own], fix)
    renamed = {own: column for column, own in called.items()}
    rows = [
        Row(line.number, {renamed.get(key, key): cell for key, cell in line.cells.items()})
        for line in register.lines
    ]
    if not rows:
        raise InputError(where, "rows", 0, "give at least one row below the header")
    return rows


@dataclass(frozen=True)
class SweepSource:
    """Where the runs of a sweep are, and what its file calls them.

    Attributes
    ----------
    name : the sweep; where the file has a column ``sweep``, only its rows are read.
    file : what errors call the file.
    columns : names of the file's columns where they differ from ours.
    unit : of the loss, for a file without a column ``unit``.
    """

    name: str
    file: str
    columns: Mapping[str, str]
    unit: str | None = None


def read_runs(content: bytes, source: SweepSource) -> dict[str, Runs]:
    """Return the runs of a sweep by evaluation set, with losses in nats per token.

    Raises
    ------
    InputError
        for a missing column, a number that is not above 0, an unknown unit, or two units on one
        evaluation set.
    """
    needed = [name for name in RUN_COLUMNS if name != "unit" or source.unit is None]
    rows = read_rows(content, source.file, needed, source.columns)
    if "sweep" in rows[0].cells:
        rows = [row for row in rows if row.text("sweep") == source.name]
        if not rows:
            fix = "name a sweep that is in the column `sweep`"
            raise InputError(source.file, "column sweep", source.name, fix)
    units: dict[str, tuple[str, int]] = {}
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows:
        unit = _unit(row, source)
        evaluation = row.text("evaluation")
        first, line = units.setdefault(evaluation, (unit, row.number))
        if unit != first:
            place = f"line {row.number}, column unit"
            fix = f"line {line} has {first} on {evaluation}: convert one of the two"
            raise InputError(source.file, place, unit, fix)
        values = [row.positive(column, source.file) for column in ("parameters", "tokens", "loss")]
        found.setdefault(evaluation, []).append((values[0], values[1], values[2] * UNITS[unit]))
    return {name: Runs(*np.array(values).T.copy()) for name, values in found.items()}


def _unit(row: Row, source: SweepSource) -> str:
    unit = source.unit or row.text("unit")
    if unit not in UNITS:
        place = f"line {row.number}, column unit"
        fix = f"the loss of a sweep is in one of {', '.join(UNITS)}"
        raise InputError(source.file, place, unit or None, fix)
    return unit


@dataclass(frozen=True)
class Curves:
    """Checkpoints of a register of curves: cells by row, and the numbers."""

    recipe: tuple[str, ...]
    protocol: tuple[str, ...]
    run: tuple[str, ...]
    compute: NDArray[np.float64]
    loss: NDArray[np.float64]

    def of(self, recipes: Iterable[str], protocols: Iterable[str]) -> Checkpoints:
        """Return the checkpoints of some recipes under some protocols of learning rates.

        Raises
        ------
        InputError
            where there are none.
        """
        wanted, under = set(recipes), set(protocols)
        pairs = list(zip(self.recipe, self.protocol, strict=True))
        kept = np.array([recipe in wanted and protocol in under for recipe, protocol in pairs])
        if not kept.any():
            found = f"{', '.join(sorted(wanted))} under {', '.join(sorted(under))}"
            known = ", ".join(sorted({f"{recipe}/{protocol}" for recipe, protocol in pairs}))
            raise InputError("sweep curves", "recipe and protocol", found, f"known are {known}")
        keys = [(*pairs[i], self.run[i]) for i in np.flatnonzero(kept)]
        numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        return Checkpoints(
            self.compute[kept], self.loss[kept], np.array([numbers[key] for key in keys])
        )


def read_curves(content: bytes, where: str) -> Curves:
    """Return the checkpoints of a register of curves.

    Raises
    ------
    InputError
        for a missing column or a number that is not above 0.
    """
    rows = read_rows(content, where, CURVE_COLUMNS)
    return Curves(
        recipe=tuple(row.text("recipe") for row in rows),
        protocol=tuple(row.text("protocol") for row in rows),
        run=tuple(row.text("run") for row in rows),
        compute=np.array([row.positive("compute", where) for row in rows]),
        loss=np.array([row.positive("loss", where) for row in rows]),
    )


def read_published(content: bytes, where: str) -> dict[str, float]:
    """Return printed constants by their id."""
    rows = read_rows(content, where, ("id", "value"))
    return {row.text("id"): row.positive("value", where) for row in rows}
