"""What D counts: the tokens of a training set once, all that are seen, or effective ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from algoprog.model.units import effective_epochs
from algoprog.model.variant import Variant

# Variables by which a formula says itself how tokens are counted.
OWN_MEASURE = ("d_seen", "d_effective")


def counted(rows: pl.DataFrame, tokens: str, variant: Variant) -> pl.DataFrame:
    """Return the rows of a sample with D counted in another way.

    Parameters
    ----------
    tokens : ``once`` (D), ``seen`` (D e) or ``effective`` (D E(e) / E(1)), e epochs, one where
        unknown. Whatever is computed from D follows: d, and 6ND in c. A system read once has D
        tokens by every measure.
    variant : one whose formulas name ``d_seen`` or ``d_effective`` has made this choice
        itself; its rows are as recorded.
    """
    if variant.uses(*OWN_MEASURE) or tokens == "once":
        return rows
    epochs = rows["epochs"].cast(pl.Float64).fill_null(1.0).to_numpy()
    once = effective_epochs(np.ones(1))
    factor = epochs if tokens == "seen" else effective_epochs(epochs) / once
    return rows.with_columns(dataset_tokens=pl.col("dataset_tokens").cast(pl.Float64) * factor)
