"""Priors on what a variant's parameters stand for, whatever its formulas.

A parameter of a formula has no size of its own: an intercept at the sample's origin, or alpha_param
beside alpha_rate ln Y, means nothing by itself. Priors are on quantities u at the middle of each
benchmark's rows (means of ln N, ln D and date; a transformer), or of the whole sample where a
variant has no levels for benchmarks. Each is normal:

level               logarithm of the loss the exponentials add up to, in nats
split               log-odds of an exponential's part of it against the first's
level difference    of a benchmark's level from the baseline's (or of a column of its own)
split difference    of a benchmark's split from the baseline's
exponent            logarithm of the elasticity -d eta_k / d ln(scale): more scale never adds loss
exponent difference elasticity of a column that only one benchmark or architecture has besides
rate                -d eta_k / dt of one column, per year, centred at zero: progress is not assumed
rate difference     the same of a column that one benchmark has besides
linear              what a linear term adds to loss, in nats
multiplier          gamma itself, of a loss times sigma(gamma)

Scaling laws report exponents of 0.05 to 0.1 without and 0.28 to 0.37 with an irreducible loss
(Kaplan et al. 2020; Hoffmann et al. 2022; Besiroglu et al. 2024); a variant without one has
exponents between, and a log-normal with median 0.15 and log-sd 0.7 has 0.04 to 0.59 as its central
95 %. Which role a parameter has is read off how its first column moves with scale and time.

From u follow q = M theta + held: an exponential's eta_k = level + ln w_k with the shares w =
softmax(0, splits), elasticities exp(u), rates as they are; and theta = M^-1 (q - held).

Data determine sums over exponentials well (the loss, its slopes in ln N, ln D and t) and hardly
which exponential does what, so u itself is awkward to sample. x is what data determine: ln(w eps)
in place of ln eps, and of rates rho_k their mean sum_k w_k rho_k with their differences from the
first's, w the mean of shares over all rows. Both maps have determinant one, so the density of x is
that of u.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.model.design import Compiler, variables

Array = NDArray[np.float64]

_STEP = 1e-3  # of central differences; columns are at most mildly curved
_N, _D, _T = ("n", "c"), ("d", "d_seen", "d_effective", "c"), ("t",)
_SCALES_AND_TIME = ("t", "n", "d", "d_seen", "d_effective", "c")
_WORST_CONDITION = 1e12


@dataclass(frozen=True)
class Prior:
    """Independent normal priors of u, and how theta follows from u, and u from x.

    Indices are of parameters; rows of groups have one for each of E exponentials.

    Attributes
    ----------
    parameters : names of the p parameters.
    roles : the role of each (module's list).
    mean, sd : (p,) of u.
    to_theta : (p, p), the inverse of M.
    held : (p,) what held parameters add to q.
    levels : (E,) level and splits; empty where an exponential has no intercept of its own.
    level_differences : (L, E) of each benchmark that has one in every exponential.
    weights : (L + 1,) part of the rows on the baseline, or like it, and on each such benchmark.
    exponents : (p,) exponential of each elasticity, from 0; -1 of other parameters.
    rates : (R, E) rates that are taken together; -1 where an exponential has none.
    """

    parameters: tuple[str, ...]
    roles: tuple[str, ...]
    mean: Array
    sd: Array
    to_theta: Array
    held: Array
    n_exponentials: int
    levels: NDArray[np.int64]
    level_differences: NDArray[np.int64]
    weights: Array
    exponents: NDArray[np.int64]
    rates: NDArray[np.int64]

    def log_shares(self, u: Array, difference: NDArray[np.int64] | None = None) -> Array:
        """Logarithms of w (..., E) of u (..., p), on the baseline or with a level difference."""
        shares = np.zeros((*u.shape[:-1], self.n_exponentials))
        if self.levels.size:
            shares[..., 1:] = u[..., self.levels[1:]]
        if difference is not None:
            shares[..., 1:] += u[..., difference[1:]]
        top = shares.max(axis=-1, keepdims=True)
        return np.asarray(shares - top - np.log(np.exp(shares - top).sum(axis=-1, keepdims=True)))

    def mean_log_shares(self, u: Array) -> Array:
        """The logarithm (..., E) of the mean of w over all rows."""
        shares = self.weights[0] * np.exp(self.log_shares(u))
        for weight, group in zip(self.weights[1:], self.level_differences, strict=True):
            shares = shares + weight * np.exp(self.log_shares(u, group))
        return np.asarray(np.log(shares))

    def theta(self, u: Array) -> Array:
        """Parameters (..., p) of u (..., p)."""
        q = u.copy()
        scaled = self.exponents >= 0
        q[..., scaled] = np.exp(u[..., scaled])
        if self.levels.size:
            shares = self.log_shares(u)
            q[..., self.levels] = u[..., self.levels[:1]] + shares
            for group in self.level_differences:
                q[..., group] = u[..., group[:1]] + self.log_shares(u, group) - shares
        return np.asarray((q - self.held) @ self.to_theta.T)

    def u(self, x: Array) -> Array:
        """Quantities u (..., p) of the coordinates that are sampled, x (..., p)."""
        u = x.copy()
        shares = self.mean_log_shares(x)
        scaled = self.exponents >= 0
        u[..., scaled] -= shares[..., self.exponents[scaled]]
        for group in self.rates:
            own = group >= 0
            members = group[own]
            weights = np.exp(shares[..., own])
            weights /= weights.sum(axis=-1, keepdims=True)
            apart = x[..., members].copy()
            apart[..., 0] = 0.0
            mean = x[..., members[:1]] - (weights * apart).sum(axis=-1, keepdims=True)
            u[..., members] = mean + apart
        return u

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Quantities u (size, p) drawn from the prior."""
        return np.asarray(self.mean + self.sd * rng.standard_normal((size, len(self.mean))))


@dataclass(frozen=True)
class _Point:
    """Columns and offsets of every term at one benchmark and architecture: value, derivatives."""

    value: Array
    slopes: tuple[Array, Array]
    time: Array
    held: Array
    held_slopes: tuple[Array, Array]


def _points(
    compiler: Compiler, variant: str, spec: Mapping[str, Any], sample: pl.DataFrame, own: bool
) -> dict[tuple[str, float], _Point]:
    """At the middle of each benchmark's own rows, or of all."""
    values = variables(sample, compiler.origin, compiler.benchmarks)
    found = {}
    for benchmark in compiler.levels:
        rows = (sample["benchmark"] == benchmark).to_numpy() | (not own)
        middle = {name: float(np.median(values[name][rows])) for name in _SCALES_AND_TIME}
        vocabulary = compiler.benchmarks["definitions"][benchmark].get("vocabulary") or 1
        for transformer in (0.0, 1.0):
            moved = {name: [value] * 7 for name, value in middle.items()}
            for i, names in enumerate((_N, _D, _T)):
                for name in names:
                    moved[name][1 + 2 * i] += _STEP
                    moved[name][2 + 2 * i] -= _STEP
            design = compiler.points(
                variant, spec, b=np.full(7, benchmark), T=transformer, V=vocabulary, **moved
            )

            def slope(of: Array, i: int) -> Array:
                rise = (of[:, 1 + 2 * i] - of[:, 2 + 2 * i]) / (2 * _STEP)
                return np.where(np.abs(rise) < 1e-9, 0.0, rise)

            found[benchmark, transformer] = _Point(
                design.columns[:, 0],
                (slope(design.columns, 0), slope(design.columns, 1)),
                slope(design.columns, 2),
                design.offset[:, 0],
                (slope(design.offset, 0), slope(design.offset, 1)),
            )
    return found


def prior_of(
    compiler: Compiler,
    variant: str,
    spec: Mapping[str, Any],
    sample: pl.DataFrame,
    priors: Mapping[str, Any],
    width: float = 1.0,
) -> Prior:
    """The prior of a variant on a sample.

    Parameters
    ----------
    priors : the section `bayes.priors`.
    width : factor on every standard deviation.

    Raises
    ------
    InputError
        for a variant whose quantities do not determine its parameters (a column that is zero at
        the middle of the sample, for instance).
    """
    design = compiler.rows(variant, spec, sample)
    baseline = compiler.levels[0]
    points = _points(compiler, variant, spec, sample, own=True)
    if not _benchmark_levels(points, baseline):
        points = _points(compiler, variant, spec, sample, own=False)
    both = [points[baseline, transformer] for transformer in (1.0, 0.0)]
    everywhere = [*both, *(at for (b, _), at in points.items() if b != baseline)]
    owner, p = design.parameter_of_column, design.p
    matrix, held = np.zeros((p, p)), np.zeros(p)
    roles = [""] * p
    exponents = np.full(p, -1, dtype=np.int64)
    # of each role that exponentials share: benchmark, exponential, parameter
    found: dict[str, dict[str, dict[int, int]]] = {}

    def member(role: str, benchmark: str, k: int, j: int) -> None:
        found.setdefault(role, {}).setdefault(benchmark, {}).setdefault(k, j)

    def number(role: str, benchmark: str, k: int) -> str:
        """The benchmark and how many parameters exponential k has in the role already."""
        had = sum(k in of for b, of in found.get(role, {}).items() if b.split(".")[0] == benchmark)
        return f"{benchmark}.{had}"

    def add(j: int, columns: NDArray[np.int64], weights: Array) -> None:
        np.add.at(matrix[j], owner[columns], weights)

    def benchmark_of(column: Any, of: Callable[[_Point], Array]) -> str:
        """The benchmark besides the baseline on which the column is not zero."""
        return next(b for (b, _), at in points.items() if b != baseline and of(at)[column])

    def where(column: Any, of: Callable[[_Point], Array]) -> _Point:
        """Where the column is not zero, a transformer on the baseline first."""
        return next((at for at in everywhere if of(at)[column]), both[0])

    exponentials = [k for k, term in enumerate(design.terms) if term.exponential]
    for k, term in enumerate(design.terms):
        columns = np.arange(term.start, term.stop)
        side = {
            c: next((s for s in (0, 1) if any(a.slopes[s][c] for a in everywhere)), -1)
            for c in columns
        }
        timed = {c for c in columns if any(at.time[c] for at in everywhere)}
        for c in columns:
            j, s, one = int(owner[c]), side[c], np.array([c])
            if roles[j]:
                continue
            if not term.exponential:
                roles[j] = "linear"
                add(j, one, where(c, _value).value[one])
            elif c in timed:
                main = any(at.time[c] for at in both)
                roles[j] = "rate" if main else "rate difference"
                benchmark = baseline if main else benchmark_of(c, _time)
                member(roles[j], number(roles[j], benchmark, k), k, j)
                add(j, one, -where(c, _time).time[one])
            elif s >= 0:
                rivals = [r for r in columns if side[r] == s and r not in timed and r != c]
                alone = [at for at in both if at.slopes[s][c] and not any(at.slopes[s][rivals])]
                if alone:
                    roles[j], exponents[j] = "exponent", exponentials.index(k)
                    add(j, columns, -alone[0].slopes[s][columns])
                    held[j] = -alone[0].held_slopes[s][k]
                else:
                    roles[j] = "exponent difference"
                    at = next((at for at in everywhere if at.slopes[s][c]), both[0])
                    add(j, one, -at.slopes[s][one])
            elif all(at.value[c] for at in both) and k not in found.get("level", {}).get("", {}):
                roles[j] = "level"
                member("level", "", k, j)
                add(j, columns, both[0].value[columns])
                held[j] = both[0].held[k]
            else:
                roles[j] = "level difference"
                shared = any(at.value[c] for at in both)
                if shared or not any(at.value[c] for at in everywhere):
                    add(j, one, where(c, _value).value[one])
                else:
                    benchmark = benchmark_of(c, _value)
                    member("level difference", benchmark, k, j)
                    at = points[benchmark, 1.0]
                    add(j, columns, at.value[columns] - both[0].value[columns])
                    held[j] = at.held[k] - both[0].held[k]
    if design.multiplier_parameter >= 0:
        roles[design.multiplier_parameter] = "multiplier"
        matrix[design.multiplier_parameter, design.multiplier_parameter] = 1.0
    if not np.linalg.cond(matrix) < _WORST_CONDITION:
        lost = [name for name, row in zip(design.parameters, matrix, strict=True) if not row.any()]
        raise InputError(
            "config.yaml",
            f"variants.{variant}",
            "no prior for " + ", ".join(lost or design.parameters),
            "use columns that differ from each other and are not zero at the middle of the sample",
        )

    def groups(role: str) -> list[list[int]]:
        """Parameters of a role by benchmark, one (or -1) for each exponential."""
        return [[of.get(k, -1) for k in exponentials] for of in found.get(role, {}).values()]

    levels = [group for group in groups("level") if min(group) >= 0]
    differences = [group for group in groups("level difference") if levels and min(group) >= 0]
    for group, role in [
        *((g, "split") for g in levels),
        *((g, "split difference") for g in differences),
    ]:
        for j in group[1:]:
            roles[j] = role
    rates = [
        g
        for role in ("rate", "rate difference")
        for g in groups(role)
        if sum(j >= 0 for j in g) > 1
    ]
    here = [
        next(b for b, of in found["level difference"].items() if list(of.values()) == group)
        for group in differences
    ]
    parts = [float((sample["benchmark"] == b).to_numpy().mean()) for b in here]
    mean, sd = np.array([_normal(role, priors) for role in roles]).T
    shape = (-1, len(exponentials))
    return Prior(
        parameters=design.parameters,
        roles=tuple(roles),
        mean=mean,
        sd=sd * width,
        to_theta=np.asarray(np.linalg.inv(matrix), dtype=float),
        held=held,
        n_exponentials=len(exponentials),
        levels=np.array(levels[0] if levels else [], dtype=np.int64),
        level_differences=np.array(differences, dtype=np.int64).reshape(shape),
        weights=np.array([1.0 - sum(parts), *parts]),
        exponents=exponents,
        rates=np.array(rates, dtype=np.int64).reshape(shape),
    )


def _benchmark_levels(points: Mapping[tuple[str, float], _Point], baseline: str) -> bool:
    """Whether a column that neither time nor scale moves is there on one benchmark only."""
    still = np.all([(at.time == 0) & (at.slopes[0] == 0) & (at.slopes[1] == 0)
                    for at in points.values()], axis=0)  # fmt: skip
    on = np.any([at.value != 0 for (b, _), at in points.items() if b == baseline], axis=0)
    off = np.any([at.value != 0 for (b, _), at in points.items() if b != baseline], axis=0)
    return bool(np.any(still & off & ~on))


def _value(at: _Point) -> Array:
    return at.value


def _time(at: _Point) -> Array:
    return at.time


def _normal(role: str, priors: Mapping[str, Any]) -> tuple[float, float]:
    """Mean and standard deviation of u in a role."""
    if role in ("level", "exponent"):
        return float(np.log(priors[role]["median"])), priors[role]["log_sd"]
    if role == "multiplier":
        return priors[role]["mean"], priors[role]["sd"]
    return 0.0, priors[role.replace(" ", "_") + "_sd"]
