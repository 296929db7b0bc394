"""Frontiers of loss against compute by recipe, and how much compute the better recipe saves.

A frontier is the checkpoints that no other reaches with as little compute. On it

    ln(L - E) = ln A - b ln C

by least squares, each twentieth of a decade of compute counting once. The gain of recipe 2 over
recipe 1 at compute C is C1 / C, where C1 is what recipe 1 needs for the loss of recipe 2 at C:

    ln gain = (ln A2 - ln A1 - (b2 - b1) ln C) / -b1,     d ln gain / d ln C = b2 / b1 - 1.

The module knows checkpoints as arrays; it knows no registers and no tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]

BINS_A_DECADE = 20
ROUNDING = 1e-9  # of a bin's number: 20 log10 C of a round number stays in its bin


@dataclass(frozen=True)
class Checkpoints:
    """Losses along the training runs of one recipe.

    Attributes
    ----------
    compute : (n,) FLOP spent up to the checkpoint.
    loss : (n,) nats per token.
    run : (n,) number of the run, 0 ... runs - 1.
    """

    compute: Array
    loss: Array
    run: NDArray[np.int64]

    @property
    def runs(self) -> int:
        """Number of training runs."""
        return int(self.run.max()) + 1

    def of_runs(self, drawn: NDArray[np.int64]) -> Checkpoints:
        """Return the checkpoints of the runs in ``drawn``; a run drawn twice counts once.

        A frontier is a minimum over runs, which repeats do not change.
        """
        kept = np.isin(self.run, drawn)
        return Checkpoints(self.compute[kept], self.loss[kept], self.run[kept])

    def frontier(self) -> Checkpoints:
        """Return the checkpoints no other beats with as little compute, by rising compute."""
        order = np.lexsort((self.loss, self.compute))
        loss = self.loss[order]
        before = np.concatenate([[np.inf], np.minimum.accumulate(loss)[:-1]])
        kept = order[loss < before]
        return Checkpoints(self.compute[kept], self.loss[kept], self.run[kept])


@dataclass(frozen=True)
class PowerLaw:
    """ln(L - E) = ln A - b ln C on a frontier of n points.

    ``low`` and ``high`` are the ends of the twentieths of a decade in which its points lie.
    """

    log_level: float
    exponent: float
    irreducible: float
    low: float
    high: float
    n: int

    def excess(self, compute: Array | float) -> Array:
        """Return ln(L - E) at compute in FLOP."""
        return np.asarray(self.log_level - self.exponent * np.log(compute))

    def loss(self, compute: Array | float) -> Array:
        """Return the loss in nats at compute in FLOP."""
        return np.asarray(self.irreducible + np.exp(self.excess(compute)))


def fit_frontier(points: Checkpoints, irreducible: float) -> PowerLaw:
    """Fit a power law to the frontier of checkpoints, with an imposed irreducible loss in nats.

    Raises
    ------
    InputError
        where fewer than two points of the frontier lie above the irreducible loss.
    """
    front = points.frontier()
    if len(front.loss) < 2 or not (front.loss > irreducible).all():
        fix = f"every loss of a frontier must lie above the irreducible loss of {irreducible} nats"
        raise InputError("sweep curves", "loss", float(front.loss.min()), fix)
    weights = _bin_weights(front.compute)
    x, y = np.log(front.compute), np.log(front.loss - irreducible)
    mean_x, mean_y = np.average(x, weights=weights), np.average(y, weights=weights)
    slope = np.sum(weights * (x - mean_x) * (y - mean_y)) / np.sum(weights * (x - mean_x) ** 2)
    return PowerLaw(
        log_level=float(mean_y - slope * mean_x),
        exponent=float(-slope),
        irreducible=irreducible,
        low=10 ** (_bins(front.compute).min() / BINS_A_DECADE),
        high=10 ** ((_bins(front.compute).max() + 1) / BINS_A_DECADE),
        n=len(front.loss),
    )


def _bins(compute: Array) -> Array:
    """Number of the twentieth of a decade that each compute lies in."""
    return np.asarray(np.floor(BINS_A_DECADE * np.log10(compute) + ROUNDING))


def _bin_weights(compute: Array) -> Array:
    _, inverse, counts = np.unique(_bins(compute), return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[inverse])


def log_gain(worse: PowerLaw, better: PowerLaw, compute: Array | float) -> Array:
    """Return ln of the gain of ``better`` over ``worse`` at compute of the better in FLOP.

    Raises
    ------
    ValueError
        for two laws with different irreducible losses, whose gain is no power of compute.
    """
    if worse.irreducible != better.irreducible:
        raise ValueError("a gain needs two laws with the same irreducible loss")
    needed = (worse.log_level - better.excess(compute)) / worse.exponent
    return np.asarray(needed - np.log(compute))


def gain_slope(worse: PowerLaw, better: PowerLaw) -> float:
    """Return d ln gain / d ln C = b2 / b1 - 1."""
    return better.exponent / worse.exponent - 1.0


def extrapolated(worse: PowerLaw, better: PowerLaw, compute: float) -> bool:
    """Return whether a gain at compute of the better lies beyond the runs of either recipe.

    The better's compute must lie in its range, and what the worse needs in the worse's range.
    """
    needed = compute * float(np.exp(log_gain(worse, better, compute)))
    return not (better.low <= compute <= better.high and worse.low <= needed <= worse.high)


def read_off(worse: Checkpoints, better: Checkpoints, compute: float) -> float | None:
    """Return a gain without any law: both frontiers interpolated in ln C against loss.

    None where the better has no checkpoint by that compute, or the worse never gets to that loss.
    """
    first, second = worse.frontier(), better.frontier()
    if not second.compute.min() <= compute <= second.compute.max():
        return None
    loss = float(np.interp(np.log(compute), np.log(second.compute), second.loss))
    if not first.loss.min() <= loss <= first.loss.max():
        return None
    needed = np.interp(-loss, -first.loss, np.log(first.compute))
    return float(np.exp(needed - np.log(compute)))


def draw_frontiers(
    points: Checkpoints, irreducible: float, draws: int, seed: Iterable[object]
) -> list[PowerLaw]:
    """Fit the frontier of ``draws`` resamples of whole runs, with replacement.

    Draw i depends on the names in ``seed`` and on i alone. A draw of a single run has a frontier
    too: its checkpoints.
    """
    names = tuple(seed)
    laws = []
    for i in range(draws):
        rng = np.random.default_rng(seed_of(*names, i))
        drawn = rng.integers(points.runs, size=points.runs)
        laws.append(fit_frontier(points.of_runs(drawn), irreducible))
    return laws
