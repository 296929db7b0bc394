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


def write_table(path: Path, name: str, table: pl.DataFrame) -> None:
    """Write result table `name` as CSV, sorted by its keys.

    Raises
    ------
    ValueError
        if two rows have the same keys, for then their order would be left to chance.
    """
    keys = TABLE_KEYS[name]
    if name not in _ORDERED:
        repeated = table.filter(pl.struct(keys).is_duplicated())
        if repeated.height:
            raise ValueError(f"table {name}: two rows with the keys {repeated.select(keys).row(0)}")
    ordered = table.sort(keys, nulls_last=False, maintain_order=True) if keys else table
    path.write_bytes(csv_bytes(ordered))


def read_table(path: Path) -> pl.DataFrame:
    """A table written by :func:`write_table`; the types of its columns are found out again."""
    return pl.read_csv(path, infer_schema_length=None, try_parse_dates=True)


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
