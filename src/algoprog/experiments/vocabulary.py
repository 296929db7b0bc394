"""The words that declarations of sweeps and studies use; it imports nothing heavy."""

from __future__ import annotations

from typing import Literal

MetricName = Literal["perplexity", "loss", "error_rate", "accuracy"]
Unit = Literal["none", "nats", "bits", "fraction", "percent"]
Transform = Literal["log", "logit", "identity"]
LossUnit = Literal["nats_per_token", "bits_per_token"]
# An irreducible loss of the record: none, one for all benchmarks, or one for each.
Level = Literal["none", "common", "own"]

# The first of each is what stands where nothing is said.
UNITS: dict[str, tuple[Unit, ...]] = {
    "perplexity": ("none",),
    "loss": ("nats", "bits"),
    "error_rate": ("fraction", "percent"),
    "accuracy": ("fraction", "percent"),
}
TRANSFORMS: dict[str, tuple[Transform, ...]] = {
    "perplexity": ("log", "identity"),
    "loss": ("identity", "log"),
    "error_rate": ("logit", "log", "identity"),
    "accuracy": ("logit", "log", "identity"),
}


def mistake(
    metric: MetricName, unit: Unit, transform: Transform, floor: float
) -> tuple[str, object, str] | None:
    """Return what is wrong with a metric's declaration: the key, its value and the fix."""
    if unit not in UNITS[metric]:
        return "unit", unit, f"{metric} has {', '.join(UNITS[metric])}"
    if transform not in TRANSFORMS[metric]:
        return "transform", transform, f"{metric} has {', '.join(TRANSFORMS[metric])}"
    errors = metric in ("error_rate", "accuracy") and transform != "identity"
    if not 0 <= floor < 1 or (floor and not errors):
        fix = "a floor is a fraction below 1, of the transforms log and logit of an error rate"
        return "floor", floor, fix
    return None
