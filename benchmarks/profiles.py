"""How fast a point of the profile is by substitution, against the method of multipliers.

    .venv/bin/python benchmarks/profiles.py

Both find the least objective of m07 (delta 0.0025, own response, the register's paper sample) at
six growths of effective compute, in one thread and one run, after a warm-up; the times are medians,
their ratio is what counts. It also times the set of 90 and 95 % by inverting the restricted wild
cluster bootstrap: 18 growths with 399 draws each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import algoprog as ap
from algoprog.config.loading import read_mapping
from algoprog.estimators.converged import STARTS_A_ROUND, problem, thorough
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.resampling.signs import signs_of
from algoprog.robustness.constrained import Profiler
from algoprog.robustness.inversion import Inversion
from algoprog.robustness.restrictions import restriction

ROOT = Path(__file__).resolve().parents[1]
DELTA = 0.0025
GROWTHS = (-0.3, 0.0, 0.5, 1.0, 2.0, 4.0)
TESTED, DRAWS = 18, 399


def seconds(work: Callable[[], object]) -> float:
    """Return the processor's time for a piece of work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def headline_model() -> Model:
    """Return m07 on the paper's sample of the register."""
    config = read_mapping(ROOT)
    sample = ap.read_records(ROOT / config["sources"]["register"]["location"]).sample(
        ap.PAPER_SAMPLE
    )
    return Model.of(Variant.of("m07", config["variants"]["m07"]), sample)


def main() -> None:
    """Print the times and their ratio."""
    model = headline_model()
    seen = model.observed("own")
    task = problem(model.design, seen.response, DELTA)
    fit = thorough(model.design, seen.response, DELTA)
    assert model.closed_form is not None
    fast = Profiler.of(task, model.closed_form.first, fit.minima, STARTS_A_ROUND)
    slow = replace(fast, substitution=None)
    times: dict[str, list[float]] = {"substitution": [], "multipliers": []}
    fast.at_growth(0.7, fit.theta)
    for growth in GROWTHS:
        objectives = []
        for name, profiler in (("substitution", fast), ("multipliers", slow)):
            start = time.process_time()
            objectives.append(profiler.at_growth(growth, fit.theta).objective)
            times[name].append(time.process_time() - start)
        assert abs(objectives[0] / objectives[1] - 1.0) < 1e-9
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"a point by {name}: {1000 * value:.0f} ms")
    print(f"ratio: {medians['multipliers'] / medians['substitution']:.1f}")
    held = restriction(model, task, fit, "closed_form")
    signs = signs_of(np.random.default_rng(0), DRAWS, seen.papers, None)
    inversion = Inversion(held, model.design, seen.response, (fit.theta, fit.objective), signs)
    inversion.chance(0.7)
    growths = np.linspace(-2.0, 6.0, TESTED)
    took = seconds(lambda: [inversion.chance(float(g)) for g in growths])
    print(f"{TESTED} growths with {DRAWS} draws: {took:.1f} s of one processor")


if __name__ == "__main__":
    main()
