"""Critical losses of fit, as the table `coverage` has simulated them."""

from __future__ import annotations

import polars as pl

from algoprog.robustness.names import PROFILE


def critical_loss(coverage: pl.DataFrame, level: int) -> float:
    """Return the relative loss of fit whose range of doubling times is an interval of ``level`` %.

    The largest over the simulated truths of the quantile of the loss at the truth (Neyman's
    construction, with one limit for all): the `losses` of
    :func:`algoprog.robustness.profiles.profile` that make its range an interval. ``coverage`` holds
    one sample, variant and delta.
    """
    losses = coverage.filter(pl.col("method") == PROFILE)[f"loss{level}"]
    if losses.is_empty():
        raise ValueError("no truth was simulated for the profile")
    return float(losses.to_numpy().max())
