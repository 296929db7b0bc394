"""How fast the certified solver is, against the published procedure and general-purpose routes.

    .venv/bin/python benchmarks/solver.py [--quick] [--before REV]

Everything is measured in this one run, on the register's paper sample, variant m07, delta 0.0025,
first-available response, in one thread:

(a) the published procedure as the notebooks run it: pandas columns, SLSQP, finite differences;
(b) the same optimiser on plain arrays (`algoprog.estimators.published`), same early stop;
(c) `algoprog.estimators.converged.solve`: all its starts, to the certificate;
(d) SciPy's L-BFGS-B on the split problem theta = u - v, u, v >= 0, with the analytic gradient, from
    the starts of (c).

Times are medians over repetitions after a warm-up; compiling is not counted and printed apart. With
``--before`` it ends with the CPU times of another revision and of this tree in turn, as ratios
(benchmarks/against.py).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from against import BEFORE, compare
from scipy.optimize import minimize

import algoprog as ap
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.estimators.converged import (
    AGREEMENT,
    Problem,
    law_of,
    problem,
    solve,
    target_of,
)
from algoprog.estimators.kernels.arrays import Found, Point, space_of, step_of
from algoprog.estimators.kernels.descent import HEADS, minimise_among, norms_of, remember
from algoprog.estimators.kernels.lanes import exponentials
from algoprog.estimators.kernels.rows import predict_terms, second_derivatives
from algoprog.estimators.published import solve_published
from algoprog.estimators.replicates import solve_replicates
from algoprog.estimators.starts import default_starts
from algoprog.model.design import Design, Term
from algoprog.model.model import Model, observations
from algoprog.model.variant import Variant
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.resampling.cross_validation import leave_group_out, leave_one_out_published
from algoprog.resampling.scheme import replicate_weights

ROOT = Path(__file__).resolve().parent.parent
VARIANT, DELTA = "m07", 0.0025


def seconds(action: Callable[[], object], repetitions: int) -> float:
    """Median wall time of an action after one run that is not counted."""
    action()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def paper_sample() -> tuple[pl.DataFrame, dict]:
    """The paper's sample from the register, and the configuration."""
    settings = parse_config(read_mapping(ROOT)).model_dump(mode="json")
    records = ap.read_records(ROOT / settings["sources"]["register"]["location"])
    return records.sample(ap.PAPER_SAMPLE).rows, settings


def model_of(sample: pl.DataFrame, settings: dict, variant: str) -> Model:
    """A variant of the configuration on rows of a sample."""
    known = Sample("paper", sample, Benchmarks.of(settings["benchmarks"]))
    return Model.of(Variant.of(variant, settings["variants"][variant]), known)


def notebook_fit(frame: pd.DataFrame) -> tuple[np.ndarray, float]:
    """The published procedure for m07 with pandas columns, as public notebooks are written."""

    def objective(theta: np.ndarray) -> float:
        first = np.exp(
            theta[0]
            + theta[1] * frame["ptb"]
            + theta[2] * frame["wt2"]
            - theta[3] * frame["year"]
            - theta[4] * frame["log_parameters"]
        )
        second = np.exp(
            theta[5] + theta[6] * frame["ptb"] + theta[7] * frame["wt2"]
            - theta[8] * frame["year"] - theta[9] * frame["log_tokens"]
        )  # fmt: skip
        mean = ((frame["log_perplexity"] - (first + second)) ** 2).mean()
        return float(mean + DELTA * np.sum(np.abs(theta)))

    result = minimize(objective, np.zeros(10), method="SLSQP")
    return result.x, result.fun


def notebook_frame(design: Design, response: np.ndarray) -> pd.DataFrame:
    """The rows of m07's design as the pandas columns of :func:`notebook_fit`."""
    return pd.DataFrame(
        {
            "ptb": design.columns[1],
            "wt2": design.columns[2],
            "year": -design.columns[3],
            "log_parameters": -design.columns[4],
            "log_tokens": -design.columns[9],
            "log_perplexity": response,
        }
    )


def split_fit(task: Problem, start: np.ndarray) -> float:
    """L-BFGS-B on theta = u - v with the analytic gradient; the objective reached."""
    p = task.design.p

    def value(z: np.ndarray) -> tuple[float, np.ndarray]:
        theta = z[:p] - z[p:]
        residual, jacobian = residual_and_jacobian(task, theta)
        gradient = -2 * jacobian.T @ (task.weights * residual)
        mean = float(task.weights @ residual**2) + task.delta * z.sum()
        return mean, np.concatenate([gradient + task.delta, task.delta - gradient])

    first = np.concatenate([np.maximum(start, 0), np.maximum(-start, 0)])
    options = {"maxiter": 20_000, "maxfun": 100_000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 20}
    with np.errstate(over="ignore", invalid="ignore"):
        result = minimize(
            value, first, jac=True, method="L-BFGS-B", bounds=[(0, None)] * (2 * p), options=options
        )
    return float(result.fun)


