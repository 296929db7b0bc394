"""Growth of effective compute at the records' own allocation of compute.

At a fixed loss dL = 0, so the compute that a record needs falls by

    (-dL/dt) / (-dL/d ln C)  a year,    dL/d ln C = (dL/dn + s dL/dd) / (1 + s),

where d ln D = s d ln N along the direction in which compute is spent: s = 1 scales parameters and
data alike, s = 0 parameters alone, s = infinity data alone, and the trend takes the least-squares
slope of ln D on ln N over the rows. Over rows with weights w the growth per year is

    G = sum_i w_i (-dL_i/dt) / sum_i w_i (-dL_i/d ln C),

a ratio of sums and not a mean of ratios. No extrapolation enters: every derivative is taken where
a record is (docs/method.md, section 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from algoprog.model.model import Model
from algoprog.model.slopes import Slopes
from algoprog.model.units import calendar_year

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
Direction = Literal["alike", "parameters", "data", "trend"]

DIRECTIONS: tuple[Direction, ...] = ("alike", "parameters", "data", "trend")
EVERY = "all"


@dataclass(frozen=True)
class Group:
    """Rows over which growth is taken: those of a benchmark and of a period, or ``all``."""

    benchmark: str
    period: str
    rows: Rows


@dataclass(frozen=True)
class Falls:
    """How loss falls at each record in each draw, (r, n), in nats.

    time is -dL/dt (per year), parameters -dL/d ln N, data -dL/d ln D; ``share`` is the weight of
    ln D's derivative against ln N's in each direction, s / (1 + s).
    """

    time: Array
    parameters: Array
    data: Array
    share: dict[Direction, float]

    def compute(self, direction: Direction) -> Array:
        """Return -dL/d ln C (r, n) along a direction."""
        share = self.share[direction]
        return (1.0 - share) * self.parameters + share * self.data

    def growth(
        self, direction: Direction, weights: Array | None = None, rows: Rows | None = None
    ) -> Array:
        """Return the growth per year (r,), see :meth:`OwnAllocation.growth`."""
        w = np.ones(self.time.shape[1]) if rows is None else rows.astype(float)
        if weights is not None:
            w = weights * w
        gain, cost = (w * self.time).sum(axis=1), (w * self.compute(direction)).sum(axis=1)
        return _ratio(gain, cost)

    def local(self, direction: Direction) -> Array:
        """Return each record's growth per year (r, n)."""
        return _ratio(self.time, self.compute(direction))


def _ratio(gain: Array, cost: Array) -> Array:
    """Gain over cost; NaN where loss does not fall with compute."""
    return np.where(cost > 0, gain / np.where(cost > 0, cost, 1.0), np.nan)


@dataclass(frozen=True)
class OwnAllocation:
    """Growth at the records' own allocation, as a function of a model's parameters.

    slopes : derivatives of predicted loss on the n rows.
    share : weight of ln D's derivative against ln N's in each direction, s / (1 + s).
    benchmark, year : (n,) benchmark and calendar year of each row.
    """

    slopes: Slopes
    share: dict[Direction, float]
    benchmark: NDArray[np.str_]
    year: Array

    @classmethod
    def of(cls, model: Model) -> OwnAllocation:
        """Return the growth of a model on the rows of its sample."""
        rows = model.sample.rows
        log_parameters = np.log(rows["parameters"].cast(float).to_numpy())
        log_tokens = np.log(rows["dataset_tokens"].cast(float).to_numpy())
        return cls(
            slopes=Slopes.of(model),
            share={
                "alike": 0.5,
                "parameters": 0.0,
                "data": 1.0,
                "trend": trend_share(log_parameters, log_tokens),
            },
            benchmark=rows["benchmark"].to_numpy().astype(str),
            year=calendar_year(rows["published"]),
        )

    def at(self, theta: Array) -> Falls:
        """Return how loss falls at each record for draws theta (r, p)."""
        found = self.slopes.at(theta)
        return Falls(-found["t"], -found["n"], -found["d"], self.share)

    def growth(
        self,
        theta: Array,
        direction: Direction = "alike",
        weights: Array | None = None,
        rows: Rows | None = None,
    ) -> Array:
        """Return the growth per year (r,) of draws theta (r, p).

        Parameters
        ----------
        weights : (r, n) weights of the rows in each draw; equal ones where there are none.
        rows : (n,) which rows count.

        NaN where a draw's loss does not fall with compute over the rows: there is no amount of
        compute that stands for a year.
        """
        return self.at(theta).growth(direction, weights, rows)

    def gradient(self, theta: Array, direction: Direction = "alike") -> Array:
        """Return the derivative (p,) of growth over all rows by the parameters theta (p,).

        d(a / b) = (da - G db) / b, with a and b the means of -dL/dt and of -dL/d ln C.
        """
        found, share = self.slopes.means(theta), self.share[direction]
        (gain, its), (n, by_n), (d, by_d) = (found[along] for along in ("t", "n", "d"))
        cost = (1.0 - share) * n + share * d
        return np.asarray((its - gain / cost * ((1.0 - share) * by_n + share * by_d)) / cost)

    def local(self, theta: Array, direction: Direction = "alike") -> Array:
        """Return each record's growth per year (n,) at one theta (p,); NaN as :meth:`growth`."""
        return np.asarray(self.at(theta[None, :]).local(direction)[0])

    def groups(self, since: tuple[int, ...]) -> Iterator[Group]:
        """Yield all rows, those of each benchmark, and those published since each year."""
        everything = np.ones(len(self.year), dtype=bool)
        yield Group(EVERY, EVERY, everything)
        names = sorted(set(self.benchmark.tolist()))
        for name in names if len(names) > 1 else ():
            yield Group(name, EVERY, self.benchmark == name)
        for year in since:
            recent = self.year >= year
            if recent.any() and not recent.all():
                yield Group(EVERY, f"since_{year}", recent)


def trend_share(log_parameters: Array, log_tokens: Array) -> float:
    """Return s / (1 + s) of the least-squares slope s of ln D on ln N.

    One half (alike) where N does not vary, for then no trend can be told; never below 0 or above
    1, for a trend along which one of the two falls is no direction of more compute.
    """
    n = log_parameters - log_parameters.mean()
    square = float(n @ n)
    if square == 0.0:
        return 0.5
    slope = max(float(n @ log_tokens) / square, 0.0)
    return slope / (1.0 + slope)
