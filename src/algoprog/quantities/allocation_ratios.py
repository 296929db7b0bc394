"""Compute-optimal tokens per parameter of a fit, beside those of the records.

At compute C and a calendar year loss is least over N D = C / 6 at (N*, D*), and D* / N* are the
optimal tokens per parameter. A closed form, and optimal scaling, are growth of effective compute
where compute is split in this way. Where no record of about the same compute is split like it, such
growth is an extrapolation, however well the fit explains the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.rows import Row
from algoprog.model.exponents import Exponents
from algoprog.model.growth import ALL
from algoprog.model.model import Model
from algoprog.quantities.optimal_scaling import COMPUTE, YEAR, optimum

Array = NDArray[np.float64]

NEAREST = 25  # records whose compute is nearest, with which a split is compared
# Quantiles of the records' compute at which the splits of a closed form are taken.
QUANTILES = {"records_low": 0.1, "records_middle": 0.5, "records_high": 0.9}
SCALING = "optimal_scaling"  # the place of optimal scaling's own compute


@dataclass(frozen=True)
class Place:
    """An amount of compute (FLOP), and the records whose compute is nearest to it.

    ``ratios`` are their tokens per parameter, in ascending order; ``compute_low`` and
    ``compute_high`` are the least and the largest of their compute.
    """

    name: str
    compute: float
    ratios: Array
    compute_low: float
    compute_high: float

    @classmethod
    def of(cls, name: str, compute: float, computes: Array, ratios: Array) -> Place:
        """Return a place among records of these ``computes`` and ``ratios``, (n,) each."""
        distance = np.abs(np.log(computes) - np.log(compute))
        near = np.argsort(distance, kind="stable")[:NEAREST]
        low, high = computes[near].min(), computes[near].max()
        return cls(name, compute, np.sort(ratios[near]), float(low), float(high))

    def holds(self, ratio: float | None) -> bool:
        """Return whether a ratio lies among those of the records; None, no best split, does."""
        return ratio is None or bool(self.ratios[0] <= ratio <= self.ratios[-1])

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of `allocation_ratios` that are the place's."""
        return {
            "place": self.name,
            "compute": self.compute,
            "n_nearest": len(self.ratios),
            "nearest_compute_low": self.compute_low,
            "nearest_compute_high": self.compute_high,
            "nearest_low": float(self.ratios[0]),
            "nearest_median": float(np.median(self.ratios)),
            "nearest_high": float(self.ratios[-1]),
        }


@dataclass(frozen=True)
class Splits:
    """Compute-optimal splits of a model at places among the records of its sample.

    ``exponents`` are the variant's on each benchmark, or on ``all`` where they are the same.
    """

    exponents: dict[str, Exponents]
    baseline: str
    places: tuple[Place, ...]
    year: float

    @classmethod
    def of(cls, model: Model, compute: float = COMPUTE, year: float = YEAR) -> Splits | None:
        """Return the splits of a model in a year, and at optimal scaling's compute.

        None for formulas whose optimum is not known.
        """
        parts = {name: model.exponents(name) for name in model.units.levels}
        found = {name: part for name, part in parts.items() if part is not None}
        if len(found) < len(parts):
            return None
        first = found[model.units.baseline]
        if all(first.same(part) for part in found.values()):
            found = {ALL: first}
        return cls(found, model.units.baseline, _places(model.sample.rows, compute), year)

    def optimal(self, exponents: Exponents, theta: Array) -> Iterator[float | None]:
        """Yield D* / N* of one theta (p,) at each place; None where all splits are as good.

        At a corner, N = 1 or D = 1, the ratio is the corner's.
        """
        now = exponents.at_year(exponents.coefficients(theta[None, :]), self.year)
        matters = (now[:, :, 1] != now[:, :, 2]).any()
        for place in self.places:
            if matters:
                u, budget = optimum(exponents, now, place.compute)
                yield float(np.exp(budget - 2.0 * u.log_parameters[0]))
            else:
                yield None

    def rows(self, key: Row, estimates: Mapping[str, float]) -> Iterator[dict[str, Any]]:
        """Yield rows of `allocation_ratios` for one fit, one for each benchmark and place."""
        for benchmark, part in self.exponents.items():
            theta = np.array([estimates[name] for name in part.names])
            for place, ratio in zip(self.places, self.optimal(part, theta), strict=True):
                yield {
                    **key,
                    "benchmark": benchmark,
                    "year": self.year,
                    "optimal": ratio,
                    "within": place.holds(ratio),
                    **place.columns,
                }

    def within(self, rows: list[dict[str, Any]], definition: str, benchmark: str) -> bool:
        """Return whether the splits that a definition rests on are among those of the records.

        ``rows`` are :meth:`rows` of the fit. A closed form rests on the splits at every place of
        the records' own compute, optimal scaling on that at its compute. For growth that is the
        same on ``all`` benchmarks the splits are those on the baseline.
        """
        level = benchmark if benchmark in self.exponents else self.baseline
        level = level if level in self.exponents else ALL
        wanted = {SCALING} if definition == SCALING else set(QUANTILES)
        return all(
            row["within"] for row in rows if row["benchmark"] == level and row["place"] in wanted
        )


def _places(rows: pl.DataFrame, compute: float) -> tuple[Place, ...]:
    parameters = rows["parameters"].cast(float).to_numpy()
    tokens = rows["dataset_tokens"].cast(float).to_numpy()
    computes, ratios = 6.0 * parameters * tokens, tokens / parameters
    logs = np.quantile(np.log(computes), list(QUANTILES.values()))
    places = dict(zip(QUANTILES, np.exp(logs).tolist(), strict=True)) | {SCALING: compute}
    return tuple(Place.of(name, at, computes, ratios) for name, at in places.items())
