"""A small Bayesian model, for the tests of its parts."""

from pathlib import Path

import numpy as np
import polars as pl
from plain import variant_of

from algoprog.bayes.models import prepare
from algoprog.bayes.settings import ModelSettings, PlannedFit
from algoprog.common.settings import rebuild

BENCHMARKS = {
    "baseline": "one",
    "definitions": {"one": {"vocabulary": 1000}, "two": {"vocabulary": 5000}},
}


PRIORS = {
    "exponent": {"median": 0.15, "log_sd": 0.7},
    "exponent_difference_sd": 0.05,
    "rate_sd": 0.1,
    "rate_difference_sd": 0.06,
    "level": {"median": 4.0, "log_sd": 0.5},
    "level_difference_sd": 0.3,
    "split_sd": 1.5,
    "split_difference_sd": 0.25,
    "linear_sd": 1.0,
    "multiplier": {"mean": 2.0, "sd": 1.5},
    "paper_sd": 0.3,
    "scale": {"median": 0.15, "log_sd": 0.7, "benchmark_log_sd": 0.4},
    "tail": {"shape": 2.0, "rate": 0.1},
}


SETTINGS = {
    "variants": {"scheme": "papers", "size": 2},
    "transformer": ["factor"],
    "prior_widths": [2.0],
    "priors": PRIORS,
    "capability": {
        "gain": {"median": 0.4, "log_sd": 0.7}, "trend_sd": 2.0, "level_sd": 3.0,
        "spread_sd": 1.0, "precision": {"median": 30.0, "log_sd": 1.5},
    },
    "sampler": {
        "chains": 2, "warmup": 10, "draws": 10, "target_acceptance": 0.9, "max_depth": 10,
    },
    "diagnostics": {"rhat": 1.01, "effective_draws": 400.0, "divergences": 0, "energy": 0.2},
    "predictive_draws": 10,
    "calibration": {
        "simulations": 4, "shards": 2, "warmup": 10, "draws": 99,
        "target_acceptance": 0.9, "thin": 1, "bins": 20,
        "level": 0.05, "doubling_months": 8.0,
    },
}  # fmt: skip


M07 = {
    "exponentials": [
        {"alpha_const": "1 + b", "alpha_year": "-t", "alpha_param": "-n"},
        {"beta_const": "1 + b", "beta_year": "-t", "beta_data": "-d"},
    ]
}


M14 = {
    "exponentials": [
        {"alpha_const": "1 + b", "alpha_param": "-n", "alpha_rate": "-n:log(Y)"},
        {"beta_const": "1 + b", "beta_data": "-d", "beta_rate": "-d:log(Y)"},
    ]
}


M13 = {
    "exponentials": [
        {"alpha_const": 1, "alpha_param": "-{n*(1-T)}", "alpha_param_transformer": "-n:T"},
        {"beta_const": 1, "beta_year": "-t", "beta_data": "-d:(1+b)"},
    ]
}


ONE = {"exponentials": [{"alpha_const": 1, "alpha_year": "-t", "alpha_compute": "-c"}]}


LINEAR = {**ONE, "linear": {"gamma": "log(V)"}, "multiplier": {"effect": "T"}}


def a_sample(rows: int = 60) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    days = rng.integers(0, 3000, rows)
    return pl.DataFrame(
        {
            "paper": [f"paper {i // 2}" for i in range(rows)],
            "published": pl.Series([int(d) + 15500 for d in days], dtype=pl.Int32).cast(pl.Date),
            "architecture": rng.choice(["transformer", "recurrent"], rows).tolist(),
            "benchmark": rng.choice(["one", "two"], rows).tolist(),
            "perplexity": np.exp(rng.normal(3.5, 0.4, rows)),
            "parameters": np.exp(rng.normal(18, 2, rows)),
            "dataset_tokens": np.exp(rng.normal(20, 3, rows)),
            "epochs": [1.0] * rows,
            "vocabulary": [None] * rows,
        },
        schema_overrides={"vocabulary": pl.Float64},
    )


def prepared(spec, width=1.0, sample=None):
    plain = {"response": "own", "benchmarks": BENCHMARKS, "priors": PRIORS}
    settings = rebuild(plain, ModelSettings)
    rows = a_sample() if sample is None else sample
    return prepare(rows, variant_of("v", spec), PlannedFit(width=width), settings)


def a_shard(kind, truths, ranks):
    n = len(truths)
    return pl.DataFrame(
        {
            "kind": [kind] * n, "data_set": range(n), "quantity": ["g"] * n, "truth": truths,
            "median": [0.0] * n, "ci50_low": [-0.5] * n, "ci50_high": [0.5] * n,
            "ci90_low": [-1.0] * n, "ci90_high": [1.0] * n, "rank": ranks, "n_ranked": [9] * n,
            "divergences": [0] * (n - 1) + [3],
        }
    )  # fmt: skip


def cmdstan(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "makefile").write_text(f"CMDSTAN_VERSION := {version}\n")
    return folder
