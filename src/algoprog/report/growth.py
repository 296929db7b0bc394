"""Growth of effective compute in bootstrap draws, and the panels that show its distributions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.numbers import count, months, percent
from algoprog.model.growth import growth_rates
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.headline import RESAMPLED, quoted_interval
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.report.inputs import Inputs, Row
from algoprog.report.settings import Analysis

Array = NDArray[np.float64]


def compute_growth(
    inputs: Inputs, analysis: Analysis, parameters: pl.DataFrame
) -> dict[str, Array]:
    """Return growth of effective compute (per year) by benchmark, for each row of `parameters`.

    The only benchmark is ``all`` where the variant's progress is the same on each; there is none
    where growth has no closed form.
    """
    sample, variant = inputs.samples[analysis.sample], analysis.variant
    benchmarks = Benchmarks.of(inputs.settings.benchmarks)
    model = Model.of(
        Variant.of(variant, inputs.settings.variants[variant]),
        Sample(analysis.sample, sample, benchmarks),
    )
    form = model.closed_form
    if form is None:
        return {}
    theta = parameters.select(model.parameters).to_numpy()
    growth = {level: growth_rates(parts, theta) for level, parts in form.parts.items()}
    return {level: rates["compute"] for level, rates in growth.items() if "compute" in rates}


def closed_form_rows(inputs: Inputs, analysis: Analysis) -> pl.DataFrame:
    """Return the rows of `doubling_times` that an analysis has in closed form."""
    return inputs.tables["doubling_times"].filter(
        pl.col("definition") == "closed_form",
        *(pl.col(name) == value for name, value in analysis.key.items()),
    )


def doubling_time_panels(inputs: Inputs, names: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return panels and draws of a figure of doubling times, for each analysis and benchmark.

    Analyses of a variant without a doubling time of compute in closed form have no panel. Beside
    the headline's draws stands the interval that is quoted, if it is another.
    """
    panels, draws = [], []
    for name in names:
        analysis = inputs.analysis(name)
        drawn = compute_growth(inputs, analysis, inputs.draws[name])
        compute = pl.col("quantity") == "compute"
        for row in closed_form_rows(inputs, analysis).filter(compute).iter_rows(named=True):
            panel = f"{name} {row['benchmark']}"
            title = _title(inputs, analysis, row)
            panels.append({**row, **_quoted(inputs, name, row), "panel": panel, "title": title})
            draws.append(
                pl.DataFrame({"growth": drawn[row["benchmark"]]}).with_columns(panel=pl.lit(panel))
            )
    empty = pl.DataFrame(schema={"growth": pl.Float64, "panel": pl.String})
    return pl.DataFrame(panels, infer_schema_length=None), pl.concat([empty, *draws])


def _title(inputs: Inputs, analysis: Analysis, row: Row) -> str:
    response = inputs.response(analysis.sample, analysis.estimator).replace("_", " ")
    on = "" if row["benchmark"] == "all" else f" on {row['benchmark']}"
    return (
        f"{analysis.estimator.capitalize()}{on}, {RESAMPLED[analysis.resampling]}, "
        f"{response} response: median {months(row['median'])} months; "
        f"{count(row['n_draws'])} draws, {percent(row['share_nonpositive'])} non-positive"
    )


def _quoted(inputs: Inputs, name: str, row: Row) -> Row:
    """Return the ends of growth that the headline quotes instead of the draws' percentiles."""
    intervals, other = inputs.tables.get("headline_interval"), None
    if intervals is not None and name == inputs.settings.headline.converged:
        other = quoted_interval(intervals, row)
    return {
        f"quoted_{end}": other[f"growth_{end}"] if other else None for end in ("low", "high")
    }  # fmt: skip
