"""Pieces of the solver's work, timed on demand: what benchmarks/against.py runs in each tree.

It reads the name of a task from each line, and writes CPU seconds and the objectives reached. It
calls only what earlier releases have too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import algoprog as ap
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.estimators.converged import solve, thorough
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.resampling.cross_validation import leave_group_out

try:
    from algoprog.estimators.replicates import solve_replicates
except ModuleNotFoundError:  # where earlier releases have it
    from algoprog.estimators.converged import solve_replicates

ROOT, DELTA = Path(sys.argv[1]), 0.0025
REPLICATES, FREE, FITS = 200, 20, 20


def main() -> None:
    """Answer each line with the time of a task."""
    settings = parse_config(read_mapping(ROOT)).model_dump(mode="json")
    records = ap.read_records(ROOT / settings["sources"]["register"]["location"])
    model = Model.of(
        Variant.of("m07", settings["variants"]["m07"]), records.sample(ap.PAPER_SAMPLE)
    )
    design, seen = model.design, model.observed("own")
    y, papers = seen.response, seen.papers
    minima = thorough(design, y, DELTA).minima
    free_minima = thorough(design, y, 0.0).minima
    groups = int(papers.max()) + 1
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), REPLICATES)[:, papers]

    def held_out(delta: float, units: np.ndarray) -> list[float]:
        return [leave_group_out(design, y, delta, units).mean_square]

    tasks: dict[str, Callable[[], list[float]]] = {
        "fit": lambda: [solve(design, y, DELTA).objective for _ in range(FITS)],
        "thorough": lambda: [thorough(design, y, DELTA).objective],
        "replicates": lambda: solve_replicates(
            design, y, DELTA, drawn.astype(float), minima
        ).objective.tolist(),
        "free_replicates": lambda: solve_replicates(
            design, y, 0.0, drawn[:FREE].astype(float), free_minima
        ).objective.tolist(),
        "rows": lambda: held_out(DELTA, np.arange(design.n)),
        "papers": lambda: held_out(DELTA, papers),
        "free_papers": lambda: held_out(0.0, papers),
    }
    for line in sys.stdin:
        chosen = list(tasks) if line.strip() == "compile" else [line.strip()]
        start = time.process_time()
        objectives = [value for name in chosen for value in tasks[name]()]
        took = time.process_time() - start
        print(json.dumps({"seconds": took, "objectives": objectives}), flush=True)


if __name__ == "__main__":
    main()
