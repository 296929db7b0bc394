"""Influence: what leaving out one paper, or one record, does to the answer.

Each is left out in turn and the variant fitted again to the rest, its units those of the whole
sample. Growth g of effective compute (per year) is compared with that of the whole sample, and its
jackknife standard error over G papers (or n records) is

    sqrt((G - 1) / G sum_j (g_(j) - mean g_(.))^2)        (Efron and Stein 1981).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.estimators.converged import solve_replicates, thorough
from algoprog.estimators.fit import check_size, observations
from algoprog.model.design import Compiler
from algoprog.quantities.closed_form import ClosedForm, growth_rates

Array = NDArray[np.float64]

UNITS = ("paper", "record")
SCHEMA = {
    "unit": pl.String,
    "rank": pl.Int64,
    "name": pl.String,
    "rows": pl.Int64,
    "growth_without": pl.Float64,
    "doubling_without": pl.Float64,
    "change_growth": pl.Float64,
    "change_months": pl.Float64,
    "converged": pl.Boolean,
    "growth_point": pl.Float64,
    "jackknife_error": pl.Float64,
}


def jackknife_error(estimates: Array) -> float:
    """Jackknife standard error from the estimates (G,) that leave out each unit."""
    count = len(estimates)
    return float(np.sqrt((count - 1) / count * np.sum((estimates - estimates.mean()) ** 2)))


def influence_table(
    sample: pl.DataFrame,
    variant: str,
    spec: Mapping[str, Any],
    delta: float,
    response: str,
    sample_name: str,
    benchmarks: Mapping[str, Any],
) -> pl.DataFrame:
    """The table `influence`: one row for each paper and each record left out, by converged fits.

    ``rank`` 1 is the unit whose absence changes growth most. ``doubling_without`` is in months
    (infinite without growth), ``change_months`` its difference from that of the whole sample,
    NaN where both are infinite. A record is named by its system and benchmark. ``growth_point`` is
    growth on the whole sample and ``jackknife_error`` its standard error over the units.

    Raises
    ------
    InputError
        for a variant whose growth has no closed form, or without progress.
    """
    seen = observations(sample, response)
    compiler = Compiler.of(sample, benchmarks)
    design = compiler.rows(variant, spec, sample)
    check_size(design, sample_name)
    form = ClosedForm.of(compiler, variant, spec)
    whole = thorough(design, seen.response, delta)
    parts = [] if form is None else next(iter(form.parts.values()))
    growth = growth_rates(parts, whole.theta[None, :])
    if not growth:
        fix = "use a variant whose doubling time has a closed form"
        raise InputError("config.yaml", f"variants.{variant}", "no growth rate", fix)
    g = float(growth["compute"][0])
    titles = list(dict.fromkeys(sample["paper"].to_list()))
    records = (sample["system"] + " (" + sample["benchmark"] + ")").to_list()
    frames = []
    for unit, members, names in (
        ("paper", seen.papers, titles),
        ("record", np.arange(design.n), records),
    ):
        if len(names) < 2:
            continue
        kept = (np.arange(len(names))[:, None] != members).astype(float)
        fits = solve_replicates(design, seen.response, delta, kept, whole.minima)
        without = growth_rates(parts, fits.theta)["compute"]
        months = doubling_months(without)
        with np.errstate(invalid="ignore"):
            change = months - doubling_months(g)
        frame = pl.DataFrame(
            {
                "unit": unit,
                "name": names,
                "rows": np.bincount(members),
                "growth_without": without,
                "doubling_without": months,
                "change_growth": without - g,
                "change_months": change,
                "converged": fits.converged,
                "growth_point": g,
                "jackknife_error": jackknife_error(without),
            }
        )
        frame = frame.sort(pl.col("change_growth").abs(), descending=True, maintain_order=True)
        frames.append(frame.with_row_index("rank", offset=1))
    return pl.concat(frames).select(list(SCHEMA)).cast(SCHEMA)  # type: ignore[arg-type]
