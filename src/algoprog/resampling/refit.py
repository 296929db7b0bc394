"""The fit and the draws of an analysis, as they are kept: two frames, packed with others' in files.

It knows no estimator, so that what reads draws imports none
(:mod:`algoprog.resampling.analysis` makes them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.estimators.fit_tables import FIT_KEYS
from algoprog.estimators.tables import FITS
from algoprog.tables.frames import schema_of

SCHEMA: dict[str, Any] = {
    **schema_of(FITS),
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
