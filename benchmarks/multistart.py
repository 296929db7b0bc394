"""How often the solver's choice of starts misses the best minimum known.

    .venv/bin/python benchmarks/multistart.py [--replicates 200] [--starts 200] [--variants m07 ...]

For every variant and delta of the configuration, on the paper's sample (own response) and on
paper-resampled replicates: the reference is the best of `--starts` random starts (which are not the
policy's), of as many perturbed ends of those, and of the policy itself. A miss is an objective more
than 1e-7 (relative) above the reference. One process a core.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from solver import model_of, paper_sample

from algoprog.common.seeds import seed_of
from algoprog.estimators.converged import descend, problem, solve, thorough
from algoprog.estimators.replicates import solve_replicates
from algoprog.estimators.starts import default_starts, hops
from algoprog.model.model import observations
from algoprog.resampling.scheme import replicate_weights

MISS = 1e-7


def reference(design, response, delta, weights, starts: int, also: np.ndarray) -> float:  # type: ignore[no-untyped-def]
    """Best objective of random starts, of perturbed ends of those, and of `also` (s, p)."""
    rng = np.random.default_rng(seed_of("reference", design.variant, delta))
    base = default_starts(design, response, weights, 2)
    scale = np.maximum(np.abs(hops(design, 400)).max(axis=0), 1e-3) / 3
    noise = rng.standard_normal((starts, design.p)) * scale
    first = np.concatenate([also, base[np.arange(starts) % 2] + 0.5 * noise])
    task = problem(design, response, delta, weights)
    return float(descend(task, first, rng.standard_normal((starts, design.p)) * scale)[1].min())


def measure(variant: str, delta: float, replicates: int, starts: int) -> dict[str, float | str]:
    """Misses of one variant at one delta."""
    sample, settings = paper_sample()
    design = model_of(sample, settings, variant).design
    own = observations(sample, "own")
    began = time.perf_counter()
    full = solve(design, own.response, delta)
    took_full = time.perf_counter() - began
    minima = thorough(design, own.response, delta).minima
    best = reference(design, own.response, delta, np.ones(design.n), starts, full.minima)
    weights = np.array(
        [replicate_weights(7, variant, delta, i, own.papers, "papers") for i in range(replicates)]
    )
    began = time.perf_counter()
    fits = solve_replicates(design, own.response, delta, weights, minima)
    took = time.perf_counter() - began
    known = np.array(
        [
            reference(design, own.response, delta, weights[i], starts, fits.theta[i : i + 1])
            for i in range(replicates)
        ]
    )
    excess = fits.objective / known - 1
    return {
        "variant": variant,
        "delta": delta,
        "full_missed": full.objective > best * (1 + MISS),
        "full_starts": full.n_starts,
        "full_at_best": full.n_at_best,
        "full_ms": 1e3 * took_full,
        "misses": int((excess > MISS).sum()),
        "worst": float(excess.max()),
        "uncertified": int((~fits.certified).sum()),
        "replicate_ms": 1e3 * took / replicates,
    }


def main() -> None:
    """Measure all and print a line for each, then the totals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--variants", nargs="*")
    parser.add_argument("--deltas", nargs="*", type=float)
    chosen = parser.parse_args()
    _, settings = paper_sample()
    jobs = [
        (variant, delta)
        for variant in chosen.variants or settings["variants"]
        for delta in chosen.deltas or settings["deltas"]
    ]
    print("full sample: missed, starts, at the best, ms;", end=" ")
    print(f"{chosen.replicates} replicates: misses, worst excess, uncertified, ms each")
    missed = full_missed = 0
    # spawned, not forked: Polars' threads do not survive a fork
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        futures = [
            pool.submit(measure, variant, delta, chosen.replicates, chosen.starts)
            for variant, delta in jobs
        ]
        for future in futures:
            row = future.result()
            missed += int(row["misses"])
            full_missed += bool(row["full_missed"])
            print(
                f"{row['variant']:8}{row['delta']:8}{row['full_missed']!s:>14}{row['full_starts']:7}"
                f"{row['full_at_best']:8}{row['full_ms']:9.1f}{row['misses']:20}"
                f"{row['worst']:15.1e}{row['uncertified']:13}{row['replicate_ms']:9.2f}",
                flush=True,
            )
    total = chosen.replicates * len(jobs)
    print(f"missed on the full sample: {full_missed} of {len(jobs)}")
    print(f"missed on replicates: {missed} of {total} ({100 * missed / total:.2f} %)")


if __name__ == "__main__":
    main()
