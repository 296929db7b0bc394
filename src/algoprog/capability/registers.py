"""Registers of scores, model versions, benchmarks and time horizons, read and checked.

Each reader takes the bytes of a CSV file in our schema (data/raw/README.md) and returns a frame
with one more column, `line`, the line of the file that a row began on. A blank cell is null.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.days import FIRST_DAY, latest_day
from algoprog.common.errors import InputError
from algoprog.common.register import read_register

Check = Callable[[Any], str | None]
_LEAST_COMPUTE, _MOST_COMPUTE = 1e15, 1e30
FRACTION = "give the score as a fraction between 0 and 1"


def _fraction(value: float) -> str | None:
    if 0.0 <= value <= 1.0:
        return None
    percent = "; it looks like a percentage: divide by 100" if 1.0 < value <= 100.0 else ""
    return FRACTION + percent


def _positive(value: float) -> str | None:
    return None if value > 0.0 else "give a number above 0, or leave the cell blank"


def _compute(value: float) -> str | None:
    """What to do about training compute that no model of these registers can have had."""
    if _LEAST_COMPUTE <= value <= _MOST_COMPUTE:
        return None
    return (
        f"give FLOP, from {_LEAST_COMPUTE:g} to {_MOST_COMPUTE:g} (3.8e25, and not 38 in units of "
        "1e24), or leave the cell blank"
    )


def _happened(value: datetime.date) -> str | None:
    if FIRST_DAY <= value <= latest_day():
        return None
    return f"give a day from {FIRST_DAY} to today, or leave the cell blank"


def _guessing(value: float) -> str | None:
    return None if 0.0 <= value < 1.0 else "give the share that guessing solves, from 0 to below 1"


def _flag(value: float) -> str | None:
    return None if value in (0.0, 1.0) else "give 1 (yes) or 0 (no), or leave the cell blank"


@dataclass(frozen=True)
class Field:
    """A column of a register: its name, its kind (text, number, date) and what it may hold."""

    name: str
    kind: str = "text"
    required: bool = False
    check: Check | None = None

    def read(self, text: str, where: str, place: str) -> Any:
        """Return the cell's value, None where it is blank.

        Raises
        ------
        InputError
            for a required cell that is blank and for text that is no value of this column.
        """
        place = f"{place}, column {self.name}"
        if not text:
            if self.required:
                raise InputError(where, place, None, f"give the row's {self.name}")
            return None
        if self.kind == "text":
            return text
        if self.kind == "date":
            try:
                day = datetime.date.fromisoformat(text)
            except ValueError:
                raise InputError(where, place, text, "give a date as YYYY-MM-DD") from None
            fix = _happened(day)
            if fix:
                raise InputError(where, place, text, fix)
            return day
        try:
            value = float(text)
        except ValueError:
            raise InputError(where, place, text, "give a number, or leave the cell blank") from None
        fix = "give a finite number" if not math.isfinite(value) else None
        fix = fix or (self.check(value) if self.check else None)
        if fix:
            raise InputError(where, place, text, fix)
        return value


_TYPES: dict[str, type[pl.DataType]] = {"text": pl.String, "number": pl.Float64, "date": pl.Date}
_SCORE = (
    Field("model_version"),
    Field("benchmark", required=True),
    Field("score", "number", check=_fraction),
    Field("standard_error", "number"),
    Field("shots"),
    Field("source"),
    Field("link"),
    Field("record"),
)
_VERSION = (
    Field("model_version", required=True),
    Field("model"),
    Field("organisation"),
    Field("country"),
    Field("released", "date"),
    Field("training_compute", "number", check=_compute),
    Field("compute_confidence"),
    Field("access"),
)
SCORES = (*_SCORE, Field("run_date", "date"))
INDEX_SCORES = _SCORE
VERSIONS = (
    *_VERSION[:3],
    Field("organisation_basis"),
    *_VERSION[3:6],
    Field("compute_basis"),
    *_VERSION[6:],
    Field("family"),
    Field("recipe"),
    Field("reasoning", "number", check=_flag),
    Field("distilled", "number", check=_flag),
    Field("distilled_confidence"),
    Field("distilled_as_joined", "number", check=_flag),
)
INDEX_VERSIONS = (*_VERSION, Field("index", "number"))
_EXPORT = (
    Field("export_file"),
    Field("export_column"),
    Field("export_divisor", "number", check=_positive),
)
BENCHMARKS = (
    Field("benchmark", required=True),
    Field("category"),
    Field("guessing", "number", check=_guessing),
    Field("guessing_basis"),
    Field("guessing_epoch", "number", check=_guessing),
    Field("released", "date"),
    *(Field(name, "number", check=_flag) for name in ("optimised_for", "coding", "mathematics")),
    *_EXPORT,
    Field("reference"),
    Field("left_out"),
)
INDEX_BENCHMARKS = (
    Field("benchmark", required=True),
    Field("guessing", "number", required=True, check=_guessing),
    Field("released", "date"),
    *_EXPORT,
    Field("difficulty", "number"),
    Field("slope", "number", check=_positive),
)
HORIZONS = (
    Field("model_version", required=True),
    Field("horizon_minutes", "number", required=True, check=_positive),
    Field("low", "number"),
    Field("high", "number"),
    Field("average_score", "number"),
    Field("link"),
    Field("record"),
)


def checked_frame(
    content: bytes, fields: Sequence[Field], where: str, *, key: str | None = None
) -> pl.DataFrame:
    """Return the register's rows as a frame, every cell checked.

    Parameters
    ----------
    content : bytes
        A CSV file in UTF-8. Columns may stand in any order, and optional ones may be missing.
    fields : sequence of Field
        The columns of this register.
    where : str
        What errors call the file.
    key : str, optional
        The column whose values differ from row to row.

    Raises
    ------
    InputError
        for a column that is unknown or missing, and for the first of all cells at fault and the
        number of the others, line by line.
    """
    register = read_register(content, where)
    names = [field.name for field in fields]
    if unknown := [name for name in register.header if name not in names]:
        raise InputError(where, "line 1", unknown[0], f"the columns are {', '.join(names)}")
    register.check_columns(field.name for field in fields if field.required)
    rows: list[dict[str, Any]] = []
    errors: list[InputError] = []
    first_line: dict[str, int] = {}
    for one in register.lines:
        line = one.number
        try:
            row = {
                field.name: field.read(one.text(field.name), where, f"line {line}")
                for field in fields
            } | {"line": line}
            if key is not None and (other := first_line.setdefault(row[key], line)) != line:
                fix = f"keep one row; line {other} has it already"
                raise InputError(where, f"line {line}, column {key}", row[key], fix)
            rows.append(row)
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputError.combine(errors)
    schema = {field.name: _TYPES[field.kind] for field in fields} | {"line": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def known_benchmarks(scores: pl.DataFrame, benchmarks: pl.DataFrame, where: str) -> None:
    """Refuse scores on a benchmark that the register of benchmarks does not define.

    Raises
    ------
    InputError
        that names each unknown benchmark once, with the line it first stands on.
    """
    unknown = (
        scores.join(benchmarks.select("benchmark"), on="benchmark", how="anti")
        .group_by("benchmark")
        .agg(pl.col("line").min())
        .sort("line")
    )
    fix = "define it in the register of benchmarks, or correct its name"
    errors = [
        InputError(where, f"line {line}, column benchmark", name, fix)
        for name, line in unknown.iter_rows()
    ]
    if errors:
        raise InputError.combine(errors)


def canonical(names: pl.Series, aliases: Mapping[str, str]) -> pl.Series:
    """Return the names with each alias replaced by the name it stands for."""
    return names.replace(dict(aliases)) if aliases else names


@dataclass(frozen=True)
class Registers:
    """The three registers that a fit is made of."""

    scores: pl.DataFrame
    versions: pl.DataFrame
    benchmarks: pl.DataFrame

    @property
    def models(self) -> pl.DataFrame:
        """Return the versions pooled into models: one row each, under the name of the model.

        Dates are those of the first version; other facts are the first known, by date.
        """
        known = self.versions.filter(pl.col("model").is_not_null()).sort(
            "released", "model_version", nulls_last=True
        )
        rest = [c for c in known.columns if c not in ("model", "model_version", "line")]
        pooled = known.group_by("model", maintain_order=True).agg(
            *(pl.col(name).drop_nulls().first() for name in rest)
        )
        return pooled.with_columns(model_version=pl.col("model"))
