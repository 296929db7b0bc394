"""Data simulated from a fitted variant at the design of a sample, with a known doubling time.

    response_i = yhat_i(theta) + u_paper(i) + e_i

theta fits the real data best among parameters whose growth is the one imposed. It knows designs
and fits; it knows no bootstrap and no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import growth_of
from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import STARTS_A_ROUND, predict, problem, thorough
from algoprog.model.design import Design
from algoprog.model.growth import Elasticity, growth_rates
from algoprog.model.model import Model
from algoprog.robustness.constrained import Profiler

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """What data sets are drawn from.

    Attributes
    ----------
    design, papers, delta : the sample's design, paper of each row (n,), penalty.
    parts : the closed form of growth, on the first benchmark where it differs between them.
    theta : (p,) the parameters behind the data; growth : their growth of effective compute a year.
    paper_deviation, error_deviation : standard deviations of paper effects and errors, nats.
    degrees_of_freedom : of the t-distributed errors; infinite for normal ones.
    """

    design: Design
    papers: NDArray[np.int64]
    delta: float
    parts: list[Elasticity]
    theta: Array
    growth: float
    paper_deviation: float
    error_deviation: float
    degrees_of_freedom: float

    def response(self, *names: Any) -> Array:
        """The response (n,) of the data set that the seed and ``names`` identify."""
        rng = np.random.default_rng(seed_of("simulation", self.design.variant, *names))
        effects = rng.standard_normal(int(self.papers.max()) + 1) * self.paper_deviation
        nu, n = self.degrees_of_freedom, self.design.n
        errors = rng.standard_normal(n)
        if np.isfinite(nu):
            # a t variate has the variance nu / (nu - 2)
            errors *= np.sqrt((nu - 2.0) / rng.chisquare(nu, n))
        mean = predict(self.design, self.theta)
        return np.asarray(mean + effects[self.papers] + self.error_deviation * errors)


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
    degrees_of_freedom: float,
) -> Simulation:
    """What simulated data are drawn from when effective compute doubles every so many months.

    The growth of each exponential in the converged fit is multiplied by one factor, so that they
    sum to 12 ln2 / ``doubling_months`` (infinite: no progress); all other parameters, and the
    elasticities, are fitted again. Variances are those of the converged fit's residuals
    (:func:`variance_components`).

    Raises
    ------
    InputError
        for a variant without progress or without closed form, or a fit without progress: its
        growth cannot be multiplied to the one imposed; for 2 degrees of freedom or fewer.
    """
    place = f"coverage with variants.{model.variant.name}"
    if not degrees_of_freedom > 2:
        fix = "use more than 2, so that errors have a variance"
        raise InputError("config.yaml", "coverage.degrees_of_freedom", degrees_of_freedom, fix)
    if not doubling_months > 0:
        fix = "use positive numbers of months, .inf for no progress"
        raise InputError("config.yaml", "coverage.doubling_months", doubling_months, fix)
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
        degrees_of_freedom=degrees_of_freedom,
    )
