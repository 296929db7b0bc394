"""A benchmark's metric, and the response that a law is fitted to.

The module knows units, bounds and transforms of scores; it knows no laws. A law is fitted to a
response that falls as systems get better:

- ``perplexity``: at least 1; its logarithm is a loss in nats;
- ``loss``: nats or bits per token, above 0;
- ``error_rate``: between 0 and 1 (``fraction``) or 0 and 100 (``percent``);
- ``accuracy``: likewise; the response is that of the error rate, 1 minus it. Only this declaration
  turns an accuracy into an error.

Transforms: ``log``; ``logit`` of an error rate, ln((e - floor) / (1 - e)), where ``floor`` is the
error that no system can go below (wrong labels); ``identity``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.experiments.vocabulary import MetricName, Transform, Unit, mistake

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """What a benchmark declares of its scores: metric, unit, transform, and an optional floor.

    Raises
    ------
    InputError
        for a unit or a transform that the metric does not have, and a floor that is no error rate.
    """

    name: MetricName
    unit: Unit
    transform: Transform
    floor: float = 0.0

    def __post_init__(self) -> None:
        wrong = mistake(self.name, self.unit, self.transform, self.floor)
        if wrong:
            raise InputError("metric", *wrong)

    def response(self, scores: Array, where: str, lines: Sequence[int]) -> Array:
        """Return the response (n,) of scores (n,); ``lines`` are where they stand in the file.

        Raises
        ------
        InputError
            naming the line of the first score that is out of the metric's bounds.
        """
        low, high = self._bounds()
        bad = np.flatnonzero(~((scores > low) & (scores < high)))
        if bad.size:
            worst = int(bad[0])
            fix = f"{self.name} in {self.unit} lies between {low:g} and {high:g}"
            if self.unit == "fraction" and 1 < scores[worst] <= 100:
                fix += "; for scores up to 100 declare `unit: percent`"
            raise InputError(where, f"line {lines[worst]}, score", float(scores[worst]), fix)
        return self._transformed(self._natural(scores))

    def scores(self, response: Array) -> Array:
        """Return the scores (n,), in their unit, of responses (n,): the inverse of `response`."""
        y = np.asarray(response, dtype=float)
        if self.transform == "log":
            natural = np.exp(y) + self.floor
        elif self.transform == "logit":
            natural = (np.exp(y) + self.floor) / (1.0 + np.exp(y))
        else:
            natural = y
        if self.name == "perplexity":
            return np.asarray(natural)
        if self.name == "loss":
            return np.asarray(natural / (math.log(2) if self.unit == "bits" else 1.0))
        share = 1.0 - natural if self.name == "accuracy" else natural
        return np.asarray(share * (100.0 if self.unit == "percent" else 1.0))

    def _bounds(self) -> tuple[float, float]:
        """Open bounds of a score in its unit, a floor included."""
        if self.name == "perplexity":
            return 1.0 - 1e-12, math.inf
        if self.name == "loss":
            return 0.0, math.inf
        most = 100.0 if self.unit == "percent" else 1.0
        if self.name == "accuracy":
            return 0.0, most * (1 - self.floor)
        return most * self.floor, most

    def _natural(self, scores: Array) -> Array:
        if self.name == "perplexity":
            return scores
        if self.name == "loss":
            return scores * (math.log(2) if self.unit == "bits" else 1.0)
        error = scores / (100.0 if self.unit == "percent" else 1.0)
        return 1.0 - error if self.name == "accuracy" else error

    def _transformed(self, natural: Array) -> Array:
        if self.transform == "identity":
            return natural
        if self.transform == "log":
            return np.log(natural - self.floor)
        return np.log((natural - self.floor) / (1.0 - natural))