def residual_and_jacobian(task: Problem, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (n,) and Jacobian of the prediction (n, p) in NumPy."""
    design = task.design
    jacobian = np.empty((design.n, design.p))
    prediction = np.zeros(design.n)
    for term in design.terms:
        owners = design.parameter_of_column[term.start : term.stop]
        e = np.exp(theta[owners] @ design.columns[term.start : term.stop])
        prediction += e
        jacobian[:, owners] = (e * design.columns[term.start : term.stop]).T
    return task.response - prediction, jacobian


def one_fit(design: Design, response: np.ndarray, repetitions: int) -> None:
    """All routes on one fit."""
    frame = notebook_frame(design, response)
    task = problem(design, response, DELTA)
    fit = solve(design, response, DELTA)
    starts = default_starts(design, response, task.weights, fit.n_starts)
    routes: list[tuple[str, int, Callable[[], float]]] = [
        ("(a) published, pandas", max(3, repetitions // 10), lambda: notebook_fit(frame)[1]),
        (
            "(b) published, arrays",
            repetitions,
            lambda: solve_published(design, response, DELTA)[1],
        ),
        ("(d) L-BFGS-B, one start", 3, lambda: split_fit(task, starts[0])),
        (
            f"(d) L-BFGS-B, {len(starts)} starts",
            1,
            lambda: min(split_fit(task, start) for start in starts),
        ),
        (
            f"(c) ours, {fit.n_starts} starts",
            5 * repetitions,
            lambda: solve(design, response, DELTA).objective,
        ),
    ]
    rows = [(label, seconds(action, times), action()) for label, times, action in routes]
    ours = rows[-1][1]
    print(f"One fit: {design.n} rows, {design.p} parameters")
    print(f"{'':28}{'ms':>10}{'objective':>16}{'times ours':>12}")
    for label, took, objective in rows:
        print(f"{label:28}{1e3 * took:10.3f}{objective:16.10f}{took / ours:12.1f}")
    print(
        f"certificate {fit.subgradient:.1e}; {fit.n_at_best} of {fit.n_starts} starts at the best; "
        f"next local minimum {fit.gap:.2e} above\n"
    )
    arithmetic(task, starts, ours)


def arithmetic(task: Problem, starts: np.ndarray, ours: float) -> None:
    """Share of the time that is exponentials and products that any Newton step must do."""
    design, p = task.design, task.design.p
    padded, target = law_of(design, padded=True), target_of(task)
    norms, space, step = norms_of(padded, target, p), space_of(padded, p), step_of(p)
    ends, values, steps = starts.copy(), np.empty((3, len(starts))), 0
    found = Found(ends, values, np.full(HEADS + 1, -1))
    for i in range(len(starts)):
        *end, more, met = minimise_among(ends[i], padded, target, norms, found, space, step)
        values[:, i], steps = end, steps + more
        if met < 0:
            remember(i, padded, target, found, space, step)
    terms = np.empty(padded.offset.shape)
    theta = solve(task.design, task.response, task.delta).theta
    reach = 2000

    def many(function: Callable[..., object], *arguments: object) -> float:
        loop = kernels_repeat(function)
        return seconds(lambda: loop(reach, *arguments), 5) / reach

    exp_time = many(exponentials, np.zeros(terms.size))  # in place; infinite soon, as fast as any
    predict_time = many(predict_terms, theta, padded, terms)
    here = Point(terms, target.response - terms.sum(axis=0))
    product_time = many(
        second_derivatives,
        theta,
        padded,
        target.weights,
        here,
        True,
        np.empty((p, p)),
        space,
    )
    print(
        f"{steps} steps tried from {len(starts)} starts, {1e6 * ours / steps:.2f} us each, of "
        f"which exponentials {1e6 * exp_time:.2f}, linear predictors "
        f"{1e6 * (predict_time - exp_time):.2f}, Hessian {1e6 * product_time:.2f} us (a rejected "
        f"step needs no Hessian): {100 * (predict_time + product_time) * steps / ours:.0f} % at "
        "the most is arithmetic that cannot be avoided\n"
    )


def kernels_repeat(function: Callable[..., object]) -> Callable[..., None]:
    """A compiled loop around a compiled function, so that calls from Python do not count."""
    from numba import njit

    @njit
    def loop(times, *arguments):  # type: ignore[no-untyped-def]
        for _ in range(times):
            function(*arguments)

    return loop  # type: ignore[no-any-return]


def replicates_and_grid(sample: pl.DataFrame, settings: dict, quick: bool) -> None:
    """Bootstrap and leave-one-out, both sides."""
    own = observations(sample, "own")
    design = model_of(sample, settings, VARIANT).design
    number, theirs = (200, 5) if quick else (10_000, 30)
    weights = np.array(
        [replicate_weights(1, VARIANT, DELTA, i, own.papers, "papers") for i in range(number)]
    )
    full = solve(design, own.response, DELTA)
    start = time.perf_counter()
    fits = solve_replicates(design, own.response, DELTA, weights, full.minima)
    ours = time.perf_counter() - start
    draws = np.random.RandomState(0)
    picks = [draws.choice(design.n, design.n) for _ in range(theirs)]
    start = time.perf_counter()
    for rows in picks:
        solve_published(design.rows(rows), own.response[rows], DELTA)
    each = (time.perf_counter() - start) / theirs
    start = time.perf_counter()
    for rows in picks[:5]:
        notebook_fit(notebook_frame(design.rows(rows), own.response[rows]))
    pandas_each = (time.perf_counter() - start) / 5
    print(
        f"{number} paper-resampled replicates of {VARIANT}: {ours:.1f} s "
        f"({1e3 * ours / number:.2f} ms each, {int((~fits.certified).sum())} without certificate); "
        f"published on arrays {1e3 * each:.1f} ms each over {theirs}: "
        f"{each * number / ours:.1f} times ours; on pandas {1e3 * pandas_each:.0f} ms each over 5: "
        f"{pandas_each * number / ours:.0f} times ours"
    )
    variants = ["m07"] if quick else list(settings["variants"])
    deltas = [DELTA] if quick else settings["deltas"]
    start = time.perf_counter()
    fitted = 0
    for name in variants:
        compiled = model_of(sample, settings, name).design
        for delta in deltas:
            for groups in (np.arange(design.n), own.papers):
                fitted += leave_group_out(compiled, own.response, delta, groups).n_fits
    ours = time.perf_counter() - start
    start = time.perf_counter()
    held = leave_one_out_published(design, own.response, DELTA)
    each = (time.perf_counter() - start) / held.n_fits
    print(
        f"leave one row out and leave one paper out, {len(variants)} variants x {len(deltas)} "
        f"deltas, one thread: {ours:.1f} s for {fitted} fits ({1e3 * ours / fitted:.2f} ms each); "
        f"published on arrays, from the last row's solution, {1e3 * each:.2f} ms each: "
        f"{each * fitted / ours:.1f} times ours\n"
    )


def simulated(rows: int, parameters: int) -> tuple[Design, np.ndarray]:
    """Two exponentials with standard normal columns and a little noise; (design, response)."""
    rng = np.random.default_rng(parameters)
    half = parameters // 2
    widths = (half, parameters - half)
    columns = np.vstack(
        [np.vstack([np.ones(rows), 0.5 * rng.standard_normal((w - 1, rows))]) for w in widths]
    )
    theta = np.concatenate(
        [np.concatenate([[np.log(2.0)], rng.normal(0, 0.4, w - 1)]) for w in widths]
    )
    response = sum(
        np.exp(theta[a:b] @ columns[a:b]) for a, b in ((0, half), (half, parameters))
    ) + 0.2 * rng.standard_normal(rows)
    design = Design(
        variant="simulated",
        parameters=tuple(f"theta_{j}" for j in range(parameters)),
        columns=np.ascontiguousarray(columns),
        parameter_of_column=np.arange(parameters),
        terms=(Term(True, 0, half), Term(True, half, parameters)),
        offset=np.zeros((2, rows)),
        multiplier=np.zeros(rows),
        multiplier_parameter=-1,
    )
    return design, response


def growth(quick: bool) -> None:
    """Time against rows, parameters and replicates, on simulated data."""
    print("Growth of the time of one fit (simulated, two exponentials, delta 0.0025)")
    print(
        f"{'rows':>9}{'parameters':>12}{'s':>10}{'us per row':>12}{'converged':>11}{'peak MB':>9}"
    )
    sizes = [(231, 10), (1000, 10), (10_000, 10)]
    if not quick:
        sizes += [(100_000, 10), (1000, 5), (1000, 20), (1000, 40)]
    for rows, parameters in sizes:
        design, response = simulated(rows, parameters)
        start = time.perf_counter()
        fit = solve(design, response, DELTA)
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:9}{parameters:12}{took:10.3f}{1e6 * took / rows:12.2f}"
            f"{fit.certified!s:>11}{peak:9.0f}"
        )
    design, response = simulated(231, 10)
    full = solve(design, response, DELTA)
    print("replicates (231 rows, 10 parameters):", end=" ")
    for number in (10, 100) if quick else (10, 100, 1000, 10_000):
        weights = np.random.default_rng(0).multinomial(231, np.full(231, 1 / 231), number)
        start = time.perf_counter()
        solve_replicates(design, response, DELTA, weights.astype(float), full.minima)
        print(f"{number}: {time.perf_counter() - start:.3f} s", end="; ")
    print()


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller sizes, for a test")
    parser.add_argument("--before", metavar="REV", help=f"compare with a revision, as {BEFORE}")
    chosen = parser.parse_args()
    quick = chosen.quick
    start = time.perf_counter()
    sample, settings = paper_sample()
    design = model_of(sample, settings, VARIANT).design
    response = observations(sample, "first_available").response
    solve(design, response, DELTA)
    print(
        f"Reading, compiling formulas and loading or compiling the solver: "
        f"{time.perf_counter() - start:.1f} s; a fit stops when {AGREEMENT} starts agree\n"
    )
    one_fit(design, response, 10 if quick else 50)
    replicates_and_grid(sample, settings, quick)
    growth(quick)
    if chosen.before:
        compare(chosen.before, 1 if quick else 5)


if __name__ == "__main__":
    main()
