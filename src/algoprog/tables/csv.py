"""Result tables as CSV: the same numbers give the same bytes.

Numbers are written in the shortest form that reads back as the same double (Python's ``repr``),
nulls and NaN as blanks, infinities as ``inf`` and ``-inf``, truth as ``true`` and ``false``, dates
in ISO form; lines end in a bare newline. A table is sorted by its keys, so nothing depends on the
order in which jobs ended.
"""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from algoprog.common.errors import InputError
from algoprog.tables.declaration import Table
from algoprog.tables.frames import checked, in_order, type_of

_FIT = ("sample", "variant", "delta", "estimator")

# The columns each table is sorted by; they identify a row, but for the tables in _ORDERED.
TABLE_KEYS: dict[str, tuple[str, ...]] = {
    "exclusions": ("sample", "source", "source_row", "benchmark"),
    "sample_steps": ("sample",),
    "joined": ("source", "source_row", "lookup", "field"),
    "conflicts": ("system", "benchmark", "field", "kept_source", "other_source", "other_row"),
    "duplicates": ("kept_source", "other_source"),
    "fits": _FIT,
    "parameters": (*_FIT, "resampling"),
    "cross_validation": (*_FIT, "scheme"),
    "doubling_times": (*_FIT, "resampling", "definition", "quantity", "benchmark"),
    "headline_interval": ("sample", "variant", "delta", "benchmark", "level"),
    "pooled_doubling_times": ("name", "pool"),
    "shapley": (*_FIT, "resampling", "from_system", "to_system", "factor"),
    "predicted_loss": (*_FIT, "resampling", "system"),
    "transformer": (*_FIT, "resampling", "form", "compute"),
    "era_split": (*_FIT, "resampling", "form", "year", "era", "quantity", "benchmark"),
    "frontiers": ("perplexity", "year", "dataset_tokens"),
    "effective_compute": ("estimator", "resampling", "year"),
    "allocation": ("law", "system", "compute"),
    "direct_observation": ("compute", "reference"),
    "compute_reductions": ("compute", "rank"),
    "reproduction": ("section",),
    "defects": ("defect",),
    "sensitivity": ("estimator",),
    "influence": ("unit", "rank"),
    "multiverse": (),
    "multiverse_account": ("status", "reason"),
    "multiverse_intervals": ("id",),
    "attribution": ("result", "basis"),
    "attribution_interactions": ("result",),
    "model_weights": ("sample", "response"),
    "model_average": ("sample", "response", "weighting"),
    "coverage": (
        *("sample", "variant", "delta", "doubling_months"),
        *("estimator", "resampling", "method"),
    ),
    "profiles": ("sample", "variant", "delta", "benchmark", "growth"),
    "bayes_fits": (),
    "bayes_parameters": (),
    "bayes_doubling_times": ("name", "definition", "quantity", "benchmark"),
    "bayes_model_average": ("definition", "weighting"),
    "bayes_shapley": ("name", "from_system", "to_system", "factor"),
    "bayes_transformer": ("name", "compute"),
    "bayes_against_bootstrap": (),
    "bayes_prior_sensitivity": (),
    "bayes_checks": (),
    "bayes_calibration": ("kind", "quantity"),
    "bayes_ranks": ("quantity", "bin"),
    "profile_ranges": ("sample", "variant", "delta", "benchmark", "loss"),
}

# Tables whose rows have, within their keys, an order of their own (a model's parameters).
_ORDERED = {
    "bayes_fits",
    "bayes_parameters",
    "bayes_against_bootstrap",
    "bayes_prior_sensitivity",
    "bayes_checks",
    "sample_steps",
    "parameters",
    "reproduction",
    "defects",
    "sensitivity",
    "multiverse",
    "attribution",
    "attribution_interactions",
    "model_weights",
}


def write_table(path: Path, table: Table | str, frame: pl.DataFrame) -> None:
    """Write a result table as CSV, its rows in its order.

    Parameters
    ----------
    path : the file.
    table : the declaration of the table. (The name of a table that is not declared yet.)
    frame : its rows.

    Raises
    ------
    ValueError
        if the columns are not the declared ones, or if two rows have the same key, for then their
        order would be left to chance.
    """
    if isinstance(table, Table):
        path.write_bytes(csv_bytes(in_order(table, checked(table, frame))))
        return
    keys = TABLE_KEYS[table]
    if table not in _ORDERED:
        repeated = frame.filter(pl.struct(keys).is_duplicated())
        if repeated.height:
            raise ValueError(
                f"table {table}: two rows with the keys {repeated.select(keys).row(0)}"
            )
    ordered = frame.sort(keys, nulls_last=False, maintain_order=True) if keys else frame
    path.write_bytes(csv_bytes(ordered))


def read_table(path: Path, table: Table | None = None) -> pl.DataFrame:
    """Return a table written by :func:`write_table`, with the types that `table` declares.

    Raises
    ------
    InputError
        if its columns or values are not of this table.
    """
    if table is None:  # not declared yet: the types are found out again
        return pl.read_csv(path, infer_schema_length=None, try_parse_dates=True)
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), [])
    fix = "delete the file and run again"
    wrong = table.disagreement(header)
    if wrong:
        raise InputError(str(path), "line 1", wrong, fix)
    try:
        return pl.read_csv(path, schema={name: type_of(table, name) for name in header})
    except pl.exceptions.PolarsError as error:
        words = str(error).splitlines()[0]
        raise InputError(str(path), f"table {table.name}", words, fix) from None


def read_tables(paths: Iterable[Path]) -> dict[str, pl.DataFrame]:
    """Tables by the name of their file."""
    return {path.stem: read_table(path) for path in sorted(paths)}


def stack_samples(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Frames of several samples one below the other, with the sample's name in front."""
    return pl.concat(
        [frame.select(pl.lit(name).alias("sample"), pl.all()) for name, frame in frames.items()]
    )


def csv_bytes(table: pl.DataFrame) -> bytes:
    """`table` as UTF-8 CSV, header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_field(value) for value in row] for row in table.iter_rows())
    return text.getvalue().encode()


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)
