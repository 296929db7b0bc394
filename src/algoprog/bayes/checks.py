"""Predictive checks: what replicated samples look like, before and after seeing the data.

A replicate has the sample's design, parameters drawn from the prior or the posterior, and new paper
effects and errors. It knows models and draws; it knows no files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.data import HierarchicalModel, draw_prior, simulate
from algoprog.bayes.draws import arrays
from algoprog.bayes.models import Prepared
from algoprog.common.intervals import percentiles
from algoprog.common.seeds import seed_of

Array = NDArray[np.float64]


def statistics(model: HierarchicalModel, y: Array) -> dict[tuple[str, str], Array]:
    """Return statistics (r,) of samples y (r, n) in nats, by benchmark ("all") and name.

    They are mean, standard deviation, least and largest loss; and the mean range within a paper,
    over papers with several rows.
    """
    found = {}
    groups = {"all": np.ones(y.shape[1], dtype=bool)} | {
        level: model.benchmarks == b for b, level in enumerate(model.levels)
    }
    for name, rows in groups.items():
        if rows.any():
            part = y[:, rows]
            found[name, "mean"] = part.mean(axis=1)
            found[name, "standard deviation"] = part.std(axis=1)
            found[name, "least"] = part.min(axis=1)
            found[name, "largest"] = part.max(axis=1)
    order = np.argsort(model.papers, kind="stable")
    first = np.searchsorted(model.papers[order], np.arange(model.n_papers))
    several = np.bincount(model.papers) > 1
    if several.any():
        top = np.maximum.reduceat(y[:, order], first, axis=1)
        low = np.minimum.reduceat(y[:, order], first, axis=1)
        found["all", "mean range within papers"] = (top - low)[:, several].mean(axis=1)
    return found


def checks(
    name: str, prepared: Prepared, draws: pl.DataFrame, seed: int, size: int
) -> list[dict[str, Any]]:
    """Return the rows of `bayes_checks` of a fit, for checks ``prior`` and ``posterior``.

    ``observed`` stands against the interval over ``size`` replicates; ``share_at_least`` is the
    share of replicates whose statistic is the observed one or more (near 0 or 1: the model misses
    it). Statistics ``inside 50 %`` and ``inside 90 %`` are the share of observed rows inside the
    central predictive interval of their row; it should be about that.

    Parameters
    ----------
    draws : the posterior (:func:`algoprog.bayes.draws.posterior`).
    """
    model = prepared.model
    drawn = arrays(draws, prepared.parameters, model.levels)
    rng = np.random.default_rng(seed_of(seed, "bayes-checks", name))
    chosen = rng.choice(draws.height, size, replace=size > draws.height)
    after = {key: values[chosen] for key, values in drawn.items()}
    rows: list[dict[str, Any]] = []
    for check, truth in (("prior", draw_prior(model, rng, size)), ("posterior", after)):
        replicates = simulate(model, rng, truth)
        common = {"name": name, "variant": prepared.variant, "check": check}
        rows += [common | row for row in _against(model, prepared.y, replicates)]
    return rows


def _against(model: HierarchicalModel, y: Array, replicates: Array) -> list[dict[str, Any]]:
    """Rows of losses y (n,) against replicates (r, n)."""
    rows: list[dict[str, Any]] = []
    observed = statistics(model, y[None, :])
    for (benchmark, statistic), values in statistics(model, replicates).items():
        seen = float(observed[benchmark, statistic][0])
        row = {"benchmark": benchmark, "statistic": statistic, "observed": seen}
        row |= percentiles(values).columns()
        rows.append(row | {"share_at_least": float(np.mean(values >= seen))})
    for level in (50, 90):
        low, high = np.quantile(replicates, [0.5 - level / 200, 0.5 + level / 200], axis=0)
        inside = float(np.mean((low <= y) & (y <= high)))
        row = {"benchmark": "all", "statistic": f"inside {level} %", "observed": inside}
        rows.append(row)
    return rows
