"""The index of capabilities (ECI): a fit of its own, on a scale that two models fix.

    index = a + b C,   Claude 3.5 Sonnet = 130 and GPT-5 = 150,

after versions are pooled into models and scores rescaled by guessing. A difficulty becomes
a + b D, a slope alpha / b. The rate of progress is the same on either scale. (Section 6.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.capability.response import ResponseFit
from algoprog.capability.sample import SampleRules
from algoprog.common.errors import InputError

Array = NDArray[np.float64]

INDEX_RULES = SampleRules(pooled=True, rescaled=True)
LOWER, UPPER = ("Claude 3.5 Sonnet", 130.0), ("GPT-5", 150.0)


@dataclass(frozen=True)
class Index:
    """The scale: index = a + b C."""

    a: float
    b: float

    def of(self, capability: Array) -> Array:
        """Return capabilities or difficulties on the scale of the index."""
        return np.asarray(self.a + self.b * capability)


@dataclass(frozen=True)
class Agreement:
    """Our index against the published: number of models, root mean square, median, largest."""

    n: int
    rmse: float
    median: float
    largest: float
    largest_model: str


def index_scale(
    fit: ResponseFit,
    lower: tuple[str, float] = LOWER,
    upper: tuple[str, float] = UPPER,
) -> Index:
    """Return the scale on which two models of the fit have the given values.

    Raises
    ------
    InputError
        for a model that the fit has not.
    """
    ends = []
    for name, _ in (lower, upper):
        if name not in fit.pairs.versions:
            fix = "name a model of the fit"
            raise InputError("capability", "index", name, fix)
        ends.append(float(fit.capability[fit.pairs.versions.index(name)]))
    b = (upper[1] - lower[1]) / (ends[1] - ends[0])
    return Index(lower[1] - b * ends[0], b)


def agreement(fit: ResponseFit, scale: Index, published: Mapping[str, float]) -> Agreement:
    """Return how our index compares with the published, over the models that both have."""
    both = [name for name in fit.pairs.versions if name in published]
    ours = dict(zip(fit.pairs.versions, scale.of(fit.capability), strict=True))
    difference = np.abs(np.array([ours[name] - published[name] for name in both]))
    at = int(difference.argmax())
    return Agreement(
        len(both),
        float(np.sqrt((difference**2).mean())),
        float(np.median(difference)),
        float(difference[at]),
        both[at],
    )
