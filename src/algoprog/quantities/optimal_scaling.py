"""Doubling times of effective compute by optimal scaling, and pooled over variants.

At compute C and a calendar year, loss is least over N D = C / 6 at (N*, D*). The same at 2C gives
the target loss, and the doubling time is the T with (Ho et al. 2024, section 3.1 and appendix G)

    yhat(N*, D*, year + T) = min over 6 N D = 2C of yhat(N, D, year).

Both are problems in one unknown. In u = ln N the exponents are affine, so loss is convex; of two
exponentials exp(a_k + s_k u) with slopes of opposite signs the minimum is at

    u* = (ln(-s_2 / s_1) + a_2 - a_1) / (s_1 - s_2),

and of any others where the derivative, which increases, changes sign. In T loss is convex where
exponents are linear in time (or all are in ln Y); the root is bracketed on the branch that holds
T = 0, up to the first turning point. Differences of loss are formed from differences of exponents,
so nothing cancels.

Of two exponentials A = exp(a - eps ln N - rho t) and B = exp(b - phi ln D - sigma t) the optimum
has eps A = phi B, so levels, C and the year drop out, and T solves

    (phi exp(-rho T) + eps exp(-sigma T)) / (eps + phi) = 2^(-eps phi / (eps + phi)).

For small steps growth is the closed form's, rho / eps + sigma / phi. A doubling is not small: the
slower exponential weighs more and more, so growth is less, and where the other rises with time the
target may never be reached. The two are equal for rho = sigma (m12) and for compute in one
exponential (m18).

A model has at least one parameter and a data set at least one token: 1 <= N <= C / 6. So every draw
has an optimum; one in a corner (an elasticity that is zero or has the wrong sign) is counted.
Growth g = ln2 / T per year of every draw is an extended real:

- loss never reaches the target, or does not change with time: 0 (it never doubles);
- loss rises with time, and was at the target |T| years ago: negative;
- compute does not change loss at all: infinite, with the sign of progress (0 without);
- compute raises loss (both elasticities of the wrong sign): the same equation, target above;
- NaN only for draws with parameters that are not finite, or whose loss overflows; not counted in
  ``n_draws``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.model.exponents import Exponents
from algoprog.model.growth import ALL
from algoprog.model.model import Model
from algoprog.quantities.closed_form import Key, interval_columns, point_months
from algoprog.resampling.ranking import Member, distinct

Array = NDArray[np.float64]

COMPUTE = 1e25  # FLOP
YEAR = 2023.0
FLOP_PER_PARAMETER_AND_TOKEN = 6.0
# Brackets of T: from the first Newton step over 2^10 to 2^120 times it.
_STEPS = 2.0 ** np.arange(-10.0, 120.5, 0.5)
_BISECTIONS = 110  # more than the bits between any bracket's ends


@dataclass(frozen=True)
class Optimum:
    """Optimal allocation of r draws: ln N (r,), and where it is at N = 1 or D = 1."""

    log_parameters: Array
    corner: NDArray[np.bool_]


def _exp(eta: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(eta))


def minimise(level: Array, slope: Array, exponential: NDArray[np.bool_], high: float) -> Optimum:
    """Where in 0 <= u <= high sum_k exp(level_k + slope_k u) + linear terms is least.

    ``level`` and ``slope`` are (r, K); terms that are not ``exponential`` are linear. Where loss
    does not depend on u the middle is taken.
    """
    linear = slope[:, ~exponential].sum(axis=1)
    a, s = level[:, exponential], slope[:, exponential]

    def derivative(u: Array) -> Array:
        eta = a + s * u[:, None]
        top = eta.max(axis=1, initial=-700.0)
        return np.asarray((s * np.exp(eta - top[:, None])).sum(axis=1) + linear * np.exp(-top))

    low, up = np.zeros(len(level)), np.full(len(level), high)
    with np.errstate(invalid="ignore"):
        falls, rises = derivative(low) < 0, derivative(up) > 0
    flat = ~(s.any(axis=1) | (linear != 0))
    corner = ~(falls & rises) & ~flat
    u = np.where(flat, high / 2, np.where(falls, high, 0.0))
    inside = falls & rises
    if a.shape[1] == 2:
        closed = inside & (linear == 0)
        (a1, a2), (s1, s2) = a[closed].T, s[closed].T
        u[closed] = (np.log(-s2 / s1) + a2 - a1) / (s1 - s2)
        inside &= ~closed
    if inside.any():
        u[inside] = bisect(lambda x: derivative(_fill(x, inside))[inside], low[inside], up[inside])
    u[~np.isfinite(level).all(axis=1) | ~np.isfinite(slope).all(axis=1)] = np.nan
    return Optimum(u, corner)


def _fill(values: Array, where: NDArray[np.bool_]) -> Array:
    full = np.zeros(len(where))
    full[where] = values
    return full


def bisect(f: Any, low: Array, high: Array) -> Array:
    """Roots (r,) of f between low and high, where its sign changes, to the last bit."""
    low, high = low.copy(), high.copy()
    sign = np.sign(f(low))
    for number in range(_BISECTIONS):
        middle = low + (high - low) / 2
        same = np.sign(f(middle)) == sign
        before = low, high
        low, high = np.where(same, middle, low), np.where(same, high, middle)
        if number % 4 == 3 and np.array_equal(before, (low, high), equal_nan=True):
            break  # no bracket narrows any more
    return np.asarray(low + (high - low) / 2)


@dataclass(frozen=True)
class _Path:
    """h(T) = loss(T) - target of r draws, in units of the largest exponential at T = 0.

    Exponentials have weights w (r, K), the linear part is linear_rate T + linear_log L(T) with
    L(T) = ln(1 + T / year); exponents change by rate T + log_rate L(T).
    """

    weight: Array
    rate: Array
    log_rate: Array
    linear_rate: Array
    linear_log: Array
    gap: Array
    year: float

    def rows(self, where: NDArray[np.bool_]) -> _Path:
        return _Path(
            self.weight[where],
            self.rate[where],
            self.log_rate[where],
            self.linear_rate[where],
            self.linear_log[where],
            self.gap[where],
            self.year,
        )

    def _log(self, years: Array) -> Array:
        return np.log1p(np.maximum(years / self.year, -1 + 1e-12))  # there is no year below 0

    def value(self, years: Array) -> Array:
        log = self._log(years)
        with np.errstate(over="ignore", invalid="ignore"):
            change = np.expm1(self.rate * years[:, None] + self.log_rate * log[:, None])
            terms = np.where(self.weight > 0, self.weight * change, 0.0)
            return np.asarray(
                terms.sum(axis=1) + self.linear_rate * years + self.linear_log * log - self.gap
            )

    def slope(self, years: Array) -> Array:
        log, per_log = self._log(years), 1.0 / np.maximum(self.year + years, self.year * 1e-12)
        rate = self.rate + self.log_rate * per_log[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            grown = np.exp(self.rate * years[:, None] + self.log_rate * log[:, None])
            terms = np.where((self.weight > 0) & (rate != 0), self.weight * rate * grown, 0.0)
            return np.asarray(terms.sum(axis=1) + self.linear_rate + self.linear_log * per_log)


def _growth(path: _Path) -> Array:
    """ln2 / T (r,) with T the root of h on the branch of T = 0; the cases are the module's."""
    r = len(path.gap)
    start, falls = -path.gap, path.slope(np.zeros(r))
    growth = np.zeros(r)
    growth[np.isnan(start) | np.isnan(falls)] = np.nan
    growth[(start == 0) & (falls < 0)] = np.inf
    growth[(start == 0) & (falls > 0)] = -np.inf
    moving = np.isfinite(start) & np.isfinite(falls) & (start != 0) & (falls != 0)
    if not moving.any():
        return growth
    path, start, falls = path.rows(moving), start[moving], falls[moving]
    step = -start / falls  # signed: Newton's first
    low, high = np.zeros(len(step)), np.full(len(step), np.nan)
    turned = np.zeros(len(step), dtype=bool)
    for factor in _STEPS:
        reach = step * factor
        with np.errstate(invalid="ignore"):
            crossed = path.value(reach) * np.sign(start) <= 0
            turns = ~crossed & (path.slope(reach) * np.sign(falls) <= 0)
        new = np.isnan(high) & (crossed | turns)
        high[new], turned[new] = reach[new], turns[new]
        low = np.where(np.isnan(high), reach, low)
        if not np.isnan(high).any():
            break
    if turned.any():  # the least loss on this branch: is it at the target?
        some = path.rows(turned)
        turn = bisect(some.slope, low[turned], high[turned])
        with np.errstate(invalid="ignore"):
            below = some.value(turn) * np.sign(start[turned]) <= 0
        high[turned] = np.where(below, turn, np.nan)
    found = ~np.isnan(high)
    years = np.full(len(step), np.inf)
    if found.any():
        years[found] = bisect(path.rows(found).value, low[found], high[found])
    with np.errstate(divide="ignore"):
        growth[moving] = np.log(2) / years
    return growth


