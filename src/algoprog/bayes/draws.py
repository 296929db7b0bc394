"""Chains put together: posterior draws by name, and whether they can be trusted.

It knows the columns a chain has; it knows no engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.engine import SAMPLER_COLUMNS
from algoprog.bayes.settings import Diagnostics

Array = NDArray[np.float64]

DIAGNOSTICS: dict[str, Any] = {
    "n_chains": pl.Int64,
    "n_draws": pl.Int64,
    "rhat": pl.Float64,
    "ess_bulk": pl.Float64,
    "ess_tail": pl.Float64,
    "divergences": pl.Int64,
    "depth_reached": pl.Int64,
    "energy": pl.Float64,
    "passed": pl.Boolean,
}


def posterior(
    chains: Sequence[pl.DataFrame], parameters: Sequence[str], levels: Sequence[str]
) -> pl.DataFrame:
    """Return the draws of all chains: chain, draw, the sampler's statistics, parameters by name.

    Then tau, sigma_<benchmark>, nu, and the paper effects in nats as effect_1, effect_2, ...
    """
    parts = []
    for number, chain in enumerate(chains, start=1):
        papers = [name for name in chain.columns if name.startswith("paper_z.")]
        parts.append(
            chain.select(
                pl.lit(number).alias("chain"),
                pl.int_range(pl.len()).alias("draw"),
                *SAMPLER_COLUMNS,
                *(pl.col(f"theta.{j}").alias(name) for j, name in enumerate(parameters, 1)),
                "tau",
                *(pl.col(f"sigma.{b}").alias(f"sigma_{name}") for b, name in enumerate(levels, 1)),
                (2.0 + pl.col("tail")).alias("nu"),
                *((pl.col("tau") * pl.col(z)).alias(f"effect_{z[8:]}") for z in papers),
            )
        )
    return pl.concat(parts)


def inference_data(draws: pl.DataFrame) -> Any:
    """Return the draws of :func:`posterior` as arviz InferenceData, the same from either engine."""
    import arviz

    statistics = {
        "lp": "lp__",
        "acceptance_rate": "accept_stat__",
        "step_size": "stepsize__",
        "tree_depth": "treedepth__",
        "n_steps": "n_leapfrog__",
        "diverging": "divergent__",
        "energy": "energy__",
    }
    chains = draws.partition_by("chain", maintain_order=True)

    def stacked(name: str) -> NDArray[Any]:
        return np.stack([chain[name].to_numpy() for chain in chains])

    other = [n for n in draws.columns if n not in ("chain", "draw", *SAMPLER_COLUMNS)]
    effects = [name for name in other if name.startswith("effect_")]
    values = {name: stacked(name) for name in other if name not in effects}
    values["paper_effect"] = np.stack([stacked(name) for name in effects], axis=-1)
    sampler = {name: stacked(column) for name, column in statistics.items()}
    sampler["diverging"] = sampler["diverging"] > 0
    return arviz.from_dict(posterior=values, sample_stats=sampler, dims={"paper_effect": ["paper"]})


def diagnostics(
    chains: Sequence[pl.DataFrame], limits: Diagnostics, max_depth: int
) -> dict[str, Any]:
    """Return the diagnostics of chains over everything they sampled, and whether they pass.

    rhat is the largest rank-normalised split R-hat, ess_bulk and ess_tail the least effective
    numbers of draws (Vehtari et al. 2021), energy the least E-BFMI of a chain (Betancourt 2016).
    What is not a number does not pass.
    """
    import arviz

    names = [name for name in chains[0].columns if name not in SAMPLER_COLUMNS]
    stacked = {name: np.stack([chain[name].to_numpy() for chain in chains]) for name in names}
    data = arviz.from_dict(posterior=stacked)

    def extreme(found: Any, of: Any) -> float:
        return float(of([float(found[name]) for name in names]))

    row: dict[str, Any] = {
        "n_chains": len(chains),
        "n_draws": sum(chain.height for chain in chains),
        "rhat": extreme(arviz.rhat(data), np.max),
        "ess_bulk": extreme(arviz.ess(data, method="bulk"), np.min),
        "ess_tail": extreme(arviz.ess(data, method="tail"), np.min),
        "divergences": int(sum(chain["divergent__"].sum() for chain in chains)),
        "depth_reached": int(sum((chain["treedepth__"] >= max_depth).sum() for chain in chains)),
        "energy": float(
            np.min(arviz.bfmi(np.stack([chain["energy__"].to_numpy() for chain in chains])))
        ),
    }
    row["passed"] = bool(
        row["rhat"] < limits.rhat
        and min(row["ess_bulk"], row["ess_tail"]) >= limits.effective_draws
        and row["divergences"] <= limits.divergences
        and row["energy"] >= limits.energy
    )
    return row


def arrays(
    draws: pl.DataFrame, parameters: Sequence[str], levels: Sequence[str]
) -> dict[str, Array]:
    """Return the arrays theta (r, p), tau (r,), sigma (r, B) and nu (r,) of draws."""
    return {
        "theta": draws.select(parameters).to_numpy(),
        "tau": draws["tau"].to_numpy(),
        "sigma": draws.select([f"sigma_{name}" for name in levels]).to_numpy(),
        "nu": draws["nu"].to_numpy(),
    }
