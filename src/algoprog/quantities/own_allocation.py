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
        time, scale = self._falls(theta, direction)
        w = np.ones_like(time) if weights is None else np.broadcast_to(weights, time.shape)
        if rows is not None:
            w = w * rows
        gain, cost = (w * time).sum(axis=1), (w * scale).sum(axis=1)
        return np.where(cost > 0, gain / np.where(cost > 0, cost, 1.0), np.nan)

    def local(self, theta: Array, direction: Direction = "alike") -> Array:
        """Return each record's growth per year (n,) at one theta (p,); NaN as :meth:`growth`."""
        time, scale = (one[0] for one in self._falls(theta[None, :], direction))
        return np.where(scale > 0, time / np.where(scale > 0, scale, 1.0), np.nan)

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

    def _falls(self, theta: Array, direction: Direction) -> tuple[Array, Array]:
        """Return -dL/dt and -dL/d ln C (r, n)."""
        found = self.slopes.at(theta)
        share = self.share[direction]
        return -found["t"], -((1.0 - share) * found["n"] + share * found["d"])


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
