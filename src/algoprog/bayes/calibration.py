"""Whether the sampler draws from the posterior it claims, by ranks of the truth in simulated data.

The test, stated in advance: Pearson's chi-square of the ranks in equal bins, p-values over all
quantities by Holm's method at the configured family-wise level. It knows rows of
:mod:`algoprog.bayes.simulated`; it knows no models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.bayes.tables import BAYES_CALIBRATION, BAYES_RANKS
from algoprog.tables.frames import frame_of

Array = NDArray[np.float64]

_UNIFORM = 0.99  # central probability of a bin's count under uniformity


def chi_square(ranks: NDArray[np.int64], n_ranked: int, bins: int) -> tuple[float, float]:
    """Return Pearson's statistic and p-value of ranks 0 ... n_ranked in equal bins.

    Raises ValueError where the ranks do not divide into so many bins.
    """
    from scipy.stats import chi2

    if (n_ranked + 1) % bins:
        raise ValueError(f"{n_ranked + 1} ranks do not divide into {bins} bins")
    counts = _in_bins(ranks, n_ranked, bins)
    expected = len(ranks) / bins
    statistic = float(((counts - expected) ** 2).sum() / expected)
    return statistic, float(chi2.sf(statistic, bins - 1))


def _in_bins(ranks: NDArray[np.int64], n_ranked: int, bins: int) -> NDArray[np.int64]:
    """Number of ranks 0 ... n_ranked in each of equal bins."""
    return np.bincount(ranks * bins // (n_ranked + 1), minlength=bins)


def holm(p_values: Array) -> Array:
    """Return p-values adjusted for their number by Holm's method."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values), dtype=np.float64)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def calibration_tables(
    shards: Sequence[pl.DataFrame], bins: int, level: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables `bayes_calibration` (a row a quantity) and `bayes_ranks` (a row a bin).

    ``coverage`` is how often the central interval holds the truth; ``mean_error`` the mean of
    posterior median less truth; ``share_divergent`` the share of data sets with a divergence.
    ``low`` and ``high`` are a bin's central 99 % under uniformity.

    Raises AssertionError where a data set is there twice.
    """
    merged = pl.concat(shards).sort("kind", "quantity", "data_set")
    if merged.select("kind", "quantity", "data_set").is_duplicated().any():
        raise AssertionError("a data set is there twice")
    rows: list[dict[str, Any]] = []
    ranks: list[dict[str, Any]] = []
    for (kind, quantity), part in merged.group_by("kind", "quantity", maintain_order=True):
        row = {"kind": kind, "quantity": quantity, **_recovered(part)}
        if kind == "prior":
            n_ranked, rank = int(part["n_ranked"][0]), part["rank"].to_numpy()
            row["chi_square"], row["p_value"] = chi_square(rank, n_ranked, bins)
            counted = _counts(rank, n_ranked, bins)
            ranks += [{"quantity": quantity, **in_bin} for in_bin in counted]
        rows.append(row)
    ranked = [row for row in rows if row["kind"] == "prior"]
    for row, p in zip(ranked, holm(np.array([row["p_value"] for row in ranked])), strict=True):
        row |= {"p_adjusted": float(p), "uniform": bool(p > level)}
    return frame_of(BAYES_CALIBRATION, rows), frame_of(BAYES_RANKS, ranks)


def _recovered(part: pl.DataFrame) -> dict[str, Any]:
    """How well a quantity's truth is recovered over its data sets."""
    truth, n = part["truth"], part.height
    row: dict[str, Any] = {"n_data_sets": n}
    for width in (50, 90):
        held = truth.is_between(part[f"ci{width}_low"], part[f"ci{width}_high"])
        row[f"coverage{width}"] = float(held.to_numpy().mean())
    share = row["coverage90"]
    return row | {
        "coverage90_error": float(np.sqrt(share * (1 - share) / n)),
        "mean_error": float((part["median"] - truth).to_numpy().mean()),
        "share_divergent": float((part["divergences"] > 0).to_numpy().mean()),
    }


def _counts(ranks: NDArray[np.int64], n_ranked: int, bins: int) -> list[dict[str, Any]]:
    """Ranks in each bin beside what is expected of uniform ranks."""
    from scipy.stats import binom

    n = len(ranks)
    low, high = binom.interval(_UNIFORM, n, 1 / bins)
    return [
        {"bin": b, "n": int(count), "expected": n / bins, "low": float(low), "high": float(high)}
        for b, count in enumerate(_in_bins(ranks, n_ranked, bins))
    ]
