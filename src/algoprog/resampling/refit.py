"""One analysis: the model it names, fitted to its sample and to every resample of it.

It knows how an analysis names its model (a variant, or a place in a ranking by held-out error, and
maybe a change to it); it knows no quantity that is computed from the fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.estimators.fit import check_size, fit_one, observations
from algoprog.estimators.fit_tables import FIT_KEYS, FITS_SCHEMA
from algoprog.model.changes import changed
from algoprog.model.design import Compiler, Design
from algoprog.resampling.bootstrap import draw
from algoprog.resampling.ranking import best

SCHEMA: dict[str, Any] = {
    **FITS_SCHEMA,
    "resampling": pl.String,
    "terms": pl.List(pl.String),
    "estimates": pl.List(pl.Float64),
}
DRAWS: dict[str, Any] = {
    "analysis": pl.String,
    "replicate": pl.Int64,
    "estimates": pl.List(pl.Float64),
    "objective": pl.Float64,
    "subgradient": pl.Float64,
    "n_starts": pl.Int64,
    "n_at_best": pl.Int64,
}


@dataclass(frozen=True)
class Refit:
    """The fit and the draws of an analysis.

    ``fit`` has one row: the columns of `fits`, the resampling, and the parameters as the lists
    ``terms`` and ``estimates``. ``draws`` are of :func:`~algoprog.resampling.bootstrap.draw`.
    """

    fit: pl.DataFrame
    draws: pl.DataFrame

    @property
    def key(self) -> dict[str, Any]:
        """Sample, variant, delta, estimator and resampling."""
        row = self.fit.row(0, named=True)
        keys = ("sample", "variant", "delta", "estimator", "resampling")
        return {name: row[name] for name in keys}

    @property
    def fit_key(self) -> dict[str, Any]:
        """Sample, variant, delta and estimator."""
        return {name: self.key[name] for name in FIT_KEYS}

    @property
    def estimates(self) -> dict[str, float]:
        """Parameters by name, in the variant's order."""
        row = self.fit.row(0, named=True)
        return dict(zip(row["terms"], row["estimates"], strict=True))


def pack(refits: Mapping[str, Refit]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fits and draws of several analyses by name, each in one frame.

    The fits have the column ``analysis`` first; so have the draws (``DRAWS``), whose parameters are
    the list ``estimates``, in the order of the fit's ``terms``.
    """
    fits, draws = [], []
    for name, one in refits.items():
        label = pl.lit(name).alias("analysis")
        fits.append(one.fit.select(label, *SCHEMA))
        theta = one.draws.select(*one.estimates).to_numpy().tolist()
        estimates = pl.Series("estimates", theta, dtype=DRAWS["estimates"])
        draws.append(one.draws.with_columns(label, estimates).select(*DRAWS))
    return pl.concat(fits), pl.concat(draws)


def unpack(fits: pl.DataFrame, draws: pl.DataFrame) -> dict[str, Refit]:
    """The analyses by name that :func:`pack` has put together."""
    drawn = draws.partition_by("analysis", as_dict=True, include_key=False)
    found = {}
    for row in fits.iter_rows(named=True):
        name = row.pop("analysis")
        own = drawn[name,]
        theta = np.array(own["estimates"].to_list(), dtype=float).reshape(-1, len(row["terms"]))
        columns = [
            own["replicate"],
            *(pl.Series(term, theta[:, j]) for j, term in enumerate(row["terms"])),
            *own.drop("replicate", "estimates").get_columns(),
        ]
        found[name] = Refit(pl.DataFrame([row], schema=SCHEMA), pl.DataFrame(columns))
    return found


def read_refits(files: Any, names: Iterable[str]) -> list[Refit]:
    """Analyses by name, from a rule's inputs ``analysis_fits`` and ``draws``."""
    fits, draws = (
        pl.concat([pl.read_parquet(path) for path in dict.fromkeys(paths)])
        for paths in (files.analysis_fits, files.draws)
    )
    wanted = list(names)
    ours = pl.col("analysis").is_in(wanted)
    found = unpack(fits.filter(ours), draws.filter(ours))
    return [found[name] for name in wanted]


def member(model: Mapping[str, Any], cross_validation: pl.DataFrame | None) -> tuple[str, float]:
    """The variant and delta of a model: named, or at a ``place`` (from 1) of a ``scheme``."""
    if "variant" in model:
        return model["variant"], model["delta"]
    if cross_validation is None:
        raise AssertionError("a place in a ranking needs the ranking")
    candidates = cross_validation.filter(pl.col("variant").is_in(model["variants"]))
    return best(candidates, model["scheme"], model["place"])[-1]


def compiled(
    sample: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    variants: Mapping[str, Mapping[str, Any]],
    model: Mapping[str, Any],
    change: Mapping[str, Any] | None,
    benchmarks: Mapping[str, Any],
) -> tuple[Design, float]:
    """The model of an analysis on its sample's rows, and its delta; arguments of :func:`refit`."""
    variant, delta = member(model, cross_validation)
    spec = changed(variants[variant], change)
    return Compiler.of(sample, benchmarks).rows(variant, spec, sample), delta


def refit(
    sample: pl.DataFrame,
    cross_validation: pl.DataFrame | None,
    variants: Mapping[str, Mapping[str, Any]],
    model: Mapping[str, Any],
    change: Mapping[str, Any] | None,
    estimator: str,
    resampling: str,
    response: str,
    sample_name: str,
    benchmarks: Mapping[str, Any],
    seed: int,
    first: int,
    last: int,
) -> Refit:
    """Fit the model of an analysis, and its replicates first ... last - 1.

    Parameters
    ----------
    cross_validation : the table of that name where ``model`` is a place in a ranking.
    variants : configuration of each variant the model may be, by name.
    model, change : of :func:`member` and :func:`algoprog.model.changes.changed`.

    Replicates of a change resample the same rows or papers as those of the unchanged variant, so
    that the two can be compared draw by draw.
    """
    design, delta = compiled(sample, cross_validation, variants, model, change, benchmarks)
    seen = observations(sample, response)
    check_size(design, sample_name)
    estimate = fit_one(design, seen, delta, estimator)
    row = {
        "sample": sample_name,
        "variant": design.variant,
        "delta": delta,
        "estimator": estimator,
        **estimate.row,
        "response": response,
        "resampling": resampling,
        "terms": list(design.parameters),
        "estimates": estimate.theta.tolist(),
    }
    draws = draw(design, seen, delta, estimator, resampling, seed, first, last, estimate.minima)
    return Refit(pl.DataFrame([row], schema=SCHEMA), draws)