def _split(exponents: Exponents, now: Array, compute: float) -> tuple[Array, Array, float]:
    """Level and slope (r, K) of each term in u = ln N, and ln N + ln D, at compute C.

    ``now`` (r, K, 3) are the coefficients of 1, n and d in a year.
    """
    origin = exponents.origin
    budget = float(np.log(compute / FLOP_PER_PARAMETER_AND_TOKEN))
    level = (
        now[:, :, 0]
        - now[:, :, 1] * origin.log_parameters
        + now[:, :, 2] * (budget - origin.log_tokens)
    )
    return level, now[:, :, 1] - now[:, :, 2], budget


def optimum(exponents: Exponents, now: Array, compute: float) -> tuple[Optimum, float]:
    """Return the optimal allocation of compute C for coefficients (r, K, 3), and ln N + ln D."""
    level, slope, budget = _split(exponents, now, compute)
    return minimise(level, slope, exponents.exponential, budget), budget


def solve(
    exponents: Exponents, theta: Array, compute: float = COMPUTE, year: float = YEAR
) -> tuple[Array, Optimum]:
    """Growth (r,) of effective compute per year, ln2 / T, and the allocation at ``compute``.

    Parameters
    ----------
    exponents : the variant on one benchmark.
    theta : (r, p) draws in the order of ``exponents.names``.
    compute : C in FLOP.
    year : calendar year as a real number.
    """
    h = exponents.coefficients(theta)
    now = exponents.at_year(h, year)
    origin, exponential = exponents.origin, exponents.exponential
    level, slope, budget = _split(exponents, now, compute)
    best = minimise(level, slope, exponential, budget)
    u = best.log_parameters
    more = np.log(2)
    then = minimise(level + more * now[:, :, 2], slope, exponential, budget + more)
    moved = then.log_parameters - u
    gain = more * now[:, :, 2] + slope * moved[:, None]  # of each term from doubling compute

    eta = level + slope * u[:, None]
    x = np.stack(
        [np.ones_like(u), u - origin.log_parameters, budget - u - origin.log_tokens], axis=1
    )
    rate, log_rate = (np.einsum("rki,ri->rk", h[..., j], x) for j in (1, 2))
    e, lin = exponential, ~exponential
    top = eta[:, e].max(axis=1, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(eta[:, e] - top[:, None])
    unit = _exp(-top)
    path = _Path(
        weight=weight,
        rate=rate[:, e],
        log_rate=log_rate[:, e],
        linear_rate=unit * rate[:, lin].sum(axis=1),
        linear_log=unit * log_rate[:, lin].sum(axis=1),
        gap=(weight * np.expm1(gain[:, e])).sum(axis=1) + unit * gain[:, lin].sum(axis=1),
        year=year,
    )
    return _growth(path), best


@dataclass(frozen=True)
class OptimalScaling:
    """A variant's doubling times by optimal scaling, one for each benchmark where they differ."""

    exponents: dict[str, Exponents]
    compute: float = COMPUTE
    year: float = YEAR

    @classmethod
    def of(
        cls, model: Model, compute: float = COMPUTE, year: float = YEAR
    ) -> OptimalScaling | None:
        """Return that of a model; None without progress, or for other formulas.

        Benchmarks: ``all`` where loss differs in level at most, and levels do not matter (but in
        corners, where they are the baseline's); each where rates or elasticities differ, or levels
        do and matter (m14, m15: rates depend on the optimum).
        """
        parts = {name: model.exponents(name) for name in model.units.levels}
        found = {name: part for name, part in parts.items() if part is not None}
        if len(found) < len(parts) or not any(part.progresses for part in found.values()):
            return None
        first = found[model.units.baseline]
        free = first.level_free and all(first.same_progress(part) for part in found.values())
        if free or all(first.same(part) for part in found.values()):
            found = {ALL: first}
        return cls(found, compute, year)

    def on(self, benchmark: str) -> Exponents:
        """Return the exponents on a benchmark, or those of all."""
        return self.exponents.get(ALL) or self.exponents[benchmark]

    @property
    def names(self) -> tuple[str, ...]:
        """The variant's parameters, in the order of every theta."""
        return next(iter(self.exponents.values())).names

    def growth(self, theta: Array) -> dict[str, Array]:
        """Growth (r,) of effective compute per year by benchmark, of r draws theta (r, p)."""
        return {
            name: solve(part, theta, self.compute, self.year)[0]
            for name, part in self.exponents.items()
        }

    def growth_of(self, draws: pl.DataFrame) -> dict[str, Array]:
        """The same, of a frame of draws with a column for each parameter."""
        return self.growth(draws.select(self.names).to_numpy())

    def corners(self, draws: pl.DataFrame) -> dict[str, int]:
        """How many draws have no interior optimum, by benchmark."""
        theta = draws.select(self.names).to_numpy()
        return {
            name: int(solve(part, theta, self.compute, self.year)[1].corner.sum())
            for name, part in self.exponents.items()
        }

    def rows(
        self, key: Key, estimates: Mapping[str, float], draws: pl.DataFrame | None
    ) -> list[dict[str, Any]]:
        """Rows of `doubling_times` for one fit, one for each benchmark.

        ``key`` holds sample, variant, delta, estimator, resampling; ``estimates`` are the fit's
        parameters by name; without ``draws`` there is only the point.
        """
        point = self.growth(np.array([[estimates[name] for name in self.names]]))
        drawn = None if draws is None else self.growth_of(draws)
        rows: list[dict[str, Any]] = []
        estimator = str(key["estimator"])
        for benchmark, growth in point.items():
            g = float(growth[0])
            row: dict[str, Any] = {**key, "definition": "optimal_scaling", "quantity": "compute"}
            row |= {"benchmark": benchmark, "point": point_months(g, estimator)}
            row |= {"growth_point": g}
            if drawn is not None:
                row |= _interval(drawn[benchmark], estimator)
            rows.append(row)
        return rows


def _interval(growth: Array, estimator: str) -> dict[str, Any]:
    """Interval columns of the draws that are numbers; blank when none is."""
    known = growth[~np.isnan(growth)]
    return interval_columns(known, estimator) if known.size else {"n_draws": 0}


def pooled(
    key: Mapping[str, str],
    members: Sequence[Member],
    growth: Mapping[Member, Mapping[str, Array]],
) -> list[dict[str, Any]]:
    """Rows of `pooled_doubling_times` for the pools ``top<size>`` and ``distinct``.

    Draws of growth by optimal scaling are concatenated; a benchmark-specific variant contributes
    one set for each benchmark (so it weighs as much as several variants).

    Parameters
    ----------
    key : estimator and resampling of the draws.
    members : the best (variant, delta), best first.
    growth : of each member the draws (r,) by benchmark; empty for a variant without progress.

    Raises
    ------
    KeyError
        for a member without an entry in ``growth``.
    """
    rows = []
    for pool, chosen in ((f"top{len(members)}", members), ("distinct", distinct(members))):
        sets = [draws for member in chosen for draws in growth[member].values()]
        row: dict[str, Any] = {**key, "pool": pool, "n_sets": len(sets)}
        rows.append(row | (_interval(np.concatenate(sets), key["estimator"]) if sets else {}))
    return rows
