"""Data simulated from a fitted variant at the design of a sample, with a known doubling time.

    response_i = yhat_i(theta) + s_i (u_paper(i) + e_i)

theta fits the real data best among parameters whose growth is the one imposed. A world says what
the errors are like and how the growth is split (:class:`World`). It knows designs and fits; it
knows no bootstrap and no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import growth_of
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import STARTS_A_ROUND, predict, problem, thorough
from algoprog.model.design import Design
from algoprog.model.growth import Elasticity, growth_rates
from algoprog.model.model import Model
from algoprog.resampling.signs import RADEMACHER, signs_of
from algoprog.robustness.constrained import Profiler

Array = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """What simulated data are like, besides their doubling time.

    Attributes
    ----------
    name : of the configuration; other names are other data sets.
    degrees_of_freedom : of the errors' t distribution; infinite for normal errors.
    errors : ``drawn`` from that distribution with effects of papers, or ``residuals``, those of
        the fit at the true growth with one random sign for each paper.
    by_benchmark : whether errors and effects are as large on each benchmark as its residuals are.
    split : share of growth that is of parameters, the rest is of data; None for the fit's own.
    """

    name: str
    degrees_of_freedom: float
    errors: Literal["drawn", "residuals"] = "drawn"
    by_benchmark: bool = False
    split: float | None = None


@dataclass(frozen=True)
class Simulation:
    """What data sets are drawn from.

    Attributes
    ----------
    design, papers, delta : the sample's design, paper of each row (n,), penalty.
    parts : the closed form of growth, on the first benchmark where it differs between them.
    theta : (p,) the parameters behind the data; growth : their growth of effective compute a year.
    paper_deviation, error_deviation : standard deviations of paper effects and errors, nats.
    size : (n,) what both are multiplied by on each row.
    residuals : (n,) of the real data at theta.
    world : what errors are like.
    """

    design: Design
    papers: NDArray[np.int64]
    delta: float
    parts: list[Elasticity]
    theta: Array
    growth: float
    paper_deviation: float
    error_deviation: float
    size: Array
    residuals: Array
    world: World

    def response(self, *names: Any) -> Array:
        """The response (n,) of the data set that the seed and ``names`` identify."""
        of_world = ("simulation", self.design.variant, self.world.name, *names)
        rng = np.random.default_rng(seed_of(*of_world))
        mean = predict(self.design, self.theta)
        if self.world.errors == "residuals":
            sign = signs_of(rng, 1, self.papers, RADEMACHER)[0]
            return np.asarray(mean + sign * self.residuals)
        effects = rng.standard_normal(int(self.papers.max()) + 1) * self.paper_deviation
        nu, n = self.world.degrees_of_freedom, self.design.n
        errors = rng.standard_normal(n)
        if np.isfinite(nu):
            # a t variate has the variance nu / (nu - 2)
            errors *= np.sqrt((nu - 2.0) / rng.chisquare(nu, n))
        noise = effects[self.papers] + self.error_deviation * errors
        return np.asarray(mean + self.size * noise)


def variance_components(
    residuals: Array, papers: NDArray[np.int64], parameters: int
) -> tuple[float, float]:
    """Variances of paper effects and of errors, by the analysis of variance of residuals.

    With n rows in G papers of n_g rows, SSW and SSB the sums of squares within and between papers
    about the residuals' mean, both scaled by n / (n - p) for the p parameters of the fit:
    error = SSW / (n - G); paper = max(0, (SSB / (G - 1) - error) / n0),
    n0 = (n - sum n_g^2 / n) / (G - 1) (Searle, Casella and McCulloch 1992, section 3.6). Where
    every paper has one row the two are one, and all of it is called error.
    """
    sizes = np.bincount(papers).astype(float)
    n, groups = residuals.size, int((sizes > 0).sum())
    if groups < 2 or n <= parameters:
        raise ValueError(f"{n} rows in {groups} papers and {parameters} parameters say nothing")
    totals = np.bincount(papers, residuals)
    means = np.divide(totals, sizes, out=np.zeros_like(totals), where=sizes > 0)
    scale = n / (n - parameters)
    within = scale * float(((residuals - means[papers]) ** 2).sum())
    between = scale * float(sizes @ (means - residuals.mean()) ** 2)
    if groups == n:
        return 0.0, between / (groups - 1)
    error = within / (n - groups)
    size = (n - float((sizes**2).sum()) / n) / (groups - 1)
    return max(0.0, (between / (groups - 1) - error) / size), error


def simulation(
    model: Model,
    delta: float,
    response: str,
    doubling_months: float,
    world: World,
) -> Simulation:
    """What simulated data are drawn from when effective compute doubles every so many months.

    The growth of each exponential in the converged fit is multiplied by one factor, so that they
    sum to 12 ln2 / ``doubling_months`` (infinite: no progress), or the sum is split as the world
    says; all other parameters, and the elasticities, are fitted again. Variances are those of the
    converged fit's residuals (:func:`variance_components`).

    Raises
    ------
    InputError
        for a variant without progress or without closed form, or a fit without progress: its
        growth cannot be multiplied to the one imposed; for 2 degrees of freedom or fewer.
    """
    place = f"coverage with variants.{model.variant.name}"
    _check(doubling_months, world)
    model.check_size()
    design, seen = model.design, model.observed(response)
    if design.n == design.p or not seen.papers.max():
        rows = f"{design.n} rows of {seen.papers.max() + 1} papers for {design.p} parameters"
        fix = "use a sample of two papers or more, larger than the variant"
        raise InputError("config.yaml", f"{place}, samples.{model.sample.name}", rows, fix)
    if model.closed_form is None:
        raise InputError("config.yaml", place, "no closed form", "simulate another variant")
    parts = model.closed_form.first
    fit = thorough(design, seen.response, delta)
    fitted = growth_rates(parts, fit.theta[None, :])
    total = float(fitted["compute"][0]) if fitted else 0.0
    if not 0 < total < np.inf:
        fix = "simulate a variant whose fit has progress at a finite rate"
        raise InputError("config.yaml", place, f"growth {total} a year", fix)
    growth = growth_of(doubling_months)
    task = problem(design, seen.response, delta)
    profiler = Profiler.of(task, parts, fit.minima, STARTS_A_ROUND)
    split = np.nan_to_num(profiler.growth(fit.theta)) * growth / total
    if world.split is not None and len(split) == 2:
        split = growth * np.array([world.split, 1.0 - world.split])
    theta = profiler.at_split(split, profiler.starts).theta
    residuals = seen.response - predict(design, fit.theta)
    paper, error = variance_components(residuals, seen.papers, int(np.count_nonzero(fit.theta)))
    return Simulation(
        design=design,
        papers=seen.papers,
        delta=delta,
        parts=parts,
        theta=theta,
        growth=growth,
        paper_deviation=paper**0.5,
        error_deviation=error**0.5,
        size=_size(residuals, model) if world.by_benchmark else np.ones(design.n),
        residuals=seen.response - predict(design, theta),
        world=world,
    )


def _check(doubling_months: float, world: World) -> None:
    """Refuse a truth and a world that no data can be drawn from."""
    if not world.degrees_of_freedom > 2:
        fix = "use more than 2, so that errors have a variance"
        place_of_errors = f"coverage.worlds.{world.name}.degrees_of_freedom"
        raise InputError("config.yaml", place_of_errors, world.degrees_of_freedom, fix)
    if not doubling_months > 0:
        fix = "use positive numbers of months, .inf for no progress"
        raise InputError("config.yaml", "coverage.doubling_months", doubling_months, fix)


def _size(residuals: Array, model: Model) -> Array:
    """How large residuals are on each row's benchmark, against all: root mean squares (n,)."""
    benchmark = model.sample.rows["benchmark"].to_numpy()
    size = np.ones(len(residuals))
    for name in set(benchmark.tolist()):
        rows = benchmark == name
        size[rows] = np.sqrt(np.mean(residuals[rows] ** 2) / np.mean(residuals**2))
    return size
