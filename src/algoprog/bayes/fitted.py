"""Bayesian fits as their jobs made them: model, draws, what is held out, and stacking weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from algoprog.bayes.held_out import stacking
from algoprog.bayes.models import Prepared, prepare
from algoprog.bayes.settings import Plan


@dataclass(frozen=True)
class Fitted:
    """A planned fit that was made.

    Attributes
    ----------
    name : the fit's name in the plan.
    row : its row of `bayes_fits`.
    prepared : its model.
    draws : its posterior (:func:`algoprog.bayes.draws.posterior`).
    held_out : a row for each unit: scheme (rows, papers), unit, elpd, pareto_k.
    """

    name: str
    row: dict[str, Any]
    prepared: Prepared
    draws: pl.DataFrame
    held_out: pl.DataFrame

    @property
    def passed(self) -> bool:
        """Whether the diagnostics pass."""
        return bool(self.row["passed"])

    @property
    def first_columns(self) -> dict[str, Any]:
        """The first columns of every table: name, passed."""
        return {"name": self.name, "passed": self.passed}

    @property
    def key(self) -> dict[str, Any]:
        """The columns that identify a fit in tables it shares with the bootstrap."""
        key = {"sample": self.row["sample"], "variant": self.row["variant"], "delta": None}
        return key | {"estimator": "bayes", "resampling": "posterior"}

    @property
    def medians(self) -> dict[str, float]:
        """Posterior medians of the parameters."""
        names = self.prepared.parameters
        return {name: float(np.median(self.draws[name].to_numpy())) for name in names}

    @property
    def candidate(self) -> bool:
        """Whether it is among the models that are averaged, if it passes."""
        return self.row["change"] is None and self.row["prior_width"] == 1.0


def fitted(
    sample: pl.DataFrame,
    rows: Sequence[dict[str, Any]],
    draws: Sequence[pl.DataFrame],
    held_out: Sequence[pl.DataFrame],
    plan: Plan,
) -> list[Fitted]:
    """Return the fits of a plan from what their jobs wrote, in the order of the plan."""
    made = []
    planned = zip(plan.plan.items(), rows, draws, held_out, strict=True)
    for (name, fit), row, drawn, held in planned:
        variant = row["variant"]
        prepared = prepare(sample, plan.variants[variant], fit, plan)
        made.append(Fitted(name, row, prepared, drawn, held))
    return made


def weights(fits: Sequence[Fitted]) -> dict[str, float]:
    """Return stacking weights over papers, by name, of the models that pass; none if none does."""
    members = [fit for fit in fits if fit.candidate and fit.passed]
    if not members:
        return {}
    elpd = np.array(
        [fit.held_out.filter(pl.col("scheme") == "papers")["elpd"].to_numpy() for fit in members]
    )
    return dict(zip([fit.name for fit in members], stacking(elpd).tolist(), strict=True))
