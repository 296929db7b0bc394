"""Profile of the objective along the growth of effective compute: what the data can tell apart.

For growth g, the objective is minimised over all parameters whose closed-form growth is g
(:mod:`algoprog.robustness.constrained`). It knows grids, ranges and tables; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.intervals import doubling_months, growth_of
from algoprog.estimators.converged import (
    STARTS_A_ROUND,
    Fit,
    problem,
    thorough,
)
from algoprog.model.model import Model
from algoprog.robustness.bootstrap_intervals import compute_growth
from algoprog.robustness.constrained import CERTIFIED, Constrained, Profiler
from algoprog.robustness.interval_tables import PROFILE_RANGES, PROFILES
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

RANGE_TOLERANCE = 1e-3  # of the ends of a range, relative


def _path(profiler: Profiler, grid: Array) -> list[Constrained]:
    """The profile at each growth of a grid: up the grid, then down, each from its neighbour."""
    found: list[Constrained] = []
    for g in grid:
        found.append(profiler.at_growth(g, found[-1].theta if found else profiler.starts[0]))
    for i in range(len(grid) - 2, -1, -1):
        again = profiler.at_growth(grid[i], found[i + 1].theta)
        if again.objective < found[i].objective:
            found[i] = again
    return found


def _below_zero(
    profiler: Profiler, grid: Array, found: list[Constrained], most: float
) -> tuple[Array, list[Constrained]]:
    """Grid and profile, carried on where a range holds no progress until they leave the range.

    Growth has no pole, so a range of it goes on below 0; the steps are the grid's own, mirrored.
    """
    for g in -grid[grid > 0]:
        if grid[0] > 0 or found[0].objective > most:
            break
        found = [profiler.at_growth(g, found[0].theta), *found]
        grid = np.append(g, grid)
    return grid, found


def _range(
    profiler: Profiler, grid: Array, found: Sequence[Constrained], most: float
) -> tuple[float | None, float | None]:
    """Outermost growth at which the profile is at most ``most``; None where the grid ends first."""
    from scipy.optimize import brentq

    inside = [i for i, point in enumerate(found) if point.objective <= most]
    if not inside:
        return None, None

    def end(i: int, outside: int) -> float:
        starts = np.array([found[i].theta, found[outside].theta])
        return float(
            brentq(
                lambda g: profiler.at_growth(g, starts).objective - most,
                grid[i],
                grid[outside],
                rtol=RANGE_TOLERANCE,
                xtol=RANGE_TOLERANCE**2,
            )
        )

    first, last = inside[0], inside[-1]
    low = end(first, first - 1) if first else None
    return low, end(last, last + 1) if last + 1 < len(grid) else None


@dataclass(frozen=True)
class Curve:
    """The profile on one benchmark: the least objective at each growth of a grid."""

    key: dict[str, Any]
    profiler: Profiler
    grid: Array
    found: list[Constrained]
    least: float

    @classmethod
    def of(
        cls,
        key: dict[str, Any],
        profiler: Profiler,
        fit: Fit,
        months: Sequence[float],
        widest: float,
    ) -> Curve:
        """Return the profile on a grid of doubling times, with the fit's own among them.

        It is carried on below zero as long as the relative loss is no more than ``widest``.
        """
        own = float(compute_growth(profiler.parts, fit.theta[None, :])[0])
        grid = np.array([growth_of(m) for m in months])
        grid = np.unique(np.append(grid, own if np.isfinite(own) else []))
        found = _path(profiler, grid)
        grid, found = _below_zero(profiler, grid, found, fit.objective * (1.0 + widest))
        # a constrained search that beats the fit has found the better minimum of the two
        least = min(fit.objective, *(point.objective for point in found))
        return cls(key, profiler, grid, found, least)

    def points(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of `profiles`."""
        for g, point in zip(self.grid, self.found, strict=True):
            size = self.profiler.subgradient(point.theta, g)
            yield {
                **self.key,
                "growth": g,
                "doubling_time_months": float(doubling_months(g)),
                "objective": point.objective,
                "relative_loss": point.objective / self.least - 1.0,
                "subgradient": size,
                "certified": size <= CERTIFIED,
            }

    def range_within(self, loss: float) -> dict[str, Any]:
        """Return the row of `profile_ranges` of a relative loss."""
        most = self.least * (1.0 + loss)
        low, high = _range(self.profiler, self.grid, self.found, most)
        # 12 ln2 / g falls with g; no time is too long for a range that holds no progress
        slow = None if low is None else float(doubling_months(low))
        if any(g <= 0 and q.objective <= most for g, q in zip(self.grid, self.found, strict=True)):
            slow = float("inf")
        open_ends = [name for name, g in (("slow", low), ("fast", high)) if g is None]
        return {
            **self.key,
            "loss": loss,
            "growth_low": low,
            "growth_high": high,
            "doubling_time_low": None if high is None else float(doubling_months(high)),
            "doubling_time_high": slow,
            "reason": f"{' and '.join(open_ends)} end beyond the grid" if open_ends else None,
        }


def profile(
    model: Model,
    delta: float,
    response: str,
    months: Sequence[float],
    losses: Sequence[float],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `profiles` and `profile_ranges` of one model at one delta.

    Parameters
    ----------
    months : doubling times of the profile, infinite for no progress; the fit's own is added.
    losses : relative losses of fit whose ranges are wanted, such as 0.01.

    `profiles`: for each benchmark (``all`` where progress is the same) and growth, the least
    objective, its relative loss objective / least - 1, and whether it is certified. Where two
    neighbours on the grid meet better points at each other's start, both are searched from there.

    `profile_ranges`: the outermost growth, and doubling times, at which the relative loss is no
    more than each of ``losses``. Where no progress is in the range its slow end in months is
    infinite, and the profile is carried on to negative growth. An end beyond the grid is null, and
    ``reason`` says so; ``reason`` also says why a variant has no profile: no closed form of its
    doubling time, or no progress.
    """
    model.check_size()
    design, seen, form = model.design, model.observed(response), model.closed_form
    key = {"sample": model.sample.name, "variant": model.variant.name, "delta": delta}
    reason = None
    if form is None:
        reason = "its doubling time has no closed form"
    elif not form.progresses:
        reason = "it has no progress"
    if form is None or reason:
        refused = {**key, "reason": reason}
        return frame_of(PROFILES, []), frame_of(PROFILE_RANGES, [refused])
    task = problem(design, seen.response, delta)
    fit = thorough(design, seen.response, delta)
    points: list[dict[str, Any]] = []
    ranges: list[dict[str, Any]] = []
    for benchmark, parts in form.parts.items():
        profiler = Profiler.of(task, parts, fit.minima, STARTS_A_ROUND)
        of_curve = {**key, "benchmark": benchmark}
        curve = Curve.of(of_curve, profiler, fit, months, max(losses, default=0.0))
        points += curve.points()
        ranges += [curve.range_within(loss) for loss in losses]
    return frame_of(PROFILES, points), frame_of(PROFILE_RANGES, ranges)
