"""The split of compute that each fitted law calls optimal, beside the records' own."""

from __future__ import annotations

import numpy as np
import polars as pl

from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.optimal_scaling import FLOP_PER_PARAMETER_AND_TOKEN, optimum
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.report.inputs import Inputs, once

# Places of compute at which the optimal split is told, evenly spaced in the logarithm.
PLACES = 25
# The ratio is told above this amount of compute as well (FLOP).
LARGE = 1e21


def record_splits(inputs: Inputs) -> pl.DataFrame:
    """Return compute (6·N·D, FLOP) and D/N of each row of the headline's sample."""
    n, d = pl.col("parameters"), pl.col("dataset_tokens")
    return inputs.sample.select(
        "system",
        "benchmark",
        compute=FLOP_PER_PARAMETER_AND_TOKEN * n * d,
        tokens_per_parameter=d / n,
    )


@once
def optimal_splits(inputs: Inputs) -> pl.DataFrame:
    """Return D/N of the optimal split of each law fitted to the headline's sample.

    The laws are at the headline's δ, on the baseline benchmark, in the year of optimal scaling,
    and compute runs from the least to the largest of the records and stands at :data:`LARGE`.
    A law has no rows where compute has no best split inside (one of N and D is best at 1), or
    where its formula cannot be solved.

    Returns
    -------
    polars.DataFrame
        variant, compute (FLOP), tokens_per_parameter.
    """
    sample, analysis = inputs.sample, inputs.converged
    records = record_splits(inputs)["compute"].to_numpy()
    reach = np.geomspace(records.min(), records.max(), PLACES)
    computes = np.unique(np.append(reach, LARGE))
    held = Sample(analysis.sample, sample, Benchmarks.of(inputs.settings.benchmarks))
    found = []
    for variant, estimates in _estimates(inputs).items():
        made = Variant.of(variant, inputs.settings.variants[variant])
        exponents = Model.of(made, held).exponents(held.benchmarks.baseline)
        if exponents is None or not set(exponents.names) <= set(estimates):
            continue
        theta = np.array([[estimates[name] for name in exponents.names]])
        year = inputs.settings.optimal_scaling.year
        now = exponents.at_year(exponents.coefficients(theta), year)
        for compute in computes:
            best, _ = optimum(exponents, now, float(compute))
            if best.corner[0] or not np.isfinite(best.log_parameters[0]):
                continue
            ratio = np.log(compute / FLOP_PER_PARAMETER_AND_TOKEN) - 2 * best.log_parameters[0]
            found.append(
                {
                    "variant": variant,
                    "compute": float(compute),
                    "tokens_per_parameter": float(np.exp(ratio)),
                }
            )
    schema = {"variant": pl.String, "compute": pl.Float64, "tokens_per_parameter": pl.Float64}
    return pl.DataFrame(found, schema=schema)


def _estimates(inputs: Inputs) -> dict[str, dict[str, float]]:
    """Return the parameters of every law fitted as the headline's is, by law."""
    key = {name: inputs.converged.key[name] for name in ("sample", "delta", "estimator")}
    rows = inputs.tables["parameters"].filter(
        *(pl.col(name) == value for name, value in key.items())
    )
    found: dict[str, dict[str, float]] = {}
    for variant, term, estimate in rows.select("variant", "term", "estimate").iter_rows():
        if variant in inputs.settings.variants:
            found.setdefault(variant, {})[term] = estimate
    return found
