"""Weights of a sample's rows in the draws of an analysis, from what is kept of the draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from algoprog.model.model import Model
from algoprog.resampling.refit import Refit
from algoprog.resampling.scheme import Scheme

Array = NDArray[np.float64]


def weights_of_draws(refit: Refit, model: Model, seed: int) -> Array:
    """Return the weights (r, n) of the sample's rows in each draw of an analysis.

    They follow from the replicates' numbers and the root seed, so that nothing is drawn again.
    """
    key = refit.key
    scheme = Scheme(
        unit=key["resampling"],
        procedure=key["estimator"],
        seed=seed,
        variant=key["variant"],
        delta=key["delta"],
    )
    return scheme.weights(model.observed("own").papers, refit.draws["replicate"].to_list())
