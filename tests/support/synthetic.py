"""Fits and draws with known parameters, and what the audit looks numbers up in made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from plain import (
    Compiler,
    changed,
    doubling_table,
    era_table,
    pooled_table,
    shapley_tables,
    transformer_table,
)

from algoprog.audit.evidence import AuditSettings, Evidence
from algoprog.common.settings import rebuild
from algoprog.estimators.fit_tables import estimates_frame, with_intervals
from algoprog.estimators.tables import FITS
from algoprog.resampling.refit import SCHEMA, Refit

# By the first word of a parameter's name; dummies get little.
_VALUES = {
    "const": 0.9, "year": 0.02, "param": 0.08, "data": 0.05, "compute": 0.05, "rate": 0.005,
    "transformer": 1.5, "vocabulary": 0.01,
}  # fmt: skip
NOISY = ("published", "transformer", "pool")
MULTIPLIED = {"transformer": "multiplier"}
FACTORED = {"transformer": "factor"}
ERA = {"era": 2017, "form": "jump"}


def refit(
    compiler: Compiler,
    variant: str,
    spec: dict[str, Any],
    change: dict[str, Any] | None = None,
    *,
    seed: int,
    sample: str = "paper",
    delta: float = 0.0025,
    estimator: str = "published",
    resampling: str = "rows",
    response: str = "first_available",
    objective: float = 0.05,
    replicates: int = 40,
    spread: float = 0.1,
) -> Refit:
    """A fit with its draws; parameters scatter by ``spread`` of themselves, every other certified.

    ``objective`` is the fit's; all else of its certificate is made up.
    """
    rng = np.random.default_rng(seed)
    names = compiler.points(variant, changed(spec, change), t=0.0).parameters
    value = [_value(name) * rng.uniform(0.9, 1.1) for name in names]
    row = {
        "sample": sample, "variant": variant, "delta": delta, "estimator": estimator,
        "n": 231, "p": len(names), "objective": objective, "mse": objective, "r2": 0.9,
        "subgradient": 1e-12, "converged": True, "n_starts": 1, "n_at_best": 1,
        "response": response, "resampling": resampling, "terms": list(names), "estimates": value,
    }  # fmt: skip
    theta = np.array(value) * (1 + spread * rng.standard_normal((replicates, len(names))))
    draws = pl.DataFrame({"replicate": np.arange(replicates)}).hstack(
        pl.DataFrame(theta, schema=list(names), orient="row")
    )
    draws = draws.with_columns(
        objective=pl.lit(objective),
        subgradient=pl.when(pl.col("replicate") % 2 == 0).then(1e-12).otherwise(1e-3),
        n_starts=1,
        n_at_best=1,
    )
    return Refit(pl.DataFrame([row], schema=SCHEMA), draws)


def _value(name: str) -> float:
    if name.endswith(("_ptb", "_wt2")):
        return 0.003
    if "_from_" in name:
        return 0.01
    return next(value for word, value in _VALUES.items() if word in name)


def tables_of(refits: list[Refit]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`fits` and `parameters` (without intervals) of analyses, each fit once."""
    fits = pl.concat([one.fit.select(*FITS.names) for one in refits])
    rows = [
        {**{k: v for k, v in one.key.items() if k != "resampling"}, "term": term, "estimate": x}
        for one in refits
        for term, x in one.estimates.items()
    ]
    parameters = estimates_frame(rows)
    return fits.unique(maintain_order=True), parameters.unique(maintain_order=True)


def repeated(one: Refit, size: float, repetitions: int = 3) -> pl.DataFrame:
    """Its draws again and again, all parameters times 1, 1 + size, 1 + 2 size, ..."""
    names = list(one.estimates)
    return pl.concat(
        [
            one.draws.select(
                pl.lit(k, pl.Int64).alias("repetition"),
                "replicate",
                # rates alone, so that doubling times fall by exactly the factor
                *(pl.col(n) * (1 + size * k) if "year" in n else pl.col(n) for n in names),
            )
            for k in range(repetitions)
        ]
    )


