"""Simulated histories of known rate: nine worlds in which records may come about.

Every history lasts a window of length 1 and is meant to hold so many innovations of mean gain 1, so
that the true rate is their number. An interval of the rate should hold it wherever a history of
ours might come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.histories.intervals import FIFTHS, PHASES, Moments, stretch_of

Array = NDArray[np.float64]

NOISE = 0.5  # standard deviation of measurement, in mean gains
DECLINE = 0.25  # effort at the end, relative to that at the beginning
FINE = 50  # stretches that a falling effort is cut into


@dataclass(frozen=True)
class Histories:
    """Many simulated histories, one a row; a history's records come first, in order of time.

    gains, times  (m, k), zero where there is no record
    there         (m, k), whether there is one
    rate          the long-run rate
    given         (m,) the rate that the drawn pace of each history implies
    """

    gains: Array
    times: Array
    there: NDArray[np.bool_]
    rate: float
    given: Array

    @property
    def number(self) -> NDArray[np.int64]:
        """Number of records of each history (m,)."""
        return np.asarray(self.there.sum(axis=1))

    def moments(self) -> Moments:
        """Return what the intervals need of every history."""
        rows = np.arange(len(self.gains))[:, None]
        sums = np.zeros((len(self.gains), PHASES, FIFTHS))
        for phase in range(PHASES):
            cell = rows * FIFTHS + stretch_of(self.times, 1.0, FIFTHS, phase / PHASES)
            flat = np.bincount(cell.ravel(), self.gains.ravel(), len(rows) * FIFTHS)
            sums[:, phase] = flat.reshape(-1, FIFTHS)
        return Moments(
            total=self.gains.sum(axis=1),
            squares=(self.gains**2).sum(axis=1),
            largest=self.gains.max(axis=1),
            number=self.number,
            sums=sums,
        )

    def only(self, rows: NDArray[np.bool_]) -> Histories:
        """Return some of the histories."""
        return Histories(
            self.gains[rows], self.times[rows], self.there[rows], self.rate, self.given[rows]
        )


def lognormal(variation: float, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return gains of mean 1 whose logarithm is normal, with this coefficient of variation."""
    variance = np.log1p(variation**2)
    return rng.lognormal(-variance / 2, np.sqrt(variance), shape)


def exponential(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return exponential gains of mean 1."""
    return rng.exponential(1.0, shape)


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return gains whose coefficient of variation is 1.8."""
    return lognormal(1.8, rng, shape)


def very_heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return gains whose coefficient of variation is 3.5."""
    return lognormal(3.5, rng, shape)


Gains = Callable[[np.random.Generator, tuple[int, int]], Array]
World = Callable[[int, int, np.random.Generator], Histories]


def even(gains: Gains) -> World:
    """Return the world of records at an even pace."""

    def drawn(records: int, histories: int, rng: np.random.Generator) -> Histories:
        return _at_pace(np.ones((histories, 1)), records, gains, rng)

    return drawn


def bursts(stretches: int, variation: float, gains: Gains) -> World:
    """Return the world whose pace is drawn anew, from a gamma distribution, in every stretch."""

    def drawn(records: int, histories: int, rng: np.random.Generator) -> Histories:
        shape = 1.0 / variation**2
        pace = rng.gamma(shape, 1.0 / shape, (histories, stretches))
        return _at_pace(pace, records, gains, rng)

    return drawn


def declining(records: int, histories: int, rng: np.random.Generator) -> Histories:
    """Draw histories whose effort falls along a line to a quarter; gains are exponential."""
    effort = np.linspace(1.0, DECLINE, FINE)
    pace = np.tile(effort / effort.mean(), (histories, 1))
    return _at_pace(pace, records, exponential, rng)


def attempts(records: int, histories: int, rng: np.random.Generator) -> Histories:
    """Draw records among noisy attempts around a steady trend.

    The intensity is ``exp(a + b t - S(t))`` with S the gain so far and exponential gains of mean 1,
    so the trend and the long-run rate are b; the start is at the equilibrium a = log b.
    """
    rate = float(records)
    most = int(records + 8 * np.sqrt(records) + 15)
    gains = exponential(rng, (histories, most))
    times = np.zeros_like(gains)
    intensity, now = np.full(histories, np.log(rate)), np.zeros(histories)
    for k in range(most):
        wait = np.log1p(rate * rng.exponential(1.0, histories) * np.exp(-intensity)) / rate
        now = now + wait
        times[:, k] = now
        intensity = intensity + rate * wait - gains[:, k]
    there = times < 1.0
    return Histories(
        np.where(there, gains, 0.0),
        np.where(there, times, 1.0),
        there,
        rate,
        np.full(histories, rate),
    )


def measured(records: int, histories: int, rng: np.random.Generator) -> Histories:
    """Draw even histories, measured with noise, of which only what looks like a record is kept."""
    true = even(exponential)(records, histories, rng)
    noise = rng.normal(0.0, NOISE, (histories, true.gains.shape[1] + 1))
    reached = np.cumsum(true.gains, axis=1) + noise[:, 1:]
    seen = np.where(true.there, reached, -np.inf)
    before = np.maximum.accumulate(np.column_stack([noise[:, 0], seen]), axis=1)[:, :-1]
    kept = true.there & (seen > before)
    gains = np.where(kept, np.where(kept, seen, 0.0) - before, 0.0)
    return Histories(gains, true.times, kept, true.rate, true.given)


WORLDS: dict[str, World] = {
    "even, exponential gains": even(exponential),
    "even, heavy gains": even(heavy),
    "even, very heavy gains": even(very_heavy),
    "bursts, exponential gains": bursts(8, 0.8, exponential),
    "bursts, heavy gains": bursts(8, 0.8, heavy),
    "longer bursts, heavy gains": bursts(5, 1.0, heavy),
    "effort falls to a quarter": declining,
    "noisy attempts around a trend": attempts,
    "noisy measurement": measured,
}
# Worlds whose pace is drawn, so that a rate given the pace differs from the long-run one.
DRAWN_PACE = (
    "bursts, exponential gains",
    "bursts, heavy gains",
    "longer bursts, heavy gains",
)


def _at_pace(pace: Array, records: int, gains: Gains, rng: np.random.Generator) -> Histories:
    """Histories of Poisson arrivals at a relative pace (m, stretches) of mean 1."""
    histories, stretches = pace.shape
    share = pace.mean(axis=1)
    number = rng.poisson(records * share)
    most = max(int(number.max()), 1)
    there = np.arange(most) < number[:, None]
    chance = rng.random((histories, most))
    edges = np.cumsum(pace, axis=1) / np.maximum(pace.sum(axis=1, keepdims=True), 1e-300)
    stretch = (chance[:, :, None] > edges[:, None, :-1]).sum(axis=2)
    times = (stretch + rng.random((histories, most))) / stretches
    times = np.sort(np.where(there, times, 1.0), axis=1)
    drawn = gains(rng, (histories, most))
    return Histories(np.where(there, drawn, 0.0), times, there, float(records), records * share)
