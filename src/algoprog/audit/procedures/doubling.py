"""Doubling times of effective compute, parameters and data, and the pool of the ten best fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.audit.evidence import Evidence, NotComputedError
from algoprog.audit.figures import interval_of, months, noise_of, repetitions, scatter
from algoprog.audit.monte_carlo import central, interval_noise
from algoprog.audit.reproduction import Figure, Reproduced, Row
from algoprog.common.intervals import MONTHS
from algoprog.model.growth import growth_rates

Array = NDArray[np.float64]

RATIOS = 9  # number of the defect: intervals are percentiles of ratios
_RATIOS = (
    "The printed ends are percentiles of ratios that change sign at no progress, so negative draws "
    "count as the fastest; as quantiles of growth the interval has no lower end below zero."
)
_SEARCH = (
    "Ours solves the same problem to machine precision; the printed median is that of a search "
    "with a tolerance."
)
_POOL = (
    "Of {n} draws {never} never reach the target. Ours has their doubling time infinite; without "
    "them the interval is {without}, were they the fastest {fastest}. How the published search "
    "counted them is not said."
)
_ABSTRACT = (
    "Published as a 90 % interval; the 95 % interval of our pool is {low:.1f} to {high:.1f} months."
)


def of_quantity(line: Row, evidence: Evidence) -> Reproduced:
    """Return a bootstrap's doubling time of parameters, data or compute, by either definition."""
    parts = line["id"].removeprefix("m07.doubling.").split(".")
    quantity = {"params": "parameters"}.get(parts[0], parts[0])
    return _of(line, evidence, quantity, parts[1] if len(parts) > 1 else "closed_form")


def abstract_of_the_first_version(line: Row, evidence: Evidence) -> Reproduced:
    """Return the doubling time of compute: the abstract's is the same number."""
    return _of(line, evidence, "compute", "closed_form")


def _of(line: Row, evidence: Evidence, quantity: str, definition: str) -> Reproduced:
    unit = MONTHS if line["unit"] == "years" else 1.0
    more = {"quantity": quantity, "definition": definition}
    ours, headline = evidence.both(line, "doubling_times", **more)
    growth = _growth(evidence, definition, quantity)

    def times(draws: pl.DataFrame) -> Array:
        return months(growth(draws), unit)

    note, defect = _SEARCH if definition == "optimal_scaling" else "", None
    if ours["ci95_low"] < 0:
        note, defect = _RATIOS, RATIOS
    return Reproduced(
        published=interval_of(ours, line["level"], unit),
        converged=interval_of(headline, line["level"], unit),
        noise=noise_of(repetitions(evidence.repeated["published"][0]), times, line["level"]),
        monte_carlo=interval_noise(times(evidence.published.draws), line["level"]),
        note=note,
        defect=defect,
    )


def _growth(evidence: Evidence, definition: str, quantity: str) -> Callable[[pl.DataFrame], Array]:
    """Growth per year of draws of the published bootstrap, on the first benchmark of several."""
    analysis = evidence.published
    if definition == "optimal_scaling":
        return lambda draws: evidence.scaling(analysis, draws)[0]
    parts, names = evidence.closed_form(analysis).first, list(analysis.estimates)

    def growth(draws: pl.DataFrame) -> Array:
        return growth_rates(parts, draws.select(names).to_numpy())[quantity]

    return growth


def of_pool(line: Row, evidence: Evidence) -> Reproduced:
    """Return the doubling time of the pool of the ten best, which the abstract has too."""
    ours, converged = (_pooled(evidence, name) for name in ("published", "converged"))
    moved = [repetitions(frame) for frame in evidence.repeated["pool"]]
    times = [months(_together(evidence, list(frames))) for frames in zip(*moved, strict=True)]
    draws = months(_together(evidence, [member.draws for member in evidence.pool]))
    if line["level"] == 95:
        note = uncounted(draws, line["level"])
    else:
        note = _ABSTRACT.format(low=ours["ci95_low"], high=ours["ci95_high"])
    return Reproduced(
        published=interval_of(ours, line["level"]),
        converged=interval_of(converged, line["level"]),
        noise=scatter([central(part, line["level"]) for part in times]),
        monte_carlo=interval_noise(draws, line["level"]),
        note=note,
    )


def _pooled(evidence: Evidence, estimator: str) -> Row:
    """The row of an estimator's pool of the best fits."""
    table = evidence.table("pooled_doubling_times").filter(
        pl.col("name") == evidence.settings.pools[estimator],
        pl.col("pool").str.starts_with("top"),
        pl.col("definition") == "optimal_scaling",
    )
    if table.is_empty() or not table["n_sets"][0]:
        raise NotComputedError("pool")
    return table.row(0, named=True)


def _together(evidence: Evidence, draws: list[pl.DataFrame]) -> Array:
    """Growth by optimal scaling of draws of every member of the pool, one after another."""
    members = zip(evidence.pool, draws, strict=True)
    return np.concatenate([part for member, of in members for part in evidence.scaling(member, of)])


def uncounted(times: Array, level: float) -> str:
    """Return what draws without a doubling time do to a pool's interval, by how they count.

    ``times`` are in months, infinite where there is none.
    """
    never = np.isinf(times)
    if never.all() or not never.any():
        return ""

    def interval(counted: Array) -> str:
        found: Figure = central(counted, level)
        return f"{found.low:.2f} to {found.high:.1f} months"

    return _POOL.format(
        n=len(times),
        never=int(never.sum()),
        without=interval(times[~never]),
        fastest=interval(np.where(never, 0.0, times)),
    )