def evidence(
    sample: pl.DataFrame, settings: dict[str, Any], *, published_spread: float = 0.1
) -> Evidence:
    """Of a published bootstrap and a headline of m07 at 0.0025, and pools of m07, m10 and m16."""
    benchmarks, variants = settings["benchmarks"], settings["variants"]
    compiler = Compiler.of(sample, benchmarks)
    samples = {"paper": sample, "paper_first_available": sample}
    theirs: dict[str, Any] = {"objective": 0.052, "spread": published_spread}
    ours: dict[str, Any] = {"estimator": "converged", "resampling": "papers", "response": "own"}

    def made(variant: str, seed: int, change: Any = None, **more: Any) -> Refit:
        return refit(compiler, variant, variants[variant], change, seed=seed, **more)

    published, headline = made("m07", 1, **theirs), made("m07", 2, **ours)
    rows = made("m07", 2, **{**ours, "resampling": "rows"}, spread=0.05)
    minimum = made(
        "m07", 3, sample="paper_first_available", estimator="converged", objective=0.0507
    )
    near = [
        made("m01", 4, objective=0.0600001),
        made("m01", 5, sample="paper_first_available", estimator="converged", objective=0.06),
        made("m13", 6, objective=0.051),
    ]
    pool = [made("m07", 1, **theirs), made("m10", 7), made("m16", 8)]
    pool_converged = [headline, made("m10", 9, **ours)]
    transformers = [
        (MULTIPLIED, made("m07", 10, MULTIPLIED, **theirs)),
        (MULTIPLIED, made("m07", 11, MULTIPLIED, **ours)),
        (FACTORED, made("m07", 12, FACTORED, **ours)),
    ]
    eras = [(ERA, made("m07", 13, ERA, objective=0.049)), (ERA, made("m07", 14, ERA, **ours))]
    fits, parameters = tables_of([published, headline, minimum, *near])
    drawn = [published, headline, rows]
    scaling = settings["optimal_scaling"]
    shapley, losses = shapley_tables(
        samples, variants, benchmarks, settings["shapley"]["systems"], [published, headline]
    )
    steps = {
        "sample": ["paper"] * 3,
        "step": ["records", "no_perplexity", "not_comparable"],
        "systems": [408, 275, 240],
        "rows": [420, 281, 261],
    }
    pools = {name: settings["pools"][name] for name in ("published", "converged")}
    scores = [
        ("m07", 0.0025, "published", "published_split", 184, 0.0486, 0.91, 1),
        ("m10", 0.001, "published", "published_split", 184, 0.0487, 0.90, 2),
        ("m10", 0.001, "converged", "papers", 231, 0.051, 0.89, 1),
        ("m07", 0.0025, "converged", "papers", 231, 0.052, 0.88, 2),
    ]
    columns = ["variant", "delta", "estimator", "scheme", "n", "mse", "r2", "rank"]
    corrected = {
        "correction": ["gopher_280b", "gopher_280b", "gopher_7b"],
        "field": ["parameters", "training_compute", "training_compute"],
        "old": ["1.0", "1.28e+22", "6.31e+23"],
    }
    moved = [(v, 0.0025, k, 0.0486 + 0.001 * k, 0.9) for v in ("m07",) for k in range(3)]
    return Evidence(
        tables={
            "fits": fits,
            "parameters": with_intervals(parameters, [(one.key, one.draws) for one in drawn]),
            "sample_steps": pl.DataFrame(steps),
            "doubling_times": doubling_table(
                fits, parameters, samples, variants, benchmarks, scaling, drawn
            ),
            "pooled_doubling_times": pooled_table(
                sample, variants, benchmarks, scaling, pools,
                {"published": pool, "converged": pool_converged},
            ),
            "shapley": shapley,
            "predicted_loss": losses,
            "transformer": transformer_table(
                samples, variants, benchmarks, [1e22, 1e25], 2023, transformers
            ),
            "era_split": era_table(samples, variants, benchmarks, eras),
            "cross_validation": pl.DataFrame(scores, schema=columns, orient="row").select(
                pl.lit("paper").alias("sample"), *columns,
                n_fits="n", n_converged="n", n_at_best_min=pl.lit(1),
            ),
            "corrections": pl.DataFrame(corrected),
        },
        samples=samples,
        published=published,
        headline=headline,
        transformer=transformers[0][1],
        pool=pool,
        repeated={
            "published": [repeated(published, 0.01)],
            "transformer": [repeated(transformers[0][1], 0.0)],
            "pool": [repeated(one, 0.01) for one in pool],
        },
        scores=pl.DataFrame(
            moved, schema=["variant", "delta", "repetition", "mse", "r2"], orient="row"
        ),
        settings=rebuild({
            "variants": variants,
            "benchmarks": benchmarks,
            "optimal_scaling": scaling,
            "transformer": settings["transformer"],
            "corrections": settings["corrections"],
            "pools": {"published": "published", "converged": "converged"},
        }, AuditSettings),
    )  # fmt: skip
