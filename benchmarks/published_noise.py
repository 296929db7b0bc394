"""How far the published cross-validation is from itself when only rounding changes.

    .venv/bin/python benchmarks/published_noise.py [--repeats 6] [--pairs 20]

The published optimiser stops early, and where depends on rounding. For the pairs (variant, delta)
that are best by the published procedure, the leave-one-out error is computed again with the first
start moved by 1e-8 and with the rows summed in other orders. Printed: the error by the procedure
itself, the range over the repeats, the rank and its range, and m18's error with and without the
published defect.
"""

from __future__ import annotations

import argparse

import numpy as np
from solver import model_of, paper_sample

from algoprog.common.seeds import seed_of
from algoprog.model.model import observations
from algoprog.resampling.cross_validation import (
    leave_one_out_published,
    published_training_rows,
    self_normalised,
)

MOVED = 1e-8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=20)
    chosen = parser.parse_args()
    sample, settings = paper_sample()
    training = sample[published_training_rows(sample.height)]
    response = observations(training, "first_available").response
    designs = {name: model_of(training, settings, name).design for name in settings["variants"]}
    errors = {
        (name, delta): leave_one_out_published(design, response, delta).mean_square
        for name, design in designs.items()
        for delta in settings["deltas"]
    }
    best = sorted(errors, key=errors.__getitem__)[: chosen.pairs]
    repeated = np.empty((len(best), chosen.repeats))
    for i, (name, delta) in enumerate(best):
        for k in range(chosen.repeats):
            rng = np.random.default_rng(seed_of("published noise", name, delta, k))
            moved = MOVED * rng.standard_normal(designs[name].p)
            order = rng.permutation(len(response)) if k % 2 else None
            repeated[i, k] = leave_one_out_published(
                designs[name], response, delta, moved, order
            ).mean_square
    ranks = 1 + np.argsort(np.argsort(repeated, axis=0), axis=0)
    print(
        f"{'variant':8}{'delta':>8}{'error':>11}{'lowest':>11}{'highest':>11}{'spread':>9}{'rank':>6}"
    )
    for i, (name, delta) in enumerate(best):
        low, high = repeated[i].min(), repeated[i].max()
        print(
            f"{name:8}{delta:8}{errors[name, delta]:11.6f}{low:11.6f}{high:11.6f}"
            f"{100 * (high / low - 1):8.2f}%{i + 1:6} ({ranks[i].min()} to {ranks[i].max()}"
            f" of {len(best)})"
        )
    gaps = np.diff([errors[pair] for pair in best[:10]])
    spread = np.ptp(repeated[:10], axis=1)
    print(
        f"Of the ten best, neighbours differ by {gaps.min():.6f} to {gaps.max():.6f}; the procedure"
        f" differs from itself by {spread.min():.6f} to {spread.max():.6f} (median "
        f"{np.median(spread):.6f})."
    )
    right = leave_one_out_published(designs["m18"], response, 0.0025).mean_square
    defect = leave_one_out_published(
        designs["m18"],
        response,
        0.0025,
        evaluated=self_normalised(designs["m18"], "alpha_compute"),
    ).mean_square
    print(
        f"m18, delta 0.0025: {right:.4f}; with held-out rows normalised by themselves {defect:.4f}"
    )


if __name__ == "__main__":
    main()
