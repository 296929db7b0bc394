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
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from algoprog.common.errors import InputError

Array = NDArray[np.float64]

Name = Literal["perplexity", "loss", "error_rate", "accuracy"]
Unit = Literal["none", "nats", "bits", "fraction", "percent"]
Transform = Literal["log", "logit", "identity"]

_UNITS: dict[str, tuple[Unit, ...]] = {
    "perplexity": ("none",),
    "loss": ("nats", "bits"),
    "error_rate": ("fraction", "percent"),
    "accuracy": ("fraction", "percent"),
}
_TRANSFORMS: dict[str, tuple[Transform, ...]] = {
    "perplexity": ("log", "identity"),
    "loss": ("identity", "log"),
    "error_rate": ("logit", "log", "identity"),
    "accuracy": ("logit", "log", "identity"),
}


@dataclass(frozen=True)
class Metric:
    """What a benchmark declares of its scores: metric, unit, transform, and an optional floor.

    Raises
    ------
    InputError
        for a unit or a transform that the metric does not have, and a floor that is no error rate.
    """

    name: Name
    unit: Unit
    transform: Transform
    floor: float = 0.0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("unit", self.unit, _UNITS[self.name]),
            ("transform", self.transform, _TRANSFORMS[self.name]),
        ):
            if value not in known:
                raise InputError("metric", what, value, f"{self.name} has {', '.join(known)}")
        if not 0 <= self.floor < 1 or (self.floor and self.transform == "identity"):
            fix = "a floor is a fraction below 1, and belongs to the transforms log and logit"
            raise InputError("metric", "floor", self.floor, fix)

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
