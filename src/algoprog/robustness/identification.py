"""Which records identify the answer: where D varies at all, collinearity, and leverage.

It knows models and fits; it knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.estimators.converged import thorough
from algoprog.estimators.inference import derivatives
from algoprog.model.model import Model
from algoprog.robustness.endogeneity import Fitted, benchmark_dummies, residual
from algoprog.robustness.evidence_tables import IDENTIFICATION
from algoprog.robustness.penalty import Doubling
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

# Each variable, and those with which it shares a law, for its variance inflation.
INFLATED = {"t": ("n", "d"), "n": ("t", "d"), "d": ("t", "n"), "c": ("t",)}
EVERY = "all"


def identification_table(fitted: Fitted, tokens: float) -> pl.DataFrame:
    """Return the table `identification` of a fitted model.

    ``tokens`` is the size of training data above which a record's data are called large.
    """
    model = fitted.model
    rows = [*_modal(model.sample.rows), *_large(model.sample.rows, tokens), *_inflation(model)]
    rows += _estimates(fitted, tokens)
    return frame_of(IDENTIFICATION, rows)


def _modal(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield how many records have the most common D of their benchmark."""
    total = 0
    for (benchmark,), some in rows.sort("benchmark").group_by("benchmark", maintain_order=True):
        counts = some["dataset_tokens"].value_counts().sort("count", "dataset_tokens")
        tokens, n = counts.row(-1)
        total += n
        yield {
            "measure": "modal_data",
            "of": str(benchmark),
            "n": n,
            "share": n / some.height,
            "value": float(tokens),
        }
    yield {"measure": "modal_data", "of": EVERY, "n": total, "share": total / rows.height}


def _large(rows: pl.DataFrame, tokens: float) -> Iterator[dict[str, Any]]:
    """Yield the papers whose records have more data than so many tokens."""
    large = rows.filter(pl.col("dataset_tokens") > tokens)
    for (paper,), some in large.sort("paper").group_by("paper", maintain_order=True):
        yield {
            "measure": "large_data",
            "of": str(paper),
            "n": some.height,
            "share": some.height / rows.height,
            "value": float(some["dataset_tokens"].max()),  # type: ignore[arg-type]
        }
    papers = large["paper"].n_unique()
    share = large.height / rows.height
    yield {
        "measure": "large_data", "of": EVERY, "n": large.height, "papers": papers, "share": share,
        "value": tokens,
    }  # fmt: skip


def _inflation(model: Model) -> Iterator[dict[str, Any]]:
    """Yield variance inflation 1 / (1 - R2) of each variable, given benchmark and the others."""
    values, dummies = model.units.of_rows(model.sample.rows), benchmark_dummies(model)
    for name, others in INFLATED.items():
        within = residual(values[name], dummies)
        left = residual(values[name], np.column_stack([dummies, *(values[one] for one in others)]))
        square = float(left @ left)
        yield {
            "measure": "inflation",
            "of": name,
            "n": len(within),
            "value": float(within @ within) / square if square > 0 else float("inf"),
        }


def _estimates(fitted: Fitted, tokens: float) -> Iterator[dict[str, Any]]:
    """Yield doubling times with all records and without those of large data, and the condition.

    The condition is of the law's columns at the fit, each of unit length.
    """
    task, form = fitted.task, Doubling.of(fitted.model)
    every = np.ones(task.design.n, dtype=bool)
    few = (fitted.model.sample.rows["dataset_tokens"] <= tokens).to_numpy()
    for name, kept in {EVERY: every, "without_large_data": few}.items():
        if kept.sum() < task.design.p or (name != EVERY and kept.all()):
            continue
        part = task.rows(np.flatnonzero(kept))
        theta = fitted.theta
        if name != EVERY:
            theta = thorough(part.design, part.response, part.delta).theta
        _, columns, _ = derivatives(part.problem, theta)
        used = columns[:, theta != 0]
        sizes = np.linalg.norm(used, axis=0)
        yield {
            "measure": "condition",
            "of": name,
            "n": int(kept.sum()),
            "value": float(np.linalg.cond(used / np.where(sizes > 0, sizes, 1.0))),
        }
        yield {
            "measure": "estimate",
            "of": name,
            "n": int(kept.sum()),
            "share": float(kept.mean()),
            **form.columns(theta, kept),
        }
